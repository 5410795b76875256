"""What an action changes of a request itself; status, revision and event are set by whoever calls."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.deeds import Deed, changed_fields
from bot.domain.engagement import LOW_RATING, Engagement
from bot.domain.errors import Mistake, Stale
from bot.domain.lifecycle import Action, EngagementStatus, Relation, Status
from bot.domain.people import Person
from bot.domain.promises import WHEN_IT_SLIPS, PromiseId
from bot.domain.request import Event, SmeRequest, happened

_Effect = Callable[[SmeRequest, Deed, Event, Engagement | None], SmeRequest]


def stale(request: SmeRequest) -> Stale:
    """Return the refusal of what the request does not allow (any more)."""
    return Stale(f"This request is {request.status.value} now. {happened(request.last)}")


def effect(request: SmeRequest, deed: Deed, event: Event, engagement: Engagement | None) -> SmeRequest:
    """Return the request after a deed. Raises Mistake when what was chosen cannot be taken."""
    change = _EFFECTS.get(deed.action)
    return change(request, deed, event, engagement) if change else request


def _target(request: SmeRequest, deed: Deed) -> Person:
    if deed.target is None:
        raise Mistake("Please choose a person, or give an e-mail address from the directory.")
    if deed.target.email == request.requester:
        raise Mistake("The requester cannot take this part in their own request.")
    if deed.action is Action.DELEGATE and deed.target.email == request.fpm:
        raise Mistake("This FPM has the request already.")
    if deed.action is Action.ASSIGN and Relation.FPM in deed.target_relations:
        raise Mistake("The FPM of a request cannot be its SME.")
    return deed.target


def _delegated(request: SmeRequest, deed: Deed, _event: Event, _engagement: Engagement | None) -> SmeRequest:
    return replace(request, fpm=_target(request, deed).email)


def _triaged(request: SmeRequest, _deed: Deed, event: Event, _engagement: Engagement | None) -> SmeRequest:
    return replace(request, triaged_at=request.triaged_at or event.at)


def _returned(request: SmeRequest, _deed: Deed, event: Event, _engagement: Engagement | None) -> SmeRequest:
    fields = tuple(k for k in event.details["fields"].split(",") if k)
    triaged_at = request.triaged_at or event.at
    return replace(request, triaged_at=triaged_at, returned_at=event.at, returned_fields=fields)


def _assigned(request: SmeRequest, deed: Deed, event: Event, _engagement: Engagement | None) -> SmeRequest:
    count = request.engagements + 1
    fresh = replace(request, slipped=_without(request, PromiseId.ACCEPTANCE, PromiseId.FIRST_CONTACT))
    return replace(fresh, sme=_target(request, deed).email, assigned_at=event.at, engagements=count)


def _agreed(request: SmeRequest, _deed: Deed, event: Event, engagement: Engagement | None) -> SmeRequest:
    """Return a request after an agreement: on help that was proposed it asks the SME."""
    if request.status is Status.APPROVED and engagement:
        return replace(request, sme=engagement.sme, assigned_at=event.at)
    return request


def _left(request: SmeRequest, _deed: Deed, event: Event, engagement: Engagement | None) -> SmeRequest:
    """Return a request without its SME."""
    left = replace(request, sme="", assigned_at=None)
    # An SME who had begun kept the promise of the decision: finding another one is a new promise.
    is_new = engagement is not None and engagement.status is EngagementStatus.ACTIVE
    return _decided_anew(left, event.at) if is_new else left


def _reopened(request: SmeRequest, _deed: Deed, event: Event, _engagement: Engagement | None) -> SmeRequest:
    at = event.at
    fresh = replace(request, triage_from=at, decide_from=at, triaged_at=None, paused=timedelta(0), sme="")
    return replace(fresh, assigned_at=None, backup_asked=False, changed_fields=(), triage_due=None, slipped=())


def _with_issue(request: SmeRequest, deed: Deed, _event: Event, _engagement: Engagement | None) -> SmeRequest:
    reporters = tuple(dict.fromkeys((*request.issues_by, deed.by.email)))
    return replace(request, open_issues=request.open_issues + 1, issues_by=reporters)


def _answered(request: SmeRequest, _deed: Deed, _event: Event, _engagement: Engagement | None) -> SmeRequest:
    return replace(request, open_issues=0, issues_by=())


def _rated(request: SmeRequest, deed: Deed, event: Event, engagement: Engagement | None) -> SmeRequest:
    """Return a request after a rating; a low one waits for the FPM like an issue."""
    is_low = deed.inputs.get("rating", "") in {str(stars) for stars in range(1, LOW_RATING + 1)}
    return _with_issue(request, deed, event, engagement) if is_low else request


def _decided_anew(request: SmeRequest, at: datetime) -> SmeRequest:
    return replace(request, decide_from=at, paused=timedelta(0), slipped=_without(request, PromiseId.DECISION))


def _without(request: SmeRequest, *promises: PromiseId) -> tuple[str, ...]:
    return tuple(promise for promise in request.slipped if promise not in promises)


def _slipped(request: SmeRequest, deed: Deed, _event: Event, _engagement: Engagement | None) -> SmeRequest:
    """Return the request after a promise of it has slipped: told once, and the backup FPM may act from then on."""
    slipped = tuple(promise for promise, then in WHEN_IT_SLIPS.items() if then is deed.action)
    asks_the_backup = deed.action in {Action.ASK_BACKUP, Action.ESCALATE}
    backup_asked = request.backup_asked or asks_the_backup
    return replace(request, slipped=(*request.slipped, *slipped), backup_asked=backup_asked)


def _resubmitted(request: SmeRequest, deed: Deed, event: Event, _engagement: Engagement | None) -> SmeRequest:
    if deed.answers is None or deed.verdict is None or request.returned_at is None:
        raise stale(request)
    if deed.answers["partner_name"] != request.partner:
        raise Mistake("A returned request stays with its partner. Please begin a new request for another one.")
    if deed.answers["fpm"] == request.requester:
        raise Mistake("You cannot be the FPM of your own request. Please choose another.")
    return replace(
        request,
        answers=deed.answers,
        verdict=deed.verdict,
        earlier=deed.earlier,
        fpm=deed.answers["fpm"],
        triage_from=event.at,
        triage_due=None,
        triaged_at=None,
        slipped=_without(request, PromiseId.TRIAGE),
        paused=request.paused + (event.at - request.returned_at),
        returned_at=None,
        backup_asked=PromiseId.DECISION in request.slipped,
        changed_fields=changed_fields(request, deed.answers),
    )


_EFFECTS: Mapping[Action, _Effect] = {
    Action.DELEGATE: _delegated,
    Action.APPROVE: _triaged,
    Action.DENY: _triaged,
    Action.RETURN: _returned,
    Action.RESUBMIT: _resubmitted,
    Action.ASSIGN: _assigned,
    Action.AGREE: _agreed,
    Action.DECLINE: _left,
    Action.RELEASE: _left,
    Action.REOPEN: _reopened,
    Action.ISSUE: _with_issue,
    Action.ANSWER: _answered,
    Action.RATE: _rated,
    **dict.fromkeys(WHEN_IT_SLIPS.values(), _slipped),
}
