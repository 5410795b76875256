"""What is particular to the SQLite store: small reads on the event loop, and commits that share a transaction."""

import asyncio

import pytest

from state.sqlite import SqliteStore
from state.sqlite_writer import MOST_AT_ONCE
from state.table import Conflict, Delete, Put, StoreUnavailable


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


@pytest.fixture
def transactions(store, table):
    """Every transaction that is committed from now on."""
    seen = []
    store.connection.set_trace_callback(lambda statement: seen.append(statement) if statement == "COMMIT" else None)
    return seen


async def commit_at_once(table, *commits):
    return await asyncio.gather(*(table.commit("q", changes) for changes in commits), return_exceptions=True)


async def test_commits_that_wait_at_the_same_time_share_a_transaction(table, transactions):
    await commit_at_once(table, *([Put(f"k{number:03}", {"n": number})] for number in range(MOST_AT_ONCE + 1)))
    assert [row.values["n"] async for row in table.scan("q")] == list(range(MOST_AT_ONCE + 1))
    assert len(transactions) == 2


async def test_a_commit_that_conflicts_leaves_the_others_alone_and_does_nothing(table, transactions):
    outcomes = await commit_at_once(
        table,
        [Put("a", {"n": 1})],
        [Put("b", {"n": 1}), Put("a", {"n": 2})],
        [Put("c", {"n": 1}), Delete("nothing", "etag")],
        [Put("d", {"n": 1})],
    )
    assert [type(outcome) for outcome in outcomes] == [dict, Conflict, Conflict, dict]
    assert [outcomes[1].key, outcomes[2].key] == ["a", "nothing"]
    assert {row.key: row.values["n"] async for row in table.scan("q")} == {"a": 1, "d": 1}
    assert (await table.get("q", "a")).etag == outcomes[0]["a"]
    assert len(transactions) == 1


async def test_a_commit_sees_what_the_one_before_it_wrote(table):
    first, second = await commit_at_once(table, [Put("a", {"n": 1})], [Put("a", {"n": 2})])
    assert isinstance(first, dict)
    assert isinstance(second, Conflict)
    await commit_at_once(table, [Delete("a", first["a"])], [Put("a", {"n": 3})])
    assert (await table.get("q", "a")).values == {"n": 3}


async def test_what_cannot_be_written_fails_for_all_who_waited_and_later_ones_go_on(store, table):
    store.connection.execute("PRAGMA query_only = ON")
    outcomes = await commit_at_once(table, [Put("a", {"n": 1})], [Put("b", {"n": 1})])
    assert [type(outcome) for outcome in outcomes] == [StoreUnavailable] * 2
    store.connection.execute("PRAGMA query_only = OFF")
    assert await table.commit("q", [Put("a", {"n": 1})])


async def test_a_caller_that_gives_up_takes_nobody_with_it(table):
    leaving = asyncio.create_task(table.commit("q", [Put("a", {"n": 1})]))
    staying = asyncio.create_task(table.commit("q", [Put("b", {"n": 1})]))
    await asyncio.sleep(0)
    leaving.cancel()
    assert await staying
    assert (await table.get("q", "a")).values == {"n": 1}
