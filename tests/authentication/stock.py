"""The SDK's own `CloudAdapter` behind a route: the oracle of the matrix."""

from types import SimpleNamespace

from aiohttp import web
from botbuilder.integration.aiohttp import CloudAdapter, ConfigurationBotFrameworkAuthentication
from botframework.connector.auth import (
    AuthenticationConfiguration,
    BotFrameworkAuthentication,
    BotFrameworkAuthenticationFactory,
    PasswordServiceClientCredentialFactory,
)

from tests.channel.local_framework import APP_ID, ISSUER

SCOPE = "https://api.botframework.com"


def trusting(metadata_url: str) -> BotFrameworkAuthentication:
    """Return the authentication whose key server can be chosen.

    It differs from the one that trusts the public key server in saying 500 where that says 401 to a missing header.
    """
    return BotFrameworkAuthenticationFactory.create(
        channel_service="",
        validate_authority=True,
        to_channel_from_bot_login_url="https://127.0.0.1/home",
        to_channel_from_bot_oauth_scope=SCOPE,
        to_bot_from_channel_token_issuer=ISSUER,
        oauth_url=SCOPE,
        to_bot_from_channel_open_id_metadata_url=metadata_url,
        to_bot_from_emulator_open_id_metadata_url=metadata_url,
        caller_id="urn:botframework:azure",
        credential_factory=PasswordServiceClientCredentialFactory(APP_ID, "hush"),
        auth_configuration=AuthenticationConfiguration(),
    )


def without_app_id() -> BotFrameworkAuthentication:
    """Return the authentication of the SDK's samples, with nothing filled in."""
    return ConfigurationBotFrameworkAuthentication(SimpleNamespace(APP_ID="", APP_PASSWORD=""))


class StockBot:
    """A bot that only counts the turns which the adapter lets it have."""

    def __init__(self, authentication: BotFrameworkAuthentication) -> None:
        self.turns = 0
        self._adapter = CloudAdapter(authentication)

    def application(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/api/messages", self._messages)
        return app

    async def on_turn(self, _context: object) -> None:
        self.turns += 1

    async def _messages(self, request: web.Request) -> web.Response:
        return await self._adapter.process(request, self)
