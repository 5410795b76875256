"""Another workload for the same customer, a question before the form, an issue while a request is open."""

import pytest

from tests.stories.journey import assigned, fill_in, number_in, open_page, status_of, statuses, submitted
from tests.stories.living_cards import check_every_card
from tests.stories.shown_card import CannotPressError


async def test_another_workload_is_asked_for_with_the_answers_kept(bot):
    dana, lee = await bot.people("Dana Reyes", "Lee Park")
    first = await submitted(dana)

    await dana.press("again", showing=first)
    page = await open_page(dana)
    assert "workload" in page.inputs, "what is known is not asked again"
    assert "value" not in page.inputs["workload"]
    last_look = await fill_in(dana, workload="INTUNE", seat_count="900", topic="adoption")
    assert "Adventure Works" in last_look.words
    await dana.press("submit", on=last_look)

    second = number_in(last_look.words)
    assert second != first
    await lee.card_with("approve", showing=second)
    assert statuses(bot) == {first: "submitted", second: "submitted"}
    await check_every_card(bot)


async def test_a_status_card_offers_another_workload_too(bot):
    dana, _lee = await bot.people("Dana Reyes", "Lee Park")
    first = await submitted(dana)
    await status_of(dana, first)

    await dana.press("again")

    assert (await open_page(dana)).inputs["workload"]


async def test_a_question_before_the_form_reaches_the_fpm_once(bot):
    dana, lee = await bot.people("Dana Reyes", "Lee Park")
    await dana.say("new request")
    page = await open_page(dana)

    with pytest.raises(CannotPressError, match="write your question"):
        await dana.press("ask_fpm", on=page)
    said = await dana.press("ask_fpm", on=page, question="Is an SME right for *calling plans*?")
    assert "Lee Park" in said
    await dana.press("ask_fpm", on=page, question="Is an SME right for *calling plans*?")
    await bot.advance(0)

    asked = [m for m in lee.chat if "Is an SME right for *calling plans*?" in m.words]
    assert len(asked) == 1
    assert "Dana Reyes" in asked[0].words
    assert dana.email in asked[0].words
    assert "next" in page.verbs, "the form goes on"
    await check_every_card(bot)


async def test_an_issue_of_the_requester_reaches_the_fpm(bot):
    dana, lee = await bot.people("Dana Reyes", "Lee Park")
    number = await submitted(dana)

    await dana.press("issue", showing=number, issue_text="The customer's go-live is now next week.")

    await lee.sees(number, "The customer's go-live is now next week.")
    assert statuses(bot) == {number: "submitted"}
    await check_every_card(bot)
    await lee.press("approve", showing=number)
    assert statuses(bot) == {number: "approved"}


async def test_an_issue_of_the_sme_stays_in_the_inbox_until_it_is_answered(bot):
    dana, lee, ana, kofi = await bot.people("Dana Reyes", "Lee Park", "Ana Souza", "Kofi Mensah")
    number = await assigned(dana, lee, ana, kofi)

    await kofi.press("issue", showing=number, issue_text="Nobody answers my mails.")
    await lee.sees(number, "Nobody answers my mails.")
    await check_every_card(bot)
    assert number in await lee.say("inbox")

    await lee.press("answer", showing=number, answer_text="I have called the partner.")
    await check_every_card(bot)
    await kofi.sees("I have called the partner.")
    assert number not in await lee.say("inbox")


async def test_a_status_card_keeps_its_history_when_the_request_changes(bot):
    dana, piotr, lee = await bot.people("Dana Reyes", "Piotr Zieliński", "Lee Park")
    number = await submitted(dana)
    for person in (piotr, lee):
        await person.say(f"status {number}")
    of_piotr, of_lee = piotr.newest_card, lee.newest_card

    await lee.press("approve", on=of_lee)
    await check_every_card(bot)

    assert "Submitted by Dana Reyes" in of_lee.words
    assert "Submitted by Dana Reyes" in of_piotr.words
    assert "Status: Approved" in of_piotr.words


async def test_only_the_newest_status_card_of_a_request_can_be_pressed(bot):
    dana, _lee = await bot.people("Dana Reyes", "Lee Park")
    number = await submitted(dana)
    await status_of(dana, number)
    first = dana.newest_card

    await status_of(dana, number)
    await bot.advance(0)

    assert first is not dana.newest_card
    assert not first.buttons


async def test_lists_follow_a_request_from_hand_to_hand(bot):
    dana, lee, ana, kofi = await bot.people("Dana Reyes", "Lee Park", "Ana Souza", "Kofi Mensah")
    number = await assigned(dana, lee, ana, kofi)

    assert number not in await lee.say("inbox")
    assert number not in await ana.say("inbox")
    assert number in await kofi.say("engagements")
    await kofi.press("decline", showing=number, decline_reason="I am away.")
    await bot.advance(0)
    assert number in await ana.say("inbox")
    assert number not in await kofi.say("engagements")
