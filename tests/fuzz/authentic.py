"""Activities as Teams sends them, of whoever is wanted: every stored payload, typed commands, and real presses."""

from collections.abc import Callable
from typing import Any

from bot.domain.desk import PRESSABLE, REFRESH
from tests.channel.local_framework import payload, payload_names
from tests.stories.activities import BOT
from tests.stories.connector import new_ids
from tests.teams import Person

Activity = dict[str, Any]
WORDS = [
    "new request",
    "my requests",
    "inbox",
    "engagements",
    "help",
    "hi",
    "cancel",
    "<at>SME Requests</at> help",
    "what can you do?",
    "I need somebody who knows Teams",
    "status {number}",
    "withdraw {number}",
    "{number}",
]
"""Typed words; `{number}` is a request that the person has no part in."""
CUSTOMER = {
    "tenant_id": "72f988bf-86f1-41af-91ab-2d7cd011db47",
    "tenant_name": "Adventure Works",
    "tenant_segment": "Enterprise",
    "region": "EMEA",
}
"""Right answers for the first page alone, so that no form is ever complete."""


def adopted(name: str, person: Person) -> Activity:
    """Return a stored payload as if this person had sent it."""
    activity = payload(name) | {"id": str(next(new_ids)), "serviceUrl": person.service_url}
    place = activity["conversation"]
    if place.get("conversationType", "personal") == "personal":
        place = place | {"id": person.conversation}
    activity["conversation"] = place | {"tenantId": person.tenant_id}
    activity["from"] = activity["from"] | {"id": person.user_id, "aadObjectId": person.object_id}
    activity["recipient"] = activity["recipient"] | {"id": BOT["id"]}
    activity["channelData"] = activity.get("channelData", {}) | {"tenant": {"id": person.tenant_id}}
    return activity


def executed(person: Person, verb: str, number: str) -> Activity:
    data = {"verb": verb, "request": number, "revision": 1}
    value = {"action": {"type": "Action.Execute", "verb": verb, "data": data}, "trigger": "manual"}
    return person.activity(type="invoke", name="adaptiveCard/action", value=value)


def pressed(person: Person, index: int) -> Activity:
    """Return a press on the newest card of this chat; who has none asks for one."""
    message = person.teams.newest.get(person.conversation)
    if message is None:
        return person.activity(text="new request")
    button = message.buttons[index % len(message.buttons)]
    sent = button.data | {key: text for key, text in CUSTOMER.items() if key in button.inputs}
    if button.action["type"] == "Action.Submit":
        return person.activity(value=sent, replyToId=message.id)
    value = {"action": {"type": "Action.Execute", "verb": button.verb, "data": sent}, "trigger": "manual"}
    return person.activity(type="invoke", name="adaptiveCard/action", value=value, replyToId=message.id)


def bases(numbers: list[str]) -> list[Callable[[Person], Activity]]:
    """Return makers of authentic activities; `numbers` are requests in which none of the senders has a part."""
    stored = [lambda person, name=name: adopted(name, person) for name in payload_names()]
    typed = [
        lambda person, text=text: person.activity(text=text.format(number=numbers[0]), textFormat="plain")
        for text in WORDS
    ]
    presses = [lambda person, index=index: pressed(person, index) for index in (0, 0, 0, 1, 2)] * 3
    executes = [
        lambda person, verb=verb, number=number: executed(person, verb, number)
        for verb in sorted({REFRESH, *PRESSABLE})
        for number in numbers
    ]
    return stored + typed + presses + executes
