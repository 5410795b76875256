"""One contract for both stores, and what each promises beside it."""

import asyncio
import sys
from pathlib import Path

import pytest

from state.azure import AzureStore
from state.sqlite import SqliteStore
from state.table import MAX_CHANGES, MAX_TEXT_UNITS, WRITE_MARK, Conflict, Delete, Put, StoreUnavailable, prefix_end

ROOT = Path(__file__).parents[2]


async def keys(rows):
    return [row.key async for row in rows]


async def put(table, key, etag=None, partition="p", **values):
    return (await table.commit(partition, [Put(key, values, etag)]))[key]


class TestTable:
    async def test_a_row_is_read_as_it_was_written(self, table):
        etag = await put(table, "request:1", status="pending", seats=150)
        row = await table.get("p", "request:1")
        assert (row.partition, row.key, row.etag) == ("p", "request:1", etag)
        assert dict(row.values) == {"status": "pending", "seats": 150}

    async def test_a_row_that_does_not_exist_is_none(self, table):
        await put(table, "a", partition="other")
        assert await table.get("p", "a") is None

    async def test_a_row_without_values_is_a_row(self, table):
        await put(table, "a")
        assert dict((await table.get("p", "a")).values) == {}

    async def test_an_insert_of_an_existing_row_is_a_conflict(self, table):
        await put(table, "a", by="first")
        with pytest.raises(Conflict) as conflict:
            await put(table, "a", by="second")
        assert conflict.value.key == "a"
        assert (await table.get("p", "a")).values == {"by": "first"}

    async def test_a_replacement_leaves_nothing_of_the_old_row(self, table):
        first = await put(table, "a", old=1, kept=1)
        second = await put(table, "a", first, kept=2)
        row = await table.get("p", "a")
        assert (dict(row.values), row.etag) == ({"kept": 2}, second)
        assert second != first

    async def test_a_stale_replacement_is_a_conflict(self, table):
        stale = await put(table, "a", n=1)
        await put(table, "a", stale, n=2)
        with pytest.raises(Conflict) as conflict:
            await put(table, "a", stale, n=3)
        assert conflict.value.key == "a"
        assert (await table.get("p", "a")).values == {"n": 2}

    async def test_a_replacement_of_a_missing_row_is_a_conflict(self, table):
        etag = await put(table, "a")
        await table.commit("p", [Delete("a", etag)])
        with pytest.raises(Conflict):
            await put(table, "a", etag)
        assert await table.get("p", "a") is None

    async def test_a_deleted_row_is_gone(self, table):
        etag = await put(table, "a")
        assert await table.commit("p", [Delete("a", etag)]) == {}
        assert await table.get("p", "a") is None

    async def test_a_stale_delete_is_a_conflict(self, table):
        stale = await put(table, "a", n=1)
        await put(table, "a", stale, n=2)
        with pytest.raises(Conflict) as conflict:
            await table.commit("p", [Delete("a", stale)])
        assert conflict.value.key == "a"
        assert (await table.get("p", "a")).values == {"n": 2}

    async def test_a_delete_of_a_missing_row_is_a_conflict(self, table):
        etag = await put(table, "a")
        await table.commit("p", [Delete("a", etag)])
        with pytest.raises(Conflict) as conflict:
            await table.commit("p", [Delete("a", etag)])
        assert conflict.value.key == "a"

    async def test_a_batch_with_only_deletes_of_missing_rows_is_a_conflict(self, table):
        etags = await table.commit("p", [Put("a", {}), Put("b", {})])
        deletes = [Delete(key, etag) for key, etag in etags.items()]
        assert await table.commit("p", deletes) == {}
        with pytest.raises(Conflict):
            await table.commit("p", deletes)

    async def test_an_etag_is_not_used_again_when_a_row_is_made_anew(self, table):
        seen = set()
        for _ in range(20):
            etag = await put(table, "a", n=1)
            await table.commit("p", [Delete("a", etag)])
            seen.add(etag)
        assert len(seen) == 20
        await put(table, "a", n=2)
        for stale in seen:
            with pytest.raises(Conflict):
                await put(table, "a", stale, n=3)

    async def test_a_batch_answers_the_etag_of_each_row_it_put(self, table):
        first = await table.commit("p", [Put("a", {"n": 1}), Put("b", {"n": 1}), Put("c", {"n": 1})])
        changes = [Put("a", {"n": 2}, first["a"]), Delete("b", first["b"]), Put("d", {"n": 2})]
        second = await table.commit("p", changes)
        assert list(second) == ["a", "d"]
        rows = {row.key: (row.values["n"], row.etag) async for row in table.scan("p")}
        assert rows == {"a": (2, second["a"]), "c": (1, first["c"]), "d": (2, second["d"])}

    @pytest.mark.parametrize("middle", ["stale replacement", "stale delete", "insert of an existing row"])
    async def test_a_batch_with_a_conflict_in_the_middle_changes_nothing(self, table, middle):
        etags = await table.commit("p", [Put(key, {"n": 1}) for key in "abc"])
        await put(table, "b", etags["b"], n=2)
        conflicting = {
            "stale replacement": Put("b", {"n": 3}, etags["b"]),
            "stale delete": Delete("b", etags["b"]),
            "insert of an existing row": Put("b", {"n": 3}),
        }[middle]
        with pytest.raises(Conflict) as conflict:
            await table.commit(
                "p", [Put("a", {"n": 3}, etags["a"]), Put("new", {}), conflicting, Delete("c", etags["c"])]
            )
        assert conflict.value.key == "b"
        assert {row.key: row.values["n"] async for row in table.scan("p")} == {"a": 1, "b": 2, "c": 1}

    async def test_a_hundred_changes_are_one_commit_and_one_more_is_refused(self, table):
        changes = [Put(f"{n:03}", {"n": n}) for n in range(MAX_CHANGES + 1)]
        with pytest.raises(ValueError, match="100"):
            await table.commit("p", changes)
        assert await keys(table.scan("p")) == []
        assert len(await table.commit("p", changes[:MAX_CHANGES])) == MAX_CHANGES
        assert await keys(table.scan("p")) == [change.key for change in changes[:MAX_CHANGES]]

    async def test_no_change_and_two_changes_of_one_row_are_refused(self, table):
        with pytest.raises(ValueError, match="not 0"):
            await table.commit("p", [])
        with pytest.raises(ValueError, match="once"):
            await table.commit("p", [Put("a", {}), Delete("a", "etag")])

    @pytest.mark.parametrize("key", ["", "a/b", "a\\b", "a#b", "a?b", "a%b", "a\nb", "a\x7f", "é", "x" * 513])
    async def test_a_key_that_not_every_store_takes_is_refused(self, table, key):
        with pytest.raises(ValueError, match="key"):
            await table.commit("p", [Put(key, {})])
        with pytest.raises(ValueError, match="key"):
            await table.commit(key, [Put("a", {})])

    async def test_every_allowed_character_and_length_of_a_key_works_in_every_operation(self, table):
        printable = "".join(chr(n) for n in range(33, 127) if chr(n) not in "/\\#?%") + " x"
        for key in (printable, "x" * 512):
            etag = await put(table, key, n=1, partition=key)
            etag = await put(table, key, etag, n=2, partition=key)
            assert (await table.get(key, key)).values == {"n": 2}
            assert await keys(table.scan(key, key)) == [key]
            etags = await table.commit(key, [Put(key, {"n": 3}, etag), Put("other", {})])
            assert await table.commit(key, [Delete(key, etags[key])]) == {}

    @pytest.mark.parametrize(
        "text",
        [
            "",
            " ",
            "\ttab\r\n",
            '\'; drop "row" --',
            "Zoë 名前 שלום",
            "👩\u200d💻👍🏽",
            "1",
            "true",
            "null",
            "2026-11-22T10:00:00Z",
        ],
    )
    async def test_a_text_comes_back_as_it_was(self, table, text):
        await put(table, "a", text=text)
        assert (await table.get("p", "a")).values == {"text": text}

    @pytest.mark.parametrize(
        "value",
        [
            0,
            -1,
            2**31 - 1,
            2**31,
            -(2**31),
            -(2**31) - 1,
            2**63 - 1,
            -(2**63),
            2**53 + 1,
            True,
            False,
            1.0,
            -0.5,
            1e300,
        ],
    )
    async def test_a_number_or_truth_value_comes_back_with_its_type(self, table, value):
        await put(table, "a", value=value)
        read = (await table.get("p", "a")).values["value"]
        assert (read, type(read)) == (value, type(value))
        assert [row.values["value"] async for row in table.scan("p")] == [value]

    @pytest.mark.parametrize("value", [2**63, -(2**63) - 1, None, b"bytes", ["list"], "\ud800"])
    async def test_a_value_that_not_every_store_takes_is_refused(self, table, value):
        with pytest.raises(ValueError, match=r"value is neither|surrogates"):
            await put(table, "a", value=value)

    @pytest.mark.parametrize("name", ["", "two words", "1st", "naïve", "PartitionKey", "write_mark"])
    async def test_a_name_that_not_every_store_takes_is_refused(self, table, name):
        with pytest.raises(ValueError, match="cannot name a value"):
            await put(table, "a", **{name: 1})

    @pytest.mark.parametrize("character", ["x", "名", "👍"])
    async def test_a_text_may_have_32_768_utf_16_units_and_no_more(self, table, character):
        longest = character * (MAX_TEXT_UNITS // (len(character.encode("utf-16-le")) // 2))
        await put(table, "a", text=longest)
        assert (await table.get("p", "a")).values == {"text": longest}
        with pytest.raises(ValueError, match="32,768"):
            await put(table, "b", text=longest + "x")

    async def test_a_row_or_commit_too_large_for_any_store_is_refused(self, table):
        text = "x" * MAX_TEXT_UNITS
        with pytest.raises(ValueError, match="1,048,576"):
            await put(table, "a", **{f"text_{n}": text for n in range(16)})
        with pytest.raises(ValueError, match="251"):
            await put(table, "a", **{f"n_{n}": n for n in range(252)})
        with pytest.raises(ValueError, match="4,194,304"):
            await table.commit("p", [Put(f"{n}", {f"t{i}": text for i in range(4)}) for n in range(40)])
        await put(table, "a", **{f"n_{n}": n for n in range(251)})

    async def test_a_scan_is_in_order_of_code_points(self, table):
        unordered = ["b", "B", "a", "10", "9", "_", "~", "a:", "a;", "a:b", "a!", "a-", "a.", "a'", "A", "09", "aa"]
        await table.commit("p", [Put(key, {}) for key in unordered])
        assert await keys(table.scan("p")) == sorted(unordered)

    async def test_a_range_holds_its_start_and_not_its_end(self, table):
        stored = ["e:1", "e:1:1", "e:1:2", "e:1;", "e:2", "f", "it's", 'say "hi"']
        await table.commit("p", [Put(key, {}) for key in stored])
        await put(table, "e:1:9", partition="other")
        assert await keys(table.scan("p", "e:1:1", "e:1;")) == ["e:1:1", "e:1:2"]
        assert await keys(table.scan("p", "e:1:", prefix_end("e:1:"))) == ["e:1:1", "e:1:2"]
        assert await keys(table.scan("p", "e:2")) == ["e:2", "f", "it's", 'say "hi"']
        assert await keys(table.scan("p", end="e:1:1")) == ["e:1"]
        assert await keys(table.scan("p", "f", "e")) == []
        assert await keys(table.scan("p", "e:1", "e:1")) == []

    @pytest.mark.parametrize("bound", ["it's", "' or RowKey ne '", "'' ", '"', "@end", "a & b + c%20=d", "名👍"])
    async def test_a_bound_is_never_read_as_a_condition(self, table, bound):
        await table.commit("p", [Put("a", {}), Put("z", {})])
        assert await keys(table.scan("p", bound)) == [key for key in "az" if key >= bound]
        assert await keys(table.scan("p", "", bound)) == [key for key in "az" if key < bound]
        assert await keys(table.scan(bound)) == []

    async def test_a_limit_ends_a_scan(self, table):
        await table.commit("p", [Put(key, {}) for key in "abcd"])
        assert await keys(table.scan("p", "b", limit=2)) == ["b", "c"]
        assert await keys(table.scan("p", limit=0)) == []
        assert await keys(table.scan("p", limit=9)) == list("abcd")

    async def test_a_scan_goes_on_over_many_pages(self, table):
        everything = [f"{n:05}" for n in range(1_100)]
        for first in range(0, len(everything), MAX_CHANGES):
            await table.commit("p", [Put(key, {}) for key in everything[first : first + MAX_CHANGES]])
        assert await keys(table.scan("p")) == everything
        assert await keys(table.scan("p", limit=1_050)) == everything[:1_050]

    async def test_partitions_are_told_once_each_in_order_of_code_points(self, table):
        unordered = ["b", "B", "a", "10", "9", "~", "a:", "a;", "a:b", "a!", "it's", "x" * 512, "' or 1 eq 1"]
        for partition in unordered:
            await table.commit(partition, [Put(key, {"n": 1}) for key in ("a", "b", "z")])
        assert [name async for name in table.partitions()] == sorted(unordered)

    async def test_a_table_without_rows_and_a_partition_whose_rows_are_gone_are_not_told(self, connect):
        store = await connect()
        await put(store.table("requests"), "a")
        etag = await put(store.table("views"), "a", partition="gone")
        assert [name async for name in store.table("requests").partitions()] == ["p"]
        await store.table("views").commit("gone", [Delete("a", etag)])
        assert [name async for name in store.table("views").partitions()] == []

    async def test_a_partition_may_go_while_partitions_are_told(self, table):
        etags = {partition: await put(table, "a", partition=partition) for partition in "abc"}
        told = []
        async for partition in table.partitions():
            told.append(partition)
            await table.commit(partition, [Delete("a", etags[partition])])
        assert told == list("abc")

    async def test_increments_by_many_at_once_lose_none(self, connect):
        table = (await connect()).table("work")
        await put(table, "counter", n=0)

        async def increment():
            row = await table.get("p", "counter")
            try:
                await put(table, "counter", row.etag, n=row.values["n"] + 1)
            except Conflict:
                await increment()

        async with asyncio.TaskGroup() as tasks:
            for _ in range(8):
                tasks.create_task(increment())
        assert (await table.get("p", "counter")).values == {"n": 8}

    async def test_of_many_inserts_at_once_one_wins(self, connect):
        table, other = (await connect()).table("requests"), (await connect()).table("requests")
        results = await asyncio.gather(
            *(put(one, "a", n=n) for n, one in enumerate([table, other] * 4)), return_exceptions=True
        )
        assert sum(isinstance(result, Conflict) for result in results) == 7
        assert (await table.get("p", "a")).etag in results

    async def test_two_stores_see_each_others_rows(self, connect):
        one, other = (await connect()).table("people"), (await connect()).table("people")
        etag = await put(one, "a", n=1)
        await put(other, "a", etag, n=2)
        with pytest.raises(Conflict):
            await put(one, "a", etag, n=3)
        assert (await one.get("p", "a")).values == {"n": 2}

    async def test_tables_do_not_share_rows(self, connect):
        store = await connect()
        await put(store.table("views"), "a")
        assert await store.table("work").get("p", "a") is None
        with pytest.raises(ValueError, match="no table"):
            store.table("else")

    async def test_opening_again_keeps_what_is_there(self, connect):
        first = await connect()
        await put(first.table("settings"), "a", n=1)
        again = await connect()
        assert (await again.table("settings").get("p", "a")).values == {"n": 1}
        assert await again.ping()


def test_an_empty_prefix_has_no_end():
    with pytest.raises(ValueError, match="scan without one"):
        prefix_end("")


class TestSqlite:
    async def test_rows_outlive_the_store(self, tmp_path):
        for expected in (None, 1):
            store = SqliteStore(tmp_path / "sme.db")
            await store.open()
            row = await store.table("work").get("p", "a")
            assert (row and row.values["n"]) == expected
            if row is None:
                await put(store.table("work"), "a", n=1)
            await store.close()

    async def test_processes_that_open_one_new_file_at_once_share_it(self, tmp_path):
        program = (
            "import asyncio, sys, pathlib\n"
            "from state.sqlite import SqliteStore\n"
            "from state.table import Put\n"
            "async def main(path, name):\n"
            "    store = SqliteStore(pathlib.Path(path))\n"
            "    await store.open()\n"
            "    for n in range(25):\n"
            "        await store.table('work').commit('p', [Put(f'{name}:{n}', {})])\n"
            "    await store.close()\n"
            "asyncio.run(main(*sys.argv[1:]))\n"
        )
        processes = [
            await asyncio.create_subprocess_exec(
                sys.executable, "-c", program, str(tmp_path / "sme.db"), name, cwd=ROOT
            )
            for name in "abcd"
        ]
        assert await asyncio.gather(*(process.wait() for process in processes)) == [0, 0, 0, 0]
        store = SqliteStore(tmp_path / "sme.db")
        await store.open()
        assert len(await keys(store.table("work").scan("p"))) == 100
        await store.close()

    async def test_a_store_that_cannot_be_used_says_so(self, tmp_path):
        (tmp_path / "sme.db").mkdir()
        store = SqliteStore(tmp_path / "sme.db")
        with pytest.raises(StoreUnavailable):
            await store.open()
        with pytest.raises(StoreUnavailable):
            await put(store.table("work"), "a")
        assert not await store.ping()
        await store.close()


class TestAzure:
    @pytest.fixture
    async def unreliable(self, line, azure):
        """The table `requests` over a line that can lose answers, and the same table over a good one."""
        good = await azure()
        prefix = good.table("requests")._client.table_name.removesuffix("requests")
        store = AzureStore.from_connection_string(line.connection_string, prefix)
        yield store.table("requests"), good.table("requests")
        await store.close()

    async def test_a_write_whose_answer_was_lost_is_done_once_and_succeeds(self, line, unreliable):
        table, good = unreliable
        assert await table.get("p", "a") is None
        line.lose_answers(1)
        inserted = await put(table, "a", n=1)
        line.lose_answers(1)
        replaced = await put(table, "a", inserted, n=2)
        line.lose_answers(1)
        etags = await table.commit("p", [Put("a", {"n": 3}, replaced), Put("b", {"n": 3})])
        assert line.lost == 3
        assert {row.key: (row.values["n"], row.etag) async for row in good.scan("p")} == {
            key: (3, etags[key]) for key in "ab"
        }

    async def test_a_row_of_ours_that_was_overwritten_meanwhile_is_never_overwritten_blindly(self, azure):
        table = (await azure()).table("requests")
        first = await put(table, "a", n=1)
        changes = [Put("a", {"n": 2}, first), Put("b", {"n": 2})]
        etags = await table.commit("p", changes)
        mark = (await table._entity("p", "b"))[WRITE_MARK]
        await put(table, "a", etags["a"], n=3)
        answered = await table._own_write("p", changes, mark, "a")
        assert answered["b"] == etags["b"]
        with pytest.raises(Conflict):
            await put(table, "a", answered["a"], n=4)

    async def test_somebody_elses_row_is_not_taken_for_ours_when_an_answer_was_lost(self, line, unreliable):
        table, good = unreliable
        await put(good, "a", n=1)
        line.lose_answers(1)
        with pytest.raises(Conflict):
            await table.commit("p", [Put("a", {"n": 2}), Put("b", {"n": 2})])
        assert line.lost == 1
        assert await keys(good.scan("p")) == ["a"]

    async def test_a_delete_whose_answer_was_lost_is_reported_as_unknown(self, line, unreliable):
        table, good = unreliable
        etags = await good.commit("p", [Put(key, {}) for key in "abc"])
        line.lose_answers(1)
        with pytest.raises(StoreUnavailable):
            await table.commit("p", [Delete("a", etags["a"])])
        line.lose_answers(1)
        with pytest.raises(StoreUnavailable):
            await table.commit("p", [Delete(key, etags[key]) for key in "bc"])
        assert await keys(good.scan("p")) == []

    async def test_a_write_that_never_gets_an_answer_is_reported_as_unknown(self, line, unreliable):
        table, good = unreliable
        line.lose_answers(99)
        with pytest.raises(StoreUnavailable):
            await put(table, "a")
        with pytest.raises(StoreUnavailable):
            await table.get("p", "a")
        with pytest.raises(StoreUnavailable):
            await keys(table.scan("p"))
        assert await keys(good.scan("p")) == ["a"]

    async def test_a_server_that_is_not_there_is_unavailable(self, nobody):
        store = AzureStore.from_connection_string(nobody)
        with pytest.raises(StoreUnavailable):
            await store.open()
        assert not await store.ping()
        await store.close()

    async def test_missing_tables_are_unavailable_and_not_empty(self, line):
        store = AzureStore.from_connection_string(line.connection_string, "missing")
        with pytest.raises(StoreUnavailable):
            await store.table("requests").get("p", "a")
        with pytest.raises(StoreUnavailable):
            await put(store.table("requests"), "a")
        with pytest.raises(StoreUnavailable):
            await keys(store.table("requests").scan("p"))
        with pytest.raises(StoreUnavailable):
            assert [each async for each in store.table("requests").partitions()]
        assert not await store.ping()
        await store.close()

    async def test_an_account_is_reached_at_its_public_address_with_a_credential(self):
        class Credential:
            closed = False

            async def get_token(self, *scopes, **options):
                raise NotImplementedError

            async def close(self):
                self.closed = True

        credential = Credential()
        store = AzureStore.from_account("fastlane", credential)
        assert store._service.url == "https://fastlane.table.core.windows.net"
        await store.close()
        assert credential.closed

    async def test_a_wrong_key_is_unavailable(self, line):
        wrong = line.connection_string.replace("AccountKey=E", "AccountKey=F")
        store = AzureStore.from_connection_string(wrong)
        with pytest.raises(StoreUnavailable):
            await store.table("requests").get("p", "a")
        await store.close()
