"""Says what is wrong with the structure of a card; what cards are made of is listed here anew."""

import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

Found = dict[str, Any]

ELEMENTS = {
    "TextBlock", "RichTextBlock", "FactSet", "Container", "ColumnSet", "ActionSet", "Input.Text", "Input.ChoiceSet",
    "Input.Date",
}  # fmt: skip
ACTIONS = {"Action.Submit", "Action.Execute", "Action.ShowCard", "Action.OpenUrl"}
COLOURS = {"default", "accent", "good", "warning", "attention"}
FORM_VERBS = {"next", "back", "cancel", "submit", "edit", "ask_fpm", "resume", "afresh"}
REQUEST_VERBS = {
    "approve", "deny", "return", "delegate", "assign", "withdraw", "accept", "decline", "close", "reopen", "release",
    "issue", "answer", "contacted", "kickoff", "agree", "note", "complete", "rate", "refresh",
}  # fmt: skip
PROPOSAL_VERBS = {"propose"}
ACCESS_VERBS = {"admit", "refuse", "revoke", "send_again"}
OPENING_VERBS = {"record", "heard"}
"""Buttons that open a page are of either kind: those on the page itself put another one in its place."""
AGENDAS = {"reminder", "brief", "covering", "back"}
OTHER_VERBS = {"fix", "again", "status", "ask", "accept_code", "look", "end_cover", "end_leave"}
LARGEST = 40 * 1024
LONGEST_TITLE = 24


def elements_of(card: Found) -> Iterator[Found]:
    """Yield every element of a card, those behind its buttons included."""
    yield from within(card["body"])
    for action in actions_in(card):
        if action["type"] == "Action.ShowCard":
            yield from elements_of(action["card"])


def actions_of(card: Found) -> Iterator[Found]:
    """Yield every button of a card, those behind other buttons included."""
    for action in actions_in(card):
        yield action
        if action["type"] == "Action.ShowCard":
            yield from actions_of(action["card"])


def inputs_of(card: Found) -> dict[str, Found]:
    return {e["id"]: e for e in elements_of(card) if e["type"].startswith("Input.")}


def verbs_of(card: Found) -> set[str]:
    return {a["data"]["verb"] for a in actions_of(card) if "data" in a}


def button(card: Found, verb: str) -> Found:
    return next(a for a in actions_of(card) if a.get("data", {}).get("verb") == verb)


def shown_texts(card: Found) -> list[str]:
    """Return the texts of a card as a reader sees them, one for each paragraph."""
    texts = []
    for element in elements_of(card):
        if element["type"] == "TextBlock":
            texts.append(element["text"])
        elif element["type"] == "RichTextBlock":
            texts.append("".join(run["text"] for run in element["inlines"]))
        elif element["type"] == "FactSet":
            texts += [f"{fact['title']}: {fact['value']}" for fact in element["facts"]]
    return texts


def size_of(card: Found) -> int:
    return len(json.dumps(card, ensure_ascii=False).encode("utf-16-le", "surrogatepass"))


def faults_of(card: Found) -> list[str]:
    """Return what is wrong with a card, nothing when all is well."""
    faults = [f"{key} is missing" for key in ("fallbackText", "speak") if not card.get(key)]
    if (card.get("type"), card.get("version")) != ("AdaptiveCard", "1.5"):
        faults.append("not a card of version 1.5")
    if size_of(card) > LARGEST:
        faults.append(f"{size_of(card):,} bytes")
    ids = [e["id"] for e in elements_of(card) if "id" in e]
    faults += [f"id {key} occurs twice" for key in set(ids) if ids.count(key) > 1]
    for element in elements_of(card):
        faults += _element_faults(element)
    for action in actions_of(card):
        faults += _action_faults(action)
    if len(card.get("actions", [])) > 4:
        faults.append("more than four buttons below the card")
    return faults


def actions_in(card: Found) -> Iterator[Found]:
    yield from card.get("actions", ())
    for element in within(card["body"]):
        if element["type"] == "ActionSet":
            yield from element["actions"]


def within(elements: list[Found]) -> Iterator[Found]:
    for element in elements:
        yield element
        yield from within(element.get("items", []))
        for column in element.get("columns", []):
            yield from within(column["items"])


def _element_faults(element: Found) -> list[str]:
    kind = element["type"]
    faults = [] if kind in ELEMENTS else [f"unknown element {kind}"]
    if kind == "TextBlock" and not (element["text"] and element.get("wrap")):
        faults.append(f"a text that is empty or does not wrap: {element['text']}")
    runs = element.get("inlines", [])
    if kind == "RichTextBlock" and not (runs and all(r["type"] == "TextRun" and r["text"] for r in runs)):
        faults.append("a paragraph without runs")
    faults += [f"colour {e['color']}" for e in (element, *runs) if e.get("color", "default") not in COLOURS]
    if kind.startswith("Input."):
        faults += _input_faults(element)
    return faults


def _input_faults(element: Found) -> list[str]:
    faults = [] if element.get("label") else [f"{element['id']} has no label"]
    if element.get("isRequired") and not element.get("errorMessage"):
        faults.append(f"{element['id']} has no error message")
    choices = [choice["value"] for choice in element.get("choices", [])]
    if element["type"] == "Input.ChoiceSet":
        if not choices or len(set(choices)) < len(choices):
            faults.append(f"{element['id']} has no choices or one twice")
        if element.get("value", choices[0]) not in choices:
            faults.append(f"{element['id']} has a value that it does not offer")
        if len(choices) > 8 and element["style"] == "compact":
            faults.append(f"{element['id']} is long and cannot be searched")
    value = element.get("value", "")
    if element["type"] == "Input.Date" and value and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        faults.append(f"{element['id']} has no day like 2026-12-01: {value}")
    return faults


def _action_faults(action: Found) -> list[str]:
    kind, title = action["type"], action["title"]
    faults = [] if kind in ACTIONS else [f"unknown action {kind}"]
    if not title or len(title) > LONGEST_TITLE:
        faults.append(f"a title too long for a phone: {title}")
    if kind in {"Action.Submit", "Action.Execute"}:
        faults += _data_faults(action)
    return faults


def _data_faults(action: Found) -> list[str]:
    data, faults = action["data"], []
    verb = data.get("verb")
    if "msteams" in data:
        faults.append("msteams in the data")
    if verb not in FORM_VERBS | REQUEST_VERBS | PROPOSAL_VERBS | ACCESS_VERBS | OTHER_VERBS | OPENING_VERBS:
        faults.append(f"unknown verb {verb}")
    if verb in REQUEST_VERBS | ACCESS_VERBS | {"fix"} and not (
        data.get("request") and isinstance(data.get("revision"), int)
    ):
        faults.append(f"{verb} does not say on what")
    faults += _data_of_its_own(data)
    executed = REQUEST_VERBS | PROPOSAL_VERBS | ACCESS_VERBS
    if verb not in OPENING_VERBS and (action["type"] == "Action.Execute") != (verb in executed):
        faults.append(f"{verb} is the wrong kind of action")
    if action["type"] == "Action.Execute":
        fallback = action.get("fallback", {})
        if action["verb"] != verb or (fallback.get("type"), fallback.get("data")) != ("Action.Submit", data):
            faults.append(f"{verb} has no fallback with the same data")
    if action["type"] == "Action.Execute" and data.get("topic") in AGENDAS and not data["word"]:
        faults.append(f"{verb} does not say which card it stands on")
    if verb in {"back", "cancel", "edit"} and action.get("associatedInputs") != "none":
        faults.append(f"{verb} needs valid inputs")
    return faults


def _data_of_its_own(data: Found) -> list[str]:
    """Return what is wrong with the data that only one verb has."""
    match data.get("verb"):
        case "propose":
            # Nothing is there yet that a proposal could be about: its form has a token, as a request's form has.
            is_form = re.fullmatch("[0-9a-f]{32}", data.get("engagement", "")) and "request" not in data
            return [] if is_form and data["revision"] == 0 else ["propose does not say of which form it is"]
        case "rate":
            return [] if data.get("rating") in range(1, 6) else [f"a rating of {data.get('rating')}"]
        case "end_leave":
            days = [date.fromisoformat(data[key]) for key in ("first", "last")]
            return [] if days[0] <= days[1] else ["a leave that ends before it begins"]
    return []
