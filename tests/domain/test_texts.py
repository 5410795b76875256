"""Texts that people type or paste: cleaned of what cannot be seen, in one normal form, of a length that can be read."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.errors import Mistake
from bot.domain.kinds import Text
from bot.domain.texts import cleaned, one_line

NAME = Text(120)
REASON = Text(2000, 20, multiline=True)


def taken(kind, raw):
    """Return the stored form, which must itself be taken as it is."""
    stored = kind.parse(raw, {})
    assert kind.parse(stored, {}) == stored
    return stored


@pytest.mark.parametrize(
    ("raw", "stored"),
    [
        ("  Tailspin  Toys ", "Tailspin Toys"),
        ("Tailspin\r\nToys", "Tailspin Toys"),
        ("Tailspin\u2028Toys", "Tailspin Toys"),
        ("Tailspin\tToys", "Tailspin Toys"),
        ("Cafe\u0301", "Café"),
        ("e\u200b\u0301", "é"),
        ("\u202eevil\u202c", "evil"),
        ("\u2066a\u2069\u200b\ufeff", "a"),
        ("a\x00b\x1bc", "abc"),
        ("a\ud800b", "ab"),
        ("a\ue000b\uffffc", "abc"),
        ("👩\u200d👩\u200d👧", "👩\u200d👩\u200d👧"),
        ("\u0646\u0645\u06cc\u200c\u062f\u0627\u0646\u0645", "\u0646\u0645\u06cc\u200c\u062f\u0627\u0646\u0645"),
        ("[x](http://y) <b>", "[x](http://y) <b>"),
        ("字" * 120, "字" * 120),
    ],
)
def test_a_line_of_text_is_cleaned_of_what_cannot_be_seen(raw, stored):
    assert taken(NAME, raw) == stored


def test_lines_of_a_longer_text_stay():
    assert taken(REASON, "First line of text.\r\n\r\nSecond\x85third.") == "First line of text.\n\nSecond\nthird."


def test_words_pasted_from_a_table_stay_apart():
    assert taken(REASON, "tenants\tseats\nContoso\t5000 users") == "tenants seats\nContoso 5000 users"


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        (NAME, "字" * 121),
        (NAME, "\u200b\u200e"),
        (REASON, "too short"),
        (REASON, " " * 30 + "still too short"),
        (REASON, "\u200b" * 20),
        (REASON, "字" * 2001),
    ],
)
def test_a_text_of_the_wrong_length_is_refused(kind, raw):
    with pytest.raises(Mistake, match="characters"):
        kind.parse(raw, {})


def test_a_text_may_have_exactly_the_length_named():
    for length in (20, 2000):
        assert len(taken(REASON, "字" * length)) == length


ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=60)
HARD_TEXT = st.text(
    st.sampled_from("ae\u0301\u0308\u200b\u200d\u202e\u00ad \t\r\n\u0085\u1100\u1161\u11a8가字"), max_size=12
)


@given(raw=st.one_of(ANY_TEXT, HARD_TEXT))
@example("e\u200b\u0301")
@example("a\tb")
def test_cleaned_text_is_in_one_normal_form_and_stays_so(raw):
    for clean in (cleaned, one_line):
        text = clean(raw)
        assert clean(text) == text
        assert unicodedata.is_normalized("NFC", text)
        assert not any(unicodedata.category(c) in {"Cc", "Cs"} and c != "\n" for c in text)
