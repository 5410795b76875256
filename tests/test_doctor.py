"""What `doctor` and `check-history` say of an installation, and how they end."""

import asyncio
import json
import os
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer

import app
from state.sqlite import SqliteStore
from tests.authentication.production_bot import production
from tests.channel.local_framework import KeyServer
from tests.channel.sign_in import running_sign_in, write_pem
from tests.domain.office import DANA, LEE, SAMPLE, opened_office


@pytest.fixture(autouse=True)
def _fresh_environment(monkeypatch, tmp_path, logging_as_before):
    for name in [name for name in os.environ if name.startswith(("SME_", "MICROSOFT_", "AZURE_"))]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SME_STORAGE", "sqlite:sme.db")


@pytest.fixture
def typed(capsys):
    def type_command(*words):
        capsys.readouterr()
        code = app.main(list(words))
        return code, capsys.readouterr().out.splitlines()

    return type_command


def in_the_store(work):
    """Do something with the store of this folder, and close it."""

    async def opened():
        store = SqliteStore(Path("sme.db"))
        await store.open()
        try:
            return await work(store)
        finally:
            await store.close()

    return asyncio.run(opened())


def submitted():
    async def submit(store):
        return await (await opened_office(store)).submitted()

    return in_the_store(submit)


def tamper(changes):
    with closing(sqlite3.connect("sme.db")) as connection, connection:
        (content,) = connection.execute("SELECT content FROM row WHERE key LIKE 'request:%'").fetchone()
        content = json.dumps(json.loads(content) | changes)
        connection.execute("UPDATE row SET content = ? WHERE key LIKE 'request:%'", (content,))


def test_a_well_installation_has_nothing_to_mend(typed):
    typed("load-directory", str(SAMPLE))
    code, lines = typed("doctor")
    assert code == 0
    assert {line[:4] for line in lines} == {"ok  ", "note", "    "}
    assert lines[1].startswith("ok    storage: reached in ")
    assert lines[-1] == "ok    sign-in: off, as this is local mode"


def test_an_empty_directory_is_to_be_loaded(typed):
    code, lines = typed("doctor")
    assert code == 1
    at = lines.index("MEND  directory: empty")
    assert lines[at + 1] == "      Run load-directory."


def test_a_test_mail_needs_an_address(capsys):
    with pytest.raises(SystemExit) as end:
        app.main(["doctor", "--mail", "nobody"])
    assert end.value.code == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_histories_that_lead_to_what_is_stored_are_counted(typed):
    submitted()
    assert typed("check-history") == (
        0,
        ["1 histories replayed; 0 of them do not lead to the request that is stored"],
    )


def test_a_request_that_does_not_follow_from_its_history_is_named(typed):
    number = submitted()
    tamper({"status": "approved", "fpm": DANA})
    code, lines = typed("check-history")
    assert code == 1
    assert lines[0] == f"{number} is not what its history says: fpm, status"
    assert LEE not in " ".join(lines)


async def doctor_in_production(folder, metadata_url, sign_in, environment):
    env = production(folder, "http://127.0.0.1:9", metadata_url, sign_in) | environment
    process = await asyncio.create_subprocess_exec(
        sys.executable, app.__file__, "doctor", env={**os.environ, **env}, cwd=folder,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    printed, _ = await process.communicate()
    return process.returncode, printed.decode()


@pytest.mark.parametrize("fault", [0, 500])
async def test_in_production_signing_keys_and_sign_in_are_tried(tmp_path, fault):
    keys = KeyServer()
    keys.publish("k1")
    pem = write_pem(tmp_path / "bot.pem")
    async with running_sign_in(pem) as sign_in, TestServer(keys.application()) as server:
        sign_in.fault = keys.fault = fault
        trusting = {"REQUESTS_CA_BUNDLE": str(pem)}
        code, printed = await doctor_in_production(tmp_path, str(server.make_url("/metadata")), sign_in, trusting)
    assert code == 1, "the directory is empty"
    if fault:
        assert "MEND  signing keys: 0 published" in printed
        assert "MEND  sign-in: no token" in printed
    else:
        assert "ok    signing keys: 1 published" in printed
        assert "note  sign-in: a token was issued" in printed
