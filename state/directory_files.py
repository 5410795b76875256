"""The two CSV files of the directory: read with every error named, written back the same."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.domain.directory import PARTNERS_FILE, PEOPLE_FILE, DirectoryErrors, DirectoryRules, directory_of
from bot.domain.directory_cells import Complaint, Line
from bot.domain.people import Directory, Partner, Person
from state.people_rows import PARTNER_COLUMNS, PERSON_COLUMNS, cells_of

__all__ = ["DirectoryErrors", "read_files", "write_files"]


LONGEST_CELL = 16_000
"""Signs outside the basic plane count twice in a row's text of 32,768 UTF-16 units."""


def read_files(folder: Path, home_tenant: str) -> Directory:
    """Read partners.csv and people.csv; raise DirectoryErrors with all that is wrong in either.

    What Excel saves is understood: a byte order mark, `;` between the cells, CRLF.
    """
    partners = _CsvFile(folder / PARTNERS_FILE, PARTNER_COLUMNS)
    people = _CsvFile(folder / PEOPLE_FILE, PERSON_COLUMNS)
    partner_lines, people_lines = partners.lines(), people.lines()
    rules = DirectoryRules(home_tenant, _has_known_holidays)
    return directory_of(partner_lines, people_lines, rules, partners.complaints + people.complaints)


def write_files(directory: Directory, folder: Path) -> None:
    """Write both files in the order of their keys; reading them gives an equal directory."""
    folder.mkdir(parents=True, exist_ok=True)
    partners = [directory.partners[code] for code in sorted(directory.partners)]
    people = [directory.people[email] for email in sorted(directory.people)]
    _write(folder / PARTNERS_FILE, PARTNER_COLUMNS, partners)
    _write(folder / PEOPLE_FILE, PERSON_COLUMNS, people)


def _write(path: Path, columns: Sequence[str], values: Iterable[Partner | Person]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(cells_of(value) for value in values)


def _has_known_holidays(country: str) -> bool:
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
        try:
            return self._parsed(self.path.read_bytes().decode("utf-8-sig"))
        except OSError as error:
            self._complain(0, f"cannot be read: {error.strerror}")
        except UnicodeDecodeError as error:
            self._complain(0, f'is not UTF-8 (byte {error.start + 1}); Excel saves it as "CSV UTF-8"')
        return None

    def _parsed(self, text: str) -> list[Line] | None:
        header_line = text.partition("\n")[0]
        # No column name has either sign, so the header tells them apart.
        delimiter = ";" if ";" in header_line else ","
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        number = 1
        try:
            header = [name.strip() for name in next(reader, [])]
            if not self._header_is_right(header):
                return None
            lines = []
            number = reader.line_num + 1
            for cells in reader:
                if any(cell.strip() for cell in cells):
                    lines.append(self._line(number, header, cells))
                number = reader.line_num + 1
        except csv.Error as error:
            self._complain(number, f"is not CSV: {error}")
            return None
        return lines

    def _header_is_right(self, header: Sequence[str]) -> bool:
        known = len(self.complaints)
        for name in sorted(set(header) - set(self.columns)):
            self._complain(1, f'unknown column "{name}"')
        for name in self.columns:
            if header.count(name) != 1:
                self._complain(1, f'column "{name}" {"stands twice" if name in header else "is missing"}')
        return len(self.complaints) == known

    def _line(self, number: int, header: Sequence[str], cells: Sequence[str]) -> Line:
        if len(cells) > len(header):
            self._complain(number, f"has {len(cells)} cells, the header {len(header)}")
        for name, cell in zip(header, cells, strict=False):
            if len(cell) > LONGEST_CELL:
                self.complaints.append(
                    Complaint(self.path.name, number, name, f"is longer than {LONGEST_CELL:,} signs")
                )
        return Line(self.path.name, number, dict(zip(header, cells, strict=False)))

    def _complain(self, number: int, sentence: str) -> None:
        self.complaints.append(Complaint(self.path.name, number, "", sentence))
