"""Whether a row of the lifecycle holds for a request as it stands, beyond its status and who acts."""

from collections.abc import Callable, Mapping

from bot.domain.engagement import Engagement
from bot.domain.lifecycle import TRANSITIONS, Action, EngagementStatus, Relation, Status, Transition
from bot.domain.request import SmeRequest

Relations = frozenset[Relation]
_Fact = Callable[[SmeRequest, Engagement | None, Relations], bool]

_NOT_OF_PROPOSALS = frozenset(
    {Action.WITHDRAW, Action.RETURN, Action.RESUBMIT, Action.DENY, Action.DELEGATE, Action.REOPEN, Action.ESCALATE}
)
"""What a partner's request may meet with, and help that Microsoft has proposed may not."""


def holds(row: Transition, request: SmeRequest, engagement: Engagement | None, relations: Relations) -> bool:
    """Whether a row that starts in the request's status holds now, for somebody of these relations."""
    if row.when and (engagement is None or engagement.status not in row.when):
        return False
    if request.is_proactive and row.action in _NOT_OF_PROPOSALS:
        return False
    return all(fact(request, engagement, relations) for fact in _FACTS.get((row.action, request.status), ()))


def allowed_rows(
    request: SmeRequest, engagement: Engagement | None, relations: Relations, *, is_own: bool
) -> list[Transition]:
    """Return the rows that somebody may take now; `is_own` says that the request is theirs."""
    parts = parts_of(relations, is_own=is_own)
    return [
        row
        for row in TRANSITIONS
        if request.status in row.start and row.by & parts and holds(row, request, engagement, parts)
    ]


def parts_of(relations: Relations, *, is_own: bool) -> Relations:
    """Return as what somebody may act: on a request of their own as its requester, whatever else they are."""
    return relations & {Relation.REQUESTER} if is_own else relations


def _has_an_issue(request: SmeRequest, _engagement: Engagement | None, _relations: Relations) -> bool:
    return request.open_issues > 0


def _is_proactive(request: SmeRequest, _engagement: Engagement | None, _relations: Relations) -> bool:
    return request.is_proactive


def _is_agreed(request: SmeRequest, engagement: Engagement | None, _relations: Relations) -> bool:
    """Whether an SME may be asked: for help that was proposed, once the partner has agreed."""
    return not (request.is_proactive and engagement and engagement.status is EngagementStatus.PROPOSED)


def _is_first_contact(_request: SmeRequest, engagement: Engagement | None, _relations: Relations) -> bool:
    return engagement is not None and engagement.contacted_at is None


def _is_asked_to_agree(_request: SmeRequest, engagement: Engagement | None, relations: Relations) -> bool:
    return engagement is not None and not relations.isdisjoint(engagement.to_agree)


def _has_no_result(_request: SmeRequest, engagement: Engagement | None, _relations: Relations) -> bool:
    return engagement is not None and engagement.result is None


def _ended_by_the_clock(_request: SmeRequest, engagement: Engagement | None, _relations: Relations) -> bool:
    """Whether help that was proposed, and that an SME had begun, was not ended by a person with a reason."""
    if engagement is None or engagement.proposal is None or engagement.accepted_at is None:
        return False
    return not engagement.end_reason


def _is_to_be_rated(_request: SmeRequest, engagement: Engagement | None, _relations: Relations) -> bool:
    return engagement is not None and engagement.accepted_at is not None and engagement.rating is None


_FACTS: Mapping[tuple[Action, Status], tuple[_Fact, ...]] = {
    **dict.fromkeys(((Action.ANSWER, status) for status in Status), (_has_an_issue,)),
    (Action.ASSIGN, Status.APPROVED): (_is_agreed,),
    (Action.CLOSE, Status.APPROVED): (_is_proactive,),
    (Action.CONTACTED, Status.ASSIGNED): (_is_first_contact,),
    (Action.AGREE, Status.ASSIGNED): (_is_asked_to_agree,),
    (Action.COMPLETE, Status.ASSIGNED): (_has_no_result,),
    (Action.COMPLETE, Status.CLOSED): (_has_no_result, _ended_by_the_clock),
    (Action.RATE, Status.ASSIGNED): (_is_to_be_rated,),
    (Action.RATE, Status.CLOSED): (_is_to_be_rated,),
}
