"""Measures the bot's form against the same form on other frameworks: `python -m tests.bench`."""

import argparse
import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from tests.bench.directory import People, made_people
from tests.bench.load import Figures, Load, figures_of
from tests.bench.ranking import ranking_lines
from tests.bench.report import in_figures, report_of
from tests.bench.servers import OURS, ROOT, SERVERS, Server, load_directory, running
from tests.bench.table_operations import cost_of_operations
from tests.bench.teams import Teams, running_teams
from tests.bench.transcripts import differing, transcripts

_IMPORTS = 3


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="each of the four once in each (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=6.0, help="measured for each (default: %(default)s)")
    parser.add_argument("--warm-up", type=float, default=1.5, help="seconds before (default: %(default)s)")
    parser.add_argument("--partners", type=int, default=32, help="under way at a time (default: %(default)s)")
    parser.add_argument("--turns", type=int, default=10_000, help="after which memory is read (default: %(default)s)")
    return parser.parse_args(words)


def _cores() -> tuple[set[int] | None, set[int] | None]:
    """Return a core for the server and one for everything else, None for each where there are not two to be had."""
    if not hasattr(os, "sched_getaffinity"):
        return None, None
    cores = sorted(os.sched_getaffinity(0))
    return ({cores[0]}, {cores[1]}) if len(cores) > 1 else (None, None)


def _import_seconds(server: Server) -> float:
    """Return how long a fresh process takes to import the server, without the start of Python itself."""
    program = "import importlib, sys, time; t = time.perf_counter(); importlib.import_module(sys.argv[1])"
    command = [sys.executable, "-c", f"{program}; print(time.perf_counter() - t)", server.module]
    runs = [subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True) for _ in range(_IMPORTS)]  # noqa: S603 - modules of this project
    return median(float(run.stdout) for run in runs)


class Bench:
    """One run of the benchmark."""

    def __init__(self, options: argparse.Namespace, teams: Teams, folder: Path) -> None:
        self._options = options
        self._teams = teams
        self._folder = folder
        self._loaded = folder / "loaded"
        self._people: People = made_people()
        self._server_cores, own = _cores()
        if own:
            os.sched_setaffinity(0, own)

    async def run(self) -> None:
        for each in (self._loaded, self._folder / "trial"):
            each.mkdir()
        _say("The four are sent through the form once, to see that they show the same.")
        different = differing(await transcripts(self._teams, self._people, self._folder / "trial"))
        assert not different, f"not the same transcript as the bot: {different}"
        await load_directory(self._teams, self._loaded, self._people)
        _say("The start of each is measured.")
        imports = {server.letter: _import_seconds(server) for server in SERVERS}
        rounds: dict[str, list[Figures]] = {server.letter: [] for server in SERVERS}
        for number in range(1, self._options.rounds + 1):
            for server in SERVERS:
                found = await self._measured(server, number)
                rounds[server.letter].append(found)
                cpu = in_figures(found.cpu, 2)
                _say(f"round {number}: {server.name} {found.turns_per_second:,.0f} turns/s, {cpu} ms CPU")
        _say("The table operations of the bot are measured on their own.")
        loaded = self._loaded / "sme.db"
        cost = await cost_of_operations(self._teams, self._people, loaded, self._folder, self._options.partners)
        _say("The ranking of many SMEs is measured.")
        ranking = "\n".join(await ranking_lines(self._folder))
        _say(f"\n{report_of(rounds, imports, cost, self._options.turns)}\n{ranking}")

    async def _measured(self, server: Server, number: int) -> Figures:
        options = self._options
        folder = self._folder / f"{server.letter}{number}"
        folder.mkdir()
        shutil.copy(self._loaded / "sme.db", folder)
        is_last_of_ours = server is OURS and number == options.rounds
        async with running(server, self._teams, folder, self._server_cores) as process:
            load = Load(self._teams, self._people, process.url, options.partners)
            turns = options.turns if is_last_of_ours else 0
            return await figures_of(load, process, warm_up=options.warm_up, seconds=options.seconds, turns=turns)


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - whoever runs this reads it


async def main(words: Sequence[str] | None = None) -> None:
    options = _options(words)
    out = ROOT / "out"
    out.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out) as folder:
        async with running_teams(Path(folder)) as teams:
            await Bench(options, teams, Path(folder)).run()


if __name__ == "__main__":
    asyncio.run(main())
