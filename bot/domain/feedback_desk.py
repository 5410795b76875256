"""Takes in feedback, and shows the programme team what was heard."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.domain.agenda import agenda_id
from bot.domain.errors import Refusal
from bot.domain.feedback import Feedback, Kind
from bot.domain.lifecycle import Topic
from bot.domain.notices import Notice
from bot.domain.numbers import operation
from bot.domain.people import ERASED_AT, ERASED_NAME, Person, Role
from bot.domain.ports import Clock, Feedbacks, People
from bot.domain.telling import within_a_commit
from bot.domain.texts import words

HOW = "Please add your words, like: feedback The form asks for the tenant twice."
FOR_THE_PROGRAMME = "What was heard is for the programme team. To tell them something, type feedback and your words."
MOST_ON_A_PAGE = 8


@dataclass(frozen=True, slots=True)
class HeardPage:
    """What was heard, the latest first, of one kind or of all (None).

    `names` are those of the people by their addresses. `after` is where the next page begins, '' when there is none.
    """

    kind: Kind | None
    said: Sequence[Feedback]
    names: Mapping[str, str]
    after: str
    is_first: bool


@dataclass(frozen=True, slots=True)
class FeedbackDesk:
    """What feedback needs; `nudge` is told under which name there is something to tell."""

    feedbacks: Feedbacks
    people: People
    clock: Clock
    nudge: Callable[[str], None]

    async def give(self, person: Person, typed: str, activity: str) -> None:
        """Keep what a person has typed, and have the programme team told; the same activity or words once.

        Raises Mistake when there are no words, or too many.
        """
        text = words({"feedback": typed}, "feedback", required=HOW)
        partner = next(iter(person.partners), "")
        given = Feedback(self.clock(), Kind.FEEDBACK, "", partner, person.email, text)
        if await self.feedbacks.add(given, activity, within_a_commit(await self._notices(given))):
            self.nudge(agenda_id(person.email))

    async def _notices(self, given: Feedback) -> list[Notice]:
        """Return a notice for everybody else of the programme team; its revision tells it from other feedback."""
        revision = int(operation(given.by, given.text, given.at.isoformat())[:7], 16)
        team = [each.email for each in await self.people.with_role(Role.PROGRAM) if each.email != given.by]
        about, at = agenda_id(given.by), given.at
        return [Notice(about, revision, Topic.FEEDBACK, to, given.text, at, at, sender=given.by) for to in team]

    async def heard(self, person: Person, kind: str = "", after: str = "") -> HeardPage:
        """Return a page of what was heard; a kind that there is not is all. Raises Refusal."""
        if not person.is_a(Role.PROGRAM):
            raise Refusal(FOR_THE_PROGRAMME)
        wanted = next((each for each in Kind if each == kind), None)
        said, next_after = await self.feedbacks.newest(wanted, after, MOST_ON_A_PAGE)
        names = {email: await self._name(email) for email in {each.by for each in said}}
        return HeardPage(wanted, said, names, next_after, is_first=not after)

    async def _name(self, email: str) -> str:
        found = await self.people.by_email(email)
        return ERASED_NAME if email.endswith(ERASED_AT) else found.name if found else email
