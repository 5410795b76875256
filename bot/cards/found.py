"""What a search shows of a request: a line for who searches, and next to nothing for the chat it is put into."""

import re
from typing import NamedTuple
from urllib.parse import quote

from bot.cards.answers import in_words
from bot.cards.pieces import Card, card, own
from bot.domain.request import SmeRequest
from bot.domain.texts import one_line

_CHAT = "https://teams.microsoft.com/l/chat/0/0"
_UNSEEN = "\u2060"
# Some clients show the texts of a preview as they are, others as HTML or Markdown: nothing may mean anything in any.
_SWAPPED = str.maketrans(
    {"<": "\u2039", ">": "\u203a", "[": "(", "]": ")", "*": " ", "_": " ", "`": "'", "~": "-", "\\": " "}
)
_BEGINS_A_MEANING = re.compile(r"&(?=[#\w])|:(?=//)|^[#>+-]+(?=\s)|\{(?=\{)|(?<=\bwww)(?=\.)", re.IGNORECASE)


class Preview(NamedTuple):
    """The two lines of a hit, which only who searches sees."""

    title: str
    text: str


def preview_of(request: SmeRequest) -> Preview:
    """Return the customer over workload, status and number."""
    workload = in_words("workload", request.answers["workload"], {})
    title = _plain(request.customer) or request.number
    return Preview(title, f"{workload} · {_status_word(request)} · {request.number}")


def found_card(request: SmeRequest, bot_id: str) -> Card:
    """Return what is put into a chat, where everybody reads it: number, status, and the way to the bot.

    `bot_id` is the bot's id in Teams. Whoever follows the link is shown what they may see, and nobody more.
    """
    number, status = request.number, _status_word(request)
    asked = f"{_CHAT}?users={quote(bot_id, safe='')}&message={quote(f'status {number}', safe='')}"
    head = own(f"SME request {number}", bold=True)
    link = own(f"[Ask the bot about it]({asked})", spacing="small")
    return card(f"SME request {number}: {status}.", [head, own(f"Status: {status}", spacing="none"), link])


def _status_word(request: SmeRequest) -> str:
    return request.status.value.capitalize()


def _plain(text: str) -> str:
    """Return a text by anybody in which no client finds a tag, an entity, a link or Markdown."""
    kept = one_line(text.translate(_SWAPPED))
    return _BEGINS_A_MEANING.sub(lambda found: f"{found[0]}{_UNSEEN}", kept)
