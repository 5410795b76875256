"""What /health says: whether the store answers, and how the telling stands."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Protocol

from bot import __version__
from bot.domain.ports import Clock

LATE = timedelta(seconds=300)
PARKED_LATELY = timedelta(hours=24)


class Figures(Protocol):
    """Counts over all requests."""

    async def pending_since(self) -> list[datetime]: ...
    async def due_since(self) -> list[datetime]: ...
    async def parked_since(self) -> list[datetime]: ...
    async def set_aside_since(self) -> list[datetime]: ...
    async def ping(self) -> bool: ...


class Health:
    """Reads the figures from the store; `has_token` is False while the bot cannot sign in."""

    def __init__(self, figures: Figures, storage: str, clock: Clock, has_token: Callable[[], bool]) -> None:
        self._figures = figures
        self._storage = storage
        self._clock = clock
        self._has_token = has_token

    async def report(self) -> dict[str, Any]:
        """Return the body of /health; `status` is ok, degraded or down."""
        if not await self._figures.ping():
            return self._body("down", [], [], [], [])
        pending, parked = await self._figures.pending_since(), await self._figures.parked_since()
        due, set_aside = await self._figures.due_since(), await self._figures.set_aside_since()
        now = self._clock()
        is_late = any(now - at > LATE for at in (*pending, *due))
        is_parked = any(now - at < PARKED_LATELY for at in parked)
        is_degraded = is_late or is_parked or set_aside or not self._has_token()
        return self._body("degraded" if is_degraded else "ok", pending, parked, due, set_aside)

    def _body(
        self,
        status: str,
        pending: list[datetime],
        parked: list[datetime],
        due: list[datetime],
        set_aside: list[datetime],
    ) -> dict[str, Any]:
        now = self._clock()
        oldest = max((int((now - at).total_seconds()) for at in pending), default=0)
        return {
            "status": status,
            "version": __version__,
            "storage": self._storage,
            "notices": {"pending": len(pending), "parked": len(parked), "oldest_due_seconds": max(0, oldest)},
            "clocks": {"overdue": sum(now - at > LATE for at in due)},
            "work": {"set_aside": len(set_aside)},
        }
