"""A page of a list of requests: each with a button that opens it, and buttons to leaf, narrow down and decide."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from bot.cards.answers import in_words
from bot.cards.list_buttons import filter_card, several_cards, wanted_data
from bot.cards.pieces import Button, Card, Element, Runs, Tone, box, card, columns, execute, own, rich, run, submit
from bot.cards.request_parts import STATUS_TONES
from bot.cards.words import day, moment
from bot.domain.catalogues import REGIONS
from bot.domain.filters import Filters, ListName
from bot.domain.leafing import Page
from bot.domain.lifecycle import EngagementStatus, Status
from bot.domain.ports import Summary

_BEFORE_AN_ASSIGNMENT = frozenset({EngagementStatus.PROPOSED, EngagementStatus.DECLINED})
_TITLES: Mapping[ListName, str] = {
    ListName.REQUESTS: "My requests",
    ListName.INBOX: "Inbox",
    ListName.ENGAGEMENTS: "Engagements",
}
_EMPTY: Mapping[ListName, str] = {
    ListName.REQUESTS: "There is no request yet. Type new request to begin one.",
    ListName.INBOX: "Nothing waits for you.",
    ListName.ENGAGEMENTS: "No engagement goes on.",
}
_LEFT_OUT = "A word in capitals that is no code of yours was left out. Type customers' names in small letters."
_TYPE_MORE = "More begin like this than were looked at. Filter by more of the name or number to see the others."


def list_card(page: Page, zone: ZoneInfo, results: Sequence[Runs] = ()) -> Card:
    """Return a page of a list; `results` are lines on top that say what came of a press."""
    title = _TITLES[page.wanted.name]
    head = own(title, bold=True, size="medium", heading=True)
    told = [box([rich(line, spacing="small") for line in results], "accent")] if results else []
    rows = [_row(row, page, zone) for row in page.rows] or [own(_empty(page))]
    left_out = [own(_LEFT_OUT, subtle=True)] if page.wanted.left_out else []
    body = [head, *told, *left_out, *_narrowed(page), *rows, *_looked(page, zone), *_leafing(page)]
    return card(f"{title}: {len(page.rows)}.", body, [filter_card(page), *several_cards(page)])


def _empty(page: Page) -> str:
    if page.then:
        return "Nothing fits so far."
    if page.wanted.after:
        return "Nothing follows."
    return "Nothing fits." if page.wanted.filters.texts else _EMPTY[page.wanted.name]


def _narrowed(page: Page) -> list[Element]:
    """Say what the list is narrowed to, with the way out."""
    filters = page.wanted.filters
    if not filters.texts:
        return []
    named = [
        filters.status.value.capitalize() if filters.status else "",
        filters.partner,
        in_words("workload", filters.workload, {}),
        REGIONS.get(filters.region, ""),
    ]
    words = run(" · ".join(filter(None, named)), bold=True)
    begins = [*run("begins with " if not words[0]["text"] else ", begins with "), *run(filters.text, bold=True)]
    line = rich(run("Only: ", subtle=True), words, begins if filters.text else [])
    clear = execute("Clear", wanted_data(replace(page.wanted, filters=Filters(), after=None)))
    return [columns([line], [_buttons(clear)], widths=("stretch", "auto"), spacing="small")]


def _looked(page: Page, zone: ZoneInfo) -> list[Element]:
    """Say how far was looked, where that did not fill the page."""
    if page.is_short:
        return [own(_TYPE_MORE, subtle=True, spacing="medium")]
    if not page.looked or page.then is None:
        return []
    until = day(page.then.at, zone)
    first = f"{page.looked:,} that are due first, until" if page.is_by_promise else f"newest {page.looked:,}, back to"
    return [own(f"Looked through the {first} {until}.", subtle=True, spacing="medium")]


def _leafing(page: Page) -> list[Element]:
    first = replace(page.wanted, after=None)
    further = replace(page.wanted, after=page.then)
    buttons = [execute("First page", wanted_data(first))] if page.wanted.after else []
    if page.then:
        buttons.append(execute("Look further" if page.looked else "Next page", wanted_data(further)))
    return [{**_buttons(*buttons), "spacing": "medium"}] if buttons else []


def _date(row: Summary, page: Page, zone: ZoneInfo) -> str:
    """Return by when a request that waits is to be decided, else the day on which it was submitted."""
    if page.is_by_promise and row.status in {Status.SUBMITTED, Status.APPROVED}:
        return f"by {moment(row.due, zone)}"
    return day(row.at, zone)


def _buttons(*buttons: Button) -> Element:
    return {"type": "ActionSet", "actions": list(buttons)}


def _row(row: Summary, page: Page, zone: ZoneInfo) -> Element:
    opened = submit("Open", {"verb": "status", "request": row.number}, tooltip=f"Open {row.number}")
    workload = in_words("workload", row.workload, {})
    is_before = row.status is Status.APPROVED and row.stage in _BEFORE_AN_ASSIGNMENT
    is_told = row.status is Status.ASSIGNED or is_before
    stage = f", {row.stage.value}" if row.stage and is_told else ""
    status = run(f"{row.status.value.capitalize()}{stage}", bold=True, tone=STATUS_TONES[row.status])
    words = [
        rich(run(row.customer, bold=True)),
        rich(status, run(f" · {row.number}", subtle=True), spacing="none"),
        rich(run(f"{workload} · {_date(row, page, zone)}", subtle=True), spacing="none"),
    ]
    if row.note:
        words.append(rich(run(row.note, tone=Tone.WARNING), spacing="none"))
    return {**columns(words, [_buttons(opened)], widths=("stretch", "auto"), spacing="medium"), "separator": True}
