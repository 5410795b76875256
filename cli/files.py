"""Requests in and out as files for people, and requests made up."""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from bot.calendars import HolidayCalendars
from bot.domain.catalogues import REGIONS, WORKLOADS
from bot.domain.digest import month_of
from bot.domain.errors import Mistake
from bot.domain.export_filter import ExportFilter, is_month
from bot.domain.export_reading import ExportReader
from bot.domain.exporting import COLUMNS, FEEDBACK_COLUMNS, feedback_line
from bot.domain.importing import ENDED
from bot.domain.lifecycle import Status
from bot.domain.numbers import is_partner_code
from bot.domain.past import Diaries
from bot.domain.routing import load_table
from bot.domain.sample_town import town_of
from bot.domain.sampling import Plan, chunks
from bot.export_files import csv_file, workbook
from bot.progress import ProgressLine
from bot.settings import Settings, SettingsError
from cli.arguments import WRONG_USE, AddParser, count_up_to, email_address, one_of
from cli.stores import load_first_directory, opened, present_clock
from state.bulk import BulkWriter
from state.heard import HeardStore
from state.importer import Importer
from state.ledger import LedgerStore
from state.people import PeopleStore
from state.requests import RequestStore
from state.work import WorkStore

MOST_SAMPLES = 10_000_000


def add_to(add_parser: AddParser) -> None:
    sampling = add_parser("sample-history", help="add believable earlier requests, for trials and benchmarks")
    sampling.add_argument("requests", type=count_up_to(MOST_SAMPLES), metavar="N")
    sampling.add_argument("--seed", default="1", help="another seed gives other requests")
    sampling.add_argument("--months", type=count_up_to(120), default=24, help="over how many months (24)")
    sampling.set_defaults(command=sample_history)
    _add_export(add_parser("export", help="write all requests as CSV and Excel files"))
    importing = add_parser("import-requests", help="take in earlier requests from a CSV file")
    importing.add_argument("file", type=Path, metavar="FILE")
    importing.add_argument("--dry-run", action="store_true", help="check it and say what is new, write nothing")
    importing.set_defaults(command=import_requests)


def _add_export(parser: argparse.ArgumentParser) -> None:
    month = one_of("month like 2026-10", is_month)
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--from", dest="first", type=month, default="", metavar="YYYY-MM", help="first month")
    parser.add_argument("--to", dest="last", type=month, default="", metavar="YYYY-MM", help="last month")
    code = one_of("partner code", is_partner_code)
    parser.add_argument("--partner", type=code, action="append", default=[], metavar="CODE", help="again for more")
    status = one_of("status", frozenset(Status).__contains__)
    parser.add_argument("--status", type=status, default="", metavar="STATUS", help="only those that stand there")
    workload = one_of("workload", WORKLOADS.__contains__)
    parser.add_argument("--workload", type=workload, default="", metavar="CODE", help="only those for it")
    parser.add_argument("--region", type=one_of("region", REGIONS.__contains__), default="", metavar="CODE")
    parser.add_argument("--fpm", type=email_address, metavar="EMAIL", help="only what is this FPM's")
    parser.set_defaults(command=export)


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


async def _export_feedback(heard: HeardStore, wanted: ExportFilter, folder: Path) -> int:
    """Write what was said of the service in the months and of the partners that are wanted; return how much it is."""
    count = 0
    with csv_file(folder / "feedback.csv", FEEDBACK_COLUMNS) as write:
        async for said in heard.heard(datetime.min.replace(tzinfo=UTC)):
            if wanted.is_of(said.partner, month_of(said.at)):
                write([feedback_line(said)])
                count += 1
    return count


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
