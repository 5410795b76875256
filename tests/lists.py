"""Pages of lists for the tests of cards: as short, as long and as narrowed down as they come."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from bot.cards.lists import list_card
from bot.cards.pieces import Card, run
from bot.domain.filters import Filters, ListName, Wanted
from bot.domain.leafing import ROWS, Page
from bot.domain.lifecycle import Status
from bot.domain.lookup import UNDELIVERED
from bot.domain.ports import Place, Summary
from tests.samples import BEGINNING

ZONE = ZoneInfo("Europe/Berlin")
PLACE = Place(BEGINNING, "CONTOSO-7K3QXD")
NARROWED = Filters(Status.SUBMITTED, "CONTOSO", "AIP_P1", "EMEA", "fabrikam")
CODES = tuple(f"CONTOSO{n:05d}" for n in range(40))
REFUSED = "This had changed before your press. Denied by Ben Hoffmann on 23 Nov 2026, 11:12 UTC."


def page(rows, name=ListName.REQUESTS, filters=None, **more):
    """Return a page of these lines."""
    return Page(Wanted(name, filters or Filters(), more.pop("after", None)), rows, **more)


def listed(rows, name=ListName.REQUESTS, **more) -> Card:
    return list_card(page(rows, name, **more), ZONE)


def rows_of(customer, count=ROWS, **more):
    """Return lines of requests that wait to be decided on."""
    line = Summary("", customer, "AIP_P1", Status.SUBMITTED, "CONTOSO", BEGINNING, BEGINNING, revision=1)
    return [replace(line, number=f"CONTOSO-7K3QX{n}", at=BEGINNING - timedelta(days=n), **more) for n in range(count)]


def largest(customer, text="fabrikam", sentence=REFUSED) -> Card:
    """Return the page that holds the most: narrowed down in every way, in the middle, with several just decided on."""
    rows = rows_of(customer, note=UNDELIVERED)
    full = page(
        rows,
        ListName.INBOX,
        replace(NARROWED, text=text),
        after=PLACE,
        then=PLACE,
        is_by_promise=True,
        own=frozenset(row.number for row in rows),
    )
    return list_card(full, ZONE, [[*run(f"{row.number}: ", bold=True), *run(sentence)] for row in rows])


def longest_form(customer) -> Card:
    """Return the page of an FPM of many partners."""
    return listed(rows_of(customer), filters=NARROWED, after=PLACE, then=PLACE, partners=CODES)


def list_cards() -> dict[str, Card]:
    """Return the cards of lists beside those of the gallery."""
    rows = rows_of("Fabrikam Retail GmbH", 3)
    waiting = page(rows, ListName.INBOX, is_by_promise=True, own=frozenset(row.number for row in rows))
    done = [[*run(f"{rows[0].number}: ", bold=True), *run("Approved by Ben Hoffmann on 23 Nov 2026, 11:12 UTC.")]]
    return {
        "list-narrowed": listed(rows, filters=NARROWED, then=PLACE),
        "list-by-name": listed(rows, filters=Filters(text="fabrikam"), is_short=True),
        "list-nothing-fits": listed([], filters=Filters(Status.DENIED)),
        "list-last-page": listed(rows, after=PLACE, partners=("CONTOSO", "FABRIKAM")),
        "list-behind-the-last": listed([], after=PLACE),
        "list-looked-further": listed([], filters=Filters(region="APJ"), then=PLACE, looked=1_000),
        "list-inbox": list_card(waiting, ZONE),
        "list-inbox-looked": listed(rows, ListName.INBOX, then=PLACE, looked=1_000, is_by_promise=True),
        "list-inbox-decided": list_card(waiting, ZONE, done),
        "list-largest": largest("Fabrikam Retail GmbH"),
        "list-many-partners": longest_form("Fabrikam Retail GmbH"),
    }
