"""Lists of requests, each with a button that opens it."""

from collections.abc import Sequence

from bot.cards.answers import in_words
from bot.cards.pieces import Card, Element, Tone, card, columns, own, rich, run, submit
from bot.cards.request_parts import STATUS_TONES
from bot.domain.lifecycle import EngagementStatus, Status
from bot.domain.ports import Summary

_BEFORE_AN_ASSIGNMENT = frozenset({EngagementStatus.PROPOSED, EngagementStatus.DECLINED})
MOST_ROWS = 15
"""As many rows as a card of 40 KB holds with the longest names."""


def list_card(title: str, rows: Sequence[Summary], *, empty: str) -> Card:
    """Return the rows under our own title; `empty` is what is said when there are none."""
    shown = rows[:MOST_ROWS]
    more = [own("There are more: type status and the number.", subtle=True)] if len(rows) > len(shown) else []
    head = own(title, bold=True, size="medium", heading=True)
    body = [_row(row) for row in shown] if shown else [own(empty)]
    return card(f"{title}: {len(shown)}.", [head, *body, *more])


def _row(row: Summary) -> Element:
    opened = submit("Open", {"verb": "status", "request": row.number}, tooltip=f"Open {row.number}")
    workload = in_words("workload", row.workload, {})
    is_before = row.status is Status.APPROVED and row.stage in _BEFORE_AN_ASSIGNMENT
    is_told = row.status is Status.ASSIGNED or is_before
    stage = f", {row.stage.value}" if row.stage and is_told else ""
    status = run(f"{row.status.value.capitalize()}{stage}", bold=True, tone=STATUS_TONES[row.status])
    words = [
        rich(run(row.customer, bold=True)),
        rich(status, run(" · ", subtle=True), run(row.number, subtle=True), spacing="none"),
        rich(run(workload, subtle=True), spacing="none"),
    ]
    if row.note:
        words.append(rich(run(row.note, tone=Tone.WARNING), spacing="none"))
    button = {"type": "ActionSet", "actions": [opened]}
    return {**columns(words, [button], widths=("stretch", "auto"), spacing="medium"), "separator": True}
