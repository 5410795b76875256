"""Due work: in order of time, by one worker at a time, tried again when it fails, and let go when it must stop."""

import asyncio
import itertools
import logging
import selectors
from datetime import timedelta

import pytest

from bot.domain.trace import trace_now
from bot.worker import FIRST_PAUSE, MOST_FAILURES, Worker
from state.figures import StoreFigures
from state.sqlite import SqliteStore
from state.work import LEASE, WorkStore
from tests.domain.cast import MONDAY

ONE, TWO, THREE = "CONTOSO-000001", "FABRIKAM-000002", "NORTHWIND-000003"
SECOND = timedelta(seconds=1)


class HastyLoop(asyncio.SelectorEventLoop):
    """A loop on which a second passes in two milliseconds."""

    HASTE = 500

    def __init__(self):
        super().__init__(HastySelector(self.HASTE))

    def time(self):
        return super().time() * self.HASTE


class HastySelector(selectors.DefaultSelector):
    """Waits as much shorter as its loop's time passes quicker."""

    def __init__(self, haste):
        super().__init__()
        self.haste = haste

    def select(self, timeout=None):
        return super().select(timeout and timeout / self.haste)


class Settling:
    """Keeps whom it was asked to settle; fails for the numbers in `failing`, plans what `again` says."""

    def __init__(self):
        self.seen = []
        self.failing = set()
        self.again = {}
        self.during = {}

    async def __call__(self, number):
        self.seen.append(number)
        if number in self.during:
            await self.during[number]()
        if number in self.failing:
            raise RuntimeError("no luck")
        return self.again.pop(number, None)


class Rows:
    """The real work rows, with a place to break off renewing and claiming."""

    def __init__(self, store, owner, clock):
        self.rows = WorkStore(store, owner, clock)
        self.renewed = asyncio.Event()
        self.was_away = asyncio.Event()
        self.claimed = asyncio.Event()
        self.broken = 0

    async def plan(self, number, at):
        await self.rows.plan(number, at)

    async def claim_due(self, limit=20):
        if self.broken:
            self.broken -= 1
            self.was_away.set()
            raise ConnectionError("the store is away")
        found = await self.rows.claim_due(limit)
        self.claimed.set()
        return found

    async def renew(self, work):
        try:
            return await self.rows.renew(work)
        finally:
            self.renewed.set()

    async def put_off(self, work, pause, reason):
        await self.rows.put_off(work, pause, reason)

    async def set_aside(self, work, reason):
        await self.rows.set_aside(work, reason)

    async def take_up(self):
        await self.rows.take_up()

    async def finish(self, work):
        await self.rows.finish(work)


class Shop:
    """Two workers over one store, with a clock moved by hand."""

    def __init__(self, store):
        self.now = MONDAY
        self.store = store
        self.settling, self.others = Settling(), Settling()
        self.rows = Rows(store, "one", lambda: self.now)
        self.other_rows = Rows(store, "two", lambda: self.now)
        self.worker = Worker(self.rows, self.settling)
        self.other = Worker(self.other_rows, self.others)


@pytest.fixture
async def shop(tmp_path):
    store = SqliteStore(tmp_path / "sme.db")
    await store.open()
    yield Shop(store)
    await store.close()


async def test_due_work_is_done_in_order_of_time_and_once(shop):
    for number, age in ((TWO, 1), (THREE, 3), (ONE, 2)):
        await shop.rows.plan(number, MONDAY - age * SECOND)
    await shop.worker.drain()
    assert shop.settling.seen == [THREE, ONE, TWO]
    await shop.worker.drain()
    assert len(shop.settling.seen) == 3


async def test_work_that_is_not_due_waits(shop):
    await shop.rows.plan(ONE, MONDAY + SECOND)
    await shop.worker.drain()
    assert shop.settling.seen == []
    shop.now += SECOND
    await shop.worker.drain()
    assert shop.settling.seen == [ONE]


async def test_all_that_is_due_is_done_however_much_it_is(shop):
    for n in range(45):
        await shop.rows.plan(f"CONTOSO-{n:06d}", MONDAY - (45 - n) * SECOND)
    await shop.worker.drain()
    assert shop.settling.seen == [f"CONTOSO-{n:06d}" for n in range(45)]


async def test_a_request_is_looked_at_again_when_it_asks_to_be(shop):
    shop.settling.again[ONE] = MONDAY + SECOND
    await shop.rows.plan(ONE, MONDAY)
    await shop.worker.drain()
    shop.now += SECOND
    await shop.worker.drain()
    assert shop.settling.seen == [ONE, ONE]


async def test_what_becomes_due_while_working_is_done_in_the_same_drain(shop):
    shop.settling.again[ONE] = MONDAY - SECOND
    await shop.rows.plan(ONE, MONDAY)
    await shop.worker.drain()
    assert shop.settling.seen == [ONE, ONE]


async def test_a_nudged_request_is_looked_at_at_once_and_planned_further(shop):
    shop.settling.again[ONE] = MONDAY + SECOND
    shop.worker.nudge(ONE)
    await shop.worker.idle()
    assert shop.settling.seen == [ONE]
    shop.now += SECOND
    await shop.worker.drain()
    assert shop.settling.seen == [ONE, ONE]


async def test_nothing_of_a_turn_goes_on_in_what_it_nudges(shop):
    found = []

    async def look():
        found.append(trace_now.get())

    shop.settling.during[ONE] = look
    token = trace_now.set("the turn's")
    shop.worker.nudge(ONE)
    trace_now.reset(token)
    await shop.worker.idle()
    assert found == [""]


async def test_a_nudge_while_at_it_means_one_more_look(shop):
    async def nudged_thrice():
        if len(shop.settling.seen) == 1:
            for _ in range(3):
                shop.worker.nudge(ONE)

    shop.settling.during[ONE] = nudged_thrice
    shop.worker.nudge(ONE)
    await shop.worker.idle()
    assert shop.settling.seen == [ONE, ONE]


async def test_nudged_requests_do_not_wait_for_each_other(shop):
    released = asyncio.Event()
    done = asyncio.Event()
    shop.settling.during[ONE] = released.wait

    async def was_quicker():
        done.set()

    shop.settling.during[TWO] = was_quicker
    shop.worker.nudge(ONE)
    shop.worker.nudge(TWO)
    await done.wait()
    released.set()
    await shop.worker.idle()
    assert sorted(shop.settling.seen) == [ONE, TWO]


async def test_a_request_can_be_nudged_after_a_failure(shop):
    shop.settling.failing.add(ONE)
    shop.worker.nudge(ONE)
    await shop.worker.idle()
    shop.worker.nudge(ONE)
    await shop.worker.idle()
    assert shop.settling.seen == [ONE, ONE]


async def test_draining_waits_for_what_was_nudged(shop):
    shop.worker.nudge(ONE)
    await shop.worker.drain()
    assert shop.settling.seen == [ONE]


async def test_failed_work_is_logged_and_tried_again_after_a_pause(shop, caplog):
    shop.settling.failing.add(ONE)
    await shop.rows.plan(ONE, MONDAY - SECOND)
    await shop.rows.plan(TWO, MONDAY)
    await shop.worker.drain()
    assert shop.settling.seen == [ONE, TWO]
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    assert ONE not in caplog.text

    shop.settling.failing.clear()
    shop.now += FIRST_PAUSE - SECOND
    await shop.worker.drain()
    assert shop.settling.seen == [ONE, TWO]
    shop.now += SECOND
    await shop.worker.drain()
    await shop.worker.drain()
    assert shop.settling.seen == [ONE, TWO, ONE]


async def fails_until_set_aside(shop):
    """Let the work fail; return the pauses between the tries in seconds."""
    shop.settling.failing.add(ONE)
    await shop.rows.plan(ONE, MONDAY)
    tried = []
    while len(tried) < MOST_FAILURES:
        before = len(shop.settling.seen)
        await shop.worker.drain()
        if len(shop.settling.seen) > before:
            tried.append(shop.now)
        shop.now += 30 * SECOND
    return [(later - earlier).total_seconds() for earlier, later in itertools.pairwise(tried)]


async def set_aside(shop):
    return [row.values async for row in shop.store.table("work").scan("aside")]


async def test_work_that_fails_again_and_again_is_set_aside_with_its_reason(shop, caplog):
    assert await fails_until_set_aside(shop) == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]
    [row] = await set_aside(shop)
    assert (row["number"], row["reason"], row["failures"]) == (ONE, "RuntimeError", MOST_FAILURES)
    figures = StoreFigures(shop.store, lambda: shop.now)
    assert len(await figures.set_aside_since()) == 1
    assert await figures.due_since() == []
    assert "work was set aside" in caplog.text
    shop.now += timedelta(days=30)
    await shop.worker.drain()
    assert len(shop.settling.seen) == MOST_FAILURES


async def test_what_was_set_aside_is_tried_again_by_a_process_that_starts(shop):
    await fails_until_set_aside(shop)
    running = asyncio.create_task(shop.other.run())
    while not shop.others.seen:
        await shop.other_rows.claimed.wait()
        await shop.other.idle()
    running.cancel()
    await asyncio.wait({running})
    assert shop.others.seen == [ONE]
    assert await set_aside(shop) == []


async def test_the_kinds_of_several_failures_are_the_reason_and_their_texts_are_not(shop):
    async def fails_twice():
        raise ExceptionGroup("of dana.reyes@contoso.example", [ValueError("secret"), KeyError("x"), ValueError("y")])

    shop.settling.during[ONE] = fails_twice
    await shop.rows.plan(ONE, MONDAY)
    await shop.worker.drain()
    work = shop.store.table("work")
    [stored] = [row async for partition in work.partitions() async for row in work.scan(partition)]
    assert (stored.values["reason"], stored.values["failures"]) == ("KeyError, ValueError", 1)


async def test_work_planned_anew_while_it_is_set_aside_is_done(shop):
    await fails_until_set_aside(shop)
    shop.settling.failing.clear()
    await shop.rows.plan(ONE, shop.now)
    await shop.worker.drain()
    assert len(shop.settling.seen) == MOST_FAILURES + 1


async def test_requests_that_keep_failing_do_not_hold_up_the_others(shop):
    for n in range(20):
        shop.settling.failing.add(f"CONTOSO-{n:06d}")
        await shop.rows.plan(f"CONTOSO-{n:06d}", MONDAY - 60 * SECOND)
    await shop.rows.plan(TWO, MONDAY)
    for _ in range(3):
        await shop.worker.drain()
        shop.now += LEASE + SECOND
    assert TWO in shop.settling.seen


async def test_work_in_hand_is_left_alone_by_another_instance(shop):
    async def other_drains():
        await shop.other.drain()

    shop.settling.during[ONE] = other_drains
    await shop.rows.plan(ONE, MONDAY)
    await shop.worker.drain()
    assert (shop.settling.seen, shop.others.seen) == ([ONE], [])


async def test_a_dead_instances_work_is_taken_over_and_its_late_end_changes_nothing(shop):
    async def hangs_until_taken_over():
        shop.now += LEASE + SECOND
        await shop.other.drain()
        await shop.rows.plan(ONE, shop.now + SECOND)

    shop.settling.during[ONE] = hangs_until_taken_over
    await shop.rows.plan(ONE, MONDAY)
    await shop.worker.drain()
    assert (shop.settling.seen, shop.others.seen) == ([ONE], [ONE])
    shop.now += SECOND
    await shop.other.drain()
    assert shop.others.seen == [ONE, ONE]


async def test_a_lease_is_renewed_with_its_new_etag(shop):
    await shop.rows.plan(ONE, MONDAY)
    (work,) = await shop.rows.claim_due()
    shop.now += LEASE - SECOND
    renewed = await shop.rows.renew(work)
    shop.now += LEASE - SECOND
    await shop.other.drain()
    assert shop.others.seen == []
    await shop.rows.finish(renewed)
    shop.now += LEASE
    await shop.other.drain()
    assert shop.others.seen == []


def test_work_that_takes_long_keeps_its_lease(tmp_path):
    async def long_work():
        store = SqliteStore(tmp_path / "sme.db")
        await store.open()
        shop = Shop(store)

        async def takes_long():
            for _ in range(3):
                shop.now += LEASE - SECOND
                shop.rows.renewed.clear()
                await shop.rows.renewed.wait()
            await shop.other.drain()

        shop.settling.during[ONE] = takes_long
        await shop.rows.plan(ONE, MONDAY)
        await shop.worker.drain()
        shop.now += LEASE
        await shop.other.drain()
        await store.close()
        return shop.settling.seen, shop.others.seen

    with asyncio.Runner(loop_factory=HastyLoop) as runner:
        assert runner.run(long_work()) == ([ONE], [])


def test_work_that_was_taken_over_is_renewed_no_more(tmp_path):
    async def lost_work():
        store = SqliteStore(tmp_path / "sme.db")
        await store.open()
        shop = Shop(store)

        async def takes_too_long():
            shop.now += LEASE + SECOND
            await shop.other.drain()
            await shop.rows.renewed.wait()

        shop.settling.during[ONE] = takes_too_long
        await shop.rows.plan(ONE, MONDAY)
        await shop.worker.drain()
        await store.close()
        return shop.settling.seen, shop.others.seen

    with asyncio.Runner(loop_factory=HastyLoop) as runner:
        assert runner.run(lost_work()) == ([ONE], [ONE])


async def test_polling_goes_on_after_the_store_was_away(shop, caplog):
    shop.rows.broken = 1
    await shop.rows.plan(ONE, MONDAY)
    polling = asyncio.create_task(shop.worker.run())
    await shop.rows.was_away.wait()
    polling.cancel()
    await asyncio.wait([polling])
    assert polling.cancelled()
    assert "polling for due work failed" in caplog.text
    await shop.worker.drain()
    assert shop.settling.seen == [ONE]


async def test_cancelling_breaks_work_off_and_leaves_its_row_to_others(shop):
    begun = asyncio.Event()

    async def hangs():
        begun.set()
        await asyncio.Event().wait()

    shop.settling.during[ONE] = hangs
    await shop.rows.plan(ONE, MONDAY)
    polling = asyncio.create_task(shop.worker.run())
    await begun.wait()
    polling.cancel()
    await asyncio.wait([polling])
    assert polling.cancelled()
    shop.now += LEASE + SECOND
    await shop.other.drain()
    assert shop.others.seen == [ONE]


async def test_cancelling_just_as_work_ends_still_stops_the_polling(shop):
    async def cancelled_right_after():
        asyncio.get_running_loop().call_soon(polling.cancel)

    shop.settling.during[ONE] = cancelled_right_after
    await shop.rows.plan(ONE, MONDAY)
    polling = asyncio.create_task(shop.worker.run())
    stopped, _ = await asyncio.wait([polling], timeout=10)
    polling.cancel()
    await asyncio.wait([polling])
    assert stopped, "the cancellation got lost, and the service would wait for its worker for ever"


async def test_a_request_that_hangs_holds_up_no_other(shop):
    hangs, done = asyncio.Event(), asyncio.Event()
    shop.settling.during = {ONE: hangs.wait, TWO: lambda: set_now(done)}
    await shop.rows.plan(ONE, MONDAY - 2 * SECOND)
    await shop.rows.plan(TWO, MONDAY - SECOND)
    polling = asyncio.create_task(shop.worker.run())
    await done.wait()
    assert shop.settling.seen == [ONE, TWO]
    polling.cancel()
    hangs.set()
    await shop.worker.idle()


async def test_stopping_breaks_off_what_takes_too_long_and_leaves_its_row_to_others(shop):
    begun, never = asyncio.Event(), asyncio.Event()

    async def hang():
        begun.set()
        await never.wait()

    shop.settling.during = {ONE: hang}
    await shop.rows.plan(ONE, MONDAY)
    polling = asyncio.create_task(shop.worker.run())
    await begun.wait()
    polling.cancel()
    await shop.worker.stop(0)
    shop.now += LEASE + SECOND
    await shop.other.drain()
    assert shop.others.seen == [ONE]


async def test_stopping_with_nothing_under_way_is_done_at_once(shop):
    await shop.worker.stop(0)
    assert shop.settling.seen == []


async def set_now(event):
    event.set()


async def test_one_request_is_looked_at_by_one_at_a_time(shop):
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def hold():
        begun.set()
        await go_on.wait()

    shop.settling.during = {ONE: hold}
    await shop.rows.plan(ONE, MONDAY)
    shop.worker.nudge(ONE)
    await begun.wait()
    draining = asyncio.create_task(shop.worker.run())
    await asyncio.sleep(0)
    assert shop.settling.seen == [ONE]
    go_on.set()
    draining.cancel()
    await shop.worker.idle()
