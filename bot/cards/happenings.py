"""What happened to a request, by whom and when, in the reader's time zone."""

from bot.cards.answers import NOTE_STATUSES
from bot.cards.pieces import Element, Runs, Tone, rich, run
from bot.cards.size import shortened
from bot.cards.words import day_words, moment
from bot.domain.catalogues import DENY_REASONS
from bot.domain.dates import day_in
from bot.domain.deeds import ABOUT_A_RATING
from bot.domain.lifecycle import OF_THE_CLOCK, Action, Relation
from bot.domain.request import Event, done_words
from bot.domain.texts import PART_LONGEST, WORDS_LONGEST
from bot.domain.view import RequestView

HISTORY_LINES = 5
LINES_AT_WORK = 12
"""So much of the timeline stands on a card once an SME has accepted."""
WORDS_OF_A_NOTE = 300
_WHY_IN_HISTORY = 100
_WHO_ASSIGN = frozenset({Relation.FPM, Relation.ASSIGNER, Relation.PROGRAM})
_SETTLES_NOTHING = OF_THE_CLOCK | {Action.ISSUE, Action.ANSWER, Action.NOTE}


def latest(view: RequestView, *actions: Action) -> Event | None:
    """Return the latest event of one of these actions."""
    return next((e for e in (view.request.last, *reversed(view.history)) if e.action in actions), None)


def settling(view: RequestView) -> Event:
    """Return the latest event by which a request went on to whoever it waits for now."""
    known = (view.request.last, *reversed(view.history))
    return next((event for event in known if event.action not in _SETTLES_NOTHING), view.request.last)


def line_of(event: Event, view: RequestView) -> Runs:
    """Return an event as `Approved by Ben Hoffmann, Tue 24 Nov, 17:00 CET`."""
    done = done_words(event)
    to = event.details.get("to_name", "")
    behalf = event.details.get("for_name", "")
    target = f" to {to}" if to else ""
    by = f" by {view.names.get(event.by, event.by_name)}" if event.by else ""
    on_behalf = f" for {behalf}" if behalf else ""
    when = f", {moment(event.at, view.zone)}"
    return run(f"{done[0].upper()}{done[1:]}", bold=True) + run(f"{target}{by}{on_behalf}{when}")


def reason_of(event: Event) -> str:
    """Return the published ground of a denial, in words, or nothing."""
    return DENY_REASONS.get(event.details.get("reason", ""), "")


def happened(event: Event, view: RequestView, longest: int = WORDS_LONGEST) -> list[Element]:
    """Return the line of an event with its reason and the words given."""
    ground = reason_of(event)
    reason = [rich(run("Reason: ", subtle=True), run(ground, bold=True), spacing="small")] if ground else []
    said = words_of(event, view)
    words = [rich(run(f"“{shortened(said, longest)}”"), spacing="small")] if said else []
    return [rich(line_of(event, view)), *reason, *words]


def words_of(event: Event, view: RequestView) -> str:
    """Return the words given with an event, as far as the reader may read them.

    Why the best fit was passed over is for those who assign; what was answered to a rating is not for the SME.
    """
    if event.details.get("about") == ABOUT_A_RATING and not view.may_read_ratings:
        return ""
    may_read = view.relations & _WHO_ASSIGN and view.relations.isdisjoint({Relation.REQUESTER, Relation.SME})
    return event.why or (event.details.get("passed_over", "") if may_read else "")


def history(view: RequestView) -> list[Element]:
    """Return the latest lines before the last one, the newest first."""
    past = [event for event in reversed(view.history) if event.number != view.request.last.number]
    is_at_work = view.engagement is not None and view.engagement.accepted_at is not None
    return [_dated(event, view) for event in past[: LINES_AT_WORK if is_at_work else HISTORY_LINES]]


def in_full(event: Event, view: RequestView) -> list[Element]:
    """Return an event with everything that was said with it, as far as the reader may read it."""
    besides = _besides(event, PART_LONGEST)
    return [*happened(event, view), *([rich(run(besides, subtle=True), spacing="small")] if besides else [])]


def _dated(event: Event, view: RequestView) -> Element:
    said = words_of(event, view)
    why = ": ".join(part for part in (reason_of(event), " ".join(said.split())) if part)
    longest = WORDS_OF_A_NOTE if event.action is Action.NOTE else _WHY_IN_HISTORY
    words = run(f" {shortened(why, longest)}", subtle=True) if why else []
    return rich(run("• ", tone=Tone.ACCENT), line_of(event, view), words, _rest_of_note(event), spacing="small")


def _rest_of_note(event: Event) -> Runs:
    besides = _besides(event, _WHY_IN_HISTORY)
    return run(f" ({besides})", subtle=True) if besides else []


def _besides(event: Event, longest: int) -> str:
    """Return what a note says beside its words: how the work stands, the next step with its day, and concerns."""
    if event.action is not Action.NOTE:
        return ""
    details = event.details
    by = day_in(details.get("note_next_date", ""))
    step = " by ".join(filter(None, (details.get("note_next", ""), day_words(by) if by else "")))
    said = {
        "": NOTE_STATUSES.get(details.get("note_status", ""), ""),
        "Next: ": " ".join(step.split()),
        "Concerns: ": " ".join(details.get("note_concerns", "").split()),
    }
    return ". ".join(f"{label}{shortened(words, longest)}" for label, words in said.items() if words)
