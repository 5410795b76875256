"""People who do not give up: what got no answer is sent again, first as it was, then anew."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.faults.checker import Acknowledged, Pressed
from tests.faults.in_process import TeamsInProcess
from tests.stories.activities import press_of
from tests.stories.connector import new_ids
from tests.stories.shown_card import Message
from tests.teams import Person

OVERTAKEN = "This had changed before your press."
_PATIENCE = 8
# The lease of a work row, and the sending of a notice.
_DONE_AGAIN_AFTER = (61, 91)

Make = Callable[[], Mapping[str, Any] | None]


@dataclass
class Deed:
    """Something that somebody wants done: how it is sent (None: there is no such button), and what they then see.

    `verb` is what it does to the request, where it does something; `is_seen` is asked of what an answer leaves in the
    chat, and never so of a press that is answered by a card.
    """

    person: Person
    make: Make
    verb: str = ""
    is_seen: Callable[[], object] = lambda: True


@dataclass
class Passing:
    """So many seconds pass, and then what broke off or failed is done again."""

    seconds: float


@dataclass
class SteppingBack:
    """The clock goes back for a while, and everything is looked at meanwhile."""

    seconds: float


Step = Deed | Passing | SteppingBack


@dataclass
class Record:
    """What was sent, and what people were told."""

    sent: list[tuple[Deed, Mapping[str, Any]]] = field(default_factory=list)
    acknowledged: list[Acknowledged] = field(default_factory=list)
    overtaken: list[Acknowledged] = field(default_factory=list)
    attempted: list[str] = field(default_factory=list)
    given_up: list[Deed] = field(default_factory=list)


def press(person: Person, verb: str, *, headed: str = "", showing: str = "", rating: int = 0, **inputs: object) -> Make:
    """Press the newest button with this verb, if the chat shows one, on a card with this headline and these words."""
    data = {"rating": rating} if rating else None

    def make() -> Mapping[str, Any] | None:
        cards = (m for m in reversed(person.chat) if headed in m.summary and has_verb(m, verb))
        found = ((m, m.button(verb, data)) for m in cards if not showing or showing in m.words)
        message, button = next(((m, b) for m, b in found if b), (None, None))
        return press_of(person, message, button, inputs) if message and button else None

    return make


def shows(person: Person, words: str) -> bool:
    return any(words in message.words for message in person.chat)


def has_verb(message: Message, verb: str) -> bool:
    """Say whether a card can have a button with this verb; walking through all cards takes most of a run."""
    return f"'verb': '{verb}'" in repr(message.card)


def renewed(activity: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the activity as a client sends it once more: with another id."""
    return {**activity, "id": str(next(new_ids))}


async def do(teams: TeamsInProcess, step: Step, record: Record, number: Callable[[], str]) -> None:
    match step:
        case Deed():
            await _do(teams, step, record, number)
        case Passing():
            for seconds in (step.seconds, *_DONE_AGAIN_AFTER):
                await teams.pass_time(seconds)
        case SteppingBack():
            await teams.pass_time(-step.seconds)
            teams.instance.nudge_everything()
            await teams.quiet()
            await teams.pass_time(step.seconds)


async def _do(teams: TeamsInProcess, deed: Deed, record: Record, number: Callable[[], str]) -> None:
    """Have it done: wait for an answer, send again as Teams does, and then press again as people do."""
    for _ in range(_PATIENCE):
        activity = deed.make()
        if activity is None:
            # The card may be late; who waits in vain asks after it.
            await teams.pass_time(60)
            activity = deed.make()
        if activity is None and deed.is_seen():
            return
        if activity is None:
            await teams.asked(deed.person.activity(text="There is no card here.", textFormat="plain"))
            continue
        for again in (activity, activity, renewed(activity)):
            if await tell(teams, deed, again, record, number):
                return
    record.given_up.append(deed)


async def tell(
    teams: TeamsInProcess, deed: Deed, activity: Mapping[str, Any], record: Record, number: Callable[[], str]
) -> bool:
    """Send it once; True when the person sees it done, or is told why it is not."""
    if form := form_of(activity):
        record.attempted.append(form)
    record.sent.append((deed, activity))
    answer = await teams.asked(activity)
    await teams.quiet()
    return answer is not None and is_told(deed, activity, answer, record, number)


def form_of(activity: Mapping[str, Any]) -> str:
    """Return the token of the form or the proposal that is sent, '' when none is."""
    value = activity.get("value") or {}
    if value.get("verb") == "submit":
        return str(value["form"])
    action = value.get("action") or {}
    return str(action["data"]["engagement"]) if action.get("verb") == "propose" else ""


def pressed_by(sent: Iterable[tuple[Person, Mapping[str, Any]]]) -> set[Pressed]:
    """Return the presses on requests' cards among what people have sent."""
    found = set()
    for person, activity in sent:
        data = ((activity.get("value") or {}).get("action") or {}).get("data", {})
        if "request" in data:
            found.add(Pressed(data["request"], data["verb"], person.email, int(data["revision"])))
    return found


def is_told(
    deed: Deed, activity: Mapping[str, Any], answer: tuple[int, Any], record: Record, number: Callable[[], str]
) -> bool:
    """Note what an answer tells; False when it asks to try again, or nothing can be seen of it."""
    status, body = answer
    assert status == 200, answer
    told = record.acknowledged
    if activity["type"] != "invoke":
        if not deed.is_seen():
            return False
    elif body["type"] != "application/vnd.microsoft.card.adaptive":
        return False
    else:
        deed.person._answered(activity, body)
        told = record.overtaken if OVERTAKEN in repr(body["value"]) else told
    if deed.verb:
        pressed = value["action"]["data"].get("request") if "action" in (value := activity["value"]) else None
        told.append(Acknowledged(pressed or number(), deed.verb, deed.person.email))
    return True
