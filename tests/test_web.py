"""The HTTP routes: what is answered to Teams, to a monitor, and to whoever moves the clock of local mode."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from aiohttp.test_utils import TestClient, TestServer

from bot.channel.body import LARGEST_BODY
from bot.channel.gate import Gate
from bot.clock import LocalClock, MovableClock
from bot.web import FURTHEST_ADVANCE, READ_SECONDS, Web
from tests.channel.local_framework import payload

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
JSON = {"Content-Type": "application/json"}


class Bot:
    """Answers every activity alike, and may be held up."""

    def __init__(self):
        self.answer = (200, None)
        self.received = []
        self.finished = 0
        self.begun = asyncio.Event()
        self.released = asyncio.Event()
        self.released.set()

    async def receive(self, data, tenant_id):
        self.received.append((data["id"], tenant_id))
        self.begun.set()
        await self.released.wait()
        self.finished += 1
        return self.answer


class Health:
    """Reports what it is told."""

    status = "ok"

    async def report(self):
        return {"status": self.status, "version": "0.1.0"}


class Offsets:
    """Where all instances keep how far the clock was moved."""

    def __init__(self):
        self.seconds = 0.0
        self.loads = 0
        self.loaded = asyncio.Event()

    async def load(self):
        self.loads += 1
        self.loaded.set()
        return self.seconds

    async def advance(self, seconds):
        self.seconds += seconds
        return self.seconds


class Site:
    """The routes over small stand-ins; `work_at` keeps the times at which due work was done."""

    def __init__(self, *, local=True, read_seconds=READ_SECONDS):
        self.bot, self.health, self.offsets = Bot(), Health(), Offsets()
        self.clock = MovableClock(lambda: NOON)
        self.work_at = []
        self.gate = Gate(production=False, app_id="", issuer="", service_hosts=frozenset(), keys=None, now=self.clock)
        self.local_clock = LocalClock(self.clock, self.offsets, self.do_due_work)
        self.web = Web(self.gate, self.bot, self.health, self.local_clock if local else None, read_seconds=read_seconds)

    async def do_due_work(self):
        self.work_at.append(self.clock())


@pytest.fixture
def site():
    return Site()


@pytest.fixture
async def client(site):
    async with TestClient(TestServer(site.web.application())) as client:
        yield client


def activity(**changes):
    return payload("message") | {"serviceUrl": "http://127.0.0.1:9/"} | changes


async def test_an_activity_is_given_to_the_bot_with_its_tenant(site, client):
    sent = activity()
    answer = await client.post("/api/messages", json=sent)
    assert (answer.status, await answer.read()) == (200, b"")
    assert site.bot.received == [(sent["id"], sent["channelData"]["tenant"]["id"])]


async def test_what_the_bot_answers_is_the_body(site, client):
    site.bot.answer = (202, {"statusCode": 200, "value": "ż"})
    answer = await client.post("/api/messages", json=activity())
    assert (answer.status, await answer.json()) == (202, {"statusCode": 200, "value": "ż"})


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"", JSON, 400),
        (b"{", JSON, 400),
        (b"[]", JSON, 400),
        (b"\xff\xfe", JSON, 400),
        (b"[" * 50_000, JSON, 400),
        (json.dumps(activity()).encode(), {"Content-Type": "text/plain"}, 400),
        (json.dumps(activity(serviceUrl="https://evil.example/")).encode(), JSON, 403),
        (json.dumps(activity(channelId="webchat")).encode(), JSON, 403),
        (json.dumps(activity(text="x" * LARGEST_BODY)).encode(), JSON, 413),
        (b" " * LARGEST_BODY + b"{", JSON, 413),
        (b" " * (2 * LARGEST_BODY), JSON, 413),
    ],
)
async def test_what_the_gate_refuses_does_not_reach_the_bot(site, client, body, headers, status):
    answer = await client.post("/api/messages", data=body, headers=headers)
    assert (answer.status, await answer.read(), site.bot.received) == (status, b"", [])


@pytest.mark.parametrize("route", ["/api/messages", "/local/clock"])
async def test_a_body_that_cannot_be_unpacked_is_malformed(site, client, route):
    answer = await client.post(route, data=b"no gzip", headers={**JSON, "Content-Encoding": "gzip"})
    assert (answer.status, site.bot.received, site.work_at) == (400, [], [])


async def test_an_endless_body_is_cut_off(site, client):
    async def endless():
        for _ in range(64):
            yield b" " * 65_536

    try:
        answer = await client.post("/api/messages", data=endless(), headers=JSON)
        assert answer.status == 413
    except aiohttp.ClientConnectionError:
        pass
    assert site.bot.received == []


async def test_a_body_that_never_ends_is_not_waited_for():
    async def hanging():
        yield b"{"
        await asyncio.Event().wait()

    site = Site(read_seconds=0.05)
    async with TestClient(TestServer(site.web.application())) as client:
        try:
            answer = await client.post("/api/messages", data=hanging(), headers=JSON)
            assert answer.status == 400
        except aiohttp.ClientConnectionError:
            pass
        assert site.bot.received == []
        assert (await client.post("/api/messages", json=activity())).status == 200


async def test_activities_are_only_posted(client):
    assert (await client.get("/api/messages")).status == 405


async def test_a_caller_that_hangs_up_does_not_break_a_turn_off(site, client):
    site.bot.released.clear()
    asking = asyncio.create_task(client.post("/api/messages", json=activity()))
    await site.bot.begun.wait()
    asking.cancel()
    await asyncio.wait([asking])
    site.bot.released.set()
    await site.web.drain()
    assert site.bot.finished == 1


async def test_an_instance_that_is_leaving_says_so_and_still_takes_what_comes(site, client):
    site.web.leave()
    report = await client.get("/health")
    assert (report.status, (await report.json())["status"]) == (503, "draining")
    assert (await client.post("/api/messages", json=activity())).status == 200


async def test_draining_waits_for_turns_and_takes_no_more(site, client):
    site.bot.released.clear()
    asking = asyncio.create_task(client.post("/api/messages", json=activity()))
    await site.bot.begun.wait()
    draining = asyncio.create_task(site.web.drain())
    report = await client.get("/health")
    assert (report.status, (await report.json())["status"]) == (503, "draining")
    assert (await client.post("/api/messages", json=activity())).status == 503
    assert not draining.done()
    site.bot.released.set()
    await draining
    assert (await asking).status == 200
    assert site.bot.finished == 1


async def test_an_activity_whose_body_comes_late_is_not_begun_while_draining(site, client):
    halves, sent = asyncio.Event(), asyncio.Event()
    body = json.dumps(activity()).encode()

    async def slow_body():
        yield body[:10]
        sent.set()
        await halves.wait()
        yield body[10:]

    asking = asyncio.create_task(client.post("/api/messages", data=slow_body(), headers=JSON))
    await sent.wait()
    # Answered on another connection after the first half was sent, so that the request is under way by now.
    assert (await client.get("/health")).status == 200
    await site.web.drain()
    halves.set()
    assert (await asking).status == 503
    assert site.bot.received == []


async def test_an_activity_whose_caller_is_still_being_looked_up_is_not_begun_while_draining(site):
    class SlowKeys:
        """A gate that waits for signing keys."""

        asked, found = asyncio.Event(), asyncio.Event()

        async def authenticate(self, authorization):
            self.asked.set()
            await self.found.wait()
            return await site.gate.authenticate(authorization)

        def admit(self, *args):
            return site.gate.admit(*args)

    gate = SlowKeys()
    late = Web(gate, site.bot, site.health, None)
    async with TestClient(TestServer(late.application())) as client:
        asking = asyncio.create_task(client.post("/api/messages", json=activity()))
        await gate.asked.wait()
        await late.drain()
        gate.found.set()
        assert (await asking).status == 503
    assert site.bot.received == []


async def test_an_activity_for_which_even_the_apology_fails_is_logged_and_no_error_to_the_caller(site, client, caplog):
    async def fails(_data, _tenant_id):
        raise ConnectionError("the apology cannot be posted")

    site.bot.receive = fails
    answer = await client.post("/api/messages", json=activity())
    assert (answer.status, await answer.read()) == (200, b"")
    assert "an activity was lost" in caplog.text
    assert "the apology cannot be posted" in caplog.text


async def test_draining_with_nothing_under_way_ends_at_once(site):
    await site.web.drain()


@pytest.mark.parametrize(("status", "code"), [("ok", 200), ("degraded", 200), ("down", 503)])
async def test_the_health_report_has_a_code_for_monitors(site, client, status, code):
    site.health.status = status
    answer = await client.get("/health")
    assert (answer.status, await answer.json()) == (code, {"status": status, "version": "0.1.0"})


async def test_the_clock_is_moved_ten_years_at_most_in_all(site, client):
    for seconds, status in ((FURTHEST_ADVANCE - 10, 200), (11, 400), (10, 200), (1, 400), (0, 200)):
        assert (await client.post("/local/clock", json={"advance_seconds": seconds})).status == status


async def test_moving_the_clock_does_what_became_due_and_says_the_time(site, client):
    answer = await client.post("/local/clock", json={"advance_seconds": 90.5})
    later = NOON + timedelta(seconds=90.5)
    assert (answer.status, await answer.json()) == (200, {"now": later.isoformat()})
    assert site.work_at == [later]
    answer = await client.post("/local/clock", json={"advance_seconds": 0})
    assert await answer.json() == {"now": later.isoformat()}
    assert site.work_at == [later, later]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff",
        b"null",
        b"[]",
        b"7",
        b"{}",
        b'{"advance_seconds": null}',
        b'{"advance_seconds": "7"}',
        b'{"advance_seconds": true}',
        b'{"advance_seconds": [7]}',
        b'{"advance_seconds": -1}',
        b'{"advance_seconds": NaN}',
        b'{"advance_seconds": Infinity}',
        b'{"advance_seconds": 1e999}',
        b'{"advance_seconds": 315360001}',
        b'{"advance_seconds": 1' + b"0" * 400 + b"}",
        b'{"advance_seconds": 1' + b"0" * 5_000 + b"}",
        b"[" * 50_000,
    ],
)
async def test_what_is_no_advance_is_answered_with_a_sentence_and_moves_nothing(site, client, body):
    answer = await client.post("/local/clock", data=body, headers=JSON)
    assert answer.status == 400
    assert "advance_seconds" in (await answer.json())["error"]
    assert (site.offsets.seconds, site.work_at) == (0.0, [])


async def test_the_furthest_advance_is_taken(site, client):
    assert (await client.post("/local/clock", json={"advance_seconds": FURTHEST_ADVANCE})).status == 200


async def test_production_has_no_clock_to_move():
    site = Site(local=False)
    async with TestClient(TestServer(site.web.application())) as client:
        assert (await client.post("/local/clock", json={"advance_seconds": 1})).status == 404
        assert (await client.post("/api/messages", json=activity())).status == 200
    assert site.offsets.loads == 0


async def test_a_clock_follows_the_others_until_it_is_told_to_stop(site):
    site.offsets.seconds = 60
    following = asyncio.create_task(site.local_clock.follow())
    await site.offsets.loaded.wait()
    following.cancel()
    await asyncio.wait([following])
    assert following.cancelled()
    assert site.clock() == NOON + timedelta(minutes=1)


def test_a_clock_that_nobody_moved_tells_the_time_in_utc():
    before = datetime.now(UTC)
    assert before <= MovableClock()() <= datetime.now(UTC)
