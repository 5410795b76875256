"""What looking at a request or a person leads to: words about agendas, their copies, late receipts, and the sweep."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.agenda import agenda_id
from bot.domain.delivery import Result
from bot.domain.lifecycle import Topic
from bot.domain.notices import NoticeState, Way
from bot.domain.people import Cover
from bot.domain.timekeeper import Timekeeper
from bot.rounds import SWEEP, Rounds
from state.table import Delete
from tests.domain.office import ANA, ARJUN, DANA, LEE, MIKA, MONDAY, opened_office
from tests.test_courier import Round

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
HALF = MONDAY + 4 * HOUR
MINE = agenda_id(LEE)


class AllRounds(Round):
    """The rounds through the office's requests, without a worker that decides when."""

    def __init__(self, office, store):
        super().__init__(office, store)
        keeper, desk = Timekeeper(office.desk.filing, office.clock), office.desk
        self.rounds = Rounds(
            keeper, desk.agendas, self.courier, office.requests, office.lists, office.people, office.clock
        )

    async def look(self, number, at=None):
        self.office.now = at or self.office.now
        return await self.rounds.look(number)

    async def notices(self, number, topic):
        return [n for n in await self.office.requests.notices_of(number) if n.topic is topic]


@pytest.fixture
async def all_rounds(store):
    return AllRounds(await opened_office(store), store)


@pytest.fixture
async def two_waiting(all_rounds):
    """Two requests that wait for Lee, of whom everybody has been told."""
    office = all_rounds.office
    numbers = [await office.submitted(), await office.submitted(token="ab" * 16, workload="EXCHANGE")]
    for number in numbers:
        await all_rounds.look(number)
    all_rounds.teams.posts.clear()
    return numbers


async def test_a_reminder_is_one_card_and_follows_each_request_on_it(all_rounds, two_waiting):
    first, second = two_waiting
    await all_rounds.look(MINE, HALF)
    await all_rounds.look(MINE)
    (card,) = all_rounds.teams.posted_to(LEE)
    assert first in card
    assert second in card
    for number in two_waiting:
        (copy,) = await all_rounds.notices(number, Topic.REMINDER)
        assert (copy.way, copy.shown, set(copy.listed)) == (Way.TEAMS, 1, set(two_waiting))
        assert copy.told_at == copy.created_at
    all_rounds.teams.updates.clear()
    await all_rounds.office.press(LEE, "approve", second)
    await all_rounds.look(second)
    place = (await all_rounds.notices(MINE, Topic.REMINDER))[0].activity_id
    (updated,) = [card for to, at, card in all_rounds.teams.updates if (to, at) == (LEE, place)]
    assert "Approved" in updated
    assert first in updated


async def test_a_reminder_that_could_not_be_posted_in_time_is_dropped_once_there_is_nothing_to_do(
    all_rounds, two_waiting
):
    all_rounds.teams.full = [60.0]
    await all_rounds.look(MINE, HALF)
    for number in two_waiting:
        await all_rounds.office.press(LEE, "approve", number)
    await all_rounds.look(MINE, HALF + 2 * MINUTE)
    (notice,) = await all_rounds.notices(MINE, Topic.REMINDER)
    assert (notice.state, notice.way, notice.reason) == (NoticeState.DELIVERED, Way.NONE, "overtaken")
    assert all_rounds.teams.posted_to(LEE) == []


async def test_a_word_to_somebody_without_the_app_goes_by_mail_and_is_over_on_arrival(all_rounds, two_waiting):
    all_rounds.teams.script[LEE] = [Result.UNREACHABLE]
    await all_rounds.look(MINE, HALF)
    (mail,) = [(subject, text) for to, subject, text in all_rounds.mails.sent.values() if to == LEE]
    assert mail[0] == "Reminder: requests wait for you"
    assert all(number in mail[1] for number in two_waiting)
    assert await all_rounds.courier.arrived(LEE) == []
    (notice,) = await all_rounds.notices(MINE, Topic.REMINDER)
    assert (notice.state, notice.way) == (NoticeState.DELIVERED, Way.MAIL)


async def test_a_word_that_nobody_can_be_given_is_parked_without_a_deputy(all_rounds, two_waiting):
    all_rounds.teams.script[LEE] = [Result.REFUSED, Result.REFUSED]
    await all_rounds.look(MINE, HALF)
    (notice,) = await all_rounds.notices(MINE, Topic.REMINDER)
    assert notice.state is NoticeState.PARKED
    assert all_rounds.teams.posted_to(MIKA) == []
    assert two_waiting


async def test_what_is_kept_of_a_person_who_left_is_parked(all_rounds, two_waiting):
    all_rounds.teams.full = [60.0]
    await all_rounds.look(MINE, HALF)
    await all_rounds.office.people.remove(await all_rounds.office.person(LEE))
    await all_rounds.look(MINE, HALF + 2 * MINUTE)
    (notice,) = await all_rounds.notices(MINE, Topic.REMINDER)
    assert (notice.state, notice.reason) == (NoticeState.PARKED, "is not in the directory")
    assert two_waiting


async def test_who_has_asked_for_mail_gets_everything_by_mail_as_well(all_rounds):
    office, lee = all_rounds.office, await all_rounds.office.person(LEE)
    await office.desk.agendas.switch_mail(lee, is_on=True)
    number = await office.submitted()
    await all_rounds.look(number)
    assert len(all_rounds.teams.posted_to(LEE)) == 1
    assert all_rounds.mails.recipients == [LEE]
    all_rounds.mails.is_out_of_order = True
    await all_rounds.look(await office.submitted(token="ab" * 16, workload="EXCHANGE"))
    assert len(all_rounds.teams.posted_to(LEE)) == 2
    await office.desk.agendas.switch_mail(lee, is_on=False)
    all_rounds.mails.is_out_of_order = False
    await all_rounds.look(await office.submitted(token="cd" * 16, workload="INTUNE"))
    assert len(all_rounds.teams.posted_to(LEE)) == 3
    assert all_rounds.mails.recipients == [LEE]


@pytest.mark.parametrize("why", [Result.NOT_SENT, Result.UNREACHABLE])
async def test_a_receipt_that_nobody_has_after_five_minutes_is_told_to_fpm_and_assigners(all_rounds, why):
    office, teams, mails = all_rounds.office, all_rounds.teams, all_rounds.mails
    number = await office.submitted()
    teams.script[DANA] = [why] * 50
    mails.is_out_of_order = True
    again = await all_rounds.look(number)
    while office.now < MONDAY + 4 * MINUTE:
        again = await all_rounds.look(number, again)
    assert not await all_rounds.notices(number, Topic.UNDELIVERED)
    while office.now < MONDAY + 7 * MINUTE:
        again = await all_rounds.look(number, again)
    told = {n.recipient for n in await all_rounds.notices(number, Topic.UNDELIVERED)}
    assert told == {LEE, ANA}
    mails.is_out_of_order = False
    while (await all_rounds.notice(number, DANA)).way is not Way.MAIL:
        again = await all_rounds.look(number, again)
    assert len(await all_rounds.notices(number, Topic.UNDELIVERED)) == 2


async def work_rows(store):
    work = store.table("work")
    return [row async for shard in work.partitions() async for row in work.scan(shard)]


async def test_the_sweep_plans_a_look_at_everything_that_is_open(all_rounds, store):
    office = all_rounds.office
    open_ones = [
        await office.submitted(),
        await office.approved(token="cd" * 16),
        await office.assigned(token="ef" * 16),
    ]
    denied = await office.submitted(token="12" * 16)
    await office.press(LEE, "deny", denied, deny_reason="other", deny_note="No.")
    await office.write_lists(*open_ones, denied)
    await office.people.add_cover(Cover(LEE, ARJUN, MONDAY, MONDAY + DAY))
    for row in await work_rows(store):
        await store.table("work").commit(row.partition, [Delete(row.key, row.etag)])
    again = await all_rounds.look(SWEEP)
    assert again == MONDAY.replace(hour=3) + DAY
    planned = {str(row.values["number"]) for row in await work_rows(store)}
    assert planned == {*open_ones, agenda_id(LEE), agenda_id(ARJUN)}


async def test_the_sweep_of_the_day_is_still_to_come_in_the_night(all_rounds):
    night = MONDAY.replace(hour=1)
    assert await all_rounds.look(SWEEP, night) == MONDAY.replace(hour=3)


async def test_instances_that_start_in_one_hour_plan_one_sweep(all_rounds, store):
    for minutes in (0, 7, 59):
        all_rounds.office.now = MONDAY + minutes * MINUTE
        await all_rounds.rounds.plan_sweep()
    assert [str(row.values["number"]) for row in await work_rows(store)] == [SWEEP]


async def test_a_newer_word_takes_the_place_of_the_cards_before(all_rounds, two_waiting):
    first, _ = two_waiting
    await all_rounds.look(MINE, HALF)
    await all_rounds.look(MINE)
    (reminder,) = await all_rounds.notices(MINE, Topic.REMINDER)
    await all_rounds.look(MINE, MONDAY + 23 * HOUR)
    all_rounds.teams.updates.clear()
    await all_rounds.look(MINE)
    assert [(at, "newer card below" in card) for _, at, card in all_rounds.teams.updates] == [
        (reminder.activity_id, True)
    ]
    assert [n.way for n in await all_rounds.notices(first, Topic.REMINDER)] == [Way.NONE]
    all_rounds.teams.updates.clear()
    await all_rounds.office.press(LEE, "approve", first)
    await all_rounds.look(first)
    assert reminder.activity_id not in {at for _, at, _ in all_rounds.teams.updates}


async def test_a_reminder_of_something_else_leaves_the_one_before_as_it_is(all_rounds):
    office = all_rounds.office
    first = await office.submitted()
    await all_rounds.look(first)
    await all_rounds.look(MINE, HALF)
    await office.press(LEE, "approve", first)
    second = await office.submitted(token="ab" * 16, workload="EXCHANGE")
    await office.desk.agendas.switch_briefs(await office.person(LEE), is_on=False)
    for number in (first, second):
        await all_rounds.look(number)
    await all_rounds.look(MINE, MONDAY + DAY)
    await all_rounds.look(MINE)
    kept = await all_rounds.notices(MINE, Topic.REMINDER)
    assert [(n.listed, n.way) for n in kept] == [((first,), Way.TEAMS), ((second,), Way.TEAMS)]


async def test_a_card_that_cannot_be_made_a_line_yet_is_made_one_later(all_rounds, two_waiting):
    await all_rounds.look(MINE, HALF)
    await all_rounds.look(MINE, MONDAY + 23 * HOUR)
    all_rounds.teams.update_script = [Result.THROTTLED]
    again = await all_rounds.look(MINE)
    assert again > all_rounds.office.now
    assert (await all_rounds.notices(MINE, Topic.REMINDER))[0].way is Way.TEAMS
    await all_rounds.look(MINE, again)
    assert (await all_rounds.notices(MINE, Topic.REMINDER))[0].way is Way.NONE
    assert two_waiting


async def test_a_card_that_became_a_line_while_it_was_updated_stays_a_line(all_rounds, two_waiting):
    first, _ = two_waiting
    await all_rounds.look(MINE, HALF)
    (copy,) = await all_rounds.notices(first, Topic.REMINDER)
    matter = await all_rounds.courier.matters.load(first)
    await all_rounds.office.requests.save_notice(replace(copy, way=Way.NONE))
    assert await all_rounds.courier.copies.update(copy, matter) is None
    assert "newer card below" in all_rounds.teams.updates[-1][2]


async def test_who_is_told_that_the_decision_is_late_is_not_asked_for_it_besides(all_rounds):
    office = all_rounds.office
    number = await office.submitted()
    await all_rounds.look(number)
    await all_rounds.look(number, MONDAY + 6 * DAY)
    assert len(all_rounds.teams.posted_to(MIKA)) == 1
    told = {n.topic: n.reason for n in await office.requests.notices_of(number) if n.recipient == MIKA}
    assert told == {Topic.DECISION: "overtaken", Topic.ESCALATION: ""}


async def test_a_long_absence_is_told_in_a_few_lines(all_rounds):
    office = all_rounds.office
    cover = Cover(LEE, ARJUN, MONDAY, MONDAY + DAY)
    await office.people.add_cover(cover)
    await all_rounds.look(MINE)
    for count in range(15):
        number = await office.submitted(token=f"{count:02d}" * 16)
        await office.press(ARJUN, "approve", number)
        await all_rounds.look(number)
    await all_rounds.look(MINE, cover.ends)
    (back,) = await all_rounds.notices(MINE, Topic.BACK)
    lines = back.sentence.split("\n")
    assert len(lines) == 14
    assert lines[-1].startswith("And ")
    assert [summary for to, _, summary in all_rounds.teams.posts if to == LEE][-1] == lines[0]


async def test_what_is_to_be_told_is_told_although_the_clock_cannot_be_kept(all_rounds):
    class Stopped:
        async def look(self, number):
            raise OSError(number)

    number = await all_rounds.office.submitted()
    with pytest.raises(OSError, match=number):
        await replace(all_rounds.rounds, timekeeper=Stopped()).look(number)
    assert len(all_rounds.teams.posted_to(LEE)) == 1
