"""Lists of engagements: who is busy with how many, what an FPM looks after, and what asks somebody to act."""

from datetime import timedelta

import pytest

from bot.domain.lifecycle import Relation
from bot.domain.ports import ListOf
from state.heard_rows import HEARD
from state.keys import key
from state.table import Put
from state.views import KEPT, ViewStore, rows_for
from state.views_rebuild import ViewsRebuild
from tests.domain.cast import ANA, FRANK, MONDAY, NADIA, NUMBER, SAM, SUE, request_in
from tests.domain.leafed import leafed
from tests.domain.office import ANA as ASSIGNER
from tests.domain.office import KOFI, LAURA, LEE, opened_office
from tests.state.engaged import HELP, helped, proposed, told

PARTNER, INBOX, ENGAGED = "partner:CONTOSO", f"inbox:{FRANK.email}", f"engaged:{FRANK.email}"
BACK = f"inbox:{ANA.email}"
ASKED = (Relation.FPM, Relation.REQUESTER)


@pytest.fixture
def views(store):
    return ViewStore(store, lambda: MONDAY)


@pytest.fixture
async def office(store):
    return await opened_office(store)


def places(state, **changes):
    return {partition for partition, _ in rows_for(request_in(state, **changes))}


PROPOSALS = {
    "asked": ("proposed", {}, {PARTNER, ENGAGED}),
    "agreed": ("offered", {}, {PARTNER, ENGAGED, "busy", f"sme:{SAM.email}"}),
    "declined by the SME": ("sent_back", {}, {PARTNER, ENGAGED, BACK, INBOX}),
    "at work": ("active", {}, {PARTNER, ENGAGED, "busy", f"sme:{SAM.email}"}),
    "with a kick-off": ("active", {"to_agree": ASKED}, {PARTNER, ENGAGED, "busy", f"sme:{SAM.email}", INBOX}),
    "over": ("completed", {}, {PARTNER, ENGAGED, f"sme:{SAM.email}", INBOX}),
    "declined by the partner": ("turned_down", {}, {PARTNER}),
    "taken back": ("dropped", {}, {PARTNER}),
    "with an issue": ("proposed", {"open_issues": 1}, {PARTNER, ENGAGED, INBOX}),
}


@pytest.mark.parametrize("stands", PROPOSALS)
def test_help_that_was_proposed_has_its_places(stands):
    state, changes, wanted = PROPOSALS[stands]
    assert places(state, proposed_by=ANA.email, **changes) == wanted


@pytest.mark.parametrize(
    ("to_agree", "waits"),
    [(ASKED, True), ((Relation.FPM,), True), ((Relation.REQUESTER,), False), ((Relation.SME,), False), ((), False)],
)
def test_a_kickoff_is_in_the_inbox_of_an_fpm_who_has_to_agree(to_agree, waits):
    assert (INBOX in places("active", to_agree=to_agree)) is waits


def test_a_low_rating_brings_a_closed_request_into_the_inbox_until_it_is_answered():
    assert places("closed", open_issues=1) == {PARTNER, INBOX}
    assert places("closed") == {PARTNER}


@pytest.mark.parametrize("state", ["proposed", "sent_back"])
async def test_a_proposal_that_waits_is_found_when_everything_open_is_looked_at(views, state):
    await views.refresh(request_in(state, proposed_by=ANA.email), frozenset())
    assert {number async for number in views.all_open()} == {NUMBER}


async def test_a_proposal_that_an_sme_declined_is_listed_for_who_proposed_it_and_the_fpm_and_for_no_region(views):
    await views.refresh(request_in("sent_back", proposed_by=ANA.email), frozenset())
    for email in (ANA.email, FRANK.email):
        assert [(row.number, row.stage) for row in await views.inbox(email, 9)] == [(NUMBER, "declined")]
    assert await views.approved("EMEA", 9) == []
    assert [row.customer for row in await leafed(views, ListOf.ENGAGED, FRANK.email, 9)] == ["Proactive help"]


async def let_work(views, *pairs):
    for sme, n in pairs:
        number = f"CONTOSO-{n:06d}"
        await views.refresh(request_in("active", number=number, sme=sme, revision=6), frozenset())


async def test_loads_count_the_open_engagements_of_each_sme_offers_included(views):
    await let_work(views, (SAM.email, 1), (SUE.email, 2), (SAM.email, 3))
    await views.refresh(request_in("offered"), frozenset())
    await views.refresh(request_in("completed", number="CONTOSO-000009"), frozenset())
    assert await views.loads() == {SAM.email: 3, SUE.email: 1}


@pytest.mark.parametrize("sme", ["o'neil+sme%1@home.example", "s" * 180 + "@home.example"])
async def test_an_sme_of_any_address_is_counted(views, sme):
    await let_work(views, (sme, 1), (SAM.email, 2))
    assert await views.loads() == {sme: 1, SAM.email: 1}


async def test_who_has_ended_an_engagement_is_busy_with_it_no_more_and_the_tombstone_goes_after_a_week(store, views):
    await let_work(views, (SAM.email, 1), (SAM.email, 2))
    before = request_in("active", number="CONTOSO-000001")
    await views.refresh(request_in("completed", number="CONTOSO-000001", revision=7), rows_for(before))
    assert await views.loads() == {SAM.email: 1}
    later = ViewStore(store, lambda: MONDAY + KEPT)
    assert await later.loads() == {SAM.email: 1}
    assert len([row async for row in store.table("views").scan("busy")]) == 2
    later = ViewStore(store, lambda: MONDAY + KEPT + timedelta(seconds=1))
    assert await later.loads() == {SAM.email: 1}
    [left] = [row async for row in store.table("views").scan("busy")]
    assert left.key == key(SAM.email, "CONTOSO-000002")


async def test_an_older_state_does_not_make_an_sme_busy_again(views):
    active = request_in("active")
    await views.refresh(request_in("completed", revision=7), rows_for(active))
    await views.refresh(active, frozenset())
    assert await views.loads() == {}


async def test_a_list_of_engagements_shows_the_newest_first(views):
    numbers = [f"CONTOSO-00000{n}" for n in range(3)]
    for n, number in enumerate(numbers):
        at = MONDAY + timedelta(hours=n)
        await views.refresh(request_in("active", number=number, submitted_at=at), frozenset())
    assert [row.number for row in await leafed(views, ListOf.ENGAGED, FRANK.email, 2)] == numbers[:0:-1]
    assert await leafed(views, ListOf.ENGAGED, NADIA.email, 2) == []


async def test_a_list_names_the_fpm_and_what_is_only_counted_says_no_more_than_whose_it_is(store, views):
    await views.refresh(request_in("active"), frozenset())
    [engaged] = await leafed(views, ListOf.ENGAGED, FRANK.email, 9)
    assert engaged.fpm == FRANK.email
    [busy] = [row async for row in store.table("views").scan("busy")]
    assert busy.values.keys() == {"schema", "number", "revision", "removed", "sme"}


@pytest.mark.parametrize("unknown", ["stage", "fpm"])
async def test_a_row_of_the_version_before_kickoffs_says_nothing_of_stage_and_fpm(store, views, unknown):
    await views.refresh(request_in("active"), frozenset())
    [row] = [row async for row in store.table("views").scan(PARTNER)]
    known = {name: value for name, value in row.values.items() if name != unknown}
    await store.table("views").commit(PARTNER, [Put(row.key, known, row.etag)])
    [summary] = await views.of_partner("CONTOSO", 9)
    assert summary.number == NUMBER
    assert not getattr(summary, unknown)


async def standing(store):
    return {
        (partition, row.key): row.values
        async for partition in store.table("views").partitions()
        async for row in store.table("views").scan(partition)
        if not row.values.get("removed")
    }


async def rebuilt(store, office):
    found = await ViewsRebuild(store, office.clock, lambda *_: None).run()
    return found.written, found.removed


async def test_the_lists_are_right_after_every_step_of_an_engagement(store, office):
    number = await office.submitted()
    loads = []
    async for _ in told(office, number, HELP):
        await office.write_lists(number)
        assert await rebuilt(store, office) == (0, 0)
        assert {partition for partition, _ in await standing(store)} - {HEARD} == {
            partition for partition, _ in rows_for(await office.request(number))
        }
        loads.append(await office.lists.loads())
    assert loads == [{}, {LAURA: 1}, {}, *[{KOFI: 1}] * 12, *[{}] * 4]


@pytest.mark.parametrize("lost", ["busy", f"engaged:{LEE}", f"inbox:{ASSIGNER}"])
async def test_lists_of_engagements_are_made_anew(store, office, lost):
    numbers = [
        await helped(office, until="kickoff"),
        await proposed(office, until="propose"),
        await proposed(office, token="d" * 32, until="decline"),
        await proposed(office, token="e" * 32, until="end"),
    ]
    await office.write_lists(*numbers)
    written = await standing(store)
    wrong = dict(written[next(place for place in written if place[0] == lost)])
    for place in [place for place in written if place[0] == lost]:
        row = await store.table("views").get(*place)
        values = {**row.values, "stage": "", "removed": True}
        await store.table("views").commit(lost, [Put(row.key, values, row.etag)])
    gone = key(LAURA, numbers[1]) if lost == "busy" else key("0", numbers[0] if "inbox" in lost else "CONTOSO-000000")
    await store.table("views").commit(lost, [Put(gone, wrong)])
    assert await standing(store) != written
    await rebuilt(store, office)
    assert await standing(store) == written
    assert await office.lists.loads() == {KOFI: 1}
    assert await rebuilt(store, office) == (0, 0)
