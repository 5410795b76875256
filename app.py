"""The composition root: builds everything from settings, and serves it or runs one of the sub-commands."""

import argparse
import asyncio
import gc
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, nullcontext
from functools import partial
from uuid import uuid4

import aiohttp
from dotenv import dotenv_values

from bot.channel.outward import outward_session
from bot.clock import MovableClock
from bot.domain.directory import DirectoryErrors
from bot.domain.ports import Raced
from bot.domain.routing import RoutingError
from bot.domain.unreadable import UnreadableRow
from bot.listening import PortTaken, listening
from bot.logs import set_up_logs
from bot.service import Service, Stores
from bot.settings import LOCAL, Settings, SettingsError, read_settings
from bot.telemetry import OFF, Telemetry
from bot.watchdog import watched
from cli import backup, directory, files, upkeep
from cli.arguments import WRONG_USE, OneLineParser
from cli.stores import load_first_directory, opened
from cli.unreadable import unreadable_told
from state.admissions import AdmissionStore
from state.agendas import AgendaStore
from state.clock import ClockOffsets
from state.conversations import ConversationStore, dump_stack, load_stack
from state.export_jobs import ExportJobStore
from state.figures import StoreFigures
from state.heard import HeardStore
from state.importer import ImportErrors
from state.ledger import LedgerStore
from state.people import PeopleStore
from state.people_cache import CachedPeople
from state.requests import RequestStore
from state.reviews import ReviewStore
from state.table import Store, StoreUnavailable
from state.views import ViewStore
from state.watched import WatchedStore
from state.work import WorkStore

INTERRUPTED = 130

log = logging.getLogger("app")


def service_of(settings: Settings, store: Store, session: aiohttp.ClientSession, telemetry: Telemetry = OFF) -> Service:
    """Return an instance of the bot over a store."""
    clock = MovableClock()
    if telemetry.is_on:
        store = WatchedStore(store, partial(telemetry.commit, settings.storage_kind))
    work = WorkStore(store, uuid4().hex, clock)
    stores = Stores(
        requests=RequestStore(store, work, clock),
        lists=ViewStore(store, clock),
        ledger=LedgerStore(store),
        reviews=ReviewStore(store),
        people=CachedPeople(PeopleStore(store)),
        admissions=AdmissionStore(store, work, clock),
        agendas=AgendaStore(store, work, clock),
        feedbacks=HeardStore(store, work, clock),
        conversations=ConversationStore(store),
        work=work,
        figures=StoreFigures(store, clock),
        offsets=ClockOffsets(store),
        load_stack=load_stack,
        dump_stack=dump_stack,
        export_jobs=ExportJobStore(store, work, clock),
    )
    return Service(settings, stores, session, clock, telemetry)


@asynccontextmanager
async def telemetry_of(settings: Settings) -> AsyncIterator[Telemetry]:
    """Give what the instance tells of itself, by the settings: nothing, or all of it to Application Insights."""
    if not settings.insights:
        yield OFF
        return
    from bot.telemetry_export import exported  # noqa: PLC0415 - loads slowly, and most do without

    async with exported(settings) as telemetry:
        yield telemetry


async def serve(settings: Settings, _arguments: argparse.Namespace) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    # A debugger on one's own machine may stop it for long.
    watch = nullcontext() if settings.is_local else watched()
    async with watch, telemetry_of(settings) as telemetry, opened(settings) as store, outward_session() as session:
        service = service_of(settings, store, session, telemetry)
        await load_first_directory(settings, store)
        if settings.is_local:
            log.warning("local mode: sign-in is OFF, only this machine may connect")
        # The socket outlives the service: whoever calls while it drains is told so.
        async with listening(service.web.application(), settings.host, settings.port) as port, service.running():
            log.info("listening", extra={"host": settings.host, "port": port})
            # What start-up made lives as long as the process; looking through it for garbage costs 9 % of a turn.
            gc.collect()
            gc.freeze()
            await stop.wait()
            log.info("stopping")
            # Until a load balancer knows, it still sends activities here.
            service.web.leave()
            await asyncio.sleep(settings.linger_seconds)


def _parser() -> argparse.ArgumentParser:
    parser = OneLineParser(prog="app.py", description=__doc__)
    parser.set_defaults(command=serve)
    commands = parser.add_subparsers(metavar="COMMAND", parser_class=OneLineParser)
    commands.add_parser("serve", help="the bot (the default)").set_defaults(command=serve)
    for area in (directory, files, backup, upkeep):
        area.add_to(commands.add_parser)
    return parser


def environment() -> Mapping[str, str]:
    """Return the environment; in local mode the `.env` file stands behind it."""
    if os.environ.get("SME_MODE", LOCAL) != LOCAL:
        return os.environ
    try:
        beside = {k: v for k, v in dotenv_values(".env").items() if v is not None and k != "SME_MODE"}
    except UnicodeDecodeError as error:
        raise SettingsError([".env is not a text in UTF-8."]) from error
    return beside | dict(os.environ)


def main(words: Sequence[str] | None = None) -> int:
    """Run one command; 0 on success, 1 when it found something to mend, 2 on wrong use or bad input.

    What is wrong with use or input is said on standard error.
    """
    arguments = _parser().parse_args(words)
    set_up_logs()
    try:
        return asyncio.run(arguments.command(read_settings(environment()), arguments)) or 0
    except (SettingsError, PortTaken, DirectoryErrors, ImportErrors, RoutingError, StoreUnavailable, OSError) as error:
        print(error, file=sys.stderr)
        return WRONG_USE
    except UnreadableRow as damaged:
        return unreadable_told([str(damaged)]) or 0
    except Raced:
        print("Somebody else is loading the directory at the same time. Please run this again.", file=sys.stderr)
        return WRONG_USE
    except (KeyboardInterrupt, asyncio.CancelledError):
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
