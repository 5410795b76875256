"""Promises as dates: what is due by when, from a request and the holder's calendar; pure."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.domain.engagement import Engagement
from bot.domain.lifecycle import EngagementStatus, Status
from bot.domain.request import SmeRequest

DAY_BEGINS = time(9)
DAY_ENDS = time(17)
BUSINESS_DAY = timedelta(hours=8)
DECISION = timedelta(hours=120)
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Calendar:
    """A person's working time: 09:00 to 17:00 in the zone, Monday to Friday, without the holidays."""

    zone: ZoneInfo
    holidays: frozenset[date] = frozenset()

    def hours_of(self, day: date) -> tuple[datetime, datetime] | None:
        """Return the day's working time in UTC, or None on a day off."""
        if day.weekday() >= _SATURDAY or day in self.holidays:
            return None
        begins = datetime.combine(day, DAY_BEGINS, self.zone).astimezone(UTC)
        return begins, datetime.combine(day, DAY_ENDS, self.zone).astimezone(UTC)


def add_working_time(start: datetime, amount: timedelta, calendar: Calendar) -> datetime:
    """Return the moment (UTC) when `amount` of working time has passed since `start`."""
    day = start.astimezone(calendar.zone).date()
    while True:
        hours = calendar.hours_of(day)
        if hours:
            begins, ends = max(hours[0], start), hours[1]
            if begins < ends:
                if amount <= ends - begins:
                    return begins + amount
                amount -= ends - begins
        day += timedelta(days=1)


class PromiseId(StrEnum):
    """The promises of process.md section 6 that have a date."""

    TRIAGE = "N4"
    DECISION = "N5"
    FIRST_CONTACT = "N7"
    ACCEPTANCE = "N8"


@dataclass(frozen=True, slots=True)
class Promise:
    """One promise of a request; `met_at` is None while it runs, `is_paused` while the requester has the request."""

    id: PromiseId
    due: datetime
    met_at: datetime | None = None
    is_paused: bool = False

    @property
    def was_kept(self) -> bool | None:
        return None if self.met_at is None else self.met_at <= self.due


def decision_due(request: SmeRequest) -> datetime:
    """Return when the request must be decided and assigned: five calendar days, not counting time while returned."""
    return request.decide_from + DECISION + request.paused


def promises_of(
    request: SmeRequest, engagement: Engagement | None, fpm: Calendar, sme: Calendar | None
) -> tuple[Promise, ...]:
    """Return the promises of a request in the order of their dates' meaning: triage, decision, acceptance, contact."""
    paused = request.status is Status.RETURNED
    triage = add_working_time(request.triage_from, BUSINESS_DAY, fpm)
    settled = request.last.at if request.status is Status.DENIED else request.assigned_at
    found = [
        Promise(PromiseId.TRIAGE, triage, request.triaged_at),
        Promise(PromiseId.DECISION, decision_due(request), settled, paused),
    ]
    if request.status is Status.WITHDRAWN:
        return tuple(promise for promise in found if promise.met_at)
    if engagement and sme and request.status is Status.ASSIGNED:
        offered = add_working_time(engagement.offered_at, BUSINESS_DAY, sme)
        found.append(Promise(PromiseId.ACCEPTANCE, offered, engagement.accepted_at))
        if engagement.accepted_at and engagement.status is EngagementStatus.ACTIVE:
            found.append(Promise(PromiseId.FIRST_CONTACT, add_working_time(engagement.accepted_at, BUSINESS_DAY, sme)))
    return tuple(found)
