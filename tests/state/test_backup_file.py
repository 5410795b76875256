"""A file that is not what was written is refused in a sentence, and nothing of it is restored."""

import gzip
import json

import pytest

from state.backup import Backup
from state.backup_file import BackupError, BackupFile, Head
from state.table import MAX_TEXT_UNITS, Put
from tests.state.kept_rows import AT, backed_up, kept_in, nothing_said, restored, row, write_file


async def refusal_of(store, path):
    """Return the sentence with which a file is refused, without its name."""
    before = await kept_in(store)
    with pytest.raises(BackupError) as refusal:
        await restored(store, path)
    assert await kept_in(store) == before, "something was written"
    return str(refusal.value).removeprefix(f"{path} ")


@pytest.fixture
async def file(tmp_path):
    return write_file(tmp_path / "1.gz", *(row(f"{n:03}", n=n, text=f"words {n}") for n in range(50)))


async def test_what_was_written_is_read(store, file):
    assert (await restored(store, file)).rows == 50


async def test_a_file_that_ends_early_is_refused(store, file):
    whole = file.read_bytes()
    for end in range(0, len(whole), 71):
        file.write_bytes(whole[:end])
        assert (await refusal_of(store, file)).startswith(("is damaged: it ", "is no backup"))
    lines = gzip.decompress(whole).splitlines(keepends=True)
    for end in (1, 2, len(lines) - 1):
        file.write_bytes(gzip.compress(b"".join(lines[:end])))
        assert await refusal_of(store, file) == f"is damaged: it ends after line {end}, before its end."


async def test_an_altered_byte_is_found(store, file):
    whole = file.read_bytes()
    content = gzip.decompress(whole)
    # Ahead of the tenth byte stand the time and the system of the packing, which nobody reads.
    for place in range(10, len(whole), 29):
        altered = bytearray(whole)
        altered[place] ^= 0x10
        file.write_bytes(altered)
        assert (await refusal_of(store, file)).startswith("is damaged: it ")
    for place in range(0, len(content), 211):
        altered = bytearray(content)
        altered[place] ^= 1
        file.write_bytes(gzip.compress(altered))
        assert await refusal_of(store, file)


async def test_a_row_less_or_more_is_found(store, file):
    lines = gzip.decompress(file.read_bytes()).splitlines(keepends=True)
    file.write_bytes(gzip.compress(b"".join(lines[:5] + lines[6:])))
    assert await refusal_of(store, file) == "is damaged: it does not hold what its last line says."
    file.write_bytes(gzip.compress(b"".join([*lines, lines[-2]])))
    assert await refusal_of(store, file) == "is damaged: it goes on behind its end."


@pytest.mark.parametrize(
    ("rows", "told", "how"),
    [
        ([], {"head": {"format": 2}}, "has format 2; this version reads format 1."),
        ([], {"head": {"kind": "a list"}}, "is no backup of this bot."),
        ([], {"head": {"at": "noon"}}, "is damaged: it has a head that cannot be read."),
        ([], {"head": {"at": "2026-11-23T09:00:00"}}, "is damaged: it has a head that cannot be read."),
        ([], {"head": {"at": "9999-12-31T23:59:59-23:59"}}, "is damaged: it has a head that cannot be read."),
        ([], {"sha256": "0"}, "is damaged: it does not hold what its last line says."),
        ([], {"rows": {}}, "is damaged: it does not hold what its last line says."),
        ([row("b"), row("a")], {}, "is damaged: it has line 3 in the wrong place."),
        ([row("a"), row("a")], {}, "is damaged: it has line 3 in the wrong place."),
        ([row("a"), row("b", table="views")], {}, "is damaged: it has line 3 in the wrong place."),
        ([row(table="drafts")], {}, "is damaged: it has line 2, which is no row."),
        ([row(1)], {}, "is damaged: it has line 2, which is no row."),
        ([{"table": "requests", "partition": "p", "key": "a"}], {}, "is damaged: it has line 2, which is no row."),
        ([[1]], {}, "is damaged: it has line 2, which is no row."),
    ],
)
async def test_a_file_that_no_backup_has_written_is_refused(store, tmp_path, rows, told, how):
    assert await refusal_of(store, write_file(tmp_path / "1.gz", *rows, **told)) == how


@pytest.mark.parametrize(
    "over",
    [
        row("a/b"),
        row("k" * 513),
        row(text="x" * (MAX_TEXT_UNITS + 1)),
        row(number=2**63),
        row(none=None),
        row(many=[1]),
        row(**{f"c{n}": 1 for n in range(252)}),
        row(**{f"c{n}": "x" * 30_000 for n in range(20)}),
        row(write_mark="1"),
    ],
    ids=["key", "length of key", "text", "number", "none", "list", "columns", "bytes", "name"],
)
async def test_a_row_that_no_store_takes_is_refused_by_its_line(store, tmp_path, over):
    how = await refusal_of(store, write_file(tmp_path / "1.gz", over))
    assert how.startswith("is damaged: it has line 2, which no store takes: ")


async def test_what_is_no_packed_file_is_refused(store, tmp_path):
    for content in (b"", b"words", gzip.compress(b"words\n"), gzip.compress(b"[" * 100_000)):
        (tmp_path / "1.gz").write_bytes(content)
        assert (await refusal_of(store, tmp_path / "1.gz")).startswith("is damaged: it ")


async def test_it_can_be_read_without_the_bot(store, tmp_path):
    await store.table("people").commit("partners", [Put("partner:CONTOSO", {"name": "Contoso", "seats": 7})])
    await backed_up(store, tmp_path / "1.gz")
    with gzip.open(tmp_path / "1.gz", "rt", encoding="utf-8") as lines:
        head, one, foot = map(json.loads, lines)
    assert (head["format"], head["at"], head["bot"]) == (1, AT.isoformat(), "0.1.0")
    values = {"name": "Contoso", "seats": 7}
    assert one == {"table": "people", "partition": "partners", "key": "partner:CONTOSO", "values": values}
    assert foot["rows"] == dict.fromkeys(head["tables"], 0) | {"people": 1}


async def test_a_file_has_its_name_only_when_it_is_whole(store, tmp_path):
    await store.table("people").commit("partners", [Put("a", {})])

    def fails(*_):
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        await Backup(store, fails).write(tmp_path / "new" / "1.gz", Head(AT, "0.1.0"))
    assert list((tmp_path / "new").iterdir()) == []


async def test_a_head_is_known_when_the_file_is_read(file):
    read = BackupFile(file, nothing_said)
    with pytest.raises(BackupError, match="not read yet"):
        assert read.head
    assert next(read.rows("bytes")).row.key == "000"
    assert read.head == Head(AT, "0.1.0")


class TestAStoreThatIsNotEmpty:
    async def test_what_is_not_of_the_backup_is_named(self, store, file):
        await store.table("views").commit("late", [Put("x", {})])
        assert (await refusal_of(store, file)).startswith("The store is not empty: views: late x is not of this backup")

    @pytest.mark.parametrize("otherwise", [{"n": 7}, {"n": 7.0, "text": "words 7"}, {"n": 8, "text": "words 7"}])
    async def test_a_row_that_stands_otherwise_is_named(self, store, file, otherwise):
        await store.table("requests").commit("p", [Put("007", otherwise)])
        how = await refusal_of(store, file)
        assert how == "requests: p 007 stands in the store, and otherwise than in the backup."

    async def test_what_a_broken_off_run_has_written_is_passed_over(self, store, file):
        await store.table("requests").commit(
            "p", [Put(f"{n:03}", {"n": n, "text": f"words {n}"}) for n in range(7, 30)]
        )
        again = await restored(store, file)
        assert (again.rows, again.written) == (50, 27)

    async def test_who_writes_at_the_same_time_is_noticed(self, store, file):
        async def quicker(table, partition, changes):
            await table.commit(partition, [changes[3]])
            await table.commit(partition, changes)

        with pytest.raises(BackupError, match="Somebody else writes into this store"):
            await restored(OtherCommits(store, quicker), file)

    async def test_what_is_not_there_when_it_is_read_back_is_named(self, store, file):
        async def forgetful(table, partition, changes):
            await table.commit(partition, changes[:-1])

        with pytest.raises(BackupError, match="requests: p 049 is missing after it was written"):
            await restored(OtherCommits(store, forgetful), file)


class OtherCommits:
    """A store, and its tables, whose commits go another way."""

    def __init__(self, store, commit, table=None):
        self.store, self.commits, self.inner = store, commit, table

    def table(self, name):
        return OtherCommits(self.store, self.commits, self.store.table(name))

    def partitions(self):
        return self.inner.partitions()

    def scan(self, partition):
        return self.inner.scan(partition)

    async def commit(self, partition, changes):
        return await self.commits(self.inner, partition, changes)
