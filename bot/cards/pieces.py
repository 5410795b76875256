"""The building blocks of every card: texts, rows of facts, inputs and buttons."""

import re
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

from bot.cards.size import fitted
from bot.domain.texts import cleaned

Card = dict[str, Any]
Element = dict[str, Any]
Button = dict[str, Any]
Runs = list[Element]
Row = tuple[str, Runs]

CARD_VERSION = "1.5"
LABEL_WIDTH = "100px"
"""Holds the longest label of a fact on one line, and leaves a phone's value column wide enough to read."""
MARK_WIDTH = "16px"
OPENS_BELOW = {"opens": "below"}
"""In a button's data: what it opens is posted below the card, which stays as it is."""
_BEFORE_A_BRACE = re.compile(r"\{(?=\{)")


class Tone(StrEnum):
    """Semantic colours: each client draws them to suit its light, dark or high-contrast theme."""

    DEFAULT = "default"
    ACCENT = "accent"
    GOOD = "good"
    WARNING = "warning"
    ATTENTION = "attention"


def run(  # noqa: PLR0913 - each is one property of the run
    text: str,
    *,
    bold: bool = False,
    subtle: bool = False,
    tone: Tone = Tone.DEFAULT,
    size: str = "",
    even: bool = False,
) -> Runs:
    """Return text by anybody as runs, which render no Markdown, links or mentions.

    `even` gives all letters one width, so that columns of text stand in line.
    Clients replace {{DATE(...)}} and {{TIME(...)}} even in runs, so no two braces stand side by side.
    """
    style: Element = {"type": "TextRun"}
    if bold:
        style["weight"] = "bolder"
    if subtle:
        style["isSubtle"] = True
    if tone is not Tone.DEFAULT:
        style["color"] = tone.value
    if size:
        style["size"] = size
    if even:
        style["fontType"] = "monospace"
    # The word joiner between the braces is not seen, and what stands there is not a macro any more.
    return [{**style, "text": _BEFORE_A_BRACE.sub("{\u2060", cleaned_keeping_ends(text))}]


def cleaned_keeping_ends(text: str) -> str:
    """Return the text cleaned, with the spaces that set it apart from its neighbours."""
    inner = cleaned(text)
    if not inner:
        return " " if text else ""
    before = " " if text[0] == " " else ""
    after = " " if text[-1] == " " else ""
    return f"{before}{inner}{after}"


def rich(*runs: Runs, spacing: str = "", separator: bool = False) -> Element:
    """Return a paragraph of runs; neighbours of one style are one run, which takes less room in the card."""
    inlines: Runs = []
    for part in (part for each in runs for part in each if part["text"]):
        if inlines and {**inlines[-1], "text": ""} == {**part, "text": ""}:
            inlines[-1] = {**part, "text": _BEFORE_A_BRACE.sub("{\u2060", inlines[-1]["text"] + part["text"])}
        else:
            inlines.append(part)
    element: Element = {"type": "RichTextBlock", "inlines": inlines}
    return _placed(element, spacing, separator=separator)


def own(  # noqa: PLR0913 - each is one property of the element
    text: str,
    *,
    bold: bool = False,
    subtle: bool = False,
    tone: Tone = Tone.DEFAULT,
    size: str = "",
    spacing: str = "",
    heading: bool = False,
) -> Element:
    """Return our own words as a TextBlock. It renders Markdown, so nothing that a person wrote may stand in it."""
    element: Element = {"type": "TextBlock", "text": text, "wrap": True}
    if bold:
        element["weight"] = "bolder"
    if subtle:
        element["isSubtle"] = True
    if tone is not Tone.DEFAULT:
        element["color"] = tone.value
    if size:
        element["size"] = size
    if heading:
        element["style"] = "heading"
    return _placed(element, spacing)


def columns(first: Sequence[Element], second: Sequence[Element], *, widths: tuple[str, str], spacing: str) -> Element:
    """Return two columns side by side."""
    cells = [
        {"type": "Column", "width": width, "items": list(items)}
        for width, items in zip(widths, (first, second), strict=True)
    ]
    return {"type": "ColumnSet", "spacing": spacing, "columns": cells}


def facts(rows: Iterable[Row]) -> list[Element]:
    """Return rows of a label and a value, aligned by the fixed width of the labels; rows without value are left out."""
    shown = [(label, value) for label, value in rows if any(part["text"] for part in value)]
    return [
        columns(
            [rich(run(label, subtle=True))],
            [rich(value)],
            widths=(LABEL_WIDTH, "stretch"),
            spacing="small" if number else "medium",
        )
        for number, (label, value) in enumerate(shown)
    ]


def numbered(lines: Iterable[Runs]) -> list[Element]:
    """Return steps in their order, one row each."""
    return [
        marked(rich(run(str(number), bold=True, tone=Tone.ACCENT)), [rich(line)])
        for number, line in enumerate(lines, 1)
    ]


def marked(mark: Element, items: Sequence[Element]) -> Element:
    """Return items beside a narrow mark, such as a number or a bullet."""
    return columns([mark], items, widths=(MARK_WIDTH, "stretch"), spacing="small")


def box(items: Sequence[Element], style: str = "emphasis") -> Element:
    """Return a shaded container: `emphasis`, `warning`, `good`, `attention` or `accent`."""
    return {"type": "Container", "style": style, "items": list(items)}


def text_block(label: str, text: str, *, mark: str = "") -> list[Element]:
    """Return a long text under its label, with line breaks kept."""
    marked = run(f"  {mark}", bold=True, tone=Tone.ACCENT) if mark else []
    return [rich(run(label, subtle=True), marked, spacing="medium"), rich(run(text), spacing="none")] if text else []


def submit(
    title: str, data: Mapping[str, Any], *, style: str = "", needs_inputs: bool = True, tooltip: str = ""
) -> Button:
    """Return a button that sends its data as a message; without `needs_inputs` it works while inputs are invalid."""
    button: Button = {"type": "Action.Submit", "title": title, "data": dict(data)}
    if not needs_inputs:
        button["associatedInputs"] = "none"
    return {**button, **({"style": style} if style else {}), **({"tooltip": tooltip} if tooltip else {})}


def execute(title: str, data: Mapping[str, Any], *, style: str = "") -> Button:
    """Return a button answered with the card in its new state; older clients send the same data as a message."""
    button: Button = {"type": "Action.Execute", "title": title, "verb": data["verb"], "data": dict(data)}
    return {**button, **({"style": style} if style else {}), "fallback": submit(title, data, style=style)}


def show_card(title: str, body: Sequence[Element], button: Button, *, style: str = "") -> Button:
    """Return a button that opens inputs and the one button that sends them."""
    card = {"type": "AdaptiveCard", "version": CARD_VERSION, "body": list(body), "actions": [button]}
    opens: Button = {"type": "Action.ShowCard", "title": title, "card": card}
    return {**opens, "style": style} if style else opens


def refresh(data: Mapping[str, Any]) -> Element:
    """Return the read-only action by which a client fetches the present state when the card is opened."""
    sent = {**data, "verb": "refresh"}
    return {"action": {"type": "Action.Execute", "title": "Refresh", "verb": "refresh", "data": sent}}


def card(
    summary: str,
    body: Sequence[Element],
    actions: Sequence[Button] = (),
    *,
    renewed_by: Element | None = None,
    spare: Sequence[Sequence[Element]] = (),
) -> Card:
    """Return a whole card; groups of `spare` stand below the body where there is room.

    `summary` is our own words: it is read aloud, and shown where cards cannot be drawn.
    """
    made: Card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": CARD_VERSION,
        "fallbackText": f"{summary} Please update Teams to see the whole card.",
        "speak": summary,
        "body": list(body),
    }
    if actions:
        made["actions"] = list(actions)
    if renewed_by:
        made["refresh"] = renewed_by
    return fitted(made, spare)


def _placed(element: Element, spacing: str, *, separator: bool = False) -> Element:
    placed = {**element, **({"spacing": spacing} if spacing else {})}
    return {**placed, "separator": True} if separator else placed
