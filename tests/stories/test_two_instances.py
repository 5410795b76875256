"""Two processes share one store: whichever is asked, it is one bot."""

import asyncio
import socket

import pytest

from tests.stories.journey import FORM, open_page, review, statuses, submitted
from tests.stories.living_cards import check_every_card
from tests.stories.running_bot import Bot, bot_process
from tests.teams import running_teams


@pytest.fixture
async def two_instances(tmp_path):
    """Yield the bot and the addresses of its two instances; what is not sent elsewhere goes to the second."""
    async with running_teams() as teams:
        bot = Bot(teams, tmp_path)
        addresses = bot.instances
        async with bot_process(bot, free_port()):
            addresses.append(teams.bot_url)
            async with bot_process(bot, free_port()):
                addresses.append(teams.bot_url)
                yield bot, addresses


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


async def test_a_form_goes_on_at_the_other_instance(two_instances):
    bot, addresses = two_instances
    dana, lee = await bot.people("Dana Reyes", "Lee Park")
    await dana.say("new request")
    for turn in range(4):
        bot.teams.bot_url = addresses[turn % 2]
        page = await open_page(dana)
        await dana.press("next", **{key: FORM[key] for key in page.button("next").inputs if key in FORM})
    await dana.press("submit")

    await lee.press("approve")

    await dana.sees("Approved by Lee Park")
    await check_every_card(bot)


async def test_one_submit_at_both_instances_is_one_request(two_instances):
    bot, addresses = two_instances
    dana, lee = await bot.people("Dana Reyes", "Lee Park")
    last_look = await review(dana)
    taps = [dana.press_of(last_look, "submit") for _ in addresses]

    await asyncio.gather(*(bot.teams.deliver(tap, at=at) for tap, at in zip(taps, addresses, strict=True)))

    await check_every_card(bot)
    assert len(statuses(bot)) == 1
    assert len([m for m in dana.chat if "withdraw" in m.verbs]) == 1
    assert len([m for m in lee.chat if "approve" in m.verbs]) == 1


async def test_approve_and_deny_at_two_instances_are_one_decision(two_instances):
    bot, addresses = two_instances
    dana, lee = await bot.people("Dana Reyes", "Lee Park")
    number = await submitted(dana)
    decision = await lee.card_with("approve", showing=number)
    presses = [lee.press_of(decision, "approve"), lee.press_of(decision, "deny", deny_reason="out_of_scope")]

    answers = await asyncio.gather(
        *(bot.teams.deliver(press, at=at) for press, at in zip(presses, addresses, strict=True))
    )

    row = bot.request_rows()[number]
    assert row["revision"] == 2
    assert all(row["status"].capitalize() in str(body["value"]) for _, body in answers)
    await check_every_card(bot)


async def test_the_moved_clock_holds_for_both(two_instances):
    bot, addresses = two_instances
    dana, _lee = await bot.people("Dana Reyes", "Lee Park")
    last_look = await review(dana)
    _, moved = await bot.teams.call("POST", "/local/clock", {"advance_seconds": 40 * 86_400}, at=addresses[0])

    await dana.press("submit", on=last_look)

    (row,) = bot.request_rows().values()
    assert row["submitted_at"] >= moved["now"]
