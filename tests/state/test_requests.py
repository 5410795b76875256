"""A change with all that belongs to it is one commit, or it is nothing at all."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.advance import begin
from bot.domain.deeds import Change
from bot.domain.lifecycle import Action, Status, Topic
from bot.domain.notices import Notice, NoticeState
from bot.domain.ports import Case, Raced
from state.requests import RequestStore
from state.table import Delete
from state.work import LOOK_AGAIN_AFTER, WorkStore
from tests.domain.cast import ANA, ANSWERS, FRANK, MONDAY, NADIA, NUMBER, RITA, SAM, done, engagement_in, request_in

TENANT = ANSWERS["tenant_id"]
EARLIER = MONDAY - timedelta(seconds=1)


class Office:
    """The store of requests with a clock that is moved by hand."""

    def __init__(self, store):
        self.now = MONDAY
        self.work = WorkStore(store, "tests", lambda: self.now)
        self.requests = RequestStore(store, self.work, lambda: self.now)
        self.table = store.table("requests")

    async def rows(self, partner="CONTOSO"):
        return {row.key: row.values async for row in self.table.scan(partner)}

    async def kept(self, state="submitted", **changes):
        """Keep a request in this state as if it had just come into it."""
        request = request_in(state, **changes)
        await self.requests.commit(None, Change(None, request, request.last, engagement_in(state)), [], f"op-{state}")
        return await self.requests.load(request.number)


def notice(recipient=FRANK.email, revision=7, **changes):
    return replace(Notice(NUMBER, revision, Topic.NEWS, recipient, "Frank decided.", MONDAY, MONDAY), **changes)


def change_of(case, action, person, **more):
    state = next(
        s for s in ("submitted", "returned", "approved", "denied") if request_in(s).status is case.request.status
    )
    return done(action, person, state, request=case.request, **more)


@pytest.fixture
async def office(sqlite):
    return Office(await sqlite())


async def test_a_change_is_kept_with_its_history_notices_and_operation(office):
    case = await office.kept()
    change = change_of(case, Action.APPROVE, FRANK)
    await office.requests.commit(case, change, [notice(RITA.email), notice(ANA.email)], "press-1")

    found = await office.requests.load(NUMBER)
    assert found.request == change.request
    assert found.etag != case.etag
    assert (await office.requests.history(NUMBER))[-1] == change.event
    assert {n.recipient for n in await office.requests.notices_of(NUMBER)} == {RITA.email, ANA.email}
    assert await office.requests.number_done("CONTOSO", "press-1") == NUMBER
    assert not await office.requests.number_done("CONTOSO", "press-2")
    assert not await office.requests.number_done("FABRIKAM", "press-1")
    assert all(values["schema"] == 1 for values in (await office.rows()).values())


async def test_of_two_changes_of_the_same_revision_the_second_leaves_no_trace(office):
    case = await office.kept()
    await office.requests.commit(case, change_of(case, Action.APPROVE, FRANK), [notice()], "approve")
    before = await office.rows()
    with pytest.raises(Raced):
        await office.requests.commit(case, change_of(case, Action.DENY, FRANK), [notice(RITA.email)], "deny")
    assert await office.rows() == before


async def test_two_changes_at_once_are_one(office):
    case = await office.kept()
    deeds = [(Action.APPROVE, FRANK), (Action.DENY, FRANK), (Action.WITHDRAW, RITA), (Action.RETURN, FRANK)]
    results = await asyncio.gather(
        *(office.requests.commit(case, change_of(case, *deed), [], deed[0].value) for deed in deeds),
        return_exceptions=True,
    )
    assert [type(result) for result in results].count(type(None)) == 1
    assert all(result is None or isinstance(result, Raced) for result in results)
    assert len(await office.requests.history(NUMBER)) == 2


async def test_an_operation_that_was_done_is_not_done_again(office):
    case = await office.kept()
    await office.requests.commit(case, change_of(case, Action.ISSUE, RITA), [], "press")
    after = await office.requests.load(NUMBER)
    before = await office.rows()
    with pytest.raises(Raced):
        await office.requests.commit(after, change_of(after, Action.ISSUE, RITA), [], "press")
    assert await office.rows() == before


async def test_a_number_that_is_taken_cannot_begin_again(office):
    await office.kept()
    with pytest.raises(Raced):
        await office.requests.commit(None, begin(request_in("submitted"), RITA), [], "other")


async def test_somebody_looks_at_a_change_half_a_minute_later_even_if_it_was_not_kept(office):
    case = await office.kept()
    (planned,) = await claimed_at(office, LOOK_AGAIN_AFTER)
    await office.work.finish(planned)
    await office.requests.commit(case, change_of(case, Action.APPROVE, FRANK), [], "approve")
    assert [w.number for w in await claimed_at(office, 2 * LOOK_AGAIN_AFTER)] == [NUMBER]


async def claimed_at(office, after):
    office.now = MONDAY + after - timedelta(seconds=1)
    assert await office.work.claim_due() == []
    office.now = MONDAY + after
    return await office.work.claim_due()


async def test_a_request_that_ends_is_no_longer_open_for_its_customer_but_still_on_its_topic(office):
    case = await office.kept()
    assert await office.requests.open_for_customer("CONTOSO", TENANT, "TEAMS") == [NUMBER]
    await office.requests.commit(case, change_of(case, Action.DENY, FRANK), [], "deny")
    assert await office.requests.open_for_customer("CONTOSO", TENANT, "TEAMS") == []
    assert await office.requests.on_topic("CONTOSO", "TEAMS", "coaching", EARLIER) == [NUMBER]

    denied = await office.requests.load(NUMBER)
    await office.requests.commit(denied, change_of(denied, Action.REOPEN, FRANK), [], "reopen")
    assert await office.requests.open_for_customer("CONTOSO", TENANT, "TEAMS") == [NUMBER]


async def test_a_request_sent_again_is_found_under_its_new_answers_alone(office):
    case = await office.kept("returned")
    answers = {**ANSWERS, "workload": "YAMMER", "topic": "migration", "seat_count": "6000"}
    await office.requests.commit(case, change_of(case, Action.RESUBMIT, RITA, answers=answers), [], "resubmit")
    assert await office.requests.open_for_customer("CONTOSO", TENANT, "TEAMS") == []
    assert await office.requests.on_topic("CONTOSO", "TEAMS", "coaching", EARLIER) == []
    assert await office.requests.open_for_customer("CONTOSO", TENANT, "YAMMER") == [NUMBER]
    assert await office.requests.on_topic("CONTOSO", "YAMMER", "migration", EARLIER) == [NUMBER]


async def test_an_index_row_that_is_gone_already_holds_nothing_up(office):
    case = await office.kept()
    (index,) = [key for key in await office.rows() if key.startswith("open:")]
    row = await office.table.get("CONTOSO", index)
    await office.table.commit("CONTOSO", [Delete(row.key, row.etag)])
    await office.requests.commit(case, change_of(case, Action.DENY, FRANK), [], "deny")
    assert (await office.requests.load(NUMBER)).request.status is Status.DENIED


async def test_earlier_requests_on_a_topic_are_the_newest_fifty_since_then(office):
    numbers = [f"CONTOSO-0000{n:02d}" for n in range(53)]
    for n, number in enumerate(numbers):
        request = request_in("submitted", number=number, submitted_at=MONDAY + timedelta(days=n))
        await office.requests.commit(None, Change(None, request, request.last), [], number)
    assert await office.requests.on_topic("CONTOSO", "TEAMS", "coaching", EARLIER) == numbers[:2:-1]
    lately = EARLIER + timedelta(days=51)
    assert await office.requests.on_topic("CONTOSO", "TEAMS", "coaching", lately) == numbers[:50:-1]
    assert len(await office.requests.open_for_customer("CONTOSO", TENANT, "TEAMS")) == 20
    assert await office.requests.on_topic("CONTOSO", "TEAMS", "migration", EARLIER) == []


async def test_an_unknown_number_has_nothing(office):
    assert await office.requests.load(NUMBER) is None
    assert await office.requests.history(NUMBER) == ()
    assert await office.requests.notices_of(NUMBER) == []
    assert await office.requests.pending_lists(NUMBER) == (frozenset(), [])


async def test_a_request_is_loaded_with_its_latest_engagement(office):
    case = await office.kept("offered")
    assert case.engagement == engagement_in("offered")
    accepted = done(Action.ACCEPT, SAM, "offered", request=case.request)
    await office.requests.commit(case, accepted, [], "accept")
    assert (await office.requests.load(NUMBER)).engagement == accepted.engagement


async def test_an_engagement_changed_by_somebody_else_is_not_written_over(office):
    case = await office.kept("offered")
    stale = replace(case, engagement_etag="older")
    before = await office.rows()
    with pytest.raises(Raced):
        await office.requests.commit(stale, done(Action.ACCEPT, SAM, "offered", request=case.request), [], "accept")
    assert await office.rows() == before


async def test_a_second_assignment_is_an_engagement_of_its_own(office):
    case = await office.kept("offered")
    declined = done(Action.DECLINE, SAM, "offered", request=case.request)
    await office.requests.commit(case, declined, [], "decline")
    again = await office.requests.load(NUMBER)
    assigned = done(Action.ASSIGN, ANA, "approved", request=again.request)
    await office.requests.commit(again, assigned, [], "assign")
    assert (await office.requests.load(NUMBER)).engagement.id == f"{NUMBER}.2"
    assert f"engagement:{NUMBER}.1" in await office.rows()


async def test_a_request_whose_engagement_row_is_missing_can_still_be_read(office):
    case = await office.kept("submitted", engagements=1)
    assert (case.request.engagements, case.engagement) == (1, None)


async def test_the_history_is_in_order_beyond_ten_lines(office):
    case = await office.kept()
    for n in range(12):
        change = change_of(case, Action.ISSUE, RITA)
        await office.requests.commit(case, change, [], f"issue-{n}")
        case = await office.requests.load(NUMBER)
    assert [event.number for event in await office.requests.history(NUMBER)] == list(range(6, 19))


async def test_a_notice_is_written_at_its_etag_only(office):
    first = await office.requests.save_notice(notice())
    second = await office.requests.save_notice(replace(first, attempts=1))
    assert second.etag != first.etag
    with pytest.raises(Raced):
        await office.requests.save_notice(replace(first, state=NoticeState.DELIVERED))
    with pytest.raises(Raced):
        await office.requests.save_notice(notice())
    assert await office.requests.notices_of(NUMBER) == [second]


async def test_a_notice_that_belongs_to_no_change_is_kept_once_and_looked_after(office):
    await office.requests.add_notice(notice(sentence="May I ask?"))
    await office.requests.add_notice(notice(sentence="Another one?"))
    (kept,) = await office.requests.notices_of(NUMBER)
    assert kept.sentence == "May I ask?"
    assert [w.number for w in await claimed_at(office, LOOK_AGAIN_AFTER)] == [NUMBER]


async def test_notices_of_a_number_that_begins_alike_are_not_its_own(office):
    await office.requests.save_notice(notice())
    await office.requests.save_notice(replace(notice(), number=NUMBER + "2"))
    assert [n.number for n in await office.requests.notices_of(NUMBER)] == [NUMBER]


async def test_lists_to_be_written_are_marked_until_they_are_written(office):
    case = await office.kept()
    await office.requests.commit(case, change_of(case, Action.APPROVE, FRANK), [], "approve")
    stood, marks = await office.requests.pending_lists(NUMBER)
    assert {partition for partition, _ in stood} == {"partner:CONTOSO", f"inbox:{FRANK.email}"}
    assert len(marks) == 2
    for _ in range(2):
        await office.requests.lists_written(NUMBER, marks)
    assert await office.requests.pending_lists(NUMBER) == (frozenset(), [])


async def test_a_mark_set_after_the_reading_stays(office):
    case = await office.kept()
    _, marks = await office.requests.pending_lists(NUMBER)
    await office.requests.commit(case, change_of(case, Action.DELEGATE, FRANK, target=NADIA), [], "delegate")
    await office.requests.lists_written(NUMBER, marks)
    assert len((await office.requests.pending_lists(NUMBER))[1]) == 1


async def test_a_mark_that_another_instance_removes_at_the_same_time_is_gone(office, sqlite):
    await office.kept()
    other = Office(await sqlite())
    _, marks = await office.requests.pending_lists(NUMBER)
    await asyncio.gather(
        *(each.requests.lists_written(NUMBER, marks) for each in (office, other)),
    )
    assert await other.requests.pending_lists(NUMBER) == (frozenset(), [])


async def test_partners_do_not_see_each_others_rows(office):
    await office.kept()
    await office.kept("submitted", number="FABRIKAM-7K3QXD", partner="FABRIKAM")
    assert await office.requests.open_for_customer("FABRIKAM", TENANT, "TEAMS") == ["FABRIKAM-7K3QXD"]
    assert not {key for key in await office.rows("FABRIKAM") if NUMBER in key}
    assert isinstance(await office.requests.load("FABRIKAM-7K3QXD"), Case)
