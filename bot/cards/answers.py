"""Answers in words: short labels, codes as their names, and the rows that a card shows of them."""

from collections.abc import Iterable, Mapping
from itertools import starmap

from bot.cards.pieces import Element, Row, Runs, Tone, facts, run, shortened, text_block
from bot.domain import catalogues
from bot.domain.fields import BY_KEY, Answers

LONG_TEXTS = ("exception_reason", "justification", "notes")
LONGEST_SHOWN = 2000
"""UTF-16 units of a long text on a card: 2,000 characters of every script in daily use."""

SHORT_LABELS: Mapping[str, str] = {
    "tenant_id": "Tenant ID",
    "tenant_name": "Customer",
    "tenant_segment": "Segment",
    "region": "Region",
    "role": "Kind of SME",
    "workload": "Workload",
    "seat_count": "Licences",
    "primary_language": "Language",
    "secondary_language": "2nd language",
    "topic": "Topic",
    "email_source": "Mail source",
    "email_source_other": "Other source",
    "delivery_team": "Delivery team",
    "partner_name": "Partner",
    "contact_email": "Contact",
    "fpm": "FPM",
}
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
_NAMED = frozenset({"partner_name", "fpm"})


def in_words(key: str, answer: str, names: Mapping[str, str]) -> str:
    """Return an answer as people read it; `names` holds partners by code and people by e-mail."""
    if key == "seat_count" and answer.isdigit():
        return f"{int(answer):,}"
    if key in _NAMED:
        return names.get(answer, answer)
    return _CODES.get(key, {}).get(answer, answer)


def answer_rows(
    keys: Iterable[str], answers: Answers, names: Mapping[str, str], changed: Iterable[str] = ()
) -> list[Row]:
    """Return a row for each answered key, with the ones changed since the last time marked."""
    marked = frozenset(changed)

    def row(key: str, answer: str) -> Row:
        value = run(in_words(key, answer, names))
        return SHORT_LABELS[key], value + changed_mark(is_changed=key in marked)

    return list(starmap(row, ((key, answers[key]) for key in keys if answers.get(key))))


def changed_mark(*, is_changed: bool) -> Runs:
    return run("  changed", bold=True, tone=Tone.ACCENT) if is_changed else []


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


def answer_facts(
    keys: Iterable[str], answers: Answers, names: Mapping[str, str], changed: Iterable[str] = ()
) -> list[Element]:
    return facts(answer_rows(keys, answers, names, changed))
