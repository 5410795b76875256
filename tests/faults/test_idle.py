"""An instance that nobody talks to asks little of the storage: what its polling costs, counted on the way there."""

import asyncio
import os
import time

from state.table import TABLES
from tests.faults.storage_proxy import forget_everything, rows_of, running_proxy
from tests.state import conftest as stores
from tests.stories.journey import approved, submitted
from tests.stories.running_bot import running_bot

IDLE_SECONDS = float(os.environ.get("IDLE_SECONDS", "8"))
MOST_A_SECOND = 3
LEASE_AND_MORE = 65


async def test_an_idle_instance_asks_the_storage_fewer_than_three_times_a_second(tmp_path, azurite, say):
    straight = stores.connection_string(azurite)
    forget_everything(straight)
    async with running_proxy(f"http://127.0.0.1:{azurite}", seed=0) as proxy:
        through = stores.connection_string(int(proxy.url.rpartition(":")[2]))
        settings = {"SME_STORAGE": "azure", "AZURE_STORAGE_CONNECTION_STRING": through}
        async with running_bot(tmp_path, **settings) as bot:
            await bring_work(bot)
            kept = [rows_of(straight, table) for table in TABLES]

            calls, began = proxy.calls, time.perf_counter()
            # The stretch is what is measured; nothing is waited for. A slow machine only makes the rate lower.
            await asyncio.sleep(IDLE_SECONDS)
            calls, seconds = proxy.calls - calls, time.perf_counter() - began

            assert [rows_of(straight, table) for table in TABLES] == kept, "it was not idle"
    say(f"idle: {calls} storage calls in {seconds:.1f} s, {calls / seconds:.2f} a second")
    assert 0 < calls < MOST_A_SECOND * seconds


async def bring_work(bot):
    """Have requests wait for people, with all that is due for them done."""
    dana, joshua, mei, lee, renee, arjun = await bot.people(
        "Dana Reyes", "Joshua Whitfield", "Mei Lin Tan", "Lee Park", "Renee Carter", "Arjun Nair"
    )
    await approved(dana, lee)
    await submitted(joshua)
    number = await submitted(mei)
    await arjun.press("deny", showing=number, deny_reason="out_of_scope")
    for _ in range(2):
        await bot.advance(LEASE_AND_MORE)
    assert renee.chat
