"""People who press at random: what they see now, saw once, or see over somebody's shoulder; and processes that die."""

import asyncio
from collections.abc import Coroutine, Iterable
from contextlib import ExitStack
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.faults.in_process_people import renewed
from tests.faults.in_process_runs import directory_rows, quiet_logs
from tests.faults.io_loop import LeapingLoop
from tests.faults.model_world import CROWD, ModelledWorld, pressable
from tests.teams import Person

_T = TypeVar("_T")
REQUESTERS = ("Dana Reyes", "Piotr Zieliński", "Joshua Whitfield")
FPMS = ("Lee Park", "Mika Tanaka")
STAGES = (
    ("Lee Park", "approve"),
    ("Ana Souza", "assign"),
    ("Kofi Mensah", "accept"),
    ("Kofi Mensah", "kickoff"),
    ("Lee Park", "agree"),
    ("Dana Reyes", "agree"),
    ("Kofi Mensah", "complete"),
)
OF_PROPOSALS = (("Dana Reyes", "agree"), ("Kofi Mensah", "accept"))
MOST_REQUESTS = 3
some = st.integers(0, 10_000)
anybody = st.sampled_from(CROWD)
holders = st.sampled_from(("Lee Park", "Ana Souza", "Kofi Mensah", "Dana Reyes"))


class Process(RuleBasedStateMachine):
    """Every step is done in the bot and in the model, and the requests are compared after it."""

    def __init__(self) -> None:
        super().__init__()
        self._ending = ExitStack()
        self._logs = self._ending.enter_context(quiet_logs())
        self.world = ModelledWorld(directory_rows())
        self._runner = self._ending.enter_context(asyncio.Runner(loop_factory=LeapingLoop))

    def run(self, doing: Coroutine[Any, Any, _T]) -> _T:
        return self._runner.run(doing)

    @initialize(stage=st.integers(0, len(STAGES)))
    def everybody_installs_and_one_request_has_come_to_a_stage(self, stage: int) -> None:
        self.run(self.world.begin())
        self.submits("Dana Reyes", "Lee Park")
        self._come_to(STAGES[:stage])

    @rule(who=st.sampled_from(("Lee Park", "Ana Souza")), stage=st.integers(0, len(OF_PROPOSALS)))
    def proposes(self, who: str, stage: int) -> None:
        if len(self.world.model.requests) < MOST_REQUESTS:
            self.run(self.world.propose(self._person(who)))
            self._come_to(OF_PROPOSALS[:stage])

    @rule(who=st.sampled_from(REQUESTERS), fpm=st.sampled_from(FPMS))
    def submits(self, who: str, fpm: str) -> None:
        if len(self.world.model.requests) < MOST_REQUESTS:
            self.run(self.world.submit(self._person(who), self._person(fpm).email))

    @rule(who=st.sampled_from(REQUESTERS), card=some, button=some, given=some)
    def a_requester_presses(self, who: str, card: int, button: int, given: int) -> None:
        self._press(who, card, 0, button, given)

    @rule(who=st.sampled_from(FPMS), card=some, button=some, given=some)
    def an_fpm_presses(self, who: str, card: int, button: int, given: int) -> None:
        self._press(who, card, 0, button, given)

    @rule(card=some, button=some, given=some)
    def lee_presses(self, card: int, button: int, given: int) -> None:
        self._press("Lee Park", card, 0, button, given)

    @rule(card=some, button=some, given=some)
    def the_assigner_presses(self, card: int, button: int, given: int) -> None:
        self._press("Ana Souza", card, 0, button, given)

    @rule(card=some, button=some, given=some)
    def the_sme_presses(self, card: int, button: int, given: int) -> None:
        self._press("Kofi Mensah", card, 0, button, given)

    @rule(who=anybody, card=some, version=some, button=some, given=some)
    def somebody_presses_what_stood_there_once(
        self, who: str, card: int, version: int, button: int, given: int
    ) -> None:
        self._press(who, card, 1 + version, button, given)

    @rule(owner=holders, by=anybody, card=some, version=st.integers(0, 1), button=some, given=some)
    def somebody_presses_on_a_card_of_somebody_else(  # noqa: PLR0913, PLR0917 - hypothesis draws each
        self, owner: str, by: str, card: int, version: int, button: int, given: int
    ) -> None:
        self._press(owner, card, version, button, given, by)

    @rule(at=some, is_new=st.booleans())
    def something_comes_again(self, at: int, is_new: bool) -> None:
        if delivered := self.world.delivered:
            activity = delivered[at % len(delivered)]
            self.run(self.world.deliver_again(renewed(activity) if is_new else activity))

    @rule(who=st.sampled_from(REQUESTERS))
    def somebody_fixes(self, who: str) -> None:
        person = self._person(who)
        message = next((m for m in reversed(person.chat) if "fix" in m.verbs), None)
        if message:
            self.run(self.world.fix(person, message))

    @rule(seconds=st.sampled_from((0, 5, 31, 61, 301)))
    def time_passes(self, seconds: int) -> None:
        self.run(self.world.pass_time(seconds))

    @rule(hours=st.sampled_from((4, 24, 72, 121, 560)))
    def promises_come_due(self, hours: int) -> None:
        self.run(self.world.pass_time(hours * 3_600))

    @rule()
    def the_process_dies(self) -> None:
        self.run(self.world.die())

    @invariant()
    def every_request_stands_as_in_the_model(self) -> None:
        assert self.world.stands() == self.world.model.stands()

    def teardown(self) -> None:
        try:
            found = self.run(self.world.healed(self._logs.getvalue))
            assert not found, "\n".join(found)
        finally:
            self._ending.close()

    def _come_to(self, stages: Iterable[tuple[str, str]]) -> None:
        """Have each press the newest card that they can."""
        for name, verb in stages:
            person = self._person(name)
            message = next((m for m in reversed(person.chat) if m.button(verb)), None)
            if message:
                self.run(self.world.press(person, message, message.button(verb), 0))

    def _person(self, name: str) -> Person:
        return self.world.teams.person(name)

    def _press(  # noqa: PLR0913, PLR0917 - what a press is
        self, owner: str, card: int, version: int, button: int, given: int, by: str = ""
    ) -> None:
        if found := pressable(self._person(owner), card, version, button):
            self.run(self.world.press(self._person(by or owner), *found, given))
