"""Looks at every card of every chat: no copy may keep a button that the request does not allow (any more)."""

import csv

from tests.stories.running_bot import Bot
from tests.stories.shown_card import Message
from tests.teams import SAMPLE, Person

# Typed by hand from the table of the process: what each role may press in each status.
REQUESTER = {
    "submitted": {"withdraw", "issue"},
    "returned": {"withdraw", "issue", "fix"},
    "approved": {"withdraw", "issue"},
    "assigned": {"issue"},
}
FPM = {
    "submitted": {"approve", "deny", "return", "delegate"},
    "approved": {"deny", "return", "assign"},
    "assigned": {"close", "release"},
    "denied": {"reopen"},
    "closed": {"reopen"},
}
ASSIGNER = {"approved": {"assign", "return"}, "assigned": {"release"}}
SME_OFFERED = {"accept", "decline", "issue"}
SME_ACTIVE = {"issue"}
BACKUP = "mika.tanaka@fasttrack.example"
READING = {"status", "again", "refresh"}


async def check_every_card(bot: Bot) -> None:
    """Wait until everything is told, then look at each card."""
    await bot.advance(0)
    faults = [
        f"{person.name} ({m.id}): {fault}"
        for person in bot.teams.people.values()
        for m in person.chat
        for fault in _faults(bot, person, m)
    ]
    faults += [f for person in bot.teams.people.values() for f in _open_forms(person)]
    assert not faults, "\n".join(faults)


def _faults(bot: Bot, person: Person, message: Message) -> list[str]:
    found = []
    for button in message.buttons:
        number = button.data.get("request")
        if number is None or button.verb in READING:
            continue
        row = bot.request_rows()[number]
        if button.verb not in _allowed(bot, person, row):
            found.append(f"{button.verb!r} stands on a card of {number}, which is {row['status']}")
        if button.data.get("revision") != row["revision"]:
            found.append(f"{button.verb!r} is of revision {button.data.get('revision')}, not {row['revision']}")
    return found


def _open_forms(person: Person) -> list[str]:
    pages = [m.id for m in person.chat if any("form" in button.data for button in m.buttons)]
    return [f"{person.name}: several cards of the form can be pressed: {pages}"] if len(pages) > 1 else []


def _allowed(bot: Bot, person: Person, row: dict) -> set[str]:
    with (SAMPLE / "people.csv").open(encoding="utf-8", newline="") as file:
        record = next((r for r in csv.DictReader(file) if r["email"] == person.email), {"roles": "", "partner": ""})
    status, allowed = row["status"], set()
    if record["partner"] == row["partner"]:
        allowed |= REQUESTER.get(status, set())
    if person.email == row["fpm"] or (row["backup_asked"] and person.email == BACKUP):
        allowed |= FPM.get(status, set()) | ({"answer"} if row["open_issues"] else set())
    if "assigner" in record["roles"]:
        allowed |= ASSIGNER.get(status, set())
    if person.email == row["sme"] and status == "assigned":
        engagement = _engagement(bot, row)
        allowed |= SME_OFFERED if engagement["status"] == "offered" else SME_ACTIVE
        allowed |= {"contacted"} if engagement["status"] == "active" and not engagement["contacted_at"] else set()
    return allowed


def _engagement(bot: Bot, row: dict) -> dict:
    return bot.rows()[f"{row['partner']} engagement:{row['number']}.{row['engagements']}"]
