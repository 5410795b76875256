"""What an escalation says on top: which promise of a request is late, since when, and whom the request waits for."""

from collections.abc import Mapping

from bot.cards.pieces import Element, Runs, box, rich, run
from bot.cards.promised import holder_of
from bot.cards.words import moment
from bot.domain.lifecycle import Action, Status
from bot.domain.promises import Promise, PromiseId
from bot.domain.view import RequestView

_WHAT: Mapping[PromiseId, str] = {
    PromiseId.DECISION: "The decision",
    PromiseId.ACCEPTANCE: "The SME's reply",
    PromiseId.FIRST_CONTACT: "The first contact",
}


def escalation_box(view: RequestView) -> list[Element]:
    """Return what is late and whom it waits for; once nothing is late any more, what was."""
    slipped = [promise for promise in _WHAT if promise in view.request.slipped]
    running = [promise for promise in view.promises if promise.id in slipped and promise.is_running]
    if running:
        lines = [rich(run(_late(promise, view), bold=True)) for promise in running]
        return [box([*lines, rich(*_waits_for(view), spacing="small")], "attention")]
    settled = [rich(run(_settled(promise, view))) for promise in slipped]
    style = "warning" if view.request.status is Status.RETURNED else "good"
    return [box(settled, style)] if settled else []


def _late(promise: Promise, view: RequestView) -> str:
    return f"{_WHAT[promise.id]} was promised by {moment(promise.due, view.zone)} and is late."


def _waits_for(view: RequestView) -> list[Runs]:
    is_asked_too = Action.APPROVE in view.allowed and view.reader.email != view.request.fpm
    also = "You can decide as well." if is_asked_too else ""
    return [run("It waits for "), holder_of(view), run(f". {also}".rstrip())]


def _settled(promise: PromiseId, view: RequestView) -> str:
    """Say what became of it; a request that was returned stands still, and one that lost its SME promises anew."""
    is_paused = any(each.id is promise and each.is_paused for each in view.promises)
    if is_paused:
        return f"{_WHAT[promise]} was late. The clock stands still until the request is sent again."
    date = next((moment(each.due, view.zone) for each in view.promises if each.id is promise), "")
    promised = f" It was promised by {date}." if date else ""
    return f"{_WHAT[promise]} was late, and is settled now.{promised}"
