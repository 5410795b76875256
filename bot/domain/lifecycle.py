"""The life of a request as data: statuses, actions, who may take them, who is told (process.md sections 4, 5)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """Where a request stands."""

    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"
    ASSIGNED = "assigned"
    DENIED = "denied"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"


OPEN = frozenset({Status.SUBMITTED, Status.RETURNED, Status.APPROVED, Status.ASSIGNED})


class EngagementStatus(StrEnum):
    """Where the work after an assignment stands."""

    PROPOSED = "proposed"
    OFFERED = "offered"
    ACTIVE = "active"
    COMPLETED = "completed"
    DECLINED = "declined"


class Action(StrEnum):
    """What can be done to a request; the value is the verb on the button."""

    SUBMIT = "submit"
    RESUBMIT = "resubmit"
    WITHDRAW = "withdraw"
    APPROVE = "approve"
    RETURN = "return"
    DENY = "deny"
    DELEGATE = "delegate"
    ASSIGN = "assign"
    ACCEPT = "accept"
    DECLINE = "decline"
    RELEASE = "release"
    CLOSE = "close"
    REOPEN = "reopen"
    ISSUE = "issue"
    ANSWER = "answer"
    CONTACTED = "contacted"
    PROPOSE = "propose"
    KICKOFF = "kickoff"
    AGREE = "agree"
    NOTE = "note"
    COMPLETE = "complete"
    RATE = "rate"
    ASK_BACKUP = "ask_backup"
    ESCALATE = "escalate"
    REPLY_LATE = "reply_late"
    CONTACT_LATE = "contact_late"
    ENDS_SOON = "ends_soon"
    END = "end"


class Relation(StrEnum):
    """What a person is to one request; only what storage says counts."""

    REQUESTER = "requester"
    FPM = "fpm"
    ASSIGNER = "assigner"
    SME = "sme"
    PROGRAM = "program"
    CLOCK = "clock"


class Audience(StrEnum):
    """Who is told; `telling` turns it into people."""

    REQUESTER = "requester"
    CONTACT = "contact"
    FPM = "fpm"
    PARTNER_FPM = "partner_fpm"
    BACKUP_FPM = "backup_fpm"
    ASSIGNERS = "assigners"
    SME = "sme"
    REPORTERS = "reporters"
    PROGRAM = "program"
    PROPOSER = "proposer"


class Topic(StrEnum):
    """What a notice is about; decides its card."""

    RECEIPT = "receipt"
    DECISION = "decision"
    INFORMED = "informed"
    ASSIGNMENT = "assignment"
    RETURNED = "returned"
    NEWS = "news"
    PING = "ping"
    STEPS = "steps"
    ISSUE = "issue"
    STATUS = "status"
    QUESTION = "question"
    UNDELIVERED = "undelivered"
    FAN_OUT = "fan-out"
    ACCESS = "access"
    INVITATION = "invitation"
    NOT_ADMITTED = "not-admitted"
    ESCALATION = "escalation"
    REMINDER = "reminder"
    BRIEF = "brief"
    COVERING = "covering"
    BACK = "back"
    ENGAGEMENT = "engagement"
    PROPOSAL = "proposal"
    FEEDBACK = "feedback"


Told = tuple[tuple[Audience, Topic], ...]
_A = Audience
_T = Topic
_S = Status
_R = Relation
_E = EngagementStatus


@dataclass(frozen=True, slots=True)
class Transition:
    """One row: from any of these statuses, by any of these relations, to that status (None: unchanged).

    `when` are the statuses of the engagement in which it holds (none: whatever that is). `ends` is the one that it is
    in afterwards (None: unchanged).
    """

    action: Action
    start: frozenset[Status]
    end: Status | None
    by: frozenset[Relation]
    told: Told
    when: frozenset[EngagementStatus] = frozenset()
    ends: EngagementStatus | None = None
    assigners_when_approved: bool = False


def _row(  # noqa: PLR0913 - the columns of the table
    action: Action,
    start: set[Status],
    end: Status | None,
    by: set[Relation],
    *told: tuple[Audience, Topic],
    when: frozenset[EngagementStatus] | set[EngagementStatus] = frozenset(),
    ends: EngagementStatus | None = None,
    assigners_when_approved: bool = False,
) -> Transition:
    held = frozenset(when)
    return Transition(action, frozenset(start), end, frozenset(by), told, held, ends, assigners_when_approved)


TRANSITIONS: tuple[Transition, ...] = (
    _row(
        Action.SUBMIT, set(), _S.SUBMITTED, {_R.REQUESTER},
        (_A.REQUESTER, _T.RECEIPT), (_A.CONTACT, _T.RECEIPT), (_A.FPM, _T.DECISION), (_A.PARTNER_FPM, _T.INFORMED),
    ),
    _row(
        Action.RESUBMIT, {_S.RETURNED}, _S.SUBMITTED, {_R.REQUESTER},
        (_A.REQUESTER, _T.RECEIPT), (_A.CONTACT, _T.RECEIPT), (_A.FPM, _T.DECISION), (_A.PARTNER_FPM, _T.INFORMED),
    ),
    _row(
        Action.WITHDRAW, {_S.SUBMITTED, _S.RETURNED, _S.APPROVED}, _S.WITHDRAWN, {_R.REQUESTER},
        (_A.FPM, _T.NEWS), (_A.REQUESTER, _T.NEWS), assigners_when_approved=True,
    ),
    _row(
        Action.APPROVE, {_S.SUBMITTED}, _S.APPROVED, {_R.FPM},
        (_A.REQUESTER, _T.NEWS), (_A.ASSIGNERS, _T.ASSIGNMENT), (_A.FPM, _T.NEWS),
    ),
    _row(
        Action.RETURN, {_S.SUBMITTED}, _S.RETURNED, {_R.FPM},
        (_A.REQUESTER, _T.RETURNED), (_A.FPM, _T.NEWS),
    ),
    _row(
        Action.RETURN, {_S.APPROVED}, _S.RETURNED, {_R.FPM, _R.ASSIGNER},
        (_A.REQUESTER, _T.RETURNED), (_A.FPM, _T.NEWS), assigners_when_approved=True,
    ),
    _row(
        Action.DENY, {_S.SUBMITTED, _S.APPROVED}, _S.DENIED, {_R.FPM},
        (_A.REQUESTER, _T.NEWS), (_A.FPM, _T.NEWS), assigners_when_approved=True,
    ),
    _row(
        Action.DELEGATE, {_S.SUBMITTED}, _S.SUBMITTED, {_R.FPM},
        (_A.FPM, _T.DECISION), (_A.REQUESTER, _T.NEWS),
    ),
    _row(
        Action.ASSIGN, {_S.APPROVED}, _S.ASSIGNED, {_R.ASSIGNER, _R.FPM},
        (_A.SME, _T.PING), (_A.REQUESTER, _T.STEPS), (_A.CONTACT, _T.STEPS), (_A.FPM, _T.NEWS), ends=_E.OFFERED,
    ),
    _row(
        Action.ACCEPT, {_S.ASSIGNED}, None, {_R.SME},
        (_A.REQUESTER, _T.NEWS), (_A.FPM, _T.NEWS), when={_E.OFFERED}, ends=_E.ACTIVE,
    ),
    _row(
        Action.DECLINE, {_S.ASSIGNED}, _S.APPROVED, {_R.SME},
        (_A.ASSIGNERS, _T.ASSIGNMENT), (_A.REQUESTER, _T.NEWS), (_A.FPM, _T.NEWS), when={_E.OFFERED}, ends=_E.DECLINED,
    ),
    _row(
        Action.RELEASE, {_S.ASSIGNED}, _S.APPROVED, {_R.FPM, _R.ASSIGNER},
        (_A.REQUESTER, _T.NEWS), (_A.SME, _T.NEWS), (_A.ASSIGNERS, _T.ASSIGNMENT), (_A.FPM, _T.NEWS),
        when={_E.OFFERED, _E.ACTIVE}, ends=_E.COMPLETED,
    ),
    _row(
        Action.CLOSE, {_S.ASSIGNED}, _S.CLOSED, {_R.FPM},
        (_A.REQUESTER, _T.NEWS), (_A.SME, _T.NEWS), (_A.FPM, _T.NEWS), ends=_E.COMPLETED,
    ),
    _row(
        Action.REOPEN, {_S.DENIED, _S.CLOSED}, _S.SUBMITTED, {_R.FPM},
        (_A.REQUESTER, _T.NEWS), (_A.FPM, _T.DECISION),
    ),
    _row(Action.ISSUE, set(OPEN) - {_S.ASSIGNED}, None, {_R.REQUESTER, _R.SME}, (_A.FPM, _T.ISSUE)),
    _row(
        Action.ISSUE, {_S.ASSIGNED}, None, {_R.REQUESTER, _R.SME, _R.FPM}, (_A.FPM, _T.ISSUE),
    ),
    _row(
        Action.ANSWER, set(OPEN) | {_S.CLOSED}, None, {_R.FPM},
        (_A.REQUESTER, _T.NEWS), (_A.SME, _T.NEWS), (_A.REPORTERS, _T.NEWS),
    ),
    # What follows an assignment (process.md section 5).
    _row(
        Action.CONTACTED, {_S.ASSIGNED}, None, {_R.SME},
        (_A.REQUESTER, _T.NEWS), (_A.FPM, _T.NEWS), when={_E.ACTIVE},
    ),
    _row(
        Action.KICKOFF, {_S.ASSIGNED}, None, {_R.SME},
        (_A.REQUESTER, _T.ENGAGEMENT), (_A.FPM, _T.ENGAGEMENT), when={_E.ACTIVE},
    ),
    _row(
        Action.AGREE, {_S.ASSIGNED}, None, {_R.REQUESTER, _R.FPM, _R.SME},
        (_A.SME, _T.NEWS), (_A.REQUESTER, _T.NEWS), (_A.FPM, _T.NEWS), when={_E.ACTIVE},
    ),
    _row(
        Action.NOTE, {_S.ASSIGNED}, None, {_R.SME},
        (_A.REQUESTER, _T.NEWS), (_A.FPM, _T.NEWS), when={_E.ACTIVE},
    ),
    _row(
        Action.COMPLETE, {_S.ASSIGNED, _S.CLOSED}, None, {_R.SME},
        (_A.REQUESTER, _T.ENGAGEMENT), (_A.FPM, _T.ENGAGEMENT), when={_E.ACTIVE, _E.COMPLETED}, ends=_E.COMPLETED,
    ),
    _row(
        Action.RATE, {_S.ASSIGNED, _S.CLOSED}, None, {_R.REQUESTER},
        (_A.FPM, _T.NEWS), when={_E.COMPLETED},
    ),
    # Help that Microsoft proposes (R:229): whoever proposes it has approved it, and the partner agrees before the SME.
    _row(
        Action.PROPOSE, set(), _S.APPROVED, {_R.FPM, _R.ASSIGNER},
        (_A.REQUESTER, _T.PROPOSAL), (_A.FPM, _T.NEWS), (_A.PARTNER_FPM, _T.NEWS), ends=_E.PROPOSED,
    ),
    _row(
        Action.AGREE, {_S.APPROVED}, _S.ASSIGNED, {_R.REQUESTER},
        (_A.SME, _T.PING), (_A.REQUESTER, _T.STEPS), (_A.CONTACT, _T.STEPS), (_A.FPM, _T.NEWS),
        (_A.PROPOSER, _T.NEWS), when={_E.PROPOSED}, ends=_E.OFFERED,
    ),
    _row(
        Action.DECLINE, {_S.APPROVED}, _S.WITHDRAWN, {_R.REQUESTER},
        (_A.FPM, _T.NEWS), (_A.PROPOSER, _T.NEWS), (_A.REQUESTER, _T.NEWS), when={_E.PROPOSED}, ends=_E.DECLINED,
    ),
    _row(
        Action.CLOSE, {_S.APPROVED}, _S.CLOSED, {_R.FPM},
        (_A.REQUESTER, _T.NEWS), (_A.PROPOSER, _T.NEWS), (_A.FPM, _T.NEWS), ends=_E.DECLINED,
    ),
    # When a promise slips (process.md section 6): others are asked and told, and the status stays.
    _row(Action.ASK_BACKUP, {_S.SUBMITTED}, None, {_R.CLOCK}, (_A.BACKUP_FPM, _T.DECISION)),
    _row(
        Action.ESCALATE, {_S.SUBMITTED, _S.APPROVED}, None, {_R.CLOCK},
        (_A.BACKUP_FPM, _T.ESCALATION), (_A.ASSIGNERS, _T.ESCALATION), (_A.PROGRAM, _T.ESCALATION),
    ),
    _row(
        Action.REPLY_LATE, {_S.ASSIGNED}, None, {_R.CLOCK},
        (_A.ASSIGNERS, _T.ESCALATION), when={_E.OFFERED},
    ),
    _row(
        Action.CONTACT_LATE, {_S.ASSIGNED}, None, {_R.CLOCK},
        (_A.FPM, _T.ESCALATION), when={_E.ACTIVE},
    ),
    # Proactive help lasts for the period that was agreed, and ends by itself; what has not begun by then is closed.
    _row(
        Action.ENDS_SOON, {_S.ASSIGNED}, None, {_R.CLOCK},
        (_A.SME, _T.ENGAGEMENT), (_A.REQUESTER, _T.NEWS), (_A.FPM, _T.NEWS), when={_E.OFFERED, _E.ACTIVE},
    ),
    _row(
        Action.ENDS_SOON, {_S.APPROVED}, None, {_R.CLOCK},
        (_A.REQUESTER, _T.NEWS), (_A.FPM, _T.NEWS), (_A.PROPOSER, _T.NEWS),
        when={_E.PROPOSED, _E.DECLINED, _E.COMPLETED},
    ),
    _row(
        Action.END, {_S.APPROVED}, _S.CLOSED, {_R.CLOCK},
        (_A.REQUESTER, _T.NEWS), (_A.FPM, _T.NEWS), (_A.PROPOSER, _T.NEWS),
        when={_E.PROPOSED, _E.DECLINED, _E.COMPLETED}, ends=_E.DECLINED,
    ),
    _row(
        Action.END, {_S.ASSIGNED}, _S.CLOSED, {_R.CLOCK},
        (_A.SME, _T.NEWS), (_A.REQUESTER, _T.NEWS), (_A.FPM, _T.NEWS), (_A.PROPOSER, _T.NEWS),
        when={_E.OFFERED}, ends=_E.DECLINED,
    ),
    _row(
        Action.END, {_S.ASSIGNED}, None, {_R.CLOCK},
        (_A.SME, _T.ENGAGEMENT), (_A.REQUESTER, _T.ENGAGEMENT), (_A.FPM, _T.ENGAGEMENT),
        when={_E.ACTIVE}, ends=_E.COMPLETED,
    ),
)  # fmt: skip

DONE_WORDS: Mapping[Action, str] = {
    Action.SUBMIT: "submitted",
    Action.RESUBMIT: "sent again",
    Action.WITHDRAW: "withdrawn",
    Action.APPROVE: "approved",
    Action.RETURN: "returned",
    Action.DENY: "denied",
    Action.DELEGATE: "delegated",
    Action.ASSIGN: "assigned",
    Action.ACCEPT: "accepted",
    Action.DECLINE: "declined",
    Action.RELEASE: "SME released",
    Action.CLOSE: "closed",
    Action.REOPEN: "reopened",
    Action.ISSUE: "issue reported",
    Action.ANSWER: "issue answered",
    Action.CONTACTED: "partner contacted",
    Action.PROPOSE: "help proposed",
    Action.KICKOFF: "kick-off written",
    Action.AGREE: "agreed",
    Action.NOTE: "note written",
    Action.COMPLETE: "help completed",
    Action.RATE: "rated",
    Action.ASK_BACKUP: "first look late, backup FPM asked",
    Action.ESCALATE: "decision late, escalated",
    Action.REPLY_LATE: "SME reply late, assigners told",
    Action.CONTACT_LATE: "first contact late, FPM told",
    Action.ENDS_SOON: "period ends soon",
    Action.END: "period over",
}
OF_THE_CLOCK = frozenset(
    {Action.ASK_BACKUP, Action.ESCALATE, Action.REPLY_LATE, Action.CONTACT_LATE, Action.ENDS_SOON, Action.END}
)
"""What the clock does; it approves and denies nothing, and closes only proposed help whose time is over."""


def transition(action: Action, status: Status | None, stage: EngagementStatus | None = None) -> Transition | None:
    """Return the row for this action from this status (None: before the first submit).

    Of several, the one for the engagement's status `stage`; where there is none, the first.
    """
    rows = [row for row in TRANSITIONS if row.action is action and (status in row.start if status else not row.start)]
    return next((row for row in rows if stage in row.when), next(iter(rows), None))
