"""A Teams on loopback: its connector, with the chats as they look now, and people who press only what they are shown."""

import asyncio
import csv
import itertools
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from tests.stories.shown_card import Button, CannotPressError, Message, words_of

BOT = {"id": "28:c9e8c047-2a34-40a1-b28a-b162d5f5327c", "name": "SME Requests"}
LARGEST_ACTIVITY = 40 * 1024
SAMPLE = Path(__file__).resolve().parents[1] / "deployment" / "sample-directory"
PATIENCE = 15
_ids = itertools.count(1_795_322_528_135)

Fault = Callable[["Call"], Awaitable[web.Response | None]]


@dataclass(frozen=True)
class Call:
    """One call of the bot to the connector."""

    method: str
    conversation: str
    activity_id: str
    body: Any


@dataclass
class FakeTeams:
    """The connector of every tenant, and each conversation's messages. `fault` may answer a call in its place."""

    url: str = ""
    bot_url: str = ""
    chats: dict[str, list[Message]] = field(default_factory=dict)
    people: dict[str, "Person"] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    fault: Fault | None = None
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    _session: aiohttp.ClientSession | None = None

    def person(self, name: str) -> "Person":
        """Return somebody of the sample directory, the same each time."""
        if name not in self.people:
            with (SAMPLE / "people.csv").open(encoding="utf-8", newline="") as file:
                row = next(row for row in csv.DictReader(file) if row["name"] == name)
            self.people[name] = Person(self, name, row["email"], row["tenant_id"], row["object_id"], row["time_zone"])
        return self.people[name]

    def stranger(self, name: str, tenant_id: str, object_id: str) -> "Person":
        """Return somebody whom the directory does not have."""
        email = f"{name.replace(' ', '.').lower()}@elsewhere.example"
        self.people[name] = Person(self, name, email, tenant_id, object_id, "Europe/Berlin")
        return self.people[name]

    async def until(self, condition: Callable[[], object], otherwise: str = "") -> None:
        """Wait until something that the chats show is so; looked at again whenever something arrives."""
        try:
            async with asyncio.timeout(PATIENCE), self._changed:
                await self._changed.wait_for(condition)
        except TimeoutError:
            chats = "\n".join(f"--- {p.name}\n{p.transcript}" for p in self.people.values() if p.chat)
            raise AssertionError(f"{otherwise or 'it did not happen'}; the chats are\n{chats}") from None

    async def deliver(self, activity: Mapping[str, Any]) -> tuple[int, Any]:
        """Send an activity to the bot; return the status and the body of its answer."""
        assert self._session
        async with self._session.post(f"{self.bot_url}/api/messages", json=activity) as response:
            text = await response.text()
        return response.status, json.loads(text) if text else None

    @contextmanager
    def failing(self, fault: Fault):
        """Have every call answered by the fault for a while."""
        self.fault = fault
        try:
            yield
        finally:
            self.fault = None

    def application(self) -> web.Application:
        app = web.Application(client_max_size=1024 * 1024)
        place = "/{region}/{tenant}/v3/conversations"
        app.router.add_post(place, self._opened)
        app.router.add_post(place + "/{conversation}/activities", self._posted)
        app.router.add_post(place + "/{conversation}/activities/{activity}", self._posted)
        app.router.add_put(place + "/{conversation}/activities/{activity}", self._updated)
        app.router.add_get(place + "/{conversation}/members", self._members)
        app.router.add_get(place + "/{conversation}/members/{member}", self._member)
        return app

    async def _opened(self, request: web.Request) -> web.Response:
        wanted = (await request.json())["members"][0]["id"]
        found = next((p for p in self.people.values() if wanted in {p.user_id, p.object_id}), None)
        return web.json_response({"id": found.conversation}, status=201) if found else _error(404, "UserNotFound")

    async def _posted(self, request: web.Request) -> web.Response:
        call, fault = await self._call(request)
        if fault:
            return fault
        message = Message.of(str(next(_ids)), call.body)
        await self._happened(lambda: self.chats[call.conversation].append(message))
        return web.json_response({"id": message.id}, status=201)

    async def _updated(self, request: web.Request) -> web.Response:
        call, fault = await self._call(request)
        if fault:
            return fault
        message = next((m for m in self.chats[call.conversation] if m.id == call.activity_id), None)
        if message is None:
            return _error(404, "ActivityNotFoundInConversation")
        await self._happened(lambda: message.becomes(call.body))
        return web.json_response({"id": message.id})

    async def _members(self, request: web.Request) -> web.Response:
        owner = self._owner(request)
        return web.json_response([owner.member]) if owner else _error(404, "ConversationNotFound")

    async def _member(self, request: web.Request) -> web.Response:
        owner = self._owner(request)
        is_member = owner and request.match_info["member"] in {owner.user_id, owner.object_id}
        return web.json_response(owner.member) if is_member else _error(404, "MemberNotFoundInConversation")

    def _owner(self, request: web.Request) -> "Person | None":
        conversation = request.match_info["conversation"]
        return next((p for p in self.people.values() if p.conversation == conversation), None)

    async def _call(self, request: web.Request) -> tuple[Call, web.Response | None]:
        """Take a call in; answer it here when it is scripted to fail, unknown in this tenant, or too large."""
        raw = await request.text()
        place = request.match_info
        call = Call(request.method, place["conversation"], place.get("activity", ""), json.loads(raw))
        await self._happened(lambda: self.calls.append(call))
        if self.fault and (answer := await self.fault(call)):
            return call, answer
        owner = self._owner(request)
        if call.conversation not in self.chats or (owner and owner.tenant_id != place["tenant"]):
            return call, _error(404, "ConversationNotFound")
        if len(raw.encode("utf-16-le")) > LARGEST_ACTIVITY * 2:
            return call, _error(413, "MessageSizeTooBig")
        return call, None

    async def _happened(self, change: Callable[[], object]) -> None:
        async with self._changed:
            change()
            self._changed.notify_all()


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
        self.answers: list[str] = []

    @property
    def service_url(self) -> str:
        return f"{self.teams.url}/emea/{self.tenant_id}/"

    @property
    def member(self) -> dict[str, str]:
        return {"id": self.user_id, "name": self.name, "aadObjectId": self.object_id, "tenantId": self.tenant_id}

    @property
    def chat(self) -> list[Message]:
        return self.teams.chats.get(self.conversation, [])

    @property
    def transcript(self) -> str:
        return "\n\n".join(f"({m.id}) {m.words}" for m in self.chat)

    def activity(self, **fields: Any) -> dict[str, Any]:
        """Return an activity of this person with all that Teams sends along."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return {
            "type": "message",
            "id": str(next(_ids)),
            "timestamp": now,
            "localTimestamp": now,
            "localTimezone": self.time_zone,
            "channelId": "msteams",
            "serviceUrl": self.service_url,
            "from": {"id": self.user_id, "name": self.name, "aadObjectId": self.object_id},
            "conversation": {"conversationType": "personal", "tenantId": self.tenant_id, "id": self.conversation},
            "recipient": BOT,
            "entities": [
                {
                    "locale": "en-GB",
                    "country": "GB",
                    "platform": "Web",
                    "timezone": self.time_zone,
                    "type": "clientInfo",
                }
            ],
            "channelData": {"tenant": {"id": self.tenant_id}, "source": {"name": "message"}},
            "locale": "en-GB",
            **fields,
        }

    async def deliver(self, activity: Mapping[str, Any], *, expected: int = 200) -> Any:
        """Send an activity from this person's chat; return the body of the answer."""
        self.teams.chats.setdefault(self.conversation, [])
        status, body = await self.teams.deliver(activity)
        assert status == expected, f"answered {status}: {body}"
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
        return await self._turn(self.press_of(message, button, inputs))

    def press_of(self, message: Message, button: Button, inputs: Mapping[str, object]) -> dict[str, Any]:
        """Return the activity that a press makes."""
        sent = button.sends(inputs)
        if button.action["type"] == "Action.Submit":
            return self.activity(value=sent, replyToId=message.id)
        action = {"type": "Action.Execute", "title": button.title, "verb": button.verb, "data": sent}
        value = {"action": action, "trigger": "manual"}
        return self.activity(type="invoke", name="adaptiveCard/action", value=value, replyToId=message.id)

    async def forge(self, value: Mapping[str, Any], *, reply_to: str = "") -> str:
        """Attack: send a message with a value that no card of this chat holds; return what is newly shown."""
        return await self._turn(self.activity(value=value, **({"replyToId": reply_to} if reply_to else {})))

    async def forge_invoke(self, value: Any, name: str = "adaptiveCard/action") -> str:
        """Attack: send an invoke that no card of this chat makes; return what is newly shown."""
        return await self._turn(self.activity(type="invoke", name=name, value=value))

    async def forge_press(self, verb: str, number: str, revision: int = 1, **inputs: Any) -> str:
        """Attack: press a button of a request's card that was never shown here."""
        data = {"verb": verb, "request": number, "revision": revision, **inputs}
        return await self.forge_invoke({"action": {"type": "Action.Execute", "verb": verb, "data": data}})

    async def sees(self, *texts: str) -> Message:
        """Wait until a message, as it stands now, shows all these words; return the newest such."""
        found: list[Message] = []

        def shown() -> bool:
            found[:] = [m for m in self.chat if all(text in m.words for text in texts)]
            return bool(found)

        await self.teams.until(shown, f"{self.name} does not see {texts}")
        return found[-1]

    async def card_with(self, wanted: str, showing: str = "", data: Mapping[str, object] | None = None) -> Message:
        """Wait for a card with this button and these words; return the newest such."""
        found: list[Message] = []

        def shown() -> bool:
            found[:] = [m for m in self.chat if showing in m.words and m.button(wanted, data)]
            return bool(found)

        await self.teams.until(shown, f"{self.name} sees no button {wanted!r}")
        return found[-1]

    @property
    def newest_card(self) -> Message:
        return next(m for m in reversed(self.chat) if m.card)

    async def _turn(self, activity: Mapping[str, Any]) -> str:
        before = {m.id: m.words for m in self.chat}
        answer = await self.deliver(activity)
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
        self.answers.append(text)
        return str(text)


def _error(status: int, code: str) -> web.Response:
    return web.json_response({"error": {"code": code, "message": code}}, status=status)


async def answers_503(_call: Call) -> web.Response:
    """Fail as a service that is down: nothing was done."""
    return _error(503, "ServiceUnavailable")


@asynccontextmanager
async def running_teams() -> AsyncIterator[FakeTeams]:
    teams = FakeTeams()
    runner = web.AppRunner(teams.application(), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    teams.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        async with aiohttp.ClientSession() as teams._session:
            yield teams
    finally:
        await runner.cleanup()
