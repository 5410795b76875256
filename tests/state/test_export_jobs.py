"""Jobs of exports on every store, and what is left of them when whoever asked is erased."""

from dataclasses import fields
from datetime import timedelta

import pytest

from bot.domain.export_jobs import ExportJob, Place
from bot.domain.ports import Raced
from state.erased_rows import row_after
from state.export_jobs import EXPORT, EXPORTS, ExportJobStore, job_row
from state.keys import key
from state.personal_export import personal_data
from state.table import Put, Row, check_limits
from state.traces import Traces
from state.work import WorkStore
from tests.domain.cast import FRANK, MONDAY
from tests.domain.office import DANA, LEE, opened_office

PLACE = Place("https://contoso.example/" + "u" * 4_000, "https://contoso.example/f", "ä.xlsx", "id", "xlsx")
FULL = ExportJob(
    "ab" * 16, FRANK.email, "2026-11 TEAMS", MONDAY, PLACE, "1:card", 2, MONDAY + timedelta(minutes=5), 7, is_done=True
)


def clock():
    return MONDAY


@pytest.fixture
async def store(connect):
    return await connect()


@pytest.fixture
def work(store):
    return WorkStore(store, "tests", lambda: MONDAY + timedelta(minutes=1))


@pytest.fixture
def jobs(store):
    return ExportJobStore(store, WorkStore(store, "tests", clock), clock)


async def test_a_job_is_read_as_it_was_written_and_its_work_is_planned(jobs, work):
    assert all(f.name == "etag" or getattr(FULL, f.name) != f.default for f in fields(FULL))
    assert await jobs.add(FULL)
    found = await jobs.load(FULL.key)
    assert [getattr(found, f.name) for f in fields(FULL)[:-1]] == [getattr(FULL, f.name) for f in fields(FULL)[:-1]]
    assert [claimed.number for claimed in await work.claim_due()] == [FULL.id]
    check_limits(EXPORTS, [Put(key(EXPORT, FULL.key), job_row(FULL))])


async def test_what_was_asked_for_once_is_not_asked_for_again(jobs):
    assert await jobs.add(FULL)
    assert not await jobs.add(ExportJob(FULL.key, LEE, "", MONDAY))
    assert (await jobs.load(FULL.key)).email == FRANK.email
    assert await jobs.load("other") is None


async def test_of_two_who_write_a_job_one_is_first(jobs):
    await jobs.add(ExportJob("key", LEE, "", MONDAY))
    standing = await jobs.load("key")
    begun = await jobs.save(standing.begun(MONDAY))
    assert await jobs.load("key") == begun
    with pytest.raises(Raced):
        await jobs.save(standing.begun(MONDAY))


async def test_only_what_is_done_and_old_is_forgotten(jobs):
    old, young = MONDAY - timedelta(days=1), MONDAY + timedelta(days=1)
    for name, at, is_done in (("gone", old, True), ("undone", old, False), ("young", young, True)):
        await jobs.add(ExportJob(name, LEE, "", at, is_done=is_done))
    await jobs.forget_done(MONDAY)
    assert [bool(await jobs.load(name)) for name in ("gone", "undone", "young")] == [False, True, True]


def test_who_is_erased_has_asked_for_nothing_and_others_have():
    traces = Traces({FRANK.email: "erased@erased.invalid"})
    rows = [
        Row(EXPORTS, key(EXPORT, "key"), job_row(ExportJob("key", who, "", MONDAY)), "1") for who in (FRANK.email, LEE)
    ]
    assert [row_after("requests", row, traces) is None for row in rows] == [True, False]


async def test_people_are_told_which_files_they_asked_for(store):
    office = await opened_office(store)
    await office.desk.exports.order(await office.person(LEE), "TEAMS", "ab" * 16, PLACE)
    data = await personal_data(store, LEE, None, MONDAY)
    assert data["exports"] == [{"asked_at": MONDAY.isoformat(), "words": "TEAMS", "is_done": False}]
    assert (await personal_data(store, DANA, None, MONDAY))["exports"] == []
