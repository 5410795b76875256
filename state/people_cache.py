"""The people store with a memory, which counts until the directory changes."""

import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from bot.domain.people import Address, Cover, Identity, Leave, Partner, Person, Role
from state.people import PeopleStore

# For a change that broke off before it was announced.
LONGEST_SECONDS = 60.0
MOST_ENTRIES = 8_192

_T = TypeVar("_T")
_Key = tuple[object, ...]


class CachedPeople:
    """Answers from memory between two calls of `refresh`; that one small read takes the place of all others.

    `clock` counts seconds.
    """

    def __init__(self, store: PeopleStore, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._since = clock()
        self._change = ""
        self._known: dict[_Key, object] = {}

    async def refresh(self) -> None:
        """Take in what anybody has changed up to now."""
        change = await self._store.last_change()
        if change != self._change or self._clock() - self._since > LONGEST_SECONDS:
            self._forget_all(change)

    async def by_identity(self, identity: Identity) -> Person | None:
        return await self._remembered(("identity", identity), lambda: self._store.by_identity(identity))

    async def by_email(self, email: str) -> Person | None:
        return await self._remembered(("email", email), lambda: self._store.by_email(email))

    async def partner(self, code: str) -> Partner | None:
        return await self._remembered(("partner", code), lambda: self._store.partner(code))

    async def partners(self) -> list[Partner]:
        return list(await self._remembered(("partners",), self._store.partners))

    async def partner_of_tenant(self, tenant_id: str) -> Partner | None:
        return await self._remembered(("tenant", tenant_id), lambda: self._store.partner_of_tenant(tenant_id))

    async def assigners(self, region: str) -> list[Person]:
        return list(await self._remembered(("assigners", region), lambda: self._store.assigners(region)))

    async def with_role(self, role: Role) -> list[Person]:
        return list(await self._remembered(("role", role), lambda: self._store.with_role(role)))

    async def partners_of(self, fpm: str) -> list[Partner]:
        return await self._remembered(("partners of", fpm), lambda: self._store.partners_of(fpm))

    async def contacts(self, partner_code: str) -> list[Person]:
        return await self._remembered(("contacts", partner_code), lambda: self._store.contacts(partner_code))

    async def covers(self) -> list[Cover]:
        return await self._remembered(("covers",), self._store.covers)

    async def add_cover(self, cover: Cover) -> None:
        await self._store.add_cover(cover)
        self._forget_all("")

    async def leaves(self) -> list[Leave]:
        return await self._remembered(("leaves",), self._store.leaves)

    async def add_leave(self, leave: Leave) -> None:
        await self._store.add_leave(leave)
        self._forget_all("")

    async def remove_leave(self, leave: Leave) -> None:
        await self._store.remove_leave(leave)
        self._forget_all("")

    async def remove_cover(self, cover: Cover) -> None:
        await self._store.remove_cover(cover)
        self._forget_all("")

    async def bind(self, email: str, identity: Identity) -> bool:
        is_bound = await self._store.bind(email, identity)
        if is_bound:
            self._forget_all("")
        return is_bound

    async def register(self, person: Person) -> None:
        await self._store.register(person)
        self._forget_all("")

    async def remove(self, person: Person) -> None:
        await self._store.remove(person)
        self._forget_all("")

    async def address(self, email: str) -> Address | None:
        return await self._store.address(email)

    async def remember_address(self, identity: Identity, address: Address) -> bool:
        known, key = self._known, ("address", identity)
        if known.get(key) == address:
            return False
        is_news = await self._store.remember_address(identity, address)
        known[key] = address
        return is_news

    async def forget_address(self, email: str) -> None:
        await self._store.forget_address(email)
        self._forget_all("")

    async def has_removed_app(self, email: str) -> bool:
        return await self._store.has_removed_app(email)

    async def service_url(self, tenant_id: str) -> str:
        return await self._store.service_url(tenant_id)

    async def _remembered(self, key: _Key, read: Callable[[], Awaitable[_T]]) -> _T:
        # A read that others overtake with a change ends in the memory that has been given up by then.
        known = self._known
        if key not in known:
            if len(known) >= MOST_ENTRIES:
                known.clear()
            known[key] = await read()
        return known[key]  # type: ignore[return-value]  # what stands under a key is what its read returned

    def _forget_all(self, change: str) -> None:
        self._known, self._change, self._since = {}, change, self._clock()
