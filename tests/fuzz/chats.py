"""The connector of a Teams that remembers only what a check needs, and hangs where it is told to."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.stories.connector import new_ids
from tests.stories.shown_card import Message


@dataclass(frozen=True)
class Arrived:
    """One call of the bot: where it went, by whose token, and what it said."""

    method: str
    tenant: str
    conversation: str
    authorization: str
    words: str


@dataclass
class Chats:
    """All chats at one address. A call for a chat in `hanging` is never answered, until `released`."""

    url: str = ""
    arrived: list[Arrived] = field(default_factory=list)
    newest: dict[str, Message] = field(default_factory=dict)
    hanging: set[str] = field(default_factory=set)
    released: asyncio.Event = field(default_factory=asyncio.Event)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    def add_routes(self, application: web.Application) -> None:
        place = "/emea/{tenant}/v3/conversations/{conversation:[^/]+}/activities"
        application.router.add_post(place, self._taken)
        application.router.add_route("*", place + "/{activity:[^/]+}", self._taken)
        roster = "/emea/{tenant}/v3/conversations/{conversation:[^/]+}/members/{member:[^/]+}"
        application.router.add_get(roster, _listed_nowhere)

    def take(self) -> list[Arrived]:
        """Return what has arrived since the last look."""
        arrived, self.arrived = self.arrived, []
        return arrived

    async def until(self, count: int) -> None:
        """Wait until so many calls have arrived."""
        async with asyncio.timeout(15), self.changed:
            await self.changed.wait_for(lambda: len(self.arrived) >= count)

    async def _taken(self, request: web.Request) -> web.Response:
        place, body = request.match_info, await _body_of(request)
        message = Message.of(place.get("activity") or str(next(new_ids)), body)
        token = request.headers.get("Authorization", "")
        async with self.changed:
            self.arrived.append(Arrived(request.method, place["tenant"], place["conversation"], token, message.words))
            self.changed.notify_all()
        if message.buttons:
            self.newest[place["conversation"]] = message
        if place["conversation"] in self.hanging:
            await self.released.wait()
        return web.json_response({"id": message.id}, status=201)


async def _listed_nowhere(_request: web.Request) -> web.Response:
    """Answer for whoever is looked for in the roster of a chat: the mutated are in none."""
    return web.json_response({"error": {"code": "MemberNotFoundInConversation"}}, status=404)


async def _body_of(request: web.Request) -> dict[str, Any]:
    return json.loads(await request.read() or b"{}")
