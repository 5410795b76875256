"""The form, from the first page to the request."""

import pytest

from bot.domain.fields import FIELDS, PAGES, Text
from tests.dialogs.chat import ANSWERS, CUSTOMER, NEED, PEOPLE, REASON

WRONG = {
    "tenant_id": "1234",
    "tenant_name": "x" * 121,
    "tenant_segment": "Huge",
    "region": "MOON",
    "role": "boss",
    "workload": "CLIPPY",
    "seat_count": "many",
    "primary_language": "tlh",
    "secondary_language": "en",
    "topic": "migration",
    "email_source": "pigeon",
    "justification": "help",
    "notes": "x" * 2001,
    "delivery_team": "Us",
    "partner_name": "NORTHWIND",
    "contact_email": "rita at contoso",
    "fpm": "rita@contoso.example",
}
EXCEPTION_REASON = "The customer has begun and cannot wait for the guidance."


async def opened(chat, page):
    """Bring a chat to a page of a new form."""
    await chat.type("new request")
    for before in PAGES:
        if before.key == page:
            return chat.newest
        await chat.press("next", **{k: v for k, v in ANSWERS.items() if k in chat.newest.inputs})
    raise AssertionError(page)


async def test_a_form_is_asked_page_by_page_and_becomes_one_request(rita, desk, left_behind):
    await rita.type("new request")
    await rita.fill()
    assert "Fabrikam" in rita.newest.text
    review = rita.newest
    await rita.press("submit")
    (number,) = left_behind
    assert review.text.startswith(f"Sent as {number}")
    assert not review.verbs
    kept = await rita.remembered()
    assert (kept.answers, kept.form, kept.stack) == ({}, {}, [])
    view = await desk.view(rita.person, number)
    stored = {k: v for k, v in view.request.answers.items() if v}
    assert stored == ANSWERS | {"seat_count": "5000"}


async def test_every_answered_page_becomes_a_line_with_its_answers(rita):
    await rita.type("new request")
    pages = []
    for _ in PAGES:
        pages.append(rita.newest)
        await rita.press("next", **{k: v for k, v in ANSWERS.items() if k in rita.newest.inputs})
    assert [message.verbs for message in pages] == [set()] * len(PAGES)
    assert "Fabrikam" in pages[0].text
    assert "5,000" in pages[1].text


async def test_the_next_card_is_posted_before_the_answered_one_closes(rita):
    await rita.type("new request")
    said = await rita.press("next", **CUSTOMER)
    assert said.index("Kind of SME") < said.index("Fabrikam")


async def test_the_first_page_has_no_way_back(rita):
    await rita.type("new request")
    assert rita.newest.verbs == {"next", "cancel", "ask_fpm"}


@pytest.mark.parametrize("page", [page.key for page in PAGES])
async def test_every_mistake_of_a_page_is_named_and_the_answers_stay(rita, page):
    card = await opened(rita, page)
    said = await rita.press("next", **{k: v for k, v in WRONG.items() if k in card.inputs})
    assert rita.newest is card
    assert "Please" in said
    for key, shown in card.inputs.items():
        if key in WRONG and shown["type"] == "Input.Text":
            assert shown["value"] == WRONG[key]
    await rita.press("next", **{key: ANSWERS.get(key, "") for key in card.inputs if key != "question"})
    assert rita.newest is not card


async def test_a_page_left_empty_names_what_is_missing(rita):
    await rita.type("new request")
    said = await rita.press("next")
    assert said.count("Please fill this in.") == len(CUSTOMER)


async def test_a_mistake_beside_good_answers_loses_none_of_them(rita):
    await rita.type("new request")
    await rita.press("next", **CUSTOMER | {"tenant_id": "1234"})
    assert rita.newest.inputs["tenant_name"]["value"] == "Fabrikam"
    assert rita.newest.inputs["tenant_id"]["value"] == "1234"
    assert (await rita.remembered()).answers["tenant_name"] == "Fabrikam"


async def test_a_card_whose_place_is_unknown_is_posted_anew_with_its_mistakes(rita):
    await rita.type("new request")
    card = rita.newest
    conversation = await rita.remembered()
    conversation.posted.clear()
    await rita.conversations.save(conversation)
    await rita.press("next", place_is_known=False)
    assert rita.newest is not card
    await rita.press("next", **CUSTOMER)
    assert "seat_count" in rita.newest.inputs


async def test_a_way_back_shows_the_answers_given_and_keeps_those_typed_since(rita):
    await opened(rita, "reason")
    await rita.press("back")
    assert rita.newest.inputs["seat_count"]["value"] == "5000"
    await rita.press("next")
    assert "justification" in rita.newest.inputs


async def test_a_way_back_twice_leads_through_the_same_pages_again(rita):
    await opened(rita, "people")
    await rita.press("back")
    await rita.press("back")
    assert "workload" in rita.newest.inputs
    await rita.press("next")
    assert rita.newest.inputs["justification"]["value"] == REASON["justification"]
    await rita.press("next")
    assert "contact_email" in rita.newest.inputs


async def test_a_page_left_by_back_does_not_empty_its_answers(rita):
    await opened(rita, "people")
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
    view = await desk.view(rita.person, left_behind[0])
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
    view = await desk.view(rita.person, left_behind[0])
    assert view.request.answers["exception_reason"] == EXCEPTION_REASON


async def test_text_in_any_script_arrives_as_it_was_typed(rita, desk, left_behind):
    name, why = "Müller & Söhne 株式会社 👩🏽‍💻", "نحتاج إلى مساعدة في النشر، شكراً جزيلاً لكم"
    await rita.type("new request")
    await rita.fill(tenant_name=name, justification=why)
    await rita.press("submit")
    view = await desk.view(rita.person, left_behind[0])
    assert (view.request.answers["tenant_name"], view.request.answers["justification"]) == (name, why)


@pytest.mark.parametrize("wrong", [["TEAMS"], {"a": "b"}, 17, 1.5, True, None, "\ud800", "\x00", 10**30], ids=repr)
@pytest.mark.parametrize("page", [page.key for page in PAGES])
async def test_inputs_of_a_wrong_type_get_a_sentence_and_lose_nothing(rita, page, wrong):
    await rita.type("new request")
    await rita.fill()
    before = (await rita.remembered()).answers
    await rita.press("edit", where={"page": page})
    card = rita.newest
    said = await rita.press("next", **dict.fromkeys(card.inputs, wrong))
    assert said
    assert (await rita.remembered()).answers.keys() == before.keys()
    texts = {f.key for f in FIELDS if isinstance(f.kind, Text)}
    for key, answer in (await rita.remembered()).answers.items():
        assert key in texts or answer == before[key] or key in {"seat_count", "secondary_language"}


async def test_an_unknown_button_changes_nothing(rita):
    await rita.type("new request")
    data = rita.newest.button("next")["data"]
    assert "no such button" in await rita.send(data | {"verb": "approve_all"})
    await rita.fill()
    data = rita.newest.button("submit")["data"]
    assert "no such button" in await rita.send(data | {"verb": "edit", "page": "wages"})
    assert "no such button" in await rita.send(data | {"verb": "next"})


async def test_a_question_reaches_the_fpm_and_the_form_stays(rita, left_behind):
    await rita.type("new request")
    page = rita.newest
    assert "Please write" in await rita.press("ask_fpm")
    assert "Frank" in await rita.press("ask_fpm", question="Is Teams telephony in scope?", tenant_name="Fabrikam")
    assert left_behind
    assert rita.newest is page
    assert (await rita.remembered()).answers == {"tenant_name": "Fabrikam"}
    await rita.press("next", **CUSTOMER)
    assert "workload" in rita.newest.inputs


async def test_an_earlier_request_for_the_same_customer_is_shown_before_submit(rita, left_behind):
    await rita.type("new request")
    await rita.fill()
    await rita.press("submit")
    await rita.type("new request")
    await rita.fill()
    assert left_behind[0] in rita.newest.text
