"""Inputs of a card: a typed text, one choice, several choices."""

from collections.abc import Mapping

from bot.cards.pieces import Element

FILTERED_FROM = 9
"""A list of so many entries is searched by typing; a shorter one is picked from."""


def text_input(  # noqa: PLR0913 - each is one property of the input
    key: str, label: str, *, missing: str = "", multiline: bool = False, value: str = "", longest: int = 0
) -> Element:
    """Return a text input; `missing` is what is said when it stays empty, and makes it a required one."""
    element = _labelled({"type": "Input.Text", "id": key}, label, missing)
    if multiline:
        element["isMultiline"] = True
    if longest:
        element["maxLength"] = longest
    if value:
        element["value"] = value
    return element


def date_input(key: str, label: str, *, missing: str = "", value: str = "") -> Element:
    """Return an input of a day, whose value is like `2026-12-01`."""
    element = _labelled({"type": "Input.Date", "id": key}, label, missing)
    return {**element, "value": value} if value else element


def choice_input(key: str, label: str, options: Mapping[str, str], *, missing: str = "", value: str = "") -> Element:
    """Return a list to choose one entry from; a value that the list does not offer is left out."""
    element = _labelled({"type": "Input.ChoiceSet", "id": key}, label, missing)
    element["style"] = "filtered" if len(options) >= FILTERED_FROM else "compact"
    element["placeholder"] = "Please choose"
    element["choices"] = _choices(options)
    if value in options:
        element["value"] = value
    return element


def several_input(key: str, label: str, options: Mapping[str, str]) -> Element:
    """Return a list to tick entries in; the answer is their values with commas between."""
    element = _labelled({"type": "Input.ChoiceSet", "id": key}, label, "")
    return {**element, "style": "expanded", "isMultiSelect": True, "choices": _choices(options)}


def _labelled(element: Element, label: str, missing: str) -> Element:
    element["label"] = label
    if missing:
        element["errorMessage"] = missing
        element["isRequired"] = True
    return element


def _choices(options: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"title": title, "value": value} for value, title in options.items()]
