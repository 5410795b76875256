"""Leaves: an SME says when nobody should count on them, so that nothing is assigned to them meanwhile."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from bot.domain.dates import day_in
from bot.domain.errors import Refusal
from bot.domain.people import Leave, Person, Role
from bot.domain.ports import Clock, People

MOST_KEPT = 20
LONGEST = timedelta(days=366)
HOW = "Please type it like: leave from 2026-12-01 to 2026-12-05"
FOR_SMES = "Leaves are for SMEs. An FPM names a cover instead: type help."
NO_LEAVE = "There is no such leave any more."
_TYPED = re.compile(r"from (?P<first>.+?) to (?P<last>.+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class LeaveDesk:
    """What an SME can do about the own leaves."""

    people: People
    clock: Clock

    async def name(self, person: Person, typed: str) -> Leave:
        """Name a leave from what was typed: the first and the last day. Raises Refusal."""
        if not person.is_a(Role.SME):
            raise Refusal(FOR_SMES)
        found = _TYPED.fullmatch(typed)
        first, last = (day_in(found["first"]), day_in(found["last"])) if found else (None, None)
        if first is None or last is None:
            raise Refusal(HOW)
        if not first <= last <= first + LONGEST or not self._today(person) <= last <= self._today(person) + 2 * LONGEST:
            raise Refusal("A leave lasts from one day to a later one, a year at most, and is not over yet.")
        if len(await self.own(person)) >= MOST_KEPT:
            raise Refusal(f"You have named {MOST_KEPT} leaves. Please end one before you name another.")
        for each in await self.people.leaves():
            if each.email == person.email and each.last < self._today(person):
                await self.people.remove_leave(each)
        leave = Leave(person.email, first, last)
        await self.people.add_leave(leave)
        return leave

    async def own(self, person: Person) -> list[Leave]:
        """Return the leaves of this SME that are not over, by their first day."""
        leaves = [each for each in await self.people.leaves() if each.email == person.email]
        return sorted((each for each in leaves if each.last >= self._today(person)), key=lambda each: each.first)

    async def end(self, person: Person, first: str, last: str) -> Leave:
        """Take a leave back. Raises Refusal when there is none."""
        for each in await self.own(person):
            if (each.first.isoformat(), each.last.isoformat()) == (first, last):
                await self.people.remove_leave(each)
                return each
        raise Refusal(NO_LEAVE)

    def _today(self, person: Person) -> date:
        return self.clock().astimezone(ZoneInfo(person.time_zone)).date()
