"""The pages of the insights, for the programme team and for FPMs of their own partners."""

from collections.abc import Mapping

from bot.cards.insights import Part, insights_card
from bot.cards.pieces import Card
from bot.domain.desk import Desk
from bot.domain.insights import By
from bot.domain.people import Person


async def insights_page(desk: Desk, person: Person, texts: Mapping[str, str]) -> Card:
    """Return a page of numbers; what the texts ask for that cannot be meant is left out. Raises Refusal."""
    part = next((each for each in Part if each == texts.get("part")), Part.VOLUMES)
    by = next((each for each in By if each == texts.get("by")), By.REGION)
    insights = desk.insights
    insight = await insights.of(person, insights.scope(texts), by)
    if part is Part.SMES:
        return insights_card(insight, part, smes=await insights.loads())
    if part is Part.DEMAND:
        return insights_card(insight, part, await insights.demand(insight))
    return insights_card(insight, part)
