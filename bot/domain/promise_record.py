"""Every promise of a request's whole history: when it was due, when and by what it was met, what was not kept; pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.delivery import MAIL_AFTER
from bot.domain.engagement import Engagement
from bot.domain.lifecycle import Action, Topic
from bot.domain.notices import Notice, NoticeState
from bot.domain.promises import WHEN_IT_SLIPS, Promise, PromiseId
from bot.domain.request import Event

RECEIPT = "N1"
"""The promise of a receipt within five minutes; it has no date of its own, and is kept when the notice is told."""
OF_THE_SME = frozenset({PromiseId.ACCEPTANCE, PromiseId.FIRST_CONTACT})

_SLIPS: Mapping[Action, PromiseId] = {action: promise for promise, action in WHEN_IT_SLIPS.items()}
_GIVES_UP: Mapping[Action, Collection[PromiseId]] = {
    **dict.fromkeys((Action.ASSIGN, Action.RELEASE, Action.CLOSE, Action.END, Action.DECLINE), OF_THE_SME),
    **dict.fromkeys((Action.WITHDRAW, Action.REOPEN), frozenset(PromiseId)),
}
"""Which promises nobody keeps any more after an action: with them it is over, or they begin anew."""
_LEAVE = frozenset({Action.DECLINE, Action.RELEASE})


@dataclass(frozen=True, slots=True)
class Promised:
    """One promise as the history tells of it; times are UTC.

    `id` is a PromiseId or `RECEIPT`. `due` is when it ran out, or does. `met_by` is the event that met it, where one
    did. `raw` is all the time that it took, `net` what of it counts; None where nobody knows.
    """

    id: str
    due: datetime
    met_at: datetime | None = None
    met_by: Event | None = None
    raw: timedelta | None = None
    net: timedelta | None = None
    is_running: bool = False
    is_paused: bool = False
    has_slipped: bool = False

    @property
    def was_kept(self) -> bool | None:
        """Whether it was kept; None as long as nobody can say."""
        if self.met_at:
            return self.met_at <= self.due
        return None if self.is_running or self.is_paused else False


def promised_in(
    history: Sequence[Event], now: Sequence[Promise], engagements: Iterable[Engagement]
) -> list[Promised]:  # fmt: skip
    """Return the promises of a request with its history, as they stand `now`, in no particular order."""
    declined = {each.ended_at: each for each in engagements if each.reply_due}
    undone = _undone(history)
    found: list[Promised] = []
    slipped: dict[PromiseId, datetime] = {}
    for event in history:
        promises = [promise for promise in PromiseId if f"{promise}_due" in event.details]
        met = [_met(promise, event) for promise in promises if (promise, event.number) not in undone]
        if event.action is Action.DECLINE and event.at in declined:
            met.append(_answered(declined[event.at], event))
        for each in met:
            slipped.pop(PromiseId(each.id), None)
        found += met
        given_up = slipped.keys() & set(_GIVES_UP.get(event.action, ()))
        found += [Promised(promise, slipped.pop(promise), has_slipped=True) for promise in sorted(given_up)]
        if late := _SLIPS.get(event.action):
            slipped[late] = event.at
    for promise in now:
        slipped.pop(promise.id, None)
    known = {(each.id, each.met_at) for each in found if each.met_at}
    found += [_standing(promise) for promise in now if (promise.id, promise.met_at) not in known]
    return found + [Promised(promise, at, has_slipped=True) for promise, at in slipped.items()]


def _undone(history: Sequence[Event]) -> set[tuple[PromiseId, int]]:
    """Return the decisions that came to nothing, as no SME accepted: the promise runs on, and counts when it is met."""
    undone: set[tuple[PromiseId, int]] = set()
    assigned = 0
    for event in history:
        if event.action is Action.ASSIGN:
            assigned = event.number
        elif event.action is Action.ACCEPT:
            assigned = 0
        elif event.action in _LEAVE:
            undone.add((PromiseId.DECISION, assigned))
    return undone


def _met(promise: PromiseId, event: Event) -> Promised:
    """Return a promise that an event has met, with the times that the event keeps of it."""
    due = datetime.fromisoformat(event.details[f"{promise}_due"])
    raw, net = (timedelta(seconds=int(event.details[f"{promise}_{name}"])) for name in ("raw", "net"))
    return Promised(promise, due, event.at, event, raw, net)


def _answered(engagement: Engagement, event: Event) -> Promised:
    """Return the promise of the SME's reply that was met by a no."""
    due = engagement.reply_due or event.at
    return Promised(PromiseId.ACCEPTANCE, due, event.at, event, event.at - engagement.offered_at)


def _standing(promise: Promise) -> Promised:
    """Return a promise that runs, or that was met by an event of a version which kept no times."""
    is_met = promise.met_at is not None
    return Promised(
        promise.id,
        promise.due,
        promise.met_at,
        raw=promise.raw if is_met else None,
        net=promise.net if is_met else None,
        is_running=promise.is_running,
        is_paused=promise.is_paused and not is_met,
        has_slipped=promise.has_slipped,
    )


def receipts_in(
    history: Sequence[Event], notices: Sequence[Notice], requester: str, at: datetime
) -> list[Promised]:  # fmt: skip
    """Return the receipts that were promised to a requester, as they stand at a time.

    One that was told by a version which kept no times is left out: nobody knows whether it was in time.
    """
    found = []
    for event in history:
        if event.action not in {Action.SUBMIT, Action.RESUBMIT}:
            continue
        of_it = [each for each in notices if each.topic is Topic.RECEIPT and each.revision == event.number]
        receipt = min(of_it, key=lambda each: each.recipient != requester, default=None)
        if receipt and (receipt.told_at or receipt.state is not NoticeState.DELIVERED):
            found.append(_receipt(event, receipt, at))
    return found


def _receipt(event: Event, receipt: Notice, at: datetime) -> Promised:
    due, told_at = event.at + MAIL_AFTER, receipt.told_at
    took = told_at - event.at if told_at else None
    is_running = told_at is None and receipt.is_open
    return Promised(
        RECEIPT, due, told_at, raw=took, net=took, is_running=is_running, has_slipped=is_running and at > due
    )
