"""The examination of an installation, as lines for an administrator."""

import argparse
import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from zoneinfo import ZoneInfo

from bot.channel.outward import outward_session
from bot.clock import MovableClock
from bot.doctor import Doctor, Stored
from bot.domain.ports import Clock
from bot.examination.directory import Known
from bot.examination.finding import Finding, Level
from bot.examination.storage import storage_refused
from bot.settings import Settings
from cli.arguments import SOMETHING_TO_MEND, AddParser, email_address
from cli.stores import open_store, present_clock
from state.checkup import check_up
from state.directory_files import has_known_holidays
from state.figures import StoreFigures
from state.survey import Survey
from state.table import Store, StoreUnavailable
from state.work import WorkStore

_LONGEST_OPENING = 8.0
_LONGEST_REASON = 200


def add_to(add_parser: AddParser) -> None:
    examining = add_parser("doctor", help="examine the installation, and say what to mend")
    examining.add_argument("--mail", type=email_address, metavar="ADDRESS", help="send a test mail there as well")
    examining.set_defaults(command=doctor)


async def doctor(settings: Settings, arguments: argparse.Namespace) -> int:
    to_mend = 0
    async with _opened(settings) as (clock, stored), outward_session() as session:
        async for finding in Doctor(settings, os.environ, stored, session, clock).findings(arguments.mail or ""):
            to_mend += _shown(finding)
    return SOMETHING_TO_MEND if to_mend else 0


def _shown(finding: Finding) -> bool:
    """Print a finding; return whether there is something to mend."""
    print(f"{finding.level.value:4}  {finding.name}: {finding.is_so}", flush=True)
    if finding.advice:
        print(f"      {finding.advice}", flush=True)
    return finding.level is Level.MEND


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[tuple[Clock, Stored | Finding]]:
    """Open the store that the settings name, and give the clock and what is read; or why it cannot be opened."""
    store = open_store(settings)
    try:
        if refusal := await refusal_of(settings, store):
            yield MovableClock(), refusal
        else:
            clock = await present_clock(settings, store)
            yield clock, _stored(store, clock)
    finally:
        await store.close()


async def refusal_of(settings: Settings, store: Store, longest: float = _LONGEST_OPENING) -> Finding | None:
    """Open the store; return why that could not be, None when it is open."""
    opening = asyncio.ensure_future(store.open())
    await asyncio.wait({opening}, timeout=longest)
    if not opening.done():
        opening.cancel()
        return storage_refused(settings, f"not opened within {longest:.0f} seconds")
    failure = opening.exception()
    if failure is None:
        return None
    # What the Azure client raises is looked at by its shape: the client itself loads slowly, and SQLite does without.
    said = failure.__cause__ if isinstance(failure, StoreUnavailable) else failure
    status, code = getattr(said, "status_code", None) or 0, getattr(said, "error_code", None) or ""
    reason = str(failure).partition("\n")[0][:_LONGEST_REASON] or type(failure).__name__
    return storage_refused(settings, f"not opened: {reason}", status, str(getattr(code, "value", code)))


def _stored(store: Store, clock: Clock) -> Stored:
    survey = Survey(store, clock)
    return Stored(
        check_up=partial(check_up, store),
        ping=store.ping,
        directory=survey.directory,
        derived=survey.derived,
        figures=StoreFigures(store, clock),
        work=WorkStore(store, "doctor", clock),
        known=Known(_is_time_zone, has_known_holidays),
    )


def _is_time_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True
