"""The figures as a table, the ratios, and whether the goals were met."""

from collections.abc import Mapping, Sequence
from statistics import median

from tests.bench.load import Figures
from tests.bench.servers import OURS, SERVERS
from tests.bench.table_operations import Cost

ABOVE_STOCK, ABOVE_SUCCESSOR = 12.0, 2.0
MOST_CPU, LONGEST_IMPORT, MOST_MEGABYTES = 2.0, 0.9, 100.0
_HEAD = ("", "turns/s", "CPU ms/turn", "core %", "p50 ms", "p99 ms", "MB at start", "MB after", "start s", "import s")

Rounds = Mapping[str, Sequence[Figures]]


def in_figures(value: float | None, digits: int = 1) -> str:
    return "n/a" if value is None else f"{value:,.{digits}f}"


def middle(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None


def table_of(rounds: Rounds, imports: Mapping[str, float]) -> str:
    """Return the median of each figure over the rounds, a line for each server."""
    lines = [_HEAD]
    for server in SERVERS:
        found = rounds[server.letter]
        lines.append(
            (
                f"({server.letter}) {server.name}",
                in_figures(middle([f.turns_per_second for f in found]), 0),
                in_figures(middle([f.cpu for f in found]), 2),
                in_figures(middle([f.busy_percent for f in found]), 0),
                in_figures(middle([f.median for f in found])),
                in_figures(middle([f.slowest_percent for f in found])),
                in_figures(middle([f.megabytes_at_start for f in found]), 0),
                in_figures(middle([f.megabytes_after for f in found]), 0),
                in_figures(middle([f.start_seconds for f in found]), 2),
                in_figures(imports[server.letter], 2),
            )
        )
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            [line[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True))]
        )
        for line in lines
    )


def ratios_of(rounds: Rounds, peer: str) -> list[float]:
    """Return how many times the peer's turns the bot does in each second, round by round."""
    pairs = zip(rounds[OURS.letter], rounds[peer], strict=True)
    return [ours.turns_per_second / theirs.turns_per_second for ours, theirs in pairs]


def goal(name: str, value: float | None, bound: float, *, at_least: bool = False, digits: int = 2) -> str:
    """Return a line that sets a figure beside its goal."""
    if value is None:
        said = "not known here"
    else:
        said = "met" if (value >= bound if at_least else value <= bound) else "missed"
    wanted = f"{'at least' if at_least else 'at most'} {bound:g}"
    return f"{name}: {in_figures(value, digits)} ({wanted}: {said})"


def report_of(rounds: Rounds, imports: Mapping[str, float], cost: Cost, turns: int) -> str:
    """Return everything that is printed in the end; memory was read after so many turns in the bot's last round."""
    ours = rounds[OURS.letter]
    lines = [table_of(rounds, imports), ""]
    for peer, bound in (("b", ABOVE_STOCK), ("c", ABOVE_SUCCESSOR)):
        ratios = ratios_of(rounds, peer)
        each = ", ".join(f"{ratio:.1f}" for ratio in ratios)
        lines.append(goal(f"turns/s a/{peer} ({each})", median(ratios), bound, at_least=True, digits=1))
    counts = ", ".join(f"{count:.2f} {kind}" for kind, count in sorted(cost.counts.items()))
    cpu = middle([found.cpu for found in ours])
    beyond = None if cpu is None else cpu - cost.cpu
    return "\n".join(
        [
            *lines,
            f"table operations of a turn: {counts}; {cost.cpu:.2f} ms CPU on their own",
            goal("CPU ms/turn beyond table operations", beyond, MOST_CPU),
            goal("import s", imports[OURS.letter], LONGEST_IMPORT),
            goal(f"MB after {turns:,} turns", ours[-1].megabytes_after, MOST_MEGABYTES, digits=0),
        ]
    )
