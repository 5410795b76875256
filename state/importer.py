"""Takes in a list of earlier requests: first everything is checked, then what is new is written."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.domain.directory_cells import Complaint
from bot.domain.importing import Imported, imported, past_of
from bot.domain.lifecycle import Status
from bot.domain.numbers import request_number
from bot.domain.past import Chunk, PastCase
from bot.domain.people import Partner
from bot.domain.ports import Clock
from state.bulk import BulkWriter
from state.import_files import EarlierFile
from state.keys import key
from state.table import Store, Table

MOST_NAMED = 50
AT_ONCE = 500
_READ_AT_ONCE = 50

Progress = Callable[[str, int, int], None]
"""Told what is being gone through, how many are done and about how many there are."""


class ImportErrors(Exception):  # noqa: N818 - it carries all the errors, one per line
    """The list cannot be taken in; the message names its mistakes by line and counts the rest."""


@dataclass(frozen=True, slots=True)
class Intake:
    """What was taken in, or would be, by partner and status: what is new, and what stood there already."""

    new: Counter[tuple[str, Status]] = field(default_factory=Counter)
    known: Counter[tuple[str, Status]] = field(default_factory=Counter)


class Importer:
    """Reads the list twice: once to find every mistake, and then, if there is none, to write it."""

    def __init__(
        self, store: Store, partners: dict[str, Partner], clock: Clock, path: Path, progress: Progress
    ) -> None:
        self._requests: Table = store.table("requests")
        self._writer = BulkWriter(store, clock)
        self._partners = partners
        self._clock = clock
        self._file = EarlierFile(path)
        self._name = path.name
        self._progress = progress
        self._lines = 0
        self._kept: set[str] = set()

    async def run(self, *, dry_run: bool) -> Intake:
        """Take in the list, or say what would be. Raises ImportErrors when something in it is wrong.

        Broken off, it is finished by running it again.
        """
        self._check()
        intake, done = Intake(), 0
        taken: dict[str, str] = {}
        for group in self._groups():
            numbers = await self._numbered(group, taken)
            await self._take(group, numbers, intake, dry_run=dry_run)
            done += len(group)
            self._progress("requests", done, self._lines)
        return intake

    def _check(self) -> None:
        """Go through the whole list. Raises ImportErrors."""
        named: list[Complaint] = []
        count = 0
        first: dict[str, int] = {}
        complaints: list[Complaint] = []
        size = max(1, self._file.size(complaints))
        found = self._read(complaints) if not complaints else iter(())
        while True:
            one = next(found, None)
            if isinstance(one, Imported):
                self._lines += 1
                self._kept.update(filter(None, [one.kept]))
                self._progress("lines checked", self._lines, max(size, self._lines))
                if (line := first.setdefault(one.token, one.line)) != one.line:
                    complaints.append(Complaint(self._name, one.line, "", f"is the same request as line {line}"))
            count += len(complaints)
            named += complaints[: MOST_NAMED - len(named)]
            complaints.clear()
            if one is None:
                break
        if count:
            more = [f"and {count - MOST_NAMED:,} more"] if count > MOST_NAMED else []
            raise ImportErrors("\n".join([*map(str, named), *more]))

    def _read(self, complaints: list[Complaint]) -> Iterator[Imported | bool]:
        """Yield what each line says, False where something is wrong with it."""
        now = self._clock()
        for line in self._file.lines(complaints):
            yield imported(line, self._partners, now, complaints) or False

    def _groups(self) -> Iterator[list[Imported]]:
        group: list[Imported] = []
        for one in self._read([]):
            if isinstance(one, Imported):
                group.append(one)
            if len(group) == AT_ONCE:
                yield group
                group = []
        if group:
            yield group

    async def _numbered(self, group: Sequence[Imported], taken: dict[str, str]) -> list[str]:
        """Return the number of each line: its own, or the first made of it under which no other request stands.

        Nor will one: a number that a line further down brings along is that line's.
        """
        numbers = [""] * len(group)
        left, attempt = list(range(len(group))), 0
        while left:
            tried = [(place, _number(group[place], attempt)) for place in left]
            tokens = await self._tokens([number for _, number in tried])
            left = []
            for (place, number), token in zip(tried, tokens, strict=True):
                one = group[place]
                is_taken = taken.setdefault(number, token or one.token) != one.token
                is_kept_for_another = number in self._kept and token != one.token
                if (is_taken or is_kept_for_another) and not one.kept:
                    left.append(place)
                numbers[place] = number
            attempt += 1
        return numbers

    async def _tokens(self, numbers: Sequence[str]) -> list[str]:
        """Return of which form each request is that stands under these numbers, '' where there is none."""
        found: list[str] = []
        for start in range(0, len(numbers), _READ_AT_ONCE):
            some = numbers[start : start + _READ_AT_ONCE]
            rows = await asyncio.gather(
                *(self._requests.get(number.partition("-")[0], key("request", number)) for number in some)
            )
            found += [str(row.values["token"]) if row else "" for row in rows]
        return found

    async def _take(self, group: Sequence[Imported], numbers: Sequence[str], intake: Intake, *, dry_run: bool) -> None:
        standing = await self._tokens(numbers)
        by_partner: dict[str, list[PastCase]] = {}
        for one, number, token in zip(group, numbers, standing, strict=True):
            (intake.known if token else intake.new)[one.partner, one.status] += 1
            by_partner.setdefault(one.partner, []).append(past_of(one, number))
        for partner, cases in by_partner.items() if not dry_run else ():
            await self._writer.write(Chunk(partner, tuple(cases)))


def _number(one: Imported, attempt: int) -> str:
    return one.kept or request_number(one.partner, one.token, attempt)
