"""A bot over a store of its own that counts what a request takes, step by step."""

import json
import logging
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import app
from bot.channel.outward import outward_session
from bot.domain.people import Cover
from bot.listening import listening
from bot.logs import JsonLines
from bot.settings import read_settings
from cli.stores import load_first_directory, opened
from state.people import PeopleStore
from tests.bench.billed import BilledStore
from tests.stories.running_bot import Bot
from tests.teams import FakeTeams, Person, running_teams

MONDAY = datetime(2030, 3, 4, 9, tzinfo=UTC)
"""When every life begins: the same hours, weekdays and holidays pass whenever it is measured."""
HOUR, DAY = 3600, 24 * 3600
_SETTLED = 90
"""Seconds after which the rows that guard a step have been looked at and removed."""
_AT_ONCE = 6 * HOUR
_DAYS = "days that pass: reminders, briefs, daily looks"

Steps = dict[str, Counter[str]]


class BytesOfLogs(logging.Handler):
    """Counts the bytes of the lines that the bot logs."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.setFormatter(JsonLines())
        self.count = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.count += len(self.format(record).encode()) + 1


@dataclass
class CountedTeams(FakeTeams):
    """Counts activities. Before each the directory has changed: an instance remembers nobody who comes rarely."""

    turns: int = 0
    people_store: PeopleStore | None = None

    async def deliver(self, activity, *, at=""):
        await self.people_store.remove_cover(Cover("nobody@example.com", "nobody@example.com", MONDAY, MONDAY))
        self.turns += 1
        return await super().deliver(activity, at=at)


@dataclass
class Life:
    """A request on its way: who takes part, and what each step has taken up to now."""

    bot: Bot
    store: BilledStore
    lines: BytesOfLogs
    dana: Person
    lee: Person
    ana: Person
    kofi: Person
    number: str = ""
    steps: Steps = field(default_factory=dict)

    async def step(self, name: str, does: Awaitable[object]) -> None:
        """Do something, and everything in the background that it brings."""
        before = self.taken
        await does
        await self.bot.advance(_SETTLED)
        self.steps.setdefault(name, Counter()).update(self.taken - before)

    async def pass_time(self, seconds: int) -> None:
        """Let hours or days go by, in parts: who is up looks at things when they come due."""
        before = self.taken
        for _ in range(seconds // _AT_ONCE):
            await self.bot.advance(_AT_ONCE)
        await self.bot.advance(seconds % _AT_ONCE)
        self.steps.setdefault(_DAYS, Counter()).update(self.taken - before)

    @property
    def taken(self) -> Counter[str]:
        calls = self.bot.teams.calls
        return Counter(
            reads=self.store.billed["reads"],
            writes=self.store.billed["writes"],
            turns=self.bot.teams.turns,
            posts=sum(call.method == "POST" for call in calls),
            updates=sum(call.method == "PUT" for call in calls),
            mails=len(self.bot.mails()),
            sent_bytes=sum(len(json.dumps(call.body)) for call in calls),
            log_bytes=self.lines.count,
        )

    def day(self, days: int) -> str:
        return (MONDAY + timedelta(days=days)).date().isoformat()


@contextmanager
def counted(lines: BytesOfLogs) -> Iterator[None]:
    loggers = [logging.getLogger(name) for name in ("bot", "state", "app")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.addHandler(lines)
        logger.setLevel(logging.INFO)
    yield
    for logger, level in zip(loggers, levels, strict=True):
        logger.removeHandler(lines)
        logger.setLevel(level)


@asynccontextmanager
async def begun(folder: Path) -> AsyncIterator[Life]:
    """Serve a bot of its own, on that Monday, to four people who have installed the app."""
    lines = BytesOfLogs()
    async with running_teams(CountedTeams()) as teams:
        bot = Bot(teams, folder)
        chosen = read_settings(bot.environment)
        async with opened(chosen) as inner, outward_session() as session:
            store, teams.people_store = BilledStore(inner), PeopleStore(inner)
            service = app.service_of(chosen, store, session)
            await load_first_directory(chosen, inner)
            async with listening(service.web.application(), "127.0.0.1", 0) as port, service.running():
                teams.bot_url = f"http://127.0.0.1:{port}"
                await bot.advance((MONDAY - datetime.now(UTC)).total_seconds())
                cast = await bot.people("Dana Reyes", "Lee Park", "Ana Souza", "Kofi Mensah")
                await bot.advance(_SETTLED)
                with counted(lines):
                    yield Life(bot, store, lines, *cast)
