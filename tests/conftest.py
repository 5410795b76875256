"""What every test gets: loopback only, reproducible examples, logs that name nobody, a free port, a Chromium."""

import csv
import logging
import os
import shutil
import signal
import socket
from pathlib import Path

import pytest
from hypothesis import settings

import app
from bot.logs import JsonLines
from deployment.gallery.chromium import find_chromium
from state.sqlite import SqliteStore

NO_CHROMIUM = "there is no Chromium here"

SAMPLE = Path(__file__).resolve().parents[1] / "deployment" / "sample-directory"

# Examples are the same in every run, and no example fails for having been slow on a busy machine.
settings.register_profile("reproducible", derandomize=True, deadline=None)
settings.load_profile("reproducible")

# A shell has whatever it starts in the background ignore SIGINT, and tests would hand that on to what they start.
signal.signal(signal.SIGINT, signal.default_int_handler)


def _marked():
    """Return what no log may hold: everybody of the sample directory, what the stories type, and tokens."""
    with (SAMPLE / "people.csv").open(encoding="utf-8", newline="") as file:
        named = {row[column] for row in csv.DictReader(file) for column in ("name", "email", "contact_email")}
    typed = {"Adventure Works", "stuck with calling plans", "Maya Roth", "maya.roth", "Robin Doe"}
    return sorted((named | typed | {"Bearer ", "eyJ"}) - {""})


_MARKED = _marked()


class _Lines(logging.Handler):
    """Keeps the lines that the bot logs, as they would be written."""

    def __init__(self):
        super().__init__()
        self.setFormatter(JsonLines())
        self.lines = []

    def emit(self, record):
        self.lines.append(self.format(record))


@pytest.fixture(autouse=True)
def logs_that_name_nobody():
    """Whatever a test has the bot do, its logs hold no names, mails, texts or tokens."""
    kept = _Lines()
    loggers = [logging.getLogger(name) for name in ("bot", "state", "app")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.addHandler(kept)
        logger.setLevel(logging.INFO)
    yield
    for logger, level in zip(loggers, levels, strict=True):
        logger.removeHandler(kept)
        logger.setLevel(level)
    text = "\n".join(kept.lines)
    assert not [mark for mark in _MARKED if mark in text], text


@pytest.fixture
def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def chromium_path():
    path = find_chromium()
    if path is None:
        pytest.skip(NO_CHROMIUM)
    return path


def pytest_terminal_summary(terminalreporter):
    skipped = terminalreporter.stats.get("skipped", [])
    not_run = [report for report in skipped if NO_CHROMIUM in str(report.longrepr)]
    if not_run:
        terminalreporter.line(f"{len(not_run)} browser tests not run: {NO_CHROMIUM}")


@pytest.fixture
def logging_as_before():
    """Give the root logger back what it had, as setting up replaces all of it."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    own = {name: logging.getLogger(name).level for name in ("bot", "state", "app", "msal")}
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, kept in own.items():
        logging.getLogger(name).setLevel(kept)


@pytest.fixture
def fresh_environment(monkeypatch, tmp_path):
    """Start in an empty folder without any setting."""
    for name in [name for name in os.environ if name.startswith(("SME_", "MICROSOFT_", "AZURE_"))]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def typed(capsys):
    """Type a command; return its exit code, what it printed, and the lines of its errors."""

    def type_command(*words):
        capsys.readouterr()
        try:
            code = app.main([str(word) for word in words])
        except SystemExit as ended:
            code = ended.code
        written = capsys.readouterr()
        return code, written.out, written.err.splitlines()

    return type_command


@pytest.fixture
def folder(tmp_path):
    """Give a copy of the sample directory to write in."""
    return Path(shutil.copytree(SAMPLE, tmp_path / "directory"))


@pytest.fixture
async def store(tmp_path):
    """Give an empty store on a file, for what is of SQLite alone or the same on every store."""
    made = SqliteStore(tmp_path / "sme.db")
    await made.open()
    yield made
    await made.close()
