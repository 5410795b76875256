"""Everything that is kept about a person, in words that they can read."""

import json
import os
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.domain.lifecycle import Action, Topic
from bot.domain.request import PROACTIVE
from state.admissions import ADMISSION
from state.agendas import AGENDA, MEANWHILE
from state.conversations import kept_in
from state.engagement_rows import WRITES
from state.erased_rows import ENGAGEMENT, TOLD
from state.export_jobs import EXPORTS
from state.heard_rows import FEEDBACK
from state.keys import SEPARATOR
from state.people import PeopleStore
from state.people_rows import LEAVES, PARTNERS, cells_of
from state.personal_data import Known, NotErased, all_rows, look_for
from state.personal_mail import mails_about
from state.reading import json_in
from state.records import time_text
from state.reviews import REVIEW
from state.table import Row, Store, Value
from state.traces import Traces

_NOT_THEIRS = frozenset({"schema", "code_hash", "last"})
_LISTS = (
    "leaves", "meanwhile", "admissions", "requests", "history", "engagements", "learning", "notices", "questions",
    "feedback", "chats", "exports", "reviews",
)  # fmt: skip
_THEIRS = {TOLD: ("recipient", "notices"), ADMISSION: ("email", "admissions"), REVIEW: ("by", "reviews")}
"""Rows that are told whole to whoever is named in a column, and in which list."""
_NOT_THE_SMES = frozenset({"rating_comment", "proposal_outcomes"})
"""What others wrote about an engagement, and not for the SME to read or nothing of theirs."""
_NOT_OF_THE_NAMED = frozenset({"passed_over"})
"""Details that whoever else the line names is not to read: why others were passed over is not for the SME."""
_COVERS = ("away", "covering")
_OF_AN_EXPORT = ("asked_at", "words", "is_done")
_STANDING = ("number", "customer", "status", "submitted_at")
_ANSWER = "answer_"


async def personal_data(store: Store, email: str, mail: Path | None, at: datetime) -> dict[str, Any]:
    """Return what is kept about whoever has this address. Raises NotErased when that is nothing."""
    known = await look_for(store, email)
    if known.person is None and not known.mentions:
        raise NotErased(f"Nothing is kept about {email}.")
    traces = known.own_traces()
    found: dict[str, list[Any]] = defaultdict(list)
    async for table, row in all_rows(store):
        if traces.may_stand_in(row):
            _sort_in(found, table, row, traces)
    return {
        "person": email,
        "further_addresses": sorted(known.contacts),
        "exported_at": time_text(at),
        "directory": cells_of(known.person) if known.person else None,
        "conversation_reference": _reference(known),
        "has_removed_app": await PeopleStore(store).has_removed_app(email),
        "fpm_or_backup_of": list(known.partners),
        "agenda": next(iter(found["agenda"]), None),
        **{name: found[name] for name in _LISTS},
        "mail_files": [file.name for file in mails_about(mail, traces)] if mail else [],
        "also_named_in": found["also_named_in"],
    }


def write_new(file: Path, data: Mapping[str, Any]) -> None:
    """Write a file that only its owner may read. Raises NotErased when there is such a file."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise NotErased(f"{file} exists already: please name another file.") from error
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        json.dump(data, out, ensure_ascii=False, indent=2)
        out.write("\n")


def _reference(known: Known) -> dict[str, str] | None:
    address = known.address
    if address is None:
        return None
    return {
        "service_url": address.service_url,
        "conversation_id": address.conversation_id,
        "user_id": address.member_id,
    }


def _sort_in(found: dict[str, list[Any]], table: str, row: Row, traces: Traces) -> None:
    part = _of_requests(row, traces) if table == "requests" else None
    if part:
        name, told = part
        found[name].append(told)
    elif row.partition == EXPORTS and traces.is_(row.values["email"]):
        found["exports"].append({name: row.values[name] for name in _OF_AN_EXPORT})
    elif table == "conversations" and row.partition in traces.chat_partitions:
        found["chats"].append(kept_in(row.values)[1])
    elif table == "people" and row.partition == LEAVES and traces.is_(row.values["email"]):
        found["leaves"].append({name: row.values[name] for name in ("first", "last")})
    elif table == "people" and _is_directory(row, traces):
        pass  # The rows behind `directory` and `conversation_reference`.
    elif traces.stand_in(row):
        found["also_named_in"].append(f"{table}: {row.partition} {row.key}")


def _is_directory(row: Row, traces: Traces) -> bool:
    return row.partition != PARTNERS and (traces.is_their_key(row.key) or traces.is_(row.values.get("email")))


def _of_requests(row: Row, traces: Traces) -> tuple[str, dict[str, Any]] | None:
    """Return in which list a row of the requests is told, and what it tells; None when it is not the person's own."""
    values = row.values
    match row.key.partition(SEPARATOR)[0]:
        case "request" if part := _request(values, traces):
            return "requests", part
        case "event" if part := _line(row, traces):
            return "history", part
        case "engagement" if traces.is_(values["sme"]):
            return "engagements", {k: v for k, v in _readable(values).items() if k not in _NOT_THE_SMES}
        case "learned" if part := _learned(values, traces):
            return "learning", part
        case kind if kind in _THEIRS and traces.is_(values[_THEIRS[kind][0]]):
            return _THEIRS[kind][1], _readable(values)
        case kind if kind == TOLD and traces.is_(values["sender"]) and values["topic"] == Topic.QUESTION:
            told = {"at": values["created_at"], "to": values["recipient"], "question": values["sentence"]}
            return "questions", told
        case kind if kind in _BY_ADDRESS and traces.is_(values["email"]):
            name, tell = _BY_ADDRESS[kind]
            return name, tell(values)
        case kind if kind == MEANWHILE and traces.is_of_their_agenda(row):
            return "meanwhile", _readable(values)
    return None


def _request(values: Mapping[str, Value], traces: Traces) -> dict[str, Any]:
    """Return the person's part in a request: all of it when it is theirs, else what they are to it."""
    named = {"requester": "requester", "fpm": "fpm", "sme": "sme", "contact": "answer_contact_email"}
    named["proposer"] = "proposed_by"
    parts = [part for part, column in named.items() if traces.is_(values.get(column))]
    if not parts:
        return {}
    told: dict[str, Any] = {"as": parts, **{name: values[name] for name in ("partner",)}}
    # Help that was proposed is for no customer.
    known = {**values, "customer": values.get(f"{_ANSWER}tenant_name", PROACTIVE)}
    told |= {name: known[name] for name in _STANDING}
    if "requester" in parts:
        told["account"] = {"tenant_id": values["requester_tenant"], "object_id": values["requester_object"]}
        answers = {name.removeprefix(_ANSWER): value for name, value in values.items() if name.startswith(_ANSWER)}
        told["answers"] = answers
    return told


def _line(row: Row, traces: Traces) -> dict[str, Any]:
    """Return a line of history that is by the person or names them; why it was done belongs to whoever did it."""
    values, details = row.values, json_in(row.values, "details")
    number = row.key.split(SEPARATOR)[1]
    line = {"request": number, "at": values["at"], "action": values["action"], "details": details}
    if traces.is_(values["by"]):
        own = {"by": values["by"], "by_name": values["by_name"], "why": values["why"]}
        return line | own | {"wrote": _wrote(values)}
    told = {name: text for name, text in details.items() if name not in _NOT_OF_THE_NAMED}
    return line | {"details": told} if any(traces.is_(text) for text in details.values()) else {}


def _wrote(values: Mapping[str, Value]) -> dict[str, Value]:
    """Return what a line has written into the engagement."""
    begins = WRITES.get(Action(str(values["action"])))
    found = {name.removeprefix(ENGAGEMENT): value for name, value in values.items() if name.startswith(ENGAGEMENT)}
    return {name: value for name, value in found.items() if begins and name.startswith(begins)}


def _learned(values: Mapping[str, Value], traces: Traces) -> dict[str, Any]:
    """Return a line of a partner's learning that names the person, as what it does."""
    learners = str(values["learners"]).split("\n")
    parts = {"sme": traces.is_(values["sme"]), "learner": any(traces.is_learner(each) for each in learners)}
    told = {name: values[name] for name in ("number", "customer", "workload", "topic", "ended_at")}
    named = [part for part, is_named in parts.items() if is_named]
    return {"as": named, **told} if named else {}


def _agenda(values: Mapping[str, Value]) -> dict[str, Any]:
    """Return when the person was told of what waits, whether they want briefs, and the covers they were told of."""
    return {**_readable(values), **{name: json_in(values, name) for name in _COVERS}}


def _readable(values: Mapping[str, Value]) -> dict[str, Value]:
    return {name: value for name, value in values.items() if name not in _NOT_THEIRS}


_BY_ADDRESS: Mapping[str, tuple[str, Callable[[Mapping[str, Value]], dict[str, Any]]]] = {
    ADMISSION: ("admissions", _readable),
    AGENDA: ("agenda", _agenda),
    FEEDBACK: ("feedback", _readable),
}
"""Rows that say by an address whose they are: in which list each kind is told, and how."""
