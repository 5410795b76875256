"""One request in full, in parts that are leafed through: its history, promises, notices and engagements."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from bot.domain.deeds import ABOUT_A_RATING
from bot.domain.engagement import Engagement
from bot.domain.lifecycle import Action, Relation, Topic
from bot.domain.lookup import Lookup
from bot.domain.notices import OF_AGENDAS, Notice, NoticeState, Way
from bot.domain.people import Person, Role
from bot.domain.ports import People, Requests
from bot.domain.promise_record import OF_THE_SME, Promised, promised_in, receipts_in
from bot.domain.request import Event, SmeRequest
from bot.domain.telling import spread
from bot.domain.view import RequestView
from bot.domain.viewing import Viewing

MOST_ON_A_PAGE = 15
MOST_ENGAGEMENTS = 4
_TELLS_NOTHING = frozenset({Topic.STATUS, Topic.QUESTION, Topic.FAN_OUT})
"""Topics of what was asked for, or is kept under another number."""
_MAY_READ_ALL = frozenset({Relation.FPM, Relation.ASSIGNER, Relation.PROGRAM})
_Item = TypeVar("_Item")


class Part(StrEnum):
    """What of a request is shown; the value stands on the button."""

    HISTORY = "history"
    PROMISES = "promises"
    NOTICES = "notices"
    ENGAGEMENTS = "engagements"


class Outcome(StrEnum):
    """What became of a notice, as far as people care."""

    TEAMS = "teams"
    MAIL = "mail"
    WAITS = "waits"
    NOT_NEEDED = "not needed"
    NOT_REACHED = "not reached"


@dataclass(frozen=True, slots=True)
class Told:
    """Who was told of what: the name of a person, and what became of it.

    `at` is when it was told, None when it was not or nobody knows. `event` is what it tells of, where that is one event
    of this request. `reason` says why it was not told, to those who may read it.
    """

    topic: Topic
    name: str
    outcome: Outcome
    since: datetime
    at: datetime | None = None
    event: Event | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """One page of one part of a request for one reader; only what the part is about is filled in."""

    view: RequestView
    part: Part
    parts: tuple[Part, ...]
    page: int = 1
    pages: int = 1
    events: Sequence[Event] = ()
    promises: Sequence[Promised] = ()
    notices: Sequence[Told] = ()
    engagements: Sequence[Engagement] = ()


@dataclass(frozen=True, slots=True)
class RecordDesk:
    """Shows requests in full; reads only."""

    requests: Requests
    people: People
    lookup: Lookup
    viewing: Viewing

    async def of(self, person: Person, number: str, part: str = "", page: int = 1) -> Record:
        """Return a page of a part of a request, the first where there is no such page or part.

        Raises Refusal, the same for an unknown and for somebody else's number.
        """
        case = await self.lookup.visible(person, number)
        glance = await self.viewing.at_a_glance(case, person)
        view = replace(glance, history=await self.requests.history(case.request.number))
        parts = _parts_of(view)
        record = Record(view, next((each for each in parts if each == part), Part.HISTORY), parts)
        match record.part:
            case Part.PROMISES:
                promises, shown, pages = _paged(await self._promises(view), page)
                return replace(record, promises=promises, page=shown, pages=pages)
            case Part.NOTICES:
                notices, shown, pages = _paged(await self._notices(view), page)
                told = [await self._told(each, view) for each in notices]
                return replace(record, notices=told, page=shown, pages=pages)
            case Part.ENGAGEMENTS:
                engagements, shown, pages = _paged(await self._engagements(view), page, MOST_ENGAGEMENTS)
                named = await self._with_names(view, engagements)
                return replace(record, view=named, engagements=engagements, page=shown, pages=pages)
        events, shown, pages = _paged(view.history[::-1], page)
        return replace(record, events=events, page=shown, pages=pages)

    async def _promises(self, view: RequestView) -> list[Promised]:
        """Return the promises of a request that the reader may know of, the latest date first."""
        request = view.request
        found = promised_in(view.history, view.promises, await self._all_engagements(request))
        if Relation.SME in view.relations:
            found = [each for each in found if each.id in OF_THE_SME]
        else:
            notices = await self.requests.notices_of(request.number)
            found += receipts_in(view.history, notices, request.requester, self.viewing.clock())
        return sorted(found, key=lambda each: (each.due, each.id), reverse=True)

    async def _notices(self, view: RequestView) -> list[Notice]:
        """Return the notices that the reader may know of, the latest first."""
        kept = await self.requests.notices_of(view.request.number)
        each_alone = [one for notice in kept for one in (spread(notice) if notice.told else [notice])]
        found = [notice for notice in each_alone if await self._may_know_of(notice, view)]
        return sorted(found, key=lambda each: (each.told_at or each.created_at, each.revision), reverse=True)

    async def _may_know_of(self, notice: Notice, view: RequestView) -> bool:
        if notice.topic in _TELLS_NOTHING or (_is_of_a_rating(notice, view) and not view.may_read_ratings):
            return False
        if notice.recipient == view.reader.email:
            return True
        if Relation.SME in view.relations:
            return False
        return bool(view.relations & _MAY_READ_ALL) or await self._is_of_the_partner(notice.recipient, view.request)

    async def _is_of_the_partner(self, email: str, request: SmeRequest) -> bool:
        if email in {request.requester, request.contact}:
            return True
        found = await self.people.by_email(email)
        return found is not None and found.is_a(Role.REQUESTER) and request.partner in found.partners

    async def _told(self, notice: Notice, view: RequestView) -> Told:
        person = await self.people.by_email(notice.recipient)
        may_read_reason = view.relations & _MAY_READ_ALL and Relation.REQUESTER not in view.relations
        outcome = _outcome_of(notice)
        return Told(
            topic=notice.topic,
            name=person.name if person else view.name_of(notice.recipient),
            outcome=outcome,
            since=notice.created_at,
            at=notice.told_at,
            event=_event_of(notice, view),
            reason=notice.reason if may_read_reason and outcome in {Outcome.WAITS, Outcome.NOT_REACHED} else "",
        )

    async def _engagements(self, view: RequestView) -> list[Engagement]:
        """Return the engagements that the reader may see, the latest first: an SME sees no other SME's."""
        found = await self._all_engagements(view.request)
        is_sme = Relation.SME in view.relations
        return [each for each in reversed(found) if not is_sme or each.sme == view.reader.email]

    async def _all_engagements(self, request: SmeRequest) -> list[Engagement]:
        ids = [f"{request.number}.{place}" for place in range(1, request.engagements + 1)]
        return [found for each in ids if (found := await self.requests.engagement(each))]

    async def _with_names(self, view: RequestView, engagements: Sequence[Engagement]) -> RequestView:
        smes = [person for each in engagements if (person := await self.people.by_email(each.sme))]
        return replace(view, names={**view.names, **{sme.email: sme.name for sme in smes}})


def _parts_of(view: RequestView) -> tuple[Part, ...]:
    has_work = view.request.engagements > 0 or (view.request.earlier and Relation.SME not in view.relations)
    return tuple(part for part in Part if part is not Part.ENGAGEMENTS or has_work)


def _paged(items: Sequence[_Item], page: int, most: int = MOST_ON_A_PAGE) -> tuple[Sequence[_Item], int, int]:
    """Return what stands on a page, which page that is, and how many there are."""
    pages = max(1, -(-len(items) // most))
    shown = page if 1 <= page <= pages else 1
    return items[(shown - 1) * most : shown * most], shown, pages


def _event_of(notice: Notice, view: RequestView) -> Event | None:
    """Return the event of which a notice tells; the words of agendas are counted in another way."""
    if notice.topic in OF_AGENDAS:
        return None
    return next((event for event in view.history if event.number == notice.revision), None)


def _is_of_a_rating(notice: Notice, view: RequestView) -> bool:
    event = _event_of(notice, view)
    return event is not None and (event.action is Action.RATE or event.details.get("about") == ABOUT_A_RATING)


def _outcome_of(notice: Notice) -> Outcome:
    if notice.way is Way.MAIL:
        return Outcome.MAIL
    if notice.is_open:
        return Outcome.WAITS
    if notice.state is NoticeState.PARKED:
        return Outcome.NOT_REACHED
    # A card that a newer one has followed stands in its chat as a line: it was told, and has no reason not to be.
    is_told = notice.way is Way.TEAMS or notice.told_at is not None or not notice.reason
    return Outcome.TEAMS if is_told else Outcome.NOT_NEEDED
