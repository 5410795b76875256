"""The routing table, read from routing.toml beside this file, and the verdict it gives on a request."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources
from typing import Any

from bot.domain.catalogues import LANGUAGES, WORKLOADS

SEATS_LOWEST = 1
SEATS_HIGHEST = 10_000_000


class Outcome(StrEnum):
    """What the table says about a request."""

    ELIGIBLE = "eligible"
    SELF_DEPLOY = "self_deploy"
    EXCEPTION = "exception"


class Flag(StrEnum):
    """What the FPM should notice about a request that goes through."""

    EXCEPTION = "exception"
    BELOW_MINIMUM = "below_minimum"
    LANGUAGE_LIMITED = "language_limited"
    AT_THRESHOLD = "at_threshold"


FLAG_WORDS: Mapping[Flag, str] = {
    Flag.EXCEPTION: "EXCEPTION",
    Flag.BELOW_MINIMUM: "below the published minimum",
    Flag.LANGUAGE_LIMITED: "language limited",
    Flag.AT_THRESHOLD: "at the threshold",
}


class RoutingError(Exception):
    """The routing table cannot be used; the message names the row and what is wrong."""


@dataclass(frozen=True, slots=True)
class Row:
    """One rule: for these workloads, from and to so many seats (inclusive), this outcome."""

    id: str
    workloads: tuple[str, ...]
    lowest: int
    highest: int
    language: str
    outcome: Outcome
    flag: Flag | None

    def seats_in_words(self) -> str:
        if (self.lowest, self.highest) == (SEATS_LOWEST, SEATS_HIGHEST):
            return "any number of seats"
        if self.lowest == self.highest:
            return f"exactly {self.lowest:,} seats"
        if self.highest == SEATS_HIGHEST:
            return f"more than {self.lowest - 1:,} seats"
        return f"{self.highest:,} seats or fewer"

    def language_in_words(self) -> str:
        return LANGUAGES[self.language] if self.language else "any service language"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The table's word on one request, with the rule behind it in words, to be stored with the request."""

    outcome: Outcome
    flags: tuple[Flag, ...]
    rule: str
    version: str
    reason: str
    guidance: str = ""

    @property
    def needs_reason(self) -> bool:
        return self.outcome is Outcome.EXCEPTION or Flag.BELOW_MINIMUM in self.flags


OUTCOME_WORDS: Mapping[Outcome, str] = {
    Outcome.ELIGIBLE: "eligible for an SME",
    Outcome.SELF_DEPLOY: "self-deployment guidance, no SME",
    Outcome.EXCEPTION: "guidance first, an SME by exception",
}


@dataclass(frozen=True, slots=True)
class RoutingTable:
    """All rows of one version."""

    version: str
    rows: tuple[Row, ...]
    guidance: Mapping[str, str]

    def verdict(self, workload: str, seats: int, language: str) -> Verdict:
        """Say what applies. Raises KeyError for a workload or a number of seats outside the catalogue."""
        for row in self.rows:
            if workload in row.workloads and row.lowest <= seats <= row.highest:
                return self._verdict_of(row, workload, language)
        raise KeyError(workload)

    def as_lines(self, *, codes: bool = False) -> list[tuple[str, str, str, str]]:
        """Return the table for people: workloads (as labels or codes), seats, language, verdict with its flag."""
        lines = []
        for row in self.rows:
            flag = f" ({FLAG_WORDS[row.flag]})" if row.flag else ""
            names = ", ".join(w if codes else WORKLOADS[w] for w in row.workloads)
            lines.append((names, row.seats_in_words(), row.language_in_words(), OUTCOME_WORDS[row.outcome] + flag))
        return lines

    def _verdict_of(self, row: Row, workload: str, language: str) -> Verdict:
        flags = [row.flag] if row.flag else []
        if row.outcome is Outcome.EXCEPTION:
            flags.append(Flag.EXCEPTION)
        if row.language and row.language != language:
            flags.append(Flag.LANGUAGE_LIMITED)
        named = f", service language {LANGUAGES[row.language]}" if row.language else ""
        reason = f"{WORKLOADS[workload]} with {row.seats_in_words()}{named}: {OUTCOME_WORDS[row.outcome]}"
        link = "" if row.outcome is Outcome.ELIGIBLE else self.guidance[workload]
        return Verdict(row.outcome, tuple(flags), row.id, self.version, reason, link)


def _row(data: Any) -> Row:  # noqa: ANN401 - whatever the file holds
    if not isinstance(data, dict):
        raise RoutingError(f"row {data!r}: not a table")
    try:
        return _checked_row(data)
    except (KeyError, TypeError, ValueError) as error:
        raise RoutingError(f"row {data.get('id', '?')}: {error}") from error


def _checked_row(data: Mapping[str, Any]) -> Row:
    if not all(isinstance(data.get(bound, 1), int) for bound in ("from", "to")):
        raise TypeError("from and to are whole numbers")
    return Row(
        id=data["id"],
        workloads=tuple(data["workloads"]),
        lowest=data.get("from", SEATS_LOWEST),
        highest=data.get("to", SEATS_HIGHEST),
        language=data.get("language", ""),
        outcome=Outcome(data["verdict"]),
        flag=Flag(data["flag"]) if "flag" in data else None,
    )


def _check(table: RoutingTable) -> None:
    for workload in WORKLOADS:
        ranges = sorted((r.lowest, r.highest, r.id) for r in table.rows if workload in r.workloads)
        expected = SEATS_LOWEST
        for lowest, highest, name in ranges:
            if lowest != expected:
                wrong = "overlaps another row" if lowest < expected else "leaves a gap before it"
                raise RoutingError(f"row {name}: {workload} from {lowest:,} seats {wrong}")
            expected = highest + 1
        if expected != SEATS_HIGHEST + 1:
            raise RoutingError(f"{workload}: no row for {expected:,} seats and more")
    for row in table.rows:
        unknown = [w for w in row.workloads if w not in WORKLOADS]
        if unknown or (row.language and row.language not in LANGUAGES):
            raise RoutingError(f"row {row.id}: unknown workload or language {unknown or row.language}")
        if row.outcome is not Outcome.ELIGIBLE and not all(w in table.guidance for w in row.workloads):
            raise RoutingError(f"row {row.id}: a workload without a guidance link")


def parse_table(text: str) -> RoutingTable:
    """Read and check a table. Raises RoutingError on a gap, an overlap, an unknown code or a missing link."""
    try:
        data = tomllib.loads(text)
        rows: Iterable[Mapping[str, Any]] = data["row"]
        table = RoutingTable(data["version"], tuple(_row(r) for r in rows), data["guidance"])
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise RoutingError(f"routing.toml: {error}") from error
    _check(table)
    return table


def load_table() -> RoutingTable:
    """Return the table in force."""
    return parse_table(resources.files("bot.domain").joinpath("routing.toml").read_text(encoding="utf-8"))
