"""What a conversation has come to: one row each, with the dialog stack as plain JSON."""

import json
import math
from collections.abc import Mapping
from typing import Any

from botbuilder.dialogs import DialogInstance, DialogState

from bot.domain.ports import Conversation
from state import keys
from state.reading import reads_a_row
from state.table import Put, Store, Value

TABLE = "conversations"
KEY = "row"
VERSION = 1
SEEN_KEPT = 32
# A column takes 32,768 UTF-16 units; the cap keeps a runaway dialog from filling the store.
COLUMN_UNITS = 30_000
LONGEST_UNITS = 128 * 1_024
DIALOGS = "$dialogs"
_BYTES_PER_UNIT = 2
_FIRST_HALVES = range(0xD8, 0xDC)  # the high byte of a unit that needs the next one

Plain = dict[str, Any]


class ConversationTooLong(Exception):  # noqa: N818 - named for what is true of the conversation
    """What a conversation has come to is more than its row takes (256 KB as UTF-16)."""


def content_of(conversation: Conversation) -> str:
    """Return everything that is kept, as JSON without lone surrogates."""
    content = {
        "stack": conversation.stack,
        "answers": conversation.answers,
        "form": conversation.form,
        "seen": conversation.seen[-SEEN_KEPT:],
        "posted": conversation.posted,
    }
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    # A lone surrogate cannot be stored; written as an escape it is the same JSON.
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


class ConversationStore:
    """The table `conversations`: a partition per conversation with one row."""

    def __init__(self, store: Store) -> None:
        self._table = store.table(TABLE)

    async def load(self, conversation_id: str) -> Conversation:
        """Return what is kept; a row of an unknown version loses its dialog stack and nothing else."""
        row = await self._table.get(keys.encode(conversation_id), KEY)
        if row is None:
            fresh = Conversation(conversation_id)
            fresh.stored = content_of(fresh)
            return fresh
        stored, content = kept_in(row.values)
        if row.values.get("version") != VERSION:
            content["stack"] = []
        return Conversation(
            id=conversation_id,
            etag=row.etag,
            stack=content.get("stack", []),
            answers=content.get("answers", {}),
            form=content.get("form", {}),
            seen=content.get("seen", []),
            posted=content.get("posted", {}),
            stored=stored,
        )

    async def save(self, conversation: Conversation) -> None:
        """Write what has changed since the load, if anything; raises Conflict when somebody else wrote."""
        content = content_of(conversation)
        if content == conversation.stored:
            return
        values: dict[str, Value] = {"version": VERSION, **split(content)}
        etags = await self._table.commit(keys.encode(conversation.id), [Put(KEY, values, conversation.etag)])
        conversation.etag = etags[KEY]
        conversation.stored = content
        del conversation.seen[:-SEEN_KEPT]


def dump_stack(state: DialogState) -> list[Plain]:
    """Return the stack as plain JSON values; raises TypeError, naming the place, for anything else in it."""
    return [{"id": one.id, "state": _plain(one.state, str(one.id))} for one in state.dialog_stack]


def load_stack(stack: list[Plain]) -> DialogState:
    """Return the dialog state that was dumped; it shares nothing with the values given."""
    return DialogState([DialogInstance(one["id"], _revived(one["state"])) for one in stack])


def _plain(value: object, place: str) -> object:
    if isinstance(value, DialogState):
        return {DIALOGS: dump_stack(value)}
    if type(value) is list:
        return [_plain(item, f"{place}/{index}") for index, item in enumerate(value)]
    if type(value) is dict:
        if DIALOGS in value or not all(type(key) is str for key in value):
            raise TypeError(f"{place} has a key that dialog state cannot have")
        return {key: _plain(item, f"{place}/{key}") for key, item in value.items()}
    # An enum member or another subclass would come back as something else, so the types are exact.
    is_plain = value is None or type(value) in {str, bool, int}
    if is_plain or (type(value) is float and math.isfinite(value)):
        return value
    raise TypeError(f"{place} is a {type(value).__name__}, which is not a JSON value")


def _revived(value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    if isinstance(value, list):
        return [_revived(item) for item in value]
    if isinstance(value, dict):
        if DIALOGS in value:
            return load_stack(value[DIALOGS])
        return {key: _revived(item) for key, item in value.items()}
    return value


def split(text: str) -> dict[str, str]:
    """Cut a text into columns of at most 30,000 UTF-16 units, none of which ends within a character."""
    units = text.encode("utf-16-le")
    if len(units) > LONGEST_UNITS * _BYTES_PER_UNIT:
        size = len(units) // _BYTES_PER_UNIT
        raise ConversationTooLong(f"the conversation takes {size:,} UTF-16 units of {LONGEST_UNITS:,}")
    columns: dict[str, str] = {}
    start = 0
    while start < len(units):
        end = min(start + COLUMN_UNITS * _BYTES_PER_UNIT, len(units))
        if units[end - 1] in _FIRST_HALVES:
            end -= _BYTES_PER_UNIT
        columns[f"json{len(columns)}"] = units[start:end].decode("utf-16-le")
        start = end
    return columns


@reads_a_row
def kept_in(values: Mapping[str, Value]) -> tuple[str, Plain]:
    """Return what is kept of a conversation, as its text and as what that says."""
    text = joined(values)
    return text, json.loads(text)


def joined(values: Mapping[str, Value]) -> str:
    count = sum(name.startswith("json") for name in values)
    return "".join(str(values[f"json{index}"]) for index in range(count))
