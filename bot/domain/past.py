"""Cases that are over when the bot first hears of them: told from their beginning by the rules of all others."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from bot.domain.advance import advance, begin
from bot.domain.deeds import Change, Deed
from bot.domain.digest import Digest, digest_of
from bot.domain.engagement import Engagement
from bot.domain.filing import promised
from bot.domain.lifecycle import Action, Relation
from bot.domain.notices import Notice
from bot.domain.people import CLOCK, Person
from bot.domain.ports import Calendars, Deflection
from bot.domain.promises import WHEN_IT_SLIPS, Promise, next_to_slip, promises_of
from bot.domain.request import SmeRequest
from bot.domain.working_time import Calendar

_LEAVE_PROMISES_ALONE = frozenset({Action.KICKOFF, Action.AGREE, Action.NOTE, Action.RATE, Action.ISSUE, Action.ANSWER})
_ONCE_CONTACTED = frozenset({Action.COMPLETE, Action.CLOSE})
"""What leaves promises alone when the SME has been in touch: by then each of them was met."""


@dataclass(frozen=True, slots=True)
class PastCase:
    """One request with everything that has happened to it, in order, and its notices, which are all settled."""

    changes: tuple[Change, ...]
    notices: tuple[Notice, ...] = ()

    @property
    def request(self) -> SmeRequest:
        """The request as it stands at the end."""
        return self.changes[-1].request

    @property
    def engagements(self) -> tuple[Engagement, ...]:
        """Its engagements as they stand at the end."""
        return tuple({each.engagement.id: each.engagement for each in self.changes if each.engagement}.values())

    def digest(self) -> Digest:
        return digest_of(self.request, [each.event for each in self.changes], self.engagements, self.notices)


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some past cases of a partner, in the order in which they were submitted, and what was deflected among them."""

    partner: str
    cases: tuple[PastCase, ...]
    deflections: tuple[Deflection, ...] = ()


@dataclass(slots=True)
class Telling:
    """A request as it is told from its beginning; what the clock would have done in between, it does.

    `calendar_of` gives the calendar of an e-mail address, of '' too; None where nothing was promised.
    """

    calendar_of: Callable[[str], Calendar] | None
    changes: list[Change] = field(default_factory=list)
    engagement: Engagement | None = None
    _promises: tuple[Promise, ...] = ()

    @property
    def request(self) -> SmeRequest:
        return self.changes[-1].request

    def begin(self, draft: SmeRequest, by: Person) -> None:
        """Tell of the submission. Raises Mistake."""
        self._add(begin(draft, by))

    def tell(self, deed: Deed, at: datetime) -> None:
        """Tell of a deed at a time (UTC) after all told so far. Raises Refusal or Mistake as doing it would."""
        while (late := next_to_slip(self._promises)) and late.due < at:
            slips = Deed(WHEN_IT_SLIPS[late.id], CLOCK, frozenset({Relation.CLOCK}))
            # What a decline takes back may have been late before it.
            self._add(advance(self.request, slips, max(late.due, self.request.last.at), self.engagement))
        self._add(advance(self.request, deed, at, self.engagement))

    def past(self, *notices: Notice) -> PastCase:
        return PastCase(tuple(self.changes), notices)

    def _add(self, change: Change) -> None:
        known = change.engagement or self.engagement
        if self.calendar_of and not self._leaves_promises_alone(change.event.action, known):
            request = change.request
            fpm, sme = self.calendar_of(request.fpm), self.calendar_of(request.sme)
            stands = promises_of(request, known, fpm, sme)
            change = promised(change, known, self._promises, stands)
            self._promises = stands
        self.engagement = change.engagement or self.engagement
        self.changes.append(change)

    @staticmethod
    def _leaves_promises_alone(action: Action, engagement: Engagement | None) -> bool:
        is_contacted = engagement is not None and engagement.contacted_at is not None
        return action in _LEAVE_PROMISES_ALONE or (is_contacted and action in _ONCE_CONTACTED)


@dataclass(frozen=True, slots=True)
class _Remembered(Calendar):
    """A calendar that counts the hours of a day once."""

    days: dict[date, tuple[datetime, datetime] | None] = field(default_factory=dict, compare=False, repr=False)

    def hours_of(self, day: date) -> tuple[datetime, datetime] | None:
        if day not in self.days:
            self.days[day] = Calendar.hours_of(self, day)
        return self.days[day]


@dataclass(frozen=True, slots=True)
class Diaries:
    """The calendars of people by e-mail address, each counted once; of somebody unknown the days of UTC."""

    calendars: Calendars
    people: Mapping[str, Person]
    _kept: dict[tuple[str, str], Calendar] = field(default_factory=dict)

    def of(self, email: str) -> Calendar:
        person = self.people.get(email)
        place = (person.time_zone, person.holidays) if person else ("UTC", "")
        if place not in self._kept:
            known = self.calendars.calendar(*place)
            self._kept[place] = _Remembered(known.zone, known.holidays)
        return self._kept[place]
