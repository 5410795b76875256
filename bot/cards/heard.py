"""What was heard of the service: the card that brings feedback, and the pages of everything."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from bot.cards.pieces import (
    Button,
    Card,
    Element,
    Tone,
    box,
    card,
    columns,
    execute,
    own,
    rich,
    run,
    submit,
    text_block,
)
from bot.cards.words import moment
from bot.domain.engagement import BEST_RATING
from bot.domain.feedback import Feedback, Kind
from bot.domain.feedback_desk import HeardPage
from bot.domain.people import Person

HEARD = "heard"
"""The verb of the buttons that show what was heard."""
_KINDS: Mapping[Kind, tuple[str, str, Tone]] = {
    Kind.FEEDBACK: ("Feedback", "Feedback", Tone.ACCENT),
    Kind.ISSUE: ("Issue", "Issues", Tone.ATTENTION),
    Kind.RATING: ("Low rating", "Low ratings", Tone.WARNING),
}
"""What one is called, and several of them."""
_EVERYTHING = "Everything"


def feedback_card(person: Person | None, email: str, text: str) -> Card:
    """Return the words that somebody has typed for the programme team, with where an answer goes."""
    name, mail = (person.name, person.contact_email or person.email) if person else (email, email)
    sender = rich(run(name, bold=True), run(f" ({mail})" if name != mail else ""), run(" says:"))
    title = own("Feedback", bold=True, size="medium", heading=True)
    hint = own("Type feedback to see everything that was heard.", subtle=True, spacing="medium")
    return card("Somebody has given feedback.", [title, sender, box(text_block("Feedback", text)), hint])


def heard_card(page: HeardPage, reader: Person) -> Card:
    """Return a page of what was heard, with the buttons to leaf through it."""
    title = _KINDS[page.kind][1] if page.kind else _EVERYTHING
    kinds = {_EVERYTHING: "", **{_KINDS[kind][1]: kind.value for kind in Kind}}
    others = [_to(name, kind) for name, kind in kinds.items() if name != title]
    rows = [_row(each, page, reader) for each in page.said] or [own("Nothing was heard here.")]
    body = [
        own("What was heard", bold=True, size="large", heading=True),
        {"type": "ActionSet", "actions": others},
        own(title, bold=True, size="medium", spacing="large"),
        *rows,
    ]
    kind = page.kind.value if page.kind else ""
    further = [_to("Next page", kind, page.after)] if page.after else []
    back = [] if page.is_first else [_to("Newest", kind)]
    return card(f"What was heard: {title.lower()}.", body, [*further, *back])


def _to(title: str, kind: str, after: str = "") -> Button:
    return execute(title, {"verb": HEARD, "kind": kind, "after": after})


def _row(said: Feedback, page: HeardPage, reader: Person) -> Element:
    word, _, tone = _KINDS[said.kind]
    stars = run(f" · {said.stars} of {BEST_RATING}") if said.stars else []
    place = " · ".join(filter(None, (said.number or said.partner, moment(said.at, ZoneInfo(reader.time_zone)))))
    words = [
        rich(run(word, bold=True, tone=tone), stars, run(f" · {page.names.get(said.by, said.by)}")),
        rich(run(place, subtle=True), spacing="none"),
        *([rich(run(f"“{said.text}”"), spacing="small")] if said.text else []),
    ]
    data = {"verb": "status", "request": said.number}
    button = [{"type": "ActionSet", "actions": [submit("Open", data, tooltip=f"Open {said.number}")]}]
    shown = columns(words, button if said.number else [], widths=("stretch", "auto"), spacing="medium")
    return {**shown, "separator": True}
