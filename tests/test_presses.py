"""The data of a press: parsed into a press on a request, or no press at all; and the card that answers it."""

import pytest

from bot.domain.desk import Answer, Press
from bot.domain.lifecycle import Topic
from bot.domain.notices import OF_AGENDAS
from bot.presses import VERBS, answer_card, parse_press, parse_proposal, parse_word
from tests.samples import FPM, REQUESTER, Journey

NUMBER = "CONTOSO-7K3QXD"
TOKEN = "0f" * 16


def test_the_data_of_a_button_is_a_press():
    data = {"verb": "deny", "request": NUMBER, "revision": 3, "deny_reason": "other", "topic": "decision"}
    texts = {"verb": "deny", "request": NUMBER, "deny_reason": "other", "topic": "decision"}
    assert parse_press(data) == Press("deny", NUMBER, 3, texts)


def test_the_verb_of_the_action_counts_where_the_data_names_none():
    assert parse_press({"request": NUMBER, "revision": 1}, "approve").verb == "approve"
    assert parse_press({"verb": "deny", "request": NUMBER, "revision": 1}, "approve").verb == "deny"


def test_an_engagement_is_pressed_on_its_request():
    assert parse_press({"verb": "accept", "engagement": f"{NUMBER}.2", "revision": 4}).number == NUMBER


def test_every_verb_of_a_request_card_is_known_and_forms_have_their_own():
    assert "refresh" in VERBS
    assert not VERBS & {"submit", "resubmit", "next", "back", "cancel", "edit", "fix", "again"}


@pytest.mark.parametrize(
    "data",
    [
        None,
        "approve",
        ["approve"],
        {},
        {"verb": "approve"},
        {"verb": "approve", "request": 7},
        {"verb": "approve", "request": ""},
        {"verb": ["approve"], "request": NUMBER},
        {"verb": "submit", "request": NUMBER},
        {"verb": "APPROVE", "request": NUMBER},
        {"verb": "next", "request": NUMBER},
        {"verb": None, "request": NUMBER},
        {"request": NUMBER},
    ],
)
def test_anything_else_is_no_press(data):
    assert parse_press(data) is None


@pytest.mark.parametrize(
    ("raw", "revision"),
    [
        (1, 1),
        ("12", 12),
        ("999999999", 999_999_999),
        ("9999999999", -1),
        ("-1", -1),
        ("1.0", -1),
        ("٣", -1),
        ("²", -1),
        ("", -1),
        (1.0, -1),
        (True, -1),
        (None, -1),
        ([1], -1),
    ],
)
def test_a_revision_is_a_whole_number_or_one_that_no_request_has(raw, revision):
    assert parse_press({"verb": "approve", "request": NUMBER, "revision": raw}).revision == revision


def test_only_texts_count_as_inputs():
    data = {"verb": "deny", "request": NUMBER, "deny_note": ["x"], "deny_reason": 7, "deny": {"a": "b"}}
    assert parse_press(data).inputs == {"verb": "deny", "request": NUMBER}


@pytest.mark.parametrize("topic", sorted(set(Topic) - OF_AGENDAS))
def test_a_press_is_answered_with_the_same_kind_of_card(topic):
    card = answer_card(Answer(Journey().view(FPM)), {"topic": topic.value})
    assert card["type"] == "AdaptiveCard"
    claimed = {action["data"]["topic"] for action in card.get("actions", ()) if "topic" in action.get("data", {})}
    assert claimed <= {topic.value}


@pytest.mark.parametrize("claimed", [None, "no such topic", ["decision"], {"a": 1}, 7])
def test_a_card_of_no_known_topic_is_answered_with_the_status(claimed):
    answer = Answer(Journey().view(REQUESTER), note="This had changed before your press.")
    assert answer_card(answer, {"topic": claimed}) == answer_card(answer, {"topic": "status"})
    assert "This had changed before your press." in str(answer_card(answer, {"topic": claimed}))


@pytest.mark.parametrize(
    ("data", "word"),
    [
        ({"topic": "reminder", "word": 7}, 7),
        ({"topic": "brief", "word": "7"}, 7),
        ({"topic": "decision", "word": 7}, 0),
        ({"topic": "reminder"}, 0),
        ({"topic": "reminder", "word": -3}, 0),
        ({"topic": "reminder", "word": True}, 0),
        ({"topic": "reminder", "word": [7]}, 0),
        ({"topic": ["reminder"], "word": 7}, 0),
        ({"topic": {"reminder": 1}, "word": 7}, 0),
        ({}, 0),
    ],
)
def test_the_word_of_a_card_about_several_requests_is_known_by_its_number(data, word):
    assert parse_word(data) == word


def test_a_press_on_a_word_that_is_kept_no_more_shows_the_status_of_the_request():
    view = Journey().view(FPM)
    assert answer_card(Answer(view), {"topic": "brief"}) == answer_card(Answer(view), {"topic": "status"})


@pytest.mark.parametrize(("raw", "rating"), [(1, "1"), (5, "5"), ("4", "4"), (7, "7"), (0, None), (-1, None)])
def test_stars_are_an_input_also_as_a_number(raw, rating):
    inputs = parse_press({"verb": "rate", "request": NUMBER, "rating": raw}).inputs
    assert inputs.get("rating") == rating


@pytest.mark.parametrize("raw", [True, 4.0, [4], None])
def test_nothing_else_is_a_number_of_stars(raw):
    assert "rating" not in parse_press({"verb": "rate", "request": NUMBER, "rating": raw}).inputs


def test_the_form_of_a_proposal_is_known_by_its_token():
    data = {"verb": "propose", "engagement": TOKEN, "revision": 0, "sme": "kofi@home.example", "start": 7}
    texts = {"verb": "propose", "engagement": TOKEN, "sme": "kofi@home.example"}
    assert parse_proposal(data) == (TOKEN, texts)
    assert parse_proposal({"engagement": TOKEN}, "propose") == (TOKEN, {"engagement": TOKEN})
    assert parse_press(data) is None


@pytest.mark.parametrize(
    "data",
    [
        None,
        "propose",
        {"verb": "propose"},
        {"verb": "propose", "engagement": 7},
        {"verb": "propose", "engagement": TOKEN.upper()},
        {"verb": "propose", "engagement": f"{TOKEN}\n"},
        {"verb": "propose", "engagement": f"{NUMBER}.1"},
        {"verb": ["propose"], "engagement": TOKEN},
        {"verb": "agree", "engagement": TOKEN},
    ],
)
def test_anything_else_is_no_proposal(data):
    assert parse_proposal(data) is None
