"""Whatever comes twice happens once: double submits, double presses, redelivered activities."""

import asyncio

from tests.stories.journey import FORM, open_page, review, statuses, submitted
from tests.stories.living_cards import check_every_card


def receipts(person):
    return [m for m in person.chat if "withdraw" in m.verbs]


async def test_the_same_submit_delivered_again_is_one_request(bot):
    dana, lee = await bot.people("Dana Reyes", "Lee Park")
    last_look = await review(dana)
    press = dana.press_of(last_look, "submit")

    for _ in range(3):
        await dana.deliver(press)
    await bot.advance(0)

    assert len(statuses(bot)) == 1
    assert len(receipts(dana)) == 1
    assert len([m for m in lee.chat if "approve" in m.verbs]) == 1
    await check_every_card(bot)


async def test_a_second_tap_on_submit_is_one_request(bot):
    dana, lee = await bot.people("Dana Reyes", "Lee Park")
    last_look = await review(dana)
    taps = [dana.press_of(last_look, "submit") for _ in range(4)]

    await asyncio.gather(*(dana.deliver(tap) for tap in taps))
    await bot.advance(0)

    (number,) = statuses(bot)
    assert len(receipts(dana)) == 1
    assert len([m for m in lee.chat if "approve" in m.verbs]) == 1
    assert number in last_look.words
    await check_every_card(bot)


async def test_a_page_delivered_twice_moves_on_once(bot):
    (dana,) = await bot.people("Dana Reyes")
    await dana.say("new request")
    page = await open_page(dana)
    answers = {key: FORM[key] for key in ("tenant_id", "tenant_name", "tenant_segment", "region")}
    press = dana.press_of(page, "next", **answers)

    await asyncio.gather(dana.deliver(press), dana.deliver(press))
    await dana.deliver(press)

    assert len([m for m in dana.chat if "next" in m.verbs]) == 1
    assert "workload" in (await open_page(dana)).inputs


async def test_typed_words_delivered_twice_are_answered_once(bot):
    (dana,) = await bot.people("Dana Reyes")
    said = dana.activity(text="new request", textFormat="plain")

    await dana.deliver(said)
    await dana.deliver(said)

    assert len([m for m in dana.chat if "next" in m.verbs]) == 1


async def test_two_presses_on_approve_are_one_decision(bot):
    dana, lee, ana = await bot.people("Dana Reyes", "Lee Park", "Ana Souza")
    number = await submitted(dana)
    decision = await lee.card_with("approve", showing=number)
    presses = [lee.press_of(decision, "approve") for _ in range(4)]

    answers = await asyncio.gather(*(lee.deliver(press) for press in [*presses, presses[0]]))
    await bot.advance(0)

    assert all("Approved" in str(answer["value"]) for answer in answers)
    assert bot.request_rows()[number]["revision"] == 2
    assert len([m for m in ana.chat if "assign" in m.verbs]) == 1
    await check_every_card(bot)


async def test_approve_and_deny_at_the_same_moment_are_one_decision(bot):
    dana, lee = await bot.people("Dana Reyes", "Lee Park")
    number = await submitted(dana)
    decision = await lee.card_with("approve", showing=number)
    approve = lee.press_of(decision, "approve")
    deny = lee.press_of(decision, "deny", deny_reason="out_of_scope")

    answers = await asyncio.gather(lee.deliver(approve), lee.deliver(deny))

    row = bot.request_rows()[number]
    assert row["revision"] == 2
    word = row["status"].capitalize()
    assert all(word in str(answer["value"]) for answer in answers)
    assert sum("had changed before your press" in str(answer["value"]) for answer in answers) == 1
    await check_every_card(bot)


async def test_an_older_client_presses_by_a_message_with_the_same_data(bot):
    dana, lee = await bot.people("Dana Reyes", "Lee Park")
    number = await submitted(dana)
    decision = await lee.card_with("approve", showing=number)
    fallback = decision.button("approve").action["fallback"]
    assert fallback["type"] == "Action.Submit"

    await lee.deliver(lee.activity(value=fallback["data"], replyToId=decision.id))

    assert "Approved" in decision.words
    assert statuses(bot) == {number: "approved"}
    await check_every_card(bot)


async def test_an_installation_told_twice_greets_once(bot):
    (dana,) = await bot.people("Dana Reyes")
    await dana.install()
    assert len(dana.chat) == 1


async def test_a_card_opened_later_is_refreshed_without_a_change(bot):
    dana, lee = await bot.people("Dana Reyes", "Lee Park")
    number = await submitted(dana)
    decision = await lee.card_with("approve", showing=number)
    action = decision.card["refresh"]["action"]
    before = bot.rows()

    shown = await lee.forge_invoke({"action": action, "trigger": "automatic"})

    assert number in shown
    assert bot.rows() == before
