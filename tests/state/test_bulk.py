"""Past cases written in bulk leave behind what the normal way leaves behind, however often a run is broken off."""

import json
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.bookkeeping import Bookkeeper
from bot.domain.feedback import is_heard
from bot.domain.past import Chunk
from bot.domain.tally import DEFLECTED, added, counts_of, group_of
from state.bulk import BulkWriter, Outcome
from state.heard import HeardStore
from state.history import HistoryCheck
from state.table import TABLES, Conflict, Put, StoreUnavailable
from state.views_rebuild import ViewsRebuild
from state.work import WorkStore
from tests.domain.office import KOFI, LEE, TOKEN, opened_office
from tests.domain.sampled import NOW, cases_of, told
from tests.state.town import BreakingStore

LONG_AGO, PRESENT = "2020-01", "2027-12"
DONE = ["contacted", "complete", "close"]


def clock():
    return NOW


def no_progress(*_):
    pass


@pytest.fixture(scope="module")
def found():
    return told(60)


@pytest.fixture
async def writing(connect):
    return await connect()


async def rows_in(store):
    """Return what every row says, but for the etags; the counts of a tally are in no order."""
    found = {}
    for name in TABLES:
        table = store.table(name)
        async for partition in table.partitions():
            async for row in table.scan(partition):
                is_tally = row.key.startswith("tally:")
                found[name, partition, row.key] = {
                    column: json.loads(value) if is_tally and column != "schema" else value
                    for column, value in row.values.items()
                }
    return found


async def write_all(store, found):
    return await BulkWriter(store, clock).write_all(found, 60, no_progress)


async def broken_off(store, found, commits):
    with pytest.raises(StoreUnavailable):
        await write_all(BreakingStore(store, commits), found)


async def test_nothing_is_to_be_mended_afterwards(writing, found):
    outcome = await write_all(writing, found)
    assert outcome == Outcome(60, 0, sum(len(chunk.deflections) for chunk in found))
    assert [fault async for _, fault in HistoryCheck(writing).faults() if fault] == []
    rebuilt = await ViewsRebuild(writing, clock, no_progress).run()
    assert (rebuilt.requests, rebuilt.written, rebuilt.removed) == (60, 0, 0)


async def test_what_is_stored_is_what_was_told(writing, found):
    office = await opened_office(writing)
    await write_all(writing, found)
    for case in cases_of(found):
        number = case.request.number
        stored = await office.requests.load(number)
        assert stored.request == case.request
        assert await office.requests.history(number) == tuple(change.event for change in case.changes)
        assert tuple(await office.requests.engagements_of(number)) == case.engagements
        assert all(notice.told_at and not notice.is_open for notice in await office.requests.notices_of(number))


async def test_the_ledger_is_what_the_bookkeeper_would_have_entered(store, found):
    office = await opened_office(store)
    await write_all(store, found)
    books = Bookkeeper(office.requests, office.ledger)
    for partner in {chunk.partner for chunk in found}:
        cubes = {}
        async for digest in office.ledger.digests(partner, LONG_AGO, PRESENT):
            stored = await office.requests.load(digest.number)
            assert digest == await books.digest(stored.request)
            cubes[digest.month] = added(cubes.get(digest.month, {}), group_of(digest), counts_of(digest))
        for each in (each for chunk in found if chunk.partner == partner for each in chunk.deflections):
            month = f"{each.at:%Y-%m}"
            cubes[month] = added(cubes.get(month, {}), (each.region, each.workload), {DEFLECTED: 1})
        assert {t.month: t.cube for t in await office.ledger.tallies(partner, LONG_AGO, PRESENT)} == cubes


async def test_writing_again_changes_nothing(writing, found):
    await write_all(writing, found)
    before = await rows_in(writing)
    assert (await write_all(writing, found)).known == 60
    assert await rows_in(writing) == before


@pytest.mark.parametrize("commits", [0, 1, 4, 12, 25, 40, 70])
async def test_what_was_broken_off_anywhere_is_finished_by_writing_again(sqlite, found, commits):
    store = await sqlite()
    await broken_off(store, found, commits)
    await write_all(store, found)
    after = await rows_in(store)
    assert [fault async for _, fault in HistoryCheck(store).faults() if fault] == []
    rebuilt = await ViewsRebuild(store, clock, no_progress).run()
    assert (rebuilt.requests, rebuilt.written, rebuilt.removed) == (60, 0, 0)
    assert sum(key.startswith("digest:") for _, _, key in after) == 60


async def test_nobody_is_told_and_nothing_is_planned(store, found):
    await write_all(store, found)
    tables = Counter(name for name, _, _ in await rows_in(store))
    assert set(tables) == {"requests", "views"}


async def test_the_rows_of_a_case_are_of_the_kinds_that_the_normal_way_leaves(store, found):
    office = await opened_office(store)
    number = await office.assigned()
    await office.press(KOFI, "accept", number)
    for verb in DONE:
        await office.press(LEE if verb == "close" else KOFI, verb, number, summary="Done.", close_reason="Done.")
    normal = {key.partition(":")[0] for name, _, key in await rows_in(store) if name == "requests"}
    await write_all(store, [Chunk("FABRIKAM", tuple(c for c in cases_of(found) if c.request.partner == "FABRIKAM"))])
    bulk = {k.partition(":")[0] for name, where, k in await rows_in(store) if (name, where) == ("requests", "FABRIKAM")}
    assert bulk - {"open"} == normal - {"op", "views-pending", "open"}


async def test_another_request_under_a_number_is_left_as_it_is(store, found):
    office = await opened_office(store)
    number = await office.submitted(TOKEN)
    await office.press(LEE, "approve", number)
    await office.write_lists(number)
    before = await rows_in(store)
    others = told_as(number, found)
    assert await BulkWriter(store, clock).write(Chunk("CONTOSO", others)) == len(others) - 1
    after = await rows_in(store)
    assert {place: after[place] for place in before} == before
    assert not [key for name, _, key in after if name == "views" and key.startswith("digest") and number in key]


def told_as(number, found):
    """Return Contoso's cases, of which one has this number."""
    cases = [case for case in cases_of(found) if case.request.partner == "CONTOSO"]
    changes = tuple(replace(each, request=replace(each.request, number=number)) for each in cases[0].changes)
    return (replace(cases[0], changes=changes, notices=()), *cases[1:])


async def test_a_case_that_has_gone_on_keeps_its_lists(store, found):
    office = await opened_office(store)
    await write_all(store, found)
    case = next(c for c in cases_of(found) if c.request.partner == "CONTOSO" and c.request.status == "denied")
    office.now = NOW
    number = case.request.number
    await office.press(case.request.fpm, "reopen", number, reopen_reason="There are new facts.")
    await office.write_lists(number)
    before = {place: row for place, row in (await rows_in(store)).items() if place[0] == "views"}
    await write_all(store, found)
    assert {place: row for place, row in (await rows_in(store)).items() if place[0] == "views"} == before


async def test_a_row_in_the_way_of_a_request_that_is_missing_is_said(store, found):
    case = cases_of(found)[0]
    await store.table("requests").commit("CONTOSO", [Put(f"event:{case.request.number}:000001", {"schema": 1})])
    with pytest.raises(Conflict):
        await write_all(store, found)


async def test_issues_and_low_ratings_are_heard_by_the_programme_team(store):
    found = told(300)
    heard = sorted(
        (case.request.number, change.event.at)
        for case in cases_of(found)
        for change in case.changes
        if is_heard(change)
    )
    assert heard
    for _ in range(2):
        await write_all(store, found)
        said = HeardStore(store, WorkStore(store, "tests", clock), clock).heard(NOW - timedelta(days=3_650))
        assert sorted([(each.number, each.at) async for each in said]) == heard


async def test_open_cases_wait_for_those_who_have_to_act(store, found):
    office = await opened_office(store)
    await write_all(store, found)
    waiting = [case.request for case in cases_of(found) if case.request.waits_for_the_fpm]
    assert waiting
    for request in waiting:
        assert request.number in [row.number for row in await office.lists.inbox(request.fpm, 50)]
    assert {number async for number in office.lists.all_open()} == {
        case.request.number for case in cases_of(found) if case.request.is_open
    }


async def test_a_case_can_be_gone_on_with_as_any_other(store):
    office = await opened_office(store)
    approved = next(c for c in cases_of(told(600)) if c.request.status == "approved")
    number, office.now = approved.request.number, NOW
    await BulkWriter(store, clock).write(Chunk(approved.request.partner, (approved,)))
    (assigner, *_) = await office.people.assigners(approved.request.answers["region"])
    await office.press(assigner.email, "assign", number, sme=KOFI)
    assert (await office.request(number)).sme == KOFI


async def test_the_programme_team_hears_of_low_ratings_also_when_one_is_heard_of_already(writing):
    office = await opened_office(writing)
    cases = [c for c in cases_of(told(300)) if c.request.partner == "NORTHWIND" and any(map(is_heard, c.changes))]
    assert len(cases) > 1
    for some in (cases[:1], cases, cases):
        await BulkWriter(writing, clock).write(Chunk("NORTHWIND", tuple(some)))
        said, _ = await office.feedbacks.newest(None, "", 100)
        assert {each.number for each in said} == {case.request.number for case in some}
    assert (await ViewsRebuild(writing, clock, no_progress).run()).written == 0
