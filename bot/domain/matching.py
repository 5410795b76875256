"""SMEs ranked for a request, each with the reasons in a line, and why nobody fits when nobody does; pure."""

import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.domain.catalogues import LANGUAGES, WORKLOADS
from bot.domain.lifecycle import Action
from bot.domain.people import Person
from bot.domain.request import SmeRequest
from bot.domain.working_time import BUSINESS_DAY, Calendar

MOST_OFFERED = 15
WEIGHTS = Path(__file__).with_suffix(".toml")
_HOW_THEY_LEFT: Mapping[Action | None, str] = {
    Action.DECLINE: "declined this request",
    Action.RELEASE: "was released from this request",
}
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


class Constraint(StrEnum):
    """What nobody may be without who is asked; in this order it is said who fails on what."""

    WORKLOAD = "workload"
    LANGUAGE = "language"
    PRESENT = "present"
    CAPACITY = "capacity"
    STAYED = "stayed"


@dataclass(frozen=True, slots=True)
class Weights:
    """The points of `matching.toml`."""

    points: Mapping[str, int]
    hours: Mapping[str, int]
    days: Mapping[str, int]
    plans: Mapping[str, str]


_PARTS: Mapping[str, frozenset[str]] = {
    "points": frozenset({"workload", "other_plan", "region", "secondary", "room", "partner", "customer", "leave_soon"}),
    "hours": frozenset({"most", "few", "few_points"}),
    "days": frozenset({"too_near", "soon"}),
}


@cache
def load_weights(path: Path = WEIGHTS) -> Weights:
    """Return the weights of a file. Raises ValueError when a part is missing or unknown."""
    found = tomllib.loads(path.read_text(encoding="utf-8"))
    for part, names in _PARTS.items():
        if set(found.get(part, ())) != names:
            raise ValueError(f"{path.name}: [{part}] needs exactly {', '.join(sorted(names))}")
    return Weights(**{part: found[part] for part in (*_PARTS, "plans")})


@dataclass(frozen=True, slots=True)
class Away:
    """A leave as it counts for a request: the day on which it begins, and in how many working days that is."""

    first: date
    last: date
    working_days_until: int


@dataclass(frozen=True, slots=True)
class Known:
    """What is known beside the directory when SMEs are ranked, each by e-mail address.

    `loads` are the open engagements, `leaves` those that are not over, `with_partner` and `with_customer` the numbers
    of completed engagements, `left` how an SME has left this request. `requester` is the zone of who asks.
    """

    at: datetime
    requester: ZoneInfo
    loads: Mapping[str, int] = field(default_factory=dict)
    leaves: Mapping[str, Sequence[Away]] = field(default_factory=dict)
    with_partner: Mapping[str, int] = field(default_factory=dict)
    with_customer: Mapping[str, int] = field(default_factory=dict)
    left: Mapping[str, Action] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One SME for one request; a higher score fits better. `lacks` is the first constraint on which the SME fails."""

    person: Person
    score: float
    reasons: tuple[str, ...]
    lacks: Constraint | None = None


@dataclass(frozen=True, slots=True)
class Ranking:
    """The best SMEs first, at most 15, and how many of all pass each constraint and those before it."""

    candidates: tuple[Candidate, ...] = ()
    passed: Mapping[Constraint, int] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether SMEs were ranked and nobody passes every constraint."""
        return bool(self.passed) and not any(candidate.lacks is None for candidate in self.candidates)


class _Match:
    """One ranking: what is asked, and what is looked up for many SMEs at once."""

    def __init__(self, request: SmeRequest, known: Known, weights: Weights) -> None:
        answers = request.answers
        self.known = known
        self.weights = weights
        self.workload = answers["workload"]
        self.other_plan = weights.plans.get(self.workload, "")
        self.primary = answers.get("primary_language", "")
        self.secondary = answers.get("secondary_language", "")
        self.region = answers["region"]
        self._hours: dict[str, int] = {}
        self._here = known.at.astimezone(known.requester).utcoffset() or timedelta()

    def lacks(self, sme: Person) -> Constraint | None:
        """Return the first constraint on which an SME fails."""
        if self.workload not in sme.workloads and (not self.other_plan or self.other_plan not in sme.workloads):
            return Constraint.WORKLOAD
        if self.primary and self.primary not in sme.languages:
            return Constraint.LANGUAGE
        if self.leave(sme, self.weights.days["too_near"]):
            return Constraint.PRESENT
        if self.known.loads.get(sme.email, 0) >= sme.capacity:
            return Constraint.CAPACITY
        return Constraint.STAYED if sme.email in self.known.left else None

    def leave(self, sme: Person, within: int) -> Away | None:
        """Return the leave of an SME that begins within so many working days."""
        leaves = self.known.leaves.get(sme.email, ())
        return next((leave for leave in leaves if leave.working_days_until <= within), None)

    def hours(self, sme: Person) -> int:
        """Return how many whole hours of a working day the SME shares with the requester."""
        if sme.time_zone not in self._hours:
            there = self.known.at.astimezone(ZoneInfo(sme.time_zone)).utcoffset() or timedelta()
            apart = abs(there - self._here) % _DAY
            shared = BUSINESS_DAY - min(apart, _DAY - apart)
            self._hours[sme.time_zone] = max(0, shared // _HOUR)
        return self._hours[sme.time_zone]

    def score(self, sme: Person) -> float:
        points, known = self.weights.points, self.known
        found: float = points["workload"] if self.workload in sme.workloads else 0
        if not found and self.other_plan in sme.workloads:
            found = points["other_plan"]
        found += points["region"] * (self.region in sme.regions)
        found += points["secondary"] * bool(self.secondary and self.secondary in sme.languages)
        found += points["partner"] * (sme.email in known.with_partner)
        found += points["customer"] * (sme.email in known.with_customer)
        found += points["leave_soon"] * bool(self.leave(sme, self.weights.days["soon"]))
        found += points["room"] * max(0.0, 1 - known.loads.get(sme.email, 0) / max(1, sme.capacity))
        hours = self.hours(sme)
        found += self.weights.hours["most"] * hours / (BUSINESS_DAY / _HOUR)
        return found + (self.weights.hours["few_points"] if hours < self.weights.hours["few"] else 0)

    def reasons(self, sme: Person) -> tuple[str, ...]:
        known, hours = self.known, self.hours(sme)
        soon = self.leave(sme, self.weights.days["soon"])
        with_customer, with_partner = known.with_customer.get(sme.email, 0), known.with_partner.get(sme.email, 0)
        said = [
            self._workload_of(sme),
            *(LANGUAGES[each] for each in (self.primary, self.secondary) if each and each in sme.languages),
            self.region if self.region in sme.regions else f"not {self.region}",
            f"{hours} h shared",
            f"{known.loads.get(sme.email, 0)} of {sme.capacity} open",
            f"helped this customer {_times(with_customer)}" if with_customer else "",
            f"helped this partner {_times(with_partner)}" if with_partner and not with_customer else "",
            f"on leave {_day(soon.first)} to {_day(soon.last)}" if soon else "",
            f"speaks no {LANGUAGES[self.primary]}" if self.primary and self.primary not in sme.languages else "",
            _HOW_THEY_LEFT.get(known.left.get(sme.email), ""),
        ]
        return tuple(filter(None, said))

    def _workload_of(self, sme: Person) -> str:
        if self.workload in sme.workloads:
            return "knows the workload"
        if self.other_plan and self.other_plan in sme.workloads:
            return f"knows {WORKLOADS[self.other_plan]}"
        return "does not know the workload"


def ranked(request: SmeRequest, smes: Iterable[Person], known: Known, weights: Weights) -> Ranking:
    """Rank SMEs for a request: those who pass every constraint before the others, and of these the best first.

    The requester and the FPM of the request are left out.
    """
    match = _Match(request, known, weights)
    own = {request.requester, request.fpm}
    judged = [(match.lacks(sme), sme) for sme in smes if sme.email not in own]
    order = list(Constraint)
    failed = [order.index(lacks) if lacks else len(order) for lacks, _ in judged]
    passed = {each: sum(1 for place in failed if place > number) for number, each in enumerate(order)}
    loads = known.loads
    # Points are counted only for those who may be offered: of thousands, most fail on workload or language.
    nearest = _nearest(judged, failed)
    found = [(-(order.index(lacks) if lacks else len(order)), -match.score(sme), sme, lacks) for lacks, sme in nearest]
    found.sort(key=lambda each: (each[0], each[1], loads.get(each[2].email, 0), each[2].name, each[2].email))
    shown = found[:MOST_OFFERED]
    return Ranking(tuple(Candidate(sme, -score, match.reasons(sme), lacks) for _, score, sme, lacks in shown), passed)


_Judged = tuple[Constraint | None, Person]


def _nearest(judged: Sequence[_Judged], failed: Sequence[int]) -> list[_Judged]:
    """Return those who pass the most constraints, in whole groups, until there are enough to offer."""
    chosen: list[_Judged] = []
    for place in sorted(set(failed), reverse=True):
        if len(chosen) >= MOST_OFFERED:
            break
        chosen += [each for each, its_place in zip(judged, failed, strict=True) if its_place == place]
    return chosen


def why_nobody(request: SmeRequest, ranking: Ranking) -> str:
    """Say which constraint excludes whom, as in `3 know the workload, of these none speaks Japanese`."""
    language = LANGUAGES.get(request.answers.get("primary_language", ""), "")
    say: Mapping[Constraint, Callable[[int], str]] = {
        Constraint.WORKLOAD: lambda n: f"{_count(n)} {_verb(n, 'know')} the workload",
        Constraint.LANGUAGE: lambda n: f"{_count(n)} {_verb(n, 'speak')} {language}",
        Constraint.PRESENT: lambda n: f"{_count(n)} {'is' if n < 2 else 'are'} there for the next days",  # noqa: PLR2004
        Constraint.CAPACITY: lambda n: f"{_count(n)} {'has' if n < 2 else 'have'} room for one more",  # noqa: PLR2004
        Constraint.STAYED: lambda n: "all have left this request before" if not n else f"{n} can be asked",
    }
    said: list[str] = []
    before = -1
    for constraint in Constraint:
        count = ranking.passed[constraint]
        if count != before or count == 0:
            said.append(say[constraint](count))
        if count == 0:
            break
        before = count
    told = ", of these ".join(said)
    return f"{told[0].upper()}{told[1:]}."


def _count(number: int) -> str:
    return str(number) if number else "none"


def _verb(number: int, verb: str) -> str:
    return f"{verb}s" if number < 2 else verb  # noqa: PLR2004


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"


def _day(day: date) -> str:
    return f"{day:%d %b}".lstrip("0")


def away(first: date, last: date, at: datetime, calendar: Calendar) -> Away | None:
    """Return a leave as it counts at a time in the calendar of who takes it, None when it is over."""
    today = at.astimezone(calendar.zone).date()
    if last < today:
        return None
    between = range(1, max(0, (first - today).days))
    working = sum(1 for day in between if calendar.hours_of(today + timedelta(days=day)))
    return Away(first, last, working + 1 if first > today else 0)
