"""Agendas: when one person is due a word about everything that waits for them (process.md section 6); pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.lifecycle import Topic
from bot.domain.people import Cover
from bot.domain.working_time import Calendar, next_morning

BETWEEN_REMINDERS = timedelta(hours=4)
_PERSON = "person:"


def agenda_id(email: str) -> str:
    """Return under which name work and notices about a person's agenda are kept."""
    return f"{_PERSON}{email}"


def person_in(number: str) -> str:
    """Return whose agenda an id names, '' when it is a request's or an admission's."""
    return number.removeprefix(_PERSON) if number.startswith(_PERSON) else ""


@dataclass(frozen=True, slots=True)
class Agenda:
    """What one person was told when, and what they have asked for. Times are UTC; `revision` counts the words given.

    Reminders that were due before `told_until` have been given. `by_mail` has what is posted mailed as well. `away` are
    the covers of the person's absence so far, `covering` those under which the person acts, both as last looked at.
    """

    email: str
    revision: int = 0
    told_until: datetime | None = None
    reminded_at: datetime | None = None
    briefed_at: datetime | None = None
    has_briefs: bool = True
    by_mail: bool = False
    away: tuple[Cover, ...] = ()
    covering: tuple[Cover, ...] = ()
    etag: str = ""

    @property
    def id(self) -> str:
        return agenda_id(self.email)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request that waits for a person since a time; `reminders` lie in the working hours of the person."""

    number: str
    since: datetime
    due: datetime
    reminders: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class Day:
    """Everything that counts for a person at a time: what waits, what has happened, and the covers in force.

    `news` are lines with their times, the newest first; `meanwhile` what others decided while the person was away.
    """

    now: datetime
    calendar: Calendar
    waiting: Sequence[Waiting] = ()
    news: Sequence[tuple[datetime, str]] = ()
    meanwhile: Sequence[str] = ()
    covers: Sequence[Cover] = ()


@dataclass(frozen=True, slots=True)
class Word:
    """One card for one person: its topic, the requests on it, the most urgent first, and lines about what happened."""

    topic: Topic
    listed: tuple[str, ...]
    lines: tuple[str, ...] = ()


def next_word(agenda: Agenda, day: Day) -> tuple[Agenda, Word | None]:
    """Return the agenda as it is from now on and the one card that is due, if any; everything due is combined on it."""
    after = replace(agenda, away=_away(agenda, day), covering=_covering(agenda.email, day))
    everything = tuple(each.number for each in sorted(day.waiting, key=lambda each: each.due) if each.since <= day.now)
    reminded = _reminded(agenda, day)
    topics: list[Topic] = []
    lines: list[str] = []
    if agenda.away and not after.away and (day.meanwhile or everything):
        topics.append(Topic.BACK)
        lines += day.meanwhile
    if set(after.covering) - set(agenda.covering):
        topics.append(Topic.COVERING)
    if reminded:
        topics.append(Topic.REMINDER)
        latest = max(at for each in day.waiting for at in each.reminders if at <= day.now)
        after = replace(after, told_until=latest + BETWEEN_REMINDERS, reminded_at=day.now)
    if not after.away and _is_brief_due(agenda, day):
        topics.append(Topic.BRIEF)
        lines += [line for _, line in day.news]
        after = replace(after, briefed_at=day.now)
    if not topics:
        return after, None
    listed = reminded if topics == [Topic.REMINDER] else everything
    return replace(after, revision=agenda.revision + 1), Word(topics[0], listed, tuple(dict.fromkeys(lines)))


def next_look(agenda: Agenda, day: Day) -> datetime | None:
    """Return when the person may be due the next word, after the one of now has been given."""
    moments = [at for each in day.waiting for at in _untold(agenda, each) if at > day.now]
    if agenda.reminded_at and any(at <= day.now for each in day.waiting for at in _untold(agenda, each)):
        moments.append(agenda.reminded_at + BETWEEN_REMINDERS)
    if agenda.has_briefs and (day.waiting or day.news):
        moments.append(next_morning(day.now, day.calendar))
    own = [each for each in day.covers if agenda.email in {each.fpm, each.cover}]
    moments += [at for each in own for at in (each.starts, each.ends)]
    return min((at for at in moments if at > day.now), default=None)


def _untold(agenda: Agenda, waiting: Waiting) -> list[datetime]:
    return [at for at in waiting.reminders if agenda.told_until is None or at >= agenda.told_until]


def _reminded(agenda: Agenda, day: Day) -> tuple[str, ...]:
    """Return the requests to be reminded of now, with those whose turn would come before the next reminder may."""
    due = [at for each in day.waiting for at in _untold(agenda, each) if at <= day.now]
    if not due or (agenda.reminded_at and day.now < agenda.reminded_at + BETWEEN_REMINDERS):
        return ()
    until = max(due) + BETWEEN_REMINDERS
    found = [each for each in day.waiting if any(at < until for at in _untold(agenda, each))]
    return tuple(each.number for each in sorted(found, key=lambda each: each.due))


def _is_brief_due(agenda: Agenda, day: Day) -> bool:
    """Whether a morning of the person has come since there is something to say, and since the last brief."""
    since = [*(each.since for each in day.waiting), *(at for at, _ in day.news)]
    if not agenda.has_briefs or not since:
        return False
    begins = max(min(since), agenda.briefed_at) if agenda.briefed_at else min(since)
    return next_morning(begins, day.calendar) <= day.now


def _away(agenda: Agenda, day: Day) -> tuple[Cover, ...]:
    """Return the covers of an absence so far: while one is in force, those before it that ran into it as well."""
    active = [each for each in day.covers if each.fpm == agenda.email and each.is_active(day.now)]
    return tuple(dict.fromkeys([*agenda.away, *active])) if active else ()


def _covering(email: str, day: Day) -> tuple[Cover, ...]:
    return tuple(each for each in day.covers if each.cover == email and each.is_active(day.now))
