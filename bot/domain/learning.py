"""A partner's learning: who of its people shadowed what, from whom, and what came of it (R:259, R:269)."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.people import ERASED_AT, ERASED_NAME, Person, Role
from bot.domain.ports import Learned, People, Requests

MOST_LINES = 16
MOST_LESSONS = 3
_MOST_LOOKED_AT = 200


@dataclass(frozen=True, slots=True)
class Lesson:
    """One line of the ledger with people by their names; `summary` is what the SME said came of it, where asked for."""

    learned: Learned
    sme: str
    learners: tuple[str, ...]
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Learning:
    """Where lessons are found."""

    requests: Requests
    people: People

    async def of(self, person: Person) -> list[Lesson]:
        """Return what people of the person's partners have learned, the latest first."""
        codes = person.partners if person.is_a(Role.REQUESTER) else ()
        if person.is_a(Role.FPM):
            codes = (*codes, *(partner.code for partner in await self.people.partners_of(person.email)))
        found = [row for code in dict.fromkeys(codes) for row in await self.requests.learned(code, MOST_LINES)]
        latest = sorted(found, key=lambda row: row.ended_at, reverse=True)[:MOST_LINES]
        return [await self._lesson(row) for row in latest]

    async def latest(self, partner: str, limit: int) -> list[Lesson]:
        """Return what a partner's people have learned last."""
        return [await self._lesson(row) for row in await self.requests.learned(partner, limit)]

    async def on(self, partner: str, workload: str, topic: str) -> tuple[Lesson, ...]:
        """Return what the partner's people have learned on a topic of a workload, with what came of it."""
        rows = await self.requests.learned(partner, _MOST_LOOKED_AT)
        about = [row for row in rows if (row.workload, row.topic) == (workload, topic)]
        return tuple([await self._lesson(row, await self._summary(row)) for row in about[:MOST_LESSONS]])

    async def _lesson(self, row: Learned, summary: str = "") -> Lesson:
        return Lesson(row, await self._name(row.sme), await self._names(row.learners), summary)

    async def _summary(self, row: Learned) -> str:
        engagement = await self.requests.engagement(row.engagement)
        return engagement.result.summary if engagement and engagement.result else ""

    async def _names(self, learners: Sequence[str]) -> tuple[str, ...]:
        return tuple([await self._name(each) for each in learners])

    async def _name(self, named: str) -> str:
        """Return the name of somebody named by an address of the directory, else what was written."""
        if named.endswith(ERASED_AT):
            return ERASED_NAME
        found = await self.people.by_email(named.lower()) if "@" in named else None
        return found.name if found else named
