"""How long the ranking of many SMEs takes: on its own, and with everything that is known of them read from a store."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from statistics import median

from bot.calendars import HolidayCalendars
from bot.domain.calendars import calendar_of
from bot.domain.candidates import Candidates
from bot.domain.catalogues import LANGUAGES, REGIONS, WORKLOADS
from bot.domain.lifecycle import EngagementStatus
from bot.domain.matching import Known, away, load_weights, ranked
from bot.domain.people import Directory, Leave, Person, Role
from state.people import PeopleStore
from state.people_cache import CachedPeople
from state.requests import RequestStore
from state.sqlite import SqliteStore
from state.views import ViewStore
from state.work import WorkStore
from tests.bench.report import goal
from tests.domain.cast import ANSWERS, CONTOSO, HOME, MONDAY, RITA, request_in

COUNTS = (1_000, 5_000)
MOST_MILLISECONDS = 50.0
"""The goal for each figure."""
_RUNS = 15
_ZONES = ("Europe/Berlin", "Europe/London", "America/New_York", "America/Bogota", "Asia/Tokyo", "Asia/Kolkata")
_HOLIDAYS = ("DE", "GB", "US", "CO", "JP", "IN")
_CALENDARS = HolidayCalendars()
_REQUEST = replace(request_in("approved"), answers=ANSWERS | {"secondary_language": "de"})
_OPEN = request_in("active", stage=EngagementStatus.ACTIVE)


def _nth(values: tuple[str, ...], number: int, count: int) -> tuple[str, ...]:
    return tuple(values[(number + step * step) % len(values)] for step in range(count))


def made_smes(count: int) -> list[Person]:
    """Return SMEs of whom a quarter know the workload, and fewer than half of these speak the language."""
    workloads, languages, regions = tuple(WORKLOADS), tuple(LANGUAGES), tuple(REGIONS)
    return [
        Person(
            f"sme{n}@home.example", f"Sme {n * 7919 % count:05}", frozenset({Role.SME}), HOME,
            workloads=_nth(workloads, n, 5), languages=(("en",) if n % 2 else ()) + _nth(languages, n, 2),
            regions=_nth(regions, n, 1 + n % 2), time_zone=_ZONES[n % 6], holidays=_HOLIDAYS[n % 6], capacity=1 + n % 5,
        )
        for n in range(count)
    ]  # fmt: skip


def made_leaves(smes: list[Person]) -> list[Leave]:
    """Return a leave in the next weeks of every tenth SME."""
    days = [date(2026, 11, 24) + timedelta(days=n % 30) for n in range(len(smes))]
    return [Leave(sme.email, day, day + timedelta(days=7)) for sme, day in zip(smes[::10], days, strict=False)]


def known_of(smes: list[Person]) -> Known:
    """Return what may be known of SMEs; most have something open."""
    calendars = {sme.email: calendar_of(_CALENDARS, sme) for sme in smes}
    leaves = {
        leave.email: [counted]
        for leave in made_leaves(smes)
        if (counted := away(leave.first, leave.last, MONDAY, calendars[leave.email]))
    }
    loads = {sme.email: n % 4 for n, sme in enumerate(smes)}
    helped = {sme.email: 1 for sme in smes[::25]}
    return Known(MONDAY, calendar_of(_CALENDARS, RITA).zone, loads, leaves, helped, dict(list(helped.items())[:5]))


async def _milliseconds(run: Callable[[], Awaitable[object]]) -> float:
    await run()
    taken = []
    for _ in range(_RUNS):
        began = time.perf_counter()
        await run()
        taken.append(time.perf_counter() - began)
    return median(taken) * 1_000


async def _alone(smes: list[Person]) -> float:
    known = known_of(smes)

    async def run() -> object:
        return ranked(_REQUEST, smes, known, load_weights())

    return await _milliseconds(run)


async def _with_a_store(smes: list[Person], file: Path) -> float:
    """Return the same with the facts read from a store, in which every second SME has an engagement open."""
    store = SqliteStore(file)
    await store.open()
    try:
        stored = PeopleStore(store)
        await stored.load(Directory({CONTOSO.code: CONTOSO}, {each.email: each for each in (RITA, *smes)}))
        for leave in made_leaves(smes):
            await stored.add_leave(leave)
        people, lists = CachedPeople(stored), ViewStore(store, _clock)
        for n, sme in enumerate(smes[::2]):
            open_one = replace(_OPEN, number=f"CONTOSO-{n:06}", sme=sme.email)
            await lists.refresh(open_one, frozenset())
        requests = RequestStore(store, WorkStore(store, "bench", _clock), _clock)
        candidates = Candidates(requests, people, lists, _CALENDARS, _clock, load_weights())
        return await _milliseconds(lambda: candidates.ranking(_REQUEST, CONTOSO, ()))
    finally:
        await store.close()


def _clock() -> datetime:
    return MONDAY


async def ranking_lines(folder: Path, counts: tuple[int, ...] = COUNTS) -> list[str]:
    """Return lines for each number of SMEs, with the milliseconds that one ranking takes."""
    lines = []
    for count in counts:
        smes = made_smes(count)
        able = [replace(sme, workloads=("TEAMS",), languages=("en",), capacity=9) for sme in smes]
        figures = {
            "as they come": await _alone(smes),
            "who all may be asked": await _alone(able),
            "as they come, with what is known of them read": await _with_a_store(smes, folder / f"{count}-smes.db"),
        }
        lines += [goal(f"ms to rank {count:,} SMEs {how}", took, MOST_MILLISECONDS) for how, took in figures.items()]
    return lines
