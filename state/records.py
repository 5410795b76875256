"""Domain values as rows and back, each row with a schema number; the only reader of old shapes."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from bot.domain.fields import BY_KEY
from bot.domain.lifecycle import Action, EngagementStatus, Relation, Status, Topic
from bot.domain.notices import Notice, NoticeState, Way
from bot.domain.request import Earlier, Event, SmeRequest
from bot.domain.routing import Flag, Outcome, Verdict
from state.reading import reads_a_row
from state.table import Value

SCHEMA = 1
_ANSWER = "answer_"


def time_text(at: datetime | None) -> str:
    """Return a time as ISO text in UTC, an absent one as ''."""
    if at is None:
        return ""
    return _utc_text(at) if at.tzinfo is UTC else at.astimezone(UTC).isoformat()


@lru_cache(maxsize=1_000)
def _utc_text(at: datetime) -> str:
    """Return a time of UTC itself as text: the rows of one request name the same few times again and again."""
    return at.isoformat()


def time_of(text: object) -> datetime | None:
    """Return a time from its text, None where '' or nothing is stored."""
    return datetime.fromisoformat(str(text)) if text else None


def known_time(text: object) -> datetime:
    """Return a time from its text, which is always there."""
    return datetime.fromisoformat(str(text))


_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def event_row(event: Event) -> dict[str, Value]:
    return {
        "schema": SCHEMA,
        "number": event.number,
        "action": event.action.value,
        "by": event.by,
        "by_name": event.by_name,
        "at": time_text(event.at),
        "why": event.why,
        "details": _json(dict(event.details)),
    }


def event_text(event: Event) -> str:
    """Return an event as JSON, as the request keeps its last one."""
    return _json(event_row(event))


@reads_a_row
def event_of(row: Mapping[str, Any]) -> Event:
    return Event(
        number=row["number"],
        action=Action(row["action"]),
        by=row["by"],
        by_name=row["by_name"],
        at=known_time(row["at"]),
        why=row["why"],
        details=json.loads(row["details"]),
    )


def _earlier_text(earlier: tuple[Earlier, ...]) -> str:
    return _json(
        [[e.number, e.customer, e.status.value, time_text(e.submitted_at), e.is_duplicate] for e in earlier]
    )  # fmt: skip


def _earlier_of(text: str) -> tuple[Earlier, ...]:
    return tuple(Earlier(n, c, Status(s), known_time(at), d) for n, c, s, at, d in json.loads(text))


def request_row(request: SmeRequest) -> dict[str, Value]:
    """Return the columns of a request; `last` is a copy of its last event."""
    return moving_columns(request) | {"last": event_text(request.last)} | asked_columns(request)


def moving_columns(request: SmeRequest) -> dict[str, Value]:
    """Return the columns that most actions change some of."""
    return {
        "schema": SCHEMA,
        "number": request.number,
        "token": request.token,
        "partner": request.partner,
        "requester": request.requester,
        "requester_tenant": request.requester_tenant,
        "requester_object": request.requester_object,
        "form_version": request.form_version,
        "status": request.status.value,
        "revision": request.revision,
        "fpm": request.fpm,
        "sme": request.sme,
        "submitted_at": time_text(request.submitted_at),
        "triage_from": time_text(request.triage_from),
        "decide_from": time_text(request.decide_from),
        "triaged_at": time_text(request.triaged_at),
        "assigned_at": time_text(request.assigned_at),
        "returned_at": time_text(request.returned_at),
        "paused_seconds": request.paused.total_seconds(),
        "backup_asked": request.backup_asked,
        "returned_fields": ",".join(request.returned_fields),
        "changed_fields": ",".join(request.changed_fields),
        "engagements": request.engagements,
        "open_issues": request.open_issues,
        "issues_by": ",".join(request.issues_by),
        "triage_due": time_text(request.triage_due),
        "slipped": ",".join(request.slipped),
        "last_deed": request.last_deed,
        "stage": request.stage.value if request.stage else "",
        "to_agree": ",".join(request.to_agree),
        "proposed_by": request.proposed_by,
    }


def asked_columns(request: SmeRequest) -> dict[str, Value]:
    """Return the columns of what was asked for, which stand as they are until the request is sent again."""
    verdict = request.verdict
    row: dict[str, Value] = {
        "earlier": _earlier_text(request.earlier),
        "verdict": verdict.outcome.value,
        "verdict_flags": ",".join(verdict.flags),
        "verdict_rule": verdict.rule,
        "verdict_version": verdict.version,
        "verdict_reason": verdict.reason,
        "verdict_guidance": verdict.guidance,
    }
    return row | {f"{_ANSWER}{key}": request.answers[key] for key in BY_KEY if key in request.answers}


def codes(text: str) -> tuple[str, ...]:
    """Return what stands in a text with commas between."""
    return tuple(code for code in text.split(",") if code)


def _verdict_of(row: Mapping[str, Any]) -> Verdict:
    return Verdict(
        outcome=Outcome(row["verdict"]),
        flags=tuple(Flag(f) for f in codes(row["verdict_flags"])),
        rule=row["verdict_rule"],
        version=row["verdict_version"],
        reason=row["verdict_reason"],
        guidance=row["verdict_guidance"],
    )


@reads_a_row
def request_of(row: Mapping[str, Any]) -> SmeRequest:
    return SmeRequest(
        number=row["number"],
        token=row["token"],
        partner=row["partner"],
        requester=row["requester"],
        requester_tenant=row["requester_tenant"],
        requester_object=row["requester_object"],
        answers={k.removeprefix(_ANSWER): str(v) for k, v in row.items() if k.startswith(_ANSWER)},
        verdict=_verdict_of(row),
        form_version=row["form_version"],
        status=Status(row["status"]),
        revision=row["revision"],
        fpm=row["fpm"],
        sme=row["sme"],
        submitted_at=known_time(row["submitted_at"]),
        triage_from=known_time(row["triage_from"]),
        decide_from=known_time(row["decide_from"]),
        triaged_at=time_of(row["triaged_at"]),
        assigned_at=time_of(row["assigned_at"]),
        returned_at=time_of(row["returned_at"]),
        paused=timedelta(seconds=row["paused_seconds"]),
        backup_asked=row["backup_asked"],
        returned_fields=codes(row["returned_fields"]),
        changed_fields=codes(row["changed_fields"]),
        engagements=row["engagements"],
        open_issues=row["open_issues"],
        issues_by=codes(row["issues_by"]),
        earlier=_earlier_of(row["earlier"]),
        # Rows of the versions before clocks have none of these.
        triage_due=time_of(row.get("triage_due")),
        slipped=codes(row.get("slipped", "")),
        last_deed=row.get("last_deed", row["revision"]),
        # Nor do those of the versions before kick-offs.
        stage=EngagementStatus(row["stage"]) if row.get("stage") else None,
        to_agree=tuple(Relation(party) for party in codes(row.get("to_agree", ""))),
        proposed_by=row.get("proposed_by", ""),
        last=event_of(json.loads(row["last"])),
    )


def notice_row(notice: Notice) -> dict[str, Value]:
    return {
        "schema": SCHEMA,
        "number": notice.number,
        "revision": notice.revision,
        "topic": notice.topic.value,
        "recipient": notice.recipient,
        "sentence": notice.sentence,
        "sender": notice.sender,
        "created_at": time_text(notice.created_at),
        "due_at": time_text(notice.due_at),
        "state": notice.state.value,
        "way": notice.way.value,
        "attempts": notice.attempts,
        "ambiguous": notice.ambiguous,
        "reason": notice.reason,
        "service_url": notice.service_url,
        "conversation_id": notice.conversation_id,
        "activity_id": notice.activity_id,
        "shown": notice.shown,
        "told": _json([[topic.value, recipient] for topic, recipient in notice.told]),
        "listed": ",".join(notice.listed),
        "told_at": time_text(notice.told_at),
        "trace": notice.trace,
    }


@reads_a_row
def notice_of(row: Mapping[str, Any], etag: str) -> Notice:
    return Notice(
        number=row["number"],
        revision=row["revision"],
        topic=Topic(row["topic"]),
        recipient=row["recipient"],
        sentence=row["sentence"],
        sender=row["sender"],
        created_at=known_time(row["created_at"]),
        due_at=known_time(row["due_at"]),
        state=NoticeState(row["state"]),
        way=Way(row["way"]),
        attempts=row["attempts"],
        ambiguous=row["ambiguous"],
        reason=row["reason"],
        service_url=row["service_url"],
        conversation_id=row["conversation_id"],
        activity_id=row["activity_id"],
        shown=row["shown"],
        told=tuple((Topic(topic), recipient) for topic, recipient in json.loads(row.get("told", "[]"))),
        listed=codes(row.get("listed", "")),
        etag=etag,
        told_at=time_of(row.get("told_at")),
        trace=row.get("trace", ""),
    )
