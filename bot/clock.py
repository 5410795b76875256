"""The bot's clock: the time of day, moved forward in local mode only."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class MovableClock:
    """The present time in UTC plus an offset; `source` gives the unmoved time."""

    def __init__(self, source: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._source = source
        self.offset = timedelta(0)

    def __call__(self) -> datetime:
        return self._source() + self.offset
