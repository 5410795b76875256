"""What every test gets: loopback only, reproducible examples, a free port and the system's Chromium."""

import logging
import socket

import pytest
from hypothesis import settings

from deployment.gallery.chromium import find_chromium

NO_CHROMIUM = "there is no Chromium here"

# Examples are the same in every run, and no example fails for having been slow on a busy machine.
settings.register_profile("reproducible", derandomize=True, deadline=None)
settings.load_profile("reproducible")


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
