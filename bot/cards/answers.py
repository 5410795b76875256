"""Answers in words: short labels, codes as their names, and the rows that a card shows of them."""

from collections.abc import Iterable, Mapping

from bot.cards.pieces import Element, Row, Tone, run, text_block
from bot.cards.size import shortened
from bot.domain import catalogues
from bot.domain.engagement import NoteStatus
from bot.domain.fields import BY_KEY, Answers

LONG_TEXTS = ("exception_reason", "justification", "notes")
LONGEST_SHOWN = 2000
"""UTF-16 units of a long text on a card: 2,000 characters of every script in daily use."""

ROWS: Mapping[str, tuple[str, ...]] = {
    "Customer": ("tenant_name",),
    "Tenant ID": ("tenant_id",),
    "Segment": ("tenant_segment", "region"),
    "Kind of SME": ("role",),
    "Workload": ("workload",),
    "Licences": ("seat_count",),
    "Language": ("primary_language", "secondary_language"),
    "Topic": ("topic",),
    "Mail source": ("email_source", "email_source_other"),
    "Delivery team": ("delivery_team",),
    "Partner": ("partner_name",),
    "Contact": ("contact_email",),
    "FPM": ("fpm",),
}
"""The rows that cards show: a short label, and the answers that stand beside it."""

_CODES: Mapping[str, Mapping[str, str]] = {
    "tenant_segment": catalogues.SEGMENTS,
    "region": catalogues.REGIONS,
    "role": catalogues.SME_ROLES,
    "workload": catalogues.WORKLOADS,
    "primary_language": catalogues.LANGUAGES,
    "secondary_language": catalogues.LANGUAGES,
    "topic": catalogues.TOPICS,
    "email_source": catalogues.EMAIL_SOURCES,
    "delivery_team": catalogues.DELIVERY_TEAMS,
}
NOTE_STATUSES: Mapping[str, str] = {
    NoteStatus.ON_TRACK: "On track",
    NoteStatus.PAUSED: "Paused",
    NoteStatus.PENDING_CUSTOMER: "Waits for the customer",
    NoteStatus.PENDING_FASTTRACK: "Waits for FastTrack",
}
"""How the work stands by an SME's note, by the code."""
_NAMED = frozenset({"partner_name", "fpm", "contact_email"})


def in_words(key: str, answer: str, names: Mapping[str, str]) -> str:
    """Return an answer as people read it; `names` holds partners by code and people by e-mail."""
    if key == "seat_count" and answer.isdigit():
        return f"{int(answer):,}"
    if key in _NAMED:
        return names.get(answer, answer)
    return _CODES.get(key, {}).get(answer, answer)


def answer_rows(
    labels: Iterable[str], answers: Answers, names: Mapping[str, str], changed: Iterable[str] = ()
) -> list[Row]:
    """Return the row of each label that has an answer, with those changed since the last time marked."""
    marked = frozenset(changed)
    rows = []
    for label in labels:
        keys = [key for key in ROWS[label] if answers.get(key)]
        words = " · ".join(in_words(key, answers[key], names) for key in keys)
        mark = run("  changed", bold=True, tone=Tone.ACCENT) if marked & frozenset(ROWS[label]) else []
        rows.append((label, run(words) + mark))
    return rows


def long_texts(answers: Answers, changed: Iterable[str] = ()) -> list[Element]:
    """Return the long texts of a request, each under its label."""
    marked = frozenset(changed)
    return [
        element
        for key in LONG_TEXTS
        for element in text_block(
            BY_KEY[key].label,
            shortened(answers.get(key, ""), LONGEST_SHOWN),
            mark="changed" if key in marked else "",
        )
    ]
