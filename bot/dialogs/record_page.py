"""One request in full, a page of one of its parts at a time."""

import re
from collections.abc import Mapping

from bot.cards.pieces import Card
from bot.cards.record import record_card
from bot.domain.desk import Desk
from bot.domain.people import Person

_PAGE = re.compile("[1-9][0-9]{0,3}")


async def record_page(desk: Desk, person: Person, texts: Mapping[str, str]) -> Card:
    """Return a page of a request; of what the button names wrongly, the first."""
    page = texts.get("page", "")
    wanted = int(page) if _PAGE.fullmatch(page) else 1
    return record_card(await desk.records.of(person, texts.get("request", ""), texts.get("part", ""), wanted))
