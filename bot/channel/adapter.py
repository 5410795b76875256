"""The SDK's turn over our own edge: what a turn sends is collected, and leaves after its state is saved."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal, NoReturn

from botbuilder.core import TurnContext
from botbuilder.core.cloud_adapter_base import CloudAdapterBase
from botbuilder.schema import Activity, ActivityTypes, ResourceResponse
from botframework.connector.auth import BotFrameworkAuthentication, ClaimsIdentity
from botframework.connector.auth.authenticate_request_result import AuthenticateRequestResult
from botframework.connector.auth.connector_factory import ConnectorFactory

from bot.channel.activities import encode
from bot.channel.answers import Answer, answer_given


@dataclass(slots=True)
class Sending:
    """One thing that a turn wants sent; `activity_id` is the target of an update or deletion."""

    kind: Literal["post", "update", "delete"]
    activity: dict[str, Any]
    activity_id: str | None


@dataclass(slots=True)
class TurnResult:
    """What a turn wants sent, in order, and the HTTP status and JSON body that answer an invoke."""

    sendings: list[Sending]
    invoke: Answer | None


class TeamsAdapter(CloudAdapterBase):  # type: ignore[misc]  # the SDK ships no types
    """Runs the bot's logic on one admitted activity, and sends nothing itself.

    So a turn can be run again when its state turns out to have changed meanwhile. Whatever the logic raises
    reaches the caller.
    """

    def __init__(self) -> None:
        super().__init__(_AuthenticatedByTheGate())

    async def run(self, activity: Activity, logic: Callable[[TurnContext], Awaitable[None]]) -> TurnResult:
        # Teams never asks for replies inside the HTTP answer; were it taken from the body, they would be lost.
        activity.delivery_mode = None
        collected = _Collected()
        answers: list[Answer] = []

        async def answered_logic(context: TurnContext) -> None:
            await logic(context)
            answers.append(answer_given(context))

        admitted = AuthenticateRequestResult()
        admitted.claims_identity = ClaimsIdentity({}, is_authenticated=True)
        admitted.connector_factory = _OneTurn(collected)
        await self.process_activity(admitted, activity, answered_logic)
        is_invoke = activity.type == ActivityTypes.invoke
        return TurnResult(collected.sendings, answers[-1] if is_invoke else None)


class _Collected:
    """Stands where the SDK expects its connector client, and notes what it is asked to send.

    Only what a turn may do is here: looking up members in a turn fails, as design forbids it.
    """

    def __init__(self) -> None:
        self.sendings: list[Sending] = []

    @property
    def conversations(self) -> "_Collected":
        return self

    async def send_to_conversation(self, _conversation_id: str, activity: Activity) -> ResourceResponse:
        self.sendings.append(Sending("post", encode(activity), None))
        # Teams gives the id when the turn is over.
        return ResourceResponse(id="")

    async def reply_to_activity(self, conversation_id: str, _activity_id: str, activity: Activity) -> ResourceResponse:
        return await self.send_to_conversation(conversation_id, activity)

    async def update_activity(self, _conversation_id: str, activity_id: str, activity: Activity) -> ResourceResponse:
        self.sendings.append(Sending("update", encode(activity), activity_id))
        return ResourceResponse(id=activity_id)

    async def delete_activity(self, _conversation_id: str, activity_id: str) -> None:
        self.sendings.append(Sending("delete", {}, activity_id))


class _OneTurn(ConnectorFactory):  # type: ignore[misc]  # the SDK ships no types
    """Hands one turn its own collection."""

    def __init__(self, collected: _Collected) -> None:
        self._collected = collected

    async def create(self, service_url: str, audience: str) -> _Collected:  # noqa: ARG002 - the SDK's signature
        return self._collected


class _AuthenticatedByTheGate(BotFrameworkAuthentication):  # type: ignore[misc]  # the SDK ships no types
    """Refuses every way into a turn that does not come from the gate."""

    async def authenticate_request(self, activity: Activity, auth_header: str) -> NoReturn:  # noqa: ARG002
        raise PermissionError("the gate authenticates requests")

    async def authenticate_streaming_request(
        self,
        auth_header: str,  # noqa: ARG002 - the SDK's signature
        channel_id_header: str,  # noqa: ARG002 - the SDK's signature
    ) -> NoReturn:
        raise PermissionError("streaming is not offered")

    def create_connector_factory(self, claims_identity: ClaimsIdentity) -> NoReturn:  # noqa: ARG002
        raise PermissionError("the courier sends to people outside a turn")

    async def create_user_token_client(self, claims_identity: ClaimsIdentity) -> None:
        """Return nothing: only OAuth prompts would need one, and there are none."""
