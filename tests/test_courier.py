"""The courier over the real stores: every notice is delivered or parked, and every posted card follows its request."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.access_news import AccessNews
from bot.agenda_news import AgendaNews
from bot.copies import NOT_SHOWN_ANY_MORE, Copies
from bot.courier import Courier
from bot.domain.agenda import agenda_id
from bot.domain.bookkeeping import Bookkeeper
from bot.domain.delivery import Attempt, Result
from bot.domain.lifecycle import Topic
from bot.domain.notices import Notice, NoticeState, Way
from bot.domain.people import Directory
from bot.domain.ports import MailHeldError, Raced
from bot.domain.viewing import Viewing
from bot.matters import Matters
from state.figures import StoreFigures
from state.sqlite import SqliteStore
from state.work import WorkStore
from tests.domain.helping import KICKOFF, active
from tests.domain.office import ANA, DANA, KOFI, LEE, MIKA, MONDAY, PIOTR, SAMIRA, OrdinaryDays, opened_office
from tests.stories.journey import submitted
from tests.stories.running_bot import running_bot

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
OUTSIDER = "desk@contoso-consulting.example"


class Teams:
    """Takes cards as the script for the person says, by default gladly; keeps what every chat shows."""

    def __init__(self):
        self.script = {}
        self.update_script = []
        self.full = []
        self.during = {}
        self.posts = []
        self.updates = []

    async def room_to_post(self, email):
        return self.full.pop(0) if self.full else 0.0

    room_to_update = room_to_post

    async def deliver(self, email, card, summary):
        self.posts.append((email, str(card), summary))
        if email in self.during:
            await self.during.pop(email)()
        step = self.script[email].pop(0) if self.script.get(email) else Result.DELIVERED
        if isinstance(step, Exception):
            raise step
        if step is Result.DELIVERED:
            return Attempt(step, "201", None, "https://line.example/", f"chat of {email}", f"card {len(self.posts)}")
        return step if isinstance(step, Attempt) else Attempt(step, "no luck")

    async def update(self, notice, card, summary):
        self.updates.append((notice.recipient, notice.activity_id, str(card)))
        step = self.update_script.pop(0) if self.update_script else Result.DELIVERED
        return step if isinstance(step, Attempt) else Attempt(step)

    def posted_to(self, email):
        return [card for recipient, card, _ in self.posts if recipient == email]


class Mails:
    """Takes mails, unless it is out of order."""

    def __init__(self):
        self.sent = {}
        self.count = 0
        self.is_out_of_order = False
        self.held_for = 0

    async def send(self, key, to, subject, text):
        if self.held_for:
            raise MailHeldError("Graph answered 429", self.held_for)
        if self.is_out_of_order:
            raise OSError("mail is out of order")
        self.sent[key] = (to, subject, text)
        self.count += 1

    @property
    def recipients(self):
        return sorted(to for to, _, _ in self.sent.values())


class Round:
    """A courier on its round through the office's requests."""

    def __init__(self, office, store):
        self.office, self.store = office, store
        self.teams, self.mails = Teams(), Mails()
        self.figures = StoreFigures(store, office.clock)
        self.work = WorkStore(store, "tests", office.clock)
        self.courier = self.courier_over(office.requests, office.lists)

    def courier_over(self, requests, lists):
        viewing = Viewing(requests, self.office.people, lists, OrdinaryDays(), self.office.clock)
        people, clock = self.office.people, self.office.clock
        access = AccessNews(self.office.admissions, people, self.mails, clock)
        agendas = AgendaNews(self.office.agendas, requests, viewing)
        matters = Matters(requests, people, access, agendas, viewing)
        copies = Copies(requests, people, matters, self.teams, clock)
        bookkeeper = Bookkeeper(requests, self.office.ledger)
        return Courier(requests, lists, bookkeeper, people, matters, copies, self.teams, self.mails, clock)

    async def notice(self, number, email, topic=None):
        """Return the person's newest notice, or the one about a topic."""
        found = await self.office.requests.notices_of(number)
        return [n for n in found if n.recipient == email and (topic is None or n.topic is topic)][-1]

    async def settle_at(self, number, after):
        self.office.now = MONDAY + after
        return await self.courier.settle(number)

    async def all_work(self):
        """Do away with all planned work, and return the numbers that it was about."""
        found = []
        while claimed := await self.work.claim_due():
            for work in claimed:
                found.append(work.number)
                await self.work.finish(work)
        return found


@pytest.fixture
async def round_(tmp_path):
    store = SqliteStore(tmp_path / "sme.db")
    await store.open()
    yield Round(await opened_office(store), store)
    await store.close()


async def test_everybody_who_must_hear_of_a_request_gets_a_card_once(round_):
    number = await round_.office.submitted()
    assert await round_.courier.settle(number) is None
    assert await round_.courier.settle(number) is None
    assert sorted(email for email, _, _ in round_.teams.posts) == [DANA, LEE]
    assert all(number in summary for _, _, summary in round_.teams.posts)
    decision = await round_.notice(number, LEE)
    assert (decision.state, decision.way, decision.shown) == (NoticeState.DELIVERED, Way.TEAMS, 1)
    assert (decision.conversation_id, decision.service_url) == (f"chat of {LEE}", "https://line.example/")
    assert (await round_.figures.pending_since(), round_.mails.sent) == ([], {})


# Result, age of the notice -> seconds until the next attempt, or how it ended.
OUTCOMES = [
    (Attempt(Result.NOT_SENT, "no luck"), 0 * SECOND, 1),
    (Attempt(Result.NOT_SENT, "no luck"), 4 * MINUTE, 1),
    (Attempt(Result.NOT_SENT, "no luck"), 5 * MINUTE, Way.MAIL),
    (Attempt(Result.NOT_SENT, "no luck"), 24 * HOUR, NoticeState.PARKED),
    (Attempt(Result.UNAUTHORIZED, "no luck"), 0 * SECOND, 1),
    (Attempt(Result.UNAUTHORIZED, "no luck"), 5 * MINUTE, Way.MAIL),
    (Attempt(Result.UNAUTHORIZED, "no luck"), 24 * HOUR, NoticeState.PARKED),
    (Attempt(Result.THROTTLED, "no luck"), 0 * SECOND, 1),
    (Attempt(Result.THROTTLED, "no luck", 7.5), 0 * SECOND, 7.5),
    (Attempt(Result.THROTTLED, "no luck", 900.0), 5 * MINUTE, 900),
    (Attempt(Result.THROTTLED, "no luck", 7.0), 24 * HOUR, NoticeState.PARKED),
    (Attempt(Result.AMBIGUOUS, "no luck"), 0 * SECOND, 30),
    (Attempt(Result.AMBIGUOUS, "no luck"), 5 * MINUTE, 30),
    (Attempt(Result.AMBIGUOUS, "no luck"), 24 * HOUR, 30),
    (Attempt(Result.UNREACHABLE, "no luck"), 0 * SECOND, Way.MAIL),
    (Attempt(Result.UNREACHABLE, "no luck"), 24 * HOUR, Way.MAIL),
    (Attempt(Result.REFUSED, "no luck"), 0 * SECOND, NoticeState.PARKED),
]


@pytest.mark.parametrize(("attempt", "age", "then"), OUTCOMES)
async def test_an_attempt_that_fails_leads_where_the_design_says(round_, attempt, age, then):
    number = await round_.office.submitted()
    # A refused card is followed by its words, which are refused here as well.
    round_.teams.script[LEE] = [attempt] * (2 if attempt.result is Result.REFUSED else 1)

    again = await round_.settle_at(number, age)

    notice = await round_.notice(number, LEE)
    assert "no luck" in notice.reason
    if then is Way.MAIL:
        assert (notice.state, notice.way, again) == (NoticeState.DELIVERED, Way.MAIL, None)
        assert round_.mails.recipients == [LEE]
        assert (await round_.figures.pending_since(), await round_.figures.parked_since()) == ([], [])
    elif then is NoticeState.PARKED:
        assert (notice.state, again, round_.mails.sent) == (NoticeState.PARKED, MONDAY + age, {})
        assert await round_.figures.parked_since() == [MONDAY + age]
    else:
        assert notice.state is NoticeState.PENDING
        # A pause without a wish of the connector is up to a quarter longer, so that what waits alike is spread.
        assert then <= (again - MONDAY - age) / SECOND <= then * 1.25
        assert await round_.figures.pending_since() == [MONDAY]
        # It is looked at in between when its words are to go by mail.
        assert await round_.courier.settle(number) <= again
        assert len(round_.teams.posted_to(LEE)) == 1
        assert round_.mails.recipients == ([LEE] if age >= 5 * MINUTE else [])
        round_.office.now = again
        assert await round_.courier.settle(number) is None
        assert (await round_.notice(number, LEE)).way is Way.TEAMS
        assert await round_.figures.pending_since() == []


async def test_a_notice_says_since_when_its_recipient_knows(round_):
    number = await round_.office.submitted()
    round_.teams.script[LEE] = [Result.UNREACHABLE]
    await round_.settle_at(number, SECOND)
    assert (await round_.notice(number, DANA)).told_at == MONDAY + SECOND
    assert (await round_.notice(number, LEE)).told_at == MONDAY + SECOND

    round_.office.now += HOUR
    await round_.courier.arrived(LEE)
    assert (await round_.notice(number, LEE)).told_at == MONDAY + SECOND
    await round_.courier.settle(number)
    card = await round_.notice(number, LEE)
    assert (card.way, card.told_at) == (Way.TEAMS, MONDAY + SECOND)


async def test_a_late_card_was_told_when_its_words_were_mailed(round_):
    number = await round_.office.submitted()
    round_.teams.script[LEE] = [Attempt(Result.THROTTLED, "429", 3_600.0)]
    await round_.courier.settle(number)
    assert (await round_.notice(number, LEE)).told_at is None
    await round_.settle_at(number, 5 * MINUTE)
    assert (await round_.notice(number, LEE)).told_at == MONDAY + 5 * MINUTE
    await round_.settle_at(number, HOUR)
    card = await round_.notice(number, LEE)
    assert (card.way, card.told_at) == (Way.TEAMS, MONDAY + 5 * MINUTE)


async def test_what_is_parked_was_told_to_nobody(round_):
    number = await round_.office.submitted()
    round_.teams.script[LEE] = [Attempt(Result.REFUSED, "no luck")] * 2
    await round_.courier.settle(number)
    notice = await round_.notice(number, LEE)
    assert (notice.state, notice.told_at) == (NoticeState.PARKED, None)


async def test_a_card_that_is_throttled_for_long_goes_by_mail_once_and_still_follows(round_):
    number = await round_.office.submitted()
    throttled = Attempt(Result.THROTTLED, "429", 400.0)
    round_.teams.script[LEE] = [throttled] * 3
    await round_.courier.settle(number)
    for _ in range(2):
        round_.office.now += 400 * SECOND
        await round_.courier.settle(number)
        assert (round_.mails.recipients, round_.mails.count) == ([LEE], 1)
        assert await round_.figures.pending_since() == [MONDAY]
    # Who writes meanwhile does not make the card come before the connector allows it.
    await round_.courier.arrived(LEE)
    await round_.courier.settle(number)
    assert len(round_.teams.posted_to(LEE)) == 3
    round_.office.now += 400 * SECOND
    await round_.courier.settle(number)
    notice = await round_.notice(number, LEE)
    assert (notice.state, notice.way, round_.mails.recipients) == (NoticeState.DELIVERED, Way.TEAMS, [LEE])
    assert await round_.figures.pending_since() == []


async def test_a_card_that_is_throttled_for_a_day_is_settled_by_its_mail_and_comes_when_the_person_writes(round_):
    number = await round_.office.submitted()
    round_.teams.script[LEE] = [Attempt(Result.THROTTLED, "429")] * 2
    await round_.settle_at(number, 5 * MINUTE)
    await round_.settle_at(number, 24 * HOUR)
    notice = await round_.notice(number, LEE)
    assert (notice.state, notice.way, notice.reason) == (NoticeState.DELIVERED, Way.MAIL, "429")
    assert (await round_.figures.pending_since(), await round_.figures.parked_since()) == ([], [])
    assert await round_.courier.arrived(LEE) == [number]
    await round_.courier.settle(number)
    assert (await round_.notice(number, LEE)).way is Way.TEAMS


async def test_a_card_that_may_not_be_tried_for_an_hour_goes_by_mail_after_five_minutes(round_):
    number = await round_.office.submitted()
    round_.teams.script[LEE] = [Attempt(Result.THROTTLED, "429", 3_600.0)]
    assert await round_.courier.settle(number) == MONDAY + 5 * MINUTE
    round_.mails.is_out_of_order = True
    assert await round_.settle_at(number, 5 * MINUTE) == MONDAY + 6 * MINUTE
    round_.mails.is_out_of_order = False
    assert await round_.settle_at(number, 6 * MINUTE) == MONDAY + HOUR
    assert await round_.settle_at(number, 7 * MINUTE) == MONDAY + HOUR
    assert (round_.mails.recipients, round_.mails.count, len(round_.teams.posted_to(LEE))) == ([LEE], 1, 1)
    await round_.settle_at(number, HOUR)
    assert (await round_.notice(number, LEE)).way is Way.TEAMS


async def test_a_card_for_which_there_is_no_room_goes_by_mail_after_five_minutes(round_):
    number = await round_.office.submitted()
    round_.teams.full = [30.0] * 10
    await round_.settle_at(number, 6 * MINUTE)
    assert {LEE, DANA} <= {*round_.mails.recipients}
    round_.teams.full = []
    await round_.settle_at(number, 7 * MINUTE)
    assert (await round_.notice(number, LEE)).way is Way.TEAMS


async def test_what_went_by_mail_meanwhile_is_not_mailed_again(round_):
    number = await round_.office.submitted()
    round_.teams.script[LEE] = [Result.THROTTLED, Result.UNREACHABLE]
    await round_.settle_at(number, 5 * MINUTE)
    await round_.settle_at(number, 11 * MINUTE)
    notice = await round_.notice(number, LEE)
    assert (notice.state, notice.way, round_.mails.count) == (NoticeState.DELIVERED, Way.MAIL, 1)


async def test_a_late_card_whose_mail_fails_is_mailed_with_the_next_attempt(round_):
    number = await round_.office.submitted()
    round_.teams.script[LEE] = [Attempt(Result.THROTTLED, "429", 60.0)] * 2
    round_.mails.is_out_of_order = True
    await round_.settle_at(number, 5 * MINUTE)
    assert (await round_.notice(number, LEE)).reason == "429"
    round_.mails.is_out_of_order = False
    await round_.settle_at(number, 6 * MINUTE)
    assert round_.mails.recipients == [LEE]


async def test_the_earliest_of_several_waits_is_the_next_look(round_):
    number = await round_.office.submitted()
    round_.teams.script = {LEE: [Attempt(Result.THROTTLED, "", 40.0)], DANA: [Result.AMBIGUOUS]}
    assert await round_.courier.settle(number) == MONDAY + 30 * SECOND


async def test_a_second_unknown_outcome_parks_the_notice(round_):
    number = await round_.office.submitted()
    round_.teams.script[LEE] = [Result.AMBIGUOUS, Result.AMBIGUOUS]
    await round_.courier.settle(number)
    await round_.settle_at(number, 30 * SECOND)
    notice = await round_.notice(number, LEE)
    assert (notice.state, len(round_.teams.posted_to(LEE))) == (NoticeState.PARKED, 2)
    assert "unknown whether it arrived" in notice.reason
    assert (await round_.figures.pending_since(), len(await round_.figures.parked_since())) == ([], 1)


async def test_a_notice_left_in_sending_is_taken_over_when_its_sender_must_be_dead(round_):
    number = await round_.office.submitted()
    standing = await round_.notice(number, LEE)
    left = replace(standing, state=NoticeState.SENDING, attempts=1, due_at=MONDAY + 90 * SECOND)
    await round_.office.requests.save_notice(left)

    assert await round_.settle_at(number, 89 * SECOND) == MONDAY + 90 * SECOND
    assert round_.teams.posted_to(LEE) == []
    assert await round_.settle_at(number, 90 * SECOND) is None
    assert (await round_.notice(number, LEE)).way is Way.TEAMS


async def test_a_notice_taken_over_counts_as_posted_once_already(round_):
    number = await round_.office.submitted()
    round_.teams.script[LEE] = [RuntimeError("the process dies"), Result.AMBIGUOUS]
    with pytest.raises(ExceptionGroup):
        await round_.courier.settle(number)
    await round_.settle_at(number, 90 * SECOND)
    assert (await round_.notice(number, LEE)).state is NoticeState.PARKED


async def test_a_card_is_posted_at_most_twice_however_often_its_sender_dies(round_):
    number = await round_.office.submitted()
    round_.teams.script[LEE] = [RuntimeError("the process dies"), RuntimeError("the process dies")]
    for minutes in (0, 2):
        with pytest.raises(ExceptionGroup):
            await round_.settle_at(number, minutes * MINUTE)
    await round_.settle_at(number, 4 * MINUTE)
    assert len(round_.teams.posted_to(LEE)) == 2
    assert (await round_.notice(number, LEE)).state is NoticeState.PARKED


async def test_one_notice_that_cannot_be_attended_to_does_not_hold_up_the_others(round_):
    number = await round_.office.submitted()
    round_.teams.script[LEE] = [RuntimeError("a card that cannot be made")]
    with pytest.raises(ExceptionGroup, match="could not be attended to") as raised:
        await round_.courier.settle(number)
    assert [str(each) for each in raised.value.exceptions] == ["a card that cannot be made"]
    assert len(round_.teams.posted_to(DANA)) == 1
    assert [summary.number for summary in await round_.office.lists.inbox(LEE, 5)] == [number]


async def test_two_couriers_at_once_post_each_card_once(round_):
    number = await round_.office.submitted()
    looks = await asyncio.gather(*(round_.courier.settle(number) for _ in range(3)))
    assert sorted(email for email, _, _ in round_.teams.posts) == [DANA, LEE]
    assert {look for look in looks if look} <= {MONDAY + MINUTE, MONDAY + 90 * SECOND}
    round_.office.now += 2 * MINUTE
    assert await round_.courier.settle(number) is None
    assert len(round_.teams.posts) == 2


async def test_nothing_is_left_to_do_for_a_number_that_does_not_exist(round_):
    assert await round_.courier.settle("CONTOSO-000000") is None
    assert round_.teams.posts == []


async def test_a_notice_without_its_request_is_parked(round_):
    await round_.office.requests.add_notice(Notice("CONTOSO-000000", 3, Topic.NEWS, LEE, "Gone.", MONDAY, MONDAY))
    assert await round_.courier.settle("CONTOSO-000000") is None
    notice = await round_.notice("CONTOSO-000000", LEE)
    assert (notice.state, notice.reason) == (NoticeState.PARKED, "there is nothing to show any more")


async def test_a_notice_with_nothing_to_show_is_counted_as_parked(round_):
    await round_.office.requests.add_notice(Notice("CONTOSO-000000", 3, Topic.NEWS, LEE, "Gone.", MONDAY, MONDAY))
    await round_.courier.settle("CONTOSO-000000")
    assert await round_.figures.parked_since() == [MONDAY]


async def test_lists_are_written_once_and_their_marks_removed(round_):
    number = await round_.office.approved()
    await round_.courier.settle(number)
    assert [summary.number for summary in await round_.office.lists.approved("EMEA", 5)] == [number]
    assert await round_.office.requests.pending_lists(number) == (frozenset(), [])


async def test_a_change_while_the_courier_is_at_it_still_reaches_the_lists(round_):
    number = await round_.office.submitted()

    async def lee_approves():
        await round_.office.press(LEE, "approve", number)

    round_.teams.during[DANA] = lee_approves
    await round_.courier.settle(number)
    await round_.courier.settle(number)

    assert [summary.number for summary in await round_.office.lists.approved("EMEA", 5)] == [number]
    assert [summary.status for summary in await round_.office.lists.of_partner("CONTOSO", 5)] == ["approved"]


async def test_posted_cards_follow_the_request(round_):
    number = await round_.office.submitted()
    await round_.courier.settle(number)
    await round_.office.press(LEE, "approve", number)
    assert await round_.courier.settle(number) is None
    updated = {email: card for email, _, card in round_.teams.updates}
    assert sorted(updated) == [DANA, LEE]
    assert "Approved" in updated[DANA]
    assert (await round_.notice(number, LEE, Topic.DECISION)).shown == 2
    await round_.courier.settle(number)
    assert len(round_.teams.updates) == 2


@pytest.mark.parametrize(("actor", "verb"), [(LEE, "approve"), (DANA, "withdraw")])
async def test_whoever_acted_has_the_own_card_updated_before_anything_else_is_told(round_, actor, verb):
    number = await round_.office.submitted()
    await round_.courier.settle(number)
    told = len(round_.teams.posts)
    updated_by_the_first_post = []

    async def look():
        updated_by_the_first_post.extend(email for email, _, _ in round_.teams.updates)

    round_.teams.during = dict.fromkeys((DANA, LEE, ANA), look)
    await round_.office.press(actor, verb, number)
    await round_.courier.settle(number)
    assert len(round_.teams.posts) > told
    assert updated_by_the_first_post[0] == actor == round_.teams.updates[0][0]


@pytest.mark.parametrize("result", [Result.UNREACHABLE, Result.REFUSED])
async def test_a_card_that_was_deleted_is_let_go(round_, result):
    number = await round_.office.submitted()
    await round_.courier.settle(number)
    await round_.office.press(LEE, "approve", number)
    round_.teams.update_script = [result, result]
    assert await round_.courier.settle(number) is None
    assert await round_.courier.settle(number) is None
    assert len(round_.teams.updates) == 2
    assert round_.mails.sent == {}


@pytest.mark.parametrize(
    ("attempt", "wait"),
    [
        (Attempt(Result.THROTTLED, "", 240.0), 240),
        (Attempt(Result.THROTTLED, "", 5.0), 60),
        (Attempt(Result.NOT_SENT), 60),
        (Attempt(Result.AMBIGUOUS), 60),
        (Attempt(Result.UNAUTHORIZED), 60),
    ],
)
async def test_an_update_that_was_not_taken_is_tried_again_later(round_, attempt, wait):
    number = await round_.office.submitted()
    await round_.courier.settle(number)
    await round_.office.press(LEE, "approve", number)
    round_.teams.update_script = [attempt]
    again = await round_.courier.settle(number)
    assert again == MONDAY + timedelta(seconds=wait)
    round_.office.now = again
    assert await round_.courier.settle(number) is None
    assert len(round_.teams.updates) == 3
    assert {(await round_.notice(number, e, t)).shown for e, t in ((LEE, Topic.DECISION), (DANA, Topic.RECEIPT))} == {2}


async def test_who_has_no_chat_is_told_by_mail_and_gets_the_card_on_arrival(round_):
    number = await round_.office.submitted()
    round_.teams.script[LEE] = [Attempt(Result.UNREACHABLE, "has not opened the app in Teams yet")]
    await round_.courier.settle(number)
    ((to, subject, text),) = round_.mails.sent.values()
    assert to == LEE
    assert number in subject
    assert "Tailspin Toys" in text

    round_.office.now += HOUR
    assert await round_.courier.arrived(LEE) == [number]
    await round_.courier.settle(number)
    assert len(round_.teams.posted_to(LEE)) == 2
    assert (await round_.notice(number, LEE)).way is Way.TEAMS
    assert await round_.courier.arrived(LEE) == []
    assert round_.mails.recipients == [LEE]


async def test_what_was_mailed_to_others_does_not_come_due_for_who_arrives(round_):
    number = await round_.office.submitted()
    round_.teams.script = {email: [Result.UNREACHABLE] for email in (LEE, DANA)}
    await round_.courier.settle(number)
    assert await round_.courier.arrived(LEE) == [number]
    await round_.courier.settle(number)
    assert len(round_.teams.posted_to(DANA)) == 1


async def test_an_hour_without_attempts_does_not_send_who_arrives_a_mail_again(round_):
    number = await round_.office.submitted()
    round_.teams.script[LEE] = [Result.UNREACHABLE, Result.NOT_SENT]
    await round_.courier.settle(number)
    round_.office.now += HOUR
    await round_.courier.arrived(LEE)
    again = await round_.courier.settle(number)
    assert SECOND <= again - round_.office.now <= 1.25 * SECOND
    assert len(round_.mails.sent) == 1


async def test_news_that_went_by_mail_waits_for_nobody(round_):
    number = await round_.office.submitted()
    await round_.courier.settle(number)
    await round_.office.press(LEE, "approve", number)
    round_.teams.script[DANA] = [Result.UNREACHABLE]
    await round_.courier.settle(number)
    assert round_.mails.recipients == [DANA]
    assert await round_.courier.arrived(DANA) == []


async def test_what_waited_is_looked_after_by_somebody_if_this_process_dies_on_arrival(round_):
    number = await round_.office.submitted()
    round_.teams.script[LEE] = [Result.UNREACHABLE]
    await round_.courier.settle(number)
    round_.office.now += HOUR
    await round_.all_work()

    await round_.courier.arrived(LEE)

    round_.office.now += HOUR
    assert await round_.all_work() == [number]


class FailsOnce:
    """The store of requests, which is away when a notice is written for the first time."""

    def __init__(self, requests):
        self._requests = requests
        self._fails = True

    def __getattr__(self, name):
        return getattr(self._requests, name)

    async def save_notice(self, notice):
        if self._fails:
            self._fails = False
            raise Raced("somebody else was first")
        return await self._requests.save_notice(notice)


async def test_what_waits_is_not_forgotten_when_it_cannot_be_made_due(round_):
    number = await round_.office.submitted()
    round_.teams.script[LEE] = [Result.UNREACHABLE]
    await round_.courier.settle(number)
    courier = round_.courier_over(FailsOnce(round_.office.requests), round_.office.lists)
    await asyncio.gather(courier.arrived(LEE), return_exceptions=True)
    await courier.arrived(LEE)
    await courier.settle(number)
    assert (await round_.notice(number, LEE)).way is Way.TEAMS


async def test_a_card_that_the_channel_refuses_is_followed_by_its_words(round_, caplog):
    number = await round_.office.submitted()
    round_.teams.script[LEE] = [Attempt(Result.REFUSED, "413 MessageSizeTooBig")]
    assert await round_.courier.settle(number) is None
    card, words = round_.teams.posted_to(LEE)
    assert "approve" in card
    assert "approve" not in words
    assert number in words
    assert (await round_.notice(number, LEE)).way is Way.TEAMS
    assert "a card was refused" in caplog.text


async def test_a_mail_that_fails_is_tried_again_until_it_is_taken(round_):
    number = await round_.office.submitted()
    round_.teams.script[LEE] = [Result.UNREACHABLE, Result.UNREACHABLE]
    round_.mails.is_out_of_order = True
    assert await round_.courier.settle(number) == MONDAY + MINUTE
    notice = await round_.notice(number, LEE)
    assert (notice.state, notice.reason) == (NoticeState.PENDING, "mail is out of order")
    assert await round_.figures.pending_since() == [MONDAY]

    round_.mails.is_out_of_order = False
    assert await round_.settle_at(number, MINUTE) is None
    assert (await round_.notice(number, LEE)).way is Way.MAIL
    assert await round_.figures.pending_since() == []


@pytest.mark.parametrize(("asked", "waits"), [(200, 200), (5, 60)])
async def test_a_mail_is_tried_again_no_sooner_than_its_service_asks(round_, asked, waits):
    number = await round_.office.submitted()
    round_.teams.script[LEE] = [Result.UNREACHABLE, Result.UNREACHABLE]
    round_.mails.held_for = asked
    assert await round_.courier.settle(number) == MONDAY + waits * SECOND
    assert (await round_.notice(number, LEE)).reason == "Graph answered 429"
    round_.mails.held_for = 0
    await round_.settle_at(number, (waits - 1) * SECOND)
    assert round_.mails.count == 0
    assert await round_.settle_at(number, waits * SECOND) is None
    assert round_.mails.recipients == [LEE]


async def test_a_mail_that_fails_for_a_day_parks_the_notice_with_both_reasons(round_):
    number = await round_.office.submitted()
    round_.teams.script[LEE] = [Attempt(Result.UNREACHABLE, "403 Blocked")]
    round_.mails.is_out_of_order = True
    await round_.settle_at(number, 24 * HOUR)
    notice = await round_.notice(number, LEE)
    assert (notice.state, notice.reason) == (NoticeState.PARKED, "403 Blocked; no mail: mail is out of order")


async def test_what_was_parked_because_the_person_could_not_be_reached_is_sent_on_arrival(round_):
    number = await round_.office.submitted()
    round_.teams.script[LEE] = [Result.UNREACHABLE]
    round_.mails.is_out_of_order = True
    await round_.settle_at(number, 24 * HOUR)
    assert await round_.courier.arrived(LEE) == [number]
    await round_.courier.settle(number)
    assert (await round_.notice(number, LEE)).way is Way.TEAMS


async def test_a_contact_outside_the_directory_reads_by_mail_what_the_requester_sees(round_):
    number = await round_.office.submitted(contact_email=OUTSIDER)
    await round_.courier.settle(number)
    assert round_.teams.posted_to(OUTSIDER) == []
    ((to, subject, text),) = round_.mails.sent.values()
    assert (to, number in subject, "Tailspin Toys" in text) == (OUTSIDER, True, True)
    assert (await round_.notice(number, OUTSIDER)).reason == "is not in the directory"


async def test_the_same_notice_mailed_again_has_the_same_key(round_):
    number = await round_.office.submitted()
    round_.teams.script[LEE] = [Result.UNREACHABLE, Result.UNREACHABLE]
    await round_.courier.settle(number)
    await round_.courier.arrived(LEE)
    await round_.courier.settle(number)
    assert len(round_.mails.sent) == 1


async def test_a_question_goes_to_the_fpm_with_the_askers_name(round_):
    asker = await round_.office.person(DANA)
    await round_.office.desk.intake.ask_fpm(asker, "Does Yammer count?", "a" * 32)
    (number,) = round_.office.nudged
    assert await round_.courier.settle(number) is None
    (card,) = round_.teams.posted_to(LEE)
    assert "Does Yammer count?" in card
    assert "Dana Reyes" in card
    assert (await round_.notice(number, LEE)).shown == 0


async def feedback_of_danas(round_):
    dana = await round_.office.person(DANA)
    await round_.office.desk.feedback.give(dana, "It is slow.", "")
    return agenda_id(DANA)


async def test_feedback_goes_to_the_programme_team_and_on_the_list(round_):
    about = await feedback_of_danas(round_)
    assert await round_.courier.settle(about) is None
    (card,) = round_.teams.posted_to(SAMIRA)
    assert "It is slow." in card
    assert "Dana Reyes" in card
    assert [each.text async for each in round_.office.feedbacks.heard(MONDAY)] == ["It is slow."]
    assert await round_.office.requests.pending_lists(about) == (frozenset(), [])


async def test_feedback_is_no_word_about_what_waits(round_):
    notice = await round_.notice(await feedback_of_danas(round_), SAMIRA)
    dana = await round_.office.person(DANA)
    assert await round_.courier.matters.agendas.of_word(dana, notice.revision, "") is None


async def test_feedback_whose_card_is_refused_says_what_shows_it(round_):
    about = await feedback_of_danas(round_)
    round_.teams.script[SAMIRA] = [Attempt(Result.REFUSED, "413 MessageSizeTooBig")]
    await round_.courier.settle(about)
    _, words = round_.teams.posted_to(SAMIRA)
    assert "Type feedback to act on it." in words


async def test_an_issue_is_on_the_list_of_the_programme_team_once_it_is_settled(round_):
    number = await round_.office.submitted()
    await round_.office.press(DANA, "issue", number, issue_text="Nobody called.")
    await round_.office.press(LEE, "approve", number)
    await round_.courier.settle(number)
    assert [each.text async for each in round_.office.feedbacks.heard(MONDAY)] == ["Nobody called."]


async def test_a_contact_outside_is_told_nothing_once_everybody_of_the_partner_has_left(round_):
    number = await round_.office.submitted(contact_email=OUTSIDER)
    for person in await round_.office.people.contacts("CONTOSO"):
        await round_.office.people.remove(person)
    await round_.courier.settle(number)
    notice = await round_.notice(number, OUTSIDER)
    assert (notice.state, notice.reason) == (NoticeState.PARKED, "there is nothing to show any more")
    assert OUTSIDER not in round_.mails.recipients


async def test_nothing_is_shown_of_people_who_have_left_the_directory(round_):
    asker = await round_.office.person(DANA)
    await round_.office.desk.intake.ask_fpm(asker, "Does Yammer count?", "a" * 32)
    (question,) = round_.office.nudged
    number = await round_.office.submitted()
    await round_.courier.settle(number)
    await round_.office.press(LEE, "approve", number)
    for person in (await round_.office.people.export()).people.values():
        await round_.office.people.remove(person)

    assert await round_.courier.settle(question) is None
    assert await round_.courier.settle(number) is None
    assert (await round_.notice(question, LEE)).state is NoticeState.PARKED
    assert len(round_.teams.updates) == 2
    assert all(NOT_SHOWN_ANY_MORE in card and "Fabrikam" not in card for _, _, card in round_.teams.updates)
    assert len(round_.teams.posts) == 2


async def test_a_status_card_follows_the_request_and_only_the_newest_one_does(round_):
    number = await round_.office.submitted()
    await round_.courier.settle(number)
    piotr = await round_.office.person(PIOTR)
    await round_.courier.copies.keep(number, 1, piotr, "https://line.example/", "a:1", "first")
    await round_.courier.copies.keep(number, 1, piotr, "https://line.example/", "a:1", "second")
    await round_.courier.settle(number)
    ((email, card_id, line),) = round_.teams.updates
    assert (email, card_id) == (PIOTR, "first")
    assert "see the newer card below" in line

    await round_.office.press(LEE, "approve", number)
    await round_.courier.settle(number)
    ((card_id, card),) = [(i, c) for e, i, c in round_.teams.updates[1:] if e == PIOTR]
    assert card_id == "second"
    assert "Approved" in card


async def test_a_status_card_is_kept_although_somebody_else_writes_at_the_same_moment(round_):
    number = await round_.office.submitted()
    courier = round_.courier_over(FailsOnce(round_.office.requests), round_.office.lists)
    await courier.copies.keep(number, 1, await round_.office.person(PIOTR), "https://line.example/", "a:1", "first")
    kept = [n.activity_id for n in await round_.office.requests.notices_of(number) if n.recipient == PIOTR]
    assert kept == ["first"]


async def test_a_copy_of_nothing_is_not_kept(round_):
    await round_.courier.copies.keep(
        "CONTOSO-000000", 1, await round_.office.person(DANA), "https://x.example/", "a:1", "1"
    )
    assert await round_.office.requests.notices_of("CONTOSO-000000") == []


async def test_an_assigned_request_reaches_the_sme_and_leaves_no_open_notice(round_):
    number = await round_.office.assigned()
    await round_.courier.settle(number)
    assert len(round_.teams.posted_to(KOFI)) == 1
    assert round_.teams.posted_to(ANA)
    assert not [n for n in await round_.office.requests.notices_of(number) if n.is_open]


async def test_a_status_card_overtaken_while_it_is_being_posted_still_follows_the_request(tmp_path):
    asked, released = asyncio.Event(), asyncio.Event()

    async def holds_the_status_card(call):
        if call.method == "POST" and "'title': 'Status'" in str(call.body):
            asked.set()
            await released.wait()

    async with running_bot(tmp_path) as bot:
        dana, lee = await bot.people("Dana Reyes", "Lee Park")
        number = await submitted(dana)
        decision = await lee.card_with("approve", showing=number)
        with bot.teams.failing(holds_the_status_card):
            asking = asyncio.create_task(dana.say(f"status {number}"))
            await asked.wait()
            await lee.press("approve", on=decision)
            await bot.advance()
            released.set()
            await asking
        # Sent after the status card has been remembered, as a chat's messages go one by one.
        await dana.say("help")
        await bot.advance()
        (status,) = [str(m.card) for m in dana.chat if "'title': 'Status'" in str(m.card)]
        assert "'value': 'Approved'" in status


async def test_a_card_that_an_older_one_overtook_is_put_right(round_):
    number = await round_.office.submitted()
    await round_.courier.settle(number)
    await round_.office.press(LEE, "approve", number)
    courier = round_.courier_over(FailsOnce(round_.office.requests), round_.office.lists)
    await courier.settle(number)
    updated = [card_id for _, card_id, _ in round_.teams.updates]
    assert len(updated) == len(set(updated)) + 1, "the card whose row was contested is updated once more"
    notices = await round_.office.requests.notices_of(number)
    assert {n.shown for n in notices if n.is_live_copy} == {2}


async def test_an_older_status_card_whose_update_was_throttled_becomes_a_line_later(round_):
    number = await round_.office.submitted()
    await round_.courier.settle(number)
    piotr = await round_.office.person(PIOTR)
    await round_.courier.copies.keep(number, 1, piotr, "https://line.example/", "a:1", "first")
    round_.teams.update_script = [Attempt(Result.THROTTLED, "429", 5)]
    await round_.courier.copies.keep(number, 1, piotr, "https://line.example/", "a:1", "second")
    await round_.courier.settle(number)
    await round_.courier.settle(number)
    lines = [card_id for _, card_id, card in round_.teams.updates if "see the newer card below" in card]
    assert lines == ["first", "first"]
    await round_.courier.settle(number)
    assert len(round_.teams.updates) == 2


async def test_news_that_went_by_mail_does_not_come_again_as_a_card(round_):
    number = await round_.office.submitted()
    round_.teams.script[DANA] = [Result.UNREACHABLE] * 2
    await round_.courier.settle(number)
    await round_.office.press(LEE, "approve", number)
    await round_.courier.settle(number)
    await round_.courier.arrived(DANA)
    await round_.courier.settle(number)
    topics = [n.topic for n in await round_.office.requests.notices_of(number) if n.recipient == DANA and n.activity_id]
    assert topics == [Topic.RECEIPT]


async def test_a_notice_without_room_in_the_lanes_waits_untouched(round_):
    number = await round_.office.submitted()
    round_.teams.full = [7.0, 9.0]
    assert await round_.courier.settle(number) == MONDAY + 7 * SECOND
    assert round_.teams.posts == []
    assert {(n.state, n.attempts) for n in await round_.office.requests.notices_of(number)} == {
        (NoticeState.PENDING, 0)
    }
    assert await round_.settle_at(number, 9 * SECOND) is None
    assert len(round_.teams.posts) == 2


async def test_a_card_without_room_in_the_lanes_is_updated_later(round_):
    number = await round_.office.submitted()
    await round_.courier.settle(number)
    await round_.office.press(DANA, "withdraw", number)
    round_.teams.full = [5.0] * 3

    assert await round_.courier.settle(number) == MONDAY + 5 * SECOND
    assert round_.teams.updates == []

    assert await round_.settle_at(number, 5 * SECOND) is None
    assert sorted(recipient for recipient, _, _ in round_.teams.updates) == [DANA, LEE]


async def test_an_overtaken_card_without_room_in_the_lanes_becomes_a_line_later(round_):
    number = await round_.office.submitted()
    await round_.courier.settle(number)
    dana = await round_.office.person(DANA)
    for card_id in ("first", "second"):
        await round_.courier.copies.keep(number, 1, dana, "https://line.example/", "chat", card_id)
    round_.teams.full = [7.0]

    assert await round_.courier.settle(number) == MONDAY + 7 * SECOND
    assert round_.teams.updates == []

    assert await round_.settle_at(number, 7 * SECOND) is None
    assert [card_id for _, card_id, _ in round_.teams.updates] == ["first"]


async def test_when_the_fpm_cannot_be_reached_the_backup_and_the_assigners_are_told(round_):
    number = await round_.office.submitted()
    round_.teams.script[LEE] = [Attempt(Result.UNREACHABLE, "403 Blocked")]
    round_.mails.is_out_of_order = True
    assert await round_.settle_at(number, 24 * HOUR) == MONDAY + 24 * HOUR
    for _ in range(2):
        await round_.courier.settle(number)
    told = [(email, summary) for email, _, summary in round_.teams.posts if "could not be told" in summary]
    assert sorted(email for email, _ in told) == sorted([MIKA, ANA])
    assert {summary for _, summary in told} == {
        f"{number} for Tailspin Toys: Lee Park could not be told that this waits for a decision."
    }


async def test_of_a_decision_made_meanwhile_no_deputy_is_told(round_):
    number = await round_.office.submitted()
    round_.teams.script[LEE] = [Attempt(Result.AMBIGUOUS, "no luck")] * 2
    await round_.courier.settle(number)
    await round_.office.press(LEE, "approve", number)
    await round_.settle_at(number, 30 * SECOND)
    assert not [summary for _, _, summary in round_.teams.posts if "could not be told" in summary]


async def test_a_receipt_that_cannot_be_delivered_is_told_to_the_fpm_and_the_assigners(round_):
    number = await round_.office.submitted()
    round_.teams.script[DANA] = [Result.REFUSED, Result.REFUSED]
    await round_.courier.settle(number)
    await round_.courier.settle(number)
    told = [email for email, _, summary in round_.teams.posts if "the receipt could not be delivered" in summary]
    assert sorted(told) == sorted([LEE, ANA])


async def test_a_hundred_and_more_assigners_are_told_although_a_commit_takes_no_more(round_):
    office = round_.office
    directory = await office.people.export()
    ana = directory.people[ANA]
    many = {f"a{n}@fasttrack.example": replace(ana, email=f"a{n}@fasttrack.example", object_id="") for n in range(250)}
    await office.people.load(Directory(directory.partners, {**directory.people, **many}))
    number = await office.approved()

    while again := await round_.courier.settle(number):
        office.now = again

    told = [email for email, _, summary in round_.teams.posts if "approved by" in summary.lower()]
    assert sorted(told) == sorted([ANA, DANA, *many])
    assert Topic.FAN_OUT not in {notice.topic for notice in await office.requests.notices_of(number)}


async def kicked_off(round_):
    """Bring a request to work, everybody told of it; write the kick-off, and return the number and the revision."""
    number = await active(round_.office)
    await round_.courier.settle(number)
    await round_.office.press(KOFI, "kickoff", number, **KICKOFF)
    return number, (await round_.office.request(number)).revision


async def test_a_card_of_an_engagement_takes_the_place_of_the_one_before(round_):
    number, first = await kicked_off(round_)
    await round_.courier.settle(number)
    old = await round_.notice(number, LEE, Topic.ENGAGEMENT)
    assert (old.revision, old.is_live_copy) == (first, True)
    lee, dana = [await round_.office.person(each) for each in (LEE, DANA)]
    assert not await round_.courier.copies.is_retired(number, lee, old.activity_id)

    await round_.office.press(KOFI, "kickoff", number, **KICKOFF | {"outcomes": "Less."})
    for _ in range(2):
        await round_.courier.settle(number)
    assert [c for e, i, c in round_.teams.updates if i == old.activity_id][-1].count("ee the newer card below") == 1
    assert await round_.courier.copies.is_retired(number, lee, old.activity_id)
    assert not await round_.courier.copies.is_retired(number, dana, old.activity_id), "it is another person's"
    newest = await round_.notice(number, LEE, Topic.ENGAGEMENT)
    assert (newest.is_live_copy, newest.revision > first) == (True, True)
    assert not await round_.courier.copies.is_retired(number, lee, newest.activity_id)
    assert not await round_.courier.copies.is_retired("CONTOSO-000000", lee, newest.activity_id)
    decision = await round_.notice(number, LEE, Topic.DECISION)
    assert decision.is_live_copy, "the card of something else stays"


async def test_a_card_of_an_engagement_that_a_newer_one_was_faster_than_is_not_posted_any_more(round_):
    number, first = await kicked_off(round_)
    waits = [5.0] * 4

    async def room_to_post(email):
        return waits.pop() if waits else 0.0

    round_.teams.room_to_post = room_to_post
    assert await round_.courier.settle(number) is not None
    await round_.office.press(KOFI, "kickoff", number, **KICKOFF | {"outcomes": "Less."})
    await round_.courier.settle(number)
    posted = len(round_.teams.posts)
    await round_.settle_at(number, after=6 * SECOND)
    assert len(round_.teams.posts) == posted
    for email in (LEE, DANA):
        told = [n for n in await round_.office.requests.notices_of(number) if n.recipient == email]
        old, new = [n for n in told if n.topic is Topic.ENGAGEMENT]
        assert (old.revision, old.state, old.way, old.reason) == (first, NoticeState.DELIVERED, Way.NONE, "overtaken")
        assert (new.state, new.way) == (NoticeState.DELIVERED, Way.TEAMS)


async def test_a_card_of_an_engagement_that_may_have_arrived_is_tried_again_and_then_a_line(round_):
    number, first = await kicked_off(round_)
    round_.teams.script[LEE] = [Result.AMBIGUOUS]
    await round_.courier.settle(number)
    await round_.office.press(KOFI, "kickoff", number, **KICKOFF | {"outcomes": "Less."})
    await round_.courier.settle(number)
    await round_.settle_at(number, after=MINUTE)
    await round_.settle_at(number, after=MINUTE)
    told = await round_.office.requests.notices_of(number)
    (old,) = [n for n in told if (n.recipient, n.revision) == (LEE, first)]
    assert (old.attempts, old.is_live_copy) == (2, False)
    assert await round_.courier.settle(number) is None
