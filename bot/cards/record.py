"""One request in full: pages of its history, promises, notices and engagements, with the buttons to leaf through."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from bot.cards.engagement import rating_shown
from bot.cards.happenings import in_full, line_of
from bot.cards.kickoff import PARTY_NAMES
from bot.cards.pieces import (
    OPENS_BELOW,
    Button,
    Card,
    Element,
    Runs,
    Tone,
    card,
    columns,
    execute,
    facts,
    own,
    rich,
    run,
    submit,
    text_block,
)
from bot.cards.promised import LABELS, lasted
from bot.cards.request_parts import head
from bot.cards.verdicts import earlier_box
from bot.cards.words import day_words, moment
from bot.domain.engagement import Engagement
from bot.domain.lifecycle import Relation, Topic
from bot.domain.promise_record import RECEIPT, Promised
from bot.domain.promises import PromiseId
from bot.domain.record import Outcome, Part, Record, Told
from bot.domain.request import done_words
from bot.domain.view import RequestView

RECORD = "record"
"""The verb of the buttons that show a request in full."""
_EMPTY: Mapping[Part, str] = {
    Part.HISTORY: "Nothing has happened yet.",
    Part.PROMISES: "Nothing was promised here.",
    Part.NOTICES: "There is no notice that you may see.",
    Part.ENGAGEMENTS: "No SME was asked yet.",
}
_LABELS: Mapping[str, str] = {RECEIPT: "Receipt by"} | {promise.value: label for promise, label in LABELS.items()}
_TOPICS: Mapping[Topic, str] = {
    Topic.RECEIPT: "Receipt",
    Topic.DECISION: "Asked to decide",
    Topic.INFORMED: "For information",
    Topic.ASSIGNMENT: "Asked to assign an SME",
    Topic.RETURNED: "Asked to fix it",
    Topic.PING: "Asked to help",
    Topic.STEPS: "How to start",
    Topic.ISSUE: "Issue",
    Topic.UNDELIVERED: "Somebody could not be told",
    Topic.ESCALATION: "Escalation",
    Topic.REMINDER: "Reminder",
    Topic.BRIEF: "Morning brief",
    Topic.COVERING: "Card of a cover",
    Topic.BACK: "Card after an absence",
    Topic.ENGAGEMENT: "Card of the work",
    Topic.PROPOSAL: "Asked to agree to help",
}
"""What a notice asked for; the others are news."""
_OUTCOMES: Mapping[Outcome, tuple[str, Tone]] = {
    Outcome.TEAMS: ("In Teams", Tone.GOOD),
    Outcome.MAIL: ("By mail", Tone.GOOD),
    Outcome.WAITS: ("On its way", Tone.WARNING),
    Outcome.NOT_NEEDED: ("Not needed any more", Tone.DEFAULT),
    Outcome.NOT_REACHED: ("Could not be reached", Tone.ATTENTION),
}


def history_head(view: RequestView) -> Element:
    """Return what stands above the timeline of a card, with the button that opens everything below the card."""
    data = {"verb": RECORD, "request": view.request.number, **OPENS_BELOW}
    button = {"type": "ActionSet", "actions": [submit("Full history", data, needs_inputs=False)]}
    has_past = any(event.number != view.request.last.number for event in view.history)
    title = own("Before that" if has_past else "In full", bold=True)
    return columns([title], [button], widths=("stretch", "auto"), spacing="large")


def record_card(record: Record) -> Card:
    """Return one page of a request in full."""
    number, title = record.view.request.number, record.part.value.capitalize()
    of_pages = f", page {record.page} of {record.pages}" if record.pages > 1 else ""
    others = [_to(record, part) for part in record.parts if part is not record.part]
    body = [
        head(record.view, with_status=False),
        {"type": "ActionSet", "actions": others},
        own(f"{title}{of_pages}", bold=True, size="medium", spacing="large", heading=True),
        *(_BODIES[record.part](record) or [own(_EMPTY[record.part])]),
    ]
    back = submit("Back to the request", {"verb": "status", "request": number})
    return card(f"{title} of request {number}{of_pages}.", body, [*_leafing(record), back])


def _leafing(record: Record) -> list[Button]:
    pages = {"Next page": record.page + 1, "Previous page": record.page - 1}
    return [_to(record, record.part, title, page) for title, page in pages.items() if 1 <= page <= record.pages]


def _to(record: Record, part: Part, title: str = "", page: int = 1) -> Button:
    data = {"verb": RECORD, "request": record.view.request.number, "part": part.value, "page": str(page)}
    return execute(title or part.value.capitalize(), data)


def _apart(elements: list[Element]) -> Element:
    """Return the elements of one entry, set apart from the entry before."""
    return {"type": "Container", "separator": True, "spacing": "medium", "items": elements}


def _events(record: Record) -> list[Element]:
    return [_apart(in_full(event, record.view)) for event in record.events]


def _promises(record: Record) -> list[Element]:
    return [_apart(_promise(each, record.view)) for each in record.promises]


def _promise(promised: Promised, view: RequestView) -> list[Element]:
    due = run(f" {moment(promised.due, view.zone)}")
    return [rich(run(_LABELS[promised.id], bold=True), due), rich(_kept(promised, view), spacing="none")]


def _kept(promised: Promised, view: RequestView) -> Runs:
    """Return whether a promise was kept, what met it, and how long that took."""
    if promised.is_paused:
        return run("The clock stands still until the request is sent again")
    if promised.is_running:
        return run("Late", bold=True, tone=Tone.ATTENTION) if promised.has_slipped else run("Still to come", bold=True)
    if promised.met_at is None:
        return run("Not kept", bold=True, tone=Tone.ATTENTION)
    word = (
        run("Kept: ", bold=True, tone=Tone.GOOD) if promised.was_kept else run("Late: ", bold=True, tone=Tone.ATTENTION)
    )
    met = line_of(promised.met_by, view) if promised.met_by else run(moment(promised.met_at, view.zone))
    return word + met + run(_took(promised), subtle=True)


def _took(promised: Promised) -> str:
    """Return how long a promise took, all the time and what of it counts."""
    if promised.raw is None:
        return ""
    counts = "without the time it was returned" if promised.id == PromiseId.DECISION else "of working time"
    counted = promised.net if promised.net != promised.raw else None
    net = f" ({lasted(counted)} {counts})" if counted is not None else ""
    return f", after {lasted(promised.raw)}{net}"


def _notices(record: Record) -> list[Element]:
    return [_apart(_told(each, record.view)) for each in record.notices]


def _told(told: Told, view: RequestView) -> list[Element]:
    about = f": {done_words(told.event)}" if told.event else ""
    word, tone = _OUTCOMES[told.outcome]
    known = told.at or (told.since if told.outcome in {Outcome.WAITS, Outcome.NOT_REACHED} else None)
    when = f", {'' if told.at else 'since '}{moment(known, view.zone)}" if known else ""
    why = run(f": {told.reason}", subtle=True) if told.reason else []
    what = run(f" · {_TOPICS.get(told.topic, 'News')}{about}", subtle=True)
    return [
        rich(run(told.name, bold=True), what),
        rich(run(word, bold=True, tone=tone), run(when), why, spacing="none"),
    ]


def _engagements(record: Record) -> list[Element]:
    view = record.view
    found = [_apart(_engagement(each, view)) for each in record.engagements]
    is_last = record.page == record.pages and Relation.SME not in view.relations
    return [*found, *(earlier_box(view.request.earlier, view.zone) if is_last else [])]


def _engagement(engagement: Engagement, view: RequestView) -> list[Element]:
    """Return an engagement as it went; what is for the FPM only, the SME reads as well, who wrote it."""
    kickoff, result = engagement.kickoff, engagement.result
    dates = {
        "Asked": engagement.offered_at,
        "Accepted": engagement.accepted_at,
        "In touch": engagement.contacted_at,
        "Ended": engagement.ended_at,
    }
    period = f"{day_words(kickoff.start)} to {day_words(kickoff.end)}" if kickoff else ""
    agreed = ", ".join(PARTY_NAMES[party] for party in engagement.agreed)
    may_read_feedback = not view.relations.isdisjoint({Relation.SME, Relation.FPM})
    return [
        rich(
            run(view.name_of(engagement.sme), bold=True), run(f" · {engagement.status.value.capitalize()}", subtle=True)
        ),
        *facts((label, run(moment(at, view.zone))) for label, at in dates.items() if at),
        *facts([("Period", run(period)), ("Agreed", run(agreed))]),
        *text_block("Why it ended", engagement.end_reason),
        *(text_block("Summary", result.summary) if result else []),
        *(text_block("Waived, because", result.waive_reason) if result else []),
        *(text_block("Feedback for the FPM", result.feedback) if result and may_read_feedback else []),
        *rating_shown(replace(view, engagement=engagement)),
    ]


_BODIES: Mapping[Part, Callable[[Record], list[Element]]] = {
    Part.HISTORY: _events,
    Part.PROMISES: _promises,
    Part.NOTICES: _notices,
    Part.ENGAGEMENTS: _engagements,
}
