"""What notices are about, and the card that tells one reader of it."""

from dataclasses import dataclass
from typing import Any

from bot.access_news import AccessNews
from bot.agenda_news import AgendaNews
from bot.cards.heard import feedback_card
from bot.cards.request import request_card
from bot.cards.words import question_card
from bot.domain.access import Admission
from bot.domain.agenda import Agenda, person_in
from bot.domain.lifecycle import Topic
from bot.domain.notices import OF_AGENDAS, Notice
from bot.domain.parties import requester_now
from bot.domain.people import Person
from bot.domain.ports import Case, People, Requests
from bot.domain.viewing import Viewing

Matter = Case | Admission | Agenda
"""What notices are about."""


_OWN_HEADLINES = {
    Topic.QUESTION: "A partner has a question for you",
    Topic.FEEDBACK: "Somebody has given feedback",
}


def revision_of(matter: Matter) -> int:
    """Return how far a matter has come: a card that shows an earlier revision of it is behind."""
    return matter.request.revision if isinstance(matter, Case) else matter.revision


def headline(notice: Notice) -> str:
    """Return what a notification or a subject says: never only what somebody typed."""
    return _OWN_HEADLINES.get(notice.topic, notice.sentence.partition("\n")[0])


@dataclass(frozen=True, slots=True)
class Matters:
    """Where matters are found, and what their cards are made from."""

    requests: Requests
    people: People
    access: AccessNews
    agendas: AgendaNews
    viewing: Viewing

    async def load(self, number: str) -> Matter | None:
        """Return what a number stands for: a request, an admission or a person's agenda."""
        if email := person_in(number):
            return await self.agendas.agendas.load(email)
        return await self.requests.load(number) or await self.access.admissions.load(number)

    async def card(self, notice: Notice, matter: Matter | None, reader: Person | None) -> dict[str, Any] | None:
        """Return the card of a notice as its matter stands; None when there is nothing to show any more."""
        if isinstance(matter, Admission):
            return await self.access.card(notice, matter, reader) if reader else None
        if notice.topic is Topic.QUESTION:
            asker = await self.people.by_email(notice.sender)
            return question_card(asker, notice.sentence) if asker else None
        if notice.topic is Topic.FEEDBACK:
            return feedback_card(await self.people.by_email(notice.sender), notice.sender, notice.sentence)
        if notice.topic in OF_AGENDAS:
            return await self.agendas.of_notice(notice, reader) if reader else None
        if not isinstance(matter, Case):
            return None
        # A contact outside the directory reads by mail what the requester sees.
        on_behalf = reader or await self.people.by_email(await requester_now(matter.request, self.people))
        if on_behalf is None:
            return None
        view = await self.viewing.of(matter, on_behalf)
        return request_card(view, notice.topic, sentence=notice.sentence)
