"""The key server on an event loop of its own, as the stock adapter stops its loop while it fetches keys."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

from aiohttp.test_utils import TestServer

from tests.channel.local_framework import KeyServer


@contextmanager
def key_server_in_a_thread() -> Iterator[KeyServer]:
    keys = KeyServer()
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever)
    thread.start()

    async def start() -> TestServer:
        server = TestServer(keys.application())
        await server.start_server()
        return server

    server = asyncio.run_coroutine_threadsafe(start(), loop).result()
    keys.url = str(server.make_url("/metadata"))
    try:
        yield keys
    finally:
        asyncio.run_coroutine_threadsafe(server.close(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
