"""Charts as Teams draws them, each with the same numbers as lines of text for clients that do not."""

from collections.abc import Mapping, Sequence

from bot.cards.pieces import Element, Runs, own, rich, run
from bot.cards.size import shortened
from bot.domain.texts import one_line

Point = tuple[str, float, str]
"""What a bar or a part stands for, how large it is, and the number in words."""

LABEL_LONGEST = 28
_WIDEST_BAR = 16
_NO_BREAK = "\u00a0"
_BAR = "\u2587"


def columns_chart(title: str, points: Sequence[Point], tone: str = "categoricalBlue") -> Element:
    """Return upright bars, such as one for each month."""
    return _chart("Chart.VerticalBar", title, points, {"color": tone, "showBarValues": True})


def bars_chart(title: str, points: Sequence[Point], tone: str = "categoricalBlue") -> Element:
    """Return bars beside each other's names, such as one for each region."""
    return _chart("Chart.HorizontalBar", title, points, {"color": tone, "displayMode": "AbsoluteNoAxis"})


def ring_chart(title: str, points: Sequence[Point]) -> Element:
    """Return the parts of a whole, such as the reasons of denials."""
    chart = _chart("Chart.Donut", title, points, {})
    return {**chart, "data": [{"legend": _label(label), "value": value} for label, value, _ in points]}


def _chart(kind: str, title: str, points: Sequence[Point], more: Mapping[str, object]) -> Element:
    data = [{"x": _label(label), "y": round(value, 2)} for label, value, _ in points]
    return {"type": kind, "title": title, **more, "data": data, "fallback": _as_text(title, points)}


def _as_text(title: str, points: Sequence[Point]) -> Element:
    largest = max((value for _, value, _ in points), default=0)
    widest = max((len(_label(label)) for label, _, _ in points), default=0)
    lines = [rich(_line(point, widest, largest), spacing="none") for point in points]
    return {"type": "Container", "items": [own(title, bold=True, size="small"), *lines]}


def _line(point: Point, widest: int, largest: float) -> Runs:
    """Return a label, a bar and the number in words; all spaces are such as no client joins."""
    label, value, words = point
    length = round(_WIDEST_BAR * value / largest) if largest else 0
    text = f"{_label(label).ljust(widest)} {_BAR * length}{' ' if length else ''}{words}"
    return run(text.replace(" ", _NO_BREAK), even=True)


def _label(text: str) -> str:
    """Return a name as a chart shows it; charts draw plain text."""
    return shortened(one_line(text), LABEL_LONGEST)
