"""Looks at one person's agenda: gives the one word that is due, and hands back what they covered."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from bot.domain.agenda import Agenda, Day, Waiting, Word, agenda_id, next_look, next_word
from bot.domain.calendars import calendar_of, promises_now
from bot.domain.lifecycle import OF_THE_CLOCK, Action, EngagementStatus, Status, Topic
from bot.domain.lookup import Lookup
from bot.domain.notices import Notice
from bot.domain.parties import asked_without_a_date, backups_asked, holders, requester_now
from bot.domain.people import Cover, Person, Role
from bot.domain.ports import Agendas, Calendars, Case, Clock, People, Raced, Requests
from bot.domain.promises import Promise, PromiseId
from bot.domain.request import Event, SmeRequest, done
from bot.domain.working_time import DAY_BEGINS, DAY_ENDS, Calendar, brought_forward

MOST_NEWS = 5
MOST_LINES, LINE_LONGEST = 12, 200
MOST_LISTED = 100
NEWS_FROM = timedelta(days=3)
WORDS_KEPT = timedelta(days=14)
"""How long it is kept what was told; a card that no newer one has followed is kept for longer."""
_ASKS_BACKUPS = frozenset({Action.ASK_BACKUP, Action.ESCALATE})
_ASKS_NOBODY = OF_THE_CLOCK | {Action.ISSUE, Action.ANSWER, Action.NOTE, Action.RATE}
_ASKS_HOLDERS = frozenset(Action) - _ASKS_NOBODY
HEADLINES = {
    Topic.REMINDER: "Reminder: requests wait for you",
    Topic.BRIEF: "Your morning brief",
    Topic.COVERING: "You act for another FPM now",
    Topic.BACK: "Welcome back: what was decided meanwhile",
}


@dataclass(frozen=True, slots=True)
class AgendaDesk:
    """What looking at an agenda needs; safe to run twice at once, as agendas are guarded by their etags."""

    requests: Requests
    people: People
    agendas: Agendas
    lookup: Lookup
    calendars: Calendars
    clock: Clock

    async def look(self, email: str) -> datetime | None:
        """File the word that is due to a person, if one is; return when to look again."""
        while True:
            await self.people.refresh()
            person = await self.people.by_email(email)
            if person is None:
                return None
            agenda = await self.agendas.load(email)
            day = await self._day(person, agenda)
            after, word = next_word(agenda, day)
            await self._hand_back(set(agenda.covering) - set(after.covering))
            try:
                if after != agenda:
                    await self.agendas.commit(after, [_notice(after, word, day.now)] if word else [])
            except Raced:
                continue
            if word:
                await self.agendas.forget_words(email, day.now - WORDS_KEPT)
            if word and word.topic is Topic.BACK:
                await self.agendas.forget_meanwhile(email)
            return next_look(after, day)

    async def switch_briefs(self, person: Person, *, is_on: bool) -> None:
        """Have a person get a brief each morning, or none."""
        await self._changed(person.email, lambda agenda: replace(agenda, has_briefs=is_on))
        await self.requests.look_at(agenda_id(person.email), self.clock())

    async def switch_mail(self, person: Person, *, is_on: bool) -> None:
        """Have everything that a person is told mailed as well, or only what cannot be posted."""
        await self._changed(person.email, lambda agenda: replace(agenda, by_mail=is_on))

    async def _changed(self, email: str, change: Callable[[Agenda], Agenda]) -> None:
        while True:
            try:
                await self.agendas.commit(change(await self.agendas.load(email)), [])
            except Raced:
                continue
            return

    async def _day(self, person: Person, agenda: Agenda) -> Day:
        now, calendar = self.clock(), calendar_of(self.calendars, person)
        covers = await self.people.covers()
        is_away = any(each.fpm == person.email and each.is_active(now) for each in covers)
        ended = () if is_away else agenda.away
        cases = [case for number in await self.lookup.concerning(person) if (case := await self.requests.load(number))]
        waiting = [found for case in cases if (found := await self._waiting(case, person, calendar))]
        waits = {each.number for each in waiting if each.since <= now}
        is_told_news = waits or person.roles - {Role.REQUESTER}
        others = [case for case in cases if case.request.number not in waits]
        since = max(agenda.briefed_at or now - NEWS_FROM, now - NEWS_FROM)
        news = _news(others, person, since) if is_told_news else []
        return Day(now, calendar, waiting, news, await self._meanwhile(person, ended) if ended else (), covers)

    async def _waiting(self, case: Case, person: Person, calendar: Calendar) -> Waiting | None:
        request = case.request
        running = [each for each in await promises_now(case, self.people, self.calendars) if each.is_running]
        own = [each for each in running if await self._holds(person, each, request)]
        if own:
            moments = {brought_forward(at, calendar) for each in own for at in each.reminders}
            since = await self._asked_at(request, person)
            due = min(each.due for each in own)
            return Waiting(request.number, request.last.at, due, tuple(sorted(at for at in moments if at > since)))
        is_late = PromiseId.DECISION in request.slipped and any(each.id is PromiseId.DECISION for each in running)
        is_to_fix = request.status is Status.RETURNED and person.email == await requester_now(request, self.people)
        is_asked = person.email in await asked_without_a_date(case, self.people, self.clock())
        if is_to_fix or is_asked or (is_late and person.is_a(Role.PROGRAM)):
            return Waiting(request.number, request.last.at, request.last.at)
        return _next_step(case, person, calendar)

    async def _asked_at(self, request: SmeRequest, person: Person) -> datetime:
        """Return when a person was asked by the card of an event; of moments before they need no reminder."""
        is_backup = request.backup_asked and person.email in await backups_asked(request, self.people)
        if request.last.action not in _ASKS_NOBODY:
            return request.last.at
        events = await self.requests.history(request.number)
        asked = [each.at for each in events if each.action in (_ASKS_BACKUPS if is_backup else _ASKS_HOLDERS)]
        return max(asked, default=request.submitted_at)

    async def _holds(self, person: Person, promise: Promise, request: SmeRequest) -> bool:
        return promise.holder is not None and person.email in await holders(
            request, promise.holder, self.people, self.clock()
        )

    async def _meanwhile(self, person: Person, ended: Sequence[Cover]) -> list[str]:
        """Return a line for everything that was done for the person during covers that are over."""
        since = min(each.starts for each in ended)
        filed: dict[str, set[int]] = {}
        for number, position in await self.agendas.meanwhile(person.email):
            filed.setdefault(number, set()).add(position)
        told: list[tuple[datetime, str]] = []
        for number, positions in filed.items():
            case = await self.requests.load(number)
            events = await self.requests.history(number) if case else ()
            found = [e for e in events if e.number in positions and e.details.get("for") == person.email]
            told += [(event.at, _line(case.request, event)) for event in found if case and event.at >= since]
        return [line for _, line in sorted(told)]

    async def _hand_back(self, ended: Iterable[Cover]) -> None:
        """Have the cards of a cover brought up to date that is over, so that none keeps buttons."""
        for cover in ended:
            fpm = await self.people.by_email(cover.fpm)
            for number in await self.lookup.concerning(fpm) if fpm else ():
                for notice in await self.requests.notices_of(number):
                    if notice.recipient == cover.cover and notice.is_live_copy:
                        with suppress(Raced):
                            await self.requests.save_notice(replace(notice, shown=0))
                await self.requests.look_at(number, self.clock())


def _next_step(case: Case, person: Person, calendar: Calendar) -> Waiting | None:
    """Return the next step that an SME has noted with a date, as it waits from that day on."""
    engagement = case.engagement
    note = engagement.note if engagement and engagement.status is EngagementStatus.ACTIVE else None
    if note is None or note.next_date is None or person.email != case.request.sme:
        return None
    begins, ends = (
        datetime.combine(note.next_date, at, calendar.zone).astimezone(UTC) for at in (DAY_BEGINS, DAY_ENDS)
    )
    begins = brought_forward(begins, calendar)
    return Waiting(case.request.number, begins, ends, (begins,))


def _notice(agenda: Agenda, word: Word, at: datetime) -> Notice:
    told = [line[:LINE_LONGEST] for line in word.lines[:MOST_LINES]]
    if len(word.lines) > MOST_LINES:
        told.append(f"And {len(word.lines) - MOST_LINES} more.")
    sentence = "\n".join((HEADLINES[word.topic], *told))
    return Notice(
        agenda.id, agenda.revision, word.topic, agenda.email, sentence, at, at, listed=word.listed[:MOST_LISTED]
    )


def _news(cases: Iterable[Case], person: Person, since: datetime) -> list[tuple[datetime, str]]:
    """Return what others did last with requests of the person, the newest first."""
    events = [(case.request.last, case.request) for case in cases]
    news = [(event.at, _line(request, event)) for event, request in events if event.by != person.email]
    return sorted((each for each in news if each[0] > since), reverse=True)[:MOST_NEWS]


def _line(request: SmeRequest, event: Event) -> str:
    return f"{request.number} for {request.customer}: {done(event)}"
