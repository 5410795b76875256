"""How large texts and cards are for the channel, and how they are cut to fit."""

import json
from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from typing import Any

MOST_UNITS = 18_600
"""The channel takes a message of 40 KB, counted as UTF-16; what stands around the card in it needs the rest."""
_SHORTEST_CUT = 100
_SHORTEST_WITH_SPARE = 600
_WHERE_NOTHING_ELSE_HELPS = 40
"""For cards of dozens of texts in which every sign is a quote or a backslash, which take two units each."""
_WHOLE = "whole-"
_CUTS = range(1_900, _SHORTEST_CUT, -100)


def units(text: str) -> int:
    """Return the length in UTF-16 units, in which the channel counts."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def shortened(text: str, most: int) -> str:
    """Return the text, cut to `most` units with an ellipsis at its end when it is longer."""
    if units(text) <= most:
        return text
    kept = text.encode("utf-16-le", "surrogatepass")[: 2 * (most - 1)].decode("utf-16-le", "ignore")
    return f"{kept.rstrip()}…"


def fitted(card: dict[str, Any], spare: Sequence[Sequence[dict[str, Any]]] = ()) -> dict[str, Any]:
    """Return the card with its texts cut to the longest length with which the channel takes it.

    Where they would be cut shorter than people can follow, the last groups of `spare` are left out first.
    """
    for count in range(len(spare), -1, -1):
        whole = {**card, "body": [*card["body"], *(element for group in spare[:count] for element in group)]}
        if not _is_too_large(whole):
            return whole
        cuts = (_cut(whole, most) for most in _CUTS if most >= _SHORTEST_WITH_SPARE or not count)
        if made := next((made for made in cuts if not _is_too_large(made)), None):
            return made
    made = _cut(whole, _SHORTEST_CUT)
    return _cut(whole, _WHERE_NOTHING_ELSE_HELPS) if _is_too_large(made) else made


def never_cut(elements: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return elements whose texts stay whole whatever the size of their card: they are there to be copied."""
    return [{**element, "id": f"{_WHOLE}{number}"} for number, element in enumerate(elements)]


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
        if element.get("id", "").startswith(_WHOLE):
            continue
        yield from ((run, "text") for run in element.get("inlines", ()))
        if element["type"] == "Input.Text" and "value" in element:
            yield element, "value"
        yield from _texts_in(element.get("items", ()))
        yield from _texts_in(element.get("columns", ()))
