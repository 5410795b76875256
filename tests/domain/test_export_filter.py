"""The filter of an export, as it is typed, carried and said in words."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.domain.errors import Refusal
from bot.domain.export_filter import LONGEST_FILTER, TOO_LONG, ExportFilter, described, filter_of, is_month
from bot.domain.lifecycle import Status
from tests import samples

READ = {
    "": ExportFilter(),
    "2026-10": ExportFilter(first="2026-10", last="2026-10"),
    "2026-12 2026-10": ExportFilter(first="2026-10", last="2026-12"),
    "from 2026-10 to 2026-12": ExportFilter(first="2026-10", last="2026-12"),
    "2026-10..": ExportFilter(first="2026-10"),
    "..2026-10": ExportFilter(last="2026-10"),
    "contoso, Fabrikam": ExportFilter(partners=("CONTOSO", "FABRIKAM")),
    "teams emea Closed": ExportFilter(workload="TEAMS", region="EMEA", status="closed"),
    "2026-10..2026-11 CONTOSO TEAMS EMEA closed": ExportFilter(
        ("CONTOSO",), "2026-10", "2026-11", "closed", "TEAMS", "EMEA"
    ),
}


@pytest.mark.parametrize(("words", "wanted"), READ.items())
def test_what_is_typed_is_read_and_what_it_says_reads_the_same(words, wanted):
    assert filter_of(words) == wanted
    assert filter_of(wanted.words) == wanted


@pytest.mark.parametrize("word", ["2026-13", "yesterday's", "A-B", "THIRTEENSIGNS", "2026-10..x", "2026-1", "ünïcode"])
def test_a_word_that_means_nothing_is_named(word):
    with pytest.raises(Refusal, match=f"^I do not understand {word}[.]"):
        filter_of(f"TEAMS {word}")


def test_a_filter_is_of_bounded_length():
    with pytest.raises(Refusal) as refusal:
        filter_of("AB " * LONGEST_FILTER)
    assert refusal.value.sentence == TOO_LONG


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("", "all requests"),
        ("2026-10", "all requests submitted in 2026-10"),
        ("2026-10.. CONTOSO FABRIKAM", "all requests of CONTOSO, FABRIKAM submitted from 2026-10"),
        ("..2026-10 closed TEAMS EMEA", "closed requests for TEAMS in EMEA submitted to 2026-10"),
        ("2026-10..2026-12", "all requests submitted from 2026-10 to 2026-12"),
    ],
)
def test_a_filter_is_said_in_words(words, said):
    assert described(filter_of(words)) == said


def test_a_slice_is_said_to_be_the_readers_own():
    assert described(replace(filter_of(""), fpm="lee")) == "your requests"
    assert described(replace(filter_of("closed TEAMS"), fpm="lee")) == "your closed requests for TEAMS"


def test_a_month_has_its_form():
    assert is_month("2026-12")
    assert not is_month("2026-00")


@pytest.mark.parametrize(
    ("words", "is_taken"),
    [
        ("", True),
        ("2026-11", True),
        ("2026-10", False),
        ("2026-12..", False),
        ("..2026-10", False),
        ("CONTOSO FABRIKAM", True),
        ("FABRIKAM", False),
        ("submitted", True),
        ("closed", False),
        ("MDATP EMEA", True),
        ("TEAMS", False),
        ("APJ", False),
    ],
)
def test_a_request_is_taken_when_everything_asked_for_is_true_of_it(words, is_taken):
    request = replace(samples.submitted(), submitted_at=datetime(2026, 11, 30, 23, 59, tzinfo=UTC))
    assert request.status is Status.SUBMITTED
    assert filter_of(words).takes(request) is is_taken
