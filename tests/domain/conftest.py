"""A store on a file of the test alone, and the whole desk over it with the sample directory."""

import pytest

from state.sqlite import SqliteStore
from tests.domain.office import opened_office


@pytest.fixture
async def store(tmp_path):
    store = SqliteStore(tmp_path / "sme.db")
    await store.open()
    yield store
    await store.close()


@pytest.fixture
async def office(store):
    return await opened_office(store)
