"""Cards drawn by the official renderer, and what a person then sees of them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from deployment.gallery.render import HERE, renderer
from tests.cards.lint import within

Card = dict[str, Any]

# Written down by hand: what the renderer itself makes paragraphs, inputs and buttons of.
OWN_TAGS = frozenset({
    "BR", "BUTTON", "DATALIST", "DIV", "INPUT", "LABEL", "OPTION", "P", "SELECT", "SPAN", "TABLE", "TD",
    "TEXTAREA", "TR",
})  # fmt: skip
_HOST = HERE / "microsoft-teams-light.json"
_TEXTS = frozenset({"RichTextBlock", "TextBlock"})
_JOINER = "\u2060"
_LOOK = """([card, host]) => {
  showCard(card, host);
  const drawn = document.getElementById("card");
  const texts = ":is(.ac-richTextBlock, .ac-textBlock):not(label, label *, .ac-factset *, .ac-input-container > *)";
  const paragraphs = [...drawn.querySelectorAll(texts)].map(e => e.innerText);
  const active = e => [...e.attributes].some(a => /^(on|href$|src$|srcset$|action$|formaction$)/.test(a.name));
  const looks = [null, ...drawn.querySelectorAll("button.expandable")].map(button => {
    button?.click();
    const every = [...drawn.querySelectorAll("*")];
    return {
      tags: every.map(e => e.tagName),
      active: every.filter(active).map(e => e.outerHTML),
      choices: every.filter(e => e.tagName === "OPTION").map(e => e.label || e.value),
      values: every.filter(e => ["INPUT", "TEXTAREA"].includes(e.tagName)).map(e => e.value),
    };
  });
  return {paragraphs, looks};
}"""


@dataclass(frozen=True)
class Drawn:
    """One drawn card: its paragraphs, what can be chosen, what stands in inputs, and what did not come from us."""

    card: Card
    paragraphs: tuple[str, ...]
    choices: tuple[str, ...]
    values: tuple[str, ...]
    foreign: tuple[str, ...]

    def reads(self, typed: str) -> bool:
        """Say whether the text can be read in a paragraph as it was typed."""
        return any(visible(typed) in each for each in self.paragraphs)

    @property
    def unlike(self) -> list[tuple[str, str]]:
        """Return the paragraphs of the card beside those drawn, where they differ."""
        meant = [visible(_text_of(element)) for element in within(self.card["body"]) if element["type"] in _TEXTS]
        return [pair for pair in zip(meant, self.paragraphs, strict=True) if pair[0] != pair[1]]


def _text_of(element: Card) -> str:
    return "".join(run["text"] for run in element["inlines"]) if "inlines" in element else element["text"]


def visible(text: str) -> str:
    """Return a text without what nobody sees: the joiner between two braces, and the width of spaces."""
    lines = (" ".join(line.split()) for line in text.replace(_JOINER, "").splitlines())
    return "\n".join(lines).strip()


def drawn(cards: Mapping[Any, Card]) -> dict[Any, Drawn]:
    """Draw every card with its buttons' cards opened. Blocking: for threads without a loop."""
    host = json.loads(_HOST.read_text(encoding="utf-8"))
    with renderer() as page:
        return {name: _drawn(card, page.evaluate(_LOOK, [card, host])) for name, card in cards.items()}


def _drawn(card: Card, found: dict[str, Any]) -> Drawn:
    looks = found["looks"]
    foreign = {tag for look in looks for tag in look["tags"]} - OWN_TAGS
    return Drawn(
        card=card,
        paragraphs=tuple(visible(text) for text in found["paragraphs"]),
        choices=tuple(visible(text) for look in looks for text in look["choices"]),
        values=tuple(text for look in looks for text in look["values"]),
        foreign=(*sorted(foreign), *(html for look in looks for html in look["active"])),
    )
