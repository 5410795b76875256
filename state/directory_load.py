"""The directory brought into the store: what stands there is compared with what should, and only that is written."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.domain.directory import DirectoryErrors, Progress
from bot.domain.directory_kept import contradictions
from bot.domain.people import Directory, Partner, Person
from state import people_rows as rows
from state.table import MAX_CHANGES, Change, Delete, Put, Row, Table

__all__ = [
    "Counts",
    "LoadSummary",
    "Progress",
    "directory_of",
    "merged",
    "stored_rows",
    "summary_of",
    "write_changes",
]

AT_ONCE = 16

Stored = dict[str, dict[str, Row]]
_Entries = Mapping[str, Partner] | Mapping[str, Person]


@dataclass(frozen=True, slots=True)
class Counts:
    """What a load does to the entries of one kind; `kept` are those that the files no longer have."""

    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    kept: int = 0


@dataclass(frozen=True, slots=True)
class LoadSummary:
    """What a load did, or would do."""

    partners: Counts
    people: Counts


async def stored_rows(table: Table, tenant_ids: Sequence[str] = ()) -> Stored:
    """Read the directory's rows of all known partitions, and of those of the tenants named."""
    stored = {name: await _partition(table, name) for name in (rows.PARTNERS, rows.INDEX)}
    cells = [row.values for partition in stored.values() for row in partition.values()]
    known = {str(values["tenant_id"]) for values in cells if "tenant_id" in values}
    names = sorted({rows.tenant_partition(tenant_id) for tenant_id in known | set(tenant_ids)})
    # A few at once: a thousand tenants are a thousand reads, which spend their time waiting for the store.
    for first in range(0, len(names), AT_ONCE):
        group = names[first : first + AT_ONCE]
        stored.update(zip(group, await asyncio.gather(*(_partition(table, name) for name in group)), strict=True))
    return stored


async def _partition(table: Table, name: str) -> dict[str, Row]:
    return {row.key: row async for row in table.scan(name) if rows.is_directory_row(row.key)}


def directory_of(stored: Stored) -> Directory:
    """Return the directory that stands in these rows; a person counts in the tenant that the index names."""
    partners = (
        rows.partner_of(row.values) for key, row in stored[rows.PARTNERS].items() if key.startswith(f"{rows.PARTNER}:")
    )
    people = []
    for key, row in stored[rows.INDEX].items():
        home = stored.get(rows.tenant_partition(str(row.values["tenant_id"])), {})
        if key.startswith(f"{rows.EMAIL}:") and key in home:
            people.append(rows.person_of(home[key].values))
    return Directory({p.code: p for p in partners}, {p.email: p for p in people})


def merged(stored: Directory, files: Directory, *, remove_missing: bool) -> Directory:
    """Return the directory that should stand afterwards.

    An object id goes to whom the files give it; a person whose object id is not in the files yet keeps the one that
    the bot has learned. Raises DirectoryErrors when what the files leave out could not stand beside them.
    """
    claimed = {(p.tenant_id, p.object_id) for p in files.people.values() if p.object_id}
    kept = {} if remove_missing else {e: p for e, p in stored.people.items() if e not in files.people}
    people = {email: _unclaimed(person, claimed) for email, person in kept.items()}
    for email, person in files.people.items():
        before = stored.people.get(email)
        bound = before.object_id if before and before.tenant_id == person.tenant_id else ""
        people[email] = person if person.object_id else _unclaimed(replace(person, object_id=bound), claimed)
    partners = {} if remove_missing else {c: p for c, p in stored.partners.items() if c not in files.partners}
    wanted = Directory(partners | dict(files.partners), people)
    if complaints := contradictions(stored, files, wanted):
        raise DirectoryErrors(complaints)
    return wanted


def _unclaimed(person: Person, claimed: set[tuple[str, str]]) -> Person:
    is_claimed = (person.tenant_id, person.object_id) in claimed
    return replace(person, object_id="") if is_claimed else person


def summary_of(stored: Directory, files: Directory, wanted: Directory) -> LoadSummary:
    return LoadSummary(
        _counts(stored.partners, files.partners, wanted.partners),
        _counts(stored.people, files.people, wanted.people),
    )


def _counts(stored: _Entries, files: _Entries, wanted: _Entries) -> Counts:
    both = stored.keys() & files.keys()
    unchanged = len([key for key in both if stored[key] == wanted[key]])
    return Counts(
        added=len(files.keys() - stored.keys()),
        changed=len(both) - unchanged,
        removed=len(stored.keys() - wanted.keys()),
        unchanged=unchanged,
        kept=len(wanted.keys() - files.keys()),
    )


def _changes(stored: Mapping[str, Row], wanted: Mapping[str, rows.Cells]) -> list[Change]:
    changes: list[Change] = [Delete(key, row.etag) for key, row in stored.items() if key not in wanted]
    for key, cells in wanted.items():
        row = stored.get(key)
        # Settings and conversation addresses stand in the same rows; they are not the directory's and stay.
        values = {**row.values, **cells} if row else cells
        if row is None or values != row.values:
            changes.append(Put(key, values, row.etag if row else None))
    return changes


def _is_new(change: Change) -> bool:
    return change.etag is None


async def write_changes(table: Table, stored: Stored, wanted: rows.Rows, progress: Progress | None) -> bool:
    """Write what differs, in batches; say whether anything did. Raises Conflict when somebody else wrote in between.

    New index rows come first and the other index changes last: whenever the load breaks off, the index names
    every partition that has to be compared, so the next load finds and finishes everything.
    """
    names = sorted((stored.keys() | wanted.keys()) - {rows.INDEX})
    index = _changes(stored[rows.INDEX], wanted[rows.INDEX])
    steps = [(rows.INDEX, [change for change in index if _is_new(change)])]
    steps += [(name, _changes(stored.get(name, {}), wanted.get(name, {}))) for name in names]
    steps.append((rows.INDEX, [change for change in index if not _is_new(change)]))
    total, done = sum(len(changes) for _, changes in steps), 0
    for name, changes in steps:
        for first in range(0, len(changes), MAX_CHANGES):
            batch = changes[first : first + MAX_CHANGES]
            await table.commit(name, batch)
            done += len(batch)
            if progress:
                progress(done, total)
    return total > 0
