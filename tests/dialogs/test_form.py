"""The form, from the first page to the request."""

import pytest

from bot.domain.fields import FIELDS, PAGES, Text
from tests.dialogs.chat import ANSWERS, CUSTOMER

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
    view = await desk.lookup.view(rita.person, number)
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
    card = await rita.open_at(page)
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


async def test_text_in_any_script_arrives_as_it_was_typed(rita, desk, left_behind):
    name, why = "Müller & Söhne 株式会社 👩🏽‍💻", "نحتاج إلى مساعدة في النشر، شكراً جزيلاً لكم"
    await rita.type("new request")
    await rita.fill(tenant_name=name, justification=why)
    await rita.press("submit")
    view = await desk.lookup.view(rita.person, left_behind[0])
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
