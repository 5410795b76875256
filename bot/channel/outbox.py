"""Delivers what turns want sent: in order within a conversation, and without holding the turn up."""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

from bot.channel.adapter import Sending
from bot.channel.connector import LINE_FULL, Connector, Kind, Outcome

PATIENCE = 1.5
"""So many seconds a turn waits for its answer to be taken."""
_ATTEMPTS = 4
_FIRST_PAUSE = 0.5
# Who is told to wait longer than this is not waited for: the next activity posts what is missing.
_LONGEST_PAUSE = 30.0
# A chat whose connector hangs gets no longer line than this; what finds it full is not sent.
_MOST_WAITING = 16
_FULL = Outcome(None, None, LINE_FULL, None)

_log = logging.getLogger(__name__)

Posted = Callable[[Sending, Outcome], Awaitable[None] | None]


@dataclass(frozen=True, slots=True)
class ConversationAddress:
    """Where a conversation is reached."""

    service_url: str
    conversation_id: str


class Outbox:
    """Sends each conversation's sendings one after the other, and forgets the conversation afterwards.

    Only what certainly was not executed is sent again: an ambiguous failure could show a card twice.
    """

    def __init__(self, connector: Connector, *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._connector = connector
        self._sleep = sleep
        self._last: dict[str, asyncio.Task[list[Outcome]]] = {}
        self._waiting: Counter[str] = Counter()
        self._running: set[asyncio.Task[list[Outcome]]] = set()

    async def flush(
        self,
        conversation: ConversationAddress,
        sendings: Sequence[Sending],
        *,
        patience: float = PATIENCE,
        posted: Posted | None = None,
    ) -> list[Outcome] | None:
        """Send, waiting at most `patience` seconds; the rest goes on behind, and None is returned.

        `posted` is called after each sending, whatever its outcome; when what it returns to be awaited fails, that
        is logged and the sendings after it go out all the same. Where too much waits already, nothing is sent.
        """
        if not sendings:
            return []
        key = conversation.conversation_id
        if self._waiting[key] >= _MOST_WAITING:
            return [_FULL] * len(sendings)
        self._waiting[key] += 1
        earlier = self._last.get(key)
        task = asyncio.create_task(self._send_all(earlier, conversation, sendings, posted))
        self._last[key] = task
        self._running.add(task)
        task.add_done_callback(partial(self._forget, key))
        # Behind what is late already there is nothing to wait for: turns of this chat must not add up their patience.
        done, _ = await asyncio.wait({task}, timeout=0 if earlier else patience)
        return task.result() if done and not task.cancelled() else None

    async def drain(self, timeout: float) -> bool:  # noqa: ASYNC109 - what is not sent by then is given up
        """Wait for everything under way; give up and return False after `timeout` seconds."""
        if not self._running:
            return True
        _, late = await asyncio.wait(set(self._running), timeout=timeout)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late)
        return not late

    def _forget(self, key: str, task: asyncio.Task[list[Outcome]]) -> None:
        self._running.discard(task)
        self._waiting[key] -= 1
        if self._last.get(key) is task:
            del self._last[key], self._waiting[key]

    async def _send_all(
        self,
        earlier: asyncio.Task[list[Outcome]] | None,
        conversation: ConversationAddress,
        sendings: Sequence[Sending],
        posted: Posted | None,
    ) -> list[Outcome]:
        if earlier is not None:
            await asyncio.wait({earlier})
        outcomes = []
        for sending in sendings:
            outcome = await self._send(conversation, sending)
            outcomes.append(outcome)
            if posted and (told := posted(sending, outcome)):
                await self._tell(told)
        return outcomes

    async def _tell(self, told: Awaitable[None]) -> None:
        # As a task of its own, so that its failure ends neither this conversation nor the turn.
        task = asyncio.ensure_future(told)
        await asyncio.wait({task})
        if not task.cancelled() and (failure := task.exception()):
            _log.error("what was sent could not be marked", exc_info=failure)

    async def _send(self, conversation: ConversationAddress, sending: Sending) -> Outcome:
        pause = _FIRST_PAUSE
        for _ in range(_ATTEMPTS - 1):
            outcome = await self._attempt(conversation, sending)
            wait = max(pause, outcome.retry_after or 0.0)
            if outcome.kind not in (Kind.NOT_SENT, Kind.THROTTLED) or wait > _LONGEST_PAUSE:
                return outcome
            await self._sleep(wait)
            pause *= 2
        return await self._attempt(conversation, sending)

    async def _attempt(self, conversation: ConversationAddress, sending: Sending) -> Outcome:
        service_url, conversation_id = conversation.service_url, conversation.conversation_id
        target = sending.activity_id or ""
        match sending.kind:
            case "post":
                reply_to = sending.activity.get("replyToId")
                return await self._connector.post(service_url, conversation_id, sending.activity, reply_to)
            case "update":
                return await self._connector.update(service_url, conversation_id, target, sending.activity)
            case "delete":
                return await self._connector.delete(service_url, conversation_id, target)
