"""Whether a row of the lifecycle holds: what counts beside the status of the request and who acts."""

from dataclasses import replace
from datetime import date

import pytest

from bot.domain.engagement import Kickoff, Mode, Proposal, Rating, Result
from bot.domain.lifecycle import Action, EngagementStatus, Relation, Status
from bot.domain.rights import allowed_rows
from tests.domain.cast import MONDAY, SAM, engagement_in, request_in

KICKOFF = Kickoff(Mode.WITH_PARTNER, "E", "O", ("Done",), date(2026, 11, 23), date(2026, 12, 11))
ENDED = replace(
    engagement_in("active"), status=EngagementStatus.COMPLETED, accepted_at=MONDAY, result=Result("It runs.")
)


def may(action, *relations, request, engagement=None, is_own=False):
    rows = allowed_rows(request, engagement, frozenset(relations), is_own=is_own)
    return action in {row.action for row in rows}


def test_nobody_decides_on_an_own_request_but_an_own_one_is_withdrawn():
    request = request_in("submitted")
    assert may(Action.APPROVE, Relation.FPM, request=request)
    assert not may(Action.APPROVE, Relation.FPM, request=request, is_own=True)
    assert may(Action.WITHDRAW, Relation.REQUESTER, request=request, is_own=True)


def test_there_is_nothing_to_answer_without_an_issue():
    for status in Status:
        request = replace(request_in("submitted"), status=status)
        answerable = status not in {Status.DENIED, Status.WITHDRAWN}
        assert not may(Action.ANSWER, Relation.FPM, request=request)
        assert may(Action.ANSWER, Relation.FPM, request=replace(request, open_issues=1)) is answerable


@pytest.mark.parametrize(
    ("action", "relation", "status"),
    [
        (Action.WITHDRAW, Relation.REQUESTER, Status.APPROVED),
        (Action.RETURN, Relation.FPM, Status.APPROVED),
        (Action.DENY, Relation.FPM, Status.APPROVED),
        (Action.REOPEN, Relation.FPM, Status.CLOSED),
        (Action.ESCALATE, Relation.CLOCK, Status.APPROVED),
    ],
)
def test_what_a_request_may_meet_with_proposed_help_may_not(action, relation, status):
    request = replace(request_in("approved"), status=status)
    assert may(action, relation, request=request)
    assert not may(action, relation, request=replace(request, proposed_by="frank@home.example"))


def test_an_sme_is_found_for_proposed_help_once_the_partner_has_agreed_and_it_is_closed_before():
    request = request_in("approved", proposed_by="frank@home.example")
    waiting = replace(engagement_in("offered"), status=EngagementStatus.PROPOSED)
    declined = replace(waiting, status=EngagementStatus.DECLINED)
    assert not may(Action.ASSIGN, Relation.FPM, request=request, engagement=waiting)
    assert may(Action.ASSIGN, Relation.FPM, request=request, engagement=declined)
    assert may(Action.CLOSE, Relation.FPM, request=request, engagement=waiting)
    assert not may(Action.CLOSE, Relation.FPM, request=request_in("approved"))
    assert may(Action.AGREE, Relation.REQUESTER, request=request, engagement=waiting, is_own=True)
    assert not may(Action.AGREE, Relation.REQUESTER, request=request, engagement=declined)


def test_first_contact_is_made_once():
    request, active = request_in("active"), engagement_in("active")
    assert may(Action.CONTACTED, Relation.SME, request=request, engagement=active)
    assert not may(Action.CONTACTED, Relation.SME, request=request, engagement=replace(active, contacted_at=MONDAY))
    assert not may(Action.CONTACTED, Relation.SME, request=request)


@pytest.mark.parametrize("party", [Relation.SME, Relation.FPM, Relation.REQUESTER])
def test_who_has_not_agreed_on_the_kick_off_may_agree(party):
    request, active = request_in("active"), engagement_in("active")
    others = tuple(each for each in (Relation.SME, Relation.FPM, Relation.REQUESTER) if each is not party)
    assert not may(Action.AGREE, party, request=request, engagement=active), "there is no kick-off"
    written = replace(active, kickoff=KICKOFF, agreed=others)
    assert may(Action.AGREE, party, request=request, engagement=written)
    assert not may(Action.AGREE, *others, request=request, engagement=written)
    assert not may(Action.AGREE, party, request=request, engagement=replace(written, agreed=(*others, party)))


def test_what_came_of_it_is_said_once_and_also_after_the_period_has_ended():
    request, active = request_in("active"), engagement_in("active")
    over = replace(active, status=EngagementStatus.COMPLETED)
    assert may(Action.COMPLETE, Relation.SME, request=request, engagement=active)
    assert may(Action.COMPLETE, Relation.SME, request=request, engagement=over)
    assert not may(Action.COMPLETE, Relation.SME, request=request, engagement=replace(over, result=Result("Done.")))
    assert not may(Action.COMPLETE, Relation.SME, request=request, engagement=engagement_in("offered"))


def test_after_the_close_only_help_that_the_clock_has_ended_still_gets_its_result():
    request = request_in("closed")
    ended = replace(ENDED, result=None, proposal=Proposal(MONDAY.date(), MONDAY.date(), "O"))
    assert may(Action.COMPLETE, Relation.SME, request=request, engagement=ended)
    for other in (
        replace(ended, proposal=None),
        replace(ended, end_reason="Stopped."),
        replace(ended, result=Result("D")),
    ):
        assert not may(Action.COMPLETE, Relation.SME, request=request, engagement=other)


@pytest.mark.parametrize("status", [Status.ASSIGNED, Status.CLOSED])
def test_help_that_has_ended_is_rated_once_if_there_was_any(status):
    request = request_in("active", status=status)
    assert may(Action.RATE, Relation.REQUESTER, request=request, engagement=ENDED)
    assert not may(Action.RATE, Relation.REQUESTER, request=request, engagement=replace(ENDED, accepted_at=None))
    assert not may(Action.RATE, Relation.REQUESTER, request=request, engagement=replace(ENDED, rating=Rating(3)))
    assert not may(Action.RATE, Relation.SME, Relation.FPM, request=request, engagement=ENDED)
    assert ENDED.sme == SAM.email
