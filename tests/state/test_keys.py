"""Any text becomes part of a key, and is read back from it."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from state.keys import MAX_PART, SEPARATOR, decode, encode, inverted, key, stamp
from state.table import MAX_KEY, Put, check_limits, prefix_end

any_text = st.text(st.characters())  # lone surrogates included
times = st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=45))]))


@given(st.text(st.characters(), max_size=10))
def test_any_part_is_read_back(text):
    assert decode(encode(text)) == text


@given(any_text)
def test_no_part_holds_the_separator_or_a_character_that_stores_refuse(text):
    encoded = encode(text)
    assert SEPARATOR not in encoded
    check_limits("partition", [Put(f"x{encoded}", {})])


@given(st.lists(any_text, min_size=1, max_size=4), st.lists(any_text, min_size=1, max_size=4))
def test_different_parts_never_give_the_same_key(some, others):
    if any(some) and any(others):
        assert (key(*some) == key(*others)) == (some == others)


@given(st.text(st.sampled_from("ABCXYZabcxyz0189-_.@+=,")), st.text(st.sampled_from("ABCXYZabcxyz0189-_.@+=,")))
def test_plain_parts_stay_readable_and_keep_their_order(one, other):
    assert encode(one) == one
    assert (encode(one) < encode(other)) == (one < other)


@given(st.lists(st.text(min_size=1), min_size=1, max_size=3), st.text())
def test_keys_that_start_with_the_same_parts_are_one_range(parts, last):
    prefix = key(*parts) + SEPARATOR
    assert prefix <= key(*parts, last) < prefix_end(prefix)


@pytest.mark.parametrize(
    ("part", "encoded"),
    [
        ("maría@contoso.example", "mar!C3!ADa@contoso.example"),
        ("a/b\\c#d?e%f:g;h!i~j k'l", "a!2Fb!5Cc!23d!3Fe!25f!3Ag!3Bh!21i!7Ej!20k!27l"),
        ("\0\x1f\x7f\x9f", "!00!1F!7F!C2!9F"),
        ("👍", "!F0!9F!91!8D"),
        ("", ""),
    ],
)
def test_the_encoding_is_never_changed_because_rows_are_stored_under_it(part, encoded):
    assert encode(part) == encoded


def test_a_long_part_becomes_a_stable_hash_that_is_not_read_back():
    encoded = encode("x" * (MAX_PART + 1))
    assert encoded == "!!79072a47bfaa54e6057a9ee21e0dea64b9edbfd160c4ccadbb657e64b6d22ee4"
    assert encoded != encode("x" * (MAX_PART + 2))
    with pytest.raises(ValueError, match="hash"):
        decode(encoded)


def test_a_part_at_the_limit_stays_readable():
    assert encode("x" * MAX_PART) == "x" * MAX_PART


def test_a_key_is_neither_empty_nor_longer_than_stores_take():
    assert len(key(*["x" * MAX_PART] * 4)) <= MAX_KEY
    with pytest.raises(ValueError, match="512"):
        key(*["x" * MAX_PART] * 5)
    with pytest.raises(ValueError, match="not 0"):
        key("")


@given(times, times)
def test_stamps_sort_by_time_and_inverted_stamps_against_it(one, other):
    assert (stamp(one) < stamp(other)) == (one < other)
    assert (inverted(one) < inverted(other)) == (one > other)
    assert len(stamp(one)) == len(inverted(one)) == 25
    assert encode(stamp(one)) == stamp(one)


def test_a_stamp_is_utc():
    time = datetime(2026, 11, 22, 15, 45, tzinfo=timezone(timedelta(hours=5, minutes=45)))
    assert stamp(time) == "2026-11-22T100000.000000Z"
    assert inverted(time) == "7973-88-77T899999.999999Z"


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        stamp(datetime(2026, 11, 22, 10))  # noqa: DTZ001 - the case under test
