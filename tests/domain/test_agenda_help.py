"""What the work on a request has people told of in their briefs and reminders, by no promised date."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.agenda import agenda_id
from bot.domain.lifecycle import Topic
from tests.domain.helping import KICKOFF, NOTE, RESULT, active, agreed, completed, proposed
from tests.domain.office import ANA, DANA, HIROSHI, HOURS, KOFI, LAURA, LEE, MONDAY, PIOTR

DAYS = timedelta(days=1)
NEXT = MONDAY + DAYS
"""Tuesday at ten, when everybody's morning brief of that day has come."""
STEP = datetime(2026, 12, 1, 8, tzinfo=UTC)
"""When Kofi's working day begins on the day of the next step."""


@pytest.fixture
def look(office):
    async def look(email, at, *numbers):
        """Return the new words for a person of whom everything that was told before is known."""
        before = {n.revision for n in await office.requests.notices_of(agenda_id(email))}
        await office.write_lists(*numbers)
        office.now = at
        await office.desk.agendas.look(email)
        told = await office.requests.notices_of(agenda_id(email))
        return [(n.topic, n.listed) for n in told if n.revision not in before]

    return look


async def brief(look, email, number, at=NEXT):
    """Return whether the morning brief of a person asks something about a request."""
    return (Topic.BRIEF, (number,)) in await look(email, at, number)


async def test_a_proposal_waits_for_its_contact_alone(office, look):
    number = await proposed(office)
    assert await brief(look, DANA, number)
    for who in (PIOTR, LEE, KOFI, ANA):
        assert not await brief(look, who, number)


async def test_a_proposal_that_was_answered_waits_for_the_partner_no_more(office, look):
    number = await proposed(office)
    await office.press(DANA, "decline", number, decline_reason="No time.")
    assert not await brief(look, DANA, number)


async def test_a_proposal_that_the_sme_declined_waits_for_who_proposed_it_and_for_the_fpm(office, look):
    number = await proposed(office, HIROSHI)
    await office.press(DANA, "agree", number)
    await office.press(KOFI, "decline", number, decline_reason="I am booked.")
    for who in (HIROSHI, LEE):
        assert await brief(look, who, number)
    for who in (ANA, DANA, KOFI):
        assert not await brief(look, who, number)


async def test_a_kick_off_waits_for_those_who_have_not_agreed(office, look):
    number = await active(office)
    await office.press(KOFI, "contacted", number)
    for who in (DANA, LEE):
        assert not await brief(look, who, number)
    await office.press(KOFI, "kickoff", number, **KICKOFF)
    await office.press(LEE, "agree", number)
    assert await brief(look, DANA, number, NEXT + DAYS)
    for who in (LEE, KOFI):
        assert not await brief(look, who, number, NEXT + DAYS)


async def test_help_that_was_completed_waits_for_the_fpm_to_close_it(office, look):
    number = await completed(office)
    assert await brief(look, LEE, number)
    for who in (KOFI, DANA):
        assert not await brief(look, who, number)
    await office.press(LEE, "close", number)
    assert not await brief(look, LEE, number, NEXT + DAYS)


async def test_until_its_day_a_next_step_is_no_reason_for_a_brief(office, look):
    number = await agreed(office)
    await office.press(KOFI, "contacted", number)
    await office.press(KOFI, "note", number, **NOTE)
    assert not await brief(look, KOFI, number)
    assert await look(KOFI, STEP - HOURS, number) == []


async def test_an_sme_is_reminded_of_the_next_step_once_in_the_morning_of_its_day(office, look):
    number = await agreed(office)
    await office.press(KOFI, "contacted", number)
    await office.press(KOFI, "note", number, **NOTE)
    assert await look(KOFI, STEP, number) == [(Topic.REMINDER, (number,))]
    assert await look(KOFI, STEP + 8 * HOURS, number) == []
    for who in (DANA, LEE):
        assert not [topic for topic, _ in await look(who, STEP + 2 * HOURS, number) if topic is Topic.REMINDER]
    assert await brief(look, KOFI, number, STEP + DAYS), "it waits until the SME notes something else"
    await office.press(KOFI, "note", number, **NOTE | {"note_next_date": ""})
    assert not await brief(look, KOFI, number, STEP + 2 * DAYS)


async def test_the_next_look_is_when_the_step_is_due(office):
    number = await agreed(office)
    await office.press(KOFI, "contacted", number)
    await office.press(KOFI, "note", number, **NOTE)
    await office.write_lists(number)
    kofi = await office.person(KOFI)
    await office.desk.agendas.switch_briefs(kofi, is_on=False)
    assert await office.desk.agendas.look(KOFI) == STEP


@pytest.mark.parametrize("end", ["completed", "released", "closed"])
async def test_a_step_of_work_that_is_over_is_nobodys(office, look, end):
    number = await agreed(office)
    await office.press(KOFI, "note", number, **NOTE)
    if end == "completed":
        await office.press(KOFI, "complete", number, **RESULT)
    elif end == "released":
        await office.press(LEE, "release", number, release_reason="Ill.")
        await office.press(LEE, "assign", number, sme=LAURA)
        await office.press(LAURA, "accept", number)
        await office.press(LAURA, "contacted", number)
    else:
        await office.press(LEE, "close", number, close_reason="The customer stopped.")
    for who in (KOFI, LAURA):
        assert not [topic for topic, _ in await look(who, STEP, number) if topic is Topic.REMINDER]


async def test_a_step_on_a_day_off_is_brought_forward(office, look):
    number = await agreed(office)
    await office.press(KOFI, "contacted", number)
    await office.press(KOFI, "note", number, **NOTE | {"note_next_date": "2026-11-29"})
    friday_at_four = datetime(2026, 11, 27, 15, tzinfo=UTC)
    assert not [topic for topic, _ in await look(KOFI, friday_at_four - HOURS, number) if topic is Topic.REMINDER]
    assert await look(KOFI, friday_at_four, number) == [(Topic.REMINDER, (number,))]
