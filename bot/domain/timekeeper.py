"""Keeps the clocks of one request: tells of promises that slip, and has people looked at before they do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.advance import advance
from bot.domain.agenda import agenda_id
from bot.domain.calendars import calendar_of, promises_now
from bot.domain.deeds import Deed
from bot.domain.filing import Filing
from bot.domain.lifecycle import OPEN, Action, Relation, Status
from bot.domain.numbers import operation
from bot.domain.parties import asked_without_a_date, fpms_now, holders, requester_now
from bot.domain.people import CLOCK, Role
from bot.domain.periods import next_of_period
from bot.domain.ports import Case, Clock
from bot.domain.promises import WHEN_IT_SLIPS, Promise, PromiseId, next_to_slip
from bot.domain.working_time import brought_forward, next_morning


@dataclass(frozen=True, slots=True)
class _Due:
    """What the clock does for a request at a time; `name` makes it the same one on every instance."""

    at: datetime
    action: Action
    name: str


@dataclass(frozen=True, slots=True)
class Timekeeper:
    """Nothing is approved or denied by time: the clock asks and tells, each once, on any number of instances."""

    filing: Filing
    clock: Clock

    async def look(self, number: str) -> datetime | None:
        """Do what is due by the clock for a request; return when the next of its promises runs out, if any does."""
        while True:
            case = await self.filing.requests.load(number)
            if case is None:
                return None
            if case.request.status not in OPEN:
                await self._plan_words(case, ())
                return None
            promises = await promises_now(case, self.filing.people, self.filing.calendars)
            due = await self._next(case, promises)
            if due is None or due.at > self.clock():
                await self._plan_words(case, promises)
                return due.at if due else None
            await self._tell(case, due)

    async def _next(self, case: Case, promises: Sequence[Promise]) -> "_Due | None":
        """Return what the clock does next: for the promise that runs out first, or for the period of proactive help."""
        found: list[_Due] = []
        if late := next_to_slip(promises):
            found.append(_Due(late.due, WHEN_IT_SLIPS[late.id], f"{late.id}\x1f{late.began.isoformat()}"))
        fpm = await self.filing.people.by_email(case.request.fpm)
        calendar = calendar_of(self.filing.calendars, fpm)
        if period := next_of_period(case.request, case.engagement, calendar, self.clock()):
            action, at = period
            found.append(_Due(at, action, f"{action}\x1f{at.isoformat()}"))
        return min(found, key=lambda due: due.at, default=None)

    async def _tell(self, case: Case, due: "_Due") -> None:
        """File that something is due; when somebody else was first, whoever calls looks again."""
        deed = Deed(due.action, CLOCK, frozenset({Relation.CLOCK}))
        change = advance(case.request, deed, self.clock(), case.engagement)
        await self.filing.filed(case, change, operation("clock", case.request.number, due.name, case.request.revision))

    async def _plan_words(self, case: Case, promises: Sequence[Promise]) -> None:
        """Have everybody who takes part looked at when a reminder or the next morning brief of theirs may be due."""
        for email in await self._taking_part(case, promises):
            person = await self.filing.people.by_email(email)
            if person is None:
                continue
            calendar = calendar_of(self.filing.calendars, person)
            reminders = (brought_forward(at, calendar) for each in promises if each.is_running for at in each.reminders)
            moments = [next_morning(self.clock(), calendar), *(at for at in reminders if at > self.clock())]
            await self.filing.requests.look_at(agenda_id(email), min(moments))

    async def _taking_part(self, case: Case, promises: Sequence[Promise]) -> list[str]:
        request, people, now = case.request, self.filing.people, self.clock()
        relations = dict.fromkeys(each.holder for each in promises if each.is_running and each.holder)
        found = [email for relation in relations for email in await holders(request, relation, people, now)]
        found += [*await fpms_now(request, people, now), *await asked_without_a_date(case, people, now), request.sme]
        if request.status is Status.RETURNED:
            found.append(await requester_now(request, people))
        if PromiseId.DECISION in request.slipped:
            found += [person.email for person in await people.with_role(Role.PROGRAM)]
        return list(dict.fromkeys(filter(None, found)))
