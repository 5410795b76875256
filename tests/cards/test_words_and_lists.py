"""Dates in words, and the cards that greet, help and pass on a question."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.cards.plain import as_text
from bot.cards.words import help_card, moment, question_card, welcome_card
from tests import samples


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


def test_help_offers_what_the_person_can_do():
    assert "new request: Ask for an SME" in as_text(help_card(samples.REQUESTER))
    assert "new request" not in as_text(help_card(samples.FPM))
    assert "inbox FILTER: What waits for you" in as_text(help_card(samples.ASSIGNER))
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
