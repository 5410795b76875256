"""Whether a store keeps the promises that everything else relies on, tried on rows of its own."""

from secrets import token_hex

from state.keys import key
from state.table import Conflict, Delete, Put, Store, Table

PARTITION = "checkup"


async def check_up(store: Store) -> str:
    """Write and remove rows of no meaning; return what does not hold, '' when all does. Raises StoreUnavailable."""
    table = store.table("settings")
    one, two = key("row", token_hex(8)), key("row", token_hex(8))
    etags = await table.commit(PARTITION, [Put(one, {"n": 1}), Put(two, {"n": 1})])
    try:
        return await _broken_promise(table, one, etags[one])
    finally:
        for row_key in (one, two):
            row = await table.get(PARTITION, row_key)
            if row:
                await table.commit(PARTITION, [Delete(row_key, row.etag)])


async def _broken_promise(table: Table, row_key: str, etag: str) -> str:
    if await _is_done(table, Put(row_key, {"n": 2})):
        return "a row that exists was made anew"
    await table.commit(PARTITION, [Put(row_key, {"n": 3}, etag)])
    if await _is_done(table, Put(row_key, {"n": 4}, etag)):
        return "a row was overwritten that somebody else had changed"
    other = key("row", token_hex(8))
    if await _is_done(table, Put(other, {"n": 5}), Put(row_key, {"n": 6}, etag)):
        return "a commit was done although one of its changes could not be"
    if await table.get(PARTITION, other):
        return "a commit was done in part"
    row = await table.get(PARTITION, row_key)
    return "" if row and row.values == {"n": 3} else "what was written does not read back"


async def _is_done(table: Table, *changes: Put) -> bool:
    try:
        await table.commit(PARTITION, changes)
    except Conflict:
        return False
    return True
