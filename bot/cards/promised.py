"""The promises of a request as facts: by when, in the reader's time zone, and afterwards whether it was kept."""

from collections.abc import Collection, Mapping
from datetime import timedelta

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
    """Return the date of a promise that runs and can still be kept, or nothing."""
    running = (p for p in view.promises if p.id is promise and p.is_running and not p.has_slipped)
    return next((moment(p.due, view.zone) for p in running), "")


def until(view: RequestView, *promises: PromiseId) -> str:
    """Return how a sentence ends that asks for what was promised: by when, or that it is late."""
    if by := next(filter(None, (due(view, promise) for promise in promises)), ""):
        return f" by {by}."
    is_late = any(p.id in promises and p.is_running for p in view.promises)
    return " now: it is late." if is_late else "."


def holder_of(view: RequestView) -> Runs:
    """Return who has to act on a request now: its FPM, the assigners or its SME."""
    request = view.request
    if request.status is Status.APPROVED:
        return run("the SME assignment team")
    return run(view.name_of(request.sme if request.status is Status.ASSIGNED else request.fpm))


def lasted(time: timedelta) -> str:
    """Return how long something took, like `2 h 5 min` or `3 d 4 h`."""
    minutes = round(time / timedelta(minutes=1))
    amounts = {"d": minutes // 1440, "h": minutes // 60 % 24, "min": minutes % 60}
    parts = [f"{amount} {unit}" for unit, amount in amounts.items() if amount]
    return " ".join(parts[:2]) or "less than a minute"


def promise_rows(view: RequestView, wanted: Collection[PromiseId] = frozenset(PromiseId)) -> list[Row]:
    """Return a row for each wanted promise."""
    return [(LABELS[p.id], _value(p, view)) for p in view.promises if p.id in wanted]


def _value(promise: Promise, view: RequestView) -> Runs:
    if promise.is_paused:
        return run("The clock stands still until the request is sent again")
    date = run(moment(promise.due, view.zone), bold=promise.met_at is None)
    late = run(", late", tone=Tone.ATTENTION)
    if promise.was_kept is None:
        return date + (late if promise.has_slipped else [])
    return date + (run(", kept") if promise.was_kept else late)
