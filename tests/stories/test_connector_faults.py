"""The connector is away or hangs for a while: people are told when it is back, and presses are answered meanwhile."""

import asyncio

from tests.stories.connector import answers_400, answers_503, error
from tests.stories.journey import review, statuses, submitted
from tests.stories.living_cards import check_every_card
from tests.stories.test_promises import MONDAY, go_to


async def test_notices_are_delivered_when_the_connector_is_back(bot):
    dana, lee, ana = await bot.people("Dana Reyes", "Lee Park", "Ana Souza")
    number = await submitted(dana)

    with bot.teams.failing(answers_503):
        await lee.press("approve", showing=number)
        await bot.advance(60)
        assert not [m for m in ana.chat if "assign" in m.verbs]
    await bot.advance(600)

    await ana.card_with("assign", showing=number)
    await dana.sees("Approved by Lee Park")
    assert len([m for m in ana.chat if "assign" in m.verbs]) == 1
    assert (await bot.health())["notices"]["pending"] == 0
    assert not bot.mails()
    await check_every_card(bot)


async def test_a_copy_that_could_not_be_updated_is_updated_later(bot):
    dana, lee = await bot.people("Dana Reyes", "Lee Park")
    number = await submitted(dana)
    receipt = await dana.card_with("withdraw", showing=number)

    async def refuses_updates(call):
        return await answers_503(call) if call.method == "PUT" else None

    with bot.teams.failing(refuses_updates):
        await lee.press("deny", showing=number, deny_reason="duplicate")
        await bot.advance(0)
        assert "withdraw" in receipt.verbs
    await bot.advance(600)

    assert "withdraw" not in receipt.verbs
    await check_every_card(bot)


async def test_a_press_is_answered_while_the_connector_hangs(bot):
    dana, lee, ana = await bot.people("Dana Reyes", "Lee Park", "Ana Souza")
    number = await submitted(dana)
    decision = await lee.card_with("approve", showing=number)
    released = asyncio.Event()

    async def hangs(_call):
        await released.wait()

    with bot.teams.failing(hangs):
        async with asyncio.timeout(30):
            said = await lee.press("approve", on=decision)
        assert "Approved" in said
        assert statuses(bot) == {number: "approved"}
    released.set()

    await ana.card_with("assign", showing=number)
    await check_every_card(bot)


async def test_a_turn_ends_while_the_connector_hangs_and_the_answer_comes_later(bot):
    (dana,) = await bot.people("Dana Reyes")
    released = asyncio.Event()

    async def hangs(_call):
        await released.wait()

    with bot.teams.failing(hangs):
        async with asyncio.timeout(30):
            assert not await dana.say("new request")
    released.set()

    await dana.card_with("next")


async def test_a_submit_counts_although_its_answer_cannot_be_posted(bot):
    dana, lee = await bot.people("Dana Reyes", "Lee Park")
    last_look = await review(dana)

    async def refuses_posts_to_dana(call):
        return await answers_503(call) if call.conversation == dana.conversation else None

    with bot.teams.failing(refuses_posts_to_dana):
        await dana.press("submit", on=last_look)
        await lee.card_with("approve")
    await bot.advance(600)

    (number,) = statuses(bot)
    await dana.card_with("withdraw", showing=number)
    await check_every_card(bot)


async def test_health_tells_of_an_outage(bot):
    # No morning brief is due meanwhile.
    await go_to(bot, MONDAY, 10)
    dana, _lee = await bot.people("Dana Reyes", "Lee Park")
    last_look = await review(dana)
    with bot.teams.failing(answers_503):
        await dana.press("submit", on=last_look)
        for _ in range(4):
            await bot.advance(200)
        report = await bot.health()

    assert report["status"] == "degraded"
    assert report["notices"]["pending"] == 2
    assert report["notices"]["oldest_due_seconds"] > 300


async def test_a_page_that_never_arrived_is_shown_with_the_next_message(bot):
    (dana,) = await bot.people("Dana Reyes")
    with bot.teams.failing(answers_400):
        assert not await dana.say("new request")

    await dana.say("hello, are you there?")

    await dana.card_with("next")


async def test_who_cannot_be_reached_for_five_minutes_is_told_by_mail_and_not_twice(bot, free_port):
    dana, lee = await bot.people("Dana Reyes", "Lee Park")
    last_look = await review(dana)
    lee.service = f"http://127.0.0.1:{free_port}/emea/{lee.tenant_id}/"
    await lee.say("inbox")

    await dana.press("submit", on=last_look)
    await bot.advance(120)
    assert not bot.mails()
    await bot.advance(240)
    await bot.advance(60)
    (mail,) = bot.mails()
    assert mail["To"] == lee.email

    lee.service = ""
    await lee.say("inbox")
    await bot.advance(600)
    await lee.card_with("approve")
    assert len(bot.mails()) == 1


async def test_what_could_not_be_delivered_is_seen_by_requester_and_assigner_and_told_to_the_deputies(bot):
    dana, lee, ana, mika = await bot.people("Dana Reyes", "Lee Park", "Ana Souza", "Mika Tanaka")
    last_look = await review(dana)

    async def answers_500_to_lee(call):
        return error(500, "InternalServerError") if call.conversation == lee.conversation else None

    with bot.teams.failing(answers_500_to_lee):
        await dana.press("submit", on=last_look)
        for _ in range(3):
            await bot.advance(60)

    (number,) = statuses(bot)
    assert (await bot.health())["notices"]["parked"] == 1
    assert "Lee Park could not be reached" in await dana.say(f"status {number}")
    for deputy in (ana, mika):
        await deputy.sees(f"{number} for Adventure Works: Lee Park could not be told that this waits for a decision.")
    inbox = await ana.say("inbox")
    assert number in inbox
    assert "Somebody could not be told." in inbox
    await lee.press("approve", on=await _decision_found_in_the_inbox(lee, number))
    assert statuses(bot) == {number: "approved"}


async def _decision_found_in_the_inbox(fpm, number):
    await fpm.say(f"status {number}")
    return await fpm.card_with("approve", showing=number)
