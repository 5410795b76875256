"""A partner asks, the FPM approves, an assigner assigns, the SME accepts, the requester is told, the FPM closes."""

from tests.stories.journey import FORM, accepted, number_in, open_page, status_of, statuses, submitted
from tests.stories.living_cards import check_every_card

CUSTOMER = ("tenant_id", "tenant_name", "tenant_segment", "region")
NEED = ("role", "workload", "seat_count", "primary_language")
REASON = ("topic", "justification")


def given(keys):
    return {key: FORM[key] for key in keys}


async def test_a_request_goes_from_the_first_word_to_its_close(bot):
    dana, lee, ana, kofi = await bot.people("Dana Reyes", "Lee Park", "Ana Souza", "Kofi Mensah")

    await fills_the_form_in(dana, lee)
    await check_every_card(bot)

    await dana.press("submit")
    receipt = await dana.card_with("withdraw")
    number = number_in(receipt.words)
    assert "Adventure Works" in receipt.words
    assert "Lee Park" in receipt.words
    assert "assignment@fasttrack.example" in receipt.words
    await check_every_card(bot)

    decision = await lee.card_with("approve")
    assert number in decision.words
    assert "Adventure Works" in decision.words
    assert FORM["justification"] in decision.words
    assert decision.verbs >= {"approve", "deny", "return", "delegate"}
    assert decision.summary
    approved = await lee.press("approve")
    assert "Approved" in approved
    await check_every_card(bot)
    await dana.sees(number, "Approved by Lee Park")

    assignment = await ana.card_with("assign", showing=number)
    offered = assignment.button("assign").inputs["sme"]["choices"]
    assert offered[0]["value"] == kofi.email
    assert len(offered) <= 15
    assert "Kofi Mensah" in await ana.press("assign", sme=kofi.email)
    await check_every_card(bot)

    steps = await dana.sees(number, "How to start")
    assert kofi.email in steps.words
    assert "exit criteria" in steps.words
    ping = await kofi.card_with("accept", showing=number)
    assert dana.email in ping.words
    assert FORM["justification"] in ping.words
    assert "Accepted" in await kofi.press("accept")
    await check_every_card(bot)
    await dana.sees("Accepted by Kofi Mensah")
    await lee.sees("Accepted by Kofi Mensah")

    await lee.press("close", showing=number, close_reason="The customer is live.")
    await check_every_card(bot)
    await dana.sees("Closed by Lee Park", "The customer is live.")
    await kofi.sees("Closed by Lee Park")
    assert await status_of(dana, number) == "Closed"
    assert statuses(bot) == {number: "closed"}
    assert (await bot.health())["notices"]["pending"] == 0


async def fills_the_form_in(dana, lee):
    scope = await dana.say("new request")
    assert "does not lead" in scope
    customer_page = await open_page(dana)
    await dana.press("Next", **given(CUSTOMER))
    assert not customer_page.buttons, "an answered page is a read-only line"
    assert "Adventure Works" in customer_page.words
    await dana.press("Next", **given(NEED))
    await dana.press("Next", **given(REASON))
    people_page = await open_page(dana)
    assert people_page.inputs["partner_name"]["value"] == "CONTOSO"
    assert people_page.inputs["fpm"]["value"] == lee.email
    assert people_page.inputs["contact_email"]["value"] == dana.email
    await dana.press("Next")
    last_look = await open_page(dana)
    assert "Adventure Works" in last_look.words
    assert "5,000" in last_look.words


async def test_a_contact_outside_the_directory_reads_receipt_and_assignment_by_mail(bot):
    dana, lee, ana, kofi = await bot.people("Dana Reyes", "Lee Park", "Ana Souza", "Kofi Mensah")
    contact = "rita.moreno@adventure-works.example"
    number = await accepted(dana, lee, ana, kofi, contact_email=contact)
    await bot.advance(0)

    receipt, assignment = bot.mails()
    assert receipt["To"] == assignment["To"] == contact
    assert number in receipt["Subject"]
    assert "Adventure Works" in receipt.get_content()
    assert "Kofi Mensah" in assignment.get_content()
    assert "exit criteria" in assignment.get_content()


async def test_a_contact_who_is_a_colleague_gets_the_card_too(bot):
    dana, piotr, _ = await bot.people("Dana Reyes", "Piotr Zieliński", "Lee Park")
    number = await submitted(dana, contact_email=piotr.email)
    await piotr.sees(number, "Adventure Works")
    assert not bot.mails()
    await check_every_card(bot)


async def test_an_fpm_who_is_the_contact_too_still_gets_the_decision_card(bot):
    dana, lee = await bot.people("Dana Reyes", "Lee Park")
    number = await submitted(dana, contact_email=lee.email)
    await lee.press("approve", showing=number)
    await dana.sees("Approved by Lee Park")


async def test_an_sme_who_is_the_contact_too_gets_ping_and_card(bot):
    dana, lee, ana, kofi = await bot.people("Dana Reyes", "Lee Park", "Ana Souza", "Kofi Mensah")
    number = await accepted(dana, lee, ana, kofi, contact_email=kofi.email)
    assert await status_of(kofi, number) == "Assigned"
    await check_every_card(bot)
