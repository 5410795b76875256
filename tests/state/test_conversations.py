"""Conversation rows: what is kept, when it is written, and the dialog stack as plain JSON."""

import json
from enum import StrEnum

import pytest
from botbuilder.dialogs import DialogInstance, DialogState
from hypothesis import given
from hypothesis import strategies as st

from state import keys
from state.conversations import (
    COLUMN_UNITS,
    Conversation,
    ConversationStore,
    ConversationTooLong,
    dump_stack,
    joined,
    load_stack,
    split,
)
from state.table import Conflict, Put, Store

ID = "a:1Xy/z#?%\\-conversation;messageid=1"

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text().filter(lambda key: key != "$dialogs"), inner),
    max_leaves=15,
)


@pytest.fixture
async def store(connect) -> Store:
    return await connect()


@pytest.fixture
def conversations(store) -> ConversationStore:
    return ConversationStore(store)


def filled() -> Conversation:
    return Conversation(
        ID,
        stack=[{"id": "form", "state": {"stepIndex": 2, "values": {}}}],
        answers={"tenant_name": "Zürich 🙂 \ud83d", "notes": 'a\n"b"\x00'},
        form={"token": "t1", "page": "customer"},
        seen=["a1", "a2"],
        posted={"customer": "1:activity"},
    )


async def test_a_new_conversation_is_empty(conversations):
    assert await conversations.load(ID) == Conversation(ID)


async def test_what_was_saved_is_loaded_equal(conversations):
    saved = filled()
    await conversations.save(saved)
    assert await conversations.load(ID) == saved


async def test_nothing_is_written_when_nothing_changed(conversations):
    fresh = await conversations.load(ID)
    await conversations.save(fresh)
    assert fresh.etag is None
    fresh.seen.append("a1")
    await conversations.save(fresh)
    first = fresh.etag
    await conversations.save(fresh)
    loaded = await conversations.load(ID)
    await conversations.save(loaded)
    assert first == fresh.etag == loaded.etag == (await conversations.load(ID)).etag


async def test_a_conversation_saved_twice_in_a_row_keeps_its_etag_up_to_date(conversations):
    conversation = await conversations.load(ID)
    for answer in ("one", "two"):
        conversation.answers["notes"] = answer
        await conversations.save(conversation)
    assert (await conversations.load(ID)).answers == {"notes": "two"}


async def test_of_two_writers_the_second_gets_a_conflict_and_changes_nothing(conversations):
    for first_answer, second_answer in (("one", "two"), ("three", "four")):
        first, second = await conversations.load(ID), await conversations.load(ID)
        first.answers["notes"] = first_answer
        second.answers["notes"] = second_answer
        await conversations.save(first)
        with pytest.raises(Conflict):
            await conversations.save(second)
        assert (await conversations.load(ID)).answers == {"notes": first_answer}


async def test_the_last_32_activities_are_kept(conversations):
    conversation = await conversations.load(ID)
    conversation.seen += [f"a{number}" for number in range(40)]
    await conversations.save(conversation)
    expected = [f"a{number}" for number in range(8, 40)]
    assert conversation.seen == (await conversations.load(ID)).seen == expected


async def test_a_row_of_an_unknown_version_loses_its_dialogs_and_keeps_the_answers(conversations, store):
    saved = filled()
    await conversations.save(saved)
    table = store.table("conversations")
    row = await table.get(keys.encode(ID), "row")
    await table.commit(keys.encode(ID), [Put("row", {**row.values, "version": 99}, row.etag)])
    loaded = await conversations.load(ID)
    assert loaded.stack == []
    assert (loaded.answers, loaded.seen) == (saved.answers, saved.seen)
    await conversations.save(loaded)
    assert (await conversations.load(ID)).etag != row.etag


async def test_long_texts_are_spread_over_columns_and_shrink_again(conversations, store):
    conversation = await conversations.load(ID)
    conversation.answers["notes"] = "x" + "🙂" * 40_000
    await conversations.save(conversation)
    assert (await conversations.load(ID)).answers == conversation.answers
    conversation.answers["notes"] = "short"
    await conversations.save(conversation)
    row = await store.table("conversations").get(keys.encode(ID), "row")
    assert sorted(row.values) == ["json0", "version"]


async def test_a_conversation_beyond_the_cap_is_refused_and_the_stored_one_stays(conversations):
    conversation = await conversations.load(ID)
    conversation.answers["notes"] = "x" * 131_073
    with pytest.raises(ConversationTooLong, match=r"131,1.. UTF-16 units of 131,072"):
        await conversations.save(conversation)
    assert (await conversations.load(ID)).answers == {}


@given(st.text(alphabet="a🙂", min_size=1).map(lambda text: text * (2 * COLUMN_UNITS // len(text))), st.integers(0, 3))
def test_no_column_is_too_long_or_ends_within_a_character(text, shift):
    text = "b" * shift + text
    columns = split(text)
    assert all(len(part.encode("utf-16-le")) <= 2 * COLUMN_UNITS for part in columns.values())
    assert joined(columns) == text


def nested(values: dict[str, object]) -> DialogState:
    inner = DialogState([DialogInstance("waterfall", {"values": values}), DialogInstance("prompt", {})])
    return DialogState([DialogInstance("main", {"dialogs": inner, "options": None}), DialogInstance("help")])


def shape(state: object) -> object:
    """Show a dialog state, and every one within it, as something that compares by value."""
    if isinstance(state, DialogState):
        return ("dialogs", [(one.id, shape(one.state)) for one in state.dialog_stack])
    if isinstance(state, dict):
        return {key: shape(value) for key, value in state.items()}
    return [shape(item) for item in state] if isinstance(state, list) else state


@given(st.dictionaries(st.text().filter(lambda key: key != "$dialogs"), PLAIN))
def test_a_dialog_stack_comes_back_equal_through_json(values):
    state = nested(values)
    stack = json.loads(json.dumps(dump_stack(state)))
    assert shape(load_stack(stack)) == shape(state)


def test_a_dialog_stack_is_stored_in_this_form():
    assert dump_stack(nested({"page": "customer"})) == [
        {
            "id": "main",
            "state": {
                "dialogs": {
                    "$dialogs": [
                        {"id": "waterfall", "state": {"values": {"page": "customer"}}},
                        {"id": "prompt", "state": {}},
                    ]
                },
                "options": None,
            },
        },
        {"id": "help", "state": {}},
    ]


def test_the_dump_and_the_dialogs_share_nothing():
    values = {"pages": ["customer"]}
    state = nested(values)
    stack = dump_stack(state)
    again = load_stack(stack)
    values["pages"].append("need")
    again.dialog_stack[0].state["dialogs"].dialog_stack[0].state["values"]["pages"].clear()
    assert stack == dump_stack(nested({"pages": ["customer"]}))


class Colour(StrEnum):
    RED = "red"


@pytest.mark.parametrize(
    "value",
    [object(), (1, 2), {1, 2}, b"x", Colour.RED, float("nan"), float("inf"), {1: "x"}, {"$dialogs": []}],
    ids=lambda value: repr(value)[:20],
)
def test_anything_else_than_json_values_is_refused_with_its_place(value):
    with pytest.raises(TypeError, match=r"^waterfall/values/deep/0"):
        dump_stack(nested({"deep": [value]}))
