"""What is no HTTP is refused without a word, and what the caller sent is not in the log."""

import asyncio
import logging

import pytest
from aiohttp import web

from bot.listening import PortTaken, listening

MARK = b"Bearer-eyJ-secret"


async def receive(request):
    if request.query:
        raise RuntimeError("our own fault")
    await request.read()
    return web.Response(text="read")


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


async def test_a_body_that_cannot_be_unpacked_is_not_in_the_log(port, caplog):
    request = b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Encoding: gzip\r\nContent-Length: 17\r\n\r\n"
    status, body = await answer_to(port, request + MARK)
    assert (status, body) == (b"HTTP/1.1 400 Bad Request", b"")
    assert MARK.decode() not in caplog.text


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
