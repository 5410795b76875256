"""What an examination has found, and how all of them are run: at once, each for itself, and to an end."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from traceback import extract_tb

from bot.domain.unreadable import IN_THE_RUNBOOK, UnreadableRow

LONGEST = 10.0
"""How many seconds an examination may take."""
_FAILED = "Run this again; if it stays, report it with this line."


class Level(StrEnum):
    """Whether something has to be done; the value is what stands before the line."""

    OK = "ok"
    NOTE = "note"
    MEND = "MEND"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing examined: how it is, and what to do about it, '' where nothing is."""

    name: str
    is_so: str
    level: Level = Level.OK
    advice: str = ""


def to_mend(name: str, is_so: str, advice: str) -> Finding:
    return Finding(name, is_so, Level.MEND, advice)


def noted(name: str, is_so: str, advice: str = "") -> Finding:
    """Return what is worth knowing and may stay as it is."""
    return Finding(name, is_so, Level.NOTE, advice)


Examination = Callable[[], Awaitable[Sequence[Finding]]]


async def findings_of(examinations: Mapping[str, Examination], longest: float = LONGEST) -> AsyncIterator[Finding]:
    """Run all at once, and yield what they find in their order; one that fails or hangs is a finding itself."""
    running = [asyncio.ensure_future(_examined(*each, longest)) for each in examinations.items()]
    for one in running:
        for finding in await one:
            yield finding


async def _examined(name: str, examination: Examination, longest: float) -> Sequence[Finding]:
    work = asyncio.ensure_future(examination())
    # Waited for rather than timed out: what hangs may hang once more when it is cancelled.
    await asyncio.wait({work}, timeout=longest)
    if not work.done():
        work.add_done_callback(_nobody_asks)
        work.cancel()
        return [to_mend(name, f"could not be examined within {longest:.0f} seconds", "What it asks does not answer.")]
    failure = work.exception()
    if isinstance(failure, UnreadableRow):
        return [to_mend(name, f"not examined to its end: {failure}", IN_THE_RUNBOOK)]
    if failure:
        return [to_mend(name, f"could not be examined: {type(failure).__name__} at {_place_of(failure)}", _FAILED)]
    return work.result()


def _place_of(failure: BaseException) -> str:
    """Return where in the program it failed; what it says may quote what is stored."""
    place = extract_tb(failure.__traceback__)[-1]
    return f"{Path(place.filename).name}:{place.lineno}"


def _nobody_asks(work: "asyncio.Future[Sequence[Finding]]") -> None:
    """Take note of how work ended that nobody waits for."""
    if not work.cancelled():
        work.exception()


def counted(count: int, one: str, many: str = "") -> str:
    """Return a count with what is counted: 1 partner, 1,200 partners."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def examples(names: Sequence[str], most: int = 5) -> str:
    """Return the first names, and how many there are besides."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
