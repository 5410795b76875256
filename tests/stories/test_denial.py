"""The FPM denies, with one of the published grounds."""

import pytest

from tests.stories.journey import approved, status_of, statuses, submitted
from tests.stories.living_cards import check_every_card
from tests.stories.shown_card import CannotPressError

GROUNDS = {
    "insufficient_information": "Not enough information",
    "repeated_topic": "Repeated topic",
    "out_of_scope": "Out of scope",
    "self_deploy": "Self-deployment guidance covers it",
    "not_eligible": "Not eligible",
    "duplicate": "Duplicate of another request",
    "other": "Another reason",
}


@pytest.mark.parametrize("ground", GROUNDS)
async def test_the_requester_reads_the_ground_of_a_denial_and_the_words(bot, ground):
    dana, lee = await bot.people("Dana Reyes", "Lee Park")
    number = await submitted(dana)

    await lee.press("deny", showing=number, deny_reason=ground, deny_note="Please talk to me first.")

    await dana.sees("Denied by Lee Park", GROUNDS[ground], "Please talk to me first.")
    await check_every_card(bot)
    assert await status_of(dana, number) == "Denied"


async def test_a_denial_needs_a_ground(bot):
    dana, lee = await bot.people("Dana Reyes", "Lee Park")
    number = await submitted(dana)

    with pytest.raises(CannotPressError, match="choose a reason"):
        await lee.press("deny", showing=number, deny_note="No.")


async def test_a_denial_for_another_reason_needs_words(bot):
    dana, lee = await bot.people("Dana Reyes", "Lee Park")
    number = await submitted(dana)

    said = await lee.press("deny", showing=number, deny_reason="other")

    assert "say in words why" in said
    assert statuses(bot) == {number: "submitted"}
    await lee.press("deny", showing=number, deny_reason="other", deny_note="The customer has left.")
    assert statuses(bot) == {number: "denied"}


async def test_an_approved_request_can_still_be_denied_and_the_assigners_hear_of_it(bot):
    dana, lee, ana = await bot.people("Dana Reyes", "Lee Park", "Ana Souza")
    number = await approved(dana, lee)
    assignment = await ana.card_with("assign", showing=number)

    await lee.press("deny", showing=number, deny_reason="duplicate")

    await ana.sees("Denied by Lee Park")
    await check_every_card(bot)
    assert "assign" not in assignment.verbs
