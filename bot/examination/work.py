"""What is to be done, and what is to be told: that somebody does it, and in time."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from bot.domain.numbers import parse_number
from bot.domain.ports import Clock, ParkedNotice, SetAside
from bot.examination.finding import Finding, Level, examples, to_mend
from bot.health import LATE, PARKED_LATELY, Figures

_LONGEST_LEASE = timedelta(minutes=5)


class Work(Protocol):
    """Where work that was set aside is kept."""

    async def aside(self) -> list[SetAside]: ...


class WorkFigures(Figures, Protocol):
    """Counts over all requests, until when work is leased, and of which requests a notice is parked, and why."""

    async def leased_until(self) -> list[datetime]: ...
    async def parked(self) -> list[ParkedNotice]: ...


async def work_examined(work: Work, figures: WorkFigures, clock: Clock) -> Sequence[Finding]:
    """Return what was set aside, what nobody does, and what nobody else may do."""
    found = []
    if aside := await work.aside():
        named = examples(
            [f"{_named(each.number)} since {each.since:%d %b %Y, %H:%M} UTC: {each.reason}" for each in aside]
        )
        found.append(to_mend("work", f"{len(aside)} set aside: {named}", "See the log for the failures, then restart."))
    now, due = clock(), await figures.due_since()
    overdue = [at for at in due if now - at > LATE]
    if overdue:
        is_so = f"{len(overdue)} overdue, the oldest since {min(overdue):%d %b %Y, %H:%M} UTC"
        found.append(to_mend("work", is_so, "Is an instance running? Nobody does what is due."))
    endless = [until for until in await figures.leased_until() if until - now > _LONGEST_LEASE]
    if endless:
        is_so = f"{len(endless)} leased until {max(endless):%d %b %Y, %H:%M} UTC"
        advice = "A lease lasts a minute: the clock of an instance was ahead. Correct it; the work waits until then."
        found.append(to_mend("work", is_so, advice))
    return found or [Finding("work", f"{len(due)} due, 0 overdue")]


async def notices_examined(figures: WorkFigures, clock: Clock) -> Sequence[Finding]:
    parked, waiting = await figures.parked(), await figures.pending_since()
    late = sum(clock() - at > LATE for at in waiting)
    is_so = f"{len(parked)} parked, {late} late"
    found = []
    if parked:
        is_new = any(clock() - each.since < PARKED_LATELY for each in parked)
        named = examples(list(dict.fromkeys(f"{_named(each.number)}: {each.reason}" for each in parked)))
        advice = "Full history of the request, Notices, says who was not told; assigners have it in their inbox."
        found.append(Finding("notices", f"{is_so}: {named}", Level.MEND if is_new else Level.NOTE, advice))
    if late:
        found.append(to_mend("notices", is_so, "They are tried again: is Teams reached, and does mail go out?"))
    return found or [Finding("notices", is_so)]


def _named(number: str) -> str:
    """Return a request number; what is about a person and no request is kept under the person's address."""
    return number if parse_number(number) else "about a person"
