"""Builds the view of a request for one reader from the directory, calendars and SMEs."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from bot.domain.calendars import promises_now
from bot.domain.catalogues import REGIONS
from bot.domain.lifecycle import OPEN, Action, Relation
from bot.domain.matching import MOST_OFFERED, Candidate, ranked, shortlist
from bot.domain.parties import partner_of, relations_of, requester_now
from bot.domain.people import Partner, Person, Role
from bot.domain.ports import Calendars, Case, Clock, Lists, People, Requests
from bot.domain.request import SmeRequest
from bot.domain.view import RequestView

_BUSY_ENOUGH = 100


@dataclass(frozen=True, slots=True)
class Viewing:
    """What views are made from; `assignment_address` is the mail address of the assignment team, or empty."""

    requests: Requests
    people: People
    lists: Lists
    calendars: Calendars
    clock: Clock
    assignment_address: str = ""
    regions: tuple[str, ...] = tuple(REGIONS)

    async def of(self, case: Case, reader: Person) -> RequestView:
        """Return the case as the reader may see it; choices are filled in only where the reader can choose."""
        view = await self.at_a_glance(case, reader)
        return replace(
            view,
            history=await self.requests.history(case.request.number),
            fpms=await self._fpms(case, view.partner) if Action.DELEGATE in view.allowed else (),
            candidates=await self._candidates(case) if Action.ASSIGN in view.allowed else (),
        )

    async def at_a_glance(self, case: Case, reader: Person) -> RequestView:
        """Return the case as the reader may see it, without history and choices."""
        request = case.request
        in_touch = await requester_now(request, self.people)
        people = await self._mentioned(case, in_touch)
        return RequestView(
            request=request,
            engagement=case.engagement,
            reader=reader,
            relations=await self.relations(request, reader),
            partner=await partner_of(request, self.people),
            names={email: person.name for email, person in people.items()},
            promises=await promises_now(case, self.people, self.calendars),
            assignment_address=self.assignment_address,
            in_touch=in_touch if in_touch != request.requester and request.status in OPEN else "",
        )

    async def relations(self, request: SmeRequest, person: Person) -> frozenset[Relation]:
        """Return what a person is to a request now."""
        return await relations_of(request, person, self.people, self.clock())

    async def _mentioned(self, case: Case, in_touch: str) -> dict[str, Person]:
        request = case.request
        named = {request.requester, request.contact, request.fpm, request.sme, request.answers["fpm"], in_touch}
        emails = named - {""}
        return {e: p for e in sorted(emails) if (p := await self.people.by_email(e))}

    async def _fpms(self, case: Case, partner: Partner) -> tuple[Person, ...]:
        usual = (partner.fpm, partner.backup_fpm)
        others = [
            p
            for p in await self.people.with_role(Role.FPM)
            if p.email not in {case.request.fpm, case.request.requester}
        ]
        return tuple(sorted(others, key=lambda p: (p.email not in usual, p.name)))[:MOST_OFFERED]

    async def _candidates(self, case: Case) -> tuple[Candidate, ...]:
        fit = shortlist(case.request, await self.people.with_role(Role.SME))
        return ranked(case.request, fit, await self._loads(fit))

    async def _loads(self, smes: Iterable[Person]) -> dict[str, int]:
        return {s.email: len(await self.lists.of_sme(s.email, _BUSY_ENOUGH)) for s in smes}
