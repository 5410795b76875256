"""The period for which help was proposed (R:229): it ends by itself, and its people are told before; pure."""

from datetime import UTC, datetime, time, timedelta

from bot.domain.engagement import Engagement
from bot.domain.lifecycle import Action, EngagementStatus
from bot.domain.working_time import Calendar, brought_forward

TOLD_BEFORE = timedelta(days=3)
"""How long before its end people are told that the period ends."""


def next_of_period(engagement: Engagement | None, calendar: Calendar) -> tuple[Action, datetime] | None:
    """Return what the clock does next about a period and when (UTC), by the days and hours of the FPM's calendar."""
    if engagement is None or engagement.status is EngagementStatus.COMPLETED or engagement.last_day is None:
        return None
    day_after = engagement.last_day + timedelta(days=1)
    over = datetime.combine(day_after, time(), calendar.zone).astimezone(UTC)
    if engagement.end_announced:
        # What nobody has agreed to or accepted has not begun: it is for people to close.
        return (Action.END, over) if engagement.status is EngagementStatus.ACTIVE else None
    return Action.ENDS_SOON, min(over, brought_forward(over - TOLD_BEFORE, calendar))
