"""The computed parts of the README: field table, routing table, state chart; `python -m tests.readme` writes them."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from bot.domain.fields import FIELDS, PAGES
from bot.domain.lifecycle import TRANSITIONS
from bot.domain.routing import load_table

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


PARTS: Mapping[str, Callable[[], str]] = {
    "fields": field_table,
    "routing": routing_table,
    "states": state_chart,
}


def computed(text: str) -> str:
    """Return the README with each part between its markers made anew."""
    for name, part in PARTS.items():
        marked = re.compile(rf"(<!-- {name} -->\n).*?(\n<!-- /{name} -->)", re.DOTALL)
        text, count = marked.subn(lambda found, made=part: f"{found[1]}{made()}{found[2]}", text)
        if count != 1:
            raise ValueError(f"README.md needs the markers of {name} once")
    return text


if __name__ == "__main__":
    README.write_text(computed(README.read_text(encoding="utf-8")), encoding="utf-8")
