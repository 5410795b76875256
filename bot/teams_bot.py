"""One activity in: a dialog turn, a button press, or an install event, for whoever sent it."""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botbuilder.core import TurnContext
from botbuilder.schema import Activity, ActivityTypes

from bot.agenda_news import AgendaNews
from bot.cards.access import admission_card
from bot.cards.form import line_card
from bot.cards.pieces import Card
from bot.cards.request import request_card
from bot.cards.words import welcome_card
from bot.channel.activities import decode
from bot.channel.answers import NOTHING_TO_SAY, Answer, answer_invoke, card_answer, message_answer, told_answer
from bot.channel.files import FILE_CONSENT, parse_consent
from bot.courier import Courier
from bot.dialogs.pages import opens_below, parse_page
from bot.dialogs.turn import post, say, show_in_place
from bot.domain.access_desk import LOOK
from bot.domain.desk import REFRESH, UNKNOWN_BUTTON, Desk
from bot.domain.errors import Refusal
from bot.domain.lifecycle import Topic
from bot.domain.people import Address, Identity, Person
from bot.domain.ports import People
from bot.extension import QUERY, answer_query
from bot.floods import ACTIVITIES, SEARCHES, Floods
from bot.instruments import TurnKind
from bot.presses import answer_card, parse_access_press, parse_press, parse_proposal, parse_word
from bot.strangers import Strangers
from bot.telemetry import OFF, Telemetry, turn_failed, turn_refused
from bot.turns import Turns

PERSONAL = "personal"
SEE_BELOW = "Please see the newer card below."
ONLY_PERSONAL = "Please talk to me in a personal chat: what a request says is not for everybody here."
HANDLED: Answer = (200, None)
_CARD_PRESS = "adaptiveCard/action"
_ARRIVALS = frozenset({ActivityTypes.installation_update, ActivityTypes.conversation_update})
_ARRIVAL_PAUSES = (0.1, 0.5, 1.0)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TeamsBot:
    """Everything that an activity needs."""

    turns: Turns
    people: People
    desk: Desk
    courier: Courier
    agenda_news: AgendaNews
    strangers: Strangers
    floods: Floods
    nudge: Callable[[str], None]
    before_turn: Callable[[], Awaitable[None]]
    telemetry: Telemetry = OFF

    async def receive(self, data: dict[str, Any], tenant_id: str) -> Answer:
        """Handle one admitted activity; return the HTTP status and body (None: empty)."""
        activity = decode(data)
        with self.telemetry.turn(_kind_of(activity)):
            return await self._received(activity, tenant_id)

    async def _received(self, activity: Activity, tenant_id: str) -> Answer:
        # Nobody could send an arrival again, and nobody waits for the answer to it.
        pauses = list(_ARRIVAL_PAUSES) if activity.type in _ARRIVALS else []
        while True:
            try:
                await self.before_turn()
                return await self._handled(activity, tenant_id.lower())
            except Exception:
                if pauses:
                    await asyncio.sleep(pauses.pop(0))
                    continue
                reference = secrets.token_hex(4)
                log.exception("a turn failed", extra={"reference": reference})
                return await self._apologise(activity, reference)

    async def _handled(self, activity: Activity, tenant_id: str) -> Answer:
        identity = Identity(tenant_id, (activity.from_property.aad_object_id or "").lower())
        sender = identity.object_id or activity.from_property.id
        allowance = SEARCHES if _is_query(activity) else ACTIVITIES
        if _is_counted(activity) and (excess := self.floods.excess(tenant_id, sender, activity.id or "", allowance)):
            return await self._slowed(activity, tenant_id, sender, excess)
        await self.people.refresh()
        if activity.type == ActivityTypes.invoke:
            return await self._invoked(activity, identity)
        if activity.type == ActivityTypes.message:
            await self._messaged(activity, identity)
        if activity.type in _ARRIVALS:
            await self._installed(activity, identity)
        return HANDLED

    async def _slowed(self, activity: Activity, tenant_id: str, sender: str, sentence: str) -> Answer:
        """Tell whoever sends too much: a message once a minute, an invoke each time, as it has to be answered."""
        turn_refused()
        if _is_query(activity):
            return told_answer(sentence)
        if activity.type == ActivityTypes.invoke:
            return message_answer(sentence) if activity.name == _CARD_PRESS else NOTHING_TO_SAY
        if activity.type == ActivityTypes.message and self.floods.may_tell(tenant_id, sender):
            await self.turns.say(activity, lambda context: say(context, sentence))
        return HANDLED

    async def _messaged(self, activity: Activity, identity: Identity) -> None:
        if not _is_personal(activity):
            await self.turns.say(activity, lambda context: say(context, ONLY_PERSONAL))
            return
        person = await self._person(activity, identity)
        if person is None:
            if registered := await self.strangers.answer(activity, identity):
                await self._remember(activity, identity, registered)
            return
        await self._remember(activity, identity, person)
        if _is_press(activity.value):
            await self.turns.say(activity, lambda context: self._press_by_message(context, person))
        else:
            await self.turns.talk(activity, person)

    async def _press_by_message(self, context: TurnContext, person: Person) -> None:
        try:
            card = await self._pressed(person, context.activity)
        except Refusal as refusal:
            turn_refused()
            await say(context, refusal.sentence)
            return
        # What was opened from a list leaves the list where it is, and so does what opens below its card.
        value = context.activity.value
        is_opened = value.get("verb") == LOOK or opens_below(value)
        await (post if is_opened else show_in_place)(context, card)

    async def _pressed(self, person: Person, activity: Activity) -> Card:
        """Do what a button says; return the card in its new state. Raises Refusal."""
        data, verb = _data_of(activity) if activity.type == ActivityTypes.invoke else (activity.value, None)
        if access_press := parse_access_press(data, verb):
            return admission_card(await self.desk.access.press(person, access_press))
        if proposal := parse_proposal(data, verb):
            return request_card(await self.desk.proposals.propose(person, *proposal), Topic.NEWS)
        if page := parse_page(data, verb):
            return await page.card(self.desk, person)
        press = parse_press(data, verb)
        if press is None:
            raise Refusal(UNKNOWN_BUTTON)
        answer = await self.desk.press(person, press)
        word = parse_word(data)
        card = await self.agenda_news.of_word(person, word, answer.note) if word else None
        if card is None and await self._is_retired(person, press.number, data, activity.reply_to_id):
            return line_card(f"{answer.note} {SEE_BELOW}".strip())
        return card or answer_card(answer, data)

    async def _is_retired(self, person: Person, number: str, data: Mapping[str, Any], card: str | None) -> bool:
        """Whether the pressed card is an old version of one that a newer card has followed."""
        if data.get("topic") not in {Topic.ENGAGEMENT, Topic.STATUS} or not card:
            return False
        return await self.courier.copies.is_retired(number, person, card)

    async def _invoked(self, activity: Activity, identity: Identity) -> Answer:
        if _is_query(activity):
            return await self._searched(activity, identity)
        if activity.name == FILE_CONSENT:
            return await self._consented(activity, identity)
        if activity.name != _CARD_PRESS:
            return NOTHING_TO_SAY
        return await self.turns.press(activity, lambda context: self._press(context, identity))

    async def _searched(self, activity: Activity, identity: Identity) -> Answer:
        """Answer a search, from whatever chat it comes; it changes nothing, and remembers nothing of the chat."""
        if _is_personal(activity):
            person = await self._person(activity, identity)
        else:
            # The roster of a chat with others says nothing that somebody could be recognised by.
            person = await self.people.by_identity(identity) if identity.object_id else None
        if person is None:
            return told_answer(await self.strangers.sentence(activity, identity))
        return await answer_query(self.desk.search, person, activity.value, activity.recipient.id)

    async def _press(self, context: TurnContext, identity: Identity) -> None:
        person = await self._person(context.activity, identity)
        if person is None:
            answer_invoke(context, message_answer(await self.strangers.sentence(context.activity, identity)))
            return
        try:
            answer_invoke(context, card_answer(await self._pressed(person, context.activity)))
        except Refusal as refusal:
            turn_refused()
            answer_invoke(context, message_answer(refusal.sentence))

    async def _consented(self, activity: Activity, identity: Identity) -> Answer:
        """Take the answer to the question for a file; the file itself is made outside the turn."""
        consent, person = parse_consent(activity.value), await self._person(activity, identity)
        if consent is None or person is None or activity.conversation.conversation_type not in {None, PERSONAL}:
            return NOTHING_TO_SAY
        try:
            card = activity.reply_to_id or ""
            await self.desk.exports.order(person, consent.words, consent.token, consent.place, card)
        except Refusal as refusal:
            turn_refused()
            sentence = refusal.sentence
            await self.turns.say(activity, lambda context: say(context, sentence))
        return HANDLED

    async def _installed(self, activity: Activity, identity: Identity) -> None:
        if not _is_personal(activity):
            return
        person = await self._person(activity, identity)
        if person is None:
            if activity.action == "add":
                await self.strangers.greet(activity, identity)
            return
        if activity.type == ActivityTypes.installation_update and activity.action == "remove":
            await self.people.forget_address(person.email)
        elif _is_arrival(activity) and await self._remember(activity, identity, person):
            await self.turns.say(activity, lambda context: post(context, welcome_card(person)))

    async def _remember(self, activity: Activity, identity: Identity, person: Person) -> bool:
        """Keep where the person is reached, and send what waited for them; True when the place is news."""
        address = Address(
            service_url=activity.service_url,
            conversation_id=activity.conversation.id,
            tenant_id=identity.tenant_id,
            member_id=activity.from_property.id,
            bot_id=activity.recipient.id,
        )
        is_news = await self.people.remember_address(identity, address)
        # Asked each time: a turn that broke off here before must not have lost what waits.
        for number in await self.courier.arrived(person.email):
            self.nudge(number)
        return is_news

    async def _person(self, activity: Activity, identity: Identity) -> Person | None:
        if not identity.object_id:
            return None
        return await self.people.by_identity(identity) or await self.strangers.recognised(activity, identity)

    async def _apologise(self, activity: Activity, reference: str) -> Answer:
        turn_failed()
        sentence = f"Something went wrong here (reference {reference}). Your answers are kept. Please try again."
        if _is_query(activity):
            return told_answer(sentence)
        if activity.type == ActivityTypes.invoke:
            return message_answer(sentence)
        if activity.type == ActivityTypes.message:
            await self.turns.say(activity, lambda context: say(context, sentence))
        return HANDLED


def _is_query(activity: Activity) -> bool:
    return bool(activity.type == ActivityTypes.invoke and activity.name == QUERY)


def _is_personal(activity: Activity) -> bool:
    return activity.conversation.conversation_type in {None, PERSONAL}


def _data_of(activity: Activity) -> tuple[dict[str, Any], object]:
    """Return the data of the button that an Action.Execute presses, and the verb of the action itself."""
    value = activity.value
    pressed = value.get("action") if isinstance(value, dict) else None
    action = pressed if isinstance(pressed, dict) else {}
    carried = action.get("data")
    return carried if isinstance(carried, dict) else {}, action.get("verb")


def _is_press(data: object, verb: object = None) -> bool:
    return any(parse(data, verb) for parse in (parse_press, parse_access_press, parse_proposal, parse_page))


def _is_refresh(activity: Activity) -> bool:
    """Say whether a client asks by itself for a card as it is now."""
    if activity.type != ActivityTypes.invoke or activity.name != _CARD_PRESS:
        return False
    data, verb = _data_of(activity)
    return _is_press(data, verb) and data.get("verb", verb) == REFRESH


def _is_counted(activity: Activity) -> bool:
    """Say whether an activity is something that people send, and not what their client does by itself."""
    return activity.type not in _ARRIVALS and not _is_refresh(activity)


def _kind_of(activity: Activity) -> TurnKind:
    if activity.type in _ARRIVALS:
        return TurnKind.ARRIVAL
    if activity.type == ActivityTypes.message:
        return TurnKind.PRESS if _is_press(activity.value) else TurnKind.MESSAGE
    if _is_query(activity):
        return TurnKind.SEARCH
    if activity.type == ActivityTypes.invoke and activity.name == FILE_CONSENT:
        return TurnKind.FILE
    if activity.type == ActivityTypes.invoke and activity.name == _CARD_PRESS:
        return TurnKind.REFRESH if _is_refresh(activity) else TurnKind.PRESS
    return TurnKind.OTHER


def _is_arrival(activity: Activity) -> bool:
    if activity.type == ActivityTypes.installation_update:
        return bool(activity.action == "add")
    return bool(activity.members_added)
