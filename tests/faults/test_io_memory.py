"""The tables in memory keep the contract of the stored ones."""

import pytest

from tests.faults.io_memory import MemoryStore
from tests.state.test_table import TestTable

__all__ = ["TestTable"]


@pytest.fixture
def connect():
    store = MemoryStore()

    async def connected():
        return store

    return connected


@pytest.fixture
async def table(connect):
    return (await connect()).table("requests")
