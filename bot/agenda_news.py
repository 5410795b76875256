"""What people are told of everything that waits for them: one card about several requests."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.cards.agenda import agenda_card
from bot.cards.asked import asked_of
from bot.cards.pieces import Card
from bot.domain.agenda import agenda_id
from bot.domain.lifecycle import Topic
from bot.domain.notices import OF_AGENDAS, Notice
from bot.domain.people import Person
from bot.domain.ports import Agendas, Case, Requests
from bot.domain.view import RequestView
from bot.domain.viewing import Viewing


@dataclass(frozen=True, slots=True)
class AgendaNews:
    """Where the courier turns for notices about agendas."""

    agendas: Agendas
    requests: Requests
    viewing: Viewing

    async def of_notice(self, notice: Notice, reader: Person, note: str = "") -> Card:
        """Return the card of a notice as it stands now, of the requests that are the reader's to see."""
        _, *lines = notice.sentence.split("\n")
        views = await self._views(notice.listed, reader)
        at = self.viewing.clock()
        return agenda_card(notice.topic, views, lines, reader=reader, at=at, word=notice.revision, note=note)

    async def of_word(self, reader: Person, word: int, note: str) -> Card | None:
        """Return the card of a word that the reader was given, None when it is kept no more."""
        told = await self.requests.notices_of(agenda_id(reader.email))
        given = [notice for notice in told if notice.revision == word and notice.topic in OF_AGENDAS]
        return await self.of_notice(given[0], reader, note) if given else None

    async def is_overtaken(self, notice: Notice, reader: Person) -> bool:
        """Whether a reminder has nothing to remind of any more."""
        if notice.topic is not Topic.REMINDER:
            return False
        views = [view for _, view in await self._glances(notice.listed, reader)]
        return not any(asked_of(view) for view in views)

    async def revisions(self, listed: Sequence[str]) -> dict[str, int]:
        """Return how each request on a card stands."""
        cases = [await self.requests.load(number) for number in listed]
        return {case.request.number: case.request.revision for case in cases if case}

    async def _views(self, listed: Sequence[str], reader: Person) -> list[RequestView]:
        """Return one request with everything that can be done to it, several as they fit into rows."""
        glances = await self._glances(listed, reader)
        return [await self.viewing.of(case, reader) if len(glances) == 1 else view for case, view in glances]

    async def _glances(self, listed: Sequence[str], reader: Person) -> list[tuple[Case, RequestView]]:
        cases = [case for number in listed if (case := await self.requests.load(number))]
        found = [(case, await self.viewing.at_a_glance(case, reader)) for case in cases]
        return [(case, view) for case, view in found if view.relations]
