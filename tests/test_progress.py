"""How far a long command has come: a bar on a terminal, lines elsewhere."""

import io
from contextlib import suppress

from bot.progress import ProgressLine


class Terminal(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self):
        return True


def shown_by(out, total, *, what="requests"):
    line = ProgressLine(out)
    for done in range(1, total + 1):
        line(what, done, total)
    return out.getvalue()


def test_elsewhere_than_on_a_terminal_there_is_a_line_for_each_ten_per_cent():
    lines = shown_by(io.StringIO(), 2_000).splitlines()
    assert len(lines) == 11
    assert (lines[1], lines[-1]) == ("requests: 10 % (200 of 2,000)", "requests: 100 % (2,000 of 2,000)")


def test_few_steps_are_few_lines():
    assert shown_by(io.StringIO(), 1) == "requests: 100 % (1 of 1)\n"
    assert len(shown_by(io.StringIO(), 3).splitlines()) == 3


def test_on_a_terminal_a_bar_moves_on_one_line_and_ends_with_it():
    bars = shown_by(Terminal(), 1_000).split("\r")
    assert bars[51] == "requests [##########          ] 50 %"
    assert bars[-1] == "requests [####################] 100 %\n"
    assert len(bars) == 102


def test_more_than_was_expected_is_all_and_said_once():
    out = io.StringIO()
    line = ProgressLine(out)
    for done in (1, 2, 3):
        line("list rows", done, 2)
    assert out.getvalue().splitlines() == ["list rows: 50 % (1 of 2)", "list rows: 100 % (2 of 2)"]


def test_each_stage_has_its_own_lines():
    out = io.StringIO()
    line = ProgressLine(out)
    line("requests", 1, 1)
    line("list rows", 1, 1)
    assert [text.partition(":")[0] for text in out.getvalue().splitlines()] == ["requests", "list rows"]


def test_short_work_is_not_spoken_of():
    out = io.StringIO()
    line = ProgressLine(out, fewest=3)
    line("rows", 1, 2)
    assert out.getvalue() == ""
    line("rows", 1, 3)
    assert out.getvalue() == "rows: 30 % (1 of 3)\n"


def test_a_bar_that_breaks_off_ends_its_line():
    out = Terminal()
    with suppress(ConnectionError), ProgressLine(out) as line:
        line("rows", 1, 2)
        raise ConnectionError
    assert out.getvalue() == "\rrows [##########          ] 50 %\n"


def test_the_bar_of_a_new_stage_begins_a_line():
    out = Terminal()
    with ProgressLine(out) as line:
        line("rows", 1, 2)
        line("lists", 1, 1)
    assert [text.strip().partition(" ")[0] for text in out.getvalue().splitlines() if text] == ["rows", "lists"]
    assert out.getvalue().endswith("100 %\n")
