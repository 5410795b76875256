"""Working time known minute by minute: a byte for each minute, 1 while somebody works, and four ways to read them."""

from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import compress, count, islice, pairwise

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
FIRST, LAST = datetime(2023, 10, 1, tzinfo=UTC), datetime(2033, 4, 1, tzinfo=UTC)
"""What is known of the zones; the decade that is tested, and the weeks around it."""
AROUND = 35 * DAY
DAY_OF_WORK = bytes(9 * 60) + b"\1" * 8 * 60 + bytes(7 * 60)
DAY_OFF = bytes(24 * 60)


def is_working(at, calendar):
    """Say of one minute what the contract says: 09:00 to 17:00, Monday to Friday, without the holidays."""
    local = at.astimezone(calendar.zone)
    return local.weekday() < 5 and local.date() not in calendar.holidays and 9 <= local.hour < 17


def offset_at(at, zone):
    return at.astimezone(zone).utcoffset()


@cache
def transitions(zone):
    """Find the minutes at which the zone's clocks are put forward or back: look every three hours, and then closer."""
    found = []
    looks = (FIRST + number * 3 * HOUR for number in range((LAST - FIRST) // (3 * HOUR) + 1))
    for before, after in pairwise(looks):
        if offset_at(before, zone) != offset_at(after, zone):
            minutes = (before + number * MINUTE for number in range(1, 181))
            found.append(next(at for at in minutes if offset_at(at, zone) != offset_at(before, zone)))
    return found


def _stretches(zone, since, until):
    """Yield the parts of a time between transitions, as beginning, end and the one offset that they have."""
    edges = [since, *(at for at in transitions(zone) if since < at < until), until]
    for begins, ends in pairwise(edges):
        yield begins, ends, offset_at(begins, zone)


class Minutes:
    """The minutes around a moment, and what working time means when each of them is looked at.

    Between two transitions the local clock runs evenly: there the bytes are those of whole local days, cut at both
    ends. That they agree with `is_working` is a test of its own.
    """

    def __init__(self, calendar, moment):
        self.since, until = moment - AROUND, moment + AROUND
        self.worked = b"".join(
            _of_local_days(calendar, begins + offset, ends + offset)
            for begins, ends, offset in _stretches(calendar.zone, self.since, until)
        )

    def __getitem__(self, at):
        return bool(self.worked[self._number(at)])

    def add(self, start, amount):
        """Return the end of the last minute that is needed, or for no amount the beginning of the next one worked."""
        first, needed = self._number(start), amount // MINUTE
        numbers = compress(count(first), self.worked[first:])
        return self._moment(next(islice(numbers, needed - 1, None)) + 1 if needed else next(numbers))

    def between(self, start, end):
        return self.worked.count(1, self._number(start), max(self._number(start), self._number(end))) * MINUTE

    def brought_forward(self, at):
        """Return `at` when its minute or the one before it is worked, else go 60 worked minutes back."""
        number = self._number(at)
        if self.worked[number] or self.worked[number - 1]:
            return at
        last = self.worked.rindex(1, 0, number)
        back = compress(count(last, -1), reversed(self.worked[: last + 1]))
        return self._moment(next(islice(back, 59, None)))

    def next_morning(self, after):
        """Return the first worked minute after that follows one that is not."""
        return self._moment(self.worked.index(b"\0\1", self._number(after)) + 1)

    def _number(self, at):
        number, rest = divmod(at - self.since, MINUTE)
        if rest or not 0 < number < len(self.worked):
            raise ValueError(at)
        return number

    def _moment(self, number):
        return self.since + number * MINUTE


def _of_local_days(calendar, begins, ends):
    """Return the minutes of a time on the local clock, which runs evenly in it."""
    midnight = begins.replace(hour=0, minute=0)
    days = (midnight + number * DAY for number in range((ends - midnight) // DAY + 1))
    whole = b"".join(
        DAY_OF_WORK if day.weekday() < 5 and day.date() not in calendar.holidays else DAY_OFF for day in days
    )
    return whole[(begins - midnight) // MINUTE : (ends - midnight) // MINUTE]
