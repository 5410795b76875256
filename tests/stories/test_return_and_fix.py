"""The FPM sends a request back; the requester, or a colleague, fixes it and sends it again with the changes marked."""

from tests.stories.journey import approved, fill_in, open_page, status_of, statuses, submitted
from tests.stories.living_cards import check_every_card


async def test_a_returned_request_is_fixed_and_sent_again_with_its_changes_marked(bot):
    dana, lee = await bot.people("Dana Reyes", "Lee Park")
    number = await submitted(dana)

    await lee.press(
        "return", showing=number, return_fields=["seat_count", "justification"], return_note="Are these all licences?"
    )
    returned = await dana.sees("Returned by Lee Park", "Are these all licences?")
    assert "Active licences for this workload" in returned.words
    await check_every_card(bot)

    await dana.press("fix", on=returned)
    page = await open_page(dana)
    assert page.inputs["seat_count"]["value"] in {"5000", "5,000"}
    assert "look at this again" in page.words
    await dana.press("next", on=page, seat_count="6,500")
    reason = await open_page(dana)
    assert "justification" in reason.inputs, "the other field to fix is asked as well"
    await dana.press("next", on=reason, justification="All 6,500 licences; nothing was left out this time.")
    review = await open_page(dana)
    assert number in review.words
    await dana.press("submit", on=review)
    await check_every_card(bot)

    decision = await lee.card_with("approve", showing=number)
    marked = [line for line in decision.words.splitlines() if "changed" in line]
    assert any("6,500" in line for line in marked)
    assert any("SME is needed" in line or "Subject Matter Expert" in line for line in marked), decision.words
    assert not any("Contact" in line for line in marked)
    assert await status_of(dana, number) == "Submitted"


async def test_a_colleague_may_fix(bot):
    dana, piotr, lee = await bot.people("Dana Reyes", "Piotr Zieliński", "Lee Park")
    number = await submitted(dana)
    await lee.press("return", showing=number, return_fields=["tenant_name"], return_note="Which company is it?")

    await piotr.say(f"status {number}")
    await piotr.press("fix", showing=number)
    await dana.sees(number, "Returned by Lee Park")
    review = await fill_in(piotr, tenant_name="Adventure Works Iberia")
    await piotr.press("submit", on=review)

    await lee.sees("Adventure Works Iberia", "Sent again by Piotr Zieliński")
    await check_every_card(bot)
    assert statuses(bot) == {number: "submitted"}


async def test_an_assigner_may_send_an_approved_request_back(bot):
    dana, lee, ana = await bot.people("Dana Reyes", "Lee Park", "Ana Souza")
    number = await approved(dana, lee)

    await ana.press("return", showing=number, return_fields=["region"], return_note="Which region is it?")

    await dana.sees("Returned by Ana Souza", "Which region is it?")
    await lee.sees("Returned by Ana Souza")
    await check_every_card(bot)


async def test_a_return_changes_nothing_when_nothing_is_said_about_it(bot):
    dana, lee = await bot.people("Dana Reyes", "Lee Park")
    number = await submitted(dana)
    said = await lee.forge_press("return", number, return_note="  ")
    assert "few words" in said
    assert statuses(bot) == {number: "submitted"}


async def test_fixing_twice_keeps_one_form(bot):
    dana, lee = await bot.people("Dana Reyes", "Lee Park")
    number = await submitted(dana)
    await lee.press("return", showing=number, return_fields=["seat_count"], return_note="How many?")

    returned = await dana.card_with("fix")
    await dana.press("fix", on=returned)
    await dana.press("fix", on=returned)
    review = await fill_in(dana, seat_count="7,000")
    await dana.press("submit", on=review)

    await check_every_card(bot)
    assert statuses(bot) == {number: "submitted"}
    assert bot.request_rows()[number]["answer_seat_count"] == "7000"


async def test_a_return_that_names_no_field_opens_the_review_to_choose_from(bot):
    dana, lee = await bot.people("Dana Reyes", "Lee Park")
    number = await submitted(dana)
    await lee.press("return", showing=number, return_note="Please add what was tried.")

    await dana.press("fix", showing=number)

    assert {"edit", "submit"} <= (await open_page(dana)).verbs


async def test_what_to_fix_and_why_stays_on_the_card_whatever_happens_next(bot):
    dana, lee = await bot.people("Dana Reyes", "Lee Park")
    number = await submitted(dana)
    await lee.press("return", showing=number, return_fields=["tenant_name"], return_note="Which company is it?")
    returned = await dana.sees("Returned by Lee Park")

    await dana.press("issue", on=returned, issue_text="I do not understand what to do.")
    await check_every_card(bot)

    assert "Which company is it?" in returned.words
    assert "fix" in returned.verbs


async def test_a_second_tap_on_send_again_says_under_which_number_it_was_sent(bot):
    dana, lee = await bot.people("Dana Reyes", "Lee Park")
    number = await submitted(dana)
    await lee.press("return", showing=number, return_fields=["tenant_name"], return_note="Which company is it?")
    await dana.press("fix", showing=number)
    review = await fill_in(dana, tenant_name="Adventure Works Iberia")
    first, second = (dana.press_of(review, "submit") for _ in range(2))

    await dana.deliver(first)
    await dana.deliver(second)

    await dana.sees(f"This form was sent as {number}.")
    assert statuses(bot) == {number: "submitted"}
    assert bot.request_rows()[number]["revision"] == 3
