"""What is known of SMEs when an assigner is offered them: their work, leaves, and whom they have helped."""

from dataclasses import replace

import pytest

from bot.domain.matching import Constraint
from bot.domain.people import Directory, Role
from tests.domain.helping import completed
from tests.domain.office import ANA, JOSHUA, KOFI, LAURA, LEE, RENEE

OTHER = {"tenant_id": "11111111-2222-4333-8444-555555555555", "tenant_name": "Woodgrove Bank"}
AMARA = "amara.okafor@contoso-consulting.example"
GRACE = "grace.obrien@fasttrack.example"


async def candidates(office, number, who=ANA):
    """Return the candidates for a request by their addresses."""
    view = await office.desk.lookup.view(await office.person(who), number)
    return {each.person.email: each for each in view.ranking.candidates}


async def test_work_that_is_open_counts(office):
    first = await office.assigned(GRACE)
    await office.write_lists(first)
    number = await office.approved(token="01" * 16)
    assert "1 of 3 open" in (await candidates(office, number))[GRACE].reasons
    await office.press(GRACE, "decline", first, decline_reason="No.")
    await office.write_lists(first)
    assert "0 of 3 open" in (await candidates(office, number))[GRACE].reasons


async def test_a_leave_counts_until_it_is_over(office):
    kofi = await office.person(KOFI)
    await office.desk.leaves.name(kofi, "from 2026-11-24 to 2026-11-25")
    await office.desk.leaves.name(kofi, "from 2026-12-03 to 2026-12-04")
    number = await office.approved()
    assert (await candidates(office, number))[KOFI].lacks is Constraint.PRESENT
    office.now = office.now.replace(day=26)
    back = (await candidates(office, number))[KOFI]
    assert back.lacks is None
    assert "on leave 3 Dec to 4 Dec" in back.reasons


async def test_the_leave_of_somebody_who_is_no_sme_any_more_is_in_nobodys_way(office):
    laura = await office.person(LAURA)
    await office.desk.leaves.name(laura, "from 2026-11-24 to 2026-11-25")
    directory = await office.people.export()
    changed = replace(laura, roles=frozenset({Role.ASSIGNER}), regions=("EMEA",))
    await office.people.load(Directory(directory.partners, {**directory.people, LAURA: changed}))
    number = await office.approved()
    assert LAURA not in await candidates(office, number)


async def test_who_has_helped_the_partner_or_this_very_customer_is_known(office):
    await office.write_lists(await completed(office))
    same = await office.approved(token="01" * 16, workload="EXCHANGE")
    assert "helped this customer once" in (await candidates(office, same))[KOFI].reasons
    other = await office.approved(token="02" * 16, **OTHER)
    assert "helped this partner once" in (await candidates(office, other))[KOFI].reasons
    elsewhere = await office.submitted(
        token="03" * 16, by=JOSHUA, partner_name="FABRIKAM", fpm=RENEE, contact_email=JOSHUA
    )
    await office.press(RENEE, "approve", elsewhere)
    found = (await candidates(office, elsewhere, RENEE))[KOFI]
    assert not [reason for reason in found.reasons if reason.startswith("helped")]


@pytest.mark.parametrize("verb", ["decline", "release"])
async def test_who_has_left_the_request_comes_after_those_who_may_be_asked(office, verb):
    number = await office.assigned(KOFI)
    who, reason = (KOFI, "decline_reason") if verb == "decline" else (LEE, "release_reason")
    await office.press(who, verb, number, **{reason: "Something."})
    found = await candidates(office, number)
    assert found[KOFI].lacks is Constraint.STAYED
    assert next(iter(found)) != KOFI


async def test_hours_are_those_of_the_requester_and_of_the_partner_when_the_requester_has_left(office):
    number = await office.approved(by=AMARA, contact_email=AMARA)
    assert "7 h shared" in (await candidates(office, number))[KOFI].reasons
    await office.people.remove(await office.person(AMARA))
    assert "8 h shared" in (await candidates(office, number))[KOFI].reasons


async def test_who_left_before_a_reopening_may_be_asked_again(office):
    number = await office.assigned(KOFI)
    await office.press(KOFI, "decline", number, decline_reason="On leave.")
    await office.press(LEE, "deny", number, deny_reason="duplicate")
    await office.press(LEE, "reopen", number, reopen_reason="It was none.")
    await office.press(LEE, "approve", number)
    assert (await candidates(office, number))[KOFI].lacks is None
