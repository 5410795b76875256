"""What the clock does is done once: also when it goes back, and while instances end and begin again."""

import asyncio
import os
import random
import signal
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import NamedTuple

import pytest

from tests.faults.in_process_clock import HOUR, differences, going_back
from tests.faults.in_process_runs import run_scenario
from tests.faults.io_faults import Script
from tests.faults.kept import Kept
from tests.faults.processes import Front, Gone
from tests.faults.processes_pace import at_most
from tests.faults.processes_people import PARTNERS, Crowd
from tests.faults.processes_runs import prove
from tests.faults.processes_story import Story, customer, deeds_of

FPMS = int(os.environ.get("CLOCK_FPMS", "6"))
AT_ONCE = 8
MONDAY = 0
PASSING = (4.1, 19, 1.1, 72, 24)
"""Hours: half of the first look, a morning, all of the first look, four fifths of the decision, and all of it."""
WHOSE = ((0,), (1,), (0, 1))
LONGEST_PAUSE = 0.3
DONE_AGAIN_AFTER = (61, 91)


@pytest.mark.parametrize("seconds", [1, 90, HOUR, 5 * HOUR, 26 * HOUR])
def test_nothing_is_told_twice_by_a_clock_that_goes_back(seconds):
    run = run_scenario(going_back(seconds), Script())
    # Whom the going back had looked at earlier may be given their brief earlier, and not twice: that is a violation.
    assert not [*run.violations, *differences(run.world, ["reminder"])]


class End(NamedTuple):
    """An instance ends so many seconds after such a stretch of time has begun to pass."""

    stretch: int
    seconds: float
    instance: int
    by: signal.Signals


def plan(chance: random.Random) -> list[End]:
    ways = (signal.SIGKILL, signal.SIGTERM)
    return [
        End(stretch, chance.uniform(0, LONGEST_PAUSE), instance, chance.choice(ways))
        for stretch in range(len(PASSING))
        for instance in chance.choice(WHOSE)
    ]


async def carry_out(story: Story, crowd: Crowd, ends: Sequence[End]) -> list[str]:
    front = story.front
    await story.go_to(MONDAY, 10)
    numbers = [partner + of * PARTNERS for partner in range(FPMS) for of in range(2)]
    await at_most(AT_ONCE, [lambda n=n: story.submitted(crowd.submitter(n), **customer(n)) for n in numbers])
    for stretch, hours in enumerate(PASSING):
        # What is under way would be halted for hours, and taken for broken off.
        await front.settle()
        until = story.now + timedelta(hours=hours)
        planned = [end(front, each) for each in ends if each.stretch == stretch]
        await asyncio.gather(move(front, story, until), *planned)
        await front.all_up()
        for seconds in DONE_AGAIN_AFTER:
            await front.advance(seconds)
    return [*_histories(story), *_reminders(story, crowd)]


async def end(front: Front, planned: End) -> None:
    """End an instance while the others are at work."""
    await asyncio.sleep(planned.seconds)
    front.end(planned.instance, planned.by)


async def move(front: Front, story: Story, until: datetime) -> None:
    """Move the clock, and have done what is due by then, at whatever instance is up."""
    while True:
        left, instance = (until - story.now).total_seconds(), await front._any_up()
        with suppress(*Gone):
            status, _ = await front.call("POST", "/local/clock", {"advance_seconds": max(0.0, left)}, at=instance.url)
            if status == 200:
                return


def _histories(story: Story) -> list[str]:
    wanted = ["submit", "ask_backup", "escalate"]
    return [f"{n} went through {d}" for n, d in deeds_of(story, of_the_clock=True).items() if d != wanted]


def _reminders(story: Story, crowd: Crowd) -> list[str]:
    """Compare the words given: three reminders for each FPM, and one for who is a backup alone."""
    words = Counter((word.recipient, word.topic.value) for word in Kept(story.bot.rows).words)
    reminders = {fpm.email: words[fpm.email, "reminder"] for fpm in crowd.fpms[: FPMS + 1]}
    wanted = {fpm.email: 3 for fpm in crowd.fpms[:FPMS]} | {crowd.fpms[FPMS].email: 1}
    return [] if reminders == wanted else [f"the reminders are {reminders}"]


async def test_promises_come_due_while_instances_end_and_begin_again(tmp_path, pytestconfig):
    await prove(tmp_path, pytestconfig, plan, carry_out, "F18 clocks")
