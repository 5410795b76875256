"""Notices: who must be told of a change, and how far the telling has come."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.domain.lifecycle import Topic
from bot.domain.trace import trace_now


class NoticeState(StrEnum):
    """`pending -> sending -> delivered | parked` (design.md section 6)."""

    PENDING = "pending"
    SENDING = "sending"
    DELIVERED = "delivered"
    PARKED = "parked"


class Way(StrEnum):
    """How a notice reached its recipient."""

    NONE = ""
    TEAMS = "teams"
    MAIL = "mail"


LIVE = frozenset(
    {
        Topic.RECEIPT,
        Topic.DECISION,
        Topic.ASSIGNMENT,
        Topic.RETURNED,
        Topic.PING,
        Topic.STEPS,
        Topic.STATUS,
        Topic.ACCESS,
        Topic.ESCALATION,
        Topic.REMINDER,
        Topic.BRIEF,
        Topic.COVERING,
        Topic.BACK,
        Topic.ENGAGEMENT,
        Topic.PROPOSAL,
    }
)
"""Topics whose card carries buttons or a state, and is therefore updated whenever what it is about changes."""


OF_AGENDAS = frozenset({Topic.REMINDER, Topic.BRIEF, Topic.COVERING, Topic.BACK})
"""Topics of cards about everything that waits for a person."""
WAITING = (LIVE - OF_AGENDAS) | {Topic.QUESTION, Topic.ISSUE, Topic.FEEDBACK}
"""Topics whose card is still worth having when it first went by mail and the person opens the app later."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to tell one person about one revision of a request.

    `sentence` is what happened, in words (or the question, from `sender`); `shown` is the revision that the posted
    card shows; `ambiguous` counts the posts of which nobody knows whether they arrived. `recipient` is an e-mail
    address, of somebody in the directory or not. A fan-out notice stands for those in `told`: topic and recipient.
    `listed` are the requests on a card about several, the most urgent first. `told_at` is when the recipient was first
    told by it, by card or by mail. `trace` is the trace of what made it, with which its delivery goes on.
    """

    number: str
    revision: int
    topic: Topic
    recipient: str
    sentence: str
    created_at: datetime
    due_at: datetime
    sender: str = ""
    state: NoticeState = NoticeState.PENDING
    way: Way = Way.NONE
    attempts: int = 0
    ambiguous: int = 0
    reason: str = ""
    service_url: str = ""
    conversation_id: str = ""
    activity_id: str = ""
    shown: int = 0
    told: tuple[tuple[Topic, str], ...] = ()
    listed: tuple[str, ...] = ()
    etag: str = ""
    told_at: datetime | None = None
    trace: str = field(default_factory=trace_now.get)

    @property
    def is_open(self) -> bool:
        return self.state in {NoticeState.PENDING, NoticeState.SENDING}

    @property
    def is_live_copy(self) -> bool:
        """Whether a card of this notice stands in a chat and must follow the request."""
        return self.state is NoticeState.DELIVERED and self.way is Way.TEAMS and self.topic in LIVE
