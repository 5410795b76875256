"""Charts as Teams draws them, each with the same numbers as lines of text for clients that do not."""

from collections.abc import Mapping, Sequence

from bot.cards.pieces import Element, Tone, own, rich, run
from bot.cards.size import shortened
from bot.domain.texts import one_line

Point = tuple[str, float, str]
"""What a bar or a part stands for, how large it is, and the number in words."""

LABEL_LONGEST = 44
_WIDEST_BAR = 12
_ONE_DECIMAL_BELOW = 10
_TONE = "categoricalBlue"
_BAR = "\u2587"


def columns_chart(title: str, points: Sequence[Point]) -> list[Element]:
    """Return upright bars, such as one for each month."""
    return _chart("Chart.VerticalBar", title, points, {"color": _TONE, "showBarValues": True})


def bars_chart(title: str, points: Sequence[Point]) -> list[Element]:
    """Return bars below each other's names, such as one for each region."""
    return _chart("Chart.HorizontalBar", title, points, {"color": _TONE, "displayMode": "AbsoluteNoAxis"})


def ring_chart(title: str, points: Sequence[Point]) -> list[Element]:
    """Return the parts of a whole, such as the reasons of denials."""
    parts = [{"legend": f"{_label(label)}: {words}", "value": value} for label, value, words in points]
    return _chart("Chart.Donut", title, points, {"data": parts})


def _chart(kind: str, title: str, points: Sequence[Point], more: Mapping[str, object]) -> list[Element]:
    """Return a chart below its title, which not every client draws as a part of it; without points nothing."""
    if not points:
        return []
    data = [
        {"x": _label(label), "y": round(value, 1 if value < _ONE_DECIMAL_BELOW else None)} for label, value, _ in points
    ]
    largest = max(value for _, value, _ in points)
    lines = {"type": "Container", "items": [_line(point, largest) for point in points]}
    return [
        own(title, bold=True, spacing="large"),
        {"type": kind, "title": title, "data": data, **more, "fallback": lines},
    ]


def _line(point: Point, largest: float) -> Element:
    """Return a bar with the number in words and the label behind it, which go on in the next line on a phone."""
    label, value, words = point
    bar = run(_BAR * round(_WIDEST_BAR * value / largest), even=True, tone=Tone.ACCENT) if largest else []
    return rich(bar, run(f" {words}", bold=True), run(f"  {_label(label)}"), spacing="none")


def _label(text: str) -> str:
    """Return a name as a chart shows it: plain text, in which clients find nothing to replace either."""
    return "".join(part["text"] for part in run(shortened(one_line(text), LABEL_LONGEST)))
