"""Cards and dialog states that time has overtaken."""

import pytest

from tests.dialogs.chat import CUSTOMER, NEED


async def test_a_draft_card_works_once(rita):
    await rita.type("new request")
    await rita.press("next", **CUSTOMER)
    await rita.type("cancel")
    await rita.type("new request")
    offer = [rita.newest.button(verb)["data"] for verb in ("resume", "afresh")]
    await rita.press("afresh")
    await rita.press("next", **CUSTOMER)
    for data in offer:
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


async def test_a_press_on_an_earlier_page_posts_the_open_one_when_it_was_lost(rita):
    """As when the answer to a page was saved, and its sender told that it was not."""
    await rita.type("new request")
    page, data = rita.newest, rita.newest.button("next")["data"]
    await rita.press("next", **CUSTOMER)
    kept = await rita.remembered()
    kept.posted.clear()
    await rita.conversations.save(kept)
    lost = rita.messages.pop()
    await rita._turn({"value": data | CUSTOMER, "replyToId": page.id})
    assert rita.newest.text == lost.text
    before = len(rita.messages)
    await rita._turn({"value": data | CUSTOMER, "replyToId": page.id})
    assert [m.card for m in rita.messages[before:]] == [None]
    await rita.press("next", **NEED)
    assert "justification" in rita.newest.inputs


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


@pytest.mark.parametrize(
    "stack",
    [
        [{"id": "gone", "state": {}}],
        [{"bogus": 1}],
        [{"id": "new_request", "state": {}}],
        [{"id": "new_request", "state": {"dialogs": {"$dialogs": [{"id": "card", "state": {}}]}}}],
        [
            {
                "id": "new_request",
                "state": {"dialogs": {"$dialogs": [{"id": i, "state": {}} for i in ("card", "steps")]}},
            }
        ],
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


async def test_a_repeated_message_does_nothing_again_and_posts_the_card_only_if_it_was_lost(rita):
    await rita.type("new request")
    await rita.press("next", **CUSTOMER)
    before = await rita.remembered()
    assert not await rita.repeat()
    kept = await rita.remembered()
    kept.posted.clear()
    await rita.conversations.save(kept)
    lost = rita.messages.pop()
    assert await rita.repeat() == lost.text
    assert (await rita.remembered()).stack == before.stack
    await rita.press("next", **NEED)
    assert "justification" in rita.newest.inputs


async def test_a_repeated_message_without_a_form_is_left_alone(rita):
    assert not await rita.repeat()
