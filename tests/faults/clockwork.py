"""What the clock has done (I11): not before its time, once for each promise, with nothing owed and nobody pestered."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from itertools import pairwise

from bot.calendars import HolidayCalendars
from bot.domain.calendars import calendar_of
from bot.domain.lifecycle import Action, EngagementStatus, Relation, Topic
from bot.domain.notices import Notice, NoticeState
from bot.domain.people import Role
from bot.domain.promises import promises_of
from bot.domain.request import Event
from bot.domain.working_time import brought_forward, next_morning
from state.history import replayed
from tests.faults.histories import Step, steps
from tests.faults.kept import Kept, KeptCase

BETWEEN_REMINDERS = timedelta(hours=4)
AT_ONCE = timedelta(minutes=1)
"""What came due so shortly before is perhaps still under way."""
MOST_ROWS = 8
_CALENDARS = HolidayCalendars()
# By hand: what begins the promise whose slipping the clock tells of, what keeps it, and how long it lasts at least.
_BEGUN = {
    Action.ASK_BACKUP: {Action.SUBMIT, Action.RESUBMIT, Action.REOPEN},
    Action.ESCALATE: {Action.SUBMIT, Action.REOPEN},
    Action.REPLY_LATE: {Action.ASSIGN},
    Action.CONTACT_LATE: {Action.ACCEPT},
}
_KEPT = {
    Action.ASK_BACKUP: {Action.APPROVE, Action.DENY, Action.RETURN, Action.WITHDRAW},
    Action.ESCALATE: {Action.ASSIGN, Action.DENY, Action.WITHDRAW},
    Action.REPLY_LATE: {Action.ACCEPT, Action.DECLINE, Action.END, Action.RELEASE, Action.CLOSE},
    Action.CONTACT_LATE: {Action.CONTACTED, Action.COMPLETE, Action.END, Action.RELEASE, Action.CLOSE},
}
_LASTS = {action: timedelta(hours=120 if action is Action.ESCALATE else 8) for action in _BEGUN}


@dataclass
class Run:
    """One promise from its beginning; `paused` is the time in which it did not count."""

    began: datetime
    paused: timedelta = timedelta(0)
    is_kept: bool = False
    is_told: bool = False


def faults(kept: Kept, mails: Sequence[EmailMessage], now: datetime) -> Iterator[str]:
    for case in kept.cases:
        runs: dict[Action, Run] = {}
        for step in steps(case, kept):
            yield from (f"I11: {step.event.action} of {case.number} {fault}" for fault in _step(step, case, runs))
        yield from (f"I11: {case.number} {fault}" for fault in _owed(case, runs, now))
        yield from (f"I11: {case.number} {fault}" for fault in _unreminded(case, kept, now))
    by_mail = {mail["To"] for mail in mails}
    yield from (f"I11: {fault}" for fault in _words(kept, by_mail))


def _step(step: Step, case: KeptCase, runs: dict[Action, Run]) -> Iterator[str]:
    """Follow the promises through one event; yield what the clock may not have done."""
    event = step.event
    if event.action in _BEGUN:
        yield from _told(step, case, runs.get(event.action))
    for told in _BEGUN:
        if _begins(told, step):
            # The date of the decision goes on while the request is returned and sent again.
            runs[told] = Run(event.at)
        elif told in runs:
            runs[told].is_kept |= event.action in _KEPT[told]
    decision = runs.get(Action.ESCALATE)
    if decision and event.action is Action.RESUBMIT:
        decision.paused += event.at - max(each.at for each in case.events if _is_return_before(each, event))
    if decision and event.action in {Action.DECLINE, Action.RELEASE}:
        decision.is_kept = False


def _begins(told: Action, step: Step) -> bool:
    action, before = step.event.action, step.before
    if action is Action.RELEASE and before.engagement is EngagementStatus.ACTIVE:
        return told is Action.ESCALATE and not before.is_proposal
    if action is Action.AGREE and before.engagement is EngagementStatus.PROPOSED:
        return told is Action.REPLY_LATE
    return action in _BEGUN[told]


def _is_return_before(event: Event, later: Event) -> bool:
    return event.action is Action.RETURN and event.number < later.number


def _told(step: Step, case: KeptCase, run: Run | None) -> Iterator[str]:
    event = step.event
    if event.by:
        yield f"was done by {event.by}"
    if run is None or run.is_kept:
        yield "tells of no promise that ran"
    elif run.is_told:
        yield "happened twice"
    elif event.at - run.began - run.paused < _LASTS[event.action]:
        yield f"came at {event.at}, too soon after {run.began}"
    if run:
        run.is_told = True
    if (due := _due_then(event, case)) and event.at < due:
        yield f"came at {event.at}, and is due at {due}"


def _due_then(event: Event, case: KeptCase) -> datetime | None:
    """Return the date that was kept of the promise when it slipped."""
    found = replayed(case.lines[: event.number])
    latest = found.engagements.get(f"{case.number}.{found.request.get('engagements')}", {})
    dates = {
        Action.ASK_BACKUP: found.request.get("triage_due"),
        Action.REPLY_LATE: latest.get("reply_due"),
        Action.CONTACT_LATE: latest.get("contact_due"),
    }
    kept = dates.get(event.action)
    return datetime.fromisoformat(str(kept)) if kept else None


def _due(action: Action, case: KeptCase) -> datetime | None:
    """Return the date that is kept of the promise as it runs now."""
    dates = {Action.ASK_BACKUP: case.request.triage_due}
    if case.engagement:
        dates |= {Action.REPLY_LATE: case.engagement.reply_due, Action.CONTACT_LATE: case.engagement.contact_due}
    return dates.get(action)


def _owed(case: KeptCase, runs: dict[Action, Run], now: datetime) -> Iterator[str]:
    """Yield what the clock should have told of by now."""
    for action, run in runs.items():
        if run.is_kept or run.is_told or case.request.status not in _STATUSES[action]:
            continue
        due = run.began + run.paused + _LASTS[action] if action is Action.ESCALATE else _due(action, case)
        if due and due + AT_ONCE <= now:
            yield f"is owed its {action}, which was due at {due}"


_STATUSES = {
    Action.ASK_BACKUP: {"submitted"},
    Action.ESCALATE: {"submitted", "approved"},
    Action.REPLY_LATE: {"assigned"},
    Action.CONTACT_LATE: {"assigned"},
}


def _unreminded(case: KeptCase, kept: Kept, now: datetime) -> Iterator[str]:
    """Yield who holds a promise, and was given no word about it when a reminder was due."""
    request, people = case.request, kept.people
    fpm, sme = (calendar_of(_CALENDARS, people.get(email)) for email in (request.fpm, request.sme))
    for promise in promises_of(request, case.engagement, fpm, sme if request.sme else None):
        for email in _holders(promise.holder, case, kept) if promise.is_running else ():
            moments = [brought_forward(at, calendar_of(_CALENDARS, people[email])) for at in promise.reminders]
            # Who was asked, or saw it change, after that moment knows by that card.
            due = [at for at in moments if request.last.at < at <= now - BETWEEN_REMINDERS - AT_ONCE]
            words = [n for n in kept.words if n.recipient == email and case.number in n.listed]
            for at in due:
                if not any(word.created_at >= at - BETWEEN_REMINDERS for word in words):
                    yield f"waits for {email}, who was not reminded at {at}"


def _holders(relation: Relation | None, case: KeptCase, kept: Kept) -> set[str]:
    request = case.request
    match relation:
        case Relation.FPM:
            backup = {kept.backup_of(request, request.fpm)} if request.backup_asked else set()
            return ({request.fpm} | (backup - {request.requester, request.sme})) & kept.people.keys()
        case Relation.ASSIGNER:
            return kept.assigners(request.answers["region"]) - {request.requester}
        case Relation.SME:
            return {request.sme} & kept.people.keys()
    return set()


def _words(kept: Kept, by_mail: set[str]) -> Iterator[str]:
    """Yield which words came too often, to whom they do not matter, or are not followed up."""
    told: dict[tuple[str, Topic], list[Notice]] = {}
    for word in kept.words:
        told.setdefault((word.recipient, word.topic), []).append(word)
        for number in word.listed:
            if number not in kept.by_number or not _has_had_a_part(word.recipient, kept.by_number[number], kept):
                yield f"the {word.topic} to {word.recipient} lists {number}, which is not theirs"
        yield from _unfollowed(word, kept)
    for (email, topic), words in told.items():
        # What went by mail comes anew, as of then, when the person opens the app.
        times = [] if email in by_mail else sorted(word.created_at for word in words)
        if topic is Topic.REMINDER and any(b - a < BETWEEN_REMINDERS for a, b in pairwise(times)):
            yield f"{email} was reminded at {times}"
        calendar = calendar_of(_CALENDARS, kept.people.get(email))
        if topic is Topic.BRIEF and any(next_morning(a, calendar) > b for a, b in pairwise(times)):
            yield f"{email} was given more than one brief on a morning: {times}"


def _unfollowed(word: Notice, kept: Kept) -> Iterator[str]:
    """Yield the requests with which the card of a word is not brought up to date."""
    if word.state is not NoticeState.DELIVERED or not word.is_live_copy:
        return
    for number in word.listed[:MOST_ROWS]:
        notices = kept.by_number[number].notices if number in kept.by_number else []
        copies = [n.activity_id for n in notices if _place(n) == _place(word)]
        if copies != [word.activity_id]:
            yield f"the {word.topic} {word.revision} to {word.recipient} does not follow {number}"


def _place(notice: Notice) -> tuple[Topic, str, int]:
    return notice.topic, notice.recipient, notice.revision


def _has_had_a_part(email: str, case: KeptCase, kept: Kept) -> bool:
    person = kept.people.get(email)
    if person is None:
        return False
    stands = [step.after for step in steps(case, kept)]
    asked = any(event.action in {Action.ASK_BACKUP, Action.ESCALATE} for event in case.events)
    return (
        case.request.partner in person.partners
        or any(email in {stand.fpm, stand.sme} for stand in stands)
        or email == case.request.proposed_by
        or (asked and any(email == kept.backup_of(case.request, stand.fpm) for stand in stands))
        or email in kept.assigners(case.request.answers["region"])
        or person.is_a(Role.PROGRAM)
    )
