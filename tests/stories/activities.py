"""Activities with all the fields that Teams sends."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tests.stories.connector import Member, new_ids
from tests.stories.shown_card import Button, Message

BOT = {"id": "28:c9e8c047-2a34-40a1-b28a-b162d5f5327c", "name": "SME Requests"}


def activity_of(person: Member, **fields: Any) -> dict[str, Any]:
    """Return a message in the person's own chat; `fields` say what is in it, or make something else of it."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    client = {"locale": "en-GB", "country": "GB", "platform": "Web", "timezone": person.time_zone, "type": "clientInfo"}
    return {
        "type": "message",
        "id": str(next(new_ids)),
        "timestamp": now,
        "localTimestamp": now,
        "localTimezone": person.time_zone,
        "channelId": "msteams",
        "serviceUrl": person.service_url,
        "from": {"id": person.user_id, "name": person.name, "aadObjectId": person.object_id},
        "conversation": {"conversationType": "personal", "tenantId": person.tenant_id, "id": person.conversation},
        "recipient": BOT,
        "entities": [client],
        "channelData": {"tenant": {"id": person.tenant_id}, "source": {"name": "message"}},
        "locale": "en-GB",
        **fields,
    }


def press_of(person: Member, message: Message, button: Button, inputs: Mapping[str, object]) -> dict[str, Any]:
    """Return what a press sends: a message for Action.Submit, an invoke for Action.Execute."""
    sent = button.sends(inputs)
    if button.action["type"] == "Action.Submit":
        return activity_of(person, value=sent, replyToId=message.id)
    action = {"type": "Action.Execute", "title": button.title, "verb": button.verb, "data": sent}
    value = {"action": action, "trigger": "manual"}
    return activity_of(person, type="invoke", name="adaptiveCard/action", value=value, replyToId=message.id)
