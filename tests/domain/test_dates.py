"""Days as people type them and as the date inputs of cards send them."""

from datetime import date

import pytest

from bot.domain.dates import day_in

FIRST = date(2026, 12, 1)


@pytest.mark.parametrize(
    "typed", ["2026-12-01", " 2026-12-01 ", "01.12.2026", "1.12.2026", "1 Dec 2026", "1 december 2026"]
)
def test_a_day_may_be_written_in_the_usual_ways(typed):
    assert day_in(typed) == FIRST


@pytest.mark.parametrize(
    "typed", ["", "  ", "tomorrow", "2026-02-30", "31.04.2026", "12/01/2026", "2026-12-01T00:00", "0000-01-01", "1 Dec"]
)
def test_anything_else_names_no_day(typed):
    assert day_in(typed) is None
