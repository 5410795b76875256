"""Examines an installation: each thing that must be well, and what to mend where it is not."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import aiohttp

from bot.channel.credentials import MsalTokens
from bot.channel.graph import Graph
from bot.domain.people import Directory
from bot.domain.ports import Clock
from bot.examination.channel import channel_examined
from bot.examination.credential import credential_examined
from bot.examination.directory import Known, directory_examined
from bot.examination.finding import Examination, Finding, findings_of, noted
from bot.examination.graph import graph_examined
from bot.examination.lists import lists_examined
from bot.examination.mail import mail_examined, mail_sent
from bot.examination.reach import reach_examined
from bot.examination.setup import settings_examined
from bot.examination.sign_in import sign_in_examined
from bot.examination.storage import storage_examined
from bot.examination.work import Work, WorkFigures, notices_examined, work_examined
from bot.service import mail_of, tokens_of
from bot.settings import Settings


@dataclass(frozen=True, slots=True)
class Stored:
    """What is read of an opened store; `check_up` returns the promise that it breaks, '' when it keeps all.

    `directory` comes with the addresses of those who can be reached. `derived` returns requests changed before a time
    that no list shows so, and partners without a ledger.
    """

    check_up: Callable[[], Awaitable[str]]
    ping: Callable[[], Awaitable[bool]]
    directory: Callable[[], Awaitable[tuple[Directory, frozenset[str]]]]
    derived: Callable[[datetime], Awaitable[tuple[list[str], list[str]]]]
    figures: WorkFigures
    work: Work
    known: Known


@dataclass(frozen=True, slots=True)
class Doctor:
    """Everything that is examined; `env` is what the host says. Where the store was not opened `stored` says why."""

    settings: Settings
    env: Mapping[str, str]
    stored: Stored | Finding
    session: aiohttp.ClientSession
    clock: Clock

    async def findings(self, address: str = "") -> AsyncIterator[Finding]:
        """Yield what is found, one thing after the other; a test mail goes to the address, if there is one."""
        tokens = None if self.settings.is_local else tokens_of(self.settings)
        graph = Graph(self.settings.graph_url, tokens, self.session) if tokens else None
        examinations: dict[str, Examination] = {"settings": self._settings, **self._of_store()}
        examinations["mail"] = lambda: mail_examined(self.settings)
        if address:
            examinations["test mail"] = lambda: mail_sent(mail_of(self.settings, graph), address)
        try:
            async for finding in findings_of(examinations | self._outside(tokens, graph)):
                yield finding
        finally:
            if tokens:
                await tokens.close()

    def _of_store(self) -> dict[str, Examination]:
        stored = self.stored
        if isinstance(stored, Finding):
            return {"storage": lambda: _not_opened(stored)}
        return {
            "storage": lambda: storage_examined(stored.check_up, stored.ping),
            "work": lambda: work_examined(stored.work, stored.figures, self.clock),
            "notices": lambda: notices_examined(stored.figures, self.clock),
            "lists": lambda: lists_examined(stored.derived, self.clock),
            "directory": lambda: self._directory(stored),
        }

    def _outside(self, tokens: MsalTokens | None, graph: Graph | None) -> dict[str, Examination]:
        if tokens is None or graph is None:
            return {"sign-in": _off}
        return {
            "signing keys": lambda: channel_examined(self.settings, self.session, self.clock),
            "sign-in": lambda: sign_in_examined(self.settings, tokens),
            "Graph": lambda: graph_examined(self.settings, tokens, graph),
        }

    async def _settings(self) -> Sequence[Finding]:
        found = settings_examined(self.settings, self.env)
        return found if self.settings.is_local else [*found, *credential_examined(self.settings, self.clock())]

    async def _directory(self, stored: Stored) -> Sequence[Finding]:
        directory, reached = await stored.directory()
        home, is_local = self.settings.home_tenant, self.settings.is_local
        found = directory_examined(directory, home, stored.known)
        if not directory.people:
            return found
        installs = bool(self.settings.teams_app_id)
        return [*found, *reach_examined(directory, reached, home, installs=installs, is_local=is_local)]


async def _off() -> Sequence[Finding]:
    return [Finding("sign-in", "off, as this is local mode")]


async def _not_opened(refusal: Finding) -> Sequence[Finding]:
    rest = "work, notices, lists, directory, reach"
    return [refusal, noted(rest, "not examined, as they stand in the storage")]
