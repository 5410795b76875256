"""The real composition in production mode, in front of a Teams that signs as the Bot Framework does."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

import app
from bot.listening import listening
from bot.service import Service
from bot.settings import SAMPLE_HOME_TENANT, read_settings
from tests.authentication.forger import SignedActivity
from tests.channel.local_framework import APP_ID
from tests.channel.sign_in import SignInService
from tests.stories.running_bot import Bot
from tests.teams import FakeTeams

HOME_TENANT = "2b1e6f0a-93c4-4d1c-8f5e-1f0c6b7d8e90"
"""Where the bot is registered; none of the sample people is at home there."""


@dataclass
class SignedTeams(FakeTeams):
    """Signs what it delivers, and notes with which authorization the bot calls."""

    authorizations: list[str | None] = field(default_factory=list)
    service: Service | None = None

    def application(self) -> web.Application:
        application = super().application()
        application.middlewares.append(self._noted)
        return application

    async def call(self, method: str, path: str, body: Any = None, *, at: str = "") -> tuple[int, Any]:
        if path != "/api/messages":
            return await super().call(method, path, body, at=at)
        post = SignedActivity(body).post()
        async with self._session.post(self.bot_url + path, data=post.body, headers=post.headers) as response:
            return response.status, await response.json() if await response.read() else None

    async def settle(self) -> None:
        await self.service._worker.drain()

    @web.middleware
    async def _noted(self, request: web.Request, handler: Any) -> web.StreamResponse:
        self.authorizations.append(request.headers.get("Authorization"))
        return await handler(request)


def production(folder: Path, teams_url: str, metadata_url: str, sign_in: SignInService) -> dict[str, str]:
    """Return the environment of a bot whose registration lives in the home tenant, with a secret."""
    return {
        "SME_MODE": "production",
        "SME_ALLOW_SQLITE": "1",
        **Bot(FakeTeams(), folder).environment,
        "SME_HOME_TENANT": SAMPLE_HOME_TENANT,
        "SME_CHANNEL_METADATA": metadata_url,
        "SME_LOGIN_AUTHORITY": sign_in.authority,
        "SME_SERVICE_HOSTS": teams_url.removeprefix("http://"),
        "MICROSOFT_APP_ID": APP_ID,
        "MICROSOFT_APP_TYPE": "SingleTenant",
        "MICROSOFT_APP_TENANT_ID": HOME_TENANT,
        "MICROSOFT_APP_PASSWORD": "hush",
    }


@asynccontextmanager
async def running_production_bot(
    folder: Path, metadata_url: str, sign_in: SignInService, **settings: str
) -> AsyncIterator[Bot]:
    teams = SignedTeams()
    async with TestServer(teams.application()) as connector, aiohttp.ClientSession() as teams._session:
        teams.url = str(connector.make_url("")).rstrip("/")
        chosen = read_settings(production(folder, teams.url, metadata_url, sign_in) | settings)
        async with app.telemetry_of(chosen) as telemetry, app.opened(chosen) as store, app.outward_session() as session:
            teams.service = app.service_of(chosen, store, session, telemetry)
            await app.load_first_directory(chosen, store)
            application = teams.service.web.application()
            async with listening(application, "127.0.0.1", 0) as port, teams.service.running():
                teams.bot_url = f"http://127.0.0.1:{port}"
                yield Bot(teams, folder)
