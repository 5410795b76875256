"""Who hears of a change, and with which card: the audiences of cells.toml turned into people."""

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.advance import advance, begin
from bot.domain.deeds import Change, Deed
from bot.domain.lifecycle import Action, Relation, Topic
from bot.domain.notices import Notice, NoticeState, Way
from bot.domain.people import CLOCK, Directory, Role
from bot.domain.request import Event
from bot.domain.telling import notices_for
from state.people import PeopleStore
from tests.domain.cast import (
    ANA,
    ANSWERS,
    BEA,
    CARL,
    CONTOSO,
    FRANK,
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

TABLE = tomllib.loads((Path(__file__).parent / "cells.toml").read_text(encoding="utf-8"))
CELLS = TABLE["cell"]
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


def expected(cell, actor):
    audiences = cell["told"] | cell.get("told_too", {})
    everybody = {email: topic for audience, topic in audiences.items() for email in AUDIENCES[audience]}
    return {e: t for e, t in everybody.items() if e != actor.email or t in {"receipt", "decision"}}


async def test_each_change_is_told_to_whom_the_process_names_but_not_to_who_made_it(people):
    for cell in CELLS:
        for state in cell["in"]:
            for who in cell["by"]:
                request = request_in(state, backup_asked=who == "asked_backup", open_issues=1)
                change = done(Action(cell["action"]), ACTORS[who], state, request=request)
                assert await told(change, people) == expected(cell, ACTORS[who]), f"{cell['action']} {state} {who}"


def slipped(action, state, request=None):
    deed = Deed(Action(action), CLOCK, frozenset({Relation.CLOCK}))
    return advance(request or request_in(state), deed, NOW, engagement_in(state))


async def test_what_has_slipped_is_told_to_whom_the_process_names(people):
    for cell in TABLE["clock"]:
        for state in cell["in"]:
            assert await told(slipped(cell["action"], state), people) == expected(cell, CLOCK), cell["action"]


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
