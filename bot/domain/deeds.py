"""Deeds: what somebody wants to do to a request, and the words and details that the history keeps of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.domain.catalogues import DENY_REASONS
from bot.domain.engagement import Engagement
from bot.domain.errors import Mistake
from bot.domain.fields import BY_KEY
from bot.domain.lifecycle import Action, EngagementStatus, Relation
from bot.domain.people import Person
from bot.domain.request import Earlier, Event, SmeRequest
from bot.domain.routing import Verdict
from bot.domain.texts import PART_LONGEST, WORDS_LONGEST, words

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


_REASON_INPUTS: Mapping[Action, tuple[str, str]] = {
    Action.RETURN: ("return_note", "Please say in a few words what has to be fixed."),
    Action.DECLINE: ("decline_reason", "Please say in a few words why."),
    Action.RELEASE: ("release_reason", "Please give a reason for the release."),
    Action.REOPEN: ("reopen_reason", "Please give a reason for reopening."),
    Action.ISSUE: ("issue_text", "Please describe the issue in a few words."),
    Action.ANSWER: ("answer_text", "Please write an answer in a few words."),
    Action.NOTE: ("note_summary", "Please say in a few words how the work stands."),
    Action.COMPLETE: ("summary", "Please write a summary for the FPM and the partner."),
}


def is_low_rating(change: Change) -> bool:
    """Whether a change is a rating that is brought to the FPM."""
    rating = change.engagement.rating if change.engagement else None
    return change.event.action is Action.RATE and rating is not None and rating.is_low


ABOUT_A_RATING = "rating"
"""What an answer is about that the SME does not read."""
_OF_NOTES = ("note_status", "note_next", "note_next_date", "note_concerns")
_OF_ENGAGEMENTS = frozenset(
    {Action.DECLINE, Action.RELEASE, Action.CLOSE, Action.ACCEPT, Action.CONTACTED, Action.KICKOFF, Action.COMPLETE}
)


def why_of(deed: Deed, engagement: Engagement | None) -> str:
    """Return the words given with a deed. Raises Mistake when they are missing or too long."""
    if deed.action is Action.DENY:
        code = deed.inputs.get("deny_reason", "")
        if code not in DENY_REASONS:
            raise Mistake("Please choose a reason for the denial.")
        needs = "Please say in words why, as the reason is another one." if code == "other" else ""
        return words(deed.inputs, "deny_note", required=needs)
    if deed.action is Action.CLOSE:
        return words(deed.inputs, "close_reason", required=_close_needs(engagement))
    if deed.action in _REASON_INPUTS:
        key, sentence = _REASON_INPUTS[deed.action]
        longest = PART_LONGEST if deed.action is Action.NOTE else WORDS_LONGEST
        return words(deed.inputs, key, required=sentence, longest=longest)
    return ""


def _close_needs(engagement: Engagement | None) -> str:
    """Return what is said to who closes without a reason, '' where none is needed."""
    if engagement and engagement.status is EngagementStatus.ACTIVE:
        return "The engagement is still active: please give a reason for closing."
    if engagement and engagement.accepted_at and engagement.ended_at and not engagement.result:
        return "Nobody has said yet what came of the help: please give a reason for closing."
    return ""


def details_of(deed: Deed, request: SmeRequest, engagement: Engagement | None) -> dict[str, str]:
    """Return what else the history keeps of a deed: who was chosen, which fields, for whom it was done."""
    return _details(deed, request, engagement) | _behalf(deed)


def _details(deed: Deed, request: SmeRequest, engagement: Engagement | None) -> dict[str, str]:
    match deed.action:
        case Action.DENY:
            return {"reason": deed.inputs["deny_reason"]}
        case Action.RETURN:
            wanted = deed.inputs.get("return_fields", "").split(",")
            return {"fields": ",".join(k for k in BY_KEY if k in wanted)}
        case Action.DELEGATE | Action.ASSIGN if deed.target:
            passed_over = words(deed.inputs, "assign_note") if deed.action is Action.ASSIGN else ""
            chosen = {"to": deed.target.email, "to_name": deed.target.name}
            return chosen | ({"passed_over": passed_over} if passed_over else {})
        case Action.RESUBMIT if deed.answers is not None:
            return {"changed": ",".join(changed_fields(request, deed.answers))}
        case Action.AGREE:
            is_on_help = engagement is not None and engagement.status is EngagementStatus.PROPOSED
            return {"on": "help", "sme": engagement.sme} if engagement and is_on_help else {"on": "kick-off"}
        case Action.ANSWER if engagement and engagement.rating and engagement.rating.is_low:
            return {"about": ABOUT_A_RATING}
        case Action.NOTE:
            return {key: text for key in _OF_NOTES if (text := words(deed.inputs, key))}
        case action if action in _OF_ENGAGEMENTS and engagement and engagement.status is not EngagementStatus.PROPOSED:
            return {"sme": engagement.sme}
    return {}


def _behalf(deed: Deed) -> dict[str, str]:
    return {"for": deed.on_behalf.email, "for_name": deed.on_behalf.name} if deed.on_behalf else {}


def changed_fields(request: SmeRequest, after: Mapping[str, str]) -> tuple[str, ...]:
    """Return the keys of the answers that are others now."""
    # A delegation has changed the FPM already, and is no change of the requester's.
    before = {**request.answers, "fpm": request.fpm}
    return tuple(k for k in BY_KEY if before.get(k, "") != after.get(k, ""))
