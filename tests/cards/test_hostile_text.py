"""Text that people wrote is shown as text: it adds no link, mention, action, picture or formatting."""

import json
from dataclasses import replace
from functools import cache

import pytest

from bot.cards.agenda import agenda_card
from bot.cards.pieces import run
from bot.cards.plain import as_text
from bot.domain.lifecycle import Action
from bot.domain.texts import cleaned
from tests import engagements, figures, gallery, samples
from tests.cards.lint import actions_of, elements_of, inputs_of, size_of

LINK = "https://evil.example"
PAYLOADS = (
    f"[Approve]({LINK})", f"![x]({LINK}/x.png)", f"<{LINK}>", LINK, f"[a][1]\n[1]: {LINK}", "[](javascript:alert(1))",
    "[x](data:text/html,<script>)", f"[x]( {LINK} 'title')", f"[![x]({LINK})]({LINK})", "[tel](tel:+123)",
    "[deep](msteams:/l/chat)", "www.evil.example", "mailto:x@evil.example", "file://evil/x", "\\\\evil\\share",
    "**bold**", "__bold__", "*it*", "_it_", "~~gone~~", "`code`", "```\ncode\n```", "# Heading", "Heading\n===",
    "- item", "* item", "+ item", "1. item", "1) item", "> quote", "---", "| a | b |\n|---|---|", "\\*escaped\\*",
    "<at>Ben Hoffmann</at>", "<at id='0'>Ben</at>", "@Ben Hoffmann", "@everyone", "<channel/>", "<mention>x</mention>",
    "<script>alert(1)</script>", f"<a href='{LINK}'>x</a>", f"<img src='{LINK}' onerror=alert(1)>", "<b>b</b>",
    "<iframe src=//evil.example>", "<svg/onload=alert(1)>", "<!-- x -->", "&lt;b&gt;", "&#60;b&#62;", "&nbsp;", "<br>",
    "</speak><speak>", "<speak>x</speak>", "{{DATE(2017-02-14T06:08:39Z,SHORT)}}", "{{TIME(2017-02-14T06:08:39Z)}}",
    "${data}", "${$root.x}", "{{{x}}}", "{{x}}", "%s %d {0}", "\u202egnp.exe", "\u2066x\u2069", "\u200f\u200e",
    "a\u200bb", "\ufeffx", "\u061cx", "a\u0000b", "a\u001bb", "x\u2028y", "\U0001f47f",
    '"},{"type":"Action.OpenUrl","url":"https://evil.example"}', "';--", "=cmd|'/c calc'!A1", "../../etc/passwd",
    "\\u003cscript\\u003e", "\n\n\n", "؀مرحبا", "z̷͓͠a̴l̶g̸o̴" * 20,
)  # fmt: skip
AT_WORK = {
    "kickoff-written": samples.REQUESTER, "kickoff-changed": samples.FPM, "noted-customer": samples.SME,
    "rated-2": samples.FPM, "ended-unrated": samples.REQUESTER, "proposal": samples.REQUESTER,
    "proposal-at-work": samples.SME,
}  # fmt: skip
"""Who reads the most at a stage of the work."""
HOSTILE_CARDS = gallery.hostile_cards()


def test_the_corpus_is_large_enough():
    assert len(set(PAYLOADS)) >= 60


def shape(value):
    """Return a card without its texts: what kinds of things it has, and where."""
    if isinstance(value, dict):
        return {
            k: shape(v)
            for k, v in value.items()
            if k not in {"text", "inlines", "title", "data", "value", "choices", "fallback"}
        }
    return [shape(v) for v in value] if isinstance(value, list) else None


def cards_with(text):
    """Return the cards with a harmless text of the same length, and those with this one."""
    harmless = ("Words that harm nobody " * 20)[: len(cleaned(text))]
    return cards_of(harmless, harmless), cards_of(text, text)


@cache
def cards_of(text, name):
    request = gallery.hostile_request(text, name)
    journey = samples.journeys(request)
    made = about_the_work(request, name)
    for state, reader, topic in (
        ("submitted", samples.FPM, gallery.Topic.DECISION),
        ("assigned", samples.REQUESTER, gallery.Topic.STEPS),
        ("assigned", samples.SME, gallery.Topic.PING),
        ("approved", samples.ASSIGNER, gallery.Topic.ASSIGNMENT),
    ):
        view = gallery.hostile_view(journey[state], reader, name)
        made[f"{state}-{topic}"] = gallery.request_card(view, topic, note=name)
        made[f"{state}-{topic}-status"] = gallery.status_card(view, note=name)
        made[f"{state}-{topic}-brief"] = agenda_card(
            gallery.Topic.BRIEF, [view], [name], reader=reader, at=samples.BEGINNING, word=1, note=name
        )
    late = gallery.hostile_view(journey["reply-late"], samples.ASSIGNER, name)
    made["escalation"] = gallery.request_card(late, gallery.Topic.ESCALATION, note=name)
    return made | figures.with_name(name)


def about_the_work(request, name):
    """Return the cards about the work on a request in which every text and every name is this one."""
    said = engagements.longest(f"{name} and more words", name)
    kickoff = {key: "\n".join(said[Action.KICKOFF][key].splitlines()[:2]) for key in ("exit_criteria", "learners")}
    said[Action.KICKOFF] |= kickoff
    stages = engagements.journeys(request, said) | engagements.proposals(f"{name} and more words", said)
    made = {}
    for state, reader in AT_WORK.items():
        view = gallery.hostile_view(stages[state], reader, name)
        made[state] = gallery.request_card(view, gallery.Topic.ENGAGEMENT)
    refused = gallery.hostile_view(stages["proposal-sme-declined"], samples.FPM, name)
    made["refused"] = gallery.request_card(refused, gallery.Topic.ASSIGNMENT)
    partners = replace(engagements.form((name,)), smes=(replace(samples.SME, name=name),))
    made["form"] = gallery.proposal_form_card(replace(partners, contacts=(replace(samples.REQUESTER, name=name),)))
    lessons = tuple(replace(e, sme=name, learners=(name,), summary=f"{name} ended") for e in engagements.lessons())
    lessons = tuple(replace(each, learned=replace(each.learned, customer=name)) for each in lessons)
    made["learning"] = gallery.learning_card(lessons, samples.REQUESTER)
    decides = gallery.hostile_view(samples.Journey(request), samples.FPM, name, lessons=lessons)
    made["learned"] = gallery.request_card(decides, gallery.Topic.DECISION)
    return made


@pytest.mark.parametrize("text", PAYLOADS)
def test_a_text_stands_only_where_nothing_is_rendered(text):
    shown = cleaned(text)
    for card in cards_with(text)[1].values():
        for element in elements_of(card):
            written = [element.get("text", ""), *(f["value"] + f["title"] for f in element.get("facts", ()))]
            assert not (len(shown) > 3 and any(shown in each for each in written))
        for key in ("fallbackText", "speak"):
            assert len(shown) <= 3 or shown not in card[key]
        assert not any(len(shown) > 3 and shown in action["title"] for action in actions_of(card))


@pytest.mark.parametrize("text", PAYLOADS)
def test_a_text_changes_nothing_but_words(text):
    if not cleaned(text):
        return
    harmless, hostile = cards_with(text)
    for name, card in hostile.items():
        assert shape(card) == shape(harmless[name])
        assert "entities" not in json.dumps(card)


@pytest.mark.parametrize("text", PAYLOADS)
def test_no_hidden_character_reaches_a_run_and_no_template_is_left_whole(text):
    (part,) = run(text)
    assert "{{" not in part["text"]
    assert part["text"].replace("{\u2060", "{").strip() == cleaned(text)


@pytest.mark.parametrize("kind", ["hostile", "cjk", "long"])
def test_what_was_typed_comes_back_in_its_input(kind):
    card = HOSTILE_CARDS[f"{kind}-page-reason"]
    assert len(inputs_of(card)["justification"]["value"]) > 200


def usual(candidate):
    """Return a candidate with as many reasons as most have."""
    reasons = ("knows the workload", "English", "German", "EMEA", "8 h shared", "1 of 3 open")
    return replace(candidate, reasons=reasons)


def test_three_texts_of_two_thousand_characters_are_shown_all_but_whole_beside_fifteen_choices():
    long = gallery.CJK[:2000]
    answers = {**samples.EXCEPTIONAL, "justification": long, "notes": long, "exception_reason": long}
    for state, reader, topic in (
        ("submitted", samples.FPM, gallery.Topic.DECISION),
        ("approved", samples.FPM, gallery.Topic.DECISION),
        ("approved", samples.ASSIGNER, gallery.Topic.ASSIGNMENT),
    ):
        journey = samples.journeys(samples.submitted(answers, samples.EARLIER))[state]
        view = gallery.hostile_view(journey, reader, "Wolfeschlegelsteinhausenbergerdorff, Hubert Blaine")
        view = replace(
            view, ranking=replace(view.ranking, candidates=[usual(each) for each in view.ranking.candidates])
        )
        card = gallery.request_card(view, topic)
        assert as_text(card).count(long[:1_600]) == 3
        assert size_of(card) <= 40 * 1024


def test_a_card_that_would_be_too_large_is_cut_evenly():
    text = "\U0001f600" * 2000
    answers = {**samples.EXCEPTIONAL, "justification": text, "notes": text, "exception_reason": text}
    view = gallery.hostile_view(samples.Journey(samples.submitted(answers)), samples.FPM, "N" * 120)
    card = gallery.request_card(view, gallery.Topic.DECISION)
    assert size_of(card) <= 40 * 1024
    assert as_text(card).count("\U0001f600…") == 3


def test_a_page_with_everything_far_too_long_still_fits():
    context = samples.form_context({**samples.EXCEPTIONAL})
    typed = dict.fromkeys(gallery.LONG_KEYS, "漢" * 9000)
    card = gallery.page_card(
        gallery.PAGES[2], context, gallery.MARKER, values=typed, mistakes=dict.fromkeys(typed, "Too long."),
        is_first=False, step=3, steps=4,
    )  # fmt: skip
    assert size_of(card) <= 40 * 1024
