"""Everybody who could try something on a request, and what cells.toml, typed by hand, lets them do and see."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import combinations, product
from pathlib import Path
from typing import Any

from bot.domain.covers import covered_by
from bot.domain.engagement import PARTIES, Engagement
from bot.domain.lifecycle import Action, Relation
from bot.domain.people import Cover, Person, Role
from bot.domain.request import SmeRequest
from tests.domain.cast import (
    BEA,
    CARL,
    CORA,
    DORA,
    FRANK,
    KICKOFF,
    MONDAY,
    NEMO,
    NOW,
    OF_PROPOSALS,
    OLGA,
    OTTO,
    PROPOSAL,
    RATING,
    RESULT,
    RITA,
    SAM,
    SIMO,
    STATES,
    SUE,
    engagement_in,
    request_in,
)

TABLE: Mapping[str, Any] = tomllib.loads((Path(__file__).parent / "cells.toml").read_text(encoding="utf-8"))
CELLS: list[dict[str, Any]] = TABLE["cell"]
BY_THE_CLOCK: list[dict[str, Any]] = TABLE["clock"]
REFUSALS: Mapping[str, str] = TABLE["refusal"]
NO_BUTTONS = {"submit", "propose", *(cell["action"] for cell in BY_THE_CLOCK)}
_PARTNERS = {"own_partner": "CONTOSO", "other_partner": "FABRIKAM"}
_PERSONS = {
    "own_request": RITA,
    "own_partner": CARL,
    "other_partner": OTTO,
    "its_fpm": FRANK,
    "cover": CORA,
    "cover_before_and_after": DORA,
    "backup_not_asked": BEA,
    "backup_asked": BEA,
    "other_fpm": OLGA,
    "its_sme": SAM,
    "other_sme": SUE,
    "none": NEMO,
    "own_request_and_its_fpm": RITA,
    "own_request_and_backup_asked": BEA,
    "own_request_and_its_sme": RITA,
    "own_request_and_cover": RITA,
    "its_sme_and_cover": SIMO,
}
SETS_OF_ROLES = tuple(frozenset(chosen) for count in range(len(Role) + 1) for chosen in combinations(Role, count))
# One role, none, all, and those of which two are found in one person.
USUAL_ROLES = (
    *(roles for roles in SETS_OF_ROLES if len(roles) in {0, 1, len(Role)}),
    frozenset({Role.FPM, Role.SME}),
    frozenset({Role.ASSIGNER, Role.SME}),
    frozenset({Role.FPM, Role.ASSIGNER}),
    frozenset({Role.REQUESTER, Role.FPM}),
)
RELATIONS = {
    "requester": Relation.REQUESTER,
    "colleague": Relation.REQUESTER,
    "fpm": Relation.FPM,
    "asked_backup": Relation.FPM,
    "assigner": Relation.ASSIGNER,
    "sme": Relation.SME,
    "programme": Relation.PROGRAM,
}


@dataclass(frozen=True)
class Situation:
    """Where a request stands, and what of it decides on who may do what. No `agreed`: there is no kick-off."""

    state: str
    has_issue: bool = False
    is_contacted: bool = False
    agreed: tuple[Relation, ...] = ()
    has_result: bool = False
    is_rated: bool = False
    is_proposal: bool = False

    def __str__(self) -> str:
        facts = {
            "an issue": self.has_issue,
            "the contact": self.is_contacted,
            f"a kick-off agreed by {' and '.join(self.agreed)}": bool(self.agreed),
            "a result": self.has_result,
            "a rating": self.is_rated,
        }
        of = f"{self.state} of a proposal" if self.is_proposal else self.state
        return " with ".join((of, *(fact for fact, is_so in facts.items() if is_so)))

    @property
    def engagement(self) -> Engagement | None:
        facts: dict[str, Any] = {
            "contacted_at": MONDAY if self.is_contacted else None,
            "kickoff": KICKOFF if self.agreed else None,
            "agreed": self.agreed,
            "result": RESULT if self.has_result else None,
            "rating": RATING if self.is_rated else None,
            "proposal": PROPOSAL if self.is_proposal else None,
        }
        return engagement_in(self.state, **facts)

    @property
    def missing(self) -> tuple[Relation, ...]:
        """Who has not agreed on the kick-off yet."""
        return tuple(party for party in PARTIES if self.agreed and party not in self.agreed)

    @property
    def has_sme(self) -> bool:
        return self.state in TABLE["has_sme"]


_S, _F, _R = PARTIES
# Each stage by itself: tried with everybody.
STAGES = tuple(Situation(state, is_proposal=state in OF_PROPOSALS) for state in STATES)
# What else may be so in it: tried with those in whom it can make a difference.
VARIANTS = (
    *(Situation(state, has_issue=True) for state in ("submitted", "returned", "approved", "offered", "active")),
    Situation("active", is_contacted=True),
    *(Situation("active", agreed=agreed) for agreed in ((_S,), (_S, _F), (_S, _R), (_S, _F, _R))),
    Situation("completed", has_issue=True, has_result=True, is_rated=True),
    Situation("completed", has_result=True),
    Situation("completed", is_rated=True),
    Situation("closed", has_issue=True, has_result=True, is_rated=True),
    Situation("closed", has_result=True),
    Situation("sent_back", has_issue=True),
    Situation("proposed", has_issue=True, is_proposal=True),
    *(Situation(state, is_proposal=True) for state in ("sent_back", "offered", "completed", "closed", "called_off")),
    Situation("closed", has_result=True, is_proposal=True),
    Situation("active", agreed=(_S, _F), is_proposal=True),
)
SITUATIONS = (*STAGES, *VARIANTS)


@dataclass(frozen=True)
class Actor:
    """Somebody of these roles, who stands to the request as storage says."""

    standing: str
    roles: frozenset[Role]

    def __str__(self) -> str:
        return f"{self.standing} as {'+'.join(sorted(self.roles)) or 'nobody'}"

    @property
    def person(self) -> Person:
        partner = "CONTOSO" if self.is_requester else _PARTNERS.get(self.standing, "")
        return replace(_PERSONS[self.standing], roles=self.roles, partner=partner)

    @property
    def is_requester(self) -> bool:
        return self.standing.startswith("own_request")

    @property
    def had_a_part(self) -> bool:
        """Say whether the history names the person, as it does the requester and the FPM who decided."""
        return self.is_requester or self.standing == "its_fpm"

    @property
    def covers(self) -> tuple[Cover, ...]:
        """The covers for the request's FPM that are kept of the person: one now, or one before and one later."""
        if self.standing.endswith("cover"):
            return (_cover(self.person, -1, 1),)
        if self.standing == "cover_before_and_after":
            return _cover(self.person, -2, 0), _cover(self.person, 1, 2)
        return ()

    @property
    def acts_for(self) -> frozenset[str]:
        return covered_by(self.covers, self.person.email, NOW)

    @property
    def counts_as(self) -> frozenset[str]:
        gives = TABLE["standing"][self.standing] | TABLE["everywhere"]
        return frozenset(gives[role] for role in self.roles if role in gives)

    @property
    def sees(self) -> bool:
        return bool(self.counts_as & set(TABLE["sees"]))

    def request(self, situation: Situation, **changes: Any) -> SmeRequest:
        """Return the request to which the person stands so; on top of it come the changes."""
        facts: dict[str, Any] = {
            "backup_asked": self.standing.endswith("backup_asked"),
            "open_issues": int(situation.has_issue),
        }
        if self.is_requester:
            facts["requester"] = self.person.email
        if self.standing.endswith("its_fpm"):
            facts["fpm"] = self.person.email
        if "its_sme" in self.standing and situation.has_sme:
            facts["sme"] = self.person.email
        if situation.is_proposal:
            facts["proposed_by"] = FRANK.email
        facts["to_agree"] = situation.missing
        return request_in(situation.state, **facts | changes)


def _cover(person: Person, first: int, end: int) -> Cover:
    """Return a cover for the FPM by days from now."""
    return Cover(FRANK.email, person.email, NOW + timedelta(days=first), NOW + timedelta(days=end))


def _telling_roles(standing: str) -> list[frozenset[Role]]:
    """Return the sets of roles by which a standing makes of the person nothing, each of two parts, and all it can."""
    own = [Role(role) for role in TABLE["standing"][standing]]
    elsewhere = frozenset(Role(role) for role in TABLE["everywhere"])
    parts = [frozenset({role}) for role in own if len(own) > 1]
    return [frozenset(), *parts, frozenset(Role) - elsewhere, frozenset(Role)]


ACTORS = tuple(Actor(*each) for each in product(TABLE["standing"], SETS_OF_ROLES))
USUAL_ACTORS = tuple(Actor(*each) for each in product(TABLE["standing"], USUAL_ROLES))
TELLING_ACTORS = (
    *(Actor(standing, roles) for standing in TABLE["standing"] for roles in _telling_roles(standing)),
    *(Actor("none", frozenset({Role(role)})) for role in TABLE["everywhere"]),
)


def counted_as(actor: Actor, situation: Situation) -> frozenset[str]:
    """Return what the person is to the request now: before and after its time nobody is its SME."""
    if not situation.has_sme and actor.standing == "its_sme_and_cover":
        return (actor.counts_as - {"sme"}) | ({"fpm"} if Role.FPM in actor.roles else frozenset())
    return actor.counts_as if situation.has_sme else actor.counts_as - {"sme"}


def allowing(action: Action, situation: Situation, actor: Actor) -> dict[str, Any] | None:
    """Return the typed cell by which the person may do this, None when it has to be refused."""
    acts_as = counted_as(actor, situation)
    if actor.is_requester:
        acts_as &= {TABLE["on_the_own_request"]}
    return next((cell for cell in cells_of(action.value, situation) if acts_as & may(cell, situation)), None)


def refusal_of(action: Action, situation: Situation, actor: Actor) -> str:
    """Return the kind of refusal that is owed to somebody who may not do this."""
    counts_as = counted_as(actor, situation)
    if not counts_as & set(TABLE["sees"]):
        return "passed" if actor.had_a_part and action is not Action.RESUBMIT else "unknown"
    if action in NO_BUTTONS:
        return "no_button"
    if not any(counts_as & set(cell["by"]) for cell in CELLS if cell["action"] == action.value):
        return "not_yours"
    by = {name for cell in cells_of(action.value, situation) for name in cell["by"]}
    if not by:
        return "returned_only" if action is Action.RESUBMIT else "overtaken"
    if not counts_as & by:
        return "not_yours"
    is_own = actor.is_requester and not counts_as & by & {TABLE["on_the_own_request"]}
    return "own" if is_own else "overtaken"


def may(cell: Mapping[str, Any], situation: Situation) -> frozenset[str]:
    """Return whose cell it is; where agreements are asked for, whose is missing."""
    by = frozenset(cell["by"])
    is_missing = frozenset(name for name in by if RELATIONS[name] in situation.missing)
    return is_missing if cell.get("only_while_missing") else by


def cells_of(action: str, situation: Situation, cells: Sequence[dict[str, Any]] = CELLS) -> list[dict[str, Any]]:
    """Return the typed cells of an action, or of the clock's, that there are in a situation."""
    is_so = {
        "only_with_an_issue": situation.has_issue,
        "only_before_the_contact": not situation.is_contacted,
        "only_while_missing": bool(situation.missing),
        "only_without_a_result": not situation.has_result,
        "only_once": not situation.is_rated,
        "only_of_the_partner": not situation.is_proposal,
        "only_of_a_proposal": situation.is_proposal,
    }
    return [
        cell
        for cell in cells
        if cell["action"] == action
        and situation.state in cell["in"]
        and all(is_so[name] for name in cell if name.startswith("only_"))
    ]
