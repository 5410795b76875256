"""Believable earlier requests: the same ones for the same seed and day, partner by partner and month by month."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import accumulate, pairwise
from random import Random

from bot.domain.intake import draft_of
from bot.domain.numbers import NUMBERS, number_at, operation
from bot.domain.past import Chunk, Diaries, PastCase, Telling
from bot.domain.people import Person
from bot.domain.ports import Deflection
from bot.domain.request import SmeRequest
from bot.domain.routing import RoutingTable
from bot.domain.sample_forms import forms
from bot.domain.sample_life import Life
from bot.domain.sample_memory import Memory
from bot.domain.sample_town import Cast, Town
from bot.domain.working_time import BUSINESS_DAY, add_working_time

_OPEN, _MOST_OPEN = 0.03, 40
"""The share of a partner's requests that is open, and how many at most: nobody wakes up to hundreds that wait."""
_SPENT_CAPACITY = 0.7
_MOST_IN_A_CHUNK = 250
_QUIET = timedelta(days=14)
"""Nothing was submitted so shortly before today that is over already."""
_HURRIED, _AT_ONCE = 0.12, 0.04
"""The pace of who has to be done by today."""
_GROWTH = 0.9
_SEASON = (0.9, 1.0, 1.1, 1.0, 1.0, 1.05, 0.75, 0.65, 1.05, 1.15, 1.1, 0.7)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Plan:
    """How many requests, over how many months up to now (UTC); the seed and the day make them the same each time.

    Only the times of the few that nobody has looked at yet are of the hour.
    """

    requests: int
    seed: str
    months: int
    now: datetime

    @property
    def today(self) -> datetime:
        return datetime.combine(self.now.date(), time(), UTC)


def chunks(town: Town, diaries: Diaries, table: RoutingTable, plan: Plan) -> Iterator[Chunk]:
    """Yield all requests, and what was deflected besides."""
    sizes = Random(f"{plan.seed}/partners")  # noqa: S311 - made-up data, the same each time
    counts = shares(plan.requests, [sizes.lognormvariate(0, 0.6) for _ in town.partners])
    for partner, count in zip(town.partners, counts, strict=True):
        yield from _OfPartner(town, diaries, table, plan, town.cast(partner, count), count).chunks()


def shares(total: int, weights: Sequence[float]) -> list[int]:
    """Return a total split by weights; the parts add up to it."""
    so_far = [round(total * part / sum(weights)) for part in accumulate(weights, initial=0)]
    return [after - before for before, after in pairwise(so_far)]


def months(plan: Plan) -> list[tuple[datetime, datetime, float]]:
    """Return the months of the past as their beginning, end and weight; the first and the last one may be parts."""
    last = plan.today - _QUIET
    count = plan.today.year * 12 + plan.today.month - 1
    firsts = [datetime(each // 12, each % 12 + 1, 1, tzinfo=UTC) for each in range(count - plan.months, count + 2)]
    found = []
    for place, (first, end) in enumerate(pairwise(firsts)):
        weight = (1 + _GROWTH * place / plan.months) * _SEASON[first.month - 1]
        stop = min(end, last)
        if stop > first:
            found.append((first, stop, weight * ((stop - first) / (end - first))))
    return found


class _OfPartner:
    """The requests of one partner, told in the order in which they were submitted."""

    def __init__(  # noqa: PLR0913, PLR0917 - what is needed to make them up
        self, town: Town, diaries: Diaries, table: RoutingTable, plan: Plan, cast: Cast, count: int
    ) -> None:
        self._town, self._diaries, self._table, self._plan = town, diaries, table, plan
        self._cast, self._count = cast, count
        self._random = Random(f"{plan.seed}/{plan.requests}/{cast.partner.code}")  # noqa: S311 - the same each time
        self._memory = Memory()
        self._deflections: dict[str, Deflection] = {}
        self._done = 0

    def chunks(self) -> Iterator[Chunk]:
        left_open = min(round(self._count * _OPEN), _MOST_OPEN)
        past = months(self._plan)
        counts = shares(self._count - left_open, [weight for _, _, weight in past])
        for (start, end, _), count in zip(past, counts, strict=True):
            moments = sorted(start + (end - start) * self._random.random() for _ in range(count))
            for first in range(0, count, _MOST_IN_A_CHUNK):
                yield self._chunk([self._over(at) for at in moments[first : first + _MOST_IN_A_CHUNK]])
            self._memory.forget(end)
        yield self._chunk(self._open(left_open))

    def _chunk(self, cases: Sequence[PastCase]) -> Chunk:
        chunk = Chunk(self._cast.partner.code, tuple(cases), tuple(self._deflections.values()))
        self._deflections.clear()
        return chunk

    def _over(self, at: datetime) -> PastCase:
        requester, draft = self._draft(at)
        pace = 1.0
        case = self._life(requester, draft, pace).over(draft)
        while case.request.last.at >= self._plan.today:
            pace *= _HURRIED
            case = self._life(requester, draft, pace).over(draft)
        return self._told(case)

    def _told(self, case: PastCase) -> PastCase:
        self._memory.add(case)
        self._done += 1
        return case

    def _open(self, count: int) -> list[PastCase]:
        """Return requests that are not over; none of them has a date behind it."""
        room = round(self._town.capacity * _SPENT_CAPACITY * self._count / self._plan.requests)
        active = min(count // 2, room)
        returned, approved = (count - active) // 5, (count - active) * 2 // 5
        found = [self._unfinished(9, self._at_work) for _ in range(active)]
        found += [self._unfinished(4, Life.returned) for _ in range(returned)]
        found += [self._unfinished(1, Life.approved) for _ in range(approved)]
        return found + [self._new() for _ in range(count - len(found))]

    def _at_work(self, life: Life) -> None:
        life.helped()
        life.begun(self._plan.today + _DAY * self._random.uniform(5, 40))

    def _unfinished(self, days: int, lived: Callable[[Life], None]) -> PastCase:
        """Return a request that was submitted so many days ago, or as many more as it takes to come so far."""
        case = None
        while case is None or case.request.last.at >= self._plan.today:
            requester, draft = self._draft(self._plan.today - _DAY * days)
            case = self._life(requester, draft, _AT_ONCE).open(draft, lived)
            days += 1
        return self._told(case)

    def _new(self) -> PastCase:
        """Return a request of the last hours, at which nobody has looked yet."""
        hour = self._plan.now.replace(minute=0, second=0, microsecond=0)
        at = hour - timedelta(seconds=self._random.randint(300, 10_000))
        requester, draft = self._draft(at, works=False)
        return self._told(self._life(requester, draft, 1).open(draft, lambda _life: None))

    def _life(self, requester: Person, draft: SmeRequest, pace: float) -> Life:
        fpm = self._town.fpms[draft.fpm]
        return Life(
            self._random, self._town, self._diaries, requester, fpm, fpm, pace, Telling(self._diaries.of),
            draft.submitted_at,
        )  # fmt: skip

    def _draft(self, at: datetime, *, works: bool = True) -> tuple[Person, SmeRequest]:
        """Return a request as it is submitted, and by whom; forms that came to nothing are deflections."""
        requester = self._random.choice(self._cast.requesters)
        if works:
            pause = BUSINESS_DAY * self._random.random() / 2
            at = add_working_time(at, pause, self._diaries.of(requester.email)).replace(microsecond=0)
        customer = self._cast.customer(self._random)
        *spent, (answers, verdict) = forms(self._cast, customer, requester, self._table, self._random)
        partner, place = self._cast.partner.code, self._done
        token = operation("sample", self._plan.seed, self._plan.requests, partner, place)
        for asked, _ in spent:
            seats = int(asked["seat_count"])
            deflection = Deflection(partner, token, asked["workload"], asked["region"], seats, at)
            self._deflections[f"{token}/{deflection.workload}"] = deflection
        step = NUMBERS // self._count
        number = number_at(partner, place * step + self._random.randrange(step))
        earlier = self._memory.earlier(answers, at)
        return requester, draft_of(requester, number, token, answers, verdict, earlier, at)
