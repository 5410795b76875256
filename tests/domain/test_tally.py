"""Counts: what one request adds to them, and that they are taken off again without a trace."""

from dataclasses import replace
from datetime import timedelta

from bot.domain.digest import Digest
from bot.domain.lifecycle import Status
from bot.domain.tally import added, counts_of, group_of, merged, open_of
from tests.domain.cast import MONDAY, NUMBER

PLAIN = Digest(NUMBER, "CONTOSO", "EMEA", "TEAMS", "coaching", "en", Status.SUBMITTED, 1, MONDAY, MONDAY)
NEW = {"requests": 1, "status:submitted": 1, "topic:coaching": 1, "language:en": 1}
EVERYTHING = replace(
    PLAIN,
    status=Status.CLOSED,
    is_repeat=True,
    is_duplicate=True,
    outcome="approved",
    returns=2,
    asked_for=("notes", "seat_count", "notes"),
    kept={"N4": 2, "N1": 1},
    broken={"N4": 1, "N8": 1},
    ended_at=MONDAY + timedelta(hours=50, minutes=40),
    declines=1,
    issues=3,
    stars=(5, 4, 5),
    learners=2,
)


def test_a_new_request_counts_as_one_of_its_status_topic_and_language():
    assert counts_of(PLAIN) == NEW
    assert group_of(PLAIN) == ("EMEA", "TEAMS")


def test_help_that_was_proposed_is_no_request():
    found = counts_of(replace(PLAIN, is_proactive=True, language="", status=Status.ASSIGNED))
    assert found == {"proactive": 1, "status:assigned": 1, "topic:coaching": 1}


def test_everything_that_happened_is_counted():
    assert counts_of(EVERYTHING) == {
        "requests": 1, "status:closed": 1, "topic:coaching": 1, "language:en": 1, "approved": 1,
        "returned": 1, "returns": 2, "asked:notes": 2, "asked:seat_count": 1, "repeats": 1, "duplicates": 1,
        "kept:N4": 2, "kept:N1": 1, "broken:N4": 1, "broken:N8": 1, "declines": 1, "issues": 3, "learners": 2,
        "ratings": 3, "stars": 14, "stars:5": 2, "stars:4": 1, "closed": 1, "hours": 51,
    }  # fmt: skip


def test_a_denial_counts_with_its_reason():
    denied = replace(PLAIN, status=Status.DENIED, outcome="denied", deny_reason="duplicate", ended_at=MONDAY)
    assert counts_of(denied) == {
        "requests": 1, "status:denied": 1, "topic:coaching": 1, "language:en": 1, "denied": 1, "denied:duplicate": 1,
    }  # fmt: skip


def test_only_what_was_closed_has_a_time_to_close():
    ended = {"ended_at": MONDAY + timedelta(days=1)}
    for status in (Status.DENIED, Status.WITHDRAWN):
        assert not {"closed", "hours"} & counts_of(replace(PLAIN, status=status, **ended)).keys()
    at_once = counts_of(replace(PLAIN, status=Status.CLOSED, ended_at=MONDAY))
    assert (at_once["closed"], at_once.get("hours", 0)) == (1, 0)


def test_counts_are_added_and_taken_off_group_by_group():
    group, other = ("EMEA", "TEAMS"), ("AMER", "INTUNE")
    cube = added(added({}, group, {"requests": 1, "returns": 2}), other, {"requests": 1})
    assert cube == {group: {"requests": 1, "returns": 2}, other: {"requests": 1}}
    cube = added(cube, group, {"requests": 1})
    assert cube[group] == {"requests": 2, "returns": 2}
    cube = added(cube, group, {"returns": 2}, -1)
    assert cube == {group: {"requests": 2}, other: {"requests": 1}}
    assert added(cube, group, {"requests": 2}, -1) == {other: {"requests": 1}}
    assert added({}, group, {}) == {}


def test_a_sum_of_counts_leaves_its_parts_as_they_were():
    parts = [{"requests": 1}, {"requests": 2, "issues": 1}]
    assert merged(parts) == {"requests": 3, "issues": 1}
    assert parts == [{"requests": 1}, {"requests": 2, "issues": 1}]
    assert merged([]) == {}


def test_open_are_those_in_the_four_open_statuses():
    counts = {f"status:{status}": 10**place for place, status in enumerate(Status)}
    of = {status: 10**place for place, status in enumerate(Status)}
    assert open_of(counts) == sum(
        of[status] for status in (Status.SUBMITTED, Status.RETURNED, Status.APPROVED, Status.ASSIGNED)
    )
    assert open_of({}) == 0
