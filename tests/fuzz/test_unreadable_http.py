"""Requests that are wrong already as HTTP, from anybody: a 4xx and no traceback in the log."""

import asyncio

import pytest

START = b"POST /api/messages HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
REQUESTS = {
    "no gzip": START + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
    "no deflate": START + b"Content-Encoding: deflate\r\nContent-Length: 2\r\n\r\n{}",
    "an unknown compression": START + b"Content-Encoding: br\r\nContent-Length: 2\r\n\r\n{}",
    "two lengths": START + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    "a length below nothing": START + b"Content-Length: -1\r\n\r\n{}",
    "a length that is no number": START + b"Content-Length: two\r\n\r\n{}",
    "a length and chunks": START + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",
    "a chunk without a size": START + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n{}\r\n0\r\n\r\n",
    "an expectation that nobody meets": START + b"Expect: 200-ok\r\nContent-Length: 2\r\n\r\n{}",
    "a header without end": START + b"X-Long: " + b"x" * 20_000 + b"\r\n\r\n",
    "a header without a colon": START + b"nonsense\r\n\r\n",
    "no HTTP at all": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    "a path with a NUL": START.replace(b"messages", b"messages\0"),
    "an unknown version": START.replace(b"1.1", b"9.9") + b"\r\n",
}


async def status_of(port: int, request: bytes) -> int:
    """Send bytes as they are; return the status that answers them, 0 where the connection is just closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    try:
        async with asyncio.timeout(15):
            line = await reader.readline()
    finally:
        writer.close()
    return int(line.split()[1]) if line else 0


@pytest.fixture
async def bot(start):
    async with start() as running:
        yield running


async def test_a_request_that_cannot_be_read_is_refused(bot, free_port):
    for case, request in REQUESTS.items():
        assert await status_of(free_port, request) in {0, *range(400, 500)}, case
    assert (await bot.health())["status"] == "ok"


async def test_a_request_that_cannot_be_read_leaves_no_traceback_in_the_log(bot, free_port):
    for request in REQUESTS.values():
        await status_of(free_port, request)
    assert (await bot.health())["status"] == "ok"
    assert not bot.complaints


async def test_a_body_that_is_cut_off_or_too_long_for_its_length_disturbs_nobody(bot, free_port):
    _, writer = await asyncio.open_connection("127.0.0.1", free_port)
    writer.write(START + b"Content-Length: 100\r\n\r\n{")
    await writer.drain()
    writer.close()
    assert await status_of(free_port, START + b"Content-Length: 2\r\n\r\n{}trailing words\r\n\r\n") in {400, 401}
    assert (await bot.health())["status"] == "ok"
