"""Who hears of a change, and with which card: the audiences of cells.toml turned into people."""

from dataclasses import replace

import pytest

from bot.domain.advance import advance, begin
from bot.domain.deeds import Change, Deed
from bot.domain.lifecycle import Action, Relation, Topic
from bot.domain.notices import Notice, NoticeState, Way
from bot.domain.people import CLOCK, Directory, Role
from bot.domain.request import Event
from bot.domain.telling import notices_for
from state.people import PeopleStore
from tests.domain.authority import BY_THE_CLOCK, CELLS, RELATIONS, SITUATIONS, Actor, Situation, cells_of, may
from tests.domain.cast import (
    ANA,
    ANSWERS,
    BEA,
    CARL,
    CONTOSO,
    FRANK,
    INPUTS,
    MONDAY,
    NADIA,
    NOW,
    NUMBER,
    OLGA,
    PIA,
    RITA,
    SAM,
    SUE,
    done,
    engagement_in,
    request_in,
    someone,
)

CONTACT = ANSWERS["contact_email"]
EVA = someone("eva@home.example", Role.ASSIGNER, regions=("EMEA", "AMER"))
JUN = someone("jun@home.example", Role.ASSIGNER, regions=("APJ",))
EMEA_ASSIGNERS = {ANA.email, EVA.email}
ACTORS = {"requester": RITA, "colleague": CARL, "fpm": FRANK, "asked_backup": BEA, "assigner": ANA, "sme": SAM}
AUDIENCES = {
    "requester": {RITA.email},
    "contact": {CONTACT},
    "fpm": {FRANK.email},
    "new_fpm": {NADIA.email},
    "sme": {SAM.email},
    "new_sme": {SUE.email},
    "assigners": EMEA_ASSIGNERS,
    "backup": {BEA.email},
    "programme": {PIA.email},
}


@pytest.fixture
async def people(store):
    people = PeopleStore(store)
    everybody = (RITA, CARL, FRANK, BEA, OLGA, NADIA, ANA, EVA, JUN, SAM, SUE, PIA)
    await people.load(Directory({"CONTOSO": CONTOSO}, {p.email: p for p in everybody}))
    return people


async def told(change, people, partner=CONTOSO):
    found = await notices_for(change, partner, people)
    assert len({n.recipient for n in found}) == len(found), "everybody is told once"
    return {n.recipient: n.topic.value for n in found}


def expected(cell, actor, request, *, last_to_agree=True, low=False):
    """Return who is told with which card; who is told twice is told by the card that waits for the reader."""
    audiences = cell["told"] | cell.get("told_too", {})
    audiences |= cell.get("told_when_all_agree", {}) if last_to_agree else {}
    audiences |= cell.get("told_when_low", {}) if low else {}
    everybody = {}
    for audience, topic in audiences.items():
        for email in people_of(audience, request):
            if everybody.get(email, "news") == "news":
                everybody[email] = topic
    return {e: t for e, t in everybody.items() if e != actor.email or t in {"receipt", "decision", "ping"}}


def people_of(audience, request):
    if audience == "proposer" or (audience == "assigners" and request.proposed_by):
        return {request.proposed_by}
    return {request.contact} if audience == "contact" else AUDIENCES[audience]


def met_in(cells):
    """Return each typed cell with each situation that it is met in; a proposal once by the FPM, once by an assigner."""
    nobody = Actor("none", frozenset())
    for cell in cells:
        for situation in SITUATIONS:
            if cell in cells_of(cell["action"], situation, cells):
                for by in ({"proposed_by": who.email} for who in (FRANK, ANA)) if situation.is_proposal else ({},):
                    yield cell, situation, nobody.request(situation, **by)


async def test_each_change_is_told_to_whom_the_process_names_but_not_to_who_made_it(people):
    for cell, situation, request in met_in(CELLS):
        for who in may(cell, situation):
            standing = replace(request, backup_asked=who == "asked_backup")
            stands = {"request": standing, "engagement": situation.engagement}
            change = done(Action(cell["action"]), ACTORS[who], situation.state, **stands)
            is_last = situation.missing == (RELATIONS[who],)
            wanted = expected(cell, ACTORS[who], request, last_to_agree=is_last)
            assert await told(change, people) == wanted, f"{cell['action']} {situation} {who}"


@pytest.mark.parametrize(("stars", "low"), [(1, True), (2, True), (3, False)])
async def test_a_low_rating_is_told_as_an_issue(people, stars, low):
    for cell, situation, request in met_in([cell for cell in CELLS if cell["action"] == "rate"]):
        inputs = INPUTS | {"rating": str(stars)}
        facts = {"request": request, "engagement": situation.engagement, "inputs": inputs}
        change = done(Action.RATE, RITA, situation.state, **facts)
        assert await told(change, people) == expected(cell, RITA, request, low=low), situation


def slipped(action, state, request=None, engagement=None):
    deed = Deed(Action(action), CLOCK, frozenset({Relation.CLOCK}))
    return advance(request or request_in(state), deed, NOW, engagement or engagement_in(state))


async def test_what_the_clock_does_is_told_to_whom_the_process_names(people):
    for cell, situation, request in met_in(BY_THE_CLOCK):
        change = slipped(cell["action"], situation.state, request, situation.engagement)
        assert await told(change, people) == expected(cell, CLOCK, request), f"{cell['action']} {situation}"


@pytest.mark.parametrize(("by", "fpm"), [(FRANK, FRANK), (ANA, FRANK), (OLGA, OLGA), (ANA, OLGA)])
async def test_a_proposal_is_told_to_the_contact_and_to_the_fpms_but_not_to_who_made_it_nor_to_the_sme(people, by, fpm):
    event = Event(1, Action.PROPOSE, by.email, by.name, NOW)
    request = Actor("none", frozenset()).request(Situation("proposed", is_proposal=True), revision=1, fpm=fpm.email)
    change = Change(None, replace(request, proposed_by=by.email, last=event), event, engagement_in("proposed"))
    wanted = {RITA.email: "proposal", fpm.email: "news", FRANK.email: "news"}
    assert await told(change, people) == {email: topic for email, topic in wanted.items() if email != by.email}


async def test_of_a_request_that_the_backup_decides_on_the_partners_fpm_is_asked(people):
    request = request_in("submitted", fpm=BEA.email)
    assert await told(slipped("ask_backup", "submitted", request), people) == {FRANK.email: "decision"}


@pytest.mark.parametrize("part", ["requester", "sme"])
async def test_a_backup_with_another_part_in_the_request_is_not_asked(people, part):
    request = request_in("submitted", **{part: BEA.email})
    assert await told(slipped("ask_backup", "submitted", request), people) == {}


async def test_a_backup_who_has_left_is_not_asked_and_the_others_hear_that_the_decision_is_late(people):
    await people.register(replace(BEA, roles=frozenset({Role.SME})))
    assert await told(slipped("ask_backup", "submitted"), people) == {}
    everybody = dict.fromkeys(EMEA_ASSIGNERS | {PIA.email}, "escalation")
    assert await told(slipped("escalate", "submitted"), people) == everybody


async def test_a_partner_without_a_backup_has_nobody_asked(people):
    await people.load(replace(await people.export(), partners={"CONTOSO": replace(CONTOSO, backup_fpm="")}))
    assert await told(slipped("ask_backup", "submitted"), people, replace(CONTOSO, backup_fpm="")) == {}


def submission(**changes):
    draft = request_in("submitted", revision=1, last=Event(1, Action.SUBMIT, RITA.email, "Rita", NOW))
    return begin(replace(draft, **changes), RITA)


async def test_a_submission_gives_receipts_and_asks_the_fpm(people):
    assert await told(submission(), people) == {RITA.email: "receipt", CONTACT: "receipt", FRANK.email: "decision"}


async def test_the_partners_own_fpm_is_told_when_another_is_asked(people):
    change = submission(fpm=OLGA.email)
    wanted = {RITA.email: "receipt", CONTACT: "receipt", OLGA.email: "decision", FRANK.email: "informed"}
    assert await told(change, people) == wanted


async def test_a_requester_who_is_the_contact_is_told_once(people):
    change = submission(answers=ANSWERS | {"contact_email": RITA.email})
    assert await told(change, people) == {RITA.email: "receipt", FRANK.email: "decision"}


async def test_an_fpm_named_as_the_contact_is_still_asked_to_decide(people):
    change = submission(answers=ANSWERS | {"contact_email": FRANK.email})
    assert await told(change, people) == {RITA.email: "receipt", FRANK.email: "decision"}


async def test_the_partners_own_fpm_is_told_when_a_fixed_request_asks_another(people):
    answers = ANSWERS | {"fpm": OLGA.email}
    found = await told(done(Action.RESUBMIT, RITA, "returned", answers=answers), people)
    assert found[OLGA.email] == "decision"
    assert found.get(FRANK.email) in {"informed", "news"}


async def test_assigners_of_the_customers_region_are_told(people):
    change = done(Action.APPROVE, FRANK, "submitted", request=request_in("submitted", answers=in_region("APJ")))
    assert await told(change, people) == {RITA.email: "news", JUN.email: "assignment"}


async def test_all_assigners_are_told_of_a_region_without_one(store):
    people = PeopleStore(store)
    await people.load(Directory({"CONTOSO": CONTOSO}, {p.email: p for p in (ANA, JUN, RITA)}))
    change = done(Action.APPROVE, FRANK, "submitted", request=request_in("submitted", answers=in_region("AMER")))
    assert await told(change, people) == {RITA.email: "news", ANA.email: "assignment", JUN.email: "assignment"}


def in_region(region):
    return ANSWERS | {"region": region}


async def test_an_assigner_who_is_an_sme_and_takes_a_request_is_asked_to_accept(people):
    both = replace(ANA, roles=frozenset({Role.ASSIGNER, Role.SME}))
    change = done(Action.ASSIGN, both, "approved", target=both)
    assert (await told(change, people))[both.email] == "ping"


async def test_a_backup_who_takes_a_request_over_gets_the_decision_card(people):
    change = done(Action.DELEGATE, BEA, "submitted", request=request_in("submitted", backup_asked=True), target=BEA)
    assert await told(change, people) == {BEA.email: "decision", RITA.email: "news"}


async def test_a_notice_says_what_happened_to_which_request_and_is_due_at_once(people):
    notices = await notices_for(done(Action.APPROVE, FRANK, "submitted"), CONTOSO, people)
    [notice] = [n for n in notices if n.recipient == RITA.email]
    sentence = f"{NUMBER} for Tailspin Toys: Approved by Frank on 23 Nov 2026, 13:00 UTC."
    assert notice == Notice(NUMBER, 7, Topic.NEWS, RITA.email, sentence, NOW, NOW)


async def test_a_change_that_the_table_does_not_know_is_told_to_nobody(people):
    request = request_in("closed")
    change = Change(request, request, Event(7, Action.APPROVE, FRANK.email, "Frank", MONDAY))
    assert await notices_for(change, CONTOSO, people) == []


def test_a_delivered_card_with_buttons_is_a_live_copy_and_a_parked_or_mailed_one_is_not():
    notice = Notice(NUMBER, 1, Topic.DECISION, FRANK.email, "", NOW, NOW)
    posted = replace(notice, state=NoticeState.DELIVERED, way=Way.TEAMS)
    assert notice.is_open
    assert replace(notice, state=NoticeState.SENDING).is_open
    assert posted.is_live_copy
    assert not posted.is_open
    assert not replace(posted, topic=Topic.NEWS).is_live_copy
    assert not replace(posted, way=Way.MAIL).is_live_copy
    assert not replace(notice, state=NoticeState.PARKED).is_live_copy
