"""Stores with up to a million past requests, for the lists and numbers: some are told in full, and the others copied.

A copy has every row that lists, portfolio, insights, search and exports read (request, index, list and ledger rows),
and a number, a customer and a day of its own. It has no lines of history and no notices: none of those reads them.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

from bot.calendars import HolidayCalendars
from bot.domain.catalogues import LANGUAGES, REGIONS, WORKLOADS
from bot.domain.digest import Digest
from bot.domain.numbers import number_at
from bot.domain.past import Diaries
from bot.domain.people import Directory, Partner, Person, Role
from bot.domain.request import SmeRequest
from bot.domain.routing import load_table
from bot.domain.sample_town import town_of
from bot.domain.sampling import Plan, chunks
from state import records
from state.index_rows import index_keys, index_row
from state.keys import key
from state.ledger import LedgerStore
from state.people import PeopleStore
from state.sqlite import SqliteStore
from state.table import Change, Put
from state.views import list_row, rows_for

PARTNERS, FPMS, SMES = 200, 20, 300
FPM, PROGRAM = "fpm0@home.example", "program@home.example"
REQUESTER, ASSIGNER, SME = "contact@p000.example", "assigner@home.example", "sme0@home.example"
MONTHS = 24
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
_HOME = "99999999-9999-4999-8999-999999999999"
_TOLD = 4_000
_ROWS, _AT_ONCE = 96, 16

Past = tuple[SmeRequest, Digest]


def made_directory() -> Directory:
    """Return 200 partners, each with an FPM who looks after ten, and SMEs of all workloads."""
    workloads, languages, regions = tuple(WORKLOADS), tuple(LANGUAGES), tuple(REGIONS)
    partners, people = {}, []
    for each in range(PARTNERS):
        code, fpms = f"P{each:03}", [f"fpm{(each + more) % FPMS}@home.example" for more in (0, 1)]
        tenant = f"{each:08x}-1111-4111-8111-111111111111"
        partners[code] = Partner(code, f"Partner {each:03}", regions[each % 3], (tenant,), *fpms)
        people.append(
            Person(f"contact@p{each:03}.example", f"Contact {each}", frozenset({Role.REQUESTER}), tenant, partner=code)
        )
    people += [Person(f"fpm{n}@home.example", f"Fpm {n}", frozenset({Role.FPM}), _HOME) for n in range(FPMS)]
    people += [
        Person(
            f"sme{n}@home.example", f"Sme {n}", frozenset({Role.SME}), _HOME, regions=(regions[n % 3],), capacity=4,
            languages=("en", languages[n % len(languages)]), workloads=(workloads[n % 20], workloads[n * 7 % 20]),
        )
        for n in range(SMES)
    ]  # fmt: skip
    people.append(Person(ASSIGNER, "Assigner", frozenset({Role.ASSIGNER}), _HOME, regions=regions))
    people.append(Person(PROGRAM, "Program", frozenset({Role.PROGRAM}), _HOME))
    return Directory(partners, {person.email: person for person in people})


def _told(directory: Directory) -> dict[str, list[Past]]:
    """Return requests that are told in full, by partner."""
    diaries, plan = Diaries(HolidayCalendars(), directory.people), Plan(_TOLD, "1", MONTHS, NOW)
    found: dict[str, list[Past]] = {}
    for chunk in chunks(town_of(directory, plan.seed), diaries, load_table(), plan):
        found.setdefault(chunk.partner, []).extend((case.request, case.digest()) for case in chunk.cases)
    return found


def _copies(partner: str, told: Sequence[Past], count: int) -> Iterator[Past]:
    """Yield as many requests of a partner as asked for: those told, and copies of them on days before."""
    random = Random(partner)  # noqa: S311 - made-up data, the same each time
    for place in range(count):
        request, digest = told[place % len(told)]
        back = timedelta() if place < len(told) else random.random() * (request.submitted_at - _first_day())
        number = number_at(partner, place * 104_729 % 2**30)
        at = request.submitted_at - back
        last = replace(request.last, at=request.last.at - back)
        answers = {**request.answers, "tenant_name": f"{request.customer} {place}"}
        copy = replace(
            request, number=number, token=f"{place:032x}", submitted_at=at, decide_from=at, last=last, answers=answers
        )
        yield copy, replace(digest, number=number, submitted_at=at, at=last.at)


def _first_day() -> datetime:
    return NOW - timedelta(days=30 * MONTHS)


async def fill(store: SqliteStore, count: int) -> None:
    """Fill an empty store with the directory and so many requests."""
    directory = made_directory()
    await PeopleStore(store).load(directory)
    told = _told(directory)
    shares = [count // PARTNERS + (place < count % PARTNERS) for place in range(PARTNERS)]
    for (partner, of_partner), share in zip(sorted(told.items()), shares, strict=True):
        copies = list(_copies(partner, of_partner, share))
        await _write(store, copies)
        await LedgerStore(store).enter_all(partner, [digest for _, digest in copies])


async def _write(store: SqliteStore, copies: Sequence[Past]) -> None:
    rows: dict[tuple[str, str], list[Change]] = {}
    for request, _ in copies:
        number = request.number
        of_partner = rows.setdefault(("requests", request.partner), [])
        of_partner.append(Put(key("request", number), records.request_row(request)))
        of_partner += [Put(each, index_row(number)) for each in index_keys(request)]
        for place in rows_for(request):
            row = Put(place[1], list_row(place, request, removed=False))
            rows.setdefault(("views", place[0]), []).append(row)
    commits = [
        store.table(table).commit(partition, changes[start : start + _ROWS])
        for (table, partition), changes in rows.items()
        for start in range(0, len(changes), _ROWS)
    ]
    for start in range(0, len(commits), _AT_ONCE):
        await asyncio.gather(*commits[start : start + _AT_ONCE])
