"""What the runs of the image start from: its files, laid out once, and a storage account of their own."""

from collections.abc import Iterator

import pytest

from tests.production.container import Container, confine_or_protect
from tests.production.image import lay_out
from tests.state.conftest import azurite

__all__ = ["azurite", "container"]

_HOW = pytest.StashKey[str]()


@pytest.fixture(scope="session")
def container(tmp_path_factory, pytestconfig) -> Iterator[Container]:
    made = confine_or_protect(lay_out(tmp_path_factory.mktemp("image")))
    pytestconfig.stash[_HOW] = (
        "the image ran read-only, as its own user and without privileges"
        if made.is_confined
        else "the image ran as the present user, in a folder without the right to write: its own user takes root"
    )
    yield made
    # Some 100 MB; pytest would keep those of three runs.
    made.remove()


def pytest_terminal_summary(terminalreporter, config):
    if how := config.stash.get(_HOW, None):
        terminalreporter.write_line(how)
