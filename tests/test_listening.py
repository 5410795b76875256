"""What is no HTTP is refused without a word, and what the caller sent is not in the log."""

import asyncio
import contextlib
import functools
import gzip
import logging
from datetime import UTC, datetime

import pytest
from aiohttp import web

from bot.channel.gate import Gate
from bot.listening import EdgeHandler, PortTaken, listening
from bot.web import Web

MARK = b"Bearer-eyJ-secret"


async def receive(request):
    if request.query:
        raise RuntimeError("our own fault")
    body = await request.read()
    return web.Response(body=body[:16])


@contextlib.asynccontextmanager
async def running_web():
    """The real routes; nobody gets as far as the bot."""
    now = datetime(2026, 11, 22, tzinfo=UTC)
    gate = Gate(production=False, app_id="", issuer="", service_hosts=frozenset(), keys=None, now=lambda: now)
    async with listening(Web(gate, None, None, None).application(), "127.0.0.1", 0) as taken:
        yield taken


@pytest.fixture
async def port():
    application = web.Application()
    application.router.add_post("/", receive)
    async with listening(application, "127.0.0.1", 0) as taken:
        yield taken


async def answer_to(port, request):
    """Return the status line and the body that come back for these bytes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    await writer.drain()
    head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    await writer.wait_closed()
    return head.split(b"\r\n")[0], body


NO_HTTP = {
    "nonsense": MARK + b"\r\n\r\n",
    "a header without end": b"POST / HTTP/1.1\r\nHost: x\r\nAuthorization: " + MARK * 5_000 + b"\r\n\r\n",
    "a header with a line break": b"POST / HTTP/1.1\r\nHost: x\r\nAuthorization" + MARK + b"\x00: x\r\n\r\n",
    "two lengths": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n" + MARK,
    "a length that is none": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + MARK + b"\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + MARK + b"\r\n\r\n",
}


@pytest.mark.parametrize("name", NO_HTTP)
async def test_what_is_no_http_is_refused_without_a_word(port, caplog, name):
    caplog.set_level(logging.DEBUG)
    status, body = await answer_to(port, NO_HTTP[name])
    assert (status, body) == (b"HTTP/1.0 400 Bad Request", b"")
    assert MARK.decode() not in caplog.text
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


async def test_a_packed_body_is_not_unpacked(port):
    packed = gzip.compress(b"x" * 10_000_000)
    head = f"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Encoding: gzip\r\nContent-Length: {len(packed)}"
    assert await answer_to(port, f"{head}\r\n\r\n".encode() + packed) == (b"HTTP/1.1 200 OK", packed[:16])


async def test_who_connects_and_asks_nothing_is_hung_up_on_and_who_has_asked_is_not():
    application = web.Application()
    application.router.add_post("/", receive)
    async with listening(application, "127.0.0.1", 0, ask_seconds=0.2) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for silent in (b"", b"POST / HTTP/1.1\r\nHost: "):
            writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
            assert await answer_to(port, silent) == (b"", b""), "it came later, and its time is over"
        writer.close()
        await writer.wait_closed()


async def test_more_connections_than_there_is_room_for_are_closed_and_the_others_served():
    server = web.Server(receive)
    handlers = functools.partial(EdgeHandler, server, 3, 60)
    listener = await asyncio.get_running_loop().create_server(handlers, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    waiting = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
    with contextlib.suppress(ConnectionError):
        assert await answer_to(port, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n") == (b"", b"")
    reader, writer = waiting[0]
    writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
    for _, writer in waiting:
        writer.close()
    listener.close()
    await server.shutdown(1)


async def test_an_expectation_is_not_repeated():
    async with running_web() as port:
        head = "POST /api/messages HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n"
        wish = f"{head}Expect: {MARK.decode()}\r\nContent-Length: 0\r\n\r\n"
        assert await answer_to(port, wish.encode()) == (b"HTTP/1.1 400 Bad Request", b"")
        wish = f"{head}Expect: 100-Continue\r\nContent-Length: 0\r\n\r\n"
        status, rest = await answer_to(port, wish.encode())
        assert status == b"HTTP/1.1 100 Continue"
        assert rest.startswith(b"HTTP/1.1 400")


async def test_a_fault_of_our_own_is_logged_with_its_traceback(port, caplog):
    status, body = await answer_to(port, b"POST /?x=1 HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
    assert status.startswith(b"HTTP/1.1 500")
    assert b"our own fault" not in body
    assert "our own fault" in caplog.text


async def test_a_taken_port_is_one_sentence(port):
    with pytest.raises(PortTaken, match=f"SME_PORT: cannot listen on 127.0.0.1:{port}: "):
        async with listening(web.Application(), "127.0.0.1", port):
            pass


async def test_the_port_is_free_again_afterwards():
    async with listening(web.Application(), "127.0.0.1", 0) as taken:
        pass
    async with listening(web.Application(), "127.0.0.1", taken) as again:
        assert again == taken
