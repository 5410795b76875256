"""The two CSV files of the directory: read with every error named, written back the same."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.domain.directory import PARTNERS_FILE, PEOPLE_FILE, DirectoryErrors, DirectoryRules, Progress, directory_of
from bot.domain.directory_cells import Complaint, Line, echo
from bot.domain.people import Directory, Partner, Person
from bot.domain.spreadsheets import as_meant, as_text
from state.people_rows import PARTNER_COLUMNS, PERSON_COLUMNS, cells_of

__all__ = ["DirectoryErrors", "read_files", "write_files"]


LONGEST_CELL = 16_000
"""Signs outside the basic plane count twice in a row's text of 32,768 UTF-16 units."""

OTHER_FORMATS = {
    b"\xff\xfe": "is UTF-16",
    b"\xfe\xff": "is UTF-16",
    b"PK\x03\x04": "is an Excel workbook",
}
ADVICE = 'Excel saves it rightly as "CSV UTF-8"'


def read_files(folder: Path, home_tenant: str, progress: Progress | None = None) -> Directory:
    """Read partners.csv and people.csv; raise DirectoryErrors with all that is wrong in either.

    What Excel saves is understood: a byte order mark, CRLF, `;` between the cells (a list then stands in quotes),
    empty columns at the end. An apostrophe before a formula sign, as `write_files` sets it, is taken off.
    `progress` gets the lines.
    """
    partners = _CsvFile(folder / PARTNERS_FILE, PARTNER_COLUMNS)
    people = _CsvFile(folder / PEOPLE_FILE, PERSON_COLUMNS)
    partner_lines, people_lines = partners.lines(), people.lines()
    rules = DirectoryRules(home_tenant, has_known_holidays)
    return directory_of(partner_lines, people_lines, rules, partners.complaints + people.complaints, progress)


def write_files(directory: Directory, folder: Path) -> None:
    """Write both files in the order of their keys; reading them gives an equal directory.

    A cell that a spreadsheet would take for a formula (it begins with `=`, `+`, `-`, `@`) gets an apostrophe before it:
    names and addresses come from outside, and somebody opens these files in Excel.
    """
    folder.mkdir(parents=True, exist_ok=True)
    partners = [directory.partners[code] for code in sorted(directory.partners)]
    people = [directory.people[email] for email in sorted(directory.people)]
    _write(folder / PARTNERS_FILE, PARTNER_COLUMNS, partners)
    _write(folder / PEOPLE_FILE, PERSON_COLUMNS, people)


def _write(path: Path, columns: Sequence[str], values: Iterable[Partner | Person]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        for value in values:
            writer.writerow({column: as_text(cell) for column, cell in cells_of(value).items()})


def has_known_holidays(country: str) -> bool:
    """Say whether the public holidays of a country (ISO code) are known."""
    # The package takes a noticeable part of a second to import; a directory without holidays does without it.
    from holidays.registry import EntityLoader  # noqa: PLC0415

    return country in EntityLoader.get_country_codes()


@dataclass(slots=True)
class _CsvFile:
    path: Path
    columns: Sequence[str]
    complaints: list[Complaint] = field(default_factory=list)

    def lines(self) -> list[Line] | None:
        """Return the lines below the header, or None when the file as a whole cannot be used."""
        text = self._text()
        rows = self._rows(text) if text is not None else None
        if rows is None:
            return None
        if not rows:
            self._complain(0, "is empty")
            return None
        number, names = rows[0]
        header = [name.strip() for name in names]
        width = len(header)
        while not header[-1]:
            header.pop()
        if not self._header_is_right(number, header):
            return None
        return [self._line(number, header, cells, width) for number, cells in rows[1:]]

    def _text(self) -> str | None:
        try:
            raw = self.path.read_bytes()
        except OSError as error:
            self._complain(0, f"cannot be read: {error.strerror}")
            return None
        other = [sentence for mark, sentence in OTHER_FORMATS.items() if raw.startswith(mark)]
        if other or b"\0" in raw:
            self._complain(0, f"{other[0] if other else 'is no text'}; {ADVICE}")
            return None
        try:
            return raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = len((raw[: error.start] + b".").splitlines())
            self._complain(line, f"is not UTF-8 (byte {raw[error.start]:#x}); {ADVICE}")
            return None

    def _rows(self, text: str) -> list[tuple[int, list[str]]] | None:
        """Return the cells of each line that is not blank."""
        first = next((line for line in io.StringIO(text, newline=None) if line.strip(" ,;\n")), "")
        # No column name has either sign, so the header tells them apart.
        delimiter = ";" if ";" in first else ","
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        rows, number = [], 1
        try:
            for cells in reader:
                if any(cell.strip() for cell in cells):
                    rows.append((number, cells))
                number = reader.line_num + 1
        except csv.Error as error:
            self._complain(number, f"is not CSV: {error}; see whether a quote is missing or too many")
            return None
        return rows

    def _header_is_right(self, number: int, header: Sequence[str]) -> bool:
        known = len(self.complaints)
        for name in sorted(set(header) - set(self.columns)):
            self._complain(number, f"unknown column {echo(name)}")
        for name in self.columns:
            if header.count(name) != 1:
                self._complain(number, f'column "{name}" {"stands twice" if name in header else "is missing"}')
        return len(self.complaints) == known

    def _line(self, number: int, header: Sequence[str], cells: Sequence[str], width: int) -> Line:
        # Excel writes empty columns at the end of every line; more cells than that have come from somewhere else.
        has_surplus = len(cells) > width or any(cell.strip() for cell in cells[len(header) :])
        if has_surplus:
            advice = "a cell that holds a separator stands in quotes"
            self._complain(number, f"has {len(cells)} cells, the header {len(header)}; {advice}")
        for name, cell in zip(header, cells, strict=False):
            if len(cell) > LONGEST_CELL:
                self._complain(number, f"is longer than {LONGEST_CELL:,} signs", name)
        values = {name: as_meant(cell) for name, cell in zip(header, cells, strict=False)}
        return Line(self.path.name, number, values, has_surplus)

    def _complain(self, number: int, sentence: str, column: str = "") -> None:
        self.complaints.append(Complaint(self.path.name, number, column, sentence))
