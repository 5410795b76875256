"""The lists of requests: what waits for a person, what was asked for, and the work that goes on."""

from collections.abc import Mapping

from bot.cards.lists import list_card
from bot.cards.pieces import Card
from bot.domain.desk import Desk
from bot.domain.errors import Refusal
from bot.domain.people import Person

REQUESTS, INBOX, ENGAGEMENTS = "requests", "inbox", "engagements"


async def list_page(desk: Desk, person: Person, texts: Mapping[str, str]) -> Card:
    """Return one of the person's lists."""
    match texts.get("list"):
        case "requests":
            rows = await desk.lookup.own_requests(person)
            return list_card("My requests", rows, empty="There is no request yet. Type new request to begin one.")
        case "inbox":
            return list_card("Inbox", await desk.lookup.inbox(person), empty="Nothing waits for you.")
        case "engagements":
            rows = await desk.lookup.engagements(person)
            return list_card("Engagements", rows, empty="No engagement goes on.")
    raise Refusal("I know no such list. Type help to see what you can do.")
