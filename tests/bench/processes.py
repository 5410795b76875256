"""What a process has used, from /proc; None on a system that has no such thing."""

import os
from pathlib import Path

_MEGABYTE = 1024 * 1024
# The fields of /proc/<pid>/stat after the name in parentheses, counted from 0: user and system time of all threads.
_TIMES = slice(11, 13)
_RESIDENT = 1


def cpu_seconds(process_id: int) -> float | None:
    text = _read(process_id, "stat")
    if text is None:
        return None
    ticks = text.rpartition(")")[2].split()[_TIMES]
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


def resident_megabytes(process_id: int) -> float | None:
    text = _read(process_id, "statm")
    return None if text is None else int(text.split()[_RESIDENT]) * os.sysconf("SC_PAGE_SIZE") / _MEGABYTE


def _read(process_id: int, name: str) -> str | None:
    try:
        return Path(f"/proc/{process_id}/{name}").read_text("ascii")
    except OSError:
        return None
