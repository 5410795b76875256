"""The computed parts of the README: field table, routing table, state chart; `python -m tests.readme` writes them."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from bot.channel.graph import PERMISSIONS, permissions_for
from bot.domain.exporting import COLUMNS as EXPORTED
from bot.domain.exporting import FEEDBACK_COLUMNS
from bot.domain.fields import FIELDS, PAGES
from bot.domain.importing import COLUMNS as IMPORTED
from bot.domain.lifecycle import TRANSITIONS, Action, Audience, EngagementStatus
from bot.domain.matching import load_weights
from bot.domain.measures import MEASURES, Unit
from bot.domain.promises import BUSINESS_DAY, DECISION, REMINDED_AT, WHEN_IT_SLIPS, PromiseId
from bot.domain.routing import load_table
from bot.instruments import INSTRUMENTS

_MOST_NAMED = 10
_DAY = f"{BUSINESS_DAY // timedelta(hours=1)} working hours of"
TITLES = {
    PromiseId.TRIAGE: "first look of the FPM",
    PromiseId.DECISION: "decided and assigned, or denied",
    PromiseId.ACCEPTANCE: "the SME accepts or declines",
    PromiseId.FIRST_CONTACT: "the SME contacts the partner",
}
TIMES = {
    PromiseId.TRIAGE: f"{_DAY} the FPM",
    PromiseId.DECISION: f"{DECISION // timedelta(hours=1)} hours, without those while returned",
    PromiseId.ACCEPTANCE: f"{_DAY} the SME",
    PromiseId.FIRST_CONTACT: f"{_DAY} the SME, from the acceptance",
}
WHOM = {
    Audience.BACKUP_FPM: "backup FPM",
    Audience.ASSIGNERS: "assigners of the region",
    Audience.PROGRAM: "programme team",
    Audience.FPM: "FPM",
}

_COUNTED = {
    "workload": "knows the workload asked for",
    "other_plan": "knows only the other plan of the same product",
    "region": "serves the region of the customer",
    "secondary": "speaks the second language as well",
    "room": "has nothing open; in proportion, less for each open engagement",
    "partner": "has helped this partner",
    "customer": "has helped this very customer, on top",
    "leave_soon": "goes on leave within ten working days",
}

README = Path(__file__).parent.parent / "README.md"


def field_table() -> str:
    titles = {page.key: page.title for page in PAGES}
    rows = [f"| {f.id} | `{f.key}` | {f.label} | {f.rule} | {titles[f.page]} |" for f in FIELDS]
    return "\n".join(["| id | key | question | rule | page |", "|---|---|---|---|---|", *rows])


def routing_table() -> str:
    table = load_table()
    rows = [f"| {' | '.join(line)} |" for line in table.as_lines()]
    head = ["| workload | seats | language | verdict |", "|---|---|---|---|"]
    return "\n".join([f"Version {table.version}.", "", *head, *rows])


def state_chart() -> str:
    arrows: dict[tuple[str, str], list[str]] = {}
    for row in TRANSITIONS:
        for start in sorted(row.start) or ["[*]"]:
            end = row.end or start
            arrows.setdefault((str(start), str(end)), []).append(row.action.value)
    lines = [f"    {start} --> {end}: {', '.join(actions)}" for (start, end), actions in arrows.items()]
    return "\n".join(["```mermaid", "stateDiagram-v2", *lines, "```"])


def engagement_chart() -> str:
    at_work = (EngagementStatus.OFFERED, EngagementStatus.ACTIVE)
    arrows: dict[tuple[str, str], list[str]] = {}
    for row in TRANSITIONS:
        if row.action in {Action.ASSIGN, Action.PROPOSE}:
            starts: Sequence[str] = ["[*]"]
        else:
            starts = sorted(row.when) or (at_work if row.ends else ())
        for start in starts:
            names = arrows.setdefault((str(start), str(row.ends or start)), [])
            names += [row.action.value] if row.action.value not in names else []
    lines = [f"    {start} --> {end}: {', '.join(actions)}" for (start, end), actions in arrows.items()]
    return "\n".join(["```mermaid", "stateDiagram-v2", *lines, "```"])


def ranking_table() -> str:
    weights = load_weights()
    rows = [f"| {_COUNTED[name]} | {points:+} |" for name, points in weights.points.items()]
    hours = weights.hours
    rows.append(f"| shares the whole working day with the requester; in proportion below | {hours['most']:+} |")
    rows.append(f"| shares fewer than {hours['few']} hours | {hours['few_points']:+} |")
    return "\n".join(["| an SME who | points |", "|---|---|", *rows])


def promise_table() -> str:
    rows = []
    for promise, title in TITLES.items():
        reminded = " and ".join(f"{part:.0%}" for part in REMINDED_AT[promise])
        told = next(row.told for row in TRANSITIONS if row.action is WHEN_IT_SLIPS[promise])
        whom = ", ".join(WHOM[audience] for audience, _ in told)
        rows.append(f"| {promise} | {title} | {TIMES[promise]} | {reminded} | {whom} |")
    head = ["| id | promise | time | the holder is reminded at | told when it slips |", "|---|---|---|---|---|"]
    return "\n".join([*head, *rows])


def export_table() -> str:
    rows = [f"| `{column.name}` | {column.meaning} |" for column in EXPORTED]
    return "\n".join(["| column | says |", "|---|---|", *rows])


def feedback_table() -> str:
    rows = [f"| `{column.name}` | {column.meaning} |" for column in FEEDBACK_COLUMNS]
    return "\n".join(["| column | says |", "|---|---|", *rows])


def import_table() -> str:
    rows = [f"| `{column.name}` | {column.meaning} | {'yes' if column.is_required else ''} |" for column in IMPORTED]
    return "\n".join(["| column | what stands in it | required |", "|---|---|---|", *rows])


def measure_table() -> str:
    units = {Unit.COUNT: "number", Unit.SHARE: "%", Unit.DAYS: "days", Unit.STARS: "stars"}
    rows = [f"| `{m.key}` | {m.label} | {units[m.unit]} | {m.definition} |" for m in MEASURES.values()]
    return "\n".join(["| key | number | in | what it means |", "|---|---|---|---|", *rows])


def permission_table() -> str:
    setting = dict.fromkeys(permissions_for(mails=True, installs=False), "`SME_MAIL=graph:SENDER`")
    rows = [f"| `{name}` | {why} | {setting.get(name, '`SME_TEAMS_APP_ID`')} |" for name, why in PERMISSIONS.items()]
    return "\n".join(["| application permission | to | needed with |", "|---|---|---|", *rows])


def instrument_table() -> str:
    rows = []
    for each in INSTRUMENTS:
        values = "; ".join(f"`{name}`: {_named(known)}" for name, known in each.attributes.items())
        unit = "seconds" if each.unit == "s" else "number"
        rows.append(f"| `{each.name}` | {each.shape} | {unit} | {each.meaning} | {values} |")
    return "\n".join(["| metric | kind | in | what it is | by |", "|---|---|---|---|---|", *rows])


def _named(values: Sequence[str]) -> str:
    """Return all values of an attribute; of very many, which stand in the code, what they are."""
    return ", ".join(values) if len(values) <= _MOST_NAMED else "what the notice is about"


PARTS: Mapping[str, Callable[[], str]] = {
    "fields": field_table,
    "routing": routing_table,
    "states": state_chart,
    "engagement": engagement_chart,
    "ranking": ranking_table,
    "promises": promise_table,
    "measures": measure_table,
    "export": export_table,
    "feedback": feedback_table,
    "imported": import_table,
    "permissions": permission_table,
    "instruments": instrument_table,
}


def computed(text: str, parts: Mapping[str, Callable[[], str]] = PARTS) -> str:
    """Return a document, the README where nothing else is said, with each part between its markers made anew."""
    for name, part in parts.items():
        marked = re.compile(rf"(<!-- {name} -->\n).*?(\n<!-- /{name} -->)", re.DOTALL)
        text, count = marked.subn(lambda found, made=part: f"{found[1]}{made()}{found[2]}", text)
        if count != 1:
            raise ValueError(f"the document needs the markers of {name} once")
    return text


if __name__ == "__main__":
    README.write_text(computed(README.read_text(encoding="utf-8")), encoding="utf-8")
