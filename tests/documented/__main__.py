"""Runs every command that the documents name and that needs no tenant: `python -m tests.documented`."""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.documented.found import DOCUMENTS, ROOT, Found, UnclearError, commands_for_a_tenant, commands_of, each_once
from tests.documented.running import Copy, NotRunError, check_tenant_lines, copied, known, way_of


def found_commands() -> list[Found]:
    """Return the commands of all documents, each once, in their order."""
    return each_once(each for name in DOCUMENTS for each in commands_of(_text(name), name))


def outcomes(copy: Copy, *, with_slow: bool) -> Iterator[tuple[str, Found, str]]:
    """Run one command after the other; yield for each `ok`, `skip` or `FAIL`, and why."""
    ways = known()
    for found in found_commands():
        try:
            way = way_of(found, ways)
            if why := way.never or (way.slow if not with_slow else ""):
                yield "skip", found, why
                continue
            copy.do(way)
        except NotRunError as fault:
            yield "FAIL", found, str(fault)
        else:
            yield "ok", found, ""
    for fault in check_tenant_lines([line for name in DOCUMENTS for line in commands_for_a_tenant(_text(name))]):
        yield "FAIL", Found(fault, "a block for a tenant"), fault


def _text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.documented", description=__doc__)
    parser.add_argument("--all", action="store_true", help="the slow ones too, such as make bench and make soak")
    options = parser.parse_args()
    failed = 0
    try:
        with tempfile.TemporaryDirectory() as folder, copied(Path(folder)) as copy:
            began = time.monotonic()
            for outcome, found, why in outcomes(copy, with_slow=options.all):
                took, began = time.monotonic() - began, time.monotonic()
                failed += outcome == "FAIL"
                print(f"{outcome:4} {took:5.1f} s  {found.command}  ({found.place}) {why}", flush=True)  # noqa: T201 - whoever runs it reads it
    except UnclearError as fault:
        print(fault, file=sys.stderr)  # noqa: T201 - the same
        return 2
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
