"""Every row of every table into one file, while the bot may be running."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bot.domain.numbers import is_partner_code
from state.backup_file import ORDER, BackupError, BackupWriter, Head, Progress, line_of, new_file
from state.checkup import PARTITION as CHECKUP
from state.export_jobs import EXPORTS
from state.keys import SEPARATOR, encode
from state.settled import MatterOf, Settled
from state.table import Row, Store

_LEFT_OUT = frozenset({("requests", EXPORTS), ("settings", CHECKUP)})
"""Partitions that are not for later: files under way, with addresses where they can be uploaded, and trial rows."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What a backup holds: rows of each table, and how many bytes the file has."""

    rows: dict[str, int]
    size: int


@dataclass(frozen=True, slots=True)
class Backup:
    """Takes a backup of a running installation, and promises this of it.

    Each request, access request and person's agenda is in it as it stood at one moment, with its history, engagements,
    notices and whatever finds it: a change is there wholly or not at all. The moments of two requests may differ.

    The tables are read in an order in which what one lacks of another can be made good. What leads to requests
    (conversations, lists, ledgers) comes before them and is at most older than they are: an old form meets its own
    request, `rebuild-views` brings lists and ledgers up to date, and neither counts a request that is not there.
    Erasures come before them too: one that is proven in the file has ended in it. The directory comes after them:
    whoever has asked is in it, unless removed. A load of it that goes on meanwhile may be there in part, as if broken
    off. Work comes last; what it lacks is planned by `state.restore`.
    """

    store: Store
    progress: Progress

    async def write(self, path: Path, head: Head) -> Taken:
        """Write a file that only its owner may read; it bears its name only when it is whole. Raises BackupError."""
        with new_file(path) as (lines, folder):
            writer = BackupWriter(lines, head)
            for name in ORDER:
                await self._add(name, writer, folder)
            if not any(writer.rows.values()):
                raise BackupError("The store holds nothing: is it the one that was meant?")
            writer.end()
        return Taken(writer.rows, path.stat().st_size)  # noqa: ASYNC240 - the writing itself has blocked for longer

    async def _add(self, name: str, writer: BackupWriter, folder: Path) -> None:
        table = self.store.table(name)
        partitions = [each async for each in table.partitions() if (name, each) not in _LEFT_OUT]
        for done, partition in enumerate(partitions, start=1):
            async for line in self._lines(name, partition, folder):
                writer.add(name, line)
            self.progress(f"partitions of {name}", done, len(partitions))

    async def _lines(self, name: str, partition: str, folder: Path) -> AsyncIterator[bytes]:
        table, line = self.store.table(name), partial(line_of, name)
        if matter_of := _matters_in(name, partition):
            async for each in Settled(table, matter_of, line, folder).lines(partition):
                yield each
        else:
            async for row in table.scan(partition):
                yield line(row)


def _matters_in(name: str, partition: str) -> MatterOf | None:
    """Return how the rows of a partition belong together, None where each stands for itself."""
    if name == "requests" and is_partner_code(partition):
        return matter_of
    return _all_as_one if name in {"requests", "people"} else None


def _all_as_one(_row: Row) -> str:
    return ""


def matter_of(row: Row) -> str:
    """Return the request or access request that a row of a partner belongs to, or else what makes it single."""
    number = row.values.get("number")
    if isinstance(number, str):
        return encode(number)
    kind, _, rest = row.key.partition(SEPARATOR)
    about = rest.partition(SEPARATOR)[0]
    return about.partition(".")[0] if kind == "engagement" else about
