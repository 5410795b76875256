"""Says on a stream how far a long command has come."""

from types import TracebackType
from typing import Self, TextIO

_WIDTH = 20
_STEP = 10
_ALL = 100


class ProgressLine:
    """A bar that moves on a terminal; elsewhere a line for each ten per cent. Work of fewer steps is not spoken of.

    In a `with` block, what is written after it begins on a line of its own.
    """

    def __init__(self, out: TextIO, fewest: int = 0) -> None:
        self._out = out
        self._fewest = fewest
        self._is_moving = out.isatty()
        self._is_open = False
        self._shown = ("", 0)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end_line()

    def __call__(self, what: str, done: int, total: int) -> None:
        """Show that so many of a total are done; more than expected counts as all."""
        percent = _ALL * min(done, total) // total
        step = percent if self._is_moving else percent // _STEP * _STEP
        if total < self._fewest or (what, step) == self._shown:
            return
        if what != self._shown[0]:
            self._end_line()
        self._shown = (what, step)
        if self._is_moving:
            bar = "#" * (percent * _WIDTH // _ALL)
            self._out.write(f"\r{what} [{bar:<{_WIDTH}}] {percent} %")
            self._is_open = True
            if percent == _ALL:
                self._end_line()
        else:
            self._out.write(f"{what}: {step} % ({done:,} of {total:,})\n")
        self._out.flush()

    def _end_line(self) -> None:
        if self._is_open:
            self._out.write("\n")
            self._out.flush()
            self._is_open = False
