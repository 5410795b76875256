"""`advance`, the one function that changes a status, and `begin`, which makes a request."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.domain.deeds import NOT_YOURS, Change, Deed, details_of, why_of
from bot.domain.effects import effect, stale
from bot.domain.engagement import PARTIES, Engagement, offer
from bot.domain.engaging import Doing, follow
from bot.domain.errors import Mistake, Refusal
from bot.domain.lifecycle import (
    OF_THE_CLOCK,
    OPEN,
    TRANSITIONS,
    Action,
    EngagementStatus,
    Status,
    Transition,
    transition,
)
from bot.domain.people import Person
from bot.domain.request import Event, SmeRequest
from bot.domain.rights import holds, parts_of


def _row_for(request: SmeRequest, deed: Deed, engagement: Engagement | None) -> Transition:
    """Return the row of the lifecycle by which the deed may be done now. Raises Refusal or Stale."""
    if not any(each.by & deed.relations for each in TRANSITIONS if each.action is deed.action):
        raise Refusal(NOT_YOURS)
    row = transition(deed.action, request.status, engagement.status if engagement else None)
    # First whether anybody may do it now, then whether this person may: each has an answer of its own.
    if row is None or not holds(row, request, engagement, deed.relations | row.by):
        raise stale(request)
    if not row.by & deed.relations:
        raise Refusal(NOT_YOURS)
    parts = parts_of(deed.relations, is_own=deed.by.email == request.requester)
    if not row.by & parts:
        raise Refusal("Nobody decides on a request of their own.")
    if not holds(row, request, engagement, parts):
        raise stale(request)
    return row


def _engagement_after(
    request: SmeRequest, deed: Deed, event: Event, now: Engagement | None, row: Transition
) -> Engagement | None:
    """Return the engagement that the deed leaves, None where there is none."""
    if deed.action is Action.ASSIGN:
        proposal = now.proposal if now else None
        return offer(request.number, request.engagements, request.sme, event.at, proposal)
    parties = parts_of(deed.relations, is_own=deed.by.email == request.requester).intersection(PARTIES)
    return follow(now, row, Doing(deed.action, deed.inputs, parties, event.why, event.at)) if now else None


def advance(request: SmeRequest, deed: Deed, at: datetime, engagement: Engagement | None = None) -> Change:
    """Apply a deed to a request at a time (UTC).

    `engagement` is the request's latest, if any. Raises Stale when the status does not allow the deed (anymore),
    Mistake when an input is missing or wrong, Refusal when the person may not do it.
    """
    row = _row_for(request, deed, engagement)
    event = Event(
        number=request.revision + 1,
        action=deed.action,
        by=deed.by.email,
        by_name=deed.by.name,
        at=at,
        why=why_of(deed, engagement),
        details=details_of(deed, request, engagement),
    )
    end = row.end or request.status
    effected = effect(request, deed, event, engagement)
    changed: dict[str, Any] = {"status": end, "revision": event.number, "last": event}
    is_news = effected.open_issues > request.open_issues
    if is_news or not _leaves_cards_as_they_are(deed.action, row):
        changed["last_deed"] = event.number
    if end is not request.status and end not in OPEN:
        changed |= {"open_issues": 0, "issues_by": ()}
    stands = _engagement_after(effected, deed, event, engagement, row)
    after = replace(effected, **changed, **_stage(stands, end))
    return Change(request, after, event, stands if stands != engagement else None)


def _leaves_cards_as_they_are(action: Action, row: Transition) -> bool:
    """Whether whatever others could press before can be pressed after it: they may agree at the same moment."""
    is_one_of_several = action is Action.AGREE and row.end is None
    return is_one_of_several or action in {Action.NOTE, Action.RATE, *OF_THE_CLOCK}


def at_stage_of(engagement: Engagement | None, request: SmeRequest) -> SmeRequest:
    """Return the request with what lists go by of its latest engagement."""
    return replace(request, **_stage(engagement, request.status))


def _stage(engagement: Engagement | None, status: Status) -> dict[str, Any]:
    if engagement is None:
        return {"stage": None, "to_agree": ()}
    is_at_work = engagement.status is EngagementStatus.ACTIVE and status is Status.ASSIGNED
    return {"stage": engagement.status, "to_agree": engagement.to_agree if is_at_work else ()}


def begin(draft: SmeRequest, by: Person) -> Change:
    """Return the first change of a request: its submission. The draft carries the event of it in `last`."""
    if draft.fpm == by.email:
        raise Mistake("You cannot be the FPM of your own request. Please choose another.")
    return Change(None, draft, draft.last)
