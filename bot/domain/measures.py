"""The measures: every number of portfolio and insights with its definition, computed from counts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.promise_record import RECEIPT
from bot.domain.promises import PromiseId
from bot.domain.tally import DEFLECTED, Counts, open_of


class Unit(StrEnum):
    """What a number is: a whole number, a share from 0 to 1, a time in days, or stars from 1 to 5."""

    COUNT = "count"
    SHARE = "share"
    DAYS = "days"
    STARS = "stars"


@dataclass(frozen=True, slots=True)
class Measure:
    """One number: `of` computes it from counts, None where there is nothing to compute it from.

    `stands_on` is how many cases a share or a mean is made of.
    """

    key: str
    label: str
    unit: Unit
    definition: str
    of: Callable[[Counts], float | None]
    stands_on: Callable[[Counts], int]


def _count(key: str, label: str, definition: str) -> Measure:
    def of(counts: Counts) -> int:
        return counts.get(key, 0)

    return Measure(key, label, Unit.COUNT, definition, of, of)


def _ratio(  # noqa: PLR0913 - what a ratio is made of
    key: str, label: str, unit: Unit, definition: str, part: str, *whole: str, per: int = 1
) -> Measure:
    def stands_on(counts: Counts) -> int:
        return sum(counts.get(name, 0) for name in whole)

    def of(counts: Counts) -> float | None:
        cases = stands_on(counts)
        return counts.get(part, 0) / cases / per if cases else None

    return Measure(key, label, unit, definition, of, stands_on)


def _share(key: str, label: str, definition: str, part: str, *whole: str) -> Measure:
    return _ratio(key, label, Unit.SHARE, definition, part, *whole)


def _kept(promise: str, label: str, promised: str) -> Measure:
    definition = f"{promised}. Kept, of all that were met or have slipped."
    return _share(promise, label, definition, f"kept:{promise}", f"kept:{promise}", f"broken:{promise}")


_DECIDED = ("approved", "denied")
_ALL = (
    _count("requests", "Requests", "Submitted by partners. Everything counts in the month of submission, in UTC."),
    Measure(
        "open",
        "Open",
        Unit.COUNT,
        "Of those submitted then, not denied, withdrawn or closed now; proposed help included.",
        open_of,
        open_of,
    ),
    _count("proactive", "Proposed help", "Proposed to partners by Microsoft; not among the requests."),
    _count(DEFLECTED, "Deflected", "Forms that ended with self-deployment guidance, once a form and workload."),
    _share(
        "approval", "Approved", "Of the requests decided, those whose latest decision approves.", "approved", *_DECIDED
    ),
    _share("denial", "Denied", "Of the requests decided, those whose latest decision denies.", "denied", *_DECIDED),
    _share("return", "Returned", "Of the requests, those sent back at least once.", "returned", "requests"),
    _share(
        "repeat",
        "Repeats",
        "Of the requests, those with the workload and topic of an earlier one of the partner for another customer,"
        " within 12 months, migrations excepted.",
        "repeats",
        "requests",
    ),
    _share(
        "duplicate",
        "Duplicates",
        "Of the requests, those for a customer and workload of which the partner had an open one.",
        "duplicates",
        "requests",
    ),
    _kept(RECEIPT, "Receipt in time", "The receipt reaches the requester within 5 minutes"),
    _kept(PromiseId.TRIAGE, "First look in time", "The FPM acts within one business day"),
    _kept(PromiseId.DECISION, "Decision in time", "Assigned or denied within 5 days, not counting time while returned"),
    _kept(PromiseId.ACCEPTANCE, "SME reply in time", "The SME accepts or declines within one business day"),
    _kept(PromiseId.FIRST_CONTACT, "First contact in time", "The SME contacts the partner within one business day"),
    _count("declines", "Offers declined", "Offers that SMEs have declined."),
    _count("issues", "Issues", "Issues reported on the requests."),
    _ratio("rating", "Rating", Unit.STARS, "The mean of all ratings that partners gave, 1 to 5.", "stars", "ratings"),
    _ratio(
        "to_close",
        "Time to close",
        Unit.DAYS,
        "The mean time from submission to close, of the requests closed.",
        "hours",
        "closed",
        per=24,
    ),
    _count("learners", "Learners", "Named in kick-offs as learning from the help, each person once a request."),
)
MEASURES: Mapping[str, Measure] = {measure.key: measure for measure in _ALL}
"""By the key, in the order in which they are listed."""
PROMISES = (
    RECEIPT,
    PromiseId.TRIAGE.value,
    PromiseId.DECISION.value,
    PromiseId.ACCEPTANCE.value,
    PromiseId.FIRST_CONTACT.value,
)
"""The keys of the measures about promises, in the order of a request's life."""


def shares_of(counts: Counts, prefix: str) -> list[tuple[str, int]]:
    """Return what follows a prefix like `denied:` in the names of counts, with how many, the most first."""
    found = [(name.removeprefix(prefix), count) for name, count in counts.items() if name.startswith(prefix)]
    return sorted(found, key=lambda pair: (-pair[1], pair[0]))
