"""A OneDrive on loopback that takes files in parts, as its upload sessions do."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")


@dataclass
class OneDrive:
    """Keeps the files that were uploaded whole; `fails_with` answers in its place from so many parts on.

    While `held` is not set, nothing is answered.
    """

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    parts: list[tuple[str, str]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    fails_with: tuple[int, int] | None = None
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    held: asyncio.Event | None = None

    def place(self, name: str = "requests.xlsx") -> dict[str, Any]:
        """Return what Teams tells of a place in this OneDrive."""
        return {
            "contentUrl": f"{self.url}/files/{name}",
            "name": name,
            "uploadUrl": f"{self.url}/upload/{name}?tempauth=v1%2Eeyx",
            "uniqueId": "1150D938-8870-4044-9F2C-5BBDEBA70C8C",
            "fileType": "xlsx",
        }

    async def take(self, request: web.Request) -> web.Response:
        """Take one part of a file; it must begin where the one before has ended."""
        name, content = request.match_info["name"], await request.read()
        self.headers.append(dict(request.headers))
        self.parts.append((request.headers["Content-Range"], request.rel_url.raw_query_string))
        self.arrived.set()
        if self.held:
            await self.held.wait()
        if self.fails_with and len(self.parts) > self.fails_with[0]:
            return web.Response(status=self.fails_with[1], headers={"Location": f"{self.url}/elsewhere"})
        found = _RANGE.fullmatch(request.headers["Content-Range"])
        start, end, size = (int(each) for each in found.groups())
        begun = self.files.get(name, b"") if start else b""
        if (start, end - start + 1) != (len(begun), len(content)):
            return web.Response(status=416)
        self.files[name] = begun + content
        return web.Response(status=201 if end + 1 == size else 202)


@asynccontextmanager
async def running_onedrive() -> AsyncIterator[OneDrive]:
    drive = OneDrive()
    app = web.Application(client_max_size=8 * 1024 * 1024)
    app.router.add_put("/upload/{name}", drive.take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    drive.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield drive
    finally:
        await runner.cleanup()
