"""One turn as the dialogs see it: who asks, what the chat remembers, and how cards are posted and replaced."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from botbuilder.core import TurnContext
from botbuilder.schema import Activity, ActivityTypes, Attachment

from bot.cards.pieces import Card
from bot.channel.activities import Finished
from bot.channel.files import CONSENT
from bot.domain.desk import Desk
from bot.domain.fields import FormContext
from bot.domain.people import Person
from bot.domain.ports import Conversation

TURN = "sme.turn"
"""Under this key the `Turn` stands in the SDK's turn state."""
CARD_TYPE = "application/vnd.microsoft.card.adaptive"


@dataclass(slots=True)
class Turn:
    """Who is talking in this turn, what their chat remembers, and the desk that serves them."""

    person: Person
    conversation: Conversation
    desk: Desk
    _known: tuple[dict[str, str], FormContext] | None = field(default=None, init=False, repr=False)

    async def form_context(self) -> FormContext:
        """Return what the form's pages need for the answers as they stand now; asked of the desk once for each."""
        answers = dict(self.conversation.answers)
        if self._known is None or self._known[0] != answers:
            self._known = (answers, await self.desk.intake.form_context(self.person, answers))
        return self._known[1]


def turn_of(context: TurnContext) -> Turn:
    turn: Turn = context.turn_state[TURN]
    return turn


def new_card_key() -> str:
    return secrets.token_hex(8)


def pressed(context: TurnContext) -> Mapping[str, object] | None:
    """Return the data of the button that was pressed, None when words were typed."""
    value = context.activity.value
    return value if isinstance(value, dict) and isinstance(value.get("verb"), str) else None


def text_in(value: Mapping[str, object], key: str) -> str:
    """Return a text of a button's data, '' when there is none or it is something else."""
    found = value.get(key)
    return found if isinstance(found, str) else ""


async def say(context: TurnContext, sentence: str) -> None:
    await context.send_activity(_OwnActivity(type=ActivityTypes.message, text=sentence, text_format="plain"))


async def post(context: TurnContext, card: Card, label: str = "") -> None:
    """Post a card; under the label the turn runner remembers the activity id that Teams gives it."""
    activity = _activity(card)
    activity.label = label or None
    await context.send_activity(activity)


async def post_file_consent(context: TurnContext, name: str, content: Mapping[str, object]) -> None:
    """Ask whether a file may be put into the person's OneDrive."""
    attachment = Attachment(content_type=CONSENT, name=name, content=Finished(content))
    await context.send_activity(_OwnActivity(type=ActivityTypes.message, attachments=[attachment]))


async def replace_card(context: TurnContext, activity_id: str, card: Card) -> None:
    activity = _activity(card)
    activity.id = activity_id
    await context.update_activity(activity)


async def show_in_place(context: TurnContext, card: Card) -> None:
    """Put a card in the place of the one that was pressed, or below when Teams does not say which that was."""
    if context.activity.reply_to_id:
        await replace_card(context, context.activity.reply_to_id, card)
    else:
        await post(context, card)


def place_of_press(context: TurnContext, card_key: str) -> str:
    """Return the activity id of the card that was pressed, '' when nobody knows it."""
    return context.activity.reply_to_id or turn_of(context).conversation.posted.get(card_key, "")


async def collapse(context: TurnContext, card_key: str, activity_id: str, line: Card) -> None:
    """Make a read-only line of a posted card that nobody should press any more; it is then forgotten."""
    turn_of(context).conversation.posted.pop(card_key, None)
    if activity_id:
        await replace_card(context, activity_id, line)


class _OwnActivity(Activity):  # type: ignore[misc]  # the SDK ships no types
    """Made for one sending: the SDK copies whatever it sends, and may have this itself."""

    def __deepcopy__(self, _memo: object) -> "_OwnActivity":
        return self


def _activity(card: Card) -> Activity:
    attachment = Attachment(content_type=CARD_TYPE, content=Finished(card))
    return _OwnActivity(type=ActivityTypes.message, summary=card["speak"], attachments=[attachment])
