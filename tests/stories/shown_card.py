"""A card as a Teams client shows it: what can be read, what can be pressed, and what a press sends."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Card = dict[str, Any]
PRESSED = ("Action.Submit", "Action.Execute")
_READ = ("text", "label", "errorMessage", "placeholder", "title")


class CannotPressError(AssertionError):
    """A client would not let the person do this; the message says why."""


@dataclass(frozen=True)
class Button:
    """A button, and the cards whose inputs it sends: its own and those around it, never one beside it."""

    action: Card
    scope: tuple[Card, ...]

    @property
    def title(self) -> str:
        return str(self.action.get("title", ""))

    @property
    def data(self) -> dict[str, Any]:
        return dict(self.action.get("data", {}))

    @property
    def verb(self) -> str:
        return str(self.action.get("verb") or self.data.get("verb", ""))

    @property
    def inputs(self) -> dict[str, Card]:
        if self.action.get("associatedInputs") == "none":
            return {}
        return {e["id"]: e for card in self.scope for e in elements(card) if e["type"].startswith("Input.")}

    def sends(self, given: Mapping[str, object]) -> dict[str, Any]:
        """Return the data of a press. Raises CannotPressError where a client would not send."""
        if unknown := given.keys() - self.inputs.keys():
            raise CannotPressError(f"{self.title!r} sends no input {sorted(unknown)}, only {sorted(self.inputs)}")
        values = {key: _filled(shown, given.get(key)) for key, shown in self.inputs.items()}
        return {**self.data, **{key: value for key, value in values.items() if value}}


def _filled(shown: Card, given: object) -> str:
    """Return what stands in an input, when a client accepts it."""
    value = _as_text(shown.get("value", "") if given is None else given)
    name = shown.get("label") or shown["id"]
    if not value:
        if shown.get("isRequired"):
            raise CannotPressError(f"{name!r} is required: {shown.get('errorMessage')}")
        return ""
    if shown["type"] == "Input.ChoiceSet":
        chosen = value.split(",") if shown.get("isMultiSelect") else [value]
        offered = [choice["value"] for choice in shown["choices"]]
        if missing := [each for each in chosen if each not in offered]:
            raise CannotPressError(f"{name!r} does not offer {missing}, only {offered}")
    elif len(value.encode("utf-16-le")) // 2 > shown.get("maxLength", len(value) * 2):
        raise CannotPressError(f"{name!r} takes only {shown['maxLength']} characters")
    elif "regex" in shown and not re.search(shown["regex"], value):
        raise CannotPressError(f"{name!r} does not take {value!r}: {shown.get('errorMessage')}")
    return value


def _as_text(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def elements(element: object) -> Iterator[Card]:
    """Yield the elements of one card, without its actions and their cards."""
    if isinstance(element, list):
        for each in element:
            yield from elements(each)
    elif isinstance(element, dict):
        if element.get("isVisible") is False:
            return
        if element.get("type") not in {None, "AdaptiveCard"}:
            yield element
        for key in ("body", "items", "columns", "inlines", "rows", "cells"):
            yield from elements(element.get(key, []))
        if str(element.get("type")).startswith("Chart."):
            # What this client does not draw, it shows as the lines that stand in its place.
            yield from elements(element.get("fallback"))


def buttons(card: Card, around: tuple[Card, ...] = ()) -> Iterator[Button]:
    """Yield every button of a card and of the cards that its buttons open."""
    scope = (card, *around)
    in_body = [a for e in elements(card) for a in (*e.get("actions", []), *filter(None, [e.get("selectAction")]))]
    for action in (*in_body, *card.get("actions", [])):
        if action["type"] == "Action.ShowCard":
            yield from buttons(action["card"], scope)
        elif action["type"] in PRESSED:
            yield Button(action, scope)


def words_of(card: Card) -> str:
    """Return what can be read on a card and on the cards that its buttons open, a line for each element."""
    lines = []
    for element in elements(card):
        match element["type"]:
            case "RichTextBlock":
                lines.append("".join(part if isinstance(part, str) else part["text"] for part in element["inlines"]))
            case "TextRun":
                continue
            case "FactSet":
                lines += [f"{fact['title']}: {fact['value']}" for fact in element["facts"]]
            case _:
                lines += [element[key] for key in _READ if isinstance(element.get(key), str)]
                lines += [choice["title"] for choice in element.get("choices", [])]
        lines += [words_of_action(action) for action in element.get("actions", [])]
    return "\n".join([*lines, *(words_of_action(action) for action in card.get("actions", []))])


def words_of_action(action: Card) -> str:
    opened = words_of(action["card"]) if action["type"] == "Action.ShowCard" else ""
    return "\n".join(filter(None, [f"[{action.get('title', '')}]", opened]))


@dataclass
class Message:
    """One message in a chat, as it stands there now; `summary` is for notifications, `files` are cards of files."""

    id: str
    text: str = ""
    summary: str = ""
    card: Card | None = None
    cards_before: list[Card] = field(default_factory=list)
    files: list[Card] = field(default_factory=list)

    @classmethod
    def of(cls, activity_id: str, activity: Mapping[str, Any]) -> "Message":
        message = cls(activity_id)
        message.becomes(activity)
        return message

    def becomes(self, activity: Mapping[str, Any]) -> None:
        cards = [a["content"] for a in activity.get("attachments") or [] if "card.adaptive" in a["contentType"]]
        self.text, self.summary = activity.get("text") or "", activity.get("summary") or ""
        self.files = [a for a in activity.get("attachments") or [] if ".card.file." in a["contentType"]]
        self.shows(cards[0] if cards else None)

    def shows(self, card: Card | None) -> None:
        if self.card is not None:
            self.cards_before.append(self.card)
        self.card = card

    @property
    def words(self) -> str:
        return self.text if self.card is None else words_of(self.card)

    @property
    def buttons(self) -> list[Button]:
        return list(buttons(self.card)) if self.card else []

    @property
    def verbs(self) -> set[str]:
        return {button.verb for button in self.buttons}

    @property
    def inputs(self) -> dict[str, Card]:
        return {key: shown for button in self.buttons for key, shown in button.inputs.items()}

    def button(self, wanted: str, data: Mapping[str, object] | None = None) -> Button | None:
        """Return the button with this title or verb, whose data holds `data`."""
        named = [b for b in self.buttons if wanted in {b.title, b.verb}]
        return next((b for b in named if (data or {}).items() <= b.data.items()), None)
