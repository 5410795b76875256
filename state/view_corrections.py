"""Which rows the derived lists should have, judged by the requests and notices that they are made from; pure."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime

from bot.domain.access import is_admission
from bot.domain.agenda import person_in
from bot.domain.delivery import SENDING_TAKEN_OVER_AFTER
from bot.domain.notices import WAITING as WAITING_TOPICS
from bot.domain.notices import Notice, NoticeState, Way
from bot.domain.numbers import parse_number
from bot.domain.ports import ListRow
from bot.domain.request import SmeRequest
from state.heard_rows import HEARD, heard_in, heard_place, heard_row
from state.keys import SEPARATOR, decode
from state.table import Change, Delete, Put, Row, Value
from state.views import (
    ASSIGNER,
    BUSY,
    ENGAGED,
    INBOX,
    LATE,
    PARKED,
    PARTNER,
    PENDING,
    RETURNED,
    SME,
    WAITING,
    is_spent,
    list_row,
    noted_row,
    parked_place,
    pending_place,
    rows_for,
    waiting_place,
    waiting_row,
)

_OF_REQUESTS = frozenset({PARTNER, INBOX, ASSIGNER, SME, ENGAGED, BUSY, LATE, RETURNED})
_OF_NOTICES = frozenset({PENDING, PARKED, WAITING})

# What the notice no longer tells: the reason of the first failure, the moment of parking.
_ONLY_THE_ROW_KNOWS = {PENDING: {"reason"}, PARKED: {"since"}}


def _kind(partition: str) -> str:
    return partition.partition(SEPARATOR)[0]


def is_of_requests(partition: str) -> bool:
    return _kind(partition) in _OF_REQUESTS


def is_known_list(partition: str) -> bool:
    """Return whether this version of the bot knows the list; one of a later version is none of its business."""
    return _kind(partition) in _OF_REQUESTS | _OF_NOTICES | {HEARD}


def number_at(place: ListRow) -> str | None:
    """Return what a row is about, by its key: a request, an admission or a person's agenda; None when it is nothing."""
    partition, row_key = place
    parts = row_key.split(SEPARATOR)
    part = parts[0] if _kind(partition) == WAITING else "".join(parts[1:2])
    with suppress(ValueError):
        about = decode(part)
        return about if is_admission(about) or person_in(about) else parse_number(about)
    return None


def list_row_change(place: ListRow, row: Row | None, request: SmeRequest | None, now: datetime) -> Change | None:
    """Return the change that puts a row of a request right, or None when it is right as it is.

    The request must have been read after the row: a row that claims a later revision is wrong then.
    """
    etag = row.etag if row else None
    if request and place in rows_for(request):
        values = list_row(place, request, removed=False)
        return None if row and row.values == values else Put(place[1], values, etag)
    if row is None:
        return None
    if request is None or is_spent(list_row(place, request, removed=True), now):
        return Delete(place[1], row.etag)
    if not _is_tombstone(row, request):
        return Put(place[1], list_row(place, request, removed=True), etag)
    return Delete(place[1], row.etag) if is_spent(row.values, now) else None


def _is_tombstone(row: Row, request: SmeRequest) -> bool:
    revision, removed_at = row.values.get("revision"), row.values.get("removed_at")
    if row.values.get("removed") is not True or not isinstance(revision, int):
        return False
    with suppress(ValueError, TypeError):
        return revision <= request.revision and datetime.fromisoformat(str(removed_at)) <= request.last.at
    return False


def noted_rows(notice: Notice) -> Iterator[tuple[ListRow, dict[str, Value]]]:
    """Yield the rows that must stand for a notice, with what they say."""
    if notice.state is NoticeState.PENDING and notice.attempts:
        yield pending_place(notice), noted_row(notice, notice.created_at)
    if notice.state is NoticeState.PARKED:
        yield parked_place(notice), noted_row(notice, notice.due_at - SENDING_TAKEN_OVER_AFTER)
    if notice.way is Way.MAIL and not notice.is_open and notice.topic in WAITING_TOPICS:
        yield waiting_place(notice.recipient, notice.number), waiting_row(notice.number)


def _rows_that_may_stand(notice: Notice) -> Iterator[ListRow]:
    """Yield the rows that are left alone: whoever is sending a notice writes its rows before its state."""
    if notice.state is NoticeState.SENDING:
        yield from (pending_place(notice), parked_place(notice))
    was_tried_in_vain = notice.state is NoticeState.PARKED or (notice.is_open and notice.attempts)
    if notice.topic in WAITING_TOPICS and was_tried_in_vain:
        yield waiting_place(notice.recipient, notice.number)


def noted_row_change(place: ListRow, row: Row | None, notices: Sequence[Notice]) -> Change | None:
    """Return the change that puts a row about the notices of one request right, or None when it is right as it is."""
    wanted = {where: values for notice in notices for where, values in noted_rows(notice)}.get(place)
    if wanted is not None:
        known = row.values if row else {}
        wanted |= {name: known[name] for name in _ONLY_THE_ROW_KNOWS.get(place[0], set()) & known.keys()}
        return None if row and known == wanted else Put(place[1], wanted, row.etag if row else None)
    if row is None or any(place in _rows_that_may_stand(notice) for notice in notices):
        return None
    return Delete(place[1], row.etag)


def heard_change(place: ListRow, row: Row | None, words: Row | None) -> Change | None:
    """Return the change that puts a line of what was heard right, or None; `words` is the row to which it leads."""
    heard = heard_in(words) if words else None
    if heard and heard_place(heard) == place:
        values = heard_row(heard)
        return None if row and row.values == values else Put(place[1], values, row.etag if row else None)
    return Delete(place[1], row.etag) if row else None
