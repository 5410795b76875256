"""One card to one person, or why not."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from bot.channel.connector import Connector, Kind, Outcome
from bot.channel.lanes import Lanes
from bot.domain.delivery import Attempt, Result
from bot.domain.notices import Notice
from bot.domain.ports import People

CARD = "application/vnd.microsoft.card.adaptive"
# For a channel that says "too many" and not for how long.
LEAST_HOLD = 1.0
NO_CONVERSATION = "has not opened the app in Teams yet"

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
    """Posts and updates cards in personal chats, over the connector and within the lanes."""

    def __init__(self, connector: Connector, people: People, lanes: Lanes) -> None:
        self._connector = connector
        self._people = people
        self._lanes = lanes

    async def room_to_post(self, email: str) -> float:
        """Wait a moment for room; return 0 when there is some, else the seconds to come back after."""
        address = await self._people.address(email)
        if address is None or not self._connector.allows(address.service_url):
            return 0.0  # Nothing will be sent, and nobody need wait for that.
        return await self._lanes.enter(address.tenant_id, address.conversation_id)

    async def room_to_update(self, email: str) -> float:
        """Do the same for a card that stands already."""
        person = await self._people.by_email(email)
        return await self._lanes.enter(person.tenant_id) if person else 0.0

    async def deliver(self, email: str, card: Mapping[str, Any], summary: str) -> Attempt:
        """Post a card to a person where the channel last told us that they are."""
        address = await self._people.address(email)
        if address is None:
            return Attempt(Result.UNREACHABLE, NO_CONVERSATION)
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
