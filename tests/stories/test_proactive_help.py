"""Help that Microsoft proposes: the partner agrees first, it has a period, and it ends by itself."""

from datetime import timedelta

from tests.stories.journey import number_in
from tests.stories.living_cards import check_every_card
from tests.stories.test_promises import DAY, HOUR, MONDAY, go_to, now

PROPOSAL = {"workload": "TEAMS", "topic": "coaching", "outcomes": "The team leads the next rollout alone."}


async def proposed(bot, by, contact, sme, *, days=14):
    """Propose help from tomorrow on; return the number."""
    today = (await now(bot)).date()
    period = {"start": str(today + timedelta(days=1)), "end": str(today + timedelta(days=days))}
    await by.say("propose CONTOSO")
    answer = await by.press(
        "propose", partner="CONTOSO", contact=contact.email, sme_other=sme.email, **PROPOSAL, **period
    )
    await bot.advance(0)
    return number_in(answer)


async def cast_of(bot):
    return await bot.people("Dana Reyes", "Lee Park", "Ana Souza", "Kofi Mensah", "Grace O'Brien")


async def test_a_partner_refuses_and_no_sme_hears_of_it(bot):
    dana, lee, _, kofi, _ = await cast_of(bot)
    number = await proposed(bot, lee, dana, kofi)
    offered = await dana.card_with("agree", showing=number)
    assert "The team leads the next rollout alone." in offered.words
    assert "Kofi Mensah" in offered.words
    await check_every_card(bot)
    assert number not in kofi.transcript
    await dana.press("decline", showing=number, decline_reason="We have no time before March.")
    await lee.sees("Declined by Dana Reyes", "We have no time before March.")
    await check_every_card(bot)
    assert number not in kofi.transcript
    assert bot.request_rows()[number]["status"] == "withdrawn"


async def test_a_partner_agrees_an_sme_declines_another_helps_and_it_ends_by_itself(bot):
    dana, lee, _, kofi, grace = await cast_of(bot)
    await go_to(bot, MONDAY, 10)
    number = await proposed(bot, lee, dana, grace)
    await dana.press("agree", showing=number)
    await grace.press("decline", showing=number, decline_reason="I am booked.")
    await check_every_card(bot)
    assert "I am booked." in (await lee.card_with("assign", showing=number)).words
    await lee.press("assign", showing=number, sme_other=kofi.email)
    await kofi.press("accept", showing=number)
    await kofi.press("contacted", showing=number)
    await check_every_card(bot)
    assert number in await kofi.say("engagements")
    assert number in await lee.say("engagements")

    await bot.advance(10 * DAY)
    assert "Period ends soon" not in kofi.transcript
    await bot.advance(2 * DAY)
    for person in (dana, lee, kofi):
        await person.sees(number, "Period ends soon")
    await check_every_card(bot)
    await bot.advance(3 * DAY)
    for person in (dana, lee, kofi):
        await person.sees(number, "Period over")
    await check_every_card(bot)
    await kofi.press("complete", showing="Please write what came of it", summary="The team leads.", feedback="Ready.")
    await bot.advance(HOUR)
    await dana.press("rate", data={"rating": 5})
    await lee.press("close", showing="The team leads.")
    await check_every_card(bot)
    assert bot.request_rows()[number]["status"] == "closed"


async def test_an_assigner_proposes_and_what_comes_back_comes_to_the_assigner(bot):
    dana, lee, ana, kofi, _ = await cast_of(bot)
    number = await proposed(bot, ana, dana, kofi)
    await lee.sees(number, "Help proposed")
    await dana.press("agree", showing=number)
    await kofi.press("decline", showing=number, decline_reason="No.")
    assert number in (await ana.card_with("assign", showing=number)).words
    await bot.advance(0)
    assert number in await ana.say("inbox")
    await check_every_card(bot)


async def test_what_is_filled_in_wrong_is_said_and_nothing_is_lost(bot):
    dana, lee, _, kofi, _ = await cast_of(bot)
    await lee.say("propose")
    given = {"partner": "CONTOSO", "contact": dana.email, "sme_other": "nobody@fasttrack.example", **PROPOSAL}
    said = await lee.press("propose", start="2027-01-10", end="2027-01-05", **given)
    assert "no SME with this e-mail" in said
    said = await lee.press("propose", start="2027-01-10", end="2027-01-05", **given | {"sme_other": kofi.email})
    assert "The last day comes after the first one" in said
    assert not bot.request_rows()
