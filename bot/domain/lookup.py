"""Finds requests for a person: what they may see, and the lists of what concerns them."""

from collections.abc import Collection
from dataclasses import replace

from bot.domain.errors import Refusal
from bot.domain.lifecycle import OPEN, EngagementStatus, Relation, Status
from bot.domain.notices import NoticeState
from bot.domain.numbers import parse_number
from bot.domain.parties import backups_asked, decided_for, is_fpm
from bot.domain.people import Person, Role
from bot.domain.ports import Case, Lists, People, Requests, Summary
from bot.domain.promises import decision_due
from bot.domain.request import SmeRequest
from bot.domain.view import RequestView
from bot.domain.viewing import Viewing

NOT_FOUND = "I know no such request of yours. Type help to see what you can do."
UNDELIVERED = "Somebody could not be told."
_MOST_PARKED = 16
_MOST_LOOKED_AT = 100


class Lookup:
    """Reads only; an unknown request and somebody else's are the same answer."""

    def __init__(self, requests: Requests, lists: Lists, people: People, viewing: Viewing) -> None:
        self._requests = requests
        self._lists = lists
        self._people = people
        self._viewing = viewing

    async def view(self, person: Person, number: str) -> RequestView:
        """Return a request with its history. Raises Refusal, the same for an unknown and for somebody else's number."""
        case = await self.visible(person, number)
        view = await self._viewing.of(case, person)
        notices = await self._requests.notices_of(case.request.number)
        unreached = sorted({n.recipient for n in notices if n.state is NoticeState.PARKED})
        return replace(view, parked=tuple(f"{view.name_of(email)} could not be reached." for email in unreached))

    async def own_requests(self, person: Person) -> list[Summary]:
        """Return the newest requests of the person's partners."""
        codes = person.partners if person.is_a(Role.REQUESTER) else ()
        found = [row for code in codes for row in await self._lists.of_partner(code, _MOST_LOOKED_AT)]
        return sorted(found, key=lambda row: row.at, reverse=True)[:_MOST_LOOKED_AT]

    async def inbox(self, person: Person) -> list[Summary]:
        """Return what waits for the person, the most urgent first."""
        found: list[Summary] = []
        for email in await self.decided_for(person):
            found += await self._lists.inbox(email, _MOST_LOOKED_AT)
        found += await self.stood_in_for(person)
        if person.is_a(Role.ASSIGNER):
            found += await self._lists.inbox(person.email, _MOST_LOOKED_AT)
            regions = await self.regions_served(person)
            for region in regions:
                found += await self._lists.approved(region, _MOST_LOOKED_AT)
            found += await self.undelivered(regions)
        each_once = {row.number: row for row in found}.values()
        return sorted(each_once, key=lambda row: row.due)[:_MOST_LOOKED_AT]

    async def concerning(self, person: Person) -> list[str]:
        """Return the numbers of the requests that a person has a part in: what waits for them, and the newest."""
        found = [*await self.inbox(person), *await self.own_requests(person)]
        if person.is_a(Role.FPM):
            for partner in await self._people.partners_of(person.email):
                found += await self._lists.of_partner(partner.code, _MOST_LOOKED_AT)
        if person.is_a(Role.SME):
            found += await self._lists.of_sme(person.email, _MOST_LOOKED_AT)
        if person.is_a(Role.PROGRAM):
            found += await self._lists.late(_MOST_LOOKED_AT)
        return list(dict.fromkeys(row.number for row in found))

    async def decided_for(self, person: Person) -> list[str]:
        """Return whose requests wait for this FPM: the own ones, and those of FPMs who are away."""
        return await decided_for(person, self._people, self._viewing.clock())

    async def stood_in_for(self, person: Person) -> list[Summary]:
        """Return what the FPM or backup of a partner decides instead of an FPM who has left, or was asked as well."""
        found: list[Summary] = []
        rows = await self._rows_of_partners(person)
        gone = await self._fpms_gone(rows)
        for row in rows:
            is_alone = row.status in OPEN and row.fpm in gone
            is_asked = row.status is Status.SUBMITTED and row.backup_asked is not False and row.fpm != person.email
            case = await self._requests.load(row.number) if is_alone or is_asked else None
            if case and case.request.waits_for_the_fpm and await self._stands_in(person, case.request):
                found.append(row)
        return found

    async def engaged_without_fpm(self, person: Person) -> list[Summary]:
        """Return the engagements at the partners of an FPM or backup that an FPM has left behind."""
        rows = await self._rows_of_partners(person)
        gone = await self._fpms_gone(rows)
        return [row for row in rows if row.status is Status.ASSIGNED and row.fpm in gone]

    async def _rows_of_partners(self, person: Person) -> list[Summary]:
        partners = await self._people.partners_of(person.email) if person.is_a(Role.FPM) else []
        return [row for partner in partners for row in await self._lists.of_partner(partner.code, _MOST_LOOKED_AT)]

    async def _fpms_gone(self, rows: Collection[Summary]) -> set[str]:
        """Return who of the FPMs of these lines is an FPM no more."""
        return {fpm for fpm in {row.fpm for row in rows} if fpm and not await is_fpm(fpm, self._people)}

    async def _stands_in(self, person: Person, request: SmeRequest) -> bool:
        is_asked = request.backup_asked and person.email in await backups_asked(request, self._people)
        return is_asked or not await is_fpm(request.fpm, self._people)

    async def undelivered(self, regions: Collection[str]) -> list[Summary]:
        """Return the requests of the regions of which somebody could not be told (process.md section 7)."""
        cases = [await self._requests.load(number) for number in await self._lists.parked(_MOST_PARKED)]
        requests = [case.request for case in cases if case]
        return [
            summary_of(request, UNDELIVERED)
            for request in requests
            if request.answers["region"] in regions and request.status in OPEN
        ]

    async def at_work_on(self, person: Person) -> int:
        """Return how many engagements an SME has open, offers included."""
        rows = await self._lists.of_sme(person.email, _MOST_LOOKED_AT) if person.is_a(Role.SME) else []
        return sum(1 for row in rows if row.stage is not EngagementStatus.COMPLETED)

    async def visible(self, person: Person, number: str) -> Case:
        case = await self._found(number)
        if not await self.relations(case.request, person):
            raise Refusal(NOT_FOUND)
        return case

    async def may_open(self, person: Person, number: str) -> bool:
        case = await self._requests.load(number)
        return case is not None and bool(await self.relations(case.request, person))

    async def known_to(self, person: Person, number: str) -> Case:
        """Return a case that the person may see, or once had a part in: their old cards are answered, not denied."""
        case = await self._found(number)
        if not await self.relations(case.request, person):
            history = await self._requests.history(case.request.number)
            involved = {
                case.request.answers["fpm"],
                *(e.by for e in history),
                *(e.details.get(whom, "") for e in history for whom in ("to", "sme")),
            }
            if person.email not in involved:
                raise Refusal(NOT_FOUND)
        return case

    async def reload(self, number: str, person: Person) -> RequestView:
        return await self._viewing.of(await self._found(number), person)

    async def _found(self, number: str) -> Case:
        known = parse_number(number)
        case = await self._requests.load(known) if known else None
        if case is None:
            raise Refusal(NOT_FOUND)
        return case

    async def relations(self, request: SmeRequest, person: Person) -> frozenset[Relation]:
        return await self._viewing.relations(request, person)

    async def regions_served(self, person: Person) -> list[str]:
        return [r for r in self._viewing.regions if person in await self._people.assigners(r)]


def summary_of(request: SmeRequest, note: str = "") -> Summary:
    """Return the line of a request in a list."""
    return Summary(
        number=request.number,
        customer=request.customer,
        workload=request.answers["workload"],
        status=request.status,
        partner=request.partner,
        at=request.submitted_at,
        due=decision_due(request),
        note=note,
        stage=request.stage,
        fpm=request.fpm,
        region=request.answers["region"],
        revision=request.revision,
        backup_asked=request.backup_asked,
    )
