"""Who gets in over HTTP: every case against this bot in production mode and against the stock adapter."""

import io
from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp
import pytest
import pytest_asyncio
from aiohttp.test_utils import TestServer

from tests.authentication.body_cases import BODY_CASES
from tests.authentication.case import Case
from tests.authentication.forger import Post, SignedActivity
from tests.authentication.key_server_thread import key_server_in_a_thread
from tests.authentication.production_bot import running_production_bot
from tests.authentication.stock import StockBot, trusting
from tests.authentication.token_cases import TOKEN_CASES
from tests.channel.sign_in import running_sign_in
from tests.stories.running_bot import Bot
from tests.teams import Person

CASES = {case.name: case for case in (*TOKEN_CASES, *BODY_CASES)}
TABLES = ("requests", "views", "people", "conversations", "work")
in_one_loop = pytest.mark.asyncio(loop_scope="module")


@dataclass
class Door:
    """Both bots, side by side."""

    bot: Bot
    stock: StockBot
    stock_url: str
    session: aiohttp.ClientSession
    caller: Person

    def forged(self, case: Case) -> Post:
        return SignedActivity(self.caller.activity(text="help")).post(**case.how)

    async def post(self, url: str, post: Post) -> tuple[int, bytes]:
        address = f"{url}/api/messages{post.query}"
        async with self.session.post(address, data=io.BytesIO(post.body), headers=post.headers) as response:
            return response.status, await response.read()

    def left_behind(self) -> tuple[object, ...]:
        """Return everything that a turn could have left somewhere."""
        return len(self.bot.teams.authorizations), *(self.bot.rows(table) for table in TABLES)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def door(tmp_path_factory, pem) -> AsyncIterator[Door]:
    with key_server_in_a_thread() as keys:
        keys.publish("k1")
        keys.publish("webchat", endorsements=["webchat"])
        keys.publish("both", endorsements=["webchat", "msteams"])
        keys.publish("empty", endorsements=[])
        keys.publish("silent", endorsements=None)
        keys.publish("text")
        keys.published[-1]["endorsements"] = "msteams"
        folder, stock = tmp_path_factory.mktemp("door"), StockBot(trusting(keys.url))
        async with (
            running_sign_in(pem) as sign_in,
            running_production_bot(folder, keys.url, sign_in) as bot,
            TestServer(stock.application()) as server,
            aiohttp.ClientSession(skip_auto_headers=["Content-Type"]) as session,
        ):
            (dana,) = await bot.people("Dana Reyes")
            yield Door(bot, stock, str(server.make_url("")).rstrip("/"), session, dana)


@in_one_loop
@pytest.mark.parametrize("name", CASES)
async def test_this_bot_answers_as_the_matrix_says(door, name):
    case = CASES[name]
    before = door.left_behind()

    status, body = await door.post(door.bot.teams.bot_url, door.forged(case))

    assert status == case.ours
    assert (door.left_behind() != before) == case.ours_admits
    assert body == b""


@in_one_loop
@pytest.mark.parametrize("name", CASES)
async def test_the_stock_adapter_does_what_the_matrix_says(door, name):
    case = CASES[name]
    turns = door.stock.turns

    status, _ = await door.post(door.stock_url, door.forged(case))

    assert (status, door.stock.turns - turns) == (case.stock, int(case.stock_admits))


@pytest.mark.parametrize("name", CASES)
def test_this_bot_decides_as_the_stock_adapter_but_for_a_reason(name):
    case = CASES[name]
    assert (case.ours_admits != case.stock_admits) == bool(case.because)
