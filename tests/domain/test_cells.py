"""Every status x action x person: what cells.toml says, and nothing else, is what happens."""

import tomllib
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from bot.domain.deeds import advance
from bot.domain.errors import Refusal
from bot.domain.lifecycle import Action, Relation, Status
from bot.domain.people import Role
from bot.domain.view import allowed_actions, relations_to
from tests.domain.cast import (
    ANA,
    BEA,
    CARL,
    CONTOSO,
    FRANK,
    NEMO,
    NOW,
    OLGA,
    OTTO,
    PIA,
    RITA,
    SAM,
    STATES,
    SUE,
    deed_of,
    engagement_in,
    request_in,
)

CELLS = tomllib.loads((Path(__file__).parent / "cells.toml").read_text(encoding="utf-8"))["cell"]
PEOPLE = {
    "requester": RITA,
    "colleague": CARL,
    "other_partner": OTTO,
    "fpm": FRANK,
    "backup": BEA,
    "asked_backup": BEA,
    "other_fpm": OLGA,
    "assigner": ANA,
    "sme": SAM,
    "other_sme": SUE,
    "programme": PIA,
    "nobody": NEMO,
}
ALL = list(product(STATES, Action, PEOPLE, (False, True)))
SAME = {"offered": "assigned", "active": "assigned"}


def expected(state, action, who, *, has_issue):
    for cell in CELLS:
        if cell["action"] == action.value and state in cell["in"] and who in cell["by"]:
            return cell if has_issue or not cell.get("only_with_an_issue") else None
    return None


def request_for(state, who, *, has_issue):
    return request_in(state, backup_asked=who == "asked_backup", open_issues=int(has_issue))


def test_the_typed_cells_name_only_statuses_actions_and_people_that_there_are():
    for cell in CELLS:
        assert cell["action"] in set(Action)
        assert set(cell["in"]) <= set(STATES)
        assert set(cell["by"]) <= set(PEOPLE)


def test_what_may_be_done_leads_where_the_process_says_as_one_event_of_the_next_revision(record_property, capsys):
    allowed = 0
    for state, action, who, has_issue in ALL:
        cell = expected(state, action, who, has_issue=has_issue)
        if cell is None:
            continue
        allowed += 1
        request, engagement = request_for(state, who, has_issue=has_issue), engagement_in(state)
        change = advance(request, deed_of(action, PEOPLE[who], request), NOW, engagement)
        where = f"{state} x {action} x {who}"
        then = SAME.get(state, state) if cell["then"] == "same" else cell["then"]
        assert change.request.status.value == then, where
        assert change.request.revision == request.revision + 1, where
        assert change.before is request, where
        event = change.event
        assert (event.number, event.action, event.by, event.at) == (7, action, PEOPLE[who].email, NOW), where
        assert change.request.last is event, where
        found = change.engagement.status.value if change.engagement else None
        assert found == cell.get("engagement"), where
    record_property("cells", len(ALL))
    with capsys.disabled():
        # The number of cells tells a reader of the run that all of them were tried.
        print(f"\n{len(ALL)} cells, {allowed} of them allowed")  # noqa: T201 - the same


def test_everything_else_is_refused():
    for state, action, who, has_issue in ALL:
        if expected(state, action, who, has_issue=has_issue) is None:
            request = request_for(state, who, has_issue=has_issue)
            with pytest.raises(Refusal) as refused:
                advance(request, deed_of(action, PEOPLE[who], request), NOW, engagement_in(state))
            assert refused.value.sentence.endswith("."), f"{state} x {action} x {who}"


def test_what_is_offered_is_what_may_be_done():
    for state, who, has_issue in product(STATES, PEOPLE, (False, True)):
        request = request_for(state, who, has_issue=has_issue)
        person = PEOPLE[who]
        offered = allowed_actions(request, engagement_in(state), person, relations_to(request, person, CONTOSO))
        assert offered == {a for a in Action if expected(state, a, who, has_issue=has_issue)}, f"{state} x {who}"


@pytest.mark.parametrize(
    ("who", "relations"),
    [
        ("requester", {Relation.REQUESTER}),
        ("colleague", {Relation.REQUESTER}),
        ("other_partner", set()),
        ("fpm", {Relation.FPM}),
        ("backup", set()),
        ("asked_backup", {Relation.FPM}),
        ("other_fpm", set()),
        ("assigner", {Relation.ASSIGNER}),
        ("sme", {Relation.SME}),
        ("other_sme", set()),
        ("programme", {Relation.PROGRAM}),
        ("nobody", set()),
    ],
)
def test_a_person_is_to_a_request_what_the_store_says(who, relations):
    assert relations_to(request_for("offered", who, has_issue=False), PEOPLE[who], CONTOSO) == relations


def test_an_address_without_the_role_is_nothing_to_a_request():
    request = request_in("offered", backup_asked=True)
    for person in (RITA, FRANK, BEA, SAM):
        assert relations_to(request, replace(person, roles=frozenset()), CONTOSO) == set()


REQUESTERS_OWN = {Action.RESUBMIT, Action.WITHDRAW, Action.ISSUE}
DOUBLE_ROLES = {
    "the FPM": ({Role.FPM}, {"fpm": RITA.email}),
    "an assigner": ({Role.ASSIGNER}, {}),
    "the assigned SME": ({Role.SME}, {"sme": RITA.email}),
    "everything at once": (set(Role), {"fpm": RITA.email, "sme": RITA.email}),
}


@pytest.mark.parametrize("double", DOUBLE_ROLES)
@pytest.mark.parametrize("state", STATES)
def test_the_requester_decides_nothing_on_the_own_request_in_whatever_other_role(state, double):
    roles, changes = DOUBLE_ROLES[double]
    rita = replace(RITA, roles=frozenset({Role.REQUESTER, *roles}))
    request = replace(request_in(state, open_issues=1), **changes)
    offered = allowed_actions(request, engagement_in(state), rita, relations_to(request, rita, CONTOSO))
    assert offered <= REQUESTERS_OWN
    for action in set(Action) - REQUESTERS_OWN:
        with pytest.raises(Refusal):
            advance(request, deed_of(action, rita, request), NOW, engagement_in(state))


@pytest.mark.parametrize("state", STATES)
def test_the_asked_backup_decides_nothing_on_an_own_request(state):
    bea = replace(BEA, roles=frozenset({Role.FPM, Role.REQUESTER}), partner="CONTOSO")
    request = request_in(state, requester=bea.email, backup_asked=True, open_issues=1)
    assert allowed_actions(request, engagement_in(state), bea, relations_to(request, bea, CONTOSO)) <= REQUESTERS_OWN


@pytest.mark.parametrize("state", STATES)
def test_two_roles_of_one_person_give_the_rights_of_both(state):
    both = replace(FRANK, roles=frozenset({Role.FPM, Role.ASSIGNER}))
    request = request_in(state)
    offered = allowed_actions(request, engagement_in(state), both, relations_to(request, both, CONTOSO))
    assert offered == {a for a in Action for who in ("fpm", "assigner") if expected(state, a, who, has_issue=False)}


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
