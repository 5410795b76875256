"""Changes to the JSON of an authentic activity, as a Hypothesis strategy."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, NamedTuple

from hypothesis import strategies as st

from tests.fuzz import awkward

Document = dict[str, Any]
Place = tuple[Any, Any]


def places(node: Any) -> list[Place]:
    """Return every container of a document with each of its keys, outer ones first."""
    keys = list(node) if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
    found = [(node, key) for key in keys]
    return found + [inner for key in keys for inner in places(node[key])]


class Awkward(NamedTuple):
    """One value of the collection, short to print however long it is."""

    group: str
    index: int

    def copy(self) -> Any:
        """Return the value; no two documents share it, as each is changed further."""
        return deepcopy(getattr(awkward, self.group)[self.index])


@dataclass(frozen=True)
class Mutation:
    """One change: `kind` says which, `at` and `other` where, `value` what stands there then."""

    kind: str
    at: int
    other: int
    value: Awkward | str | int

    def apply(self, document: Document) -> None:
        """Change the document; one that has nothing left is left alone."""
        if found := places(document):
            value = self.value.copy() if isinstance(self.value, Awkward) else self.value
            container, key = found[self.at % len(found)]
            KINDS[self.kind](container, key, found[self.other % len(found)], value)


@dataclass(frozen=True)
class Setting:
    """A known field set to one of its values, the objects around it made where they are missing."""

    path: str
    index: int

    def apply(self, document: Document) -> None:
        *around, last = self.path.split(".")
        for key in around:
            if not isinstance(document.get(key), dict):
                document[key] = {}
            document = document[key]
        document[last] = deepcopy(KNOWN[self.path][self.index])


def _drop(container: Any, key: Any, _other: Place, _value: Any) -> None:
    del container[key]


def _replace(container: Any, key: Any, _other: Place, value: Any) -> None:
    container[key] = value


def _swap(container: Any, key: Any, other: Place, _value: Any) -> None:
    there, its_key = other
    if not _holds(container[key], there) and not _holds(there[its_key], container):
        container[key], there[its_key] = there[its_key], container[key]


def _copy(container: Any, key: Any, other: Place, _value: Any) -> None:
    there, its_key = other
    if not _holds(container[key], there):
        there[its_key] = deepcopy(container[key])


def _holds(node: Any, wanted: Any) -> bool:
    """Say whether a container is this one or stands within it: a document must not hold itself."""
    return node is wanted or any(inner is wanted for inner, _ in places(node))


def _add(container: Any, _key: Any, other: Place, value: Any) -> None:
    if isinstance(container, dict):
        container[f"x-{other[1]}"] = value
    else:
        container.append(value)


def _retype(container: Any, key: Any, _other: Place, _value: Any) -> None:
    old = container[key]
    container[key] = [old] if isinstance(old, str | dict) else {"id": old}


def _write_out(container: Any, key: Any, _other: Place, _value: Any) -> None:
    container[key] = repr(container[key])


KINDS: Mapping[str, Callable[[Any, Any, Place, Any], None]] = {
    "drop": _drop,
    "replace": _replace,
    "swap": _swap,
    "copy": _copy,
    "add": _add,
    "retype": _retype,
    "write_out": _write_out,
}
KNOWN: Mapping[str, list[Any]] = {
    "type": awkward.TYPES,
    "name": awkward.INVOKES,
    "serviceUrl": awkward.HOSTS,
    "channelId": awkward.CHANNELS,
    "timestamp": awkward.TIMES,
    "localTimestamp": awkward.TIMES,
    "expiration": awkward.TIMES,
    "id": awkward.IDS,
    "replyToId": awkward.IDS,
    "conversation.id": awkward.IDS,
    "conversation.tenantId": awkward.TENANTS,
    "conversation.conversationType": ["personal", "groupChat", "channel", "", "Personal", *awkward.SHAPES],
    "conversation.isGroup": awkward.NUMBERS,
    "channelData.tenant.id": awkward.TENANTS,
    "channelData.team": [{"id": each} for each in awkward.IDS],
    "from.id": awkward.IDS,
    "from.aadObjectId": [*awkward.IDS, *awkward.TENANTS],
    "recipient.id": awkward.IDS,
    "text": ["help", "new request", "cancel", "my requests", "status", "withdraw", "engagements", *awkward.TEXTS],
    "locale": ["de-DE", "xx", *awkward.TEXTS],
    "entities": awkward.MENTIONS,
    "attachments": awkward.ATTACHMENTS,
    "membersAdded": awkward.MEMBERS,
    "membersRemoved": awkward.MEMBERS,
    "action": ["add", "add-upgrade", "remove", "remove-upgrade", "", "x"],
    "deliveryMode": ["expectReplies", "ephemeral", "stream", ""],
    "value": [*awkward.SHAPES, *awkward.TEXTS, *awkward.NUMBERS],
    "value.verb": awkward.VERBS,
    "value.request": awkward.IDS,
    "value.form": awkward.IDS,
    "value.stop": ["review", "self_deploy", *awkward.IDS],
    "value.action": awkward.SHAPES,
    "value.action.verb": awkward.VERBS,
    "value.action.data": [*awkward.SHAPES, *awkward.TEXTS],
    "value.action.data.verb": awkward.VERBS,
    "value.action.data.revision": awkward.NUMBERS,
    "value.trigger": ["automatic", "manual", "", None, 7],
}


_places = st.integers(0, 255)
_shared = [
    Awkward(group, index)
    for group in ("TEXTS", "NUMBERS", "SHAPES", "IDS")
    for index in range(len(getattr(awkward, group)))
]
_values = st.sampled_from(_shared) | st.text(max_size=20) | st.integers()
_settings = [Setting(path, index) for path, values in KNOWN.items() for index in range(len(values))]
changes = st.sampled_from(_settings) | st.builds(Mutation, st.sampled_from(list(KINDS)), _places, _places, _values)
