"""What the fault runs share: an Azurite of their own, and lines at the end that say what was done."""

import pytest

from tests.state.conftest import azurite

__all__ = ["azurite", "say"]

_LINES = pytest.StashKey[list[str]]()


@pytest.fixture(scope="session")
def say(pytestconfig):
    """Keep a line for the end of the output."""
    return pytestconfig.stash.setdefault(_LINES, []).append


def pytest_terminal_summary(terminalreporter, config):
    for line in config.stash.get(_LINES, []):
        terminalreporter.write_line(line)
