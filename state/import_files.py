"""A list of earlier requests as a CSV file of any length: read line by line, with what is wrong named by line."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from bot.domain.directory_cells import Complaint, Line, echo
from bot.domain.importing import COLUMNS, NAMES, PASSED_OVER
from bot.domain.spreadsheets import as_meant
from state.directory_files import ADVICE, LONGEST_CELL, OTHER_FORMATS

_BLOCK = 1 << 20


class EarlierFile:
    """The file. What Excel saves is understood: a byte order mark, CRLF, `;` between the cells.

    A cell that our own export has made harmless to a spreadsheet is read as it was meant.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def size(self, complaints: list[Complaint]) -> int:
        """Return about how many lines there are. Raises OSError; what cannot be read as text is complained of."""
        count = 0
        with self._path.open("rb") as file:
            start = file.read(len(b"PK\x03\x04"))
            other = [sentence for mark, sentence in OTHER_FORMATS.items() if start.startswith(mark)]
            if other:
                self._complain(complaints, 0, f"{other[0]}; {ADVICE}")
            while block := file.read(_BLOCK):
                count += block.count(b"\n")
        return count

    def lines(self, complaints: list[Complaint]) -> Iterator[Line]:
        """Yield the lines below the header; after a complaint about the file as a whole there are no more."""
        number = 1
        with self._path.open(encoding="utf-8-sig", newline="") as file:
            try:
                delimiter = self._delimiter()
                reader = csv.reader(file, delimiter=delimiter, strict=True)
                header: list[str] = []
                for cells in reader:
                    if any(cell.strip() for cell in cells):
                        if not header:
                            header = [name.strip() for name in cells]
                            if not self._header_is_right(number, header, complaints):
                                return
                        else:
                            yield self._line(number, header, cells, complaints)
                    number = reader.line_num + 1
                if not header:
                    self._complain(complaints, 0, "is empty")
            except UnicodeDecodeError as error:
                self._complain(complaints, 0, f"is not UTF-8 (byte {error.object[error.start]:#x}); {ADVICE}")
            except csv.Error as error:
                self._complain(complaints, number, f"is not CSV: {error}; see whether a quote is missing or too many")

    def _delimiter(self) -> str:
        with self._path.open(encoding="utf-8-sig") as file:
            first = next((line for line in file if line.strip(" ,;\n")), "")
        # No column name has either sign, so the header tells them apart.
        return ";" if ";" in first else ","

    def _header_is_right(self, number: int, header: Sequence[str], complaints: list[Complaint]) -> bool:
        known = len(complaints)
        for name in sorted({*header} - NAMES - PASSED_OVER - {""}):
            self._complain(complaints, number, f"unknown column {echo(name)}")
        for column in COLUMNS:
            if column.is_required and column.name not in header:
                self._complain(complaints, number, f'column "{column.name}" is missing')
            if header.count(column.name) > 1:
                self._complain(complaints, number, f'column "{column.name}" stands twice')
        return len(complaints) == known

    def _line(self, number: int, header: Sequence[str], cells: Sequence[str], complaints: list[Complaint]) -> Line:
        has_surplus = any(cell.strip() for cell in cells[len(header) :])
        if has_surplus:
            advice = "a cell that holds a separator stands in quotes"
            self._complain(complaints, number, f"has {len(cells)} cells, the header {len(header)}; {advice}")
        for name, cell in zip(header, cells, strict=False):
            if len(cell) > LONGEST_CELL:
                self._complain(complaints, number, f"is longer than {LONGEST_CELL:,} signs", name)
        values = {name: as_meant(cell) for name, cell in zip(header, cells, strict=False)}
        return Line(self._path.name, number, values, has_surplus)

    def _complain(self, complaints: list[Complaint], number: int, sentence: str, column: str = "") -> None:
        complaints.append(Complaint(self._path.name, number, column, sentence))
