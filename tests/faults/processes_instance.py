"""One instance of the bot as a process of its own, which ends and begins again."""

import asyncio
import contextlib
import json
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import app

PATIENCE = 60
PRESENT = Path(app.__file__)
"""The program of the present version."""


class End(NamedTuple):
    """An instance ends: after so many deliveries and milliseconds, by SIGKILL or SIGTERM."""

    deliveries: int
    milliseconds: float
    instance: int
    by: signal.Signals = signal.SIGKILL


@dataclass
class Instance:
    """One `python app.py`, at another port after each start; its log goes on through all its lives.

    `program` is the `app.py` of the version that the next start begins.
    """

    environment: Mapping[str, str]
    program: Path = PRESENT
    log: list[str] = field(default_factory=list)
    url: str = ""
    is_up: bool = False
    _process: asyncio.subprocess.Process | None = None
    _reading: asyncio.Task[None] | None = None

    @property
    def words(self) -> list[str]:
        """What starts the process."""
        return [sys.executable, str(self.program)]

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            *self.words, env=self.environment, stderr=asyncio.subprocess.PIPE, limit=1024 * 1024
        )
        port = asyncio.get_running_loop().create_future()
        self._reading = asyncio.create_task(self._read(self._process, port))
        self.url = f"http://127.0.0.1:{await asyncio.wait_for(port, PATIENCE)}"
        self.is_up = True

    def end(self, by: signal.Signals) -> None:
        self.is_up = False
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(by)

    async def ended(self) -> int:
        """Wait until the process is gone, and return its exit code."""
        code = await self._process.wait()
        await self._reading
        return code

    async def _read(self, process: asyncio.subprocess.Process, port: asyncio.Future[int]) -> None:
        async for line in process.stderr:
            self.log.append(line.decode())
            if b'"listening"' in line:
                port.set_result(json.loads(line)["port"])
        if not port.done():
            port.set_exception(AssertionError("".join(self.log[-20:])))
