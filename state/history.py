"""The history as stored: each line holds what it changed, so that replaying the lines rebuilds the request."""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from bot.domain.deeds import Change
from bot.domain.ports import Case
from bot.domain.request import SmeRequest
from state import records
from state.engagement_rows import engagement_row
from state.keys import SEPARATOR, key
from state.reading import count_in, unreadable_noted
from state.table import Store, Table, Value, prefix_end

_REQUEST, _ENGAGEMENT, _GONE = "request_", "engagement_", "gone"
# The request's copy of its last event: the line is that event.
_LAST = "last"
# Rows of the versions before clocks or kick-offs have none of these: a line cannot tell whether it changes them.
_ALWAYS_SAID = frozenset({"triage_due", "slipped", "last_deed", "stage", "to_agree", "proposed_by"})

Columns = dict[str, Value]


def line_of(before: Case | None, change: Change) -> Columns:
    """Return the row of the change's event, with every column of the request and engagement that it changed."""
    old = _Told.of(before.request) if before else _Told()
    return _line(old, _Told.of(change.request), change)


def lines_of(changes: Iterable[Change]) -> Iterator[Columns]:
    """Yield the rows of a request's events, from its changes in order."""
    old, request = _Told(), None
    for change in changes:
        new = _Told.of(change.request, request, old)
        yield _line(old, new, change)
        old, request = new, change.request


@dataclass(frozen=True, slots=True)
class _Told:
    """What lines tell of a request: its columns, without the copy of its last event."""

    moving: Columns = field(default_factory=dict)
    asked: Columns = field(default_factory=dict)

    @classmethod
    def of(cls, request: SmeRequest, before: SmeRequest | None = None, told: "_Told | None" = None) -> "_Told":
        """Return what is told of a request; what was asked for is seldom another than before."""
        is_same = before is not None and all(
            then is now for then, now in zip(_asked(before), _asked(request), strict=True)
        )
        asked = told.asked if told and is_same else records.asked_columns(request)
        return cls(records.moving_columns(request), asked)


def _asked(request: SmeRequest) -> tuple[object, ...]:
    return request.answers, request.verdict, request.earlier


def _line(old: _Told, new: _Told, change: Change) -> Columns:
    line = records.event_row(change.event)
    line |= {
        f"{_REQUEST}{name}": value
        for name, value in new.moving.items()
        if old.moving.get(name) != value or name in _ALWAYS_SAID
    }
    if new.asked is not old.asked:
        line |= {f"{_REQUEST}{name}": value for name, value in new.asked.items() if old.asked.get(name) != value}
    line[_GONE] = ",".join(sorted(old.asked.keys() - new.asked.keys()))
    if change.engagement:
        line |= {f"{_ENGAGEMENT}{name}": value for name, value in engagement_row(change.engagement).items()}
    return line


@dataclass(frozen=True, slots=True)
class Replayed:
    """What the lines of a history add up to: the request's columns, and the engagements' by their ids."""

    request: Columns = field(default_factory=dict)
    engagements: dict[str, Columns] = field(default_factory=dict)


def replayed(lines: Iterable[Mapping[str, Value]]) -> Replayed:
    """Replay the stored lines of one request, given in order."""
    request: Columns = {}
    engagements: dict[str, Columns] = {}
    for line in lines:
        for name in str(line.get(_GONE, "")).split(","):
            request.pop(name, None)
        request |= _with_prefix(line, _REQUEST)
        request[_LAST] = records.event_text(records.event_of(line))
        if engagement := _with_prefix(line, _ENGAGEMENT):
            engagements[str(engagement["id"])] = engagement
    return Replayed(request, engagements)


def _with_prefix(line: Mapping[str, Value], prefix: str) -> Columns:
    return {name.removeprefix(prefix): value for name, value in line.items() if name.startswith(prefix)}


class HistoryCheck:
    """Replays every history of a store and compares the outcome with what is stored beside it."""

    def __init__(self, store: Store) -> None:
        self._table: Table = store.table("requests")
        self.unreadable: set[str] = set()

    async def faults(self) -> AsyncIterator[tuple[str, str]]:
        """Yield each request's number with what is wrong with its history, '' when nothing is.

        Of a request that has a row which cannot be read nothing is yielded; `unreadable` names the row.
        """
        async for partner in self._table.partitions():
            prefix = f"request{SEPARATOR}"
            async for row in self._table.scan(partner, prefix, prefix_end(prefix)):
                with unreadable_noted(self.unreadable):
                    number = str(row.values["number"])
                    yield number, await self._fault(partner, number)

    async def _fault(self, partner: str, number: str) -> str:
        # Lines first: a change committed meanwhile makes the request newer than they are, and is looked at again.
        while True:
            lines = await self._values(partner, "event", number)
            row = await self._table.get(partner, key("request", number))
            engagements = await self._engagements(partner, number)
            if row and len(lines) >= count_in(row.values, "revision"):
                return _difference(lines, row.values, engagements)
            if await self._values(partner, "event", number) == lines:
                return f"has {len(lines)} lines of history"

    async def _engagements(self, partner: str, number: str) -> dict[str, Columns]:
        prefix = f"engagement{SEPARATOR}{key(number)}."
        rows = self._table.scan(partner, prefix, prefix_end(prefix))
        return {str(row.values["id"]): dict(row.values) async for row in rows}

    async def _values(self, partner: str, *parts: str) -> list[Mapping[str, Value]]:
        prefix = key(*parts) + SEPARATOR
        return [row.values async for row in self._table.scan(partner, prefix, prefix_end(prefix))]


def _difference(lines: list[Mapping[str, Value]], request: Mapping[str, Value], engagements: dict[str, Columns]) -> str:
    if [line["number"] for line in lines] != list(range(1, count_in(request, "revision") + 1)):
        return "has a gap in its lines"
    found = replayed(lines)
    stored = records.request_row(records.request_of(request))
    pairs = (found.request, stored), (found.engagements, engagements)
    unknown = _ALWAYS_SAID - request.keys()
    different = [
        name
        for ours, theirs in pairs
        for name in sorted((ours | theirs).keys() - unknown)
        if ours.get(name) != theirs.get(name)
    ]
    return f"is not what its history says: {', '.join(different)}" if different else ""
