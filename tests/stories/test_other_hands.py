"""A request goes to other hands: delegated, declined and assigned anew, released, reopened."""

import pytest

from tests.stories.journey import accepted, approved, assigned, statuses, submitted
from tests.stories.living_cards import check_every_card
from tests.stories.shown_card import CannotPressError


async def test_a_delegated_request_is_decided_by_the_other_fpm(bot):
    dana, lee, renee = await bot.people("Dana Reyes", "Lee Park", "Renee Carter")
    number = await submitted(dana)

    await lee.press("delegate", showing=number, delegate_to=renee.email)
    await check_every_card(bot)
    await dana.sees("Delegated to Renee Carter by Lee Park")
    await renee.press("approve", showing=number)

    await check_every_card(bot)
    await dana.sees("Approved by Renee Carter")
    assert statuses(bot) == {number: "approved"}


async def test_a_delegation_may_name_an_fpm_by_mail_and_nobody_else(bot):
    dana, lee, arjun, kofi = await bot.people("Dana Reyes", "Lee Park", "Arjun Nair", "Kofi Mensah")
    number = await submitted(dana)

    assert "no FPM" in await lee.press("delegate", showing=number, delegate_to_other=kofi.email)
    assert "no FPM" in await lee.press("delegate", showing=number, delegate_to_other="nobody@fasttrack.example")
    await lee.press("delegate", showing=number, delegate_to_other=arjun.email.upper())

    await arjun.card_with("approve", showing=number)
    await check_every_card(bot)


async def test_the_former_fpm_learns_what_became_of_the_card(bot):
    dana, lee, renee = await bot.people("Dana Reyes", "Lee Park", "Renee Carter")
    number = await submitted(dana)
    decision = await lee.card_with("approve", showing=number)
    stale = lee.press_of(decision, "approve")
    await lee.press("delegate", on=decision, delegate_to=renee.email)

    answer = await lee.deliver(stale)

    assert "Delegated" in str(answer["value"])
    assert bot.request_rows()[number]["status"] == "submitted"


async def test_an_sme_who_declines_is_replaced_by_another(bot):
    dana, lee, ana, kofi, laura = await bot.people(
        "Dana Reyes", "Lee Park", "Ana Souza", "Kofi Mensah", "Laura Bianchi"
    )
    number = await assigned(dana, lee, ana, kofi)

    with pytest.raises(CannotPressError, match="say in a few words why"):
        await kofi.press("decline", showing=number)
    await kofi.press("decline", showing=number, decline_reason="I am away for three weeks.")
    await check_every_card(bot)
    await ana.sees("Declined by Kofi Mensah", "I am away for three weeks.")
    await dana.sees("Declined by Kofi Mensah")
    await lee.sees("Declined by Kofi Mensah")

    again = await ana.card_with("assign", showing=number)
    await ana.press("assign", on=again, sme=laura.email)
    await laura.press("accept", showing=number)
    await check_every_card(bot)
    await dana.sees("Accepted by Laura Bianchi")
    assert bot.request_rows()[number]["sme"] == laura.email


async def test_a_released_sme_is_told_and_the_assigners_choose_anew(bot):
    dana, lee, ana, kofi, grace = await bot.people(
        "Dana Reyes", "Lee Park", "Ana Souza", "Kofi Mensah", "Grace O'Brien"
    )
    number = await accepted(dana, lee, ana, kofi)

    await lee.press("release", showing=number, release_reason="The customer wants another time zone.")
    await kofi.sees("SME released by Lee Park", "another time zone")
    await dana.sees("SME released by Lee Park")
    await check_every_card(bot)
    await ana.press("assign", showing=number, sme=grace.email)

    await grace.card_with("accept", showing=number)
    await check_every_card(bot)


async def test_an_assigner_may_release_too(bot):
    dana, lee, ana, kofi = await bot.people("Dana Reyes", "Lee Park", "Ana Souza", "Kofi Mensah")
    number = await assigned(dana, lee, ana, kofi)

    await ana.press("release", showing=number, release_reason="Assigned by mistake.")

    await kofi.sees("SME released by Ana Souza")
    await lee.sees("SME released by Ana Souza")
    await check_every_card(bot)
    assert statuses(bot) == {number: "approved"}


async def test_the_fpm_may_assign_too(bot):
    dana, lee, kofi = await bot.people("Dana Reyes", "Lee Park", "Kofi Mensah")
    number = await approved(dana, lee)

    await lee.press("assign", showing=number, sme=kofi.email)

    await kofi.card_with("accept", showing=number)
    await check_every_card(bot)


async def test_a_denied_request_is_reopened_and_then_approved(bot):
    dana, lee = await bot.people("Dana Reyes", "Lee Park")
    number = await submitted(dana)
    await lee.press("deny", showing=number, deny_reason="out_of_scope")

    await lee.press("reopen", showing=number, reopen_reason="It was in scope after all.")
    await dana.sees("Reopened by Lee Park", "It was in scope after all.")
    await check_every_card(bot)
    await lee.press("approve", showing=number)

    assert statuses(bot) == {number: "approved"}


async def test_a_closed_request_is_reopened(bot):
    dana, lee, ana, kofi = await bot.people("Dana Reyes", "Lee Park", "Ana Souza", "Kofi Mensah")
    number = await assigned(dana, lee, ana, kofi)
    await lee.press("close", showing=number)

    await lee.press("reopen", showing=number, reopen_reason="The customer came back.")

    await dana.sees("Reopened by Lee Park")
    await check_every_card(bot)
    assert bot.request_rows()[number]["sme"] == ""


async def test_closing_an_active_engagement_needs_a_reason(bot):
    dana, lee, ana, kofi = await bot.people("Dana Reyes", "Lee Park", "Ana Souza", "Kofi Mensah")
    number = await accepted(dana, lee, ana, kofi)

    with pytest.raises(CannotPressError, match="give a reason"):
        await lee.press("close", showing=number)

    assert statuses(bot) == {number: "assigned"}


async def test_an_fpm_other_than_the_partners_own_may_be_chosen_and_the_own_fpm_is_told(bot):
    dana, lee, arjun = await bot.people("Dana Reyes", "Lee Park", "Arjun Nair")

    number = await submitted(dana, fpm=arjun.email)

    await arjun.card_with("approve", showing=number)
    informed = await lee.sees(number)
    assert "approve" not in informed.verbs
    await check_every_card(bot)
