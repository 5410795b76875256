"""Promises as dates: what is due by when, who holds it, and what happens when it slips; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.engagement import Engagement
from bot.domain.lifecycle import Action, EngagementStatus, Relation, Status
from bot.domain.request import SmeRequest
from bot.domain.working_time import BUSINESS_DAY, Calendar, add_working_time, working_time_between

DECISION = timedelta(hours=120)


class PromiseId(StrEnum):
    """The promises of process.md section 6 that have a date."""

    TRIAGE = "N4"
    DECISION = "N5"
    FIRST_CONTACT = "N7"
    ACCEPTANCE = "N8"


WHEN_IT_SLIPS: Mapping[PromiseId, Action] = {
    PromiseId.TRIAGE: Action.ASK_BACKUP,
    PromiseId.DECISION: Action.ESCALATE,
    PromiseId.FIRST_CONTACT: Action.CONTACT_LATE,
    PromiseId.ACCEPTANCE: Action.REPLY_LATE,
}
REMINDED_AT: Mapping[PromiseId, tuple[float, ...]] = {
    PromiseId.TRIAGE: (0.5, 1.0),
    PromiseId.DECISION: (0.8,),
    PromiseId.FIRST_CONTACT: (0.5, 1.0),
    PromiseId.ACCEPTANCE: (0.5, 1.0),
}
"""When whoever holds a promise is reminded of it, as parts of its time."""


@dataclass(frozen=True, slots=True)
class Promise:
    """One promise of a request; times are UTC.

    `met_at` is None while it runs, `is_paused` while the requester has the request. `holder` is who has to do
    something for it now. `reminders` are the moments at which the holder is due a word, before working hours are
    looked at. `has_slipped` says that its lateness has been told to others. `net` is the time that counts between the
    beginning and `met_at`: working time, or for the decision the time that the request was not returned.
    """

    id: PromiseId
    began: datetime
    due: datetime
    met_at: datetime | None = None
    is_paused: bool = False
    holder: Relation | None = None
    reminders: tuple[datetime, ...] = ()
    has_slipped: bool = False
    net: timedelta = timedelta(0)

    @property
    def was_kept(self) -> bool | None:
        return None if self.met_at is None else self.met_at <= self.due

    @property
    def is_running(self) -> bool:
        return self.met_at is None and not self.is_paused

    @property
    def raw(self) -> timedelta:
        """All the time between the beginning and `met_at`."""
        return self.met_at - self.began if self.met_at else timedelta(0)


def decision_due(request: SmeRequest) -> datetime:
    """Return when the request must be decided and assigned: five calendar days, not counting time while returned."""
    return request.decide_from + DECISION + request.paused


def promises_of(
    request: SmeRequest, engagement: Engagement | None, fpm: Calendar, sme: Calendar | None
) -> tuple[Promise, ...]:
    """Return the promises of a request in the order of their dates' meaning: triage, decision, acceptance, contact.

    A date that was promised stays as it was; the calendars of the FPM and the SME count the others.
    """
    # Help that Microsoft proposes was decided on by whoever proposed it.
    found = [] if request.is_proactive else [_triage(request, fpm), _decision(request)]
    if request.status is Status.WITHDRAWN:
        return tuple(promise for promise in found if promise.met_at)
    is_at_an_end = request.status is Status.ASSIGNED and request.stage is EngagementStatus.COMPLETED
    if engagement and sme and request.status is Status.ASSIGNED and not is_at_an_end:
        found += _promises_of_sme(request, engagement, sme)
    if engagement and sme and (is_at_an_end or request.status is Status.CLOSED):
        found += [promise for promise in _promises_of_sme(request, engagement, sme) if promise.met_at]
    return tuple(found)


def _promises_of_sme(request: SmeRequest, engagement: Engagement, sme: Calendar) -> list[Promise]:
    accepted, contacted = engagement.accepted_at, engagement.contacted_at
    found = [_of_sme(PromiseId.ACCEPTANCE, request, engagement.offered_at, engagement.reply_due, accepted, sme)]
    if accepted and engagement.status in {EngagementStatus.ACTIVE, EngagementStatus.COMPLETED}:
        found.append(_of_sme(PromiseId.FIRST_CONTACT, request, accepted, engagement.contact_due, contacted, sme))
    return found


def next_to_slip(promises: Sequence[Promise]) -> Promise | None:
    """Return the promise that runs out first, of those whose lateness nobody has been told yet."""
    running = [promise for promise in promises if promise.is_running and not promise.has_slipped]
    return min(running, key=lambda promise: promise.due, default=None)


def _triage(request: SmeRequest, calendar: Calendar) -> Promise:
    due = request.triage_due or add_working_time(request.triage_from, BUSINESS_DAY, calendar)
    return _in_working_time(
        Promise(
            PromiseId.TRIAGE,
            request.triage_from,
            due,
            request.triaged_at,
            holder=Relation.FPM if request.status is Status.SUBMITTED else None,
            has_slipped=PromiseId.TRIAGE in request.slipped,
        ),
        calendar,
    )


def _of_sme(  # noqa: PLR0913, PLR0917 - what a promise of the SME is made of
    promise: PromiseId,
    request: SmeRequest,
    began: datetime,
    due: datetime | None,
    met_at: datetime | None,
    calendar: Calendar,
) -> Promise:
    promised = due or add_working_time(began, BUSINESS_DAY, calendar)
    holder = None if met_at else Relation.SME
    slipped = promise in request.slipped
    made = Promise(promise, began, promised, met_at, holder=holder, has_slipped=slipped)
    return _in_working_time(made, calendar)


def _in_working_time(promise: Promise, calendar: Calendar) -> Promise:
    if promise.met_at:
        return replace(promise, net=working_time_between(promise.began, promise.met_at, calendar))
    # The whole time is over when it was promised, even if the calendar would count another date by now.
    parts = [part for part in REMINDED_AT[promise.id] if part < 1]
    moments = [add_working_time(promise.began, BUSINESS_DAY * part, calendar) for part in parts]
    return replace(promise, reminders=(*(min(moment, promise.due) for moment in moments), promise.due))


def _decision(request: SmeRequest) -> Promise:
    met_at = request.last.at if request.status is Status.DENIED else request.assigned_at
    holders = {Status.SUBMITTED: Relation.FPM, Status.APPROVED: Relation.ASSIGNER}
    began = request.decide_from
    return Promise(
        PromiseId.DECISION,
        began,
        decision_due(request),
        met_at,
        is_paused=request.status is Status.RETURNED,
        holder=holders.get(request.status),
        reminders=tuple(began + DECISION * part + request.paused for part in REMINDED_AT[PromiseId.DECISION]),
        has_slipped=PromiseId.DECISION in request.slipped,
        net=met_at - began - request.paused if met_at else timedelta(0),
    )


def with_dates(
    request: SmeRequest, engagement: Engagement | None, promises: Sequence[Promise]
) -> tuple[SmeRequest, Engagement | None]:
    """Return a request and its engagement with the dates that are promised by these, whatever becomes of calendars."""
    found = {promise.id: promise.due for promise in promises}
    triage = found.get(PromiseId.TRIAGE, request.triage_due)
    if triage != request.triage_due:
        request = replace(request, triage_due=triage)
    if engagement and PromiseId.ACCEPTANCE in found:
        contact = found.get(PromiseId.FIRST_CONTACT)
        engagement = replace(engagement, reply_due=found[PromiseId.ACCEPTANCE], contact_due=contact)
    return request, engagement


def times_of(promise: Promise) -> Mapping[str, str]:
    """Return what the history keeps of a promise that was met: its date, and the seconds it took, raw and net."""
    seconds = {"raw": promise.raw, "net": promise.net}
    times = {name: str(round(took.total_seconds())) for name, took in seconds.items()}
    return {f"{promise.id}_{name}": value for name, value in ({"due": promise.due.isoformat()} | times).items()}


TIMES = frozenset(f"{promise}_{name}" for promise in PromiseId for name in ("due", "raw", "net"))
"""The names of `times_of`, of every promise."""


def newly_met(before: Sequence[Promise], after: Sequence[Promise]) -> list[Promise]:
    """Return the promises that a change has met."""
    met = {promise.id for promise in before if promise.met_at}
    return [promise for promise in after if promise.met_at and promise.id not in met]
