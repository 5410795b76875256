"""What becomes of a notice after an attempt to deliver it: the outcome table of design.md section 6, pure."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from zlib import crc32

from bot.domain.notices import Notice, NoticeState, Way

FIRST_PAUSE = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(seconds=60)
LONGEST_THROTTLE = timedelta(seconds=300)
AMBIGUOUS_PAUSE = timedelta(seconds=30)
MAIL_AFTER = timedelta(minutes=5)
GIVEN_UP_AFTER = timedelta(hours=24)
SENDING_TAKEN_OVER_AFTER = timedelta(seconds=90)
MOST_AMBIGUOUS_POSTS = 2


class Result(StrEnum):
    """How an attempt to post a card ended."""

    DELIVERED = "delivered"
    NOT_SENT = "not sent"
    THROTTLED = "throttled"
    AMBIGUOUS = "ambiguous"
    UNAUTHORIZED = "not authorised"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt: its result, a reason for people and logs, and where the card stands when it was delivered."""

    result: Result
    reason: str = ""
    retry_after: float | None = None
    service_url: str = ""
    conversation_id: str = ""
    activity_id: str = ""


def begun(notice: Notice, at: datetime) -> Notice:
    """Return the notice as it stands while it is being sent; if that is broken off, it comes due again."""
    due = at + SENDING_TAKEN_OVER_AFTER
    was_broken_off = notice.state is NoticeState.SENDING
    ambiguous = notice.ambiguous + was_broken_off
    return replace(notice, state=NoticeState.SENDING, attempts=notice.attempts + 1, ambiguous=ambiguous, due_at=due)


def _again(notice: Notice, at: datetime, pause: timedelta, reason: str) -> Notice:
    return replace(notice, state=NoticeState.PENDING, due_at=at + pause, reason=reason)


def is_late(notice: Notice, at: datetime) -> bool:
    """Whether the words of a card that is still to be posted should go by mail meanwhile (process.md section 7)."""
    return notice.is_open and notice.way is not Way.MAIL and at - notice.created_at >= MAIL_AFTER


def parked(notice: Notice, reason: str) -> Notice:
    """Return the notice set aside, with the reason that people see; what went by mail meanwhile is settled by that."""
    if notice.way is Way.MAIL:
        return mailed(notice, reason)
    return replace(notice, state=NoticeState.PARKED, reason=reason)


def anew(notice: Notice, at: datetime) -> Notice:
    """Return a notice that could not be a card before, to be tried as one from now on."""
    fresh = replace(notice, state=NoticeState.PENDING, way=Way.NONE, created_at=at, due_at=at)
    return replace(fresh, attempts=0, ambiguous=0, reason="")


def mailed(notice: Notice, reason: str) -> Notice:
    """Return the notice settled by mail, with the reason why it was not a card."""
    return replace(notice, state=NoticeState.DELIVERED, way=Way.MAIL, reason=reason)


def told(notice: Notice, at: datetime) -> Notice:
    """Return the notice with the time when its recipient was first told by it; `at` is when it went, if it has."""
    is_told = notice.way is not Way.NONE and notice.told_at is None
    return replace(notice, told_at=at) if is_told else notice


def _share(notice: Notice) -> float:
    """Return a number from 0 to 1, another one for each notice and attempt, so that what waits is spread."""
    attempt = f"{notice.number}/{notice.revision}/{notice.topic}/{notice.recipient}/{notice.attempts}"
    return crc32(attempt.encode()) / 0xFFFF_FFFF


def _pause(notice: Notice, longest: timedelta) -> timedelta:
    """Return a pause that doubles with each attempt, up to a quarter longer by jitter."""
    doubled = FIRST_PAUSE * 2.0 ** min(notice.attempts - 1, 16)
    return min(longest, doubled * (1 + _share(notice) / 4))


def settled_by(notice: Notice, attempt: Attempt, at: datetime, shown: int) -> Notice | None:
    """Return the notice after an attempt at a time, or None when it has to go by mail.

    `shown` is the revision that the posted card shows. The notice must have been `begun` for this attempt.
    """
    match attempt.result:
        case Result.DELIVERED:
            return replace(
                notice,
                state=NoticeState.DELIVERED,
                way=Way.TEAMS,
                reason="",
                service_url=attempt.service_url,
                conversation_id=attempt.conversation_id,
                activity_id=attempt.activity_id,
                shown=shown,
            )
        case Result.UNREACHABLE:
            return None
        case Result.REFUSED:
            return parked(notice, attempt.reason)
        case Result.AMBIGUOUS:
            posts = notice.ambiguous + 1
            if posts >= MOST_AMBIGUOUS_POSTS:
                return parked(notice, f"unknown whether it arrived ({attempt.reason})")
            return _again(replace(notice, ambiguous=posts), at, AMBIGUOUS_PAUSE, attempt.reason)
    age = at - notice.created_at
    if age >= GIVEN_UP_AFTER:
        return parked(notice, attempt.reason)
    if attempt.result is Result.THROTTLED:
        asked = timedelta(seconds=attempt.retry_after or 0)
        return _again(notice, at, max(asked, _pause(notice, LONGEST_THROTTLE)), attempt.reason)
    if age >= MAIL_AFTER:
        return None
    return _again(notice, at, _pause(notice, LONGEST_PAUSE), attempt.reason)
