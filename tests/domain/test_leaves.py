"""Leaves: named and ended by SMEs, and never in the way once they are over."""

from datetime import date, timedelta

import pytest

from bot.domain.errors import Refusal
from bot.domain.people import Leave
from tests.domain.office import KOFI, LAURA, LEE, MONDAY

DAYS = timedelta(days=1)
WINTER = Leave(KOFI, date(2026, 12, 21), date(2027, 1, 1))


async def name(office, typed, who=KOFI):
    return await office.desk.leaves.name(await office.person(who), typed)


async def own(office, who=KOFI):
    return await office.desk.leaves.own(await office.person(who))


async def test_an_sme_names_leaves_and_sees_them_by_their_first_day(office):
    assert await name(office, "from 2026-12-21 to 2027-01-01") == WINTER
    today = await name(office, "From 23.11.2026 TO 23 Nov 2026")
    assert await own(office) == [today, WINTER]
    assert await own(office, LAURA) == []


async def test_a_leave_named_twice_is_one(office):
    for _ in range(2):
        await name(office, "from 2026-12-21 to 2027-01-01")
    assert await own(office) == [WINTER]


async def test_a_leave_that_is_over_is_shown_no_more(office):
    leave = await name(office, "from 2026-11-23 to 2026-11-24")
    # Kofi's day ends an hour before the one of UTC.
    office.now = MONDAY + DAYS + timedelta(hours=12, minutes=59)
    assert await own(office) == [leave]
    office.now += timedelta(minutes=1)
    assert await own(office) == []


async def test_a_leave_is_taken_back_once(office):
    await name(office, "from 2026-12-21 to 2027-01-01")
    kofi, laura = await office.person(KOFI), await office.person(LAURA)
    for person, first in ((laura, "2026-12-21"), (kofi, "2026-12-22"), (kofi, "")):
        with pytest.raises(Refusal, match="no such leave"):
            await office.desk.leaves.end(person, first, "2027-01-01")
    assert await office.desk.leaves.end(kofi, "2026-12-21", "2027-01-01") == WINTER
    assert await own(office) == []
    with pytest.raises(Refusal, match="no such leave"):
        await office.desk.leaves.end(kofi, "2026-12-21", "2027-01-01")


@pytest.mark.parametrize(
    "typed",
    ["", "tomorrow", "from tomorrow to friday", "from 2026-12-01", "from 2026-12-01 to", "2026-12-01 to 2026-12-02"],
)
async def test_what_names_no_two_days_is_told_how_to_type_it(office, typed):
    with pytest.raises(Refusal, match="type it like: leave from"):
        await name(office, typed)


@pytest.mark.parametrize(
    "typed",
    [
        "from 2026-12-05 to 2026-12-01",
        "from 2026-11-01 to 2026-11-22",
        "from 2026-12-01 to 2027-12-03",
        "from 2028-11-24 to 2028-11-26",
    ],
    ids=["the wrong way round", "over", "more than a year", "in more than two years"],
)
async def test_a_leave_is_of_some_days_that_are_not_over(office, typed):
    with pytest.raises(Refusal, match="a year at most"):
        await name(office, typed)
    assert await own(office) == []


async def test_the_longest_and_the_last_leave_may_be_named(office):
    assert await name(office, "from 2026-12-01 to 2027-12-02")
    assert await name(office, "from 2028-11-01 to 2028-11-24")


async def test_only_smes_have_leaves(office):
    with pytest.raises(Refusal, match="Leaves are for SMEs"):
        await name(office, "from 2026-12-01 to 2026-12-02", LEE)


async def test_twenty_leaves_are_enough(office):
    for day in range(20):
        first = date(2026, 12, 1) + day * DAYS
        await name(office, f"from {first} to {first}")
    with pytest.raises(Refusal, match="named 20 leaves"):
        await name(office, "from 2027-02-01 to 2027-02-02")
    await office.desk.leaves.end(await office.person(KOFI), "2026-12-01", "2026-12-01")
    assert await name(office, "from 2027-02-01 to 2027-02-02")


async def test_leaves_that_are_over_are_forgotten_when_another_is_named(office):
    await name(office, "from 2026-11-23 to 2026-11-24")
    await name(office, "from 2026-11-23 to 2026-11-24", LAURA)
    office.now += 3 * DAYS
    await name(office, "from 2026-12-21 to 2027-01-01")
    assert {(each.email, each.first.day) for each in await office.people.leaves()} == {(KOFI, 21), (LAURA, 23)}
