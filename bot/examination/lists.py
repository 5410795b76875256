"""Derived lists and the ledger: that they show what the requests are."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from bot.domain.ports import Clock
from bot.examination.finding import Finding, counted, examples, to_mend
from bot.health import LATE

_REBUILD = "Run rebuild-views."


async def lists_examined(
    derived: Callable[[datetime], Awaitable[tuple[list[str], list[str]]]], clock: Clock
) -> Sequence[Finding]:
    """Return what people read in lists and numbers that is not so, although there was time to write it."""
    unwritten, uncounted = await derived(clock() - LATE)
    found = []
    if unwritten:
        is_so = f"{counted(len(unwritten), 'request')} not in the lists as changed: {examples(unwritten)}"
        found.append(to_mend("lists", is_so, f"Is an instance running? {_REBUILD}"))
    if uncounted:
        is_so = f"{counted(len(uncounted), 'partner')} missing in the numbers: {examples(uncounted)}"
        found.append(to_mend("lists", is_so, _REBUILD))
    return found or [Finding("lists", "show the requests as they are")]
