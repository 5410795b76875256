"""What the store holds, decoded; I7: every row decodes, says the same when encoded again, and keeps the limits."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from bot.domain.engagement import Engagement
from bot.domain.notices import OF_AGENDAS, Notice
from bot.domain.people import Partner, Person, Role
from bot.domain.request import Event, SmeRequest
from state import agendas, engagement_rows, keys, people_rows, records
from state.table import TABLES, Put, check_limits


@dataclass
class KeptCase:
    """Everything that is kept about one request.

    `lines` are the rows of its events; `operations` the revisions that the operation rows name; `learned` the rows of
    the partner's learning with their keys; `lacks` the columns that the request's row does not have, because an older
    version has written it.
    """

    request: SmeRequest
    events: list[Event] = field(default_factory=list)
    lines: list[Mapping[str, Any]] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    engagements: dict[str, Engagement] = field(default_factory=dict)
    operations: list[int] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)
    learned: list[Mapping[str, Any]] = field(default_factory=list)
    lacks: frozenset[str] = frozenset()

    @property
    def number(self) -> str:
        return self.request.number

    @property
    def engagement(self) -> Engagement | None:
        return self.engagements.get(f"{self.number}.{self.request.engagements}")


class Kept:
    """The requests with all that belongs to them, the directory, and the other tables as rows.

    `may_lack` are the columns that rows of an older version do not have.
    """

    def __init__(
        self, rows: Callable[[str], Mapping[str, Mapping[str, Any]]], may_lack: frozenset[str] = frozenset()
    ) -> None:
        self.faults: list[str] = []
        self._may_lack = may_lack
        self.tables = {name: {_split(place): dict(row) for place, row in rows(name).items()} for name in TABLES}
        found = defaultdict(list)
        for (partition, key), row in self.tables["requests"].items():
            found[key.partition(":")[0]].append((partition, key, row))
        requests = self._all(found["request"], records.request_of, records.request_row)
        self.by_number = {request.number: KeptCase(request) for _, request in requests}
        for _, _, row in found["request"]:
            if case := self.by_number.get(row.get("number", "")):
                case.lacks = may_lack - row.keys()
        self.questions: list[Notice] = []
        self._fill(found)
        self.people, self.partners = self._directory()
        rows_of_people = self.tables["people"].values()
        self.reachable = {row["email"] for row in rows_of_people if "email" in row and people_rows.address_of(row)}
        for name, table in self.tables.items():
            self._check(name, table)

    @property
    def cases(self) -> list[KeptCase]:
        return list(self.by_number.values())

    @property
    def notices(self) -> list[Notice]:
        return [*self.questions, *(notice for case in self.cases for notice in case.notices)]

    @cached_property
    def words(self) -> list[Notice]:
        """The words about what waits for people; of one of long ago only the copies at its requests are left."""
        notices = [notice for notice in reversed(self.notices) if notice.topic in OF_AGENDAS]
        return list({(notice.recipient, notice.revision): notice for notice in notices}.values())

    def forgotten(self, email: str) -> int:
        """Return how many words were given to a person of which nothing is kept any more."""
        given = self.agendas[email].revision if email in self.agendas else 0
        return given - len([word for word in self.words if word.recipient == email])

    def backup_of(self, request: SmeRequest, fpm: str) -> str:
        """Return who is asked beside an FPM of a request: the partner's backup, or for the backup the partner's FPM."""
        partner = self.partners[request.partner]
        return partner.fpm if fpm == partner.backup_fpm else partner.backup_fpm

    def assigners(self, region: str) -> set[str]:
        return {one.email for one in self.people.values() if one.is_a(Role.ASSIGNER) and region in one.regions}

    def _fill(self, found: Mapping[str, list]) -> None:
        for key, event in self._all(found["event"], records.event_of, records.event_row):
            self._of(key.split(":")[1], "event", key).events.append(event)
        for _, notice in self._all(found["notice"], lambda row: records.notice_of(row, "-"), records.notice_row):
            case = self.by_number.get(notice.number)
            (case.notices if case else self.questions).append(notice)
        decoded = self._all(found["engagement"], engagement_rows.engagement_of, engagement_rows.engagement_row)
        for key, engagement in decoded:
            self._of(engagement.request, "engagement", key).engagements[engagement.id] = engagement
        for _, key, row in found["learned"]:
            self._of(row["number"], "learned", key).learned.append(dict(row) | {"key": key})
        found_agendas = self._all(found["agenda"], lambda row: agendas.agenda_of(row, "-"), agendas.agenda_row)
        self.agendas = {agenda.email: agenda for _, agenda in found_agendas}
        for _, key, row in found["op"]:
            self._of(row["number"], "operation", key).operations.append(row["revision"])
        for _, key, _ in found["views-pending"]:
            self._of(key.split(":")[1], "mark", key).marks.append(key)
        for _, key, row in found["event"]:
            self._of(key.split(":")[1], "event", key).lines.append(row)
        for case in self.cases:
            case.events.sort(key=lambda event: event.number)
            case.lines.sort(key=lambda line: line["number"])

    def _of(self, number: str, kind: str, key: str) -> KeptCase:
        """Return the case that a row belongs to; a row of no request goes to one that nobody looks at."""
        if number not in self.by_number:
            self.faults.append(f"I2: the {kind} row {key} belongs to no request")
            return KeptCase(request=None)
        return self.by_number[number]

    def _all(self, rows: list, decode: Callable, encode: Callable) -> list[tuple[str, Any]]:
        """Return each row's key and value; one that does not decode is a fault."""
        values = []
        for _, key, row in rows:
            try:
                value = decode(row)
                # A line of the history has more columns: what it has changed.
                lacks = self._may_lack - row.keys()
                if not {name: text for name, text in encode(value).items() if name not in lacks}.items() <= row.items():
                    self.faults.append(f"I7: {key} is not what it says when encoded again")
                values.append((key, value))
            except (KeyError, TypeError, ValueError) as error:
                self.faults.append(f"I7: {key} cannot be decoded: {error!r}")
        return values

    def _check(self, name: str, table: Mapping[tuple[str, str], Mapping[str, Any]]) -> None:
        for (partition, key), row in table.items():
            try:
                check_limits(partition, [Put(key, row)])
            except ValueError as error:
                self.faults.append(f"I7: {key} of {name} breaks a limit: {error}")

    def _directory(self) -> tuple[dict[str, Person], dict[str, Partner]]:
        people, partners = {}, {}
        for (partition, key), row in self.tables["people"].items():
            if partition == people_rows.PARTNERS and key.startswith(f"{people_rows.PARTNER}:"):
                partner = people_rows.partner_of(row)
                partners[partner.code] = partner
            elif partition != people_rows.INDEX and key.startswith(f"{people_rows.EMAIL}:"):
                person = people_rows.person_of(row)
                people[person.email] = person
        return people, partners


def _split(place: str) -> tuple[str, str]:
    partition, _, key = place.partition(" ")
    return partition, key


def decoded_parts(key: str) -> list[str]:
    return [keys.decode(part) for part in key.split(":")]
