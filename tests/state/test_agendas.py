"""Agendas on every store: committed with their notices, guarded by etags, with lines about what was done meanwhile."""

import asyncio
from dataclasses import fields, replace
from datetime import timedelta

import pytest

from bot.domain.agenda import Agenda
from bot.domain.lifecycle import Topic
from bot.domain.notices import Notice
from bot.domain.people import Cover
from bot.domain.ports import Raced
from state.agendas import AgendaStore
from state.requests import RequestStore
from state.work import WorkStore
from tests.domain.cast import BEA, CORA, FRANK, MONDAY, NUMBER

# What an address may hold, with signs that keys must not hold.
ODD = "o'hara+#?/%_~!é@home.example"
DAY = timedelta(days=1)
FULL = Agenda(
    email=ODD,
    revision=7,
    told_until=MONDAY,
    reminded_at=MONDAY + DAY,
    briefed_at=MONDAY + 2 * DAY,
    has_briefs=False,
    by_mail=True,
    away=(Cover(ODD, CORA.email, MONDAY, MONDAY + DAY),),
    covering=(Cover(FRANK.email, ODD, MONDAY, MONDAY + DAY), Cover(BEA.email, ODD, MONDAY, MONDAY + DAY)),
)


def clock():
    return MONDAY


def store_over(store, owner="tests"):
    return AgendaStore(store, WorkStore(store, owner, clock), clock)


@pytest.fixture
async def store(connect):
    return await connect()


@pytest.fixture
def agendas(store):
    return store_over(store)


async def test_of_whom_nothing_is_kept_there_is_an_empty_agenda(agendas):
    assert await agendas.load(ODD) == Agenda(ODD)
    assert await agendas.meanwhile(ODD) == []


async def test_an_agenda_is_read_as_it_was_written(agendas):
    for field in fields(FULL):
        assert field.name == "etag" or getattr(FULL, field.name) != field.default
    await agendas.commit(FULL, [])
    found = await agendas.load(ODD)
    assert replace(found, etag="") == FULL
    await agendas.commit(replace(found, has_briefs=True), [])
    assert (await agendas.load(ODD)).has_briefs


async def test_an_agenda_and_its_notices_are_one_commit_with_work_planned_before(store, agendas):
    requests = RequestStore(store, WorkStore(store, "tests", clock), clock)
    notice = Notice(FULL.id, 7, Topic.BRIEF, ODD, "Good morning\nA line", MONDAY, MONDAY, listed=(NUMBER,))
    await agendas.commit(FULL, [notice])
    (kept,) = await requests.notices_of(FULL.id)
    assert replace(kept, etag="") == notice
    assert [shard async for shard in store.table("work").partitions()], "somebody looks at it whatever happens"
    with pytest.raises(Raced):
        await agendas.commit(FULL, [replace(notice, revision=8)])
    assert len(await requests.notices_of(FULL.id)) == 1


async def test_of_two_who_write_at_once_one_is_told(connect):
    first, second = store_over(await connect(), "first"), store_over(await connect(), "second")
    found = await asyncio.gather(first.commit(FULL, []), second.commit(FULL, []), return_exceptions=True)
    assert sum(each is None for each in found) == 1
    assert sum(isinstance(each, Raced) for each in found) == 1


async def test_what_was_done_meanwhile_is_kept_once_and_forgotten(agendas):
    for event in (2, 1, 2):
        await agendas.note_meanwhile(ODD, NUMBER, event)
    await agendas.note_meanwhile(FRANK.email, NUMBER, 3)
    assert await agendas.meanwhile(ODD) == [(NUMBER, 1), (NUMBER, 2)]
    await asyncio.gather(agendas.forget_meanwhile(ODD), agendas.forget_meanwhile(ODD))
    assert await agendas.meanwhile(ODD) == []
    assert await agendas.meanwhile(FRANK.email) == [(NUMBER, 3)]
