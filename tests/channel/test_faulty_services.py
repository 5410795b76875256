"""Services that are trusted and misbehave: no secret leaves, no memory fills, nothing raises, and all goes on after."""

import asyncio
import gzip
import json
import logging
import math
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.channel.body import MalformedError
from bot.channel.connector import Outcome
from bot.channel.credentials import ManagedIdentity, MsalTokens, Secret
from bot.channel.guarded import NoTokenError
from bot.channel.hosts import ServiceHosts, is_safe_to_fetch
from bot.channel.keys import SigningKeys
from bot.channel.outward import outward_session
from bot.channel.shape import check_shape
from bot.logs import set_up_logs
from tests.channel.local_framework import KeyServer, payload
from tests.channel.sign_in import running_sign_in, write_pem

SCOPE = "https://api.botframework.com/.default"
TENANT = "2b1e6f0a-93c4-4d1c-8f5e-1f0c6b7d8e90"
ACTIVITY = {"type": "message", "text": "hello"}
ISSUED = {"token_type": "Bearer", "expires_in": 3600, "access_token": "from-elsewhere"}
MEGABYTE = 1024 * 1024
# What the sockets of both sides may hold comes on top of what is read.
FLOOD = 64 * MEGABYTE
WAYS = ["redirect", "see_other"]


@dataclass
class Flood:
    """Answers without end, or nearly so; `cut_off` is set once the caller has hung up."""

    sent: int = 0
    cut_off: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, request):
        endless = web.StreamResponse(headers={"Content-Type": "application/json"})
        await endless.prepare(request)
        try:
            while self.sent < FLOOD:
                await endless.write(b" " * 65536)
                self.sent += 65536
                # Without a turn of the loop nobody learns that the caller has hung up.
                await asyncio.sleep(0)
        finally:
            # The caller hanging up ends the handler by an error, or cancels it.
            if self.sent < FLOOD:
                self.cut_off.set()
        return endless


@dataclass
class Elsewhere:
    """A server that nobody named in the settings, and that would gladly hand out tokens and keys."""

    url: str = ""
    heard: list = field(default_factory=list)

    async def answer(self, request):
        self.heard.append((request.method, request.path, await request.text()))
        return web.json_response(ISSUED | published())

    async def redirect(self, _):
        raise web.HTTPTemporaryRedirect(self.url)

    async def see_other(self, _):
        raise web.HTTPFound(self.url)


def saying(body: bytes, **headers: str) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Return a handler that answers just this."""

    async def answer(_):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.Response(body=body, headers={"Content-Type": "application/json"} | named)

    return answer


def published():
    server = KeyServer()
    server.publish("k1")
    return {"keys": server.published}


@pytest.fixture
async def elsewhere():
    other = Elsewhere()
    app = web.Application()
    app.router.add_route("*", "/{anything:.*}", other.answer)
    async with TestServer(app) as server:
        other.url = str(server.make_url("/"))
        yield other


@pytest.fixture(scope="module")
def pem(tmp_path_factory):
    return write_pem(tmp_path_factory.mktemp("pem") / "bot.pem")


@pytest.fixture
async def sign_in(pem, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(pem))
    async with running_sign_in(pem) as service:
        for name, value in service.environment.items():
            monkeypatch.setenv(name, value)
        yield service


def tokens_of(sign_in, clock, credential):
    return MsalTokens(
        app_id="app",
        tenant_id=TENANT,
        authority=sign_in.authority,
        credential=credential,
        clock=lambda: clock.now().timestamp(),
    )


@pytest.fixture
async def tokens(sign_in, clock):
    made = tokens_of(sign_in, clock, Secret("hush"))
    yield made
    await made.close()


async def refuse(tokens):
    """Ask for a token that is not to be had."""
    with pytest.raises(NoTokenError):
        await tokens.token(SCOPE)
    assert not tokens.healthy


@pytest.mark.parametrize("place", ["configuration", "token"])
@pytest.mark.parametrize("way", WAYS)
async def test_a_redirect_of_the_sign_in_service_is_not_followed(tokens, sign_in, elsewhere, place, way):
    sign_in.instead[place] = getattr(elsewhere, way)
    await refuse(tokens)
    assert elsewhere.heard == []


async def test_the_secret_is_not_posted_to_a_token_endpoint_elsewhere(tokens, sign_in, pem):
    async with running_sign_in(pem) as other:
        base, place = (f"{service.authority}/{TENANT}" for service in (sign_in, other))
        endpoints = {"token_endpoint": f"{place}/oauth2/v2.0/token", "authorization_endpoint": f"{base}/authorize"}
        configuration = endpoints | {"issuer": f"{base}/v2.0"}
        sign_in.instead["configuration"] = saying(json.dumps(configuration).encode())
        await refuse(tokens)
        assert other.forms == []
    assert sign_in.forms == []


@pytest.mark.parametrize("place", ["configuration", "token"])
async def test_an_endless_answer_of_the_sign_in_service_holds_no_thread(tokens, sign_in, clock, place):
    for pause in (1, 2, 4, 8, 16):
        flood = Flood()
        sign_in.instead[place] = flood.answer
        await refuse(tokens)
        await asyncio.wait_for(flood.cut_off.wait(), 30)
        clock.advance(seconds=pause)
    sign_in.instead.clear()
    assert await tokens.token(SCOPE)
    assert tokens.healthy
    await tokens.close()
    for thread in threading.enumerate():
        if thread.name.startswith("token"):
            await asyncio.to_thread(thread.join, 5)
            assert not thread.is_alive()


async def test_an_answer_of_more_than_a_megabyte_is_no_token(tokens, sign_in):
    sign_in.instead["token"] = saying(json.dumps(ISSUED).encode() + b" " * MEGABYTE)
    await refuse(tokens)


NO_TOKENS = {
    "a line end behind": "t\n",
    "a header of its own": "t\r\nX-Evil: 1",
    "a control character": "t\x00",
    "a blank": "t t",
    "letters beyond ASCII": "t\u00f6k\u00e9n",
    "half a character": "\ud800",
    "nothing": "",
    "a number": 7,
}


@pytest.mark.parametrize("case", NO_TOKENS)
@pytest.mark.parametrize("credential", [Secret("hush"), ManagedIdentity()], ids=["secret", "managed identity"])
async def test_what_cannot_stand_in_a_header_is_no_token(sign_in, clock, case, credential):
    tokens = tokens_of(sign_in, clock, credential)
    sign_in.changes["access_token"] = NO_TOKENS[case]
    await refuse(tokens)
    sign_in.changes.clear()
    clock.advance(seconds=1)
    assert await tokens.token(SCOPE)
    assert tokens.healthy
    await tokens.close()


NO_LIFETIMES = {
    "none": 0,
    "over before it began": -5,
    "no number": math.nan,
    "for ever": math.inf,
    "beyond all numbers": 10**400,
    "a text": "soon",
}


@pytest.mark.parametrize("case", NO_LIFETIMES)
async def test_a_token_without_a_lifetime_is_a_failed_fetch_with_growing_pauses(tokens, sign_in, clock, case):
    sign_in.changes["expires_in"] = NO_LIFETIMES[case]
    for asked, pause in enumerate((1, 2, 4), start=1):
        await refuse(tokens)
        await refuse(tokens)
        assert len(sign_in.forms) == asked
        clock.advance(seconds=pause)
    sign_in.changes.clear()
    assert await tokens.token(SCOPE)
    assert tokens.healthy


async def test_a_refusal_while_the_sign_in_service_is_down_takes_the_token_from_nobody(tokens, sign_in, clock):
    assert await tokens.token(SCOPE) == "token-1"
    sign_in.fault = 500
    assert await tokens.token(SCOPE, renew=True) == "token-1"
    assert await asyncio.gather(*(tokens.token(SCOPE) for _ in range(5))) == ["token-1"] * 5
    assert not tokens.healthy
    sign_in.fault = 0
    clock.advance(seconds=60)
    assert await tokens.token(SCOPE, renew=True) == "token-3"
    assert tokens.healthy


async def test_a_chat_that_refuses_every_token_has_one_fetched_a_minute(tokens, sign_in, clock):
    await tokens.token(SCOPE)
    for _ in range(20):
        assert await tokens.token(SCOPE, renew=True) == "token-2"
    clock.advance(seconds=59)
    assert set(await asyncio.gather(*(tokens.token(SCOPE, renew=True) for _ in range(20)))) == {"token-2"}
    clock.advance(seconds=1)
    assert set(await asyncio.gather(*(tokens.token(SCOPE, renew=True) for _ in range(20)))) == {"token-2", "token-3"}
    assert len(sign_in.forms) == 3


async def test_no_token_of_a_broken_answer_is_logged(tokens, sign_in, logging_as_before, capsys):
    set_up_logs(logging.DEBUG)
    sign_in.instead["token"] = saying(b'{"token_type": "Bearer", "expires_in": 3600, "access_token": "eyJ.token.cut')
    await refuse(tokens)
    written = capsys.readouterr()
    assert "no token" in written.err
    assert "eyJ" not in written.out + written.err


@pytest.fixture
async def session():
    async with outward_session() as opened:
        yield opened


@pytest.fixture
async def keys(key_server, session, clock):
    made = SigningKeys(key_server.url, session, clock.now)
    yield made
    await made.close()


# All but the nonsense would be usable, if it were read to its end.
DOCUMENTS = {
    "more than a megabyte": saying(json.dumps(published()).encode() + b" " * MEGABYTE),
    "200 KB of nested lists": saying(b"[" * 200_000),
    "keys below nested lists": saying(b'{"keys": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
    "a charset that is no charset": saying(b'{"keys": []}', Content_Type="application/json; charset=hex"),
    "gzip unasked": saying(gzip.compress(json.dumps(published()).encode()), Content_Encoding="gzip"),
    "gzip that unfolds": saying(gzip.compress(b'{"keys": [' + b" " * 8 * MEGABYTE), Content_Encoding="gzip"),
    "gzip that is none": saying(b"{}", Content_Encoding="gzip"),
    "an unknown encoding": saying(b"{}", Content_Encoding="br"),
    "no UTF-8": saying(b"\xff\xfe\x00"),
    "a number of a million digits": saying(b'{"keys": [' + b"9" * 1_000_000 + b"]}"),
    "an answer that ends early": saying(b'{"keys": ['),
}


@pytest.fixture(params=["/metadata", "/keys"])
def find_through(request, keys, key_server, clock):
    """Look for keys while a handler answers in place of the metadata, or of the keys."""
    return partial(_find_through, keys, key_server, clock, request.param)


async def _find_through(keys, key_server, clock, path, handler):
    """Look for keys with none known, then with one, and after each fault."""
    key_server.publish("k1")
    key_server.instead[path] = handler
    assert [await keys.find("k1") for _ in range(3)] == [None] * 3
    assert key_server.asked == 1
    key_server.instead.clear()
    clock.advance(seconds=10)
    known = await keys.find("k1")
    assert known is not None
    key_server.publish("k2")
    key_server.instead[path] = handler
    assert [await keys.find(f"k{number}") for number in (2, 2, 3, 1)] == [None, None, None, known]
    assert key_server.asked == 3
    key_server.instead.clear()
    clock.advance(seconds=10)
    assert await keys.find("k2")
    assert key_server.asked == 4


@pytest.mark.parametrize("case", DOCUMENTS)
async def test_a_document_that_makes_no_sense_is_a_failure_that_is_remembered(find_through, case):
    await find_through(DOCUMENTS[case])


async def test_an_endless_document_is_read_to_a_megabyte_and_no_further(find_through):
    floods = []

    async def flood(request):
        floods.append(Flood())
        return await floods[-1].answer(request)

    await find_through(flood)
    assert len(floods) == 2
    for started in floods:
        await asyncio.wait_for(started.cut_off.wait(), 30)


@pytest.mark.parametrize("way", WAYS)
async def test_a_redirect_of_the_key_server_is_not_followed(find_through, elsewhere, way):
    await find_through(getattr(elsewhere, way))
    assert elsewhere.heard == []


MADE = json.dumps({"id": "made", "error": {"code": "Word"}}).encode()
ANSWERS = {
    "more than 64 KB": saying(MADE + b" " * 65_536),
    "gzip unasked": saying(gzip.compress(MADE), Content_Encoding="gzip"),
    "an unknown encoding": saying(MADE[1:], Content_Encoding="br"),
    "no JSON": saying(b"<html>made</html>"),
    "no UTF-8": saying(b'{"id": "\xff"}'),
    "100,000 levels": saying(b"[" * 100_000),
    "as many levels as are read": saying(b'{"a":' * 13_000),
    "a number of 60,000 digits": saying(b'{"id": ' + b"9" * 60_000 + b"}"),
}


@pytest.mark.parametrize("case", ANSWERS)
async def test_of_an_answer_that_makes_no_sense_the_status_counts_alone(connector, service, case):
    service.script = [ANSWERS[case]]
    assert await connector.post(service.url, "a:1", ACTIVITY) == Outcome(200, None, "", None)
    assert (await connector.post(service.url, "a:1", ACTIVITY)).activity_id == "id-2"


async def test_of_an_endless_answer_the_status_counts_alone(connector, service):
    flood = Flood()
    service.script = [flood.answer]
    assert await connector.post(service.url, "a:1", ACTIVITY) == Outcome(200, None, "", None)
    await asyncio.wait_for(flood.cut_off.wait(), 30)


async def test_a_cookie_of_the_connector_is_not_sent_back(connector, service):
    # Cookies of a bare address would not be kept by anybody.
    url = service.url.replace("127.0.0.1", "localhost")
    service.script = [(201, {"Set-Cookie": "a=b; Path=/"}, {"id": "1"})]
    await connector.post(url, "a:1", ACTIVITY)
    await connector.post(url, "a:1", ACTIVITY)
    assert [call.cookie for call in service.calls] == [None, None]


HOST = "https://smba.trafficmanager.net/"
LONGEST = HOST + "a" * (512 - len(HOST))


@pytest.mark.parametrize(
    "url",
    [
        "http\u017f://127.0.0.1/",
        "http\u017f://smba.trafficmanager.net/",
        "https://\u017fmba.trafficmanager.net/",
        "http://\u212a.example/",
        "https://\u212a.example/",
        LONGEST + "a",
    ],
)
def test_letters_that_only_look_alike_and_addresses_without_end_are_refused(url):
    for local in (True, False):
        assert not ServiceHosts(["smba.trafficmanager.net", "k.example", "127.0.0.1"], local=local).allows(url)
    assert not is_safe_to_fetch(url)


def test_an_address_of_512_characters_is_still_read():
    assert ServiceHosts(["smba.trafficmanager.net"], local=False).allows(LONGEST)


ITEMS = {
    "membersAdded": {"id": "29:1"},
    "membersRemoved": {"id": "29:1"},
    "entities": {"type": "clientInfo"},
    "attachments": {"contentType": "text/html"},
}


@pytest.mark.parametrize("name", ITEMS)
def test_more_than_five_hundred_of_anything_are_malformed(name):
    check_shape(payload("message") | {name: [ITEMS[name]] * 500})
    with pytest.raises(MalformedError, match=f"{name} holds too many"):
        check_shape(payload("message") | {name: [ITEMS[name]] * 501})


async def drip(request):
    """Send one byte after the other, each in time, without end."""
    endless = web.StreamResponse(headers={"Content-Type": "application/json"})
    await endless.prepare(request)
    while True:
        await endless.write(b" ")
        await asyncio.sleep(0.02)


async def test_a_dripping_answer_of_the_sign_in_service_holds_no_thread(sign_in, clock):
    tokens = MsalTokens(
        app_id="app",
        tenant_id=TENANT,
        authority=sign_in.authority,
        credential=Secret("hush"),
        clock=lambda: clock.now().timestamp(),
        longest_fetch=0.2,
    )
    sign_in.instead["token"] = drip
    for pause in (1, 2, 4, 8, 16):
        await refuse(tokens)
        clock.advance(seconds=pause)
    sign_in.instead.clear()
    assert await tokens.token(SCOPE)
    await tokens.close()


async def test_a_dripping_document_is_given_up(key_server, session, clock):
    key_server.publish("k1")
    key_server.instead["/keys"] = drip
    keys = SigningKeys(key_server.url, session, clock.now, longest_fetch=0.2)
    assert await keys.find("k1") is None
    key_server.instead.clear()
    clock.advance(seconds=10)
    assert await keys.find("k1")
    await keys.close()
