"""What becomes of a notice after an attempt: the outcome table of the design, typed by hand."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.delivery import Attempt, Result, begun, is_late, mailed, parked, settled_by, told
from bot.domain.lifecycle import Topic
from bot.domain.notices import Notice, NoticeState, Way
from tests.domain.cast import FRANK, MONDAY, NUMBER

NOTICE = Notice(NUMBER, 1, Topic.DECISION, FRANK.email, "Rita submitted this.", MONDAY, MONDAY)
MAIL = "mail"
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
# result, attempts so far with this one, age of the notice -> seconds to wait before jitter, "mail", or "parked"
OUTCOMES = [
    (Result.NOT_SENT, 1, SECOND, 1),
    (Result.NOT_SENT, 2, SECOND, 2),
    (Result.NOT_SENT, 3, SECOND, 4),
    (Result.NOT_SENT, 6, MINUTE, 32),
    (Result.NOT_SENT, 7, MINUTE, 60),
    (Result.NOT_SENT, 900, 4 * MINUTE, 60),
    (Result.NOT_SENT, 9, 5 * MINUTE - SECOND, 60),
    (Result.NOT_SENT, 9, 5 * MINUTE, MAIL),
    (Result.NOT_SENT, 9, 23 * HOUR, MAIL),
    (Result.NOT_SENT, 9, 24 * HOUR, "parked"),
    (Result.UNAUTHORIZED, 1, SECOND, 1),
    (Result.UNAUTHORIZED, 9, 5 * MINUTE, MAIL),
    (Result.UNAUTHORIZED, 9, 24 * HOUR, "parked"),
    (Result.THROTTLED, 1, SECOND, 1),
    (Result.THROTTLED, 7, MINUTE, 64),
    (Result.THROTTLED, 9, MINUTE, 256),
    (Result.THROTTLED, 10, MINUTE, 300),
    (Result.THROTTLED, 900, 23 * HOUR, 300),
    (Result.THROTTLED, 9, 24 * HOUR, "parked"),
    (Result.AMBIGUOUS, 1, SECOND, 30),
    (Result.UNREACHABLE, 1, SECOND, MAIL),
    (Result.UNREACHABLE, 9, 30 * HOUR, MAIL),
    (Result.REFUSED, 1, SECOND, "parked"),
    (Result.REFUSED, 9, 30 * HOUR, "parked"),
]


def after(result, attempts=1, age=SECOND, retry_after=None):
    at = MONDAY + age
    sending = begun(replace(NOTICE, attempts=attempts - 1), at)
    return settled_by(sending, Attempt(result, "no luck", retry_after), at, shown=1)


@pytest.mark.parametrize(("result", "attempts", "age", "then"), OUTCOMES)
def test_an_attempt_leads_where_the_design_says(result, attempts, age, then):
    found = after(result, attempts, age)
    if then == MAIL:
        assert found is None
        return
    assert "no luck" in found.reason
    if then == "parked":
        assert (found.state, found.is_open) == (NoticeState.PARKED, False)
    else:
        assert found.state is NoticeState.PENDING
        assert then <= (found.due_at - MONDAY - age) / SECOND <= then * 1.25


def test_every_result_is_in_the_table():
    assert {row[0] for row in OUTCOMES} | {Result.DELIVERED} == set(Result)


def test_a_delivered_notice_keeps_where_its_card_stands_and_which_revision_it_shows():
    attempt = Attempt(Result.DELIVERED, "", None, "https://line.example", "a:1", "42")
    found = settled_by(begun(replace(NOTICE, reason="before"), MONDAY), attempt, MONDAY, shown=3)
    assert (found.state, found.way, found.shown, found.reason) == (NoticeState.DELIVERED, Way.TEAMS, 3, "")
    assert (found.service_url, found.conversation_id, found.activity_id) == ("https://line.example", "a:1", "42")


def test_a_notice_being_sent_comes_due_again_when_the_sender_dies():
    sending = begun(NOTICE, MONDAY)
    assert (sending.state, sending.attempts) == (NoticeState.SENDING, 1)
    assert sending.due_at == MONDAY + 90 * SECOND
    assert sending.is_open


def test_a_mailed_and_a_parked_notice_say_why():
    by_mail = mailed(begun(NOTICE, MONDAY), "has no Teams conversation")
    assert (by_mail.state, by_mail.way, by_mail.reason) == (
        NoticeState.DELIVERED,
        Way.MAIL,
        "has no Teams conversation",
    )
    assert parked(NOTICE, "nobody there").reason == "nobody there"


@pytest.mark.parametrize("way", [Way.TEAMS, Way.MAIL])
def test_a_notice_keeps_when_its_recipient_was_first_told(way):
    first = told(replace(NOTICE, way=way), MONDAY + SECOND)
    assert first.told_at == MONDAY + SECOND
    assert told(replace(first, way=Way.TEAMS), MONDAY + HOUR) == replace(first, way=Way.TEAMS)
    assert told(parked(NOTICE, "nobody there"), MONDAY).told_at is None


def test_what_waits_alike_does_not_come_due_at_once():
    due = set()
    for number in range(100):
        one = begun(replace(NOTICE, number=f"CONTOSO-{number:06d}"), MONDAY)
        due.add(settled_by(one, Attempt(Result.NOT_SENT, "no luck"), MONDAY, shown=1).due_at)
    assert len(due) > 90


@pytest.mark.parametrize(("age", "late"), [(5 * MINUTE - SECOND, False), (5 * MINUTE, True)])
def test_a_card_that_is_still_to_be_posted_is_late_after_five_minutes(age, late):
    found = after(Result.THROTTLED, 9, age)
    assert is_late(found, MONDAY + age) is late
    assert not is_late(replace(found, way=Way.MAIL), MONDAY + age)
    assert not is_late(parked(found, "nobody there"), MONDAY + age)


def test_what_went_by_mail_meanwhile_is_settled_by_that():
    found = parked(replace(after(Result.THROTTLED), way=Way.MAIL), "429")
    assert (found.state, found.way, found.reason) == (NoticeState.DELIVERED, Way.MAIL, "429")


@given(retry_after=st.floats(0, 100_000), attempts=st.integers(1, 2_000), age=st.integers(0, 86_399))
def test_the_wait_that_was_asked_for_is_never_undercut(retry_after, attempts, age):
    found = after(Result.THROTTLED, attempts, age * SECOND, retry_after)
    assert found.due_at - (MONDAY + age * SECOND) >= timedelta(seconds=max(1, retry_after))


RESULTS = st.lists(st.sampled_from(Result), min_size=1, max_size=40)


def story(results):
    """Send a notice with these results one after the other, each when it is due; return it and the results used."""
    notice, used = NOTICE, []
    for result in results:
        if notice is None or not notice.is_open:
            break
        at = notice.due_at
        used.append(result)
        notice = settled_by(begun(notice, at), Attempt(result, "no luck", 0), at, shown=1)
    return notice, used


def test_a_second_unknown_outcome_parks_the_notice_as_unknown():
    notice, _ = story([Result.AMBIGUOUS])
    assert (notice.is_open, notice.due_at) == (True, MONDAY + 30 * SECOND)
    notice, _ = story([Result.AMBIGUOUS, Result.NOT_SENT, Result.AMBIGUOUS])
    assert notice.state is NoticeState.PARKED
    assert "unknown whether it arrived" in notice.reason


@given(RESULTS)
def test_a_card_is_posted_at_most_twice_after_an_unknown_outcome(results):
    _, used = story(results)
    if Result.AMBIGUOUS in used:
        rest = used[used.index(Result.AMBIGUOUS) :]
        assert sum(result in {Result.AMBIGUOUS, Result.DELIVERED} for result in rest) <= 2


@given(RESULTS)
def test_a_notice_that_is_no_longer_open_says_what_became_of_it(results):
    notice, _ = story(results)
    assert notice is None or notice.is_open or notice.activity_id or notice.reason or notice.way is Way.TEAMS


@given(st.sampled_from([Result.NOT_SENT, Result.THROTTLED, Result.UNAUTHORIZED]))
def test_a_notice_is_not_tried_for_ever(result):
    notice, used = story([result] * 2_000)
    assert notice is None or notice.state is NoticeState.PARKED
    assert len(used) < 2_000


@pytest.mark.parametrize("first", [Result.NOT_SENT, Result.THROTTLED, Result.UNAUTHORIZED])
def test_an_attempt_that_was_surely_not_executed_does_not_use_up_the_second_post(first):
    notice, _ = story([first, Result.AMBIGUOUS])
    assert notice.is_open
    notice, _ = story([first, Result.AMBIGUOUS, Result.AMBIGUOUS])
    assert notice.state is NoticeState.PARKED
