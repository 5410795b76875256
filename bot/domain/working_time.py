"""Working time of a person: adding it, measuring it, and the moments it begins and ends; pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

DAY_BEGINS = time(9)
DAY_ENDS = time(17)
BUSINESS_DAY = timedelta(hours=8)
_SATURDAY = 5
_ONE_DAY = timedelta(days=1)
_LAST_HOUR = timedelta(hours=1)
_NONE = timedelta(0)


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
    start = start.astimezone(UTC)
    days = ((max(begins, start), ends) for begins, ends in _hours_from(start, calendar) if ends > start)
    begins, ends = next(days)
    while amount > ends - begins:
        amount -= ends - begins
        begins, ends = next(days)
    return begins + amount


def working_time_between(start: datetime, end: datetime, calendar: Calendar) -> timedelta:
    """Return how much working time lies from `start` up to `end`; none when `end` is not after `start`."""
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    days = takewhile(lambda hours: hours[0] < end, _hours_from(start, calendar))
    return sum((max(min(ends, end) - max(begins, start), _NONE) for begins, ends in days), _NONE)


def brought_forward(at: datetime, calendar: Calendar) -> datetime:
    """Return `at` (UTC) when it lies in working hours, their end included, else the last working hour's beginning."""
    at = at.astimezone(UTC)
    ends = next(ends for begins, ends in _hours_from(at, calendar, -_ONE_DAY) if begins <= at)
    return at if at <= ends else ends - _LAST_HOUR


def next_morning(after: datetime, calendar: Calendar) -> datetime:
    """Return when (UTC) the first working day begins that begins after `after`."""
    return next(begins for begins, _ in _hours_from(after, calendar) if begins > after)


def _hours_from(
    moment: datetime, calendar: Calendar, step: timedelta = _ONE_DAY
) -> Iterator[tuple[datetime, datetime]]:
    """Yield the working time of each working day, from the day of `moment` on or back.

    The next one always comes: holidays are a finite set, so it is at most as many days away as there are holidays,
    and the weekends among them.
    """
    day = moment.astimezone(calendar.zone).date()
    while True:
        if hours := calendar.hours_of(day):
            yield hours
        day += step
