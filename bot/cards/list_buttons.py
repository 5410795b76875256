"""Buttons below a list: the form that narrows it down, and those that decide on several of its requests at once."""

from collections.abc import Mapping

from bot.cards.answers import in_words
from bot.cards.inputs import choice_input, several_input, text_input
from bot.cards.pieces import Button, Element, execute, show_card
from bot.domain.catalogues import DENY_REASONS, REGIONS, WORKLOADS
from bot.domain.filters import TEXT_LONGEST, Wanted
from bot.domain.leafing import Page
from bot.domain.lifecycle import Action, Status
from bot.domain.texts import WORDS_LONGEST

LIST, SEVERAL = "list", "several"
DECIDED_ON: Mapping[Action, str] = {Action.APPROVE: "selected", Action.DENY: "selected_to_deny"}
"""Under what id requests are ticked: an id stands once on a card."""
_FEWEST = 2
_MOST_PARTNERS = 30
_ANY = "any"


def wanted_data(wanted: Wanted) -> dict[str, str]:
    """Return the data of a button that asks for a part of a list."""
    return {"verb": LIST, **wanted.texts}


def filter_card(page: Page) -> Button:
    """Return the button that opens the form by which a list is narrowed down."""
    filters = page.wanted.filters
    statuses = {status.value: status.value.capitalize() for status in Status}
    partners = {code: code for code in page.partners[:_MOST_PARTNERS]}
    inputs = [
        _choice("status", "Status", statuses, filters.status or ""),
        *([_choice("partner", "Partner", partners, filters.partner)] if partners else []),
        _choice("workload", "Workload", WORKLOADS, filters.workload),
        _choice("region", "Region", REGIONS, filters.region),
        text_input("text", "Customer or number begins with", value=filters.text, longest=TEXT_LONGEST),
    ]
    return show_card("Filter", inputs, execute("Show", wanted_data(Wanted(page.wanted.name))))


def _choice(key: str, label: str, options: Mapping[str, str], value: str) -> Element:
    return choice_input(key, label, {_ANY: "Any", **options}, value=value or _ANY)


def several_cards(page: Page) -> list[Button]:
    """Return the buttons that decide on several requests at once, where there are several to decide on."""
    rows = page.to_decide
    if len(rows) < _FEWEST:
        return []
    # Names of customers are not among the choices: some clients render Markdown beside a tick box.
    options = {
        f"{row.number}@{row.revision}": f"{row.number} · {in_words('workload', row.workload, {})}" for row in rows
    }
    reason = choice_input("deny_reason", "Reason for all", DENY_REASONS, missing="Please choose a reason.")
    hint = "In words (required for “Another reason”)"
    note = text_input("deny_note", hint, multiline=True, longest=WORDS_LONGEST)
    approve = execute("Approve the ticked", _decision(page, Action.APPROVE), style="positive")
    deny = execute("Deny the ticked", _decision(page, Action.DENY), style="destructive")
    return [
        show_card("Approve several", [_ticked(Action.APPROVE, options)], approve),
        show_card("Deny several", [_ticked(Action.DENY, options), reason, note], deny),
    ]


def _ticked(action: Action, options: Mapping[str, str]) -> Element:
    return several_input(DECIDED_ON[action], f"Requests to {action.value}", options)


def _decision(page: Page, action: Action) -> dict[str, str]:
    return {**page.wanted.texts, "verb": SEVERAL, "do": action.value}
