"""Rows that cannot be read, told to the administrator."""

import sys
from collections.abc import Iterable

from bot.domain.unreadable import IN_THE_RUNBOOK
from cli.arguments import WRONG_USE


def unreadable_told(lines: Iterable[str]) -> int | None:
    """Print a line for each row that cannot be read and where to look it up; return the exit code, None for none."""
    named = sorted(lines)
    if not named:
        return None
    print(*named, IN_THE_RUNBOOK, sep="\n", file=sys.stderr)
    return WRONG_USE
