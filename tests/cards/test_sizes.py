"""Whatever people write, the channel takes every card, and nothing that stands in an input is cut."""

import json
from functools import cache

import pytest

from bot.cards.lessons import learning_card
from bot.cards.plain import as_text
from bot.cards.proposal import proposal_form_card
from bot.cards.request import request_card, status_card
from bot.cards.size import MOST_UNITS, units
from bot.domain.engaging import MOST_LEARNERS
from bot.domain.errors import Mistake
from bot.domain.lifecycle import Action, Topic
from bot.domain.texts import PART_LONGEST
from tests import engagements, gallery, samples
from tests.cards.lint import LARGEST, elements_of, inputs_of, size_of
from tests.gallery import CJK
from tests.samples import ASSIGNER, FPM, PROGRAM, REQUESTER, SME, Journey

LONGEST_NAME = "Wolfeschlegelsteinhausenbergerdorff " * 5 + "Hubert Blaine, Senior"
SAID = engagements.longest(CJK, LONGEST_NAME)
OUTCOMES = CJK[:PART_LONGEST]
ALIKE = {f"noted-{status}" for status in engagements.STATUSES} - {"noted-customer"}
"""With the longest texts they differ by one word."""
STAGES = {
    **engagements.journeys(gallery.hostile_request(CJK[:2000], LONGEST_NAME[:120]), SAID),
    **engagements.proposals(OUTCOMES, SAID),
}
STAGES = {state: journey for state, journey in STAGES.items() if state not in ALIKE}
READERS = (REQUESTER, FPM, SME, ASSIGNER, PROGRAM)
EMOJI = "\U0001f600" * 2000
"""Of each of these the channel counts two units."""


@cache
def longest_cards(state):
    """Return the cards of a stage on which every text, list and name is as long as it can be."""
    views = [gallery.hostile_view(STAGES[state], reader, LONGEST_NAME[:200]) for reader in READERS]
    at_work = [request_card(view, Topic.ENGAGEMENT) for view in views if view.reader in engagements.READERS.values()]
    return [*at_work, *map(status_card, views)]


def typed_in(card):
    return {key: element["value"] for key, element in inputs_of(card).items() if "value" in element}


@pytest.mark.parametrize("state", STAGES)
def test_a_card_about_the_work_is_small_enough_with_the_longest_texts(state):
    for card in longest_cards(state):
        assert units(json.dumps(card, ensure_ascii=False, separators=(",", ":"))) <= MOST_UNITS
        assert size_of(card) <= LARGEST


def test_the_longest_texts_are_as_long_as_they_are_taken():
    kickoff, note = STAGES["noted-customer"].engagement.kickoff, STAGES["noted-customer"].engagement.note
    assert len(kickoff.expectations) == len(kickoff.outcomes) == len(note.summary) == len(note.concerns) == PART_LONGEST
    assert len(kickoff.exit_criteria) == 10
    assert {len(each) for each in kickoff.exit_criteria} == {150}
    assert len(kickoff.learners) == MOST_LEARNERS


@pytest.mark.parametrize("state", [s for s in STAGES if STAGES[s].engagement.kickoff])
def test_a_kickoff_is_never_cut_in_the_form_that_changes_it(state):
    kickoff = STAGES[state].engagement.kickoff
    for card in longest_cards(state):
        typed = typed_in(card)
        if "expectations" in typed:
            assert typed["expectations"] == kickoff.expectations
            assert typed["outcomes"] == kickoff.outcomes
            assert typed["exit_criteria"] == "\n".join(kickoff.exit_criteria)
        if "learners" in typed:
            assert typed["learners"] == "\n".join(kickoff.learners)


@pytest.mark.parametrize("state", [s for s in STAGES if STAGES[s].engagement.to_agree])
def test_whoever_is_to_agree_reads_every_exit_criterion(state):
    if not STAGES[state].request.to_agree:
        return
    for reader in (REQUESTER, FPM):
        card = request_card(STAGES[state].view(reader), Topic.ENGAGEMENT)
        shown = "\n".join("".join(r["text"] for r in e.get("inlines", ())) for e in elements_of(card))
        for criterion in STAGES[state].engagement.kickoff.exit_criteria:
            assert criterion in shown


def test_texts_of_an_ordinary_length_are_not_cut_for_the_sme_at_work():
    """The card holds the kick-off as it is read and as it is changed, and the forms of note and end."""
    part = "The partner leads every call with the customer. " * 6
    said = engagements.longest(part, "Adventure Works")
    kickoff = {"exit_criteria": "\n".join(f"{n} {part[:60]}" for n in range(5)), "learners": "Ana\nBen\nCarlos"}
    said[Action.KICKOFF] |= kickoff
    said[Action.NOTE] |= {"note_concerns": ""}
    view = engagements.journeys(None, said)["noted-customer"].view(SME)
    assert "…" not in as_text(request_card(view, Topic.ENGAGEMENT))


def test_a_text_is_counted_as_its_input_counts_it():
    with pytest.raises(Mistake):
        engagements.active().do(Action.NOTE, SME, {"note_summary": EMOJI[: PART_LONGEST // 2 + 1]})


def test_a_proposal_form_with_the_longest_names_is_small_enough():
    name = LONGEST_NAME[:120]
    smes = tuple(samples.replace(SME, email=f"{'s' * 200}{n}@fasttrack.example", name=name) for n in range(15))
    contacts = tuple(samples.replace(REQUESTER, email=f"{'c' * 200}{n}@a.example", name=name) for n in range(15))
    form = samples.replace(engagements.form((name,) * 15), smes=smes, contacts=contacts)
    assert size_of(proposal_form_card(form)) <= LARGEST


def test_an_fpm_of_many_partners_has_a_form_that_is_small_enough():
    assert size_of(proposal_form_card(engagements.form((LONGEST_NAME[:120],) * 100))) <= LARGEST


@pytest.mark.parametrize("text", [CJK[:2000], EMOJI])
def test_what_was_learned_is_small_enough(text):
    many = [
        samples.replace(each, sme=LONGEST_NAME, learners=(LONGEST_NAME[:100],) * MOST_LEARNERS, summary=text)
        for each in engagements.lessons()
    ]
    assert size_of(learning_card(many * 6, REQUESTER)) <= LARGEST
    request = gallery.hostile_request(text, LONGEST_NAME[:120])
    assert size_of(request_card(Journey(request).view(FPM, lessons=tuple(many)), Topic.DECISION)) <= LARGEST


def test_words_that_count_double_fit_as_well():
    said = engagements.longest(EMOJI, "Adventure Works")
    stages = engagements.journeys(None, said)
    for state in ("kickoff-written", "kickoff-agreed", "noted-customer", "completed-waived", "rated-2"):
        for reader in engagements.READERS.values():
            assert size_of(request_card(stages[state].view(reader), Topic.ENGAGEMENT)) <= LARGEST, (state, reader.name)


def test_a_reason_for_passing_somebody_over_is_short_in_the_history():
    approved = Journey().do(Action.APPROVE, FPM)
    journey = approved.do(Action.ASSIGN, ASSIGNER, {"assign_note": CJK[:2000]}, target=SME).do(Action.ACCEPT, SME)
    assert CJK[:200] not in json.dumps(status_card(journey.view(FPM)), ensure_ascii=False)
