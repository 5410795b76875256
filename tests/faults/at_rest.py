"""Nothing is left to do and the lists are as they should be (I8), and the logs name nobody (I9)."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from state import views
from state.engagement_rows import WRITTEN
from state.keys import stamp
from tests.faults.kept import Kept, decoded_parts

_LISTS = ("partner:", "inbox:", "assigner:", "sme:", "engaged:", "busy", "late", "returned")
_SHORTEST_TEXT = 8
_TEXTS = ("tenant_name", "justification", "notes", "contact_email", "exception_reason")


def faults(kept: Kept, now: datetime) -> Iterator[str]:
    for case in kept.cases:
        yield from (f"I8: the mark {mark} still stands" for mark in case.marks)
    for partition, key in kept.tables["work"]:
        if partition.startswith("due:") and key.partition(":")[0] <= stamp(now):
            yield f"I8: the work row {key} is overdue at {stamp(now)}"
    yield from (f"I8: {fault}" for fault in _lists(kept))
    yield from (f"I8: {fault}" for fault in _notes(kept))


def _lists(kept: Kept) -> Iterator[str]:
    wanted = {place: case.request for case in kept.cases for place in views.rows_for(case.request)}
    rows = kept.tables["views"]
    shown = {place: row for place, row in rows.items() if place[0].startswith(_LISTS) and not row.get("removed", False)}
    for place in sorted(wanted.keys() - shown.keys()):
        yield f"the list {place[0]} lacks {wanted[place].number}"
    for place in sorted(shown.keys() - wanted.keys()):
        yield f"the list {place[0]} still has {shown[place]['number']}"
    for place in sorted(shown.keys() & wanted.keys()):
        row, request = shown[place], wanted[place]
        # The list of who is busy says no status.
        status = row.get("status", request.status)
        if (row["number"], row["revision"], status) != (request.number, request.revision, request.status):
            yield f"the list {place[0]} shows {row['number']} at revision {row['revision']} as {status}"


def _notes(kept: Kept) -> Iterator[str]:
    """Compare what /health counts with the notices: those tried in vain, and those parked."""
    for partition, is_meant in ((views.PENDING, lambda n: n.is_open), (views.PARKED, lambda n: n.state == "parked")):
        noted = {tuple(decoded_parts(key)[1:4]) for where, key in kept.tables["views"] if where == partition}
        meant = {(n.number, n.recipient, n.topic.value) for n in kept.notices if is_meant(n)}
        yield from (f"{partition} notices lack {one}" for one in sorted(meant - noted))
        yield from (f"{partition} notices still have {one}" for one in sorted(noted - meant))


def _engagements(kept: Kept, number: str) -> Iterator[Mapping[str, Any]]:
    return (row for (_, key), row in kept.tables["requests"].items() if key.startswith(f"engagement:{number}."))


def log_faults(kept: Kept, logs: str) -> Iterator[str]:
    private = {person.name for person in kept.people.values()} | set(kept.people)
    for case in kept.cases:
        texts = {case.request.answers.get(key, "") for key in _TEXTS} | {event.why for event in case.events}
        texts |= {str(row.get(key, "")) for row in _engagements(kept, case.number) for key in WRITTEN}
        private |= {case.request.token} | {text for text in texts if len(text) >= _SHORTEST_TEXT}
    yield from (f"I9: the logs hold {text!r}" for text in sorted(private) if text and text in logs)
    if "Bearer " in logs or "eyJ" in logs:
        yield "I9: the logs hold a token"
