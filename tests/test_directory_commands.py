"""The directory commands on what happens to files and people: long loads, broken loads, moves, removals."""

import asyncio
import csv
import io
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

import app
from bot.domain.people import Address, Identity
from state.people import PeopleStore
from state.sqlite import SqliteStore
from tests.domain.office import DANA, HOME, LEE, PIOTR

PROGRAM = Path(app.__file__)
CONTOSO, FABRIKAM = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
NEW_TENANT, NEW_OBJECT = "77777777-7777-4777-8777-777777777777", "77777777-aaaa-4aaa-8aaa-000000000001"
AS_DANA = Identity(CONTOSO, "11111111-aaaa-4aaa-8aaa-000000000001")
ADDRESS = Address("https://smba.example/emea/", "a:1dana", CONTOSO, "29:dana", "28:bot")

pytestmark = pytest.mark.usefixtures("fresh_environment", "logging_as_before")


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(path, rows, header=None, **form):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, header or rows[0].keys(), **form)
        writer.writeheader()
        writer.writerows(rows)


def change(path, key, **cells):
    """Change the line whose first cell is the key; without cells, leave it out."""
    rows = rows_of(path)
    wanted = [row | cells if key in row.values() else row for row in rows if cells or key not in row.values()]
    assert wanted != rows
    write(path, wanted)


def stored(path="var/sme.db"):
    connection = sqlite3.connect(path)
    try:
        return connection.execute("SELECT name, partition, key, content FROM row ORDER BY 1, 2, 3").fetchall()
    finally:
        connection.close()


def asked(question):
    """Put a question to the people of the store."""

    async def ask():
        store = SqliteStore(Path("var/sme.db"))
        await store.open()
        try:
            return await question(PeopleStore(store))
        finally:
            await store.close()

    return asyncio.run(ask())


def whoever_is(identity):
    person = asked(lambda people: people.by_identity(identity))
    return person and person.email


def make_long(folder, count=2_400):
    """Add so many requesters to a directory that a load of it is long."""
    dana = next(row for row in rows_of(folder / "people.csv") if row["email"] == DANA)
    many = [
        dana | {"email": f"r{n}@contoso.example", "object_id": f"{n:08x}-bbbb-4bbb-8bbb-000000000001"}
        for n in range(count)
    ]
    write(folder / "people.csv", rows_of(folder / "people.csv") + many)


def test_a_long_load_says_how_far_it_has_come_and_a_short_one_is_quiet(typed, folder):
    assert typed("load-directory", folder)[2] == []
    make_long(folder)
    code, _, shown = typed("load-directory", folder)
    assert code == 0
    assert [line.partition(":")[0] for line in shown] == ["lines checked"] * 11 + ["rows written"] * (len(shown) - 11)
    assert [line.split()[2] for line in (shown[0], shown[10], shown[-1])] == ["0", "100", "100"]
    code, _, shown = typed("load-directory", folder, "--dry-run")
    assert {line.partition(":")[0] for line in shown} == {"lines checked"}


def killed_at(share, folder):
    """Load in a process of its own, and kill it when it says that it has written so much; return what it said."""
    words = [sys.executable, str(PROGRAM), "load-directory", str(folder)]
    with subprocess.Popen(  # noqa: S603 - our own program
        words, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, encoding="utf-8"
    ) as process:
        for line in process.stderr:
            if line.startswith(f"rows written: {share} %"):
                process.kill()
                return process.wait()
        return process.wait()


def killed_in_the_middle(share, folder):
    """Kill a load while it writes; one that was quicker than the signal is done over from the store as it was."""
    store, before = Path("var"), Path("before")
    store.mkdir(exist_ok=True)
    shutil.copytree(store, before)
    while killed_at(share, folder) >= 0:
        shutil.rmtree(store)
        shutil.copytree(before, store)


@pytest.mark.parametrize("share", [0, 30, 60])
def test_a_load_killed_anywhere_is_finished_by_running_it_again(typed, folder, share, tmp_path, monkeypatch):
    make_long(folder)
    monkeypatch.setenv("SME_STORAGE", "sqlite:whole.db")
    assert typed("load-directory", folder)[0] == 0
    monkeypatch.delenv("SME_STORAGE")

    killed_in_the_middle(share, folder)
    assert len(stored()) <= len(stored("whole.db"))
    assert typed("load-directory", folder)[0] == 0

    assert stored() == stored("whole.db")
    typed("export-directory", tmp_path / "out")
    assert typed("load-directory", tmp_path / "out", "--remove-missing")[1].count("0 added, 0 changed, 0 removed") == 2


def test_a_broken_off_change_of_every_line_is_finished_by_running_it_again(typed, folder, monkeypatch):
    make_long(folder)
    for storage in ("sqlite:whole.db", "sqlite:var/sme.db"):
        monkeypatch.setenv("SME_STORAGE", storage)
        typed("load-directory", folder)
    write(folder / "people.csv", [row | {"name": row["name"] + " II"} for row in rows_of(folder / "people.csv")])
    monkeypatch.setenv("SME_STORAGE", "sqlite:whole.db")
    typed("load-directory", folder)
    monkeypatch.delenv("SME_STORAGE")

    killed_in_the_middle(30, folder)
    assert typed("load-directory", folder)[0] == 0

    assert [row for row in stored() if row[2] != "change"] == [row for row in stored("whole.db") if row[2] != "change"]


def test_what_german_excel_saves_is_loaded(typed, folder):
    typed("load-directory", folder)
    before = stored()
    for file in ("partners.csv", "people.csv"):
        rows, text = rows_of(folder / file), io.StringIO(newline="")
        writer = csv.DictWriter(text, rows[0].keys(), delimiter=";", lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(rows)
        (folder / file).write_bytes(text.getvalue().encode("utf-8-sig"))
    code, printed, errors = typed("load-directory", folder)
    assert (code, errors, stored()) == (0, [], before)
    assert printed.count("0 added, 0 changed, 0 removed") == 2


def test_many_errors_are_named_up_to_a_number_and_nothing_is_written(typed, folder):
    make_long(folder)
    write(folder / "people.csv", [row | {"roles": "boss"} for row in rows_of(folder / "people.csv")])
    code, printed, errors = typed("load-directory", folder)
    named = [line for line in errors if line.startswith(("partners.csv:", "people.csv:"))]
    assert (code, printed, len(named)) == (2, "", 200)
    assert errors[-1].startswith("and ")
    assert not Path("var").exists()


def test_a_partner_that_changes_tenants_takes_the_requesters_along(typed, folder):
    typed("load-directory", folder)
    asked(lambda people: people.remember_address(AS_DANA, ADDRESS))
    change(folder / "partners.csv", "CONTOSO", tenant_ids=NEW_TENANT)
    write(
        folder / "people.csv",
        [row | {"tenant_id": row["tenant_id"].replace(CONTOSO, NEW_TENANT)} for row in rows_of(folder / "people.csv")],
    )
    assert typed("load-directory", folder)[0] == 0

    assert whoever_is(AS_DANA) is None
    assert whoever_is(Identity(NEW_TENANT, AS_DANA.object_id)) == DANA
    assert asked(lambda people: people.partner_of_tenant(CONTOSO)) is None
    assert asked(lambda people: people.partner_of_tenant(NEW_TENANT)).code == "CONTOSO"
    assert asked(lambda people: people.address(DANA)) is None
    assert not any(row[1] == CONTOSO for row in stored())


def test_a_person_who_moves_to_another_tenant_is_nobody_in_the_old_one(typed, folder):
    typed("load-directory", folder)
    asked(lambda people: people.remember_address(AS_DANA, ADDRESS))
    change(folder / "people.csv", DANA, tenant_id=FABRIKAM, partner="FABRIKAM")
    assert typed("load-directory", folder)[0] == 0

    assert whoever_is(AS_DANA) is None
    assert whoever_is(Identity(FABRIKAM, AS_DANA.object_id)) == DANA
    assert asked(lambda people: people.address(DANA)) is None
    assert DANA not in [person.email for person in asked(lambda people: people.contacts("CONTOSO"))]
    assert DANA in [person.email for person in asked(lambda people: people.contacts("FABRIKAM"))]


def test_an_object_id_that_changes_leaves_the_old_account_nobody(typed, folder):
    typed("load-directory", folder)
    asked(lambda people: people.remember_address(AS_DANA, ADDRESS))
    change(folder / "people.csv", DANA, object_id=NEW_OBJECT)
    assert typed("load-directory", folder)[0] == 0

    assert whoever_is(AS_DANA) is None
    assert whoever_is(Identity(CONTOSO, NEW_OBJECT)) == DANA
    assert asked(lambda people: people.address(DANA)) is None
    assert not any(AS_DANA.object_id in row[2] for row in stored())


def test_accounts_that_two_people_exchange_keep_their_conversations(typed, folder):
    typed("load-directory", folder)
    asked(lambda people: people.remember_address(AS_DANA, ADDRESS))
    piotrs = asked(lambda people: people.by_email(PIOTR)).object_id
    change(folder / "people.csv", DANA, object_id=piotrs)
    change(folder / "people.csv", PIOTR, object_id=AS_DANA.object_id)
    assert typed("load-directory", folder)[0] == 0

    assert (whoever_is(AS_DANA), whoever_is(Identity(CONTOSO, piotrs))) == (PIOTR, DANA)
    assert asked(lambda people: people.address(PIOTR)) == ADDRESS
    assert asked(lambda people: people.address(DANA)) is None


def test_whoever_is_removed_is_not_reached_any_more(typed, folder):
    typed("load-directory", folder)
    asked(lambda people: people.remember_address(AS_DANA, ADDRESS))
    change(folder / "people.csv", DANA)
    typed("load-directory", folder)
    assert asked(lambda people: people.address(DANA)) == ADDRESS

    assert "1 removed" in typed("load-directory", folder, "--remove-missing")[1]

    assert asked(lambda people: people.address(DANA)) is None
    assert not any(ADDRESS.conversation_id in row[3] or DANA in row[3] for row in stored())


def test_a_partner_that_is_removed_takes_addresses_and_tenant_along(typed, folder):
    typed("load-directory", folder)
    asked(lambda people: people.remember_address(AS_DANA, ADDRESS))
    change(folder / "partners.csv", "CONTOSO")
    write(folder / "people.csv", [row for row in rows_of(folder / "people.csv") if row["partner"] != "CONTOSO"])
    assert "partners: 0 added, 0 changed, 1 removed" in typed("load-directory", folder, "--remove-missing")[1]

    assert whoever_is(AS_DANA) is None
    assert asked(lambda people: people.partner_of_tenant(CONTOSO)) is None
    assert not any(row[1] == CONTOSO or ADDRESS.conversation_id in row[3] for row in stored())


def test_files_that_contradict_what_is_kept_change_nothing(typed, folder, tmp_path):
    typed("load-directory", folder)
    before = stored()
    change(folder / "partners.csv", "CONTOSO", code="CONTOSO2")
    write(
        folder / "people.csv",
        [row | {"partner": row["partner"].replace("CONTOSO", "CONTOSO2")} for row in rows_of(folder / "people.csv")],
    )
    for options in ((), ("--dry-run",)):
        code, printed, errors = typed("load-directory", folder, *options)
        assert (code, printed, stored()) == (2, "", before)
        claim = f"{CONTOSO} is a tenant of CONTOSO2 now"
        advice = "list it there, or remove what is missing"
        assert errors == [f"partners.csv: tenant_ids: CONTOSO is not in the file but kept, and {claim}; {advice}"]
    assert typed("load-directory", folder, "--remove-missing")[0] == 0
    typed("export-directory", tmp_path / "out")
    assert typed("load-directory", tmp_path / "out")[0] == 0


def test_empty_files_do_not_remove_everybody(typed, folder):
    typed("load-directory", folder)
    before = stored()
    for file in ("partners.csv", "people.csv"):
        write(folder / file, [], rows_of(folder / file)[0].keys())
    code, printed, errors = typed("load-directory", folder, "--remove-missing")
    assert (code, printed, stored()) == (2, "", before)
    assert errors == ["people.csv: lists nobody, and everybody would be removed"]


def test_a_name_that_a_spreadsheet_would_run_is_exported_as_text_and_loads_unchanged(typed, folder, tmp_path):
    change(folder / "people.csv", LEE, name='=HYPERLINK("https://evil.example")')
    typed("load-directory", folder)
    typed("export-directory", tmp_path / "out")
    exported = next(row for row in rows_of(tmp_path / "out" / "people.csv") if row["email"] == LEE)
    assert exported["name"] == '\'=HYPERLINK("https://evil.example")'
    assert exported["tenant_id"] == HOME
    code, printed, _ = typed("load-directory", tmp_path / "out", "--remove-missing")
    assert (code, printed.count("0 added, 0 changed, 0 removed")) == (0, 2)
