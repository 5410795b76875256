"""Rows as they stand after a person is erased: pure, and doing it again changes nothing."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.domain.access import AdmissionState
from bot.domain.fields import FIELDS
from bot.domain.kinds import Text
from bot.domain.lifecycle import Topic
from bot.domain.notices import NoticeState, Way
from bot.domain.people import ERASED_NAME
from bot.domain.promises import TIMES
from bot.domain.request import Event
from state import people_rows, records
from state.admissions import ADMISSION, TRIES
from state.conversations import joined, split
from state.engagement_rows import LEARNERS, OF_ALL_SMES, WRITTEN
from state.export_jobs import EXPORT
from state.keys import SEPARATOR
from state.reading import json_in
from state.table import Row, Value
from state.traces import Traces
from state.views import BUSY, ENGAGED, INBOX, PARKED, PENDING, SME

ERASED_TEXT = "(erased)"
IN_A_CASE = frozenset({"request", "event", "engagement"})
"""Rows that replaying compares with each other, and that therefore change together."""
TOLD = "notice"
ASKED_OR_SAID = frozenset({Topic.QUESTION, Topic.FEEDBACK})
"""Topics of notices that hold what their sender has written."""
NAME = "_name"

ENGAGEMENT = "engagement_"
"""Begins the columns of a line of history that are the engagement's."""
_REQUEST = "request_"
_ANSWERS = [f"answer_{each.key}" for each in FIELDS if isinstance(each.kind, Text) and each.kind.multiline]
OWN_TEXTS = frozenset(
    {*(f"{ENGAGEMENT}{name}" for name in WRITTEN if name != LEARNERS), *(f"{_REQUEST}{name}" for name in _ANSWERS)}
)
"""Columns of a line of history that hold what somebody wrote in their own words; who has learned is no words."""

# Details that are codes; what is neither one of them nor names somebody is taken for a text of whoever did it.
_CODES = frozenset({"reason", "fields", "changed", "sme", "on", "about", "note_status", "note_next_date"}) | TIMES

_OF_PEOPLE = frozenset({INBOX, SME, ENGAGED, BUSY})
"""Lists of requests by a person's address."""

Columns = dict[str, Value]


def row_after(table: str, row: Row, traces: Traces) -> Row | None:
    """Return a row, one of `IN_A_CASE` excepted, as it stands after the erasure; None when it goes."""
    if traces.is_of_their_agenda(row):
        return None
    match table:
        case "requests":
            return _of_requests(row, traces)
        case "views":
            return _of_views(row, traces)
        case "people":
            return _of_people(row, traces)
        case "conversations":
            return _of_conversations(row, traces)
    return replace(row, values=traces.cells(row.values))


def case_after(lines: Sequence[Row], others: Sequence[Row], traces: Traces) -> list[Row]:
    """Return the lines of a request and its other rows, changed alike: whose a text is, the lines say in order."""
    texts: dict[tuple[str, str], tuple[Value, bool]] = {}
    after = [replace(row, values=_line(row.values, texts, traces)) for row in lines]
    return after + [replace(row, values=_compared(row.values, texts, traces)) for row in others]


def _line(values: Mapping[str, Value], texts: dict[tuple[str, str], tuple[Value, bool]], traces: Traces) -> Columns:
    columns = traces.cells(values)
    engagement = str(values.get(f"{ENGAGEMENT}id", ""))
    for name in sorted(OWN_TEXTS & values.keys()):
        place = _place(engagement, name)
        if place not in texts or texts[place][0] != values[name]:
            texts[place] = (values[name], traces.is_(values["by"]))
        if texts[place][1] and values[name]:
            columns[name] = ERASED_TEXT
    return columns | records.event_row(_event(records.event_of(values), traces))


def _place(engagement: str, name: str) -> tuple[str, str]:
    """Return where a text stands: a proposal goes on from one engagement of its request to the next."""
    is_of_one = name.startswith(ENGAGEMENT) and name.removeprefix(ENGAGEMENT) not in OF_ALL_SMES
    return (engagement if is_of_one else "", name)


def _compared(
    values: Mapping[str, Value], texts: Mapping[tuple[str, str], tuple[Value, bool]], traces: Traces
) -> Columns:
    """Return the row of a request or engagement as its lines lead to it."""
    columns = traces.cells(values)
    engagement, prefix = ("", _REQUEST) if "last" in values else (str(values["id"]), ENGAGEMENT)
    for name, value in values.items():
        _, is_own = texts.get(_place(engagement, f"{prefix}{name}"), ("", False))
        if is_own and value:
            columns[name] = ERASED_TEXT
    if "last" in values:
        columns["last"] = records.event_text(_event(records.event_of(json.loads(str(values["last"]))), traces))
    return columns


def _event(event: Event, traces: Traces) -> Event:
    is_own = traces.is_(event.by)
    return replace(
        event,
        by=traces.text(event.by),
        by_name=ERASED_NAME if is_own else event.by_name,
        why=ERASED_TEXT if is_own and event.why else traces.text(event.why),
        details={name: _detail(name, event.details, traces, is_own=is_own) for name in event.details},
    )


def _detail(name: str, details: Mapping[str, str], traces: Traces, *, is_own: bool) -> str:
    """Return one detail; the name of somebody is whose the address beside it is, like `to` and `to_name`."""
    text = details[name]
    if name.endswith(NAME):
        return ERASED_NAME if traces.is_(details.get(name.removesuffix(NAME))) else text
    is_text = name not in _CODES and f"{name}{NAME}" not in details
    return ERASED_TEXT if is_own and is_text and text else traces.text(text)


def _of_requests(row: Row, traces: Traces) -> Row | None:
    kind = row.key.partition(SEPARATOR)[0]
    values = traces.cells(row.values)
    if kind == TOLD:
        values = _notice(row.values, traces)
    elif kind == ADMISSION:
        values = _admission(row.values, traces)
    elif _is_of_no_use(kind, row, traces):
        return None
    elif kind == "views-pending":
        places = json_in(row.values, "before")
        values["before"] = json.dumps([[traces.key(part) for part in place] for place in places])
    return replace(row, key=traces.key(row.key), values=values)


def _is_of_no_use(kind: str, row: Row, traces: Traces) -> bool:
    """Whether a row is kept for the person alone: codes that they tried, files that they asked for."""
    has_tried = kind == TRIES and not traces.object_parts.isdisjoint(row.key.split(SEPARATOR))
    return has_tried or (kind == EXPORT and traces.is_(row.values["email"]))


def _notice(values: Mapping[str, Value], traces: Traces) -> Columns:
    """Return a notice that tells nothing of the person; one that was to be told to them is told to nobody.

    Only that a decision waits is still to be delivered: as that cannot be done, the deputies are told.
    """
    columns = traces.cells(values)
    is_question = values["topic"] in ASKED_OR_SAID
    columns["sentence"] = (traces.text if is_question else traces.sentence)(str(values["sentence"]))
    if is_question and traces.is_(values["sender"]):
        columns["sentence"] = ERASED_TEXT
    told = [[topic, to] for topic, to in json.loads(str(values.get("told", "[]"))) if not traces.is_(to)]
    columns["told"] = json.dumps(told, separators=(",", ":"))
    if traces.is_(values["recipient"]):
        columns |= {"service_url": "", "conversation_id": "", "activity_id": "", "way": Way.NONE.value}
        if values["state"] in {NoticeState.PENDING, NoticeState.SENDING} and values["topic"] != Topic.DECISION:
            columns |= {"state": NoticeState.DELIVERED.value, "reason": "erased"}
    return columns


def _admission(values: Mapping[str, Value], traces: Traces) -> Columns:
    columns = traces.cells(values)
    if traces.is_(values["email"]):
        columns |= dict.fromkeys(("teams_name", "contact_email", "phone", "object_id", "code_hash", "expires_at"), "")
        columns |= {"name": ERASED_NAME if values["name"] else "", "note": ERASED_TEXT if values["note"] else ""}
        if values["state"] in {AdmissionState.ASKED, AdmissionState.INVITED}:
            columns["state"] = AdmissionState.REVOKED.value
    elif traces.is_(values["changed_by"]) and values["note"]:
        columns["note"] = ERASED_TEXT
    return columns


def _of_views(row: Row, traces: Traces) -> Row | None:
    kind = row.partition.partition(SEPARATOR)[0]
    after = replace(
        row, partition=traces.key(row.partition), key=traces.key(row.key), values=traces.cells(row.values)
    )  # fmt: skip
    if (after.partition, after.key) == (row.partition, row.key):
        return after
    if kind in _OF_PEOPLE and row.values["removed"]:
        return None
    is_to_be_told = row.key.rpartition(SEPARATOR)[2] == Topic.DECISION
    return after if kind in _OF_PEOPLE | {PARKED} or (kind == PENDING and is_to_be_told) else None


def _of_people(row: Row, traces: Traces) -> Row | None:
    """Return None for what is left of the person in the directory; a partner names nobody who is erased."""
    is_theirs = traces.is_their_key(row.key) or traces.is_(row.values.get("email"))
    return None if is_theirs and row.partition != people_rows.PARTNERS else row


def _of_conversations(row: Row, traces: Traces) -> Row | None:
    if row.partition in traces.chat_partitions:
        return None
    rest = {name: value for name, value in row.values.items() if not name.startswith("json")}
    return replace(row, values={**rest, **split(traces.text(joined(row.values)))})
