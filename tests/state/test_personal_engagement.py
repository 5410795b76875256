"""Whoever took part in an engagement and is erased stands nowhere any more; what the others have written stays."""

import re
from dataclasses import replace
from datetime import date

import pytest

from bot.domain.people import ERASED_AT, ERASED_NAME, Leave
from bot.domain.ports import ListOf
from state.erased_rows import ERASED_TEXT
from state.erasure import Erasure
from state.personal_data import NotErased, all_rows
from state.personal_export import personal_data
from state.table import StoreUnavailable
from tests.domain.leafed import leafed
from tests.domain.office import ANA, DANA, HIROSHI, KOFI, LAURA, LEE, PIOTR, RENEE
from tests.state.engaged import AMARA, AMARAS_NAME, GUEST, helped, kickoff, proposed, said
from tests.state.town import BreakingStore, silent, town_on

WORD = re.compile(r"Written by (\w+) in their own words, about attempt (\d+)\.")
WHO = {KOFI: "kofi", LAURA: "laura", DANA: "dana", PIOTR: "piotr", ANA: "ana", AMARA: "amara"}
LEAVE = Leave(KOFI, date(2026, 12, 21), date(2027, 1, 1))


@pytest.fixture
async def town(store, tmp_path):
    return await town_on(store, tmp_path)


@pytest.fixture
async def numbers(town):
    """Give a request that was helped with and help that was proposed, both over, with all that was told of them."""
    found = [await helped(town.office), await proposed(town.office)]
    for number in found:
        await town.deliver(number)
    await town.pass_time(30, *found)
    await town.office.people.add_leave(LEAVE)
    await town.office.people.add_leave(Leave(LAURA, LEAVE.first, LEAVE.last))
    return found


async def words(town):
    """Return who has written which words that stand in any row."""
    found = set()
    async for _, row in all_rows(town.store):
        for value in (row.partition, row.key, *row.values.values()):
            found |= set(WORD.findall(str(value)))
    return found


async def gone(town, email, *more):
    """Erase a person, and hold what is left against what was there."""
    person, before = await town.office.person(email), await words(town)
    erased = await town.erase(email)
    needles = (email, person.name, person.object_id, f"Written by {WHO[email]} ", *more)
    assert await town.standing(*needles) == []
    assert await town.faults() == []
    assert await town.rebuild() == (0, 0)
    assert await words(town) == {word for word in before if word[0] != WHO[email]}, "what others have written stays"
    return erased


@pytest.mark.parametrize("email", WHO)
async def test_nothing_of_somebody_who_took_part_is_left_and_what_is_others_stays(town, numbers, email):
    await gone(town, email)
    for number in numbers:
        for reader in (LEE, HIROSHI):
            person = await town.office.person(reader)
            assert (await town.office.desk.lookup.view(person, number)).request.status == "closed"


async def test_everybody_can_go_one_after_the_other(town, numbers):
    for email in WHO:
        await gone(town, email)
    assert {who for who, _ in await words(town)} == {"lee"}
    learned = await town.office.requests.learned("CONTOSO", 9)
    assert {line.number for line in learned} == set(numbers)
    assert all(line.sme.endswith(ERASED_AT) for line in learned)


async def test_an_engagement_stays_with_its_codes_and_dates_when_its_sme_goes(town, numbers):
    before = (await town.office.requests.load(numbers[0])).engagement
    erased = await gone(town, KOFI)
    after = (await town.office.requests.load(numbers[0])).engagement
    assert after.sme == erased.pseudonym
    kickoff, note, result = after.kickoff, after.note, after.result
    assert (kickoff.expectations, kickoff.outcomes, kickoff.exit_criteria) == (ERASED_TEXT, ERASED_TEXT, (ERASED_TEXT,))
    assert (kickoff.mode, kickoff.start, kickoff.end) == (before.kickoff.mode, before.kickoff.start, before.kickoff.end)
    assert (note.status, note.summary, note.next_step, note.concerns) == (
        before.note.status, ERASED_TEXT, "", ERASED_TEXT
    )  # fmt: skip
    assert (result.summary, result.waive_reason, result.feedback) == (ERASED_TEXT,) * 3
    assert result.met == before.result.met
    assert (after.rating, after.agreed, after.ended_at) == (before.rating, before.agreed, before.ended_at)
    notes = [line for line in await town.office.requests.history(numbers[0]) if line.action == "note"]
    assert [line.details for line in notes] == [
        {"note_status": "pending_customer", "note_next": ERASED_TEXT, "note_next_date": "2026-11-30",
         "note_concerns": ERASED_TEXT},
        {"note_status": "pending_customer", "note_concerns": ERASED_TEXT},
    ]  # fmt: skip


async def test_who_has_learned_stays_in_the_ledger_and_the_kickoff_when_sme_and_partner_go(town, numbers):
    for email in (KOFI, DANA):
        await gone(town, email)
    learned = {line.number: line.learners for line in await town.office.requests.learned("CONTOSO", 9)}
    assert learned[numbers[0]] == (AMARAS_NAME, AMARA, GUEST)
    assert (await town.office.requests.load(numbers[0])).engagement.kickoff.learners == (AMARAS_NAME, AMARA, GUEST)


async def test_a_learner_goes_out_of_kickoff_history_and_ledger_by_name_and_by_address(town, numbers):
    erased = await gone(town, AMARA)
    wanted = (ERASED_NAME, erased.pseudonym, GUEST)
    learned = {line.number: line.learners for line in await town.office.requests.learned("CONTOSO", 9)}
    assert learned == {numbers[0]: wanted, numbers[1]: (erased.pseudonym,)}
    assert (await town.office.requests.load(numbers[0])).engagement.kickoff.learners == wanted


async def test_a_learner_who_is_not_in_the_directory_goes_by_the_address(town, numbers):
    assert len(await town.standing(GUEST)) > 3, "also in capitals"
    erased = await town.erase(GUEST)
    assert await town.standing(GUEST) == []
    assert await town.faults() == []
    learned = {line.number: line.learners for line in await town.office.requests.learned("CONTOSO", 9)}
    assert learned[numbers[0]] == (AMARAS_NAME, AMARA, erased.pseudonym)


async def test_a_learner_whose_name_is_one_word_goes_and_texts_with_this_word_stay(town):
    office = town.office
    amara = await office.person(AMARA)
    await office.people.register(replace(amara, name="Tomorrow"))
    number = await helped(office, until="kickoff")
    await office.press(DANA, "agree", number, learners="Tomorrow; Tomorrow Jones; tomorrow")
    await office.press(KOFI, "complete", number, summary="Tomorrow they do it alone.", waive_reason="-")
    await town.erase(AMARA)
    wanted = (ERASED_NAME, "Tomorrow Jones", ERASED_NAME)
    [line] = await office.requests.learned("CONTOSO", 9)
    engagement = (await office.requests.load(number)).engagement
    assert (line.learners, engagement.kickoff.learners) == (wanted, wanted)
    assert engagement.result.summary == "Tomorrow they do it alone."
    assert await town.faults() == []


async def test_the_outcomes_of_a_proposal_are_their_proposers_with_every_sme(town):
    number = await proposed(town.office, until="assign")
    await town.erase(ANA)
    assert await town.standing("Written by ana") == []
    assert (await town.office.requests.load(number)).engagement.proposal.outcomes == ERASED_TEXT
    request = await town.office.request(number)
    assert request.proposed_by.endswith(ERASED_AT)
    assert await town.faults() == []


async def test_a_proposal_stays_when_another_who_has_assigned_it_goes(town):
    office = town.office
    number = await proposed(office, until="decline")
    await office.press(HIROSHI, "assign", number, sme=LAURA)
    await town.erase(HIROSHI)
    assert (await office.requests.load(number)).engagement.proposal.outcomes == said("ana", 20)
    assert await town.faults() == []


async def test_the_lists_of_an_fpm_with_engagements_are_moved(town):
    office = town.office
    directory = await office.people.export()
    partners = {code: replace(p, fpm=LEE) if p.fpm == RENEE else p for code, p in directory.partners.items()}
    await office.people.load(replace(directory, partners=partners))
    number = await office.submitted(fpm=RENEE)
    await office.press(RENEE, "approve", number)
    await office.press(ANA, "assign", number, sme=KOFI)
    await office.press(KOFI, "accept", number)
    await office.press(KOFI, "kickoff", number, **kickoff("kofi", 1))
    await town.deliver(number)
    erased = await town.erase(RENEE)
    assert [row.number for row in await leafed(office.lists, ListOf.ENGAGED, erased.pseudonym, 9)] == [number]
    assert [row.number for row in await office.lists.inbox(erased.pseudonym, 9)] == [number]
    assert await office.lists.loads() == {KOFI: 1}
    assert await town.standing(RENEE, "Renee Carter") == []
    assert await town.rebuild() == (0, 0)


async def test_leaves_go_with_their_sme_and_no_others(town, numbers):
    await town.erase(KOFI)
    assert [leave.email for leave in await town.office.people.leaves()] == [LAURA]


async def test_leaves_of_an_sme_who_has_left_the_directory_go_as_well(town):
    office = town.office
    await office.people.remove(await office.person(KOFI))
    await office.people.add_leave(LEAVE)
    await town.erase(KOFI)
    assert await office.people.leaves() == []
    assert await town.standing(KOFI) == []


async def test_an_sme_at_work_is_not_erased(town):
    number = await helped(town.office, until="complete")
    with pytest.raises(NotErased, match=f"still the SME of {number}"):
        await town.erase(KOFI)


@pytest.mark.parametrize("commits", [1, 2, 4, 7, 11, 16, 22])
async def test_an_erasure_of_an_sme_broken_off_is_finished_by_running_it_again(town, numbers, commits):
    kofi = await town.office.person(KOFI)
    with pytest.raises(StoreUnavailable):
        await Erasure(BreakingStore(town.store, commits), town.folder, town.office.clock, silent).run(KOFI)
    await town.erase(KOFI)
    assert await town.standing(KOFI, kofi.name, kofi.object_id, "Written by kofi ") == []
    assert await town.faults() == []
    assert await town.rebuild() == (0, 0)


async def test_the_mails_that_hold_other_peoples_words_alone_stay(town, numbers):
    await town.mail.send("1", LEE, "News", f"The SME writes: {said('kofi', 12)}")
    await town.mail.send("2", LEE, "News", f"The partner writes: {said('piotr', 1)}")
    await town.erase(PIOTR)
    kept = [file.read_text(encoding="utf-8") for file in town.folder.glob("*.eml")]
    assert [said("kofi", 12) in text for text in kept if "writes:" in text] == [True]


async def test_on_either_store(connect, tmp_path):
    town = await town_on(await connect(), tmp_path)
    numbers = [await helped(town.office), await proposed(town.office)]
    await town.office.people.add_leave(LEAVE)
    for number in numbers:
        await town.deliver(number)
    for email in (KOFI, AMARA):
        await gone(town, email)


async def exported(town, email):
    return await personal_data(town.store, email, None, town.office.now)


async def test_the_export_of_an_sme_holds_engagements_leaves_and_ledger(town, numbers):
    data = await exported(town, KOFI)
    helped_with, first_asked = sorted(data["engagements"], key=lambda each: "kickoff_mode" not in each)
    assert (helped_with["kickoff_expectations"], helped_with["kickoff_end"]) == (said("kofi", 5), "2026-12-18")
    assert (helped_with["note_summary"], helped_with["result_feedback"]) == (said("kofi", 12), said("kofi", 17))
    assert helped_with["rating_stars"] == 2
    assert first_asked["end_reason"] == said("kofi", 20)
    assert data["leaves"] == [{"first": "2026-12-21", "last": "2027-01-01"}]
    assert [(line["number"], line["as"]) for line in data["learning"]] == [(numbers[0], ["sme"])]
    notes = [line for line in data["history"] if line["action"] == "note"]
    assert (notes[0]["why"], notes[0]["details"]["note_concerns"]) == (said("kofi", 9), said("kofi", 11))
    kickoffs = [line["wrote"] for line in data["history"] if line["action"] == "kickoff"]
    assert [each["kickoff_outcomes"] for each in kickoffs] == [said("kofi", 2), said("kofi", 6)]
    assert {who for who, _ in WORD.findall(str(data))} == {"kofi"}, "a comment on a rating is not for the SME to read"


async def test_the_export_of_an_sme_does_not_hold_why_another_was_passed_over(town, numbers):
    data = await exported(town, LAURA)
    assigned = [line["details"] for line in data["history"] if line["action"] == "assign"]
    assert [line["to"] for line in assigned] == [LAURA, LAURA]
    assert {who for who, _ in WORD.findall(str(data))} == {"laura"}


async def test_the_export_of_a_partners_people_holds_what_they_have_agreed_on_learned_and_rated(town, numbers):
    piotr = await exported(town, PIOTR)
    rated = {line["request"]: line["wrote"] for line in piotr["history"] if line["action"] == "rate"}
    assert rated == {
        numbers[0]: {"rating_stars": 2, "rating_comment": said("piotr", 1)},
        numbers[1]: {"rating_stars": 5, "rating_comment": said("piotr", 20)},
    }
    dana = await exported(town, DANA)
    agreed = [line.get("wrote") for line in dana["history"] if line["action"] == "agree"]
    assert {"kickoff_learners": f"{AMARAS_NAME}\n{AMARA}\n{GUEST}"} in agreed
    proposal = next(each for each in dana["requests"] if each["number"] == numbers[1])
    assert (proposal["as"], proposal["customer"]) == (["requester", "contact"], "Proactive help")
    amara = await exported(town, AMARA)
    assert [(line["number"], line["as"]) for line in amara["learning"]] == [
        (numbers[1], ["learner"]), (numbers[0], ["learner"])
    ]  # fmt: skip
    assert (amara["engagements"], amara["leaves"]) == ([], [])
    assert len(amara["also_named_in"]) > 2


async def test_the_export_of_who_has_proposed_help_holds_it(town, numbers):
    ana = await exported(town, ANA)
    assert [(each["number"], each["as"]) for each in ana["requests"]] == [(numbers[1], ["proposer"])]
    [line] = [line for line in ana["history"] if line["action"] == "propose"]
    assert line["wrote"]["proposal_outcomes"] == said("ana", 20)
    guest = await exported(town, GUEST)
    assert [(line["number"], line["as"]) for line in guest["learning"]] == [(numbers[0], ["learner"])]
