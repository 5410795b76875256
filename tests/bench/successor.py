"""The form on microsoft-agents as it comes: its CloudAdapter, token middleware, state, storage and dialogs."""

from typing import Any

from aiohttp import web
from microsoft_agents.activity import Activity, Attachment
from microsoft_agents.authentication.msal import MsalConnectionManager
from microsoft_agents.hosting.aiohttp import CloudAdapter, jwt_authorization_middleware
from microsoft_agents.hosting.core import (
    ActivityHandler,
    AgentAuthConfiguration,
    ConversationState,
    MemoryStorage,
    TurnContext,
)
from microsoft_agents.hosting.core.authorization import _entra_issuers
from microsoft_agents.hosting.dialogs import ComponentDialog, Dialog, DialogExtensions, WaterfallDialog

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


class DialogAgent(ActivityHandler):
    """Runs the dialog on each message, and saves the state after it.

    The state is made anew for each turn, as `AgentApplication` does it. The samples of this handler share one, which
    keeps the chat that was loaded last in itself, and so saves one chat's state as another's when turns overlap.
    """

    def __init__(self, storage: MemoryStorage, dialog: Dialog) -> None:
        self._storage = storage
        self._dialog = dialog

    async def on_message_activity(self, turn_context: TurnContext) -> None:
        state = ConversationState(self._storage)
        await DialogExtensions.run_dialog(self._dialog, turn_context, state.create_property("DialogState"))
        await state.save(turn_context)


def connections_of(settings: PeerSettings) -> MsalConnectionManager:
    service = AgentAuthConfiguration(
        client_id=settings.app_id,
        tenant_id=settings.tenant,
        client_secret=settings.password,
        authority=settings.login,
        scopes=[f"{settings.issuer}/.default"],
        connection_name="SERVICE_CONNECTION",
    )
    return MsalConnectionManager(connections_configurations={"SERVICE_CONNECTION": service})


def application(settings: PeerSettings) -> web.Application:
    connections = connections_of(settings)
    # The address of the Bot Framework's keys is no setting of this SDK, but an entry of its table.
    _entra_issuers.BOTFRAMEWORK_JWKS_URIS[settings.issuer] = settings.metadata.replace("/metadata", "/keys")
    adapter = CloudAdapter(connection_manager=connections)
    form = Form(made_people())
    new_request = NewRequest(form, WaterfallDialog, CardPrompt(form))
    agent = DialogAgent(MemoryStorage(), new_request)

    async def messages(request: web.Request) -> Any:
        return await adapter.process(request, agent)

    app = web.Application(middlewares=[jwt_authorization_middleware])
    app["agent_configuration"] = connections.get_default_connection_configuration()
    app.router.add_post("/api/messages", messages)
    return app


if __name__ == "__main__":
    settings_here = read_peer_settings()
    serve(application(settings_here), settings_here.port)
