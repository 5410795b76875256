"""Examines an installation: each thing that must be well, and what to mend where it is not."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

import aiohttp

from bot.channel.connector import BOT_SCOPE
from bot.channel.credentials import MsalTokens
from bot.channel.guarded import NoTokenError
from bot.channel.keys import SigningKeys
from bot.domain.ports import Clock, SetAside
from bot.health import LATE, Figures
from bot.service import tokens_of
from bot.settings import Settings


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing examined: how it is, and what to mend, '' where all is well."""

    name: str
    is_so: str
    mend: str = ""


class Work(Protocol):
    """Where work that was set aside is kept."""

    async def aside(self) -> list[SetAside]: ...


@dataclass(frozen=True, slots=True)
class Doctor:
    """Everything that is examined; `check_up` returns the promise that the store breaks, '' when it keeps all."""

    settings: Settings
    check_up: Callable[[], Awaitable[str]]
    has_no_directory: Callable[[], Awaitable[bool]]
    figures: Figures
    work: Work
    session: aiohttp.ClientSession
    clock: Clock

    async def findings(self) -> AsyncIterator[Finding]:
        """Yield what is found, one thing after the other."""
        yield Finding("settings", f"{self.settings.mode} mode, storage {self.settings.storage_kind}")
        if fault := await self.check_up():
            yield Finding("storage", fault, "Use a store that keeps its promises: nothing is safe in this one.")
            return
        yield Finding("storage", "reached; conditional writes and batches hold")
        is_empty = await self.has_no_directory()
        yield Finding("directory", "empty" if is_empty else "loaded", "Run load-directory." if is_empty else "")
        yield await self._work()
        yield await self._notices()
        if self.settings.is_local:
            yield Finding("sign-in", "off, as this is local mode")
            return
        yield await self._keys()
        yield await self._sign_in()

    async def _work(self) -> Finding:
        aside = await self.work.aside()
        if aside:
            named = "; ".join(f"{each.number} since {each.since:%d %b %Y, %H:%M} UTC: {each.reason}" for each in aside)
            return Finding("work", f"{len(aside)} set aside: {named}", "See the log for the failures, then restart.")
        overdue = sum(self.clock() - at > LATE for at in await self.figures.due_since())
        mend = "Is an instance running? Nobody does what is due." if overdue else ""
        return Finding("work", f"{overdue} overdue", mend)

    async def _notices(self) -> Finding:
        parked, waiting = await self.figures.parked_since(), await self.figures.pending_since()
        late = sum(self.clock() - at > LATE for at in waiting)
        mend = "Assigners see in their inbox whom to tell." if parked else ""
        return Finding("notices", f"{len(parked)} parked, {late} late", mend or ("See /health." if late else ""))

    async def _keys(self) -> Finding:
        keys = SigningKeys(self.settings.metadata, self.session, self.clock)
        await keys.find("")
        mend = "" if keys.count else "Is SME_CHANNEL_METADATA reachable from here?"
        return Finding("signing keys", f"{keys.count} published", mend)

    async def _sign_in(self) -> Finding:
        tokens: MsalTokens = tokens_of(self.settings)
        try:
            await tokens.token(BOT_SCOPE)
        except NoTokenError:
            return Finding("sign-in", "no token", "Check app id, tenant and credential; the line above says why.")
        finally:
            await tokens.close()
        return Finding("sign-in", "a token for the app was issued by its own tenant")
