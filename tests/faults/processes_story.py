"""What people do in front of the instances, and what they are told of it."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from itertools import product
from typing import Any

from state.keys import stamp
from tests.faults.checker import Acknowledged, World, violations
from tests.faults.processes import Front
from tests.faults.processes_people import PARTNERS, REGIONS
from tests.stories.journey import FORM
from tests.stories.running_bot import Bot
from tests.stories.shown_card import Message, words_of
from tests.teams import Person

MOST_TURNS = 40
SOON = 5
MOST_LOOKS = 12
FLOODED = "That is more than I can read"
FAILED = "Something went wrong"
OVERTAKEN = "had changed before your press"
_STOPS = {"next", "submit"}
_SUBJECTS = tuple(product(("coaching", "adoption", "unblocking", "development"), ("TEAMS", "EXCHANGE", "ONEDRIVE")))

Deliver = Callable[[Person, Mapping[str, Any]], Awaitable[object]]


async def once(person: Person, activity: Mapping[str, Any]) -> Any:
    """Deliver as Teams does when all is well; return the body of the answer."""
    return await person.deliver(activity)


@dataclass
class Story:
    """The submissions and presses of one run, for the checker; `may_lack` is what older versions do not write."""

    bot: Bot
    may_lack: frozenset[str] = frozenset()
    attempted: list[str] = field(default_factory=list)
    decided: list[Acknowledged] = field(default_factory=list)
    overtaken: list[Acknowledged] = field(default_factory=list)

    @property
    def front(self) -> Front:
        return self.bot.teams

    @property
    def now(self) -> datetime:
        """The time by the bot's clock."""
        kept = self.bot.rows("settings").get("clock offset", {"seconds": 0.0})
        return datetime.now(UTC) + timedelta(seconds=kept["seconds"])

    async def go_to(self, weekday: int, hour: int) -> None:
        """Move the clock to such a time that is still to come; everybody here has the hours of UTC."""
        now = self.now
        day = now.date() + timedelta(days=(weekday - now.weekday()) % 7 or 7)
        await self.front.advance((datetime.combine(day, time(hour), UTC) - now).total_seconds())

    async def submitted(self, person: Person, deliver: Deliver = once, **answers: str) -> str:
        """Fill a form in and submit it; return the form's token."""
        page = await self.reviewed(person, deliver, **answers)
        press = person.press_of(page, "submit")
        token: str = press["value"]["form"]
        self.attempted.append(token)
        await deliver(person, press)
        return token

    async def reviewed(self, person: Person, deliver: Deliver = once, **answers: str) -> Message:
        """Begin a form and answer its pages, as somebody who writes again when nothing more comes."""
        wanted, before = FORM | answers, len(person.chat)
        await deliver(person, person.activity(text="new request", textFormat="plain"))
        for _ in range(MOST_TURNS):
            page = next((m for m in reversed(person.chat[before:]) if m.verbs & _STOPS), None)
            if page is None:
                await deliver(person, person.activity(text="are you there?", textFormat="plain"))
            elif "submit" in page.verbs:
                return page
            else:
                given = {key: wanted[key] for key in page.button("next").inputs if key in wanted}
                await deliver(person, person.press_of(page, "next", **given))
        raise AssertionError(f"{person.name} gets no further:\n{person.transcript}")

    async def press(self, person: Person, activity: Mapping[str, Any]) -> str:
        """Press a button of a request's card; return the words of the answer, and keep what it says."""
        answer = await person.deliver(activity)
        data = activity["value"]["action"]["data"]
        words = shown_by(answer)
        done = Acknowledged(data["request"], data["verb"], person.email)
        if OVERTAKEN in words:
            self.overtaken.append(done)
        elif answer["type"].endswith("card.adaptive"):
            self.decided.append(done)
        return words

    def acknowledged(self) -> list[Acknowledged]:
        """Return every submission of which any message has ever said that it was sent."""
        owners = {person.conversation: person.email for person in self.front.people.values()}
        found = {Acknowledged(number, "submit", owners[chat]) for chat, number in self.front.sent_as}
        return [*found, *self.decided]

    async def violations(self) -> list[str]:
        """Heal, drain, and return what does not hold then."""
        await self.front.heal()
        for _ in range(MOST_LOOKS):
            if not self._due_soon():
                break
            await self.front.advance(SOON)
        world = World(
            rows=self.bot.rows,
            teams=self.front,
            mails=self.bot.mails(),
            acknowledged=self.acknowledged(),
            attempted=self.attempted,
            ambiguous=self.front.ambiguous,
            logs=self.front.logs,
            overtaken=self.overtaken,
            may_lack=self.may_lack,
        )
        return [*violations(world), *self._unmade(), *self._said_badly()]

    def _due_soon(self) -> list[str]:
        """Return the work that comes due while the checker looks, such as what waits for room in a chat."""
        places = [place.split() for place in self.bot.rows("work")]
        until = stamp(self.now + timedelta(seconds=SOON))
        return [key for partition, key in places if partition.startswith("due:") and key <= until]

    def _unmade(self) -> list[str]:
        """Return the forms of which nothing became, although each submit was delivered until it was answered."""
        made = requests_of(self)
        return [f"I1: nothing became of the form {token}" for token in self.attempted if token not in made]

    def _said_badly(self) -> list[str]:
        """Return what would mean that something else was tested than was meant."""
        said = [(person.name, m.words) for person in self.front.people.values() for m in person.chat]
        return [f"{name} was told: {words}" for name, words in said if FLOODED in words or FAILED in words]


def shown_by(answer: Mapping[str, Any]) -> str:
    value = answer["value"]
    return words_of(value) if isinstance(value, dict) and "body" in value else str(value)


def customer(number: int) -> dict[str, str]:
    """Return the answers about a customer of its own; among those of one partner none is a repeat of another."""
    tenant = {"tenant_id": f"72f988bf-86f1-41af-91ab-{number:012d}", "tenant_name": f"Customer {number}"}
    topic, workload = _SUBJECTS[number // PARTNERS % len(_SUBJECTS)]
    return tenant | {"region": REGIONS[number % len(REGIONS)], "topic": topic, "workload": workload}


def requests_of(story: Story) -> dict[str, dict[str, Any]]:
    """Return the stored requests by the token of their form."""
    return {row["token"]: row for row in story.bot.request_rows().values()}


def deeds_of(story: Story, *, of_the_clock: bool = False) -> dict[str, list[str]]:
    """Return what people, or the clock as well, have done to each request, in order, by its number."""
    found: dict[str, list[str]] = defaultdict(list)
    for place, row in sorted(story.bot.rows().items()):
        if " event:" in place and (row["by"] or of_the_clock):
            found[place.split(":")[1]].append(row["action"])
    return found
