"""The answers to a press on a card and to a search, as the plain JSON that Teams documents, and the way to give one."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, NamedTuple

from botbuilder.core import TurnContext

Answer = tuple[int, Any]

_CARD = "application/vnd.microsoft.card.adaptive"
_PREVIEW = "application/vnd.microsoft.card.thumbnail"
_MESSAGE = "application/vnd.microsoft.activity.message"
_ERROR = "application/vnd.microsoft.error"
_ANSWER = "bot.channel.answer"

# For an invoke that nobody answered. The SDK would say 501, but the bot never answers 5xx to anything that a
# caller can send, and Teams shows every status other than 200 as an app that is out of order.
NOTHING_TO_SAY: Answer = (HTTPStatus.OK.value, {})


def card_answer(card: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """Replace the pressed card, for the person who pressed."""
    return _answer(HTTPStatus.OK, _CARD, card)


def message_answer(text: str) -> tuple[int, dict[str, Any]]:
    """Show a sentence to the person who pressed; the card stays."""
    return _answer(HTTPStatus.OK, _MESSAGE, text)


def error_answer(status: int, code: str, text: str) -> tuple[int, dict[str, Any]]:
    """Show a sentence as an error; `status` stands inside the body, the HTTP answer is 200 all the same."""
    return _answer(status, _ERROR, {"code": code, "message": text})


class Hit(NamedTuple):
    """One thing that a search has found: the card that is put into the chat, and the lines that only its finder sees.

    The lines are shown as plain text, HTML or Markdown, by the client.
    """

    card: dict[str, Any]
    title: str
    text: str


def found_answer(hits: Sequence[Hit]) -> Answer:
    """Show the hits of a search, in their order, to the person who searches."""
    attachments = [
        {
            "contentType": _CARD,
            "content": hit.card,
            "preview": {"contentType": _PREVIEW, "content": {"title": hit.title, "text": hit.text}},
        }
        for hit in hits
    ]
    return _answer_to_search({"type": "result", "attachmentLayout": "list", "attachments": attachments})


def told_answer(text: str) -> Answer:
    """Show a sentence in the place of the hits of a search."""
    return _answer_to_search({"type": "message", "text": text})


def answer_invoke(context: TurnContext, answer: Answer) -> None:
    """Set the answer to the invoke of this turn; the last one given counts."""
    context.turn_state[_ANSWER] = answer


def answer_given(context: TurnContext) -> Answer:
    given: Answer = context.turn_state.get(_ANSWER, NOTHING_TO_SAY)
    return given


def _answer(status: int, kind: str, value: object) -> tuple[int, dict[str, Any]]:
    return HTTPStatus.OK.value, {"statusCode": int(status), "type": kind, "value": value}


def _answer_to_search(shown: dict[str, Any]) -> Answer:
    return HTTPStatus.OK.value, {"composeExtension": shown}
