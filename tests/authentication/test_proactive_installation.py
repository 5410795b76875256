"""Who has never opened the app gets it, and the card by itself: in production mode, by real tokens, over HTTP."""

import csv
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial

import pytest

from bot.channel.graph import SCOPE
from bot.settings import SAMPLE_HOME_TENANT
from tests.channel.graph_stand_in import (
    CATALOGUE,
    CATALOGUE_ID,
    INSTALL,
    SEND_MAIL,
    TEAMS_APP_ID,
    GraphStandIn,
    running_graph,
)
from tests.stories.journey import number_in, review, submitted
from tests.stories.running_bot import Bot
from tests.teams import SAMPLE

SENDER = "sme@fasttrack.example"


@pytest.fixture
async def graph(sign_in) -> AsyncIterator[GraphStandIn]:
    """Yield a Graph whose catalogue has the app, and whose tenant has everybody of the sample home tenant."""
    async with running_graph(sign_in) as service:
        service.publish()
        with (SAMPLE / "people.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if row["tenant_id"] == SAMPLE_HOME_TENANT:
                    service.enrol(row["object_id"], row["email"])
        yield service


@pytest.fixture
def with_graph(in_production, graph) -> Callable[..., AbstractAsyncContextManager[Bot]]:
    """Start a bot that may install the app, in front of a Teams that opens a chat when it is installed."""
    settings = {
        "SME_TEAMS_APP_ID": TEAMS_APP_ID,
        "SME_GRAPH_URL": graph.url,
        "MICROSOFT_APP_TENANT_ID": SAMPLE_HOME_TENANT,
    }

    @asynccontextmanager
    async def running(*, tells: bool = True, **more: str) -> AsyncIterator[Bot]:
        async with in_production(**settings | more) as bot:
            graph.on_install = partial(_opened, bot, tells=tells)
            yield bot

    return running


async def _opened(bot: Bot, object_id: str, *, tells: bool) -> None:
    person = next(each for each in bot.teams.people.values() if each.object_id == object_id)
    bot.teams.chats.setdefault(person.conversation, [])
    if tells:
        await person.install()


@pytest.mark.parametrize("tells", [True, False], ids=["Teams tells of it", "Teams does not tell"])
async def test_an_fpm_who_has_never_opened_the_app_gets_it_and_the_card_to_decide_on(with_graph, graph, tells):
    async with with_graph(tells=tells) as bot:
        dana, _ana = await bot.people("Dana Reyes", "Ana Souza")
        lee = bot.teams.person("Lee Park")
        number = await submitted(dana)

        await lee.press("approve", showing=number)

        await dana.sees("Approved by Lee Park")
        assert len([message for message in lee.chat if number in message.words]) == 1
    assert graph.installed == {(lee.object_id, CATALOGUE_ID)}
    assert graph.calls == [CATALOGUE, INSTALL]
    assert bot.mails() == []


async def test_who_has_removed_the_app_gets_mail_and_no_installation_until_they_come_back(with_graph, graph):
    async with with_graph(SME_MAIL=f"graph:{SENDER}") as bot:
        dana, lee, _ana = await bot.people("Dana Reyes", "Lee Park", "Ana Souza")
        await lee.uninstall()
        number = await submitted(dana)
        assert graph.calls == [SEND_MAIL]
        [(sender, message)] = graph.mails
        assert (sender, number in message["subject"]) == (SENDER, True)
        assert message["toRecipients"] == [{"emailAddress": {"address": lee.email}}]

        await lee.install()

        await lee.press("approve", showing=number)
        await dana.sees("Approved by Lee Park")
    assert graph.installed == set()


async def test_without_the_setting_graph_is_not_asked(in_production, graph):
    async with in_production(SME_GRAPH_URL=graph.url) as bot:
        dana, _ana = await bot.people("Dana Reyes", "Ana Souza")
        lee = bot.teams.person("Lee Park")
        await submitted(dana)
        assert [mail["To"] for mail in bot.mails()] == [lee.email]
    assert graph.calls == []


async def test_what_is_refused_goes_by_mail(with_graph, graph):
    graph.answer_next(INSTALL, (403, {}, {"error": {"code": "Forbidden"}}))
    async with with_graph() as bot:
        dana, _ana = await bot.people("Dana Reyes", "Ana Souza")
        lee = bot.teams.person("Lee Park")
        for _ in range(2):
            await submitted(dana)
        assert [mail["To"] for mail in bot.mails()] == [lee.email] * 2
    assert graph.calls == [CATALOGUE, INSTALL]


async def test_a_graph_that_asks_for_peace_gets_it_and_the_card_comes_then(with_graph, graph):
    graph.answer_next(INSTALL, (429, {"Retry-After": "1"}, {"error": {"code": "TooManyRequests"}}))
    async with with_graph() as bot:
        dana, _ana = await bot.people("Dana Reyes", "Ana Souza")
        lee = bot.teams.person("Lee Park")
        number = await submitted(dana)
        assert (lee.chat, bot.mails()) == ([], [])

        await lee.card_with("approve", showing=number)
    assert graph.calls == [CATALOGUE, INSTALL, INSTALL]
    assert graph.impatient == 0


async def test_a_graph_that_hangs_delays_nobodys_turn(with_graph, graph):
    graph.answer_next(CATALOGUE, "hang")
    async with with_graph() as bot:
        dana, ana = await bot.people("Dana Reyes", "Ana Souza")
        lee = bot.teams.person("Lee Park")
        page = await review(dana)
        number = number_in(await dana.press("submit", on=page))
        await graph.reached.wait()

        for person in (dana, ana):
            assert await person.say("help")
        assert number in await dana.say(f"status {number}")
        assert lee.chat == []

        graph.released.set()
        await lee.card_with("approve", showing=number)


async def test_the_token_for_graph_is_there_before_it_is_needed(with_graph, sign_in):
    async with with_graph() as bot:
        while SCOPE not in sign_in.scopes.values():
            assert (await bot.health())["status"]
    assert set(sign_in.tenants) == {SAMPLE_HOME_TENANT}
