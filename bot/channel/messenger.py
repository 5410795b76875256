"""One card to one person, or why not."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from bot.channel.connector import Connector, Kind, Outcome
from bot.channel.installation import NO_CONVERSATION, Installation
from bot.channel.lanes import Lanes
from bot.domain.delivery import Attempt, Result
from bot.domain.notices import Notice
from bot.domain.people import Address
from bot.domain.ports import People

CARD = "application/vnd.microsoft.card.adaptive"
# For a channel that says "too many" and not for how long.
LEAST_HOLD = 1.0

_RESULTS: Mapping[Kind, Result] = {
    Kind.DELIVERED: Result.DELIVERED,
    Kind.NOT_SENT: Result.NOT_SENT,
    Kind.THROTTLED: Result.THROTTLED,
    Kind.AMBIGUOUS: Result.AMBIGUOUS,
    Kind.UNAUTHORIZED: Result.UNAUTHORIZED,
    Kind.UNREACHABLE: Result.UNREACHABLE,
    Kind.REJECTED: Result.REFUSED,
    # Whoever is kept at a place that is not trusted is told another way, until they write again from a trusted one.
    Kind.FORBIDDEN_HOST: Result.UNREACHABLE,
}


def card_activity(card: Mapping[str, Any], summary: str) -> dict[str, Any]:
    """Return the message that carries a card; the summary is what a notification shows."""
    return {"type": "message", "summary": summary, "attachments": [{"contentType": CARD, "content": card}]}


class Messenger:
    """Posts and updates cards in personal chats, over the connector and within the lanes.

    Without an `installation` whoever has not opened the app cannot be reached.
    """

    def __init__(
        self, connector: Connector, people: People, lanes: Lanes, installation: Installation | None = None
    ) -> None:
        self._connector = connector
        self._people = people
        self._lanes = lanes
        self._installation = installation

    async def room_to_post(self, email: str) -> float:
        """Wait a moment for room; return 0 when there is some, else the seconds to come back after."""
        address = await self._people.address(email)
        if address is None or not self._connector.allows(address.service_url):
            return 0.0  # Nothing will be sent, or to a chat that is new; nobody need wait for that.
        return await self._lanes.enter(address.tenant_id, address.conversation_id)

    async def room_to_update(self, email: str) -> float:
        """Do the same for a card that stands already."""
        person = await self._people.by_email(email)
        return await self._lanes.enter(person.tenant_id) if person else 0.0

    async def deliver(self, email: str, card: Mapping[str, Any], summary: str) -> Attempt:
        """Post a card to a person where the channel last told us that they are."""
        address = await self._people.address(email) or await self._newly_opened(email)
        if isinstance(address, Attempt):
            return address
        activity = card_activity(card, summary) | {
            "from": {"id": address.bot_id},
            "recipient": {"id": address.member_id},
            "conversation": {"id": address.conversation_id},
        }
        outcome = await self._connector.post(address.service_url, address.conversation_id, activity)
        self._slow_down(address.tenant_id, outcome)
        return Attempt(
            _RESULTS[outcome.kind],
            _reason(outcome),
            outcome.retry_after,
            address.service_url,
            address.conversation_id,
            outcome.activity_id or "",
        )

    async def _newly_opened(self, email: str) -> Address | Attempt:
        """Bring the app to somebody who has no chat with it yet; never called in a turn."""
        if self._installation is None:
            return Attempt(Result.UNREACHABLE, NO_CONVERSATION)
        address = await self._installation.open_chat(email)
        if isinstance(address, Address) and (pause := await self._lanes.enter(address.tenant_id)):
            return Attempt(Result.THROTTLED, "too much is being sent at the moment", pause)
        return address

    async def update(self, notice: Notice, card: Mapping[str, Any], summary: str) -> Attempt:
        """Replace the card that a notice posted."""
        activity = card_activity(card, summary) | {"id": notice.activity_id}
        outcome = await self._connector.update(
            notice.service_url, notice.conversation_id, notice.activity_id, activity
        )  # fmt: skip
        if person := await self._people.by_email(notice.recipient):
            self._slow_down(person.tenant_id, outcome)
        return Attempt(_RESULTS[outcome.kind], _reason(outcome), outcome.retry_after)

    def _slow_down(self, tenant_id: str, outcome: Outcome) -> None:
        if outcome.status == HTTPStatus.TOO_MANY_REQUESTS:
            self._lanes.hold(tenant_id, outcome.retry_after or LEAST_HOLD)


def _reason(outcome: Outcome) -> str:
    return " ".join(str(part) for part in (outcome.status, outcome.code) if part)
