"""The buttons on a request's cards: only what the reader may do now, with the inputs that the contract names."""

import pytest

from bot.cards.request import request_card, status_card
from bot.domain.catalogues import DENY_REASONS
from bot.domain.fields import BY_KEY
from bot.domain.lifecycle import Action, Relation, Topic
from tests import engagements, samples
from tests.cards.lint import actions_in, actions_of, button, inputs_of, verbs_of, within
from tests.gallery import HOSTILE, hostile_view

READERS = (*samples.PEOPLE, samples.STRANGER)
INPUTS = {
    "deny": {"deny_reason", "deny_note"},
    "return": {"return_fields", "return_note"},
    "delegate": {"delegate_to", "delegate_to_other"},
    "assign": {"sme", "sme_other", "assign_note"},
    "decline": {"decline_reason"},
    "close": {"close_reason"},
    "reopen": {"reopen_reason"},
    "release": {"release_reason"},
    "issue": {"issue_text"},
    "answer": {"answer_text"},
    "kickoff": {"mode", "expectations", "outcomes", "exit_criteria", "start", "end", "learners"},
    "note": {"note_status", "note_summary", "note_next", "note_next_date", "note_concerns"},
    "complete": {"summary", "feedback"},
    "agree": {"learners"},
}
CHECKLIST = {"met", "waive_reason"}
WITHOUT_INPUTS = {"approve", "withdraw", "accept", "contacted", "agree", "rate"}
VERB_OF = {action: action.value for action in Action} | {Action.RESUBMIT: "fix"}
CELLS = [
    pytest.param(journey, reader, id=f"{state}-{reader.email}")
    for state, journey in {**samples.journeys(), **engagements.journeys(), **engagements.proposals()}.items()
    for reader in READERS
]


def changing_verbs(card):
    return verbs_of(card) - {"again", "status", "refresh", "record"}


@pytest.mark.parametrize(("journey", "reader"), CELLS)
def test_a_card_offers_nothing_that_is_not_allowed(journey, reader):
    view = journey.view(reader)
    for topic in Topic:
        assert changing_verbs(request_card(view, topic)) <= {VERB_OF[action] for action in view.allowed}


@pytest.mark.parametrize(("journey", "reader"), CELLS)
def test_the_status_card_offers_everything_that_is_allowed(journey, reader):
    view = journey.view(reader)
    assert changing_verbs(status_card(view)) == {VERB_OF[action] for action in view.allowed}


@pytest.mark.parametrize(("journey", "reader"), CELLS)
def test_only_a_card_that_can_be_acted_on_renews_itself(journey, reader):
    view = journey.view(reader)
    card = status_card(view)
    assert ("refresh" in card) == bool(view.allowed)
    if view.allowed:
        data = card["refresh"]["action"]["data"]
        assert (data["verb"], data["request"], data["topic"]) == ("refresh", view.request.number, "status")


@pytest.mark.parametrize(("journey", "reader"), CELLS)
def test_buttons_say_on_which_state_they_were_pressed(journey, reader):
    view = journey.view(reader)
    for pressed in actions_of(status_card(view)):
        if pressed["type"] == "Action.Execute":
            assert pressed["data"]["revision"] == view.request.revision
            engagement = view.engagement.id if view.engagement else None
            assert pressed["data"].get("engagement") == engagement


@pytest.mark.parametrize(("journey", "reader"), CELLS)
def test_inputs_stand_behind_the_button_that_needs_them(journey, reader):
    view = journey.view(reader)
    card = status_card(view)
    # A rating is one tap: the comment stands beside the five buttons.
    asked = {e["id"] for e in within(card["body"]) if e["type"].startswith("Input.")}
    assert asked == ({"rating_comment"} if Action.RATE in view.allowed else set())
    has_checklist = bool(view.engagement and view.engagement.kickoff)
    for pressed in actions_in(card):
        if pressed["type"] == "Action.ShowCard":
            inner = pressed["card"]
            verb = inner["actions"][0]["verb"]
            more = CHECKLIST if verb == "complete" and has_checklist else set()
            assert INPUTS[verb] | more == set(inputs_of(inner))
        elif pressed["type"] == "Action.Execute":
            assert pressed["verb"] in WITHOUT_INPUTS


@pytest.mark.parametrize("topic", [Topic.RECEIPT, Topic.RETURNED, Topic.STEPS, Topic.DECISION, Topic.PING])
def test_a_reader_with_no_part_in_a_request_gets_a_line(topic):
    card = request_card(samples.journeys()["assigned"].view(samples.STRANGER), topic)
    assert "actions" not in card
    assert "refresh" not in card
    assert len(card["body"]) == 1


def test_an_fpm_who_has_delegated_a_request_sees_to_whom():
    card = request_card(samples.journeys()["delegated"].view(samples.FPM), Topic.DECISION, note="Too late.")
    text = "".join(run["text"] for element in card["body"] for run in element["inlines"])
    assert "Delegated to Maria Lopez by Ben Hoffmann" in text
    assert text.startswith("Too late.")
    assert "actions" not in card


def test_the_contact_of_another_company_gets_the_receipt_without_buttons():
    outsider = samples.replace(samples.STRANGER, email=samples.ANSWERS["contact_email"])
    view = samples.journeys()["submitted"].view(outsider)
    assert not view.relations
    card = request_card(view, Topic.RECEIPT)
    assert "Fabrikam Retail GmbH" in str(card["body"])
    assert "actions" not in card


def test_a_denial_names_one_of_the_seven_reasons():
    card = status_card(samples.journeys()["submitted"].view(samples.FPM))
    reasons = inputs_of(card)["deny_reason"]
    assert reasons["isRequired"]
    assert {choice["value"] for choice in reasons["choices"]} == set(DENY_REASONS)


def test_a_return_names_fields_of_the_request_by_their_labels():
    card = status_card(samples.journeys()["submitted"].view(samples.FPM))
    fields = inputs_of(card)["return_fields"]
    assert fields["isMultiSelect"]
    offered = {choice["value"]: choice["title"] for choice in fields["choices"]}
    assert offered == {key: BY_KEY[key].label for key in samples.ANSWERS}


@pytest.mark.parametrize("key", ["sme", "delegate_to"])
def test_a_choice_of_people_is_short_and_leaves_room_for_another(key):
    state, reader = ("approved", samples.ASSIGNER) if key == "sme" else ("submitted", samples.FPM)
    inputs = inputs_of(status_card(hostile_view(samples.journeys()[state], reader, HOSTILE)))
    assert len(inputs[key]["choices"]) == 15
    assert not inputs[key].get("isRequired")
    assert not inputs[f"{key}_other"].get("isRequired")


def test_the_best_sme_comes_first_with_the_reasons():
    view = samples.journeys()["approved"].view(samples.ASSIGNER)
    first = inputs_of(status_card(view))["sme"]["choices"][0]
    assert first["value"] == samples.SME.email
    assert first["title"] == "Grace Okafor: knows the workload, English, EMEA, 2 h shared, 1 of 3 open"


def test_another_fpm_can_be_typed_when_the_directory_has_no_choice():
    view = samples.journeys()["submitted"].view(samples.FPM, fpms=())
    assert {"delegate_to_other"} == {key for key in inputs_of(status_card(view)) if key.startswith("delegate")}


@pytest.mark.parametrize(("state", "is_required"), [("assigned", False), ("accepted", True)])
def test_closing_needs_a_reason_while_the_engagement_is_active(state, is_required):
    card = status_card(samples.journeys()[state].view(samples.FPM))
    assert bool(inputs_of(card)["close_reason"].get("isRequired")) == is_required


def test_another_workload_can_be_asked_for_from_receipt_and_status():
    for card in (
        request_card(samples.journeys()["submitted"].view(samples.REQUESTER), Topic.RECEIPT),
        status_card(samples.journeys()["denied"].view(samples.COLLEAGUE)),
    ):
        assert button(card, "again")["data"].items() >= {"verb": "again", "request": "CONTOSO-7K3QXD"}.items()
        assert button(card, "again")["type"] == "Action.Submit"


def test_a_returned_request_is_fixed_by_its_first_button():
    card = request_card(samples.journeys()["returned"].view(samples.COLLEAGUE), Topic.RETURNED)
    assert card["actions"][0]["data"]["verb"] == "fix"
    assert card["actions"][0]["type"] == "Action.Submit"


def test_news_opens_the_request_for_whoever_has_a_part_in_it():
    view = samples.journeys()["approved"].view(samples.REQUESTER)
    assert button(request_card(view, Topic.NEWS), "status")["data"] == {"verb": "status", "request": "CONTOSO-7K3QXD"}
    stranger = samples.journeys()["approved"].view(samples.STRANGER)
    assert "actions" not in request_card(stranger, Topic.NEWS, sentence="It was approved.")


def test_whoever_asked_gets_the_requesters_card_whatever_else_they_are():
    fpm_too = samples.replace(samples.REQUESTER, roles=samples.REQUESTER.roles | {samples.Role.FPM})
    view = samples.journeys()["submitted"].view(fpm_too, relations=frozenset({Relation.REQUESTER, Relation.FPM}))
    assert changing_verbs(status_card(view)) == {"withdraw", "issue"}
