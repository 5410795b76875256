"""A Teams on loopback: the chats as they look now, and people who press only what they are shown."""

import asyncio
import csv
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from tests.stories.activities import BOT, activity_of, press_of
from tests.stories.connector import FakeConnector
from tests.stories.shown_card import CannotPressError, Message, words_of

SAMPLE = Path(__file__).resolve().parents[1] / "deployment" / "sample-directory"
PATIENCE = 15
REFUSED = "refused as malformed"


@dataclass
class FakeTeams(FakeConnector):
    """The connector, the people in front of it, and the way to the bot at `bot_url`."""

    bot_url: str = ""
    people: dict[str, "Person"] = field(default_factory=dict)
    _session: aiohttp.ClientSession | None = None

    def person(self, name: str) -> "Person":
        """Return somebody of the sample directory, the same each time."""
        if name not in self.people:
            with (SAMPLE / "people.csv").open(encoding="utf-8", newline="") as file:
                row = next(row for row in csv.DictReader(file) if row["name"] == name)
            self._met(Person(self, name, row["email"], row["tenant_id"], row["object_id"], row["time_zone"]))
        return self.people[name]

    def stranger(self, name: str, tenant_id: str, object_id: str) -> "Person":
        """Return somebody whom the directory does not have."""
        email = f"{name.replace(' ', '.').lower()}@elsewhere.example"
        return self._met(Person(self, name, email, tenant_id, object_id, "Europe/Berlin"))

    def _met(self, person: "Person") -> "Person":
        self.people[person.name] = self.members[person.conversation] = person
        return person

    async def deliver(self, activity: Mapping[str, Any], *, at: str = "") -> tuple[int, Any]:
        """Send an activity to the bot, or to the instance named; return the status and the body of its answer."""
        return await self.call("POST", "/api/messages", activity, at=at)

    async def settle(self) -> None:
        """Wait until the bot has told everybody what is due now."""
        status, body = await self.call("POST", "/local/clock", {"advance_seconds": 0})
        assert status == 200, body

    async def call(self, method: str, path: str, body: Any = None, *, at: str = "") -> tuple[int, Any]:
        """Call a route of the bot."""
        assert self._session
        async with self._session.request(method, (at or self.bot_url) + path, json=body) as response:
            text = await response.text()
        return response.status, json.loads(text) if text else None


@dataclass
class Person:
    """Somebody in front of Teams, with a personal chat with the bot and a service URL of the own tenant."""

    teams: FakeTeams
    name: str
    email: str
    tenant_id: str
    object_id: str
    time_zone: str

    def __post_init__(self) -> None:
        self.user_id = f"29:1{self.email}"
        self.conversation = f"a:1{self.email}"
        self.service = ""
        self.principal = ""

    @property
    def service_url(self) -> str:
        """Where this person's Teams takes messages; `service` may name another place."""
        return self.service or f"{self.teams.url}/emea/{self.tenant_id}/"

    @property
    def member(self) -> dict[str, str]:
        known = {"id": self.user_id, "name": self.name, "aadObjectId": self.object_id, "tenantId": self.tenant_id}
        return known | {"email": self.email, "userPrincipalName": self.principal or self.email}

    @property
    def chat(self) -> list[Message]:
        return self.teams.chats.get(self.conversation, [])

    @property
    def transcript(self) -> str:
        return "\n\n".join(f"({m.id}) {m.words}" for m in self.chat)

    def activity(self, **fields: Any) -> dict[str, Any]:
        """Return a message of this person, or what the fields make of it."""
        return activity_of(self, **fields)

    async def deliver(self, activity: Mapping[str, Any]) -> Any:
        """Send an activity from this person's chat; return the body of the answer."""
        self.teams.chats.setdefault(self.conversation, [])
        status, body = await self.teams.deliver(activity)
        assert status == 200, f"answered {status}: {body}"
        return body

    async def install(self) -> None:
        """Add the app: Teams tells of the installation and of the new members."""
        await self.deliver(self.activity(type="installationUpdate", action="add"))
        members = [{"id": self.user_id, "aadObjectId": self.object_id}, BOT]
        await self.deliver(self.activity(type="conversationUpdate", membersAdded=members))

    async def uninstall(self) -> None:
        await self.deliver(self.activity(type="installationUpdate", action="remove"))

    async def say(self, text: str) -> str:
        """Type words; return what the chat newly shows."""
        content = {"contentType": "text/html", "content": f"<p>{text}</p>"}
        return await self._turn(self.activity(text=text, textFormat="plain", attachments=[content]))

    async def press(
        self,
        wanted: str,
        *,
        on: Message | None = None,
        showing: str = "",
        data: Mapping[str, object] | None = None,
        **inputs: object,
    ) -> str:
        """Press the button with this title or verb, by default on the newest card with it; return what is newly shown.

        Waits for such a card. Raises CannotPressError when the client would not let the person.
        """
        message = on or await self.card_with(wanted, showing, data)
        button = message.button(wanted, data)
        if button is None:
            raise CannotPressError(f"there is no button {wanted!r} on:\n{message.words}")
        return await self._turn(press_of(self, message, button, inputs))

    def press_of(self, message: Message, wanted: str, **inputs: object) -> dict[str, Any]:
        """Return the activity that a press makes, to be delivered whenever a test likes."""
        button = message.button(wanted)
        assert button, f"no button {wanted!r} on: {message.words}"
        return press_of(self, message, button, inputs)

    async def forge(self, value: Mapping[str, Any], *, reply_to: str = "") -> str:
        """Attack: send a message with a value that no card of this chat holds; return what is newly shown."""
        return await self._forged(self.activity(value=value, **({"replyToId": reply_to} if reply_to else {})))

    async def forge_invoke(self, value: Any, name: str = "adaptiveCard/action") -> str:
        """Attack: send an invoke that no card of this chat makes; return what is newly shown."""
        return await self._forged(self.activity(type="invoke", name=name, value=value))

    async def forge_press(self, verb: str, number: str, revision: int = 1, **inputs: Any) -> str:
        """Attack: press a button of a request's card that was never shown here."""
        data = {"verb": verb, "request": number, "revision": revision, **inputs}
        return await self.forge_invoke({"action": {"type": "Action.Execute", "verb": verb, "data": data}})

    async def until(self, condition: Callable[[], object], otherwise: str) -> None:
        """Wait until something that the chat shows is so; looked at again whenever something arrives."""
        try:
            async with asyncio.timeout(PATIENCE), self.teams.changed:
                await self.teams.changed.wait_for(condition)
        except TimeoutError:
            raise AssertionError(f"{otherwise}; the chat is\n{self.transcript}") from None

    async def sees(self, *texts: str) -> Message:
        """Wait until a message, as it stands now, shows all these words; return the newest such."""
        found: list[Message] = []

        def shown() -> bool:
            found[:] = [m for m in self.chat if all(text in m.words for text in texts)]
            return bool(found)

        await self.until(shown, f"{self.name} does not see {texts}")
        return found[-1]

    async def card_with(self, wanted: str, showing: str = "", data: Mapping[str, object] | None = None) -> Message:
        """Wait for a card with this button and these words; return the newest such."""
        found: list[Message] = []

        def shown() -> bool:
            found[:] = [m for m in self.chat if showing in m.words and m.button(wanted, data)]
            return bool(found)

        await self.until(shown, f"{self.name} sees no button {wanted!r}")
        return found[-1]

    @property
    def newest_card(self) -> Message:
        return next(m for m in reversed(self.chat) if m.card)

    async def _forged(self, activity: Mapping[str, Any]) -> str:
        """Send what Teams never makes; it may be refused as malformed."""
        return await self._turn(activity, allowed=(200, 400))

    async def _turn(self, activity: Mapping[str, Any], allowed: tuple[int, ...] = (200,)) -> str:
        before = {m.id: m.words for m in self.chat}
        self.teams.chats.setdefault(self.conversation, [])
        status, answer = await self.teams.deliver(activity)
        assert status in allowed, f"answered {status}: {answer}"
        if status == 400:
            return REFUSED
        said = [self._answered(activity, answer)] if activity["type"] == "invoke" else []
        new = [m.words for m in self.chat if m.words != before.get(m.id)]
        return "\n".join([*filter(None, said), *new])

    def _answered(self, activity: Mapping[str, Any], answer: Any) -> str:
        """Show an invoke's answer as Teams does: a card takes the pressed one's place, a text stands beside it."""
        if not answer:
            return ""
        if answer["type"] == "application/vnd.microsoft.card.adaptive":
            pressed = next((m for m in self.chat if m.id == activity.get("replyToId")), None)
            if pressed:
                pressed.shows(answer["value"])
            return words_of(answer["value"])
        text = answer["value"]["message"] if answer["type"] == "application/vnd.microsoft.error" else answer["value"]
        return str(text)


@asynccontextmanager
async def running_teams(teams: FakeTeams | None = None) -> AsyncIterator[FakeTeams]:
    teams = teams or FakeTeams()
    runner = web.AppRunner(teams.application(), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    teams.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        async with aiohttp.ClientSession() as teams._session:
            yield teams
    finally:
        await runner.cleanup()
