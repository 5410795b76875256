"""The bot as a process of its own is stopped, or killed, and started again: nothing that was answered is lost."""

from contextlib import asynccontextmanager

import pytest

from tests.stories.connector import answers_400, answers_503
from tests.stories.journey import FORM, fill_in, open_page, statuses, submitted
from tests.stories.living_cards import check_every_card
from tests.stories.running_bot import Bot, bot_process
from tests.teams import running_teams

CUSTOMER = {key: FORM[key] for key in ("tenant_id", "tenant_name", "tenant_segment", "region")}


@pytest.fixture
async def stopped_bot(tmp_path):
    async with running_teams() as teams:
        yield Bot(teams, tmp_path)


@asynccontextmanager
async def killed_at_the_end(bot, port):
    async with bot_process(bot, port) as process:
        yield
        process.kill()


@pytest.mark.parametrize("run", [bot_process, killed_at_the_end], ids=["stopped", "killed"])
async def test_a_form_goes_on_where_it_was_when_the_bot_comes_back(stopped_bot, free_port, run):
    bot = stopped_bot
    async with run(bot, free_port):
        dana, lee = await bot.people("Dana Reyes", "Lee Park")
        await dana.say("new request")
        await dana.press("next", **CUSTOMER)
        page = await open_page(dana)

    async with bot_process(bot, free_port):
        await dana.press("next", on=page, **{key: FORM[key] for key in page.button("next").inputs if key in FORM})
        last_look = await fill_in(dana)
        assert "Adventure Works" in last_look.words
        await dana.press("submit", on=last_look)
        await lee.card_with("approve", showing="Adventure Works")
        assert list(statuses(bot).values()) == ["submitted"]


async def test_an_interrupted_form_is_offered_again(stopped_bot, free_port):
    bot = stopped_bot
    async with bot_process(bot, free_port):
        (dana,) = await bot.people("Dana Reyes")
        await dana.say("new request")
        await dana.press("next", **CUSTOMER)

    async with bot_process(bot, free_port):
        assert "Adventure Works" in await dana.say("new request")
        await dana.press("resume")
        assert "workload" in (await open_page(dana)).inputs
        await dana.say("new request")
        await dana.press("afresh")
        assert "value" not in (await open_page(dana)).inputs["tenant_name"]


async def test_a_decision_card_works_after_a_restart(stopped_bot, free_port):
    bot = stopped_bot
    async with bot_process(bot, free_port):
        dana, lee = await bot.people("Dana Reyes", "Lee Park")
        number = await submitted(dana)
        await lee.card_with("approve", showing=number)

    async with bot_process(bot, free_port):
        await lee.press("approve", showing=number)
        await dana.sees("Approved by Lee Park")


async def test_the_clock_stays_moved(stopped_bot, free_port):
    bot = stopped_bot
    async with bot_process(bot, free_port):
        _, moved = await bot.call("POST", "/local/clock", {"advance_seconds": 10 * 86_400})
    async with bot_process(bot, free_port):
        _, still = await bot.call("POST", "/local/clock", {"advance_seconds": 0})
    assert moved["now"][:10] <= still["now"][:10]


async def test_what_could_not_be_told_before_a_kill_is_told_after_the_restart(stopped_bot, free_port):
    bot = stopped_bot
    async with killed_at_the_end(bot, free_port):
        dana, lee, ana = await bot.people("Dana Reyes", "Lee Park", "Ana Souza")
        number = await submitted(dana)
        with bot.teams.failing(answers_503):
            await lee.press("approve", showing=number)

    async with bot_process(bot, free_port):
        await bot.advance(600)
        await ana.card_with("assign", showing=number)
        await dana.sees("Approved by Lee Park")
        await check_every_card(bot)


async def test_a_page_that_never_arrived_comes_with_the_redelivery_after_a_restart(stopped_bot, free_port):
    bot = stopped_bot
    dana = bot.teams.person("Dana Reyes")
    said = dana.activity(text="new request", textFormat="plain")
    async with bot_process(bot, free_port):
        with bot.teams.failing(answers_400):
            await dana.deliver(said)

    async with bot_process(bot, free_port):
        await dana.deliver(said)
        await dana.card_with("next")
