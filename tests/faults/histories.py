"""A request's history, folded: its steps are legal (I3), done by whom they may (I6), and end at the request (I10)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.domain.lifecycle import OPEN, Action, EngagementStatus, Relation, Status, Transition, transition
from bot.domain.people import CLOCK, Person, Role
from bot.domain.request import Event
from state import records
from state.history import replayed
from tests.faults.kept import Kept, KeptCase

_AFTER: dict[Action, EngagementStatus] = {
    Action.ASSIGN: EngagementStatus.OFFERED,
    Action.ACCEPT: EngagementStatus.ACTIVE,
    Action.DECLINE: EngagementStatus.DECLINED,
    Action.RELEASE: EngagementStatus.COMPLETED,
    Action.CLOSE: EngagementStatus.COMPLETED,
}


@dataclass(frozen=True)
class Stand:
    """Where a request stands between two events."""

    status: Status | None = None
    fpm: str = ""
    sme: str = ""
    contact: str = ""
    region: str = ""
    engagement: EngagementStatus | None = None
    is_backup_asked: bool = False
    is_escalated: bool = False
    reporters: tuple[str, ...] = ()


@dataclass(frozen=True)
class Step:
    """One event with the row of the lifecycle that allows it, if one does."""

    before: Stand
    event: Event
    after: Stand
    row: Transition | None


def steps(case: KeptCase) -> list[Step]:
    found, stand = [], Stand()
    for number, event in enumerate(case.events, 1):
        row = transition(event.action, stand.status)
        after = _after(stand, event, replayed(case.lines[:number]).request)
        if row and row.end:
            # With a request end the issues that were still open on it.
            reporters = after.reporters if row.end in OPEN else ()
            after = replace(after, status=row.end, reporters=reporters)
        found.append(Step(stand, event, after, row))
        stand = after
    return found


def _after(stand: Stand, event: Event, columns: Mapping[str, Any]) -> Stand:
    stand = replace(_asked(stand, event), engagement=_AFTER.get(event.action, stand.engagement))
    match event.action:
        case Action.SUBMIT | Action.RESUBMIT:
            fpm, contact, region = (columns.get(f"answer_{key}", "") for key in ("fpm", "contact_email", "region"))
            return replace(stand, fpm=fpm, contact=contact, region=region)
        case Action.DELEGATE:
            return replace(stand, fpm=event.details["to"])
        case Action.ASSIGN:
            return replace(stand, sme=event.details["to"])
        case Action.DECLINE | Action.RELEASE | Action.REOPEN:
            return replace(stand, sme="")
        case Action.ISSUE:
            return replace(stand, reporters=tuple(dict.fromkeys((*stand.reporters, event.by))))
        case Action.ANSWER:
            return replace(stand, reporters=())
    return stand


def _asked(stand: Stand, event: Event) -> Stand:
    """Follow whether the backup FPM was asked, and whether that was because the decision is late."""
    match event.action:
        case Action.ASK_BACKUP:
            return replace(stand, is_backup_asked=True)
        case Action.ESCALATE:
            return replace(stand, is_backup_asked=True, is_escalated=True)
        case Action.RESUBMIT:
            # The first look is promised anew; that the decision is late goes on.
            return replace(stand, is_backup_asked=stand.is_escalated)
        case Action.RELEASE if stand.engagement is EngagementStatus.ACTIVE:
            return replace(stand, is_escalated=False)
        case Action.REOPEN:
            return replace(stand, is_backup_asked=False, is_escalated=False)
    return stand


def faults(case: KeptCase, kept: Kept) -> Iterator[str]:
    taken = steps(case)
    numbers = [event.number for event in case.events]
    if numbers != list(range(1, len(numbers) + 1)) or case.request.revision != len(numbers):
        yield f"I3: {case.number} is of revision {case.request.revision}, and its history has {numbers}"
    for step in taken:
        done = f"{step.event.action} by {step.event.by} at revision {step.event.number} of {case.number}"
        if step.row is None or (step.row.when and step.row.when is not step.before.engagement):
            yield f"I3: {done} is not allowed from {step.before.status}"
        elif not _may(step, case, kept):
            yield f"I6: {done} is not for them to do"
    if taken:
        yield from _differences(case, taken[-1])


def _differences(case: KeptCase, last: Step) -> Iterator[str]:
    request, stand = case.request, last.after
    pairs = {
        "status": (request.status, stand.status),
        "FPM": (request.fpm, stand.fpm),
        "SME": (request.sme, stand.sme),
        "asking of the backup": (request.backup_asked, stand.is_backup_asked),
        "last event": (request.last, last.event),
        "engagement": (case.engagement and case.engagement.status, stand.engagement),
    }
    for what, (is_kept, is_told) in pairs.items():
        if is_kept != is_told:
            yield f"I10: the {what} of {case.number} is {is_kept}, but its history says {is_told}"
    stored, rebuilt = records.request_row(request), replayed(case.lines).request
    for name in sorted((stored | rebuilt).keys() - case.lacks):
        if stored.get(name) != rebuilt.get(name):
            yield f"I10: {name} of {case.number} is {stored.get(name)!r}, but was replayed as {rebuilt.get(name)!r}"


def _may(step: Step, case: KeptCase, kept: Kept) -> bool:
    person = kept.people.get(step.event.by)
    if step.row is None:
        return False
    if person is None:
        return step.event.by == CLOCK.email and Relation.CLOCK in step.row.by
    if person.email == case.request.requester and Relation.REQUESTER not in step.row.by:
        return False
    return any(_is(relation, person, step, case, kept) for relation in step.row.by)


def _is(relation: Relation, person: Person, step: Step, case: KeptCase, kept: Kept) -> bool:
    match relation:
        case Relation.REQUESTER:
            return person.is_a(Role.REQUESTER) and case.request.partner in person.partners
        case Relation.FPM:
            backup = kept.backup_of(case.request, step.before.fpm) if step.before.is_backup_asked else ""
            return person.is_a(Role.FPM) and person.email in {step.before.fpm, backup}
        case Relation.ASSIGNER:
            return person.is_a(Role.ASSIGNER)
        case Relation.SME:
            return person.email == step.before.sme
    return False
