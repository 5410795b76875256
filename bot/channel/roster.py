"""Who Teams says that somebody is: the addresses in the roster of their own chat with the bot."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass

from botbuilder.schema import Activity

from bot.channel.connector import Connector, Kind

PATIENCE = 0.7
"""So many seconds a turn waits for the roster; whoever it does not name in time is somebody unknown."""
GUEST_MARK = "#ext#"
_ANSWERED = frozenset({Kind.DELIVERED, Kind.UNREACHABLE, Kind.REJECTED})
_MOST_KEPT = 64


@dataclass(frozen=True, slots=True)
class Listed:
    """What the roster says of a person: lower-case addresses under which the directory may know them.

    `is_known` is False when the roster did not answer.
    """

    addresses: tuple[str, ...] = ()
    is_guest: bool = False
    is_known: bool = True


class Roster:
    """Asks the connector, which is authentic about the members of a chat."""

    def __init__(self, connector: Connector) -> None:
        self._connector = connector
        self._kept: OrderedDict[int, tuple[Activity, Listed]] = OrderedDict()

    async def of(self, activity: Activity) -> Listed:
        """Return what the roster says of the sender; nothing about somebody else. It is asked once for an activity."""
        # Kept with the activity itself, as an id may come again.
        if id(activity) not in self._kept:
            listed = await self._asked(activity)
            while len(self._kept) >= _MOST_KEPT:
                self._kept.popitem(last=False)
            self._kept[id(activity)] = activity, listed
        return self._kept[id(activity)][1]

    async def _asked(self, activity: Activity) -> Listed:
        member_id, chat = activity.from_property.id, activity.conversation.id
        try:
            async with asyncio.timeout(PATIENCE):
                outcome = await self._connector.member(activity.service_url, chat, member_id)
        except TimeoutError:
            return Listed(is_known=False)
        if outcome.kind not in _ANSWERED:
            return Listed(is_known=False)
        body = outcome.body if outcome.kind is Kind.DELIVERED else {}
        texts = {key: value.strip().lower() for key, value in body.items() if isinstance(value, str)}
        # Teams gives the object id under either name.
        listed_id, sender_id = texts.get("aadObjectId") or texts.get("objectId"), activity.from_property.aad_object_id
        if not sender_id or listed_id != sender_id.lower():
            return Listed()
        addresses = [text for key in ("userPrincipalName", "email") if (text := texts.get(key, ""))]
        return Listed(tuple(dict.fromkeys(addresses)), is_guest=any(GUEST_MARK in text for text in addresses))
