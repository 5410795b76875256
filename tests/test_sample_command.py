"""The sample history as it is typed: on the sample directory of a fresh store, the same again, and wrong use."""

import sqlite3

import pytest

from tests.conftest import SAMPLE

pytestmark = pytest.mark.usefixtures("fresh_environment", "logging_as_before")


@pytest.fixture(autouse=True)
def sample_directory(monkeypatch, fresh_environment):
    monkeypatch.setenv("SME_DIRECTORY", str(SAMPLE))


def contents():
    connection = sqlite3.connect("var/sme.db")
    try:
        return connection.execute("SELECT name, partition, key, content FROM row ORDER BY 1, 2, 3").fetchall()
    finally:
        connection.close()


def test_a_fresh_store_gets_the_sample_directory_and_its_history(typed):
    code, printed, errors = typed("sample-history", "120")
    assert (code, errors) == (0, [])
    assert printed.startswith("120 requests added, 0 stood there before; ")
    assert typed("check-history")[1].startswith("120 histories replayed; 0 of them")
    assert "list rows: 0 written, 0 removed" in typed("rebuild-views")[1]


def test_the_same_again_adds_nothing_and_another_seed_does(typed):
    typed("sample-history", "60", "--seed", "a")
    before = {row[:3] for row in contents()}
    assert typed("sample-history", "60", "--seed", "a")[1].startswith("0 requests added, 60 stood there before; ")
    assert {row[:3] for row in contents()} == before
    assert typed("sample-history", "60", "--seed", "b", "--months", "6")[1].startswith("60 requests added")


def test_a_long_history_says_how_far_it_has_come(typed):
    code, _, shown = typed("sample-history", "1,000")
    assert code == 0
    assert shown[-1] == "requests: 100 % (1,000 of 1,000)"


@pytest.mark.parametrize("words", [("0",), ("many",), ("10", "--months", "0"), ("10", "--months", "121"), ()])
def test_wrong_use_is_said_in_a_line(typed, words):
    code, printed, errors = typed("sample-history", *words)
    assert (code, printed, len(errors)) == (2, "", 1)
    assert errors[0].startswith("app.py sample-history: ")


def test_a_store_without_a_directory_is_told_so(typed, monkeypatch):
    monkeypatch.setenv("SME_DIRECTORY", "")
    assert typed("sample-history", "10") == (
        2,
        "",
        ["The directory needs a partner with a contact and an FPM, an assigner and an SME first."],
    )
