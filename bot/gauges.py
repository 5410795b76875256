"""Measures how the telling stands, once a minute."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import partial
from time import monotonic
from typing import Any

from opentelemetry.metrics import CallbackOptions, Meter, Observation

from bot.instruments import OLDEST, OVERDUE, PARKED, PENDING, SET_ASIDE

EVERY_SECONDS = 60.0
STALE_SECONDS = 3 * EVERY_SECONDS

log = logging.getLogger(__name__)


class Gauges:
    """The figures of /health as metrics. They are of the whole store: each instance measures the same.

    What cannot be measured is not told, so that silence can be heard: while the store is down, and when nobody has
    measured for three minutes. The exporter's thread asks for figures that stand already, and never for the store.
    """

    def __init__(
        self, report: Callable[[], Awaitable[dict[str, Any]]], meter: Meter, clock: Callable[[], float] = monotonic
    ) -> None:
        self._report = report
        self._clock = clock
        self._standing: tuple[float, Mapping[str, int]] | None = None
        for each in (PENDING, PARKED, OLDEST, OVERDUE, SET_ASIDE):
            observed = partial(self._observed, each.name)
            meter.create_observable_gauge(each.name, [observed], each.unit, each.meaning)

    async def read(self) -> None:
        """Measure once."""
        try:
            report = await self._report()
        except Exception:
            self._standing = None
            raise
        self._standing = None if report["status"] == "down" else (self._clock(), _figures(report))

    async def follow(self) -> None:
        """Measure until cancelled."""
        while True:
            try:
                await self.read()
            except Exception:
                log.exception("the figures could not be read")
            await asyncio.sleep(EVERY_SECONDS)

    def _observed(self, name: str, _options: CallbackOptions) -> Iterable[Observation]:
        standing = self._standing
        if standing and self._clock() - standing[0] <= STALE_SECONDS:
            yield Observation(standing[1][name])


def _figures(report: Mapping[str, Any]) -> Mapping[str, int]:
    notices = report["notices"]
    return {
        PENDING.name: notices["pending"],
        PARKED.name: notices["parked"],
        OLDEST.name: notices["oldest_due_seconds"],
        OVERDUE.name: report["clocks"]["overdue"],
        SET_ASIDE.name: report["work"]["set_aside"],
    }
