"""Submissions and decisions while instances end and begin again: for killing, and for rolling restarts."""

import random
import signal
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from tests.faults.processes_instance import End
from tests.faults.processes_people import Crowd
from tests.faults.processes_story import Story, customer, requests_of
from tests.teams import Person

DELIVERIES_EACH = 6
"""At least so many make a submission and what becomes of it."""
LONGEST_PAUSE = 40.0
DECIDED_AFTER = 40
"""So many submissions later than its own a decision is made: by then its card stands in the chat."""
DECISIONS: tuple[dict[str, str], ...] = (
    {"verb": "approve"},
    {"verb": "deny", "deny_reason": "out_of_scope"},
    {"verb": "return", "return_note": "Please look at the seats again."},
    {"verb": "withdraw"},
)


@dataclass(frozen=True)
class Submission:
    """One form."""

    number: int


@dataclass(frozen=True)
class Decision:
    """A press on the request of a submission, when its card has come by then."""

    number: int
    chosen: int


Step = Submission | Decision | End


def lives(chance: random.Random, submissions: int, count: int, signals: Sequence[signal.Signals]) -> list[Step]:
    """Return submissions, each with a decision some time after it, and ends spread over them, the signals in turn."""
    steps: list[Step] = []
    for number in range(submissions + DECIDED_AFTER):
        steps += [Submission(number)] if number < submissions else []
        earlier = number - DECIDED_AFTER
        steps += [Decision(earlier, chance.randrange(len(DECISIONS)))] if earlier >= 0 else []
    each = submissions * DELIVERIES_EACH / count
    return steps + [
        End(
            int(chance.uniform(number, number + 1) * each),
            chance.uniform(0, LONGEST_PAUSE),
            chance.randrange(2),
            signals[number % len(signals)],
        )
        for number in range(count)
    ]


@dataclass
class Lives:
    """Carries out such steps; what does not hold afterwards is for the checker to find."""

    story: Story
    crowd: Crowd
    tokens: dict[int, str] = field(default_factory=dict)

    def works(self, steps: Sequence[Step]) -> list[Callable[[], Awaitable[None]]]:
        """Return what people do, in order."""
        return [partial(self._done, step) for step in steps if not isinstance(step, End)]

    async def _done(self, step: Submission | Decision) -> None:
        person = self.crowd.submitter(step.number)
        if isinstance(step, Submission):
            self.tokens[step.number] = await self.story.submitted(person, **customer(step.number))
        elif request := requests_of(self.story).get(self.tokens.get(step.number, "")):
            await self._decide(person, request["number"], dict(DECISIONS[step.chosen]))

    async def _decide(self, person: Person, number: str, inputs: dict[str, str]) -> None:
        verb = inputs.pop("verb")
        actor = person if verb == "withdraw" else self.crowd.fpm_of(person)
        cards = [m for m in actor.chat if m.button(verb, {"request": number})]
        if cards:
            await self.story.press(actor, actor.press_of(cards[-1], verb, **inputs))


def ends(steps: Sequence[Step]) -> list[End]:
    return [step for step in steps if isinstance(step, End)]
