"""A process whose event loop hangs ends by itself and says where; one that works or waits does not."""

import asyncio
import sys

import pytest

PROGRAM = """
import asyncio
import time

from bot.watchdog import watched


async def hang():
    time.sleep(60)


async def wait():
    await asyncio.sleep(2.5)


async def main():
    async with watched({longest}):
        await asyncio.sleep(0)
        await {what}()
    time.sleep({after})
    print("at its end")


asyncio.run(main())
"""


async def ran(what: str, longest: float, after: float = 0) -> tuple[int, str, str]:
    program = PROGRAM.format(what=what, longest=longest, after=after)
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdout=pipe, stderr=pipe)
    said, warned = await process.communicate()
    return process.returncode, said.decode(), warned.decode()


async def test_an_event_loop_that_hangs_ends_the_process_and_says_where():
    status, said, warned = await ran("hang", 0.5)
    assert (status, said) == (1, "")
    assert "in hang" in warned


@pytest.mark.parametrize("after", [0, 2.5], ids=["waiting", "busy after it was watched"])
async def test_an_event_loop_that_works_goes_on(after):
    assert await ran("wait", 2, after) == (0, "at its end\n", "")
