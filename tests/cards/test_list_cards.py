"""A page of a list: what stands on it, and what each of its buttons asks for."""

import json
from dataclasses import replace

import pytest

from bot.cards.lists import list_card
from bot.cards.pieces import run
from bot.cards.plain import as_text
from bot.cards.size import MOST_UNITS, units
from bot.domain.filters import Filters, ListName, wanted_in
from bot.domain.leafing import ROWS
from bot.domain.lifecycle import Status
from tests import gallery, lists
from tests.cards.lint import actions_of, button, faults_of, inputs_of, shown_texts

NAME = "Fabrikam Retail GmbH"


def titled(card, title):
    return next((a for a in actions_of(card) if a["title"] == title), None)


def titles(card):
    return [a["title"] for a in actions_of(card) if a["title"] != "Open"]


def own(rows, **more):
    return lists.listed(rows, ListName.INBOX, own=frozenset(row.number for row in rows), **more)


def test_a_list_opens_each_request():
    card = lists.listed([*lists.rows_of(NAME, 1), replace(lists.rows_of(NAME, 2)[1], status=Status.DENIED)])
    opened = [a["data"] for a in actions_of(card) if a["title"] == "Open"]
    assert opened == [{"verb": "status", "request": f"CONTOSO-7K3QX{n}"} for n in range(2)]
    assert "Denied · CONTOSO-7K3QX1" in shown_texts(card)
    assert button(card, "status")["type"] == "Action.Submit"


@pytest.mark.parametrize(
    ("card", "words"),
    [
        (lists.listed([]), "There is no request yet. Type new request to begin one."),
        (lists.listed([], ListName.INBOX), "Nothing waits for you."),
        (lists.listed([], ListName.ENGAGEMENTS), "No engagement goes on."),
        (lists.listed([], filters=Filters(Status.DENIED)), "Nothing fits."),
        (lists.listed([], after=lists.PLACE), "Nothing follows."),
        (lists.listed([], then=lists.PLACE, looked=1_000), "Nothing fits so far."),
    ],
)
def test_an_empty_page_says_why(card, words):
    assert words in shown_texts(card)


def test_a_whole_list_has_the_filter_alone():
    assert titles(lists.listed(lists.rows_of(NAME, 3))) == ["Filter", "Show"]


def test_a_page_in_the_middle_leads_on_and_back_and_keeps_what_it_is_narrowed_to():
    card = lists.listed(lists.rows_of(NAME), filters=lists.NARROWED, after=lists.PLACE, then=lists.PLACE)
    further = wanted_in(titled(card, "Next page")["data"])
    assert (further.name, further.filters, further.after) == (ListName.REQUESTS, lists.NARROWED, lists.PLACE)
    assert wanted_in(titled(card, "First page")["data"]) == replace(further, after=None)
    assert wanted_in(titled(card, "Clear")["data"]) == replace(further, filters=Filters(), after=None)


def test_what_a_list_is_narrowed_to_stands_above_it_and_in_the_form():
    card = lists.listed([], filters=lists.NARROWED, partners=("CONTOSO", "FABRIKAM"))
    assert (
        "Only: Submitted · CONTOSO · Purview Information Protection P1 (AIP P1) · "
        "Europe, Middle East and Africa, begins with fabrikam"
    ) in shown_texts(card)
    chosen = {key: shown.get("value") for key, shown in inputs_of(card).items()}
    assert chosen == lists.NARROWED.texts
    assert "Only: begins with fabrikam" in shown_texts(lists.listed([], filters=Filters(text="fabrikam")))


def test_anything_can_be_chosen_again_in_the_form():
    card = lists.listed([], partners=("CONTOSO", "FABRIKAM"))
    chosen = {key: shown.get("value", "") for key, shown in inputs_of(card).items()}
    assert chosen == {"status": "any", "partner": "any", "workload": "any", "region": "any", "text": ""}
    assert wanted_in({**titled(card, "Show")["data"], **chosen}).filters == Filters()
    assert "partner" not in inputs_of(lists.listed([]))


def test_a_look_that_found_too_little_says_how_far_it_came_and_goes_on():
    newest = lists.listed([], then=lists.PLACE, looked=1_000)
    assert "Looked through the newest 1,000, back to 23 Nov 2026." in shown_texts(newest)
    urgent = lists.listed([], ListName.INBOX, then=lists.PLACE, looked=40, is_by_promise=True)
    assert "Looked through the 40 that are due first, until 23 Nov 2026." in shown_texts(urgent)
    assert wanted_in(titled(newest, "Look further")["data"]).after == lists.PLACE
    assert "More begin like this" in as_text(lists.listed([], filters=Filters(text="f"), is_short=True))


def test_several_requests_are_decided_on_where_there_are_several():
    rows = lists.rows_of(NAME, 3)
    assert titles(own(rows[:1])) == ["Filter", "Show"]
    assert titles(lists.listed(rows, ListName.INBOX)) == ["Filter", "Show"]
    card = own([rows[0], replace(rows[1], status=Status.APPROVED), rows[2]], filters=Filters(region="EMEA"))
    assert [a["title"] for a in card["actions"]] == ["Filter", "Approve several", "Deny several"]
    for key in ("selected", "selected_to_deny"):
        offered = [choice["value"] for choice in inputs_of(card)[key]["choices"]]
        assert offered == [f"{rows[0].number}@1", f"{rows[2].number}@1"]
    data = titled(card, "Deny the ticked")["data"]
    assert data == {"verb": "several", "do": "deny", "list": "inbox", "region": "EMEA"}


def test_a_code_that_was_left_out_is_told():
    page = lists.page([])
    assert "was left out" in as_text(list_card(replace(page, wanted=replace(page.wanted, left_out=True)), lists.ZONE))
    assert "left out" not in as_text(list_card(page, lists.ZONE))


def test_what_came_of_a_press_stands_on_top():
    card = list_card(lists.page(lists.rows_of(NAME, 1)), lists.ZONE, [run("Approved by Ben Hoffmann.")])
    assert shown_texts(card)[1] == "Approved by Ben Hoffmann."


@pytest.mark.parametrize("kind", gallery.EXTREMES)
def test_the_fullest_pages_with_the_longest_names_are_small_enough(kind):
    text, name = gallery.EXTREMES[kind]
    for card in (lists.largest(name, text[:40], text), lists.longest_form(name)):
        assert faults_of(card) == []
        assert units(json.dumps(card, ensure_ascii=False, separators=(",", ":"))) <= MOST_UNITS


def test_names_are_not_cut_on_the_fullest_pages():
    name = gallery.LONG_NAME
    assert as_text(lists.largest(name)).count(name) == as_text(lists.longest_form(name)).count(name) == ROWS


def test_no_customer_is_named_beside_a_tick_box():
    assert NAME not in json.dumps(inputs_of(lists.largest(NAME)))
