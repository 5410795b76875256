"""What is found for a person when their agenda is looked at, and what they are told of it, once."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.agenda import agenda_id
from bot.domain.errors import Refusal
from bot.domain.lifecycle import Topic
from bot.domain.notices import NoticeState, Way
from bot.domain.people import Cover
from bot.domain.timekeeper import Timekeeper
from tests.domain.office import ANA, ARJUN, DANA, HOURS, KOFI, LEE, MIKA, MONDAY, PIOTR, SAMIRA

DAYS = timedelta(days=1)
HALF = MONDAY + 4 * HOURS
"""When half of the time for Lee's first look is over: Lee works in London."""
MORNING = MONDAY + 23 * HOURS


@pytest.fixture
def look(office):
    async def look(email, at=None):
        office.now = at or office.now
        again = await office.desk.agendas.look(email)
        return again, [(n.topic, n.listed) for n in await office.requests.notices_of(agenda_id(email))]

    return look


async def words(office, email):
    """Return the lines of the newest word that a person was given."""
    found = await office.requests.notices_of(agenda_id(email))
    return max(found, key=lambda notice: notice.revision).sentence.split("\n")


async def listed(office, *numbers):
    await office.write_lists(*numbers)
    return numbers


async def test_who_is_not_in_the_directory_has_no_agenda(look):
    assert await look("nobody@fasttrack.example") == (None, [])


async def test_nothing_is_kept_of_a_look_that_found_nothing(office, look):
    assert await look(LEE) == (None, [])
    assert (await office.agendas.load(LEE)).etag == ""


async def test_the_fpm_is_reminded_at_half_the_time_with_everything_that_comes_soon(office, look):
    first = await office.submitted()
    office.now += HOURS
    second = await office.submitted(token="ab" * 16, workload="EXCHANGE")
    await listed(office, first, second)
    again, told = await look(LEE, HALF - timedelta(minutes=1))
    assert (again, told) == (HALF, [])
    again, told = await look(LEE, HALF)
    assert told == [(Topic.REMINDER, (first, second))]
    assert again == MORNING
    assert (await look(LEE, HALF + HOURS))[1] == told


async def test_reminders_for_a_request_that_was_decided_are_not_given(office, look):
    await listed(office, await office.approved())
    assert (await look(LEE, HALF))[1] == []


async def test_two_instances_give_one_word(office, look):
    await listed(office, await office.submitted())
    office.now = HALF
    await asyncio.gather(*(office.desk.agendas.look(LEE) for _ in range(4)))
    assert len(await office.requests.notices_of(agenda_id(LEE))) == 1


async def test_the_assigner_is_reminded_before_the_decision_is_late(office, look):
    (number,) = await listed(office, await office.approved())
    again, told = await look(ANA, MONDAY + 4 * DAYS - HOURS)
    assert [topic for topic, _ in told] == [Topic.BRIEF]
    _, told = await look(ANA, MONDAY + 4 * DAYS)
    assert told[-1] == (Topic.REMINDER, (number,))
    assert again == MONDAY + 4 * DAYS


async def test_the_sme_is_reminded_to_answer_and_then_to_make_contact(office, look):
    (number,) = await listed(office, await office.assigned())
    assert (await look(KOFI, MONDAY + 4 * HOURS))[1] == [(Topic.REMINDER, (number,))]
    await office.press(KOFI, "accept", number)
    await listed(office, number)
    again, _ = await look(KOFI)
    assert again < MONDAY + DAYS
    await office.press(KOFI, "contacted", number)
    again, told = await look(KOFI, MONDAY + 2 * DAYS)
    assert not [topic for topic, _ in told[1:] if topic is Topic.REMINDER]


async def test_an_asked_backup_is_reminded_too(office, look):
    number = await office.submitted()
    office.now = MONDAY + DAYS
    await Timekeeper(office.desk.filing, office.clock).look(number)
    await listed(office, number)
    # 80 % of the five days are over on Friday morning.
    _, told = await look(MIKA, MONDAY + 4 * DAYS)
    assert number in told[-1][1]


async def test_a_moment_at_night_is_brought_forward_into_working_hours(office, look):
    office.now = MONDAY - 2 * DAYS + 10 * HOURS
    (number,) = await listed(office, await office.submitted())
    # 80 % of the time is over on Wednesday at 20:00 in London: the last working hour before begins at 16:00.
    office.now = MONDAY + 2 * DAYS
    await look(LEE)
    again, _ = await look(LEE, MONDAY + 2 * DAYS + 5 * HOURS)
    assert again == MONDAY + 2 * DAYS + 6 * HOURS
    assert (await look(LEE, again))[1][-1] == (Topic.REMINDER, (number,))


async def test_the_requester_is_told_in_the_morning_of_a_request_to_fix_and_of_nothing_else(office, look):
    (number,) = await listed(office, await office.submitted())
    assert await look(DANA, MORNING) == (None, [])
    await office.press(LEE, "return", number, return_note="Which seats?", return_fields="seat_count")
    await listed(office, number)
    _, told = await look(DANA, MONDAY + 2 * DAYS)
    assert told == [(Topic.BRIEF, (number,))]
    assert (await look(PIOTR))[1] == []


async def test_the_fpm_hears_in_the_morning_what_happened_even_when_nothing_waits(office, look):
    number = await office.assigned()
    await office.press(KOFI, "accept", number)
    await listed(office, number)
    _, told = await look(LEE, MORNING)
    assert told == [(Topic.BRIEF, ())]
    assert await words(office, LEE) == ["Your morning brief", f"{number} for Tailspin Toys: accepted by Kofi Mensah"]
    assert (await look(LEE, MORNING + DAYS))[1] == told


async def test_the_programme_hears_of_late_decisions_each_morning(office, look):
    number = await office.submitted()
    office.now = MONDAY + 5 * DAYS
    await Timekeeper(office.desk.filing, office.clock).look(number)
    await listed(office, number)
    assert (await look(SAMIRA))[1] == []
    _, told = await look(SAMIRA, MONDAY + 8 * DAYS)
    assert told == [(Topic.BRIEF, (number,))]
    await office.press(LEE, "approve", number)
    await listed(office, number)


async def test_briefs_can_be_switched_off_and_on(office, look):
    await listed(office, await office.submitted())
    lee = await office.person(LEE)
    await office.desk.agendas.switch_briefs(lee, is_on=False)
    assert [topic for topic, _ in (await look(LEE, MORNING))[1]] == [Topic.REMINDER]
    await office.desk.agendas.switch_briefs(lee, is_on=True)
    assert (await look(LEE, MORNING + 4 * HOURS))[1][-1][0] is Topic.REMINDER
    assert (await look(LEE, MORNING + DAYS))[1][-1][0] is Topic.BRIEF


async def test_switching_meets_somebody_who_writes_at_the_same_time(office, look):
    await listed(office, await office.submitted())
    office.now = HALF
    lee = await office.person(LEE)
    await asyncio.gather(
        office.desk.agendas.switch_briefs(lee, is_on=False),
        office.desk.agendas.look(LEE),
        office.desk.agendas.switch_briefs(lee, is_on=False),
    )
    agenda = await office.agendas.load(LEE)
    assert (agenda.has_briefs, agenda.revision) == (False, 1)


async def test_a_cover_gets_what_waits_and_the_fpm_a_summary_afterwards(office, look):
    first, second = await office.submitted(), await office.submitted(token="ab" * 16, workload="EXCHANGE")
    await listed(office, first, second)
    cover = Cover(LEE, ARJUN, MONDAY, MONDAY + 2 * DAYS)
    await office.people.add_cover(cover)
    assert (await look(LEE, HALF))[1] == []
    again, told = await look(ARJUN, HALF)
    assert [(topic, set(numbers)) for topic, numbers in told] == [(Topic.COVERING, {first, second})]
    assert again == HALF.replace(hour=4) + DAYS - HOURS / 2
    await office.press(ARJUN, "approve", first)
    await listed(office, first, second)
    assert (await look(LEE, MORNING))[1] == []
    _, told = await look(LEE, cover.ends)
    assert told == [(Topic.BACK, (second,))]
    assert await words(office, LEE) == [
        "Welcome back: what was decided meanwhile",
        f"{first} for Tailspin Toys: approved by Arjun Nair for Lee Park",
    ]
    assert await office.agendas.meanwhile(LEE) == []


async def test_the_cards_of_a_cover_that_is_over_are_brought_up_to_date(office, look):
    cover = Cover(LEE, ARJUN, MONDAY, MONDAY + DAYS)
    await office.people.add_cover(cover)
    (number,) = await listed(office, await office.submitted())
    asked = next(n for n in await office.requests.notices_of(number) if n.recipient == ARJUN)
    posted = {"state": NoticeState.DELIVERED, "way": Way.TEAMS, "shown": 1}
    await office.requests.save_notice(replace(asked, **posted))
    await look(ARJUN, HALF)
    await look(ARJUN, cover.ends)
    again = next(n for n in await office.requests.notices_of(number) if n.recipient == ARJUN)
    assert again.shown == 0
    assert (await office.agendas.load(ARJUN)).covering == ()


async def test_a_line_of_which_the_event_was_never_filed_is_not_told(office, look):
    cover = Cover(LEE, ARJUN, MONDAY, MONDAY + DAYS)
    await office.people.add_cover(cover)
    (number,) = await listed(office, await office.submitted())
    await office.agendas.note_meanwhile(LEE, number, 9)
    await office.agendas.note_meanwhile(LEE, "CONTOSO-000000", 1)
    await office.agendas.note_meanwhile(LEE, number, 9)
    await look(LEE, HALF)
    await look(LEE, cover.ends)
    assert not [line for line in await words(office, LEE) if "for Lee" in line]


async def test_words_of_long_ago_are_forgotten_when_a_new_one_is_given(office, look):
    await listed(office, await office.submitted())
    await look(LEE, HALF)
    await office.requests.save_notice(
        replace((await office.requests.notices_of(agenda_id(LEE)))[0], state=NoticeState.DELIVERED)
    )
    await look(LEE, MORNING)
    _, told = await look(LEE, MONDAY + 20 * DAYS)
    assert len(told) == 2, "the first is forgotten, and of the second nobody has been told yet"


async def test_an_fpm_names_twenty_covers_at_most(office):
    lee = await office.person(LEE)
    for count in range(20):
        await office.desk.covers.name(lee, f"{ARJUN} from 2026-12-{count + 1:02d} to 2026-12-{count + 2:02d}")
    with pytest.raises(Refusal, match="named 20 covers"):
        await office.desk.covers.name(lee, f"{ARJUN} from 2027-01-01 to 2027-01-02")
