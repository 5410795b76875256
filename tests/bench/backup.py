"""What a backup of a large store costs, and whether what is restored from it is the same.

`python -m tests.bench.backup 100000` makes a store of so many requests, each with its whole history and its notices,
takes a backup of it and restores that into a fresh store, each in a process of its own as an administrator would. Both
stores are then compared by SQL, which knows nothing of how a backup is made. `--folder` keeps what was made.
"""

import argparse
import asyncio
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from bot.calendars import HolidayCalendars
from bot.domain.past import Diaries
from bot.domain.routing import load_table
from bot.domain.sample_town import town_of
from bot.domain.sampling import Plan, chunks
from state.bulk import BulkWriter
from state.people import PeopleStore
from state.sqlite import SqliteStore
from tests.bench.past import MONTHS, NOW, made_directory
from tests.bench.servers import ROOT

_ROWS = "SELECT name, partition, key, content FROM {}.row"
_PLANNED = (
    " WHERE NOT (name = 'work' AND NOT EXISTS (SELECT 1 FROM old.row o WHERE o.name = 'work' AND o.key = row.key))"
)
"""The looks that a restore plans are the only rows that it adds."""


async def fill(path: Path, count: int) -> None:
    """Fill an empty store with a directory and so many requests."""
    store = SqliteStore(path)
    await store.open()
    directory = made_directory()
    await PeopleStore(store).load(directory)
    plan = Plan(count, "1", MONTHS, NOW)
    told = chunks(town_of(directory, plan.seed), Diaries(HolidayCalendars(), directory.people), load_table(), plan)
    await BulkWriter(store, lambda: NOW).write_all(told, count, lambda *_: None)
    await store.close()


def differences(old: Path, new: Path) -> int:
    """Count the rows that one store has and the other has not, or otherwise."""
    with closing(sqlite3.connect(old)) as connection:
        connection.execute("ATTACH ? AS new", (str(new),))
        connection.execute("ATTACH ? AS old", (str(old),))
        ours, theirs = _ROWS.format("old"), _ROWS.format("new") + _PLANNED
        both = (f"{ours} EXCEPT {theirs}", f"{theirs} EXCEPT {ours}")
        return sum(connection.execute(f"SELECT count(*) FROM ({each})").fetchone()[0] for each in both)  # noqa: S608 - constants


def rows_in(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT count(*) FROM row").fetchone()[0]


def measured(store: Path, *words: str) -> str:
    """Run a command on a store; return its seconds, its CPU and the most memory that it had."""
    environment = {**os.environ, "SME_STORAGE": f"sqlite:{store}"}
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([sys.executable, str(ROOT / "app.py"), *words], env=environment, check=True)  # noqa: S603 - our own
    seconds, used = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
    return (
        f"{words[0]}: {seconds:,.0f} s, {cpu:,.0f} s of CPU; no command had more than {used.ru_maxrss / 1024:,.0f} MiB"
    )


def shown(count: int, folder: Path) -> int:
    """Do all of it, and print what it took; return how many rows differ."""
    old, new, file = (folder / f"{name}-{count}" for name in ("old.db", "new.db", "backup.gz"))
    for made in (new, file):
        made.unlink(missing_ok=True)
    if not old.exists():
        asyncio.run(fill(old, count))
    print(f"{count:,} requests: {rows_in(old):,} rows, {old.stat().st_size / 1e6:,.0f} MB")  # noqa: T201 - whoever runs it reads it
    for store, word in ((old, "backup"), (new, "restore")):
        print(measured(store, word, str(file)))  # noqa: T201 - the same
    differ = differences(old, new)
    print(f"the file has {file.stat().st_size / 1e6:,.0f} MB; rows that differ: {differ:,}")  # noqa: T201 - the same
    return differ


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.backup", description=__doc__)
    parser.add_argument("count", type=int, nargs="?", default=100_000, help="how many requests (100000)")
    parser.add_argument("--folder", type=Path, help="where the stores are kept")
    options = parser.parse_args()
    out = ROOT / "out"
    out.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out) as folder:
        return 1 if shown(options.count, options.folder or Path(folder)) else 0


if __name__ == "__main__":
    sys.exit(main())
