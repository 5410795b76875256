"""Delivers each notice of a request, an admission or an agenda until it is delivered or parked."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from bot.cards.form import line_card
from bot.cards.plain import as_text
from bot.cards.size import shortened
from bot.channel.messenger import Messenger
from bot.copies import LOOK_AGAIN, Copies, actors_cards_first, followed_cards, is_followed_already
from bot.domain.access import BY_MAIL_ONLY, Admission
from bot.domain.agenda import Agenda, person_in
from bot.domain.bookkeeping import Bookkeeper
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
    told,
)
from bot.domain.lifecycle import Topic
from bot.domain.notices import OF_AGENDAS, WAITING, Notice, NoticeState, Way
from bot.domain.parties import partner_of
from bot.domain.people import Person
from bot.domain.ports import Case, Clock, Lists, Mail, MailHeldError, People, Raced, Requests
from bot.domain.telling import deputies_for, spread
from bot.matters import Matter, Matters, headline, revision_of
from bot.telemetry import OFF, Telemetry

LONGEST_WORDS = 4_000

log = logging.getLogger(__name__)

OVERTAKEN = "overtaken"
NOT_IN_DIRECTORY = "is not in the directory"
_COMMANDS = {Topic.ACCESS: "invitations", Topic.FEEDBACK: "feedback"} | dict.fromkeys(OF_AGENDAS, "inbox")
"""What shows the card that could not be shown, where that is not the request's status."""


def _is_outside_contact(notice: Notice, matter: Matter | None) -> bool:
    """Whether a notice is for the contact whom the requester named; whoever has left the directory gets no mail."""
    if not isinstance(matter, Case):
        return False
    return notice.recipient == matter.request.contact and notice.recipient != matter.request.requester


@dataclass(frozen=True, slots=True)
class Courier:
    """Everything that telling needs. `settle` is safe to run twice at once: notices are guarded by their etags."""

    requests: Requests
    lists: Lists
    bookkeeper: Bookkeeper
    people: People
    matters: Matters
    copies: Copies
    messenger: Messenger
    mail: Mail
    clock: Clock
    telemetry: Telemetry = OFF

    async def settle(self, number: str) -> datetime | None:
        """Do what is left to do for a request or an admission; return when to look again, None when all is done."""
        while True:
            await self.people.refresh()
            matter = await self.matters.load(number)
            again = await self._settle(number, matter)
            latest = await self.matters.load(number)
            # Another instance may have changed it meanwhile: cards that were posted just now would be behind.
            if latest is None or matter is None or revision_of(latest) == revision_of(matter):
                return again

    async def _settle(self, number: str, matter: Matter | None) -> datetime | None:
        looks: list[datetime] = []
        failures: list[Exception] = []
        notices = await self.requests.notices_of(number)
        followed = followed_cards(notices)
        for notice in actors_cards_first(notices, matter):
            try:
                again = await (self.copies.retire(notice) if notice in followed else self._attend(notice, matter))
            except Raced:
                again = self.clock() + LOOK_AGAIN
            except Exception as failure:  # noqa: BLE001 - one notice must not hold up the others; raised below
                failures.append(failure)
                continue
            if again:
                looks.append(again)
        is_receipt_news = any(notice.topic is Topic.RECEIPT and notice.is_open for notice in notices)
        await self._write_lists(number, is_receipt_news=is_receipt_news)
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

    async def _attend(self, notice: Notice, matter: Matter | None) -> datetime | None:
        if notice.topic is Topic.FAN_OUT:
            await self.requests.replace_notice(notice, spread(notice))
            return self.clock()
        if notice.is_open:
            if notice.due_at > self.clock():
                return await self._waits(notice, matter, notice.due_at)
            return await self._tell(notice, matter)
        # A card about an agenda is brought up to date with each request on it, by the copies that those have.
        is_followed = matter is not None and not isinstance(matter, Agenda)
        if matter and is_followed and notice.is_live_copy and notice.shown < revision_of(matter):
            return await self.copies.update(notice, matter)
        return None

    async def _waits(self, notice: Notice, matter: Matter | None, until: datetime) -> datetime:
        """Return when to look again at a notice that cannot be posted yet; when it is late its words go by mail."""
        is_mailed = notice.way is Way.MAIL or notice.topic in BY_MAIL_ONLY
        if is_mailed or notice.state is not NoticeState.PENDING:
            return until
        if not is_late(notice, self.clock()):
            return self._next_look(notice, until)
        reader = await self.people.by_email(notice.recipient)
        card = (
            await self.matters.card(notice, matter, reader) if reader or _is_outside_contact(notice, matter) else None
        )
        late = await self._mailed_meanwhile(notice, card, matter) if card else notice
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
        with self.telemetry.delivery(notice):
            return await self._attempted(notice, matter)

    async def _attempted(self, notice: Notice, matter: Matter | None) -> datetime | None:
        sending = await self.requests.save_notice(begun(notice, self.clock()))
        reader = await self.people.by_email(notice.recipient)
        if after := await self._without_card(sending, matter, reader):
            return await self._ended(told(after, self.clock()), matter)
        listed = await self.matters.agendas.revisions(sending.listed) if isinstance(matter, Agenda) else {}
        card = await self.matters.card(sending, matter, reader)
        if card is None:
            return await self._ended(parked(sending, "there is nothing to show any more"), matter)
        attempt = Attempt(Result.UNREACHABLE, NOT_IN_DIRECTORY)
        if reader:
            attempt = await self._delivered(sending, card)
        shown = revision_of(matter) if matter else 0
        after = settled_by(sending, attempt, self.clock(), shown)
        if after is None:
            after = await self._mailed(sending, partial(self._mail, sending, card), attempt.reason)
            await self._tell_of_late_receipt(after, matter)
        elif is_late(after, self.clock()):
            after = await self._mailed_meanwhile(after, card, matter)
        elif reader and after.way is Way.TEAMS:
            await self._mailed_too(after, card)
        after = told(after, self.clock())
        for number, revision in listed.items() if after.is_live_copy else ():
            await self.requests.keep_copy(replace(after, number=number, shown=revision, etag=""))
        log.info("notice", extra={"topic": notice.topic.value, "state": after.state.value, "why": attempt.reason})
        return await self._ended(after, matter)

    async def _without_card(self, notice: Notice, matter: Matter | None, reader: Person | None) -> Notice | None:
        """Return how a notice ends that is not posted (any more), None for one that is."""
        if notice.ambiguous >= MOST_AMBIGUOUS_POSTS:
            return parked(notice, "unknown whether it arrived (broken off)")
        if await self._is_escalated(notice) or await self._is_followed(notice):
            return replace(notice, state=NoticeState.DELIVERED, reason=OVERTAKEN)
        if notice.topic in BY_MAIL_ONLY:
            return await self._mailed_only(notice, matter)
        if reader is None and not _is_outside_contact(notice, matter):
            return parked(notice, NOT_IN_DIRECTORY)
        if isinstance(matter, Agenda) and reader and await self.matters.agendas.is_overtaken(notice, reader):
            return replace(notice, state=NoticeState.DELIVERED, reason=OVERTAKEN)
        return None

    async def _is_escalated(self, notice: Notice) -> bool:
        """Whether a decision is asked for by the card about its lateness as well, which the person gets instead."""
        if notice.topic is not Topic.DECISION or notice.attempts > 1:
            return False
        others = await self.requests.notices_of(notice.number)
        late = (n for n in others if n.topic is Topic.ESCALATION and n.recipient == notice.recipient)
        return any(each.revision > notice.revision for each in late)

    async def _is_followed(self, notice: Notice) -> bool:
        if notice.topic is not Topic.ENGAGEMENT or notice.attempts > 1:
            return False
        return is_followed_already(notice, await self.requests.notices_of(notice.number))

    async def _delivered(self, notice: Notice, card: Mapping[str, Any]) -> Attempt:
        """Post the card; when the channel does not take it, which is our fault, its words once instead."""
        attempt = await self.messenger.deliver(notice.recipient, card, headline(notice))
        if attempt.result is not Result.REFUSED:
            return attempt
        log.error("a card was refused", extra={"topic": notice.topic.value, "why": attempt.reason})
        command = _COMMANDS.get(notice.topic, f"status {notice.number}")
        words = f"{shortened(as_text(dict(card)), LONGEST_WORDS)}\n\nType {command} to act on it."
        return await self.messenger.deliver(notice.recipient, line_card(words), headline(notice))

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
        self.telemetry.attempted(after)
        if deputies:
            return self.clock()
        if after.is_live_copy and (isinstance(matter, Agenda) or after.topic is Topic.ENGAGEMENT):
            # Older cards of the agenda or engagement are followed by this one now.
            return self.clock()
        return self._next_look(after, after.due_at) if after.is_open else None

    async def _deputies(self, notice: Notice, matter: Matter | None) -> list[Notice]:
        if isinstance(matter, Admission):
            return await self.matters.access.deputies(notice, matter)
        if not isinstance(matter, Case):
            return []
        partner = await partner_of(matter.request, self.people)
        return await deputies_for(notice, matter.request, partner, self.people, self.clock())

    async def _mailed_only(self, notice: Notice, matter: Matter | None) -> Notice:
        """Mail what is about an admission, unless something else has been decided meanwhile."""
        is_current = isinstance(matter, Admission) and matter.revision == notice.revision
        if not isinstance(matter, Admission) or not is_current or not await self.people.partner(matter.partner):
            return replace(notice, state=NoticeState.DELIVERED, reason=OVERTAKEN)
        return await self._mailed(notice, partial(self.matters.access.send, notice, matter), "")

    async def _mailed(self, notice: Notice, send: Callable[[], Awaitable[None]], reason: str) -> Notice:
        if notice.way is Way.MAIL:
            return mailed(notice, reason)
        try:
            await send()
        except OSError as error:
            if self.clock() - notice.created_at < GIVEN_UP_AFTER:
                asked = timedelta(seconds=error.retry_after if isinstance(error, MailHeldError) else 0)
                due = self.clock() + max(asked, LOOK_AGAIN)
                return replace(notice, state=NoticeState.PENDING, due_at=due, reason=str(error))
            if notice.topic in WAITING:
                await self.lists.add_waiting(notice.recipient, notice.number)
            return parked(notice, "; ".join(filter(None, (reason, f"no mail: {error}"))))
        return mailed(notice, reason)

    async def _tell_of_late_receipt(self, notice: Notice, matter: Matter | None) -> None:
        """Tell FPM and assigners of a receipt that is late and could not be mailed either (N1)."""
        if notice.topic is Topic.RECEIPT and is_late(notice, self.clock()):
            for deputy in await self._deputies(notice, matter):
                await self.requests.add_notice(deputy)

    async def _mailed_meanwhile(self, notice: Notice, card: Mapping[str, Any], matter: Matter | None) -> Notice:
        """Mail the words of a card that is late; the card itself is still tried."""
        try:
            await self._mail(notice, card)
        except OSError as error:
            # The next attempt at the card mails it again.
            log.warning("a late card was not mailed", extra={"topic": notice.topic.value, "why": str(error)})
            await self._tell_of_late_receipt(notice, matter)
            return notice
        return told(replace(notice, way=Way.MAIL), self.clock())

    async def _mailed_too(self, notice: Notice, card: Mapping[str, Any]) -> None:
        """Mail what was posted to somebody who has asked for it; that it fails is not worth another card."""
        agenda = await self.matters.agendas.agendas.load(notice.recipient)
        try:
            if agenda.by_mail:
                await self._mail(notice, card)
        except OSError as error:
            log.warning("a card was not mailed as well", extra={"topic": notice.topic.value, "why": str(error)})

    async def _mail(self, notice: Notice, card: Mapping[str, Any]) -> None:
        key = f"{notice.number}/{notice.revision}/{notice.topic}/{notice.recipient}"
        await self.mail.send(key, notice.recipient, headline(notice), as_text(dict(card)))

    def _later(self, seconds: float) -> datetime:
        return self.clock() + timedelta(seconds=seconds)

    async def _write_lists(self, number: str, *, is_receipt_news: bool) -> None:
        stood, marks = await self.requests.pending_lists(number)
        for heard in await self.requests.heard_in(number, marks):
            await self.lists.add_heard(heard)
        if person_in(number):
            await self.requests.lists_written(number, marks)
            return
        # Loaded after the marks: a change committed in between leaves a mark of its own.
        case = await self.requests.load(number) if marks or is_receipt_news else None
        if case:
            if marks:
                await self.lists.refresh(case.request, stood)
            self.telemetry.promised(await self.bookkeeper.enter(case))
            await self.requests.lists_written(number, marks)
