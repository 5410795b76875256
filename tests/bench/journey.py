"""Eight turns through the form, and what a bot must post and update in each."""

import itertools
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.domain.people import Person
from tests.bench.directory import People
from tests.bench.teams import Call, Chat, Teams

CUSTOMER = {
    "tenant_id": "72f988bf-86f1-41af-91ab-2d7cd011db47",
    "tenant_name": "Adventure Works",
    "tenant_segment": "Enterprise",
    "region": "EMEA",
}
NEED = {
    "role": "engineer",
    "workload": "TEAMS",
    "seat_count": "5,000",
    "primary_language": "en",
    "secondary_language": "fr",
}
REASON = {
    "topic": "coaching",
    "justification": "Our team has tried the deployment guide and is stuck with calling plans.",
    "notes": "",
}
BOT = {"id": "28:c9e8c047-2a34-40a1-b28a-b162d5f5327c", "name": "SME Requests"}
_MARKER = re.compile(rb'"form": ?"(\w+)", ?"card": ?"(\w+)", ?"stop": ?"(\w+)"')
_SHOWN = 1000
_ids = itertools.count(1_895_322_528_135)


@dataclass(frozen=True, slots=True)
class Step:
    """One turn: the button with its inputs, or typed words, and the calls that must come with what stands in each."""

    calls: tuple[tuple[str, bytes], ...]
    verb: str = ""
    inputs: dict[str, str] = field(default_factory=dict)


def _page(number: int) -> tuple[str, bytes]:
    return "POST", f"SME request, step {number} of 4:".encode()


STEPS = (
    Step((_page(1),)),
    Step((("PUT", b"One answer needs another look."),), "next", CUSTOMER | {"tenant_id": "no such thing"}),
    Step((_page(2), ("PUT", b"The customer: answered.")), "next", CUSTOMER),
    Step((_page(3), ("PUT", b"What is needed: answered.")), "next", NEED),
    Step((_page(2), ("PUT", b"Why a Subject Matter Expert: to be answered later.")), "back"),
    Step((_page(3), ("PUT", b"What is needed: answered.")), "next", NEED),
    Step((_page(4), ("PUT", b"Why a Subject Matter Expert: answered.")), "next", REASON),
    Step((("POST", b"SME request: check and send."), ("PUT", b"Who is involved: answered.")), "next"),
)


@dataclass
class Traveller:
    """Somebody on the way through the form in a chat of their own."""

    teams: Teams
    bot: str
    person: Person
    fpm: str
    conversation: str

    def __post_init__(self) -> None:
        self.chat = self.teams.chats[self.conversation] = Chat()
        self._marker: dict[str, str] = {}
        self._open = ""

    async def take(self, step: Step) -> float:
        """Take one turn and return the seconds from sending it until the answer and every card of it had arrived."""
        before = len(self.chat.calls)
        activity = self.activity(step)
        started = time.perf_counter()
        await self.teams.deliver(self.bot, activity)
        await self.chat.until(before + len(step.calls))
        seconds = time.perf_counter() - started
        self._look(step, self.chat.calls[before:])
        return seconds

    def leave(self) -> None:
        """Forget the chat; a bot that still has something to say there is refused."""
        del self.teams.chats[self.conversation]

    def _look(self, step: Step, calls: list[Call]) -> None:
        """Check what came, and keep what the next press needs."""
        came = [(call.method, shown in call.body) for call, (_, shown) in zip(calls, step.calls, strict=True)]
        got = [(call.method, call.body[:_SHOWN]) for call in calls]
        assert came == [(method, True) for method, _ in step.calls], f"{step}\ngot\n{got}"
        updated = [call.activity_id for call in calls if call.method == "PUT"]
        assert updated in ([], [self._open]), f"{updated} was updated, {self._open} was open"
        if calls[0].method == "POST":
            found = _MARKER.search(calls[0].body)
            assert found, calls[0]
            self._marker = dict(zip(("form", "card", "stop"), map(bytes.decode, found.groups()), strict=True))
            self._open = calls[0].activity_id

    def activity(self, step: Step) -> dict[str, object]:
        person = self.person
        activity: dict[str, object] = {
            "type": "message",
            "id": str(next(_ids)),
            "timestamp": "2026-11-22T12:00:00.000Z",
            "localTimestamp": "2026-11-22T12:00:00.000Z",
            "localTimezone": "UTC",
            "channelId": "msteams",
            "serviceUrl": f"{self.teams.url}/emea/{person.tenant_id}/",
            "from": {"id": f"29:1{person.email}", "name": person.name, "aadObjectId": person.object_id},
            "conversation": {"conversationType": "personal", "tenantId": person.tenant_id, "id": self.conversation},
            "recipient": BOT,
            "entities": [{"locale": "en-GB", "country": "GB", "platform": "Web", "type": "clientInfo"}],
            "channelData": {"tenant": {"id": person.tenant_id}, "source": {"name": "message"}},
            "locale": "en-GB",
        }
        if not step.verb:
            return activity | {"text": "new request", "textFormat": "plain"}
        inputs = step.inputs or (self._own() if step.verb == "next" else {})
        return activity | {"replyToId": self._open, "value": {**inputs, **self._marker, "verb": step.verb}}

    def _own(self) -> dict[str, str]:
        """Return what stands on the page of people from the start."""
        mine = {"partner_name": self.person.partner, "contact_email": self.person.email}
        return {**mine, "delivery_team": "FTP Partner", "fpm": self.fpm}


def travellers(teams: Teams, people: People, bot: str) -> Iterator[Traveller]:
    """Yield a requester of each partner, then another of each; whoever comes again does so in another chat."""
    requesters = sorted(people.requesters.values(), key=lambda person: person.object_id.rpartition("-")[2])
    for lap in itertools.count():
        for person in requesters:
            yield Traveller(teams, bot, person, people.partners[person.partner].fpm, f"a:{lap}{person.email}")


async def travelled(traveller: Traveller) -> list[Call]:
    """Take the whole way; return every call that it brought."""
    for step in STEPS:
        await traveller.take(step)
    return traveller.chat.calls
