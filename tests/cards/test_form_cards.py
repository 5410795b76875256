"""The form's cards: inputs from the catalogue, mistakes beside their field, and the read-back."""

from dataclasses import replace

import pytest

from bot.cards.form import draft_card, line_card, page_card, page_line_card, review_card, self_deploy_card
from bot.domain.fields import PAGES, SCOPE, on_page
from bot.domain.people import Partner
from tests import samples
from tests.cards.lint import actions_of, button, elements_of, inputs_of, shown_texts, verbs_of

MARKER = {"token": "f" * 32, "card": "abc"}
PAGE = {page.key: page for page in PAGES}


def drawn(key, answers=samples.ANSWERS, **more):
    step = [page.key for page in PAGES].index(key) + 1
    context = samples.form_context(answers)
    return page_card(PAGE[key], context, MARKER, is_first=step == 1, step=step, steps=len(PAGES), **more)


@pytest.mark.parametrize("key", PAGE)
def test_a_page_asks_the_fields_of_the_catalogue(key):
    context = samples.form_context(samples.MIGRATION)
    card = drawn(key, samples.MIGRATION)
    asked = {k: e for k, e in inputs_of(card).items() if k != "question"}
    assert list(asked) == [field.key for field in on_page(key, context)]
    for field in on_page(key, context):
        assert asked[field.key]["label"].startswith(field.label)
        offered = {c["value"]: c["title"] for c in asked[field.key].get("choices", [])}
        assert offered == field.options(context)


@pytest.mark.parametrize("key", PAGE)
def test_each_page_has_one_next_and_its_way_out(key):
    card = drawn(key)
    nexts = [a for a in actions_of(card) if a["data" if "data" in a else "card"].get("verb") == "next"]
    assert len(nexts) == 1
    assert nexts[0]["type"] == "Action.Submit"
    first = key == "customer"
    assert verbs_of(card) == ({"next", "cancel", "ask_fpm"} if first else {"next", "back", "cancel"})
    assert all(a["data"].items() >= MARKER.items() for a in actions_of(card) if "data" in a)


@pytest.mark.parametrize("key", ["need", "reason", "people"])
def test_required_answers_are_checked_before_they_are_sent(key):
    context = samples.form_context(samples.ANSWERS)
    inputs = inputs_of(drawn(key))
    for field in on_page(key, context):
        assert bool(inputs[field.key].get("isRequired")) == field.required(context)
        assert ("(optional)" in inputs[field.key]["label"]) != field.required(context)


def test_empty_answers_on_the_first_page_do_not_block_a_question_to_the_fpm():
    inputs = inputs_of(drawn("customer", {}))
    assert not any(e.get("isRequired") for key, e in inputs.items() if key != "question")
    assert inputs["question"]["isRequired"]
    assert button(drawn("customer"), "ask_fpm")["type"] == "Action.Submit"


def test_the_first_page_says_what_an_sme_does():
    assert SCOPE in shown_texts(drawn("customer", {}))
    assert SCOPE not in shown_texts(drawn("need", {}))


def test_a_number_is_typed_as_text():
    assert inputs_of(drawn("need"))["seat_count"]["type"] == "Input.Text"


def test_a_long_list_can_be_searched():
    inputs = inputs_of(drawn("need"))
    assert inputs["workload"]["style"] == "filtered"
    assert inputs["role"]["style"] == "compact"


def test_stored_answers_stand_before_presets():
    assert inputs_of(drawn("people", {}))["contact_email"]["value"] == samples.REQUESTER.email
    assert inputs_of(drawn("people"))["contact_email"]["value"] == samples.ANSWERS["contact_email"]
    assert "value" not in inputs_of(drawn("reason", {**samples.ANSWERS, "notes": ""}))["notes"]


def test_a_mistake_stands_right_below_its_field_and_what_was_typed_is_kept():
    typed = {"role": "engineer", "seat_count": "many", "workload": "nonsense"}
    card = drawn("need", values=typed, mistakes={"seat_count": "Please give a whole number."})
    elements = list(elements_of(card))
    place = next(i for i, e in enumerate(elements) if e.get("id") == "seat_count")
    assert elements[place]["value"] == "many"
    assert elements[place + 1]["text"] == "Please give a whole number."
    assert elements[place + 1]["color"] == "attention"
    assert "One answer needs another look." in shown_texts(card)
    assert "value" not in inputs_of(card)["workload"]
    assert "value" not in inputs_of(card)["primary_language"]


def test_several_mistakes_are_counted():
    card = drawn("need", values={}, mistakes={"seat_count": "Wrong.", "role": "Wrong."})
    assert "2 answers need another look." in shown_texts(card)


def test_a_field_that_the_fpm_wants_fixed_is_marked():
    card = drawn("reason", note="Say what was tried.", asked_again=frozenset({"justification"}))
    elements = list(elements_of(card))
    place = next(i for i, e in enumerate(elements) if e.get("id") == "justification")
    assert elements[place + 1]["text"] == "Please look at this again."
    assert "Say what was tried." in shown_texts(card)


def test_a_page_shows_its_own_words_when_it_has_some():
    page = replace(PAGES[1], intro="One workload at a time.")
    card = page_card(page, samples.form_context({}), MARKER, is_first=False, step=2, steps=4)
    assert "One workload at a time." in shown_texts(card)


def test_an_answered_page_becomes_one_line_without_buttons():
    card = page_line_card(PAGE["people"], samples.form_context(samples.ANSWERS))
    line = "Who is involved: FTP Partner · Contoso Consulting · pradeep.gupta@contoso.example · Ben Hoffmann"
    assert shown_texts(card) == [line]
    assert "actions" not in card
    assert shown_texts(page_line_card(PAGE["need"], samples.form_context({}))) == ["What is needed"]


def test_the_review_reads_every_answer_back_in_words():
    text = "\n".join(shown_texts(review_card(samples.form_context(samples.MIGRATION), MARKER, earlier=())))
    for words in (
        "Fabrikam Retail GmbH", "72f988bf", "Enterprise", "Europe, Middle East and Africa", "FastTrack Migration",
        "Exchange Online", "5,200", "English · German", "FastTrack migration benefit", "Another source · Zimbra 8.8",
        "Onboarding stops", "change window", "FTP Partner", "Contoso Consulting", "pradeep.gupta@", "Ben Hoffmann",
    ):  # fmt: skip
        assert words in text


def test_the_review_offers_to_edit_each_page():
    card = review_card(samples.form_context(samples.ANSWERS), MARKER, earlier=())
    edits = [a for a in actions_of(card) if a["data"]["verb"] == "edit"]
    assert [a["data"]["page"] for a in edits] == [page.key for page in PAGES]
    assert verbs_of(card) == {"submit", "edit", "cancel"}


@pytest.mark.parametrize(
    ("answers", "flags"),
    [
        (samples.ANSWERS, set()),
        (samples.EXCEPTIONAL, {"EXCEPTION"}),
        (samples.FLAGGED, {"below the published minimum", "language limited"}),
        ({**samples.ANSWERS, "workload": "AATP", "seat_count": "10000"}, {"at the threshold"}),
    ],
)
def test_the_review_shows_the_verdict_with_its_rule_and_flags(answers, flags):
    context = samples.form_context(answers)
    text = "\n".join(shown_texts(review_card(context, MARKER, earlier=())))
    assert context.verdict.reason in text
    assert f"Rule {context.verdict.rule}, version {context.verdict.version}" in text
    words = {"EXCEPTION", "below the published minimum", "language limited", "at the threshold"}
    assert {w for w in words if w in text} == flags


def test_the_review_names_duplicates_and_repeats():
    card = review_card(samples.form_context(samples.ANSWERS), MARKER, earlier=samples.EARLIER)
    texts = shown_texts(card)
    assert "Duplicate: CONTOSO-4H7M2P for Fabrikam Retail GmbH (assigned, 3 Nov 2026)" in texts
    assert "Repeat: CONTOSO-9C3QXA for Adventure Works (closed, 7 May 2026)" in texts


def test_a_request_that_is_sent_again_keeps_its_number_on_the_review():
    card = review_card(samples.form_context(samples.ANSWERS), MARKER, earlier=(), number="CONTOSO-7K3QXD", note="Look.")
    assert "SME request · CONTOSO-7K3QXD" in shown_texts(card)
    assert "Look." in shown_texts(card)
    assert button(card, "submit")["title"] == "Send again"


def test_a_review_without_a_verdict_still_reads_back():
    context = replace(samples.form_context(samples.ANSWERS), verdict=None)
    assert "Fabrikam Retail GmbH" in str(review_card(context, MARKER, earlier=()))


def test_self_deployment_links_to_the_guidance_of_the_routing_data():
    context = samples.form_context({**samples.ANSWERS, "workload": "AATP", "seat_count": "20"})
    card = self_deploy_card(context, MARKER)
    links = [a["url"] for a in actions_of(card) if a["type"] == "Action.OpenUrl"]
    assert links == [context.verdict.guidance]
    assert verbs_of(card) == {"back", "cancel"}


def test_self_deployment_without_a_link_still_has_its_ways_on():
    card = self_deploy_card(replace(samples.form_context({}), verdict=None), MARKER)
    assert verbs_of(card) == {"back", "cancel"}


def test_a_form_that_was_left_is_offered_again():
    card = draft_card(MARKER, began="Mon 23 Nov, 10:12 CET", customer="Fabrikam")
    assert "A form for Fabrikam, begun Mon 23 Nov, 10:12 CET, is still here with its answers." in shown_texts(card)
    assert verbs_of(card) == {"resume", "afresh"}
    unnamed = draft_card(MARKER, began="Mon 23 Nov, 10:12 CET", customer="")
    assert "A form, begun Mon 23 Nov, 10:12 CET, is still here with its answers." in shown_texts(unnamed)


def test_a_line_is_only_words():
    assert shown_texts(line_card("Form cancelled.")) == ["Form cancelled."]


def test_a_customer_who_bears_a_partners_code_as_name_is_not_renamed():
    context = samples.form_context({**samples.ANSWERS, "tenant_name": "CONTOSO"})
    assert isinstance(context.partners["CONTOSO"], Partner)
    assert "The customer: 72f988bf-86f1-41af-91ab-2d7cd011db47 · CONTOSO ·" in shown_texts(
        page_line_card(PAGE["customer"], context)
    )[0]  # fmt: skip
