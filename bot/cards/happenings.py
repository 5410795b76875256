"""What happened to a request, by whom and when, in the reader's time zone."""

from bot.cards.pieces import Element, Runs, Tone, own, rich, run
from bot.cards.size import shortened
from bot.cards.words import moment
from bot.domain.catalogues import DENY_REASONS
from bot.domain.lifecycle import OF_THE_CLOCK, Action, Relation
from bot.domain.request import Event, done_words
from bot.domain.texts import WORDS_LONGEST
from bot.domain.view import RequestView

HISTORY_LINES = 5
_WHY_IN_HISTORY = 100
_WHO_ASSIGN = frozenset({Relation.FPM, Relation.ASSIGNER, Relation.PROGRAM})
_SETTLES_NOTHING = OF_THE_CLOCK | {Action.ISSUE, Action.ANSWER, Action.NOTE}


def latest(view: RequestView, action: Action) -> Event | None:
    """Return the latest event of this action."""
    return next((e for e in (view.request.last, *reversed(view.history)) if e.action is action), None)


def settling(view: RequestView) -> Event:
    """Return the latest event by which a request went on to whoever it waits for now."""
    known = (view.request.last, *reversed(view.history))
    return next((event for event in known if event.action not in _SETTLES_NOTHING), view.request.last)


def line_of(event: Event, view: RequestView) -> Runs:
    """Return an event as `Approved by Ben Hoffmann, Tue 24 Nov, 17:00 CET`."""
    done = done_words(event)
    to = event.details.get("to_name", "")
    behalf = event.details.get("for_name", "")
    target = run(f" to {to}") if to else []
    return [
        *run(f"{done[0].upper()}{done[1:]}", bold=True),
        *target,
        *(run(" by ") + run(view.names.get(event.by, event.by_name)) if event.by else []),
        *(run(f" for {behalf}") if behalf else []),
        *run(f", {moment(event.at, view.zone)}"),
    ]


def reason_of(event: Event) -> str:
    """Return the published ground of a denial, in words, or nothing."""
    return DENY_REASONS.get(event.details.get("reason", ""), "")


def happened(event: Event, view: RequestView, longest: int = WORDS_LONGEST) -> list[Element]:
    """Return the line of an event with its reason and the words given."""
    ground = reason_of(event)
    reason = [rich(run("Reason: ", subtle=True), run(ground, bold=True), spacing="small")] if ground else []
    said = event.why or passed_over(event, view)
    words = [rich(run(f"“{shortened(said, longest)}”"), spacing="small")] if said else []
    return [rich(line_of(event, view)), *reason, *words]


def passed_over(event: Event, view: RequestView) -> str:
    """Return why the best fit was passed over, for those who assign; partner and SME do not read it."""
    return event.details.get("passed_over", "") if view.relations & _WHO_ASSIGN else ""


def history(view: RequestView) -> list[Element]:
    """Return the lines before the latest one, the newest first."""
    past = [event for event in reversed(view.history) if event.number != view.request.last.number]
    shown = past[:HISTORY_LINES]
    if not shown:
        return []
    title = own("Before that", bold=True, spacing="large")
    left_out = len(past) - len(shown)
    lines = "1 earlier line is" if left_out == 1 else f"{left_out} earlier lines are"
    more = [own(f"{lines} not shown.", subtle=True, size="small")] if left_out else []
    return [title, *(_dated(event, view) for event in shown), *more]


def _dated(event: Event, view: RequestView) -> Element:
    said = event.why or passed_over(event, view)
    why = ": ".join(part for part in (reason_of(event), " ".join(said.split())) if part)
    words = run(f" {shortened(why, _WHY_IN_HISTORY)}", subtle=True) if why else []
    return rich(run("• ", tone=Tone.ACCENT), line_of(event, view), words, spacing="small")
