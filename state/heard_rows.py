"""What was heard as rows: feedback in its person's partition, and the list of everything by the places of its words."""

from collections.abc import Mapping

from bot.domain.agenda import agenda_id, person_in
from bot.domain.deeds import Change
from bot.domain.engagement import LOW_RATING
from bot.domain.feedback import Feedback, Heard, Kind, is_heard
from bot.domain.lifecycle import Action
from bot.domain.numbers import operation
from bot.domain.ports import ListRow
from state.keys import SEPARATOR, decode, inverted, key
from state.partitions import partition_of
from state.reading import count_in, time_in
from state.records import SCHEMA, time_text
from state.table import Row, Value

FEEDBACK = "feedback"
HEARD = "heard"
"""The list, and the end of the marks of what is still to stand on it."""
_STARS, _COMMENT = "engagement_rating_stars", "engagement_rating_comment"


def feedback_parts(given: Feedback) -> tuple[str, str]:
    """Return by what feedback is told apart in keys: when it was given, the latest first, and an id."""
    return inverted(given.at), operation(FEEDBACK, given.by, given.text, given.at.isoformat())[:16]


def feedback_row(given: Feedback) -> dict[str, Value]:
    return {
        "schema": SCHEMA,
        "at": time_text(given.at),
        "email": given.by,
        "partner": given.partner,
        "text": given.text,
    }


def heard_place(heard: Heard) -> ListRow:
    return HEARD, key(inverted(heard.at), heard.about, heard.part)


def heard_row(heard: Heard) -> dict[str, Value]:
    """Return the line of the list, which says where the words are and none of them."""
    return {
        "schema": SCHEMA,
        "at": time_text(heard.at),
        "kind": heard.kind.value,
        "about": heard.about,
        "part": heard.part,
        "partner": heard.partner,
    }


def source_of(row_key: str, values: Mapping[str, Value] | None = None) -> ListRow | None:
    """Return where the words of a line of the list are kept, by its key or what it says; None for nonsense.

    Of a very long address only the line itself says which it is.
    """
    parts = row_key.split(SEPARATOR)
    try:
        when, encoded, part = parts
        about = str(values["about"]) if values and values.get("about") else decode(encoded)
    except ValueError:
        return None
    place = (FEEDBACK, when, part) if person_in(about) else ("event", encoded, part)
    return (partition_of(about), SEPARATOR.join(place)) if partition_of(about) else None


def heard_in(row: Row) -> Heard | None:
    """Return the line that a row of feedback or of a history needs on the list, None when it needs none."""
    kind, part, values = _kind_of(row), row.key.rpartition(SEPARATOR)[2], row.values
    if kind is None:
        return None
    about = agenda_id(str(values["email"])) if kind is Kind.FEEDBACK else decode(row.key.split(SEPARATOR)[1])
    partner = str(values["partner"]) if kind is Kind.FEEDBACK else row.partition
    return Heard(time_in(values, "at"), kind, about, part, partner)


def heard_of(change: Change) -> Heard | None:
    """Return the line that a change of a request needs on the list, None when it needs none."""
    event, request = change.event, change.request
    if not is_heard(change):
        return None
    kind = Kind.ISSUE if event.action is Action.ISSUE else Kind.RATING
    return Heard(event.at, kind, request.number, f"{event.number:06d}", request.partner)


def _kind_of(row: Row) -> Kind | None:
    if row.key.startswith(f"{FEEDBACK}{SEPARATOR}"):
        return Kind.FEEDBACK
    match row.values["action"]:
        case Action.ISSUE:
            return Kind.ISSUE
        case Action.RATE if _STARS in row.values and count_in(row.values, _STARS) <= LOW_RATING:
            return Kind.RATING
    return None


def said_in(row: Row) -> Feedback | None:
    """Return what was said in a row of feedback or of a history, None when the programme team hears nothing of it."""
    heard, values = heard_in(row), row.values
    if heard is None:
        return None
    if heard.kind is Kind.FEEDBACK:
        return Feedback(heard.at, heard.kind, "", heard.partner, str(values["email"]), str(values["text"]))
    is_rating = heard.kind is Kind.RATING
    text = str(values.get(_COMMENT, "") if is_rating else values["why"])
    stars = count_in(values, _STARS) if is_rating else 0
    return Feedback(heard.at, heard.kind, heard.about, heard.partner, str(values["by"]), text, stars)
