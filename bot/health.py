"""What /health says: whether the store answers, and how the telling stands."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Protocol

from bot import __version__
from bot.domain.ports import Clock

LATE = timedelta(seconds=300)


class Figures(Protocol):
    """Counts over all requests."""

    async def due_since(self) -> list[datetime]: ...
    async def parked_since(self) -> list[datetime]: ...
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
            return self._body("down", [], [])
        due, parked = await self._figures.due_since(), await self._figures.parked_since()
        now = self._clock()
        is_late = bool(due) and now - min(due) > LATE
        is_parked = any(now - at < timedelta(hours=24) for at in parked)
        is_degraded = is_late or is_parked or not self._has_token()
        return self._body("degraded" if is_degraded else "ok", due, parked)

    def _body(self, status: str, due: list[datetime], parked: list[datetime]) -> dict[str, Any]:
        now = self._clock()
        oldest = max(0, int((now - min(due)).total_seconds())) if due else 0
        return {
            "status": status,
            "version": __version__,
            "storage": self._storage,
            "notices": {"pending": len(due), "parked": len(parked), "oldest_due_seconds": oldest},
            "clocks": {"overdue": sum(now - at > LATE for at in due)},
        }
