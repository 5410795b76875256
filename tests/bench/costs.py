"""Measures what lives of requests take, and writes `deployment/costs/counts.toml`: `python -m tests.bench.costs`."""

import asyncio
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tests.bench.lives import LIVES, glances, idle, measured
from tests.costs import FOLDER, cost_tables

_HEAD = "# Written by `python -m tests.bench.costs`; do not edit."


def table_of(name: str, values: Mapping[str, int]) -> str:
    return "\n".join([f"[{name}]", *(f"{key} = {count}" for key, count in values.items() if count), ""])


async def counts() -> str:
    """Return the file with everything measured anew."""
    parts, stored = [_HEAD, ""], {}
    with tempfile.TemporaryDirectory() as folder:
        for name in LIVES:
            life = await measured(name, Path(folder) / name)
            stored[name] = life.stored
            parts += [table_of(f'lives.{name}."{step}"', taken) for step, taken in life.steps.items()]
        seen = await glances(Path(folder) / "glances")
        parts += [table_of(f'glances."{glance}"', taken) for glance, taken in seen.steps.items()]
        parts += [
            table_of("stored", stored),
            table_of("idle", await idle(Path(folder) / "idle")),
            table_of("sample", {"partners_of_the_fpm": seen.partners_of_the_fpm}),
        ]
    return "\n".join(parts)


async def main() -> None:
    (FOLDER / "counts.toml").write_text(await counts(), encoding="utf-8")
    print(cost_tables())  # noqa: T201 - whoever runs it reads it


if __name__ == "__main__":
    asyncio.run(main())
