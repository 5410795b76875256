"""What is kept about a person is exported and erased by a command, also while the bot runs."""

import asyncio
import json
import os
import pty
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

import app
from bot.mail import FolderMail
from state.sqlite import SqliteStore
from tests.domain.office import DANA, KOFI, LEE, opened_office
from tests.stories.journey import assigned, review, status_of, submitted
from tests.stories.running_bot import running_bot

ROOT = Path(app.__file__).parent
WORDS = "We tried the deployment guide and are stuck with calling plans."


def command(folder, *words):
    """Return what starts a command on the store of a folder, in a process of its own."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("SME_", "AZURE_", "MICROSOFT_"))}
    own = {"SME_STORAGE": f"sqlite:{folder / 'sme.db'}", "SME_MAIL": f"folder:{folder / 'mail'}"}
    return [sys.executable, str(ROOT / "app.py"), *map(str, words)], {**env, **own}


def typed(folder, *words):
    """Type a command where there is no terminal; return its exit code, what it printed and the lines of its errors."""
    program, env = command(folder, *words)
    ended = subprocess.run(  # noqa: S603 - our own program
        program,
        env=env,
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
        check=False,
    )
    return ended.returncode, ended.stdout, ended.stderr.splitlines()


async def fill(folder):
    store = SqliteStore(folder / "sme.db")
    await store.open()
    office = await opened_office(store)
    number = await office.submitted(justification=WORDS)
    await office.press(LEE, "approve", number)
    await FolderMail(folder / "mail").send("1", DANA, number, "Approved.")
    await FolderMail(folder / "mail").send("2", LEE, number, f"Dana Reyes asks: {WORDS}")
    await FolderMail(folder / "mail").send("3", LEE, "Something else", "It is about nobody.")
    await store.close()
    return number


@pytest.fixture
def filled(tmp_path):
    """Give a folder with a store in which Dana has asked for an SME."""
    asyncio.run(fill(tmp_path))
    return tmp_path


def kept_in(folder):
    """Return everything that is kept: the rows, as SQLite dumps them, and the mails."""
    with closing(sqlite3.connect(folder / "sme.db")) as connection:
        rows = "\n".join(" ".join(row) for row in connection.execute("SELECT name, partition, key, content FROM row"))
    return rows + "\n".join(file.read_text(encoding="utf-8") for file in (folder / "mail").glob("*"))


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([DANA], "one of the arguments --export --erase is required"),
        ([], "the following arguments are required: EMAIL"),
        (["dana", "--erase"], "Please give one e-mail address"),
        ([DANA, "--erase", "--export", "dana.json"], "not allowed with argument"),
        (["nobody@nowhere.example", "--export", "nobody.json"], "Nothing is kept about nobody@nowhere.example."),
        (["nobody@nowhere.example", "--erase"], "Nothing is kept about nobody@nowhere.example."),
        ([LEE, "--erase"], "Lee Park is the FPM or backup FPM of CONTOSO: name another FPM in the directory first."),
    ],
)
def test_wrong_use_is_said_in_one_line_and_changes_nothing(filled, words, sentence):
    before = kept_in(filled)
    code, printed, errors = typed(filled, "person", *words)
    assert (code, printed, len(errors)) == (2, "", 1)
    assert sentence in errors[0]
    assert kept_in(filled) == before
    assert not list(filled.glob("*.json"))


def test_an_export_is_for_its_owner_only_and_overwrites_nothing(filled):
    file = filled / "dana.json"
    code, printed, errors = typed(filled, "person", DANA.upper(), "--export", file)
    assert (code, printed, errors) == (0, f"Written: {file}\n", [])
    assert file.stat().st_mode & 0o777 == 0o600
    text = file.read_text(encoding="utf-8")
    data = json.loads(text)
    assert data["directory"]["name"] == "Dana Reyes"
    assert data["requests"][0]["answers"]["justification"] == WORDS
    assert len(data["mail_files"]) == 2
    assert "\n  " in text
    code, _, errors = typed(filled, "person", DANA, "--export", file)
    assert (code, errors) == (2, [f"{file} exists already: please name another file."])
    assert file.read_text(encoding="utf-8") == text


def test_an_erasure_says_what_it_did_and_leaves_all_in_order(filled):
    code, printed, errors = typed(filled, "person", DANA, "--erase")
    assert (code, errors) == (0, [])
    assert "rows rewritten" in printed
    assert "2 mails deleted" in printed
    assert "people.csv" in printed
    kept = kept_in(filled)
    assert [word for word in (DANA, "Dana Reyes", WORDS) if word in kept] == []
    assert "It is about nobody." in kept
    assert printed.partition("proof ")[2].split()[0] in kept
    assert "1 histories replayed; 0 of them" in typed(filled, "check-history")[1]
    typed(filled, "rebuild-views")
    assert "list rows: 0 written, 0 removed" in typed(filled, "rebuild-views")[1]
    code, _, errors = typed(filled, "person", DANA, "--erase")
    assert (code, errors) == (2, [f"Nothing is kept about {DANA}."])


def at_a_terminal(folder, answer, *words):
    """Type a command at a terminal and answer what it asks; return its exit code, and what the terminal showed."""
    program, env = command(folder, *words)
    ours, theirs = pty.openpty()
    with subprocess.Popen(program, env=env, cwd=folder, stdin=theirs, stdout=theirs, stderr=theirs) as process:  # noqa: S603 - our own program
        os.close(theirs)
        os.write(ours, f"{answer}\n".encode())
        shown = b""
        try:
            while part := os.read(ours, 4096):
                shown += part
        except OSError:
            pass  # This is how a terminal says that nobody writes any more.
        os.close(ours)
    return process.returncode, shown.decode()


def test_at_a_terminal_the_address_is_asked_for_once_more(filled):
    before = kept_in(filled)
    code, shown = at_a_terminal(filled, KOFI, "person", DANA, "--erase")
    assert code == 2
    assert f"Type {DANA} again" in shown
    assert "Nothing was erased" in shown
    assert kept_in(filled) == before
    code, shown = at_a_terminal(filled, "\x04", "person", DANA, "--erase")
    assert (code, "Nothing was erased" in shown, "Traceback" in shown) == (2, True, False)
    code, shown = at_a_terminal(filled, DANA, "person", DANA, "--erase")
    assert (code, "Erased at" in shown) == (0, True)


def test_yes_is_not_asked(filled):
    code, shown = at_a_terminal(filled, "", "person", DANA, "--erase", "--yes")
    assert code == 0
    assert "again" not in shown


async def test_the_running_bot_goes_on_without_the_person(tmp_path):
    async with running_bot(tmp_path) as bot:
        dana, piotr, lee, ana, kofi = await bot.people(
            "Dana Reyes", "Piotr Zieliński", "Lee Park", "Ana Souza", "Kofi Mensah"
        )
        number = await assigned(dana, lee, ana, kofi, justification=WORDS)
        await review(dana, tenant_name="Wide World", notes="These are notes of a draft.")
        other = await submitted(piotr, tenant_name="Other Corp", contact_email=dana.email)
        code, _, errors = await asyncio.to_thread(typed, tmp_path, "person", dana.email, "--erase")
        assert (code, errors) == (0, [])

        kept = await asyncio.to_thread(kept_in, tmp_path)
        needles = (dana.email, dana.name, dana.object_id, WORDS, "notes of a draft", dana.conversation)
        assert [needle for needle in needles if needle in kept] == []
        for reader in (lee, piotr, kofi):
            assert await status_of(reader, number) == "Assigned"
            assert dana.name not in reader.newest_card.words
        assert "not registered" in await dana.say("my requests")
        await kofi.press("accept", showing=number)
        await lee.press("deny", showing=other, deny_reason="out_of_scope")
        await bot.advance()
        assert (await bot.health())["notices"]["pending"] == 0
        assert dana.email not in await asyncio.to_thread(kept_in, tmp_path)
    assert "2 histories replayed; 0 of them" in typed(tmp_path, "check-history")[1]
    assert "list rows: 0 written, 0 removed" in typed(tmp_path, "rebuild-views")[1]
