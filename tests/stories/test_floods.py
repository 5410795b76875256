"""Somebody sends too much: one kind sentence a minute, and nobody else notices."""

import asyncio

from bot.floods import MOST_OF_A_PERSON, SLOW_DOWN, TENANT_BUSY
from tests.stories.journey import review, statuses

ELSEWHERE = "44444444-4444-4444-8444-444444444444"


async def test_messages_beyond_the_limit_are_answered_with_one_sentence_a_minute(bot):
    dana, joshua = await bot.people("Dana Reyes", "Joshua Whitfield")
    for _ in range(MOST_OF_A_PERSON):
        assert "new request" in await dana.say("help")
    assert await dana.say("help") == SLOW_DOWN
    assert [await dana.say("help") for _ in range(20)] == [""] * 20
    assert "new request" in await joshua.say("help")
    await bot.advance(60)
    assert "new request" in await dana.say("help")


async def test_a_press_beyond_the_limit_is_answered_and_not_done(bot):
    dana, lee = await bot.people("Dana Reyes", "Lee Park")
    page = await review(dana)
    await dana.press("submit", on=page)
    decision = await lee.card_with("approve")
    for _ in range(MOST_OF_A_PERSON):
        await lee.say("help")
    for _ in range(2):
        assert await lee.press("approve", on=decision) == SLOW_DOWN
    assert list(statuses(bot).values()) == ["submitted"]
    assert await bot.teams.deliver(lee.activity(type="invoke", name="task/fetch", value={})) == (200, {})
    await bot.advance(60)
    assert "Approved" in await lee.press("approve", on=decision)


async def test_refreshed_cards_and_installations_are_not_counted(bot):
    dana, lee = await bot.people("Dana Reyes", "Lee Park")
    page = await review(dana)
    await dana.press("submit", on=page)
    decision = await lee.card_with("approve")
    data = decision.card["refresh"]["action"]["data"]
    for _ in range(2 * MOST_OF_A_PERSON):
        value = {"action": {"type": "Action.Execute", "verb": "refresh", "data": data}, "trigger": "automatic"}
        said = await lee.forge_invoke(value)
        assert SLOW_DOWN not in said
        await lee.install()
    assert "Approved" in await lee.press("approve", on=decision)


async def test_strangers_are_slowed_down_too(bot):
    stranger = bot.teams.stranger("Mal Ory", ELSEWHERE, "44444444-aaaa-4aaa-8aaa-000000000001")
    said = [await stranger.say("hello") for _ in range(MOST_OF_A_PERSON + 3)]
    assert said.count(SLOW_DOWN) == 1
    assert said[-2:] == ["", ""]


async def test_the_home_tenant_may_send_more_than_a_partners(bot):
    dana, lee = await bot.people("Dana Reyes", "Lee Park")
    for at, answered in ((lee, 320), (dana, 300)):
        stranger = 0
        said = []
        while len(said) < 320:
            stranger += 1
            one = bot.teams.stranger(f"Nobody {stranger}", at.tenant_id, f"{stranger:08x}-aaaa-4aaa-8aaa-000000000001")
            said += [await one.say("hello") for _ in range(16)]
        assert len(said) - len([each for each in said if each in {TENANT_BUSY, ""}]) == answered


async def test_a_stranger_whose_message_comes_a_hundred_times_is_answered_once(bot):
    stranger = bot.teams.stranger("Mal Ory", ELSEWHERE, "44444444-aaaa-4aaa-8aaa-000000000001")
    hello = stranger.activity(text="hello")
    await asyncio.gather(*(stranger.deliver(hello) for _ in range(100)))
    assert len(stranger.chat) == 1
