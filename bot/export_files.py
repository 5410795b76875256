"""Files of an export: lines go straight to the disk, and a file has its name only when it is whole."""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

from bot.domain.exporting import Cell, Line
from bot.domain.spreadsheets import as_cell, as_text

MOST_LINES = 1_048_575
"""Lines of an Excel sheet below the header; what is more goes to further sheets."""
_TIME = "%Y-%m-%dT%H:%M:%SZ"
_TIME_IN_EXCEL = "yyyy-mm-dd hh:mm:ss"

Write = Callable[[Iterable[Line]], None]
"""Writes lines; each has a cell for every column."""


class Heading(Protocol):
    """What a file has to know of a column."""

    @property
    def name(self) -> str: ...
    @property
    def width(self) -> int: ...


@contextmanager
def csv_file(path: Path, columns: Sequence[Heading]) -> Iterator[Write]:
    """Write a CSV file in UTF-8; times are ISO in UTC. A block that fails leaves what stood there before.

    No text is a formula to a spreadsheet: an apostrophe stands before the sign that begins one.
    """
    with _whole_or_nothing(path) as (unfinished, _), unfinished.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([column.name for column in columns])
        yield lambda lines: writer.writerows([_plain(cell) for cell in line] for line in lines)


@contextmanager
def workbook(path: Path, title: str, columns: Sequence[Heading], most_lines: int = MOST_LINES) -> Iterator[Write]:
    """Write an Excel workbook of one sheet, or more when there are more lines than one takes.

    Texts are texts, never formulas or links; numbers are numbers, and times are times in UTC. A block that fails
    leaves what stood there before.
    """
    # The package takes a noticeable part of a second to import, and most of what the bot does goes without it.
    from xlsxwriter import Workbook  # noqa: PLC0415

    with _whole_or_nothing(path) as (unfinished, folder):
        book = Workbook(str(unfinished), {"constant_memory": True, "tmpdir": str(folder)})
        sheets = _Sheets(book, title, columns, most_lines)
        try:
            yield sheets.write
        finally:
            _close(book, sheets)


def _close(book: Any, sheets: "_Sheets") -> None:  # noqa: ANN401 - the package ships no types
    from xlsxwriter.exceptions import FileCreateError  # noqa: PLC0415 - the same

    sheets.end()
    try:
        book.close()
    except FileCreateError as error:
        raise OSError(f"the workbook could not be written: {error}") from error


class _Sheets:
    """Sheets of one workbook, each begun when the one before it is full."""

    def __init__(self, book: Any, title: str, columns: Sequence[Heading], most_lines: int) -> None:  # noqa: ANN401
        self._book, self._title, self._columns, self._most = book, title, columns, most_lines
        self._bold, self._time = book.add_format({"bold": True}), book.add_format({"num_format": _TIME_IN_EXCEL})
        self._count = 0
        self._begin()

    def _begin(self) -> None:
        self._count += 1
        self._row = 0
        name = self._title if self._count == 1 else f"{self._title} {self._count}"
        self._sheet = self._book.add_worksheet(name)
        self._sheet.freeze_panes(1, 0)
        for at, column in enumerate(self._columns):
            self._sheet.set_column(at, at, max(column.width, len(column.name) + 2))
            self._sheet.write_string(0, at, column.name, self._bold)

    def end(self) -> None:
        """Put the filter over all lines of the sheet."""
        self._sheet.autofilter(0, 0, self._row, len(self._columns) - 1)

    def write(self, lines: Iterable[Line]) -> None:
        for line in lines:
            if self._row == self._most:
                self.end()
                self._begin()
            self._row += 1
            for at, cell in enumerate(line):
                self._put(at, cell)

    def _put(self, at: int, cell: Cell) -> None:
        match cell:
            case "":
                pass
            case str():
                self._sheet.write_string(self._row, at, as_cell(cell))
            case datetime():
                self._sheet.write_datetime(self._row, at, cell.replace(tzinfo=None), self._time)
            case _:
                self._sheet.write_number(self._row, at, cell)


def _plain(cell: Cell) -> str | int:
    if isinstance(cell, datetime):
        return cell.strftime(_TIME)
    return as_text(as_cell(cell)) if isinstance(cell, str) else cell


@contextmanager
def _whole_or_nothing(path: Path) -> Iterator[tuple[Path, Path]]:
    """Give a file to write and a folder for what is needed meanwhile; when the block ends well the file is `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".export-", dir=path.parent) as name:
        folder = Path(name)
        unfinished = folder / path.name
        yield unfinished, folder
        unfinished.replace(path)
