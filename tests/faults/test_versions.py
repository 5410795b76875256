"""F14: the version before and the present one serve the same people from one store; each reads what the other wrote."""

import asyncio
import io
import shutil
import signal
import subprocess
import sys
import tarfile
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from state.records import SCHEMA
from tests.faults import processes_people
from tests.faults.processes import Front, fleet
from tests.faults.processes_instance import PRESENT
from tests.faults.processes_people import SMES, Crowd, crowd_of
from tests.faults.processes_runs import figures_of
from tests.faults.processes_story import Story, customer, deeds_of, requests_of
from tests.stories.journey import accepted, fill_in, submitted
from tests.stories.running_bot import Bot, running_bot
from tests.teams import Person

VERSION_BEFORE = "aa1003916ad1ef5ab72a83f5d4abc08c7bda1d92"
"""The commit that the present version has to get on with; each release moves it."""

PROGRAM = ("app.py", "bot", "state")
LIVES = (("deny",), ("withdraw",), ("return", "resubmit", "approve"), ("approve", "assign", "accept"))
BECOMES = {"deny": "denied", "withdraw": "withdrawn", "approve": "approved", "accept": "assigned"}
INPUTS = {
    "deny": {"deny_reason": "out_of_scope"},
    "return": {"return_fields": ["seat_count"], "return_note": "Please look at the seats again."},
}
ROLLED = (0, 1, 0, 1)
"""Which of the two instances changes its version before each phase but the first: forward twice, then back twice."""

LEFT_BEHIND = ("I8: the list returned still has ", "I8: the list busy ", "I8: the list engaged:")
"""The version before does not know these lists, and leaves them as they are: they are made anew after it."""
LOOKED_AT_AGAIN = 35
MONDAY, TUESDAY = 0, 1
HOUR = 3_600
SINCE = frozenset(
    {"triage_due", "slipped", "last_deed", "listed", "contacted_at", "reply_due", "contact_due"}
    | {"stage", "to_agree", "proposed_by", "agreed", "end_announced", "agreed_end", "told_at", "trace"}
)
"""Columns that rows of the version before do not have: no clocks, no kick-offs; it takes them off what it changes."""
WITH_SCHEMA = ("requests", "work", "views")


@pytest.fixture(scope="module")
def version_before(tmp_path_factory):
    """Unpack the version before from the history; give its program."""
    git = shutil.which("git")
    if git is None:
        pytest.skip("the version before is taken from the history, and there is no git here")
    command = [git, "archive", "--format=tar", VERSION_BEFORE, *PROGRAM]
    packed = subprocess.run(command, cwd=PRESENT.parent, capture_output=True, check=False)  # noqa: S603 - git alone
    if packed.returncode:
        pytest.skip(f"the version before is not in the history here: {packed.stderr.decode().strip()}")
    folder = tmp_path_factory.mktemp("version-before")
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as files:
        files.extractall(folder, filter="data")
    return folder / "app.py"


@dataclass
class Request:
    """A request that is submitted in some phase, and what is done about it then, at both instances in turn.

    One that waits is decided in the phase after. `token` is its form's, `by` the version that changed it last.
    """

    number: int
    deeds: tuple[str, ...]
    begins: int
    first: int
    waits: bool
    token: str = ""
    by: Path | None = None

    def due(self, phase: int) -> list[tuple[str, int]]:
        """Return what is done about it in a phase, each with the instance at which."""
        return [
            (deed, (self.first + at) % 2)
            for at, deed in enumerate(("submit", *self.deeds))
            if min(self.begins + (at + self.waits) // 2, len(ROLLED)) == phase
        ]


def requests() -> list[Request]:
    ways = [(deeds, begins, first) for begins in range(len(ROLLED)) for first in (0, 1) for deeds in LIVES]
    return [Request(number, *way, waits=bool(way[-1])) for number, way in enumerate(ways)]


@dataclass
class Office:
    """Does each deed at the instance that is named; `crossed` says which version did it after which other."""

    story: Story
    crowd: Crowd
    smes: list[Person]
    crossed: dict[str, set[tuple[Path | None, Path]]] = field(default_factory=lambda: defaultdict(set))

    async def do(self, deed: str, request: Request, at: int) -> None:
        front, requester = self.story.front, self.crowd.submitter(request.number)
        here, elsewhere = front.instances[at], front.instances[1 - at]

        async def from_page_to_page(person: Person, activity: Mapping[str, Any]) -> None:
            is_last = activity.get("value", {}).get("verb") == "submit"
            front.first = elsewhere if front.first is here and not is_last else here
            await person.deliver(activity)

        front.first = here
        match deed:
            case "submit":
                request.token = await self.story.submitted(requester, from_page_to_page, **customer(request.number))
            case "resubmit":
                await requester.press("fix")
                front.first = elsewhere
                review = await fill_in(requester, seat_count="6,500")
                front.first = here
                await requester.press("submit", on=review)
            case _:
                await self._press(deed, request)
        self.crossed[deed].add((request.by, here.program))
        request.by = here.program

    async def _press(self, verb: str, request: Request) -> None:
        number = self.row_of(request)["number"]
        requester, sme = self.crowd.submitter(request.number), self.smes[request.number % len(self.smes)]
        assigner = self.crowd.assigners[request.number % len(self.crowd.assigners)]
        others = {"withdraw": requester, "assign": assigner, "accept": sme}
        actor = others.get(verb) or self.crowd.fpm_of(requester)
        inputs = {**INPUTS, "assign": {"sme_other": sme.email}}.get(verb, {})
        card = await actor.card_with(verb, data={"request": number})
        await self.story.press(actor, actor.press_of(card, verb, **inputs))

    def row_of(self, request: Request) -> dict[str, Any]:
        return requests_of(self.story)[request.token]

    async def roll(self, instance: int, program: Path, number: int) -> None:
        """Change the version of an instance while somebody asks for an SME."""
        front = self.story.front
        front.instances[instance].program, front.first = program, None
        front.end(instance, signal.SIGTERM)
        await self.story.submitted(self.crowd.submitter(number), **customer(number))
        await front.all_up()


async def smes_of(front: Front) -> list[Person]:
    people = [processes_people._met(front, processes_people._at_home("sme", n)) for n in range(SMES)]
    for person in people:
        await person.install()
    return people


async def lists_made_anew(front: Front) -> None:
    """Type the command of the present version, while its instances run."""
    command = (sys.executable, str(PRESENT), "rebuild-views")
    made = await asyncio.create_subprocess_exec(
        *command, env=front.instances[0].environment, stdout=asyncio.subprocess.DEVNULL
    )
    assert await made.wait() == 0


def without_schema(bot: Bot) -> list[str]:
    """Return the rows that do not say by a number of which schema they are; it may be an older one."""
    rows = [(table, place, row) for table in WITH_SCHEMA for place, row in bot.rows(table).items()]
    return [f"{place} of {table}" for table, place, row in rows if row.get("schema") not in range(1, SCHEMA + 1)]


async def test_two_versions_serve_one_store_while_it_is_rolled_forward_and_back(version_before, tmp_path, say):
    planned = requests()
    async with fleet(tmp_path / "0", program=version_before) as bot:
        front, story = bot.teams, Story(bot, SINCE)
        # No promise comes due on the way: the version before cannot read what the clock does.
        await story.go_to(MONDAY, 10)
        office = Office(story, await crowd_of(front), await smes_of(front))
        for phase in range(len(ROLLED) + 1):
            if phase:
                program = PRESENT if phase <= len(ROLLED) // 2 else version_before
                await office.roll(ROLLED[phase - 1], program, len(planned) + phase)
            for request in planned:
                for deed, at in request.due(phase):
                    await office.do(deed, request, at)
            await front.advance(LOOKED_AT_AGAIN)
        found = [fault for fault in await story.violations() if not fault.startswith(LEFT_BEHIND)]
        say(f"F14 versions: {figures_of(story)}")

        assert not found, "\n".join(found)
        assert not without_schema(bot)
        assert not story.overtaken
        become = {(request.deeds[-1], office.row_of(request)["status"]) for request in planned}
        assert become == set(BECOMES.items())

        # Rolled forward for good, with the lists made anew beside the instances, nothing at all is left behind.
        for instance in (0, 1):
            await office.roll(instance, PRESENT, len(planned) + len(ROLLED) + 1 + instance)
        await lists_made_anew(front)
        found = await story.violations()
        assert not found, "\n".join(found)
    both_ways = {(version_before, PRESENT), (PRESENT, version_before)}
    assert {deed for life in LIVES for deed in life} == {d for d, found in office.crossed.items() if both_ways <= found}


def told_of(person: Person, number: str, words: str) -> list[str]:
    return [m.summary for m in person.chat if number in m.words and words in m.words]


async def test_the_clocks_of_requests_from_the_version_before_are_kept_from_the_start(version_before, tmp_path):
    """One of them is late already when this version starts, one becomes so; nobody touches either."""
    async with fleet(tmp_path / "0", instances=1, program=version_before) as bot:
        front, story = bot.teams, Story(bot, SINCE)
        crowd = await crowd_of(front)
        await story.go_to(MONDAY, 10)
        tokens = [await story.submitted(crowd.submitter(0), **customer(0))]
        await story.go_to(TUESDAY, 11)
        tokens.append(await story.submitted(crowd.submitter(1), **customer(1)))
        await front.advance(LOOKED_AT_AGAIN)
        late, early = (requests_of(story)[token]["number"] for token in tokens)
        front.instances[0].program = PRESENT
        front.end(0, signal.SIGTERM)
        await front.all_up()

        await front.advance(HOUR)
        # The look that was planned for each of them follows.
        await front.advance(LOOKED_AT_AGAIN)
        assert deeds_of(story, of_the_clock=True) == {late: ["submit", "ask_backup"], early: ["submit"]}
        assert len(told_of(crowd.fpms[1], late, "Approve")) == 1
        assert not told_of(crowd.fpms[1], early, "Reminder")
        await front.advance(3 * HOUR)
        assert len(told_of(crowd.fpms[1], early, "Reminder")) == 1
        await front.advance(20 * HOUR)
        assert deeds_of(story, of_the_clock=True) == {number: ["submit", "ask_backup"] for number in (late, early)}
        assert len(told_of(crowd.fpms[2], early, "Approve")) == 1
        assert len(told_of(crowd.fpms[0], late, "Reminder")) == 1
        found = await story.violations()
        assert not found, "\n".join(found)


async def test_each_row_says_of_which_schema_it_is(tmp_path):
    async with running_bot(tmp_path) as bot:
        joshua, dana, lee, ana, kofi = await bot.people(
            "Joshua Whitfield", "Dana Reyes", "Lee Park", "Ana Souza", "Kofi Mensah"
        )
        await accepted(dana, lee, ana, kofi)
        # The FPM of this one has not installed the app, and is waited for.
        await submitted(joshua)

        assert not without_schema(bot)
        kinds = {place.split()[1].split(":")[0] for place in bot.rows("requests")}
        assert kinds >= {"request", "event", "op", "notice", "engagement", "open", "topic"}
        assert bot.rows("work")
        lists = {place.split()[0].split(":")[0] for place in bot.rows("views")}
        assert lists >= {"partner", "inbox", "assigner", "sme", "waiting"}
