"""Nothing that a caller or a service says makes another line, another field or another colour of the log."""

import asyncio
import json
import os
import signal
from urllib.parse import urlsplit

import pytest

from tests.faults.processes_instance import Instance
from tests.injection.corpora import LOG_VALUES
from tests.stories.connector import error
from tests.stories.journey import submitted
from tests.stories.running_bot import Bot
from tests.teams import running_teams

ALWAYS = {"at", "level", "logger", "message"}
OURS = {"status", "why", "reference", "traceback", "topic", "state", "host", "port"}
PLACES = (
    "id", "replyToId", "type", "name", "text", "locale", "serviceUrl", "channelId", "timestamp", "action", "value",
    "from.id", "from.name", "from.aadObjectId", "recipient.id", "conversation.id", "conversation.tenantId",
    "conversation.conversationType", "channelData.tenant.id", "value.verb", "value.request", "value.action.verb",
)  # fmt: skip


@pytest.fixture
async def bot(tmp_path):
    """Run the bot as a process of its own; `log` is what it has written to standard error."""
    async with running_teams() as teams:
        bot = Bot(teams, tmp_path)
        instance = Instance({**os.environ, **bot.environment})
        await instance.start()
        teams.bot_url, bot.instance = instance.url, instance
        try:
            yield bot
        finally:
            instance.end(signal.SIGTERM)
            await instance.ended()


async def log_of(bot):
    """End the bot, and return the lines that it has written in all."""
    bot.instance.end(signal.SIGTERM)
    assert await bot.instance.ended() == 0
    return bot.instance.log


def check(lines):
    """Every line is one object of ours in printable ASCII; return them."""
    for line in lines:
        assert line.endswith("\n")
        assert line[:-1].isascii()
        assert line[:-1].isprintable(), line
    found = [json.loads(line, object_pairs_hook=without_repeats) for line in lines]
    assert all(each.keys() >= ALWAYS and each.keys() <= ALWAYS | OURS for each in found)
    assert {each["level"] for each in found} <= {"INFO", "WARNING", "ERROR"}
    assert not any(each["message"].startswith("forged") for each in found)
    return found


def without_repeats(pairs):
    keys = [key for key, _ in pairs]
    assert len(keys) == len(set(keys)), keys
    return dict(pairs)


def with_value(activity, place, value):
    *around, last = place.split(".")
    inner = activity
    for key in around:
        inner[key] = dict(inner.get(key) or {})
        inner = inner[key]
    inner[last] = value
    return activity


@pytest.mark.parametrize("kind", ["message", "invoke", "installationUpdate"])
async def test_no_field_of_an_activity_makes_a_line(bot, kind):
    (dana,) = await bot.people("Dana Reyes")
    for place in PLACES:
        await bot.advance(61)
        for value in LOG_VALUES:
            activity = dana.activity(type=kind, name="adaptiveCard/action", text="help", action="add")
            status, _ = await bot.teams.deliver(with_value(activity, place, value))
            assert status < 500

    lines = check(await log_of(bot))
    assert sum(line["message"] == "an activity was refused" for line in lines) >= len(LOG_VALUES)


async def test_no_header_or_request_line_makes_a_line(bot):
    place = urlsplit(bot.teams.bot_url)
    for value in LOG_VALUES:
        raw = value.encode("utf-8", "replace")
        for request in (
            b"POST /api/messages HTTP/1.1\r\nHost: x\r\nAuthorization: " + raw + b"\r\nContent-Length: 0\r\n\r\n",
            b"POST /api/messages HTTP/1.1\r\nHost: x\r\nContent-Type: " + raw + b"\r\nContent-Length: 0\r\n\r\n",
            b"POST /api/messages HTTP/1.1\r\nHost: x\r\nExpect: " + raw + b"\r\n\r\n",
            b"GET /" + raw + b" HTTP/1.1\r\nHost: " + raw + b"\r\n\r\n",
            raw + b" / HTTP/1.1\r\nHost: x\r\n\r\n",
            b"GET / " + raw + b"\r\n" + raw + b": " + raw + b"\r\n\r\n",
        ):
            reader, writer = await asyncio.open_connection(place.hostname, place.port)
            writer.write(request)
            writer.write_eof()
            await reader.read()
            writer.close()

    lines = check(await log_of(bot))
    assert any(line["message"] == "a request was refused" for line in lines)


async def test_no_answer_of_the_channel_makes_a_line(bot):
    """The code of an error is logged as the reason why a card was not taken."""
    dana, _lee = await bot.people("Dana Reyes", "Lee Park")
    number = await submitted(dana)
    for value in LOG_VALUES:
        await bot.advance(61)
        with bot.teams.failing(refusing_with(value)):
            await dana.press("issue", showing=number, issue_text="Nobody has called.")
            await bot.advance(0)

    lines = check(await log_of(bot))
    why = [line["why"] for line in lines if line["message"] == "a card was refused"]
    assert {reason.removeprefix("400 ") for reason in why} == set(LOG_VALUES)


def refusing_with(code):
    async def refuses(_call):
        return error(400, code)

    return refuses
