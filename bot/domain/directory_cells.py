"""One line of a directory file: its cells become values, and what is wrong with them is collected."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from zoneinfo import available_timezones

from bot.domain.errors import Mistake
from bot.domain.kinds import Email, Guid, Text, WholeNumber
from bot.domain.texts import one_line

LIST_SEPARATOR = ";"
_PARTNER_CODE = re.compile(r"[A-Z0-9]{2,12}")
_NAME = Text(longest=120)
_CAPACITY = WholeNumber(0, 1_000)
_LONGEST_ECHO = 60

Parse = Callable[[str], str]


@dataclass(frozen=True, slots=True, order=True)
class Complaint:
    """What is wrong at one place of the files; line 0 is the file as a whole."""

    file: str
    line: int
    column: str
    sentence: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return ": ".join(part for part in (place, self.column, self.sentence) if part)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a directory file as it was read; an absent cell is an empty one.

    Where a line has more cells than the header, they may all stand in wrong columns, and are not judged one by one.
    """

    file: str
    number: int
    cells: Mapping[str, str]
    has_surplus: bool = False


class LineReader:
    """Turns the cells of one line into values; a bad cell becomes an empty value and a complaint."""

    def __init__(self, line: Line, complaints: list[Complaint]) -> None:
        self.line = line
        self._complaints = complaints

    def complain(self, column: str, sentence: str) -> None:
        if not self.line.has_surplus:
            self._complaints.append(Complaint(self.line.file, self.line.number, column, sentence))

    def is_empty(self, column: str) -> bool:
        return not self.line.cells.get(column, "").strip()

    def required(self, column: str, parse: Parse) -> str:
        if self.is_empty(column):
            self.complain(column, "is empty")
        return self.optional(column, parse)

    def optional(self, column: str, parse: Parse, default: str = "") -> str:
        return default if self.is_empty(column) else self._parsed(column, self.line.cells[column], parse)

    def several(self, column: str, parse: Parse) -> tuple[str, ...]:
        """Return the values of a list cell in their order, each once."""
        parts = self.line.cells.get(column, "").split(LIST_SEPARATOR)
        values = [self._parsed(column, part, parse) for part in parts if part.strip()]
        return tuple(dict.fromkeys(value for value in values if value))

    def _parsed(self, column: str, text: str, parse: Parse) -> str:
        try:
            return parse(text.strip())
        except Mistake as mistake:
            self.complain(column, mistake.sentence)
            return ""


def a_name(text: str) -> str:
    return _NAME.parse(text, {})


def a_partner_code(text: str) -> str:
    if not _PARTNER_CODE.fullmatch(text):
        raise Mistake(f"{echo(text)} is not a partner code of 2 to 12 characters A-Z 0-9")
    return text


def an_email(text: str) -> str:
    try:
        return Email().parse(text, {})
    except Mistake:
        raise Mistake(f"{echo(text)} is not an e-mail address") from None


def a_guid(text: str) -> str:
    try:
        return Guid().parse(text, {})
    except Mistake:
        raise Mistake(f"{echo(text)} is not a GUID") from None


def a_capacity(text: str) -> str:
    try:
        return _CAPACITY.parse(text, {})
    except Mistake:
        raise Mistake(f"{echo(text)} is not a whole number from 0 to 1,000") from None


def a_time_zone(text: str) -> str:
    if text not in _time_zones():
        raise Mistake(f"{echo(text)} is not a time zone, like Europe/Madrid")
    return text


def one_of(codes: Mapping[str, str]) -> Parse:
    """Return a parser that accepts the codes in any case and returns them as they are written in `codes`."""
    known = {code.casefold(): code for code in codes}

    def parse(text: str) -> str:
        if text.casefold() not in known:
            raise Mistake(f"{echo(text)} is not one of {', '.join(codes)}")
        return known[text.casefold()]

    return parse


def a_country(is_holiday_country: Callable[[str], bool]) -> Parse:
    def parse(text: str) -> str:
        if not is_holiday_country(text.upper()):
            raise Mistake(f"{echo(text)} is not an ISO country whose public holidays are known")
        return text.upper()

    return parse


@cache
def _time_zones() -> frozenset[str]:
    return frozenset(available_timezones())


def echo(text: str) -> str:
    """Return what somebody wrote in quotes, short enough for a listing and on one line."""
    return f'"{one_line(text)[:_LONGEST_ECHO]}"'
