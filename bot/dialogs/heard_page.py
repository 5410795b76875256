"""What the programme team hears, a page at a time."""

import re
from collections.abc import Mapping

from bot.cards.heard import heard_card
from bot.cards.pieces import Card
from bot.domain.desk import Desk
from bot.domain.people import Person

_AFTER = re.compile(r"\d{4}-\d{2}-\d{2}T\d{6}\.\d{6}Z:[A-Za-z0-9_.@+=,!-]{1,200}:[A-Za-z0-9]{1,32}", re.ASCII)


async def heard_page(desk: Desk, person: Person, texts: Mapping[str, str]) -> Card:
    """Return a page of what was heard; from a place that cannot be one, the first."""
    after = texts.get("after", "")
    page = await desk.feedback.heard(person, texts.get("kind", ""), after if _AFTER.fullmatch(after) else "")
    return heard_card(page, person)
