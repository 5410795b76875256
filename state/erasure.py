"""Erases a person: out of the directory first, then out of every row, until a round finds nothing any more."""

import json
import secrets
from base64 import b32encode
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from bot.domain.people import ERASED_AT
from bot.domain.ports import Clock, Raced
from state.erased_rows import IN_A_CASE, case_after, row_after
from state.keys import SEPARATOR, key, stamp
from state.people import PeopleStore
from state.personal_data import ERASURES, Known, NotErased, all_rows, look_for
from state.personal_mail import mails_about
from state.reading import json_in
from state.records import SCHEMA, time_text
from state.table import Conflict, Delete, Put, Row, Store, Table, Value, prefix_end
from state.traces import Traces

Progress = Callable[[str, int, int], None]
"""Told what is being gone through, how many are done and how many there are."""

_MOST_ROUNDS = 10
_MOST_CHANGES = 90
_SHOWN = 5


@dataclass(slots=True)
class Erased:
    """What an erasure came to; `pseudonym` stands where the address stood."""

    pseudonym: str
    hash: str = ""
    rewritten: int = 0
    deleted: int = 0
    mails: int = 0


class Erasure:
    """Erases one person after the other; broken off, it is finished by running it again.

    What the person is known by is kept in a row until the end, as it is looked up in what is being erased. Every
    write is guarded by its etag, so that it may run beside the bot. `mail` is the folder of sent mails, if there is
    one: those to the person and those that name them are removed.
    """

    def __init__(self, store: Store, mail: Path | None, clock: Clock, progress: Progress) -> None:
        self._store = store
        self._mail = mail
        self._settings: Table = store.table("settings")
        self._clock = clock
        self._progress = progress

    async def run(self, email: str) -> Erased:
        """Erase whoever has this address. Raises NotErased with a sentence; nothing has changed then."""
        begun = await self._begun(email)
        known = await look_for(self._store, email)
        if begun is None and known.person is None and not known.mentions:
            raise NotErased(f"Nothing is kept about {email}.")
        _check_free(known)
        begun = await self._begin(begun, known)
        traces = _traces_in(begun.values)
        erased = Erased(traces.addresses[email], str(begun.values["hash"]))
        await self._leave_the_directory(known)
        for _ in range(_MOST_ROUNDS):
            if not await self._round(traces, known, erased):
                await self._end(begun, erased)
                return erased
        raise Raced(email)

    async def _begun(self, email: str) -> Row | None:
        """Return the line of an erasure of this person that was broken off."""
        async for row in self._settings.scan(ERASURES):
            if "known" in row.values and row.values["hash"] == _hashed(str(row.values["salt"]), email):
                return row
        return None

    async def _begin(self, begun: Row | None, known: Known) -> Row:
        """Keep what the person is known by, with what an earlier run knew."""
        before = json_in(begun.values, "known") if begun else {"addresses": {}}
        addresses = dict(before["addresses"])
        for address in (known.email, *sorted(known.contacts)):
            addresses.setdefault(address, f"erased-{_random()}{ERASED_AT}")
        kept = {name: sorted({*before.get(name, ()), *getattr(known, name)}) for name in ("names", "objects", "chats")}
        salt = str(begun.values["salt"]) if begun else secrets.token_hex(16)
        at = str(begun.values["at"]) if begun else time_text(self._clock())
        values: dict[str, Value] = {
            "schema": SCHEMA,
            "at": at,
            "salt": salt,
            "hash": _hashed(salt, known.email),
            "known": json.dumps({"addresses": addresses, **kept}),
        }
        row_key = begun.key if begun else key(stamp(self._clock()), secrets.token_hex(4))
        etags = await self._settings.commit(ERASURES, [Put(row_key, values, begun.etag if begun else None)])
        return Row(ERASURES, row_key, values, etags[row_key])

    async def _end(self, begun: Row, erased: Erased) -> None:
        """Leave the line that proves the erasure: when, how much, and a hash that only the address leads to."""
        values = {name: value for name, value in begun.values.items() if name != "known"}
        counts = {"rewritten": erased.rewritten, "deleted": erased.deleted, "mails": erased.mails}
        proof = {**values, **counts, "ended_at": time_text(self._clock())}
        await self._settings.commit(ERASURES, [Put(begun.key, proof, begun.etag)])

    async def _leave_the_directory(self, known: Known) -> None:
        """Take the person out first: from now on nothing is told to them, and nothing new is theirs."""
        people = PeopleStore(self._store)
        for each in (await people.export()).people.values():
            if each.contact_email == known.email != each.email:
                await people.register(replace(each, contact_email=""))
        for cover in await people.covers():
            if known.email in {cover.fpm, cover.cover}:
                await people.remove_cover(cover)
        if known.person:
            await people.remove(known.person)

    async def _round(self, traces: Traces, known: Known, erased: Erased) -> int:
        """Go through all mails and rows once; return how many had to be changed."""
        before = erased.rewritten + erased.deleted + erased.mails
        for file in mails_about(self._mail, traces, known.texts) if self._mail else ():
            file.unlink(missing_ok=True)
            erased.mails += 1
        done, seen = 0, ""
        async for name, row in all_rows(self._store):
            done += 1
            self._progress("rows", done, max(known.rows, done))
            if not traces.may_stand_in(row):
                continue
            kind, _, rest = row.key.partition(SEPARATOR)
            if name == "requests" and kind in IN_A_CASE:
                number = rest.partition(SEPARATOR)[0].partition(".")[0]
                if number != seen:
                    await self._rewrite_case(row.partition, number, traces, erased)
                seen = number
            else:
                await self._rewrite(self._store.table(name), name, row, traces, erased)
        return erased.rewritten + erased.deleted + erased.mails - before

    async def _rewrite_case(self, partition: str, number: str, traces: Traces, erased: Erased) -> None:
        """Change a request, its engagements and its history in one commit."""
        table = self._store.table("requests")
        while True:
            lines = [row async for row in _under(table, partition, f"event{SEPARATOR}{number}{SEPARATOR}")]
            others = [row async for row in _under(table, partition, f"engagement{SEPARATOR}{number}.")]
            request = await table.get(partition, f"request{SEPARATOR}{number}")
            others += [request] if request else []
            after = case_after(lines, others, traces)
            changed = [new for old, new in zip([*lines, *others], after, strict=True) if new.values != old.values]
            # The request goes first: while it stands, no line is added. Hundreds of lines need more than one commit.
            changes = [Put(row.key, row.values, row.etag) for row in reversed(changed)]
            try:
                for start in range(0, len(changes), _MOST_CHANGES):
                    await table.commit(partition, changes[start : start + _MOST_CHANGES])
            except Conflict:
                continue
            erased.rewritten += len(changes)
            return

    async def _rewrite(self, table: Table, name: str, row: Row, traces: Traces, erased: Erased) -> None:
        """Change one row, which may get another key; one that has changed meanwhile is looked at again."""
        standing: Row | None = row
        while standing:
            after = row_after(name, standing, traces)
            if after == standing:
                return
            try:
                if after is None or await self._stands_already(table, standing, after):
                    await table.commit(standing.partition, [Delete(standing.key, standing.etag)])
                    erased.deleted += 1
                else:
                    await self._put(table, standing, after)
                    erased.rewritten += 1
            except Conflict:
                standing = await table.get(standing.partition, standing.key)
            else:
                return

    @staticmethod
    async def _stands_already(table: Table, row: Row, after: Row) -> bool:
        is_moved = (after.partition, after.key) != (row.partition, row.key)
        return is_moved and await table.get(after.partition, after.key) is not None

    @staticmethod
    async def _put(table: Table, row: Row, after: Row) -> None:
        if (after.partition, after.key) == (row.partition, row.key):
            await table.commit(row.partition, [Put(row.key, after.values, row.etag)])
            return
        new, gone = Put(after.key, after.values), Delete(row.key, row.etag)
        if after.partition == row.partition:
            await table.commit(row.partition, [new, gone])
        else:
            await table.commit(after.partition, [new])
            await table.commit(row.partition, [gone])


def _under(table: Table, partition: str, prefix: str) -> AsyncIterator[Row]:
    return table.scan(partition, prefix, prefix_end(prefix))


def _check_free(known: Known) -> None:
    """Raise NotErased while others rely on the person."""
    name = known.person.name if known.person else known.email
    if known.partners:
        codes = ", ".join(known.partners)
        raise NotErased(f"{name} is the FPM or backup FPM of {codes}: name another FPM in the directory first.")
    for numbers, needs in (
        (known.to_decide, "still decides on {}: delegate or decide first."),
        (known.to_release, "is still the SME of {}: release or close first."),
    ):
        if numbers:
            more = f" and {len(numbers) - _SHOWN} more" if len(numbers) > _SHOWN else ""
            raise NotErased(f"{name} {needs.format(', '.join(numbers[:_SHOWN]) + more)}")


def _traces_in(values: Mapping[str, Value]) -> Traces:
    kept = json_in(values, "known")
    names, objects, chats = (frozenset(kept[name]) for name in ("names", "objects", "chats"))
    return Traces(kept["addresses"], names, objects, chats)


def _hashed(salt: str, email: str) -> str:
    return sha256(f"{salt}\x1f{email}".encode()).hexdigest()


def _random() -> str:
    return b32encode(secrets.token_bytes(5)).decode().lower()
