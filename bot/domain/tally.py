"""Tallies: the digests of one partner's month, counted by region and workload."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from bot.domain.digest import APPROVED, DENIED, Digest
from bot.domain.lifecycle import OPEN, Status

Counts = Mapping[str, int]
"""How many of what, by the names that `counts_of` gives; what there is none of has no name."""
Group = tuple[str, str]
"""A region and a workload, by their codes."""
Cube = Mapping[Group, Counts]

DEFLECTED = "deflected"
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Tally:
    """What was counted for one partner and month, like 2026-11."""

    partner: str
    month: str
    cube: Cube = field(default_factory=dict)


def counts_of(digest: Digest) -> Counts:
    """Return what one request adds to the counts of its group.

    Names are stored: `requests` (those that partners asked for), `proactive`, `status:<status>`, `topic:<code>`,
    `language:<code>`, `approved`, `denied`, `denied:<reason>`, `returned` (requests), `returns`, `asked:<field>`,
    `repeats`, `duplicates`, `kept:<promise>`, `broken:<promise>`, `declines`, `issues`, `ratings`, `stars` (their sum),
    `stars:<n>`, `learners`, `closed`, `hours` (of the closed ones, from submission to the end, rounded).
    """
    asked = "proactive" if digest.is_proactive else "requests"
    found: Counter[str] = Counter({asked: 1, f"status:{digest.status}": 1, f"topic:{digest.topic}": 1})
    found[f"language:{digest.language}"] = int(bool(digest.language))
    found["approved"] = int(digest.outcome == APPROVED)
    found["denied"] = int(digest.outcome == DENIED)
    found[f"denied:{digest.deny_reason}"] = int(bool(digest.deny_reason))
    found["returned"] = int(digest.returns > 0)
    found["returns"] = digest.returns
    found["repeats"] = int(digest.is_repeat)
    found["duplicates"] = int(digest.is_duplicate)
    found["declines"], found["issues"], found["learners"] = digest.declines, digest.issues, digest.learners
    found["ratings"], found["stars"] = len(digest.stars), sum(digest.stars)
    found.update(f"stars:{stars}" for stars in digest.stars)
    found.update(f"asked:{key}" for key in digest.asked_for)
    found.update({f"kept:{promise}": count for promise, count in digest.kept.items()})
    found.update({f"broken:{promise}": count for promise, count in digest.broken.items()})
    if digest.status is Status.CLOSED and digest.ended_at:
        found["closed"] = 1
        found["hours"] = round((digest.ended_at - digest.submitted_at) / _HOUR)
    return {name: count for name, count in found.items() if count}


def group_of(digest: Digest) -> Group:
    return digest.region, digest.workload


def added(cube: Cube, group: Group, counts: Counts, sign: int = 1) -> Cube:
    """Return a cube with these counts added to a group, or with -1 taken off it; what comes to nothing goes."""
    sums = Counter(cube.get(group, {}))
    for name, count in counts.items():
        sums[name] += sign * count
    left = {name: count for name, count in sums.items() if count}
    others = {key: value for key, value in cube.items() if key != group}
    return {**others, group: left} if left else others


def difference(now: Counts, before: Counts) -> Counts:
    """Return what has been added to counts, below 0 where something was taken off."""
    return {name: now.get(name, 0) - before.get(name, 0) for name in {*now, *before}}


def merged(parts: Iterable[Counts]) -> Counts:
    """Return the sum of counts."""
    sums: Counter[str] = Counter()
    for part in parts:
        sums.update(part)
    return sums


def open_of(counts: Counts) -> int:
    """Return how many of the counted requests are open."""
    return sum(counts.get(f"status:{status}", 0) for status in OPEN)
