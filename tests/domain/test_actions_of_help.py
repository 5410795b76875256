"""What an action that follows the assignment changes of the request, beside the engagement itself."""

from dataclasses import replace

import pytest

from bot.domain.advance import advance
from bot.domain.deeds import Deed
from bot.domain.engagement import PARTIES
from bot.domain.errors import Mistake, Stale
from bot.domain.lifecycle import Action, EngagementStatus, Relation, Status
from bot.domain.people import CLOCK
from bot.domain.request import happened
from tests.domain.cast import (
    ANA,
    CARL,
    FRANK,
    INPUTS,
    KICKOFF,
    MONDAY,
    NOW,
    NUMBER,
    PROPOSAL,
    RATING,
    RESULT,
    RITA,
    SAM,
    SUE,
    deed_of,
    done,
    engagement_in,
    request_in,
)

_SME, _FPM, _REQUESTER = PARTIES
AGREED = engagement_in("active", kickoff=KICKOFF, agreed=PARTIES)
WRITTEN = replace(AGREED, agreed=(_SME,))
OF_PROPOSAL = {"proposed_by": FRANK.email}


def asked(*missing, **changes):
    """Return Rita's request while Sam helps, with whose agreement on the kick-off is missing; cards stand at 3."""
    return request_in("active", to_agree=missing, last_deed=3, **changes)


def by_the_clock(action, request, engagement):
    return advance(request, Deed(action, CLOCK, frozenset({Relation.CLOCK})), NOW, engagement)


def test_a_kick_off_asks_fpm_and_partner_anew_and_no_older_card_agrees_to_it():
    change = done(
        Action.KICKOFF, SAM, "active", request=asked(), engagement=AGREED, inputs=INPUTS | {"mode": "with_customer"}
    )
    assert (change.request.to_agree, change.request.last_deed) == ((_FPM, _REQUESTER), 7)
    assert change.engagement.agreed == (_SME,)
    assert (change.event.details, change.event.why) == ({"sme": SAM.email}, "")


@pytest.mark.parametrize(("person", "left"), [(FRANK, (_REQUESTER,)), (RITA, (_FPM,)), (CARL, (_FPM,))])
def test_an_agreement_is_missing_no_more_and_leaves_the_cards_of_the_others(person, left):
    change = done(Action.AGREE, person, "active", request=asked(_FPM, _REQUESTER), engagement=WRITTEN)
    assert (change.request.to_agree, change.request.last_deed) == (left, 3)
    assert change.event.details == {"on": "kick-off"}
    assert happened(change.event).startswith(f"Agreed on the kick-off by {person.name} on ")
    with pytest.raises(Stale):
        advance(change.request, deed_of(Action.AGREE, person, change.request), NOW, change.engagement)


def test_the_partner_names_who_learns_by_agreeing_and_the_fpm_does_not():
    by_partner = done(Action.AGREE, CARL, "active", request=asked(_FPM, _REQUESTER), engagement=WRITTEN)
    assert by_partner.engagement.kickoff == replace(KICKOFF, learners=("Carl", "paula@contoso.example"))
    by_fpm = done(Action.AGREE, FRANK, "active", request=asked(_FPM, _REQUESTER), engagement=WRITTEN)
    assert by_fpm.engagement.kickoff == KICKOFF


def test_a_note_asks_nobody_and_stands_in_the_history_as_it_was_typed_but_for_what_hides():
    typed = INPUTS | {"note_next": " \u202eTrain the helpdesk\u200b ", "note_concerns": "\u200b "}
    change = done(Action.NOTE, SAM, "active", request=asked(_FPM, _REQUESTER), engagement=WRITTEN, inputs=typed)
    assert change.request == replace(asked(_FPM, _REQUESTER), revision=7, last=change.event)
    assert change.event.why == "Numbers are ported."
    said = {"note_status": "on_track", "note_next": "Train the helpdesk", "note_next_date": "2026-11-30"}
    assert change.event.details == said


def test_the_end_asks_for_no_agreement_any_more_and_lets_an_issue_wait():
    before = asked(_FPM, _REQUESTER, open_issues=1, issues_by=(RITA.email,))
    change = done(Action.COMPLETE, SAM, "active", request=before, engagement=WRITTEN)
    after = change.request
    assert (after.status, after.stage, after.to_agree) == (Status.ASSIGNED, EngagementStatus.COMPLETED, ())
    assert (after.sme, after.open_issues, after.last_deed) == (SAM.email, 1, 7)
    assert change.event.why == change.engagement.result.summary == "Calling runs."


def test_criteria_that_are_not_met_are_waived_with_a_reason():
    some = INPUTS | {"met": "2", "waive_reason": ""}
    with pytest.raises(Mistake, match="why they are waived"):
        done(Action.COMPLETE, SAM, "active", request=asked(), engagement=AGREED, inputs=some)
    waived = done(
        Action.COMPLETE, SAM, "active", request=asked(), engagement=AGREED, inputs=some | {"waive_reason": "No."}
    )
    assert (waived.engagement.result.met, waived.engagement.result.waive_reason) == ((2,), "No.")
    met = done(Action.COMPLETE, SAM, "active", request=asked(), engagement=AGREED)
    assert met.engagement.result == RESULT, "nothing is waived"


def test_a_kick_off_on_which_not_all_have_agreed_is_waived_with_a_reason_even_where_all_is_met():
    for missing in ((_FPM,), (_REQUESTER,), (_FPM, _REQUESTER)):
        before = asked(*missing)
        engagement = replace(WRITTEN, agreed=tuple(party for party in PARTIES if party not in missing))
        inputs = INPUTS | {"waive_reason": " "}
        with pytest.raises(Mistake, match="Not everybody has agreed"):
            done(Action.COMPLETE, SAM, "active", request=before, engagement=engagement, inputs=inputs)
        result = done(Action.COMPLETE, SAM, "active", request=before, engagement=engagement).engagement.result
        assert (result.met, result.waive_reason) == ((1, 2), "The customer is content.")


def test_the_summary_of_help_that_the_clock_ended_is_written_even_after_the_close_but_not_of_help_that_the_fpm_ended():
    over = engagement_in("closed", proposal=PROPOSAL)
    change = done(Action.COMPLETE, SAM, "closed", request=request_in("closed", **OF_PROPOSAL), engagement=over)
    assert (change.request.status, change.engagement.result.summary) == (Status.CLOSED, "Calling runs.")
    assert change.engagement.ended_at == MONDAY
    for engagement in (replace(over, end_reason="Enough."), replace(over, proposal=None), change.engagement):
        with pytest.raises(Stale):
            done(Action.COMPLETE, SAM, "closed", request=request_in("closed", **OF_PROPOSAL), engagement=engagement)


@pytest.mark.parametrize("state", ["completed", "closed"])
@pytest.mark.parametrize("stars", [1, 2])
def test_a_low_rating_waits_for_the_fpm_like_an_issue_and_is_answered_even_after_the_close(state, stars):
    rated = done(Action.RATE, RITA, state, inputs=INPUTS | {"rating": str(stars)})
    assert (rated.request.open_issues, rated.request.issues_by, rated.request.last_deed) == (1, (RITA.email,), 7)
    assert (rated.engagement.rating.stars, rated.request.status) == (stars, request_in(state).status)
    answer = deed_of(Action.ANSWER, FRANK, rated.request)
    answered = advance(rated.request, answer, NOW, rated.engagement).request
    assert (answered.open_issues, answered.issues_by, answered.status) == (0, (), rated.request.status)


@pytest.mark.parametrize("stars", [3, 4, 5])
def test_another_rating_waits_for_nobody_and_leaves_the_cards_of_the_others(stars):
    before = request_in("completed", last_deed=3)
    rated = done(Action.RATE, CARL, "completed", request=before, inputs=INPUTS | {"rating": str(stars)})
    assert rated.request == replace(before, revision=7, last=rated.event)
    with pytest.raises(Stale):
        advance(rated.request, deed_of(Action.RATE, RITA, rated.request), NOW, rated.engagement)


def test_the_clock_ends_a_period_without_a_result_and_the_sme_says_later_once_what_came_of_it():
    before, engagement = asked(_FPM, _REQUESTER, **OF_PROPOSAL), replace(WRITTEN, proposal=PROPOSAL)
    over = by_the_clock(Action.END, before, engagement)
    assert (over.engagement.status, over.engagement.result) == (EngagementStatus.COMPLETED, None)
    assert (over.request.stage, over.request.to_agree) == (EngagementStatus.COMPLETED, ())
    assert (over.request.status, over.request.last_deed) == (Status.ASSIGNED, 3)
    told = advance(
        over.request, deed_of(Action.COMPLETE, SAM, over.request), NOW, replace(over.engagement, ended_at=MONDAY)
    )
    waived = replace(RESULT, waive_reason="The customer is content.")
    assert (told.engagement.result, told.engagement.ended_at) == (waived, MONDAY)
    with pytest.raises(Stale):
        advance(told.request, deed_of(Action.COMPLETE, SAM, told.request), NOW, told.engagement)


def test_the_clock_says_that_a_period_ends_soon_and_nothing_else_changes():
    before, engagement = asked(_FPM, _REQUESTER, **OF_PROPOSAL), replace(WRITTEN, proposal=PROPOSAL)
    soon = by_the_clock(Action.ENDS_SOON, before, engagement)
    assert soon.engagement == replace(engagement, end_announced=True)
    assert soon.request == replace(before, revision=7, last=soon.event)


def test_a_close_after_the_end_needs_no_reason_and_keeps_what_was_said_of_the_help():
    helped = engagement_in("completed", result=RESULT, rating=RATING, contacted_at=MONDAY)
    change = done(Action.CLOSE, FRANK, "completed", engagement=helped, inputs={})
    assert (change.request.status, change.request.sme, change.engagement) == (Status.CLOSED, SAM.email, None)
    early = done(Action.CLOSE, FRANK, "active", request=asked(_FPM, _REQUESTER), engagement=WRITTEN).engagement
    assert (early.kickoff, early.result, early.ended_at) == (KICKOFF, None, NOW)
    assert early.end_reason == "The customer stopped."


def test_a_close_needs_a_reason_while_help_goes_on_and_where_nobody_has_said_what_came_of_it():
    with pytest.raises(Mistake, match="still active"):
        done(Action.CLOSE, FRANK, "active", inputs={})
    with pytest.raises(Mistake, match="what came of the help"):
        done(Action.CLOSE, FRANK, "completed", inputs={})
    released = engagement_in("sent_back", accepted_at=MONDAY, proposal=PROPOSAL, end_reason="Ill.")
    with pytest.raises(Mistake, match="what came of the help"):
        done(
            Action.CLOSE, FRANK, "sent_back", request=request_in("sent_back", **OF_PROPOSAL), engagement=released,
            inputs={},
        )  # fmt: skip
    assert done(Action.CLOSE, FRANK, "offered", inputs={}).request.status is Status.CLOSED


def test_an_agreement_and_an_answer_say_what_they_are_about():
    agreed = done(Action.AGREE, FRANK, "active", request=asked(_FPM, _REQUESTER), engagement=WRITTEN)
    assert agreed.event.details == {"on": "kick-off"}
    for stars, about in ((2, {"about": "rating"}), (3, {})):
        rated = engagement_in("completed", rating=replace(RATING, stars=stars))
        request = request_in("completed", open_issues=1, issues_by=(RITA.email,))
        assert done(Action.ANSWER, FRANK, "completed", request=request, engagement=rated).event.details == about


def test_the_partners_agreement_has_the_sme_asked_whom_the_proposal_names():
    before = request_in("proposed", last_deed=3, engagements=1)
    change = done(Action.AGREE, CARL, "proposed", request=before)
    after = change.request
    assert (after.sme, after.assigned_at, after.stage) == (SAM.email, NOW, EngagementStatus.OFFERED)
    assert (after.engagements, after.last_deed, after.to_agree) == (1, 7, ())
    assert (change.engagement.id, change.engagement.offered_at) == (f"{NUMBER}.1", NOW)
    assert change.event.details == {"on": "help", "sme": SAM.email}


def test_a_proposal_that_the_partner_declines_is_withdrawn_with_the_reason_and_no_issue_left():
    before = request_in("proposed", open_issues=1, issues_by=(RITA.email,))
    with pytest.raises(Mistake, match="in a few words why"):
        done(Action.DECLINE, RITA, "proposed", request=before, inputs={})
    change = done(Action.DECLINE, RITA, "proposed", request=before)
    assert (change.request.status, change.request.sme, change.request.open_issues) == (Status.WITHDRAWN, "", 0)
    assert (change.engagement.status, change.engagement.end_reason) == (EngagementStatus.DECLINED, "On leave.")


@pytest.mark.parametrize(
    ("action", "state", "person"), [(Action.DECLINE, "offered", SAM), (Action.RELEASE, "active", ANA)]
)
def test_proposed_help_goes_to_another_sme_for_the_same_period(action, state, person):
    engagement = engagement_in(state, proposal=PROPOSAL)
    back = done(action, person, state, request=request_in(state, **OF_PROPOSAL), engagement=engagement)
    assert (back.request.status, back.request.sme, back.request.proposed_by) == (Status.APPROVED, "", FRANK.email)
    again = advance(back.request, deed_of(Action.ASSIGN, FRANK, back.request), NOW, back.engagement)
    assert (again.engagement.sme, again.engagement.proposal) == (SUE.email, PROPOSAL)
    assert again.engagement.status is again.request.stage is EngagementStatus.OFFERED


def test_another_engagement_begins_with_nothing_of_the_one_before():
    closed = engagement_in("closed", kickoff=KICKOFF, agreed=PARTIES, result=RESULT, rating=RATING)
    request = done(Action.REOPEN, FRANK, "closed", engagement=closed).request
    request = advance(request, deed_of(Action.APPROVE, FRANK, request), NOW, closed).request
    change = advance(request, deed_of(Action.ASSIGN, ANA, request), NOW, closed)
    assert change.engagement == engagement_in("offered", id=f"{NUMBER}.2", sme=SUE.email, offered_at=NOW)


def test_an_issue_of_the_fpm_waits_with_those_of_the_others():
    once = done(Action.ISSUE, FRANK, "completed").request
    assert (once.open_issues, once.issues_by) == (1, (FRANK.email,))
    twice = advance(once, deed_of(Action.ISSUE, SAM, once), NOW, engagement_in("completed")).request
    assert (twice.open_issues, twice.issues_by) == (2, (FRANK.email, SAM.email))
