"""The codec, compared with the SDK's own serializer."""

from datetime import UTC, datetime

import pytest
from botbuilder.core import CardFactory, MessageFactory
from botbuilder.schema import Activity, ActivityTypes, Attachment, HeroCard

from bot.channel.activities import decode, encode
from tests.channel.local_framework import payload, payload_names


def without_times(model):
    times = ("timestamp", "localTimestamp", "expiration")
    return {key: value for key, value in model.serialize().items() if key not in times}


@pytest.mark.parametrize("name", payload_names())
def test_an_activity_is_read_as_the_sdk_reads_it(name):
    ours, theirs = decode(payload(name)), Activity().deserialize(payload(name))
    assert without_times(ours) == without_times(theirs)
    assert ours.timestamp == theirs.timestamp
    assert ours.local_timestamp == theirs.local_timestamp
    assert ours.conversation.additional_properties == theirs.conversation.additional_properties


@pytest.mark.parametrize("name", payload_names())
def test_nothing_is_lost_on_the_way_through(name):
    written = encode(decode(payload(name)))
    expected = payload(name)
    for key in ("timestamp", "localTimestamp"):
        if key in expected:
            moment = datetime.fromisoformat(expected.pop(key))
            assert datetime.fromisoformat(written.pop(key)) == moment
    assert written == expected


def test_the_tenant_of_a_conversation_survives():
    activity = decode(payload("message"))
    assert activity.conversation.tenant_id is None
    tenant = payload("message")["conversation"]["tenantId"]
    assert activity.conversation.additional_properties["tenantId"] == tenant


def test_a_time_without_a_zone_is_utc():
    assert decode({"timestamp": "2026-11-22T10:00:00"}).timestamp == datetime(2026, 11, 22, 10, tzinfo=UTC)
    assert encode(Activity(timestamp=datetime(2026, 11, 22, 10))) == {"timestamp": "2026-11-22T10:00:00Z"}  # noqa: DTZ001


def test_models_in_mappings_are_read():
    semantic = {"id": "book", "entities": {"who": {"type": "person", "name": "Alex"}}}
    who = decode({"semanticAction": semantic}).semantic_action.entities["who"]
    assert (who.type, who.additional_properties) == ("person", {"name": "Alex"})


def test_an_answer_is_written_as_the_sdk_writes_it():
    card = {"type": "AdaptiveCard", "version": "1.5", "body": [{"type": "TextBlock", "text": "é"}]}
    answer = MessageFactory.attachment(CardFactory.adaptive_card(card))
    answer.type = ActivityTypes.message
    answer.text = "A card"
    assert encode(answer) == answer.serialize()


def test_models_inside_free_values_are_written_too():
    hero = Attachment(content_type="application/vnd.microsoft.card.hero", content=HeroCard(title="Hello"))
    written = encode(Activity(type="message", attachments=[hero]))
    assert written["attachments"][0]["content"] == {"title": "Hello"}
