"""What lists, portfolio, insights, search and exports cost with 1,000, 100,000 and 1,000,000 stored requests.

`python -m tests.bench.seeing 1000 100000` fills a store of each size and prints the table. Stores that stand in
`--folder` already are used again. Each figure is of a process of its own: the median of some runs once the directory
is in memory, the operations of one of them, and how far its memory rose above what an idle process has.
"""

import argparse
import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import aiohttp

import app
from bot.dialogs.pages import PAGES
from bot.domain.desk import Desk
from bot.domain.export_filter import ExportFilter
from bot.domain.export_reading import ExportReader
from bot.domain.exporting import COLUMNS
from bot.domain.ports import People
from bot.export_files import csv_file, workbook
from bot.settings import read_settings
from state.ledger import LedgerStore
from state.people import PeopleStore
from state.requests import RequestStore
from state.sqlite import SqliteStore
from state.table import Change, Row, Table
from state.work import WorkStore
from tests.bench.past import FPM, NOW, PROGRAM, REQUESTER, SME, fill
from tests.bench.servers import ROOT

COUNTS = (1_000, 100_000)
_RUNS = 5
_MIB = 1024


class CountingStore:
    """A store that counts what is asked of it: a scan is one operation."""

    def __init__(self, store: SqliteStore) -> None:
        self._store = store
        self.count = 0

    def table(self, name: str) -> "CountingTable":
        return CountingTable(self, self._store.table(name))

    async def open(self) -> None:
        await self._store.open()

    async def close(self) -> None:
        await self._store.close()

    async def ping(self) -> bool:
        return await self._store.ping()


@dataclass(frozen=True, slots=True)
class CountingTable:
    """One of its tables."""

    counting: CountingStore
    inner: Table

    async def get(self, partition: str, key: str) -> Row | None:
        self.counting.count += 1
        return await self.inner.get(partition, key)

    def scan(
        self, partition: str, start: str = "", end: str | None = None, limit: int | None = None
    ) -> AsyncIterator[Row]:
        self.counting.count += 1
        return self.inner.scan(partition, start, end, limit)

    def partitions(self) -> AsyncIterator[str]:
        self.counting.count += 1
        return self.inner.partitions()

    async def commit(self, partition: str, changes: Sequence[Change]) -> dict[str, str]:
        self.counting.count += 1
        return await self.inner.commit(partition, changes)


What = Callable[[Desk, People], Awaitable[object]]


def _page(verb: str, who: str, **texts: str) -> What:
    async def shown(desk: Desk, people: People) -> object:
        return await PAGES[verb](desk, await people.by_email(who), texts)

    return shown


async def _searched(desk: Desk, people: People) -> object:
    return await desk.search.found(await people.by_email(PROGRAM), "fabrik")


WHATS: Mapping[str, What] = {
    "my requests, requester": _page("list", REQUESTER, list="requests"),
    "my requests, FPM of 20 partners": _page("list", FPM, list="requests"),
    "my requests, denied and Teams": _page("list", REQUESTER, list="requests", status="denied", workload="TEAMS"),
    "my requests, by name": _page("list", REQUESTER, list="requests", text="city"),
    "my requests, by number": _page("list", REQUESTER, list="requests", text="P000-0"),
    "inbox, FPM": _page("list", FPM, list="inbox"),
    "engagements, FPM": _page("list", FPM, list="engagements"),
    "engagements, SME": _page("list", SME, list="engagements"),
    "search by name, programme": _searched,
    "portfolio, FPM": _page("portfolio", FPM),
    "review of a partner, 12 months": _page("portfolio", FPM, partner="P000", months="12"),
    "insights, volumes, programme": _page("insights", PROGRAM),
    "insights, promises by partner": _page("insights", PROGRAM, part="promises", by="partner"),
    "insights, decisions, FPM": _page("insights", FPM, part="decisions", by="workload"),
}
EXPORTS = {
    "export, a partner's slice, CSV": ("csv", ("P000",)),
    "export of all, CSV": ("csv", ()),
    "export of all, Excel": ("xlsx", ()),
}
_EXCEL_UP_TO = 100_000
"""An Excel file of a million takes a quarter of an hour, and says nothing that the smaller ones do not."""


async def measured(path: Path, what: str) -> dict[str, float]:
    """Return the milliseconds, table operations and MiB of one page or export."""
    counting = CountingStore(SqliteStore(path))
    await counting.open()
    try:
        return await (_exported(counting, path.parent, what) if what in EXPORTS else _shown(counting, what))
    finally:
        await counting.close()


async def _shown(counting: CountingStore, what: str) -> dict[str, float]:
    async with aiohttp.ClientSession() as session:
        service = app.service_of(read_settings({}), counting, session)
        bot = service.web._bot
        idle, times = _memory(), []
        for _ in range(_RUNS + 1):
            counting.count = 0
            await bot.people.refresh()
            before = time.perf_counter()
            await WHATS[what](bot.desk, bot.people)
            times.append(time.perf_counter() - before)
    return {"ms": median(times[1:]) * 1000, "operations": counting.count - 1, "mib": _memory() - idle}


async def _exported(counting: CountingStore, folder: Path, what: str) -> dict[str, float]:
    kind, partners = EXPORTS[what]
    requests = RequestStore(counting, WorkStore(counting, "bench", lambda: NOW), lambda: NOW)
    reader = ExportReader(requests, LedgerStore(counting), PeopleStore(counting), lambda: NOW)
    target, idle, before = folder / f"bench.{kind}", _memory(), time.perf_counter()
    file = csv_file(target, COLUMNS) if kind == "csv" else workbook(target, "Requests", COLUMNS)
    with file as write:
        async for lines in reader.groups(ExportFilter(partners=partners), lambda _: None):
            write(lines)
    seconds = time.perf_counter() - before
    target.unlink()
    return {"ms": seconds * 1000, "operations": counting.count, "mib": _memory() - idle}


def _memory() -> float:
    """Return the most memory that this process has had up to now, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def lines_of(figures: Mapping[str, Mapping[int, Mapping[str, float]]]) -> list[str]:
    """Return the table: a line for each page, and for each size its time, operations and memory."""
    counts = sorted({count for by_count in figures.values() for count in by_count})
    lines = [
        f"| | {' | '.join(f'{count:,}' for count in counts)} |",
        f"|---{'|---' * len(counts)}|",
    ]
    for what, by_count in figures.items():
        cells = [_cell(by_count.get(count)) for count in counts]
        lines.append(f"| {what} | {' | '.join(cells)} |")
    return lines


def _cell(figures: Mapping[str, float] | None) -> str:
    if figures is None:
        return "-"
    took = f"{figures['ms']:,.0f} ms" if figures["ms"] < 10_000 else f"{figures['ms'] / 1000:,.0f} s"
    return f"{took}, {figures['operations']:,.0f} ops, {max(0, figures['mib']):,.0f} MiB"


def _in_a_process(path: Path, what: str) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.bench.seeing", "--measure", what, "--folder", str(path)]
    run = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)  # noqa: S603 - this module
    return dict(json.loads(run.stdout))


async def _filled(folder: Path, count: int) -> Path:
    path = folder / f"past-{count}.db"
    if not path.exists():
        store = SqliteStore(path)
        await store.open()
        await fill(store, count)
        await store.close()
    return path


async def table(counts: list[int], folder: Path) -> list[str]:
    """Measure everything at each size, and return the lines of the table."""
    figures: dict[str, dict[int, dict[str, float]]] = {}
    for count in counts:
        path = await _filled(folder, count)
        for what in (*WHATS, *EXPORTS):
            if "Excel" not in what or count <= _EXCEL_UP_TO:
                figures.setdefault(what, {})[count] = _in_a_process(path, what)
    return lines_of(figures)


async def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.seeing", description=__doc__)
    parser.add_argument("counts", type=int, nargs="*", default=list(COUNTS), help="how many requests (1000 100000)")
    parser.add_argument("--folder", type=Path, help="where the stores are kept")
    parser.add_argument("--measure", choices=(*WHATS, *EXPORTS), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(await measured(options.folder, options.measure)))  # noqa: T201 - its parent reads it
        return
    out = ROOT / "out"
    out.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out) as folder:
        print("\n".join(await table(options.counts, options.folder or Path(folder))))  # noqa: T201 - whoever runs it reads it


if __name__ == "__main__":
    asyncio.run(main())
