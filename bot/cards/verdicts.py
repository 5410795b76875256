"""The routing verdict in words: flags, the rule behind it, and the earlier requests it should be read with."""

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from bot.cards.pieces import Button, Element, Row, box, own, rich, run
from bot.cards.words import day
from bot.domain.request import Earlier
from bot.domain.routing import FLAG_WORDS, Flag, Verdict

_MEANINGS: Mapping[Flag, str] = {
    Flag.EXCEPTION: "the guidance comes first, an SME only for a reason",
    Flag.BELOW_MINIMUM: "150 seats or fewer, so a reason is given",
    Flag.LANGUAGE_LIMITED: "the rule names English only",
    Flag.AT_THRESHOLD: "exactly the number of seats where the rule changes",
}


def flags_box(verdict: Verdict) -> list[Element]:
    """Return what the FPM should notice, or nothing."""
    lines = [rich(run(FLAG_WORDS[f], bold=True), run(f": {_MEANINGS[f]}"), spacing="small") for f in verdict.flags]
    return [box(lines, "warning")] if lines else []


def guidance_buttons(verdict: Verdict | None) -> list[Button]:
    """Return the button that opens the published guidance, or nothing; its link comes from the routing data alone."""
    if verdict is None or not verdict.guidance:
        return []
    return [{"type": "Action.OpenUrl", "title": "Open the guidance", "url": verdict.guidance}]


def rule_row(verdict: Verdict) -> Row:
    """Return the rule as a fact, with its name and the version of the table."""
    return "Rule", run(f"{verdict.reason} ({verdict.rule}, version {verdict.version})")


def earlier_box(earlier: Sequence[Earlier], zone: ZoneInfo) -> list[Element]:
    """Return the duplicates and repeats with their numbers, or nothing."""
    if not earlier:
        return []
    return [box([own("Asked before", bold=True), *(_line(one, zone) for one in earlier)], "warning")]


def _line(one: Earlier, zone: ZoneInfo) -> Element:
    kind = "Duplicate" if one.is_duplicate else "Repeat"
    what = f" ({one.status.value}, {day(one.submitted_at, zone)})"
    return rich(
        run(f"{kind}: "), run(one.number, bold=True), run(" for "), run(one.customer), run(what), spacing="small"
    )
