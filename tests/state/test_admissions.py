"""Admissions on every store: committed with their notices, guarded by etags, and tries that are counted."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain import access
from bot.domain.access import Admission, AdmissionState, id_of_asker
from bot.domain.lifecycle import Topic
from bot.domain.notices import Notice
from bot.domain.people import Identity
from bot.domain.ports import Raced
from state.admissions import AdmissionStore
from state.requests import RequestStore
from state.table import Conflict
from state.work import WorkStore
from tests.domain.cast import BEA, CONTOSO, FRANK, MONDAY, THEIRS

MAYA = Identity(THEIRS, "77777777-1111-4111-8111-777777777777")
THEA = Identity(THEIRS, "77777777-3333-4111-8111-777777777777")
ID = id_of_asker("CONTOSO", MAYA)
HOUR = timedelta(hours=1)


def asked(**changes):
    made = Admission(ID, "CONTOSO", "maya@contoso.example", "Maya Roth", MONDAY, MONDAY, AdmissionState.ASKED)
    return replace(made, tenant_id=MAYA.tenant_id, object_id=MAYA.object_id, teams_name="שרה \U0001f469", **changes)


def clock():
    return MONDAY


def store_over(store, owner="tests"):
    return AdmissionStore(store, WorkStore(store, owner, clock), clock)


@pytest.fixture
async def admissions(connect):
    return store_over(await connect())


async def test_an_admission_is_read_as_it_was_written(admissions):
    full = asked(phone="+49", contact_email="m@home.example", is_taken=True, note="No.\nNot now.", codes=3, revision=7)
    full = access.with_code(replace(full, changed_by=BEA.email), "7K3QXDPM42", MONDAY)
    await admissions.commit(full, [])
    kept = await admissions.load(ID)
    assert replace(kept, etag="") == full
    assert await admissions.of_partner("CONTOSO") == [kept]
    assert await admissions.of_partner("FABRIKAM") == []


async def test_what_waits_to_be_told_is_committed_with_it_and_planned(connect):
    store = await connect()
    admissions, work = store_over(store), WorkStore(store, "tests", lambda: MONDAY + HOUR)
    await admissions.commit(asked(), access.notices_for(asked(), CONTOSO, [CONTOSO.fpm], MONDAY))
    (notice,) = await RequestStore(store, work, clock).notices_of(ID)
    assert (notice.recipient, notice.number) == (FRANK.email, ID)
    assert [each.number for each in await work.claim_due()] == [ID]


@pytest.mark.parametrize(
    "text",
    ["", "-", "CONTOSO", "CONTOSO-7K3QXD", f"{ID}0", ID.lower(), "x" * 900, "NOWHERE-access-" + "0" * 16],
)  # fmt: skip
async def test_other_ids_find_nothing(admissions, text):
    await admissions.commit(asked(), [])
    assert await admissions.load(text) is None


async def test_a_change_of_what_has_changed_is_refused_with_its_notices(connect):
    store = await connect()
    admissions = store_over(store)
    await admissions.commit(asked(), [])
    with pytest.raises(Raced):
        await admissions.commit(asked(), [])
    first = await admissions.load(ID)
    await admissions.save(replace(first, codes=1))
    notice = Notice(ID, 9, Topic.ACCESS, FRANK.email, "Too late", MONDAY, MONDAY)
    with pytest.raises(Raced):
        await admissions.commit(replace(first, codes=2), [notice])
    with pytest.raises(Raced):
        await admissions.save(replace(first, codes=2))
    assert (await admissions.load(ID)).codes == 1
    assert await RequestStore(store, WorkStore(store, "tests", clock), clock).notices_of(ID) == []


async def test_saving_gives_the_etag_with_which_to_go_on(admissions):
    await admissions.commit(asked(), [])
    once = await admissions.save(replace(await admissions.load(ID), codes=1))
    await admissions.save(replace(once, codes=2))
    assert (await admissions.load(ID)).codes == 2


async def test_tries_are_counted_for_each_account_and_each_partner(admissions):
    counted = [(await admissions.count_try("CONTOSO", MAYA, MONDAY))[0] for _ in range(8)]
    assert counted == [1, 2, 3, 4, 5, 6, 6, 6]
    assert (await admissions.count_try("CONTOSO", THEA, MONDAY))[0] == 1
    assert (await admissions.count_try("FABRIKAM", MAYA, MONDAY))[0] == 1
    assert await admissions.of_partner("CONTOSO") == []


async def test_counting_begins_anew_an_hour_after_the_last_try_that_counted(admissions):
    for _ in range(5):
        await admissions.count_try("CONTOSO", MAYA, MONDAY)
    assert await admissions.count_try("CONTOSO", MAYA, MONDAY + HOUR / 2) == (6, MONDAY + HOUR)
    assert (await admissions.count_try("CONTOSO", MAYA, MONDAY + HOUR))[0] == 1


async def test_tries_are_forgotten_when_the_right_code_came(admissions):
    await admissions.forget_tries("CONTOSO", MAYA)
    for _ in range(4):
        await admissions.count_try("CONTOSO", MAYA, MONDAY)
    await admissions.forget_tries("CONTOSO", MAYA)
    assert (await admissions.count_try("CONTOSO", MAYA, MONDAY))[0] == 1


async def test_tries_at_once_at_two_instances_are_all_counted(connect):
    both = [store_over(await connect(), owner) for owner in ("one", "two")]
    found = await asyncio.gather(*(each.count_try("CONTOSO", MAYA, MONDAY) for each in both for _ in range(6)))
    assert sorted(count for count, _ in found) == [1, 2, 3, 4, 5, 6, 6, 6, 6, 6, 6, 6]


async def test_forgetting_gives_way_to_a_try_that_came_between(connect):
    store = await connect()

    class Busy:
        """A table in which somebody else is always first to write."""

        def table(self, name):
            self.rows = store.table(name)
            return self

        async def get(self, partition, key):
            return await self.rows.get(partition, key)

        async def commit(self, partition, changes):
            raise Conflict(None)

    admissions = store_over(store)
    await admissions.count_try("CONTOSO", MAYA, MONDAY)
    await store_over(Busy()).forget_tries("CONTOSO", MAYA)
    assert (await admissions.count_try("CONTOSO", MAYA, MONDAY))[0] == 2
