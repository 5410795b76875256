"""Gathers what is known of SMEs beside the directory, and ranks them for a request."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from bot.domain.calendars import calendar_of
from bot.domain.lifecycle import Action
from bot.domain.matching import Away, Known, Ranking, Weights, away, ranked
from bot.domain.people import Partner, Person, Role
from bot.domain.ports import Calendars, Clock, Lists, People, Requests
from bot.domain.request import Event, SmeRequest

_MOST_EARLIER = 200
"""Of so many engagements of a partner it is known who helped."""
_LEFT = frozenset({Action.DECLINE, Action.RELEASE})


def _left(history: Iterable[Event]) -> dict[str, Action]:
    """Return who has left a request, and how, since it was opened last."""
    left: dict[str, Action] = {}
    for event in history:
        if event.action is Action.REOPEN:
            left.clear()
        elif event.action in _LEFT and "sme" in event.details:
            left[event.details["sme"]] = event.action
    return left


@dataclass(frozen=True, slots=True)
class Candidates:
    """Where the facts of a ranking are found."""

    requests: Requests
    people: People
    lists: Lists
    calendars: Calendars
    clock: Clock
    weights: Weights

    async def ranking(self, request: SmeRequest, partner: Partner, history: Iterable[Event]) -> Ranking:
        """Return the SMEs for a request, the best first; whoever has left it by its history comes last."""
        smes = await self.people.with_role(Role.SME)
        requester = await self.people.by_email(request.requester)
        earlier = await self.requests.learned(request.partner, _MOST_EARLIER)
        customer = request.answers.get("tenant_id", "")
        known = Known(
            at=self.clock(),
            requester=ZoneInfo(requester.time_zone if requester else partner.time_zone),
            loads=await self.lists.loads(),
            leaves=await self._leaves(smes),
            with_partner=Counter(each.sme for each in earlier),
            with_customer=Counter(each.sme for each in earlier if customer and each.tenant_id == customer),
            left=_left(history),
        )
        return ranked(request, smes, known, self.weights)

    async def _leaves(self, smes: Iterable[Person]) -> dict[str, list[Away]]:
        """Return the leaves that are not over, by whose they are."""
        people = {sme.email: sme for sme in smes}
        found: dict[str, list[Away]] = defaultdict(list)
        for leave in await self.people.leaves():
            sme = people.get(leave.email)
            if sme and (counted := away(leave.first, leave.last, self.clock(), calendar_of(self.calendars, sme))):
                found[leave.email].append(counted)
        return found
