"""Dates in words, and the cards that greet, help and pass on a question."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.cards.pieces import Card, Element, box, card, columns, own, rich, run, text_block
from bot.domain.fields import SCOPE
from bot.domain.people import Person, Role

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_COMMAND_WIDTH = "148px"
_COMMANDS: tuple[tuple[str, str, frozenset[Role]], ...] = (
    ("new request", "Ask for an SME", frozenset({Role.REQUESTER})),
    ("my requests FILTER", "Requests, the newest first: all, or like denied TEAMS", frozenset(Role) - {Role.SME}),
    ("inbox FILTER", "What waits for you, the most urgent first", frozenset({Role.FPM, Role.ASSIGNER})),
    ("engagements FILTER", "The work on requests, and how it stands", frozenset({Role.SME, Role.FPM})),
    ("insights", "Numbers: volumes, promises, decisions, demand, ratings", frozenset({Role.FPM, Role.PROGRAM})),
    ("portfolio PARTNER", "How your partners stand, or the review of one", frozenset({Role.FPM, Role.PROGRAM})),
    ("propose PARTNER", "Propose help to a partner", frozenset({Role.FPM, Role.ASSIGNER})),
    ("learning", "Who of a partner learned what", frozenset({Role.REQUESTER, Role.FPM})),
    ("leave from DATE to DATE", "Be given nothing new for some days", frozenset({Role.SME})),
    ("invitations", "Who asks for access, and who is invited", frozenset({Role.FPM})),
    ("invite EMAIL PARTNER", "Invite a person of a partner", frozenset({Role.FPM})),
    ("cover EMAIL from DATE to DATE", "Have another FPM act for you", frozenset({Role.FPM})),
    ("remove EMAIL", "Take a person out of the directory", frozenset({Role.FPM, Role.PROGRAM})),
    ("export FILTER", "Requests as an Excel file", frozenset({Role.FPM, Role.PROGRAM})),
    ("brief on|off", "A morning brief of what waits for you", frozenset(Role)),
    ("mail on|off", "Have everything mailed as well", frozenset(Role)),
    ("feedback TEXT", "Tell the programme team what you think", frozenset(Role)),
    ("status NUMBER", "One request with its history", frozenset(Role)),
    ("withdraw NUMBER", "Take a request back", frozenset({Role.REQUESTER})),
    ("cancel", "Leave the form; the answers are kept", frozenset({Role.REQUESTER})),
    ("help", "This list", frozenset(Role)),
)


def moment(at: datetime, zone: ZoneInfo) -> str:
    """Return a time in the reader's zone, like `Tue 24 Nov, 17:00 CET`."""
    local = at.astimezone(zone)
    return f"{_DAYS[local.weekday()]} {local.day} {_MONTHS[local.month - 1]}, {local:%H:%M} {_zone_name(local)}"


def day(at: datetime, zone: ZoneInfo) -> str:
    """Return a date in the reader's zone with its year, like `24 Nov 2026`."""
    return day_words(at.astimezone(zone).date())


def day_words(on: date) -> str:
    """Return a day like `24 Nov 2026`."""
    return f"{on.day} {_MONTHS[on.month - 1]} {on.year}"


def month_words(month: str) -> str:
    """Return a month that is given like 2026-11, as `Nov 2026`."""
    year, number = month.split("-")
    return f"{_MONTHS[int(number) - 1]} {year}"


def _zone_name(local: datetime) -> str:
    """Return the zone's letters; zones without letters give their offset, which needs UTC in front to be understood."""
    name = local.tzname() or "UTC"
    return name if name[:1].isalpha() else f"UTC{name}"


def help_card(person: Person) -> Card:
    """Return what this person can type."""
    lead = own("What you can type", bold=True, size="medium", heading=True)
    issue = own("Something is wrong? Your FPM helps.", subtle=True, size="small", spacing="medium")
    foot = [issue] if person.is_a(Role.REQUESTER) else []
    return card("What you can type.", [lead, *_commands(person), *foot])


def welcome_card(person: Person) -> Card:
    """Return the greeting for somebody who has just been reached for the first time."""
    greeting = rich(run("Hello "), run(person.name), run(". "), run(_purpose(person)))
    title = own("SME requests", bold=True, size="large", heading=True)
    body = [title, greeting, *_commands(person)]
    if person.is_a(Role.REQUESTER):
        body.insert(2, box([own(SCOPE)]))
    return card("Welcome to SME requests.", body)


def question_card(asked_by: Person, question: str) -> Card:
    """Return a requester's question for the FPM, who answers outside this bot."""
    mail = asked_by.contact_email or asked_by.email
    asker = rich(run(asked_by.name, bold=True), run(f" ({mail})"), run(" asks before sending a request:"))
    answer = rich(run("Please answer directly: "), run(mail), spacing="medium")
    title = own("A question for you", bold=True, size="medium", heading=True)
    return card("A partner has a question for you.", [title, asker, box(text_block("Question", question)), answer])


def _purpose(person: Person) -> str:
    if person.is_a(Role.REQUESTER):
        return "Here you ask Microsoft FastTrack for a Subject Matter Expert (SME). Type new request to begin."
    if person.is_a(Role.SME):
        return "Requests that are assigned to you arrive here."
    if person.is_a(Role.FPM) or person.is_a(Role.ASSIGNER):
        return "Requests of partners that wait for you arrive here."
    return "Here you can look at every request."


def _commands(person: Person) -> list[Element]:
    return [
        columns([own(command, bold=True)], [own(does)], widths=(_COMMAND_WIDTH, "stretch"), spacing="small")
        for command, does, roles in _COMMANDS
        if roles & person.roles
    ]
