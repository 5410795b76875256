"""What an administrator reads of a row that somebody has damaged, from every command that comes upon it."""

import json
import sqlite3
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest

from bot.domain.unreadable import IN_THE_RUNBOOK
from tests.conftest import SAMPLE

pytestmark = pytest.mark.usefixtures("fresh_environment", "logging_as_before")

STORE = "var/sme.db"
REQUESTS = 12
MORE = 60
"""So many that some questions were answered without a request."""


@pytest.fixture
def history(typed, monkeypatch):
    """Give the numbers of some requests of the past."""
    monkeypatch.setenv("SME_DIRECTORY", str(SAMPLE))
    assert typed("sample-history", REQUESTS)[0] == 0
    return [row_key.partition(":")[2] for (row_key,) in stored("key", "name = 'requests' AND key LIKE 'request:%'")]


def stored(columns, where):
    with closing(sqlite3.connect(STORE)) as connection:
        return connection.execute(f"SELECT {columns} FROM row WHERE {where} ORDER BY 1").fetchall()  # noqa: S608 - ours


def change(statement, *values):
    with closing(sqlite3.connect(STORE)) as connection, connection:
        assert connection.execute(statement, values).rowcount


def overwrite(row_key, content):
    change("UPDATE row SET content = ? WHERE key = ?", content, row_key)


def without(row_key, column):
    [(content,)] = stored("content", f"name = 'requests' AND key = '{row_key}'")
    return json.dumps({name: value for name, value in json.loads(content).items() if name != column})


def partner(number):
    return number.partition("-")[0]


def damaged(numbers):
    """Damage two requests, each in another way; return what is said of them."""
    one, other = sorted(numbers[:2])
    overwrite(f"request:{one}", without(f"request:{one}", "status"))
    overwrite(f"request:{other}", "{")
    return [
        f"requests: {partner(one)} request:{one} cannot be read: it has no status",
        f"requests: {partner(other)} request:{other} cannot be read: its content is no JSON object",
        IN_THE_RUNBOOK,
    ]


def told(errors):
    """Return the lines of errors without those of progress."""
    return [line for line in errors if "%" not in line]


def listed():
    return {number for (content,) in stored("content", "name = 'views' AND partition LIKE 'partner:%'")
            if (number := json.loads(content)["number"])}  # fmt: skip


def test_the_lists_of_all_others_are_made_anew_and_those_of_damaged_requests_stay_as_they_are(typed, history):
    said = damaged(history)
    gone = history[1:]
    for number in gone:
        change("DELETE FROM row WHERE name = 'views' AND key LIKE ?", f"%{number}")
    before = stored("*", f"name = 'views' AND key LIKE '%{history[0]}'")
    for _ in range(2):
        code, printed, errors = typed("rebuild-views")
        assert (code, told(errors)) == (2, said)
        assert printed.startswith(f"{REQUESTS - 2} requests; ")
        assert listed() == {*history} - {history[1]}
        assert stored("*", f"name = 'views' AND key LIKE '%{history[0]}'") == before


def test_every_other_history_is_replayed(typed, history):
    said = damaged(history)
    code, printed, errors = typed("check-history")
    assert (code, errors) == (2, said)
    assert printed.startswith(f"{REQUESTS - 2} histories replayed; 0 of them")


def test_a_damaged_line_of_history_is_named_once(typed, history):
    overwrite(f"event:{history[0]}:000001", without(f"event:{history[0]}:000001", "at"))
    said = f"requests: {partner(history[0])} event:{history[0]}:000001 cannot be read: it has no at"
    for words in (("check-history",), ("rebuild-views",)):
        code, _, errors = typed(*words)
        assert (code, told(errors)) == (2, [said, IN_THE_RUNBOOK])


def test_a_damaged_deflection_is_named_and_the_ledger_of_others_is_filled(typed, history):
    assert typed("sample-history", MORE)[0] == 0
    [(row_key, code), *_] = stored("key, partition", "name = 'requests' AND key LIKE 'deflection:%'")
    overwrite(row_key, without(row_key, "at"))
    change("DELETE FROM row WHERE name = 'views' AND partition LIKE 'ledger%'")
    exit_code, printed, errors = typed("rebuild-views")
    said = f"requests: {code} {row_key} cannot be read: it has no at"
    assert (exit_code, told(errors)) == (2, [said, IN_THE_RUNBOOK])
    deflections = len(stored("key", "name = 'requests' AND key LIKE 'deflection:%'"))
    assert f"{len(history) + MORE} requests, {deflections - 1} deflections" in printed


@pytest.mark.parametrize(
    "words",
    [("export", "out"), ("backup", "out/sme.gz"), ("person", "lee.park@fasttrack.example", "--export", "out/lee.json")],
    ids=lambda words: words[0],
)
def test_what_would_not_be_whole_is_not_written(typed, history, words):
    overwrite(f"request:{history[0]}", "{")
    Path("out").mkdir()
    code, printed, errors = typed(*words)
    said = f"requests: {partner(history[0])} request:{history[0]} cannot be read: its content is no JSON object"
    assert (code, printed, told(errors)) == (2, "", [said, IN_THE_RUNBOOK])
    assert list(Path("out").iterdir()) == []


@pytest.mark.parametrize("words", [("export-directory", "out"), ("load-directory", SAMPLE)], ids=lambda words: words[0])
def test_a_damaged_row_of_the_directory_is_named_without_the_address(typed, words):
    typed("load-directory", SAMPLE)
    change("UPDATE row SET content = '{}' WHERE partition = 'index' AND key = 'email:lee.park@fasttrack.example'")
    shown = sha256(b"lee.park@fasttrack.example").hexdigest()[:8]
    code, printed, errors = typed(*words)
    assert (code, printed) == (2, "")
    assert errors == [f"people: index email:#{shown} cannot be read: it has no tenant_id", IN_THE_RUNBOOK]


def test_the_doctor_names_the_row_and_examines_the_rest(typed, history):
    code = partner(history[0])
    overwrite(f"partner:{code}", "{")
    exit_code, printed, errors = typed("doctor")
    said = f"people: partners partner:{code} cannot be read: its content is no JSON object"
    lines = printed.splitlines()
    assert (exit_code, errors) == (1, [])
    at = lines.index(f"MEND  directory: not examined to its end: {said}")
    assert lines[at + 1].strip() == IN_THE_RUNBOOK
    assert [line for line in lines if line.startswith("MEND")] == [lines[at]]
