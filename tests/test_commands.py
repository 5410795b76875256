"""The commands as people type them: what they print, what they leave behind, and how they end."""

import argparse
import asyncio
import json
import logging
import os
import signal
import socket
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest
from aiohttp.test_utils import TestClient, TestServer

import app
from bot.settings import read_settings
from cli.stores import open_store
from state.azure import AzureStore
from state.clock import ClockOffsets
from state.directory_files import read_files
from state.sqlite import SqliteStore
from tests.domain.office import HOME, SAMPLE, opened_office

ROOT = Path(app.__file__).parent
PATIENCE = 30

pytestmark = pytest.mark.usefixtures("fresh_environment", "logging_as_before")


def change(folder, file, old, new):
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new), encoding="utf-8")


def stored_rows(path="var/sme.db"):
    connection = sqlite3.connect(path)
    try:
        return connection.execute("SELECT name, partition, key, content FROM row ORDER BY 1, 2, 3").fetchall()
    finally:
        connection.close()


def run(*words, **env):
    """Type a command in a shell of its own."""
    return subprocess.run(  # noqa: S603 - our own program
        [sys.executable, str(ROOT / "app.py"), *map(str, words)],
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=PATIENCE,
        check=False,
    )


@contextmanager
def serving(*words, **env):
    """Serve in a process of its own until the end of the block."""
    with subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, str(ROOT / "app.py"), *words],
        env={**os.environ, "SME_DIRECTORY": str(SAMPLE), **env},
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as process:
        try:
            lines = []
            for line in process.stderr:
                lines.append(line)
                if '"listening"' in line:
                    break
            assert process.poll() is None, "".join(lines)
            yield process, lines
        finally:
            process.kill()


def test_a_directory_is_loaded_and_a_second_time_changes_nothing(typed):
    code, printed, errors = typed("load-directory", SAMPLE)
    people = len(read_files(SAMPLE, HOME).people)
    assert (code, errors) == (0, [])
    assert printed.splitlines() == [
        "partners: 3 added, 0 changed, 0 removed, 0 unchanged, 0 no longer in the file but kept",
        f"people: {people} added, 0 changed, 0 removed, 0 unchanged, 0 no longer in the file but kept",
    ]
    before = stored_rows()
    code, printed, errors = typed("load-directory", SAMPLE)
    assert (code, errors, stored_rows()) == (0, [], before)
    assert f"people: 0 added, 0 changed, 0 removed, {people} unchanged" in printed


def test_an_exported_directory_is_the_one_that_was_loaded(typed, tmp_path):
    typed("load-directory", SAMPLE)
    code, printed, errors = typed("export-directory", tmp_path / "new" / "out")
    assert (code, errors) == (0, [])
    assert str(tmp_path / "new" / "out" / "people.csv") in printed
    assert read_files(tmp_path / "new" / "out", HOME) == read_files(SAMPLE, HOME)
    code, printed, _ = typed("load-directory", tmp_path / "new" / "out", "--remove-missing", "--dry-run")
    assert printed.count("0 added, 0 changed, 0 removed") == 2


def test_a_dry_run_says_what_would_change_and_writes_nothing(typed, folder):
    typed("load-directory", folder)
    before = stored_rows()
    change(folder, "people.csv", "Dana Reyes", "Dana Reyes-Soto")
    code, printed, errors = typed("load-directory", folder, "--dry-run")
    assert (code, errors, stored_rows()) == (0, [], before)
    assert "people: 0 added, 1 changed" in printed
    assert "Nothing was written" in printed


def test_who_is_missing_in_the_files_stays_unless_told_otherwise(typed, folder, tmp_path):
    typed("load-directory", folder)
    kept = [line for line in (folder / "people.csv").read_text(encoding="utf-8").splitlines() if "amara" not in line]
    (folder / "people.csv").write_text("\n".join(kept) + "\n", encoding="utf-8")

    _, printed, _ = typed("load-directory", folder)
    assert "people: 0 added, 0 changed, 0 removed" in printed
    assert "1 no longer in the file but kept" in printed
    _, printed, _ = typed("load-directory", folder, "--remove-missing")
    assert "people: 0 added, 0 changed, 1 removed" in printed
    typed("export-directory", tmp_path / "out")
    assert "amara" not in (tmp_path / "out" / "people.csv").read_text(encoding="utf-8")


def test_a_changed_person_is_updated(typed, folder, tmp_path):
    typed("load-directory", folder)
    change(folder, "people.csv", "Dana Reyes", "Dana Reyes-Soto")
    _, printed, _ = typed("load-directory", folder)
    assert "people: 0 added, 1 changed" in printed
    typed("export-directory", tmp_path / "out")
    assert "Dana Reyes-Soto" in (tmp_path / "out" / "people.csv").read_text(encoding="utf-8")


def test_every_error_of_the_files_is_named_by_file_line_and_column_and_nothing_changes(typed, folder):
    typed("load-directory", folder)
    before = stored_rows()
    change(folder, "people.csv", "Dana Reyes,requester", "Dana Reyes,boss")
    change(folder, "partners.csv", "FABRIKAM,Fabrikam Cloud Services,AMER", "FABRIKAM,Fabrikam Cloud Services,MARS")
    change(folder, "people.csv", "Piotr Zieliński", "Changed All The Same")
    code, printed, errors = typed("load-directory", folder)
    assert (code, printed, stored_rows()) == (2, "", before)
    assert any("partners.csv" in line and "3" in line and "region" in line and "MARS" in line for line in errors)
    assert any("people.csv" in line and "2" in line and "roles" in line and "boss" in line for line in errors)
    assert not any("Traceback" in line for line in errors)


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe\x00", b"code;name\n", b'code,name\n"unclosed', b"\x00", b"a,b\n" + b"x" * 200_000],
)
def test_a_file_that_is_no_directory_is_named(typed, folder, content):
    (folder / "partners.csv").write_bytes(content)
    code, printed, errors = typed("load-directory", folder)
    assert (code, printed) == (2, "")
    assert all(line.startswith("partners.csv") for line in errors)
    assert errors


def test_a_cell_that_no_store_takes_is_named_in_a_line(typed, folder):
    tenants = ";".join(f"11111111-1111-4111-8111-{n:012d}" for n in range(1_000))
    change(
        folder,
        "partners.csv",
        "22222222-2222-4222-8222-222222222222",
        "22222222-2222-4222-8222-222222222222;" + tenants,
    )
    code, printed, errors = typed("load-directory", folder)
    assert (code, printed) == (2, "")
    assert any("partners.csv" in line and "3" in line for line in errors)


def test_a_folder_that_does_not_exist_is_named(typed, tmp_path):
    code, _, errors = typed("load-directory", tmp_path / "nowhere")
    assert code == 2
    assert [line.partition(":")[0].split(" ")[0] for line in errors] == ["partners.csv", "people.csv"]
    assert not (tmp_path / "var").exists()


def test_a_directory_cannot_be_written_over_a_file(typed, tmp_path):
    (tmp_path / "taken").write_text("", encoding="utf-8")
    code, printed, errors = typed("export-directory", tmp_path / "taken")
    assert (code, printed, len(errors)) == (2, "", 1)
    assert "taken" in errors[0]


def test_the_rules_are_printed_with_their_version(typed):
    code, printed, errors = typed("rules")
    assert (code, errors) == (0, [])
    assert printed.startswith("Routing table, version ")
    assert "AADP_P1, AADP_P2" in printed
    assert not Path("var").exists()


@pytest.mark.parametrize(
    "words",
    [
        ("no-such-command",),
        ("load-directory",),
        ("load-directory", "a", "b"),
        ("load-directory", "a", "--no-such-option"),
        ("export-directory",),
        ("rules", "x"),
        ("--no-such-option",),
    ],
)
def test_wrong_use_is_one_line(typed, words):
    code, printed, errors = typed(*words)
    assert (code, printed, len(errors)) == (2, "", 1)
    assert errors[0].startswith("app.py")


@pytest.mark.parametrize("words", [("--help",), ("load-directory", "--help")])
def test_help_is_no_error(typed, words):
    code, printed, errors = typed(*words)
    assert (code, errors) == (0, [])
    assert "usage: app.py" in printed


@pytest.mark.parametrize("words", [(), ("serve",), ("rules",), ("export-directory", "out")])
def test_settings_that_do_not_do_stop_every_command_with_a_line_for_each_fault(typed, monkeypatch, words):
    monkeypatch.setenv("SME_MODE", "production")
    monkeypatch.setenv("SME_PORT", "http")
    code, printed, errors = typed(*words)
    assert (code, printed, len(errors)) == (2, "", 6)
    assert not Path("var").exists()


def test_a_setting_that_is_no_address_is_one_line(typed, monkeypatch):
    monkeypatch.setenv("SME_GRAPH_URL", "https://[graph.example")
    code, _, errors = typed("rules")
    assert (code, len(errors)) == (2, 1)


def test_the_env_file_is_read_in_local_mode_and_the_environment_wins(typed, monkeypatch, tmp_path):
    Path(".env").write_text("SME_STORAGE=sqlite:from-file.db\nSME_PORT=http\nUNSET\n", encoding="utf-8")
    code, _, errors = typed("rules")
    assert (code, len(errors)) == (2, 1)
    assert "SME_PORT" in errors[0]

    monkeypatch.setenv("SME_PORT", "3978")
    assert typed("load-directory", SAMPLE)[0] == 0
    assert Path("from-file.db").exists()
    monkeypatch.setenv("SME_STORAGE", "sqlite:from-environment.db")
    typed("load-directory", SAMPLE)
    assert Path("from-environment.db").exists()


def test_the_env_file_is_not_read_in_production(typed, monkeypatch):
    Path(".env").write_text("MICROSOFT_APP_ID=x\nMICROSOFT_APP_PASSWORD=y\n", encoding="utf-8")
    monkeypatch.setenv("SME_MODE", "production")
    code, _, errors = typed("rules")
    assert code == 2
    assert any("MICROSOFT_APP_ID" in line for line in errors)
    assert any("credential" in line for line in errors)


def test_the_env_file_cannot_lead_out_of_local_mode(typed):
    Path(".env").write_text("SME_MODE=production\n", encoding="utf-8")
    assert typed("rules")[0] == 0


def test_an_env_file_that_is_no_text_is_one_line(typed):
    Path(".env").write_bytes(b"SME_PORT=\xff\xfe\n")
    code, _, errors = typed("rules")
    assert (code, len(errors)) == (2, 1)
    assert ".env" in errors[0]


@pytest.mark.parametrize("words", [("export-directory", "out"), ("load-directory", SAMPLE), ("serve",)])
def test_a_store_that_is_no_database_is_one_line(typed, monkeypatch, tmp_path, words):
    broken = tmp_path / "broken.db"
    broken.write_bytes(b"no database at all" * 500)
    monkeypatch.setenv("SME_STORAGE", f"sqlite:{broken}")
    code, printed, errors = typed(*words)
    assert (code, printed, len(errors)) == (2, "", 1)
    assert str(broken) in errors[0]
    assert broken.read_bytes() == b"no database at all" * 500


def test_a_store_that_was_cut_short_is_one_line(typed, tmp_path):
    typed("load-directory", SAMPLE)
    content = Path("var/sme.db").read_bytes()
    Path("var/sme.db").write_bytes(content[:4096] + b"\x5a" * (len(content) - 4096))
    code, printed, errors = typed("export-directory", tmp_path / "out")
    assert (code, printed, len(errors)) == (2, "", 1)
    assert "sme.db" in errors[0]


@pytest.mark.parametrize("place", ["a-folder", "a-file/sme.db"])
def test_a_store_that_cannot_be_there_is_one_line(typed, monkeypatch, tmp_path, place):
    (tmp_path / "a-folder").mkdir()
    (tmp_path / "a-file").write_text("", encoding="utf-8")
    monkeypatch.setenv("SME_STORAGE", f"sqlite:{tmp_path / place}")
    code, printed, errors = typed("export-directory", tmp_path / "out")
    assert (code, printed, len(errors)) == (2, "", 1)
    assert place.partition("/")[0] in errors[0]


@pytest.mark.parametrize("text", ["nonsense", "AccountName=x", "DefaultEndpointsProtocol=http;;=;"])
def test_a_connection_string_that_is_none_is_one_line(typed, monkeypatch, tmp_path, text):
    monkeypatch.setenv("SME_STORAGE", "azure")
    monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", text)
    code, printed, errors = typed("export-directory", tmp_path / "out")
    assert (code, printed, len(errors)) == (2, "", 1)


def test_a_storage_account_that_does_not_answer_is_one_line(free_port):
    endpoint = f"TableEndpoint=http://127.0.0.1:{free_port}/x"
    account = f"DefaultEndpointsProtocol=http;AccountName=x;AccountKey=eA==;{endpoint};"
    ran = run("export-directory", "out", SME_STORAGE="azure", AZURE_STORAGE_CONNECTION_STRING=account)
    assert (ran.returncode, ran.stdout, len(ran.stderr.splitlines())) == (2, "", 1)
    assert "storage account" in ran.stderr


def test_a_key_that_is_none_is_one_line(typed, monkeypatch, tmp_path, free_port):
    monkeypatch.setenv("SME_STORAGE", "azure")
    endpoint = f"TableEndpoint=http://127.0.0.1:{free_port}/x"
    monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", f"AccountName=x;AccountKey=key;{endpoint}")
    code, printed, errors = typed("export-directory", tmp_path / "out")
    assert (code, printed) == (2, "")
    assert errors == ["the storage account was not asked: no key and no identity signs in"]


def test_a_first_directory_with_errors_keeps_the_bot_from_starting(typed, monkeypatch, folder):
    change(folder, "people.csv", "Dana Reyes,requester", "Dana Reyes,boss")
    monkeypatch.setenv("SME_DIRECTORY", str(folder))
    code, _, errors = typed("serve")
    assert (code, len(errors)) == (2, 1)
    assert "boss" in errors[0]


def test_a_taken_port_is_one_line(typed, monkeypatch):
    monkeypatch.setenv("SME_DIRECTORY", str(SAMPLE))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setenv("SME_PORT", str(port))
        code, printed, errors = typed("serve")
    said = [line for line in errors if not line.startswith("{")]
    assert (code, printed, len(said)) == (2, "", 1)
    assert f"127.0.0.1:{port}" in said[0]
    assert "Address already in use" in said[0]


class Listening(logging.Handler):
    """Notices that the bot listens."""

    def __init__(self):
        super().__init__()
        self.happened = asyncio.Event()

    def emit(self, record):
        if record.getMessage() == "listening":
            self.happened.set()


async def test_the_bot_serves_until_it_is_told_to_stop(tmp_path, free_port):
    noticed = Listening()
    logging.getLogger("app").addHandler(noticed)
    logging.getLogger("app").setLevel(logging.INFO)
    settings = read_settings(
        {"SME_STORAGE": f"sqlite:{tmp_path / 'sme.db'}", "SME_DIRECTORY": str(SAMPLE), "SME_PORT": str(free_port)}
    )
    service = asyncio.create_task(app.serve(settings, argparse.Namespace()))
    try:
        await noticed.happened.wait()
        async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{free_port}/health") as answer:
            assert (answer.status, (await answer.json())["status"]) == (200, "ok")
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(service, PATIENCE)
    finally:
        logging.getLogger("app").removeHandler(noticed)


PRODUCTION = {
    "SME_MODE": "production",
    "SME_ALLOW_SQLITE": "1",
    "SME_DIRECTORY": str(SAMPLE),
    "SME_HOME_TENANT": HOME,
    "SME_CHANNEL_METADATA": "http://127.0.0.1:9/metadata",
    "MICROSOFT_APP_ID": "c9e8c047-2a34-40a1-b28a-b162d5f5327c",
    "MICROSOFT_APP_TYPE": "SingleTenant",
    "MICROSOFT_APP_TENANT_ID": HOME,
}


@pytest.mark.parametrize(
    "chosen",
    [
        {"MICROSOFT_APP_PASSWORD": "secret", "SME_MAIL": "graph:sme@fasttrack.example"},
        {"MICROSOFT_APP_CERTIFICATE": __file__, "SME_MAIL": "folder:mail"},
        {"MICROSOFT_APP_FEDERATED_CLIENT_ID": "2d4c3f52-0c3b-4f8e-9a67-3b2c1d0e9f88"},
        {"MICROSOFT_APP_TYPE": "UserAssignedMSI"},
    ],
)
async def test_production_answers_nobody_without_a_token_and_has_no_clock_to_move(tmp_path, chosen):
    settings = read_settings({**PRODUCTION, **chosen, "SME_STORAGE": f"sqlite:{tmp_path / 'sme.db'}"})
    async with app.opened(settings) as store, aiohttp.ClientSession() as session:
        service = app.service_of(settings, store, session)
        await app.load_first_directory(settings, store)
        async with TestClient(TestServer(service.web.application())) as client, service.running():
            assert (await client.post("/api/messages", json={"type": "message"})).status == 401
            assert (await client.post("/local/clock", json={"advance_seconds": 1})).status == 404
            assert (await client.get("/health")).status == 200
    assert not list(tmp_path.glob("mail/*"))


async def test_an_azure_account_is_opened_by_its_name():
    chosen = {"SME_STORAGE": "azure", "AZURE_STORAGE_ACCOUNT": "smerequests"}
    store = open_store(read_settings(chosen))
    assert isinstance(store, AzureStore)
    await store.close()


def caller(port):
    return socket.create_connection(("127.0.0.1", port))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_bot_cleanly(number, free_port):
    with serving(SME_PORT=str(free_port)) as (process, _), caller(free_port) as idle:
        idle.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        assert idle.recv(12) == b"HTTP/1.1 200"
        process.send_signal(number)
        _, rest = process.communicate(timeout=30)
    assert process.returncode == 0
    lines = [json.loads(line) for line in rest.splitlines()]
    assert lines[-1]["message"] == "stopping"
    assert not [line for line in lines if line["level"] in {"ERROR", "CRITICAL"} or "traceback" in line]


def test_a_caller_that_never_finishes_does_not_keep_the_bot_from_ending(free_port):
    with serving(SME_PORT=str(free_port)) as (process, _), caller(free_port) as stuck, caller(free_port) as other:
        stuck.sendall(b"POST /api/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
        other.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        assert other.recv(12) == b"HTTP/1.1 200"
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
    assert process.returncode == 0


def test_in_local_mode_the_bot_warns_that_sign_in_is_off():
    with serving(SME_PORT="0") as (_, lines):
        warnings = [line["message"] for line in map(json.loads, lines) if line["level"] == "WARNING"]
    assert warnings == ["local mode: sign-in is OFF, only this machine may connect"]


def test_several_instances_share_one_file(free_port):
    with serving(SME_PORT=str(free_port)) as (first, _), serving("serve", SME_PORT="0") as (second, _):
        for process in (first, second):
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=PATIENCE) == 0


def test_instances_that_open_a_new_file_at_the_same_moment_all_get_it(tmp_path):
    settings = {"SME_STORAGE": f"sqlite:{tmp_path / 'new.db'}", "SME_DIRECTORY": str(SAMPLE), "SME_PORT": "0"}
    started = [
        subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, str(ROOT / "app.py")],
            env={**os.environ, **settings},
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        for _ in range(3)
    ]
    said = []
    for process in started:
        said.append([])
        for line in process.stderr:
            said[-1].append(line)
            if '"listening"' in line:
                break
    for process in started:
        process.terminate()
        process.communicate(timeout=PATIENCE)
    assert all('"listening"' in lines[-1] for lines in said), said


async def test_stores_that_open_a_new_file_at_the_same_moment_all_get_it(tmp_path):
    for n in range(20):
        stores = [SqliteStore(tmp_path / f"{n}.db") for _ in range(6)]
        try:
            opened = await asyncio.gather(*(store.open() for store in stores), return_exceptions=True)
        finally:
            for store in stores:
                await store.close()
        assert opened == [None] * 6


@pytest.mark.parametrize(
    "words", [("no-such-command",), ("load-directory", "nowhere"), ("export-directory", "/dev/null")]
)
def test_no_command_shows_a_traceback(words):
    ran = run(*words)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.strip()
    assert "Traceback" not in ran.stderr


def test_a_command_in_a_shell_prints_and_ends_with_zero():
    ran = run("load-directory", SAMPLE, "--dry-run")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "Nothing was written" in ran.stdout


async def submit_requests(count):
    """Leave behind a store with requests whose lists nobody has written."""
    store = SqliteStore(Path("var/sme.db"))
    await store.open()
    office = await opened_office(store)
    office.now = datetime.now(UTC)
    for n in range(count):
        await office.submitted(f"{n:032x}")
    await store.close()


def test_lists_are_made_anew_and_a_second_time_nothing_is_written(typed):
    asyncio.run(submit_requests(20))
    booked = "In the ledger of the numbers: 20 requests, 0 deflections\n"
    code, printed, errors = typed("rebuild-views")
    assert (code, printed) == (0, f"20 requests; list rows: 40 written, 0 removed, 0 left as they were\n{booked}")
    assert errors[:2] == ["requests: 0 % (1 of 20)", "requests: 10 % (2 of 20)"]
    assert {"list rows: 100 % (40 of 40)", "ledger: 100 % (20 of 20)"} <= set(errors)
    before = stored_rows()
    lists = Counter(row[1].partition(":")[0] for row in before if row[0] == "views")
    assert lists == {"inbox": 20, "ledger": 21, "ledgers": 1, "partner": 20}
    code, printed, _ = typed("rebuild-views")
    assert (code, printed) == (0, f"20 requests; list rows: 0 written, 0 removed, 40 left as they were\n{booked}")
    assert stored_rows() == before


def test_lists_are_made_anew_beside_a_bot_that_serves(tmp_path, free_port):
    asyncio.run(submit_requests(3))
    with serving(SME_PORT=str(free_port)):
        ran = run("rebuild-views")
    assert ran.returncode == 0
    assert ran.stdout.startswith("3 requests; list rows: ")


def test_an_empty_store_has_no_lists_to_make(typed):
    code, printed, errors = typed("rebuild-views")
    assert (code, errors) == (0, [])
    assert printed.startswith("0 requests; list rows: 0 written, 0 removed, 0 left as they were\n")


async def move_the_local_clock(seconds):
    store = SqliteStore(Path("var/sme.db"))
    await store.open()
    await ClockOffsets(store).advance(seconds)
    await store.close()


def test_removed_rows_are_kept_for_seven_days_of_the_local_clock(typed):
    asyncio.run(submit_requests(1))
    typed("rebuild-views")
    connection = sqlite3.connect("var/sme.db")
    with connection:
        stray = "inbox:nobody@fasttrack.example"
        connection.execute("UPDATE row SET partition = ? WHERE partition LIKE 'inbox:%'", (stray,))
    connection.close()
    assert "1 written, 1 removed" in typed("rebuild-views")[1]
    assert [row[1] for row in stored_rows() if '"removed": true' in row[3]] == [stray]
    asyncio.run(move_the_local_clock(7 * 86_400))
    assert "0 written, 1 removed" in typed("rebuild-views")[1]
    assert [row for row in stored_rows() if '"removed": true' in row[3]] == []
