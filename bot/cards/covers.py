"""The list of an FPM's covers."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from bot.cards.pieces import Card, Element, card, columns, own, rich, run, submit
from bot.cards.words import day
from bot.domain.people import Cover, Person

MOST_ROWS = 15


def covers_card(covers: Sequence[Cover], reader: Person, names: Mapping[str, str]) -> Card:
    """Return who acts for whom and when, each own cover with a button that ends it; `names` is by e-mail address."""
    rows = [_row(each, reader, names) for each in covers[:MOST_ROWS]] or [own("No cover is named.")]
    more = [own("There are more, which begin later.", subtle=True)] if len(covers) > MOST_ROWS else []
    hint = own("Type cover, an e-mail address, from a date to a date to name one.", subtle=True, spacing="medium")
    title = own("Covers", bold=True, size="medium", heading=True)
    return card(f"Covers: {len(covers)}.", [title, *rows, *more, hint])


def _row(cover: Cover, reader: Person, names: Mapping[str, str]) -> Element:
    zone = ZoneInfo(reader.time_zone)
    first, last = day(cover.starts, zone), day(cover.ends - timedelta(minutes=1), zone)
    who = [run(names.get(cover.cover, cover.cover), bold=True), run(f" for {names.get(cover.fpm, cover.fpm)}")]
    words = [rich(*who), rich(run(f"{first} to {last}", subtle=True), spacing="none")]
    times = {"starts": cover.starts.isoformat(), "ends": cover.ends.isoformat()}
    data = {"verb": "end_cover", "cover": cover.cover, **times}
    button = submit("End", data, tooltip="End this cover")
    actions = [{"type": "ActionSet", "actions": [button]}] if cover.fpm == reader.email else []
    return {**columns(words, actions, widths=("stretch", "auto"), spacing="medium"), "separator": True}
