"""Engagements as rows and back, one column for each thing that somebody wrote."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from bot.domain.engagement import Engagement, Kickoff, Mode, Note, NoteStatus, Proposal, Rating, Result
from bot.domain.lifecycle import Action, EngagementStatus, Relation
from state.reading import reads_a_row
from state.records import SCHEMA, codes, known_time, time_of, time_text
from state.table import Value

WRITTEN = (
    "end_reason",
    "kickoff_expectations",
    "kickoff_outcomes",
    "kickoff_exit_criteria",
    "kickoff_learners",
    "note_summary",
    "note_next_step",
    "note_concerns",
    "result_summary",
    "result_waive_reason",
    "result_feedback",
    "rating_comment",
    "proposal_outcomes",
)
"""The columns that hold what somebody wrote in their own words."""
LEARNERS = "kickoff_learners"
OF_ALL_SMES = frozenset({"proposal_outcomes"})
"""Those of them that every engagement of a request has from the one before."""
WRITES: Mapping[Action, str] = {
    Action.KICKOFF: "kickoff_",
    Action.AGREE: LEARNERS,
    Action.NOTE: "note_",
    Action.COMPLETE: "result_",
    Action.RATE: "rating_",
    Action.PROPOSE: "proposal_",
    Action.DECLINE: "end_reason",
    Action.RELEASE: "end_reason",
    Action.CLOSE: "end_reason",
}
"""How the columns begin that an action writes; all others it takes over as they stand."""


def engagement_row(engagement: Engagement) -> dict[str, Value]:
    """Return the columns of an engagement; what has not happened yet has none."""
    row: dict[str, Value] = {
        "schema": SCHEMA,
        "id": engagement.id,
        "request": engagement.request,
        "sme": engagement.sme,
        "status": engagement.status.value,
        "offered_at": time_text(engagement.offered_at),
        "accepted_at": time_text(engagement.accepted_at),
        "ended_at": time_text(engagement.ended_at),
        "end_reason": engagement.end_reason,
        "contacted_at": time_text(engagement.contacted_at),
        "reply_due": time_text(engagement.reply_due),
        "contact_due": time_text(engagement.contact_due),
        "agreed": ",".join(engagement.agreed),
        "end_announced": engagement.end_announced,
        "agreed_end": _day_text(engagement.agreed_end),
    }
    parts = (
        _kickoff_row(engagement.kickoff),
        _note_row(engagement.note),
        _result_row(engagement.result),
        _rating_row(engagement.rating),
        _proposal_row(engagement.proposal),
    )
    for part in parts:
        row |= part
    return row


@reads_a_row
def engagement_of(row: Mapping[str, Any]) -> Engagement:
    """Return an engagement; rows of the versions before kick-offs have none of their columns."""
    return Engagement(
        id=row["id"],
        request=row["request"],
        sme=row["sme"],
        status=EngagementStatus(row["status"]),
        offered_at=known_time(row["offered_at"]),
        accepted_at=time_of(row["accepted_at"]),
        ended_at=time_of(row["ended_at"]),
        end_reason=row["end_reason"],
        contacted_at=time_of(row.get("contacted_at")),
        reply_due=time_of(row.get("reply_due")),
        contact_due=time_of(row.get("contact_due")),
        kickoff=_kickoff_of(row),
        agreed=tuple(Relation(party) for party in codes(row.get("agreed", ""))),
        note=_note_of(row),
        result=_result_of(row),
        rating=_rating_of(row),
        proposal=_proposal_of(row),
        end_announced=row.get("end_announced", False),
        agreed_end=_day_of(row.get("agreed_end")),
    )


def _day_text(day: date | None) -> str:
    return day.isoformat() if day else ""


def _day_of(text: object) -> date | None:
    return date.fromisoformat(str(text)) if text else None


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line for line in text.split("\n") if line)


def _kickoff_row(kickoff: Kickoff | None) -> dict[str, Value]:
    if kickoff is None:
        return {}
    return {
        "kickoff_mode": kickoff.mode.value,
        "kickoff_expectations": kickoff.expectations,
        "kickoff_outcomes": kickoff.outcomes,
        "kickoff_exit_criteria": "\n".join(kickoff.exit_criteria),
        "kickoff_start": _day_text(kickoff.start),
        "kickoff_end": _day_text(kickoff.end),
        "kickoff_learners": "\n".join(kickoff.learners),
    }


def _kickoff_of(row: Mapping[str, Any]) -> Kickoff | None:
    if "kickoff_mode" not in row:
        return None
    return Kickoff(
        mode=Mode(row["kickoff_mode"]),
        expectations=row["kickoff_expectations"],
        outcomes=row["kickoff_outcomes"],
        exit_criteria=_lines(row["kickoff_exit_criteria"]),
        start=date.fromisoformat(row["kickoff_start"]),
        end=date.fromisoformat(row["kickoff_end"]),
        learners=_lines(row["kickoff_learners"]),
    )


def _note_row(note: Note | None) -> dict[str, Value]:
    if note is None:
        return {}
    return {
        "note_status": note.status.value,
        "note_summary": note.summary,
        "note_next_step": note.next_step,
        "note_next_date": _day_text(note.next_date),
        "note_concerns": note.concerns,
    }


def _note_of(row: Mapping[str, Any]) -> Note | None:
    if "note_status" not in row:
        return None
    status, next_date = NoteStatus(row["note_status"]), _day_of(row["note_next_date"])
    return Note(status, row["note_summary"], row["note_next_step"], next_date, row["note_concerns"])


def _result_row(result: Result | None) -> dict[str, Value]:
    if result is None:
        return {}
    return {
        "result_summary": result.summary,
        "result_met": ",".join(str(place) for place in result.met),
        "result_waive_reason": result.waive_reason,
        "result_feedback": result.feedback,
    }


def _result_of(row: Mapping[str, Any]) -> Result | None:
    if "result_summary" not in row:
        return None
    met = tuple(int(place) for place in codes(row["result_met"]))
    return Result(row["result_summary"], met, row["result_waive_reason"], row["result_feedback"])


def _rating_row(rating: Rating | None) -> dict[str, Value]:
    return {"rating_stars": rating.stars, "rating_comment": rating.comment} if rating else {}


def _rating_of(row: Mapping[str, Any]) -> Rating | None:
    return Rating(row["rating_stars"], row["rating_comment"]) if "rating_stars" in row else None


def _proposal_row(proposal: Proposal | None) -> dict[str, Value]:
    if proposal is None:
        return {}
    days = {"proposal_start": _day_text(proposal.start), "proposal_end": _day_text(proposal.end)}
    return {**days, "proposal_outcomes": proposal.outcomes}


def _proposal_of(row: Mapping[str, Any]) -> Proposal | None:
    if "proposal_start" not in row:
        return None
    start, end = date.fromisoformat(row["proposal_start"]), date.fromisoformat(row["proposal_end"])
    return Proposal(start, end, row["proposal_outcomes"])
