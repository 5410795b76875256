"""An FPM who is away names a cover, who gets the cards, decides, and stands in the history beside the FPM."""

from datetime import timedelta

import pytest

from tests.stories.journey import statuses, submitted
from tests.stories.living_cards import check_every_card
from tests.stories.test_promises import MONDAY, go_to, now


@pytest.fixture
async def everybody(bot):
    await go_to(bot, MONDAY, 10)
    return await bot.people("Dana Reyes", "Lee Park", "Mika Tanaka", "Arjun Nair")


async def dates(bot, *days):
    """Return days as they are typed, by how many lie between."""
    at = await now(bot)
    return [f"{at + timedelta(days=each):%Y-%m-%d}" for each in days]


async def test_a_cover_gets_the_cards_and_decides_with_both_names_in_the_history(bot, everybody):
    dana, lee, mika, arjun = everybody
    before = await submitted(dana)
    first, last = await dates(bot, 0, 3)
    said = await lee.say(f"cover {arjun.email} from {first} to {last}")
    assert "Arjun Nair for Lee Park" in said
    await bot.advance(10)
    assert "approve" in (await arjun.sees("You act for another FPM now", before)).verbs
    number = await submitted(dana, workload="EXCHANGE")
    card = await arjun.card_with("approve", showing=number)
    assert not [m for m in lee.chat if number in m.words]
    assert before in await arjun.say("inbox")
    assert "Approved by Arjun Nair for Lee Park" in await arjun.press("approve", on=card)
    await dana.sees("Approved by Arjun Nair for Lee Park", number)
    assert "Approved by Arjun Nair for Lee Park" in await lee.say(f"status {number}")
    assert mika


async def test_when_the_cover_is_over_the_fpm_decides_alone_again_and_reads_what_was_decided(bot, everybody):
    dana, lee, _, arjun = everybody
    await bot.advance(60)
    first, last = await dates(bot, 0, 1)
    await lee.say(f"cover {arjun.email} from {first} to {last}")
    await bot.advance(10)
    decided, left = await submitted(dana), await submitted(dana, workload="EXCHANGE")
    await arjun.press("approve", showing=decided)
    card = await arjun.card_with("approve", showing=left)
    await bot.advance(2 * 86_400)
    back = await lee.sees("Welcome back", decided, left)
    assert "approved by Arjun Nair for Lee Park" in back.words
    assert {b.data["request"] for b in back.buttons if b.verb == "approve"} == {left}
    assert "approve" not in card.verbs, "a cover that is over keeps no buttons"
    await arjun.forge_press("approve", left)
    assert statuses(bot)[left] == "submitted"
    assert "Covers" in await lee.say("cover")
    assert "Arjun" not in lee.newest_card.words
    await lee.press("approve", on=back)
    assert statuses(bot)[left] == "approved"
    await check_every_card(bot)


async def test_the_cover_is_reminded_and_briefed_instead_of_the_fpm(bot, everybody):
    dana, lee, _, arjun = everybody
    first, last = await dates(bot, 0, 10)
    await lee.say(f"cover {arjun.email} from {first} to {last}")
    await bot.advance(10)
    number = await submitted(dana)
    for _ in range(6):
        await bot.advance(12 * 3_600)
    assert [m for m in arjun.chat if m.summary == "Reminder: requests wait for you"]
    await arjun.sees("Late", number)
    assert not [m for m in lee.chat if number in m.words]


async def test_a_cover_that_begins_later_may_do_nothing_yet(bot, everybody):
    dana, lee, _, arjun = everybody
    first, last = await dates(bot, 5, 9)
    await lee.say(f"cover {arjun.email} from {first} to {last}")
    number = await submitted(dana)
    await lee.card_with("approve", showing=number)
    assert "no such request" in await arjun.say(f"status {number}")
    await bot.advance(6 * 86_400)
    assert number in await arjun.say("inbox")


async def test_a_cover_is_ended_by_the_fpm_alone(bot, everybody):
    _, lee, _, arjun = everybody
    first, last = await dates(bot, 0, 3)
    await lee.say(f"cover {arjun.email} from {first} to {last}")
    shown = await lee.card_with("end_cover")
    data = shown.button("end_cover").data
    assert "no such cover" in await arjun.forge(data)
    await lee.press("end_cover")
    assert "Arjun" not in lee.newest_card.words


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("cover arjun.nair@fasttrack.example", "type it like"),
        ("cover arjun.nair@fasttrack.example from tomorrow to friday", "type it like"),
        ("cover nobody@fasttrack.example from {first} to {last}", "no other FPM"),
        ("cover kofi.mensah@fasttrack.example from {first} to {last}", "no other FPM"),
        ("cover lee.park@fasttrack.example from {first} to {last}", "no other FPM"),
        ("cover arjun.nair@fasttrack.example from {last} to {first}", "from one day to a later one"),
        ("cover arjun.nair@fasttrack.example from 2020-01-01 to 2020-01-03", "is not over yet"),
        ("cover arjun.nair@fasttrack.example from {first} to {late}", "a year at most"),
    ],
)
async def test_what_cannot_be_a_cover_is_said(bot, everybody, typed, answer):
    lee = everybody[1]
    first, last, late = await dates(bot, 10, 12, 400)
    assert answer in await lee.say(typed.format(first=first, last=last, late=late))
    assert not [name for name in bot.rows("people") if name.startswith("covers")]


async def test_others_than_fpms_name_no_cover(bot, everybody):
    dana = everybody[0]
    first, last = await dates(bot, 0, 3)
    assert "Only an FPM" in await dana.say(f"cover arjun.nair@fasttrack.example from {first} to {last}")
