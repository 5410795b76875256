"""What a person is known by in the store - addresses, names, account, chats - and where all of that stands."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field

from bot.domain.lifecycle import Action, Status
from bot.domain.people import ERASED_NAME, Address, Person
from state import keys
from state.admissions import ADMISSION
from state.engagement_rows import WRITES
from state.erased_rows import ASKED_OR_SAID, ENGAGEMENT, NAME, OWN_TEXTS, TOLD
from state.people import PeopleStore
from state.reading import json_in
from state.table import TABLES, Row, Store, Value
from state.traces import Traces, address_pattern

ERASURES = "erasures"
"""The partition of the table `settings` with the lines about erasures; they are nobody's personal data."""

_LEAST_TEXT = 12  # a shorter text could be anybody's


class NotErased(Exception):  # noqa: N818 - named for what has become of the request
    """A sentence for whoever asked: nothing is kept of the person, or something has to be done first."""


@dataclass
class Known:
    """What a person is known by, and what holds them: open requests that they decide on or work for."""

    email: str
    person: Person | None = None
    address: Address | None = None
    partners: tuple[str, ...] = ()
    contacts: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    objects: set[str] = field(default_factory=set)
    chats: set[str] = field(default_factory=set)
    texts: set[str] = field(default_factory=set)
    to_decide: list[str] = field(default_factory=list)
    to_release: list[str] = field(default_factory=list)
    mentions: int = 0
    rows: int = 0

    def traces(self, addresses: Mapping[str, str]) -> Traces:
        return Traces(addresses, frozenset(self.names), frozenset(self.objects), frozenset(self.chats))

    def own_traces(self) -> Traces:
        """Return the traces that find the person and change nothing of what is found."""
        return self.traces({address: address for address in (self.email, *sorted(self.contacts))})


async def all_rows(store: Store) -> AsyncIterator[tuple[str, Row]]:
    """Yield every row with the name of its table, but for the lines about erasures."""
    for name in TABLES:
        table = store.table(name)
        async for partition in table.partitions():
            if (name, partition) != ("settings", ERASURES):
                async for row in table.scan(partition):
                    yield name, row


async def look_for(store: Store, email: str) -> Known:
    """Read the whole store for what a person is known by.

    A second address of theirs counts as theirs too, unless the directory has it for somebody else as well.
    """
    people = PeopleStore(store)
    directory = await people.export()
    known = Known(email, await people.by_email(email), await people.address(email))
    known.partners = tuple(partner.code for partner in await people.partners_of(email))
    if known.person:
        _add(known.names, known.person.name)
        _add(known.objects, known.person.object_id)
        _add(known.contacts, known.person.contact_email)
    if known.address:
        known.chats.add(known.address.conversation_id)
    pattern, in_keys = address_pattern(email), keys.encode(email)
    async for table, row in all_rows(store):
        known.rows += 1
        parts = (*row.partition.split(keys.SEPARATOR), *row.key.split(keys.SEPARATOR))
        if in_keys in parts or any(email in str(v).lower() and pattern.search(str(v)) for v in row.values.values()):
            known.mentions += 1
            if table == "requests":
                _learn(known, row.key.partition(keys.SEPARATOR)[0], row.values)
    others = [each for each in directory.people.values() if each.email != email]
    known.contacts -= {address for each in others for address in (each.email, each.contact_email)} | {email}
    known.names -= {ERASED_NAME}
    return known


def _add(found: set[str], value: Value | None) -> None:
    if value:
        found.add(str(value))


def _learn(known: Known, kind: str, values: Mapping[str, Value]) -> None:
    """Take from a row that mentions the person what else they are known by."""
    match kind:
        case "request":
            _learn_of_request(known, values)
        case "event":
            _learn_of_line(known, values)
        case _ if kind == TOLD:
            if values["recipient"] == known.email:
                _add(known.chats, values["conversation_id"])
            if values["sender"] == known.email and values["topic"] in ASKED_OR_SAID:
                _add_text(known, values["sentence"])
        case _ if kind == ADMISSION and values["email"] == known.email:
            _add(known.names, values["name"])
            _add(known.contacts, values["contact_email"])
            # Of an address that is somebody else's in the directory, the account was only claimed.
            if not values["is_taken"]:
                _add(known.names, values["teams_name"])
                _add(known.objects, values["object_id"])


def _learn_of_request(known: Known, values: Mapping[str, Value]) -> None:
    number, status = str(values["number"]), values["status"]
    if values["requester"] == known.email:
        _add(known.objects, values["requester_object"])
    if values["fpm"] == known.email and status == Status.SUBMITTED:
        known.to_decide.append(number)
    if values["sme"] == known.email and status == Status.ASSIGNED:
        known.to_release.append(number)


def _learn_of_line(known: Known, values: Mapping[str, Value]) -> None:
    details = json_in(values, "details")
    for name in details:
        if details.get(name.removesuffix(NAME)) == known.email and name.endswith(NAME):
            _add(known.names, details[name])
    if values["by"] == known.email:
        _add(known.names, values["by_name"])
        _add_text(known, values.get("why"))
        for name in OWN_TEXTS:
            # The columns of an engagement stand in every line of it, whoever has written them.
            if not name.startswith(ENGAGEMENT) or name.startswith(f"{ENGAGEMENT}{_written_by(values)}"):
                _add_text(known, values.get(name))


def _written_by(values: Mapping[str, Value]) -> str:
    return WRITES.get(Action(str(values["action"])), "-")


def _add_text(known: Known, text: Value | None) -> None:
    if len(str(text or "")) >= _LEAST_TEXT:
        known.texts.add(str(text))
