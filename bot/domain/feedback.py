"""What people say of the service: feedback that they type, issues that they report, and low ratings."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.deeds import Change, is_low_rating
from bot.domain.lifecycle import Action


class Kind(StrEnum):
    """How something was said; the value stands on the button that asks for these alone."""

    FEEDBACK = "feedback"
    ISSUE = "issue"
    RATING = "rating"


@dataclass(frozen=True, slots=True)
class Heard:
    """Where something that was said is kept, without a word of it.

    `about` is the number of the request, or the id of the agenda of whoever typed it; `part` tells it apart there.
    """

    at: datetime
    kind: Kind
    about: str
    part: str
    partner: str


@dataclass(frozen=True, slots=True)
class Feedback:
    """Something that was said at a time (UTC), by an e-mail address.

    `number` is the request that it is about, `partner` a code; '' where there is none. `stars` are those of a rating.
    """

    at: datetime
    kind: Kind
    number: str
    partner: str
    by: str
    text: str
    stars: int = 0


def is_heard(change: Change) -> bool:
    """Whether the programme team is to hear of a change."""
    return change.event.action is Action.ISSUE or is_low_rating(change)
