"""Runs turns: a dialog turn is saved before anything of it is sent, and an activity seen before is not done again."""

import asyncio
import logging
import random
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from functools import partial

from botbuilder.core import TurnContext
from botbuilder.schema import Activity

from bot.channel.adapter import Sending, TeamsAdapter
from bot.channel.answers import NOTHING_TO_SAY, Answer
from bot.channel.connector import Kind, Outcome
from bot.channel.outbox import ConversationAddress, Outbox
from bot.courier import Courier
from bot.dialogs.talk import Talk
from bot.dialogs.turn import Turn
from bot.domain.desk import Desk
from bot.domain.people import Person
from bot.domain.ports import Conversations, Raced
from bot.locks import KeyedLocks

log = logging.getLogger(__name__)

_STATUS_LABEL = "status:"
_ATTEMPTS = 12
_LONGEST_PAUSE = 0.02
_REMEMBERED = 4096
_POSTED_KEPT = 16

Logic = Callable[[TurnContext], Awaitable[None]]


class Turns:
    """The turns of one instance, one at a time in each chat; a press need not wait, as etags guard what it does.

    What was posted under which activity id is kept in memory until the chat's next turn saves it; after a restart
    an open card counts as not posted, and is posted again when somebody asks after it.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - the parts of a turn, each named once at the composition root
        self,
        adapter: TeamsAdapter,
        outbox: Outbox,
        conversations: Conversations,
        desk: Desk,
        talk: Talk,
        courier: Courier,
        nudge: Callable[[str], None],
    ) -> None:
        self._adapter = adapter
        self._outbox = outbox
        self._conversations = conversations
        self._desk = desk
        self._talk = talk
        self._courier = courier
        self._nudge = nudge
        self._locks = KeyedLocks()
        self._posted: OrderedDict[str, dict[str, str]] = OrderedDict()
        self._answered: OrderedDict[tuple[str, str], None] = OrderedDict()

    async def say(self, activity: Activity, logic: Logic, person: Person | None = None) -> None:
        """Run a turn that keeps no dialog state, and send what it says; the same activity once."""
        chat = activity.conversation.id
        async with self._locks.of(chat):
            if (chat, activity.id) in self._answered:
                return
            result = await self._adapter.run(activity, logic)
            if await self._flush(activity, result.sendings, person) and activity.id:
                self._remember_answered(chat, activity.id)

    async def press(self, activity: Activity, logic: Logic) -> Answer:
        """Run the turn of a button press and return the answer to it."""
        return (await self._adapter.run(activity, logic)).invoke or NOTHING_TO_SAY

    async def talk(self, activity: Activity, person: Person) -> None:
        """Run a dialog turn until its state is saved; on a conflict run it again, as nothing has been sent yet."""
        chat = activity.conversation.id
        async with self._locks.of(chat):
            for attempt in range(_ATTEMPTS):
                if (chat, activity.id) in self._answered or await self._talked(activity, person):
                    return
                await asyncio.sleep(random.uniform(0, _LONGEST_PAUSE) * attempt)  # noqa: S311 - spreads, hides nothing
            raise Raced("the conversation keeps changing")

    async def _talked(self, activity: Activity, person: Person) -> bool:
        chat = activity.conversation.id
        conversation = await self._conversations.load(chat)
        known = dict(self._posted.get(chat, {}))
        conversation.posted.update(known)
        turn = Turn(person, conversation, self._desk)
        is_repeat = bool(activity.id) and activity.id in conversation.seen
        answer = self._talk.repeat if is_repeat else self._talk.message
        result = await self._adapter.run(activity, partial(answer, turn))
        if activity.id:
            conversation.seen.append(activity.id)
        for key in list(conversation.posted)[:-_POSTED_KEPT]:
            del conversation.posted[key]
        try:
            await self._conversations.save(conversation)
        except Raced:
            return False
        self._forget_posted(chat, known)
        if await self._flush(activity, result.sendings, person) and activity.id:
            self._remember_answered(chat, activity.id)
        return True

    def _remember_posted(self, chat: str, label: str, activity_id: str) -> None:
        self._posted.setdefault(chat, {})[label] = activity_id
        self._posted.move_to_end(chat)
        while len(self._posted) > _REMEMBERED:
            self._posted.popitem(last=False)

    def _forget_posted(self, chat: str, saved: dict[str, str]) -> None:
        """Forget what has been saved; what was posted meanwhile is saved by the next turn."""
        left = {key: at for key, at in self._posted.pop(chat, {}).items() if saved.get(key) != at}
        if left:
            self._posted[chat] = left

    def _remember_answered(self, chat: str, activity_id: str) -> None:
        self._answered[chat, activity_id] = None
        while len(self._answered) > _REMEMBERED:
            self._answered.popitem(last=False)

    async def _flush(self, activity: Activity, sendings: list[Sending], person: Person | None) -> bool:
        """Send; False when something is known not to have arrived, so that a redelivery posts it again."""
        labels = {id(sending): sending.activity.pop("label", "") for sending in sendings}
        chat = ConversationAddress(activity.service_url, activity.conversation.id)

        def posted(sending: Sending, outcome: Outcome) -> Awaitable[None] | None:
            label = labels[id(sending)]
            if not label or not outcome.activity_id:
                return None
            if label.startswith(_STATUS_LABEL) and person:
                return self._keep_copy(label, person, chat, outcome.activity_id)
            self._remember_posted(chat.conversation_id, label, outcome.activity_id)
            return None

        outcomes = await self._outbox.flush(chat, sendings, posted=posted)
        for outcome in outcomes or ():
            if outcome.kind is Kind.REJECTED:
                log.error("an answer was refused", extra={"why": f"{outcome.status} {outcome.code}"})
        return outcomes is None or all(outcome.ok for outcome in outcomes)

    async def _keep_copy(self, label: str, person: Person, chat: ConversationAddress, activity_id: str) -> None:
        _, number, shown = label.split(":")
        await self._courier.copies.keep(
            number, int(shown), person, chat.service_url, chat.conversation_id, activity_id
        )  # fmt: skip
        self._nudge(number)
