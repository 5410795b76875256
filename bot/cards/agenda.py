"""The cards about everything that waits for one person: reminder, morning brief, and those of a cover's two ends."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby
from typing import Any

from bot.cards.answers import in_words
from bot.cards.asked import Ask, ask_words, asked_of, reminder_of
from bot.cards.happenings import line_of, settling
from bot.cards.pieces import Button, Card, Element, Tone, card, execute, own, refresh, rich, run, submit
from bot.cards.request import request_card
from bot.cards.request_parts import STATUS_TONES, answered, data_of
from bot.cards.size import shortened
from bot.domain.lifecycle import Action, Topic
from bot.domain.people import Person, Role
from bot.domain.texts import one_line
from bot.domain.view import RequestView

MOST_ROWS = 10
"""As many requests as there is room for with the longest names, each with its buttons."""
MOST_LINES = 5
MOST_LINES_BACK = 12
_CUSTOMER_LONGEST = 60
_LINE_LONGEST = 160
_SOON = timedelta(hours=24)
_TITLES: Mapping[Topic, str] = {
    Topic.REMINDER: "Reminder",
    Topic.BRIEF: "Good morning",
    Topic.COVERING: "You act for another FPM now",
    Topic.BACK: "Welcome back",
}
_COMMANDS: Mapping[str, frozenset[Role]] = {
    "inbox": frozenset({Role.FPM, Role.ASSIGNER}),
    "engagements": frozenset({Role.SME}),
    "my requests": frozenset({Role.REQUESTER}),
}
"""Where a card's reader finds the requests that it leaves out."""


class _Section(StrEnum):
    """The groups of requests on a card by their titles, in the order in which they stand."""

    LATE = "Late"
    SOON = "About to slip"
    WAITS = "Waits for you"
    SETTLED = "Settled meanwhile"


_ORDER = tuple(_Section)


@dataclass(frozen=True, slots=True)
class _Agenda:
    """What every row needs to know of its card."""

    topic: Topic
    at: datetime
    word: int

    def data(self, view: RequestView, verb: str) -> dict[str, Any]:
        return {**data_of(view, verb, self.topic), "word": self.word}


Row = tuple[RequestView, Ask | None]


def agenda_card(  # noqa: PLR0913 - what a card about everything is made of
    topic: Topic,
    views: Sequence[RequestView],
    lines: Sequence[str],
    *,
    reader: Person,
    at: datetime,
    word: int,
    note: str = "",
) -> Card:
    """Return everything that waits for a reader at a time (UTC), the most urgent first, and what has happened.

    What is settled by now comes last, and says by whom. `lines` are sentences with names in them; `word` is the number
    of the reader's word that the card gives, by which a press finds it again; `note` is the answer to a press. A
    reminder of one request is its whole card, with everything on it.
    """
    if topic is Topic.REMINDER and len(views) == 1 and not lines:
        return _reminder_of_one(views[0], at, note)
    rows = [(view, asked_of(view)) for view in views]
    shown = sorted(rows, key=lambda row: _ORDER.index(_section_of(row[1], at)))[:MOST_ROWS]
    count, count_shown = (sum(1 for _, ask in each if ask) for each in (rows, shown))
    waiting = _waiting(count)
    agenda = _Agenda(topic, at, word)
    body = [
        *answered(note),
        own(_TITLES[topic], bold=True, size="large", heading=True),
        own(_lead(topic, waiting), spacing="small"),
        *_sections(agenda, shown),
        *_left_out(count - count_shown, reader),
        *_happened(topic, lines),
    ]
    can_act = any(ask and ask.button for _, ask in shown)
    renewed_by = refresh(agenda.data(views[0], "refresh")) if can_act else None
    return card(f"{_TITLES[topic]}: {waiting}", body, renewed_by=renewed_by)


def _reminder_of_one(view: RequestView, at: datetime, note: str) -> Card:
    ask = asked_of(view)
    if ask is None:
        return request_card(view, Topic.STATUS, note=note)
    return request_card(view, ask.topic, note=note or reminder_of(ask, view, at))


def _waiting(count: int) -> str:
    if count == 0:
        return "nothing waits for you."
    return "1 request waits for you." if count == 1 else f"{count} requests wait for you."


def _lead(topic: Topic, waiting: str) -> str:
    said = f"{waiting[0].upper()}{waiting[1:]}"
    match topic:
        case Topic.COVERING:
            return f"What waits for an FPM who is away comes to you as well. {said}"
        case Topic.BACK:
            return f"You decide on your requests again. {said}"
    return said


def _sections(agenda: _Agenda, rows: Sequence[Row]) -> list[Element]:
    """Return the requests in groups, each with what can be done at once."""
    found: list[Element] = []
    for section, group in groupby(rows, key=lambda row: _section_of(row[1], agenda.at)):
        found += [_title(section.value), *(_row(agenda, view, ask) for view, ask in group)]
    return found


def _section_of(ask: Ask | None, at: datetime) -> _Section:
    if ask is None:
        return _Section.SETTLED
    if ask.is_late(at):
        return _Section.LATE
    return _Section.SOON if ask.is_late(at + _SOON) else _Section.WAITS


def _title(words: str) -> Element:
    return own(words, bold=True, size="medium", spacing="large", heading=True)


def _row(agenda: _Agenda, view: RequestView, ask: Ask | None) -> Element:
    request = view.request
    below = f" · {request.number} · {in_words('workload', request.answers['workload'], {})}"
    status = run(request.status.value.capitalize(), bold=True, tone=STATUS_TONES[request.status])
    opened = submit("Open", {"verb": "status", "request": request.number}, tooltip=f"Open {request.number}")
    words = [
        rich(run(shortened(one_line(request.customer), _CUSTOMER_LONGEST), bold=True)),
        rich(status, run(below, subtle=True), spacing="none"),
        rich(ask_words(ask, view, agenda.at) if ask else line_of(settling(view), view), spacing="small"),
    ]
    buttons = {"type": "ActionSet", "actions": [*(_acting(agenda, view, ask) if ask else []), opened]}
    return {"type": "Container", "separator": True, "spacing": "medium", "items": [*words, buttons]}


def _acting(agenda: _Agenda, view: RequestView, ask: Ask) -> list[Button]:
    """Return the button that answers what is asked, if it needs no input."""
    if not ask.button:
        return []
    if ask.action is Action.RESUBMIT:
        return [submit(ask.button, data_of(view, "fix", agenda.topic), style="positive")]
    return [execute(ask.button, agenda.data(view, ask.action.value), style="positive")]


def _left_out(count: int, reader: Person) -> list[Element]:
    if not count:
        return []
    commands = " or ".join(command for command, roles in _COMMANDS.items() if roles & reader.roles)
    more = "1 more is not shown" if count == 1 else f"{count} more are not shown"
    return [own(f"{more}: type {commands or 'status and the number'}.", subtle=True, spacing="medium")]


def _happened(topic: Topic, lines: Sequence[str]) -> list[Element]:
    if not lines:
        return []
    title = _title("Decided meanwhile" if topic is Topic.BACK else "What happened")
    most = MOST_LINES_BACK if topic is Topic.BACK else MOST_LINES
    told = [
        rich(run("• ", tone=Tone.ACCENT), run(shortened(one_line(line), _LINE_LONGEST)), spacing="small")
        for line in lines[:most]
    ]
    left_out = len(lines) - most
    more = [own(f"And {left_out} more: type status and the number.", subtle=True)] if left_out > 0 else []
    return [title, *told, *more]
