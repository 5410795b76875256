"""The scenario of the clock: nobody decides in time, and everybody is told once; what it has to come to, by hand."""

from collections import Counter
from collections.abc import Collection, Iterator

from tests.faults.checker import World
from tests.faults.in_process import TeamsInProcess
from tests.faults.in_process_people import Deed, Passing, Step, SteppingBack, press
from tests.faults.in_process_scenarios import Scenario, installed
from tests.faults.kept import Kept
from tests.stories import journey

HOUR = 3_600
LEE, MIKA = "lee.park@fasttrack.example", "mika.tanaka@fasttrack.example"
ANA, SAMIRA = "ana.souza@fasttrack.example", "samira.haddad@fasttrack.example"
HEADLINES = {"reminder": "Reminder: requests wait for you", "brief": "Your morning brief"}
HISTORIES = [("submit", "approve", "escalate"), ("submit", "ask_backup", "escalate")]
# Half of the first look, all of it, and four fifths of the decision, which is the backup's and the assigner's as well.
WORDS = {(LEE, "reminder"): 3, (LEE, "brief"): 1, (MIKA, "reminder"): 1, (ANA, "brief"): 1, (ANA, "reminder"): 1}
ESCALATIONS = {MIKA: 2, ANA: 2, SAMIRA: 2}


async def _two_submitted(teams: TeamsInProcess) -> None:
    dana, *_ = await installed(teams)
    await journey.submitted(dana)
    await journey.submitted(dana, workload="EXCHANGE")


def _days_pass(teams: TeamsInProcess) -> list[Step]:
    """Let half of the first look pass on Monday, all of it on Tuesday, and the decision by Saturday."""
    lee = teams.person("Lee Park")
    approves = Deed(lee, press(lee, "approve", headed=HEADLINES["reminder"]), "approve", lambda: False)
    return [Passing(4 * HOUR), approves, *(Passing(hours * HOUR) for hours in (0, 19, 1, 72, 24))]


THE_CLOCK = Scenario("the clock", _two_submitted, _days_pass)
UNTIL_FRIDAY = Scenario("until Friday", _two_submitted, lambda _: [Passing(76 * HOUR)])
"""With the healing that follows, four fifths of the decision and some hours more."""


def going_back(seconds: float) -> Scenario:
    """Return the scenario with a clock that goes back for a while after each step."""

    def days_pass(teams: TeamsInProcess) -> list[Step]:
        return [step for each in _days_pass(teams) for step in (each, SteppingBack(seconds))]

    return Scenario("the clock goes back", _two_submitted, days_pass)


def differences(world: World, topics: Collection[str] = tuple(HEADLINES)) -> Iterator[str]:
    """Return what was told otherwise than once; once more is right in a chat in which one post was ambiguous."""
    kept = Kept(world.rows)
    histories = sorted(tuple(event.action.value for event in case.events) for case in kept.cases)
    words = Counter((word.recipient, word.topic.value) for word in kept.words if word.topic.value in topics)
    escalations = Counter(n.recipient for n in kept.notices if n.topic == "escalation")
    for what, found, due in (
        ("histories", histories, HISTORIES),
        ("words", words, {place: count for place, count in WORDS.items() if place[1] in topics}),
        ("escalations", escalations, ESCALATIONS),
    ):
        if found != due:
            yield f"the {what} are {found}, not {due}"
    for person in world.teams.people.values():
        posts = Counter(message.summary.partition("\n")[0] for message in person.chat)
        for topic in topics:
            headline, most = HEADLINES[topic], WORDS.get((person.email, topic), 0)
            if not most <= posts[headline] <= most + (person.conversation in world.ambiguous):
                yield f"{person.name} was told {posts[headline]} times: {headline}"
