"""All that is kept, out into one file and back in."""

import argparse
import asyncio
import signal
import sys
from pathlib import Path

from bot import __version__
from bot.progress import ProgressLine
from bot.settings import Settings
from cli.arguments import WRONG_USE, AddParser
from cli.stores import opened, present_clock
from state.backup import Backup
from state.backup_file import BackupError, Head
from state.restore import Restore

_FEWEST_BYTES = 100_000
NEXT = "Next: rebuild-views, check-history, doctor; then start the bot. Erase again who was erased since {at} UTC."


def add_to(add_parser: AddParser) -> None:
    backing_up = add_parser("backup", help="write every row into one file, also while the bot runs")
    backing_up.add_argument("file", type=Path, metavar="FILE")
    backing_up.set_defaults(command=backup)
    restoring = add_parser("restore", help="bring a backup into an empty store")
    restoring.add_argument("file", type=Path, metavar="FILE")
    restoring.set_defaults(command=restore)


async def backup(settings: Settings, arguments: argparse.Namespace) -> int | None:
    file: Path = arguments.file
    # Ended in order, as by Ctrl-C: what was written of it by then is personal data.
    if running := asyncio.current_task():
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)
    try:
        async with opened(settings) as store:
            head = Head((await present_clock(settings, store))(), __version__)
            with ProgressLine(sys.stderr) as shown:
                taken = await Backup(store, shown).write(file, head)
    except BackupError as refusal:
        print(refusal, file=sys.stderr)
        return WRONG_USE
    except OSError as error:
        print(f"{file} was not written: {error}", file=sys.stderr)
        return WRONG_USE
    counts = ", ".join(f"{count:,} {name}" for name, count in taken.rows.items())
    print(f"Written: {file} ({taken.size / 1e6:,.1f} MB, {sum(taken.rows.values()):,} rows: {counts})")
    print("It holds personal data, and is not encrypted.")
    return None


async def restore(settings: Settings, arguments: argparse.Namespace) -> int | None:
    try:
        async with opened(settings) as store:
            with ProgressLine(sys.stderr, fewest=_FEWEST_BYTES) as shown:
                restored = await Restore(store, arguments.file, shown).run()
    except BackupError as refusal:
        print(refusal, file=sys.stderr)
        return WRONG_USE
    at = f"{restored.head.at:%Y-%m-%d %H:%M}"
    stood = restored.rows - restored.written
    print(f"Restored what was kept at {at} UTC by version {restored.head.bot}: {restored.rows:,} rows,")
    print(f"{restored.written:,} written now and {stood:,} that stood there. Read back, all are equal to the file.")
    print(f"{restored.looks:,} open requests and persons will be looked at when the bot starts.")
    print(NEXT.format(at=at))
    return None
