"""The columns of an export: one line for each request, from the request and its digest; pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.domain.digest import Digest
from bot.domain.feedback import Feedback
from bot.domain.fields import FIELDS
from bot.domain.promise_record import RECEIPT
from bot.domain.promises import PromiseId
from bot.domain.request import SmeRequest

Cell = str | int | datetime
"""A text ('' where there is nothing), a whole number, or a time in UTC."""
Line = Sequence[Cell]
PROMISED = (RECEIPT, *PromiseId)
LIST_SEPARATOR = ";"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name in the file, what it says, and how it is made."""

    name: str
    meaning: str
    cell: Callable[[SmeRequest, Digest], Cell]
    width: int = 12


def time_cell(at: datetime | None) -> Cell:
    """Return a time in UTC to the second, '' for none."""
    return at.astimezone(UTC).replace(microsecond=0) if at else ""


def _answer(key: str) -> Callable[[SmeRequest, Digest], Cell]:
    return lambda request, _digest: request.answers.get(key, "")


def _seats(request: SmeRequest, _digest: Digest) -> Cell:
    seats = request.answers.get("seat_count", "")
    return int(seats) if seats else ""


def _yes(*, is_so: bool) -> Cell:
    return "yes" if is_so else "no"


def _list(values: Sequence[object]) -> Cell:
    return LIST_SEPARATOR.join(map(str, values))


def _answers() -> list[Column]:
    made = {"seat_count": _seats}
    return [
        Column(f.key, f"{f.id}: {f.label}", made.get(f.key, _answer(f.key)), 30 if f.page == "reason" else 20)
        for f in FIELDS
    ]


def _counted(name: str, promise: str) -> Callable[[SmeRequest, Digest], Cell]:
    return lambda _request, digest: (digest.kept if name == "kept" else digest.broken).get(promise, 0)


def _promises() -> list[Column]:
    return [
        Column(f"{name}_{promise}", f"how often promise {promise} was {name}", _counted(name, promise))
        for name in ("kept", "broken")
        for promise in PROMISED
    ]


# fmt: off
COLUMNS: tuple[Column, ...] = (
    Column("number", "the request number", lambda r, _d: r.number, 22),
    Column("partner", "the partner's code", lambda r, _d: r.partner),
    Column("status", "where it stands", lambda r, _d: r.status.value),
    Column("submitted_at", "when it was first submitted", lambda r, _d: time_cell(r.submitted_at), 20),
    *_answers(),
    Column("requester", "who submitted it", lambda r, _d: r.requester, 30),
    Column("fpm_now", "the FPM who decides now; `fpm` is the one asked for", lambda r, _d: r.fpm, 30),
    Column("sme", "the SME who is assigned", lambda r, _d: r.sme, 30),
    Column("outcome", "`approved` or `denied`, as it was decided last", lambda _r, d: d.outcome),
    Column("decided_at", "when that was", lambda _r, d: time_cell(d.decided_at), 20),
    Column("deny_reason", "the code of the reason for denial", lambda _r, d: d.deny_reason),
    Column("returns", "how often it was returned", lambda _r, d: d.returns),
    Column("asked_for", "the fields to fix of all returns", lambda _r, d: _list(d.asked_for)),
    Column("is_repeat", "the same topic for another customer within 12 months", lambda _r, d: _yes(is_so=d.is_repeat)),
    Column("is_duplicate", "the same customer and workload still open", lambda _r, d: _yes(is_so=d.is_duplicate)),
    Column("is_proactive", "help that Microsoft has proposed", lambda _r, d: _yes(is_so=d.is_proactive)),
    Column("flags", "what the routing table flagged", lambda r, _d: _list(r.verdict.flags), 20),
    *_promises(),
    Column("assigned_at", "when the present SME was assigned", lambda _r, d: time_cell(d.assigned_at), 20),
    Column("accepted_at", "when an SME last accepted", lambda _r, d: time_cell(d.accepted_at), 20),
    Column("contacted_at", "when contact was last made", lambda _r, d: time_cell(d.contacted_at), 20),
    Column("completed_at", "when the engagement was completed", lambda _r, d: time_cell(d.completed_at), 20),
    Column("ended_at", "when it was denied, withdrawn or closed", lambda _r, d: time_cell(d.ended_at), 20),
    Column("declines", "how often an SME declined", lambda _r, d: d.declines),
    Column("issues", "how many issues were raised", lambda _r, d: d.issues),
    Column("ratings", "all ratings of the partner, 1 to 5", lambda _r, d: _list(d.stars)),
    Column("learners", "how many people of the partner learned", lambda _r, d: d.learners),
    Column("revision", "how many actions there were", lambda r, _d: r.revision),
)
# fmt: on


def line_of(request: SmeRequest, digest: Digest) -> Line:
    """Return the cells of a request, in the order of `COLUMNS`."""
    return [column.cell(request, digest) for column in COLUMNS]


@dataclass(frozen=True, slots=True)
class FeedbackColumn:
    """One column of what was said of the service."""

    name: str
    meaning: str
    cell: Callable[[Feedback], Cell]
    width: int = 12


FEEDBACK_COLUMNS = (
    FeedbackColumn("at", "when it was said", lambda said: time_cell(said.at), 20),
    FeedbackColumn("kind", "`feedback` that was typed, an `issue` or a low `rating`", lambda said: said.kind.value),
    FeedbackColumn("number", "the request that it is about", lambda said: said.number, 18),
    FeedbackColumn("partner", "the partner's code", lambda said: said.partner),
    FeedbackColumn("by", "who said it", lambda said: said.by, 32),
    FeedbackColumn("stars", "of a rating", lambda said: said.stars or ""),
    FeedbackColumn("text", "the words", lambda said: said.text, 80),
)


def feedback_line(said: Feedback) -> Line:
    """Return the cells of something that was said, one for each of the columns."""
    return [column.cell(said) for column in FEEDBACK_COLUMNS]
