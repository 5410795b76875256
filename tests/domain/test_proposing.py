"""Help that Microsoft proposes: who may propose what to whom, and the way of it back and forth."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.errors import Mistake, Refusal
from bot.domain.lifecycle import Action, EngagementStatus, Status
from bot.domain.numbers import request_number
from bot.domain.people import Cover, Directory, Partner, Role
from bot.domain.timekeeper import Timekeeper
from tests.domain.helping import PROPOSAL, engagement, proposed
from tests.domain.office import (
    ANA,
    DANA,
    HIROSHI,
    HOURS,
    JOSHUA,
    KOFI,
    LAURA,
    LEE,
    MIKA,
    PIOTR,
    RENEE,
    SAMIRA,
    TOKEN,
)
from tests.domain.test_desk_submit import LateReader, OneNumber

TOKENS = [f"{n:032x}" for n in range(20)]


async def form(office, who, code=""):
    return await office.desk.proposals.form(await office.person(who), code, TOKEN)


async def changed_directory(office, *people, partners=()):
    """Load the directory with other rows for these people and partners."""
    found = await office.people.export()
    await office.people.load(
        Directory(
            {**found.partners, **{each.code: each for each in partners}},
            {**found.people, **{each.email: each for each in people}},
        ),
        remove_missing=False,
    )


async def test_an_fpm_chooses_among_own_partners_their_contacts_and_smes(office):
    found = await form(office, LEE)
    assert (found.token, [partner.code for partner in found.partners]) == (TOKEN, ["CONTOSO"])
    assert {person.email for person in found.contacts} >= {DANA, PIOTR}
    assert all("CONTOSO" in person.partners for person in found.contacts)
    assert all(person.is_a(Role.SME) for person in found.smes)
    serves = ["EMEA" in person.regions for person in found.smes]
    assert serves == sorted(serves, reverse=True), "who serves the region comes first"


async def test_a_cover_and_the_backup_of_a_partner_without_fpm_propose_for_them(office):
    with pytest.raises(Refusal, match="add the code of the partner"):
        await form(office, MIKA)
    await office.people.add_cover(Cover(LEE, MIKA, office.now - HOURS, office.now + HOURS))
    assert [partner.code for partner in (await form(office, MIKA)).partners] == ["CONTOSO"]
    number = await proposed(office, MIKA)
    assert (await office.request(number)).fpm == LEE
    await office.people.remove(await office.person(RENEE))
    assert [partner.code for partner in (await form(office, MIKA)).partners] == ["CONTOSO", "FABRIKAM"]
    assert [partner.code for partner in (await form(office, MIKA, " fabrikam ")).partners] == ["FABRIKAM"]
    taken = await proposed(office, MIKA, "01" * 16, partner="FABRIKAM", contact=JOSHUA)
    assert (await office.request(taken)).fpm == MIKA, "of an FPM who has left whoever proposes takes the part"


async def test_smes_with_room_come_first_and_nobody_is_offered_to_themselves(office):
    assert (await form(office, LEE)).smes[0].email == KOFI
    for token in TOKENS[:3]:
        await office.write_lists(await office.assigned(KOFI, token=token))
    assert (await form(office, LEE)).smes[0].email == LAURA
    lee = await office.person(LEE)
    await changed_directory(office, replace(lee, roles=frozenset({Role.FPM, Role.SME}), regions=("EMEA",)))
    assert LEE not in [person.email for person in (await form(office, LEE)).smes]


async def test_a_form_holds_fifteen_of_each(office):
    dana, kofi = await office.person(DANA), await office.person(KOFI)
    contacts = [replace(dana, email=f"c{n:02}@contoso.example", object_id="") for n in range(20)]
    smes = [replace(kofi, email=f"s{n:02}@fasttrack.example", object_id="") for n in range(20)]
    await changed_directory(office, *contacts, *smes)
    found = await form(office, LEE)
    assert (len(found.contacts), len(found.smes)) == (15, 15)


async def test_an_assigner_names_the_partner(office):
    with pytest.raises(Refusal, match="add the code of the partner"):
        await form(office, ANA)
    assert [partner.code for partner in (await form(office, ANA, "contoso")).partners] == ["CONTOSO"]
    with pytest.raises(Refusal, match="no such partner"):
        await form(office, ANA, "NOBODY")


async def test_an_fpm_without_partners_and_one_of_other_partners_propose_nothing(office):
    with pytest.raises(Refusal, match="no such partner"):
        await form(office, LEE, "FABRIKAM")
    lee = await office.person(LEE)
    other = replace(lee, email="new@fasttrack.example", object_id="")
    await changed_directory(office, other)
    with pytest.raises(Refusal, match="add the code of the partner"):
        await form(office, other.email)


@pytest.mark.parametrize("who", [DANA, KOFI, SAMIRA])
async def test_nobody_else_proposes(office, who):
    for code in ("", "CONTOSO"):
        with pytest.raises(Refusal, match="not for you"):
            await form(office, who, code)
    with pytest.raises(Refusal, match="not for you"):
        await proposed(office, who)


async def test_a_proposal_asks_the_partner_first_and_no_sme_hears_of_it(office):
    number = await proposed(office, sme_other=" KOFI.mensah@fasttrack.example ")
    request, offered = await office.request(number), await engagement(office, number)
    assert (request.status, request.requester, request.fpm, request.sme) == (Status.APPROVED, DANA, LEE, "")
    assert (request.proposed_by, request.stage) == (LEE, EngagementStatus.PROPOSED)
    assert (offered.status, offered.sme, offered.proposal.outcomes) == (
        EngagementStatus.PROPOSED, KOFI, PROPOSAL["outcomes"],
    )  # fmt: skip
    assert await office.told(number, 1) == {DANA: "proposal"}
    with pytest.raises(Refusal, match="no such request"):
        await office.desk.lookup.view(await office.person(KOFI), number)


async def test_of_an_assigners_proposal_the_partners_fpm_is_the_fpm(office):
    number = await proposed(office, HIROSHI)
    request = await office.request(number)
    assert (request.fpm, request.proposed_by) == (LEE, HIROSHI)
    assert await office.told(number, 1) == {DANA: "proposal", LEE: "news"}


async def test_the_same_form_twice_also_at_once_is_one_proposal(office):
    numbers = await asyncio.gather(*(proposed(office) for _ in range(4)))
    again = await proposed(office)
    assert {*numbers, again} == {numbers[0]}
    for other in ({"outcomes": "Other words."}, {"contact": PIOTR}, {"sme": LAURA}, {"end": "2026-12-12"}):
        with pytest.raises(Refusal, match=f"sent already, as {again}"):
            await proposed(office, **other)
    assert [event.action for event in await office.requests.history(again)] == [Action.PROPOSE]
    assert await proposed(office, token=TOKENS[0]) != again


@pytest.mark.parametrize("how_many", [1, 7])
async def test_numbers_that_are_taken_are_passed_over(office, how_many):
    taken = await office.submitted(token=TOKENS[0])
    desk = office.desk_over(OneNumber(office.requests, taken, how_many))
    lee = await office.person(LEE)
    for _ in range(2):
        view = await desk.proposals.propose(lee, TOKEN, PROPOSAL)
        assert view.request.number == request_number("CONTOSO", TOKEN, how_many)


async def test_where_no_number_is_free_it_is_asked_to_press_again(office):
    taken = await office.submitted(token=TOKENS[0])
    desk = office.desk_over(OneNumber(office.requests, taken, 8))
    with pytest.raises(Refusal, match="press again"):
        await desk.proposals.propose(await office.person(LEE), TOKEN, PROPOSAL)


async def test_a_form_that_was_sent_elsewhere_at_the_same_moment_is_answered_with_its_proposal(office):
    number = await proposed(office)
    desk = office.desk_over(LateReader(office.requests))
    view = await desk.proposals.propose(await office.person(LEE), TOKEN, PROPOSAL)
    assert view.request.number == number
    assert len(await office.requests.history(number)) == 1


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"contact": ""}, "no registered contact"),
        ({"contact": "nobody@contoso.example"}, "no registered contact"),
        ({"contact": JOSHUA}, "no registered contact"),
        ({"contact": KOFI}, "no registered contact"),
        ({"sme": ""}, "no SME"),
        ({"sme_other": "nobody@fasttrack.example"}, "no SME"),
        ({"sme_other": ANA}, "no SME"),
        ({"workload": ""}, "a workload and a topic"),
        ({"topic": "nothing"}, "a workload and a topic"),
        ({"end": "2026-11-20"}, "after the first one"),
        ({"start": "2026-11-01", "end": "2026-11-21"}, "over already"),
        ({"outcomes": " "}, "which outcomes"),
    ],
)
async def test_what_is_wrong_is_said_and_nothing_is_filed(office, wrong, sentence):
    with pytest.raises(Mistake, match=sentence):
        await proposed(office, **wrong)
    assert await office.requests.load(request_number("CONTOSO", TOKEN, 0)) is None


@pytest.mark.parametrize("roles", [{Role.FPM, Role.SME}, {Role.FPM, Role.REQUESTER}])
async def test_contact_sme_and_fpm_are_three(office, roles):
    lee = replace(await office.person(LEE), roles=frozenset(roles))
    partner = "CONTOSO" if Role.REQUESTER in roles else ""
    lee = replace(lee, partner=partner, regions=("EMEA",))
    await changed_directory(office, lee)
    key = "sme" if Role.SME in roles else "contact"
    with pytest.raises(Mistake, match="three different people"):
        await proposed(office, **{key: LEE})


async def test_a_partner_declines_and_that_is_the_end(office):
    number = await proposed(office, HIROSHI)
    await office.press(PIOTR, "decline", number, decline_reason="Not before March.")
    request = await office.request(number)
    assert (request.status, request.stage) == (Status.WITHDRAWN, EngagementStatus.DECLINED)
    assert await office.told(number, 2) == {LEE: "news", HIROSHI: "news", DANA: "news"}
    assert (await office.press(LEE, "assign", number, sme=KOFI)).note


async def test_the_sme_is_asked_once_the_partner_has_agreed_and_may_decline_to_the_proposer(office):
    number = await proposed(office, HIROSHI)
    assert (await office.press(LEE, "assign", number, sme=LAURA)).note, "the partner has not agreed"
    office.now += timedelta(hours=1)
    await office.press(DANA, "agree", number)
    offered = await engagement(office, number)
    assert (offered.status, offered.offered_at, offered.id) == (EngagementStatus.OFFERED, office.now, f"{number}.1")
    assert await office.told(number, 2) == {KOFI: "ping", LEE: "news", HIROSHI: "news"}
    await office.press(KOFI, "decline", number, decline_reason="I am booked.")
    assert (await office.request(number)).status is Status.APPROVED
    assert await office.told(number, 3) == {HIROSHI: "assignment", DANA: "news", LEE: "news"}
    await office.write_lists(number)
    assert number in [row.number for row in await office.desk.lookup.inbox(await office.person(HIROSHI))]
    await office.press(HIROSHI, "assign", number, sme=LAURA)
    again = await engagement(office, number)
    assert (again.id, again.sme, again.proposal) == (f"{number}.2", LAURA, offered.proposal)


async def test_the_fpm_may_end_it_before_anybody_has_answered(office):
    number = await proposed(office, HIROSHI)
    await office.press(LEE, "close", number)
    assert (await office.request(number)).status is Status.CLOSED
    assert await office.told(number, 2) == {DANA: "news", HIROSHI: "news"}


async def test_a_proposal_promises_no_first_look_and_no_decision(office):
    number = await proposed(office)
    assert not (await office.desk.lookup.view(await office.person(LEE), number)).promises


async def test_an_fpm_of_many_partners_chooses_one(office):
    mine = [Partner(f"P{n:02}", f"P{n:02}", "EMEA", (f"{n:08}-1111-4111-8111-111111111111",), RENEE) for n in range(20)]
    await changed_directory(office, partners=mine)
    assert len((await form(office, RENEE)).partners) == 21
    with pytest.raises(Mistake, match="choose a partner"):
        await proposed(office, RENEE, partner="")
    with pytest.raises(Refusal, match="no such partner"):
        await proposed(office, RENEE)
    assert (await office.request(await proposed(office, LEE, partner=""))).partner == "CONTOSO"


WAYS = {
    "proposed": [],
    "offered": [(DANA, "agree")],
    "declined": [(DANA, "agree"), (KOFI, "decline")],
    "completed": [(DANA, "agree"), (KOFI, "accept"), (LEE, "release")],
}


@pytest.mark.parametrize(("stage", "way"), WAYS.items(), ids=WAYS)
async def test_help_whose_period_is_over_is_closed_where_it_has_not_begun_and_does_not_begin(office, stage, way):
    number = await proposed(office, HIROSHI)
    for who, verb in way:
        await office.press(who, verb, number, decline_reason="Booked.", release_reason="Ill.")
    assert (await engagement(office, number)).status.value == stage
    office.now = datetime(2026, 12, 12, tzinfo=UTC)
    assert await Timekeeper(office.desk.filing, office.clock).look(number) is None
    request, ended = await office.request(number), await engagement(office, number)
    assert (request.status, request.last.action, request.last.by) == (Status.CLOSED, Action.END, "")
    left = EngagementStatus.COMPLETED if stage == "completed" else EngagementStatus.DECLINED
    assert (ended.status, ended.result) == (left, None)
    told = await office.told(number, request.revision)
    wanted = {KOFI, DANA, LEE, HIROSHI} if stage == "offered" else {DANA, LEE, HIROSHI}
    assert told == dict.fromkeys(wanted, "news")
    for who, verb in ((DANA, "agree"), (KOFI, "accept"), (KOFI, "complete"), (LEE, "assign")):
        try:
            answer = await office.press(who, verb, number, sme=LAURA, summary="It ran.")
        except Refusal:
            continue
        assert answer.note.startswith("This had changed"), f"{who} {verb}"
    assert (await office.request(number)).revision == request.revision


async def test_the_partner_cannot_agree_on_an_sme_who_is_not_there_any_more(office):
    number = await proposed(office)
    kofi = await office.person(KOFI)
    await changed_directory(office, replace(kofi, roles=frozenset({Role.ASSIGNER})))
    with pytest.raises(Refusal, match="not available any more"):
        await office.press(DANA, "agree", number)
    assert (await engagement(office, number)).status is EngagementStatus.PROPOSED
