"""Lists: which rows a request has in each status, and that what is older or gone never comes back."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.lifecycle import OPEN, Status, Topic
from bot.domain.notices import Notice, NoticeState
from bot.domain.ports import ListOf
from state.figures import StoreFigures
from state.keys import inverted, key
from state.sqlite import SqliteStore
from state.table import Conflict, Put, StoreUnavailable
from state.views import KEPT, PARKED, ViewStore, pending_text, rows_for
from tests.domain.cast import ANSWERS, FRANK, MONDAY, NADIA, NUMBER, SAM, request_in
from tests.domain.leafed import leafed

PARTNER, INBOX, ASSIGNER, SME = "partner:CONTOSO", f"inbox:{FRANK.email}", "assigner:EMEA", f"sme:{SAM.email}"
ENGAGED, BUSY = f"engaged:{FRANK.email}", "busy"
PLACES = {
    "submitted": {PARTNER, INBOX},
    "returned": {PARTNER, "returned"},
    "approved": {PARTNER, INBOX, ASSIGNER},
    "proposed": {PARTNER, ENGAGED},
    "sent_back": {PARTNER, INBOX, ASSIGNER},
    "offered": {PARTNER, SME, ENGAGED, BUSY},
    "active": {PARTNER, SME, ENGAGED, BUSY},
    "completed": {PARTNER, SME, ENGAGED, INBOX},
    "denied": {PARTNER},
    "withdrawn": {PARTNER},
    "closed": {PARTNER},
}
NOTICE = Notice(NUMBER, 1, Topic.DECISION, FRANK.email, "Rita submitted this.", MONDAY, MONDAY, reason="503")


class RefusesOnce:
    """A store on which somebody else is quicker at the first commit."""

    def __init__(self, store):
        self.store = store
        self.refused = 0

    def table(self, name):
        self.inner = self.store.table(name)
        return self

    def __getattr__(self, name):
        return getattr(self.inner, name)

    async def commit(self, partition, changes):
        if not self.refused:
            self.refused += 1
            await self.inner.commit(partition, changes)
            raise Conflict(None)
        return await self.inner.commit(partition, changes)


@pytest.fixture
async def store(sqlite):
    return await sqlite()


class Unwritable:
    """A store that can be read and not written."""

    def __init__(self, store):
        self.store = store

    def table(self, name):
        self.inner = self.store.table(name)
        return self

    def __getattr__(self, name):
        return getattr(self.inner, name)

    async def commit(self, partition, changes):
        raise StoreUnavailable("read only")


@pytest.fixture
def views(store):
    return ViewStore(store, lambda: MONDAY)


@pytest.fixture
def figures(store):
    return StoreFigures(store, lambda: MONDAY + timedelta(hours=1))


async def everything(views):
    return {
        ENGAGED: await leafed(views, ListOf.ENGAGED, FRANK.email, 50),
        INBOX: await views.inbox(FRANK.email, 50),
        ASSIGNER: await views.approved("EMEA", 50),
        PARTNER: await views.of_partner("CONTOSO", 50),
        SME: await views.of_sme(SAM.email, 50),
    }


def test_every_state_has_its_places():
    assert {request_in(state).status for state in PLACES} == set(Status)
    for state, places in PLACES.items():
        assert {partition for partition, _ in rows_for(request_in(state))} == places, state


@pytest.mark.parametrize("state", PLACES)
def test_an_open_issue_brings_a_request_into_the_inbox_in_every_status(state):
    rows = rows_for(request_in(state, open_issues=1))
    assert {partition for partition, _ in rows} == PLACES[state] | {INBOX}


def test_an_assigned_request_whose_sme_is_gone_has_no_place_with_an_sme():
    assert {partition for partition, _ in rows_for(request_in("offered", sme=""))} == {PARTNER, ENGAGED}


@pytest.mark.parametrize("state", PLACES)
async def test_a_request_is_listed_where_it_has_its_places(views, state):
    request = request_in(state)
    await views.refresh(request, frozenset())
    lists = await everything(views)
    assert {place for place, found in lists.items() if found} == PLACES[state] & lists.keys()
    assert {number async for number in views.all_open()} == ({NUMBER} if request.status in OPEN else set())
    (summary,) = lists[PARTNER]
    assert (summary.number, summary.customer, summary.workload) == (NUMBER, request.customer, "TEAMS")
    assert (summary.status, summary.partner, summary.at) == (request.status, "CONTOSO", MONDAY)
    assert summary.stage == request.stage
    assert await views.loads() == ({SAM.email: 1} if BUSY in PLACES[state] else {})
    assert summary.due == MONDAY + timedelta(hours=120)


async def test_a_request_leaves_the_places_where_it_stood(views):
    submitted = request_in("submitted")
    approved = request_in("approved", revision=7)
    assigned = request_in("offered", revision=8)
    await views.refresh(submitted, frozenset())
    await views.refresh(approved, rows_for(submitted))
    await views.refresh(assigned, rows_for(approved))
    assert {place for place, found in (await everything(views)).items() if found} == {PARTNER, SME, ENGAGED}


async def test_an_older_revision_never_wins(views):
    submitted, denied = request_in("submitted"), request_in("denied", revision=7)
    await views.refresh(denied, rows_for(submitted))
    await views.refresh(submitted, frozenset())
    lists = await everything(views)
    assert [summary.status for summary in lists[PARTNER]] == [Status.DENIED]
    assert lists[INBOX] == []


async def test_a_request_that_comes_back_takes_the_place_of_its_tombstone(views):
    submitted = request_in("submitted")
    returned = request_in("returned", revision=7)
    again = request_in("submitted", revision=8)
    await views.refresh(submitted, frozenset())
    await views.refresh(returned, rows_for(submitted))
    assert await views.inbox(FRANK.email, 50) == []
    await views.refresh(again, rows_for(returned))
    assert [summary.number for summary in await views.inbox(FRANK.email, 50)] == [NUMBER]


async def rows_in(store, partition):
    return [row async for row in store.table("views").scan(partition)]


async def left_the_inbox(store, count):
    """Let so many requests leave the inbox on Monday at ten."""
    views = ViewStore(store, lambda: MONDAY)
    for n in range(count):
        number = f"CONTOSO-{n:06d}"
        await views.refresh(request_in("denied", number=number), rows_for(request_in("submitted", number=number)))


async def test_a_tombstone_tells_the_time_of_the_event_and_is_the_same_when_written_again(store, views):
    submitted, denied = request_in("submitted"), request_in("denied", revision=7)
    await views.refresh(denied, rows_for(submitted))
    (tombstone,) = await rows_in(store, INBOX)
    assert tombstone.values["removed_at"] == denied.last.at.isoformat()
    await ViewStore(store, lambda: MONDAY + KEPT).refresh(denied, rows_for(submitted))
    assert await rows_in(store, INBOX) == [tombstone]


async def test_whoever_reads_a_list_drops_the_tombstones_that_have_stood_for_seven_days(store):
    await left_the_inbox(store, 3)
    now = MONDAY + timedelta(days=7)
    views = ViewStore(store, lambda: now)
    assert await views.inbox(FRANK.email, 50) == []
    assert len(await rows_in(store, INBOX)) == 3
    now += timedelta(seconds=1)
    await views.refresh(request_in("submitted"), frozenset())
    assert [summary.number for summary in await views.inbox(FRANK.email, 50)] == [NUMBER]
    assert [row.values["number"] for row in await rows_in(store, INBOX)] == [NUMBER]


async def test_a_reader_drops_a_few_tombstones_at_a_time(store):
    await left_the_inbox(store, 45)
    views = ViewStore(store, lambda: MONDAY + KEPT + timedelta(days=1))
    left = []
    for _ in range(3):
        await views.inbox(FRANK.email, 50)
        left.append(len(await rows_in(store, INBOX)))
    assert left == [25, 5, 0]


@pytest.mark.parametrize("other", [RefusesOnce, Unwritable])
async def test_a_reader_who_cannot_drop_tombstones_reads_all_the_same(store, other):
    await left_the_inbox(store, 2)
    await ViewStore(store, lambda: MONDAY).refresh(request_in("submitted"), frozenset())
    views = ViewStore(other(store), lambda: MONDAY + KEPT + timedelta(days=1))
    assert [summary.number for summary in await views.inbox(FRANK.email, 50)] == [NUMBER]


async def test_without_a_time_a_tombstone_stays(store):
    await left_the_inbox(store, 1)
    (row,) = await rows_in(store, INBOX)
    undated = {name: value for name, value in row.values.items() if name != "removed_at"}
    await store.table("views").commit(INBOX, [Put(row.key, undated, row.etag)])
    assert await ViewStore(store, lambda: MONDAY + 10 * KEPT).inbox(FRANK.email, 50) == []
    assert len(await rows_in(store, INBOX)) == 1


async def test_a_pause_moves_a_request_in_the_inbox_and_leaves_nothing_behind(views):
    before = request_in("submitted")
    after = request_in("submitted", revision=8, paused=timedelta(days=2))
    await views.refresh(before, frozenset())
    await views.refresh(after, rows_for(before))
    (summary,) = await views.inbox(FRANK.email, 50)
    assert summary.due == MONDAY + timedelta(days=7)


async def test_a_delegated_request_changes_the_inbox(views):
    before = request_in("submitted")
    after = request_in("submitted", revision=7, fpm=NADIA.email)
    await views.refresh(before, frozenset())
    await views.refresh(after, rows_for(before))
    assert await views.inbox(FRANK.email, 50) == []
    assert len(await views.inbox(NADIA.email, 50)) == 1


async def test_lists_written_twice_are_written_once(store, views):
    request = request_in("submitted")
    await views.refresh(request, frozenset())
    before = [row.etag async for row in store.table("views").scan(PARTNER)]
    await views.refresh(request, frozenset())
    assert [row.etag async for row in store.table("views").scan(PARTNER)] == before


async def test_two_who_write_a_list_at_once_both_succeed(store):
    views = ViewStore(RefusesOnce(store), lambda: MONDAY)
    await views.refresh(request_in("submitted"), frozenset())
    assert {place for place, found in (await everything(views)).items() if found} == PLACES["submitted"]


async def test_a_list_shows_the_newest_or_the_most_urgent_first_and_no_more_than_asked(views):
    numbers = [f"CONTOSO-00000{n}" for n in range(4)]
    for n, number in enumerate(numbers):
        at = MONDAY + timedelta(hours=n)
        await views.refresh(request_in("submitted", number=number, submitted_at=at, decide_from=at), frozenset())
    assert [summary.number for summary in await views.of_partner("CONTOSO", 3)] == numbers[:0:-1]
    assert [summary.number for summary in await views.inbox(FRANK.email, 3)] == numbers[:3]


async def test_lists_of_others_and_of_other_regions_are_empty(views):
    elsewhere = request_in("approved", answers={**ANSWERS, "region": "APJ"})
    await views.refresh(elsewhere, frozenset())
    assert await views.approved("EMEA", 50) == []
    assert await views.inbox(NADIA.email, 50) == []


def test_what_may_have_to_go_is_nothing_before_the_first_change():
    assert pending_text(None) == "[]"


async def test_what_waits_for_a_person_stands_once_until_it_is_forgotten(views):
    for number in (NUMBER, "FABRIKAM-7K3QXD", NUMBER):
        await views.add_waiting(FRANK.email, number)
    assert await views.waiting(NADIA.email) == []
    assert await views.waiting(FRANK.email) == [NUMBER, "FABRIKAM-7K3QXD"]
    for _ in range(2):
        await views.forget_waiting(FRANK.email, NUMBER)
    assert await views.waiting(FRANK.email) == ["FABRIKAM-7K3QXD"]


async def test_what_another_instance_forgets_at_the_same_time_is_no_failure(store, views):
    await views.add_waiting(FRANK.email, NUMBER)
    await ViewStore(RefusesOnce(store), lambda: MONDAY).forget_waiting(FRANK.email, NUMBER)
    assert await views.waiting(FRANK.email) == []


async def test_a_notice_that_waits_is_counted_until_it_is_delivered(views, figures):
    for _ in range(2):
        await views.note_delivery(NOTICE, MONDAY)
    assert await figures.pending_since() == [MONDAY]
    delivered = replace(NOTICE, state=NoticeState.DELIVERED)
    for _ in range(2):
        await views.note_delivery(delivered, MONDAY)
    assert (await figures.pending_since(), await figures.parked_since()) == ([], [])


async def test_a_parked_notice_waits_no_more_and_is_counted_as_parked(views, figures):
    await views.note_delivery(NOTICE, MONDAY)
    parked = replace(NOTICE, state=NoticeState.PARKED, reason="400 BadSyntax")
    later = MONDAY + timedelta(minutes=3)
    for _ in range(2):
        await views.note_delivery(parked, later)
    assert (await figures.pending_since(), await figures.parked_since()) == ([], [later])


async def test_the_notices_of_one_request_are_counted_one_by_one(views, figures):
    for recipient in (FRANK.email, NADIA.email):
        for topic in (Topic.DECISION, Topic.NEWS):
            await views.note_delivery(replace(NOTICE, recipient=recipient, topic=topic), MONDAY)
    assert await figures.pending_since() == [MONDAY] * 4


async def test_a_notice_parked_now_is_seen_behind_a_thousand_old_ones(store, views, figures):
    times = [MONDAY - timedelta(days=90, minutes=n) for n in range(1_000)]
    old = [Put(key(inverted(at), NUMBER), {"number": NUMBER, "since": at.isoformat()}) for at in times]
    for first in range(0, 1_000, 100):
        await store.table("views").commit(PARKED, old[first : first + 100])
    await views.note_delivery(replace(NOTICE, state=NoticeState.PARKED), MONDAY)
    assert MONDAY in await figures.parked_since()


async def test_the_figures_say_whether_the_store_answers(figures, tmp_path):
    assert await figures.ping()
    unopened = SqliteStore(tmp_path / "unopened.db")
    assert not await StoreFigures(unopened, lambda: MONDAY).ping()
    await unopened.close()
