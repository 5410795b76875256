"""A page of a list: merged from the stored lists that it comes from, as far down as all of them were looked at."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from bot.domain.few_at_once import each_read
from bot.domain.filters import Wanted
from bot.domain.lifecycle import Status
from bot.domain.ports import ListOf, Lists, Look, Place, Summary

ROWS = 7
"""As many as fit on a card beside what came of a press on each, with long names and every filter set."""
MOST_LOOKED_AT = 1_000
"""Rows looked at for one page, in all lists together; who narrows a long list down looks further from there."""
_LEAST_LOOKED_AT = 50
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Fits = Callable[[Summary], bool]
Stored = Sequence[tuple[ListOf, str]]
"""Stored lists of one order, each by what it is of and whose it is."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list: its lines, and behind which place the next one begins (None where there is no other).

    `looked` is how many rows were looked at where that did not fill the page, 0 where it did. `is_short` says that more
    requests begin as asked for than were looked at. `partners` can be chosen from; `own` are the numbers of the lines
    on which the person acts as an FPM.
    """

    wanted: Wanted
    rows: Sequence[Summary]
    then: Place | None = None
    looked: int = 0
    is_by_promise: bool = False
    is_short: bool = False
    partners: Sequence[str] = ()
    own: frozenset[str] = frozenset()

    @property
    def to_decide(self) -> list[Summary]:
        """The lines that the person may approve or deny."""
        return [row for row in self.rows if row.number in self.own and row.status is Status.SUBMITTED]


@dataclass(frozen=True, slots=True)
class Order:
    """In which order the lines of a list stand."""

    is_by_promise: bool

    def place(self, row: Summary) -> Place:
        return Place(row.due if self.is_by_promise else row.at, row.number)

    def key(self, place: Place) -> tuple[timedelta, str]:
        since = place.at - _EPOCH
        return since if self.is_by_promise else -since, place.number

    def behind(self, wanted: Wanted, places: Iterable[Place]) -> list[Place]:
        """Return the places behind the one wanted, in order."""
        after = self.key(wanted.after) if wanted.after else None
        return sorted((each for each in places if after is None or self.key(each) > after), key=self.key)

    def cut(self, wanted: Wanted, rows: Iterable[Summary], until: Place | None = None) -> Page:
        """Return the page of these lines that begins behind the place wanted, and ends at `until` at the latest."""
        keyed = sorted(((self.key(self.place(row)), row) for row in rows), key=lambda each: each[0])
        after = self.key(wanted.after) if wanted.after else None
        last = self.key(until) if until else None
        behind = [row for at, row in keyed if (after is None or at > after) and (last is None or at <= last)]
        then = self.place(behind[ROWS - 1]) if len(behind) > ROWS else None
        return Page(wanted, behind[:ROWS], then, is_by_promise=self.is_by_promise)


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the lines of a list come from: stored lists, lines that stand in none, and which of all may be seen."""

    stored: Stored
    beside: Iterable[Summary] = ()
    sees: Fits = lambda _: True


async def leafed(lists: Lists, sources: Sources, wanted: Wanted, order: Order) -> Page:
    """Return a page of what these sources hold; each stored list is read once."""

    def fits(row: Summary) -> bool:
        return wanted.filters.fit(row) and sources.sees(row)

    most = max(_LEAST_LOOKED_AT, MOST_LOOKED_AT // max(1, len(sources.stored)))
    look = Look(ROWS + 1, most, fits, wanted.after)
    seen = await each_read(sources.stored, lambda stored: lists.look(*stored, look))
    until = min((each.until for each in seen if each.until), key=order.key, default=None)
    found = [*(row for each in seen for row in each.rows), *filter(fits, sources.beside)]
    page = order.cut(wanted, {row.number: row for row in found}.values(), until)
    if page.then or until is None:
        return page
    is_full = len(page.rows) == ROWS
    return replace(page, then=until, looked=0 if is_full else sum(each.looked for each in seen))
