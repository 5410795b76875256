"""The composition root and the sub-commands; builds everything from settings, and serves it."""

import argparse
import asyncio
import gc
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, NoReturn
from uuid import uuid4

import aiohttp
from dotenv import dotenv_values

from bot.calendars import HolidayCalendars
from bot.clock import MovableClock
from bot.doctor import Doctor
from bot.domain.catalogues import REGIONS, WORKLOADS
from bot.domain.digest import month_of
from bot.domain.directory import DirectoryErrors
from bot.domain.errors import Mistake
from bot.domain.export_filter import ExportFilter, is_month
from bot.domain.export_reading import ExportReader
from bot.domain.exporting import COLUMNS, FEEDBACK_COLUMNS, feedback_line
from bot.domain.importing import ENDED
from bot.domain.kinds import Email, WholeNumber
from bot.domain.lifecycle import Status
from bot.domain.numbers import is_partner_code
from bot.domain.past import Diaries
from bot.domain.ports import Raced
from bot.domain.routing import RoutingError, load_table
from bot.domain.sample_town import town_of
from bot.domain.sampling import Plan, chunks
from bot.export_files import csv_file, workbook
from bot.listening import PortTaken, listening
from bot.logs import set_up_logs
from bot.progress import ProgressLine
from bot.service import Service, Stores
from bot.settings import LOCAL, Settings, SettingsError, read_settings
from state.admissions import AdmissionStore
from state.agendas import AgendaStore
from state.bulk import BulkWriter
from state.checkup import check_up
from state.clock import ClockOffsets
from state.conversations import ConversationStore, dump_stack, load_stack
from state.directory_files import read_files, write_files
from state.erasure import Erasure
from state.export_jobs import ExportJobStore
from state.figures import StoreFigures
from state.heard import HeardStore
from state.history import HistoryCheck
from state.importer import Importer, ImportErrors
from state.ledger import LedgerStore
from state.ledger_rebuild import LedgerRebuild
from state.people import PeopleStore
from state.people_cache import CachedPeople
from state.personal_data import NotErased
from state.personal_export import personal_data, write_new
from state.requests import RequestStore
from state.reviews import ReviewStore
from state.sqlite import SqliteStore
from state.table import Store, StoreUnavailable
from state.views import ViewStore
from state.views_rebuild import ViewsRebuild
from state.work import WorkStore

SOMETHING_TO_MEND = 1
WRONG_USE = 2
INTERRUPTED = 130
MOST_SAMPLES = 10_000_000

log = logging.getLogger("app")


def open_store(settings: Settings) -> Store:
    """Return the store that the settings name; it is connected by `open`."""
    if settings.sqlite_path is not None:
        return SqliteStore(settings.sqlite_path)
    from state.azure import AzureStore  # noqa: PLC0415 - loads slowly, and SQLite does without

    if settings.connection_string:
        try:
            return AzureStore.from_connection_string(settings.connection_string)
        except ValueError as error:
            raise SettingsError(["AZURE_STORAGE_CONNECTION_STRING cannot be read."]) from error
    from azure.identity.aio import DefaultAzureCredential  # noqa: PLC0415 - the same

    return AzureStore.from_account(settings.storage_account, DefaultAzureCredential())


def outward_session() -> aiohttp.ClientSession:
    """Return the session that fetches signing keys, speaks to Graph and uploads files.

    It goes by no proxy, unpacks nothing, and keeps no cookies: what one person's OneDrive sets is not for another's.
    """
    return aiohttp.ClientSession(trust_env=False, auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar())


def service_of(settings: Settings, store: Store, session: aiohttp.ClientSession) -> Service:
    """Return an instance of the bot over a store."""
    clock = MovableClock()
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
    return Service(settings, stores, session, clock)


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Store]:
    store = open_store(settings)
    try:
        await store.open()
        yield store
    finally:
        await store.close()


async def load_first_directory(settings: Settings, store: Store) -> None:
    """Load the directory folder of the settings when the store holds no directory yet."""
    people = PeopleStore(store)
    if settings.directory and await people.is_empty():
        await people.load(read_files(Path(settings.directory), settings.home_tenant))


async def serve(settings: Settings, _arguments: argparse.Namespace) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with opened(settings) as store, outward_session() as session:
        service = service_of(settings, store, session)
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


async def load_directory(settings: Settings, arguments: argparse.Namespace) -> None:
    with ProgressLine(sys.stderr, fewest=1_000) as shown:
        directory = read_files(arguments.folder, settings.home_tenant, partial(shown, "lines checked"))
        async with opened(settings) as store:
            summary = await PeopleStore(store).load(
                directory,
                remove_missing=arguments.remove_missing,
                dry_run=arguments.dry_run,
                progress=partial(shown, "rows written"),
            )
    for kind, counts in (("partners", summary.partners), ("people", summary.people)):
        words = f"{counts.added} added, {counts.changed} changed, {counts.removed} removed"
        print(f"{kind}: {words}, {counts.unchanged} unchanged, {counts.kept} no longer in the file but kept")
    if arguments.dry_run:
        print("Nothing was written: this was a dry run.")


async def export_directory(settings: Settings, arguments: argparse.Namespace) -> None:
    async with opened(settings) as store:
        write_files(await PeopleStore(store).export(), arguments.folder)
    print(f"Written: {arguments.folder / 'partners.csv'} and {arguments.folder / 'people.csv'}")


def _export_filter(arguments: argparse.Namespace) -> ExportFilter:
    if arguments.first and arguments.last and arguments.first > arguments.last:
        raise SettingsError([f"--from {arguments.first} is later than --to {arguments.last}."])
    return ExportFilter(
        partners=tuple(dict.fromkeys(arguments.partner)),
        first=arguments.first,
        last=arguments.last,
        status=arguments.status,
        workload=arguments.workload,
        region=arguments.region,
        fpm=arguments.fpm or "",
    )


async def export(settings: Settings, arguments: argparse.Namespace) -> None:
    wanted, folder = _export_filter(arguments), arguments.folder
    async with opened(settings) as store:
        clock = await present_clock(settings, store)
        work = WorkStore(store, "export", clock)
        requests = RequestStore(store, work, clock)
        reader = ExportReader(requests, LedgerStore(store), PeopleStore(store), clock)
        total, count = await reader.to_look_at(wanted), 0
        with (
            ProgressLine(sys.stderr, fewest=1_000) as shown,
            csv_file(folder / "requests.csv", COLUMNS) as write_csv,
            workbook(folder / "requests.xlsx", "Requests", COLUMNS) as write_sheet,
        ):
            async for lines in reader.groups(wanted, lambda done: shown("requests", done, max(done, total, 1))):
                write_csv(lines)
                write_sheet(lines)
                count += len(lines)
        said = 0 if wanted.fpm else await _export_feedback(HeardStore(store, work, clock), wanted, folder)
    print(f"Written: {folder / 'requests.csv'} and {folder / 'requests.xlsx'} ({count:,} requests)")
    if not wanted.fpm:
        print(f"Written: {folder / 'feedback.csv'} ({said:,} lines)")


async def _export_feedback(heard: HeardStore, wanted: ExportFilter, folder: Path) -> int:
    """Write what was said of the service in the months and of the partners that are wanted; return how much it is."""
    count = 0
    with csv_file(folder / "feedback.csv", FEEDBACK_COLUMNS) as write:
        async for said in heard.heard(datetime.min.replace(tzinfo=UTC)):
            if wanted.is_of(said.partner, month_of(said.at)):
                write([feedback_line(said)])
                count += 1
    return count


async def present_clock(settings: Settings, store: Store) -> MovableClock:
    """Return the clock as the running bot has it: in local mode it may have been moved."""
    clock = MovableClock()
    if settings.is_local:
        clock.offset = timedelta(seconds=await ClockOffsets(store).load())
    return clock


async def sample_history(settings: Settings, arguments: argparse.Namespace) -> int | None:
    async with opened(settings) as store:
        await load_first_directory(settings, store)
        directory = await PeopleStore(store).export()
        diaries = Diaries(HolidayCalendars(), directory.people)
        clock = await present_clock(settings, store)
        plan = Plan(arguments.requests, arguments.seed, arguments.months, clock())
        try:
            town = town_of(directory, plan.seed)
        except Mistake as mistake:
            print(mistake.sentence, file=sys.stderr)
            return WRONG_USE
        with ProgressLine(sys.stderr, fewest=1_000) as shown:
            told = chunks(town, diaries, load_table(), plan)
            outcome = await BulkWriter(store, clock).write_all(told, plan.requests, shown)
    print(
        f"{outcome.added:,} requests added, {outcome.known:,} stood there before; {outcome.deflections:,} deflections"
    )
    return None


async def import_requests(settings: Settings, arguments: argparse.Namespace) -> None:
    async with opened(settings) as store:
        await load_first_directory(settings, store)
        directory = await PeopleStore(store).export()
        clock = await present_clock(settings, store)
        with ProgressLine(sys.stderr, fewest=1_000) as shown:
            importer = Importer(store, dict(directory.partners), clock, arguments.file, shown)
            intake = await importer.run(dry_run=arguments.dry_run)
    for code in sorted({partner for counts in (intake.new, intake.known) for partner, _ in counts}):
        new = [f"{intake.new[code, status]:,} {status}" for status in ENDED if intake.new[code, status]]
        known = sum(count for (partner, _), count in intake.known.items() if partner == code)
        print(f"{code}: {', '.join(new) or 'nothing'} new, {known:,} stood there before")
    print(f"{intake.new.total():,} requests new, {intake.known.total():,} stood there before")
    if arguments.dry_run:
        print("Nothing was written: this was a dry run.")


async def rebuild_views(settings: Settings, _arguments: argparse.Namespace) -> None:
    async with opened(settings) as store:
        clock = await present_clock(settings, store)
        with ProgressLine(sys.stderr) as shown:
            rebuilt = await ViewsRebuild(store, clock, shown).run()
            booked = await LedgerRebuild(store, clock, shown).run()
    words = f"{rebuilt.written:,} written, {rebuilt.removed:,} removed, {rebuilt.right:,} left as they were"
    print(f"{rebuilt.requests:,} requests; list rows: {words}")
    print(f"In the ledger of the numbers: {booked.requests:,} requests, {booked.deflections:,} deflections")
    if booked.recounted:
        print(f"Months that were counted wrongly, and are right now: {booked.recounted:,}")


async def check_history(settings: Settings, _arguments: argparse.Namespace) -> int:
    checked = faulty = 0
    async with opened(settings) as store:
        async for number, fault in HistoryCheck(store).faults():
            checked += 1
            if fault:
                faulty += 1
                print(f"{number} {fault}")
    print(f"{checked:,} histories replayed; {faulty:,} of them do not lead to the request that is stored")
    return SOMETHING_TO_MEND if faulty else 0


async def doctor(settings: Settings, _arguments: argparse.Namespace) -> int:
    to_mend = 0
    async with opened(settings) as store, outward_session() as session:
        clock = await present_clock(settings, store)
        examined = Doctor(
            settings,
            check_up=partial(check_up, store),
            has_no_directory=PeopleStore(store).is_empty,
            figures=StoreFigures(store, clock),
            work=WorkStore(store, "doctor", clock),
            session=session,
            clock=clock,
        )
        async for finding in examined.findings():
            to_mend += bool(finding.mend)
            print(f"{'MEND' if finding.mend else 'ok':4}  {finding.name}: {finding.is_so}")
            if finding.mend:
                print(f"      {finding.mend}")
    return SOMETHING_TO_MEND if to_mend else 0


def _email_address(text: str) -> str:
    try:
        return Email().parse(text, {})
    except Mistake as mistake:
        raise argparse.ArgumentTypeError(mistake.sentence) from mistake


def _count_up_to(most: int) -> Callable[[str], int]:
    def count(text: str) -> int:
        try:
            return int(WholeNumber(1, most).parse(text, {}))
        except Mistake as mistake:
            raise argparse.ArgumentTypeError(mistake.sentence) from mistake

    return count


def _typed_again(email: str) -> bool:
    """Whether the address is typed once more at a terminal; without one nobody is asked."""
    if not sys.stdin.isatty():
        return True
    try:
        return input(f"Type {email} again to erase what is kept about them: ").strip().lower() == email
    except EOFError:
        return False


async def person(settings: Settings, arguments: argparse.Namespace) -> int | None:
    email, (kind, _, value) = arguments.email, settings.mail.partition(":")
    mail = Path(value) if kind == "folder" else None
    if arguments.erase and not arguments.yes and not _typed_again(email):
        print("This is another address. Nothing was erased.", file=sys.stderr)
        return WRONG_USE
    try:
        async with opened(settings) as store:
            clock = await present_clock(settings, store)
            if arguments.export:
                write_new(arguments.export, await personal_data(store, email, mail, clock()))
                print(f"Written: {arguments.export}")
                return None
            with ProgressLine(sys.stderr, fewest=1_000) as shown:
                erased = await Erasure(store, mail, clock, shown).run(email)
    except NotErased as refusal:
        print(refusal, file=sys.stderr)
        return WRONG_USE
    except Raced:
        print("Others keep changing what is to be erased. Please run this again to finish it.", file=sys.stderr)
        return WRONG_USE
    words = f"{erased.rewritten:,} rows rewritten, {erased.deleted:,} rows and {erased.mails:,} mails deleted"
    print(f"Erased at {clock():%Y-%m-%d %H:%M} UTC: {words}; proof {erased.hash}")
    print("Take the person out of people.csv too, or the next load-directory brings them back.")
    return None


async def rules(_settings: Settings, _arguments: argparse.Namespace) -> None:
    table = load_table()
    print(f"Routing table, version {table.version}")
    lines = [(seats, language, verdict, names) for names, seats, language, verdict in table.as_lines(codes=True)]
    lines.insert(0, ("Seats", "Language", "Verdict", "Workloads"))
    widths = [max(len(line[column]) for line in lines) for column in range(3)]
    for *cells, workloads in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)), workloads, sep="  ")


Command = Callable[[Settings, argparse.Namespace], Coroutine[Any, Any, int | None]]


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        print(f"{self.prog}: {message}", file=sys.stderr)
        sys.exit(WRONG_USE)


def _one_of(what: str, is_known: Callable[[str], bool]) -> Callable[[str], str]:
    def known(text: str) -> str:
        # The parser puts defaults through this too.
        if text and not is_known(text):
            raise argparse.ArgumentTypeError(f"{text!r} is no {what}")
        return text

    return known


def _add_export(parser: argparse.ArgumentParser) -> None:
    month = _one_of("month like 2026-10", is_month)
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--from", dest="first", type=month, default="", metavar="YYYY-MM", help="first month")
    parser.add_argument("--to", dest="last", type=month, default="", metavar="YYYY-MM", help="last month")
    code = _one_of("partner code", is_partner_code)
    parser.add_argument("--partner", type=code, action="append", default=[], metavar="CODE", help="again for more")
    status = _one_of("status", frozenset(Status).__contains__)
    parser.add_argument("--status", type=status, default="", metavar="STATUS", help="only those that stand there")
    workload = _one_of("workload", WORKLOADS.__contains__)
    parser.add_argument("--workload", type=workload, default="", metavar="CODE", help="only those for it")
    parser.add_argument("--region", type=_one_of("region", REGIONS.__contains__), default="", metavar="CODE")
    parser.add_argument("--fpm", type=_email_address, metavar="EMAIL", help="only what is this FPM's")
    parser.set_defaults(command=export)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="app.py", description=__doc__)
    parser.set_defaults(command=serve)
    commands = parser.add_subparsers(metavar="COMMAND", parser_class=_Parser)
    commands.add_parser("serve", help="the bot (the default)").set_defaults(command=serve)
    loading = commands.add_parser("load-directory", help="load or update partners and people")
    loading.add_argument("folder", type=Path, metavar="FOLDER")
    loading.add_argument("--remove-missing", action="store_true", help="remove who is not in the files")
    loading.add_argument("--dry-run", action="store_true", help="say what would change, write nothing")
    loading.set_defaults(command=load_directory)
    exporting = commands.add_parser("export-directory", help="write the two directory files")
    exporting.add_argument("folder", type=Path, metavar="FOLDER")
    exporting.set_defaults(command=export_directory)
    sampling = commands.add_parser("sample-history", help="add believable earlier requests, for trials and benchmarks")
    sampling.add_argument("requests", type=_count_up_to(MOST_SAMPLES), metavar="N")
    sampling.add_argument("--seed", default="1", help="another seed gives other requests")
    sampling.add_argument("--months", type=_count_up_to(120), default=24, help="over how many months (24)")
    sampling.set_defaults(command=sample_history)
    _add_export(commands.add_parser("export", help="write all requests as CSV and Excel files"))
    importing = commands.add_parser("import-requests", help="take in earlier requests from a CSV file")
    importing.add_argument("file", type=Path, metavar="FILE")
    importing.add_argument("--dry-run", action="store_true", help="check it and say what is new, write nothing")
    importing.set_defaults(command=import_requests)
    rebuilding = commands.add_parser("rebuild-views", help="make the derived lists anew, also while the bot runs")
    rebuilding.set_defaults(command=rebuild_views)
    checking = commands.add_parser("check-history", help="replay every history and compare it with what is stored")
    checking.set_defaults(command=check_history)
    commands.add_parser("doctor", help="examine the installation, and say what to mend").set_defaults(command=doctor)
    about = commands.add_parser("person", help="what is kept about a person, and how to erase it")
    about.add_argument("email", type=_email_address, metavar="EMAIL")
    wanted = about.add_mutually_exclusive_group(required=True)
    wanted.add_argument("--export", type=Path, metavar="FILE", help="write what is kept as JSON into a new file")
    wanted.add_argument("--erase", action="store_true", help="replace names and texts, delete mail and references")
    about.add_argument("--yes", action="store_true", help="erase without asking again")
    about.set_defaults(command=person)
    commands.add_parser("rules", help="print the routing table in force").set_defaults(command=rules)
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
    except Raced:
        print("Somebody else is loading the directory at the same time. Please run this again.", file=sys.stderr)
        return WRONG_USE
    except KeyboardInterrupt:
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
