"""The pages of the portfolio: all partners of an FPM, and the review of one."""

from collections.abc import Mapping

from bot.cards.pieces import Card
from bot.cards.portfolio import portfolio_card, review_card
from bot.domain.desk import Desk
from bot.domain.people import Person
from bot.domain.portfolio import PERIOD, PERIODS

KEPT = "The review is kept: from now on this page shows what changes after it."


async def portfolio_page(desk: Desk, person: Person, texts: Mapping[str, str]) -> Card:
    """Return the review of the partner that the texts name, else all partners. Raises Refusal."""
    if code := texts.get("partner", ""):
        return review_card(await desk.portfolio.review(person, code, _months(texts)), person)
    page = texts.get("page", "")
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 4 else 1  # noqa: PLR2004
    return portfolio_card(await desk.portfolio.of(person, number), person)


async def reviewed_page(desk: Desk, person: Person, texts: Mapping[str, str]) -> Card:
    """Keep a review, and return the partner's page as it stands then. Raises Refusal."""
    code = texts.get("partner", "")
    await desk.portfolio.reviewed(person, code)
    return review_card(await desk.portfolio.review(person, code, _months(texts)), person, KEPT)


def _months(texts: Mapping[str, str]) -> int:
    return next((months for months in PERIODS if str(months) == texts.get("months")), PERIOD)
