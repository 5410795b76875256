"""Sendings leave in order within a conversation, and hold nobody up."""

import asyncio
import logging

import pytest

from bot.channel.adapter import Sending
from bot.channel.connector import Kind
from bot.channel.outbox import _MOST_WAITING, ConversationAddress, Outbox


class Naps:
    """Stands in for sleeping: notes how long, and lets the others go on."""

    def __init__(self):
        self.taken = []

    async def __call__(self, seconds):
        self.taken.append(seconds)
        await asyncio.sleep(0)


@pytest.fixture
def naps():
    return Naps()


@pytest.fixture
def outbox(connector, naps):
    return Outbox(connector, sleep=naps)


@pytest.fixture
def chat(service):
    return ConversationAddress(service.url, "a:1")


def post(text):
    return Sending("post", {"type": "message", "text": text}, None)


def texts(service):
    return [call.body["text"] for call in service.calls]


async def test_sendings_arrive_in_order_and_their_outcomes_come_back(outbox, service, chat):
    outcomes = await outbox.flush(chat, [post("one"), post("two")])
    assert texts(service) == ["one", "two"]
    assert [outcome.activity_id for outcome in outcomes] == ["id-1", "id-2"]


async def test_posts_updates_and_deletions_find_their_way(outbox, service, chat):
    reply = Sending("post", {"type": "message", "text": "x", "replyToId": "9"}, None)
    await outbox.flush(chat, [reply, Sending("update", {"text": "y"}, "7"), Sending("delete", {}, "8")])
    assert [(call.method, call.path.rpartition("/")[2]) for call in service.calls] == [
        ("POST", "9"),
        ("PUT", "7"),
        ("DELETE", "8"),
    ]


async def test_nothing_to_send_is_done_at_once(outbox, service, chat):
    assert await outbox.flush(chat, []) == []
    assert service.calls == []


async def test_a_connector_that_hangs_does_not_hold_the_turn(outbox, service, chat):
    service.script = ["hang"]
    assert await outbox.flush(chat, [post("one"), post("two")], patience=0.01) is None
    service.released.set()
    assert await outbox.drain(5)
    assert texts(service) == ["one", "two"]


async def test_a_later_turn_waits_for_the_earlier_one_of_its_conversation_only(outbox, service, chat):
    service.script = ["hang"]
    assert await outbox.flush(chat, [post("first")], patience=0.01) is None
    await service.arrivals.get()
    assert await outbox.flush(chat, [post("second")], patience=0.01) is None
    other = ConversationAddress(service.url, "a:2")
    assert await outbox.flush(other, [post("other")])
    assert texts(service) == ["first", "other"]
    service.released.set()
    assert await outbox.drain(5)
    assert texts(service) == ["first", "other", "second"]


async def test_behind_what_is_late_nobody_waits(outbox, service, chat):
    service.script = ["hang"]
    assert await outbox.flush(chat, [post("late")], patience=0.01) is None
    async with asyncio.timeout(60):
        assert await outbox.flush(chat, [post("behind it")], patience=3600) is None
    service.released.set()
    assert await outbox.drain(5)
    assert texts(service) == ["late", "behind it"]


async def test_a_chat_that_hangs_gets_no_endless_line(outbox, service, chat):
    service.script = ["hang"]
    for number in range(_MOST_WAITING):
        assert await outbox.flush(chat, [post(str(number))], patience=0) is None
    refused = await outbox.flush(chat, [post("too many"), post("and more")])
    assert [outcome.kind for outcome in refused] == [Kind.NOT_SENT] * 2
    assert await outbox.flush(ConversationAddress(service.url, "a:2"), [post("other")])
    await service.arrivals.get()
    service.released.set()
    assert await outbox.drain(5)
    assert texts(service) == ["0", "other", *map(str, range(1, _MOST_WAITING))]
    assert await outbox.flush(chat, [post("later")])
    assert not outbox._waiting


async def test_each_sending_is_marked_with_its_outcome(outbox, service, chat):
    marked = []

    async def posted(sending, outcome):
        marked.append((sending.activity["text"], outcome.activity_id, outcome.kind))

    service.script = [(201, {}, {"id": "x"}), (403, {}, {})]
    await outbox.flush(chat, [post("one"), post("two")], posted=posted)
    assert marked == [("one", "x", Kind.DELIVERED), ("two", None, Kind.UNREACHABLE)]


async def test_a_mark_that_fails_is_logged_and_the_rest_is_sent(outbox, service, chat, caplog):
    async def posted(_, __):
        raise OSError("the store is away")

    with caplog.at_level(logging.ERROR):
        outcomes = await outbox.flush(chat, [post("one"), post("two")], posted=posted)
    assert [outcome.ok for outcome in outcomes] == [True, True]
    assert len(caplog.records) == 2


async def test_what_was_not_executed_is_sent_again_after_the_time_asked_for(outbox, service, chat, naps):
    service.script = [(429, {"Retry-After": "3"}, {}), (503, {}, {})]
    [outcome] = await outbox.flush(chat, [post("one")])
    assert outcome.ok
    assert naps.taken == [3.0, 1.0]


async def test_it_is_given_up_after_a_few_attempts(outbox, service, chat, naps):
    service.script = [(503, {}, {})] * 10
    [outcome] = await outbox.flush(chat, [post("one")])
    assert outcome.kind is Kind.THROTTLED
    assert len(service.calls) == 4
    assert naps.taken == [0.5, 1.0, 2.0]


async def test_who_asks_for_minutes_is_not_waited_for(outbox, service, chat, naps):
    service.script = [(429, {"Retry-After": "120"}, {})]
    [outcome] = await outbox.flush(chat, [post("one")])
    assert outcome.kind is Kind.THROTTLED
    assert naps.taken == []


@pytest.mark.parametrize("fault", [(500, {}, {}), (502, {}, {}), (403, {}, {}), (400, {}, {}), "reset"])
async def test_everything_else_is_sent_once(outbox, service, chat, fault):
    service.script = [fault]
    [outcome] = await outbox.flush(chat, [post("one")])
    assert not outcome.ok
    assert len(service.calls) == 1


async def test_a_conversation_is_forgotten_once_it_is_idle(outbox, service):
    for number in range(20):
        await outbox.flush(ConversationAddress(service.url, f"a:{number}"), [post("x")])
    assert await outbox.drain(0)
    assert outbox._last == {}
    assert outbox._running == set()


async def test_draining_gives_up_on_what_hangs(outbox, service, chat):
    service.script = ["hang", "hang"]
    for text in ("first", "second"):
        assert await outbox.flush(chat, [post(text)], patience=0.01) is None
    await service.arrivals.get()
    assert not await outbox.drain(0.01)
    assert outbox._running == set()
    assert texts(service) == ["first"]
