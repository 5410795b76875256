"""Pages that people leaf through: what a button asks to see, and the card that shows it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from bot.cards.heard import HEARD
from bot.cards.insights import INSIGHTS
from bot.cards.list_buttons import LIST, SEVERAL
from bot.cards.pieces import OPENS_BELOW, Card
from bot.cards.portfolio import PORTFOLIO, REVIEWED
from bot.cards.record import RECORD
from bot.dialogs.heard_page import heard_page
from bot.dialogs.insights_page import insights_page
from bot.dialogs.list_page import list_page
from bot.dialogs.portfolio_page import portfolio_page, reviewed_page
from bot.dialogs.record_page import record_page
from bot.dialogs.several_page import several_page
from bot.domain.desk import Desk
from bot.domain.people import Person

Show = Callable[[Desk, Person, Mapping[str, str]], Awaitable[Card]]
"""Makes the card of a page for a person, from the texts of a button's data; nothing in them grants a right."""

PAGES: Mapping[str, Show] = {
    LIST: list_page,
    SEVERAL: several_page,
    INSIGHTS: insights_page,
    PORTFOLIO: portfolio_page,
    REVIEWED: reviewed_page,
    RECORD: record_page,
    HEARD: heard_page,
}
"""By the verb of the button."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A page that a button asks for, with the texts that its data carries."""

    show: Show
    texts: Mapping[str, str]

    async def card(self, desk: Desk, person: Person) -> Card:
        """Return the page. Raises Refusal with the sentence for the person."""
        return await self.show(desk, person, self.texts)


def parse_page(data: object, verb: object = None) -> Asked | None:
    """Return the page that a button's data asks for, None when it asks for none.

    `verb` is the one of the Action.Execute itself.
    """
    if not isinstance(data, Mapping):
        return None
    wanted = data.get("verb", verb)
    show = PAGES.get(wanted) if isinstance(wanted, str) else None
    return Asked(show, {k: v for k, v in data.items() if isinstance(v, str)}) if show else None


def opens_below(data: Mapping[str, object]) -> bool:
    """Whether a button opens a page below its card, which stays as it is."""
    return data.items() >= OPENS_BELOW.items()
