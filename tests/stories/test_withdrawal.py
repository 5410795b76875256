"""A request is taken back, by its requester or a colleague, by a button or by typed words."""

from tests.stories.journey import approved, assigned, status_of, statuses, submitted
from tests.stories.living_cards import check_every_card


async def test_a_requester_withdraws_by_the_button_and_the_fpm_hears_of_it(bot):
    dana, lee = await bot.people("Dana Reyes", "Lee Park")
    number = await submitted(dana)

    await dana.press("withdraw", showing=number)

    await lee.sees("Withdrawn by Dana Reyes")
    await check_every_card(bot)
    assert await status_of(dana, number) == "Withdrawn"


async def test_a_colleague_withdraws_by_typing(bot):
    dana, piotr, lee, ana = await bot.people("Dana Reyes", "Piotr Zieliński", "Lee Park", "Ana Souza")
    number = await approved(dana, lee)
    await ana.card_with("assign", showing=number)

    said = await piotr.say(f"withdraw {number.lower()}")

    assert "Withdrawn" in said
    await dana.sees("Withdrawn by Piotr Zieliński")
    await lee.sees("Withdrawn by Piotr Zieliński")
    await ana.sees("Withdrawn by Piotr Zieliński")
    await check_every_card(bot)


async def test_a_returned_request_can_be_withdrawn(bot):
    dana, lee = await bot.people("Dana Reyes", "Lee Park")
    number = await submitted(dana)
    await lee.press("return", showing=number, return_note="Which company is it?")

    await dana.press("withdraw", on=await dana.sees("Returned by Lee Park"))

    await check_every_card(bot)
    assert statuses(bot) == {number: "withdrawn"}


async def test_an_assigned_request_is_not_withdrawn_but_says_how_it_stands(bot):
    dana, lee, ana, kofi = await bot.people("Dana Reyes", "Lee Park", "Ana Souza", "Kofi Mensah")
    number = await assigned(dana, lee, ana, kofi)

    said = await dana.say(f"withdraw {number}")

    assert "Assigned" in said
    assert "Ana Souza" in said
    assert statuses(bot) == {number: "assigned"}


async def test_a_press_that_was_overtaken_is_answered_with_what_happened_by_whom(bot):
    dana, lee = await bot.people("Dana Reyes", "Lee Park")
    number = await submitted(dana)
    decision = await lee.card_with("approve", showing=number)
    stale = lee.press_of(decision, "approve")
    await dana.press("withdraw", showing=number)

    answer = await lee.deliver(stale)

    shown = str(answer["value"])
    assert "Withdrawn" in shown
    assert "Dana Reyes" in shown
    assert statuses(bot) == {number: "withdrawn"}
