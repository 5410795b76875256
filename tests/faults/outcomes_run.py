"""Runs the outcome table: each case is a request of its own, told to a requester in a tenant of their own."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from typing import Any

from tests.faults.checker import Acknowledged, World, violations
from tests.faults.outcomes import Answer, Call, Line, hangs
from tests.faults.outcomes_people import FPMS, fpm_of, requesters
from tests.faults.outcomes_table import NO_ID, NO_TLS, NOBODY_LISTENS, ONCE_MORE, Row
from tests.stories.journey import review
from tests.stories.running_bot import Bot
from tests.teams import Person

FOLLOWED = timedelta(hours=3, minutes=10)
A_DAY_AND_MORE = timedelta(hours=24, minutes=10)
A_MOMENT = 0.05
SATURDAY = 5
OPEN = {"pending", "sending"}


@dataclass
class Case:
    """One row with its requester, and what was seen of it."""

    row: Row
    requester: Person
    fpm: Person
    number: str = ""
    posts_before: int = 0
    shown_before: int = 0
    settled_after: float = -1
    is_told: bool = False

    def problems(self, posts: list[Call], kept: dict[str, Any]) -> list[str]:
        """Return what differs from the row, once the notice has come to its end."""
        row = self.row
        pauses = [(after.at - before.at).total_seconds() for before, after in pairwise(posts)]
        end = kept["way"].replace("teams", "card") if kept["state"] == "delivered" else kept["state"]
        taken = len(self.requester.chat) - self.shown_before
        least, most = row.settled
        found = []
        if not _fit(pauses, row.pauses):
            found.append(f"the pauses are {[round(p, 1) for p in pauses[: len(row.pauses)]]}, not {row.pauses}")
        if end != row.end:
            found.append(f"it ends as {end} ({kept['reason']})")
        if not least <= self.settled_after <= most:
            found.append(f"it ends after {self.settled_after:.1f} s")
        if row.reason not in kept["reason"]:
            found.append(f"the reason is {kept['reason']!r}")
        if row.posts is not None and len(posts) != row.posts:
            found.append(f"it is posted {len(posts)} times")
        if taken != row.taken:
            found.append(f"{taken} messages stand in the chat")
        return [f"{row.name}: {each}" for each in found]


def _fit(pauses: list[float], wanted: tuple[tuple[float, float], ...]) -> bool:
    fit = all(low <= pause <= high for pause, (low, high) in zip(pauses, wanted, strict=False))
    return fit and len(pauses) >= len(wanted)


class Table:
    """The cases in front of one bot."""

    def __init__(self, bot: Bot, line: Line, rows: tuple[Row, ...]) -> None:
        self.bot = bot
        self.line = line
        self.tokens: list[str] = []
        bot.teams.url = line.url
        people = requesters(bot.teams, len(rows))
        fpms = [bot.teams.person(fpm_of(number)) for number in range(len(rows))]
        self.cases = [Case(*each) for each in zip(rows, people, fpms, strict=True)]
        self._by_chat = {case.requester.conversation: case for case in self.cases}

    async def begin(self) -> None:
        """Have every requester ask, and the FPMs shown everything.

        A post that hangs takes ten real seconds of which no clock knows, so its case is told at once.
        """
        await self.go_to_the_weekend()
        await self.bot.people(*FPMS)
        self.line.fault = self._fault
        for case in sorted(self.cases, key=lambda each: each.row.answer is not hangs):
            page = await review(case.requester)
            self.tokens.append(page.button("submit").data["form"])
            await case.requester.press("submit", on=page)
            rows = self.bot.request_rows().items()
            case.number = next(number for number, row in rows if row["requester"] == case.requester.email)
            if case.row.answer is hangs:
                await case.requester.card_with("withdraw", showing=case.number)
                await self._tell(case)
        await self.until_told()

    async def tell(self, nobody: str) -> None:
        """Have the FPMs return every request while the connector does what the rows say."""
        places = {NOBODY_LISTENS: nobody, NO_TLS: self.line.url.replace("http:", "https:")}
        moved = [case for case in self.cases if case.row.place]
        for case in moved:
            case.requester.service = f"{places[case.row.place]}/emea/{case.requester.tenant_id}/"
        await asyncio.gather(*(case.requester.install() for case in moved))
        for case in self.cases:
            if not case.is_told:
                await self._tell(case)

    async def _tell(self, case: Case) -> None:
        case.is_told = True
        case.shown_before = len(case.requester.chat)
        case.posts_before = len(self.line.calls_to(case.requester.conversation))
        said = await case.fpm.press("return", showing=case.number, return_note="Please name the seats again.")
        assert "Returned" in said

    async def follow(self) -> None:
        """Move the clock from one attempt to the next, and at last beyond a day."""
        until = self.line.now() + FOLLOWED
        while (still_open := self._look()) and self.line.now() < until:
            due = [datetime.fromisoformat(kept["due_at"]) for kept in still_open]
            # What is due already makes way for something else for a moment.
            await self.advance(max(0, (min(due) - self.line.now()).total_seconds()) + A_MOMENT)
        if still_open:
            await self.advance((A_DAY_AND_MORE - FOLLOWED).total_seconds())
        self._look()

    def problems(self) -> list[str]:
        rows = self.bot.rows()
        return [p for case in self.cases for p in case.problems(self._posts(case), self._kept(case, rows))]

    async def heal(self) -> None:
        """Mend the connector, and have everybody install the app anew."""
        self.line.fault = None
        for case in self.cases:
            case.requester.service = ""
            await case.requester.install()
        await self.until_told()
        # Cards that could not be updated are tried again within a minute.
        await self.advance(61)
        await self.until_told()

    def violations(self, logs: str) -> list[str]:
        """Return what the checker finds, but for cards whose id the connector never gave: nobody finds them again."""
        told = [Acknowledged(c.number, "submit", c.requester.email) for c in self.cases]
        told += [Acknowledged(c.number, "return", c.fpm.email) for c in self.cases]
        lost = {c.requester.conversation for c in self.cases if c.row.pauses == ONCE_MORE}
        world = World(self.bot.rows, self.bot.teams, self.bot.mails(), told, self.tokens, lost, logs)
        without_id = [c.requester.email for c in self.cases if c.row.name in NO_ID]
        return [found for found in violations(world) if not any(email in found for email in without_id)]

    async def go_to_the_weekend(self) -> None:
        """Begin on a Saturday, so that nobody is reminded or given a brief while a day passes."""
        now = self.line.now()
        saturday = now.date() + timedelta(days=(SATURDAY - now.weekday()) % 7 or 7)
        await self.advance((datetime.combine(saturday, time(10), UTC) - now).total_seconds())

    async def until_told(self) -> None:
        """Move the clock on until nothing waits to be told."""
        while [row for name, row in self.bot.rows().items() if " notice:" in name and row["state"] in OPEN]:
            await self.advance(5)

    async def advance(self, seconds: float) -> None:
        # What is posted while the bot answers is posted by the moved clock.
        self.line.ahead += timedelta(seconds=seconds)
        await self.bot.advance(seconds)

    def _look(self) -> list[dict[str, Any]]:
        """Note what has come to its end by now, and return the notices that have not."""
        rows, still_open = self.bot.rows(), []
        for case in self.cases:
            kept = self._kept(case, rows)
            if kept["state"] in OPEN:
                still_open.append(kept)
            elif case.settled_after < 0:
                created = datetime.fromisoformat(kept["created_at"])
                case.settled_after = (self.line.now() - created).total_seconds()
        return still_open

    @staticmethod
    def _kept(case: Case, rows: dict[str, dict[str, Any]]) -> dict[str, Any]:
        return next(
            row for name, row in rows.items() if f" notice:{case.number}:" in name and row["topic"] == "returned"
        )

    def _posts(self, case: Case) -> list[Call]:
        return self.line.calls_to(case.requester.conversation)[case.posts_before :]

    def _fault(self, call: Call) -> Answer | None:
        case = self._by_chat.get(call.conversation)
        if case is None or not case.is_told or call.method != "POST":
            return None
        times = case.row.times
        return None if times is not None and len(self._posts(case)) > times else case.row.answer
