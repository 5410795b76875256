"""The list of an SME's leaves."""

from collections.abc import Sequence

from bot.cards.pieces import Card, Element, card, columns, own, rich, run, submit
from bot.cards.words import day_words
from bot.domain.people import Leave

MOST_ROWS = 15


def leaves_card(leaves: Sequence[Leave], at_work_on: int) -> Card:
    """Return when an SME is away, each leave with a button that takes it back; they have so many engagements open."""
    rows = [_row(each) for each in leaves[:MOST_ROWS]] or [own("No leave is named.")]
    more = [own("There are more, which begin later.", subtle=True)] if len(leaves) > MOST_ROWS else []
    hint = own("To name one, type: leave from 2026-12-21 to 2027-01-01", subtle=True, spacing="medium")
    title = own("Leaves", bold=True, size="medium", heading=True)
    return card(f"Leaves: {len(leaves)}.", [title, *rows, *more, *_open(at_work_on), hint])


def _open(count: int) -> list[Element]:
    if not count:
        return []
    which = "1 engagement" if count == 1 else f"{count} engagements"
    said = f"You have {which} open. What cannot wait for you? Tell the FPM: engagements, Open, Report an issue."
    return [own(said, spacing="medium")]


def _row(leave: Leave) -> Element:
    last = f" to {day_words(leave.last)}" if leave.last > leave.first else ""
    words = [rich(run(f"{day_words(leave.first)}{last}", bold=True))]
    data = {"verb": "end_leave", "first": leave.first.isoformat(), "last": leave.last.isoformat()}
    actions = [{"type": "ActionSet", "actions": [submit("Take back", data, tooltip="Take this leave back")]}]
    return {**columns(words, actions, widths=("stretch", "auto"), spacing="medium"), "separator": True}
