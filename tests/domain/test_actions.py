"""What an action asks of its inputs, and what it changes beside the status."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.advance import advance, begin
from bot.domain.errors import Mistake, Refusal, Stale
from bot.domain.lifecycle import DONE_WORDS, Action, EngagementStatus
from bot.domain.people import Role
from bot.domain.request import Event, happened
from tests.domain.cast import (
    ANA,
    ANSWERS,
    BEA,
    ELIGIBLE,
    FRANK,
    INPUTS,
    MONDAY,
    NADIA,
    NOW,
    NUMBER,
    OLGA,
    RITA,
    SAM,
    SUE,
    deed_of,
    done,
    request_in,
)

DECIDED_IN = {
    Action.DENY: ("submitted", FRANK),
    Action.RETURN: ("submitted", FRANK),
    Action.DECLINE: ("offered", SAM),
    Action.RELEASE: ("offered", FRANK),
    Action.REOPEN: ("denied", FRANK),
    Action.ISSUE: ("approved", RITA),
    Action.ANSWER: ("approved", FRANK),
    Action.CLOSE: ("active", FRANK),
    Action.COMPLETE: ("active", SAM),
}
WORDS_OF = {
    Action.DENY: "deny_note",
    Action.RETURN: "return_note",
    Action.DECLINE: "decline_reason",
    Action.RELEASE: "release_reason",
    Action.REOPEN: "reopen_reason",
    Action.ISSUE: "issue_text",
    Action.ANSWER: "answer_text",
    Action.CLOSE: "close_reason",
    Action.COMPLETE: "summary",
}
REASON_REQUIRED = sorted(set(WORDS_OF) - {Action.DENY})


def tried(action, **inputs):
    state, person = DECIDED_IN[action]
    return done(action, person, state, request=request_in(state, open_issues=1), inputs=INPUTS | inputs)


@pytest.mark.parametrize("action", REASON_REQUIRED)
@pytest.mark.parametrize("nothing", ["", "   ", "\u200b\n"])
def test_an_action_that_needs_words_is_a_mistake_without_them(action, nothing):
    with pytest.raises(Mistake, match="lease "):
        tried(action, **{WORDS_OF[action]: nothing})


@pytest.mark.parametrize("action", sorted(WORDS_OF))
def test_words_are_kept_cleaned_in_the_history_and_may_be_2000_characters_long(action):
    assert tried(action, **{WORDS_OF[action]: " \u202eSo be it.\r\n"}).event.why == "So be it."
    assert len(tried(action, **{WORDS_OF[action]: "字" * 2000}).event.why) == 2000
    with pytest.raises(Mistake, match="2,000"):
        tried(action, **{WORDS_OF[action]: "字" * 2001})


@pytest.mark.parametrize(
    "reason",
    ["insufficient_information", "repeated_topic", "out_of_scope", "self_deploy", "not_eligible", "duplicate"],
)
def test_each_deny_reason_but_other_stands_without_words(reason):
    event = tried(Action.DENY, deny_reason=reason, deny_note="").event
    assert (event.details["reason"], event.why) == (reason, "")


def test_a_denial_for_another_reason_needs_words():
    with pytest.raises(Mistake):
        tried(Action.DENY, deny_reason="other", deny_note=" ")
    assert tried(Action.DENY, deny_reason="other", deny_note="Not now.").event.why == "Not now."


@pytest.mark.parametrize("reason", ["", "because", "OTHER"])
def test_a_denial_without_a_known_reason_is_a_mistake(reason):
    with pytest.raises(Mistake):
        tried(Action.DENY, deny_reason=reason)


def test_closing_needs_a_reason_only_while_the_engagement_is_active():
    assert done(Action.CLOSE, FRANK, "offered", inputs={}).event.why == ""
    with pytest.raises(Mistake):
        done(Action.CLOSE, FRANK, "active", inputs={})


@pytest.mark.parametrize(
    ("action", "state", "target", "sentence"),
    [
        (Action.DELEGATE, "submitted", None, "choose a person, or give an e-mail address"),
        (Action.DELEGATE, "submitted", replace(RITA, roles=frozenset({Role.FPM})), "requester cannot take this part"),
        (Action.DELEGATE, "submitted", FRANK, "has the request already"),
        (Action.ASSIGN, "approved", None, "choose a person, or give an e-mail address"),
        (Action.ASSIGN, "approved", replace(RITA, roles=frozenset({Role.SME})), "requester cannot take this part"),
        (Action.ASSIGN, "sent_back", replace(FRANK, roles=frozenset({Role.FPM, Role.SME})), "FPM of a request cannot"),
    ],
)
def test_requester_fpm_and_sme_are_different_people(action, state, target, sentence):
    with pytest.raises(Mistake, match=sentence):
        done(action, FRANK, state, target=target)


def test_a_backup_fpm_once_asked_cannot_become_the_sme():
    both = replace(BEA, roles=frozenset({Role.FPM, Role.SME}))
    with pytest.raises(Mistake):
        done(Action.ASSIGN, both, "approved", request=request_in("approved", backup_asked=True), target=both)


def test_a_fixed_request_cannot_ask_its_requester_to_decide():
    with pytest.raises(Refusal):
        done(Action.RESUBMIT, RITA, "returned", answers=ANSWERS | {"fpm": RITA.email})


def test_nobody_begins_a_request_that_they_would_decide():
    with pytest.raises(Mistake):
        begin(request_in("submitted", fpm=RITA.email), RITA)


def test_an_overtaken_action_is_answered_with_what_happened_by_whom_and_when():
    with pytest.raises(Stale) as stale:
        done(Action.WITHDRAW, RITA, "denied", request=request_in("denied", last=event(Action.DENY)))
    assert stale.value.sentence == "This request is denied now. Denied by Frank on 3 Nov 2026, 08:05 UTC."


def event(action):
    return Event(6, action, FRANK.email, "Frank", MONDAY.replace(day=3, hour=8, minute=5))


def test_there_are_words_for_every_action():
    assert {action for action in Action if happened(event(action))} == set(DONE_WORDS)


def test_a_return_names_the_fields_to_fix_in_the_forms_order_and_drops_unknown_ones():
    change = done(Action.RETURN, FRANK, "submitted", inputs=INPUTS | {"return_fields": "notes,region,nonsense,"})
    assert change.request.returned_fields == ("region", "notes")
    assert change.event.details == {"fields": "region,notes"}
    assert change.request.returned_at == NOW
    assert done(Action.RETURN, FRANK, "submitted", inputs={"return_note": "All."}).request.returned_fields == ()


@pytest.mark.parametrize("action", [Action.APPROVE, Action.DENY, Action.RETURN])
def test_the_first_decision_of_the_fpm_keeps_the_triage_promise_and_a_later_one_does_not_move_it(action):
    assert done(action, FRANK, "submitted").request.triaged_at == NOW
    before = request_in("submitted", triaged_at=MONDAY)
    assert done(action, FRANK, "submitted", request=before).request.triaged_at == MONDAY


def test_delegating_passes_the_decision_on_with_the_triage_promise_as_it_runs():
    before = request_in("submitted", backup_asked=True)
    change = done(Action.DELEGATE, FRANK, "submitted", request=before)
    assert (change.request.fpm, change.request.backup_asked) == (NADIA.email, True)
    assert change.event.details == {"to": NADIA.email, "to_name": "Nadia"}
    assert (change.request.triage_from, change.request.decide_from) == (MONDAY, MONDAY)
    assert change.request.triaged_at is None


def test_a_fixed_request_has_its_changes_marked_and_starts_the_triage_anew():
    before = request_in("returned", triaged_at=MONDAY, backup_asked=True, paused=timedelta(hours=1))
    answers = {k: v for k, v in ANSWERS.items() if k != "notes"} | {"region": "APJ", "exception_reason": "x" * 20}
    change = done(Action.RESUBMIT, RITA, "returned", request=before, answers=answers)
    after = change.request
    assert after.changed_fields == ("region", "exception_reason")
    assert change.event.details == {"changed": "region,exception_reason"}
    assert (after.triage_from, after.triaged_at, after.decide_from) == (NOW, None, MONDAY)
    assert (after.paused, after.returned_at, after.backup_asked) == (timedelta(hours=4), None, False)
    assert (after.answers, after.verdict) == (answers, ELIGIBLE)


@pytest.mark.parametrize(("asked", "changed"), [(NADIA, ()), (OLGA, ("fpm",)), (FRANK, ("fpm",))])
def test_a_fixed_request_goes_to_the_fpm_whom_the_form_names_and_a_delegation_is_no_change_of_the_form(asked, changed):
    delegated = request_in("returned", fpm=NADIA.email)
    answers = ANSWERS | {"fpm": asked.email}
    fixed = done(Action.RESUBMIT, RITA, "returned", request=delegated, answers=answers).request
    assert (fixed.fpm, fixed.changed_fields) == (asked.email, changed)


@pytest.mark.parametrize("missing", ["answers", "verdict"])
def test_a_resubmission_without_a_form_is_refused(missing):
    with pytest.raises(Refusal):
        done(Action.RESUBMIT, RITA, "returned", **{missing: None})


def test_an_assignment_offers_an_engagement_with_the_next_number():
    change = done(Action.ASSIGN, ANA, "approved", request=request_in("approved", engagements=1))
    assert (change.request.sme, change.request.assigned_at, change.request.engagements) == (SUE.email, NOW, 2)
    assert change.engagement.id == f"{NUMBER}.2"
    assert (change.engagement.sme, change.engagement.offered_at) == (SUE.email, NOW)


def test_an_acceptance_starts_the_engagement():
    change = done(Action.ACCEPT, SAM, "offered")
    assert (change.engagement.status, change.engagement.accepted_at) == (EngagementStatus.ACTIVE, NOW)
    assert change.event.details == {"sme": SAM.email}


@pytest.mark.parametrize(("action", "person"), [(Action.DECLINE, SAM), (Action.RELEASE, ANA)])
def test_an_sme_who_declines_or_is_released_leaves_the_request_to_be_assigned_again(action, person):
    change = done(action, person, "offered")
    assert (change.request.sme, change.request.assigned_at) == ("", None)
    assert (change.engagement.ended_at, change.engagement.end_reason) == (NOW, change.event.why)
    assert change.event.details == {"sme": SAM.email}


@pytest.mark.parametrize("state", ["denied", "closed"])
def test_reopening_starts_both_clocks_anew(state):
    before = request_in(state, triaged_at=MONDAY, paused=timedelta(hours=9), backup_asked=True)
    after = done(Action.REOPEN, FRANK, state, request=before).request
    assert (after.triage_from, after.decide_from, after.triaged_at, after.assigned_at) == (NOW, NOW, None, None)
    assert (after.paused, after.sme, after.backup_asked) == (timedelta(0), "", False)


ALL_SLIPPED = ("N4", "N5", "N7", "N8")


@pytest.mark.parametrize(
    ("action", "state", "person", "left"),
    [
        (Action.RESUBMIT, "returned", RITA, ("N5", "N7", "N8")),
        (Action.ASSIGN, "approved", ANA, ("N4", "N5")),
        (Action.DECLINE, "offered", SAM, ALL_SLIPPED),
        (Action.RELEASE, "offered", ANA, ALL_SLIPPED),
        (Action.RELEASE, "active", ANA, ("N4", "N7", "N8")),
        (Action.REOPEN, "closed", FRANK, ()),
        (Action.DELEGATE, "submitted", FRANK, ALL_SLIPPED),
        (Action.APPROVE, "submitted", FRANK, ALL_SLIPPED),
        (Action.CONTACTED, "active", SAM, ALL_SLIPPED),
    ],
)
def test_a_promise_that_begins_anew_has_not_slipped_and_the_others_have(action, state, person, left):
    before = request_in(state, slipped=ALL_SLIPPED, last_deed=3)
    after = done(action, person, state, request=before).request
    assert (after.slipped, after.last_deed) == (left, 7)


def test_a_release_of_an_sme_who_had_begun_starts_the_decision_anew_and_lets_the_triage_stand():
    before = request_in("active", paused=timedelta(hours=9), triaged_at=MONDAY, triage_due=MONDAY)
    after = done(Action.RELEASE, ANA, "active", request=before).request
    assert (after.decide_from, after.paused, after.assigned_at) == (NOW, timedelta(0), None)
    assert (after.triage_from, after.triaged_at, after.triage_due) == (MONDAY, MONDAY, MONDAY)


@pytest.mark.parametrize(("action", "person"), [(Action.DECLINE, SAM), (Action.RELEASE, ANA)])
def test_an_sme_who_had_not_begun_leaves_the_decision_as_it_runs(action, person):
    before = request_in("offered", paused=timedelta(hours=9))
    after = done(action, person, "offered", request=before).request
    assert (after.decide_from, after.paused) == (MONDAY, timedelta(hours=9))


@pytest.mark.parametrize(
    ("action", "state", "person", "left"),
    [
        (Action.RESUBMIT, "returned", RITA, None),
        (Action.REOPEN, "denied", FRANK, None),
        (Action.DELEGATE, "submitted", FRANK, MONDAY),
        (Action.RETURN, "submitted", FRANK, MONDAY),
    ],
)
def test_the_date_of_the_first_look_is_promised_anew_only_when_its_time_begins_anew(action, state, person, left):
    after = done(action, person, state, request=request_in(state, triage_due=MONDAY)).request
    assert after.triage_due == left


def test_the_first_contact_is_kept_with_its_time_and_cannot_be_made_twice():
    change = done(Action.CONTACTED, SAM, "active")
    assert (change.engagement.contacted_at, change.engagement.status) == (NOW, EngagementStatus.ACTIVE)
    assert (change.event.details, change.event.why) == ({"sme": SAM.email}, "")
    deed = deed_of(Action.CONTACTED, SAM, change.request)
    with pytest.raises(Stale):
        advance(change.request, deed, NOW, change.engagement)


def test_issues_are_counted_until_one_answer_settles_them():
    once = done(Action.ISSUE, RITA, "approved").request
    twice = done(Action.ISSUE, RITA, "approved", request=once).request
    assert (twice.open_issues, twice.revision) == (2, 8)
    assert done(Action.ANSWER, FRANK, "approved", request=twice).request.open_issues == 0


@pytest.mark.parametrize(
    ("action", "state", "person"),
    [
        (Action.WITHDRAW, "approved", RITA),
        (Action.DENY, "approved", FRANK),
        (Action.CLOSE, "offered", FRANK),
    ],
)
def test_a_request_that_ends_leaves_no_issue_that_nobody_can_answer(action, state, person):
    ended = done(action, person, state, request=request_in(state, open_issues=1)).request
    if ended.open_issues:
        answered = done(Action.ANSWER, FRANK, ended.status.value, request=ended).request
        assert answered.open_issues == 0
