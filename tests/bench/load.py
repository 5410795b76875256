"""Partners at a time on their way through the form, and what one server made of it."""

import asyncio
import time
from dataclasses import dataclass, field
from statistics import quantiles

from tests.bench.directory import People
from tests.bench.journey import STEPS, travellers
from tests.bench.processes import cpu_seconds, resident_megabytes
from tests.bench.servers import Running
from tests.bench.teams import Teams

_PERCENT = 100


@dataclass(frozen=True, slots=True)
class Figures:
    """One server in one round; what the system does not tell is None. Times are in milliseconds but for the start."""

    turns_per_second: float
    cpu: float | None
    median: float
    slowest_percent: float
    megabytes_at_start: float | None
    megabytes_after: float | None
    start_seconds: float

    @property
    def busy_percent(self) -> float | None:
        """How much of a core the server used; far from 100 it was waiting: for the disk, or for who measures it."""
        return None if self.cpu is None else self.cpu * self.turns_per_second / 10


@dataclass
class Load:
    """Keeps `width` travellers under way, each somebody fresh in a chat of their own, until it is stopped."""

    teams: Teams
    people: People
    url: str
    width: int
    turns: int = 0
    seconds: list[float] = field(default_factory=list)
    _is_over: bool = False

    def __post_init__(self) -> None:
        self._travellers = travellers(self.teams, self.people, self.url)
        self._changed = asyncio.Event()

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(self.width):
                group.create_task(self._travel())

    def stop(self) -> None:
        self._is_over = True

    async def until(self, turns: int) -> None:
        """Wait until so many turns were taken since the beginning."""
        while self.turns < turns:
            self._changed.clear()
            await self._changed.wait()

    async def _travel(self) -> None:
        while not self._is_over:
            traveller = next(self._travellers)
            for step in STEPS:
                self.seconds.append(await traveller.take(step))
                self.turns += 1
                self._changed.set()
                if self._is_over:
                    break
            traveller.leave()


async def figures_of(load: Load, server: Running, *, warm_up: float, seconds: float, turns: int = 0) -> Figures:
    """Measure for so many seconds after a warm-up; memory is read when so many turns were taken, if that is later."""
    at_start = resident_megabytes(server.process_id)
    async with asyncio.TaskGroup() as group:
        group.create_task(load.run())
        cpu, latencies, lasted = await _watched(load, server, warm_up, seconds)
        await load.until(turns)
        after = resident_megabytes(server.process_id)
        load.stop()
    count = len(latencies)
    slowest = quantiles(latencies, n=_PERCENT)
    return Figures(
        turns_per_second=count / lasted,
        cpu=None if cpu is None else cpu * 1000 / count,
        median=slowest[_PERCENT // 2 - 1] * 1000,
        slowest_percent=slowest[-1] * 1000,
        megabytes_at_start=at_start,
        megabytes_after=after,
        start_seconds=server.start_seconds,
    )


async def _watched(
    load: Load, server: Running, warm_up: float, seconds: float
) -> tuple[float | None, list[float], float]:
    """Return the CPU seconds, the latencies and the length of the time measured."""
    await asyncio.sleep(warm_up)
    first, began, cpu_before = len(load.seconds), time.perf_counter(), cpu_seconds(server.process_id)
    await asyncio.sleep(seconds)
    cpu_after, lasted = cpu_seconds(server.process_id), time.perf_counter() - began
    cpu = None if cpu_before is None or cpu_after is None else cpu_after - cpu_before
    return cpu, load.seconds[first:], lasted
