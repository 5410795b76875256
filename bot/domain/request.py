"""An SME request, and the lines of its history."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.lifecycle import DONE_WORDS, OPEN, Action, EngagementStatus, Relation, Status
from bot.domain.routing import Verdict

PROACTIVE = "Proactive help"
"""What stands where the customer does, in requests that Microsoft has proposed."""


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the history: who did what, when and why; `details` holds what the card needs beyond that."""

    number: int
    action: Action
    by: str
    by_name: str
    at: datetime
    why: str = ""
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier request that the FPM should know of when deciding this one."""

    number: str
    customer: str
    status: Status
    submitted_at: datetime
    is_duplicate: bool


@dataclass(frozen=True, slots=True)
class SmeRequest:
    """One request. Times are UTC; `revision` counts actions; `fpm` is who decides now, `sme` who is assigned.

    `requester_tenant` and `requester_object` are the Entra identity of who submitted it. `triage_due` is the date of
    the first look as it was promised, and stays whatever becomes of calendars (None: never promised, count it).
    `slipped` are the promises, by id, of which somebody was told that they were not kept in time. `last_deed` is the
    revision of the last action that cards are overtaken by: what the clock did since, notes, and agreements of some of
    several people leave what can be pressed as it was.
    `stage` is where the latest engagement stands, and `to_agree` who has to agree on its kick-off: lists go by them.
    `proposed_by` is who proposed the help (R:229), '' when a partner asked for it.
    """

    number: str
    token: str
    partner: str
    requester: str
    answers: Mapping[str, str]
    verdict: Verdict
    form_version: str
    status: Status
    revision: int
    fpm: str
    submitted_at: datetime
    triage_from: datetime
    decide_from: datetime
    last: Event
    requester_tenant: str = ""
    requester_object: str = ""
    sme: str = ""
    triaged_at: datetime | None = None
    assigned_at: datetime | None = None
    returned_at: datetime | None = None
    paused: timedelta = timedelta(0)
    backup_asked: bool = False
    returned_fields: tuple[str, ...] = ()
    changed_fields: tuple[str, ...] = ()
    engagements: int = 0
    earlier: tuple[Earlier, ...] = ()
    open_issues: int = 0
    issues_by: tuple[str, ...] = ()
    triage_due: datetime | None = None
    slipped: tuple[str, ...] = ()
    last_deed: int = 0
    stage: EngagementStatus | None = None
    to_agree: tuple[Relation, ...] = ()
    proposed_by: str = ""

    @property
    def customer(self) -> str:
        return PROACTIVE if self.is_proactive else self.answers["tenant_name"]

    @property
    def is_proactive(self) -> bool:
        return bool(self.proposed_by)

    @property
    def waits_for_the_fpm(self) -> bool:
        """Whether there is something for the FPM to do, or to see through until an SME is found."""
        is_to_close = self.status is Status.ASSIGNED and self.stage is EngagementStatus.COMPLETED
        is_approved = self.status is Status.APPROVED and self.stage is not EngagementStatus.PROPOSED
        is_asked = is_to_close or Relation.FPM in self.to_agree
        return self.status is Status.SUBMITTED or is_approved or is_asked or self.open_issues > 0

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def contact(self) -> str:
        return self.answers["contact_email"]


def done_words(event: Event) -> str:
    """Say in words what was done, as in `agreed on the kick-off`."""
    on = f" on the {event.details['on']}" if "on" in event.details else ""
    return f"{DONE_WORDS[event.action]}{on}"


def done(event: Event) -> str:
    """Say in words what an event was, and by whom."""
    behalf = f" for {event.details['for_name']}" if "for_name" in event.details else ""
    by = f" by {event.by_name}{behalf}" if event.by else ""
    return f"{done_words(event)}{by}"


def happened(event: Event) -> str:
    """Say in words what an event was, by whom and when."""
    when = event.at.strftime("%d %b %Y, %H:%M UTC").lstrip("0")
    words = done(event)
    return f"{words[0].upper()}{words[1:]} on {when}."
