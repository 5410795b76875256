"""The form on botbuilder-integration-aiohttp as it comes: its CloudAdapter, state, storage and dialogs."""

from typing import Any

from aiohttp import web
from botbuilder.core import ActivityHandler, ConversationState, MemoryStorage, TurnContext
from botbuilder.dialogs import ComponentDialog, Dialog, DialogExtensions, WaterfallDialog
from botbuilder.integration.aiohttp import CloudAdapter
from botbuilder.schema import Activity, Attachment
from botframework.connector.auth import (
    AuthenticationConfiguration,
    BotFrameworkAuthenticationFactory,
    PasswordServiceClientCredentialFactory,
)

from tests.bench.dialogs import AskedByCard, AskedInSteps
from tests.bench.directory import made_people
from tests.bench.form import Form
from tests.bench.peer import PeerSettings, read_peer_settings, serve


class CardPrompt(AskedByCard, Dialog):
    """One question by a card."""

    activity = Activity
    attachment = Attachment


class NewRequest(AskedInSteps, ComponentDialog):
    """The whole form."""


class DialogBot(ActivityHandler):
    """Runs the dialog on each message, and saves the state after it."""

    def __init__(self, state: ConversationState, dialog: Dialog) -> None:
        self._state = state
        self._dialog = dialog

    async def on_turn(self, turn_context: TurnContext) -> None:
        await super().on_turn(turn_context)
        await self._state.save_changes(turn_context)

    async def on_message_activity(self, turn_context: TurnContext) -> None:
        await DialogExtensions.run_dialog(self._dialog, turn_context, self._state.create_property("DialogState"))


def adapter_of(settings: PeerSettings) -> CloudAdapter:
    """Return the adapter that `ConfigurationBotFrameworkAuthentication` would make, but for the services' addresses.

    That one fills in the public addresses and takes no others; what is made of them is the same.
    """
    return CloudAdapter(
        BotFrameworkAuthenticationFactory.create(
            channel_service="",
            validate_authority=True,
            to_channel_from_bot_login_url=settings.login,
            to_channel_from_bot_oauth_scope=settings.issuer,
            to_bot_from_channel_token_issuer=settings.issuer,
            oauth_url=settings.issuer,
            to_bot_from_channel_open_id_metadata_url=settings.metadata,
            to_bot_from_emulator_open_id_metadata_url=settings.metadata,
            caller_id="urn:botframework:azure",
            credential_factory=PasswordServiceClientCredentialFactory(
                settings.app_id, settings.password, settings.tenant
            ),
            auth_configuration=AuthenticationConfiguration(),
        )
    )


def application(settings: PeerSettings) -> web.Application:
    adapter = adapter_of(settings)
    form = Form(made_people())
    new_request = NewRequest(form, WaterfallDialog, CardPrompt(form))
    bot = DialogBot(ConversationState(MemoryStorage()), new_request)

    async def messages(request: web.Request) -> Any:
        return await adapter.process(request, bot)

    app = web.Application()
    app.router.add_post("/api/messages", messages)
    return app


if __name__ == "__main__":
    settings_here = read_peer_settings()
    serve(application(settings_here), settings_here.port)
