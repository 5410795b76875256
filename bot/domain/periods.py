"""The period for which help was proposed (R:229): it ends by itself, and its people are told before; pure."""

from datetime import UTC, datetime, time, timedelta

from bot.domain.engagement import Engagement
from bot.domain.lifecycle import Action, EngagementStatus, Status
from bot.domain.request import SmeRequest
from bot.domain.working_time import Calendar, brought_forward

TOLD_BEFORE = timedelta(days=3)
"""How long before its end people are told that the period ends."""


def next_of_period(
    request: SmeRequest, engagement: Engagement | None, calendar: Calendar, now: datetime
) -> tuple[Action, datetime] | None:
    """Return what the clock does next about a period and when (UTC), by the days and hours of the FPM's calendar."""
    is_at_an_end = request.status is Status.ASSIGNED and request.stage is EngagementStatus.COMPLETED
    if engagement is None or engagement.last_day is None or is_at_an_end or not request.is_open:
        return None
    day_after = engagement.last_day + timedelta(days=1)
    over = datetime.combine(day_after, time(), calendar.zone).astimezone(UTC)
    if engagement.end_announced or now >= over:
        return Action.END, over
    return Action.ENDS_SOON, min(over, brought_forward(over - TOLD_BEFORE, calendar))
