"""What is particular to the SQLite store: small reads on the event loop, everything else in its thread."""

import pytest

from state.sqlite import SqliteStore
from state.table import Put, StoreUnavailable


@pytest.fixture
async def store(tmp_path):
    made = SqliteStore(tmp_path / "sme.db")
    await made.open()
    yield made
    await made.close()


@pytest.fixture
async def table(store):
    made = store.table("settings")
    await made.commit("p", [Put(f"k{number:03}", {"n": number}) for number in range(100)])
    return made


async def test_a_small_read_that_would_have_to_wait_goes_through_the_thread(store, table):
    store._reader.set_progress_handler(lambda: 1, 1)
    assert (await table.get("p", "k007")).values == {"n": 7}
    assert [row.values["n"] async for row in table.scan("p", limit=3)] == [0, 1, 2]


async def test_a_small_read_does_not_wait_for_the_thread(store, table):
    reading = table.get("p", "k007")
    with pytest.raises(StopIteration) as ended:
        reading.send(None)
    assert ended.value.value.values == {"n": 7}


@pytest.mark.parametrize("limit", [None, 1, 15, 16, 17, 32, 99, 100, 101])
async def test_a_scan_reads_on_where_its_small_page_ends(table, limit):
    assert [row.values["n"] async for row in table.scan("p", limit=limit)] == list(range(100))[:limit]


async def test_a_store_that_is_not_open_says_so(tmp_path):
    closed = SqliteStore(tmp_path / "sme.db")
    with pytest.raises(StoreUnavailable, match="not open"):
        await closed.table("settings").get("p", "k")
    assert not await closed.ping()
