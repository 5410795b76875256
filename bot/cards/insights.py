"""The pages of the insights: volumes, promises, decisions, demand and SMEs, each with its charts and definitions."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum

from bot.cards.answers import in_words
from bot.cards.charts import Point, bars_chart, columns_chart, ring_chart
from bot.cards.inputs import choice_input, text_input
from bot.cards.numbers import figure_of, measure_rows
from bot.cards.pieces import Button, Card, Element, Tone, card, columns, execute, own, rich, run, show_card, submit
from bot.cards.size import shortened
from bot.cards.words import month_words
from bot.domain.catalogues import DENY_REASONS, REGIONS, WORKLOADS
from bot.domain.engagement import BEST_RATING
from bot.domain.export_filter import ExportFilter
from bot.domain.fields import BY_KEY
from bot.domain.insights import MONTHS_SHOWN, By, Demand, Insight, Load
from bot.domain.measures import MEASURES, PROMISES, Unit, shares_of
from bot.domain.tally import Counts
from bot.domain.texts import one_line

INSIGHTS, EXPORT = "insights", "export"
"""The verbs of the buttons that show a page of the insights, and that ask for the requests behind it."""
MOST_ROWS = 10
MOST_PARTNERS_OFFERED = 60
_LOADS_SHOWN = 12
_EXPORTED = "The requests behind these numbers, as far as they are yours"
_CHOICE_LONGEST = 60


class Part(StrEnum):
    """The pages of the insights."""

    VOLUMES = "volumes"
    PROMISES = "promises"
    DECISIONS = "decisions"
    DEMAND = "demand"
    SMES = "smes"


_TITLES: Mapping[Part, str] = {
    Part.VOLUMES: "Volumes",
    Part.PROMISES: "Promises",
    Part.DECISIONS: "Decisions",
    Part.DEMAND: "Demand",
    Part.SMES: "SMEs and ratings",
}
_BY_WORDS: Mapping[By, str] = {By.REGION: "region", By.WORKLOAD: "workload", By.PARTNER: "partner"}


def insights_card(insight: Insight, part: Part, demand: Sequence[Demand] = (), smes: Sequence[Load] = ()) -> Card:
    """Return one page of the insights; `demand` are the languages or workloads asked for, `smes` how busy they are."""
    title = own(f"Insights: {_TITLES[part]}", bold=True, size="large", heading=True)
    above = [title, rich(run(_scope_words(insight), subtle=True), spacing="none"), _parts(insight, part)]
    body = _PARTS[part](insight, demand, smes)
    actions = [
        _filter_card(insight, part),
        submit(
            "Export",
            {"verb": EXPORT, "filter": _export(insight)},
            tooltip=_EXPORTED,
        ),
    ]
    return card(f"Insights: {_TITLES[part]}.", above, actions, spare=body)


def _scope_words(insight: Insight) -> str:
    scope = insight.scope
    whose = insight.names.get(scope.partner, insight.whose)
    narrowed = [in_words("region", scope.region, {}), in_words("workload", scope.workload, {})]
    months = " to ".join(dict.fromkeys(month_words(month) for month in (scope.first, scope.last)))
    return " · ".join(filter(None, (whose, *narrowed, months)))


def _scope_data(insight: Insight) -> dict[str, str]:
    scope = insight.scope
    given = {"region": scope.region, "workload": scope.workload, "partner": scope.partner}
    return {"first": scope.first, "last": scope.last} | {key: value for key, value in given.items() if value}


def _export(insight: Insight) -> str:
    """Return what one types to export the requests that are counted here."""
    scope = insight.scope
    partners = (scope.partner,) if scope.partner else ()
    return ExportFilter(partners, scope.first, scope.last, workload=scope.workload, region=scope.region).words


def _data(insight: Insight, part: Part, by: By) -> dict[str, str]:
    return {"verb": INSIGHTS, "part": part.value, "by": by.value, **_scope_data(insight)}


def _parts(insight: Insight, part: Part) -> Element:
    others = [execute(_TITLES[each], _data(insight, each, insight.by)) for each in Part if each is not part]
    return {"type": "ActionSet", "actions": others}


def _filter_card(insight: Insight, part: Part) -> Button:
    """Return the button behind which the months and what is counted can be chosen anew."""
    scope = insight.scope
    chosen = {scope.partner: insight.names[scope.partner]} if scope.partner else {}
    offered = dict(list({**chosen, **insight.names}.items())[:MOST_PARTNERS_OFFERED])
    partners = [choice_input("partner", "Partner", _with_all(offered), value=scope.partner)] if len(offered) > 1 else []
    inputs = [
        text_input("first", "First month, like 2026-01", value=scope.first, longest=7),
        text_input("last", "Last month", value=scope.last, longest=7),
        choice_input("region", "Region", _with_all(REGIONS), value=scope.region),
        choice_input("workload", "Workload", _with_all(WORKLOADS), value=scope.workload),
        *partners,
        choice_input(
            "by", "Compared by", {by.value: words.capitalize() for by, words in _BY_WORDS.items()}, value=insight.by
        ),
    ]
    return show_card("Filter", inputs, execute("Show", {"verb": INSIGHTS, "part": part.value}))


def _with_all(options: Mapping[str, str]) -> dict[str, str]:
    return {"all": "All", **{code: shortened(one_line(words), _CHOICE_LONGEST) for code, words in options.items()}}


Groups = list[list[Element]]
"""What stands below each other; the last go first where the card would be too large."""


def _volumes(insight: Insight, _demand: Sequence[Demand], _smes: Sequence[Load]) -> Groups:
    topics = [(in_words("topic", code, {}), number) for code, number in shares_of(insight.total, "topic:")]
    return [
        _by_month(insight, "requests"),
        measure_rows(("requests", "open", "to_close"), insight.total),
        _compared(insight, "requests"),
        measure_rows(("proactive", "deflected", "issues", "learners"), insight.total),
        bars_chart("Topics, proposed help included", _points(topics)),
    ]


def _promises(insight: Insight, _demand: Sequence[Demand], _smes: Sequence[Load]) -> Groups:
    return [
        measure_rows(PROMISES, insight.total),
        _by_month(insight, "N5"),
        _compared(insight, "N5"),
        _compared(insight, "N4"),
    ]


def _decisions(insight: Insight, _demand: Sequence[Demand], _smes: Sequence[Load]) -> Groups:
    reasons = [(DENY_REASONS.get(code, code), number) for code, number in shares_of(insight.total, "denied:")]
    fixes = [(_question(key), number) for key, number in shares_of(insight.total, "asked:")]
    return [
        measure_rows(("approval", "denial", "return"), insight.total),
        ring_chart("Reasons of denials", _points(reasons)),
        bars_chart("What had to be fixed", _points(fixes)),
        _compared(insight, "denial"),
        _compared(insight, "return"),
    ]


def _question(key: str) -> str:
    return BY_KEY[key].label if key in BY_KEY else key


def _demanded(insight: Insight, demand: Sequence[Demand], _smes: Sequence[Load]) -> Groups:
    is_by_workload = insight.by is By.WORKLOAD
    field = "workload" if is_by_workload else "primary_language"
    title = f"{'Workloads' if is_by_workload else 'Languages'} asked for, and SMEs"
    meaning = "How many requests name it, and the SMEs of the directory who have it. A gap is where nobody has."
    head = [own(title, bold=True, spacing="large"), own(meaning, subtle=True, size="small", spacing="none")]
    return [
        measure_rows(("repeat", "duplicate", "deflected"), insight.total),
        [*head, *(_gap(each, field) for each in demand[:MOST_ROWS])] if demand else [],
        _compared(insight, "repeat"),
        _compared(insight, "deflected"),
    ]


def _of_smes(insight: Insight, _demand: Sequence[Demand], smes: Sequence[Load]) -> Groups:
    stars = [(f"{number} of 5", insight.total.get(f"stars:{number}", 0)) for number in range(BEST_RATING, 0, -1)]
    points = [(f"{load.name} ({load.open} of {load.capacity})", load.open, f"{load.open}") for load in smes]
    room = sum(max(0, load.capacity - load.open) for load in smes)
    meaning = (
        f"Open engagements, offers included, of as many as each takes. {len(smes):,} SMEs, room for {room:,} more."
    )
    load = [*bars_chart("Least room now", points[:_LOADS_SHOWN]), own(meaning, subtle=True, size="small")]
    return [
        measure_rows(("rating", "N8", "N7", "declines"), insight.total),
        ring_chart("Ratings", _points([pair for pair in stars if pair[1]])),
        load,
        _compared(insight, "rating"),
    ]


_PARTS: Mapping[Part, Callable[[Insight, Sequence[Demand], Sequence[Load]], Groups]] = {
    Part.VOLUMES: _volumes,
    Part.PROMISES: _promises,
    Part.DECISIONS: _decisions,
    Part.DEMAND: _demanded,
    Part.SMES: _of_smes,
}


def _by_month(insight: Insight, key: str) -> list[Element]:
    """Return a measure month by month; the year stands in the card's head."""
    shown = insight.months[-MONTHS_SHOWN:]
    points = [_point(month_words(month)[:3], key, counts) for month, counts in shown]
    return columns_chart(f"{_titled(key)} by month", points)


def _compared(insight: Insight, key: str) -> list[Element]:
    """Return a measure for each region, workload or partner, those with the most requests first."""
    points = [_point(_value_words(insight, code), key, counts) for code, counts in insight.rows[:MOST_ROWS]]
    return bars_chart(f"{_titled(key)} by {_BY_WORDS[insight.by]}", points)


def _value_words(insight: Insight, code: str) -> str:
    """Return what is compared in words; the code of a region is known to everybody here."""
    match insight.by:
        case By.PARTNER:
            return insight.names.get(code, code)
        case By.WORKLOAD:
            return in_words("workload", code, {})
    return code or "No region"


def _titled(key: str) -> str:
    measure = MEASURES[key]
    return f"{measure.label} (%)" if measure.unit is Unit.SHARE else measure.label


def _point(label: str, key: str, counts: Counts) -> Point:
    measure = MEASURES[key]
    value = measure.of(counts) or 0
    return label, value * 100 if measure.unit is Unit.SHARE else value, figure_of(measure, counts)


def _points(pairs: Sequence[tuple[str, int]]) -> list[Point]:
    return [(label, number, f"{number:,}") for label, number in pairs[:MOST_ROWS]]


def _gap(demand: Demand, field: str) -> Element:
    name = rich(run(in_words(field, demand.code, {}), bold=not demand.smes))
    smes = "1 SME" if demand.smes == 1 else f"{demand.smes:,} SMEs"
    words = run(f"{demand.asked:,} asked, ") + run(
        smes if demand.smes else "a gap: no SME",
        bold=not demand.smes,
        tone=Tone.DEFAULT if demand.smes else Tone.ATTENTION,
    )
    return columns([name], [rich(words)], widths=("stretch", "auto"), spacing="small")
