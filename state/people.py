"""Who takes part, as the store knows it: the directory, the lists by role, and where each person is reached."""

from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, replace

from bot.domain.people import Address, Cover, Directory, Identity, Leave, Partner, Person, Role
from state import keys
from state import people_rows as rows
from state.directory_load import (
    LoadSummary,
    Progress,
    directory_of,
    merged,
    stored_rows,
    summary_of,
    write_changes,
)
from state.table import Change, Conflict, Delete, Put, Row, Store, prefix_end

ATTEMPTS = 10


class PeopleStore:
    """The table `people`: one partition per tenant, one of the partners, and an index by e-mail and role."""

    def __init__(self, store: Store) -> None:
        self._table = store.table(rows.TABLE)

    async def load(
        self,
        directory: Directory,
        *,
        remove_missing: bool = False,
        dry_run: bool = False,
        progress: Progress | None = None,
    ) -> LoadSummary:
        """Make the store say what the directory says; `progress` gets the rows done and the rows in all.

        A load broken off is finished by running it again. Conversation addresses, and object ids that the
        files do not have yet, stay as they are. Raises Conflict when others keep writing at the same time.
        """
        tenant_ids = [person.tenant_id for person in directory.people.values()]
        first: LoadSummary | None = None
        for _ in range(ATTEMPTS):
            stored = await stored_rows(self._table, tenant_ids)
            before = directory_of(stored)
            wanted = merged(before, directory, remove_missing=remove_missing)
            first = first or summary_of(before, directory, wanted)
            if dry_run:
                return first
            try:
                is_changed = await write_changes(self._table, stored, rows.rows_of(wanted), progress)
                await self._mark_loaded()
            except Conflict:
                continue
            if is_changed:
                await self._announce_change()
            return first
        raise Conflict(None)

    async def refresh(self) -> None:
        """Do nothing: every answer is read when it is asked for."""

    async def last_change(self) -> str:
        """Return what is different after every change that others may have remembered otherwise."""
        row = await self._table.get(rows.INDEX, keys.key(rows.CHANGE))
        return row.etag if row else ""

    async def is_empty(self) -> bool:
        """Tell whether no load has ever been finished."""
        return await self._table.get(rows.INDEX, keys.key(rows.LOADED)) is None

    async def export(self) -> Directory:
        return directory_of(await stored_rows(self._table))

    async def by_identity(self, identity: Identity) -> Person | None:
        tenant = rows.tenant_partition(identity.tenant_id)
        bound = await self._table.get(tenant, rows.object_key(identity.object_id))
        row = bound and await self._table.get(tenant, rows.email_key(str(bound.values["email"])))
        person = rows.person_of(row.values) if row else None
        # While a load changes an object id, the row of the old one may still stand for a moment.
        return person if person and person.object_id == identity.object_id.lower() else None

    async def by_email(self, email: str) -> Person | None:
        row = await self._person_row(email)
        return rows.person_of(row.values) if row else None

    async def bind(self, email: str, identity: Identity) -> bool:
        """Give a person of that tenant without an object id this one; False when that cannot be."""
        row = await self._person_row(email)
        if row is None or row.partition != rows.tenant_partition(identity.tenant_id):
            return False
        person = rows.person_of(row.values)
        if person.object_id:
            return person.object_id == identity.object_id.lower()
        bound = replace(person, object_id=identity.object_id.lower())
        changes: list[Change] = [
            Put(row.key, {**row.values, **rows.cells_of(bound)}, row.etag),
            Put(rows.object_key(bound.object_id), {"email": bound.email}),
        ]
        try:
            await self._table.commit(row.partition, changes)
        except Conflict:
            return await self.by_identity(identity) == bound
        await self._announce_change()
        return True

    async def register(self, person: Person) -> None:
        """Make the directory say this of a person; where they are reached stays when their account stays.

        Broken off, it is finished by doing it again. Raises Conflict when the account or the person has come to be
        another's meanwhile, or when others keep writing at the same time.
        """
        await self._write_person(person, rows.rows_of(Directory(people={person.email: person})))

    async def remove(self, person: Person) -> None:
        """Take a person out of the directory, with covers, leaves and addresses; again, it changes nothing."""
        await self._write_person(person, {})
        for cover in await self.covers():
            if person.email in {cover.fpm, cover.cover}:
                await self.remove_cover(cover)
        for leave in await self.leaves():
            if person.email == leave.email:
                await self.remove_leave(leave)

    async def _write_person(self, person: Person, wanted: rows.Rows) -> None:
        for _ in range(ATTEMPTS):
            standing = await self._rows_of_person(person)
            if wanted and _is_anothers(person, standing):
                raise Conflict(None)
            places = standing.keys() | {(partition, key) for partition in wanted for key in wanted[partition]}
            changes: dict[str, list[Change]] = defaultdict(list)
            for partition, key in sorted(places):
                if change := _row_change(key, standing.get((partition, key)), wanted.get(partition, {}).get(key)):
                    changes[partition].append(change)
            try:
                # The tenant's rows are what counts: who comes in is found at last, and who goes is lost first.
                order = sorted(changes, key=lambda partition: (partition == rows.INDEX) is not bool(wanted))
                for partition in order:
                    await self._table.commit(partition, changes[partition])
            except Conflict:
                continue
            await self._announce_change()
            return
        raise Conflict(None)

    async def _rows_of_person(self, person: Person) -> dict[tuple[str, str], Row]:
        """Return every row of the directory that is about a person, as stored or as given, by partition and key."""
        stored = await self._person_row(person.email)
        known = rows.person_of(stored.values) if stored else person
        about = [rows.rows_of(Directory(people={person.email: each})) for each in (known, person)]
        places = {(partition, key) for each in about for partition in each for key in each[partition]}
        found = [await self._table.get(*place) for place in sorted(places)]
        return {(row.partition, row.key): row for row in found if row}

    async def partner(self, code: str) -> Partner | None:
        row = await self._table.get(rows.PARTNERS, keys.key(rows.PARTNER, code))
        return rows.partner_of(row.values) if row else None

    async def partners(self) -> list[Partner]:
        """Return every partner, by code."""
        return [rows.partner_of(row.values) for row in await self._beginning(rows.PARTNERS, rows.PARTNER)]

    async def partners_of(self, fpm: str) -> list[Partner]:
        """Return the partners that this person looks after, as their FPM or as the backup, by code."""
        return [partner for partner in await self.partners() if fpm in {partner.fpm, partner.backup_fpm}]

    async def partner_of_tenant(self, tenant_id: str) -> Partner | None:
        row = await self._table.get(rows.PARTNERS, keys.key(rows.TENANT, tenant_id.lower()))
        return await self.partner(str(row.values["partner"])) if row else None

    async def assigners(self, region: str) -> list[Person]:
        """Return the assigners of the region; a region without one is served by all."""
        assigners = await self.with_role(Role.ASSIGNER)
        return [person for person in assigners if region in person.regions] or assigners

    async def with_role(self, role: Role) -> list[Person]:
        """Return everybody of the role by e-mail."""
        return [person for person in await self._listed(rows.ROLE, role) if person.is_a(role)]

    async def contacts(self, partner_code: str) -> list[Person]:
        """Return the partner's requesters by e-mail."""
        found = await self._listed(rows.CONTACT, partner_code)
        return [p for p in found if partner_code in p.partners and p.is_a(Role.REQUESTER)]

    async def covers(self) -> list[Cover]:
        """Return every cover that is kept, also those that are over."""
        return [rows.cover_of(row.values) async for row in self._table.scan(rows.COVERS)]

    async def add_cover(self, cover: Cover) -> None:
        with suppress(Conflict):
            await self._table.commit(rows.COVERS, [Put(rows.cover_key(cover), rows.cover_cells(cover))])
        await self._announce_change()

    async def remove_cover(self, cover: Cover) -> None:
        row = await self._table.get(rows.COVERS, rows.cover_key(cover))
        if row:
            with suppress(Conflict):
                await self._table.commit(rows.COVERS, [Delete(row.key, row.etag)])
        await self._announce_change()

    async def leaves(self) -> list[Leave]:
        """Return every leave that is kept, also those that are over."""
        return [rows.leave_of(row.values) async for row in self._table.scan(rows.LEAVES)]

    async def add_leave(self, leave: Leave) -> None:
        with suppress(Conflict):
            await self._table.commit(rows.LEAVES, [Put(rows.leave_key(leave), rows.leave_cells(leave))])
        await self._announce_change()

    async def remove_leave(self, leave: Leave) -> None:
        row = await self._table.get(rows.LEAVES, rows.leave_key(leave))
        if row:
            with suppress(Conflict):
                await self._table.commit(rows.LEAVES, [Delete(row.key, row.etag)])
        await self._announce_change()

    async def address(self, email: str) -> Address | None:
        row = await self._object_row(email)
        return rows.address_of(row.values) if row else None

    async def remember_address(self, identity: Identity, address: Address) -> bool:
        """Keep where this person is reached; True when that is news. A stranger is not remembered."""
        tenant = rows.tenant_partition(identity.tenant_id)
        for _ in range(ATTEMPTS):
            row = await self._table.get(tenant, rows.object_key(identity.object_id))
            before = rows.address_of(row.values) if row else None
            if row is None or before == address:
                return False
            kept = {name: value for name, value in row.values.items() if name != rows.REMOVED_APP}
            try:
                await self._table.commit(tenant, [Put(row.key, {**kept, **asdict(address)}, row.etag)])
            except Conflict:
                continue
            if before:
                await self._announce_change()
            return True
        raise Conflict(None)

    async def forget_address(self, email: str) -> None:
        """Forget where somebody is reached, and remember that they have removed the app."""
        for _ in range(ATTEMPTS):
            row = await self._object_row(email)
            if row is None or (rows.REMOVED_APP in row.values and rows.address_of(row.values) is None):
                return
            left = {name: value for name, value in row.values.items() if name not in rows.ADDRESS_COLUMNS}
            try:
                await self._table.commit(row.partition, [Put(row.key, {**left, rows.REMOVED_APP: True}, row.etag)])
            except Conflict:
                continue
            await self._announce_change()
            return
        raise Conflict(None)

    async def has_removed_app(self, email: str) -> bool:
        """Whether the person has removed the app, and has not come back since."""
        row = await self._object_row(email)
        return row is not None and rows.REMOVED_APP in row.values

    async def service_url(self, tenant_id: str) -> str:
        """Return where somebody of the tenant is reached, '' when nobody is."""
        start = f"{rows.OBJECT}{keys.SEPARATOR}"
        async for row in self._table.scan(rows.tenant_partition(tenant_id), start, prefix_end(start)):
            if address := rows.address_of(row.values):
                return address.service_url
        return ""

    async def _person_row(self, email: str) -> Row | None:
        key = rows.email_key(email)
        index = await self._table.get(rows.INDEX, key)
        return await self._table.get(rows.tenant_partition(str(index.values["tenant_id"])), key) if index else None

    async def _object_row(self, email: str) -> Row | None:
        row = await self._person_row(email)
        object_id = rows.person_of(row.values).object_id if row else ""
        return await self._table.get(row.partition, rows.object_key(object_id)) if row and object_id else None

    async def _listed(self, *parts: str) -> list[Person]:
        """Return at least the people of this list, reading the range of each tenant in which they are."""
        by_tenant: dict[str, list[str]] = defaultdict(list)
        for row in await self._beginning(rows.INDEX, *parts):
            address = row.key.rpartition(keys.SEPARATOR)[2]
            by_tenant[str(row.values["tenant_id"])].append(f"{rows.EMAIL}{keys.SEPARATOR}{address}")
        found: list[Person] = []
        for tenant_id, wanted in by_tenant.items():
            tenant = rows.tenant_partition(tenant_id)
            members = self._table.scan(tenant, wanted[0], prefix_end(wanted[-1]))
            found += [rows.person_of(row.values) async for row in members]
        return sorted(found, key=lambda person: person.email)

    async def _beginning(self, partition: str, *parts: str) -> list[Row]:
        start = keys.key(*parts) + keys.SEPARATOR
        return [row async for row in self._table.scan(partition, start, prefix_end(start))]

    async def _announce_change(self) -> None:
        """Make `last_change` another; after the change, so that nobody takes the old state for the new one."""
        key = keys.key(rows.CHANGE)
        row = await self._table.get(rows.INDEX, key)
        # Whoever was quicker has announced after our change as well.
        with suppress(Conflict):
            await self._table.commit(rows.INDEX, [Put(key, {"changed": True}, row.etag if row else None)])

    async def _mark_loaded(self) -> None:
        if await self.is_empty():
            await self._table.commit(rows.INDEX, [Put(keys.key(rows.LOADED), {"loaded": True})])


def _is_anothers(person: Person, standing: Mapping[tuple[str, str], Row]) -> bool:
    """Whether the account is somebody else's, or the person has another account."""
    tenant = rows.tenant_partition(person.tenant_id)
    account = standing.get((tenant, rows.object_key(person.object_id))) if person.object_id else None
    known = standing.get((tenant, rows.email_key(person.email)))
    has_other = known is not None and str(known.values.get("object_id", "")) not in {"", person.object_id}
    return has_other or (account is not None and account.values["email"] != person.email)


def _row_change(key: str, row: Row | None, cells: rows.Cells | None) -> Change | None:
    """Return the change that makes a row say this; columns that are not the directory's stay."""
    if cells is None:
        return Delete(key, row.etag) if row else None
    if row is None:
        return Put(key, dict(cells))
    values = {**row.values, **cells}
    return Put(key, values, row.etag) if values != row.values else None
