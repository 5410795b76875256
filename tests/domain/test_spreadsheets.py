"""Cells that somebody opens in a spreadsheet."""

import pytest

from bot.domain.spreadsheets import LONGEST_CELL, as_cell, as_meant, as_text


@pytest.mark.parametrize("begun", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\uff1d1", "'=1"])
def test_what_a_spreadsheet_takes_for_a_formula_gets_an_apostrophe_that_can_be_taken_off(begun):
    assert as_text(begun) == f"'{begun}"
    assert as_meant(as_text(begun)) == begun


@pytest.mark.parametrize("plain", ["Contoso", "1+1", "", "'quoted'", "a=b"])
def test_other_texts_stay_as_they_are(plain):
    assert as_text(plain) == as_meant(plain) == as_cell(plain) == plain


def test_signs_that_no_file_may_hold_are_taken_out():
    assert as_cell("a\x00b\x0bc\x1fd\ufffee\n\tf") == "abcde\n\tf"
    assert as_cell("half \ud83d a sign") == "half \ufffd a sign"


def test_a_cell_is_cut_where_a_spreadsheet_would_cut_it_and_never_within_a_sign():
    assert as_cell("x" * (LONGEST_CELL + 5)) == "x" * LONGEST_CELL
    assert as_cell("\U0001f600" * LONGEST_CELL) == "\U0001f600" * (LONGEST_CELL // 2)
