"""Rows that point to a foreign host: nothing leaves for it, no token and no request, and it shows."""

import json
import sqlite3
from contextlib import closing
from dataclasses import asdict, dataclass, field

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.domain.people import Address
from tests.stories.activities import BOT
from tests.stories.journey import submitted

# This machine by a name that local mode does not count as loopback: what were sent there would be heard.
pytestmark = pytest.mark.allow_hosts(["127.0.0.1", "::1", "0.0.0.0"])  # noqa: S104 - a place to call


@dataclass
class Listener:
    """A stranger's host: notes whatever reaches it."""

    port: int = 0
    heard: list = field(default_factory=list)

    async def answer(self, request):
        self.heard.append((request.method, request.path, request.headers.get("Authorization")))
        return web.json_response({"id": "1"}, status=201)


@pytest.fixture
async def listener():
    made = Listener()
    app = web.Application()
    app.router.add_route("*", "/{anything:.*}", made.answer)
    async with TestServer(app) as server:
        made.port = server.port
        yield made


def rewrite(bot, table, part_of_key, **columns):
    """Change a row behind the bot's back, as whoever can write the store does."""
    with closing(sqlite3.connect(bot.folder / "sme.db")) as connection, connection:
        where = (table, f"%{part_of_key}%")
        [(key, content)] = connection.execute("SELECT key, content FROM row WHERE name = ? AND key LIKE ?", where)
        changed = json.dumps(json.loads(content) | columns)
        connection.execute("UPDATE row SET content = ? WHERE name = ? AND key = ?", (changed, table, key))


def move_to(bot, person, service_url):
    address = Address(service_url, person.conversation, person.tenant_id, person.user_id, BOT["id"])
    rewrite(bot, "people", f"object:{person.object_id}", **asdict(address))


def notice_for(bot, person):
    [found] = [row for name, row in bot.rows().items() if " notice:" in name and person.email in name]
    return found


FOREIGN = [
    ("production", "http://127.0.0.1:{port}/emea/"),
    ("production", "http://localhost:{port}/"),
    ("production", "http://0.0.0.0:{port}/"),
    ("production", "https://evil.example/emea/"),
    ("production", "https://smba.trafficmanager.net.evil.example/"),
    ("production", "http://{listed}@127.0.0.1:{port}/"),
    ("local", "http://0.0.0.0:{port}/"),
    ("local", "http://{listed}@0.0.0.0:{port}/"),
    ("local", "https://evil.example/"),
    ("local", "https://smba.trafficmanager.net/emea/"),
]


@pytest.mark.parametrize("spelling", ["127.0.0.1", "localhost", "0.0.0.0"])  # noqa: S104 - the same
async def test_what_is_sent_to_the_listener_is_heard(listener, spelling):
    async with aiohttp.ClientSession() as session:
        await session.post(f"http://{spelling}:{listener.port}/emea/", headers={"Authorization": "x"})
    assert listener.heard == [("POST", "/emea/", "x")]


@pytest.mark.parametrize(("mode", "address"), FOREIGN)
async def test_an_address_on_a_foreign_host_receives_nothing_and_the_person_a_mail(in_mode, listener, mode, address):
    async with in_mode[mode]() as bot:
        dana, lee = *await bot.people("Dana Reyes"), bot.teams.person("Lee Park")
        listed = bot.teams.url.removeprefix("http://")
        move_to(bot, lee, address.format(port=listener.port, listed=listed))

        await submitted(dana)

        notice = notice_for(bot, lee)
        (mail,) = bot.mails()
        await lee.say("inbox")
        await bot.teams.settle()
        assert "approve" in (await lee.card_with("approve")).verbs, "it is posted when the person writes from here"
    assert listener.heard == []
    assert (notice["state"], notice["way"], notice["reason"]) == ("delivered", "mail", "ForbiddenHost")
    assert mail["To"] == lee.email


@pytest.mark.parametrize(("mode", "address"), FOREIGN)
async def test_a_posted_card_moved_to_a_foreign_host_is_not_updated_there(in_mode, listener, mode, address):
    async with in_mode[mode]() as bot:
        dana, lee = await bot.people("Dana Reyes", "Lee Park")
        number = await submitted(dana)
        decision = await lee.card_with("approve", showing=number)
        foreign = address.format(port=listener.port, listed=bot.teams.url.removeprefix("http://"))
        rewrite(bot, "requests", f"decision:{lee.email}", service_url=foreign)

        await dana.press("withdraw", showing=number)
        await bot.teams.settle()

        assert bot.request_rows()[number]["status"] == "withdrawn"
        assert "approve" in decision.verbs
    assert listener.heard == []


async def test_the_token_does_not_follow_a_redirect(bot, listener):
    (dana,) = await bot.people("Dana Reyes")

    async def elsewhere(_call):
        return web.Response(status=307, headers={"Location": f"http://127.0.0.1:{listener.port}/"})

    with bot.teams.failing(elsewhere):
        await dana.say("help")
    assert bot.teams.authorizations[-1] == "Bearer token-1"
    assert listener.heard == []
