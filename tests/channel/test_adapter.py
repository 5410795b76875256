"""A turn collects what it wants sent, and sends nothing."""

import json
from collections.abc import Mapping

import pytest
from botbuilder.core import MessageFactory, TurnContext
from botbuilder.schema import Activity
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channel.activities import decode, encode
from bot.channel.adapter import TeamsAdapter
from bot.channel.answers import answer_invoke, card_answer, message_answer
from bot.channel.gate import Admitted, Gate, Refused
from tests.channel.local_framework import Clock, payload, payload_names


def received(name="message", **changes):
    return decode(payload(name) | changes)


async def silence(_):
    pass


async def test_replies_are_collected_in_order_and_addressed_to_the_person():
    async def logic(context):
        await context.send_activity("one")
        await context.send_activity(MessageFactory.text("two"))

    result = await TeamsAdapter().run(received(), logic)
    message = payload("message")
    assert [sending.activity["text"] for sending in result.sendings] == ["one", "two"]
    for sending in result.sendings:
        assert (sending.kind, sending.activity_id) == ("post", None)
        assert sending.activity["conversation"] == message["conversation"]
        assert sending.activity["recipient"] == message["from"]
        assert sending.activity["from"] == message["recipient"]
        assert sending.activity["replyToId"] == message["id"]
        json.dumps(sending.activity)
    assert result.invoke is None


async def test_updates_and_deletions_name_their_target():
    async def logic(context):
        await context.update_activity(Activity(type="message", id="1795", text="read-only"))
        await context.delete_activity("1796")

    result = await TeamsAdapter().run(received(), logic)
    assert [(s.kind, s.activity_id) for s in result.sendings] == [("update", "1795"), ("delete", "1796")]
    assert result.sendings[0].activity["text"] == "read-only"


async def test_traces_are_dropped():
    async def logic(context):
        await context.send_trace_activity("state", {"secret": 1})

    assert (await TeamsAdapter().run(received(), logic)).sendings == []


async def test_replies_are_collected_even_when_the_body_asks_for_them_in_the_answer():
    async def logic(context):
        await context.send_activity("one")

    result = await TeamsAdapter().run(received(deliveryMode="expectReplies"), logic)
    assert len(result.sendings) == 1


async def test_a_press_is_answered_with_what_the_logic_said_last():
    card = {"type": "AdaptiveCard"}

    async def logic(context):
        answer_invoke(context, message_answer("wait"))
        answer_invoke(context, card_answer(card))

    result = await TeamsAdapter().run(received("execute-manual"), logic)
    assert result.invoke == card_answer(card)


async def test_an_invoke_that_nobody_answered_is_answered_with_nothing():
    result = await TeamsAdapter().run(received("invoke-of-unknown-name"), silence)
    assert result.invoke == (200, {})


async def test_an_exception_reaches_the_caller():
    async def logic(_):
        raise LookupError("no such request")

    with pytest.raises(LookupError, match="no such request"):
        await TeamsAdapter().run(received(), logic)


async def test_a_turn_can_be_run_again():
    activity, adapter = received(), TeamsAdapter()

    async def logic(context):
        await context.send_activity("once")

    first, second = await adapter.run(activity, logic), await adapter.run(activity, logic)
    assert [s.activity for s in first.sendings] == [s.activity for s in second.sendings]


async def test_nobody_gets_into_a_turn_around_the_gate():
    with pytest.raises(PermissionError):
        await TeamsAdapter().process_activity("Bearer token", received(), silence)
    reference = TurnContext.get_conversation_reference(received())
    with pytest.raises(PermissionError):
        await TeamsAdapter().continue_conversation(reference, silence, "app")
    with pytest.raises(PermissionError):
        await TeamsAdapter().bot_framework_authentication.authenticate_streaming_request("", "")


ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.just("\ud800"),
    st.just("x" * 1000),
    st.lists(st.none() | st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=5), st.none() | st.text(max_size=5), max_size=3),
)


def places(value, path=()):
    if path:
        yield path
    children = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from places(child, (*path, key))


def put(data, path, value):
    for key in path[:-1]:
        data = data[key]
    data[path[-1]] = value


@st.composite
def mutated_activities(draw):
    activity = payload(draw(st.sampled_from([n for n in payload_names() if n.startswith("playground")])))
    activity |= payload(draw(st.sampled_from(payload_names()))) | {"serviceUrl": "http://localhost:1/"}
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.sampled_from(sorted(places(activity), key=str)))
        put(activity, place, draw(ODD))
    return activity


async def read_everything(context):
    """Touch what the bot touches, and answer once."""
    activity = context.activity
    assert (activity.text or "").strip() is not None
    assert (activity.value or {}).get("verb") is None or activity.value
    assert all(member.id.strip is not None for member in activity.members_added or ())
    if activity.text:
        context.remove_recipient_mention(activity)
    await context.send_activity("hello")


@settings(max_examples=400)
@given(mutated_activities())
async def test_whatever_is_admitted_can_be_run(activity):
    gate = Gate(production=False, app_id="", issuer="", service_hosts=frozenset(), keys=None, now=Clock().now)
    admitted = gate.admit(await gate.authenticate(None), "application/json", json.dumps(activity).encode())
    if isinstance(admitted, Refused):
        assert admitted.status in (400, 403)
        return
    assert isinstance(admitted, Admitted)
    result = await TeamsAdapter().run(decode(admitted.activity), read_everything)
    assert len(result.sendings) == 1
    json.dumps(result.sendings[0].activity).encode()
    assert encode(decode(admitted.activity))["type"] == activity["type"]
