"""An engagement: one SME's work on one request, from the offer to its end."""

from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.lifecycle import Action, EngagementStatus


@dataclass(frozen=True, slots=True)
class Engagement:
    """One offer of a request to one SME. `id` is the request number with a running number, like CONTOSO-7K3QXD.1.

    `reply_due` and `contact_due` are the dates as they were promised.
    """

    id: str
    request: str
    sme: str
    status: EngagementStatus
    offered_at: datetime
    accepted_at: datetime | None = None
    ended_at: datetime | None = None
    end_reason: str = ""
    contacted_at: datetime | None = None
    reply_due: datetime | None = None
    contact_due: datetime | None = None


def offer(request: str, number: int, sme: str, at: datetime) -> Engagement:
    """Return the engagement that an assignment starts."""
    return Engagement(f"{request}.{number}", request, sme, EngagementStatus.OFFERED, at)


def follow(engagement: Engagement, action: Action, why: str, at: datetime) -> Engagement:
    """Return the engagement after an action on its request; one that does not touch it changes nothing."""
    match action:
        case Action.ACCEPT:
            return replace(engagement, status=EngagementStatus.ACTIVE, accepted_at=at)
        case Action.CONTACTED:
            return replace(engagement, contacted_at=at)
        case Action.DECLINE:
            return replace(engagement, status=EngagementStatus.DECLINED, ended_at=at, end_reason=why)
        case Action.RELEASE | Action.CLOSE:
            return replace(engagement, status=EngagementStatus.COMPLETED, ended_at=at, end_reason=why)
    return engagement
