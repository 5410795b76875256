"""Who a request has to do with when people and partners have left the directory."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.domain.lifecycle import Relation
from bot.domain.parties import asked_without_a_date, backups_asked, holders, partner_of, relations_of, requester_now
from bot.domain.people import Cover, Directory
from bot.domain.timekeeper import Timekeeper
from state.directory_files import read_files
from tests.domain.helping import KICKOFF, RESULT, active, proposed
from tests.domain.office import ANA, ARJUN, DANA, HIROSHI, HOME, HOURS, KOFI, LEE, MIKA, PIOTR, SAMPLE

AMARA = "amara.okafor@contoso-consulting.example"


@pytest.fixture
async def request_(office):
    return await office.request(await office.submitted(contact_email=PIOTR))


async def removed(office, *emails):
    for email in emails:
        await office.people.remove(await office.person(email))


async def related(office, request, email):
    return await relations_of(request, await office.person(email), office.people, office.now)


async def test_while_everybody_is_there_things_are_as_the_request_says(office, request_):
    assert (await partner_of(request_, office.people)).name == "Contoso Consulting"
    assert await requester_now(request_, office.people) == DANA
    assert Relation.FPM in await related(office, request_, LEE)
    assert Relation.FPM not in await related(office, request_, ARJUN)


async def test_after_the_requester_the_named_contact_is_in_touch_and_then_the_first_of_the_partner(office, request_):
    await removed(office, DANA)
    assert await requester_now(request_, office.people) == PIOTR
    await removed(office, PIOTR)
    assert await requester_now(request_, office.people) == AMARA
    await removed(office, AMARA)
    assert await requester_now(request_, office.people) == ""


async def test_who_has_moved_to_another_partner_is_not_in_touch_any_more(office, request_):
    await office.people.register(replace(await office.person(DANA), partner="FABRIKAM"))
    assert await requester_now(request_, office.people) == PIOTR


async def test_for_an_fpm_who_has_left_the_backup_acts(office, request_):
    before = await related(office, request_, MIKA)
    await removed(office, LEE)
    assert Relation.FPM not in before
    assert Relation.FPM in await related(office, request_, MIKA)
    assert Relation.FPM not in await related(office, request_, ARJUN)


async def test_an_fpm_who_is_none_any_more_counts_as_gone(office, request_):
    lee = await office.person(LEE)
    await office.people.register(replace(lee, roles=frozenset({"sme"})))
    assert Relation.FPM in await related(office, request_, MIKA)


async def test_of_a_removed_partner_the_request_itself_says_who_it_was(office, request_):
    sample = read_files(SAMPLE, HOME)
    people = {email: person for email, person in sample.people.items() if "CONTOSO" not in person.partners}
    partners = {code: partner for code, partner in sample.partners.items() if code != "CONTOSO"}
    await office.people.load(Directory(partners, people), remove_missing=True)
    partner = await partner_of(request_, office.people)
    assert (partner.code, partner.name, partner.region, partner.tenant_ids) == ("CONTOSO", "CONTOSO", "EMEA", ())
    assert partner.fpm == LEE
    assert Relation.FPM in await related(office, request_, LEE)
    assert await requester_now(request_, office.people) == ""


async def held(office, request, relation):
    return await holders(request, relation, office.people, office.now)


async def test_each_relation_is_held_by_those_who_act_in_it(office, request_):
    assert await held(office, request_, Relation.FPM) == [LEE]
    assert await held(office, request_, Relation.ASSIGNER) == [ANA]
    assert await held(office, replace(request_, sme=KOFI), Relation.SME) == [KOFI]


async def test_a_backup_who_is_asked_holds_a_request_beside_its_fpm_and_the_cover_instead_of_them(office, request_):
    asked = replace(request_, backup_asked=True)
    assert await held(office, asked, Relation.FPM) == [LEE, MIKA]
    await office.people.add_cover(Cover(LEE, ARJUN, office.now, office.now + HOURS))
    assert await held(office, asked, Relation.FPM) == [ARJUN, MIKA]
    await office.people.add_cover(Cover(LEE, MIKA, office.now, office.now + HOURS))
    assert sorted(await held(office, asked, Relation.FPM)) == [ARJUN, MIKA]


async def test_of_a_request_that_the_backup_decides_on_the_partners_fpm_is_asked(office, request_):
    assert await backups_asked(replace(request_, fpm=MIKA), office.people) == [LEE]


@pytest.mark.parametrize("part", ["requester", "sme"])
async def test_a_backup_with_another_part_in_the_request_is_not_asked(office, request_, part):
    assert await backups_asked(request_, office.people) == [MIKA]
    assert await backups_asked(replace(request_, **{part: MIKA}), office.people) == []


async def test_a_backup_who_has_left_is_not_asked(office, request_):
    await removed(office, MIKA)
    assert await backups_asked(request_, office.people) == []
    assert await held(office, replace(request_, backup_asked=True), Relation.FPM) == [LEE]


async def asked(office, number):
    return sorted(await asked_without_a_date(await office.requests.load(number), office.people, office.now))


async def test_the_work_on_a_request_asks_one_after_the_other(office):
    number = await active(office)
    assert await asked(office, number) == []
    await office.press(KOFI, "kickoff", number, **KICKOFF)
    assert await asked(office, number) == [DANA, LEE]
    await office.press(DANA, "agree", number)
    assert await asked(office, number) == [LEE]
    await office.press(LEE, "agree", number)
    assert await asked(office, number) == []
    await office.press(KOFI, "complete", number, **RESULT)
    assert await asked(office, number) == [LEE]
    await office.press(LEE, "close", number)
    assert await asked(office, number) == []


async def test_proposed_help_asks_the_partner_then_the_sme_and_after_a_no_the_proposer_and_the_fpm(office):
    number = await proposed(office, HIROSHI)
    assert await asked(office, number) == [DANA]
    await office.press(DANA, "agree", number)
    assert await asked(office, number) == [], "the SME answers by a date"
    await office.press(KOFI, "decline", number, decline_reason="No.")
    assert await asked(office, number) == [HIROSHI, LEE], "one finds another SME, the other may close it"


async def test_after_its_period_the_sme_says_what_came_of_it_and_then_the_fpm_closes(office):
    number = await proposed(office)
    await office.press(DANA, "agree", number)
    await office.press(KOFI, "accept", number)
    office.now = datetime(2026, 12, 12, tzinfo=UTC)
    await Timekeeper(office.desk.filing, office.clock).look(number)
    assert await asked(office, number) == [KOFI]
    await office.press(KOFI, "complete", number, summary="It runs.")
    assert await asked(office, number) == [LEE]


async def test_help_that_was_proposed_by_somebody_who_has_left_or_is_away_waits_for_others(office):
    number = await proposed(office, HIROSHI)
    await office.press(DANA, "agree", number)
    await office.press(KOFI, "decline", number, decline_reason="No.")
    await removed(office, HIROSHI)
    assert await asked(office, number) == sorted([ANA, LEE])
    other = await proposed(office, LEE, "01" * 16)
    await office.press(DANA, "agree", other)
    await office.press(KOFI, "decline", other, decline_reason="No.")
    assert await asked(office, other) == [LEE]
    await office.people.add_cover(Cover(LEE, ARJUN, office.now - HOURS, office.now + HOURS))
    assert await asked(office, other) == [ARJUN]


async def test_a_refused_proposal_asks_nobody(office):
    number = await proposed(office)
    await office.press(DANA, "decline", number, decline_reason="No.")
    assert await asked(office, number) == []


async def test_of_a_partner_without_contacts_nobody_is_asked(office):
    number = await proposed(office)
    await removed(office, DANA, PIOTR, AMARA)
    assert await asked(office, number) == []
