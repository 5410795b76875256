"""The promises of a request as facts: by when, in the reader's time zone, and afterwards whether it was kept."""

from collections.abc import Collection, Mapping

from bot.cards.pieces import Row, Runs, Tone, run
from bot.cards.words import moment
from bot.domain.lifecycle import Status
from bot.domain.promises import Promise, PromiseId
from bot.domain.view import RequestView

LABELS: Mapping[PromiseId, str] = {
    PromiseId.TRIAGE: "First look by",
    PromiseId.DECISION: "Decision by",
    PromiseId.ACCEPTANCE: "SME reply by",
    PromiseId.FIRST_CONTACT: "Contact by",
}


def due(view: RequestView, promise: PromiseId) -> str:
    """Return the date of a promise that still runs, or nothing."""
    running = (p for p in view.promises if p.id is promise and p.met_at is None and not p.is_paused)
    return next((moment(p.due, view.zone) for p in running), "")


def promise_rows(view: RequestView, wanted: Collection[PromiseId] = frozenset(PromiseId)) -> list[Row]:
    """Return a row for each wanted promise; a withdrawn request has none."""
    if view.request.status is Status.WITHDRAWN:
        return []
    return [(LABELS[p.id], _value(p, view)) for p in view.promises if p.id in wanted]


def _value(promise: Promise, view: RequestView) -> Runs:
    if promise.is_paused:
        return run("The clock stands still until the request is sent again")
    date = run(moment(promise.due, view.zone), bold=promise.met_at is None)
    if promise.was_kept is None:
        return date
    return date + (run(", kept") if promise.was_kept else run(", late", tone=Tone.ATTENTION))
