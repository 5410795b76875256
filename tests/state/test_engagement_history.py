"""The history of an engagement is replayed to what is stored, after every step from the assignment to the rating."""

import pytest

from state import records
from state.history import HistoryCheck, replayed
from state.table import Put
from tests.domain.office import ANA, DANA, KOFI, LAURA, LEE, PIOTR, opened_office
from tests.state.engaged import HELP, PROPOSAL, PROPOSED, helped, kickoff, proposed, said, told
from tests.state.older_rows import BEFORE_KICKOFFS, rows_of, written_before

PARTNER = "CONTOSO"


@pytest.fixture
async def office(store):
    return await opened_office(store)


async def faults(store):
    return {number: fault async for number, fault in HistoryCheck(store).faults()}


async def replayed_of(store):
    """Return what the lines add up to, and what is stored."""
    again = replayed(row.values for row in await rows_of(store, PARTNER, "event"))
    [request] = await rows_of(store, PARTNER, "request")
    engagements = {row.values["id"]: dict(row.values) for row in await rows_of(store, PARTNER, "engagement")}
    return (records.request_of(again.request), again.engagements), (records.request_of(request.values), engagements)


async def test_help_on_a_request_replays_after_every_step(store, office):
    number = await office.submitted()
    async for verb in told(office, number, HELP):
        assert await faults(store) == {number: ""}, verb
    again, stored = await replayed_of(store)
    assert again == stored
    request, engagement = await office.requests.load(number), again[1][f"{number}.2"]
    assert (request.request.status, request.request.stage, request.request.revision) == ("closed", "completed", 20)
    assert engagement["kickoff_end"] == "2026-12-18"
    assert (engagement["note_summary"], engagement["note_next_step"]) == (said("kofi", 12), "")
    assert (engagement["result_met"], engagement["result_waive_reason"]) == ("1", said("kofi", 15))
    assert (engagement["rating_stars"], engagement["rating_comment"]) == (2, said("piotr", 1))
    assert engagement["end_reason"] == "", "it was completed before the request was closed"
    assert again[1][f"{number}.1"]["end_reason"] == said("laura", 1)


async def test_help_that_was_proposed_replays_after_every_step(store, office):
    number = await proposed(office, until="propose")
    assert await faults(store) == {number: ""}
    async for verb in told(office, number, PROPOSED):
        assert await faults(store) == {number: ""}, verb
    again, stored = await replayed_of(store)
    assert again == stored
    request = again[0]
    assert (request.status, request.stage, request.proposed_by) == ("closed", "completed", ANA)
    assert set(again[1]) == {f"{number}.1", f"{number}.2"}
    assert [each["proposal_outcomes"] for each in again[1].values()] == [PROPOSAL["outcomes"]] * 2
    late = again[1][f"{number}.2"]
    assert late["ended_at"].startswith("2026-12-05")
    assert (late["result_summary"], late["end_announced"]) == (said("laura", 25), True)


@pytest.mark.parametrize(("who", "verb"), [(DANA, "decline"), (LEE, "close")])
async def test_a_proposal_that_comes_to_nothing_replays(store, office, who, verb):
    number = await proposed(office, until="propose")
    await office.press(who, verb, number, decline_reason="We have no time.")
    assert await faults(store) == {number: ""}


async def test_a_kickoff_that_is_lost_with_its_sme_replays(store, office):
    number = await helped(office, until="agree")
    await office.press(LEE, "release", number, release_reason="Kofi changes teams.")
    assert ((await office.request(number)).stage, (await office.request(number)).to_agree) == ("completed", ())
    await office.press(ANA, "assign", number, sme=LAURA)
    assert (await office.requests.load(number)).engagement.kickoff is None
    assert await faults(store) == {number: ""}


async def test_who_has_to_agree_and_where_the_work_stands_is_kept_with_the_request(office):
    number, seen = await office.submitted(), {}
    async for verb in told(office, number, HELP):
        request = await office.request(number)
        seen[request.revision] = (verb, request.stage, *request.to_agree)
    assert [seen[revision] for revision in (3, 4, 6, 8, 9, 10, 11, 12)] == [
        ("assign", "offered"),
        ("decline", "declined"),
        ("accept", "active"),
        ("kickoff", "active", "fpm", "requester"),
        ("agree", "active", "requester"),
        ("kickoff", "active", "fpm", "requester"),
        ("agree", "active", "requester"),
        ("agree", "active"),
    ]
    assert {seen[revision][1:] for revision in range(17, 21)} == {("completed",)}


async def test_neither_agreements_nor_notes_nor_ratings_overtake_other_peoples_cards(office):
    number, deeds = await office.submitted(), {}
    async for verb in told(office, number, HELP[:12]):
        request = await office.request(number)
        deeds[request.revision] = (verb, request.last_deed)
    assert [deeds[revision] for revision in range(8, 14)] == [
        ("kickoff", 8),
        ("agree", 8),
        ("kickoff", 10),
        ("agree", 10),
        ("agree", 10),
        ("note", 10),
    ]


TAMPERED = {
    "the kick-off": ("engagement", {"kickoff_outcomes": "Something else."}, "engagement"),
    "who learns": ("engagement", {"kickoff_learners": LAURA}, "engagement"),
    "who has agreed": ("engagement", {"agreed": "sme"}, "engagement"),
    "the note": ("engagement", {"note_status": "paused"}, "engagement"),
    "what was met": ("engagement", {"result_met": "1,2"}, "engagement"),
    "the rating": ("engagement", {"rating_stars": 5}, "engagement"),
    "a proposal that was none": ("engagement", {"proposal_start": "2026-11-24"}, "engagement"),
    "where the work stands": ("request", {"stage": "active"}, "stage"),
    "who has to agree": ("request", {"to_agree": "fpm"}, "to_agree"),
    "who has proposed it": ("request", {"proposed_by": PIOTR}, "proposed_by"),
    "what a line changed": ("event", {"request_stage": "active"}, "stage"),
}


@pytest.mark.parametrize("what", TAMPERED)
async def test_what_does_not_follow_from_the_history_is_found(store, office, what):
    number = await helped(office)
    kind, changes, named = TAMPERED[what]
    row = (await rows_of(store, PARTNER, kind))[-1]
    await store.table("requests").commit(PARTNER, [Put(row.key, {**row.values, **changes}, row.etag)])
    fault = (await faults(store))[number]
    assert (f"{number}.2" if named == "engagement" else named) in fault
    assert not [private for private in (LAURA, PIOTR, "Written by") if private in fault], "what is told holds no names"


GOES_ON = [
    [(KOFI, "kickoff", kickoff("kofi", 1)), (DANA, "agree", {}), (LEE, "agree", {})],
    [(KOFI, "note", {"note_status": "paused", "note_summary": "A pause."})],
    [(KOFI, "complete", {"summary": "Done."}), (DANA, "rate", {"rating": "4"}), (LEE, "close", {})],
]


@pytest.mark.parametrize("steps", GOES_ON, ids=lambda steps: steps[0][1])
async def test_an_engagement_of_the_version_before_kickoffs_goes_on(store, office, steps):
    number = await helped(office, until="contacted")
    await written_before(store, PARTNER, BEFORE_KICKOFFS, "request", "event", "engagement")
    async for verb in told(office, number, steps):
        assert await faults(store) == {number: ""}, verb


async def test_a_request_that_the_version_before_has_changed_comes_to_know_again_where_its_work_stands(store, office):
    number = await helped(office, until="kickoff")
    await office.press(KOFI, "issue", number, issue_text="No access.")
    await written_before(store, PARTNER, BEFORE_KICKOFFS, "event", last_only=True)
    await written_before(store, PARTNER, BEFORE_KICKOFFS, "request")
    assert await faults(store) == {number: ""}
    case = await office.requests.load(number)
    assert (case.request.stage, case.request.to_agree, case.engagement.to_agree) == (None, (), ("fpm", "requester"))
    await office.press(LEE, "answer", number, answer_text="Access is given.")
    after = await office.request(number)
    assert (after.stage, after.to_agree) == ("active", ("fpm", "requester"))
    assert await faults(store) == {number: ""}


async def test_a_kickoff_is_lost_with_an_engagement_that_the_version_before_has_changed(store, office):
    number = await helped(office, until="kickoff")
    await office.press(LEE, "close", number, close_reason="The customer has left.")
    await written_before(store, PARTNER, BEFORE_KICKOFFS, "event", "engagement", last_only=True)
    await written_before(store, PARTNER, BEFORE_KICKOFFS, "request")
    case = await office.requests.load(number)
    assert (case.engagement.status, case.engagement.kickoff) == ("completed", None)
    assert await faults(store) == {number: ""}
