"""Duplicates and repeats among a partner's earlier requests (process.md section 4; R:73, R:239, R:261)."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from bot.domain.lifecycle import OPEN
from bot.domain.request import Earlier, SmeRequest

REPEAT_WINDOW = timedelta(days=365)
EXEMPT_TOPIC = "migration"
MOST_SHOWN = 5


def earlier_among(found: Iterable[SmeRequest], answers: Mapping[str, str], at: datetime) -> tuple[Earlier, ...]:
    """Return which of a partner's requests are duplicates or repeats of these answers, newest first, five at most.

    Same customer tenant and workload, still open: a duplicate. Same workload and topic for another customer within
    twelve months: a repeat, but never for migrations.
    """
    seen: dict[str, Earlier] = {}
    for request in found:
        theirs = request.answers
        if theirs["workload"] != answers["workload"] or request.is_proactive:
            continue
        same_customer = theirs["tenant_id"] == answers["tenant_id"]
        is_duplicate = same_customer and request.status in OPEN
        is_repeat = (
            not same_customer
            and theirs["topic"] == answers["topic"] != EXEMPT_TOPIC
            and request.submitted_at > at - REPEAT_WINDOW
        )
        if is_duplicate or is_repeat:
            seen[request.number] = Earlier(
                request.number, request.customer, request.status, request.submitted_at, is_duplicate
            )
    newest_first = sorted(seen.values(), key=lambda e: (not e.is_duplicate, -e.submitted_at.timestamp()))
    return tuple(newest_first[:MOST_SHOWN])
