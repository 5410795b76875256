"""Runs documented commands in a fresh copy of the project."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import tomllib
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.documented.found import ROOT, Found

LONGEST_SECONDS = 120
LONGEST_SLOW_SECONDS = 3_600
_LINKED = (".venv", ".policy", "node_modules")
_NOT_COPIED = (*_LINKED, ".git", "var", "out", ".env", "__pycache__", ".*_cache", ".hypothesis", ".coverage*")
_LONG_AGO = 946_684_800
"""The 1st of January 2000: nothing in the copy is newer than what was installed for the original."""
_PLACEHOLDER = re.compile(r"(?:^| )[A-Z]+(?= |$)")
_PLAYGROUNDS = 5


class NotRunError(Exception):
    """A command did not do what its document says; the message is for whoever mends the one or the other."""


@dataclass(frozen=True, slots=True)
class Way:
    """How a command is run."""

    run: tuple[str, ...]
    typed: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    up: str = ""
    asks: tuple[str, ...] = ()
    slow: str = ""
    never: str = ""


def known() -> list[dict[str, Any]]:
    """Return how commands are run that are not run as they stand."""
    text = Path(__file__).with_name("commands.toml").read_text(encoding="utf-8")
    return list(tomllib.loads(text)["command"])


def way_of(found: Found, ways: Sequence[Mapping[str, Any]]) -> Way:
    """Return how to run a command. Raises NotRunError where nothing says what its placeholders stand for."""
    said = next((way for way in ways if way["says"] == found.command), {})
    way = Way(
        tuple(said.get("run", [found.command])),
        said.get("input", ""),
        said.get("with", {}),
        said.get("up", ""),
        tuple(said.get("asks", ())),
        said.get("slow", ""),
        said.get("never", ""),
    )
    if way.never:
        return way
    if "run" not in said and (placeholder := _PLACEHOLDER.search(found.command)):
        raise NotRunError(f"commands.toml does not say what is run where it names {placeholder[0].strip()}")
    if untried := [option for option in found.options if not any(option in line for line in way.run)]:
        raise NotRunError(f"commands.toml runs it without {', '.join(untried)}")
    return way


@contextmanager
def copied(folder: Path) -> Iterator["Copy"]:
    """Copy the project as it stands, with what is installed linked, and nothing of what was kept."""
    project = folder / "project"
    shutil.copytree(ROOT, project, ignore=shutil.ignore_patterns(*_NOT_COPIED))
    for path in [*project.rglob("*")]:
        os.utime(path, (_LONG_AGO, _LONG_AGO))
    for name in _LINKED:
        (project / name).symlink_to(ROOT / name)
    subprocess.run(["git", "init", "--quiet"], cwd=project, check=True)  # noqa: S607 - the git that is there
    yield Copy(project)


class Copy:
    """A copy of the project, and what its commands find around them."""

    def __init__(self, project: Path) -> None:
        self._project = project
        bot, playground = _free_ports(1), _free_ports(_PLAYGROUNDS)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("SME_", "MAKE", "MFLAGS"))}
        self._places = {"bot": f"http://127.0.0.1:{bot}", "playground": f"http://127.0.0.1:{playground}"}
        path = f"{project / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"
        self._environment = kept | {"PATH": path, "SME_PORT": str(bot), "SME_PLAYGROUND_PORT": str(playground)}

    def do(self, way: Way) -> None:
        """Run every line. Raises NotRunError with what was said last."""
        for line in way.run:
            code, said = self._ran(line, way)
            if way.up not in said:
                raise NotRunError(f"{line}\nnever said {way.up!r}, and ended with {code}:\n{said[-2000:]}")
            # A shell, or make, that waited for what was stopped ends as if stopped itself.
            if code not in ((0, -signal.SIGINT) if way.up else (0,)):
                raise NotRunError(f"{line}\nended with {code}:\n{said[-2000:]}")

    def _ran(self, line: str, way: Way) -> tuple[int, str]:
        """Run a line to its end; return its exit code and what it said."""
        process = subprocess.Popen(  # noqa: S602 - the lines are the documents' own
            line,
            shell=True,
            cwd=self._project,
            env={**self._environment, **way.settings},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        watch = threading.Timer(LONGEST_SLOW_SECONDS if way.slow else LONGEST_SECONDS, _end, [process, signal.SIGKILL])
        watch.start()
        with process:
            try:
                said = self._asked(process, way) if way.up else process.communicate(way.typed)[0]
            finally:
                watch.cancel()
                _end(process, signal.SIGKILL)
        return process.returncode, said

    def _asked(self, process: subprocess.Popen[str], way: Way) -> str:
        """Wait until a server says that it is up, ask it, and stop it as Ctrl-C does; return what it said."""
        said = ""
        while way.up not in said and (line := process.stdout.readline()):
            said += line
        if way.up in said:
            for address in way.asks:
                self._ask(address.format(**self._places))
            _end(process, signal.SIGINT)
        return said + process.communicate()[0]

    def _ask(self, address: str) -> None:
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310 - of this machine
                answer.read()
        except OSError as fault:
            raise NotRunError(f"{address} did not answer: {fault}") from fault


def _end(process: subprocess.Popen[str], number: signal.Signals) -> None:
    """Send a signal to a process that runs, and to all that it has started."""
    if process.poll() is None:
        os.killpg(process.pid, number)


def _free_ports(count: int) -> int:
    """Return the first of some ports beside each other that nobody has."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            first = probe.getsockname()[1]
        if first + count < 65_532 and all(_is_free(port) for port in range(first, first + count)):
            return first


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("0.0.0.0", port))  # noqa: S104 - so does the Playground
        except OSError:
            return False
    return True


def check_tenant_lines(lines: Sequence[str]) -> list[str]:
    """Return what is wrong with lines for a tenant: they are not run, but must name what there is."""
    told = subprocess.run([sys.executable, "app.py", "--help"], cwd=ROOT, check=True, capture_output=True, text=True)
    faults = []
    for line in lines:
        words = line.split()
        if words[0] == "make":
            there = subprocess.run(["make", "-n", words[1]], cwd=ROOT, check=False, capture_output=True).returncode == 0  # noqa: S603, S607
        else:
            there = (
                words[1] != "app.py" or len(words) < 3 or re.search(rf"^ {{4}}{words[2]}\b", told.stdout, re.MULTILINE)
            )
        faults += [] if there else [f"{line}: there is no such command"]
    return faults
