"""The programs of a local run: started, watched and stopped together."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

START_SECONDS = 90
PROGRESS_SECONDS = 5
STOP_SECONDS = 10
POLL_SECONDS = 0.2
LINES_SHOWN = 15
LINE_LENGTH = 300


@dataclass(frozen=True)
class Child:
    """A started program; `logs` are the files to look at when it fails."""

    name: str
    process: subprocess.Popen[bytes]
    logs: tuple[Path, ...]


class ChildFailedError(Exception):
    """A child ended by itself or did not become ready."""

    def __init__(self, child: Child, what: str) -> None:
        super().__init__(f"{child.name} {what}.")
        self.child = child

    def last_lines(self) -> str:
        """Quote the end of the child's logs, each under the name of its file."""
        shown = []
        for log in self.child.logs:
            lines = log.read_text(errors="replace").splitlines() if log.exists() else []
            shown += [f"--- end of {log}", *(line[:LINE_LENGTH] for line in lines[-LINES_SHOWN:])]
        return "\n".join(shown)


class Interrupted(Exception):  # noqa: N818 - it is a person's wish, no error
    """Somebody asked for the end, by Ctrl-C or a signal."""


class Children:
    """Starts programs and promises that none outlives `stop`, whenever a signal arrives."""

    def __init__(self) -> None:
        self._children: list[Child] = []
        self._stop_asked = False
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ask_to_stop)

    def start(
        self, name: str, command: Sequence[str | Path], environment: Mapping[str, str], logs: Sequence[Path]
    ) -> Child:
        """Start the program with its output in the first of the logs.

        It gets a process group of its own: so Ctrl-C does not reach it before us, and whatever it starts is stopped
        with it.
        """
        for log in logs:
            log.parent.mkdir(parents=True, exist_ok=True)
            log.unlink(missing_ok=True)
        with logs[0].open("wb") as output:
            process = subprocess.Popen(
                command,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        child = Child(name, process, tuple(logs))
        self._children.append(child)
        return child

    def await_ready(self, child: Child, is_ready: Callable[[], bool]) -> None:
        """Return when the child is ready, with a line now and then on the way."""
        started = shown = time.monotonic()
        while not is_ready():
            self.pause()
            now = time.monotonic()
            if now - started > START_SECONDS:
                raise ChildFailedError(child, f"was not ready within {START_SECONDS} seconds")
            if now - shown > PROGRESS_SECONDS:
                shown = now
                print(f"  still waiting for {child.name} ({now - started:.0f} s)", flush=True)

    def watch(self) -> None:
        """Stay until a child ends (ChildFailedError) or the end is asked for (Interrupted)."""
        while True:
            self.pause()

    def pause(self) -> None:
        """Wait a moment, and notice the end of a child or the wish to stop."""
        time.sleep(POLL_SECONDS)
        if self._stop_asked:
            raise Interrupted
        for child in self._children:
            code = child.process.poll()
            if code is not None:
                raise ChildFailedError(child, f"ended with code {code}")

    def stop(self) -> None:
        """Ask every process group to end, and end it by force when it takes too long."""
        for child in self._children:
            signal_group(child, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        for child in self._children:
            try:
                child.process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                signal_group(child, signal.SIGKILL)
                child.process.wait()

    def _ask_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        # Only a mark that every wait looks at: an exception out of nowhere could lose a child that was just started.
        self._stop_asked = True


def signal_group(child: Child, number: signal.Signals) -> None:
    try:
        os.killpg(child.process.pid, number)
    except ProcessLookupError:
        return
