"""Says on a stream how far a long command has come."""

from typing import TextIO

_WIDTH = 20
_STEP = 10


class ProgressLine:
    """A bar that moves on a terminal; elsewhere a line for each ten per cent."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._is_moving = out.isatty()
        self._shown = ("", 0)

    def __call__(self, what: str, done: int, total: int) -> None:
        """Show that so many of a total are done; more than expected counts as all."""
        percent = 100 * min(done, total) // total
        step = percent if self._is_moving else percent // _STEP * _STEP
        if (what, step) == self._shown:
            return
        self._shown = (what, step)
        if self._is_moving:
            bar = "#" * (percent * _WIDTH // 100)
            end = "\n" if percent == 100 else ""  # noqa: PLR2004 - per cent
            self._out.write(f"\r{what} [{bar:<{_WIDTH}}] {percent} %{end}")
        else:
            self._out.write(f"{what}: {step} % ({done:,} of {total:,})\n")
        self._out.flush()
