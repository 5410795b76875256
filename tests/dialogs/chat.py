"""A chat with the bot whose client presses only what a card shows, each turn read from and saved to the store."""

import itertools

from bot.channel.activities import decode
from bot.channel.adapter import TeamsAdapter
from bot.dialogs.talk import Talk
from bot.dialogs.turn import Turn
from bot.domain.fields import PAGES
from state.conversations import dump_stack, load_stack

CUSTOMER = {
    "tenant_id": "72f988bf-86f1-41af-91ab-2d7cd011db47",
    "tenant_name": "Fabrikam",
    "tenant_segment": "Enterprise",
    "region": "EMEA",
}
NEED = {"role": "engineer", "workload": "TEAMS", "seat_count": "5,000", "primary_language": "en"}
REASON = {"topic": "coaching", "justification": "Our team has tried the deployment guide and is stuck."}
PEOPLE = {
    "delivery_team": "FTP Partner",
    "partner_name": "CONTOSO",
    "contact_email": "rita@contoso.example",
    "fpm": "frank@home.example",
}
ANSWERS = CUSTOMER | NEED | REASON | PEOPLE


def parts(element):
    """Yield every element, input and button of a card, those of cards in cards included."""
    if isinstance(element, dict):
        yield element
        for value in element.values():
            yield from parts(value)
    elif isinstance(element, list):
        for value in element:
            yield from parts(value)


def words_of(card):
    """Return all that can be read on a card."""
    found = (part.get(key) for part in parts(card) for key in ("text", "title", "value", "label"))
    return " | ".join(text for text in found if isinstance(text, str))


class Message:
    """One message of the bot, as it stands in the chat now."""

    def __init__(self, activity_id, activity):
        self.id = activity_id
        self.replaced_by(activity)

    def replaced_by(self, activity):
        self.activity = activity
        attachments = activity.get("attachments", [])
        self.card = attachments[0]["content"] if attachments else None
        self.text = activity.get("text", "") if self.card is None else words_of(self.card)

    @property
    def inputs(self):
        return {part["id"]: part for part in parts(self.card) if part.get("type", "").startswith("Input.")}

    @property
    def buttons(self):
        """Return the data of each button by its verb; several with one verb are told apart by the data."""
        return [part for part in parts(self.card) if part.get("type") == "Action.Submit"]

    @property
    def verbs(self):
        return {button["data"]["verb"] for button in self.buttons}

    def button(self, verb, **data):
        wanted = {"verb": verb, **data}
        found = [b for b in self.buttons if wanted.items() <= b["data"].items()]
        assert found, f"no button {wanted} among {sorted(self.verbs)} on: {self.text}"
        return found[0]


class Chat:
    """One person's chat. Every turn is answered by a bot that was started for it."""

    _ids = itertools.count(1)

    def __init__(self, person, desk, conversations, clock):
        self.person = person
        self.desk = desk
        self.conversations = conversations
        self.clock = clock
        self.messages = []

    async def remembered(self):
        return await self.conversations.load(f"chat-of-{self.person.email}")

    async def type(self, text, **activity):
        """Type words, and return what the bot said, as one text."""
        return await self._turn({"text": text, **activity})

    async def press(self, verb, on=None, *, where=None, place_is_known=True, **inputs):
        """Press a button of a card, of the newest with such a button unless told; inputs not given keep their value."""
        message = on or next(m for m in reversed(self.messages) if m.card and verb in m.verbs)
        data = dict(message.button(verb, **(where or {}))["data"])
        assert inputs.keys() <= message.inputs.keys(), f"{inputs.keys() - message.inputs.keys()} not on the card"
        filled = {}
        if message.button(verb, **(where or {})).get("associatedInputs") != "none":
            filled = {k: i["value"] for k, i in message.inputs.items() if i.get("value")} | inputs
        value = {**{k: v for k, v in filled.items() if v != ""}, **data}
        return await self._turn({"value": value, "replyToId": message.id if place_is_known else None})

    async def send(self, value):
        """Send what no card of this chat holds: a card copied from elsewhere."""
        return await self._turn({"value": value})

    async def fill(self, until="submit", **answers):
        """Answer page after page, until a card with that verb stands there."""
        while until not in self.newest.verbs:
            page = self.newest
            await self.press("next", page, **{k: v for k, v in (ANSWERS | answers).items() if k in page.inputs})
            assert self.newest is not page, page.text
        return self.newest

    async def open_at(self, page):
        """Begin a form, answer the pages before this one, and return its card."""
        await self.type("new request")
        for _ in range([p.key for p in PAGES].index(page)):
            await self.press("next", **{k: v for k, v in ANSWERS.items() if k in self.newest.inputs})
        return self.newest

    @property
    def newest(self):
        return next(m for m in reversed(self.messages) if m.card)

    async def repeat(self, text="sent again"):
        """Send the latest activity once more, as Teams does when it had no answer."""
        return await self._turn({"text": text}, Talk.repeat)

    async def _turn(self, activity, answer=Talk.message):
        chat_id = f"chat-of-{self.person.email}"
        conversation = await self.conversations.load(chat_id)
        turn = Turn(self.person, conversation, self.desk)
        talk = Talk(self.clock, load_stack, dump_stack)
        result = await TeamsAdapter().run(_incoming(chat_id, activity), lambda context: answer(talk, turn, context))
        await self.conversations.save(conversation)
        said = [self._arrived(conversation, sending) for sending in result.sendings]
        await self.conversations.save(conversation)
        return "\n".join(said)

    def _arrived(self, conversation, sending):
        if sending.kind == "update":
            message = next(m for m in self.messages if m.id == sending.activity_id)
            message.replaced_by(sending.activity)
            return message.text
        message = Message(f"activity-{next(self._ids)}", sending.activity)
        self.messages.append(message)
        if label := sending.activity.get("label"):
            conversation.posted[label] = message.id
        return message.text


def _incoming(chat_id, activity):
    return decode(
        {
            "type": "message",
            "id": "incoming",
            "channelId": "msteams",
            "serviceUrl": "http://127.0.0.1/",
            "from": {"id": "member"},
            "recipient": {"id": "bot"},
            "conversation": {"id": chat_id},
            **activity,
        }
    )
