"""A request's history, folded: its steps are legal (I3), done by whom they may (I6), and end at the request (I10)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from bot.domain.lifecycle import OPEN, Action, EngagementStatus, Relation, Status, Transition, transition
from bot.domain.people import CLOCK, Person, Role
from bot.domain.request import Event
from state import records
from state.history import replayed
from tests.faults.kept import Kept, KeptCase

_OF_A_REQUEST = frozenset(
    {Action.WITHDRAW, Action.RETURN, Action.RESUBMIT, Action.DENY, Action.DELEGATE, Action.REOPEN, Action.ESCALATE}
)
"""What is done to what a partner has asked for, and never to help that was proposed to it."""


@dataclass(frozen=True)
class Stand:
    """Where a request stands between two events.

    `kickoff` is the revision of the latest kick-off of the engagement, and `agreed` are the parties that have agreed on
    it. `until` is the last day that the partner has agreed to for help that was proposed.
    """

    status: Status | None = None
    fpm: str = ""
    sme: str = ""
    contact: str = ""
    region: str = ""
    engagement: EngagementStatus | None = None
    is_backup_asked: bool = False
    is_escalated: bool = False
    reporters: tuple[str, ...] = ()
    is_proposal: bool = False
    is_contacted: bool = False
    kickoff: int = 0
    agreed: frozenset[Relation] = frozenset()
    done: frozenset[Action] = frozenset()

    @property
    def to_agree(self) -> frozenset[Relation]:
        return frozenset({Relation.SME, Relation.FPM, Relation.REQUESTER}) - self.agreed if self.kickoff else frozenset()
