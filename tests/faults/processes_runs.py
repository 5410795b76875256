"""Runs of a case by seed; the steps of a run that fails are dropped while what is left still fails."""

import itertools
import os
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import pytest

from tests.faults.processes import fleet
from tests.faults.processes_people import Crowd, crowd_of
from tests.faults.processes_story import Story

FIRST_SEED = int(os.environ.get("FAULT_SEED", "1"))
SEEDS = int(os.environ.get("FAULT_SEEDS", "1"))
MOST_TRIES = 12
MOST_SHOWN = 20

Plan = Callable[[random.Random], list]
CarryOut = Callable[[Story, Crowd, Sequence], Awaitable[list[str]]]


async def prove(folder: Path, config: pytest.Config, plan: Plan, carry_out: CarryOut, what: str) -> None:
    """Carry out what each seed plans, each on a store of its own, and fail with the smallest steps that fail."""
    folders = (folder / str(number) for number in itertools.count())

    async def faults_of(steps: Sequence) -> list[str]:
        async with fleet(next(folders), seed) as bot:
            story = Story(bot)
            found = await carry_out(story, await crowd_of(bot.teams), steps)
            found += await story.violations()
            told.append(figures_of(story))
            return found

    told: list[str] = []
    for seed in range(FIRST_SEED, FIRST_SEED + SEEDS):
        began = time.perf_counter()
        steps = plan(random.Random(seed))  # noqa: S311 - reproducible, hides nothing
        if found := await faults_of(steps):
            tell(config, f"{what}, seed {seed}: {len(found)} violations; looking for fewer steps\n{found[0]}")
            await _fail(f"{what}, seed {seed}", steps, found, faults_of)
        tell(config, f"{what}, seed {seed}: {told[-1]}, {time.perf_counter() - began:.0f} s")


def figures_of(story: Story) -> str:
    """Return in words what was done."""
    front = story.front
    figures = {
        "deliveries": front.deliveries,
        "of them again": front.redelivered,
        "submissions": len(story.attempted),
        "presses done": len(story.decided),
        "presses overtaken": len(story.overtaken),
        "instances ended": front.ended,
        "calls of the bot": front.called,
    }
    return ", ".join(f"{count:,} {what}" for what, count in figures.items() if count)


def tell(config: pytest.Config, line: str) -> None:
    """Print a line at once, whatever is captured."""
    plugins = config.pluginmanager
    with plugins.get_plugin("capturemanager").global_and_fixture_disabled():
        plugins.get_plugin("terminalreporter").write_line(f"\n{line}")


async def _fail(
    what: str, steps: Sequence, found: list[str], faults_of: Callable[[Sequence], Awaitable[list[str]]]
) -> None:
    """Drop halves, quarters, ... of the steps while the rest still fails, and tell what is left."""
    smallest, size, tries = list(steps), len(steps) // 2, 0
    while size and tries < MOST_TRIES:
        for start in range(0, len(smallest), size):
            rest = smallest[:start] + smallest[start + size :]
            tries += 1
            if rest and (fewer := await faults_of(rest)):
                smallest, found = rest, fewer
                break
            if tries == MOST_TRIES:
                break
        else:
            size //= 2
    told = "\n".join([*found[:MOST_SHOWN], *map(str, smallest)])
    pytest.fail(f"{what}: {len(found)} violations, and the smallest steps found that lead to some:\n{told}")
