"""Back, edits, and the ways that answers open or close."""

import pytest

from tests.dialogs.chat import CUSTOMER, NEED, PEOPLE, REASON

EXCEPTION_REASON = "The customer has begun and cannot wait for the guidance."


async def test_a_way_back_shows_the_answers_given_and_keeps_those_typed_since(rita):
    await rita.open_at("reason")
    await rita.press("back")
    assert rita.newest.inputs["seat_count"]["value"] == "5000"
    await rita.press("next")
    assert "justification" in rita.newest.inputs


async def test_a_way_back_twice_leads_through_the_same_pages_again(rita):
    await rita.open_at("people")
    await rita.press("back")
    await rita.press("back")
    assert "workload" in rita.newest.inputs
    await rita.press("next")
    assert rita.newest.inputs["justification"]["value"] == REASON["justification"]
    await rita.press("next")
    assert "contact_email" in rita.newest.inputs


async def test_a_page_left_by_back_does_not_empty_its_answers(rita):
    await rita.open_at("people")
    await rita.press("back")
    await rita.press("back")
    kept = await rita.remembered()
    assert kept.answers["justification"] == REASON["justification"]


async def test_an_edit_from_the_review_asks_one_page_and_comes_back(rita):
    await rita.type("new request")
    await rita.fill()
    await rita.press("edit", where={"page": "customer"})
    await rita.press("next", tenant_name="Tailspin")
    assert "submit" in rita.newest.verbs
    assert "Tailspin" in rita.newest.text


async def test_a_change_to_migration_asks_for_the_mail_source(rita):
    await rita.type("new request")
    await rita.fill()
    await rita.press("edit", where={"page": "need"})
    await rita.press("next", role="migration", workload="EXCHANGE")
    assert "email_source" in rita.newest.inputs
    await rita.press("next", email_source="google", topic="migration")
    assert "submit" in rita.newest.verbs
    assert "Google" in rita.newest.text


async def test_a_change_back_to_engineer_asks_for_another_topic_and_drops_the_mail_source(rita, desk, left_behind):
    await rita.type("new request")
    await rita.fill(role="migration", workload="EXCHANGE", email_source="google", topic="migration")
    await rita.press("edit", where={"page": "need"})
    await rita.press("next", role="engineer")
    assert "email_source" not in rita.newest.inputs
    await rita.press("next", topic="adoption")
    await rita.press("submit")
    view = await desk.lookup.view(rita.person, left_behind[0])
    assert "email_source" not in view.request.answers


async def test_another_mail_source_needs_its_name(rita):
    await rita.type("new request")
    await rita.press("next", **CUSTOMER)
    await rita.press("next", **NEED | {"role": "migration", "workload": "EXCHANGE"})
    page = rita.newest
    await rita.press("next", **REASON | {"topic": "migration", "email_source": "other"})
    assert rita.newest is page
    await rita.press("next", email_source_other="A very old server")
    assert "contact_email" in rita.newest.inputs


async def test_self_deploy_stops_the_form_with_guidance_and_a_way_back(rita, left_behind):
    await rita.type("new request")
    await rita.fill(until="back", workload="AIP_P1")
    await rita.press("next", **NEED | {"workload": "AIP_P1"})
    assert rita.newest.verbs == {"back", "cancel"}
    assert "Action.OpenUrl" in str(rita.newest.card)
    await rita.press("back")
    assert rita.newest.inputs["workload"]["value"] == "AIP_P1"
    await rita.press("next", workload="TEAMS")
    assert "justification" in rita.newest.inputs
    assert not left_behind


async def test_self_deploy_can_be_cancelled(rita):
    await rita.type("new request")
    await rita.press("next", **CUSTOMER)
    await rita.press("next", **NEED | {"workload": "AIP_P1"})
    assert "Form cancelled" in await rita.press("cancel")


async def test_an_edit_can_end_in_self_deploy(rita):
    await rita.type("new request")
    await rita.fill()
    await rita.press("edit", where={"page": "need"})
    await rita.press("next", workload="AIP_P1")
    assert rita.newest.verbs == {"back", "cancel"}


@pytest.mark.parametrize(
    ("need", "flag"),
    [
        ({"workload": "MIG_P1", "seat_count": "6000"}, "EXCEPTION"),
        ({"workload": "MDATP", "seat_count": "150"}, "below the published minimum"),
    ],
)
async def test_an_exception_and_too_few_seats_need_a_reason_and_are_flagged(rita, desk, left_behind, need, flag):
    await rita.type("new request")
    await rita.press("next", **CUSTOMER)
    await rita.press("next", **NEED | need)
    page = rita.newest
    await rita.press("next", **REASON)
    assert rita.newest is page
    await rita.press("next", exception_reason=EXCEPTION_REASON)
    await rita.press("next", **PEOPLE)
    assert flag in rita.newest.text
    await rita.press("submit")
    view = await desk.lookup.view(rita.person, left_behind[0])
    assert view.request.answers["exception_reason"] == EXCEPTION_REASON


async def test_a_self_deploy_card_has_no_other_buttons(rita):
    await rita.type("new request")
    await rita.press("next", **CUSTOMER)
    await rita.press("next", **NEED | {"workload": "AIP_P1"})
    data = rita.newest.button("back")["data"]
    assert "no such button" in await rita.send(data | {"verb": "submit"})
