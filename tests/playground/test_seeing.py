"""Lists, the portfolio, insights and feedback with real clicks, over two years of sample history; charts as drawn."""

import asyncio
import sys
from pathlib import Path

from tests.browser import ROOT, Person
from tests.playground.conftest import Picture, people_at_their_pages

HISTORY = 1200
WORDS = "The new lists save me an hour each Monday."


async def test_people_see_what_waits_how_partners_stand_and_what_was_counted(chromium_path, tmp_path, picture):
    await told(tmp_path, HISTORY)
    async with people_at_their_pages(chromium_path, tmp_path, "Lee Park", "Samira Haddad") as (lee, samira):
        await leafs_through_lists(lee, picture)
        await reviews_a_partner(lee, picture)
        await reads_a_request_in_full(lee, picture)
        await lee.write(f"feedback {WORDS}")
        await hears_of_it(samira, picture)
        await looks_at_the_numbers(samira, picture)


async def told(folder: Path, count: int) -> None:
    """Fill the store of the local run with sample history."""
    command = (sys.executable, "app.py", "sample-history", str(count))
    process = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, env={"SME_STORAGE": f"sqlite:{folder / 'sme.db'}"}, stdout=asyncio.subprocess.DEVNULL
    )
    assert await process.wait() == 0


async def leafs_through_lists(lee: Person, picture: Picture) -> None:
    await lee.write("inbox")
    await lee.sees("Approve several")
    await picture(lee, "inbox")
    await lee.open("Deny several")
    await lee.sees("Reason")
    await picture(lee, "deny-several")
    await lee.write("my requests")
    await lee.sees("My requests")
    await picture(lee, "requests")
    await lee.press("Next page")
    await lee.sees("First page")
    await lee.open("Filter")
    await lee.choose("Status", "Denied")
    await lee.press("Show")
    await lee.sees("Only: Denied")
    await picture(lee, "denied-requests")


async def reviews_a_partner(lee: Person, picture: Picture) -> None:
    await lee.write("portfolio")
    await lee.sees("Portfolio")
    await picture(lee, "portfolio")
    await lee.press("Review")
    await lee.sees("Not reviewed yet")
    await picture(lee, "review")
    await lee.press("Review done")
    await lee.sees("Nothing has changed.")
    await picture(lee, "reviewed")


async def reads_a_request_in_full(lee: Person, picture: Picture) -> None:
    await lee.press("Requests")
    await lee.sees("My requests")
    await lee.press("Open")
    await lee.sees("Full history")
    await lee.press("Full history")
    for part in ("Promises", "Notices"):
        await lee.press(part)
        await lee.sees("Back to the request")
        await picture(lee, f"in-full-{part.lower()}")


async def hears_of_it(samira: Person, picture: Picture) -> None:
    await samira.is_told(WORDS)
    await samira.write("feedback")
    await samira.sees("What was heard")
    await samira.sees(WORDS)
    await picture(samira, "heard")


async def looks_at_the_numbers(samira: Person, picture: Picture) -> None:
    await samira.write("insights")
    await samira.sees("Insights: Volumes")
    await picture(samira, "insights-volumes")
    for part in ("Promises", "Decisions", "Demand", "SMEs and ratings"):
        await samira.press(part)
        await samira.sees(f"Insights: {part}")
        await picture(samira, f"insights-{part.split()[0].lower()}")
