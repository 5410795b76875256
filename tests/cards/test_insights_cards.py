"""The pages of the insights: their numbers with definitions and charts, filters, and what they come to at most."""

import json

import pytest

from bot.cards.charts import LABEL_LONGEST, bars_chart, columns_chart, ring_chart
from bot.cards.insights import MOST_PARTNERS_OFFERED, MOST_ROWS, Part
from bot.cards.numbers import in_figures
from bot.cards.size import MOST_UNITS, units
from bot.domain.catalogues import REGIONS, WORKLOADS
from bot.domain.insights import MONTHS_SHOWN, By
from bot.domain.measures import MEASURES, PROMISES, Unit
from tests import figures
from tests.cards.lint import CHARTS, actions_in, actions_of, elements_of, faults_of, inputs_of, shown_texts

LONGEST = "Wolfeschlegelsteinhausenbergerdorff-Bergedorf, Donaudampfschifffahrt & Co. KGaA, Wien 1234567890 " * 2
SHOWN = {
    Part.VOLUMES: ("requests", "open", "to_close", "proactive", "deflected", "issues", "learners"),
    Part.PROMISES: PROMISES,
    Part.DECISIONS: ("approval", "denial", "return"),
    Part.DEMAND: ("repeat", "duplicate", "deflected"),
    Part.SMES: ("rating", "N8", "N7", "declines"),
}
FIRST = {
    Part.VOLUMES: ("requests", "open", "to_close"), Part.DEMAND: SHOWN[Part.DEMAND], Part.SMES: SHOWN[Part.SMES],
    Part.PROMISES: PROMISES, Part.DECISIONS: SHOWN[Part.DECISIONS],
}  # fmt: skip
"""What stands on a page before anything that may be left out."""


def charts_of(card):
    return [element for element in elements_of(card) if element["type"] in CHARTS]


def page(part, insight=None):
    return figures.page(part, insight or figures.insight(), figures.demand(), figures.loads())


def data_of(card, verb):
    return [each["data"] for each in actions_of(card) if each.get("data", {}).get("verb") == verb]


@pytest.mark.parametrize("part", Part)
def test_a_page_has_each_of_its_measures_with_what_it_means(part):
    insight = figures.insight()
    texts = shown_texts(page(part))
    for key in SHOWN[part]:
        measure = MEASURES[key]
        assert measure.definition in texts
        assert in_figures(measure.unit, measure.of(insight.total)) in texts


def test_every_measure_stands_on_one_of_the_pages():
    assert {key for keys in SHOWN.values() for key in keys} == set(MEASURES)


@pytest.mark.parametrize("part", Part)
def test_from_each_page_the_others_are_one_tap_away_with_the_same_scope(part):
    insight = figures.insight(By.WORKLOAD, region="EMEA", workload="MDATP", partner="CONTOSO")
    card = page(part, insight)
    asked = [data for data in data_of(card, "insights") if "first" in data]
    assert {data["part"] for data in asked} == set(Part) - {part}
    for data in asked:
        assert data == {
            "verb": "insights", "part": data["part"], "by": "workload", "first": "2025-12", "last": "2026-11",
            "region": "EMEA", "workload": "MDATP", "partner": "CONTOSO",
        } | {"first": insight.scope.first, "last": insight.scope.last}  # fmt: skip
    [export] = data_of(card, "export")
    months = f"{insight.scope.first}..{insight.scope.last}"
    assert export == {"verb": "export", "filter": f"{months} CONTOSO MDATP EMEA"}


@pytest.mark.parametrize("part", Part)
def test_a_filter_stands_as_it_was_chosen(part):
    chosen = figures.insight(By.PARTNER, region="APJ", workload="TEAMS", partner="NORTHWIND")
    inputs = inputs_of(page(part, chosen))
    assert {key: inputs[key]["value"] for key in inputs} == {
        "first": chosen.scope.first, "last": chosen.scope.last, "region": "APJ", "workload": "TEAMS",
        "partner": "NORTHWIND", "by": "partner",
    }  # fmt: skip
    offered = {key: {choice["value"] for choice in inputs[key]["choices"]} for key in ("region", "workload", "by")}
    assert offered == {"region": {"all", *REGIONS}, "workload": {"all", *WORKLOADS}, "by": set(By)}
    [shown] = [data for data in data_of(page(part, chosen), "insights") if "first" not in data]
    assert shown == {"verb": "insights", "part": part}


def test_a_partner_beyond_those_offered_stays_chosen():
    names = {f"P{n:03}": f"Partner {n:03}" for n in range(MOST_PARTNERS_OFFERED + 5)}
    choice = inputs_of(page(Part.VOLUMES, figures.insight(names=names, partner="P064")))["partner"]
    values = [each["value"] for each in choice["choices"]]
    assert (choice["value"], values[:3], len(values)) == ("P064", ["all", "P064", "P000"], MOST_PARTNERS_OFFERED + 1)


def test_an_fpm_of_one_partner_has_none_to_choose():
    assert "partner" not in inputs_of(page(Part.VOLUMES, figures.insight(names={"CONTOSO": "Contoso"})))


def test_a_year_is_drawn_month_by_month_with_its_numbers_in_words():
    insight = figures.insight(months=36)
    chart = charts_of(page(Part.VOLUMES, insight))[0]
    assert chart["type"] == "Chart.VerticalBar"
    expected = [counts["requests"] for _, counts in insight.months[-MONTHS_SHOWN:]]
    assert [point["y"] for point in chart["data"]] == expected
    lines = ["".join(run["text"] for run in line["inlines"]) for line in chart["fallback"]["items"]]
    assert [line.split()[1] for line in lines] == [f"{number:,}" for number in expected]


def test_what_is_compared_is_what_was_counted_with_the_most_requests_first():
    insight = figures.insight(By.REGION)
    chart = next(each for each in charts_of(page(Part.PROMISES)) if each["title"] == "Decision in time (%) by region")
    kept = MEASURES["N5"]
    assert [(point["x"], point["y"]) for point in chart["data"]] == [
        (code, round(100 * kept.of(counts))) for code, counts in insight.rows
    ]


@pytest.mark.parametrize("part", Part)
def test_where_nothing_was_counted_a_page_says_so_without_a_chart_of_nothing(part):
    card = figures.cards()[f"insights-{part}-nothing"]
    assert faults_of(card) == []
    for chart in charts_of(card):
        assert all(point.get("y", 0) == 0 for point in chart["data"])
    measured = [MEASURES[key] for key in SHOWN[part]]
    texts = shown_texts(card)
    assert texts.count("\u2013") >= sum(1 for each in measured if each.unit is not Unit.COUNT)


def test_a_gap_is_where_nobody_has_what_was_asked_for():
    texts = shown_texts(page(Part.DEMAND))
    assert "90 asked, a gap: no SME" in texts
    assert "45 asked, 5 SMEs" in texts
    assert "22 asked, 1 SME" in shown_texts(figures.page(Part.DEMAND, figures.insight(), [figures.Demand("en", 22, 1)]))


def test_the_load_of_smes_says_how_much_room_is_left():
    texts = shown_texts(page(Part.SMES))
    assert any("6 SMEs, room for 10 more" in text for text in texts)


@pytest.mark.parametrize("name", figures.largest_cards(LONGEST[:120]))
def test_the_largest_page_is_small_enough_and_keeps_its_measures(name):
    card = figures.largest_cards(LONGEST[:120])[name]
    assert units(json.dumps(card, ensure_ascii=False, separators=(",", ":"))) <= MOST_UNITS
    assert faults_of(card) == []
    if name.startswith("insights"):
        texts = shown_texts(card)
        part = Part(name.split("-")[1])
        assert [key for key in FIRST[part] if MEASURES[key].definition not in texts] == []
        assert {each["title"] for each in actions_in(card)} >= {"Filter", "Export"}


def test_of_many_values_those_with_the_most_requests_are_drawn():
    card = figures.largest_cards("Contoso")["insights-volumes-workload"]
    assert max(len(chart["data"]) for chart in charts_of(card)) <= max(MOST_ROWS, MONTHS_SHOWN)


@pytest.mark.parametrize("make", [columns_chart, bars_chart, ring_chart])
def test_a_chart_of_nothing_is_not_drawn(make):
    assert make("Requests by region", []) == []


@pytest.mark.parametrize("make", [columns_chart, bars_chart])
def test_a_chart_of_noughts_has_no_bars_beside_its_numbers(make):
    title, chart = make("Requests by region", [("EMEA", 0, "0"), ("AMER", 0, "0")])
    assert title["text"] == chart["title"] == "Requests by region"
    lines = ["".join(run["text"] for run in line["inlines"]) for line in chart["fallback"]["items"]]
    assert lines == [" 0 EMEA", " 0 AMER"]


@pytest.mark.parametrize("make", [columns_chart, bars_chart, ring_chart])
def test_a_label_is_one_short_line_in_which_nothing_is_replaced(make):
    _, chart = make("Requests", [("{{DATE(2026-11-23T10:00:00Z)}}\n" + "W" * 100, 3, "3")])
    point = chart["data"][0]
    label = point.get("x") or point["legend"]
    assert "{{" not in json.dumps(chart)
    assert "\n" not in label
    assert len(label.removesuffix(": 3")) <= LABEL_LONGEST + 1


@pytest.mark.parametrize(
    ("unit", "value", "words"),
    [
        (Unit.COUNT, 1234567, "1,234,567"), (Unit.COUNT, 0, "0"), (Unit.SHARE, 0.875, "88 %"), (Unit.SHARE, 1, "100 %"),
        (Unit.DAYS, 12.34, "12.3 days"), (Unit.STARS, 4.25, "4.2 of 5"), (Unit.SHARE, None, "\u2013"),
        (Unit.DAYS, 1234.5, "1,234.5 days"), (Unit.SHARE, 0.0, "0 %"),
    ],
)  # fmt: skip
def test_a_number_is_written_as_people_read_it(unit, value, words):
    assert in_figures(unit, value) == words
