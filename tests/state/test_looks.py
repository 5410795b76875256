"""Looks down a list: from a place on, bounded, past tombstones, and the same on both stores."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.ports import ListOf, Look, Place
from state.keys import inverted, stamp, stamped, uninverted
from state.table import Put
from state.views import ViewStore, rows_for
from tests.bench.table_operations import NotingStore
from tests.domain.cast import ANSWERS, FRANK, MONDAY, request_in

HOURS = timedelta(hours=1)


def number(n):
    return f"CONTOSO-{n:06d}"


def at(n):
    return MONDAY + n * HOURS


def anything(_row):
    return True


async def listed(views, n, state="submitted", **changes):
    request = request_in(state, number=number(n), submitted_at=at(n), decide_from=at(n), **changes)
    await views.refresh(request, frozenset())
    return request


@pytest.fixture
async def views(connect):
    return ViewStore(await connect(), lambda: MONDAY)


async def test_a_look_goes_on_behind_a_place(views):
    for n in range(5):
        await listed(views, n)
    for of, whose, order in (
        (ListOf.PARTNER, "CONTOSO", [4, 3, 2, 1, 0]),
        (ListOf.INBOX, FRANK.email, [0, 1, 2, 3, 4]),
    ):
        found, after = [], None
        while True:
            seen = await views.look(of, whose, Look(2, 1_000, anything, after))
            found += [row.number for row in seen.rows]
            if seen.until is None:
                break
            assert seen.until.number == found[-1]
            after = seen.until
        assert found == [number(n) for n in order]


async def test_a_look_says_where_it_ended_whatever_stood_there(views):
    for n in range(4):
        await listed(views, n)
    for n in (1, 2):
        before = request_in("submitted", number=number(n), submitted_at=at(n), decide_from=at(n))
        gone = request_in("denied", number=number(n), submitted_at=at(n), decide_from=at(n) + HOURS, revision=7)
        await views.refresh(gone, rows_for(before))
    seen = await views.look(ListOf.INBOX, FRANK.email, Look(9, 3, anything))
    assert [row.number for row in seen.rows] == [number(0)]
    assert (seen.looked, seen.until) == (3, Place(at(2) + 120 * HOURS, number(2)))
    rest = await views.look(ListOf.INBOX, FRANK.email, Look(9, 3, anything, seen.until))
    assert ([row.number for row in rest.rows], rest.looked, rest.until) == ([number(3)], 1, None)


async def test_a_look_finds_what_fits_alone(views):
    for n in range(4):
        await listed(views, n, answers={**ANSWERS, "workload": "YAMMER" if n % 2 else "TEAMS"})
    seen = await views.look(ListOf.PARTNER, "CONTOSO", Look(1, 1_000, lambda row: row.workload == "TEAMS"))
    assert ([row.number for row in seen.rows], seen.looked, seen.until.number) == ([number(2)], 2, number(2))


async def test_a_line_says_region_and_revision_and_whether_the_backup_was_asked(views, connect):
    await listed(views, 0, backup_asked=True)
    look = Look(9, 1_000, anything)
    [row] = (await views.look(ListOf.PARTNER, "CONTOSO", look)).rows
    assert (row.region, row.revision, row.backup_asked) == ("EMEA", 6, True)
    table = (await connect()).table("views")
    [stored] = [row async for row in table.scan("partner:CONTOSO")]
    older = {name: value for name, value in stored.values.items() if name not in {"region", "backup_asked"}}
    await table.commit("partner:CONTOSO", [Put(stored.key, older, stored.etag)])
    [row] = (await views.look(ListOf.PARTNER, "CONTOSO", look)).rows
    assert (row.region, row.revision, row.backup_asked) == ("", 6, None)


async def test_a_look_is_one_read_of_so_many_rows_at_most(sqlite):
    noting = NotingStore(await sqlite())
    views = ViewStore(noting, lambda: MONDAY)
    counts = []
    for stored in (range(10), range(10, 1_000)):
        for n in stored:
            await listed(views, n)
        noting.operations.clear()
        await views.look(ListOf.PARTNER, "CONTOSO", Look(9, 200, lambda _: False))
        await views.of_partner("CONTOSO", 5)
        counts.append([(each.kind, each.arguments[0], each.arguments[-1]) for each in noting.operations])
    assert counts == [[("scan", "partner:CONTOSO", 200), ("scan", "partner:CONTOSO", 1_000)]] * 2


@pytest.mark.parametrize("year", [1, 1_000, 2026, 9_999])
def test_the_time_in_a_key_is_read_back(year):
    for moment in (datetime(year, 1, 1, tzinfo=UTC), datetime(year, 12, 31, 23, 59, 59, 999_999, UTC)):
        assert stamped(stamp(moment)) == moment
        assert uninverted(inverted(moment)) == moment
