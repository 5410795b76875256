"""Promises with dates, and what is done before and when they slip: stories of days, replayed by the local clock."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.stories.journey import approved, assigned, fill_in, statuses, submitted
from tests.stories.living_cards import check_every_card
from tests.stories.test_two_instances import two_instances

__all__ = ["two_instances"]
LONDON = ZoneInfo("Europe/London")
MONDAY, FRIDAY, SATURDAY = 0, 4, 5
HOUR, DAY = 3_600, 86_400


async def now(bot):
    _, body = await bot.call("POST", "/local/clock", {"advance_seconds": 0})
    return datetime.fromisoformat(body["now"])


async def go_to(bot, weekday, hour, minute=0):
    """Move the clock to the next time like this in London, in a week without holidays or changes of the clocks."""
    at = (await now(bot)).astimezone(LONDON)
    aim = datetime(2027, 1, 11, hour, minute, tzinfo=LONDON) + timedelta(days=weekday)
    while aim <= at:
        aim += timedelta(days=364)
    await bot.advance((aim - at).total_seconds())


def reminders(person):
    return [m for m in person.chat if m.summary == "Reminder: requests wait for you"]


def briefs(person):
    return [m for m in person.chat if m.summary == "Your morning brief"]


def escalations(person, number):
    return [m for m in person.chat if "was promised by" in m.words and number in m.words]


@pytest.fixture
async def everybody(bot):
    return await bot.people("Dana Reyes", "Lee Park", "Mika Tanaka", "Ana Souza", "Samira Haddad", "Kofi Mensah")


async def test_an_fpm_is_silent_for_a_week(bot, everybody):
    dana, lee, mika, ana, samira, _ = everybody
    await go_to(bot, MONDAY, 10)
    number = await submitted(dana)
    assert "Please decide by Tue 12 Jan, 10:00 GMT" in (await lee.card_with("approve", showing=number)).words
    assert "Tue 12 Jan, 11:00 CET" in (await dana.sees(number, "First look by")).words

    await bot.advance(4 * HOUR - 60)
    assert not reminders(lee)
    await bot.advance(120)
    (first,) = reminders(lee)
    assert {"approve", "deny", "return", "delegate"} <= first.verbs

    await bot.advance(19 * HOUR)
    (brief,) = briefs(lee)
    assert number in brief.words
    assert not [m for m in mika.chat if number in m.words]

    await bot.advance(HOUR)
    assert "approve" in (await mika.card_with("approve", showing=number)).verbs
    assert len(reminders(lee)) == 2
    assert "late" in (await dana.sees(number, "First look late")).words
    assert not escalations(samira, number)

    await bot.advance(3 * DAY)
    assert len(reminders(lee)) == 3, "80 % of five days are over on Friday at 10:00"
    assert len(reminders(mika)) == 1, "the backup who was asked holds it as well"

    await bot.advance(DAY)
    for person in (mika, ana, samira):
        assert len(escalations(person, number)) == 1
    assert "approve" in escalations(mika, number)[0].verbs
    assert "assign" not in escalations(ana, number)[0].verbs

    await bot.advance(2 * DAY)
    assert statuses(bot)[number] == "submitted", "nothing is decided by time alone"
    await check_every_card(bot)
    await mika.press("approve", on=escalations(mika, number)[0])
    await dana.sees("Approved by Mika Tanaka", number)
    await check_every_card(bot)
    assert "assign" in (await ana.card_with("assign", showing=number)).verbs


async def test_a_week_in_one_step_is_one_word_for_each(bot, everybody):
    dana, lee, mika, ana, samira, _ = everybody
    await go_to(bot, MONDAY, 10)
    number = await submitted(dana)
    other = await submitted(dana, workload="EXCHANGE")
    await bot.advance(6 * DAY)
    words = [m for m in lee.chat if number in m.words and other in m.words]
    assert len(words) == 1, "what was missed comes on one card"
    assert "approve" in words[0].verbs
    asked = [m for m in mika.chat if "approve" in m.verbs and m not in [*reminders(mika), *briefs(mika)]]
    assert len(asked) == 2, "each request is escalated to the backup once, and not asked for besides"
    assert [len(escalations(person, number)) for person in (mika, ana, samira)] == [1, 1, 1]
    await check_every_card(bot)


async def test_a_combined_reminder_is_acted_on_in_place_one_request_after_the_other(bot, everybody):
    dana, lee, *_ = everybody
    await go_to(bot, MONDAY, 10)
    first, second = await submitted(dana), await submitted(dana, workload="EXCHANGE")
    await bot.advance(4 * HOUR + 60)
    (card,) = reminders(lee)
    assert second in card.words
    await lee.press("approve", on=card, data={"request": second})
    assert statuses(bot) == {first: "submitted", second: "approved"}
    assert {b.data["request"] for b in card.buttons if b.verb == "approve"} == {first}
    await lee.press("approve", on=card, data={"request": first})
    await check_every_card(bot)
    assert not [b for b in card.buttons if b.verb == "approve"]


async def test_a_request_returned_over_a_weekend_keeps_the_rest_of_its_time(bot, everybody):
    dana, lee, mika, *_ = everybody
    await go_to(bot, FRIDAY, 10)
    number = await submitted(dana)
    await bot.advance(HOUR)
    await lee.press("return", showing=number, return_fields=["seat_count"], return_note="Are these all?")
    returned = await dana.sees("Returned by Lee Park", "Are these all?")
    assert "clock stands still" in returned.words
    await bot.advance(3 * DAY)
    assert not reminders(lee)
    assert not [m for m in mika.chat if number in m.words]
    assert len([m for m in dana.chat if "Good morning" in m.words]) == 1
    await dana.press("fix", on=returned)
    await fill_in(dana, seat_count="6,000")
    await dana.press("submit")
    decision = await lee.card_with("approve", showing=number)
    assert "Please decide by Tue 19 Jan, 11:00 GMT" in decision.words
    assert "Sat 23 Jan, 10:00 GMT" in decision.words
    await check_every_card(bot)


async def test_what_comes_on_friday_at_five_to_five_waits_until_monday(bot, everybody):
    dana, lee, mika, *_ = everybody
    await go_to(bot, FRIDAY, 16, 55)
    number = await submitted(dana)
    assert "Please decide by Mon 18 Jan, 16:55 GMT" in (await lee.card_with("approve", showing=number)).words
    for _ in range(63):
        await bot.advance(HOUR)
    assert not reminders(lee), "nobody is reminded at the weekend"
    assert not briefs(lee)
    await bot.advance(2 * HOUR)
    assert len(briefs(lee)) == 1
    await bot.advance(4 * HOUR)
    assert len(reminders(lee)) == 1
    assert not [m for m in mika.chat if number in m.words]
    await bot.advance(3 * HOUR)
    assert "approve" in (await mika.card_with("approve", showing=number)).verbs


async def test_an_sme_is_reminded_to_answer_and_to_make_contact(bot, everybody):
    dana, lee, _, ana, _, kofi = everybody
    await go_to(bot, MONDAY, 9)
    number = await assigned(dana, lee, ana, kofi)
    await bot.advance(4 * HOUR + 300)
    assert "accept" in reminders(kofi)[0].verbs
    await bot.advance(DAY)
    assert "release" in (await ana.sees(number, "was promised by")).verbs
    await kofi.press("accept", showing=number)
    await bot.advance(DAY + HOUR)
    (late,) = escalations(lee, number)
    assert "release" in late.verbs
    await kofi.press("contacted", showing=number)
    await dana.sees("Partner contacted by Kofi Mensah", number)
    await check_every_card(bot)
    assert "contacted" not in {verb for m in kofi.chat for verb in m.verbs}


async def test_two_instances_give_each_word_once(two_instances):
    bot, _ = two_instances
    dana, lee, mika, samira = await bot.people("Dana Reyes", "Lee Park", "Mika Tanaka", "Samira Haddad")
    await go_to(bot, MONDAY, 10)
    number = await submitted(dana)
    for hours in (5, 19, 24, 48, 26):
        await bot.advance(hours * HOUR)
    assert len(reminders(lee)) == 3
    asked = [m for m in mika.chat if "approve" in m.verbs and m not in [*reminders(mika), *briefs(mika)]]
    assert len(asked) == 2, "to decide, and because the decision is late"
    assert len(escalations(samira, number)) == 1
    assert [row["action"] for name, row in sorted(bot.rows().items()) if f"event:{number}" in name] == [
        "submit",
        "ask_backup",
        "escalate",
    ]


async def test_briefs_are_switched_by_typing(bot, everybody):
    dana, lee, *_ = everybody
    assert "brief on or brief off" in await lee.say("brief")
    assert "brief on or brief off" in await lee.say("brief maybe")
    assert "no morning briefs any more" in await lee.say("brief off")
    await go_to(bot, MONDAY, 10)
    number = await submitted(dana)
    await bot.advance(5 * HOUR)
    await bot.advance(18 * HOUR + 60)
    assert not briefs(lee)
    assert "each working morning" in await lee.say("Brief ON")
    await bot.advance(HOUR)
    await bot.advance(23 * HOUR)
    assert number in briefs(lee)[0].words


async def test_mail_is_switched_by_typing(bot, everybody):
    dana, lee, *_ = everybody
    assert "mail on or mail off" in await lee.say("mail")
    assert "mailed to you as well" in await lee.say("mail on")
    number = await submitted(dana)
    await lee.card_with("approve", showing=number)
    await bot.advance(0)
    assert [mail["To"] for mail in bot.mails()] == [lee.email]
    assert "only when a card cannot reach you" in await lee.say("Mail OFF")


async def test_an_approved_request_shows_the_assigner_by_when(bot, everybody):
    dana, lee, _, ana, *_ = everybody
    await go_to(bot, MONDAY, 10)
    number = await approved(dana, lee)
    assert "by Sat 16 Jan, 10:00" in (await ana.card_with("assign", showing=number)).words
