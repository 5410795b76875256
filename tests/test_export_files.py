"""Files of an export, read back by other means than they were written."""

import csv
import tracemalloc
from dataclasses import dataclass
from datetime import UTC, datetime

import openpyxl
import pytest

from bot.domain.digest import digest_of
from bot.domain.exporting import COLUMNS, line_of
from bot.export_files import csv_file, workbook
from tests import samples
from tests.injection.corpora import FORMULA_STARTS, FORMULAS, HIDDEN, TEXTS

AT = datetime(2026, 11, 23, 9, 12, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Named:
    name: str
    width: int = 12


THREE = [Named("text"), Named("number"), Named("at")]


def read_csv(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def sheets_of(path):
    book = openpyxl.load_workbook(path)
    return {sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in book}


def both(path, lines, columns=THREE):
    with csv_file(path / "a.csv", columns) as to_csv, workbook(path / "a.xlsx", "Requests", columns) as to_sheet:
        to_csv(lines)
        to_sheet(lines)
    return read_csv(path / "a.csv"), sheets_of(path / "a.xlsx")["Requests"]


def test_texts_numbers_and_times_come_back_as_what_they_are(tmp_path):
    plain, rows = both(tmp_path, [['Zoë, "Ltd"\nsecond line', 5000, AT], ["", 0, ""]])
    head = ["text", "number", "at"]
    assert plain == [head, ['Zoë, "Ltd"\nsecond line', "5000", "2026-11-23T09:12:30Z"], ["", "0", ""]]
    assert rows == [head, ['Zoë, "Ltd"\nsecond line', 5000, AT.replace(tzinfo=None)], [None, 0, None]]


def test_a_sheet_has_a_frozen_head_a_filter_over_all_lines_and_wide_columns(tmp_path):
    both(tmp_path, [["a", 1, AT]] * 4, [Named("text", 40), Named("number", 2), Named("at", 20)])
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")["Requests"]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:C5")
    assert [round(sheet.column_dimensions[at].width) for at in "ABC"] == [41, 9, 21]
    assert sheet["A1"].font.bold
    assert sheet["C2"].is_date
    assert "yyyy-mm-dd hh:mm:ss" in sheet["C2"].number_format


@pytest.mark.parametrize("text", [*FORMULAS, '=HYPERLINK("https://evil.example")', "+1", "-1", "@A1", "\t=1", "\r=1"])
def test_no_text_is_a_formula_or_a_link(tmp_path, text):
    plain, _ = both(tmp_path, [[text, 1, ""]])
    assert plain[1][0] == f"'{text}" or plain[1][0][0] not in FORMULA_STARTS
    cell = openpyxl.load_workbook(tmp_path / "a.xlsx")["Requests"]["A2"]
    assert (cell.data_type, cell.hyperlink) == ("s", None)


def test_what_people_write_comes_back_as_they_wrote_it(tmp_path):
    texts = [text for text in TEXTS if text[0] not in "=+-@'"]
    plain, rows = both(tmp_path, [[text, 1, ""] for text in texts])
    assert [row[0] for row in plain[1:]] == [row[0] for row in rows[1:]] == texts


def test_signs_that_break_files_do_not_break_these(tmp_path):
    odd = [*HIDDEN, "half \ud83d", "\x00\x01", "a\x0bb", "_x0041_", "\ufffe"]
    plain, rows = both(tmp_path, [[text, 1, ""] for text in odd])
    assert len(plain) == len(rows) == len(odd) + 1
    assert rows[odd.index("_x0041_") + 1][0] in {"_x0041_", "_x005F_x0041_"}
    assert plain[odd.index("half \ud83d") + 1][0] == rows[odd.index("half \ud83d") + 1][0] == "half \ufffd"


def test_a_long_text_is_cut_to_what_a_cell_takes(tmp_path):
    plain, rows = both(tmp_path, [["x" * 40_000, 1, ""]])
    assert len(plain[1][0]) == len(rows[1][0]) == 32_767


def test_lines_that_one_sheet_does_not_take_go_to_a_second(tmp_path):
    with workbook(tmp_path / "a.xlsx", "Requests", THREE, most_lines=2) as write:
        write([[f"line {n}", n, AT] for n in range(5)])
    sheets = sheets_of(tmp_path / "a.xlsx")
    assert [len(rows) for rows in sheets.values()] == [3, 3, 2]
    assert list(sheets) == ["Requests", "Requests 2", "Requests 3"]
    assert sheets["Requests 3"][1][0] == "line 4"


def test_an_export_of_nothing_has_its_head(tmp_path):
    plain, rows = both(tmp_path, [])
    assert plain == rows == [["text", "number", "at"]]


@pytest.mark.parametrize("write_to", [csv_file, lambda path, columns: workbook(path, "Requests", columns)])
def test_a_file_that_was_broken_off_leaves_what_stood_there_and_nothing_else(tmp_path, write_to):
    path = tmp_path / "new" / "file"
    with write_to(path, THREE) as write:
        write([["whole", 1, AT]])
    before = path.read_bytes()

    def break_off():
        with write_to(path, THREE) as write:
            write([["half", 1, AT]] * 2_000)
            raise ConnectionError

    with pytest.raises(ConnectionError):
        break_off()
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == ["file"]


def test_the_lines_of_requests_fit_both_files(tmp_path):
    request = samples.submitted()
    line = line_of(request, digest_of(request, [request.last], [], []))
    plain, rows = both(tmp_path, [line], COLUMNS)
    assert plain[0] == rows[0] == [column.name for column in COLUMNS]
    named = dict(zip(rows[0], rows[1], strict=True))
    assert (named["number"], named["seat_count"]) == (request.number, 5200)
    assert named["submitted_at"] == request.submitted_at.replace(tzinfo=None)


def peak_of(path, count, write_to):
    """Return the most memory that writing so many lines held at once."""
    line = [f"text {n}" for n in range(40)] + [5000, AT]
    columns = [Named(f"c{n}") for n in range(42)]
    tracemalloc.start()
    with write_to(path, columns) as write:
        for n in range(count):
            write([[f"line {n}", *line[1:]]])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


@pytest.mark.parametrize("write_to", [csv_file, lambda path, columns: workbook(path, "Requests", columns)])
def test_the_memory_of_an_export_does_not_grow_with_its_lines(tmp_path, write_to):
    peak_of(tmp_path / "first", 10, write_to)
    assert peak_of(tmp_path / "long", 3_000, write_to) < 1.2 * peak_of(tmp_path / "short", 300, write_to) + 200_000
