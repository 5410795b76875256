"""A backup and its restore as they are typed, broken off, killed, and where they cannot be."""

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path

import pytest

import app
from tests.conftest import SAMPLE

APP = Path(app.__file__)
SMALL_FILES = (
    "import resource, signal, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536)); "
    "import app; sys.exit(app.main(sys.argv[1:]))"
)
"""As on a disk that is full: no file grows beyond 64 KiB."""


def environment(store):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SME_", "AZURE_", "MICROSOFT_"))}
    return {**kept, "SME_STORAGE": f"sqlite:{store}", "SME_DIRECTORY": str(SAMPLE), "PYTHONPATH": str(APP.parent)}


def process(store, *words, program=(str(APP),), stderr=subprocess.PIPE):
    """Start a command as a process of its own."""
    return subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, *program, *map(str, words)],
        env=environment(store),
        cwd=store.parent,
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
    )


def ended(store, *words, **how):
    """Run a command; return its exit code, what it printed and the lines of its errors."""
    with process(store, *words, **how) as running:
        out, errors = running.communicate()
    return running.returncode, out, errors.splitlines()


def contents(store):
    with closing(sqlite3.connect(store)) as connection:
        return connection.execute("SELECT name, partition, key, content FROM row WHERE name != 'work'").fetchall()


@pytest.fixture(scope="module")
def history(tmp_path_factory):
    """Give a store with some hundred requests."""
    store = tmp_path_factory.mktemp("history") / "sme.db"
    assert ended(store, "sample-history", 120)[0] == 0
    return store


@pytest.fixture(scope="module")
def file(history, tmp_path_factory):
    path = tmp_path_factory.mktemp("kept") / "new" / "backup.gz"
    code, out, errors = ended(history, "backup", path)
    assert (code, out.splitlines()[1]) == (0, "It holds personal data, and is not encrypted.")
    assert out.startswith(f"Written: {path} (0.")
    assert [line for line in errors if "%" not in line] == []
    return path


def test_a_backup_is_for_its_owner_alone_and_leaves_nothing_beside_it(file):
    assert file.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in file.parent.iterdir()] == ["backup.gz"]


@pytest.mark.usefixtures("fresh_environment", "logging_as_before")
def test_what_is_restored_is_the_same_and_nothing_has_to_be_made_good(typed, history, file, tmp_path, monkeypatch):
    new = tmp_path / "new.db"
    monkeypatch.setenv("SME_STORAGE", f"sqlite:{new}")
    code, out, errors = typed("restore", file)
    assert code == 0
    assert sorted(contents(new)) == sorted(contents(history))
    for what in ("checked", "restored", "read back"):
        assert any(line.startswith(f"bytes {what}: 100 %") for line in errors)
    assert f"{len(contents(new)):,} written now and 0 that stood there. Read back, all are equal to the file." in out
    assert "Next: rebuild-views, check-history, doctor; then start the bot." in out
    code, out, _ = typed("check-history")
    assert (code, out.split(";")[0]) == (0, "120 histories replayed")
    assert "list rows: 0 written, 0 removed" in typed("rebuild-views")[1]
    assert " 0 written now" in "\n" + typed("restore", file)[1].replace("\n", " "), "it may be asked again"


def test_a_restore_that_was_killed_is_finished_by_another(history, file, tmp_path):
    new, written = tmp_path / "new.db", 0
    with process(new, "restore", file) as running:
        assert next(line for line in running.stderr if line.startswith("bytes restored"))
        with closing(sqlite3.connect(new, timeout=30, isolation_level=None)) as lock:
            while not written:
                # Whoever has begun to write holds up the restore, wherever it is.
                lock.execute("BEGIN IMMEDIATE")
                written = lock.execute("SELECT count(*) FROM row").fetchone()[0]
                if written:
                    running.kill()
                    running.communicate()
                lock.execute("ROLLBACK")
    assert written < len(contents(history))
    code, out, _ = ended(new, "restore", file)
    assert (code, f" and {written:,} that stood there" in out) == (0, True)
    assert sorted(contents(new)) == sorted(contents(history))


def full_pipe():
    """Return the ends of a pipe that takes nothing more, so that whoever says something waits until it is read."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    with suppress(BlockingIOError):
        while True:
            os.write(writing, b"\n" * 4_096)
    os.set_blocking(writing, True)
    return os.fdopen(reading), writing


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_backup_that_is_broken_off_leaves_nothing(history, tmp_path, how):
    said, writing = full_pipe()
    with said, process(history, "backup", tmp_path / "kept" / "1.gz", stderr=writing) as running:
        os.close(writing)
        while not list(tmp_path.glob("kept/.backup-*")):
            assert running.poll() is None
        running.send_signal(how)
        errors = said.read()
    assert running.returncode == app.INTERRUPTED
    assert "Traceback" not in errors
    assert list((tmp_path / "kept").iterdir()) == []


def test_a_full_disk_is_said_in_a_line(history, tmp_path):
    file = tmp_path / "kept" / "1.gz"
    code, out, errors = ended(history, "backup", file, program=("-c", SMALL_FILES))
    said = [line for line in errors if "%" not in line]
    assert (code, out, said) == (2, "", [f"{file} was not written: [Errno 27] File too large"])
    assert list((tmp_path / "kept").iterdir()) == []


@pytest.mark.usefixtures("fresh_environment", "logging_as_before")
class TestWhatIsRefused:
    def test_a_file_that_exists_is_left_as_it_is(self, typed, file, monkeypatch, history):
        monkeypatch.setenv("SME_STORAGE", f"sqlite:{history}")
        before = file.read_bytes()
        assert typed("backup", file) == (2, "", [f"{file} exists already: please name another file."])
        assert file.read_bytes() == before

    def test_a_store_that_holds_nothing_is_probably_another_one(self, typed, tmp_path):
        asked = "The store holds nothing: is it the one that was meant?"
        assert typed("backup", tmp_path / "1.gz") == (2, "", [asked])
        assert not (tmp_path / "1.gz").exists()

    def test_a_place_that_is_no_folder(self, typed, tmp_path, monkeypatch, history):
        monkeypatch.setenv("SME_STORAGE", f"sqlite:{history}")
        (tmp_path / "kept").write_text("no folder")
        code, out, errors = typed("backup", tmp_path / "kept" / "1.gz")
        assert (code, out, len(errors)) == (2, "", 1)
        assert errors[0].startswith(f"{tmp_path / 'kept' / '1.gz'} was not written: ")

    @pytest.mark.parametrize("name", ["nothing.gz", "."])
    def test_a_backup_that_cannot_be_read(self, typed, tmp_path, name):
        code, out, errors = typed("restore", tmp_path / name)
        assert (code, out, len(errors)) == (2, "", 1)
        assert str(tmp_path) in errors[0]

    def test_a_store_that_is_filled(self, typed, file, monkeypatch, history):
        monkeypatch.setenv("SME_DIRECTORY", str(SAMPLE))
        typed("sample-history", 10, "--seed", "other")
        before = contents("var/sme.db")
        code, out, errors = typed("restore", file)
        assert (code, out) == (2, "")
        assert "The store is not empty: " in errors[-1] or "stands in the store, and otherwise" in errors[-1]
        assert contents("var/sme.db") == before

    @pytest.mark.parametrize("words", [("backup",), ("restore",), ("restore", "a", "b")])
    def test_wrong_use_is_said_in_a_line(self, typed, words):
        code, out, errors = typed(*words)
        assert (code, out, len(errors)) == (2, "", 1)
