"""The corpora are large, and what they promise of their texts is so."""

import pytest

from bot.domain.texts import one_line
from tests.injection import corpora

NAMES = (
    "MARKDOWN",
    "BLOCKS",
    "MARKUP",
    "TEMPLATES",
    "HIDDEN",
    "BLANK",
    "FORMULAS",
    "SUBJECTS",
    "ADDRESSES",
    "LOG_VALUES",
)


@pytest.mark.parametrize("name", [*NAMES, "TEXTS"])
def test_a_corpus_has_at_least_twenty_five_different_entries(name):
    entries = list(getattr(corpora, name))
    assert len(entries) == len(set(entries)) >= 25


@pytest.mark.parametrize("text", corpora.TEXTS)
def test_a_text_can_stand_wherever_a_person_types(text):
    assert len(text) <= 120
    assert text.isascii()
    assert one_line(text) == text


def test_the_formulas_begin_in_every_way_in_which_one_can():
    assert {text[0] for text in corpora.FORMULAS} >= set(corpora.FORMULA_STARTS)
