"""The lists of requests: what waits for a person, what was asked for, and the work that goes on."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from bot.cards.lists import list_card
from bot.cards.pieces import Card
from bot.domain.desk import Desk
from bot.domain.errors import Refusal
from bot.domain.filters import wanted_in
from bot.domain.people import Person

NO_LIST = "I know no such list. Type help to see what you can do."
TYPED = "typed"


async def list_page(desk: Desk, person: Person, texts: Mapping[str, str]) -> Card:
    """Return the part of one of the person's lists that a button asks for, or what was typed behind its name."""
    wanted = wanted_in(texts)
    if wanted is None:
        raise Refusal(NO_LIST)
    if TYPED in texts:
        wanted = await desk.listing.typed(person, wanted.name, texts[TYPED].split())
    return list_card(await desk.listing.page(person, wanted), ZoneInfo(person.time_zone))
