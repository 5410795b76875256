"""How large texts and cards are for the channel, and how they are cut to fit."""

import json
from collections.abc import Iterable, Iterator
from copy import deepcopy
from typing import Any

MOST_UNITS = 18_600
"""The channel takes a message of 40 KB, counted as UTF-16; what stands around the card in it needs the rest."""
_SHORTEST_CUT = 100
_READABLE = 500
"""Texts are cut to this length before anything else is left out."""
_CUTS = range(1_900, _SHORTEST_CUT - 1, -100)


def units(text: str) -> int:
    """Return the length in UTF-16 units, in which the channel counts."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def shortened(text: str, most: int) -> str:
    """Return the text, cut to `most` units with an ellipsis at its end when it is longer."""
    if units(text) <= most:
        return text
    kept = text.encode("utf-16-le", "surrogatepass")[: 2 * (most - 1)].decode("utf-16-le", "ignore")
    return f"{kept.rstrip()}…"


def fitted(card: dict[str, Any], expendable: int = 0) -> dict[str, Any]:
    """Return the card with its texts cut, and then without as many of the last elements as need be, to be taken.

    `expendable` says how many elements at the end of the body may be left out, the last ones first.
    """
    if not _is_too_large(card):
        return card
    made = card
    for made in _smaller(card, expendable):
        if not _is_too_large(made):
            break
    return made


def _smaller(card: dict[str, Any], expendable: int) -> Iterator[dict[str, Any]]:
    """Yield the card in ever smaller versions: long texts first, then the last elements, then all texts."""
    yield from (_cut(card, most) for most in _CUTS if most >= _READABLE)
    body = card["body"]
    shorter = card
    for count in range(1, expendable + 1):
        shorter = {**card, "body": body[: len(body) - count]}
        yield _cut(shorter, _READABLE)
    yield from (_cut(shorter, most) for most in _CUTS if most < _READABLE)


def _is_too_large(card: dict[str, Any]) -> bool:
    return units(json.dumps(card, ensure_ascii=False, separators=(",", ":"))) > MOST_UNITS


def _cut(card: dict[str, Any], most: int) -> dict[str, Any]:
    made = deepcopy(card)
    for element, key in _texts_in(made["body"]):
        element[key] = shortened(element[key], most)
    return made


def _texts_in(elements: Iterable[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield every place where people's texts stand: runs, and what was typed into an input."""
    for element in elements:
        yield from ((run, "text") for run in element.get("inlines", ()))
        if element["type"] == "Input.Text" and "value" in element:
            yield element, "value"
        yield from _texts_in(element.get("items", ()))
        yield from _texts_in(element.get("columns", ()))
