"""Finds a person in texts and keys, and puts what tells nothing in their place."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from bot.domain.agenda import agenda_id
from bot.domain.people import ERASED_NAME
from state import keys
from state.partitions import partition_of
from state.table import Row, Value

# Where a name stands by itself it is somebody's by the address beside it; and a customer is a company.
_NAMES_STAY = frozenset(
    {"by_name", "customer", "answer_tenant_name", "request_answer_tenant_name", "earlier", "request_earlier"}
)

# One person a line.
_PEOPLE = frozenset({"learners", "kickoff_learners", "engagement_kickoff_learners"})


def address_pattern(address: str) -> re.Pattern[str]:
    """Return what finds an e-mail address in any case, and no other address that ends or begins like it."""
    begins, ends = r"(?<![A-Za-z0-9_%+-])(?<![A-Za-z0-9][.'])", r"(?![A-Za-z0-9-]|\.[A-Za-z0-9])"
    return re.compile(begins + re.escape(address) + ends, re.IGNORECASE)


def _name_pattern(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", re.IGNORECASE)


@dataclass(frozen=True)
class Traces:
    """What a person is known by; `addresses` gives what takes the place of each of their addresses."""

    addresses: Mapping[str, str]
    names: frozenset[str] = frozenset()
    objects: frozenset[str] = frozenset()
    chats: frozenset[str] = frozenset()

    @cached_property
    def _addresses(self) -> list[tuple[re.Pattern[str], str]]:
        return [(address_pattern(address), instead) for address, instead in self.addresses.items()]

    @cached_property
    def _names(self) -> list[re.Pattern[str]]:
        return [_name_pattern(name) for name in sorted(self.names, key=len, reverse=True)]

    @cached_property
    def _full_names(self) -> list[re.Pattern[str]]:
        """Names of one word are words of other people's texts too often."""
        return [_name_pattern(name) for name in sorted(self.names, key=len, reverse=True) if len(name.split()) > 1]

    @cached_property
    def _key_parts(self) -> dict[str, str]:
        return {keys.encode(address): keys.encode(instead) for address, instead in self.addresses.items()}

    @cached_property
    def _agendas(self) -> frozenset[str]:
        """Partitions of the agendas, which are also what keys of other rows about them hold as a part."""
        ids = [agenda_id(address) for address in self.addresses]
        return frozenset({*map(partition_of, ids), *map(keys.encode, ids)})

    @cached_property
    def object_parts(self) -> frozenset[str]:
        return frozenset(keys.encode(object_id) for object_id in self.objects)

    @cached_property
    def chat_partitions(self) -> frozenset[str]:
        return frozenset(keys.encode(chat) for chat in self.chats)

    @cached_property
    def _needles(self) -> tuple[str, ...]:
        found = {*self.addresses, *self.names, *self.objects, *self.chats, *self._key_parts, *self.chat_partitions}
        return tuple(sorted(needle.lower() for needle in found))

    def may_stand_in(self, row: Row) -> bool:
        """Whether a row must be looked at closely; most rows need not be."""
        told = "\x1f".join((row.partition, row.key, *(str(v) for v in row.values.values() if isinstance(v, str))))
        lower = told.lower()
        return any(needle in lower for needle in self._needles)

    def is_(self, address: object) -> bool:
        return address in self.addresses

    def is_their_key(self, key: str) -> bool:
        """Whether a part of a key or partition is one of the addresses."""
        return not self._key_parts.keys().isdisjoint(key.split(keys.SEPARATOR))

    def is_of_their_agenda(self, row: Row) -> bool:
        """Whether a row is kept only for the agenda of the person: in its partition, or about it elsewhere."""
        return row.partition in self._agendas or not self._agendas.isdisjoint(row.key.split(keys.SEPARATOR))

    def stand_in_text(self, text: str) -> bool:
        """Whether a text names the person by address or full name."""
        return any(pattern.search(text) for pattern in (*(found for found, _ in self._addresses), *self._full_names))

    def stand_in(self, row: Row) -> bool:
        """Whether a row names the person by its place or in a text."""
        is_placed = self.is_their_key(row.partition) or self.is_their_key(row.key)
        return is_placed or any(self.stand_in_text(value) for value in row.values.values() if isinstance(value, str))

    def key(self, key: str) -> str:
        """Return a key or partition with each part that is an address replaced."""
        return keys.SEPARATOR.join(self._key_parts.get(part, part) for part in key.split(keys.SEPARATOR))

    def text(self, text: str, *, names: bool = True) -> str:
        """Return a text with addresses and full names replaced."""
        for pattern, instead in self._addresses:
            text = pattern.sub(instead, text)
        for pattern in self._full_names if names else ():
            text = pattern.sub(ERASED_NAME, text)
        return text

    def sentence(self, text: str) -> str:
        """Return a sentence that the bot made, with every name replaced."""
        for pattern in self._names:
            text = pattern.sub(ERASED_NAME, text)
        return self.text(text)

    def cell(self, name: str, value: Value) -> Value:
        """Return a column's value as it stands after the erasure."""
        if not isinstance(value, str):
            return value
        if name in _PEOPLE:
            return "\n".join(self._learner(line) for line in value.split("\n"))
        return "" if value in self.objects else self.text(value, names=name not in _NAMES_STAY)

    def _is_name(self, line: str) -> bool:
        """Whether a line of its own is a name of theirs; there one of one word is a name as well."""
        return line.casefold() in {name.casefold() for name in self.names}

    def is_learner(self, line: str) -> bool:
        """Whether a line of learners names the person."""
        return self._is_name(line) or self.stand_in_text(line)

    def _learner(self, line: str) -> str:
        return ERASED_NAME if self._is_name(line) else self.text(line)

    def cells(self, values: Mapping[str, Value]) -> dict[str, Value]:
        return {name: self.cell(name, value) for name, value in values.items()}
