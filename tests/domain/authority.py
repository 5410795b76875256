"""Everybody who could try something on a request, and what cells.toml, typed by hand, lets them do and see."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import combinations, product
from pathlib import Path
from typing import Any

from bot.domain.covers import covered_by
from bot.domain.engagement import Engagement
from bot.domain.lifecycle import Action
from bot.domain.people import Cover, Person, Role
from bot.domain.request import SmeRequest
from tests.domain.cast import (
    BEA,
    CARL,
    CORA,
    DORA,
    FRANK,
    MONDAY,
    NEMO,
    NOW,
    OLGA,
    OTTO,
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
NO_BUTTONS = {"submit", *(cell["action"] for cell in BY_THE_CLOCK)}
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


@dataclass(frozen=True)
class Situation:
    """Where a request stands, with or without an issue that waits for an answer, before or after the first contact."""

    state: str
    has_issue: bool = False
    is_contacted: bool = False

    def __str__(self) -> str:
        facts = {"an issue": self.has_issue, "the contact": self.is_contacted}
        return " with ".join((self.state, *(fact for fact, is_so in facts.items() if is_so)))

    @property
    def engagement(self) -> Engagement | None:
        engagement = engagement_in(self.state)
        return replace(engagement, contacted_at=MONDAY) if engagement and self.is_contacted else engagement


OPEN_STATES = ("submitted", "returned", "approved", "offered", "active")
SITUATIONS = (
    *(Situation(state) for state in STATES),
    *(Situation(state, has_issue=True) for state in OPEN_STATES),
    Situation("active", is_contacted=True),
)


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
        if "its_sme" in self.standing and request_in(situation.state).sme:
            facts["sme"] = self.person.email
        return request_in(situation.state, **facts | changes)


def _cover(person: Person, first: int, end: int) -> Cover:
    """Return a cover for the FPM by days from now."""
    return Cover(FRANK.email, person.email, NOW + timedelta(days=first), NOW + timedelta(days=end))


ACTORS = tuple(Actor(*each) for each in product(TABLE["standing"], SETS_OF_ROLES))
USUAL_ACTORS = tuple(Actor(*each) for each in product(TABLE["standing"], USUAL_ROLES))


def counted_as(actor: Actor, situation: Situation) -> frozenset[str]:
    """Return what the person is to the request now: before and after its time nobody is its SME."""
    has_sme = situation.state in {"offered", "active", "closed"}
    if not has_sme and actor.standing == "its_sme_and_cover":
        return (actor.counts_as - {"sme"}) | ({"fpm"} if Role.FPM in actor.roles else frozenset())
    return actor.counts_as if has_sme else actor.counts_as - {"sme"}


def allowing(action: Action, situation: Situation, actor: Actor) -> dict[str, Any] | None:
    """Return the typed cell by which the person may do this, None when it has to be refused."""
    if actor.is_requester and action.value not in TABLE["on_the_own_request"]:
        return None
    return next((cell for cell in _cells(action, situation) if counted_as(actor, situation) & set(cell["by"])), None)


def refusal_of(action: Action, situation: Situation, actor: Actor) -> str:
    """Return the kind of refusal that is owed to somebody who may not do this."""
    counts_as = counted_as(actor, situation)
    if not counts_as & set(TABLE["sees"]):
        return "passed" if actor.had_a_part and action is not Action.RESUBMIT else "unknown"
    if action in NO_BUTTONS:
        return "no_button"
    if not any(counts_as & set(cell["by"]) for cell in CELLS if cell["action"] == action.value):
        return "not_yours"
    cells = _cells(action, situation)
    if not cells:
        return "returned_only" if action is Action.RESUBMIT else "overtaken"
    return "own" if any(counts_as & set(cell["by"]) for cell in cells) else "not_yours"


def _cells(action: Action, situation: Situation) -> list[dict[str, Any]]:
    return [
        cell
        for cell in CELLS
        if cell["action"] == action.value
        and situation.state in cell["in"]
        and (situation.has_issue or not cell.get("only_with_an_issue"))
        and not (situation.is_contacted and cell.get("only_before_the_contact"))
    ]
