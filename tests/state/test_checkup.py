"""The check-up finds a store that does not keep its promises, and leaves nothing behind."""

from dataclasses import replace

import pytest

from state.checkup import PARTITION, check_up
from state.table import Conflict, Put


class Careless:
    """A store whose tables treat each commit as a test says."""

    def __init__(self, store, how):
        self.store, self.how = store, how

    def table(self, name):
        self.of = self.store.table(name)
        return self

    async def get(self, partition, key):
        return await self.of.get(partition, key)

    async def commit(self, partition, changes):
        return await self.how(self.of, partition, changes)


async def without_etags(table, partition, changes):
    """Write as if every row stood as the change requires."""
    fitted = []
    for change in changes:
        row = await table.get(partition, change.key)
        fitted.append(replace(change, etag=row.etag if row else None))
    return await table.commit(partition, fitted)


async def without_stale_etags(table, partition, changes):
    if all(isinstance(change, Put) and change.etag for change in changes):
        return await without_etags(table, partition, changes)
    return await table.commit(partition, changes)


async def ignoring_conflicts(table, partition, changes):
    done = {}
    for change in changes:
        try:
            done |= await table.commit(partition, [change])
        except Conflict:
            if len(changes) == 1:
                raise
    return done


async def one_by_one(table, partition, changes):
    done = {}
    for change in changes:
        done |= await table.commit(partition, [change])
    return done


async def forgetful(table, partition, changes):
    kept = [replace(change, values={"n": 1}) if isinstance(change, Put) else change for change in changes]
    return await table.commit(partition, kept)


async def test_a_store_that_keeps_its_promises_is_well_and_left_as_it_was(store):
    assert await check_up(store) == ""
    assert [row async for row in store.table("settings").scan(PARTITION)] == []


@pytest.mark.parametrize(
    ("how", "said"),
    [
        (without_etags, "a row that exists was made anew"),
        (without_stale_etags, "overwritten that somebody else had changed"),
        (ignoring_conflicts, "although one of its changes could not be"),
        (one_by_one, "done in part"),
        (forgetful, "does not read back"),
    ],
)
async def test_a_store_that_breaks_a_promise_is_found(store, how, said):
    assert said in await check_up(Careless(store, how))
