"""Cancelled forms, drafts, forms begun from a request, and cards that time has overtaken."""

import pytest

from bot.domain.desk import Press
from bot.domain.lifecycle import Status
from tests.dialogs.chat import CUSTOMER, NEED


async def sent(chat, left_behind):
    """Send a request, and return its number."""
    await chat.type("new request")
    await chat.fill()
    await chat.press("submit")
    return left_behind[-1]


async def returned(desk, frank, number, fields="seat_count"):
    view = await desk.view(frank.person, number)
    inputs = {"return_note": "Please check.", "return_fields": fields}
    await desk.press(frank.person, Press("return", number, view.request.revision, inputs))


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


async def test_a_draft_card_works_once(rita):
    await rita.type("new request")
    await rita.press("next", **CUSTOMER)
    await rita.type("cancel")
    await rita.type("new request")
    data = rita.newest.button("afresh")["data"]
    await rita.press("afresh")
    await rita.press("next", **CUSTOMER)
    assert "closed" in await rita.send(data)
    assert (await rita.remembered()).answers == CUSTOMER


async def test_a_press_on_an_earlier_page_is_answered_and_changes_nothing(rita):
    await rita.type("new request")
    page, data = rita.newest, rita.newest.button("next")["data"]
    await rita.press("next", **CUSTOMER)
    record = page.text
    said = await rita._turn({"value": data | CUSTOMER | {"tenant_name": "Other"}, "replyToId": page.id})
    assert "earlier step" in said
    assert page.text == record
    assert (await rita.remembered()).answers["tenant_name"] == "Fabrikam"


async def test_a_press_on_a_cancelled_form_says_how_to_go_on(rita):
    await rita.type("new request")
    await rita.press("next", **CUSTOMER)
    data = rita.newest.button("next")["data"]
    await rita.type("cancel")
    assert "type new request" in (await rita.send(data | NEED)).lower()


async def test_a_second_submit_names_the_request_and_makes_no_other(rita, left_behind):
    await rita.type("new request")
    await rita.fill()
    data = rita.newest.button("submit")["data"]
    await rita.press("submit")
    assert f"sent as {left_behind[0]}" in await rita.send(data)
    assert len(left_behind) == 1


async def test_a_submit_whose_state_was_lost_is_the_same_request(rita, left_behind):
    await rita.type("new request")
    await rita.fill()
    before = await rita.remembered()
    review, data = rita.newest, rita.newest.button("submit")["data"]
    await rita.press("submit")
    kept = await rita.remembered()
    kept.stack, kept.answers, kept.form = before.stack, before.answers, before.form
    await rita.conversations.save(kept)
    await rita._turn({"value": data, "replyToId": review.id})
    assert review.text.startswith(f"Sent as {left_behind[0]}")
    assert len(left_behind) == 1


@pytest.mark.parametrize("token", ["0" * 32, "\ud800", "", 7, None, ["x"]], ids=repr)
async def test_a_card_of_an_unknown_form_is_answered(rita, token):
    said = await rita.send({"verb": "submit", "form": token, "card": "x"})
    assert "This form is closed." in said


async def test_another_workload_begins_with_the_answers_that_stay(rita, left_behind):
    number = await sent(rita, left_behind)
    await rita.type(f"status {number}")
    await rita.press("again")
    assert "value" not in rita.newest.inputs["workload"]
    await rita.press("next", **NEED | {"workload": "INTUNE"})
    await rita.fill()
    await rita.press("submit")
    assert len(set(left_behind)) == 2


async def test_another_workload_does_not_lose_a_draft(rita, left_behind):
    number = await sent(rita, left_behind)
    await rita.type("new request")
    await rita.press("next", **CUSTOMER | {"tenant_name": "Tailspin"})
    await rita.type(f"status {number}")
    await rita.press("again")
    assert "Tailspin" in rita.newest.text
    await rita.press("resume")
    assert (await rita.remembered()).answers["tenant_name"] == "Tailspin"
    await rita.type(f"status {number}")
    await rita.press("again")
    await rita.press("afresh")
    assert (await rita.remembered()).answers["tenant_name"] == "Fabrikam"
    assert "workload" in rita.newest.inputs


async def test_a_returned_request_opens_the_pages_to_fix_and_is_sent_again(rita, frank, desk, left_behind):
    number = await sent(rita, left_behind)
    await returned(desk, frank, number, "seat_count,contact_email")
    await rita.type(f"status {number}")
    await rita.press("fix")
    assert rita.newest.inputs["seat_count"]["value"] == "5000"
    await rita.press("next", seat_count="6000")
    assert "contact_email" in rita.newest.inputs
    await rita.press("back")
    await rita.press("next")
    await rita.press("next")
    review = rita.newest
    assert number in review.text
    await rita.press("submit")
    assert review.text.startswith(f"Sent again as {number}")
    request = (await desk.view(rita.person, number)).request
    assert (request.status, request.answers["seat_count"]) == (Status.SUBMITTED, "6000")


async def test_a_fix_that_was_left_goes_on_with_its_answers(rita, frank, desk, left_behind):
    number = await sent(rita, left_behind)
    await returned(desk, frank, number)
    await rita.type(f"status {number}")
    await rita.press("fix")
    await rita.press("next", seat_count="6000")
    await rita.type("cancel")
    await rita.press("fix")
    assert rita.newest.inputs["seat_count"]["value"] == "6000"


async def test_a_fix_does_not_lose_a_draft(rita, frank, desk, left_behind):
    number = await sent(rita, left_behind)
    await returned(desk, frank, number)
    await rita.type("new request")
    await rita.press("next", **CUSTOMER | {"tenant_name": "Tailspin"})
    await rita.type(f"status {number}")
    await rita.press("fix")
    assert rita.newest.verbs == {"resume", "afresh"}
    await rita.press("afresh")
    assert rita.newest.inputs["seat_count"]["value"] == "5000"


async def test_a_colleague_may_fix_and_the_other_fix_is_told_so(rita, carl, frank, desk, left_behind):
    number = await sent(rita, left_behind)
    await returned(desk, frank, number)
    for chat in (rita, carl):
        await chat.type(f"status {number}")
        await chat.press("fix")
        await chat.press("next")
    await carl.press("submit")
    review = rita.newest
    await rita.press("submit")
    assert "submitted" in review.text
    assert "submit" in review.verbs


async def test_a_request_that_is_not_returned_has_nothing_to_fix(rita, left_behind):
    number = await sent(rita, left_behind)
    assert "nothing to fix" in await rita.send({"verb": "fix", "request": number})


@pytest.mark.parametrize(
    "stack",
    [
        [{"id": "gone", "state": {}}],
        [{"bogus": 1}],
        [{"id": "new_request", "state": {}}],
        [{"id": "new_request", "state": {"dialogs": {"$dialogs": [{"id": "card", "state": {}}]}}}],
        ["x"],
    ],
    ids=str,
)
async def test_a_stack_that_does_not_fit_is_given_up_and_the_answers_are_offered(rita, stack):
    await rita.type("new request")
    await rita.press("next", **CUSTOMER)
    page = rita.newest
    kept = await rita.remembered()
    kept.stack = stack
    await rita.conversations.save(kept)
    assert "type new request" in await rita.type("and now")
    assert "type new request" in (await rita.press("next", page, **NEED)).lower()
    await rita.type("new request")
    await rita.press("resume")
    assert "workload" in rita.newest.inputs


async def test_answers_that_no_longer_fit_are_asked_again(rita, desk, store):
    await rita.type("new request")
    await rita.fill()
    kept = await rita.remembered()
    kept.answers["region"] = "MOON"
    await rita.conversations.save(kept)
    await rita.press("submit")
    assert "region" in rita.newest.inputs
