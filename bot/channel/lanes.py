"""How fast the courier may send: below what Teams allows, for each chat and for each tenant."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.domain.ports import Clock

CHAT_RATE, TENANT_RATE = 1.0, 20.0
_MOST_LANES = 8_192


@dataclass(slots=True)
class _Lane:
    """Messages at a rate (1/s) with a burst; times are seconds of the clock.

    `full_at` is the time at which everything sent so far would be sent at the rate alone, `held_until` the time
    before which the channel wants nothing, `queued_until` the time up to which others have been told to come back.
    """

    rate: float
    burst: int
    full_at: float = 0.0
    held_until: float = 0.0
    queued_until: float = 0.0

    def opens_at(self, now: float) -> float:
        return max(now, self.held_until, self.full_at - (self.burst - 1) / self.rate)

    def enter(self, at: float) -> None:
        self.full_at = max(self.full_at, at) + 1 / self.rate

    def queue(self, at: float) -> float:
        self.queued_until = max(self.queued_until, at) + 1 / self.rate
        return self.queued_until

    def is_idle(self, now: float) -> bool:
        return max(self.full_at, self.held_until, self.queued_until) <= now


@dataclass(frozen=True, slots=True)
class Pace:
    """How many messages go at once to a chat and to a tenant, and for how many seconds room is waited for.

    Who has to wait longer makes way for others and comes back.
    """

    chat_burst: int
    tenant_burst: int
    longest_wait: float


# Two instances together stay below what Teams allows; of more it refuses the rest (429), which waits as it is told to.
IN_TEAMS = Pace(chat_burst=2, tenant_burst=5, longest_wait=2.0)
# Nobody but the Playground listens, and moving the clock answers when everything is delivered.
ON_THIS_MACHINE = Pace(chat_burst=5, tenant_burst=5, longest_wait=60.0)


class Lanes:
    """The lanes of one instance; Teams allows 7 messages a second and 60 in 30 to a chat, and 50 calls/s in a tenant.

    Answers in a turn are not counted: a person can only ask for so many.
    """

    def __init__(
        self, clock: Clock, pace: Pace = IN_TEAMS, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._clock = clock
        self._pace = pace
        self._sleep = sleep
        self._lanes: dict[str, _Lane] = {}

    async def enter(self, tenant: str, chat: str = "") -> float:
        """Wait a moment for room; return 0 when the call may be made now, else the seconds to come back after.

        A new message needs room in its chat as well.
        """
        lanes = [self._tenant(tenant)]
        if chat:
            lanes.append(self._lane(f"chat {chat}", CHAT_RATE, self._pace.chat_burst))
        now = self._now()
        opens = max(lane.opens_at(now) for lane in lanes)
        if opens - now > self._pace.longest_wait:
            return max(lane.queue(opens) for lane in lanes) - now
        for lane in lanes:
            lane.enter(opens)
        if opens > now:
            await self._sleep(opens - now)
        return 0.0

    def hold(self, tenant: str, seconds: float) -> None:
        """Send nothing to a tenant for so long, because the channel asked for it."""
        lane = self._tenant(tenant)
        lane.held_until = max(lane.held_until, self._now() + seconds)

    def _now(self) -> float:
        return self._clock().timestamp()

    def _tenant(self, tenant: str) -> _Lane:
        return self._lane(f"tenant {tenant}", TENANT_RATE, self._pace.tenant_burst)

    def _lane(self, name: str, rate: float, burst: int) -> _Lane:
        if name not in self._lanes and len(self._lanes) >= _MOST_LANES:
            now = self._now()
            self._lanes = {each: lane for each, lane in self._lanes.items() if not lane.is_idle(now)}
        return self._lanes.setdefault(name, _Lane(rate, burst))
