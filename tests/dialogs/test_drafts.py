"""Cancelled forms, and drafts that are resumed or put away."""

from tests.dialogs.chat import CUSTOMER, NEED


async def test_a_typed_cancel_closes_the_card_and_keeps_the_answers(rita):
    await rita.type("new request")
    await rita.press("next", **CUSTOMER)
    page = rita.newest
    assert "Form cancelled" in await rita.type("cancel")
    assert not page.verbs
    kept = await rita.remembered()
    assert kept.stack == []
    assert kept.answers == CUSTOMER


async def test_a_cancel_button_closes_the_card_and_keeps_the_answers(rita):
    await rita.type("new request")
    await rita.press("next", **CUSTOMER)
    page = rita.newest
    assert "Form cancelled" in await rita.press("cancel")
    assert not page.verbs
    assert (await rita.remembered()).answers == CUSTOMER


async def test_a_review_can_be_cancelled_and_resumed(rita):
    await rita.type("new request")
    await rita.fill()
    await rita.press("cancel")
    await rita.type("new request")
    await rita.press("resume")
    assert "submit" in rita.newest.verbs


async def test_a_draft_is_offered_and_resumed_where_it_was_left(rita):
    await rita.type("new request")
    await rita.press("next", **CUSTOMER)
    await rita.type("cancel")
    await rita.type("new request")
    offer = rita.newest
    assert offer.verbs == {"resume", "afresh"}
    assert "Fabrikam" in offer.text
    await rita.press("resume")
    assert "workload" in rita.newest.inputs
    assert not offer.verbs


async def test_a_form_begun_afresh_is_empty_and_another_one(rita):
    await rita.type("new request")
    await rita.press("next", **CUSTOMER)
    token = (await rita.remembered()).form["token"]
    await rita.type("cancel")
    await rita.type("new request")
    await rita.press("afresh")
    assert "value" not in rita.newest.inputs["tenant_name"]
    kept = await rita.remembered()
    assert kept.answers == {}
    assert kept.form["token"] != token


async def test_a_new_request_in_the_middle_of_a_form_offers_it_and_it_can_go_on_unasked(rita):
    await rita.type("new request")
    await rita.press("next", **CUSTOMER)
    page = rita.newest
    await rita.type("new request")
    assert rita.newest.verbs == {"resume", "afresh"}
    await rita.press("next", page, **NEED)
    assert "justification" in rita.newest.inputs


async def test_a_form_without_answers_is_begun_anew_without_asking(rita):
    await rita.type("new request")
    first = rita.newest
    await rita.type("new request")
    assert not first.verbs
    assert "tenant_id" in rita.newest.inputs
