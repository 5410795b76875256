"""The connector of a Teams on loopback: takes the bot's calls, and keeps every chat as it looks now."""

import asyncio
import itertools
import json
from collections.abc import Awaitable, Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from aiohttp import web

from tests.stories.shown_card import Message

LARGEST_MESSAGE = 40 * 1024
"""Bytes of a message's JSON as UTF-16."""
new_ids = itertools.count(1_795_322_528_135)


class Member(Protocol):
    """The person of a personal chat."""

    name: str
    tenant_id: str
    object_id: str
    user_id: str
    conversation: str
    time_zone: str

    @property
    def service_url(self) -> str: ...
    @property
    def member(self) -> dict[str, str]: ...


@dataclass(frozen=True)
class Call:
    """One call of the bot."""

    method: str
    conversation: str
    activity_id: str
    body: Any


Fault = Callable[[Call], Awaitable[web.Response | None]]


@dataclass
class FakeConnector:
    """One for all tenants, each at its own service URL. `fault` may answer a call in its place."""

    url: str = ""
    members: dict[str, Member] = field(default_factory=dict)
    chats: dict[str, list[Message]] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    fault: Fault | None = None
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    @contextmanager
    def failing(self, fault: Fault):
        """Have the fault answer every call for a while; a call that it gives no answer to goes on."""
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
        app.router.add_get(place + "/{conversation}/members", self._all_members)
        app.router.add_get(place + "/{conversation}/members/{member}", self._one_member)
        return app

    async def _opened(self, request: web.Request) -> web.Response:
        wanted = (await request.json())["members"][0]["id"]
        found = next((m for m in self.members.values() if wanted in {m.user_id, m.object_id}), None)
        return web.json_response({"id": found.conversation}, status=201) if found else error(404, "UserNotFound")

    async def _posted(self, request: web.Request) -> web.Response:
        call, refusal = await self._taken(request)
        if refusal:
            return refusal
        message = Message.of(str(next(new_ids)), call.body)
        await self._happened(lambda: self.chats[call.conversation].append(message))
        return web.json_response({"id": message.id}, status=201)

    async def _updated(self, request: web.Request) -> web.Response:
        call, refusal = await self._taken(request)
        if refusal:
            return refusal
        message = next((m for m in self.chats[call.conversation] if m.id == call.activity_id), None)
        if message is None:
            return error(404, "ActivityNotFoundInConversation")
        await self._happened(lambda: message.becomes(call.body))
        return web.json_response({"id": message.id})

    async def _all_members(self, request: web.Request) -> web.Response:
        owner = self.members.get(request.match_info["conversation"])
        return web.json_response([owner.member]) if owner else error(404, "ConversationNotFound")

    async def _one_member(self, request: web.Request) -> web.Response:
        owner, wanted = self.members.get(request.match_info["conversation"]), request.match_info["member"]
        is_member = owner and wanted in {owner.user_id, owner.object_id}
        return web.json_response(owner.member) if is_member else error(404, "MemberNotFoundInConversation")

    async def _taken(self, request: web.Request) -> tuple[Call, web.Response | None]:
        """Take a call in; refuse it when it is scripted to fail, too large, or of no chat in this tenant."""
        place = request.match_info
        call = Call(request.method, place["conversation"], place.get("activity", ""), await request.json())
        await self._happened(lambda: self.calls.append(call))
        if self.fault and (answer := await self.fault(call)):
            return call, answer
        owner = self.members.get(call.conversation)
        if call.conversation not in self.chats or (owner and owner.tenant_id != place["tenant"]):
            return call, error(404, "ConversationNotFound")
        if len(json.dumps(call.body, ensure_ascii=False, separators=(",", ":")).encode("utf-16-le")) > LARGEST_MESSAGE:
            return call, error(413, "MessageSizeTooBig")
        return call, None

    async def _happened(self, change: Callable[[], object]) -> None:
        async with self.changed:
            change()
            self.changed.notify_all()


def error(status: int, code: str) -> web.Response:
    return web.json_response({"error": {"code": code, "message": code}}, status=status)


async def answers_503(_call: Call) -> web.Response:
    """Fail as a service that is down: nothing was done."""
    return error(503, "ServiceUnavailable")


async def answers_400(_call: Call) -> web.Response:
    """Fail as a service that does not take the message."""
    return error(400, "BadSyntax")
