"""Work rows: claimed in order of time, by one owner at a time, until the work is done; and the clock of local mode."""

from datetime import timedelta

import pytest

from bot.domain.ports import Raced
from state.clock import ClockOffsets
from state.figures import StoreFigures
from state.keys import key
from state.table import Put
from state.work import ASIDE, LEASE, SHARDS, WorkStore
from tests.domain.cast import MONDAY, NUMBER

SECOND = timedelta(seconds=1)


class HandClock:
    """Stands still until it is moved."""

    def __init__(self):
        self.now = MONDAY

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return HandClock()


@pytest.fixture
async def store(sqlite):
    return await sqlite()


@pytest.fixture
def work(store, clock):
    return WorkStore(store, "one", clock)


@pytest.fixture
def other(store, clock):
    return WorkStore(store, "two", clock)


def numbers(count, partner="CONTOSO"):
    return [f"{partner}-{n:06d}" for n in range(count)]


async def test_work_is_claimed_when_it_is_due_and_not_before(work, clock):
    await work.plan(NUMBER, MONDAY + SECOND)
    assert await work.claim_due() == []
    clock.now += SECOND
    (claimed,) = await work.claim_due()
    assert (claimed.number, claimed.owner) == (NUMBER, "one")


async def test_planning_the_same_again_changes_nothing(work, other):
    await work.plan(NUMBER, MONDAY)
    (claimed,) = await work.claim_due()
    await other.plan(NUMBER, MONDAY)
    assert await other.claim_due() == []
    await work.finish(claimed)
    assert await work.claim_due() == []


async def test_work_on_all_partitions_is_claimed_in_order_of_time(work, clock):
    wanted = numbers(12)
    for n, number in enumerate(wanted):
        await work.plan(number, MONDAY - (12 - n) * SECOND)
    assert [claimed.number for claimed in await work.claim_due()] == wanted


async def test_no_more_is_claimed_than_asked_and_the_earliest_first(work):
    for n, number in enumerate(numbers(6)):
        await work.plan(number, MONDAY - n * SECOND)
    assert [claimed.number for claimed in await work.claim_due(limit=2)] == numbers(6)[:3:-1]
    assert [claimed.number for claimed in await work.claim_due(limit=2)] == numbers(4)[:1:-1]


async def test_what_one_has_claimed_nobody_else_claims_until_the_lease_ends(work, other, clock):
    await work.plan(NUMBER, MONDAY)
    assert await work.claim_due()
    clock.now += LEASE - SECOND
    assert await other.claim_due() == []
    assert await work.claim_due() == []
    clock.now += 2 * SECOND
    (claimed,) = await other.claim_due()
    assert claimed.owner == "two"


async def test_a_renewed_lease_keeps_others_out(work, other, clock):
    await work.plan(NUMBER, MONDAY)
    (claimed,) = await work.claim_due()
    clock.now += LEASE - SECOND
    renewed = await work.renew(claimed)
    clock.now += LEASE - SECOND
    assert await other.claim_due() == []
    await work.finish(renewed)
    clock.now += LEASE
    assert await other.claim_due() == []


async def test_a_lease_that_was_taken_over_cannot_be_renewed_and_its_row_not_finished(work, other, clock):
    await work.plan(NUMBER, MONDAY)
    (lost,) = await work.claim_due()
    clock.now += LEASE + SECOND
    (taken,) = await other.claim_due()
    with pytest.raises(Raced):
        await work.renew(lost)
    await work.finish(lost)
    assert (await other.renew(taken)).number == NUMBER


async def test_of_two_who_claim_at_once_one_gets_the_row(work, other, store):
    await work.plan(NUMBER, MONDAY)
    (row,) = [row for shard in range(4) async for row in store.table("work").scan(f"due:{shard}")]
    await other.claim_due()
    with pytest.raises(Raced):
        await work._lease(row, MONDAY)


async def test_a_request_can_be_planned_for_several_times(work, clock):
    for hours in (1, 2, 2):
        await work.plan(NUMBER, MONDAY + timedelta(hours=hours))
    clock.now += timedelta(hours=3)
    assert [claimed.number for claimed in await work.claim_due()] == [NUMBER, NUMBER]


async def test_rows_leased_by_others_do_not_stand_in_the_way_of_the_rest(work, other):
    for n, number in enumerate(numbers(25)):
        await work.plan(number, MONDAY - (25 - n) * SECOND)
    assert len(await work.claim_due()) == 20
    assert [claimed.number for claimed in await other.claim_due()] == numbers(25)[20:]


async def test_the_figures_count_what_is_due(work, store, clock):
    for n, number in enumerate(numbers(3)):
        await work.plan(number, MONDAY + n * SECOND)
    figures = StoreFigures(store, clock)
    assert await figures.due_since() == [MONDAY]
    clock.now += SECOND
    assert sorted(await figures.due_since()) == [MONDAY, MONDAY + SECOND]


async def test_the_moved_clock_is_kept_for_everybody(store):
    first, second = ClockOffsets(store), ClockOffsets(store)
    assert await first.load() == 0.0
    assert await first.advance(0.5) == 0.5
    assert await second.advance(86_400) == 86_400.5
    assert await first.load() == 86_400.5


async def test_two_who_move_the_clock_at_once_both_move_it(sqlite):
    clocks = [ClockOffsets(await sqlite()), ClockOffsets(await sqlite())]
    await clocks[0].advance(0)
    slow = Overtaken(clocks[0]._table, clocks[1])
    clocks[0]._table = slow
    assert await clocks[0].advance(10) == 15
    assert await clocks[1].load() == 15


class Overtaken:
    """A table on which another instance moves the clock by 5 s between the first read and the write."""

    def __init__(self, table, other):
        self.table = table
        self.other = other
        self.is_overtaken = False

    async def get(self, partition, key):
        row = await self.table.get(partition, key)
        if not self.is_overtaken:
            self.is_overtaken = True
            await self.other.advance(5)
        return row

    async def commit(self, partition, changes):
        return await self.table.commit(partition, changes)


async def damage(store, partition, columns):
    """Take columns out of every row of a partition."""
    table = store.table("work")
    for row in [each async for each in table.scan(partition)]:
        left = {name: value for name, value in row.values.items() if name not in columns}
        await table.commit(partition, [Put(row.key, left, row.etag)])


@pytest.mark.parametrize("columns", [{"number"}, {"lease_until"}, {"number", "lease_until", "failures", "owner"}])
async def test_a_damaged_row_is_done_by_what_its_key_says_and_holds_up_nothing(work, store, columns):
    for number in numbers(5):
        await work.plan(number, MONDAY)
    for shard in range(SHARDS):
        await damage(store, key("due", str(shard)), columns)
    claimed = await work.claim_due()
    assert sorted(each.number for each in claimed) == numbers(5)
    for each in claimed:
        await work.finish(await work.renew(each))
    assert await work.claim_due() == []


async def test_a_damaged_row_that_was_set_aside_is_taken_up_again(work, store):
    await work.plan(NUMBER, MONDAY)
    (claimed,) = await work.claim_due()
    await work.set_aside(claimed, "why")
    await damage(store, ASIDE, {"number", "since"})
    await work.take_up()
    assert [each.number for each in await work.claim_due()] == [NUMBER]
    assert await work.aside() == []


async def test_a_damaged_row_whose_key_tells_nothing_is_left_and_holds_up_nothing(work, store):
    nobody = "x" * 200
    await work.plan(nobody, MONDAY)
    (claimed,) = await work.claim_due()
    await work.set_aside(claimed, "why")
    await work.plan(nobody, MONDAY)
    for partition in (claimed.partition, ASIDE):
        await damage(store, partition, {"number"})
    await work.plan(NUMBER, MONDAY)
    await work.take_up()
    assert [each.number for each in await work.claim_due()] == [NUMBER]
    assert len([row async for row in store.table("work").scan(claimed.partition)]) >= 1
    assert len([row async for row in store.table("work").scan(ASIDE)]) == 1
