"""Whoever is erased stands nowhere any more; histories replay, lists are right, and what is others' stays."""

import asyncio
import json
import re
from dataclasses import astuple, replace

import pytest

from bot.domain.access_desk import AccessPress, Asker
from bot.domain.people import Identity, Person, Role
from state.erased_rows import ERASED_TEXT
from state.erasure import Erasure
from state.personal_data import ERASURES, NotErased
from state.personal_export import personal_data
from state.sqlite import SqliteStore
from state.table import StoreUnavailable
from tests.domain.office import ANA, ANSWERS, DANA, KOFI, LAURA, LEE, MIKA, PIOTR, RENEE
from tests.state.town import (
    EVERYBODY,
    WORDS,
    BreakingStore,
    acted_for_each_other,
    chat_of,
    lived,
    random_story,
    shape_of,
    silent,
    town_on,
)


@pytest.fixture
async def town(store, tmp_path):
    return await town_on(store, tmp_path)


async def row_of(store, number, prefix="request"):
    return (await store.table("requests").get(number.partition("-")[0], f"{prefix}:{number}")).values


async def test_nothing_of_an_erased_requester_is_left_and_the_rest_stays(town):
    number = await lived(town)
    dana = await town.office.person(DANA)
    before = await row_of(town.store, number)
    erased = await town.erase(DANA)

    needles = (DANA, dana.name, dana.object_id, "Written by dana")
    assert await town.standing(*needles) == []
    assert await town.faults() == []
    assert await town.rebuild() == (0, 0)
    after = await row_of(town.store, number)
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {
        "requester", "requester_object", "answer_contact_email", "answer_justification", "issues_by", "last"
    }  # fmt: skip
    assert (after["requester"], after["answer_justification"]) == (erased.pseudonym, ERASED_TEXT)
    assert after["answer_notes"] == WORDS.format("piotr", 1), "a colleague's words stay"
    lines = await town.office.requests.history(number)
    assert [line.by_name for line in lines if line.by == erased.pseudonym] == ["Erased person"] * 2
    assert [line.why for line in lines if line.why] == [WORDS.format("lee", 1), WORDS.format("kofi", 1), ERASED_TEXT]
    for reader in (MIKA, PIOTR, LAURA, ANA):
        view = await town.office.desk.lookup.view(await town.office.person(reader), number)
        assert (view.request.status, view.request.customer) == ("assigned", ANSWERS["tenant_name"])
    with pytest.raises(NotErased, match="Nothing is kept"):
        await town.erase(DANA)


async def test_an_erased_sme_and_fpm_take_their_words_and_leave_the_histories_whole(town):
    await lived(town)
    for email, word in ((KOFI, "kofi"), (ANA, "ana")):
        person = await town.office.person(email)
        await town.erase(email)
        assert await town.standing(email, person.name, person.object_id, f"Written by {word}") == []
        assert await town.faults() == []
        assert await town.rebuild() == (0, 0)
    assert len(await town.standing("Written by lee")) > 0


async def test_a_proof_stays_that_tells_no_address(town):
    await lived(town)
    erased = await town.erase(DANA)
    [proof] = [row async for row in town.store.table("settings").scan(ERASURES)]
    kept = proof.values
    assert kept.keys() == {"schema", "at", "salt", "hash", "rewritten", "deleted", "mails", "ended_at"}
    assert (kept["rewritten"], kept["deleted"], kept["hash"]) == (erased.rewritten, erased.deleted, erased.hash)
    assert erased.rewritten > 10
    assert erased.deleted >= 1
    assert erased.mails >= 1
    assert erased.pseudonym not in json.dumps(dict(kept))


async def test_whom_others_rely_on_is_not_erased(town):
    number = await lived(town)
    before = await town.told()
    for email, words in (
        (LEE, "FPM or backup FPM of CONTOSO"),
        (LAURA, f"still the SME of {number}"),
        ("nobody@nowhere.example", "Nothing is kept about nobody@nowhere.example"),
    ):
        with pytest.raises(NotErased, match=words):
            await town.erase(email)
    other = await town.office.submitted(token="c" * 32, fpm=RENEE)
    await town.office.people.load(
        replace(
            d := await town.office.people.export(),
            partners={c: replace(p, fpm=LEE if p.fpm == RENEE else p.fpm) for c, p in d.partners.items()},
        )
    )
    with pytest.raises(NotErased, match=f"decides on {other}"):
        await town.erase(RENEE)
    assert len(await town.standing(ERASED_TEXT, "erased.invalid")) == 0
    assert len(before) > 0


async def test_the_covers_of_an_fpm_end_and_acting_for_them_names_nobody(town):
    number, _, renee = await acted_for_each_other(town)
    await town.erase(RENEE)
    assert await town.standing(RENEE, renee.name) == []
    assert await town.office.people.covers() == []
    last = (await town.office.request(number)).last
    assert (last.by, last.details["for_name"]) == (LEE, "Erased person")
    assert await town.faults() == []


@pytest.mark.parametrize("commits", [*range(1, 12), 15, 19, 24, 28])
async def test_an_fpms_lists_are_moved_though_it_is_broken_off(town, commits):
    number, _, renee = await acted_for_each_other(town)
    broken = Erasure(BreakingStore(town.store, commits), town.folder, town.office.clock, silent)
    with pytest.raises(StoreUnavailable):
        await broken.run(RENEE)
    erased = await town.erase(RENEE)
    assert [row.number for row in await town.office.lists.inbox(erased.pseudonym, 9)] == [number]
    assert await town.standing(RENEE, renee.name) == []
    assert await town.faults() == []
    assert await town.rebuild() == (0, 0)


async def test_somebody_who_only_is_a_contact_is_erased_and_exported(town):
    contact = "o'neil@contoso-consulting.example"
    number = await town.office.submitted(contact_email=contact)
    other = await town.office.submitted(token="c" * 32, contact_email=f"x.{contact}", tenant_name="Other")
    await town.deliver(number)
    data = await personal_data(town.store, contact, town.folder, town.office.now)
    assert [(part["number"], part["as"]) for part in data["requests"]] == [(number, ["contact"])]
    assert "answers" not in data["requests"][0]
    erased = await town.erase(contact)
    assert (await row_of(town.store, number))["answer_contact_email"] == erased.pseudonym
    assert (await row_of(town.store, other))["answer_contact_email"] == f"x.{contact}", "somebody else's address"
    assert await town.faults() == []
    assert await town.rebuild() == (0, 0)


async def test_admissions_are_blanked_with_the_further_address_and_the_code(town):
    office = town.office
    partner = await office.people.partner("CONTOSO")
    asker = Asker(Identity(partner.tenant_ids[0], "77777777-1111-4111-8111-777777777777"), partner, "Maya R. Roth")
    given = {"name": "Maya Roth", "email": "maya@contoso.example", "partner_name": "CONTOSO", "phone": "+49 30 1234"}
    asked = await office.access.ask(asker, {**given, "contact_email": "maya@home.example"})
    await office.admissions.count_try("CONTOSO", asker.identity, office.now)
    await office.access.press(await office.person(LEE), AccessPress("admit", asked.id, asked.revision))
    data = await personal_data(town.store, "maya@contoso.example", None, office.now)
    assert [(each["name"], each["phone"]) for each in data["admissions"]] == [("Maya Roth", "+49 30 1234")]
    assert not {"code_hash", "schema"} & data["admissions"][0].keys()

    await town.erase("maya@contoso.example")

    needles = ("maya", "Roth", "+49 30", asker.identity.object_id)
    assert await town.standing(*needles) == []
    left = await office.admissions.load(asked.id)
    assert (left.state, left.changed_by, left.code_hash) == ("revoked", LEE, "")
    again = await office.access.ask(asker, {**given, "contact_email": ""})
    assert again.state == "asked"


async def test_the_export_holds_what_is_kept_in_keys_that_can_be_read(town):
    number = await lived(town)
    data = await personal_data(town.store, DANA, town.folder, town.office.now)
    assert data["directory"]["name"] == "Dana Reyes"
    assert data["conversation_reference"]["conversation_id"] == chat_of(DANA)
    assert data["has_removed_app"] is False
    await town.office.people.forget_address(DANA)
    gone = await personal_data(town.store, DANA, town.folder, town.office.now)
    assert (gone["conversation_reference"], gone["has_removed_app"]) == (None, True)
    [request] = data["requests"]
    assert (request["number"], request["as"]) == (number, ["requester", "contact"])
    assert request["answers"]["justification"] == WORDS.format("dana", 1)
    assert [line["action"] for line in data["history"]] == ["submit", "issue"]
    assert data["history"][1]["why"] == WORDS.format("dana", 3)
    assert [asked["question"] for asked in data["questions"]] == [WORDS.format("dana", 4)]
    assert {told["recipient"] for told in data["notices"]} == {DANA}
    assert data["chats"][0]["answers"]["justification"] == WORDS.format(DANA, 0)
    assert set(data["mail_files"]) <= {file.name for file in town.folder.iterdir()}
    assert [place for place in data["also_named_in"] if place.startswith("conversations")]
    sme = await personal_data(town.store, KOFI, None, town.office.now)
    assert [line["action"] for line in sme["history"]] == ["assign", "decline"]
    assert [each["end_reason"] for each in sme["engagements"]] == [WORDS.format("kofi", 1)]
    assert WORDS.format("dana", 1) not in json.dumps(sme)


@pytest.mark.parametrize("commits", [1, 2, 3, 4, 6, 9, 14, 20])
async def test_an_erasure_broken_off_is_finished_by_running_it_again(town, commits):
    await lived(town)
    dana = await town.office.person(DANA)
    broken = Erasure(BreakingStore(town.store, commits), town.folder, town.office.clock, silent)
    with pytest.raises(StoreUnavailable):
        await broken.run(DANA)
    erased = await town.erase(DANA)
    assert await town.standing(DANA, dana.name, dana.object_id, "Written by dana") == []
    assert await town.faults() == []
    assert await town.rebuild() == (0, 0)
    assert set(re.findall(r"erased-\w+@erased\.invalid", "\n".join(await town.told()))) == {erased.pseudonym}
    [proof] = [row.values async for row in town.store.table("settings").scan(ERASURES)]
    assert "known" not in proof


@pytest.mark.parametrize("when", ["while the request is rewritten", "when it has been"])
async def test_what_is_done_meanwhile_is_kept_and_erased_as_well(town, when):
    number = await lived(town)
    at = f"request:{number}" if when.startswith("while") else "row"
    done = []

    async def meanwhile(partition, changes):
        if not done and any(change.key == at for change in changes):
            done.append(number)
            await town.office.press(LAURA, "issue", number, issue_text=f"{DANA} does not answer.")

    store = BreakingStore(town.store, 1_000, meanwhile)
    await Erasure(store, town.folder, town.office.clock, silent).run(DANA)
    assert done
    assert (await town.office.request(number)).open_issues == 2
    assert await town.standing(DANA, "Dana Reyes", "Written by dana") == []
    assert await town.faults() == []


async def test_addresses_that_are_shared_stay_with_the_others(town):
    office = town.office
    shared = "team@contoso-consulting.example"
    for email, contact in ((DANA, shared), (PIOTR, shared), (KOFI, DANA)):
        await office.people.register(replace(await office.person(email), contact_email=contact))
    number = await office.submitted(contact_email=shared)
    await town.erase(DANA)
    assert (await office.person(PIOTR)).contact_email == shared
    assert (await office.request(number)).contact == shared
    assert (await office.person(KOFI)).contact_email == "", "told at their own address"
    assert await town.standing(DANA) == []


async def test_an_account_that_only_claimed_the_address_is_not_taken_for_the_person(town):
    office = town.office
    partner = await office.people.partner("CONTOSO")
    identity = Identity(partner.tenant_ids[0], "77777777-1111-4111-8111-777777777777")
    await office.people.register(
        Person("eve@contoso.example", "Eve Adams", frozenset({Role.REQUESTER}), *astuple(identity), "CONTOSO")
    )
    given = {"name": "Dana Reyes", "email": DANA, "partner_name": "CONTOSO"}
    await office.access.ask(Asker(identity, partner, "Eve Adams"), given)
    number = await office.submitted(by="eve@contoso.example", contact_email="eve@contoso.example")
    await town.erase(DANA)
    assert (await office.request(number)).requester_object == identity.object_id
    assert (await office.request(number)).last.by_name == "Eve Adams"
    assert await town.standing(DANA, "Dana Reyes") == []


async def live_and_erase(folder, seed):
    store = SqliteStore(folder / "sme.db")
    await store.open()
    town = await town_on(store, folder)
    people, numbers = await random_story(town, seed)
    readers = {email: await town.office.person(email) for email in people}
    shapes = {number: shape_of(await town.office.request(number)) for number in numbers}
    refused = 0
    for email in people:
        person = readers[email]
        try:
            await town.erase(email)
        except NotErased:
            refused += 1
            continue
        assert await town.standing(email, person.name, person.object_id, f"Written by {email}") == [], email
        assert await town.faults() == [], email
        assert await town.rebuild() == (0, 0), email
        assert {number: shape_of(await town.office.request(number)) for number in numbers} == shapes
    for number in numbers:
        request = await town.office.request(number)
        partner = await town.office.people.partner(request.partner)
        reader = await town.office.person(request.fpm) or await town.office.person(partner.fpm)
        await town.office.desk.lookup.view(reader, number)
    await store.close()
    return refused


@pytest.mark.parametrize("seed", range(4))
def test_after_any_story_each_person_can_be_erased(tmp_path, seed):
    refused = asyncio.run(live_and_erase(tmp_path, seed))
    assert refused < len(EVERYBODY) - 3, "the FPMs of partners, and who still has work"


async def test_it_does_the_same_on_either_store(connect, tmp_path):
    town = await town_on(await connect(), tmp_path)
    await lived(town)
    await town.erase(DANA)
    assert await town.standing(DANA, "Dana Reyes", "Written by dana") == []
    assert await town.faults() == []
    assert await town.rebuild() == (0, 0)
