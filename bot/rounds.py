"""Everything that looking at a request or a person means: first what the clock asks for, then the telling."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from bot.courier import Courier
from bot.domain.agenda import agenda_id, person_in
from bot.domain.agenda_desk import AgendaDesk
from bot.domain.ports import Clock, Lists, People, Requests
from bot.domain.timekeeper import Timekeeper
from bot.telemetry import OFF, Telemetry

SWEEP = "sweep"
"""Under this name a look at everything that is open is planned."""
_SWEPT_AT = time(3)
_APART = timedelta(milliseconds=100)


@dataclass(frozen=True, slots=True)
class Rounds:
    """What the worker runs for a due row."""

    timekeeper: Timekeeper
    agendas: AgendaDesk
    courier: Courier
    requests: Requests
    lists: Lists
    people: People
    clock: Clock
    telemetry: Telemetry = OFF

    async def look(self, number: str) -> datetime | None:
        """Do what is due for a request, an admission or a person; return when to look again."""
        if number == SWEEP:
            return await self.sweep()
        moments: list[datetime | None] = []
        try:
            if not person_in(number):
                await self.people.refresh()
            with self.telemetry.clock():
                moments.append(await self._kept(number))
        finally:
            # What is to be told does not wait for a clock that cannot be kept.
            moments.append(await self.courier.settle(number))
        return min((moment for moment in moments if moment), default=None)

    async def _kept(self, number: str) -> datetime | None:
        """Do what the clock asks for."""
        email = person_in(number)
        return await (self.agendas.look(email) if email else self.timekeeper.look(number))

    async def plan_sweep(self) -> None:
        """Have everything that is open looked at soon; many instances that start in one hour plan the same look."""
        await self.requests.look_at(SWEEP, self.clock().replace(minute=0, second=0, microsecond=0) + timedelta(hours=1))

    async def sweep(self) -> datetime:
        """Plan a look at everything that is open, in case a row of the work is lost; return when to do so again."""
        at = self.clock()
        async for number in self._open():
            at += _APART
            await self.requests.look_at(number, at)
        today = datetime.combine(self.clock().date(), _SWEPT_AT, self.clock().tzinfo)
        return today if today > self.clock() else today + timedelta(days=1)

    async def _open(self) -> AsyncIterator[str]:
        """Yield everything that may have to be looked at, each once."""
        seen: set[str] = set()
        async for number in self.lists.all_open():
            if number not in seen:
                seen.add(number)
                yield number
        covers = [cover for cover in await self.people.covers() if cover.ends > self.clock()]
        for email in sorted({email for cover in covers for email in (cover.fpm, cover.cover)}):
            yield agenda_id(email)
