"""New keys, keys that cannot be asked after, and many callers at once, all seen from outside."""

import asyncio
import io
from datetime import timedelta
from uuid import uuid4

import aiohttp

from tests.authentication.forger import FromNow, SignedActivity
from tests.channel.local_framework import OTHER_PRIVATE_KEY

MANY = 100
TWO_DAYS = 172_800
VALID_IN_TWO_DAYS = {"nbf": FromNow(TWO_DAYS), "exp": FromNow(TWO_DAYS + 3600)}


def typing_of_somebody(bot):
    """Return an activity that is handled without an answer, of a person whom nobody knows."""
    return bot.teams.stranger(str(uuid4()), "99999999-9999-4999-8999-999999999999", str(uuid4())).activity(
        type="typing"
    )


async def status_of(bot, session=None, **forged):
    post = SignedActivity(typing_of_somebody(bot)).post(**forged)
    url = bot.teams.bot_url + "/api/messages"
    async with (session or bot.teams._session).post(url, data=io.BytesIO(post.body), headers=post.headers) as answer:
        return answer.status


def pass_time(bot, **by):
    """Move the clock of the gate, which nobody can from outside."""
    bot.teams.service.web._gate._now.offset += timedelta(**by)


async def test_a_new_key_is_taken_at_its_first_use(bot, key_server):
    assert await status_of(bot) == 200
    key_server.publish("k2", private_key=OTHER_PRIVATE_KEY)
    assert await status_of(bot, key_id="k2", by_another=True) == 200


async def test_a_new_key_is_taken_within_sixty_seconds_although_forgers_ask_all_the_time(bot, key_server):
    assert await status_of(bot) == 200
    assert [await status_of(bot, key_id=f"forged-{number}") for number in range(20)] == [401] * 20
    key_server.publish("k2", private_key=OTHER_PRIVATE_KEY)
    assert await status_of(bot, key_id="k2", by_another=True) == 401

    pass_time(bot, seconds=60)

    assert await status_of(bot, key_id="k2", by_another=True) == 200
    assert key_server.asked == 3


async def test_known_keys_are_good_while_the_metadata_is_down_for_two_days(bot, key_server):
    assert await status_of(bot) == 200
    key_server.fault = 500

    pass_time(bot, seconds=TWO_DAYS)

    assert await status_of(bot, claims=VALID_IN_TWO_DAYS) == 200
    assert await status_of(bot, claims=VALID_IN_TWO_DAYS, key_id="unknown") == 401
    assert await status_of(bot, claims=VALID_IN_TWO_DAYS) == 200


async def test_many_first_messages_while_keys_load_slowly_all_succeed_with_one_fetch(bot, key_server):
    key_server.held.clear()
    sent = asyncio.Semaphore(0)
    trace = aiohttp.TraceConfig()
    trace.on_request_chunk_sent.append(lambda *_: _noted(sent))
    connector = aiohttp.TCPConnector(limit=MANY)
    async with aiohttp.ClientSession(connector=connector, trace_configs=[trace]) as session:
        callers = [asyncio.create_task(status_of(bot, session)) for _ in range(MANY)]
        for _ in range(MANY):
            await sent.acquire()
        await key_server.reached.wait()
        assert not any(caller.done() for caller in callers)
        key_server.held.set()
        assert await asyncio.gather(*callers) == [200] * MANY
    assert key_server.asked == 1


async def _noted(sent):
    sent.release()


async def test_a_key_server_that_hangs_holds_up_neither_health_nor_known_keys(bot, key_server):
    assert await status_of(bot) == 200
    key_server.held.clear()
    key_server.reached.clear()
    stranger = asyncio.create_task(status_of(bot, key_id="unknown"))
    await key_server.reached.wait()

    assert await status_of(bot) == 200
    assert (await bot.health())["status"] == "ok"
    assert not stranger.done()

    key_server.held.set()
    assert await stranger == 401


async def test_a_key_server_that_hangs_from_the_start_does_not_hold_up_health(bot, key_server):
    key_server.held.clear()
    first = asyncio.create_task(status_of(bot))
    await key_server.reached.wait()

    assert (await bot.health())["status"] == "ok"
    assert not first.done()

    key_server.held.set()
    assert await first == 200
