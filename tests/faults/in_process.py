"""The bot's parts in this process over faulty inputs and outputs, with a Teams that calls them without a socket."""

import asyncio
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any
from uuid import uuid4

from bot.access_news import AccessNews
from bot.agenda_news import AgendaNews
from bot.calendars import HolidayCalendars
from bot.channel.adapter import TeamsAdapter
from bot.channel.connector import Connector
from bot.channel.lanes import Lanes
from bot.channel.messenger import Messenger
from bot.channel.outbox import Outbox
from bot.channel.roster import Roster
from bot.clock import MovableClock
from bot.copies import Copies
from bot.courier import Courier
from bot.dialogs.talk import Talk
from bot.domain.access_desk import AccessDesk
from bot.domain.agenda import agenda_id
from bot.domain.bookkeeping import Bookkeeper
from bot.domain.desk import Desk
from bot.domain.ports import Shelves
from bot.domain.routing import load_table
from bot.domain.timekeeper import Timekeeper
from bot.domain.viewing import Viewing
from bot.floods import Floods
from bot.matters import Matters
from bot.rounds import Rounds
from bot.settings import SAMPLE_HOME_TENANT
from bot.strangers import Strangers
from bot.teams_bot import TeamsBot
from bot.turns import Turns
from bot.worker import Worker
from state.admissions import AdmissionStore
from state.agendas import AgendaStore
from state.conversations import ConversationStore, dump_stack, load_stack
from state.export_jobs import ExportJobStore
from state.heard import HeardStore
from state.ledger import LedgerStore
from state.people import PeopleStore
from state.people_cache import CachedPeople
from state.requests import RequestStore
from state.reviews import ReviewStore
from state.table import Store, StoreUnavailable
from state.views import ViewStore
from state.work import WorkStore
from tests.faults.io_faults import FaultyMail, FaultySession, FaultyStore, Life, Script
from tests.teams import FakeTeams

MONDAY = datetime(2026, 11, 23, 10, tzinfo=UTC)
URL = "http://127.0.0.1:1"
REDELIVERED_AFTER = 15.0
_TABLE, _CALENDARS = load_table(), HolidayCalendars()


@dataclass
class Outside:
    """What outlives a process: the store, Teams, the mails and the clock."""

    store: Store
    teams: "TeamsInProcess"
    script: Script = field(default_factory=Script)
    mails: dict[str, EmailMessage] = field(default_factory=dict)
    began: datetime = MONDAY
    moved: timedelta = timedelta(0)
    around: Callable[[Store], Store] = lambda store: store

    def now(self) -> datetime:
        return self.began + self.moved + timedelta(seconds=asyncio.get_running_loop().time())


class Instance:
    """One process of the bot, wired as the composition root and `Service` do it."""

    def __init__(self, outside: Outside) -> None:
        self.life, self._outside = Life(), outside
        script = outside.script
        self.store = FaultyStore(outside.store, script, self.life)
        store = outside.around(self.store)
        clock = MovableClock(outside.now)
        work = WorkStore(store, uuid4().hex, clock)
        requests, lists = RequestStore(store, work, clock), ViewStore(store, clock)
        people = CachedPeople(PeopleStore(store), lambda: clock().timestamp())
        session = FaultySession(outside.teams, script, self.life)
        connector = Connector(tokens=None, service_hosts=frozenset(), local=True, session=session)
        self._outbox = Outbox(connector)
        viewing = Viewing(requests, people, lists, _CALENDARS, clock, "assignment@fasttrack.example")
        mail = FaultyMail(outside.mails, script, self.life)
        admissions = AdmissionStore(store, work, clock)
        news = AccessNews(admissions, people, mail, clock)
        messenger = Messenger(connector, people, Lanes(clock))
        agendas = AgendaStore(store, work, clock)
        agenda_news = AgendaNews(agendas, requests, viewing)
        matters = Matters(requests, people, news, agenda_news, viewing)
        copies = Copies(requests, people, matters, messenger, clock)
        ledger = LedgerStore(store)
        bookkeeper = Bookkeeper(requests, ledger)
        courier = Courier(requests, lists, bookkeeper, people, matters, copies, messenger, mail, clock)
        self.worker = Worker(work, self._look)
        access = AccessDesk(admissions, people, clock, self.worker.nudge)
        shelves = Shelves(
            requests=requests,
            lists=lists,
            ledger=ledger,
            reviews=ReviewStore(store),
            people=people,
            agendas=agendas,
            feedbacks=HeardStore(store, work, clock),
            export_jobs=ExportJobStore(store, work, clock),
        )
        desk = Desk(shelves, viewing, _TABLE, clock, self.worker.nudge, access)
        timekeeper = Timekeeper(desk.filing, clock)
        self.rounds = Rounds(timekeeper, desk.agendas, courier, requests, lists, people, clock)
        talk = Talk(clock, load_stack, dump_stack)
        conversations = ConversationStore(store)
        turns = Turns(TeamsAdapter(), self._outbox, conversations, desk, talk, courier, self.worker.nudge)
        floods = Floods(clock, SAMPLE_HOME_TENANT)
        strangers = Strangers(turns, people, access, Roster(connector), SAMPLE_HOME_TENANT)
        self.bot = TeamsBot(turns, people, desk, courier, agenda_news, strangers, floods, self.worker.nudge, _nothing)

    async def _look(self, number: str) -> datetime | None:
        return await self.rounds.look(number)

    def nudge_everything(self) -> None:
        """Have every request looked at, and everybody of whom an agenda is kept."""
        for place, row in self._outside.store.rows("requests").items():
            if " request:" in place:
                self.worker.nudge(row["number"])
            elif place.endswith(" agenda"):
                self.worker.nudge(agenda_id(row["email"]))

    async def idle(self) -> None:
        """Wait until nothing is under way, in the order in which one leads to the other."""
        await self._outbox.drain(600)
        await self.worker.idle()

    async def drain(self) -> None:
        """Do what is due; what fails while it is looked for is found by the next look, as when polling."""
        await self.idle()
        with suppress(StoreUnavailable):
            await self.worker.drain()


async def _nothing() -> None:
    """Stand where local mode follows the moved clock."""


@dataclass
class TeamsInProcess(FakeTeams):
    """Calls the instance that lives now; one that has died is followed by another."""

    outside: Outside = field(init=False)
    instance: Instance = field(init=False)
    dead: list[Instance] = field(default_factory=list)

    def start(self, outside: Outside) -> None:
        self.outside, self.url, self.bot_url = outside, URL, URL
        self.instance = Instance(outside)

    async def call(self, method: str, path: str, body: Any = None, *, at: str = "") -> tuple[int, Any]:
        if path == "/local/clock":
            await self.pass_time(body["advance_seconds"])
            return 200, None
        answer = await self.asked(body)
        assert answer, "the bot did not answer"
        return answer

    async def asked(self, activity: Mapping[str, Any]) -> tuple[int, Any] | None:
        """Deliver an activity; None when no answer came in time."""
        tenant = activity["conversation"]["tenantId"]
        turn = asyncio.ensure_future(self.instance.bot.receive(json.loads(json.dumps(activity)), tenant))
        if not await self._alive(turn, REDELIVERED_AFTER):
            return None
        status, answer = turn.result()
        return status, json.loads(json.dumps(answer))

    async def pass_time(self, seconds: float) -> None:
        """Move the clock, and do what has become due; a process that dies of it is followed by another."""
        self.outside.moved += timedelta(seconds=seconds)
        while not await self._alive(asyncio.ensure_future(self.instance.drain())):
            pass

    async def quiet(self) -> None:
        """Wait until the bot has done what it was nudged to."""
        await self._alive(asyncio.ensure_future(self.instance.idle()))

    async def bury(self) -> None:
        """End what the dead still wait for."""
        for instance in self.dead:
            instance.life.is_buried = True
        while left := asyncio.all_tasks() - {asyncio.current_task()}:
            for task in left:
                task.cancel()
            await asyncio.wait(left)

    async def _alive(self, doing: asyncio.Future, timeout: float | None = None) -> bool:  # noqa: ASYNC109 - Teams' own
        """Wait until this is done; False when the process has died or the time is over."""
        death = asyncio.ensure_future(self.instance.life.over.wait())
        await asyncio.wait({doing, death}, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        death.cancel()
        if self.instance.life.over.is_set():
            self.dead.append(self.instance)
            self.instance = Instance(self.outside)
            return False
        return doing.done()
