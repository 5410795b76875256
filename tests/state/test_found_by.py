"""Requests are found by how their number or their customer's name begins, and at what cost."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.deeds import Change
from bot.domain.lifecycle import Action
from state.index_rows import named_key
from state.keys import beginning, encode, key
from state.requests import RequestStore
from state.table import Delete
from state.views_rebuild import ViewsRebuild
from state.work import WorkStore
from tests.bench.table_operations import NotingStore
from tests.domain.cast import ANSWERS, MONDAY, NUMBER, RITA, done, request_in

NAMES = (
    "Adventure Works",
    "ADVENTURE  works GmbH",
    "Fabrikam",
    "Advent",
    "Übermensch AG",
    "部署在百分之四十的设备" * 8,
)


async def named(requests, *asked):
    return [place.number for place in await requests.named(*asked)]


async def numbered_in(requests, *asked):
    return [request.number for request in await requests.numbered(*asked)]


def numbered(n):
    return f"CONTOSO-{n:06d}"


@pytest.fixture
async def store(sqlite):
    return NotingStore(await sqlite())


@pytest.fixture
def requests(store):
    return RequestStore(store, WorkStore(store, "tests", lambda: MONDAY), lambda: MONDAY)


async def keep(requests, number, name, at=MONDAY, **changes):
    request = request_in("submitted", number=number, submitted_at=at, **changes)
    request = replace(request, answers={**ANSWERS, "tenant_name": name})
    await requests.commit(None, Change(None, request, request.last), [], number)
    return await requests.load(number)


async def keep_all(requests, names=NAMES):
    for n, name in enumerate(names):
        await keep(requests, numbered(n), name, MONDAY + timedelta(hours=n))


async def test_a_request_is_found_by_how_its_customers_name_begins_the_newest_first(requests):
    await keep_all(requests)
    assert await named(requests, "CONTOSO", "adv", 9) == [numbered(3), numbered(1), numbered(0)]
    assert await named(requests, "CONTOSO", " Adventure WORKS ", 9) == [numbered(1), numbered(0)]
    assert await named(requests, "CONTOSO", "übermensch", 9) == [numbered(4)]
    assert await named(requests, "CONTOSO", "works", 9) == []
    assert await named(requests, "FABRIKAM", "adv", 9) == []
    assert len(await named(requests, "CONTOSO", "", 9)) == len(NAMES)


async def test_of_a_long_name_the_beginning_counts(requests):
    await keep_all(requests)
    for typed in (NAMES[-1], NAMES[-1][:5], NAMES[-1] + "x"):
        assert await named(requests, "CONTOSO", typed, 9) == [numbered(5)]
    await keep(requests, numbered(7), "Wolfeschlegelsteinhausenbergerdorff " * 3)
    assert await named(requests, "CONTOSO", "wolfeschlegelsteinhausenbergerdorff wolfe", 9) == [numbered(7)]


async def test_no_more_are_found_than_asked(requests):
    await keep_all(requests, ["Adventure Works"] * 5)
    assert await named(requests, "CONTOSO", "adv", 3) == [numbered(4), numbered(3), numbered(2)]
    assert await numbered_in(requests, "CONTOSO", "CONTOSO-0", 3) == [numbered(0), numbered(1), numbered(2)]


async def test_a_request_is_found_by_how_its_number_begins(requests):
    for number in ("CONTOSO-7K3QXD", "CONTOSO-7K4AAA", "CONTOSO-ZZZZZZ"):
        await keep(requests, number, "Adventure Works")
    assert await numbered_in(requests, "CONTOSO", "CONTOSO-7K", 9) == ["CONTOSO-7K3QXD", "CONTOSO-7K4AAA"]
    assert await numbered_in(requests, "CONTOSO", "CONTOSO-7K3QXD", 9) == ["CONTOSO-7K3QXD"]
    assert await numbered_in(requests, "CONTOSO", "7K", 9) == []
    assert await numbered_in(requests, "CONTOSO", "CONTOSO-7K:/\\#?%'", 9) == []


async def test_a_customer_renamed_is_found_under_the_new_name_alone(requests):
    returned = request_in("returned")
    await requests.commit(None, Change(None, returned, returned.last), [], "begun")
    case = await requests.load(NUMBER)
    again = done(
        Action.RESUBMIT, RITA, "returned", request=case.request, answers={**ANSWERS, "tenant_name": "Wide World"}
    )
    await requests.commit(case, again, [], "resubmit")
    assert await named(requests, "CONTOSO", ANSWERS["tenant_name"], 9) == []
    assert await named(requests, "CONTOSO", "wide", 9) == [NUMBER]


async def test_an_address_in_a_customers_name_stands_in_no_key(requests, store):
    await keep(requests, NUMBER, "Toys, ask rita@contoso.example")
    rows = [row.key async for row in store.table("requests").scan("CONTOSO", "named:", "named;")]
    assert len(rows) == 1
    assert "rita" not in rows[0]
    assert await named(requests, "CONTOSO", "toys, ask rita@contoso.example", 9) == [NUMBER]


@pytest.mark.parametrize("name", NAMES)
def test_a_beginning_stays_a_beginning_of_the_key(name):
    begins = beginning(name, 40)
    assert name.startswith(begins)
    assert "!!" not in encode(begins)
    assert encode(begins).startswith(encode(begins[:3]))


async def test_a_search_costs_one_operation_whatever_is_stored(requests, store):
    counts = []
    for stored in (range(5), range(5, 60)):
        for n in stored:
            await keep(requests, numbered(n), "Adventure Works")
        store.operations.clear()
        await named(requests, "CONTOSO", "adv", 100)
        await numbered_in(requests, "CONTOSO", "CONTOSO-0", 100)
        counts.append([(each.kind, each.arguments[-1]) for each in store.operations])
    assert counts == [[("scan", 100), ("scan", 100)]] * 2


async def rebuild(store):
    return await ViewsRebuild(store, lambda: MONDAY, lambda *_: None).run()


async def forget_names(store):
    table = store.table("requests")
    for row in [row async for row in table.scan("CONTOSO", "named:", "named;")]:
        await table.commit("CONTOSO", [Delete(row.key, row.etag)])


async def test_requests_of_an_older_version_are_found_after_a_rebuild(requests, sqlite):
    await keep_all(requests)
    store = await sqlite()
    await forget_names(store)
    assert await named(requests, "CONTOSO", "adv", 9) == []
    assert (await rebuild(store)).named == len(NAMES)
    assert await named(requests, "CONTOSO", "adv", 9) == [numbered(3), numbered(1), numbered(0)]
    assert (await rebuild(store)).named == 0


class ChangedMeanwhile:
    """A store on which something happens just before the next commit to the requests."""

    def __init__(self, store, event):
        self.store, self.events = store, [event]

    def table(self, name):
        if name != "requests":
            return self.store.table(name)
        self.inner = self.store.table(name)
        return self

    def __getattr__(self, name):
        return getattr(self.inner, name)

    async def commit(self, partition, changes):
        while self.events:
            await self.events.pop()()
        return await self.inner.commit(partition, changes)


async def test_a_customer_renamed_during_a_rebuild_is_not_found_under_the_old_name(requests, sqlite):
    returned = request_in("returned")
    await requests.commit(None, Change(None, returned, returned.last), [], "begun")
    case, store = await requests.load(NUMBER), await sqlite()
    await forget_names(store)

    async def rename():
        answers = {**ANSWERS, "tenant_name": "Wide World"}
        change = done(Action.RESUBMIT, RITA, "returned", request=case.request, answers=answers)
        await requests.commit(case, change, [], "resubmit")

    assert (await rebuild(ChangedMeanwhile(store, rename))).named == 0
    table = store.table("requests")
    names = [row.key async for row in table.scan("CONTOSO", "named:", "named;")]
    assert names == [named_key((await requests.load(NUMBER)).request)]


async def test_a_request_that_goes_during_a_rebuild_leaves_no_name(requests, sqlite):
    case = await keep(requests, NUMBER, "Adventure Works")
    store = await sqlite()
    await forget_names(store)

    async def remove():
        await store.table("requests").commit("CONTOSO", [Delete(key("request", NUMBER), case.etag)])

    assert (await rebuild(ChangedMeanwhile(store, remove))).named == 0
    assert await named(requests, "CONTOSO", "", 9) == []
