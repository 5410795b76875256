"""The digest of a request: what its history adds up to, of which portfolio, insights and exports are made."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.domain.engagement import Engagement
from bot.domain.lifecycle import Action, Status
from bot.domain.notices import Notice
from bot.domain.promise_record import promised_in, receipts_in
from bot.domain.request import Event, SmeRequest

MOST_ASKED_FOR = 1_000
"""So many fields to fix are named: a digest has to fit into a column of a row."""
APPROVED, DENIED = "approved", "denied"
_OUTCOMES: Mapping[Action, str] = {Action.APPROVE: APPROVED, Action.DENY: DENIED}
_TAKE_IT_BACK = frozenset({Action.REOPEN, Action.RETURN})
_END = frozenset({Action.DENY, Action.WITHDRAW, Action.DECLINE, Action.CLOSE, Action.END})


@dataclass(frozen=True, slots=True)
class Digest:
    """What the history of one request adds up to; times are UTC, and it names nobody.

    `outcome` is how it was decided last, `approved` or `denied`, '' while it is not. `asked_for` are the fields to fix
    of all returns, each as often as it was asked for. `kept` and `broken` count promises by their id (N1 is the
    receipt). `stars` are all ratings that the partner gave. `at` is when the latest event happened; `ended_at` when it
    was denied, withdrawn or closed, None while it is open.
    """

    number: str
    partner: str
    region: str
    workload: str
    topic: str
    language: str
    status: Status
    revision: int
    submitted_at: datetime
    at: datetime
    is_proactive: bool = False
    is_repeat: bool = False
    is_duplicate: bool = False
    outcome: str = ""
    decided_at: datetime | None = None
    deny_reason: str = ""
    returns: int = 0
    asked_for: tuple[str, ...] = ()
    kept: Mapping[str, int] = field(default_factory=dict)
    broken: Mapping[str, int] = field(default_factory=dict)
    assigned_at: datetime | None = None
    accepted_at: datetime | None = None
    contacted_at: datetime | None = None
    completed_at: datetime | None = None
    ended_at: datetime | None = None
    declines: int = 0
    issues: int = 0
    stars: tuple[int, ...] = ()
    learners: int = 0

    @property
    def month(self) -> str:
        """The month in which it was submitted, in UTC, like 2026-11: all of its numbers count there."""
        return month_of(self.submitted_at)


def month_of(at: datetime) -> str:
    """Return the month of a time in UTC, like 2026-11."""
    return f"{at.astimezone(UTC):%Y-%m}"


def digest_of(
    request: SmeRequest, history: Sequence[Event], engagements: Sequence[Engagement], notices: Sequence[Notice]
) -> Digest:
    """Return the digest of a request, from its whole history, all of its engagements and its notices."""
    kept, broken = _promises(request, history, engagements, notices)
    decision = _decision(history)
    latest = {event.action: event.at for event in history}
    count = Counter(event.action for event in history)
    return Digest(
        number=request.number,
        partner=request.partner,
        region=request.answers.get("region", ""),
        workload=request.answers["workload"],
        topic=request.answers["topic"],
        language=request.answers.get("primary_language", ""),
        status=request.status,
        revision=request.revision,
        submitted_at=request.submitted_at,
        at=request.last.at,
        is_proactive=request.is_proactive,
        is_repeat=any(not each.is_duplicate for each in request.earlier),
        is_duplicate=any(each.is_duplicate for each in request.earlier),
        outcome=_OUTCOMES[decision.action] if decision else "",
        decided_at=decision.at if decision else None,
        deny_reason=decision.details.get("reason", "") if decision else "",
        returns=count[Action.RETURN],
        asked_for=tuple(key for event in history for key in _asked_for(event))[:MOST_ASKED_FOR],
        kept=dict(kept),
        broken=dict(broken),
        assigned_at=request.assigned_at,
        accepted_at=latest.get(Action.ACCEPT),
        contacted_at=latest.get(Action.CONTACTED),
        completed_at=latest.get(Action.COMPLETE),
        ended_at=_ended_at(request, history),
        declines=sum(1 for event in history if event.action is Action.DECLINE and "sme" in event.details),
        issues=count[Action.ISSUE],
        stars=tuple(each.rating.stars for each in engagements if each.rating),
        learners=len({name for each in engagements if each.kickoff for name in each.kickoff.learners}),
    )


def _decision(history: Sequence[Event]) -> Event | None:
    """Return the approval or denial that holds; a return or a reopening takes it back."""
    found = None
    for event in history:
        if event.action in _OUTCOMES:
            found = event
        elif event.action in _TAKE_IT_BACK:
            found = None
    return found


def _ended_at(request: SmeRequest, history: Sequence[Event]) -> datetime | None:
    if request.is_open:
        return None
    return next((event.at for event in reversed(history) if event.action in _END), request.last.at)


def _asked_for(event: Event) -> list[str]:
    if event.action is not Action.RETURN:
        return []
    return [key for key in event.details.get("fields", "").split(",") if key]


def _promises(
    request: SmeRequest, history: Sequence[Event], engagements: Sequence[Engagement], notices: Sequence[Notice]
) -> tuple[Counter[str], Counter[str]]:
    """Count the promises that were kept and those that were broken, also those that were never met after they slipped.

    A receipt that is still on its way is neither.
    """
    kept: Counter[str] = Counter()
    broken: Counter[str] = Counter()
    receipts = receipts_in(history, notices, request.requester, request.last.at)
    for each in (*promised_in(history, (), engagements), *receipts):
        if each.was_kept is not None:
            (kept if each.was_kept else broken)[each.id] += 1
    return kept, broken
