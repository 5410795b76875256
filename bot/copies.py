"""Keeps the cards that were posted up to date, so that no copy keeps a button that is void."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.cards.form import line_card
from bot.channel.messenger import Messenger
from bot.domain.delivery import Attempt, Result
from bot.domain.lifecycle import Topic
from bot.domain.notices import OF_AGENDAS, Notice, NoticeState, Way
from bot.domain.people import Person
from bot.domain.ports import Case, Clock, People, Raced, Requests
from bot.matters import Matter, Matters, headline, revision_of

LOOK_AGAIN = timedelta(seconds=60)
NOT_SHOWN_ANY_MORE = "This is not shown to you any more."
_FINAL = frozenset({Result.DELIVERED, Result.UNREACHABLE, Result.REFUSED})
"""Results of updating a card after which it is not tried again: it is done, or the card cannot be updated."""

log = logging.getLogger(__name__)


def actors_cards_first(notices: Sequence[Notice], matter: Matter | None) -> list[Notice]:
    """Put the cards of whoever acted last before everything else.

    The answer to a press shows the new card already, and the update that makes it stay closes a form that is opened on
    it meanwhile: it must come before anybody has typed.
    """
    actor = matter.request.last.by if isinstance(matter, Case) else ""
    return sorted(notices, key=lambda notice: not (notice.is_live_copy and notice.recipient == actor))


def followed_cards(notices: Sequence[Notice]) -> list[Notice]:
    """Return the cards of one matter that a newer one takes the place of.

    A status card follows the ones before, and so does the card of an engagement; a reminder follows earlier reminders
    of the same requests; the other cards about an agenda hold everything that waits, and follow all that was said.
    """
    newest = newest_status_cards(notices)
    words = [each for each in notices if each.topic in OF_AGENDAS and each.is_live_copy]
    return [
        notice
        for notice in notices
        if not notice.is_open
        and (
            (notice.topic is Topic.STATUS and notice.revision < newest[notice.recipient])
            or any(_takes_the_place(each, notice) for each in words)
            or is_followed_already(notice, notices)
        )
    ]


def is_followed_already(notice: Notice, notices: Sequence[Notice]) -> bool:
    """Whether a notice is about an engagement of which its reader has a newer card."""
    if notice.topic is not Topic.ENGAGEMENT:
        return False
    newer = (each for each in notices if each.topic is Topic.ENGAGEMENT and each.revision > notice.revision)
    return any(each.is_live_copy and each.recipient == notice.recipient for each in newer)


def _takes_the_place(word: Notice, of: Notice) -> bool:
    if of.topic not in OF_AGENDAS or word.recipient != of.recipient or word.revision <= of.revision:
        return False
    holds_the_same = of.topic is Topic.REMINDER and set(of.listed) <= set(word.listed)
    return word.topic is not Topic.REMINDER or holds_the_same


def newest_status_cards(notices: Sequence[Notice]) -> dict[str, int]:
    """Return the number of the newest status card that each person was shown."""
    newest: dict[str, int] = {}
    for notice in notices:
        if notice.topic is Topic.STATUS:
            newest[notice.recipient] = max(notice.revision, newest.get(notice.recipient, 0))
    return newest


@dataclass(frozen=True, slots=True)
class Copies:
    """What bringing posted cards up to date needs; safe to run twice at once, as notices are guarded by their etags."""

    requests: Requests
    people: People
    matters: Matters
    messenger: Messenger
    clock: Clock

    async def keep(  # noqa: PLR0913, PLR0917 - what a posted card is known by
        self, number: str, shown: int, person: Person, service_url: str, chat: str, activity_id: str
    ) -> None:
        """Remember a status card that was posted as an answer; it takes the place of the person's last one.

        `shown` is the revision on the card. The next `settle` brings it up to date where the request has changed
        meanwhile, and makes a line of the card that it replaces, so that only the newest one has buttons.
        """
        case = await self.requests.load(number)
        if case is None:
            return
        now = self.clock()
        copy = Notice(
            number=number,
            revision=0,
            topic=Topic.STATUS,
            recipient=person.email,
            sentence=f"{number} for {case.request.customer}",
            created_at=now,
            due_at=now,
            state=NoticeState.DELIVERED,
            way=Way.TEAMS,
            service_url=service_url,
            conversation_id=chat,
            activity_id=activity_id,
            shown=shown,
        )
        await self._add(copy)
        await self.requests.look_again(number)

    async def _add(self, copy: Notice) -> None:
        """Keep a status card; its `revision` counts the cards that the person was shown."""
        while True:
            newest = newest_status_cards(await self.requests.notices_of(copy.number))
            try:
                await self.requests.save_notice(replace(copy, revision=newest.get(copy.recipient, 0) + 1))
            except Raced:
                continue
            return

    async def is_retired(self, number: str, person: Person, activity_id: str) -> bool:
        """Whether a newer card has taken the place of a person's card, which nobody follows any more."""
        cards = await self.requests.notices_of(number)
        own = [each for each in cards if each.activity_id == activity_id and each.recipient == person.email]
        return any(each.state is NoticeState.DELIVERED and each.way is Way.NONE for each in own)

    async def retire(self, notice: Notice) -> datetime | None:
        """Make a line of a card that a newer one has followed; the requests on it let it go before."""
        if not notice.is_live_copy:
            return None
        if pause := await self.messenger.room_to_update(notice.recipient):
            return self._later(pause)
        for number in notice.listed:
            for copy in await self.requests.notices_of(number):
                if copy.is_live_copy and copy.activity_id == notice.activity_id:
                    await self.requests.save_notice(replace(copy, way=Way.NONE))
        attempt = await self._put_line(notice)
        if attempt.result not in _FINAL:
            return self._look_after(attempt)
        await self.requests.save_notice(replace(notice, way=Way.NONE))
        return None

    async def _put_line(self, notice: Notice) -> Attempt:
        about = "" if notice.topic in OF_AGENDAS else f"{notice.number}: "
        line = f"{about}see the newer card below."
        return await self.messenger.update(notice, line_card(f"{line[0].upper()}{line[1:]}"), headline(notice))

    async def update(self, notice: Notice, matter: Matter) -> datetime | None:
        """Bring a card up to date with its matter; return when to try again, None when it is done."""
        while True:
            reader = await self.people.by_email(notice.recipient)
            card = await self.matters.card(notice, matter, reader) if reader else None
            card = card or line_card(NOT_SHOWN_ANY_MORE)
            if pause := await self.messenger.room_to_update(notice.recipient):
                return self._later(pause)
            attempt = await self.messenger.update(notice, card, headline(notice))
            if attempt.result not in _FINAL:
                return self._look_after(attempt)
            if attempt.result is Result.REFUSED:
                log.warning("a card was not updated", extra={"topic": notice.topic.value, "why": attempt.reason})
            try:
                await self.requests.save_notice(replace(notice, shown=revision_of(matter)))
            except Raced:
                # Somebody else updated it as well, and whose card came last is not known: once more, as it is now.
                notice, matter = await self._reloaded(notice, matter)
                if not notice.is_live_copy:
                    await self._put_line(notice)
                    return None
            else:
                return None

    async def _reloaded(self, notice: Notice, matter: Matter) -> tuple[Notice, Matter]:
        same = (notice.revision, notice.topic, notice.recipient)
        latest = await self.matters.load(notice.number)
        found = [n for n in await self.requests.notices_of(notice.number) if (n.revision, n.topic, n.recipient) == same]
        return (*found, notice)[0], latest or matter

    def _look_after(self, attempt: Attempt) -> datetime:
        return max(self._later(attempt.retry_after or 0), self.clock() + LOOK_AGAIN)

    def _later(self, seconds: float) -> datetime:
        return self.clock() + timedelta(seconds=seconds)
