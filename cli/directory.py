"""The directory in and out."""

import argparse
import sys
from functools import partial
from pathlib import Path

from bot.progress import ProgressLine
from bot.settings import Settings
from cli.arguments import AddParser
from cli.stores import opened
from state.directory_files import read_files, write_files
from state.people import PeopleStore


def add_to(add_parser: AddParser) -> None:
    loading = add_parser("load-directory", help="load or update partners and people")
    loading.add_argument("folder", type=Path, metavar="FOLDER")
    loading.add_argument("--remove-missing", action="store_true", help="remove who is not in the files")
    loading.add_argument("--dry-run", action="store_true", help="say what would change, write nothing")
    loading.set_defaults(command=load_directory)
    exporting = add_parser("export-directory", help="write the two directory files")
    exporting.add_argument("folder", type=Path, metavar="FOLDER")
    exporting.set_defaults(command=export_directory)


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
