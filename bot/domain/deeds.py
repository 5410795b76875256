"""Deeds: what somebody wants to do to a request, and `advance`, the one function that changes a status."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.domain.catalogues import DENY_REASONS
from bot.domain.engagement import Engagement, follow, offer
from bot.domain.errors import Mistake, Refusal, Stale
from bot.domain.fields import BY_KEY
from bot.domain.lifecycle import OF_THE_CLOCK, OPEN, TRANSITIONS, Action, EngagementStatus, Relation, transition
from bot.domain.people import Person
from bot.domain.promises import WHEN_IT_SLIPS, PromiseId
from bot.domain.request import Earlier, Event, SmeRequest, happened
from bot.domain.routing import Verdict
from bot.domain.texts import cleaned

WORDS_LONGEST = 2000
NOT_YOURS = "This is not for you to do. Type help to see what you can do."


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody wants to do to a request, parsed from a press or from typed words.

    `on_behalf` is the FPM whom somebody else acts for.
    """

    action: Action
    by: Person
    relations: frozenset[Relation]
    inputs: Mapping[str, str] = field(default_factory=dict)
    target: Person | None = None
    target_relations: frozenset[Relation] = frozenset()
    answers: Mapping[str, str] | None = None
    verdict: Verdict | None = None
    earlier: tuple[Earlier, ...] = ()
    on_behalf: Person | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """The outcome of a deed: the request and engagement after it, and the line for the history."""

    before: SmeRequest | None
    request: SmeRequest
    event: Event
    engagement: Engagement | None = None


def _stale(request: SmeRequest) -> Stale:
    return Stale(f"This request is {request.status.value} now. {happened(request.last)}")


def words(inputs: Mapping[str, str], key: str, *, required: str = "") -> str:
    """Return a text input, cleaned. Raises Mistake with the sentence `required` when it is empty, or when too long."""
    text = cleaned(inputs.get(key, ""))
    if required and not text:
        raise Mistake(required)
    if len(text) > WORDS_LONGEST:
        raise Mistake(f"Please keep this to {WORDS_LONGEST:,} characters; this has {len(text):,}.")
    return text


_REASON_INPUTS: Mapping[Action, tuple[str, str]] = {
    Action.RETURN: ("return_note", "Please say in a few words what has to be fixed."),
    Action.DECLINE: ("decline_reason", "Please say in a few words why, so that the next SME fits better."),
    Action.RELEASE: ("release_reason", "Please give a reason for the release."),
    Action.REOPEN: ("reopen_reason", "Please give a reason for reopening."),
    Action.ISSUE: ("issue_text", "Please describe the issue in a few words."),
    Action.ANSWER: ("answer_text", "Please write an answer in a few words."),
}


def _why(deed: Deed, engagement: Engagement | None) -> str:
    if deed.action is Action.DENY:
        code = deed.inputs.get("deny_reason", "")
        if code not in DENY_REASONS:
            raise Mistake("Please choose a reason for the denial.")
        needs = "Please say in words why, as the reason is another one." if code == "other" else ""
        return words(deed.inputs, "deny_note", required=needs)
    if deed.action is Action.CLOSE:
        active = engagement is not None and engagement.status is EngagementStatus.ACTIVE
        needs = "The engagement is still active: please give a reason for closing." if active else ""
        return words(deed.inputs, "close_reason", required=needs)
    if deed.action in _REASON_INPUTS:
        key, sentence = _REASON_INPUTS[deed.action]
        return words(deed.inputs, key, required=sentence)
    return ""


def _check_right(request: SmeRequest, deed: Deed, engagement: Engagement | None) -> None:
    if not any(each.by & deed.relations for each in TRANSITIONS if each.action is deed.action):
        raise Refusal(NOT_YOURS)
    row = transition(deed.action, request.status)
    if row is None:
        raise _stale(request)
    if row.when and (engagement is None or engagement.status is not row.when):
        raise _stale(request)
    if deed.action is Action.ANSWER and not request.open_issues:
        raise _stale(request)
    if deed.action is Action.CONTACTED and engagement and engagement.contacted_at:
        raise _stale(request)
    if not row.by & deed.relations:
        raise Refusal(NOT_YOURS)
    if deed.by.email == request.requester and Relation.REQUESTER not in row.by:
        raise Refusal("Nobody decides on a request of their own.")


def _details(deed: Deed, request: SmeRequest, engagement: Engagement | None) -> dict[str, str]:
    match deed.action:
        case Action.DENY:
            return {"reason": deed.inputs["deny_reason"]}
        case Action.RETURN:
            chosen = deed.inputs.get("return_fields", "").split(",")
            return {"fields": ",".join(k for k in BY_KEY if k in chosen)}
        case Action.DELEGATE | Action.ASSIGN if deed.target:
            return {"to": deed.target.email, "to_name": deed.target.name}
        case Action.RESUBMIT if deed.answers is not None:
            return {"changed": ",".join(_changed(request, deed.answers))}
        case Action.DECLINE | Action.RELEASE | Action.CLOSE | Action.ACCEPT | Action.CONTACTED if engagement:
            return {"sme": engagement.sme}
    return {}


def _behalf(deed: Deed) -> dict[str, str]:
    return {"for": deed.on_behalf.email, "for_name": deed.on_behalf.name} if deed.on_behalf else {}


def _changed(request: SmeRequest, after: Mapping[str, str]) -> tuple[str, ...]:
    # A delegation has changed the FPM already, and is no change of the requester's.
    before = {**request.answers, "fpm": request.fpm}
    return tuple(k for k in BY_KEY if before.get(k, "") != after.get(k, ""))


def _target(request: SmeRequest, deed: Deed) -> Person:
    if deed.target is None:
        raise Mistake("Please choose a person, or give an e-mail address from the directory.")
    if deed.target.email == request.requester:
        raise Mistake("The requester cannot take this part in their own request.")
    if deed.action is Action.DELEGATE and deed.target.email == request.fpm:
        raise Mistake("This FPM has the request already.")
    if deed.action is Action.ASSIGN and Relation.FPM in deed.target_relations:
        raise Mistake("The FPM of a request cannot be its SME.")
    return deed.target


def _after(request: SmeRequest, deed: Deed, event: Event, engagement: Engagement | None) -> SmeRequest:
    """Return the fields that the action itself changes; status, revision and event are set by the caller."""
    at = event.at
    triaged = replace(request, triaged_at=request.triaged_at or at)
    match deed.action:
        case Action.DELEGATE:
            return replace(request, fpm=_target(request, deed).email)
        case Action.APPROVE | Action.DENY:
            return triaged
        case Action.RETURN:
            fields = tuple(k for k in event.details["fields"].split(",") if k)
            return replace(triaged, returned_at=at, returned_fields=fields)
        case Action.RESUBMIT:
            return _resubmitted(request, deed, event)
        case Action.ASSIGN:
            count = request.engagements + 1
            fresh = replace(request, slipped=_without(request, PromiseId.ACCEPTANCE, PromiseId.FIRST_CONTACT))
            return replace(fresh, sme=_target(request, deed).email, assigned_at=at, engagements=count)
        case Action.DECLINE | Action.RELEASE:
            left = replace(request, sme="", assigned_at=None)
            # An SME who had begun kept the promise of the decision: finding another one is a new promise.
            is_new = engagement is not None and engagement.status is EngagementStatus.ACTIVE
            return _decided_anew(left, at) if is_new else left
        case Action.REOPEN:
            fresh = replace(request, triage_from=at, decide_from=at, triaged_at=None, paused=timedelta(0), sme="")
            return replace(fresh, assigned_at=None, backup_asked=False, changed_fields=(), triage_due=None, slipped=())
        case Action.ISSUE:
            reporters = tuple(dict.fromkeys((*request.issues_by, deed.by.email)))
            return replace(request, open_issues=request.open_issues + 1, issues_by=reporters)
        case Action.ANSWER:
            return replace(request, open_issues=0, issues_by=())
    return _slipped(request, deed.action)


def _decided_anew(request: SmeRequest, at: datetime) -> SmeRequest:
    return replace(request, decide_from=at, paused=timedelta(0), slipped=_without(request, PromiseId.DECISION))


def _without(request: SmeRequest, *promises: PromiseId) -> tuple[str, ...]:
    return tuple(promise for promise in request.slipped if promise not in promises)


def _slipped(request: SmeRequest, action: Action) -> SmeRequest:
    """Return the request after a promise of it has slipped: told once, and the backup FPM may act from then on."""
    slipped = tuple(promise for promise, then in WHEN_IT_SLIPS.items() if then is action)
    asks_the_backup = action in {Action.ASK_BACKUP, Action.ESCALATE}
    backup_asked = request.backup_asked or asks_the_backup
    return replace(request, slipped=(*request.slipped, *slipped), backup_asked=backup_asked)


def _resubmitted(request: SmeRequest, deed: Deed, event: Event) -> SmeRequest:
    if deed.answers is None or deed.verdict is None or request.returned_at is None:
        raise _stale(request)
    if deed.answers["partner_name"] != request.partner:
        raise Mistake("A returned request stays with its partner. Please begin a new request for another one.")
    if deed.answers["fpm"] == request.requester:
        raise Mistake("You cannot be the FPM of your own request. Please choose another.")
    return replace(
        request,
        answers=deed.answers,
        verdict=deed.verdict,
        earlier=deed.earlier,
        fpm=deed.answers["fpm"],
        triage_from=event.at,
        triage_due=None,
        triaged_at=None,
        slipped=_without(request, PromiseId.TRIAGE),
        paused=request.paused + (event.at - request.returned_at),
        returned_at=None,
        backup_asked=PromiseId.DECISION in request.slipped,
        changed_fields=_changed(request, deed.answers),
    )


def _engagement_after(request: SmeRequest, deed: Deed, event: Event, now: Engagement | None) -> Engagement | None:
    if deed.action is Action.ASSIGN:
        return offer(request.number, request.engagements, request.sme, event.at)
    after = follow(now, deed.action, event.why, event.at) if now else None
    return after if after != now else None


def advance(request: SmeRequest, deed: Deed, at: datetime, engagement: Engagement | None = None) -> Change:
    """Apply a deed to a request at a time (UTC).

    `engagement` is the request's latest, if any. Raises Stale when the status does not allow the deed (anymore),
    Mistake when an input is missing or wrong, Refusal when the person may not do it.
    """
    _check_right(request, deed, engagement)
    event = Event(
        number=request.revision + 1,
        action=deed.action,
        by=deed.by.email,
        by_name=deed.by.name,
        at=at,
        why=_why(deed, engagement),
        details=_details(deed, request, engagement) | _behalf(deed),
    )
    row = transition(deed.action, request.status)
    end = row.end if row and row.end else request.status
    after = replace(_after(request, deed, event, engagement), status=end, revision=event.number, last=event)
    if deed.action not in OF_THE_CLOCK:
        after = replace(after, last_deed=event.number)
    if end not in OPEN:
        after = replace(after, open_issues=0, issues_by=())
    return Change(request, after, event, _engagement_after(after, deed, event, engagement))


def begin(draft: SmeRequest, by: Person) -> Change:
    """Return the first change of a request: its submission. The draft carries the event of it in `last`."""
    if draft.fpm == by.email:
        raise Mistake("You cannot be the FPM of your own request. Please choose another.")
    return Change(None, draft, draft.last)
