"""The bot in this process with its people, each step of which is done in the model as well and compared."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any, ClassVar

from tests.faults.checker import Acknowledged, Pressed, World, violations
from tests.faults.in_process import Instance, Outside, TeamsInProcess
from tests.faults.in_process_people import OVERTAKEN as OVERTAKEN_WORDS
from tests.faults.in_process_people import pressed_by
from tests.faults.io_memory import Copy, MemoryStore
from tests.faults.model import ALL_MET, CLOCK, DONE, FPMS, OVERTAKEN, REFUSED, RULES, Model
from tests.stories.journey import fill_in, review
from tests.stories.shown_card import Button, Message, buttons, words_of
from tests.teams import Person

CROWD = (
    "Dana Reyes", "Lee Park", "Ana Souza", "Kofi Mensah", "Mika Tanaka",
    "Piotr Zieliński", "Joshua Whitfield", "Samira Haddad",
)  # fmt: skip
HEALING = (60, 60, 120, 300)
LAST_DAY = "2026-12-18"
"""Of everything that is proposed or planned here."""
_KICKOFF = {
    "mode": "with_partner",
    "expectations": "The partner leads every call.",
    "outcomes": "The first 500 users.",
    "exit_criteria": "500 users call out\nThe partner has led a cutover",
    "start": "2026-11-23",
    "end": LAST_DAY,
}
INPUTS: Mapping[str, tuple[Mapping[str, str], ...]] = {
    "deny": ({"deny_reason": "duplicate"}, {"deny_reason": "out_of_scope", "deny_note": "Not of the scope."}),
    "return": ({"return_note": "Please name the seats again.", "return_fields": "seat_count"},),
    "delegate": tuple({"delegate_to_other": email} for email in (*sorted(FPMS), "nobody@fasttrack.example")),
    "assign": ({"sme_other": "kofi.mensah@fasttrack.example"},),
    "decline": ({"decline_reason": "No time this month."},),
    "release": ({"release_reason": "The customer has paused."},),
    "close": ({"close_reason": "The work is done."}, {}),
    "reopen": ({"reopen_reason": "It was closed too early."},),
    "issue": ({"issue_text": "Nobody answers the phone."}, {"issue_text": "The plan has slipped."}),
    "answer": ({"answer_text": "I have called them today."},),
    "kickoff": (_KICKOFF, _KICKOFF | {"outcomes": "The first 800 users."}),
    "agree": ({}, {"learners": "Piotr Zieliński"}),
    "note": ({"note_status": "paused", "note_summary": "The customer is on holiday."},),
    "complete": (
        {"met": "2", "waive_reason": "No time was left.", "summary": "It runs."},
        {"summary": "It runs well."},
        {"met": ALL_MET, "summary": "It runs by itself."},
    ),
    "rate": ({}, {"rating_comment": "They knew what they did."}),
}
PROPOSED = {
    "partner": "CONTOSO",
    "contact_other": "dana.reyes@contoso-consulting.example",
    "sme_other": "kofi.mensah@fasttrack.example",
    "workload": "TEAMS",
    "topic": "coaching",
    "outcomes": "The team leads the next rollout.",
    "start": "2026-11-23",
    "end": LAST_DAY,
}


class ModelledWorld:
    """Everybody, what they are told, and what the model says of it."""

    seen: ClassVar[Counter[str]] = Counter()
    """What happened in all runs."""

    def __init__(self, directory: Copy) -> None:
        self.model = Model()
        self.delivered: list[Mapping[str, Any]] = []
        self.acknowledged: list[Acknowledged] = []
        self.tokens: list[str] = []
        self.ambiguous: set[str] = set()
        self.pressed: set[Pressed] = set()
        self.store = MemoryStore(directory)
        self.teams = TeamsInProcess()
        self.people = [self.teams.person(name) for name in CROWD]

    async def begin(self) -> None:
        self.outside = Outside(self.store, self.teams)
        self.teams.start(self.outside)
        for person in self.people:
            await person.install()

    async def submit(self, person: Person, fpm: str) -> None:
        await self.pass_time(60)
        page = await review(person, fpm=fpm)
        chosen = page.button("submit")
        assert chosen
        self.tokens.append(chosen.data["form"])
        activity = person.press_of(page, "submit")
        await person.deliver(activity)
        await self.teams.quiet()
        self.delivered.append(activity)
        number = self._number_of(self.tokens[-1])
        assert number in page.words, "the person is told the number"
        self.model.submit(number, person.email, fpm)
        self.seen["submissions"] += 1
        self.acknowledged.append(Acknowledged(number, "submit", person.email))

    async def propose(self, person: Person) -> None:
        """Propose help, as long as the period is not over."""
        await self.pass_time(60)
        if self.outside.now().date().isoformat() > LAST_DAY:
            return
        await person.say("propose CONTOSO")
        form = next(m for m in reversed(person.chat) if m.button("propose"))
        activity = person.press_of(form, "propose", **PROPOSED)
        self.tokens.append(activity["value"]["action"]["data"]["engagement"])
        person._answered(activity, await person.deliver(activity))
        await self.teams.quiet()
        self.delivered.append(activity)
        number = self._number_of(self.tokens[-1])
        self.model.propose(number, person.email, PROPOSED["contact_other"], PROPOSED["sme_other"])
        self.seen["proposals"] += 1
        self.acknowledged.append(Acknowledged(number, "propose", person.email))

    def _number_of(self, token: str) -> str:
        rows = self.store.rows("requests").items()
        (number,) = [row["number"] for key, row in rows if " request:" in key and row["token"] == token]
        return str(number)

    async def press(self, person: Person, message: Message, chosen: Button, given: int) -> None:
        inputs = INPUTS.get(chosen.verb, ({},))
        action = {"type": "Action.Execute", "verb": chosen.verb}
        action["data"] = chosen.data | inputs[given // 10 % len(inputs)]
        value = {"action": action, "trigger": "manual"}
        activity = person.activity(type="invoke", name="adaptiveCard/action", value=value, replyToId=message.id)
        self.delivered.append(activity)
        await self._pressed(person, activity)
        await (self.die() if given % 10 == 7 else self.teams.quiet())

    async def _pressed(self, person: Person, activity: Mapping[str, Any]) -> None:
        """Deliver a press and compare its answer with what the model says becomes of it."""
        await self.pass_time(4)
        data = activity["value"]["action"]["data"]
        self.pressed |= pressed_by([(person, activity)])
        self.model.is_over = (self.outside.now() - timedelta(hours=12)).date().isoformat() > LAST_DAY
        outcome = self.model.press(person.email, data, data["revision"])
        self.seen[f"presses {outcome}"] += 1
        answer = await self.teams.asked(activity)
        assert answer, "a press must be answered"
        is_card = answer[1]["type"] == "application/vnd.microsoft.card.adaptive"
        shown = words_of(answer[1]["value"]) if is_card else ""
        assert is_card == (outcome != REFUSED), (outcome, answer)
        assert (OVERTAKEN_WORDS in shown) == (outcome == OVERTAKEN), (outcome, shown)
        if outcome == DONE:
            self.acknowledged.append(Acknowledged(data["request"], data["verb"], person.email))
        if is_card:
            person._answered(activity, answer[1])

    async def deliver_again(self, activity: Mapping[str, Any]) -> None:
        person = next(p for p in self.people if p.user_id == activity["from"]["id"])
        if activity["type"] == "invoke" and "request" in activity["value"]["action"]["data"]:
            await self._pressed(person, activity)
        else:
            self.seen["forms sent again"] += 1
            await self.pass_time(4)
            await person.deliver(activity)
        await self.teams.quiet()

    async def fix(self, person: Person, message: Message) -> None:
        await self.pass_time(60)
        chosen = message.button("fix")
        if chosen is None:
            return  # The card has followed what was done to its request.
        number = chosen.data["request"]
        is_open = self.model.requests[number].status == "returned"
        said = await person.press("fix", on=message)
        assert said, "a press must be answered"
        if is_open:
            page = await fill_in(person)
            activity = person.press_of(page, "submit")
            await person.deliver(activity)
            self.delivered.append(activity)
            self.model.resubmit(number, person.email)
            self.seen["resubmissions"] += 1
            self.acknowledged.append(Acknowledged(number, "resubmit", person.email))
        await self.teams.quiet()

    async def pass_time(self, seconds: float) -> None:
        await self.teams.pass_time(seconds)
        self.follow_the_clock()

    async def die(self) -> None:
        """Break off everything that is under way, and begin anew over the same store."""
        self.seen["deaths"] += 1
        dead: Instance = self.teams.instance
        for put in dead.store.sending.values():
            self.ambiguous |= {p.conversation for p in self.people if p.email == put.values["recipient"]}
        dead.life.over.set()
        await self.pass_time(0)

    async def healed(self, logs: Callable[[], str]) -> list[str]:
        for seconds in HEALING:
            await self.pass_time(seconds)
        world = World(
            rows=self.store.rows,
            teams=self.teams,
            mails=list(self.outside.mails.values()),
            acknowledged=self.acknowledged,
            attempted=self.tokens,
            ambiguous=self.ambiguous,
            logs=logs(),
            now=self.outside.now(),
            pressed=self.pressed,
        )
        found = violations(world)
        await self.teams.bury()
        return found

    def follow_the_clock(self) -> None:
        """Let the clock do in the model what it has done in the bot; when it may, the checker looks at in the end."""
        rows = [each for each in self.store.rows("requests").items() if _is_of_the_clock(*each)]
        told = sorted((row["number"], key.split(":")[1], row["action"]) for key, row in rows)
        for revision, number, action in told:
            if revision > self.model.requests[number].revision:
                assert self.model.clock(number, action), f"{action} of {number} at revision {revision}"
                self.seen[f"promises that slipped: {action}"] += 1

    def stands(self) -> dict[str, tuple[object, ...]]:
        """Return what is kept of each request, as the model does."""
        self.follow_the_clock()
        rows = [row for key, row in self.store.rows("requests").items() if " request:" in key]
        columns = ("status", "revision", "fpm", "sme", "open_issues", "stage", "to_agree")
        return {row["number"]: tuple(row[key] for key in columns) for row in rows}


def _is_of_the_clock(key: str, row: Mapping[str, Any]) -> bool:
    return " event:" in key and row["action"] in CLOCK


def pressable(owner: Person, card: int, version: int, button: int) -> tuple[Message, Button] | None:
    """Return a button that the model knows on a card of a chat: as it stands, or as it once stood."""
    messages = [m for m in owner.chat if m.card]
    for count in range(len(messages)):
        message = messages[(count - 1 - card) % len(messages)]
        versions = [message.card or {}, *reversed(message.cards_before)]
        if known := list(_known(versions[version % len(versions)])):
            return message, known[button % len(known)]
    return None


def _known(card: dict[str, Any]) -> Iterator[Button]:
    for each in buttons(card):
        if each.verb in RULES and "request" in each.data:
            yield each
