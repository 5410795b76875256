"""The portfolio: how the partners of an FPM stand, and the review of one of them (seeds: regular portfolio reviews)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.digest import APPROVED, DENIED, Digest, month_of
from bot.domain.errors import Refusal
from bot.domain.insights import NOT_YOUR_PARTNER, Insights, first_day, months_before
from bot.domain.learning import Learning, Lesson
from bot.domain.lifecycle import Status
from bot.domain.lookup import Lookup
from bot.domain.people import Partner, Person, Role
from bot.domain.ports import Clock, Ledger, Lists, People, Review, Reviews, Summary
from bot.domain.tally import Counts, merged, open_of

PERIODS = (1, 3, 12)
"""Months that a review can look at, the present one included."""
PERIOD = 3
_A_YEAR = 12
PARTNERS_A_PAGE = 8
MOST_WAITING = 1_000
LATEST_SHOWN = 5
_MOST_LOOKED_AT = 20
LESSONS_SHOWN = 3
DUE_SOON = timedelta(hours=24)
REPEATED_WITHIN = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Standing:
    """One partner: how many requests are open, which wait for the FPM by their date, and the counts of some months."""

    partner: Partner
    open: int
    waiting: tuple[Summary, ...]
    counts: Counts


@dataclass(frozen=True, slots=True)
class Portfolio:
    """A page of partners, those with the most urgent requests first; `page` counts from 1."""

    rows: tuple[Standing, ...]
    page: int
    pages: int
    now: datetime


@dataclass(frozen=True, slots=True)
class Since:
    """What has happened since a moment: how many requests, and those that changed last."""

    at: datetime
    submitted: int
    approved: int
    denied: int
    completed: int
    closed: int
    latest: tuple[Digest, ...]


@dataclass(frozen=True, slots=True)
class PartnerReview:
    """One partner for a period of months: its numbers, those of the period before, and what is new since a review.

    `reviewed_by` is a name. `may_review` says that the reader is an FPM of the partner.
    """

    standing: Standing
    months: int
    before: Counts
    since: Since
    last: Review | None
    reviewed_by: str
    lessons: tuple[Lesson, ...]
    may_review: bool
    now: datetime


@dataclass(frozen=True, slots=True)
class PortfolioDesk:
    """Where portfolios are found, and reviews kept."""

    people: People
    ledger: Ledger
    lists: Lists
    reviews: Reviews
    insights: Insights
    learning: Learning
    lookup: Lookup
    clock: Clock

    async def of(self, person: Person, page: int = 1) -> Portfolio:
        """Return how the person's partners stand. Raises Refusal."""
        partners = await self.insights.partners_of(person)
        waiting = await self._waiting(person)
        urgent = sorted(partners, key=lambda partner: _urgency(waiting.get(partner.code, ())))
        pages = max(1, -(-len(urgent) // PARTNERS_A_PAGE))
        page = min(max(page, 1), pages)
        shown = urgent[(page - 1) * PARTNERS_A_PAGE : page * PARTNERS_A_PAGE]
        rows = [await self._standing(partner, waiting.get(partner.code, ()), PERIOD) for partner in shown]
        return Portfolio(tuple(rows), page, pages, self.clock())

    async def review(self, person: Person, code: str, months: int = PERIOD) -> PartnerReview:
        """Return the review of a partner. Raises Refusal, the same for an unknown and for somebody else's partner."""
        partner = await self._own(person, code)
        now = self.clock()
        waiting = (await self._waiting(person)).get(partner.code, ())
        last = await self.reviews.last(partner.code)
        start = first_day(months_before(now, months))
        reviewer = await self.people.by_email(last.by) if last else None
        return PartnerReview(
            standing=await self._standing(partner, waiting, months),
            months=months,
            before=await self._counts(partner, months_before(now, 2 * months), months_before(start, 2)),
            since=await self._since(person, partner, last.at if last else start),
            last=last,
            reviewed_by=reviewer.name if reviewer else "",
            lessons=tuple(await self.learning.latest(partner.code, LESSONS_SHOWN)),
            may_review=person.is_a(Role.FPM),
            now=now,
        )

    async def reviewed(self, person: Person, code: str) -> None:
        """Keep that the person has reviewed a partner; pressed twice it is one review. Raises Refusal."""
        partner = await self._own(person, code)
        if not person.is_a(Role.FPM):
            raise Refusal("Only the partner's FPM reviews a partner.")
        last = await self.reviews.last(partner.code)
        if last is None or last.by != person.email or self.clock() - last.at > REPEATED_WITHIN:
            await self.reviews.add(Review(partner.code, person.email, self.clock()))

    async def _own(self, person: Person, code: str) -> Partner:
        partners = await self.insights.partners_of(person)
        found = next((partner for partner in partners if partner.code == code.strip().upper()), None)
        if found is None:
            raise Refusal(NOT_YOUR_PARTNER)
        return found

    async def _waiting(self, person: Person) -> dict[str, tuple[Summary, ...]]:
        """Return what waits for the person as an FPM, a cover or the backup, by partner, the most urgent first."""
        emails = await self.lookup.decided_for(person)
        rows = [row for email in emails for row in await self.lists.inbox(email, MOST_WAITING)]
        rows += await self.lookup.stood_in_for(person)
        found: dict[str, list[Summary]] = {}
        for row in sorted({row.number: row for row in rows}.values(), key=lambda row: row.due):
            found.setdefault(row.partner, []).append(row)
        return {code: tuple(of_partner) for code, of_partner in found.items()}

    async def _standing(self, partner: Partner, waiting: Sequence[Summary], months: int) -> Standing:
        now = self.clock()
        tallies = await self.ledger.tallies(partner.code, "0", month_of(now))
        first = months_before(now, months)
        counts = merged(each for tally in tallies if tally.month >= first for each in tally.cube.values())
        of_all = merged(each for tally in tallies for each in tally.cube.values())
        return Standing(partner, open_of(of_all), tuple(waiting), counts)

    async def _counts(self, partner: Partner, first: str, last: str) -> Counts:
        tallies = await self.ledger.tallies(partner.code, first, last)
        return merged(counts for tally in tallies for counts in tally.cube.values())

    async def _since(self, person: Person, partner: Partner, at: datetime) -> Since:
        """Return what has happened to the requests of the last twelve months since a moment."""
        now = self.clock()
        first = min(months_before(now, _A_YEAR), month_of(at))
        changed = [each async for each in self.ledger.digests(partner.code, first, month_of(now)) if each.at > at]
        decided = [each.outcome for each in changed if each.decided_at and each.decided_at > at]
        ended = [each.status for each in changed if each.ended_at and each.ended_at > at]
        return Since(
            at=at,
            submitted=sum(1 for each in changed if each.submitted_at > at and not each.is_proactive),
            approved=decided.count(APPROVED),
            denied=decided.count(DENIED),
            completed=sum(1 for each in changed if each.completed_at and each.completed_at > at),
            closed=ended.count(Status.CLOSED),
            latest=await self._latest(person, changed),
        )

    async def _latest(self, person: Person, changed: Sequence[Digest]) -> tuple[Digest, ...]:
        """Return what changed last, of the few latest those that the person may open."""
        found: list[Digest] = []
        for each in sorted(changed, key=lambda each: each.at, reverse=True)[:_MOST_LOOKED_AT]:
            if len(found) < LATEST_SHOWN and await self.lookup.may_open(person, each.number):
                found.append(each)
        return tuple(found)


def _urgency(waiting: Sequence[Summary]) -> tuple[bool, str]:
    """Return what partners are sorted by: those with the earliest date first, the others stay by name."""
    return (not waiting, waiting[0].due.isoformat() if waiting else "")
