"""A backup holds every row, whole or not at all, and what is restored from it is the same."""

import gzip
import secrets
from contextlib import AsyncExitStack
from itertools import count

import pytest

from bot.domain.export_jobs import ExportJob, Place
from state.azure import AzureStore
from state.backup import matter_of
from state.backup_file import BackupError, line_of
from state.history import HistoryCheck
from state.keys import key
from state.requests import notice_key
from state.settled import Settled
from state.sqlite import SqliteStore
from state.table import TABLES, Put, StoreUnavailable
from state.views_rebuild import ViewsRebuild
from tests.domain.office import ANA, KOFI, LEE, MONDAY, Office, opened_office
from tests.state.conftest import UnreliableLine, connection_string, opened
from tests.state.kept_rows import backed_up, kept_in, nothing_said, restored, row, write_file

EVERY_TYPE = {
    "yes": True, "no": False, "one": 1, "two": 1.0, "many": 2**40, "less": -(2**31) - 1, "part": 0.1, "none": "",
    "text": 'ä "\\ 漢字 🙂\r\n\t\u2028\u0000 </script>', "long": "x" * 32_768,
}  # fmt: skip


@pytest.fixture
async def fresh(tmp_path):
    """Open empty stores, one after the other."""
    numbers, stores = count(), []

    async def open_one():
        store = SqliteStore(tmp_path / f"fresh-{next(numbers)}.db")
        await store.open()
        stores.append(store)
        return store

    yield open_one
    for store in stores:
        await store.close()


async def lived_in(store):
    """Let things happen in a store, so that every table has rows."""
    office = await opened_office(store)
    number = await office.assigned()
    await office.press(KOFI, "accept", number)
    await office.submitted("aa" * 16, workload="INTUNE")
    await office.write_lists(number)
    for name in TABLES:
        await store.table(name).commit(key("odd"), [Put("a", EVERY_TYPE), Put("b", {})])
    return office


class TestTheSameAgain:
    async def test_every_row_comes_back_with_its_types(self, sqlite, azure, fresh, tmp_path):
        first, there, back = await sqlite(), await azure(), await fresh()
        await lived_in(first)
        before = await kept_in(first)
        taken = await backed_up(first, tmp_path / "1.gz")
        assert sum(taken.rows.values()) == len(before)
        assert {name for name, *_ in before} == set(TABLES)
        restored_there = await restored(there, tmp_path / "1.gz")
        assert (restored_there.rows, restored_there.written) == (len(before), len(before))
        moved = await kept_in(there)
        assert {place: moved[place] for place in before} == before
        await backed_up(there, tmp_path / "2.gz")
        assert (await restored(back, tmp_path / "2.gz")).rows == len(moved)
        assert await kept_in(back) == moved

    async def test_what_was_open_is_looked_at_and_nothing_else_is_added(self, fresh, tmp_path):
        request = {"number": "CONTOSO-7K3QXD"}
        told = {"number": "CONTOSO-8K3QXD"}
        file = write_file(
            tmp_path / "1.gz",
            row("notice:CONTOSO-8K3QXD:1", "CONTOSO", state="sending", **told),
            row("notice:CONTOSO-9K3QXD:1", "CONTOSO", state="delivered", number="CONTOSO-9K3QXD"),
            row("request:CONTOSO-7K3QXD", "CONTOSO", status="approved", **request),
            row("request:CONTOSO-9K3QXD", "CONTOSO", status="closed", number="CONTOSO-9K3QXD"),
            row("views-pending:CONTOSO-AK3QXD:000001", "CONTOSO", before="[]"),
            row("agenda", "person:a@b.example", email="a@b.example"),
            row("views-pending:person!3Ac@b.example:1", "person:c@b.example", before="[]"),
            row("2026-11-23T080000.000000Z:CONTOSO-9K3QXD", "due:1", "work"),
        )
        new = await fresh()
        assert (await restored(new, file)).looks == 5
        planned = {key: place for place, _, key in await kept_in(new) if place == "work"}
        open_ones = {
            "CONTOSO-7K3QXD",
            "CONTOSO-8K3QXD",
            "CONTOSO-AK3QXD",
            "person!3Aa@b.example",
            "person!3Ac@b.example",
        }
        assert planned.keys() == {f"2026-11-23T090000.000000Z:{each}" for each in open_ones} | {
            "2026-11-23T080000.000000Z:CONTOSO-9K3QXD"
        }
        again = await restored(new, file)
        assert (again.rows, again.written, len(await kept_in(new))) == (8, 0, 13)

    async def test_a_row_that_lacks_what_it_should_say_comes_back_as_it_stood(self, fresh, tmp_path):
        keys = ["agenda", "notice:A:1", "request:A", "views-pending:!!0", "views-pending:!FF"]
        new = await fresh()
        done = await restored(new, write_file(tmp_path / "1.gz", *[row(key, "CONTOSO") for key in keys]))
        assert (done.written, done.looks, len(await kept_in(new))) == (5, 0, 5)

    async def test_files_under_way_are_not_for_later(self, store, fresh, tmp_path):
        office = await lived_in(store)
        await office.export_jobs.add(ExportJob("k", LEE, "", MONDAY, Place("https://upload.example/secret")))
        await backed_up(store, tmp_path / "1.gz")
        assert b"upload.example" not in gzip.decompress((tmp_path / "1.gz").read_bytes())
        new = await fresh()
        await restored(new, tmp_path / "1.gz")
        gone = (await kept_in(store)).keys() - (await kept_in(new)).keys()
        assert gone == {("requests", "exports", "export:k")}

    async def test_who_may_only_read_takes_a_backup(self, azurite, tmp_path):
        prefix = "t" + secrets.token_hex(8)
        async with AsyncExitStack() as stack:
            there = await opened(AzureStore.from_connection_string(connection_string(azurite), prefix), stack)
            await there.table("people").commit("partners", [Put("a", EVERY_TYPE)])
            async with OnlyReads(azurite) as line:
                reader = await opened(AzureStore.from_connection_string(line.connection_string, prefix), stack)
                assert (await backed_up(reader, tmp_path / "1.gz")).rows["people"] == 1
                with pytest.raises(StoreUnavailable):
                    await reader.table("people").commit("partners", [Put("b", {})])

    async def test_many_large_rows_are_written_in_more_than_one_commit(self, fresh, tmp_path):
        large = [row(f"{n:03}", **{f"c{m}": "漢" * 30_000 for m in range(6)}) for n in range(30)]
        new = await fresh()
        assert (await restored(new, write_file(tmp_path / "1.gz", *large))).written == 30


class OnlyReads(UnreliableLine):
    """A line on which nothing but reading gets through."""

    async def _pass_on(self, source, target):
        while (data := await source.read(65_536)) and data.startswith(b"GET "):
            target.write(data)
        target.close()


class Busy:
    """A table on which something happens when so many rows have been read."""

    def __init__(self, table, after, happen):
        self.table, self.left, self.happen = table, after, happen

    async def scan(self, partition):
        async for each in self.table.scan(partition):
            if self.left == 0:
                await self.happen()
            self.left -= 1
            yield each


class BusyStore:
    """A store whose requests are busy."""

    def __init__(self, store, after, happen):
        self.store, self.requests = store, Busy(store.table("requests"), after, happen)
        self.requests.partitions = store.table("requests").partitions

    def table(self, name):
        return self.requests if name == "requests" else self.store.table(name)


class TestWhileOthersWrite:
    @pytest.mark.parametrize("after", range(0, 46, 5))
    async def test_a_change_is_there_wholly_or_not_at_all(self, store, fresh, tmp_path, after):
        office = await opened_office(store)
        number = await office.approved()
        await office.submitted("aa" * 16, workload="INTUNE")

        async def changes():
            await office.press(ANA, "assign", number, sme=KOFI)
            await office.submitted("bb" * 16, workload="YAMMER")

        await backed_up(BusyStore(store, after, changes), tmp_path / "1.gz")
        new = await fresh()
        await restored(new, tmp_path / "1.gz")
        there = Office(new)
        faults = {number: fault async for number, fault in HistoryCheck(new).faults()}
        assert faults
        assert not any(faults.values())
        for each in faults:
            request = await there.request(each)
            before = {notice_key(n) for n in await office.requests.notices_of(each) if n.revision <= request.revision}
            assert {notice_key(n) for n in await there.requests.notices_of(each)} == before
            ops = [k for _, _, k in await kept_in(new) if k.startswith("op:")]
            assert len(ops) == sum([(await there.request(one)).revision for one in faults])
            assert len((await there.requests.pending_lists(each))[1]) == request.revision

    async def test_lists_and_numbers_are_made_good_by_a_rebuild(self, store, fresh, tmp_path):
        office = await opened_office(store)
        number = await office.approved()

        async def changes():
            await office.press(ANA, "assign", number, sme=KOFI)
            await office.write_lists(number)

        await backed_up(BusyStore(store, 0, changes), tmp_path / "1.gz")
        new = await fresh()
        await restored(new, tmp_path / "1.gz")
        await ViewsRebuild(new, office.clock, nothing_said).run()
        again = await ViewsRebuild(new, office.clock, nothing_said).run()
        assert (again.written, again.removed) == (0, 0)
        assert [each.number for each in await Office(new).lists.of_sme(KOFI, 9)] == [number]

    async def test_what_moves_all_the_time_is_given_up(self, store, tmp_path):
        table = store.table("requests")

        async def happen():
            standing = await table.get("CONTOSO", "request:1")
            await table.commit("CONTOSO", [Put("request:1", {"n": 1}, standing.etag)])
            busy.left = 1

        await table.commit("CONTOSO", [Put("request:1", {"n": 0}), Put("request:2", {"n": 0})])
        busy = Busy(table, 1, happen)
        reading = Settled(busy, matter_of, lambda each: line_of("requests", each), tmp_path, pauses=(0, 0, 0))
        with pytest.raises(BackupError, match="CONTOSO is changed all the time"):
            assert [line async for line in reading.lines("CONTOSO")] == []
