"""What is put into a chat says next to nothing; what the finder sees has no meaning beyond its words."""

import json
import re
from dataclasses import replace

import pytest

from bot.cards.found import found_card, preview_of
from tests import samples
from tests.cards.lint import actions_of, elements_of, faults_of, shown_texts
from tests.cards.test_hostile_text import PAYLOADS
from tests.gallery import CJK, LONG_NAME

BOT = "28:c9e8c047-2a34-40a1-b28a-b162d5f5327c"
WORDS_OF_PEOPLE = (
    "tenant_name",
    "justification",
    "notes",
    "workload",
    "seat_count",
    "contact_email",
    "fpm",
    "tenant_id",
)


def named(name):
    request = samples.submitted(samples.ANSWERS)
    return replace(request, answers={**request.answers, "tenant_name": name})


@pytest.mark.parametrize("state", samples.journeys())
def test_the_chat_reads_number_and_status_and_nothing_else(state):
    request = samples.journeys()[state].request
    card = found_card(request, BOT)
    link = f"https://teams.microsoft.com/l/chat/0/0?users=28%3A{BOT[3:]}&message=status%20{request.number}"
    assert shown_texts(card) == [
        f"SME request {request.number}",
        f"Status: {request.status.value.capitalize()}",
        f"[Ask the bot about it]({link})",
    ]
    assert faults_of(card) == []
    assert not list(actions_of(card))
    assert "refresh" not in card
    written = json.dumps(card, ensure_ascii=False)
    assert not [key for key in WORDS_OF_PEOPLE if len(request.answers[key]) > 3 and request.answers[key] in written]
    assert request.requester not in written
    assert card["speak"] in card["fallbackText"]


def test_the_chat_reads_the_same_whatever_people_have_written():
    assert len({json.dumps(found_card(named(payload), BOT)) for payload in PAYLOADS}) == 1


@pytest.mark.parametrize("bot_id", ["28:x)](https://evil.example) [", "../..&message=x", "é #?", ""])
def test_the_link_holds_nothing_but_the_bots_id(bot_id):
    [link] = [e["text"] for e in elements_of(found_card(named("Tailspin Toys"), bot_id)) if "](" in e.get("text", "")]
    assert re.fullmatch(
        r"\[Ask the bot about it\]\(https://teams\.microsoft\.com/l/chat/0/0\?users=[\w.%~-]*&message=status%20[\w-]+\)",
        link,
    )


def test_the_finder_reads_customer_workload_status_and_number():
    preview = preview_of(named("Tom's Toys & Sons, GmbH (Wien)"))
    assert preview.title == "Tom's Toys & Sons, GmbH (Wien)"
    request = samples.submitted(samples.ANSWERS)
    assert preview.text.endswith(f" · Submitted · {request.number}")
    assert preview.text.startswith("Defender for Endpoint (MDATP)")


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_client_finds_a_meaning_in_what_people_wrote(payload):
    title = preview_of(named(payload)).title
    assert title.strip()
    assert not re.search(r"[<>\[\]*_`~\\\n]|&[#\w]|://|\{\{|^[#>+-]+\s|\bwww\.", title)
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", title)


@pytest.mark.parametrize("name", [LONG_NAME, CJK[:120], "Zieliński & Söhne", "Ελλάδα", "C+ Retail - East", "3M"])
def test_ordinary_names_stay_as_they_are(name):
    assert preview_of(named(name)).title == name


def test_a_name_of_which_nothing_is_left_is_named_by_its_number():
    request = named("***")
    assert preview_of(request).title == request.number
