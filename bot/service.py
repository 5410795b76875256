"""One instance of the bot: every part wired once over its stores, and run until it is told to stop."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import aiohttp

from bot.access_news import AccessNews
from bot.agenda_news import AgendaNews
from bot.calendars import HolidayCalendars
from bot.channel.adapter import TeamsAdapter
from bot.channel.connector import BOT_SCOPE, Connector
from bot.channel.credentials import Certificate, Credential, Federated, ManagedIdentity, MsalTokens, Secret
from bot.channel.files import Files
from bot.channel.gate import Gate
from bot.channel.graph import SCOPE as GRAPH_SCOPE
from bot.channel.graph import Graph, GraphMail
from bot.channel.installation import Catalogue, Installation
from bot.channel.keys import SigningKeys
from bot.channel.lanes import IN_TEAMS, ON_THIS_MACHINE, Lanes
from bot.channel.messenger import Messenger
from bot.channel.outbox import Outbox
from bot.channel.roster import Roster
from bot.clock import LocalClock, MovableClock, Offsets
from bot.copies import Copies
from bot.courier import Courier
from bot.dialogs.talk import DumpStack, LoadStack, Talk
from bot.domain.access_desk import AccessDesk
from bot.domain.bookkeeping import Bookkeeper
from bot.domain.desk import Desk
from bot.domain.export_jobs import export_in
from bot.domain.export_reading import ExportReader
from bot.domain.ports import Admissions, Conversations, Mail, People, Shelves, WorkRows
from bot.domain.routing import load_table
from bot.domain.timekeeper import Timekeeper
from bot.domain.viewing import Viewing
from bot.exports import Exports
from bot.floods import Floods
from bot.gauges import Gauges
from bot.health import Figures, Health
from bot.mail import FolderMail, NoMail
from bot.matters import Matters
from bot.rounds import Rounds
from bot.settings import Settings
from bot.strangers import Strangers
from bot.teams_bot import TeamsBot
from bot.telemetry import OFF, Telemetry
from bot.turns import Turns
from bot.web import DRAIN_SECONDS, Web
from bot.worker import Worker


@dataclass(frozen=True, slots=True)
class Stores(Shelves):
    """Everything that remembers; `load_stack` and `dump_stack` are the codec of dialog stacks."""

    admissions: Admissions
    conversations: Conversations
    work: WorkRows
    figures: Figures
    offsets: Offsets
    load_stack: LoadStack
    dump_stack: DumpStack


class Service:
    """All parts of one instance. `session` fetches signing keys and speaks to Graph; `clock` is the stores' own."""

    def __init__(
        self,
        settings: Settings,
        stores: Stores,
        session: aiohttp.ClientSession,
        clock: MovableClock,
        telemetry: Telemetry = OFF,
    ) -> None:
        local = settings.is_local
        requests, lists, people = stores.requests, stores.lists, stores.people
        self._tokens = None if local else tokens_of(settings)
        uses_graph = settings.mails_by_graph or settings.teams_app_id
        self._scopes = (BOT_SCOPE, GRAPH_SCOPE) if uses_graph else (BOT_SCOPE,)
        self._keys = None if local else SigningKeys(settings.metadata, session, clock)
        self._connector = Connector(
            tokens=self._tokens, service_hosts=settings.service_hosts, local=local, telemetry=telemetry
        )
        self._outbox = Outbox(self._connector)
        viewing = Viewing(requests, people, lists, HolidayCalendars(), clock, settings.assignment_address)
        graph = Graph(settings.graph_url, self._tokens, session, telemetry=telemetry) if self._tokens else None
        mail = mail_of(settings, graph)
        installation = _installation(settings, graph, self._connector, people)
        lanes = Lanes(clock, ON_THIS_MACHINE if local else IN_TEAMS)
        messenger = Messenger(self._connector, people, lanes, installation)
        agenda_news = AgendaNews(stores.agendas, requests, viewing)
        access_news = AccessNews(stores.admissions, people, mail, clock)
        matters = Matters(requests, people, access_news, agenda_news, viewing)
        copies = Copies(requests, people, matters, messenger, clock)
        bookkeeper = Bookkeeper(requests, stores.ledger)
        courier = Courier(requests, lists, bookkeeper, people, matters, copies, messenger, mail, clock, telemetry)
        self._worker = Worker(stores.work, self._look)
        nudge = self._worker.nudge
        access = AccessDesk(stores.admissions, people, clock, nudge)
        desk = Desk(stores, viewing, load_table(), clock, nudge, access)
        timekeeper = Timekeeper(desk.filing, clock)
        self._rounds = Rounds(timekeeper, desk.agendas, courier, requests, lists, people, clock, telemetry)
        files = Files(self._connector, people, session, local=local)
        reader = ExportReader(requests, stores.ledger, people, clock)
        self._exports = Exports(stores.export_jobs, reader, people, files, mail, clock)
        talk = Talk(clock, stores.load_stack, stores.dump_stack)
        turns = Turns(TeamsAdapter(), self._outbox, stores.conversations, desk, talk, courier, nudge)
        health = Health(stores.figures, settings.storage_kind, clock, self._has_token)
        self._local_clock = LocalClock(clock, stores.offsets, self._worker.drain) if local else None
        before_turn = self._local_clock.sync if self._local_clock else _nothing
        floods = Floods(clock, settings.home_tenant)
        strangers = Strangers(turns, people, access, Roster(self._connector), settings.home_tenant)
        bot = TeamsBot(turns, people, desk, courier, agenda_news, strangers, floods, nudge, before_turn, telemetry)
        self.web = Web(_gate(settings, self._keys, clock), bot, health, self._local_clock, telemetry=telemetry)
        self._gauges = Gauges(health.report, telemetry.meter) if telemetry.is_on else None

    async def _look(self, number: str) -> datetime | None:
        return await (self._exports if export_in(number) else self._rounds).look(number)

    def _has_token(self) -> bool:
        return self._tokens is None or self._tokens.healthy

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run the worker; on the way out take no more activities, and let turns and sendings end."""
        if self._local_clock:
            await self._local_clock.sync()
        await self._rounds.plan_sweep()
        background = [asyncio.create_task(self._worker.run())]
        if self._local_clock:
            background.append(asyncio.create_task(self._local_clock.follow()))
        if self._gauges:
            background.append(asyncio.create_task(self._gauges.follow()))
        if self._tokens:
            background += [asyncio.create_task(self._tokens.keep_fresh(scope)) for scope in self._scopes]
        try:
            yield
        finally:
            await self.web.drain()
            for task in background:
                task.cancel()
            await asyncio.wait(background)
            await asyncio.gather(self._outbox.drain(DRAIN_SECONDS), self._worker.stop(DRAIN_SECONDS))
            await self._connector.close()
            for signing in (self._tokens, self._keys):
                if signing:
                    await signing.close()


async def _nothing() -> None:
    """Stand where local mode follows the moved clock."""


def _credential(settings: Settings) -> Credential:
    if settings.app_certificate:
        return Certificate(Path(settings.app_certificate))
    if settings.app_federated_client_id:
        return Federated(settings.app_federated_client_id)
    return Secret(settings.app_password) if settings.app_password else ManagedIdentity()


def mail_of(settings: Settings, graph: Graph | None) -> Mail:
    """Return the mail that the settings name; Graph is None in local mode."""
    kind, _, value = settings.mail.partition(":")
    if kind == "folder":
        return FolderMail(Path(value))
    return GraphMail(graph, value) if kind == "graph" and graph else NoMail()


def _installation(settings: Settings, graph: Graph | None, connector: Connector, people: People) -> Installation | None:
    if not (graph and settings.teams_app_id):
        return None
    catalogue = Catalogue(graph, settings.teams_app_id)
    return Installation(graph, catalogue, connector, people, home_tenant=settings.home_tenant, app_id=settings.app_id)


def tokens_of(settings: Settings) -> MsalTokens:
    """Return the tokens of the app registration that production settings name."""
    return MsalTokens(
        app_id=settings.app_id,
        tenant_id=settings.app_tenant,
        authority=settings.authority,
        credential=_credential(settings),
    )


def _gate(settings: Settings, keys: SigningKeys | None, clock: MovableClock) -> Gate:
    return Gate(
        production=not settings.is_local,
        app_id=settings.app_id,
        issuer=settings.issuer,
        service_hosts=settings.service_hosts,
        keys=keys,
        now=clock,
    )
