"""One activity in: a dialog turn, a button press, or an install event; state is saved before anything is sent."""

import asyncio
import logging
import secrets
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from weakref import WeakValueDictionary

from botbuilder.core import TurnContext
from botbuilder.schema import Activity, ActivityTypes

from bot.cards.words import welcome_card
from bot.channel.activities import decode
from bot.channel.adapter import Sending, TeamsAdapter
from bot.channel.answers import NOTHING_TO_SAY, answer_invoke, card_answer, message_answer
from bot.channel.connector import Outcome
from bot.channel.outbox import ConversationAddress, Outbox
from bot.courier import Courier
from bot.dialogs.talk import Talk
from bot.dialogs.turn import TURN, Turn, post, replace_card, say
from bot.domain.desk import Desk
from bot.domain.errors import Refusal
from bot.domain.people import Address, Identity, Person
from bot.domain.ports import Conversations, People, Raced
from bot.presses import answer_card, parse_press

PERSONAL = "personal"
ONLY_PERSONAL = "Please talk to me in a personal chat: what a request says is not for everybody here."
UNKNOWN_TENANT = "This bot serves FastTrack Ready Partners. Your organisation is not registered with the programme."
UNKNOWN_AT_HOME = "I do not know you yet. Please ask the programme team to add you to the directory."
NO_OBJECT_ID = "Teams did not say who you are, so I cannot help here. Please use the account of your own organisation."
_CARD_PRESS = "adaptiveCard/action"
_STATUS_LABEL = "status:"
_ATTEMPTS = 5
_REMEMBERED = 4096
_POSTED_KEPT = 8

log = logging.getLogger(__name__)
Logic = Callable[[TurnContext], Awaitable[None]]


@dataclass
class TeamsBot:
    """Everything that a turn needs. `home_tenant` is the Entra tenant of FPMs, assigners, SMEs and programme."""

    adapter: TeamsAdapter
    outbox: Outbox
    conversations: Conversations
    people: People
    desk: Desk
    talk: Talk
    courier: Courier
    home_tenant: str
    nudge: Callable[[str], None]
    _locks: WeakValueDictionary[str, asyncio.Lock] = field(default_factory=WeakValueDictionary)
    _posted: dict[str, dict[str, str]] = field(default_factory=dict)
    _answered: OrderedDict[tuple[str, str], None] = field(default_factory=OrderedDict)

    async def receive(self, data: dict[str, Any], tenant_id: str) -> tuple[int, Any]:
        """Handle one admitted activity; return the HTTP status and body (None: empty)."""
        activity = decode(data)
        try:
            return await self._handled(activity, tenant_id.lower())
        except Exception:
            reference = secrets.token_hex(4)
            log.exception("a turn failed", extra={"reference": reference})
            return await self._apologise(activity, reference)

    async def _handled(self, activity: Activity, tenant_id: str) -> tuple[int, Any]:
        sender = activity.from_property
        identity = Identity(tenant_id, (sender.aad_object_id or "").lower())
        if activity.type == ActivityTypes.invoke:
            return await self._invoked(activity, identity)
        if activity.type == ActivityTypes.message:
            return await self._messaged(activity, identity)
        if activity.type in {ActivityTypes.installation_update, ActivityTypes.conversation_update}:
            await self._installed(activity, identity)
        return 200, None

    async def _messaged(self, activity: Activity, identity: Identity) -> tuple[int, Any]:
        if activity.conversation.conversation_type not in {None, PERSONAL}:
            return await self._send(activity, lambda context: say(context, ONLY_PERSONAL))
        person = await self._person(identity)
        if person is None:
            sentence = await self._to_a_stranger(identity)
            return await self._send(activity, lambda context: say(context, sentence))
        await self._remember(activity, identity, person)
        if parse_press(activity.value):
            return await self._send(activity, lambda context: self._press_by_message(context, person))
        async with self._lock(activity.conversation.id):
            return await self._talked(activity, person)

    async def _talked(self, activity: Activity, person: Person) -> tuple[int, Any]:
        """Run a dialog turn until its state is saved; on a conflict run it again, as nothing has been sent yet."""
        chat = activity.conversation.id
        for _ in range(_ATTEMPTS):
            conversation = await self.conversations.load(chat)
            if activity.id in conversation.seen and (chat, activity.id) in self._answered:
                return 200, None
            posted = self._posted.get(chat, {})
            conversation.posted.update(posted)
            turn = Turn(person, conversation, self.desk)
            is_repeat = activity.id in conversation.seen
            result = await self.adapter.run(activity, partial(self._talk, turn, is_repeat))
            conversation.seen.append(activity.id)
            for key in list(conversation.posted)[:-_POSTED_KEPT]:
                del conversation.posted[key]
            try:
                await self.conversations.save(conversation)
            except Raced:
                continue
            self._posted.pop(chat, None)
            self._mark_answered(chat, activity.id)
            await self._flush(activity, result.sendings, person)
            return 200, None
        raise Raced("the conversation keeps changing")

    async def _talk(self, turn: Turn, is_repeat: bool, context: TurnContext) -> None:
        context.turn_state[TURN] = turn
        if is_repeat:
            await self.talk.repeat(turn, context)
        else:
            await self.talk.message(turn, context)

    async def _press_by_message(self, context: TurnContext, person: Person) -> None:
        data: Mapping[str, Any] = context.activity.value or {}
        press = parse_press(data)
        if press is None:
            return
        try:
            answer = await self.desk.press(person, press)
        except Refusal as refusal:
            await say(context, refusal.sentence)
            return
        card = answer_card(answer, data)
        if context.activity.reply_to_id:
            await replace_card(context, context.activity.reply_to_id, card)
        else:
            await post(context, card)

    async def _invoked(self, activity: Activity, identity: Identity) -> tuple[int, Any]:
        if activity.name != _CARD_PRESS:
            return NOTHING_TO_SAY
        result = await self.adapter.run(activity, lambda context: self._press(context, identity))
        return result.invoke or NOTHING_TO_SAY

    async def _press(self, context: TurnContext, identity: Identity) -> None:
        value = context.activity.value
        pressed = value.get("action") if isinstance(value, dict) else None
        action = pressed if isinstance(pressed, dict) else {}
        carried = action.get("data")
        data: dict[str, Any] = carried if isinstance(carried, dict) else {}
        press = parse_press(data, action.get("verb"))
        person = await self._person(identity)
        if person is None:
            answer_invoke(context, message_answer(await self._to_a_stranger(identity)))
        elif press is None:
            answer_invoke(context, message_answer("This button is not known here. Type help to see what you can do."))
        else:
            try:
                answer = await self.desk.press(person, press)
                answer_invoke(context, card_answer(answer_card(answer, data)))
            except Refusal as refusal:
                answer_invoke(context, message_answer(refusal.sentence))

    async def _installed(self, activity: Activity, identity: Identity) -> None:
        if activity.conversation.conversation_type not in {None, PERSONAL}:
            return
        person = await self._person(identity)
        if person is None:
            return
        if activity.type == ActivityTypes.installation_update and activity.action == "remove":
            await self.people.forget_address(person.email)
        elif await self._remember(activity, identity, person):
            await self._send(activity, lambda context: post(context, welcome_card(person)), person)

    async def _remember(self, activity: Activity, identity: Identity, person: Person) -> bool:
        """Keep where the person is reached; when that is news, what waited for the person is sent."""
        address = Address(
            service_url=activity.service_url,
            conversation_id=activity.conversation.id,
            tenant_id=identity.tenant_id,
            member_id=activity.from_property.id,
            bot_id=activity.recipient.id,
        )
        is_news = await self.people.remember_address(identity, address)
        if is_news:
            for number in await self.courier.arrived(person.email):
                self.nudge(number)
        return is_news

    async def _person(self, identity: Identity) -> Person | None:
        return await self.people.by_identity(identity) if identity.object_id else None

    async def _to_a_stranger(self, identity: Identity) -> str:
        if identity.tenant_id == self.home_tenant:
            return UNKNOWN_AT_HOME
        partner = await self.people.partner_of_tenant(identity.tenant_id)
        if partner is None:
            return UNKNOWN_TENANT
        if not identity.object_id:
            return NO_OBJECT_ID
        fpm = await self.people.by_email(partner.fpm)
        name = f"{fpm.name} ({fpm.email})" if fpm else partner.fpm
        return f"You are not registered for {partner.name} yet. Please ask your FPM, {name}, to add you."

    async def _send(self, activity: Activity, logic: Logic, person: Person | None = None) -> tuple[int, Any]:
        """Run a turn that keeps no dialog state, and send what it says."""
        result = await self.adapter.run(activity, logic)
        await self._flush(activity, result.sendings, person)
        return 200, None

    async def _flush(self, activity: Activity, sendings: list[Sending], person: Person | None) -> None:
        labels = {id(s): s.activity.pop("label", "") for s in sendings}
        chat = ConversationAddress(activity.service_url, activity.conversation.id)

        async def posted(sending: Sending, outcome: Outcome) -> None:
            label = labels[id(sending)]
            if not label or not outcome.activity_id:
                return
            if label.startswith(_STATUS_LABEL) and person:
                await self._keep_copy(label.removeprefix(_STATUS_LABEL), person, chat, outcome.activity_id)
            else:
                self._posted.setdefault(chat.conversation_id, {})[label] = outcome.activity_id

        await self.outbox.flush(chat, sendings, posted=posted)

    async def _keep_copy(self, number: str, person: Person, chat: ConversationAddress, activity_id: str) -> None:
        """Remember a status card that was posted as an answer, so that it follows the request from now on."""
        await self.courier.keep_copy(number, person, chat.service_url, chat.conversation_id, activity_id)

    def _lock(self, chat: str) -> asyncio.Lock:
        lock = self._locks.get(chat)
        if lock is None:
            lock = self._locks[chat] = asyncio.Lock()
        return lock

    def _mark_answered(self, chat: str, activity_id: str) -> None:
        self._answered[chat, activity_id] = None
        while len(self._answered) > _REMEMBERED:
            self._answered.popitem(last=False)

    async def _apologise(self, activity: Activity, reference: str) -> tuple[int, Any]:
        sentence = f"Something went wrong here (reference {reference}). Your answers are kept. Please try again."
        if activity.type == ActivityTypes.invoke:
            return message_answer(sentence)
        if activity.type == ActivityTypes.message:
            return await self._send(activity, lambda context: say(context, sentence))
        return 200, None
