"""`python app.py export`: what it writes, what it says, and what it refuses."""

import asyncio
import csv
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest

from state.sqlite import SqliteStore
from state.views_rebuild import ViewsRebuild
from tests.domain.office import DANA, JOSHUA, LEE, RENEE, opened_office

THEIRS = {"by": JOSHUA, "partner_name": "FABRIKAM", "contact_email": JOSHUA, "fpm": RENEE}

pytestmark = pytest.mark.usefixtures("fresh_environment", "logging_as_before")


def prepared(make):
    """Let something happen in the store that the commands use."""

    async def happen():
        store = SqliteStore(Path("var/sme.db"))
        await store.open()
        try:
            return await make(await opened_office(store))
        finally:
            await store.close()

    return asyncio.run(happen())


async def three_requests(office):
    own = await office.submitted()
    await office.press(LEE, "deny", own, deny_reason="out_of_scope")
    others = await office.submitted("aa" * 16, **THEIRS)
    office.now += timedelta(days=30)
    return own, others, await office.submitted("bb" * 16, workload="INTUNE", notes="=1+1")


async def something_said(office):
    number = await office.submitted()
    await office.press(DANA, "issue", number, issue_text="=2+2 is what the page shows")
    await ViewsRebuild(office.store, office.clock, lambda *_: None).run()
    return number


def test_what_was_said_is_written_beside_and_not_for_an_fpm(typed, tmp_path):
    number = prepared(something_said)
    typed("export", tmp_path / "all")
    with (tmp_path / "all" / "feedback.csv").open(encoding="utf-8", newline="") as file:
        (said,) = csv.DictReader(file)
    found = (said["kind"], said["number"], said["partner"], said["by"], said["text"])
    assert found == ("issue", number, "CONTOSO", DANA, "'=2+2 is what the page shows")
    typed("export", tmp_path / "slice", "--fpm", LEE)
    assert not (tmp_path / "slice" / "feedback.csv").exists()
    typed("export", tmp_path / "others", "--partner", "FABRIKAM")
    assert (tmp_path / "others" / "feedback.csv").read_text(encoding="utf-8").count("\n") == 1


def written(folder):
    with (folder / "requests.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_both_files_hold_the_same_requests(typed, tmp_path):
    own, others, later = prepared(three_requests)
    code, out, errors = typed("export", tmp_path / "out")
    assert (code, errors) == (0, [])
    assert out.splitlines() == [
        f"Written: {tmp_path / 'out/requests.csv'} and {tmp_path / 'out/requests.xlsx'} (3 requests)",
        f"Written: {tmp_path / 'out/feedback.csv'} (0 lines)",
    ]
    rows = written(tmp_path / "out")
    assert [row["number"] for row in rows] == [*sorted([own, later]), others]
    assert {row["number"]: (row["outcome"], row["notes"]) for row in rows} == {
        own: ("denied", ""), others: ("", ""), later: ("", "'=1+1"),
    }  # fmt: skip
    sheet = openpyxl.load_workbook(tmp_path / "out" / "requests.xlsx")["Requests"]
    assert [row[0].value for row in sheet.iter_rows(min_row=2)] == [row["number"] for row in rows]
    names = sorted(file.name for file in (tmp_path / "out").iterdir())
    assert names == ["feedback.csv", "requests.csv", "requests.xlsx"]


@pytest.mark.parametrize(
    ("words", "which"),
    [
        (["--partner", "CONTOSO"], {0, 2}),
        (["--partner", "CONTOSO", "--partner", "FABRIKAM"], {0, 1, 2}),
        (["--to", "2026-11"], {0, 1}),
        (["--from", "2026-12", "--to", "2026-12"], {2}),
        (["--status", "denied"], {0}),
        (["--workload", "INTUNE", "--region", "EMEA"], {2}),
        (["--region", "APJ"], set()),
        (["--fpm", RENEE.upper()], {1}),
        (["--fpm", DANA], set()),
    ],
)
def test_filters_take_what_they_say(typed, tmp_path, words, which):
    made = prepared(three_requests)
    assert typed("export", tmp_path, *words)[0] == 0
    assert {made.index(row["number"]) for row in written(tmp_path)} == which


def test_a_store_without_requests_gives_files_with_their_heads(typed, tmp_path):
    assert typed("export", tmp_path)[::2] == (0, [])
    assert written(tmp_path) == []


def test_a_long_export_says_how_far_it_is(typed, tmp_path):
    prepared(three_requests)
    assert typed("sample-history", "1,000")[0] == 0
    code, _, errors = typed("export", tmp_path)
    assert code == 0
    assert len(written(tmp_path)) == 1_003
    assert errors[-1] == "requests: 100 % (1,003 of 1,003)"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--from", "2026-13"], "argument --from: '2026-13' is no month like 2026-10"),
        (["--to", "october"], "argument --to: 'october' is no month like 2026-10"),
        (["--from", "2026-10", "--to", "2026-09"], "--from 2026-10 is later than --to 2026-09."),
        (["--partner", "contoso"], "argument --partner: 'contoso' is no partner code"),
        (["--status", "open"], "argument --status: 'open' is no status"),
        (["--workload", "EXCEL"], "argument --workload: 'EXCEL' is no workload"),
        (["--region", "EU"], "argument --region: 'EU' is no region"),
        (["--fpm", "lee"], "argument --fpm: Please give one e-mail address, like name@company.com."),
    ],
)
def test_wrong_use_is_refused_in_one_line_and_nothing_is_written(typed, tmp_path, words, sentence):
    code, out, errors = typed("export", tmp_path / "out", *words)
    assert (code, out, [line.removeprefix("app.py export: ") for line in errors]) == (2, "", [sentence])
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_written_is_said_in_one_line(typed, tmp_path):
    (tmp_path / "out").write_text("no folder")
    code, out, errors = typed("export", tmp_path / "out")
    assert (code, out, len(errors)) == (2, "", 1)
