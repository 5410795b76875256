"""Lists that people leaf through: from where each person's come, narrowed down to what is asked for."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from bot.domain.errors import Refusal
from bot.domain.few_at_once import each_read
from bot.domain.filters import ListName, Wanted, is_code, wanted_typed
from bot.domain.leafing import ROWS, Fits, Order, Page, Sources, leafed
from bot.domain.lookup import Lookup, summary_of
from bot.domain.numbers import number_beginning
from bot.domain.people import Partner, Person, Role
from bot.domain.ports import ListOf, Lists, People, Place, Requests, Summary
from bot.domain.texts import folded

WHICH_PARTNER = "Please add the code of a partner, like: my requests CONTOSO"
_EVERY_PARTNER = frozenset({Role.PROGRAM, Role.ASSIGNER})
_MOST_WORDS = 10
_MOST_FOUND, _LEAST_FOUND = 100, 4
"""How many requests are looked at that begin as asked for: in all partners together, and at least in each."""


@dataclass(frozen=True, slots=True)
class Listing:
    """Reads only; a list names no request to somebody who could not open it."""

    requests: Requests
    lists: Lists
    people: People
    lookup: Lookup

    async def typed(self, person: Person, name: ListName, words: Sequence[str]) -> Wanted:
        """Return what the words behind a command ask for."""
        codes = [code for word in words[:_MOST_WORDS] if is_code(code := word.upper())]
        partners = {code for code in codes if await self._is_partner(person, code)}
        return wanted_typed(name, words, partners)

    async def page(self, person: Person, wanted: Wanted) -> Page:
        """Return a page. Raises Refusal with a sentence for whoever has to say of which partner."""
        match wanted.name:
            case ListName.REQUESTS:
                return await self._of_partners(person, wanted)
            case ListName.INBOX:
                return await self._inbox(person, wanted)
        return await self._engagements(person, wanted)

    async def _engagements(self, person: Person, wanted: Wanted) -> Page:
        stored = [(ListOf.SME, person.email)] if person.is_a(Role.SME) else []
        stored += [(ListOf.ENGAGED, email) for email in await self.lookup.decided_for(person)]
        beside = await self.lookup.engaged_without_fpm(person)
        return await leafed(self.lists, Sources(stored, beside), wanted, Order(is_by_promise=False))

    async def _inbox(self, person: Person, wanted: Wanted) -> Page:
        decided_for = await self.lookup.decided_for(person)
        stood_in_for = await self.lookup.stood_in_for(person)
        stored, beside = [(ListOf.INBOX, email) for email in decided_for], list(stood_in_for)
        if person.is_a(Role.ASSIGNER):
            regions = await self.lookup.regions_served(person)
            stored += [] if person.email in decided_for else [(ListOf.INBOX, person.email)]
            stored += [(ListOf.ASSIGNER, region) for region in regions]
            beside += await self.lookup.undelivered(regions)
        page = await leafed(self.lists, Sources(stored, beside), wanted, Order(is_by_promise=True))
        own = {row.number for row in page.rows if row.fpm in decided_for}
        return replace(page, own=frozenset({*own, *(row.number for row in stood_in_for)}))

    async def _of_partners(self, person: Person, wanted: Wanted) -> Page:
        partners = await self._partners(person)
        asked = wanted.filters.partner
        if asked and not await self._is_partner(person, asked):
            asked, wanted = "", replace(wanted, filters=replace(wanted.filters, partner=""))
        codes = [asked] if asked else list(partners)
        if not codes and person.roles & _EVERY_PARTNER:
            raise Refusal(WHICH_PARTNER)
        sees, order = await self._sees(person, partners), Order(is_by_promise=False)
        if wanted.filters.text:
            page = await self._found(wanted, codes, order, sees)
        else:
            stored = [(ListOf.PARTNER, code) for code in codes]
            page = await leafed(self.lists, Sources(stored, sees=sees), wanted, order)
        return replace(page, partners=tuple(partners) if len(partners) > 1 else ())

    async def _is_partner(self, person: Person, code: str) -> bool:
        """Whether a code names a partner whose requests the person may see."""
        if person.roles & _EVERY_PARTNER:
            return await self.people.partner(code) is not None
        return code in await self._partners(person)

    async def _partners(self, person: Person) -> dict[str, Partner | None]:
        """Return the partners of a person by code, with those that an FPM looks after as they are."""
        asking = person.partners if person.is_a(Role.REQUESTER) else ()
        looked_after = await self.people.partners_of(person.email) if person.is_a(Role.FPM) else []
        return {**dict.fromkeys(asking), **{partner.code: partner for partner in looked_after}}

    async def _sees(self, person: Person, partners: dict[str, Partner | None]) -> Fits:
        """Return which lines of partners' requests a person may open."""
        if person.roles & _EVERY_PARTNER:
            return lambda _: True
        asking = person.partners if person.is_a(Role.REQUESTER) else ()
        decided_for = await self.lookup.decided_for(person)
        fpms = {fpm.email for fpm in await self.people.with_role(Role.FPM)} if person.is_a(Role.FPM) else set()

        def sees(row: Summary) -> bool:
            partner = partners.get(row.partner)
            is_own = row.partner in asking or row.fpm in decided_for
            return is_own or (partner is not None and _stands_in(person, partner, row, fpms))

        return sees

    async def _found(self, wanted: Wanted, codes: Collection[str], order: Order, sees: Fits) -> Page:
        """Return the page of the requests whose customer or number begins with the text that is asked for."""
        text, limit = wanted.filters.text, max(_LEAST_FOUND, _MOST_FOUND // max(1, len(codes)))
        beginnings = [(code, number) for code in codes if (number := number_beginning(code, text))]
        named_in = codes if folded(text) else ()
        numbered = await each_read(beginnings, lambda each: self.requests.numbered(*each, limit))
        named = await each_read(list(named_in), lambda code: self.requests.named(code, text, limit))

        def fits(row: Summary) -> bool:
            return wanted.filters.fit(row) and sees(row)

        rows = {request.number: summary_of(request) for found in numbered for request in found}
        places = [place for found in named for place in found if place.number not in rows]
        others = await self._first_that_fit(order.behind(wanted, places), fits)
        page = order.cut(wanted, [row for row in (*rows.values(), *others) if fits(row)])
        lengths = [*map(len, numbered), *map(len, named)]
        return replace(page, is_short=limit in lengths)

    async def _first_that_fit(self, places: Sequence[Place], fits: Fits) -> list[Summary]:
        """Return the first lines of these places that fit: a page and one more, and no more is read than that takes."""
        found: list[Summary] = []
        for start in range(0, len(places), ROWS + 1):
            group = places[start : start + ROWS + 1]
            cases = await each_read(group, lambda place: self.requests.load(place.number))
            found += [row for case in cases if case and fits(row := summary_of(case.request))]
            if len(found) > ROWS:
                break
        return found


def _stands_in(person: Person, partner: Partner, row: Summary, fpms: Collection[str]) -> bool:
    """Whether the FPM or backup of a partner acts beside the FPM of a request, or for one who has left."""
    asked = partner.fpm if row.fpm == partner.backup_fpm else partner.backup_fpm
    has_left = bool(row.fpm) and row.fpm not in fpms
    return has_left or (row.backup_asked is True and asked == person.email)
