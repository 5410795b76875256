"""What a request asks of its reader now, by when, and the one press that answers it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bot.cards.pieces import Runs, Tone, run
from bot.cards.promised import holder_of
from bot.cards.words import moment
from bot.domain.lifecycle import Action, EngagementStatus, Relation, Status, Topic
from bot.domain.promises import PromiseId
from bot.domain.view import RequestView
from bot.domain.working_time import DAY_ENDS


@dataclass(frozen=True, slots=True)
class Ask:
    """One thing that waits for a reader: what to do by when, in words, and on the card of which topic it is done.

    `past` says the same once it is late. `button` is the title of the press that needs no input, '' when there is none.
    """

    action: Action
    topic: Topic
    please: str
    past: str = ""
    button: str = ""
    due: datetime | None = None

    def is_late(self, at: datetime) -> bool:
        return self.due is not None and self.due <= at


_OF_HOLDERS: Mapping[Relation, tuple[Ask, ...]] = {
    Relation.FPM: (Ask(Action.APPROVE, Topic.DECISION, "Decide", "This was to be decided", "Approve"),),
    Relation.ASSIGNER: (Ask(Action.ASSIGN, Topic.ASSIGNMENT, "Assign an SME", "An SME was to be assigned"),),
    Relation.SME: (
        Ask(Action.ACCEPT, Topic.PING, "Answer", "This was to be answered", "Accept"),
        Ask(Action.CONTACTED, Topic.PING, "Contact the partner", "The partner was to be contacted", "Contacted"),
    ),
}
_TO_FIX = Ask(Action.RESUBMIT, Topic.RETURNED, "Fix and send again", button="Fix and send again")
_TO_WATCH = Ask(Action.ESCALATE, Topic.ESCALATION, "Have it decided", "This was to be decided")


_ON_A_PROPOSAL = Ask(Action.AGREE, Topic.PROPOSAL, "Answer whether you agree to the help", button="Agree")
_ON_A_KICKOFF = Ask(Action.AGREE, Topic.ENGAGEMENT, "Agree on the kick-off", button="Agree")
_ANOTHER_SME = Ask(Action.ASSIGN, Topic.ASSIGNMENT, "Assign another SME")
_AT_THE_END = (
    Ask(Action.COMPLETE, Topic.ENGAGEMENT, "Say what came of it"),
    Ask(Action.CLOSE, Topic.ENGAGEMENT, "Close the request"),
)
_NEXT_STEP = Ask(Action.NOTE, Topic.ENGAGEMENT, "Take the next step", "The next step was to be taken")


def asked_of(view: RequestView) -> Ask | None:
    """Return what waits for the reader of a request; None when nothing does (any more)."""
    for relation, asks in _OF_HOLDERS.items():
        due = min((p.due for p in view.promises if p.is_running and p.holder is relation), default=None)
        for ask in asks:
            if due and relation in view.relations and ask.action in view.allowed:
                return replace(ask, due=due)
    if view.request.status is Status.RETURNED and Action.RESUBMIT in view.allowed:
        return _TO_FIX
    for ask in _asks_of_the_work(view):
        if ask.action in view.allowed:
            return ask
    if step := _next_step(view):
        return step
    slipped = (p for p in view.promises if p.id is PromiseId.DECISION and p.is_running and p.has_slipped)
    watched = next(slipped, None) if Relation.PROGRAM in view.relations else None
    return replace(_TO_WATCH, due=watched.due) if watched else None


def _asks_of_the_work(view: RequestView) -> tuple[Ask, ...]:
    """Return what the work on a request asks for by no promised date."""
    request = view.request
    if request.stage is EngagementStatus.PROPOSED:
        return (_ON_A_PROPOSAL,)
    if request.is_proactive and request.status is Status.APPROVED:
        return (_ANOTHER_SME,)
    if request.status is Status.ASSIGNED and request.stage is EngagementStatus.COMPLETED:
        return _AT_THE_END
    return (_ON_A_KICKOFF,) if request.to_agree else ()


def _next_step(view: RequestView) -> Ask | None:
    """Return the next step that the SME has noted, from its day on."""
    note = view.engagement.note if view.engagement else None
    if note is None or note.next_date is None or Action.NOTE not in view.allowed:
        return None
    return replace(_NEXT_STEP, due=datetime.combine(note.next_date, DAY_ENDS, view.zone).astimezone(UTC))


def ask_words(ask: Ask, view: RequestView, at: datetime) -> Runs:
    """Return what is asked and by when in the reader's zone, like `Decide by Tue 24 Nov, 17:00 CET`."""
    if ask.due is None:
        return run(ask.please, bold=True)
    by = moment(ask.due, view.zone)
    if ask.action is Action.ESCALATE:
        return run(f"Decision late since {by}", bold=True, tone=Tone.ATTENTION) + run(", waits for ") + holder_of(view)
    late = run(", late", bold=True, tone=Tone.ATTENTION) if ask.is_late(at) else []
    is_for_another = ask.action is Action.APPROVE and view.reader.email != view.request.fpm
    behalf = run(", for ") + run(view.name_of(view.request.fpm)) if is_for_another else []
    return run(f"{ask.please} by {by}", bold=True) + late + behalf


def reminder_of(ask: Ask, view: RequestView, at: datetime) -> str:
    """Return a reminder as a sentence, in the reader's zone; of our own words alone."""
    please = f"{ask.please[0].lower()}{ask.please[1:]}"
    if ask.due is None:
        return f"Reminder: please {please}."
    by = moment(ask.due, view.zone)
    return f"Reminder. {ask.past} by {by}." if ask.is_late(at) else f"Reminder: please {please} by {by}."
