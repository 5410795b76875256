"""The connector's failures before a bot in this process, on a clock that leaps: at any rate, and for ten minutes."""

import asyncio
import io
import pickle
import random
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
from aiohttp import web
from aiohttp.client_reqrep import ConnectionKey

from tests.faults.checker import violations
from tests.faults.in_process import Outside, TeamsInProcess
from tests.faults.in_process_people import do
from tests.faults.in_process_runs import Prepared, prepared, quiet_logs
from tests.faults.in_process_scenarios import Scenario
from tests.faults.in_process_scene import Scene
from tests.faults.io_faults import Script
from tests.faults.io_loop import run_leaping
from tests.faults.io_memory import MemoryStore
from tests.stories.connector import Call, error, new_ids
from tests.stories.shown_card import Message

OUTAGE = 600.0
DELIVERED_WITHIN = 300.0
LONGEST_CONNECTOR_WAIT = 10.0
BETWEEN_TURNS = 30.0
_PLACE = ConnectionKey(
    "smba.trafficmanager.net", 443, is_ssl=True, ssl=True, proxy=None, proxy_auth=None, proxy_headers_hash=None
)

Failure = Callable[[TeamsInProcess, Call], Awaitable[web.Response]]


def refusing(status: int, code: str = "", retry_after: int | None = None) -> Failure:
    async def fail(_teams: TeamsInProcess, _call: Call) -> web.Response:
        answer = error(status, code or f"Status{status}")
        if retry_after is not None:
            answer.headers["Retry-After"] = str(retry_after)
        return answer

    return fail


def taking_then(failure: Failure) -> Failure:
    """Take the call, and fail all the same."""

    async def fail(teams: TeamsInProcess, call: Call) -> web.Response:
        chat = teams.chats.get(call.conversation)
        if chat is not None and call.method == "POST":
            chat.append(Message.of(str(next(new_ids)), call.body))
        return await failure(teams, call)

    return fail


async def polling(teams: TeamsInProcess, seconds: float) -> None:
    """Let time pass for a bot that polls for due work as it does in a process of its own."""
    task = asyncio.ensure_future(teams.instance.worker.run())
    await asyncio.sleep(seconds)
    task.cancel()
    await asyncio.wait({task})


async def no_connection(_teams: TeamsInProcess, _call: Call) -> web.Response:
    raise aiohttp.ConnectionTimeoutError


async def no_such_host(_teams: TeamsInProcess, _call: Call) -> web.Response:
    raise aiohttp.ClientConnectorDNSError(_PLACE, OSError("Name or service not known"))


async def no_tls(_teams: TeamsInProcess, _call: Call) -> web.Response:
    raise aiohttp.ClientConnectorSSLError(_PLACE, ssl.SSLError("wrong version number"))


async def reset(_teams: TeamsInProcess, _call: Call) -> web.Response:
    raise aiohttp.ServerDisconnectedError


async def hang(_teams: TeamsInProcess, _call: Call) -> web.Response:
    await asyncio.sleep(LONGEST_CONNECTOR_WAIT)
    raise TimeoutError


NOT_EXECUTED: Mapping[str, Failure] = {
    "no connection": no_connection,
    "no such host": no_such_host,
    "no TLS": no_tls,
    "429": refusing(429),
    "429 for 90 s": refusing(429, retry_after=90),
    "412": refusing(412),
    "503": refusing(503),
    "503 for 40 s": refusing(503, retry_after=40),
    "401": refusing(401),
}
AMBIGUOUS: Mapping[str, Failure] = {
    "500": refusing(500),
    "502": refusing(502),
    "504": refusing(504),
    "502 after taking it": taking_then(refusing(502)),
    "reset": reset,
    "reset after taking it": taking_then(reset),
    "hang": hang,
}
FINAL: Mapping[str, Failure] = {
    "400": refusing(400, "BadSyntax"),
    "413": refusing(413, "MessageSizeTooBig"),
    "403": refusing(403, "MessageWritesBlocked"),
    "404": refusing(404, "ConversationNotFound"),
    "302": refusing(302),
}
WORDS_ONLY = frozenset({"400", "413", "302"})
"""Failures after which a card has come as words, so that nobody can press on it."""
FAILURES = {**NOT_EXECUTED, **AMBIGUOUS, **FINAL}


@dataclass(frozen=True)
class Crossing:
    """One failure at one rate in one scenario."""

    scenario: Scenario
    failure: str
    rate: float
    seed: int


@asynccontextmanager
async def _scene(stand: Prepared) -> AsyncIterator[Scene]:
    memory = MemoryStore(stand.rows)
    teams = TeamsInProcess(chats=pickle.loads(stand.chats))  # noqa: S301 - made by this process
    try:
        yield Scene(Outside(memory, teams, Script(), dict(stand.mails), stand.at), memory)
    finally:
        await teams.bury()


def crossed(crossing: Crossing) -> list[str]:
    """Run the first deed while the connector fails for ten minutes, the others healed; return what does not hold."""
    stand = prepared(crossing.scenario)
    with quiet_logs() as logs:
        return run_leaping(_crossed(crossing, stand, logs))


async def _crossed(crossing: Crossing, stand: Prepared, logs: io.StringIO) -> list[str]:
    chosen = random.Random(f"{crossing.seed} {crossing.failure}")  # noqa: S311 - a repeatable choice
    async with _scene(stand) as scene:
        first, *others = crossing.scenario.deeds(scene.teams)

        async def fault(call: Call) -> web.Response | None:
            if chosen.random() >= crossing.rate or (crossing.failure in FINAL and call.method != "POST"):
                return None
            if crossing.failure in AMBIGUOUS:
                scene.ambiguous.add(call.conversation)
            return await FAILURES[crossing.failure](scene.teams, call)

        with scene.teams.failing(fault):
            await do(scene.teams, first, scene.record, scene.number)
            await polling(scene.teams, OUTAGE)
        # Who was shown nothing all the while does it once more, and who was out of reach comes back.
        scene.record.given_up.clear()
        for person in [p for p in scene.teams.people.values() if p.chat]:
            await person.install()
        for deed in [first] if crossing.failure in WORDS_ONLY else [first, *others]:
            await do(scene.teams, deed, scene.record, scene.number)
        await scene.heal()
        await scene.repeat()
        return [*scene.in_vain(), *violations(scene.world(logs.getvalue()))]


@dataclass(frozen=True)
class Outage:
    """What was seen of ten minutes without a connector and the five minutes after."""

    slowest_turn: float
    slowest_press: float
    ends: list[str]


def outage(scenario: Scenario, failure: Failure) -> Outage:
    """Let every call fail for ten minutes in which people talk and press; seconds are those of the bot's clock."""
    stand = prepared(scenario)
    with quiet_logs():
        return run_leaping(_outage(stand, failure))


async def _outage(stand: Prepared, failure: Failure) -> Outage:
    async with _scene(stand) as scene:
        dana, lee = scene.teams.person("Dana Reyes"), scene.teams.person("Lee Park")
        decision = next(message for message in lee.chat if message.button("approve"))
        presses, turns = [], []
        with scene.teams.failing(lambda call: failure(scene.teams, call)):
            for _ in range(int(OUTAGE / BETWEEN_TURNS)):
                presses.append(await _seconds(scene.teams, lee.press_of(decision, "approve")))
                turns.append(await _seconds(scene.teams, dana.activity(text=f"status {scene.number()}")))
                await polling(scene.teams, BETWEEN_TURNS)
        await polling(scene.teams, DELIVERED_WITHIN)
        rows = scene.memory.rows("requests").items()
        ends = [f"{row['topic']} to {row['recipient']} is {row['state']}" for key, row in rows if "notice:" in key]
        return Outage(max(turns), max(presses), ends)


async def _seconds(teams: TeamsInProcess, activity: Mapping[str, object]) -> float:
    loop = asyncio.get_running_loop()
    began = loop.time()
    answer = await teams.asked(activity)
    assert answer, "it was not answered in time"
    assert answer[0] == 200, answer
    return loop.time() - began
