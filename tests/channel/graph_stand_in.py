"""Microsoft Graph on loopback: a catalogue of Teams apps, the accounts of one tenant, and mail from its mailboxes."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.channel.graph import PERMISSIONS, SCOPE
from tests.channel.sign_in import SignInService

TEAMS_APP_ID = "5e1d0b57-0f6c-4f0e-9a53-2f0f6b1f7a11"
"""The id in the manifest of the Teams app."""
CATALOGUE_ID = "b1c5353a-7aca-41b3-830f-27d5218fe0e5"
"""The id that the catalogue has given it."""
CATALOGUE, USERS, INSTALL, SEND_MAIL = "catalogue", "users", "install", "send mail"
_NEEDED = {
    CATALOGUE: {"AppCatalog.Read.All"},
    USERS: {"User.ReadBasic.All", "User.Read.All"},
    INSTALL: {"TeamsAppInstallation.ReadWriteSelfForUser.All"},
    SEND_MAIL: {"Mail.Send"},
}
_EQUALS = re.compile(r"(\w+) eq '((?:[^']|'')*)'")

Step = tuple[int, dict[str, str], Any] | str


async def _nothing(_user: str) -> None:
    """Tell nobody of an installation."""


@dataclass
class GraphStandIn:
    """Takes only tokens that the sign-in service has issued for Graph, and does only what is granted.

    The next step of `script` for a call answers in its place: (status, headers, body), "hang" until `released` is
    set, or "reset". Once it has asked for peace, `impatient` counts the calls that come too early.
    """

    sign_in: SignInService
    url: str = ""
    granted: set[str] = field(default_factory=lambda: set(PERMISSIONS))
    apps: list[dict[str, str]] = field(default_factory=list)
    users: list[dict[str, str]] = field(default_factory=list)
    installed: set[tuple[str, str]] = field(default_factory=set)
    mails: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    queries: list[dict[str, str]] = field(default_factory=list)
    script: dict[str, list[Step]] = field(default_factory=dict)
    refused_tokens: set[str] = field(default_factory=set)
    on_install: Callable[[str], Awaitable[None]] = _nothing
    released: asyncio.Event = field(default_factory=asyncio.Event)
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    peace_until: float = 0.0
    impatient: int = 0

    def publish(self, catalogue_id: str = CATALOGUE_ID, external_id: str = TEAMS_APP_ID) -> None:
        """Put the app into the organisation's catalogue."""
        self.apps.append({"id": catalogue_id, "externalId": external_id, "distributionMethod": "organization"})

    def enrol(self, object_id: str, mail: str, principal: str = "") -> None:
        """Add an account of the tenant."""
        self.users.append({"id": object_id, "mail": mail, "userPrincipalName": principal or mail})

    def answer_next(self, call: str, *steps: Step) -> None:
        self.script.setdefault(call, []).extend(steps)

    def application(self) -> web.Application:
        app = web.Application(client_max_size=8 * 1024 * 1024)
        routes = [
            ("GET", "/v1.0/appCatalogs/teamsApps", CATALOGUE, self._list_apps),
            ("GET", "/v1.0/users", USERS, self._list_users),
            ("POST", "/v1.0/users/{user}/teamwork/installedApps", INSTALL, self._install),
            ("POST", "/v1.0/users/{user}/sendMail", SEND_MAIL, self._send_mail),
        ]
        for method, path, call, handler in routes:
            app.router.add_route(method, path, self._guarded(call, handler))
        return app

    def _guarded(self, call: str, handler: Callable[[web.Request], Awaitable[web.Response]]) -> Any:
        async def answer(request: web.Request) -> web.StreamResponse:
            self.calls.append(call)
            self.queries.append(dict(request.query))
            self.impatient += time.monotonic() < self.peace_until
            self.reached.set()
            scheme, _, token = request.headers.get("Authorization", "").partition(" ")
            if scheme != "Bearer" or self.sign_in.scopes.get(token) != SCOPE or token in self.refused_tokens:
                return _error(401, "InvalidAuthenticationToken")
            step = self.script[call].pop(0) if self.script.get(call) else None
            if step == "hang":
                await self.released.wait()
            elif step == "reset":
                request.transport.abort()
                return web.Response()
            elif step:
                return self._scripted(*step)
            return await handler(request) if self.granted & _NEEDED[call] else _error(403, "Forbidden")

        return answer

    def _scripted(self, status: int, headers: dict[str, str], body: Any) -> web.Response:
        if status == 429:
            self.peace_until = time.monotonic() + float(headers.get("Retry-After", 0))
        return web.json_response(body, status=status, headers=headers)

    async def _list_apps(self, request: web.Request) -> web.Response:
        return web.json_response({"value": _filtered(self.apps, request)})

    async def _list_users(self, request: web.Request) -> web.Response:
        shown = request.query.get("$select", "id").split(",")
        found = [{name: user[name] for name in shown} for user in _filtered(self.users, request)]
        return web.json_response({"value": found})

    async def _install(self, request: web.Request) -> web.Response:
        user, bound = request.match_info["user"], (await request.json()).get("teamsApp@odata.bind", "")
        app = next(
            (each["id"] for each in self.apps if bound == f"{self.url}/v1.0/appCatalogs/teamsApps/{each['id']}"), ""
        )
        if not app or all(user != each["id"] for each in self.users):
            return _error(404, "NotFound")
        if (user, app) in self.installed:
            return _error(409, "Conflict")
        self.installed.add((user, app))
        await self.on_install(user)
        return web.Response(status=201)

    async def _send_mail(self, request: web.Request) -> web.Response:
        self.mails.append((request.match_info["user"], (await request.json())["message"]))
        return web.Response(status=202)


def _filtered(rows: list[dict[str, str]], request: web.Request) -> list[dict[str, str]]:
    """Return the rows of which one of the named columns has the named value, in whatever case."""
    wanted = [(name, value.replace("''", "'").lower()) for name, value in _EQUALS.findall(request.query["$filter"])]
    return [row for row in rows if any(row.get(name, "").lower() == value for name, value in wanted)]


def _error(status: int, code: str) -> web.Response:
    return web.json_response({"error": {"code": code, "message": code}}, status=status)


@asynccontextmanager
async def running_graph(sign_in: SignInService) -> AsyncIterator[GraphStandIn]:
    graph = GraphStandIn(sign_in)
    async with TestServer(graph.application()) as server:
        graph.url = str(server.make_url("")).rstrip("/")
        try:
            yield graph
        finally:
            graph.released.set()
