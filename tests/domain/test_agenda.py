"""When one person is due a word: reminders four hours apart and combined, a brief each morning, covers."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.agenda import BETWEEN_REMINDERS, Agenda, Day, Waiting, agenda_id, next_look, next_word, person_in
from bot.domain.lifecycle import Topic
from bot.domain.people import Cover
from bot.domain.working_time import Calendar, next_morning

MONDAY = datetime(2026, 11, 23, 10, tzinfo=UTC)
HOUR, DAY_LONG = timedelta(hours=1), timedelta(days=1)
ME, OTHER = "lee@home.example", "arjun@home.example"
CALENDAR = Calendar(ZoneInfo("UTC"))
NEW = Agenda(ME, has_briefs=False)
WITH_BRIEFS = Agenda(ME)


def waiting(number, *hours, since=MONDAY, due=5 * DAY_LONG):
    """Return a request that waits since Monday, with reminders so many hours later."""
    return Waiting(number, since, since + due, tuple(since + each * HOUR for each in hours))


def day(at, *requests, **changes):
    return Day(MONDAY + at, CALENDAR, requests, **changes)


def given_at(agenda, at, *requests, **changes):
    """Return the agenda after a look at a time, with the topic and the requests of the word that it gave."""
    after, word = next_word(agenda, day(at, *requests, **changes))
    return after, (word.topic, word.listed) if word else None


def test_nothing_waits_and_nothing_is_said():
    after, word = given_at(WITH_BRIEFS, HOUR)
    assert (after, word) == (WITH_BRIEFS, None)
    assert next_look(after, day(HOUR)) is None


def test_a_reminder_is_given_at_its_moment_and_once():
    request = waiting("A", 4)
    assert given_at(NEW, 3 * HOUR, request) == (NEW, None)
    after, word = given_at(NEW, 4 * HOUR, request)
    assert word == (Topic.REMINDER, ("A",))
    assert after.revision == 1
    assert given_at(after, 4 * HOUR, request)[1] is None
    assert given_at(after, 40 * HOUR, request)[1] is None


def test_what_is_due_within_four_hours_is_combined_the_most_urgent_first():
    first, second, later = waiting("A", 4), waiting("B", 7, due=DAY_LONG), waiting("C", 8)
    after, word = given_at(NEW, 4 * HOUR, first, second, later)
    assert word == (Topic.REMINDER, ("B", "A"))
    assert given_at(after, 7 * HOUR, first, second, later)[1] is None
    assert given_at(after, 8 * HOUR, first, second, later)[1] == (Topic.REMINDER, ("C",))


def test_the_second_reminder_of_a_promise_comes_exactly_four_hours_later():
    request = waiting("A", 4, 8)
    after, _ = given_at(NEW, 4 * HOUR, request)
    assert given_at(after, 8 * HOUR, request)[1] == (Topic.REMINDER, ("A",))


def test_a_reminder_that_came_late_puts_the_next_one_off_until_four_hours_have_passed():
    request, late = waiting("A", 4, 8), timedelta(minutes=10)
    after, _ = given_at(NEW, 4 * HOUR + late, request)
    assert given_at(after, 8 * HOUR, request)[1] is None
    assert next_look(after, day(8 * HOUR, request)) == MONDAY + 8 * HOUR + late
    assert given_at(after, 8 * HOUR + late, request)[1] == (Topic.REMINDER, ("A",))


def test_whoever_was_not_told_for_days_gets_one_card_and_no_more():
    requests = [waiting(str(number), number, number + 8) for number in range(1, 20)]
    after, word = given_at(NEW, 100 * HOUR, *requests)
    assert word[0] is Topic.REMINDER
    assert len(word[1]) == 19
    assert given_at(after, 101 * HOUR, *requests)[1] is None
    assert next_look(after, day(101 * HOUR, *requests)) is None


def test_a_clock_that_steps_back_gives_nothing_twice():
    request = waiting("A", 4, 8)
    after, _ = given_at(NEW, 4 * HOUR, request)
    assert given_at(after, 2 * HOUR, request)[1] is None
    assert given_at(after, 4 * HOUR, request)[1] is None


@given(
    moments=st.lists(st.lists(st.integers(0, 2_000), min_size=1, max_size=3), max_size=8),
    looks=st.lists(st.integers(0, 2_500), max_size=40),
)
def test_each_reminder_is_told_once_and_never_two_words_within_four_hours(moments, looks):
    minute = timedelta(minutes=1)
    requests = [
        Waiting(str(number), MONDAY, MONDAY + 5 * DAY_LONG, tuple(MONDAY + each * minute for each in sorted(set(own))))
        for number, own in enumerate(moments)
    ]
    agenda, given_times, told = NEW, [], []
    for look in [*sorted(looks), 3_000]:
        at = look * minute
        after, word = next_word(agenda, day(at, *requests))
        if word:
            given_times.append(at)
            told += [(n, m) for n in word.listed for m in requests[int(n)].reminders if _is_told(agenda, after, m)]
        assert after.told_until is None or agenda.told_until is None or after.told_until >= agenda.told_until
        agenda = after
    assert all(later - earlier >= BETWEEN_REMINDERS for earlier, later in pairwise(given_times))
    owed = {(r.number, m) for r in requests for m in r.reminders}
    assert set(told) == owed
    assert len(told) == len(owed)


def _is_told(before, after, moment):
    return (before.told_until is None or moment >= before.told_until) and moment < after.told_until


def test_a_brief_comes_the_morning_after_and_then_each_working_morning():
    request = waiting("A")
    assert given_at(WITH_BRIEFS, 3 * HOUR, request)[1] is None
    assert next_look(WITH_BRIEFS, day(3 * HOUR, request)) == MONDAY + 23 * HOUR
    after, word = given_at(WITH_BRIEFS, 23 * HOUR, request)
    assert word == (Topic.BRIEF, ("A",))
    assert given_at(after, 24 * HOUR, request)[1] is None
    friday = replace(after, briefed_at=MONDAY + 4 * DAY_LONG)
    assert next_look(friday, day(4 * DAY_LONG, request)) == next_morning(MONDAY + 4 * DAY_LONG, CALENDAR)
    assert given_at(friday, 5 * DAY_LONG, request)[1] is None
    assert given_at(friday, 7 * DAY_LONG, request)[1] == (Topic.BRIEF, ("A",))


def test_briefs_can_be_switched_off_and_reminders_stay():
    request = waiting("A", 4)
    after, word = given_at(NEW, 30 * HOUR, request)
    assert word == (Topic.REMINDER, ("A",))
    assert next_look(after, day(30 * HOUR, request)) is None


def test_what_happened_is_told_in_the_morning_even_when_nothing_waits():
    news = [(MONDAY + HOUR, "A for Northwind: accepted by Kofi")]
    _, word = next_word(WITH_BRIEFS, day(23 * HOUR, news=news))
    assert (word.topic, word.listed, word.lines) == (Topic.BRIEF, (), ("A for Northwind: accepted by Kofi",))
    assert next_word(WITH_BRIEFS, day(2 * HOUR, news=news))[1] is None


def test_brief_and_reminder_due_at_once_are_one_card():
    after, word = given_at(WITH_BRIEFS, 23 * HOUR, waiting("A", 20), waiting("B"))
    assert word == (Topic.REMINDER, ("A", "B"))
    assert after.reminded_at == after.briefed_at == MONDAY + 23 * HOUR


COVER = Cover(ME, OTHER, MONDAY, MONDAY + 2 * DAY_LONG)
COVERING = Cover(OTHER, ME, MONDAY, MONDAY + 2 * DAY_LONG)


def test_whoever_begins_to_act_for_another_is_told_at_once_with_what_waits():
    agenda, word = given_at(NEW, HOUR, waiting("A"), covers=[COVERING])
    assert word == (Topic.COVERING, ("A",))
    assert agenda.covering == (COVERING,)
    assert given_at(agenda, 2 * HOUR, waiting("A"), covers=[COVERING])[1] is None
    assert next_look(agenda, day(2 * HOUR, covers=[COVERING])) == COVERING.ends
    assert given_at(agenda, 3 * DAY_LONG, covers=[COVERING]) == (replace(agenda, covering=()), None)


def test_who_is_away_hears_nothing_until_the_cover_is_over():
    agenda, word = given_at(WITH_BRIEFS, HOUR, covers=[COVER])
    assert (agenda.away, word) == ((COVER,), None)
    news = [(MONDAY + HOUR, "something")]
    assert given_at(agenda, 30 * HOUR, covers=[COVER], news=news)[1] is None
    back = day(2 * DAY_LONG, waiting("A"), covers=[COVER], meanwhile=["B: approved by Arjun for Lee"])
    after, word = next_word(agenda, back)
    assert (word.topic, word.listed, word.lines) == (Topic.BACK, ("A",), ("B: approved by Arjun for Lee",))
    assert after.away == ()
    assert next_word(agenda, day(2 * DAY_LONG, covers=[COVER])) == (after_of(agenda), None)


def after_of(agenda):
    return replace(agenda, away=())


def test_a_cover_that_is_taken_back_ends_like_one_that_is_over():
    agenda = replace(NEW, away=(COVER,))
    after, word = given_at(agenda, HOUR, waiting("A"), covers=[])
    assert word == (Topic.BACK, ("A",))
    assert after.away == ()


@pytest.mark.parametrize(("number", "email"), [(agenda_id(ME), ME), ("CONTOSO-7K3QXD", ""), ("CONTOSO-access-00", "")])
def test_an_agenda_is_known_by_its_id(number, email):
    assert person_in(number) == email


def test_who_is_away_under_two_covers_in_turn_is_back_after_the_last():
    second = Cover(ME, "mika@home.example", COVER.ends - HOUR, COVER.ends + DAY_LONG)
    both = [COVER, second]
    agenda, _ = given_at(NEW, HOUR, covers=both)
    agenda, word = given_at(agenda, COVER.ends - MONDAY + HOUR, covers=both)
    assert (set(agenda.away), word) == (set(both), None)
    back = day(second.ends - MONDAY, covers=both, meanwhile=["A: approved"])
    after, word = next_word(agenda, back)
    assert (word.topic, after.away) == (Topic.BACK, ())
