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
    "assigned": {"close", "release", "issue"},
    "denied": {"reopen"},
    "closed": {"reopen"},
}
ASSIGNER = {"approved": {"assign", "return"}, "assigned": {"release"}}
SME_OFFERED = {"accept", "decline", "issue"}
SME_ACTIVE = {"issue", "kickoff", "note", "complete"}
PROPOSED = {"requester": {"agree", "decline", "issue"}, "fpm": {"close"}}
BACKUP = "mika.tanaka@fasttrack.example"
READING = {"status", "again", "refresh", "list", "record", "insights", "portfolio", "heard", "reviewed", "export"}


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
    is_partner = record["partner"] == row["partner"]
    is_fpm = person.email == row["fpm"] or (row["backup_asked"] and person.email == BACKUP)
    if row["proposed_by"] and status == "approved" and row["stage"] == "proposed":
        return (PROPOSED["requester"] if is_partner else set()) | (PROPOSED["fpm"] if is_fpm else set())
    if is_partner:
        allowed |= REQUESTER.get(status, set()) | _of_the_partner(bot, row)
    if is_fpm:
        allowed |= FPM.get(status, set()) | ({"answer"} if row["open_issues"] else set()) | _to_agree(row, "fpm")
    if "assigner" in record["roles"]:
        allowed |= ASSIGNER.get(status, set())
    if row["proposed_by"]:
        allowed -= {"withdraw", "return", "deny"}
        allowed |= {"close"} if is_fpm and status == "approved" else set()
    if row["stage"] == "completed":
        allowed -= {"release"}
    if person.email == row["sme"] and status == "assigned":
        allowed |= _of_the_sme(_engagement(bot, row))
    return allowed


def _of_the_sme(engagement: dict) -> set[str]:
    if engagement["status"] == "offered":
        return SME_OFFERED
    if engagement["status"] == "completed":
        return {"issue"} if "result_summary" in engagement else {"issue", "complete"}
    return SME_ACTIVE if engagement["contacted_at"] else SME_ACTIVE | {"contacted"}


def _of_the_partner(bot: Bot, row: dict) -> set[str]:
    if row["stage"] != "completed" or row["status"] not in {"assigned", "closed"}:
        return _to_agree(row, "requester")
    engagement = _engagement(bot, row)
    return {"rate"} if engagement["accepted_at"] and "rating_stars" not in engagement else set()


def _to_agree(row: dict, party: str) -> set[str]:
    return {"agree"} if party in row["to_agree"].split(",") else set()


def _engagement(bot: Bot, row: dict) -> dict:
    return bot.rows()[f"{row['partner']} engagement:{row['number']}.{row['engagements']}"]
