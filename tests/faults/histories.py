"""A request's history, folded: its steps are legal (I3), done by whom they may (I6), and end at the request (I10)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from bot.domain.lifecycle import OPEN, Action, EngagementStatus, Relation, Status, Transition, transition
from bot.domain.people import CLOCK, Person, Role
from bot.domain.request import Event
from state import records
from state.history import replayed
from tests.faults.kept import Kept, KeptCase

# By hand: where the engagement is after an action.
_AFTER: dict[Action, EngagementStatus] = {
    Action.PROPOSE: EngagementStatus.PROPOSED,
    Action.ASSIGN: EngagementStatus.OFFERED,
    Action.ACCEPT: EngagementStatus.ACTIVE,
    Action.DECLINE: EngagementStatus.DECLINED,
    Action.RELEASE: EngagementStatus.COMPLETED,
    Action.COMPLETE: EngagementStatus.COMPLETED,
}
# By hand: where it is after the end of its period; what has ended before stays as it is.
_OVER = {
    EngagementStatus.PROPOSED: EngagementStatus.DECLINED,
    EngagementStatus.OFFERED: EngagementStatus.DECLINED,
    EngagementStatus.ACTIVE: EngagementStatus.COMPLETED,
}
_ONCE = {Action.ACCEPT, Action.CONTACTED, Action.COMPLETE, Action.RATE, Action.ENDS_SOON, Action.END}
"""What happens to an engagement once; that it ends soon, once for each last day."""
_OF_REQUESTS = {
    Action.WITHDRAW, Action.RETURN, Action.RESUBMIT, Action.DENY, Action.DELEGATE, Action.REOPEN,
    Action.ASK_BACKUP, Action.ESCALATE,
}  # fmt: skip
"""What happens to what a partner has asked for, and never to help that was proposed."""
_PARTIES = frozenset({Relation.SME, Relation.FPM, Relation.REQUESTER})
_LOW = 2


@dataclass(frozen=True)
class Stand:
    """Where a request stands between two events.

    `kickoff` is the revision of the engagement's kick-off as it stands, `agreed` who has agreed on it, and `done` what
    was done in the engagement. `last_day` is the last one of the period that all have agreed on, of proposals alone.
    """

    status: Status | None = None
    fpm: str = ""
    sme: str = ""
    contact: str = ""
    region: str = ""
    engagement: EngagementStatus | None = None
    is_backup_asked: bool = False
    is_escalated: bool = False
    reporters: tuple[str, ...] = ()
    issues: int = 0
    is_proposal: bool = False
    kickoff: int = 0
    agreed: frozenset[Relation] = frozenset()
    done: frozenset[Action] = frozenset()
    last_day: date | None = None

    @property
    def to_agree(self) -> frozenset[Relation]:
        """Who is asked to agree on the kick-off."""
        is_at_work = self.engagement is EngagementStatus.ACTIVE and self.status is Status.ASSIGNED
        return _PARTIES - self.agreed if self.kickoff and is_at_work else frozenset()

    @property
    def is_without_a_result(self) -> bool:
        """Whether an SME has begun, and nobody has said what came of it."""
        return Action.ACCEPT in self.done and Action.COMPLETE not in self.done

    @property
    def is_running(self) -> bool:
        """Whether help goes on, or may still begin."""
        is_over = self.status is Status.ASSIGNED and self.engagement is EngagementStatus.COMPLETED
        return self.status in OPEN and not is_over


@dataclass(frozen=True)
class Step:
    """One event with the row of the lifecycle that allows it, if one does; `parties` are the parts of who did it."""

    before: Stand
    event: Event
    after: Stand
    row: Transition | None
    parties: frozenset[Relation]


def steps(case: KeptCase, kept: Kept) -> list[Step]:
    found, stand = [], Stand()
    for number, event in enumerate(case.events, 1):
        row = transition(event.action, stand.status, stand.engagement)
        person = kept.people.get(event.by)
        parties = frozenset(each for each in _PARTIES if person and _is(each, person, stand, case, kept))
        after = _after(stand, event, case.lines[:number], parties)
        if row and row.end:
            after = replace(after, status=row.end)
        if row and row.end and row.end not in OPEN:
            # With a request end the issues that were still open on it.
            after = replace(after, reporters=(), issues=0)
        found.append(Step(stand, event, after, row, parties))
        stand = after
    return found


def _after(stand: Stand, event: Event, lines: list[Mapping[str, Any]], parties: frozenset[Relation]) -> Stand:
    stand = _engaged(_asked(stand, event), event, lines[-1], parties)
    match event.action:
        case Action.SUBMIT | Action.RESUBMIT | Action.PROPOSE:
            columns = replayed(lines).request
            fpm, contact, region = (columns.get(f"answer_{key}", "") for key in ("fpm", "contact_email", "region"))
            is_proposal = stand.is_proposal or event.action is Action.PROPOSE
            return replace(stand, fpm=fpm, contact=contact, region=region, is_proposal=is_proposal)
        case Action.DELEGATE:
            return replace(stand, fpm=event.details["to"])
        case Action.ASSIGN:
            return replace(stand, sme=event.details["to"])
        case Action.DECLINE | Action.RELEASE | Action.REOPEN:
            return replace(stand, sme="")
        case Action.ISSUE:
            return _with_issue(stand, event)
        case Action.RATE if int(lines[-1].get("engagement_rating_stars", 0)) <= _LOW:
            return _with_issue(stand, event)
        case Action.ANSWER:
            return replace(stand, reporters=(), issues=0)
    return stand


def _with_issue(stand: Stand, event: Event) -> Stand:
    return replace(stand, reporters=tuple(dict.fromkeys((*stand.reporters, event.by))), issues=stand.issues + 1)


def _engaged(stand: Stand, event: Event, line: Mapping[str, Any], parties: frozenset[Relation]) -> Stand:
    """Follow the engagement; of what was written, only the dates are taken from the line."""
    match event.action:
        case Action.PROPOSE | Action.ASSIGN:
            last_day = line.get("engagement_proposal_end")
            stand = replace(stand, kickoff=0, agreed=frozenset(), done=frozenset())
            stand = replace(stand, last_day=date.fromisoformat(last_day) if last_day else None)
        case Action.AGREE if stand.engagement is EngagementStatus.PROPOSED:
            return replace(stand, engagement=EngagementStatus.OFFERED, sme=line["engagement_sme"])
        case Action.AGREE:
            stand = replace(stand, agreed=stand.agreed | parties)
            if stand.last_day and not stand.to_agree:
                stand = _lasting_until(stand, date.fromisoformat(line["engagement_kickoff_end"]))
        case Action.KICKOFF:
            stand = replace(stand, kickoff=event.number, agreed=frozenset({Relation.SME}))
        case Action.CLOSE if stand.status is Status.ASSIGNED:
            stand = replace(stand, engagement=EngagementStatus.COMPLETED)
        case Action.CLOSE if stand.engagement is EngagementStatus.PROPOSED:
            stand = replace(stand, engagement=EngagementStatus.DECLINED)
        case Action.END if stand.engagement in _OVER:
            stand = replace(stand, engagement=_OVER[stand.engagement])
    done, engagement = stand.done | {event.action}, _AFTER.get(event.action, stand.engagement)
    return replace(stand, done=done, engagement=engagement)


def _lasting_until(stand: Stand, last_day: date) -> Stand:
    is_another = last_day != stand.last_day
    return replace(stand, last_day=last_day, done=stand.done - ({Action.ENDS_SOON} if is_another else set()))


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
    taken = steps(case, kept)
    numbers = [event.number for event in case.events]
    if numbers != list(range(1, len(numbers) + 1)) or case.request.revision != len(numbers):
        yield f"I3: {case.number} is of revision {case.request.revision}, and its history has {numbers}"
    for step in taken:
        done = f"{step.event.action} by {step.event.by} at revision {step.event.number} of {case.number}"
        if not _is_allowed(step):
            yield f"I3: {done} is not allowed from {step.before.status}"
        elif not _may(step, case, kept):
            yield f"I6: {done} is not for them to do"
    if taken:
        yield from _differences(case, taken[-1])


def _is_allowed(step: Step) -> bool:
    before, action = step.before, step.event.action
    if step.row is None or (step.row.when and before.engagement not in step.row.when):
        return False
    if (before.is_proposal and action in _OF_REQUESTS) or (action in _ONCE and action in before.done):
        return False
    match action:
        case Action.AGREE if before.status is Status.ASSIGNED:
            return bool(step.parties & before.to_agree)
        case Action.ASSIGN:
            return before.engagement is not EngagementStatus.PROPOSED
        case Action.COMPLETE | Action.CLOSE | Action.END | Action.ENDS_SOON:
            return _may_end(step)
        case Action.RATE:
            return Action.ACCEPT in before.done
        case Action.ANSWER:
            return before.issues > 0
    return True


def _may_end(step: Step) -> bool:
    before = step.before
    match step.event.action:
        case Action.COMPLETE:
            return before.status is Status.ASSIGNED or {Action.ACCEPT, Action.END} <= before.done
        case Action.CLOSE:
            is_explained = bool(step.event.why) or not before.is_without_a_result
            return is_explained and (before.status is Status.ASSIGNED or before.is_proposal)
    return before.is_proposal and before.is_running


def _differences(case: KeptCase, last: Step) -> Iterator[str]:
    request, stand, engagement = case.request, last.after, case.engagement
    pairs = {
        "status": (request.status, stand.status),
        "FPM": (request.fpm, stand.fpm),
        "SME": (request.sme, stand.sme),
        "asking of the backup": (request.backup_asked, stand.is_backup_asked),
        "last event": (request.last, last.event),
        "engagement": (engagement and engagement.status, stand.engagement),
        "number of issues": (request.open_issues, stand.issues),
        "agreement": (set(engagement.agreed) if engagement else set(), stand.agreed),
    }
    if not {"stage", "to_agree"} & case.lacks:
        pairs["stage"] = request.stage, stand.engagement
        pairs["asking to agree"] = set(request.to_agree), stand.to_agree
    for what, (is_kept, is_told) in pairs.items():
        if is_kept != is_told:
            yield f"I10: the {what} of {case.number} is {is_kept}, but its history says {is_told}"
    stored, rebuilt = records.request_row(request), replayed(case.lines).request
    for name in sorted((stored | rebuilt).keys() - case.lacks):
        if stored.get(name) != rebuilt.get(name):
            yield f"I10: {name} of {case.number} is {stored.get(name)!r}, but was replayed as {rebuilt.get(name)!r}"


def _may(step: Step, case: KeptCase, kept: Kept) -> bool:
    person, row = kept.people.get(step.event.by), step.row
    if row is None:
        return False
    if person is None:
        return step.event.by == CLOCK.email and Relation.CLOCK in row.by
    if person.email == case.request.requester and Relation.REQUESTER not in row.by:
        return False
    if step.event.action is Action.PROPOSE:
        partner = kept.partners[case.request.partner]
        return person.is_a(Role.ASSIGNER) or person.email in {partner.fpm, partner.backup_fpm}
    return any(_is(relation, person, step.before, case, kept) for relation in row.by)


def _is(relation: Relation, person: Person, stand: Stand, case: KeptCase, kept: Kept) -> bool:
    match relation:
        case Relation.REQUESTER:
            return person.is_a(Role.REQUESTER) and case.request.partner in person.partners
        case Relation.FPM:
            backup = kept.backup_of(case.request, stand.fpm) if stand.is_backup_asked else ""
            return person.is_a(Role.FPM) and person.email in {stand.fpm, backup}
        case Relation.ASSIGNER:
            return person.is_a(Role.ASSIGNER)
        case Relation.SME:
            return person.email == stand.sme
    return False
