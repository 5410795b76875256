"""Every measure computed from counts that are typed by hand, and what it says of itself."""

import pytest

from bot.domain.measures import MEASURES, PROMISES, Unit, shares_of

COUNTS = {
    "requests": 40, "proactive": 5, "deflected": 7, "status:submitted": 3, "status:returned": 2, "status:approved": 4,
    "status:assigned": 6, "status:denied": 10, "status:withdrawn": 8, "status:closed": 12, "approved": 24, "denied": 8,
    "returned": 10, "returns": 13, "repeats": 4, "duplicates": 2, "kept:N1": 49, "broken:N1": 1, "kept:N4": 30,
    "broken:N4": 10, "kept:N5": 18, "broken:N5": 6, "kept:N8": 9, "broken:N8": 1, "kept:N7": 3, "broken:N7": 5,
    "declines": 11, "issues": 9, "ratings": 8, "stars": 34, "learners": 21, "closed": 12, "hours": 1440,
    "denied:duplicate": 3, "denied:out_of_scope": 5, "topic:coaching": 45,
}  # fmt: skip
BY_HAND = {
    "requests": (40, 40), "open": (15, 15), "proactive": (5, 5), "deflected": (7, 7), "approval": (0.75, 32),
    "denial": (0.25, 32), "return": (0.25, 40), "repeat": (0.1, 40), "duplicate": (0.05, 40), "N1": (0.98, 50),
    "N4": (0.75, 40), "N5": (0.75, 24), "N8": (0.9, 10), "N7": (0.375, 8), "declines": (11, 11), "issues": (9, 9),
    "rating": (4.25, 8), "to_close": (5, 12), "learners": (21, 21),
}  # fmt: skip


@pytest.mark.parametrize("key", MEASURES)
def test_a_measure_is_what_was_computed_by_hand(key):
    value, cases = BY_HAND[key]
    assert MEASURES[key].of(COUNTS) == pytest.approx(value)
    assert MEASURES[key].stands_on(COUNTS) == cases


@pytest.mark.parametrize("key", MEASURES)
def test_where_there_is_nothing_a_count_is_0_and_the_others_are_none(key):
    measure = MEASURES[key]
    assert measure.of({}) == (0 if measure.unit is Unit.COUNT else None)
    assert measure.stands_on({}) == 0


def test_a_share_of_none_is_no_missing_share():
    assert MEASURES["denial"].of({"approved": 2}) == 0
    assert MEASURES["N4"].of({"broken:N4": 2}) == 0
    assert MEASURES["to_close"].of({"closed": 1}) == 0


def test_every_measure_was_computed_by_hand_and_bears_a_name_of_its_own():
    assert set(BY_HAND) == set(MEASURES)
    assert all(measure.key == key for key, measure in MEASURES.items())
    assert len({measure.label for measure in MEASURES.values()}) == len(MEASURES)
    assert set(PROMISES) == {key for key in MEASURES if key.startswith("N")}


@pytest.mark.parametrize("key", MEASURES)
def test_a_definition_is_whole_sentences(key):
    definition = MEASURES[key].definition
    assert definition[0].isupper()
    assert definition.endswith(".")
    assert len(definition) < 160


def test_the_parts_of_a_count_come_with_the_most_first():
    assert shares_of(COUNTS, "denied:") == [("out_of_scope", 5), ("duplicate", 3)]
    assert shares_of({"stars:4": 2, "stars:5": 2, "stars": 18}, "stars:") == [("4", 2), ("5", 2)]
    assert shares_of({}, "denied:") == []
