"""The form in a chat: mistakes beside their fields, the ways back, words in between, drafts, old cards."""

import pytest

from tests.stories.journey import CUSTOMER_TENANT, FORM, fill_in, number_in, open_page, review, statuses, submitted
from tests.stories.living_cards import check_every_card
from tests.stories.shown_card import CannotPressError

CUSTOMER = {key: FORM[key] for key in ("tenant_id", "tenant_name", "tenant_segment", "region")}
NEED = {key: FORM[key] for key in ("role", "workload", "seat_count", "primary_language")}

WRONG = {
    "tenant_id": ("not-a-guid", "32 hexadecimal digits"),
    "tenant_name": ("x" * 121, "120 characters"),
    "seat_count": ("many", "whole number from 1 to 10,000,000"),
    "justification": ("too short", "at least 20 characters"),
    "notes": ("x" * 2001, "2,000 characters"),
    "contact_email": ("rita at home", "one e-mail address"),
}


@pytest.mark.parametrize("key", WRONG)
async def test_a_mistake_stands_beside_its_field_and_the_answers_are_kept(bot, key):
    (dana,) = await bot.people("Dana Reyes")
    answer, sentence = WRONG[key]
    await dana.say("new request")
    while key not in (page := await open_page(dana)).inputs:
        given = {k: FORM[k] for k in page.button("next").inputs if k in FORM}
        await dana.press("next", on=page, **given)
    given = {k: FORM[k] for k in page.button("next").inputs if k in FORM}

    await dana.press("next", on=page, **(given | {key: answer}))

    assert (await open_page(dana)) is page, "the page is updated in its place"
    body = page.card["body"]
    place = next(i for i, e in enumerate(body) if e.get("id") == key)
    assert sentence in body[place + 1]["text"]
    assert body[place + 1]["color"] == "attention"
    assert page.inputs[key]["value"] == answer
    kept = {k: page.inputs[k]["value"] for k in given if k != key}
    assert kept == {k: v for k, v in given.items() if k != key}
    assert not statuses(bot)


async def test_the_customers_tenant_is_taken_in_any_usual_spelling(bot):
    dana, _lee = await bot.people("Dana Reyes", "Lee Park")
    number = await submitted(dana, tenant_id="{" + CUSTOMER_TENANT.upper() + "}")
    assert bot.request_rows()[number]["answer_tenant_id"] == CUSTOMER_TENANT


async def test_a_second_language_differs_from_the_first(bot):
    (dana,) = await bot.people("Dana Reyes")
    await dana.say("new request")
    await dana.press("next", **CUSTOMER)

    said = await dana.press("next", **NEED, secondary_language="en")

    assert "same as the first" in said
    await dana.press("next", **NEED, secondary_language="de")
    assert "justification" in (await open_page(dana)).inputs


async def test_back_needs_no_answers_and_keeps_them(bot):
    (dana,) = await bot.people("Dana Reyes")
    await dana.say("new request")
    await dana.press("next", **CUSTOMER)
    assert "back" in (await open_page(dana)).verbs

    await dana.press("back")

    page = await open_page(dana)
    assert page.inputs["tenant_name"]["value"] == "Adventure Works"
    assert "back" not in page.verbs
    await check_every_card(bot)
    last_look = await fill_in(dana)
    assert "submit" in last_look.verbs


async def test_a_page_is_edited_from_the_review(bot):
    (dana,) = await bot.people("Dana Reyes")
    await review(dana)
    shown = await open_page(dana)
    assert {b.data["page"] for b in shown.buttons if b.verb == "edit"} == {"customer", "need", "reason", "people"}

    await dana.press("edit", data={"page": "need"})
    await dana.press("next", seat_count="6,000")

    assert "6,000" in (await open_page(dana)).words
    await check_every_card(bot)


async def test_a_cancelled_form_is_offered_again_and_resumed(bot):
    (dana,) = await bot.people("Dana Reyes")
    await dana.say("new request")
    await dana.press("next", **CUSTOMER)

    assert "kept" in await dana.press("cancel")
    await check_every_card(bot)
    offer = await dana.say("new request")
    assert "Adventure Works" in offer
    await dana.press("resume")

    page = await open_page(dana)
    assert "workload" in page.inputs
    last_look = await fill_in(dana)
    await dana.press("submit", on=last_look)
    assert list(statuses(bot).values()) == ["submitted"]
    await check_every_card(bot)


async def test_a_cancelled_form_gives_way_to_a_fresh_one(bot):
    (dana,) = await bot.people("Dana Reyes")
    await dana.say("new request")
    await dana.press("next", **CUSTOMER)
    await dana.say("cancel")

    await dana.say("new request")
    await dana.press("afresh")

    page = await open_page(dana)
    assert "value" not in page.inputs["tenant_name"]
    await check_every_card(bot)


async def test_words_in_between_are_answered_kindly_and_the_page_stays(bot):
    (dana,) = await bot.people("Dana Reyes")
    await dana.say("new request")
    page = await open_page(dana)

    assert "card above" in await dana.say("Adventure Works, 500 seats")
    assert "What you can type" in await dana.say("HELP")
    assert (await open_page(dana)) is page
    await dana.press("next", on=page, **CUSTOMER)


async def test_status_works_in_the_middle_of_the_form(bot):
    dana, _lee = await bot.people("Dana Reyes", "Lee Park")
    number = await submitted(dana)
    await dana.say("new request")
    page = await open_page(dana)

    words = await dana.say(f"status {number}")

    assert "Status: Submitted" in words
    assert f"Number: {number}" in words
    await dana.press("next", on=page, **CUSTOMER)
    await check_every_card(bot)


async def test_old_pages_cannot_be_pressed_and_a_late_press_is_answered(bot):
    (dana,) = await bot.people("Dana Reyes")
    await dana.say("new request")
    first = await open_page(dana)
    late = dana.press_of(first, "next", **CUSTOMER)
    await dana.press("next", on=first, **CUSTOMER)
    with pytest.raises(CannotPressError):
        await dana.press("next", on=first)
    before = bot.conversation_of(dana)

    await dana.deliver(late | {"id": "another-id"})

    assert "earlier step" in dana.chat[-1].text
    assert "Adventure Works" in first.words
    after = bot.conversation_of(dana)
    assert [after[key] for key in ("answers", "form", "stack")] == [before[key] for key in ("answers", "form", "stack")]


async def test_unknown_words_get_an_answer(bot):
    (dana,) = await bot.people("Dana Reyes")
    assert "help" in await dana.say("what is the weather like?")
    assert "status" in await dana.say("staus")
    assert await dana.say("   ")


async def test_lists_show_what_there_is_and_open_it(bot):
    dana, lee = await bot.people("Dana Reyes", "Lee Park")
    assert "no request yet" in await dana.say("my requests")
    number = await submitted(dana)

    assert number in await dana.say("my requests")
    assert "Status: Submitted" in await dana.press("Open", data={"request": number})
    assert number in await lee.say("inbox")
    assert "Status: Submitted" in await lee.press("Open", data={"request": number})
    await check_every_card(bot)


async def test_a_number_is_understood_in_any_case(bot):
    dana, _lee = await bot.people("Dana Reyes", "Lee Park")
    number = await submitted(dana)
    assert number == number_in(await dana.say(f"STATUS  {number.lower()} "))
