"""Answers a press on a card of the form that is not the open question (any more)."""

import re
from collections.abc import Mapping

from botbuilder.core import TurnContext

from bot.cards.form import line_card, page_line_card
from bot.cards.pieces import Card
from bot.dialogs.turn import Turn, collapse, place_of_press, say, text_in
from bot.domain.fields import PAGES
from bot.domain.form import page_is_done

EARLIER_STEP = "That card is from an earlier step. Please go on with the newest card below."
DRAFT_KEPT = "This form is not open any more, but your answers are kept. Type new request to go on."
GONE = "This form is closed. Type new request to begin another."
_TOKEN = re.compile(r"[0-9a-f]{32}")


async def answer_late_card(turn: Turn, context: TurnContext, value: Mapping[str, object]) -> None:
    """Say what became of the card's form, and make a line of the card. Nothing is changed, whatever was pressed."""
    sentence, line = await _what_became(turn, value)
    await say(context, sentence)
    key = text_in(value, "card")
    await collapse(context, key, place_of_press(context, key), line)


async def _what_became(turn: Turn, value: Mapping[str, object]) -> tuple[str, Card]:
    token = text_in(value, "form")
    if token and token == turn.conversation.form.get("token"):
        sentence = EARLIER_STEP if turn.conversation.stack else DRAFT_KEPT
        return sentence, await _line(turn, text_in(value, "stop"), sentence)
    view = await turn.desk.intake.by_token(turn.person, token) if _TOKEN.fullmatch(token) else None
    sentence = f"This form was sent as {view.request.number}." if view else GONE
    return sentence, line_card(sentence)


async def _line(turn: Turn, stop: str, sentence: str) -> Card:
    """Return the record of an answered page, so that a second press does not wipe it out of the chat."""
    context = await turn.form_context()
    for page in PAGES:
        if page.key == stop and page_is_done(stop, context):
            return page_line_card(page, context)
    return line_card(sentence)
