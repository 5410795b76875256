"""The verdict on the review card and on the decision card, and the ways that need no SME or a reason."""

import pytest

from tests.stories.journey import FORM, fill_in, open_page, review, statuses
from tests.stories.living_cards import check_every_card

REASON = "The published guidance was followed and did not help."
CASES = {
    "EXCEPTION": {"workload": "MIG_P1", "seat_count": "5,001", "exception_reason": REASON},
    "below the published minimum": {"workload": "AADP_P1", "seat_count": "150", "exception_reason": REASON},
    "at the threshold": {"workload": "MCAS", "seat_count": "10 000"},
    "language limited": {"workload": "MDATP", "seat_count": "151", "primary_language": "fr"},
}


@pytest.mark.parametrize("flag", CASES)
async def test_a_flag_stands_on_the_review_and_on_the_decision_card(bot, flag):
    dana, lee = await bot.people("Dana Reyes", "Lee Park")

    last_look = await review(dana, **CASES[flag])
    assert flag in last_look.words
    assert "2020-02-24.1" in last_look.words
    others = [other for other in CASES if other != flag and other in last_look.words]
    assert not others
    await dana.press("submit", on=last_look)

    decision = await lee.card_with("approve")
    assert flag in decision.words
    assert "2020-02-24.1" in decision.words
    assert CASES[flag].get("exception_reason", "") in decision.words
    await check_every_card(bot)


async def test_an_exception_is_shown_its_guidance_first(bot):
    (dana,) = await bot.people("Dana Reyes")
    await dana.say("new request")
    await dana.press("next", **{key: FORM[key] for key in ("tenant_id", "tenant_name", "tenant_segment", "region")})

    await dana.press("next", role="engineer", workload="MIG_P1", seat_count="5,001", primary_language="en")

    page = await open_page(dana)
    assert "exception_reason" in page.inputs
    said = [m for m in dana.chat if "learn.microsoft.com" in str(m.card) or "learn.microsoft.com" in m.text]
    assert said, "guidance comes first"


async def test_an_eligible_request_carries_no_flag(bot):
    dana, lee = await bot.people("Dana Reyes", "Lee Park")

    last_look = await review(dana)
    assert not [flag for flag in CASES if flag in last_look.words]
    await dana.press("submit", on=last_look)

    decision = await lee.card_with("approve")
    assert not [flag for flag in CASES if flag in decision.words]


@pytest.mark.parametrize(
    ("workload", "seats"), [("AIP_P1", "20,000"), ("MCAS", "9,999"), ("AATP", "1"), ("MIG_P1", "5,000")]
)
async def test_a_self_deploy_workload_ends_with_its_guidance_and_no_request(bot, workload, seats):
    dana, lee = await bot.people("Dana Reyes", "Lee Park")

    guidance = await review(dana, workload=workload, seat_count=seats)

    links = [a["url"] for a in guidance.card["actions"] if a["type"] == "Action.OpenUrl"]
    assert links
    assert all(link.startswith("https://learn.microsoft.com/") for link in links)
    assert guidance.verbs == {"back", "cancel"}
    assert "FPM" in guidance.words
    assert not statuses(bot)
    assert "approve" not in {verb for m in lee.chat for verb in m.verbs}


async def test_the_answers_behind_a_self_deploy_verdict_can_be_changed(bot):
    (dana,) = await bot.people("Dana Reyes")
    guidance = await review(dana, workload="MCAS", seat_count="9,999")

    await dana.press("back", on=guidance)
    need = await open_page(dana)
    assert need.inputs["workload"]["value"] == "MCAS"
    last_look = await fill_in(dana, workload="MCAS", seat_count="10,001")

    assert "submit" in last_look.verbs
    await check_every_card(bot)


async def test_a_migration_is_asked_for_the_source_of_the_mail(bot):
    dana, lee = await bot.people("Dana Reyes", "Lee Park")

    last_look = await review(
        dana,
        role="migration",
        workload="EXCHANGE",
        topic="migration",
        email_source="other",
        email_source_other="Zimbra",
    )
    assert "Zimbra" in last_look.words
    await dana.press("submit", on=last_look)

    decision = await lee.card_with("approve")
    assert "Zimbra" in decision.words
