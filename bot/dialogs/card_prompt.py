"""Asks one question by a card, and takes an answer from that very card only."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from botbuilder.core import TurnContext
from botbuilder.dialogs import Dialog, DialogContext, DialogInstance, DialogReason, DialogTurnResult

from bot.cards.form import line_card
from bot.cards.pieces import Card
from bot.dialogs.late_card import answer_late_card
from bot.dialogs.turn import Turn, collapse, new_card_key, place_of_press, post, pressed, replace_card, say, turn_of

ANSWER_ON_THE_CARD = (
    "Please answer on the card above; your answers so far are kept. Type help for help, cancel to stop the form."
)
CLOSED_HERE = "This card is closed."

Marker = Mapping[str, str]
Result = dict[str, str]


@dataclass(frozen=True, slots=True)
class Taken:
    """The card was answered: what the waterfall is told, and the read-only line that the card becomes."""

    result: Result
    line: Card


@dataclass(frozen=True, slots=True)
class Kept:
    """The question stays; `card` is the card drawn anew, if it changes, `sentence` what is said besides."""

    card: Card | None = None
    sentence: str = ""


class Question(Protocol):
    """What can be asked by a card; `marker` goes into the data of each of its buttons."""

    async def card(self, turn: Turn, marker: Marker) -> Card: ...
    async def take(self, turn: Turn, marker: Marker, value: Mapping[str, object]) -> Taken | Kept: ...


def marker_of(turn: Turn, state: Mapping[str, str]) -> Marker:
    return {"form": turn.conversation.form["token"], "card": state["card"], "stop": state["stop"]}


class CardPrompt(Dialog):  # type: ignore[misc]  # the SDK ships no types
    """Its dialog state is the question's key and the key of the card posted for it, nothing else.

    It begins with `{"stop": key}`, the question's key, and ends with a dict of texts: that `stop`, the `verb`, and
    what the verb carries.
    """

    def __init__(self, dialog_id: str, questions: Mapping[str, Question]) -> None:
        super().__init__(dialog_id)
        self._questions = questions

    async def begin_dialog(self, dialog_context: DialogContext, options: Mapping[str, str]) -> DialogTurnResult:
        state = dialog_context.active_dialog.state
        state["stop"], state["card"] = options["stop"], new_card_key()
        await self._post(dialog_context.context, state)
        return Dialog.end_of_turn

    async def reprompt_dialog(self, context: TurnContext, instance: DialogInstance) -> None:
        """Post the card once more unless it is known to stand in the chat; either copy can be answered."""
        if instance.state["card"] not in turn_of(context).conversation.posted:
            await self._post(context, instance.state)

    async def continue_dialog(self, dialog_context: DialogContext) -> DialogTurnResult:
        context, state = dialog_context.context, dialog_context.active_dialog.state
        turn, value = turn_of(context), pressed(context)
        if value is None:
            await say(context, ANSWER_ON_THE_CARD)
            await self.reprompt_dialog(context, dialog_context.active_dialog)
            return Dialog.end_of_turn
        marker = marker_of(turn, state)
        if any(value.get(key) != marker[key] for key in ("form", "card")):
            await answer_late_card(turn, context, value)
            if value.get("form") == marker["form"]:
                await self.reprompt_dialog(context, dialog_context.active_dialog)
            return Dialog.end_of_turn
        place = place_of_press(context, state["card"])
        outcome = await self._questions[state["stop"]].take(turn, marker, value)
        if isinstance(outcome, Kept):
            await _ask_again(context, outcome, place, state["card"])
            return Dialog.end_of_turn
        ended = await dialog_context.end_dialog({"stop": state["stop"], **outcome.result})
        # By now the next card stands in the chat: whoever sees this one close sees where to go on.
        await collapse(context, state["card"], place, outcome.line)
        return ended

    async def end_dialog(self, context: TurnContext, instance: DialogInstance, reason: DialogReason) -> None:
        """Close the card when the form ends without having been answered on it."""
        if reason is DialogReason.CancelCalled:
            key = instance.state["card"]
            posted = turn_of(context).conversation.posted.get(key, "")
            await collapse(context, key, posted, line_card(CLOSED_HERE))

    async def _post(self, context: TurnContext, state: Mapping[str, str]) -> None:
        turn = turn_of(context)
        card = await self._questions[state["stop"]].card(turn, marker_of(turn, state))
        await post(context, card, state["card"])


async def _ask_again(context: TurnContext, kept: Kept, place: str, card_key: str) -> None:
    if kept.card and place:
        await replace_card(context, place, kept.card)
    elif kept.card:
        await post(context, kept.card, card_key)
    if kept.sentence:
        await say(context, kept.sentence)
