"""Leaves are kept with the people, remembered until somebody changes them, and go with their person."""

from datetime import date, timedelta

import pytest

from bot.domain.people import Leave
from state.directory_files import read_files
from state.people import PeopleStore
from state.people_cache import CachedPeople
from state.table import StoreUnavailable
from tests.domain.office import HOME, KOFI, LAURA, SAMPLE
from tests.state.town import BreakingStore

FIRST = date(2026, 12, 21)
KOFIS = Leave(KOFI, FIRST, FIRST + timedelta(days=11))
LATER = Leave(KOFI, date(2027, 2, 8), date(2027, 2, 8))
LAURAS = Leave(LAURA, FIRST, FIRST + timedelta(days=11))


@pytest.fixture
async def store(connect):
    return await connect()


@pytest.fixture
async def people(store):
    made = PeopleStore(store)
    await made.load(read_files(SAMPLE, HOME))
    return made


async def named(people, *leaves):
    for leave in leaves:
        await people.add_leave(leave)


async def test_leaves_are_kept_until_they_are_taken_back(people):
    assert await people.leaves() == []
    await named(people, LATER, KOFIS, LAURAS)
    assert await people.leaves() == [KOFIS, LATER, LAURAS]
    await people.remove_leave(KOFIS)
    assert await people.leaves() == [LATER, LAURAS]


async def test_a_leave_that_is_named_or_taken_back_twice_is_so_once(people):
    for _ in range(2):
        await people.add_leave(KOFIS)
        assert await people.leaves() == [KOFIS]
    for _ in range(2):
        await people.remove_leave(KOFIS)
        assert await people.leaves() == []


@pytest.mark.parametrize("email", ["o'neil@home.example", f"{'s' * 180}@home.example"])
async def test_leaves_of_any_address_are_kept(people, email):
    leave = Leave(email, FIRST, FIRST)
    await people.add_leave(leave)
    assert await people.leaves() == [leave]
    await people.remove_leave(leave)
    assert await people.leaves() == []


async def test_a_load_of_the_directory_leaves_them_alone(people):
    await named(people, KOFIS)
    await people.load(read_files(SAMPLE, HOME), remove_missing=True)
    assert await people.leaves() == [KOFIS]
    assert await people.export() == read_files(SAMPLE, HOME)


async def test_the_leaves_of_a_person_who_is_removed_go_and_those_of_others_stay(people):
    await named(people, KOFIS, LATER, LAURAS)
    kofi = await people.by_email(KOFI)
    for _ in range(2):
        await people.remove(kofi)
        assert await people.leaves() == [LAURAS]


@pytest.mark.parametrize("commits", range(1, 6))
async def test_a_removal_broken_off_is_finished_by_doing_it_again(people, store, commits):
    await named(people, KOFIS, LATER, LAURAS)
    kofi = await people.by_email(KOFI)
    with pytest.raises(StoreUnavailable):
        await PeopleStore(BreakingStore(store, commits)).remove(kofi)
    await people.remove(kofi)
    assert await people.leaves() == [LAURAS]
    assert await people.by_email(KOFI) is None


async def test_a_memory_knows_at_once_what_was_changed_through_it(people):
    cached = CachedPeople(people)
    assert await cached.leaves() == []
    await cached.add_leave(KOFIS)
    assert await cached.leaves() == [KOFIS]
    await cached.remove_leave(KOFIS)
    assert await cached.leaves() == []


async def test_a_memory_learns_of_leaves_that_others_name_or_take_back_with_its_next_refresh(people):
    cached = CachedPeople(people)
    await cached.refresh()
    assert await cached.leaves() == []
    await named(people, KOFIS, LAURAS)
    assert await cached.leaves() == []
    await cached.refresh()
    assert await cached.leaves() == [KOFIS, LAURAS]
    await people.remove(await people.by_email(KOFI))
    await cached.refresh()
    assert await cached.leaves() == [LAURAS]
