"""What Teams and Entra are to a bot, on loopback and as lean as can be: it shares the machine with what is measured."""

import asyncio
import itertools
import json
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import aiohttp
from aiohttp import web

from tests.channel.local_framework import APP_ID, ISSUER, OTHER_PRIVATE_KEY, KeyServer, sign
from tests.channel.sign_in import SignInService, write_pem

KEY_ID = "bench"
PATIENCE = 60.0
_TOKEN_SECONDS = 3600
_ids = itertools.count(1_795_322_528_135)


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a bot; `activity_id` is that of the message posted or updated."""

    method: str
    activity_id: str
    body: bytes


@dataclass(slots=True)
class Chat:
    """The calls to one conversation, in order."""

    calls: list[Call] = field(default_factory=list)
    _waiting: asyncio.Future[None] | None = None

    def arrived(self, call: Call) -> None:
        self.calls.append(call)
        if self._waiting and not self._waiting.done():
            self._waiting.set_result(None)

    async def until(self, count: int) -> None:
        """Wait until so many calls have arrived."""
        async with asyncio.timeout(PATIENCE):
            while len(self.calls) < count:
                self._waiting = asyncio.get_running_loop().create_future()
                await self._waiting


@dataclass
class Teams:
    """The connector of all chats, and the way to a bot. Only what bears a token of the sign-in service is taken."""

    session: aiohttp.ClientSession
    url: str = ""
    metadata: str = ""
    authority: str = ""
    pem: Path = Path()
    chats: dict[str, Chat] = field(default_factory=dict)

    async def taken(self, request: web.BaseRequest) -> web.Response:
        body = await request.read()
        if not request.headers.get("Authorization", "").startswith("Bearer token-"):
            return web.Response(status=401)
        conversation, _, place = request.path.partition("/v3/conversations/")[2].partition("/activities")
        activity_id = place.strip("/") if request.method == "PUT" else str(next(_ids))
        self.chats[conversation].arrived(Call(request.method, activity_id, body))
        return web.json_response({"id": activity_id}, status=200 if request.method == "PUT" else 201)

    async def deliver(self, bot: str, activity: dict[str, object]) -> None:
        """Send an activity to a bot, with the token that Teams has for its service URL."""
        status = await self.status_of(bot, activity)
        assert status in {200, 201, 202}, f"answered {status}"

    async def status_of(self, bot: str, activity: dict[str, object], *, forged: bool = False) -> int:
        """Send an activity to a bot, perhaps with a token that somebody else signed, and return the status."""
        token = _token(str(activity["serviceUrl"]), is_forged=forged)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        data = json.dumps(activity).encode()
        async with self.session.post(f"{bot}/api/messages", data=data, headers=headers) as response:
            await response.read()
        return response.status

    def environment(self) -> dict[str, str]:
        """Return the settings of a bot in production mode that find all of this."""
        return {
            "SME_MODE": "production",
            "SME_ALLOW_SQLITE": "1",
            "SME_CHANNEL_METADATA": self.metadata,
            "SME_CHANNEL_ISSUER": ISSUER,
            "SME_LOGIN_AUTHORITY": self.authority,
            "SME_SERVICE_HOSTS": self.url.removeprefix("http://"),
            "MICROSOFT_APP_ID": APP_ID,
            "MICROSOFT_APP_TYPE": "SingleTenant",
            "MICROSOFT_APP_PASSWORD": "hush",
            "REQUESTS_CA_BUNDLE": str(self.pem),
            "NO_PROXY": "127.0.0.1",
        }


@cache
def _token(service_url: str, *, is_forged: bool) -> str:
    now = int(time.time())
    claims = {"serviceurl": service_url, "nbf": now, "exp": now + _TOKEN_SECONDS, "iss": ISSUER, "aud": APP_ID}
    return sign(claims, KEY_ID, OTHER_PRIVATE_KEY) if is_forged else sign(claims, KEY_ID)


def _sign_in(service: SignInService) -> web.Application:
    """Return Entra's routes, also under the path of a policy, which the peers need."""
    app = service.application()
    app.router.add_get("/{tenant}/{policy}/v2.0/.well-known/openid-configuration", service._configuration)
    return app


async def _served(
    stack: AsyncExitStack, server: web.Application | web.Server, tls: ssl.SSLContext | None = None
) -> str:
    """Serve on a free port until the stack ends; return the address."""
    options = {"shutdown_timeout": 0.1}
    is_app = isinstance(server, web.Application)
    runner = web.AppRunner(server, access_log=None, **options) if is_app else web.ServerRunner(server, **options)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
    return f"{'https' if tls else 'http'}://127.0.0.1:{runner.addresses[0][1]}"


@asynccontextmanager
async def running_teams(folder: Path) -> AsyncIterator[Teams]:
    """Serve connector, signing keys and sign-in; the certificate of the last is written into the folder.

    The servers trust this one certificate only. Reading the public ones takes far longer, which is spared to whoever
    opens a new session for each token, as the stock adapter does.
    """
    keys, sign_in = KeyServer(), SignInService()
    keys.publish(KEY_ID)
    key_routes = web.Application()
    key_routes.router.add_get("/metadata", keys.metadata)
    key_routes.router.add_get("/keys", keys.keys)
    async with AsyncExitStack() as stack:
        connections = aiohttp.TCPConnector(limit=0)
        session = await stack.enter_async_context(aiohttp.ClientSession(connector=connections))
        teams = Teams(session, pem=write_pem(folder / "sign-in.pem"))
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(teams.pem)
        teams.metadata = f"{await _served(stack, key_routes)}/metadata"
        teams.authority = sign_in.authority = await _served(stack, _sign_in(sign_in), tls)
        teams.url = await _served(stack, web.Server(teams.taken, access_log=None))
        yield teams
