"""Delivers the notices of a request until each is delivered or parked, and keeps its posted cards up to date."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from bot.access_news import AccessNews
from bot.cards.form import line_card
from bot.cards.plain import as_text
from bot.cards.request import request_card
from bot.cards.size import shortened
from bot.cards.words import question_card
from bot.channel.messenger import Messenger
from bot.domain.access import BY_MAIL_ONLY, Admission
from bot.domain.delivery import (
    GIVEN_UP_AFTER,
    MAIL_AFTER,
    MOST_AMBIGUOUS_POSTS,
    Attempt,
    Result,
    anew,
    begun,
    is_late,
    mailed,
    parked,
    settled_by,
)
from bot.domain.lifecycle import Topic
from bot.domain.notices import WAITING, Notice, NoticeState, Way
from bot.domain.parties import partner_of, requester_now
from bot.domain.people import Person
from bot.domain.ports import Case, Clock, Lists, Mail, People, Raced, Requests
from bot.domain.telling import deputies_for, spread
from bot.domain.viewing import Viewing

LOOK_AGAIN = timedelta(seconds=60)
LONGEST_WORDS = 4_000
_FINAL = frozenset({Result.DELIVERED, Result.UNREACHABLE, Result.REFUSED})
"""Results of updating a card after which it is not tried again: it is done, or the card cannot be updated."""

log = logging.getLogger(__name__)

NOT_SHOWN_ANY_MORE = "This is not shown to you any more."
NOT_IN_DIRECTORY = "is not in the directory"

Matter = Case | Admission
"""What notices are about."""


def _headline(notice: Notice) -> str:
    """Return what a notification or a subject says: never only what somebody typed."""
    return "A partner has a question for you" if notice.topic is Topic.QUESTION else notice.sentence


def _is_outside_contact(notice: Notice, matter: Matter | None) -> bool:
    """Whether a notice is for the contact whom the requester named; whoever has left the directory gets no mail."""
    if not isinstance(matter, Case):
        return False
    return notice.recipient == matter.request.contact and notice.recipient != matter.request.requester


def _revision_of(matter: Matter) -> int:
    return matter.revision if isinstance(matter, Admission) else matter.request.revision


def _newest_status_cards(notices: Sequence[Notice]) -> dict[str, int]:
    """Return the number of the newest status card that each person was shown."""
    newest: dict[str, int] = {}
    for notice in notices:
        if notice.topic is Topic.STATUS:
            newest[notice.recipient] = max(notice.revision, newest.get(notice.recipient, 0))
    return newest


@dataclass(frozen=True, slots=True)
class Courier:
    """Everything that telling needs. `settle` is safe to run twice at once: notices are guarded by their etags."""

    requests: Requests
    lists: Lists
    people: People
    access: AccessNews
    viewing: Viewing
    messenger: Messenger
    mail: Mail
    clock: Clock

    async def settle(self, number: str) -> datetime | None:
        """Do what is left to do for a request or an admission; return when to look again, None when all is done."""
        while True:
            await self.people.refresh()
            matter = await self._load(number)
            again = await self._settle(number, matter)
            latest = await self._load(number)
            # Another instance may have changed it meanwhile: cards that were posted just now would be behind.
            if latest is None or matter is None or _revision_of(latest) == _revision_of(matter):
                return again

    async def _load(self, number: str) -> Matter | None:
        return await self.requests.load(number) or await self.access.admissions.load(number)

    async def _settle(self, number: str, matter: Matter | None) -> datetime | None:
        looks: list[datetime] = []
        failures: list[Exception] = []
        notices = await self.requests.notices_of(number)
        newest = _newest_status_cards(notices)
        for notice in notices:
            try:
                is_passed = notice.topic is Topic.STATUS and notice.revision < newest[notice.recipient]
                again = await (self._retire(notice) if is_passed else self._attend(notice, matter))
            except Raced:
                again = self.clock() + LOOK_AGAIN
            except Exception as failure:  # noqa: BLE001 - one notice must not hold up the others; raised below
                failures.append(failure)
                continue
            if again:
                looks.append(again)
        await self._write_lists(number)
        if failures:
            raise ExceptionGroup("notices could not be attended to", failures)
        return min(looks, default=None)

    async def arrived(self, email: str) -> list[str]:
        """Make what waited for a person due again now that the person can be reached; return the requests."""
        numbers = await self.lists.waiting(email)
        for number in numbers:
            await self.requests.look_again(number)
            await self._make_due(number, email)
            await self.lists.forget_waiting(email, number)
        return numbers

    async def _make_due(self, number: str, email: str) -> None:
        waits = True
        while waits:
            waits = False
            for notice in await self.requests.notices_of(number):
                missed = notice.way is Way.MAIL or notice.state is NoticeState.PARKED
                if missed and not notice.is_open and notice.recipient == email and notice.topic in WAITING:
                    try:
                        await self.lists.note_delivery(mailed(notice, notice.reason), self.clock())
                        await self.requests.save_notice(anew(notice, self.clock()))
                    except Raced:
                        waits = True

    async def keep_copy(  # noqa: PLR0913, PLR0917 - what a posted card is known by
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
        await self._add_copy(copy)
        await self.requests.look_again(number)

    async def _add_copy(self, copy: Notice) -> None:
        """Keep a status card; its `revision` counts the cards that the person was shown."""
        while True:
            newest = _newest_status_cards(await self.requests.notices_of(copy.number))
            try:
                await self.requests.save_notice(replace(copy, revision=newest.get(copy.recipient, 0) + 1))
            except Raced:
                continue
            return

    async def _retire(self, notice: Notice) -> datetime | None:
        """Make a line of a status card that a newer one has followed."""
        if not notice.is_live_copy:
            return None
        if pause := await self.messenger.room_to_update(notice.recipient):
            return self._later(pause)
        line = line_card(f"{notice.number}: see the newer card below.")
        attempt = await self.messenger.update(notice, line, notice.sentence)
        if attempt.result not in _FINAL:
            return self._look_after(attempt)
        await self.requests.save_notice(replace(notice, way=Way.NONE))
        return None

    async def _attend(self, notice: Notice, matter: Matter | None) -> datetime | None:
        if notice.topic is Topic.FAN_OUT:
            await self.requests.replace_notice(notice, spread(notice))
            return self.clock()
        if notice.is_open:
            if notice.due_at > self.clock():
                return await self._waits(notice, matter, notice.due_at)
            return await self._tell(notice, matter)
        if matter and notice.is_live_copy and notice.shown < _revision_of(matter):
            return await self._update(notice, matter)
        return None

    async def _waits(self, notice: Notice, matter: Matter | None, until: datetime) -> datetime:
        """Return when to look again at a notice that cannot be posted yet; when it is late its words go by mail."""
        is_mailed = notice.way is Way.MAIL or notice.topic in BY_MAIL_ONLY
        if is_mailed or notice.state is not NoticeState.PENDING:
            return until
        if not is_late(notice, self.clock()):
            return self._next_look(notice, until)
        reader = await self.people.by_email(notice.recipient)
        card = await self._card(notice, matter, reader) if reader or _is_outside_contact(notice, matter) else None
        late = await self._mailed_meanwhile(notice, card) if card else notice
        if late.way is Way.MAIL:
            await self.requests.save_notice(late)
            return until
        return min(until, self.clock() + LOOK_AGAIN)

    def _next_look(self, notice: Notice, until: datetime) -> datetime:
        """Return when to look again at an open notice: at the latest when it becomes late."""
        by_mail = notice.created_at + MAIL_AFTER
        return until if notice.way is Way.MAIL or by_mail <= self.clock() else min(until, by_mail)

    async def _tell(self, notice: Notice, matter: Matter | None) -> datetime | None:
        if pause := await self.messenger.room_to_post(notice.recipient):
            return await self._waits(notice, matter, self._later(pause))
        sending = await self.requests.save_notice(begun(notice, self.clock()))
        if sending.ambiguous >= MOST_AMBIGUOUS_POSTS:
            return await self._ended(parked(sending, "unknown whether it arrived (broken off)"), matter)
        if sending.topic in BY_MAIL_ONLY:
            return await self._ended(await self._mailed_only(sending, matter), matter)
        reader = await self.people.by_email(notice.recipient)
        if reader is None and not _is_outside_contact(sending, matter):
            return await self._ended(parked(sending, NOT_IN_DIRECTORY), matter)
        card = await self._card(sending, matter, reader)
        if card is None:
            return await self._ended(parked(sending, "there is nothing to show any more"), matter)
        attempt = Attempt(Result.UNREACHABLE, NOT_IN_DIRECTORY)
        if reader:
            attempt = await self._delivered(sending, card)
        shown = _revision_of(matter) if matter else 0
        after = settled_by(sending, attempt, self.clock(), shown)
        if after is None:
            after = await self._mailed(sending, partial(self._mail, sending, card), attempt.reason)
        elif is_late(after, self.clock()):
            after = await self._mailed_meanwhile(after, card)
        log.info("notice", extra={"topic": notice.topic.value, "state": after.state.value, "why": attempt.reason})
        return await self._ended(after, matter)

    async def _delivered(self, notice: Notice, card: Mapping[str, Any]) -> Attempt:
        """Post the card; when the channel does not take it, which is our fault, its words once instead."""
        attempt = await self.messenger.deliver(notice.recipient, card, _headline(notice))
        if attempt.result is not Result.REFUSED:
            return attempt
        log.error("a card was refused", extra={"topic": notice.topic.value, "why": attempt.reason})
        command = "invitations" if notice.topic is Topic.ACCESS else f"status {notice.number}"
        words = f"{shortened(as_text(dict(card)), LONGEST_WORDS)}\n\nType {command} to act on it."
        return await self.messenger.deliver(notice.recipient, line_card(words), _headline(notice))

    async def _ended(self, after: Notice, matter: Matter | None) -> datetime | None:
        """Keep what an attempt has come to, and return when to look again.

        What did not go through at once is counted for /health; of what is parked the deputies are told, and what went
        by mail waits for the person to open the app.
        """
        deputies = await self._deputies(after, matter) if after.state is NoticeState.PARKED else []
        for deputy in deputies:
            await self.requests.add_notice(deputy)
        if after.is_open or after.state is NoticeState.PARKED or after.attempts > 1:
            await self.lists.note_delivery(after, self.clock())
        if after.way is Way.MAIL and not after.is_open and after.topic in WAITING:
            await self.lists.add_waiting(after.recipient, after.number)
        await self.requests.save_notice(after)
        if deputies:
            return self.clock()
        return self._next_look(after, after.due_at) if after.is_open else None

    async def _deputies(self, notice: Notice, matter: Matter | None) -> list[Notice]:
        if isinstance(matter, Admission):
            return await self.access.deputies(notice, matter)
        if matter is None:
            return []
        partner = await partner_of(matter.request, self.people)
        return await deputies_for(notice, matter.request, partner, self.people, self.clock())

    async def _mailed_only(self, notice: Notice, matter: Matter | None) -> Notice:
        """Mail what is about an admission, unless something else has been decided meanwhile."""
        is_current = isinstance(matter, Admission) and matter.revision == notice.revision
        if not isinstance(matter, Admission) or not is_current or not await self.people.partner(matter.partner):
            return replace(notice, state=NoticeState.DELIVERED, reason="overtaken")
        return await self._mailed(notice, partial(self.access.send, notice, matter), "")

    async def _mailed(self, notice: Notice, send: Callable[[], Awaitable[None]], reason: str) -> Notice:
        if notice.way is Way.MAIL:
            return mailed(notice, reason)
        try:
            await send()
        except OSError as error:
            if self.clock() - notice.created_at < GIVEN_UP_AFTER:
                return replace(notice, state=NoticeState.PENDING, due_at=self.clock() + LOOK_AGAIN, reason=str(error))
            if notice.topic in WAITING:
                await self.lists.add_waiting(notice.recipient, notice.number)
            return parked(notice, "; ".join(filter(None, (reason, f"no mail: {error}"))))
        return mailed(notice, reason)

    async def _mailed_meanwhile(self, notice: Notice, card: Mapping[str, Any]) -> Notice:
        """Mail the words of a card that is late; the card itself is still tried."""
        try:
            await self._mail(notice, card)
        except OSError as error:
            # The next attempt at the card mails it again.
            log.warning("a late card was not mailed", extra={"topic": notice.topic.value, "why": str(error)})
            return notice
        return replace(notice, way=Way.MAIL)

    async def _mail(self, notice: Notice, card: Mapping[str, Any]) -> None:
        key = f"{notice.number}/{notice.revision}/{notice.topic}/{notice.recipient}"
        await self.mail.send(key, notice.recipient, _headline(notice), as_text(dict(card)))

    async def _card(self, notice: Notice, matter: Matter | None, reader: Person | None) -> dict[str, Any] | None:
        if isinstance(matter, Admission):
            return await self.access.card(notice, matter, reader) if reader else None
        if notice.topic is Topic.QUESTION:
            asker = await self.people.by_email(notice.sender)
            return question_card(asker, notice.sentence) if asker else None
        if matter is None:
            return None
        # A contact outside the directory reads by mail what the requester sees.
        on_behalf = reader or await self.people.by_email(await requester_now(matter.request, self.people))
        if on_behalf is None:
            return None
        view = await self.viewing.of(matter, on_behalf)
        return request_card(view, notice.topic, sentence=notice.sentence)

    async def _update(self, notice: Notice, matter: Matter) -> datetime | None:
        while True:
            reader = await self.people.by_email(notice.recipient)
            card = await self._card(notice, matter, reader) if reader else None
            card = card or line_card(NOT_SHOWN_ANY_MORE)
            if pause := await self.messenger.room_to_update(notice.recipient):
                return self._later(pause)
            attempt = await self.messenger.update(notice, card, notice.sentence)
            if attempt.result not in _FINAL:
                return self._look_after(attempt)
            if attempt.result is Result.REFUSED:
                log.warning("a card was not updated", extra={"topic": notice.topic.value, "why": attempt.reason})
            try:
                await self.requests.save_notice(replace(notice, shown=_revision_of(matter)))
            except Raced:
                # Somebody else updated it as well, and whose card came last is not known: once more, as it is now.
                notice, matter = await self._reloaded(notice, matter)
            else:
                return None

    async def _reloaded(self, notice: Notice, matter: Matter) -> tuple[Notice, Matter]:
        same = (notice.revision, notice.topic, notice.recipient)
        latest = await self._load(notice.number)
        found = [n for n in await self.requests.notices_of(notice.number) if (n.revision, n.topic, n.recipient) == same]
        return (*found, notice)[0], latest or matter

    def _look_after(self, attempt: Attempt) -> datetime:
        return max(self._later(attempt.retry_after or 0), self.clock() + LOOK_AGAIN)

    def _later(self, seconds: float) -> datetime:
        return self.clock() + timedelta(seconds=seconds)

    async def _write_lists(self, number: str) -> None:
        stood, marks = await self.requests.pending_lists(number)
        # Loaded after the marks: a change committed in between leaves a mark of its own.
        case = await self.requests.load(number) if marks else None
        if case:
            await self.lists.refresh(case.request, stood)
            await self.requests.lists_written(number, marks)
