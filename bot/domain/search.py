"""Finds requests by what somebody types anywhere in Teams: a number, a customer's name or a workload."""

import re
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest

from bot.domain.catalogues import REGIONS, WORKLOADS
from bot.domain.few_at_once import each_read
from bot.domain.lookup import Lookup
from bot.domain.numbers import parse_number
from bot.domain.people import Person, Role
from bot.domain.ports import Lists, People, Requests, Summary
from bot.domain.request import SmeRequest
from bot.domain.texts import folded, one_line

MOST_FOUND = 10
LONGEST_TEXT = 120
_MOST_CHECKED = 50
_LINES = 100
_NUMBERS = 20
_NO_WORD = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class _Scope:
    """Where a person's requests can stand: at whole partners, by code, and in lists of lines besides.

    `own` are the partners that the person has to do with, `searched` those that a text is looked for at.
    """

    person: Person
    own: tuple[str, ...]
    searched: tuple[str, ...]
    lines: tuple[Summary, ...]

    def share(self, of_all: int, *, least: int, most: int) -> int:
        """Return how much of something is read at each partner: less where there are many."""
        return min(max(of_all // max(len(self.searched), 1), least), most)


class Search:
    """Reads only, and the same few ranges however much is stored; whoever may not open a request does not find it."""

    def __init__(self, requests: Requests, lists: Lists, people: People, lookup: Lookup) -> None:
        self._requests = requests
        self._lists = lists
        self._people = people
        self._lookup = lookup

    async def found(self, person: Person, typed: str) -> list[SmeRequest]:
        """Return what a text can mean of what the person may open, ten at most, the newest first.

        Numbers go before names and names before workloads, where there are more. Without a text these are the newest
        of the person's lists.
        """
        text = one_line(typed)[:LONGEST_TEXT].casefold()
        scope = await self._scope(person)
        found: dict[str, SmeRequest] = {}
        for look in self._looks(scope, text):
            if len(found) < MOST_FOUND:
                more = {each.number: each for each in await look(scope, text) if each.number not in found}
                found |= {each.number: each for each in _newest_first(more.values())[: MOST_FOUND - len(found)]}
        return _newest_first(found.values())

    def _looks(self, scope: _Scope, text: str) -> tuple[Callable[[_Scope, str], Awaitable[list[SmeRequest]]], ...]:
        if not text:
            return (self._newest,)
        is_number = parse_number(text) or any(text.startswith(f"{code.lower()}-") for code in scope.searched)
        return (self._by_number,) if is_number else (self._by_number, self._by_name, self._by_workload)

    async def _scope(self, person: Person) -> _Scope:
        own = set(person.partners) if person.is_a(Role.REQUESTER) else set()
        lines: list[Summary] = []
        for email in await self._lookup.decided_for(person):
            own |= {partner.code for partner in await self._people.partners_of(email)}
            lines += await self._lists.inbox(email, _LINES)
            lines += await self._lists.engaged(email, _LINES)
        if person.is_a(Role.SME):
            lines += await self._lists.of_sme(person.email, _LINES)
        sees_all = person.is_a(Role.ASSIGNER) or person.is_a(Role.PROGRAM)
        searched = {partner.code for partner in await self._people.partners()} if sees_all else own
        return _Scope(person, tuple(sorted(own)), tuple(sorted(searched)), tuple(lines))

    async def _newest(self, scope: _Scope, _text: str) -> list[SmeRequest]:
        lines = [*scope.lines, *await self._lines_of(scope.own, MOST_FOUND)]
        if scope.person.is_a(Role.ASSIGNER):
            for region in REGIONS:
                if scope.person in await self._people.assigners(region):
                    lines += await self._lists.approved(region, MOST_FOUND)
        if scope.person.is_a(Role.PROGRAM):
            lines += await self._lists.late(MOST_FOUND)
        return await self._first_visible(scope.person, lines)

    async def _by_number(self, scope: _Scope, text: str) -> list[SmeRequest]:
        wanted = text.upper().replace(" ", "")
        exact = parse_number(wanted)
        if exact:
            return await self._visible(scope.person, [exact])
        bare = _bare(wanted)
        lines = [line for line in scope.lines if bare and _bare(line.number).startswith(bare)]
        rests = {code: bare.removeprefix(code) for code in scope.searched if bare.startswith(code)}
        lines += await self._lines_of([code for code, rest in rests.items() if not rest], MOST_FOUND)
        numbers: list[str] = []
        for code, rest in rests.items():
            if rest.isascii() and rest.isalnum():
                found = await self._requests.numbered(code, f"{code}-{rest}", _NUMBERS)
                numbers += [request.number for request in found]
        return [*await self._first_visible(scope.person, lines), *await self._visible(scope.person, numbers)]

    async def _by_name(self, scope: _Scope, text: str) -> list[SmeRequest]:
        wanted = folded(text)
        if not wanted:
            return []
        lines = [line for line in scope.lines if folded(line.customer).startswith(wanted)]
        most = scope.share(_MOST_CHECKED, least=5, most=20)
        hits = await each_read(scope.searched, lambda code: self._requests.named(code, wanted, most))
        # In turns, so that no partner takes the room of the others.
        numbers = [place.number for place in chain.from_iterable(zip_longest(*hits)) if place]
        found = [*await self._first_visible(scope.person, lines), *await self._visible(scope.person, numbers)]
        # The index holds no more of a name than its beginning.
        return [request for request in found if folded(request.customer).startswith(wanted)]

    async def _by_workload(self, scope: _Scope, text: str) -> list[SmeRequest]:
        wanted = workloads_like(text)
        if not wanted:
            return []
        most = scope.share(2_000, least=10, most=_LINES)
        lines = [*scope.lines, *await self._lines_of(scope.searched, most)]
        return await self._first_visible(scope.person, [line for line in lines if line.workload in wanted])

    async def _lines_of(self, partners: Sequence[str], limit: int) -> list[Summary]:
        return list(chain.from_iterable(await each_read(partners, lambda code: self._lists.of_partner(code, limit))))

    async def _first_visible(self, person: Person, lines: Iterable[Summary]) -> list[SmeRequest]:
        """Return of the newest lines as many as are shown, looking at no more than it takes."""
        newest_first = sorted(lines, key=lambda line: line.at, reverse=True)
        numbers = list(dict.fromkeys(line.number for line in newest_first))[:_MOST_CHECKED]
        found: list[SmeRequest] = []
        for start in range(0, len(numbers), MOST_FOUND):
            if len(found) < MOST_FOUND:
                found += await self._visible(person, numbers[start : start + MOST_FOUND])
        return found

    async def _visible(self, person: Person, numbers: Iterable[str]) -> list[SmeRequest]:
        """Return those requests that the person may open, as they stand now."""
        once = list(dict.fromkeys(numbers))[:_MOST_CHECKED]
        cases = await each_read(once, self._requests.load)
        return [case.request for case in cases if case and await self._lookup.relations(case.request, person)]


def workloads_like(text: str) -> frozenset[str]:
    """Return the codes of the workloads that have, for each word of a text, one that begins so in code or label."""
    wanted = text.casefold().split()
    return frozenset(
        code
        for code, label in WORKLOADS.items()
        if all(any(word.startswith(each) for word in _words_of(code, label)) for each in wanted)
    )


def _words_of(code: str, label: str) -> list[str]:
    return [code.casefold(), *_NO_WORD.split(f"{code} {label}".casefold())]


def _bare(number: str) -> str:
    return number.replace("-", "")


def _newest_first(requests: Iterable[SmeRequest]) -> list[SmeRequest]:
    return sorted(requests, key=lambda request: request.submitted_at, reverse=True)
