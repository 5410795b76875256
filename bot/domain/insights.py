"""Insights: what was counted for a slice of the programme, by month and by region, workload or partner."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.domain.catalogues import LANGUAGES, REGIONS, WORKLOADS
from bot.domain.digest import month_of
from bot.domain.errors import Refusal
from bot.domain.export_filter import is_month
from bot.domain.measures import shares_of
from bot.domain.parties import decided_for
from bot.domain.people import Partner, Person, Role
from bot.domain.ports import Clock, Ledger, Lists, People
from bot.domain.tally import Counts, Tally, merged

NOT_FOR_YOU = "Insights are for FPMs and the programme team. Type help to see what you can do."
NOT_YOUR_PARTNER = "I know no such partner of yours. Type portfolio to see whom you look after."
MONTHS_SHOWN = 12
MOST_MONTHS = 36
_AT_ONCE = 16


class By(StrEnum):
    """What numbers are set beside each other for; the months always are."""

    REGION = "region"
    WORKLOAD = "workload"
    PARTNER = "partner"


@dataclass(frozen=True, slots=True)
class Scope:
    """Which requests are counted: months like 2026-11, both included; '' stands for all."""

    first: str
    last: str
    region: str = ""
    workload: str = ""
    partner: str = ""


@dataclass(frozen=True, slots=True)
class Demand:
    """One language or workload: how often it was asked for, and how many SMEs have it."""

    code: str
    asked: int
    smes: int


@dataclass(frozen=True, slots=True)
class Load:
    """How many engagements an SME has open, of as many as the SME takes."""

    name: str
    open: int
    capacity: int


@dataclass(frozen=True, slots=True)
class Insight:
    """What was counted: in all, by month in their order, and by the values of one property, the most requests first."""

    scope: Scope
    by: By
    whose: str
    total: Counts
    months: Sequence[tuple[str, Counts]]
    rows: Sequence[tuple[str, Counts]]
    names: Mapping[str, str] = field(default_factory=dict)


def months_before(at: datetime, count: int) -> str:
    """Return the first of so many months that end with the one of a time in UTC, like 2025-12."""
    year, month = (int(part) for part in month_of(at).split("-"))
    index = year * 12 + month - count
    return f"{index // 12:04d}-{index % 12 + 1:02d}"


@dataclass(frozen=True, slots=True)
class Insights:
    """Where numbers are found; everybody gets those of the partners that are theirs to look at."""

    people: People
    ledger: Ledger
    lists: Lists
    clock: Clock

    async def partners_of(self, person: Person) -> list[Partner]:
        """Return the partners whose numbers a person may read, by name. Raises Refusal."""
        if person.is_a(Role.PROGRAM):
            found = await self.people.partners()
        elif person.is_a(Role.FPM):
            emails = await decided_for(person, self.people, self.clock())
            found = [each for email in emails for each in await self.people.partners_of(email)]
        else:
            raise Refusal(NOT_FOR_YOU)
        return sorted(
            {each.code: each for each in found}.values(), key=lambda partner: (partner.name.casefold(), partner.code)
        )

    def scope(self, texts: Mapping[str, str]) -> Scope:
        """Return the scope that somebody has asked for; what cannot be meant is left out."""
        last = _month(texts.get("last", "")) or month_of(self.clock())
        first = _month(texts.get("first", "")) or months_before(first_day(last), MONTHS_SHOWN)
        first = max(min(first, last), months_before(first_day(last), MOST_MONTHS))
        region, workload = texts.get("region", ""), texts.get("workload", "")
        return Scope(
            first,
            last,
            region if region in REGIONS else "",
            workload if workload in WORKLOADS else "",
            "" if texts.get("partner") == "all" else texts.get("partner", "").upper(),
        )

    async def of(self, person: Person, scope: Scope, by: By = By.REGION) -> Insight:
        """Return what was counted of what the person may see. Raises Refusal."""
        names = await self._names(person)
        chosen = [code for code in names if scope.partner in {"", code}]
        if scope.partner and not chosen:
            raise Refusal(NOT_YOUR_PARTNER)
        sums: dict[tuple[str, str], Counter[str]] = {}
        for start in range(0, len(chosen), _AT_ONCE):
            group = chosen[start : start + _AT_ONCE]
            found = await asyncio.gather(*(self.ledger.tallies(code, scope.first, scope.last) for code in group))
            for tally in (each for tallies in found for each in tallies):
                _add(sums, tally, scope, by)
        return Insight(
            scope=scope,
            by=by,
            whose="All partners" if person.is_a(Role.PROGRAM) else "Your partners",
            total=merged(sums.values()),
            months=[(month, _where(sums, 0, month)) for month in _months(scope)],
            rows=_sorted((value, _where(sums, 1, value)) for value in {value for _, value in sums}),
            names=names,
        )

    async def _names(self, person: Person) -> dict[str, str]:
        """Return the names of the partners that count for a person, by code; who has left still counts for all."""
        names = {partner.code: partner.name for partner in await self.partners_of(person)}
        if not person.is_a(Role.PROGRAM):
            return names
        return names | {code: code for code in await self.ledger.partners() if code not in names}

    async def demand(self, insight: Insight) -> list[Demand]:
        """Return what was asked for with the SMEs who have it, the most wanted first.

        These are the workloads where the insight is one by workload, else the languages.
        """
        smes = await self.people.with_role(Role.SME)
        if insight.by is By.WORKLOAD:
            asked = {code: counts.get("requests", 0) for code, counts in insight.rows}
            return _demand(asked, WORKLOADS, Counter(code for sme in smes for code in sme.workloads))
        asked = dict(shares_of(insight.total, "language:"))
        return _demand(asked, LANGUAGES, Counter(code for sme in smes for code in sme.languages))

    async def loads(self) -> list[Load]:
        """Return how busy each SME is now, those with the least room first."""
        open_now = await self.lists.loads()
        smes = await self.people.with_role(Role.SME)
        found = [Load(sme.name, open_now.get(sme.email, 0), sme.capacity) for sme in smes]
        return sorted(found, key=lambda load: (load.capacity - load.open, -load.open, load.name))


def _add(sums: dict[tuple[str, str], Counter[str]], tally: Tally, scope: Scope, by: By) -> None:
    for (region, workload), counts in tally.cube.items():
        if scope.region in {"", region} and scope.workload in {"", workload}:
            value = {By.REGION: region, By.WORKLOAD: workload, By.PARTNER: tally.partner}[by]
            sums.setdefault((tally.month, value), Counter()).update(counts)


def _where(sums: Mapping[tuple[str, str], Counts], place: int, value: str) -> Counts:
    return merged(counts for key, counts in sums.items() if key[place] == value)


def _sorted(rows: Iterable[tuple[str, Counts]]) -> list[tuple[str, Counts]]:
    return sorted(rows, key=lambda row: (-row[1].get("requests", 0), row[0]))


def _demand(asked: Mapping[str, int], known: Iterable[str], smes: Mapping[str, int]) -> list[Demand]:
    found = [Demand(code, asked.get(code, 0), smes.get(code, 0)) for code in known if asked.get(code)]
    return sorted(found, key=lambda each: (-each.asked, each.code))


def _month(text: str) -> str:
    """Return a month that was typed or chosen, like 2026-11, '' where it is none."""
    return text[:7] if is_month(text[:7]) else ""


def first_day(month: str) -> datetime:
    """Return when a month like 2026-11 begins, in UTC."""
    return datetime.fromisoformat(f"{month}-01T00:00:00+00:00")


def _months(scope: Scope) -> list[str]:
    """Return all months of a scope in their order, also those in which nothing happened."""
    found = [scope.last]
    while found[0] > scope.first:
        found.insert(0, months_before(first_day(found[0]), 2))
    return found
