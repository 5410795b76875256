"""Dates in words, lists, and the cards that greet, help and pass on a question."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.cards.lists import list_card
from bot.cards.plain import as_text
from bot.cards.words import help_card, moment, question_card, welcome_card
from bot.domain.lifecycle import Status
from bot.domain.ports import Summary
from tests import samples
from tests.cards.lint import actions_of, button, shown_texts


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("Europe/Berlin", "Tue 24 Nov, 17:00 CET"),
        ("Asia/Tokyo", "Wed 25 Nov, 01:00 JST"),
        ("Asia/Singapore", "Wed 25 Nov, 00:00 UTC+08"),
        ("America/New_York", "Tue 24 Nov, 11:00 EST"),
        ("UTC", "Tue 24 Nov, 16:00 UTC"),
    ],
)
def test_a_moment_is_told_in_the_readers_zone(zone, words):
    assert moment(datetime(2026, 11, 24, 16, tzinfo=UTC), ZoneInfo(zone)) == words


def row(number, status=Status.SUBMITTED):
    return Summary(number, "Fabrikam", "MDATP", status, "CONTOSO", samples.BEGINNING, samples.BEGINNING)


def test_a_list_opens_each_request():
    card = list_card("My requests", [row("CONTOSO-AAAAAA"), row("CONTOSO-BBBBBB", Status.DENIED)], empty="None.")
    assert [a["data"] for a in actions_of(card)] == [
        {"verb": "status", "request": "CONTOSO-AAAAAA"},
        {"verb": "status", "request": "CONTOSO-BBBBBB"},
    ]
    assert "Denied · CONTOSO-BBBBBB" in shown_texts(card)
    assert button(card, "status")["type"] == "Action.Submit"


def test_a_long_list_says_what_it_leaves_out():
    card = list_card("Inbox", [row("CONTOSO-AAAAAA")] * 20, empty="None.")
    assert "There are more: type status and the number." in shown_texts(card)


def test_an_empty_list_says_so():
    assert "Nothing waits for you." in shown_texts(list_card("Inbox", [], empty="Nothing waits for you."))


def test_help_offers_what_the_person_can_do():
    assert "new request: Ask for an SME" in as_text(help_card(samples.REQUESTER))
    assert "new request" not in as_text(help_card(samples.FPM))
    assert "inbox: What waits for you" in as_text(help_card(samples.ASSIGNER))
    assert "engagements" in as_text(help_card(samples.SME))


@pytest.mark.parametrize("person", samples.PEOPLE, ids=lambda person: person.email)
def test_everybody_can_have_a_morning_brief_or_none(person):
    assert "brief on|off: A morning brief of what waits for you" in as_text(help_card(person))


@pytest.mark.parametrize("person", samples.PEOPLE, ids=lambda person: person.email)
def test_everybody_is_welcomed_by_name(person):
    assert f"Hello {person.name}." in as_text(welcome_card(person))


def test_a_question_names_who_asks_and_where_to_answer():
    asked_by = replace(samples.REQUESTER, contact_email="alex@contoso.example")
    text = as_text(question_card(asked_by, "Is 140 enough?"))
    assert "Alex Wilber (alex@contoso.example) asks before sending a request:" in text
    assert "Is 140 enough?" in text
    assert "Please answer directly: alex@contoso.example" in text
