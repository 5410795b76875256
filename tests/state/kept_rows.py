"""Every row of a store, and files of backups made by hand."""

import gzip
import json
from datetime import UTC, datetime
from hashlib import sha256

from state.backup import Backup
from state.backup_file import Head
from state.restore import Restore
from state.table import TABLES

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
HEAD = {"kind": "SME requests, backup", "format": 1, "at": AT.isoformat(), "bot": "0.1.0"}


async def kept_in(store):
    """Return every row by its place, with the types of its values."""
    return {
        (name, row.partition, row.key): {column: (type(value), value) for column, value in row.values.items()}
        for name in TABLES
        async for partition in store.table(name).partitions()
        async for row in store.table(name).scan(partition)
    }


async def backed_up(store, path):
    return await Backup(store, nothing_said).write(path, Head(AT, "0.1.0"))


async def restored(store, path):
    return await Restore(store, path, nothing_said).run()


def nothing_said(*_):
    """Say nothing of how far it is."""


def row(key="a", partition="p", table="requests", **values):
    return {"table": table, "partition": partition, "key": key, "values": values}


def write_file(path, *rows, **foot):
    """Write a file of these rows whose foot is right, but for what is said otherwise."""
    lines = [json.dumps(each).encode() + b"\n" for each in ({**HEAD, **foot.pop("head", {})}, *rows)]
    counts = dict.fromkeys(("settings", "conversations", "views", "requests", "people", "work"), 0)
    for each in rows:
        if isinstance(each, dict) and each.get("table") in counts:
            counts[each["table"]] += 1
    ends = {"rows": counts, "sha256": sha256(b"".join(lines)).hexdigest()} | foot
    path.write_bytes(gzip.compress(b"".join(lines) + json.dumps(ends, separators=(",", ":")).encode() + b"\n"))
    return path
