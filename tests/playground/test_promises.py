"""A silent FPM and what becomes of it, with real clicks: days pass by the local clock, and everybody hears in time."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import aiohttp

from tests.browser import free_ports
from tests.playground.conftest import people_at_their_pages
from tests.playground.test_journey import asks

LONDON = ZoneInfo("Europe/London")
HOUR = 3_600


class Clock:
    """Moves the clock of the local run."""

    def __init__(self, port: int) -> None:
        self._url = f"http://127.0.0.1:{port}/local/clock"

    async def advance(self, seconds: float) -> datetime:
        async with (
            aiohttp.ClientSession() as session,
            session.post(self._url, json={"advance_seconds": seconds}) as answer,
        ):
            return datetime.fromisoformat((await answer.json())["now"])

    async def go_to_a_monday(self) -> None:
        """Go to 10:00 in London on the first Monday that is no holiday there."""
        now = await self.advance(0)
        monday = datetime(2027, 1, 11, 10, tzinfo=LONDON)
        while monday <= now:
            monday += timedelta(days=364)
        await self.advance((monday - now).total_seconds())


async def test_an_fpm_is_reminded_briefed_and_passed_over(chromium_path, tmp_path, picture):
    port = free_ports(1)
    names = ("Dana Reyes", "Lee Park", "Ana Souza")
    async with people_at_their_pages(chromium_path, tmp_path, *names, SME_PORT=str(port)) as (dana, lee, ana):
        clock = Clock(port)
        await clock.go_to_a_monday()
        for person in (lee, ana):
            await person.write("hello")
            await person.sees("SME requests")
        await asks(dana, picture)
        await lee.sees("Please decide by Tue 12 Jan, 10:00 GMT")

        await clock.advance(4 * HOUR + 60)
        await lee.sees("Reminder")
        await picture(lee, "reminder")

        await clock.advance(19 * HOUR)
        await lee.sees("Good morning")
        await picture(lee, "brief")

        await clock.advance(HOUR)
        await dana.is_told("First look late")
        await picture(dana, "first-look-late")

        await clock.advance(96 * HOUR)
        await ana.sees("was promised by")
        await picture(ana, "escalation")
        await lee.sees("Reminder")
        await picture(lee, "late-reminder")

        await lee.press("Approve")
        await lee.sees("Approved by Lee Park")
        await picture(lee, "approved-from-the-reminder")
        await ana.sees("Assign an SME")
        await picture(ana, "escalation-to-act-on")
