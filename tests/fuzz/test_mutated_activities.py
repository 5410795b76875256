"""Authenticated activities with anything in them: never a 5xx, never a row of the business, never an apology."""

import asyncio
import json
import os
import time
from collections import Counter, deque
from copy import deepcopy
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from bot.floods import SLOW_DOWN, TENANT_BUSY
from tests.fuzz.authentic import bases
from tests.fuzz.cases import Case, cases
from tests.fuzz.chats import Arrived
from tests.fuzz.microsoft import Microsoft
from tests.fuzz.production import JSON, Production
from tests.teams import Person

CASES = int(os.environ.get("FUZZ_CASES", "4000"))
SEED = int(os.environ.get("FUZZ_SEED", "0"))
AT_ONCE = 25
ALLOWED = {200, 201, 202, 400, 401, 403, 413}
APOLOGY = "Something went wrong"
FLOOD = (SLOW_DOWN, TENANT_BUSY)
MOST_GROWTH = 6.0
"""Megabytes that the bot may grow in the middle third of the run or in the last one."""
MOST_OPEN_FILES = 4 * AT_ONCE + 50
BUSINESS = ("requests", "views")
LONGEST_SIGNED = 4_000
"""Characters of a service URL whose token still fits into a header."""


class Fuzz:
    """Sends cases, each as somebody else, and looks at what the bot makes of them."""

    def __init__(self, bot: Production, microsoft: Microsoft, people: list[Person], numbers: list[str]) -> None:
        self.bot = bot
        self.microsoft = microsoft
        self.people = people
        self.bases = bases(numbers)
        self.rows = bot.rows(*BUSINESS)
        self.sent = self.answered = self.slowed = 0
        # A message may arrive behind the turn that it answers, so some more bodies are kept than those of one batch.
        self.bodies: deque[bytes] = deque(maxlen=40 * AT_ONCE)
        self.statuses: Counter[int] = Counter()
        self.memory: list[float] = []
        self.began = time.perf_counter()

    async def send(self, batch: list[Case]) -> None:
        """Send a batch at once, and check all that can be seen of it."""
        if not (faults := await self._faults(batch)):
            return
        culprits = [case for case in batch if await self._faults([case])]
        if not culprits:
            pytest.fail(f"with seed {SEED}, only all together: {faults}\n{batch}")
        smallest = await self._shrunk(culprits[0])
        again = await self._faults([smallest])
        pytest.fail(
            f"with seed {SEED}, {len(culprits)} of these: {faults}\n{smallest}\n{again}\n{shown(self.bodies[-1])}"
        )

    async def _shrunk(self, case: Case) -> Case:
        """Return the case without the changes that it does not take to fail."""
        for index in reversed(range(len(case.changes))):
            fewer = replace(case, changes=[*case.changes[:index], *case.changes[index + 1 :]])
            if await self._faults([fewer]):
                case = fewer
        return case

    async def _faults(self, batch: list[Case]) -> list[str]:
        """Send, and return what is wrong with the answers, the chats, the log or the store."""
        posts = [self._prepared(case) for case in batch]
        answers = await asyncio.gather(*(self.bot.post(*post) for post in posts))
        arrived = self.microsoft.chats.take()
        rows, self.rows = self.rows, self.bot.rows(*BUSINESS)
        self.statuses.update(answer.status for answer in answers)
        self.answered += len({call.conversation for call in arrived}) + sum(len(each.text) > 2 for each in answers)
        self.slowed += sum(any(words in each.words for words in FLOOD) for each in arrived)
        self.slowed += sum(any(words in each.text for words in FLOOD) for each in answers)
        self.memory.append(self.bot.memory())
        self.bodies += [body for body, _ in posts]
        faults = [str(each) for each in answers if each.status not in ALLOWED or APOLOGY in each.text]
        faults += [f"said {each}" for each in arrived if APOLOGY in each.words or self._is_astray(each)]
        faults += [f"called by mistake: {call}" for call in self.microsoft.foreign_calls]
        self.microsoft.foreign_calls = []
        faults += [f"wrote {place}" for place, _ in rows.items() ^ self.rows.items()]
        complaints, self.bot.complaints = self.bot.complaints, []
        return faults + complaints

    def _is_astray(self, call: Arrived) -> bool:
        """Say whether a call went to a chat that nobody has named, or with another token than the bot's own."""
        named = json.dumps(call.conversation)[1:-1].encode()
        is_named = any(named in body for body in reversed(self.bodies))
        return not is_named or not call.authorization.startswith("Bearer token-")

    def _prepared(self, case: Case) -> tuple[bytes, dict[str, str]]:
        person = self.people[self.sent % len(self.people)]
        self.sent += 1
        activity = deepcopy(self.bases[case.base % len(self.bases)](person))
        body = case.body(activity)
        named = activity.get("serviceUrl")
        is_signed = isinstance(named, str) and len(named) <= LONGEST_SIGNED
        token = self.microsoft.token(named if is_signed else person.service_url)
        return body, JSON | {"Authorization": f"Bearer {token}"} | case.headers

    def check_the_whole(self) -> None:
        """Check what only many cases show: they were mostly tried behind the gate, and left nothing in memory."""
        assert self.statuses[200] > self.sent / 4
        assert self.slowed < self.sent / 100
        third = len(self.memory) // 3
        growths = self.memory[2 * third] - self.memory[third], self.memory[-1] - self.memory[2 * third]
        assert min(growths) < MOST_GROWTH, "what leaks grows all the time; what is loaded late grows once"
        assert self.bot.open_files() < MOST_OPEN_FILES

    def figures(self) -> str:
        seconds = time.perf_counter() - self.began
        megabytes = ", ".join(f"{self.memory[len(self.memory) * tenth // 10]:.1f}" for tenth in range(10))
        return (
            f"fuzz: {self.sent:,} mutated activities in {seconds:.0f} s, {self.sent / seconds:.0f}/s; "
            f"{dict(sorted(self.statuses.items()))}, {self.answered:,} answered in words, {self.slowed:,} slowed down; "
            f"memory at each tenth {megabytes}, {self.memory[-1]:.1f} MB; "
            f"{self.bot.open_files()} open files"
        )


def shown(body: bytes) -> str:
    """Return a body short enough to read."""
    text = repr(body)
    return text if len(text) < 3_000 else f"{text[:2_000]} ... {text[-1_000:]} ({len(body):,} bytes)"


@pytest.fixture
async def fuzz(start, numbers, people, microsoft, figures):
    async with start() as bot:
        running = Fuzz(bot, microsoft, people, numbers)
        yield running
        figures.append(running.figures())
        running.check_the_whole()


@settings(
    max_examples=CASES // AT_ONCE,
    database=None,
    # A case is shrunk by hand, each attempt with another person, as a chat remembers what was said before.
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@seed(SEED)
@given(batch=st.lists(cases, min_size=AT_ONCE, max_size=AT_ONCE))
async def test_a_mutated_activity_is_refused_or_answered_and_changes_no_request(fuzz, batch):
    await fuzz.send(batch)
