"""Files a change: with its dates and notices in one commit, and with a nudge for the work it leaves behind."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bot.domain.calendars import calendar_of
from bot.domain.deeds import Change
from bot.domain.engagement import Engagement
from bot.domain.parties import partner_of
from bot.domain.ports import Agendas, Calendars, Case, People, Raced, Requests
from bot.domain.promises import Promise, newly_met, promises_of, times_of, with_dates
from bot.domain.telling import notices_for, within_a_commit
from bot.domain.working_time import Calendar


@dataclass(frozen=True, slots=True)
class Filing:
    """The one place where changes are committed; `nudge` is told the number of each request changed."""

    requests: Requests
    people: People
    agendas: Agendas
    calendars: Calendars
    nudge: Callable[[str], None]

    async def filed(self, before: Case | None, change: Change, operation_key: str) -> bool:
        """Commit a change of what was read as `before`; False when somebody else was first."""
        number = change.request.number
        promised = await self._promised(before, change)
        notices = await notices_for(promised, await partner_of(change.request, self.people), self.people)
        if away := change.event.details.get("for"):
            # Before the commit, so that none is missing: a line without its event is passed over.
            await self.agendas.note_meanwhile(away, number, change.event.number)
        try:
            await self.requests.commit(before, promised, within_a_commit(notices), operation_key)
        except Raced:
            return False
        self.nudge(number)
        return True

    async def _promised(self, before: Case | None, change: Change) -> Change:
        """Return the change with the dates that it promises, and with how the promises that it meets were kept."""
        known = change.engagement or (before.engagement if before else None)
        fpm, sme = await self._calendar(change.request.fpm), await self._calendar(change.request.sme)
        stood = promises_of(before.request, before.engagement, fpm, sme) if before else ()
        return promised(change, known, stood, promises_of(change.request, known, fpm, sme))

    async def _calendar(self, email: str) -> Calendar:
        return calendar_of(self.calendars, await self.people.by_email(email) if email else None)


def promised(change: Change, known: Engagement | None, stood: Sequence[Promise], stands: Sequence[Promise]) -> Change:
    """Return a change with the dates that it promises, and with how the promises that it meets were kept.

    `known` is the engagement after it; `stood` and `stands` are the promises before and after it.
    """
    request, engagement = with_dates(change.request, known, stands)
    details = dict(change.event.details)
    for promise in newly_met(stood, stands):
        details |= times_of(promise)
    changed = engagement if change.engagement else None
    if details == change.event.details:
        return replace(change, request=request, engagement=changed)
    event = replace(change.event, details=details)
    return replace(change, request=replace(request, last=event), event=event, engagement=changed)
