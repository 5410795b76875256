"""Measures on cards: the number in words, its label, and beside it what it means."""

from collections.abc import Iterable

from bot.cards.pieces import Element, Tone, columns, own, rich, run
from bot.domain.measures import MEASURES, Measure, Unit
from bot.domain.tally import Counts

NOTHING = "\u2013"
_VALUE_WIDTH = "104px"
_ENOUGH = 0.8
_POOR = 0.6


def in_figures(unit: Unit, value: float | None) -> str:
    """Return a value as people read it, such as `87 %`; an en dash where there is none."""
    if value is None:
        return NOTHING
    match unit:
        case Unit.SHARE:
            return f"{value:.0%}".replace("%", " %")
        case Unit.DAYS:
            return f"{value:,.1f} days"
        case Unit.STARS:
            return f"{value:.1f} of 5"
    return f"{value:,.0f}"


def figure_of(measure: Measure, counts: Counts) -> str:
    return in_figures(measure.unit, measure.of(counts))


def measure_rows(keys: Iterable[str], counts: Counts, before: Counts | None = None) -> list[Element]:
    """Return a row for each measure with its definition; `before` are the counts of the period to compare with."""
    return [_row(MEASURES[key], counts, before) for key in keys]


def _row(measure: Measure, counts: Counts, before: Counts | None) -> Element:
    cases = measure.stands_on(counts)
    is_of_cases = measure.unit is not Unit.COUNT and cases
    stood = figure_of(measure, before) if before is not None else ""
    made_of = f"{'of' if measure.unit is Unit.SHARE else 'from'} {cases:,}" if is_of_cases else ""
    beside = [made_of, f"before: {stood}" if stood else ""]
    value = rich(run(figure_of(measure, counts), bold=True, size="large", tone=_tone(measure, counts)))
    below = [rich(run(said, subtle=True), spacing="none") for said in beside if said]
    meaning = [own(measure.label, bold=True), own(measure.definition, subtle=True, size="small", spacing="none")]
    return columns([value, *below], meaning, widths=(_VALUE_WIDTH, "stretch"), spacing="medium")


def _tone(measure: Measure, counts: Counts) -> Tone:
    """Return the colour of a promise: how well it is kept is what people look for first."""
    kept = measure.of(counts)
    if not measure.key.startswith("N") or kept is None:
        return Tone.DEFAULT
    return Tone.GOOD if kept >= _ENOUGH else Tone.WARNING if kept >= _POOR else Tone.ATTENTION
