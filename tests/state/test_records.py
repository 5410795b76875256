"""Domain values survive their rows with every field set, and each row says which shape it has."""

import json
from dataclasses import MISSING, fields, replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.domain.deeds import Change
from bot.domain.engagement import (
    Engagement,
    Kickoff,
    Mode,
    Note,
    NoteStatus,
    Proposal,
    Rating,
    Result,
)
from bot.domain.fields import FIELDS
from bot.domain.lifecycle import Action, EngagementStatus, Relation, Status, Topic
from bot.domain.notices import Notice, NoticeState, Way
from bot.domain.promises import PromiseId
from bot.domain.request import Earlier, Event, SmeRequest
from bot.domain.routing import Flag, Outcome, Verdict
from state import engagement_rows, records
from state.history import line_of
from state.table import Put, check_limits
from tests.domain.cast import STATES, engagement_in, request_in
from tests.state.older_rows import BEFORE_CLOCKS, BEFORE_KICKOFFS

NUMBER = "CONTOSO-7K3QXD"
HOSTILE = "Zażółć, \"a\";b\\c\n\t漢字 🙂 \u202e {x} 'y'"


def at(hours):
    return datetime(2026, 11, 23, 10, 0, 0, 123_456, tzinfo=UTC) + timedelta(hours=hours)


EVENT = Event(7, Action.RETURN, "lee@home.example", "Lee Park", at(5), HOSTILE, {"fields": "notes", "to": HOSTILE})
EARLIER = (
    Earlier("CONTOSO-4H7M2P", HOSTILE, Status.ASSIGNED, at(-480), is_duplicate=True),
    Earlier("CONTOSO-9C3QXA", "Tailspin Toys", Status.CLOSED, at(-4_800), is_duplicate=False),
)
REQUEST = SmeRequest(
    number=NUMBER,
    token="f0" * 16,
    partner="CONTOSO",
    requester="dana@contoso.example",
    requester_tenant="11111111-1111-4111-8111-111111111111",
    requester_object="11111111-aaaa-4aaa-8aaa-000000000001",
    answers={field.key: f"{field.key} {HOSTILE}" for field in FIELDS},
    verdict=Verdict(Outcome.ELIGIBLE, tuple(Flag), "core", "7", HOSTILE, "https://learn.example/guidance"),
    form_version="3",
    status=Status.RETURNED,
    revision=7,
    fpm="lee@home.example",
    submitted_at=at(0),
    triage_from=at(1),
    decide_from=at(2),
    last=EVENT,
    sme="kofi@home.example",
    triaged_at=at(3),
    assigned_at=at(4),
    returned_at=at(5),
    paused=timedelta(days=3, seconds=7, microseconds=250_000),
    backup_asked=True,
    returned_fields=("seat_count", "notes"),
    changed_fields=("topic",),
    engagements=2,
    earlier=EARLIER,
    open_issues=3,
    issues_by=("dana@contoso.example", "kofi@home.example"),
    triage_due=at(30),
    slipped=(PromiseId.TRIAGE, PromiseId.DECISION),
    last_deed=6,
    stage=EngagementStatus.COMPLETED,
    to_agree=(Relation.FPM, Relation.REQUESTER),
    proposed_by="ana@home.example",
)
KICKOFF = Kickoff(
    mode=Mode.WITH_CUSTOMER,
    expectations=HOSTILE,
    outcomes=HOSTILE,
    exit_criteria=("500 users call, out", "Handed; over", "漢字 🙂"),
    start=date(2026, 12, 1),
    end=date(2026, 12, 18),
    learners=("Carl O'Hara", "paula@contoso.example"),
)
NOTE = Note(NoteStatus.PENDING_FASTTRACK, HOSTILE, HOSTILE, date(2026, 12, 4), HOSTILE)
RESULT = Result(HOSTILE, (1, 3), HOSTILE, HOSTILE)
RATING = Rating(2, HOSTILE)
PROPOSAL = Proposal(date(2026, 12, 1), date(2026, 12, 22), HOSTILE)
ENGAGEMENT = Engagement(
    id=f"{NUMBER}.2",
    request=NUMBER,
    sme="kofi@home.example",
    status=EngagementStatus.COMPLETED,
    offered_at=at(4),
    accepted_at=at(6),
    ended_at=at(8),
    end_reason=HOSTILE,
    contacted_at=at(7),
    reply_due=at(28),
    contact_due=at(30),
    kickoff=KICKOFF,
    agreed=(Relation.SME, Relation.REQUESTER),
    note=NOTE,
    result=RESULT,
    rating=RATING,
    proposal=PROPOSAL,
    end_announced=True,
    agreed_end=date(2026, 12, 18),
)
NOTICE = Notice(
    number=NUMBER,
    revision=7,
    topic=Topic.QUESTION,
    recipient="lee@home.example",
    sentence=HOSTILE,
    created_at=at(0),
    due_at=at(1),
    sender="dana@contoso.example",
    state=NoticeState.SENDING,
    way=Way.MAIL,
    attempts=4,
    ambiguous=1,
    reason=HOSTILE,
    service_url="https://smba.trafficmanager.net/emea/",
    conversation_id="a:1",
    activity_id="f:2",
    shown=6,
    told=((Topic.ASSIGNMENT, "ana@home.example"), (Topic.NEWS, "dana@contoso.example")),
    listed=(NUMBER, "FABRIKAM-9C3QXA"),
    etag="W/7",
    told_at=at(2),
    trace="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
)
SAMPLES = [
    pytest.param(EVENT, records.event_row, records.event_of, id="event"),
    pytest.param(REQUEST, records.request_row, records.request_of, id="request"),
    pytest.param(ENGAGEMENT, engagement_rows.engagement_row, engagement_rows.engagement_of, id="engagement"),
    pytest.param(NOTICE, records.notice_row, lambda row: records.notice_of(row, NOTICE.etag), id="notice"),
]


@pytest.mark.parametrize(("value", "row_of", "value_of"), SAMPLES)
def test_every_field_of_a_value_comes_back(value, row_of, value_of):
    assert value_of(json.loads(json.dumps(row_of(value)))) == value


@pytest.mark.parametrize(
    "value", [EVENT, REQUEST, ENGAGEMENT, NOTICE, *EARLIER[:1], KICKOFF, NOTE, RESULT, RATING, PROPOSAL]
)
def test_the_samples_set_every_field(value):
    for field in fields(value):
        default = field.default if field.default_factory is MISSING else field.default_factory()
        assert getattr(value, field.name) != default, field.name


@pytest.mark.parametrize(("value", "row_of", "value_of"), SAMPLES)
def test_every_row_says_which_shape_it_has_and_keeps_the_limits_of_the_store(value, row_of, value_of):
    row = row_of(value)
    assert row["schema"] == records.SCHEMA
    check_limits("CONTOSO", [Put("key", row)])


@pytest.mark.parametrize("state", STATES)
def test_what_has_nothing_optional_comes_back_in_every_state(state):
    request, engagement = request_in(state), engagement_in(state)
    assert records.request_of(records.request_row(request)) == request
    if engagement:
        assert engagement_rows.engagement_of(engagement_rows.engagement_row(engagement)) == engagement


@pytest.mark.parametrize("status", list(EngagementStatus))
def test_an_engagement_that_has_only_begun_comes_back_without_columns_for_what_is_to_come(status):
    engagement = Engagement(f"{NUMBER}.1", NUMBER, "kofi@home.example", status, at(0))
    row = engagement_rows.engagement_row(engagement)
    assert engagement_rows.engagement_of(row) == engagement
    assert not [name for name in row if name.startswith(("kickoff_", "note_", "result_", "rating_", "proposal_"))]


BARE = {
    "kickoff": replace(KICKOFF, learners=()),
    "note": Note(NoteStatus.ON_TRACK, "All is well."),
    "result": Result("Done."),
    "rating": Rating(5),
}


@pytest.mark.parametrize("part", BARE)
def test_a_part_of_an_engagement_with_nothing_optional_comes_back(part):
    engagement = replace(ENGAGEMENT, **{part: BARE[part]})
    assert engagement_rows.engagement_of(engagement_rows.engagement_row(engagement)) == engagement


@pytest.mark.parametrize("part", ["kickoff", "note", "result", "rating", "proposal"])
def test_a_part_that_an_engagement_does_not_have_leaves_no_columns(part):
    engagement = replace(ENGAGEMENT, **{part: None})
    row = engagement_rows.engagement_row(engagement)
    assert engagement_rows.engagement_of(row) == engagement
    assert not [name for name in row if name.startswith(f"{part}_")]


def test_the_columns_of_peoples_own_words_are_those_that_hold_them():
    row = engagement_rows.engagement_row(ENGAGEMENT)
    listed = {"kickoff_exit_criteria", "kickoff_learners"}
    assert {name for name, value in row.items() if value == HOSTILE} | listed == set(engagement_rows.WRITTEN)


def without(row, unknown):
    return {name: cell for name, cell in row.items() if not name.startswith(unknown)}


CLOCKS = {
    "request": {"triage_due": None, "slipped": (), "last_deed": REQUEST.revision},
    "engagement": {"contacted_at": None, "reply_due": None, "contact_due": None},
}
KICKOFFS = {
    "request": {"stage": None, "to_agree": (), "proposed_by": ""},
    "engagement": {
        **dict.fromkeys(("kickoff", "note", "result", "rating", "proposal")),
        "agreed": (),
        "end_announced": False,
        "agreed_end": None,
    },
}
OLDER = [(BEFORE_KICKOFFS, KICKOFFS), (BEFORE_CLOCKS, {kind: CLOCKS[kind] | KICKOFFS[kind] for kind in CLOCKS})]


@pytest.mark.parametrize(("unknown", "lost"), OLDER, ids=["before kick-offs", "before clocks"])
def test_rows_of_older_versions_are_read_as_those_of_something_that_has_none_of_it(unknown, lost):
    request = without(records.request_row(REQUEST), unknown["request"])
    assert records.request_of(request) == replace(REQUEST, **lost["request"])
    engagement = without(engagement_rows.engagement_row(ENGAGEMENT), unknown["engagement"])
    assert engagement_rows.engagement_of(engagement) == replace(ENGAGEMENT, **lost["engagement"])


def test_a_notice_of_the_version_before_clocks_is_about_one_request():
    row = without(records.notice_row(NOTICE), ("listed",))
    assert records.notice_of(row, NOTICE.etag) == replace(NOTICE, listed=())


def test_a_notice_of_the_version_before_times_of_telling_does_not_say_when():
    row = without(records.notice_row(NOTICE), ("told_at",))
    assert records.notice_of(row, NOTICE.etag) == replace(NOTICE, told_at=None)


def test_a_notice_of_the_version_before_telemetry_belongs_to_no_trace():
    row = without(records.notice_row(NOTICE), ("trace",))
    assert records.notice_of(row, NOTICE.etag) == replace(NOTICE, trace="")


@pytest.mark.parametrize("outcome", list(Outcome))
def test_a_verdict_without_flags_comes_back(outcome):
    request = request_in("submitted", verdict=Verdict(outcome, (), "core", "1", "because"))
    assert records.request_of(records.request_row(request)).verdict == request.verdict


def test_times_are_kept_in_utc():
    zoned = datetime.fromisoformat("2026-11-23T12:00:00+02:00")
    row = records.request_row(request_in("submitted", submitted_at=zoned))
    assert row["submitted_at"] == "2026-11-23T10:00:00+00:00"
    assert records.request_of(row).submitted_at == zoned
    assert records.time_text(None) == ""


def test_a_request_with_the_longest_texts_fits_into_its_row():
    longest = {field.key: "漢" * 2_000 for field in FIELDS}
    last = Event(7, Action.DENY, "lee@home.example", "Lee", at(0), "🙂" * 2_000)
    row = records.request_row(request_in("denied", answers=longest, last=last, earlier=EARLIER * 20))
    check_limits("CONTOSO", [Put("key", row)])


def test_an_engagement_with_the_longest_texts_fits_into_its_row_and_into_a_line_of_history():
    longest = "🙂" * 1_000
    kickoff = replace(KICKOFF, expectations=longest, outcomes=longest, exit_criteria=("🙂" * 150,) * 10)
    engagement = replace(
        ENGAGEMENT,
        kickoff=replace(kickoff, learners=("🙂" * 100,) * 20),
        note=replace(NOTE, summary=longest, next_step=longest, concerns=longest),
        result=Result(longest * 2, (1,), longest * 2, longest * 2),
        rating=Rating(1, longest * 2),
        proposal=replace(PROPOSAL, outcomes=longest),
        end_reason=longest * 2,
    )
    check_limits("CONTOSO", [Put("key", engagement_rows.engagement_row(engagement))])
    request = replace(REQUEST, answers={field.key: "🙂" * 2_000 for field in FIELDS})
    check_limits("CONTOSO", [Put("key", line_of(None, Change(None, request, EVENT, engagement)))])
