"""The file of a backup: packed lines of JSON, a head, a line for each row, and a foot that says what must be there."""

import gzip
import io
import json
import os
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

from state.keys import stamp, stamped
from state.records import known_time, time_text
from state.table import MAX_ROW_BYTES, Put, Row, check_limits

FORMAT = 1
ORDER = ("settings", "conversations", "views", "requests", "people", "work")
"""The tables as they stand in the file, which is the order in which they are read: `state.backup` says why."""

_KIND = "SME requests, backup"
_FOOT = b'{"rows":'
_LONGEST_LINE = 8 * MAX_ROW_BYTES
_BUFFER = 1_048_576

Progress = Callable[[str, int, int], None]
"""Told what is being gone through, how many are done and how many there are."""


class BackupError(Exception):
    """A sentence for whoever asked: why a backup was not taken or not restored."""


@dataclass(frozen=True, slots=True)
class Head:
    """What a file says of itself: when its backup was begun, and by which version of the bot."""

    at: datetime
    bot: str


@dataclass(frozen=True, slots=True)
class Placed:
    """A row and its table; `size` is about how many bytes it takes."""

    table: str
    row: Row
    size: int = 0

    @property
    def place(self) -> tuple[int, str, str]:
        """Where it stands in the file: places ascend."""
        return ORDER.index(self.table), self.row.partition, self.row.key

    def __str__(self) -> str:
        return f"{self.table}: {self.row.partition} {self.row.key}"


_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def line_of(table: str, row: Row) -> bytes:
    """Return the line of a row; values keep their types, and the etag is not kept."""
    line = {"table": table, "partition": row.partition, "key": row.key, "values": dict(row.values)}
    return f"{_json(line)}\n".encode()


class BackupWriter:
    """Writes one file; `rows` counts what was written of each table."""

    def __init__(self, file: BinaryIO, head: Head) -> None:
        self._file = file
        self._digest = sha256()
        self.rows = dict.fromkeys(ORDER, 0)
        about = {"kind": _KIND, "format": FORMAT, "at": time_text(head.at), "bot": head.bot, "tables": ORDER}
        self._write(f"{_json(about)}\n".encode())

    def add(self, table: str, line: bytes) -> None:
        self._write(line)
        self.rows[table] += 1

    def end(self) -> None:
        """Write the foot: without it, or with another content above it, a file is refused."""
        self._file.write(f"{_json({'rows': self.rows, 'sha256': self._digest.hexdigest()})}\n".encode())

    def _write(self, line: bytes) -> None:
        self._digest.update(line)
        self._file.write(line)


@contextmanager
def new_file(path: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """Give a packed file to write and a folder for what is needed meanwhile; only their owner may read either.

    When the block ends well the file is `path`, and on the disk. Raises BackupError when there is such a file.
    """
    if path.exists():
        raise BackupError(f"{path} exists already: please name another file.")
    path.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".backup-", dir=path.parent) as name:
        folder = Path(name)
        unfinished = folder / path.name
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as raw:
            # No name and no time in the packed file: the same rows make the same bytes.
            with gzip.GzipFile("", "wb", 6, raw, mtime=0) as packed, io.BufferedWriter(packed, _BUFFER) as lines:
                yield lines, folder
            raw.flush()
            os.fsync(raw.fileno())
        unfinished.replace(path)


class BackupFile:
    """Reads a file, and checks all of it each time; a row more or less or another, and it is refused."""

    def __init__(self, path: Path, progress: Progress) -> None:
        self._path = path
        self._progress = progress
        self._head: Head | None = None

    @property
    def head(self) -> Head:
        """What the file says of itself, once its rows are being read."""
        if self._head is None:
            raise BackupError(f"{self._path} was not read yet.")
        return self._head

    def rows(self, what: str) -> Iterator[Placed]:
        """Yield the rows in the order of their places; `what` is what the progress is of, in bytes.

        Raises BackupError, at the latest behind the last row.
        """
        digest, counts, last, at = sha256(), dict.fromkeys(ORDER, 0), (-1, "", ""), 0
        lines = self._lines(what)
        first = next(lines, b"")
        digest.update(first)
        self._head = self._head_of(first)
        for at, line in enumerate(lines, start=2):
            if line.startswith(_FOOT):
                self._check_foot(line, counts, digest.hexdigest())
                if next(lines, b""):
                    raise self._damaged("goes on behind its end")
                return
            digest.update(line)
            placed = self._row_of(line, at)
            if placed.place <= last:
                raise self._damaged(f"has line {at} in the wrong place")
            last = placed.place
            counts[placed.table] += 1
            yield placed
        raise self._damaged(f"ends after line {at or 1}, before its end")

    def _lines(self, what: str) -> Iterator[bytes]:
        size = max(1, self._path.stat().st_size)
        with self._path.open("rb") as raw, gzip.GzipFile(fileobj=raw, mode="rb") as packed:
            lines = io.BufferedReader(packed, _BUFFER)
            try:
                while line := lines.readline(_LONGEST_LINE):
                    yield line
                    self._progress(what, raw.tell(), size)
            except (EOFError, zlib.error, gzip.BadGzipFile) as error:
                raise self._damaged("cannot be unpacked to its end") from error

    def _head_of(self, line: bytes) -> Head:
        head = self._parsed(line, 1)
        if head.get("kind") != _KIND:
            raise BackupError(f"{self._path} is no backup of this bot.")
        if head.get("format") != FORMAT:
            raise BackupError(f"{self._path} has format {head.get('format')}; this version reads format {FORMAT}.")
        try:
            # Work is planned at this time, and has it in its key.
            return Head(stamped(stamp(known_time(head["at"]))), str(head["bot"]))
        except (KeyError, ValueError, OverflowError) as error:
            raise self._damaged("has a head that cannot be read") from error

    def _row_of(self, line: bytes, at: int) -> Placed:
        parsed = self._parsed(line, at)
        table, partition, key, values = (parsed.get(name) for name in ("table", "partition", "key", "values"))
        is_row = isinstance(partition, str) and isinstance(key, str) and isinstance(values, dict)
        if table not in ORDER or not is_row:
            raise self._damaged(f"has line {at}, which is no row")
        row = Row(str(partition), str(key), values if isinstance(values, dict) else {}, "")
        try:
            check_limits(row.partition, [Put(row.key, row.values)])
        except ValueError as error:
            raise self._damaged(f"has line {at}, which no store takes: {error}") from error
        return Placed(str(table), row, len(line))

    def _check_foot(self, line: bytes, counts: Mapping[str, int], digest: str) -> None:
        if self._parsed(line, 0) != {"rows": counts, "sha256": digest}:
            raise self._damaged("does not hold what its last line says")

    def _parsed(self, line: bytes, at: int) -> dict[str, Any]:
        try:
            parsed = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise self._damaged(f"has line {at or 'with the counts'}, which cannot be read") from error
        if not isinstance(parsed, dict):
            raise self._damaged(f"has line {at}, which is no row")
        return parsed

    def _damaged(self, how: str) -> BackupError:
        return BackupError(f"{self._path} is damaged: it {how}.")
