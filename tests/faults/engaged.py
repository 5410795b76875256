"""What becomes of an engagement (I12): everything said of it is kept once, and nobody is asked before their time."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from email.message import EmailMessage

from bot.calendars import HolidayCalendars
from bot.domain.calendars import calendar_of
from bot.domain.engagement import Engagement
from bot.domain.lifecycle import Action, EngagementStatus, Topic
from bot.domain.notices import OF_AGENDAS
from tests.faults.histories import Stand, Step, steps
from tests.faults.kept import Kept, KeptCase
from tests.teams import FakeTeams

AT_ONCE = timedelta(minutes=1)
TOLD_BEFORE = timedelta(days=3)
MOST_BROUGHT_FORWARD = timedelta(days=5)
"""Over a weekend with holidays."""
_CALENDARS = HolidayCalendars()


def faults(kept: Kept, teams: FakeTeams, mails: Sequence[EmailMessage], now: datetime) -> Iterator[str]:
    for case in kept.cases:
        taken = steps(case, kept)
        yield from (f"I12: {case.number} {fault}" for fault in _contents(case, taken))
        yield from (f"I12: {case.number} {fault}" for fault in _learned(case, taken))
        yield from (f"I12: {case.number} {fault}" for fault in _asked_early(case, taken, kept))
        yield from (f"I12: {case.number} {fault}" for fault in _never_asked(case, taken, teams, mails))
        yield from (f"I11: {case.number} {fault}" for fault in _periods(taken, kept, now))


def _latest(taken: Sequence[Step]) -> list[Step]:
    """Return the steps of the latest engagement."""
    begun = [at for at, step in enumerate(taken) if step.event.action in {Action.PROPOSE, Action.ASSIGN}]
    return list(taken[begun[-1] :]) if begun else []


def _contents(case: KeptCase, taken: Sequence[Step]) -> Iterator[str]:
    """Compare what is kept of the latest engagement with the words that stand in the history."""
    engagement, done = case.engagement, {step.event.action: step.event for step in _latest(taken)}
    if engagement is None:
        if done:
            yield "has no engagement"
        return
    parts = {
        Action.KICKOFF: engagement.kickoff,
        Action.NOTE: engagement.note,
        Action.COMPLETE: engagement.result,
        Action.RATE: engagement.rating,
    }
    for action, part in parts.items():
        if (part is not None) != (action in done):
            yield f"keeps {part} of its {action}, and its history says otherwise"
        elif action in {Action.NOTE, Action.COMPLETE} and part and part.summary != done[action].why:
            yield f"keeps {part.summary!r} of its {action}, and not {done[action].why!r}"
    if engagement.end_announced != (Action.ENDS_SOON in done):
        yield "does not keep whether the end was announced"


def _learned(case: KeptCase, taken: Sequence[Step]) -> Iterator[str]:
    """Compare the partner's ledger with the engagements that were completed."""
    count, completed = 0, Counter()
    for step in taken:
        count += step.event.action in {Action.PROPOSE, Action.ASSIGN}
        completed[f"{case.number}.{count}"] += step.event.action is Action.COMPLETE
    lines = Counter(row["key"].rpartition(":")[2] for row in case.learned)
    if +completed != +lines:
        yield f"has in the ledger {sorted(lines.elements())}, not {sorted(completed.elements())}"
    for row in case.learned:
        found = case.engagements.get(row["key"].rpartition(":")[2])
        if found and (row["learners"], row["sme"], row["ended_at"]) != _said(found):
            yield f"has in the ledger {row['learners']!r}, {row['sme']}, {row['ended_at']}, not {_said(found)}"


def _said(engagement: Engagement) -> tuple[str, str, str]:
    learners = "\n".join(engagement.kickoff.learners) if engagement.kickoff else ""
    return learners, engagement.sme, engagement.ended_at.isoformat() if engagement.ended_at else ""


def _agreement(taken: Sequence[Step]) -> Step | None:
    """Return the step by which the partner took up a proposal, or nothing."""
    return next(
        (step for step in taken if step.before.engagement is EngagementStatus.PROPOSED and step.after.sme), None
    )


def _proposed_sme(case: KeptCase) -> str:
    first = case.engagements.get(f"{case.number}.1")
    return first.sme if first and case.request.proposed_by else ""


def _asked_early(case: KeptCase, taken: Sequence[Step], kept: Kept) -> Iterator[str]:
    """Yield what an SME was told of a proposal before the partner agreed to it."""
    sme, agreement = _proposed_sme(case), _agreement(taken)
    agreed = agreement.event if agreement else None
    told = [notice for notice in case.notices if sme and notice.recipient == sme]
    of_events = [notice for notice in told if notice.topic not in OF_AGENDAS | {Topic.STATUS}]
    early = [n for n in told if agreed is None or n.created_at < agreed.at]
    early += [n for n in of_events if agreed and n.revision < agreed.number]
    yield from (f"was told to {sme} at {n.created_at}, before the partner agreed" for n in early)
    listed = [word for word in kept.words if sme and word.recipient == sme and case.number in word.listed]
    yield from (
        f"was listed for {sme} before the partner agreed" for w in listed if not agreed or w.created_at < agreed.at
    )


def _never_asked(
    case: KeptCase, taken: Sequence[Step], teams: FakeTeams, mails: Sequence[EmailMessage]
) -> Iterator[str]:
    """Look for a proposal that the partner has not agreed to in what reached the SME."""
    sme = _proposed_sme(case)
    if not sme or _agreement(taken):
        return
    chats = [message for person in teams.people.values() if person.email == sme for message in person.chat]
    if any(case.number in repr(message) for message in chats):
        yield f"stands in the chat of {sme}, and the partner has not agreed"
    if any(case.number in str(mail) for mail in mails if mail["To"] == sme):
        yield f"was mailed to {sme}, and the partner has not agreed"


def _periods(taken: Sequence[Step], kept: Kept, now: datetime) -> Iterator[str]:
    """Follow the period of proactive help: what the clock did too early, and what it owes."""
    for step in taken:
        if step.event.action in {Action.ENDS_SOON, Action.END}:
            over = _over(step.before, kept)
            early = (
                over - TOLD_BEFORE - MOST_BROUGHT_FORWARD if over and step.event.action is Action.ENDS_SOON else over
            )
            if early is None or step.event.at < early or step.event.by:
                yield f"had its {step.event.action} at {step.event.at} by {step.event.by!r}; the period ends at {over}"
            # Who comes too late to announce an end does not do so.
            is_late = over is not None and step.event.at > over + AT_ONCE
            if step.event.action is Action.END and Action.ENDS_SOON not in step.before.done and not is_late:
                yield "came to its end unannounced"
            if step.event.action is Action.ENDS_SOON and is_late:
                yield f"was told at {step.event.at} that it ends soon, and ended at {over}"
    if taken and (over := _over(taken[-1].after, kept)) and taken[-1].after.is_running:
        for action, due in ((Action.ENDS_SOON, over - TOLD_BEFORE), (Action.END, over)):
            if action not in taken[-1].after.done and due + AT_ONCE <= now:
                yield f"is owed its {action}, which was due at {due}"


def _over(stand: Stand, kept: Kept) -> datetime | None:
    """Return when the period is over, by the days of the FPM."""
    if stand.last_day is None:
        return None
    zone = calendar_of(_CALENDARS, kept.people.get(stand.fpm)).zone
    return datetime.combine(stand.last_day + timedelta(days=1), time(), zone).astimezone(UTC)
