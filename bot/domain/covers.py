"""Covers: an FPM names another who acts for them for some days (process.md section 6)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.domain.agenda import agenda_id
from bot.domain.dates import day_in
from bot.domain.errors import Refusal
from bot.domain.people import Cover, Person, Role
from bot.domain.ports import Clock, People, Requests

SOON = timedelta(seconds=5)
"""When the agendas are looked at after a cover has been named or ended; the turn is over by then."""
MOST = timedelta(days=366)
MOST_NAMED = 20
HOW = "Please type it like: cover mika.tanaka@fasttrack.example from 2026-12-01 to 2026-12-05"
NO_FPM = "The directory has no other FPM with this e-mail address."
NO_COVER = "There is no such cover any more."
_TYPED = re.compile(r"(?P<email>\S+) from (?P<first>.+?) to (?P<last>.+)", re.IGNORECASE)


def covered_by(covers: Iterable[Cover], email: str, at: datetime) -> frozenset[str]:
    """Return the FPMs for whom this person acts at a time."""
    return frozenset(each.fpm for each in covers if each.cover == email and each.is_active(at))


def covers_for(covers: Iterable[Cover], fpm: str, at: datetime) -> list[str]:
    """Return who acts for this FPM at a time."""
    return sorted({each.cover for each in covers if each.fpm == fpm and each.is_active(at)})


@dataclass(frozen=True, slots=True)
class CoverDesk:
    """What an FPM can do about covers."""

    people: People
    requests: Requests
    clock: Clock

    async def name(self, person: Person, typed: str) -> Cover:
        """Name a cover from what was typed: an address, and the first and the last day. Raises Refusal."""
        if not person.is_a(Role.FPM):
            raise Refusal("Only an FPM can name a cover.")
        found = _TYPED.fullmatch(typed)
        if found is None:
            raise Refusal(HOW)
        first, last = _day(found["first"]), _day(found["last"])
        zone, now = ZoneInfo(person.time_zone), self.clock()
        today = now.astimezone(zone).date()
        if not today <= last <= today + 2 * MOST or not first <= last <= first + MOST:
            raise Refusal("A cover lasts from one day to a later one, a year at most, and is not over yet.")
        cover = await self.people.by_email(found["email"].lower())
        if cover is None or not cover.is_a(Role.FPM) or cover.email == person.email:
            raise Refusal(NO_FPM)
        if sum(each.fpm == person.email for each in await self.own(person)) >= MOST_NAMED:
            raise Refusal(f"You have named {MOST_NAMED} covers. Please end one before you name another.")
        named = Cover(person.email, cover.email, _begins(first, zone), _begins(last + timedelta(days=1), zone))
        await self._look_at_both(named)
        await self.people.add_cover(named)
        return named

    async def _look_at_both(self, cover: Cover) -> None:
        """Have the agendas of both looked at when the cover begins and ends, and soon, as it is news."""
        for email in (cover.fpm, cover.cover):
            for at in {cover.starts, cover.ends, self.clock() + SOON}:
                await self.requests.look_at(agenda_id(email), at)

    async def own(self, person: Person) -> list[Cover]:
        """Return the covers that this FPM has named, and those in which they act for others, until they are over."""
        covers = await self.people.covers()
        theirs = [each for each in covers if person.email in {each.fpm, each.cover} and each.ends > self.clock()]
        return sorted(theirs, key=lambda each: (each.starts, each.fpm, each.cover))

    async def end(self, person: Person, cover: str, starts: str, ends: str) -> Cover:
        """End a cover that this FPM has named. Raises Refusal when there is none."""
        for each in await self.own(person):
            found = (each.cover, each.starts.isoformat(), each.ends.isoformat())
            if each.fpm == person.email and found == (cover, starts, ends):
                await self._look_at_both(each)
                await self.people.remove_cover(each)
                return each
        raise Refusal(NO_COVER)


def _day(text: str) -> date:
    if found := day_in(text):
        return found
    raise Refusal(HOW)


def _begins(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
