"""Whole lives of requests, each over a bot and a store of its own, and what every step of them took."""

import json
import logging
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import app
from bot.channel.outward import outward_session
from bot.clock import MovableClock
from bot.domain.people import Cover
from bot.health import Health
from bot.listening import listening
from bot.logs import JsonLines
from bot.settings import read_settings
from cli.stores import load_first_directory, opened
from state.figures import StoreFigures
from state.people import PeopleStore
from state.work import WorkStore
from tests.bench.billed import BilledStore
from tests.stories.journey import fill_in, number_in, open_page
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


async def _form(life: Life) -> None:
    await life.dana.say("new request")
    await fill_in(life.dana)


async def _submit(life: Life) -> None:
    page = await open_page(life.dana)
    await life.dana.press("submit", on=page)
    await life.bot.teams.settle()
    life.number = number_in(page.words)


async def _submitted(life: Life) -> None:
    await life.step("form of four pages, with the review", _form(life))
    await life.step("submit", _submit(life))
    await life.pass_time(2 * HOUR)


async def _fix(life: Life) -> None:
    await life.dana.press("fix", showing=life.number)
    await fill_in(life.dana, seat_count="6,500")
    await life.dana.press("submit", on=await open_page(life.dana))


async def _kickoff(life: Life) -> None:
    plan = {
        "mode": "with_partner",
        "expectations": "The partner leads every call; the SME coaches.",
        "outcomes": "Calling plans run for the first 500 users.",
        "exit_criteria": "500 users call out\nThe partner has led one cutover\nThe runbook is handed over",
        "start": life.day(7),
        "end": life.day(25),
    }
    await life.kofi.press("kickoff", showing=life.number, **plan)
    await life.bot.advance(0)
    await life.lee.press("agree", showing=life.number)
    await life.bot.advance(0)
    await life.dana.press("agree", showing=life.number, learners="Piotr Zieliński")


async def _helped(life: Life) -> None:
    """Go from the decision to the close."""
    number = life.number
    await life.step("approve", life.lee.press("approve", showing=number))
    await life.pass_time(2 * HOUR)
    await life.step("assign", life.ana.press("assign", showing=number, sme_other=life.kofi.email))
    await life.pass_time(18 * HOUR)
    await life.step("accept", life.kofi.press("accept", showing=number))
    await life.pass_time(6 * HOUR)
    await life.step("first contact", life.kofi.press("contacted", showing=number))
    await life.pass_time(DAY)
    await life.step("kick-off, agreed to by two", _kickoff(life))
    for days, summary in ((5, "Numbers are ported next week."), (5, "Numbers are ported.")):
        await life.pass_time(days * DAY)
        note = {"note_status": "on_track", "note_summary": summary, "note_next": "", "note_concerns": ""}
        await life.step("two notes", life.kofi.press("note", showing=number, **note))
    await life.pass_time(4 * DAY)
    ended = {"met": "1,2,3", "summary": "Calling runs.", "feedback": "A strong team."}
    await life.step("complete", life.kofi.press("complete", showing=number, **ended))
    await life.pass_time(DAY)
    await life.step("rate", life.dana.press("rate", data={"rating": 5}, rating_comment="Thank you."))
    await life.pass_time(DAY)
    await life.step("close", life.lee.press("close", showing=number))


async def straight(life: Life) -> None:
    await _submitted(life)
    await _helped(life)


async def denied(life: Life) -> None:
    await _submitted(life)
    await life.step("deny", life.lee.press("deny", showing=life.number, deny_reason="out_of_scope"))


async def returned(life: Life) -> None:
    await _submitted(life)
    asked = {"return_fields": ["seat_count"], "return_note": "Are these all licences?"}
    await life.step("return", life.lee.press("return", showing=life.number, **asked))
    await life.pass_time(20 * HOUR)
    await life.step("fix and send again", _fix(life))
    await life.pass_time(2 * HOUR)
    await _helped(life)


async def withdrawn(life: Life) -> None:
    await _submitted(life)
    await life.pass_time(DAY)
    await life.step("withdraw", life.dana.press("withdraw", showing=life.number))


LIVES: dict[str, Callable[[Life], Awaitable[None]]] = {
    each.__name__: each for each in (straight, denied, returned, withdrawn)
}


@dataclass(frozen=True, slots=True)
class Measured:
    """What a life took, step by step, and the bytes of its rows at the end."""

    steps: Steps
    stored: int


async def measured(name: str, folder: Path) -> Measured:
    async with begun(folder) as life:
        before = await life.store.size()
        await LIVES[name](life)
        await life.pass_time(2 * DAY)
        return Measured(life.steps, await life.store.size() - before)


async def _refresh(person: Person, number: str) -> None:
    """Look at the newest card of the request: Teams asks for it anew."""
    message = next(m for m in reversed(person.chat) if m.card and "refresh" in m.card and number in m.words)
    value = {"action": message.card["refresh"]["action"], "trigger": "automatic"}
    sent = person.activity(type="invoke", name="adaptiveCard/action", value=value, replyToId=message.id)
    await person.deliver(sent)


@dataclass(frozen=True, slots=True)
class Glances:
    """What looking took, and how many partners the FPM has whose list it was."""

    steps: Steps
    partners_of_the_fpm: int


async def glances(folder: Path) -> Glances:
    """Look at a list of each kind, at a request, and at a card that renews itself."""
    async with begun(folder) as life:
        await _submitted(life)
        await life.step("", life.lee.press("approve", showing=life.number))
        await life.step("", life.ana.press("assign", showing=life.number, sme_other=life.kofi.email))
        life.steps.clear()
        await life.step("a list of the requester", life.dana.say("my requests"))
        await life.step("a list of the FPM", life.lee.say("inbox"))
        await life.step("a list of the SME", life.kofi.say("engagements"))
        await life.step("a request, by its number", life.dana.say(f"status {life.number}"))
        await life.step("a card that renews itself", _refresh(life.kofi, life.number))
        return Glances(life.steps, len(await life.bot.teams.people_store.partners_of(life.lee.email)))


async def idle(folder: Path) -> Counter[str]:
    """Return the transactions of one look for due work, and of one report of /health."""
    async with begun(folder) as life:
        poll, health = BilledStore(life.store.store), BilledStore(life.store.store)
        clock = MovableClock()
        await WorkStore(poll, "idle", clock).claim_due()
        await Health(StoreFigures(health, clock), "azure", clock, lambda: True).report()
        return Counter(poll=poll.billed.total(), health=health.billed.total())
