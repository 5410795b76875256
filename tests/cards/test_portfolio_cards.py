"""The cards of the portfolio and of a review: what waits and what changed, and one tap to each of them."""

import json
from dataclasses import replace

import pytest

from bot.cards.portfolio import EMPTY, portfolio_card, review_card
from bot.cards.size import MOST_UNITS, units
from bot.domain.measures import MEASURES
from bot.domain.portfolio import LATEST_SHOWN, PERIODS
from tests import figures
from tests.cards.lint import actions_in, actions_of, faults_of, shown_texts
from tests.samples import FPM, PARTNER, PROGRAM

IN_A_ROW = ("requests", "repeat", "denial", "rating", "learners")
IN_A_REVIEW = (*IN_A_ROW, "approval", "return", "N4", "N5", "N7", "to_close", "issues")
LONGEST = "W" * 120


def data_of(card, verb):
    return [each["data"] for each in actions_of(card) if each.get("data", {}).get("verb") == verb]


def test_a_row_says_how_a_partner_stands_and_opens_its_review():
    shown = figures.portfolio(4)
    card = portfolio_card(shown, FPM)
    asked = [data for data in data_of(card, "portfolio") if "partner" in data]
    assert [data["partner"] for data in asked] == [row.partner.code for row in shown.rows]
    texts = shown_texts(card)
    assert "20 open, none waits for you" in texts
    late = next(text for text in texts if "3 wait for you" in text)
    assert "the first by" in late
    assert "1 late" in late
    assert "1 within a day" in late
    assert "Requests 60 · Repeats 8 % · Denied 16 % · Rating 3.7 of 5 · Learners 30" in texts


def test_the_numbers_of_a_row_are_defined_below():
    definitions = shown_texts(portfolio_card(figures.portfolio(1), FPM))[-1]
    assert "of the last 3 months" in definitions
    for key in ("open", *IN_A_ROW):
        assert MEASURES[key].definition in definitions


def test_the_programme_team_sees_no_waiting_of_others():
    texts = "\n".join(shown_texts(portfolio_card(figures.portfolio(4), PROGRAM)))
    assert "wait" not in texts.replace("of the last", "")
    assert "late" not in texts.partition("The numbers behind")[0].replace("Related", "")


def test_an_empty_portfolio_says_why():
    card = figures.cards()["portfolio-empty"]
    assert EMPTY in shown_texts(card)
    assert "actions" not in card


@pytest.mark.parametrize(
    ("page", "pages", "titles"),
    [
        (1, 1, {}),
        (1, 3, {"Next page": "2"}),
        (2, 3, {"Previous page": "1", "Next page": "3"}),
        (3, 3, {"Previous page": "2"}),
    ],
)
def test_pages_lead_to_their_neighbours(page, pages, titles):
    card = portfolio_card(figures.portfolio(3, page, pages), FPM)
    assert {each["title"]: each["data"]["page"] for each in card.get("actions", [])} == titles


def test_a_review_sets_each_measure_beside_the_period_before():
    shown = figures.review()
    texts = shown_texts(review_card(shown, FPM))
    for key in IN_A_REVIEW:
        assert MEASURES[key].definition in texts
    assert texts.count("before: 52") == 1
    assert "The last 3 months, beside the period before" in texts


def test_a_review_says_what_changed_and_opens_each_of_it():
    shown = figures.review()
    card = review_card(shown, FPM)
    texts = shown_texts(card)
    assert "Since the last review" in texts
    assert "New 5, approved 2, denied 1, help completed 1, closed 1." in texts
    opened = [data["request"] for data in data_of(card, "status")]
    assert opened == [each.number for each in (*shown.since.latest, *shown.standing.waiting)]


def test_a_review_without_news_says_so():
    texts = shown_texts(review_card(figures.review(quiet=True), FPM))
    assert "Nothing has changed." in texts
    assert "0 open, 0 of them wait for you" in texts
    assert "Learned last" not in texts


def test_the_last_review_is_told_with_its_reviewer():
    assert any(f"Last review 9 Dec 2026 by {FPM.name}" in t for t in shown_texts(review_card(figures.review(), FPM)))
    gone = replace(figures.review(), reviewed_by="")
    assert not any(" by " in text.partition("Last review")[2] for text in shown_texts(review_card(gone, FPM)))
    assert any("Not reviewed yet" in text for text in shown_texts(review_card(figures.review(fresh=True), FPM)))


@pytest.mark.parametrize("months", PERIODS)
def test_the_other_periods_are_one_tap_away(months):
    card = review_card(figures.review(months=months), FPM)
    offered = {data["months"] for data in data_of(card, "portfolio") if "months" in data}
    assert offered == {str(each) for each in PERIODS} - {str(months)}
    [done] = data_of(card, "reviewed")
    assert done == {"verb": "reviewed", "partner": PARTNER.code, "months": str(months)}


def test_from_a_review_the_requests_and_the_insights_of_the_partner_are_one_tap_away():
    card = review_card(figures.review(), FPM)
    assert data_of(card, "list") == [{"verb": "list", "list": "requests", "partner": PARTNER.code, "opens": "below"}]
    assert data_of(card, "insights") == [{"verb": "insights", "partner": PARTNER.code, "opens": "below"}]


def test_only_an_fpm_can_say_that_a_review_is_done():
    assert "reviewed" not in {each.get("verb") for each in actions_in(figures.cards()["partner-review-programme"])}


@pytest.mark.parametrize("name", ["portfolio", "partner-review"])
@pytest.mark.parametrize("text", [LONGEST, "部署在百分之四十" * 15, "\U0001f600" * 60])
def test_the_largest_card_is_small_enough_and_keeps_what_matters(name, text):
    card = figures.largest_cards(text)[name]
    assert units(json.dumps(card, ensure_ascii=False, separators=(",", ":"))) <= MOST_UNITS
    assert faults_of(card) == []
    if name == "portfolio":
        assert len([data for data in data_of(card, "portfolio") if "partner" in data]) == 8
    else:
        assert len(data_of(card, "status")) == 2 * LATEST_SHOWN
        assert {"Review done", "Requests", "Insights", "Portfolio"} <= {each["title"] for each in card["actions"]}
        assert MEASURES["requests"].definition in shown_texts(card)
