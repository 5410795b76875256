"""SIGTERM: no more activities are taken, those under way are answered, and then the process ends by itself."""

import asyncio
import signal
import sqlite3
from contextlib import closing

LONGEST_END = 20


async def test_a_turn_under_way_is_answered_while_others_are_turned_away_and_the_bot_ends(start, people, microsoft):
    slow, late = people[:2]
    async with start() as bot:
        microsoft.chats.hanging = {slow.conversation}
        under_way = asyncio.create_task(bot.deliver(slow.activity(text="help")))
        await microsoft.chats.until(1)
        bot.process.send_signal(signal.SIGTERM)
        await bot.draining()
        assert (await bot.deliver(late.activity(text="help"))).status == 503
        assert (await under_way).status == 200
        bot.process.send_signal(signal.SIGTERM)
        microsoft.chats.released.set()
        async with asyncio.timeout(LONGEST_END):
            assert await bot.process.wait() == 0
    assert not bot.complaints
    assert [call.conversation for call in microsoft.chats.take()] == [slow.conversation]


async def test_a_connector_that_never_answers_does_not_keep_the_bot_from_ending(start, people, microsoft):
    async with start() as bot:
        microsoft.chats.hanging = {person.conversation for person in people[:20]}
        turns = [asyncio.create_task(bot.deliver(person.activity(text="help"))) for person in people[:20]]
        await microsoft.chats.until(20)
        bot.process.send_signal(signal.SIGTERM)
        assert {(await turn).status for turn in turns} == {200}
        async with asyncio.timeout(LONGEST_END):
            assert await bot.process.wait() == 0
    assert not bot.complaints


async def test_a_turn_that_hangs_in_the_store_does_not_keep_the_bot_from_ending(start, people, tmp_path):
    async with start() as bot:
        with closing(sqlite3.connect(tmp_path / "sme.db", isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            turn = asyncio.create_task(bot.deliver(people[0].activity(text="new request")))
            await bot.health()
            bot.process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(LONGEST_END):
                assert await bot.process.wait() == 0
        await asyncio.wait({turn})


async def test_what_waits_behind_a_slow_answer_is_still_sent_before_the_end(start, people, microsoft):
    slow = people[0]
    async with start() as bot:
        microsoft.chats.hanging = {slow.conversation}
        for _ in range(2):
            assert (await bot.deliver(slow.activity(text="help"))).status == 200
        assert len(microsoft.chats.take()) == 1
        bot.process.send_signal(signal.SIGTERM)
        await bot.draining()
        microsoft.chats.hanging = set()
        microsoft.chats.released.set()
        async with asyncio.timeout(LONGEST_END):
            assert await bot.process.wait() == 0
    assert not bot.complaints
    assert [call.conversation for call in microsoft.chats.take()] == [slow.conversation]
