"""Builds the view of a request for one reader from the directory, calendars and SMEs."""

from dataclasses import dataclass, field, replace

from bot.domain.calendars import promises_now
from bot.domain.candidates import Candidates
from bot.domain.catalogues import REGIONS
from bot.domain.learning import Learning, Lesson
from bot.domain.lifecycle import OPEN, Action, Relation, Status
from bot.domain.matching import MOST_OFFERED, Ranking, Weights, load_weights
from bot.domain.parties import partner_of, relations_of, requester_now
from bot.domain.people import Partner, Person, Role
from bot.domain.ports import Calendars, Case, Clock, Lists, People, Requests
from bot.domain.request import SmeRequest
from bot.domain.view import RequestView


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
    weights: Weights = field(default_factory=load_weights)

    async def of(self, case: Case, reader: Person) -> RequestView:
        """Return the case as the reader may see it; choices are filled in only where the reader can choose."""
        view = await self.at_a_glance(case, reader)
        history = await self.requests.history(case.request.number)
        may_assign = Action.ASSIGN in view.allowed
        return replace(
            view,
            history=history,
            fpms=await self._fpms(case, view.partner) if Action.DELEGATE in view.allowed else (),
            lessons=await self._lessons(case.request, view.relations),
            ranking=await self._candidates.ranking(case.request, view.partner, history) if may_assign else Ranking(),
        )

    async def _lessons(self, request: SmeRequest, relations: frozenset[Relation]) -> tuple[Lesson, ...]:
        """Return what the partner has learned on the topic before, for whoever decides on a request."""
        if request.status is not Status.SUBMITTED or Relation.FPM not in relations:
            return ()
        answers = request.answers
        return await Learning(self.requests, self.people).on(request.partner, answers["workload"], answers["topic"])

    @property
    def _candidates(self) -> Candidates:
        return Candidates(self.requests, self.people, self.lists, self.calendars, self.clock, self.weights)

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
        asked = case.engagement.sme if case.engagement else ""
        named = {request.requester, request.contact, request.fpm, request.sme, request.answers["fpm"], in_touch}
        emails = {*named, asked, request.proposed_by} - {""}
        return {e: p for e in sorted(emails) if (p := await self.people.by_email(e))}

    async def _fpms(self, case: Case, partner: Partner) -> tuple[Person, ...]:
        usual = (partner.fpm, partner.backup_fpm)
        others = [
            p
            for p in await self.people.with_role(Role.FPM)
            if p.email not in {case.request.fpm, case.request.requester}
        ]
        return tuple(sorted(others, key=lambda p: (p.email not in usual, p.name)))[:MOST_OFFERED]
