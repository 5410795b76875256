"""What people are told of everything that waits for them: one card about several requests."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.cards.agenda import agenda_card
from bot.cards.lists import MOST_ROWS
from bot.cards.pieces import Card
from bot.domain.lifecycle import Topic
from bot.domain.notices import Notice
from bot.domain.people import Person
from bot.domain.ports import Agendas, Requests
from bot.domain.view import RequestView
from bot.domain.viewing import Viewing


@dataclass(frozen=True, slots=True)
class AgendaNews:
    """Where the courier turns for notices about agendas."""

    agendas: Agendas
    requests: Requests
    viewing: Viewing

    async def of_notice(self, notice: Notice, reader: Person) -> Card:
        """Return the card of a notice as it stands now."""
        _, *lines = notice.sentence.split("\n")
        return await self.card(notice.topic, notice.listed, reader, lines)

    async def card(
        self, topic: Topic, listed: Sequence[str], reader: Person, lines: Sequence[str] = (), note: str = ""
    ) -> Card:
        """Return the card about the listed requests, of those that are the reader's to see."""
        views = [view for number in listed[:MOST_ROWS] if (view := await self._view(number, reader, listed))]
        left_out = max(0, len(listed) - MOST_ROWS)
        at = self.viewing.clock()
        return agenda_card(topic, views, lines, reader=reader, at=at, left_out=left_out, note=note)

    async def is_overtaken(self, notice: Notice, reader: Person) -> bool:
        """Whether a reminder has nothing to remind of any more."""
        if notice.topic is not Topic.REMINDER:
            return False
        views = [await self._view(number, reader, notice.listed) for number in notice.listed]
        held = {each.holder for view in views if view for each in view.promises if each.is_running}
        return not any(view and view.relations & held for view in views)

    async def revisions(self, listed: Sequence[str]) -> dict[str, int]:
        """Return how each request on a card stands."""
        cases = [await self.requests.load(number) for number in listed[:MOST_ROWS]]
        return {case.request.number: case.request.revision for case in cases if case}

    async def _view(self, number: str, reader: Person, listed: Sequence[str]) -> RequestView | None:
        case = await self.requests.load(number)
        if case is None or not await self.viewing.relations(case.request, reader):
            return None
        # One request is shown with everything that can be done to it, several by what fits into a row.
        return await (self.viewing.of(case, reader) if len(listed) == 1 else self.viewing.at_a_glance(case, reader))
