"""What is read of a stored row, and how one is named that somebody has damaged."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import wraps
from hashlib import sha256
from typing import Any, Concatenate, NoReturn, ParamSpec, TypeVar

from bot.domain.unreadable import UnreadableRow
from state.keys import SEPARATOR
from state.table import Value

_P = ParamSpec("_P")
_T = TypeVar("_T")

Stands = tuple[str, str, str]
"""The table, the partition and the key of a row."""

NAMED = "named"
"""Begins the keys that hold a customer's name."""
_FAULTS = (LookupError, ArithmeticError, ValueError, TypeError, AttributeError)
_SHOWN_DIGITS = 8


class StoredValues(dict[str, Value]):
    """The values of a row that know where it stands, so that a missing one is named.

    A dict, as rows are read all the time; the store that makes it sets where it stands.
    """

    __slots__ = ("stands",)
    stands: Stands

    def __missing__(self, column: str) -> NoReturn:
        raise UnreadableRow(_place(self.stands), f"it has no {column}")


class NoValues(Mapping[str, Value]):
    """Stands for the values of a row whose content is none: its keys can be read, and nothing else of it."""

    def __init__(self, stands: Stands) -> None:
        self._stands = stands

    def __getitem__(self, column: str) -> NoReturn:
        raise self._fault()

    def __iter__(self) -> Iterator[str]:
        raise self._fault()

    def __len__(self) -> int:
        raise self._fault()

    def _fault(self) -> UnreadableRow:
        return UnreadableRow(_place(self._stands), "its content is no JSON object")


def reads_a_row(
    read: Callable[Concatenate[Mapping[str, Any], _P], _T],
) -> Callable[Concatenate[Mapping[str, Any], _P], _T]:
    """Make a function that reads the values of a row raise UnreadableRow when they are not what it expects."""

    @wraps(read)
    def reading(values: Mapping[str, Any], /, *args: _P.args, **kwargs: _P.kwargs) -> _T:
        try:
            return read(values, *args, **kwargs)
        except _FAULTS:
            if not isinstance(values, StoredValues):
                raise
            watched = _Watched(values)
            with suppress(*_FAULTS):
                read(watched, *args, **kwargs)
            fault = UnreadableRow(_place(values.stands), f"its {watched.last} is not what it should be")
        # Not from within the handler: what was raised quotes what is stored, and a log would show it.
        raise fault

    return reading


@contextmanager
def unreadable_noted(lines: set[str]) -> Iterator[None]:
    """Add a line for a row that cannot be read, and break off only this block."""
    try:
        yield
    except UnreadableRow as damaged:
        lines.add(str(damaged))


@reads_a_row
def time_in(values: Mapping[str, Any], column: str) -> datetime:
    """Return the time in a column, which is always there."""
    return datetime.fromisoformat(str(values[column]))


@reads_a_row
def count_in(values: Mapping[str, Any], column: str) -> int:
    """Return the whole number in a column."""
    return int(values[column])


@reads_a_row
def json_in(values: Mapping[str, Any], column: str) -> Any:  # noqa: ANN401 - whatever JSON holds
    """Return what the text in a column says as JSON."""
    return json.loads(str(values[column]))


class _Watched(dict[str, Any]):
    """Values of which is known what was read last: what failed then."""

    last = "content"

    def __getitem__(self, column: str) -> Any:  # noqa: ANN401 - whatever is stored
        self.last = column
        return super().__getitem__(column)

    def get(self, column: str, default: Any = None) -> Any:  # noqa: ANN401 - the same
        self.last = column
        return super().get(column, default)


def _place(stands: Stands) -> str:
    table, partition, key = stands
    return f"{table}: {_shown(partition)} {_shown(key)}"


def _shown(key: str) -> str:
    """Return a key with digits of the SHA-256 in the place of each address and customer's name."""
    parts = key.split(SEPARATOR)
    name = parts[1] if parts[0] == NAMED else None
    return SEPARATOR.join(_digits(part) if "@" in part or part == name else part for part in parts)


def _digits(part: str) -> str:
    # No key holds this sign, so that nobody takes the digits for what stands there.
    return f"#{sha256(part.encode()).hexdigest()[:_SHOWN_DIGITS]}"
