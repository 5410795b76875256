"""What /health says of a store, of what waits, and of the sign-in."""

from datetime import UTC, datetime, timedelta

import pytest

from bot import __version__
from bot.health import Health

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)


class Figures:
    """Counts that a test chooses, as ages in seconds."""

    def __init__(self, *, pending=(), due=(), parked=(), aside=(), answers=True):
        self.pending, self.due, self.parked, self.aside, self.answers = pending, due, parked, aside, answers

    async def pending_since(self):
        return self._times(self.pending)

    async def due_since(self):
        return self._times(self.due)

    async def parked_since(self):
        return self._times(self.parked)

    async def set_aside_since(self):
        return self._times(self.aside)

    async def ping(self):
        return self.answers

    def _times(self, ages):
        assert self.answers, "a store that does not answer is not asked further"
        return [NOW - timedelta(seconds=age) for age in ages]


def reported(*, has_token=True, **figures):
    return Health(Figures(**figures), "sqlite", lambda: NOW, lambda: has_token).report()


async def test_all_is_well():
    assert await reported() == {
        "status": "ok",
        "version": __version__,
        "storage": "sqlite",
        "notices": {"pending": 0, "parked": 0, "oldest_due_seconds": 0},
        "clocks": {"overdue": 0},
        "work": {"set_aside": 0},
    }


@pytest.mark.parametrize(
    ("figures", "status"),
    [
        ({"pending": [300]}, "ok"),
        ({"pending": [0, 301]}, "degraded"),
        ({"due": [300]}, "ok"),
        ({"due": [301]}, "degraded"),
        ({"parked": [0]}, "degraded"),
        ({"aside": [1_000_000]}, "degraded"),
        ({"parked": [86_399]}, "degraded"),
        ({"parked": [86_400, 1_000_000]}, "ok"),
        ({"has_token": False}, "degraded"),
        ({"answers": False}, "down"),
        ({"answers": False, "has_token": False}, "down"),
    ],
)
async def test_the_status_follows_the_figures(figures, status):
    assert (await reported(**figures))["status"] == status


async def test_the_figures_are_counted():
    report = await reported(pending=[10, 400.9], parked=[90_000, 5], due=[1, 299, 301, 500])
    assert report["notices"] == {"pending": 2, "parked": 2, "oldest_due_seconds": 400}
    assert report["clocks"] == {"overdue": 2}


async def test_a_clock_that_runs_ahead_elsewhere_makes_no_negative_age():
    assert (await reported(pending=[-30]))["notices"]["oldest_due_seconds"] == 0


async def test_a_store_that_is_down_is_still_described():
    report = await reported(answers=False)
    assert report["notices"] == {"pending": 0, "parked": 0, "oldest_due_seconds": 0}
    assert (report["storage"], report["version"]) == ("sqlite", __version__)
