"""What comes next in the work on a request is asked for in the morning, and of the SME on the day that was noted."""

import pytest

from tests.stories.journey import accepted, statuses
from tests.stories.living_cards import check_every_card
from tests.stories.test_engagement import KICKOFF, NOTE
from tests.stories.test_promises import DAY, HOUR, MONDAY, briefs, go_to, now, reminders

NOON = 12


@pytest.fixture
async def everybody(bot):
    return await bot.people("Dana Reyes", "Lee Park", "Ana Souza", "Kofi Mensah")


async def in_touch(bot, everybody):
    """Bring a request to the first contact on a Monday at noon in London; return its number."""
    dana, lee, ana, kofi = everybody
    await go_to(bot, MONDAY, NOON)
    number = await accepted(dana, lee, ana, kofi)
    await kofi.press("contacted", showing=number)
    return number


async def kicked_off(bot, everybody):
    number = await in_touch(bot, everybody)
    *_, kofi = everybody
    today = (await now(bot)).date()
    await kofi.press("kickoff", showing=number, **KICKOFF | {"start": str(today), "end": str(today.replace(day=29))})
    return number


async def noted(bot, everybody, days):
    """Have the SME note a next step in some days; return the number."""
    number = await in_touch(bot, everybody)
    kofi = everybody[3]
    day = (await now(bot)).date()
    day = day.replace(day=day.day + days)
    await kofi.press("note", showing=number, **NOTE | {"note_next_date": str(day)})
    return number


async def test_in_the_morning_fpm_and_partner_are_asked_to_agree_and_the_button_does_it(bot, everybody):
    dana, lee, _, kofi = everybody
    number = await kicked_off(bot, everybody)
    await bot.advance(DAY)
    for person in (dana, lee):
        (brief,) = briefs(person)
        assert number in brief.words
        assert "Agree on the kick-off" in brief.words
        await person.press("agree", on=brief)
        assert "agree" not in brief.verbs
    assert not briefs(kofi)
    await kofi.sees("SME agreed · FPM agreed · Partner agreed")
    await check_every_card(bot)
    assert statuses(bot)[number] == "assigned"
    await bot.advance(DAY)
    assert [len(briefs(person)) for person in (dana, lee)] == [1, 1], "nothing waits for them any more"


async def test_an_agree_button_of_the_brief_is_void_for_a_kick_off_that_has_changed(bot, everybody):
    dana, _, _, kofi = everybody
    number = await kicked_off(bot, everybody)
    await bot.advance(DAY)
    (brief,) = briefs(dana)
    shown = brief.button("agree").data
    today = (await now(bot)).date()
    await kofi.press(
        "kickoff", showing=number, **KICKOFF | {"outcomes": "Less.", "start": str(today), "end": str(today)}
    )
    answer = await dana.press("agree", on=brief, data=shown)
    assert "This had changed before your press." in answer
    card = await dana.card_with("agree", showing="Less.")
    assert "Partner agreed" not in card.words
    await dana.press("agree", on=card)
    await check_every_card(bot)


async def test_in_the_morning_the_fpm_is_asked_to_close_what_was_completed(bot, everybody):
    _, lee, _, kofi = everybody
    number = await in_touch(bot, everybody)
    await kofi.press("complete", showing=number, summary="Calling runs.", feedback="A strong team.")
    await bot.advance(DAY)
    (brief,) = briefs(lee)
    assert number in brief.words
    assert "Close the request" in brief.words
    await check_every_card(bot)
    await lee.press("close", showing="Calling runs.")
    assert statuses(bot)[number] == "closed"
    await bot.advance(DAY)
    assert len(briefs(lee)) == 1
    await check_every_card(bot)


async def test_the_sme_is_reminded_of_the_next_step_on_its_day(bot, everybody):
    *_, kofi = everybody
    number = await noted(bot, everybody, days=3)
    # Kofi works in Berlin: the day of the step begins at eight in London.
    await bot.advance(2 * DAY + 20 * HOUR - 60)
    assert not reminders(kofi)
    await bot.advance(120)
    (reminder,) = reminders(kofi)
    assert number in reminder.words
    assert "take the next step by Thu 14 Jan, 17:00 CET" in reminder.words
    assert {"note", "complete"} <= reminder.verbs
    await check_every_card(bot)
    await bot.advance(6 * HOUR)
    assert len(reminders(kofi)) == 1
    await kofi.press("note", on=reminder, **NOTE | {"note_next": "", "note_next_date": ""})
    await bot.advance(2 * DAY)
    assert len(reminders(kofi)) == 1
    assert not briefs(kofi)
    await check_every_card(bot)


async def test_a_step_that_was_taken_before_its_day_is_not_reminded_of(bot, everybody):
    *_, kofi = everybody
    number = await noted(bot, everybody, days=3)
    await kofi.press("note", showing=number, **NOTE | {"note_next": "", "note_next_date": ""})
    await bot.advance(5 * DAY)
    assert not reminders(kofi)
    await check_every_card(bot)
