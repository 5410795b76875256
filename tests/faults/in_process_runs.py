"""One scenario with one fault: run, healed, drained, and compared with what was promised."""

import asyncio
import io
import logging
import pickle
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import zip_longest
from typing import Any

from bot.logs import JsonLines
from bot.settings import SAMPLE_HOME_TENANT
from bot.teams_bot import TeamsBot
from state.directory_files import read_files
from state.people import PeopleStore
from state.table import Store
from tests.faults.checker import World, violations
from tests.faults.in_process import MONDAY, Instance, Outside, TeamsInProcess
from tests.faults.in_process_people import Deed, do, form_of, is_told
from tests.faults.in_process_scenarios import Scenario
from tests.faults.in_process_scene import Scene
from tests.faults.io_azurite import on_azurite
from tests.faults.io_faults import Script
from tests.faults.io_loop import run_leaping
from tests.faults.io_memory import Copy, MemoryStore
from tests.teams import SAMPLE

Around = Callable[[Store], Store]


@dataclass(frozen=True)
class Prepared:
    """How everything stands before the deeds of a scenario."""

    scenario: Scenario
    rows: Copy
    chats: bytes
    mails: dict[str, Any]
    at: datetime


@dataclass
class Run:
    """What one run has come to; `inputs_and_outputs` names those in which a fault can be placed."""

    violations: list[str]
    inputs_and_outputs: list[str]
    world: World


def as_it_is(store: Store) -> Store:
    return store


@cache
def directory_rows() -> Copy:
    async def load() -> Copy:
        store = MemoryStore()
        await PeopleStore(store).load(read_files(SAMPLE, SAMPLE_HOME_TENANT))
        return store.copy()

    return run_leaping(load())


@cache
def prepared(scenario: Scenario, began: datetime = MONDAY) -> Prepared:
    directory = directory_rows()

    async def prepare() -> Prepared:
        store, teams = MemoryStore(directory), TeamsInProcess()
        outside = Outside(store, teams, began=began)
        teams.start(outside)
        await scenario.before(teams)
        await teams.pass_time(120)
        return Prepared(scenario, store.copy(), pickle.dumps(teams.chats), outside.mails, outside.now())

    with quiet_logs():
        return run_leaping(prepare())


@contextmanager
def quiet_logs() -> Iterator[io.StringIO]:
    """Keep what the bot logs, as it is written in a process of its own."""
    kept, log = io.StringIO(), logging.getLogger("bot")
    handler = logging.StreamHandler(kept)
    handler.setFormatter(JsonLines())
    level, log.propagate = log.level, False
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        yield kept
    finally:
        log.removeHandler(handler)
        log.setLevel(level)
        log.propagate = True


@asynccontextmanager
async def _scene(stand: Prepared, script: Script, around: Around, azurite: str) -> AsyncIterator[Scene]:
    """Set the scene, over Azurite where a connection string says so; at the end, nothing of it is left."""
    async with AsyncExitStack() as stack:
        mirrored = await stack.enter_async_context(on_azurite(azurite, stand.rows)) if azurite else None
        memory = mirrored.mirror if mirrored else MemoryStore(stand.rows)
        teams = TeamsInProcess(chats=pickle.loads(stand.chats))  # noqa: S301 - made by this process
        outside = Outside(mirrored or memory, teams, script, dict(stand.mails), stand.at, around=around)
        try:
            scene = Scene(outside, memory)
            yield scene
            scene.differences = await mirrored.differences() if mirrored else []
        finally:
            await teams.bury()


async def _ended(scene: Scene, reached: list[str], logs: io.StringIO) -> Run:
    """Heal everything and look at what it has come to; repeat everything long after, and look again."""
    await scene.heal()
    healed = violations(scene.world(logs.getvalue()))
    await scene.repeat()
    world = scene.world(logs.getvalue())
    return Run([*healed, *scene.in_vain(), *violations(world)], reached, world)


def run_scenario(
    scenario: Scenario, script: Script, around: Around = as_it_is, azurite: str = "", began: datetime = MONDAY
) -> Run:
    """Run a scenario once; what the script lets fail, fails."""
    stand = prepared(scenario, began)

    async def play(logs: io.StringIO) -> Run:
        async with _scene(stand, script, around, azurite) as scene:
            for deed in scenario.deeds(scene.teams):
                await do(scene.teams, deed, scene.record, scene.number)
            await scene.settle()
            run = await _ended(scene, script.done[:], logs)
        run.violations += scene.differences
        return run

    with quiet_logs() as logs:
        return run_leaping(play(logs))


async def _received(deed: Deed, activity: Mapping[str, Any], bot: TeamsBot, turns: int) -> tuple[int, Any]:
    for _ in range(turns):
        await asyncio.sleep(0)
    return await bot.receive(dict(activity), deed.person.tenant_id)


def run_race(
    scenario: Scenario,
    rivals: Callable[[TeamsInProcess], list[Deed]],
    around: Around = as_it_is,
    late: Sequence[int] = (),
) -> Run:
    """Deliver deeds at the same moment, each to an instance of its own; people repeat them afterwards.

    `late` says by how many turns of the event loop each is later, none where it says nothing.
    """
    stand = prepared(scenario)

    async def play(logs: io.StringIO) -> Run:
        async with _scene(stand, Script(), around, "") as scene:
            sent = [(deed, deed.make(), Instance(scene.outside).bot) for deed in rivals(scene.teams)]
            scene.record.attempted += filter(None, (form_of(activity) for _, activity, _ in sent))
            rivalry = zip_longest(sent, late[: len(sent)], fillvalue=0)
            answers = await asyncio.gather(*(_received(*each, turns) for each, turns in rivalry))
            for (deed, activity, _), answer in zip(sent, answers, strict=True):
                is_told(deed, activity, answer, scene.record, scene.number)
                scene.record.sent.append((deed, activity))
            await scene.settle()
            return await _ended(scene, [], logs)

    with quiet_logs() as logs:
        return run_leaping(play(logs))
