"""What keeps an installation well: derived lists, histories, persons, and the doctor."""

import argparse
import sys
from pathlib import Path

from bot.domain.ports import Raced
from bot.domain.routing import load_table
from bot.progress import ProgressLine
from bot.settings import Settings
from cli import doctor as examination
from cli.arguments import SOMETHING_TO_MEND, WRONG_USE, AddParser, email_address
from cli.stores import opened, present_clock
from cli.unreadable import unreadable_told
from state.erasure import Erasure
from state.history import HistoryCheck
from state.ledger_rebuild import LedgerRebuild
from state.personal_data import NotErased
from state.personal_export import personal_data, write_new
from state.views_rebuild import ViewsRebuild


def add_to(add_parser: AddParser) -> None:
    rebuilding = add_parser("rebuild-views", help="make the derived lists anew, also while the bot runs")
    rebuilding.set_defaults(command=rebuild_views)
    checking = add_parser("check-history", help="replay every history and compare it with what is stored")
    checking.set_defaults(command=check_history)
    examination.add_to(add_parser)
    about = add_parser("person", help="what is kept about a person, and how to erase it")
    about.add_argument("email", type=email_address, metavar="EMAIL")
    wanted = about.add_mutually_exclusive_group(required=True)
    wanted.add_argument("--export", type=Path, metavar="FILE", help="write what is kept as JSON into a new file")
    wanted.add_argument("--erase", action="store_true", help="replace names and texts, delete mail and references")
    about.add_argument("--yes", action="store_true", help="erase without asking again")
    about.set_defaults(command=person)
    add_parser("rules", help="print the routing table in force").set_defaults(command=rules)


async def rebuild_views(settings: Settings, _arguments: argparse.Namespace) -> int | None:
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
    return unreadable_told(rebuilt.unreadable | booked.unreadable)


async def check_history(settings: Settings, _arguments: argparse.Namespace) -> int:
    checked = faulty = 0
    async with opened(settings) as store:
        check = HistoryCheck(store)
        async for number, fault in check.faults():
            checked += 1
            if fault:
                faulty += 1
                print(f"{number} {fault}")
    print(f"{checked:,} histories replayed; {faulty:,} of them do not lead to the request that is stored")
    return unreadable_told(check.unreadable) or (SOMETHING_TO_MEND if faulty else 0)


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


def _typed_again(email: str) -> bool:
    """Whether the address is typed once more at a terminal; without one nobody is asked."""
    if not sys.stdin.isatty():
        return True
    try:
        return input(f"Type {email} again to erase what is kept about them: ").strip().lower() == email
    except EOFError:
        return False


async def rules(_settings: Settings, _arguments: argparse.Namespace) -> None:
    table = load_table()
    print(f"Routing table, version {table.version}")
    lines = [(seats, language, verdict, names) for names, seats, language, verdict in table.as_lines(codes=True)]
    lines.insert(0, ("Seats", "Language", "Verdict", "Workloads"))
    widths = [max(len(line[column]) for line in lines) for column in range(3)]
    for *cells, workloads in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)), workloads, sep="  ")
