"""Measures how the telling stands, once a minute."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from bot.telemetry import Telemetry

EVERY_SECONDS = 60.0

log = logging.getLogger(__name__)


class Gauges:
    """Hands the figures of /health to telemetry. They are of the whole store: each instance measures the same."""

    def __init__(self, report: Callable[[], Awaitable[dict[str, Any]]], telemetry: Telemetry) -> None:
        self._report = report
        self._telemetry = telemetry

    async def read(self) -> None:
        """Measure once; of a store that does not answer nothing is told, so that its silence is noticed."""
        report: dict[str, Any] | None = None
        try:
            report = await self._report()
        finally:
            self._telemetry.standing(None if report is None or report["status"] == "down" else report)

    async def follow(self) -> None:
        """Measure until cancelled."""
        while True:
            try:
                await self.read()
            except Exception:
                log.exception("the figures could not be read")
            await asyncio.sleep(EVERY_SECONDS)
