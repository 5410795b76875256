"""Every role x standing x status x action: what cells.toml says, and nothing else, is what happens."""

from collections import Counter
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from bot.domain.advance import advance
from bot.domain.deeds import Deed
from bot.domain.errors import Mistake, Refusal, Stale
from bot.domain.filters import ListName, Wanted
from bot.domain.lifecycle import OF_THE_CLOCK, Action, EngagementStatus, Relation, Status
from bot.domain.people import CLOCK, Role
from bot.domain.periods import next_of_period
from bot.domain.promises import WHEN_IT_SLIPS
from bot.domain.view import allowed_actions, relations_to
from bot.domain.working_time import Calendar
from tests.domain.authority import (
    ACTORS,
    BY_THE_CLOCK,
    CELLS,
    NO_BUTTONS,
    REFUSALS,
    RELATIONS,
    SITUATIONS,
    STAGES,
    TABLE,
    TELLING_ACTORS,
    USUAL_ACTORS,
    VARIANTS,
    Actor,
    Situation,
    allowing,
    cells_of,
    refusal_of,
)
from tests.domain.authority_desk import Registry
from tests.domain.cast import (
    ANA,
    ANSWERS,
    BEA,
    CARL,
    CONTOSO,
    FRANK,
    NOW,
    RITA,
    SAM,
    STATES,
    SUE,
    deed_of,
    request_in,
)

# With everybody in each stage, and with the usual people in each variant of it.
BY_PEOPLE = ((STAGES, ACTORS), (VARIANTS, USUAL_ACTORS))
# The store takes its time: with the usual people in each stage, with those who can make a difference in each variant.
AT_THE_DESK = ((STAGES, USUAL_ACTORS), (VARIANTS, TELLING_ACTORS))
OF_PERIODS = {Action.ENDS_SOON, Action.END}
BUTTONS = tuple(action for action in Action if action not in NO_BUTTONS)


@pytest.fixture
def say(capsys):
    """Say a line to the reader of the run: how many cells there were shows that all of them were tried."""

    def said(line):
        with capsys.disabled():
            print(line)  # noqa: T201 - the same

    return said


def each(tried):
    return ((situation, actor) for situations, actors in tried for situation in situations for actor in actors)


def status_after(cell, state):
    return STATES[state][0].value if cell.get("then", "same") == "same" else cell["then"]


def test_the_typed_cells_name_only_statuses_actions_roles_and_people_that_there_are():
    people = {name for gives in TABLE["standing"].values() for name in gives.values()} | {*TABLE["everywhere"].values()}
    for cell in (*CELLS, *BY_THE_CLOCK):
        assert cell["action"] in set(Action)
        assert set(cell["in"]) <= set(STATES)
        assert set(cell.get("by", ())) <= people
        assert cell.get("then", "same") in {"same", *Status}
        assert cell.get("engagement", "active") in set(EngagementStatus)
    assert {*TABLE["sees"], *TABLE["submit"], TABLE["on_the_own_request"]} <= people == {*RELATIONS}
    assert {role for gives in TABLE["standing"].values() for role in gives} | {*TABLE["everywhere"]} == set(Role)


def test_every_typed_cell_is_met_in_some_situation():
    for cell in CELLS:
        for state in cell["in"]:
            there = [s for s in SITUATIONS if s.state == state and cell in cells_of(cell["action"], s)]
            assert there, f"{cell['action']} in {state}"


def test_what_may_be_done_leads_where_the_process_says_and_everything_else_is_refused(say, record_property):
    allowed, count = Counter(), 0
    for situation, actor in each(BY_PEOPLE):
        engagement, request, person = situation.engagement, actor.request(situation), actor.person
        for action in Action:
            count += 1
            cell, deed = allowing(action, situation, actor), deed_of(action, person, request, actor.acts_for)
            if cell is None:
                said = refused(request, deed, engagement)
                assert said.endswith("."), f"{situation} x {action} x {actor}"
                continue
            allowed[action] += 1
            is_done_as_typed(cell, advance(request, deed, NOW, engagement), request, actor, situation)
    record_property("cells", count)
    say(f"\n{count} cells of standing x roles x situation x action, {allowed.total()} of them allowed")
    assert {*allowed} == {Action(cell["action"]) for cell in CELLS}


def refused(request, deed, engagement):
    """Return the sentence of the refusal, '' when the deed is done."""
    try:
        advance(request, deed, NOW, engagement)
    except Refusal as refusal:
        return refusal.sentence
    return ""


def is_done_as_typed(cell, change, request, actor, situation):
    where = f"{situation} x {cell['action']} x {actor}"
    assert change.before is request, where
    assert change.request.status.value == status_after(cell, situation.state), where
    event = change.event
    assert (event.number, event.action, event.by, event.at) == (7, cell["action"], actor.person.email, NOW), where
    assert (change.request.last, change.request.revision) == (event, 7), where
    found = change.engagement.status.value if change.engagement else None
    assert found == cell.get("engagement"), where
    stands = change.engagement or situation.engagement
    assert change.request.stage is (stands.status if stands else None), where
    if "only_while_missing" in cell:
        parts = {RELATIONS[name] for name in actor.counts_as} & {*situation.missing}
        given = {Relation.REQUESTER} & parts if actor.is_requester else parts
        assert {*change.engagement.agreed} == {*situation.agreed} | given, where
        assert {*change.request.to_agree} == {*situation.missing} - given, where


def test_what_is_offered_is_what_may_be_done():
    for situation, actor in each(BY_PEOPLE):
        request, person = actor.request(situation), actor.person
        relations = relations_to(request, person, CONTOSO, acts_for=actor.acts_for)
        offered = allowed_actions(request, situation.engagement, person, relations)
        assert offered == {a for a in Action if allowing(a, situation, actor)}, f"{situation} x {actor}"


def test_a_person_is_to_a_request_what_the_store_says():
    for actor in ACTORS:
        request = actor.request(Situation("offered"))
        found = relations_to(request, actor.person, CONTOSO, acts_for=actor.acts_for)
        assert found == {RELATIONS[name] for name in actor.counts_as}, actor


async def test_at_the_desk_every_refused_cell_changes_no_row_and_says_the_right_kind_of_thing(tmp_path, say):
    tried = Counter()
    for situations, actors in AT_THE_DESK:
        for situation in situations:
            async with Registry(tmp_path / f"{situation}.db") as registry:
                numbers = {s: await registry.put(Actor(s, frozenset()), situation) for s in TABLE["standing"]}
                rows = registry.rows()
                for actor, action in refused_in(situation, actors):
                    writes, number = registry.writes(), numbers[actor.standing]
                    kind = refusal_of(action, situation, actor)
                    assert await registry.attempt(actor, action, number) == kind, f"{situation} x {action} x {actor}"
                    assert registry.writes() == writes, f"{situation} x {action} x {actor}"
                    tried[kind] += 1
                assert registry.rows() == rows
    assert set(tried) == set(REFUSALS)
    say(f"\n{tried.total()} cells refused at the desk without a write: {dict(tried)}")


def refused_in(situation, actors):
    """Return who tries what in vain; what has no button is tried in each stage, by those who can make a difference."""
    for actor in actors:
        actions = Action if situation in STAGES and actor in TELLING_ACTORS else BUTTONS
        yield from ((actor, action) for action in actions if not allowing(action, situation, actor))


async def test_at_the_desk_every_allowed_cell_is_done_and_stored(tmp_path, say):
    done = 0
    for situation in SITUATIONS:
        async with Registry(tmp_path / f"{situation}.db") as registry:
            for actor, action, cell in allowed_in(situation):
                number, where = await registry.put(actor, situation), f"{situation} x {action} x {actor}"
                writes = registry.writes()
                view = await registry.attempt(actor, action, number)
                assert view.request.status.value == status_after(cell, situation.state), where
                assert [e.action for e in view.history][2:] == [action], where
                assert registry.writes() != writes, where
                done += 1
    say(f"\n{done} cells allowed at the desk and stored")


def allowed_in(situation):
    """Return who does what by which typed cell, each of those in whom it can make a difference."""
    for actor in TELLING_ACTORS:
        cells = ((action, allowing(action, situation, actor)) for action in BUTTONS)
        yield from ((actor, action, cell) for action, cell in cells if cell)


def test_what_the_clock_does_is_told_once_where_the_process_says_and_decides_nothing():
    for situation in SITUATIONS:
        request, engagement = Actor("none", frozenset()).request(situation), situation.engagement
        for action in sorted(OF_THE_CLOCK):
            deed = Deed(action, CLOCK, frozenset({Relation.CLOCK}))
            cells = cells_of(action.value, situation, BY_THE_CLOCK)
            if not cells and action in OF_PERIODS and not situation.is_proposal:
                # Nobody asks the clock for it: what a partner asked for has no period.
                assert next_of_period(request, engagement, Calendar(ZoneInfo("UTC")), NOW) is None
                continue
            if not cells:
                with pytest.raises(Stale):
                    advance(request, deed, NOW, engagement)
                continue
            [cell] = cells
            change = advance(request, deed, NOW, engagement)
            stands = change.engagement or engagement
            slipped = (cell["slipped"],) if "slipped" in cell else ()
            asked, is_over = cell["action"] in {"ask_backup", "escalate"}, cell["action"] == "end"
            expected = replace(request, slipped=slipped, backup_asked=asked, revision=7, last=change.event)
            if is_over:
                expected = replace(expected, status=Status(status_after(cell, situation.state)), stage=stands.status)
                expected = replace(expected, to_agree=())
            if cell.get("then") == Status.CLOSED:
                expected = replace(expected, open_issues=0, issues_by=())
            assert change.request == expected, f"{situation} x {cell['action']}"
            assert (change.engagement.status if change.engagement else None) == cell.get("engagement")
            if is_over:
                began_to_end = engagement.ended_at or NOW
                assert (stands.ended_at, stands.end_reason) == (began_to_end, ""), f"{situation} x {cell['action']}"
            assert (change.event.by, change.event.by_name, change.event.at) == ("", "the clock", NOW)
    slips = {cell["action"]: cell["slipped"] for cell in BY_THE_CLOCK if "slipped" in cell}
    assert slips == {action: promise for promise, action in WHEN_IT_SLIPS.items()}
    assert {cell["action"] for cell in BY_THE_CLOCK} == OF_THE_CLOCK


async def test_a_number_that_does_not_exist_is_answered_like_one_that_is_not_to_be_seen(tmp_path):
    async with Registry(tmp_path / "sme.db") as registry:
        for actor in USUAL_ACTORS:
            for verb in ("refresh", "explode", *Action):
                with pytest.raises(Refusal) as refused:
                    await registry.office.desk.press(actor.person, registry.press(verb, "CONTOSO-000000"))
                assert refused.value.sentence == REFUSALS["unknown"]


async def test_a_request_begins_only_with_a_contact_of_its_partner(tmp_path):
    async with Registry(tmp_path / "sme.db") as registry:
        for n, actor in enumerate(USUAL_ACTORS):
            if actor.person.partners and Role.REQUESTER not in actor.roles:
                continue
            writes, token = registry.writes(), f"{n:032x}"
            if actor.counts_as & {*TABLE["submit"]}:
                view = await registry.office.desk.intake.submit(actor.person, token, ANSWERS)
                assert (view.request.requester, view.request.partner) == (actor.person.email, "CONTOSO")
            else:
                with pytest.raises(Refusal, match="answers are missing"):
                    await registry.office.desk.intake.submit(actor.person, token, ANSWERS)
                assert registry.writes() == writes, actor


COVERING = {actor.person.email for actor in ACTORS if actor.acts_for}
LOOKS_AFTER = dict.fromkeys(COVERING, "cover") | {CONTOSO.fpm: "fpm", CONTOSO.backup_fpm: "backup"}
HELP = {
    "partner": "CONTOSO",
    "workload": "TEAMS",
    "topic": "coaching",
    "start": "2026-12-01",
    "end": "2026-12-18",
    "outcomes": "The team leads the next rollout.",
}


def proposed_to_another(person):
    """Return what is filled in to propose help, with nobody in it who proposes it."""
    contact = CARL if person.email != CARL.email else RITA
    return HELP | {"contact": contact.email, "sme": (SUE if person.email != SUE.email else SAM).email}


@pytest.mark.parametrize("propose", ["propose", "propose_when_the_fpm_has_left"])
async def test_help_is_proposed_only_by_who_looks_after_the_partner_or_an_assigner(tmp_path, propose):
    proposed = Counter()
    async with Registry(tmp_path / "sme.db") as registry:
        if propose != "propose":
            await registry.office.people.register(replace(FRANK, roles=frozenset()))
        for n, actor in enumerate(USUAL_ACTORS):
            person, writes, token = actor.person, registry.writes(), f"{n:032x}"
            counts_as = {"assigner"} if Role.ASSIGNER in actor.roles else set()
            counts_as |= {LOOKS_AFTER.get(person.email, "other_fpm")} if Role.FPM in actor.roles else set()
            if propose != "propose" and person.email in {FRANK.email, *COVERING}:
                continue
            proposing = registry.office.desk.proposals.propose(person, token, proposed_to_another(person))
            if counts_as & {*TABLE[propose]}:
                view = await proposing
                request = view.request
                assert (request.status, request.stage) == (Status.APPROVED, EngagementStatus.PROPOSED), actor
                assert (request.proposed_by, request.sme, request.partner) == (person.email, "", "CONTOSO"), actor
                proposed[actor.standing] += 1
            else:
                with pytest.raises(Refusal):
                    await proposing
                assert registry.writes() == writes, actor
    assert set(proposed) <= set(TABLE["standing"])
    assert ("its_fpm" in proposed) is ("cover" in proposed) is (propose == "propose")


async def test_nobody_proposes_help_to_themselves(tmp_path):
    async with Registry(tmp_path / "sme.db") as registry:
        writes, proposals = registry.writes(), registry.office.desk.proposals
        for roles in ({Role.ASSIGNER}, {Role.FPM}, {Role.FPM, Role.ASSIGNER}):
            rita = replace(RITA, roles=RITA.roles | roles)
            with pytest.raises(Refusal):
                await proposals.propose(rita, "1" * 32, HELP | {"contact": RITA.email, "sme": SUE.email})
        assert registry.writes() == writes


NO_REQUESTER = replace(RITA, roles=frozenset({Role.SME}))


async def test_a_request_does_not_begin_with_somebody_of_the_partner_who_is_no_requester(tmp_path):
    async with Registry(tmp_path / "sme.db") as registry:
        with pytest.raises(Refusal):
            await registry.office.desk.intake.submit(NO_REQUESTER, "1" * 32, ANSWERS)


async def test_the_partners_requests_are_listed_to_its_requesters_only(tmp_path):
    async with Registry(tmp_path / "sme.db") as registry:
        number = await registry.put(Actor("own_request", frozenset()), Situation("submitted"))
        await registry.office.write_lists(number)
        listing, requests = registry.office.desk.listing, Wanted(ListName.REQUESTS)
        assert [row.number for row in (await listing.page(RITA, requests)).rows] == [number]
        assert (await listing.page(NO_REQUESTER, requests)).rows == []
        lookup = registry.office.desk.lookup
        assert [row.number for row in await lookup.own_requests(RITA)] == [number]
        assert await lookup.own_requests(NO_REQUESTER) == []


async def test_who_has_lost_a_role_is_listed_nothing_of_it(tmp_path):
    async with Registry(tmp_path / "sme.db") as registry:
        lookup = registry.office.desk.lookup
        waiting = await registry.put(Actor("none", frozenset()), Situation("submitted"))
        assigned = await registry.put(Actor("none", frozenset()), Situation("active"))
        await registry.office.write_lists(waiting, assigned)
        assert [row.number for row in await lookup.inbox(FRANK)] == [waiting]
        listing, engagements = registry.office.desk.listing, Wanted(ListName.ENGAGEMENTS)
        assert [row.number for row in (await listing.page(SAM, engagements)).rows] == [assigned]
        former_fpm, former_sme = (replace(person, roles=frozenset({Role.PROGRAM})) for person in (FRANK, SAM))
        assert await lookup.inbox(former_fpm) == []
        assert (await listing.page(former_fpm, Wanted(ListName.INBOX))).rows == []
        assert (await listing.page(former_sme, engagements)).rows == []


def also(person, *roles):
    return replace(person, roles=person.roles | {*roles})


def test_nobody_becomes_fpm_or_sme_of_a_request_on_whose_other_side_they_are():
    approved, asked = request_in("approved"), request_in("approved", backup_asked=True)
    for actor in (also(FRANK, Role.SME), also(ANA, Role.SME), also(BEA, Role.SME)):
        for target in (also(RITA, Role.SME), also(FRANK, Role.SME)):
            with pytest.raises(Refusal):
                advance(approved, deed_of(Action.ASSIGN, actor, approved, target=target), NOW)
        with pytest.raises(Mistake):
            advance(asked, deed_of(Action.ASSIGN, FRANK, asked, target=also(BEA, Role.SME)), NOW)
    submitted, returned = request_in("submitted"), request_in("returned")
    with pytest.raises(Mistake):
        advance(submitted, deed_of(Action.DELEGATE, FRANK, submitted, target=also(RITA, Role.FPM)), NOW)
    chosen_herself = deed_of(Action.RESUBMIT, also(RITA, Role.FPM), returned, answers=ANSWERS | {"fpm": RITA.email})
    with pytest.raises(Mistake):
        advance(returned, chosen_herself, NOW)


def test_an_assigner_who_is_an_sme_may_take_a_request_as_they_are_on_one_side_of_it_only():
    approved = request_in("approved")
    sue = also(SUE, Role.ASSIGNER)
    assert advance(approved, deed_of(Action.ASSIGN, sue, approved, target=sue), NOW).request.sme == SUE.email


def test_an_assigned_request_without_its_engagement_is_neither_accepted_nor_declined():
    request = request_in("offered")
    for action in (Action.ACCEPT, Action.DECLINE):
        with pytest.raises(Refusal):
            advance(request, deed_of(action, SAM, request), NOW, None)
    assert allowed_actions(request, None, SAM, frozenset({Relation.SME})) == {Action.ISSUE}


def test_there_is_no_other_status_than_those_of_the_process():
    assert [s.value for s in Status] == [
        "submitted",
        "returned",
        "approved",
        "assigned",
        "denied",
        "withdrawn",
        "closed",
    ]
