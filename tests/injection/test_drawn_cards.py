"""Whatever stands on a card is read as it was typed: drawn by the official renderer, and looked at in its page."""

from dataclasses import replace

import pytest

from bot.cards.form import line_card, page_card, review_card
from bot.cards.lessons import learning_card
from bot.cards.lists import list_card
from bot.cards.pieces import run
from bot.cards.proposal import proposal_form_card
from bot.cards.request import request_card, status_card
from bot.cards.words import question_card
from bot.domain.fields import PAGES
from bot.domain.filters import Filters, ListName
from bot.domain.lifecycle import Status, Topic
from bot.domain.ports import Summary
from tests import engagements, gallery, lists, samples
from tests.injection.corpora import BLOCKS, HIDDEN, TEXTS
from tests.injection.drawn import drawn

WORK = {
    "kickoff": ("kickoff-written", samples.FPM),
    "at-work": ("kickoff-agreed", samples.SME),
    "noted": ("noted-customer", samples.REQUESTER),
    "ended": ("rated-2", samples.FPM),
    "proposed": ("proposal", samples.REQUESTER),
}
READERS = {
    "decision": ("submitted", samples.FPM, Topic.DECISION),
    "receipt": ("submitted", samples.REQUESTER, Topic.RECEIPT),
    "ping": ("assigned", samples.SME, Topic.PING),
    "status": ("with-an-issue", samples.FPM, Topic.STATUS),
}
ROUND = (*WORK, "learning", "proposal")
"""Cards about the work, of which each text stands on one: each of them is drawn with a good dozen of texts."""
UNREAD = {"page-people", "proposal", "at-work"}
"""Cards on which a text stands in a list to choose from, or in an input alone."""
ENOUGH = "Twenty characters at least.\n"


def about_request(kind, text, name):
    """Return a card about a request on which everybody has the name, and every long text and reason holds the text."""
    state, reader, topic = READERS[kind]
    journey = samples.journeys(gallery.hostile_request(f"{ENOUGH}{text}", name))[state]
    journey.history = [replace(event, why=text, by_name=name) for event in journey.history]
    journey.request = replace(journey.request, last=journey.history[-1])
    view = gallery.hostile_view(journey, replace(reader, name=name), name)
    return status_card(view) if topic is Topic.STATUS else request_card(view, topic, note=text)


def about_the_work(kind, text, name):
    """Return a card about the work on a request on which everybody has the name, and every text holds the text."""
    state, reader = WORK[kind]
    said = engagements.longest(text, name)
    request = gallery.hostile_request(ENOUGH, name)
    stages = engagements.proposals(text, said) if kind == "proposed" else engagements.journeys(request, said)
    view = gallery.hostile_view(stages[state], replace(reader, name=name), name)
    return request_card(view, Topic.PROPOSAL if kind == "proposed" else Topic.ENGAGEMENT)


def learned(text, name):
    lesson = engagements.lessons()[0]
    lesson = replace(lesson, sme=name, learners=(name,), learned=replace(lesson.learned, customer=name))
    return learning_card([replace(lesson, summary=text)], samples.REQUESTER)


def proposal(name):
    form = engagements.form((name,))
    smes, contacts = (replace(samples.SME, name=name),), (replace(samples.REQUESTER, name=name),)
    return proposal_form_card(replace(form, smes=smes, contacts=contacts))


def context_of(text, name):
    """Return the form of a requester, a partner and FPMs of this name."""
    answers = gallery.hostile_request(f"{ENOUGH}{text}", name).answers
    context = samples.form_context(answers, replace(samples.REQUESTER, name=name))
    partners = {code: replace(partner, name=name) for code, partner in context.partners.items()}
    return replace(context, partners=partners, fpms=dict.fromkeys(context.fpms, name))


def page(key, text, name):
    number = next(n for n, page in enumerate(PAGES) if page.key == key)
    typed = dict.fromkeys(gallery.LONG_KEYS, text)
    place = {"is_first": not number, "step": number + 1, "steps": len(PAGES)}
    return page_card(PAGES[number], context_of(text, name), gallery.MARKER, values=typed, note=text, **place)


def review(text, name):
    earlier = tuple(replace(one, customer=name) for one in samples.EARLIER)
    return review_card(context_of(text, name), gallery.MARKER, earlier=earlier, note=text)


def inbox(name):
    row = Summary("CONTOSO-7K3QXD", name, "MDATP", Status.SUBMITTED, "CONTOSO", samples.BEGINNING, samples.BEGINNING)
    told = [run(f"{name} is not available any more.")]
    rows = [replace(row, note=f"{name} could not be told of this.")]
    return list_card(lists.page(rows, ListName.INBOX, Filters(text=name[:40])), lists.ZONE, told)


def in_turn(text, texts, kinds=ROUND):
    """Return the kind of card about the work on which this one of the texts stands."""
    return kinds[texts.index(text) % len(kinds)]


def of_work(kind, text, name):
    match kind:
        case "learning":
            return learned(text, name)
        case "proposal":
            return proposal(name)
    return about_the_work(kind, text, name)


def one_line_everywhere(text):
    kind = in_turn(text, TEXTS)
    return {
        **{each: about_request(each, text, text) for each in ("decision", "receipt", "status")},
        "review": review(text, text),
        "question": question_card(replace(samples.REQUESTER, name=text), text),
        "inbox": inbox(text),
        "page-people": page("people", text, text),
        "page-reason": page("reason", text, text),
        kind: of_work(kind, text, text),
    }


def lines_in_long_texts(text):
    made = {kind: about_request(kind, text, "Adventure Works") for kind in ("decision", "ping")}
    kind = in_turn(text, BLOCKS, tuple(WORK))
    made[kind] = about_the_work(kind, text, "Adventure Works")
    return {**made, "question": question_card(samples.REQUESTER, text), "line": line_card(text)}


def hidden_in_a_name(text):
    name = f"Adventure {text} Works"
    return {"receipt": about_request("receipt", text, name), "inbox": inbox(name)}


@pytest.fixture(scope="module")
def seen(chromium_path):
    """Return every card with every text, by the text and the kind of card; one browser draws them all."""
    made = {text: one_line_everywhere(text) for text in TEXTS}
    made |= {text: lines_in_long_texts(text) for text in BLOCKS}
    made |= {text: hidden_in_a_name(text) for text in HIDDEN}
    found = drawn({(text, kind): card for text, cards in made.items() for kind, card in cards.items()})
    return {text: {kind: found[text, kind] for kind in cards} for text, cards in made.items()}


@pytest.mark.parametrize("text", [*TEXTS, *BLOCKS, *HIDDEN])
def test_nothing_is_drawn_but_paragraphs_inputs_and_buttons(seen, text):
    assert {kind: card.foreign for kind, card in seen[text].items() if card.foreign} == {}


@pytest.mark.parametrize("text", [*TEXTS, *BLOCKS, *HIDDEN])
def test_every_paragraph_reads_as_it_stands_in_the_card(seen, text):
    assert {kind: card.unlike for kind, card in seen[text].items() if card.unlike} == {}


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_is_read_on_every_card_as_it_was_typed(seen, text):
    assert [kind for kind, card in seen[text].items() if kind not in UNREAD and not card.reads(text)] == []


@pytest.mark.parametrize("text", TEXTS)
def test_a_name_is_offered_for_choice_as_it_was_typed(seen, text):
    for kind in {"decision", "page-people", "proposal"} & seen[text].keys():
        assert any(choice.startswith(text[:59]) for choice in seen[text][kind].choices), kind


@pytest.mark.parametrize("text", TEXTS)
def test_what_was_typed_stands_in_its_input_again(seen, text):
    assert text in seen[text]["page-reason"].values


@pytest.mark.parametrize("text", BLOCKS)
def test_lines_are_read_as_they_were_typed(seen, text):
    assert [kind for kind, card in seen[text].items() if kind not in UNREAD and not card.reads(text)] == []


@pytest.mark.parametrize("text", HIDDEN)
def test_of_a_text_with_hidden_characters_the_rest_is_read(seen, text):
    shown = f"Adventure {HIDDEN[text]} Works"
    assert [kind for kind, card in seen[text].items() if not card.reads(shown)] == []
