"""Every measure and breakdown computed anew from an exported requests.csv, by nothing but the README's definitions."""

import csv
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import fmean

OPEN = {"submitted", "returned", "approved", "assigned"}
PROMISES = ("N1", "N4", "N5", "N8", "N7")


@dataclass(frozen=True)
class Deflected:
    """A form that came to nothing; these stand in no line of the export."""

    partner: str
    region: str
    workload: str
    month: str


@dataclass(frozen=True)
class Line:
    """One line of the export with its numbers as numbers."""

    partner: str
    region: str
    workload: str
    month: str
    status: str
    topic: str
    language: str
    outcome: str
    reason: str
    is_proactive: bool
    is_repeat: bool
    is_duplicate: bool
    returns: int
    declines: int
    issues: int
    learners: int
    ratings: tuple[int, ...]
    asked_for: tuple[str, ...]
    kept: Mapping[str, int]
    broken: Mapping[str, int]
    days: float
    """From the submission to the end."""


def read(file: Path) -> list[Line]:
    with file.open(encoding="utf-8", newline="") as lines:
        return [_line(cells) for cells in csv.DictReader(lines)]


def _line(cells: Mapping[str, str]) -> Line:
    submitted = datetime.fromisoformat(cells["submitted_at"])
    ended = datetime.fromisoformat(cells["ended_at"]) if cells["ended_at"] else submitted
    return Line(
        partner=cells["partner"],
        region=cells["region"],
        workload=cells["workload"],
        month=cells["submitted_at"][:7],
        status=cells["status"],
        topic=cells["topic"],
        language=cells["primary_language"],
        outcome=cells["outcome"],
        reason=cells["deny_reason"],
        is_proactive=cells["is_proactive"] == "yes",
        is_repeat=cells["is_repeat"] == "yes",
        is_duplicate=cells["is_duplicate"] == "yes",
        returns=int(cells["returns"]),
        declines=int(cells["declines"]),
        issues=int(cells["issues"]),
        learners=int(cells["learners"]),
        ratings=tuple(int(each) for each in cells["ratings"].split(";") if each),
        asked_for=tuple(each for each in cells["asked_for"].split(";") if each),
        kept={promise: int(cells[f"kept_{promise}"]) for promise in PROMISES},
        broken={promise: int(cells[f"broken_{promise}"]) for promise in PROMISES},
        days=(ended - submitted).total_seconds() / 86_400,
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _mean(values: Sequence[float]) -> float | None:
    return fmean(values) if values else None


def measures(lines: Sequence[Line], deflected: Sequence[Deflected]) -> dict[str, float | None]:
    """Return every measure of these requests by its key, None where there is nothing to compute it from."""
    asked = [line for line in lines if not line.is_proactive]
    approved = sum(1 for line in lines if line.outcome == "approved")
    denied = sum(1 for line in lines if line.outcome == "denied")
    found: dict[str, float | None] = {
        "requests": len(asked),
        "open": sum(1 for line in lines if line.status in OPEN),
        "proactive": len(lines) - len(asked),
        "deflected": len(deflected),
        "approval": _share(approved, approved + denied),
        "denial": _share(denied, approved + denied),
        "return": _share(sum(1 for line in asked if line.returns), len(asked)),
        "repeat": _share(sum(1 for line in asked if line.is_repeat), len(asked)),
        "duplicate": _share(sum(1 for line in asked if line.is_duplicate), len(asked)),
        "declines": sum(line.declines for line in lines),
        "issues": sum(line.issues for line in lines),
        "learners": sum(line.learners for line in lines),
        "rating": _mean([stars for line in lines for stars in line.ratings]),
        "to_close": _mean([line.days for line in lines if line.status == "closed"]),
    }
    for promise in PROMISES:
        kept, broken = sum(line.kept[promise] for line in lines), sum(line.broken[promise] for line in lines)
        found[promise] = _share(kept, kept + broken)
    return found


BREAKDOWNS: Mapping[str, Callable[[Line], Iterable[object]]] = {
    "status:": lambda line: [line.status],
    "topic:": lambda line: [line.topic],
    "language:": lambda line: [line.language] if line.language else [],
    "denied:": lambda line: [line.reason] if line.reason else [],
    "asked:": lambda line: line.asked_for,
    "stars:": lambda line: line.ratings,
}
"""What parts of a whole are shown, by how the names of their counts begin."""


def breakdown(lines: Iterable[Line], prefix: str) -> dict[str, int]:
    """Return how often each value occurs."""
    return dict(Counter(str(value) for line in lines for value in BREAKDOWNS[prefix](line)))
