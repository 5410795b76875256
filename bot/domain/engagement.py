"""An engagement: one SME's work on one request, from the proposal or the offer to its end and the rating."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from bot.domain.lifecycle import EngagementStatus, Relation

PARTIES = (Relation.SME, Relation.FPM, Relation.REQUESTER)
"""Who agrees on a kick-off."""
LOW_RATING = 2
"""A rating of so much or less is brought to the FPM."""
BEST_RATING = 5


class Mode(StrEnum):
    """Whom the SME works with (R:279)."""

    WITH_PARTNER = "with_partner"
    WITH_CUSTOMER = "with_customer"


class NoteStatus(StrEnum):
    """How the work stands by the SME's note."""

    ON_TRACK = "on_track"
    PAUSED = "paused"
    PENDING_CUSTOMER = "pending_customer"
    PENDING_FASTTRACK = "pending_fasttrack"


@dataclass(frozen=True, slots=True)
class Kickoff:
    """What is expected of an engagement (R:243, R:255, R:271); its exit criteria are the checklist of the end.

    `learners` are the partner's people who learn from it, each by name or e-mail address (R:259, R:269).
    """

    mode: Mode
    expectations: str
    outcomes: str
    exit_criteria: tuple[str, ...]
    start: date
    end: date
    learners: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """The SME's latest word on how the work stands."""

    status: NoteStatus
    summary: str
    next_step: str = ""
    next_date: date | None = None
    concerns: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of an engagement: `met` are the places of the exit criteria that were met; the others were waived."""

    summary: str
    met: tuple[int, ...] = ()
    waive_reason: str = ""
    feedback: str = ""


@dataclass(frozen=True, slots=True)
class Rating:
    """What the partner says of the help, from 1 to 5."""

    stars: int
    comment: str = ""

    @property
    def is_low(self) -> bool:
        """Whether the rating is brought to the FPM."""
        return self.stars <= LOW_RATING


@dataclass(frozen=True, slots=True)
class Proposal:
    """The period and the outcomes for which help was proposed (R:229)."""

    start: date
    end: date
    outcomes: str


@dataclass(frozen=True, slots=True)
class Engagement:
    """One offer of a request to one SME. `id` is the request number with a running number, like CONTOSO-7K3QXD.1.

    `reply_due` and `contact_due` are the dates as they were promised. `agreed` are the parties that have agreed on the
    kick-off as it stands. `proposal` is there when the help was proposed by Microsoft; `end_announced` says that its
    people were told that the period ends soon. `agreed_end` is the last day of the kick-off on which all agreed last.
    """

    id: str
    request: str
    sme: str
    status: EngagementStatus
    offered_at: datetime
    accepted_at: datetime | None = None
    ended_at: datetime | None = None
    end_reason: str = ""
    contacted_at: datetime | None = None
    reply_due: datetime | None = None
    contact_due: datetime | None = None
    kickoff: Kickoff | None = None
    agreed: tuple[Relation, ...] = ()
    note: Note | None = None
    result: Result | None = None
    rating: Rating | None = None
    proposal: Proposal | None = None
    end_announced: bool = False
    agreed_end: date | None = None

    @property
    def to_agree(self) -> tuple[Relation, ...]:
        """The parties whose agreement on the kick-off is missing."""
        return tuple(party for party in PARTIES if self.kickoff and party not in self.agreed)

    @property
    def last_day(self) -> date | None:
        """The day on which proactive help ends: the proposed one, or the one of the kick-off once all agreed on it."""
        return (self.agreed_end or self.proposal.end) if self.proposal else None


def offer(request: str, number: int, sme: str, at: datetime, proposal: Proposal | None = None) -> Engagement:
    """Return the engagement that an assignment starts."""
    return Engagement(f"{request}.{number}", request, sme, EngagementStatus.OFFERED, at, proposal=proposal)


def proposed(request: str, sme: str, at: datetime, proposal: Proposal) -> Engagement:
    """Return the engagement that begins with a proposal; the SME is asked when the partner has agreed."""
    return replace(offer(request, 1, sme, at, proposal), status=EngagementStatus.PROPOSED)
