"""Engagements from the assignment to the rating, with words of everybody who takes part, told press by press."""

from collections.abc import AsyncIterator
from datetime import timedelta

from bot.domain.timekeeper import Timekeeper
from tests.domain.office import ANA, DANA, HOURS, KOFI, LAURA, LEE, PIOTR, TOKEN
from tests.state.town import WORDS

AMARA, AMARAS_NAME = "amara.okafor@contoso-consulting.example", "Amara Okafor"
GUEST = "guest@elsewhere.example"
"""Somebody who learns and is not in the directory."""
DAYS = timedelta(days=1)


def said(who, count):
    return WORDS.format(who, count)


def kickoff(who, count, **changes):
    return {
        "mode": "with_partner",
        "expectations": said(who, count),
        "outcomes": said(who, count + 1),
        "exit_criteria": f"{said(who, count + 2)}\n{said(who, count + 3)}",
        "start": "2026-11-25",
        "end": "2026-12-11",
        "learners": f"{AMARAS_NAME}; {GUEST.upper()}",
        **changes,
    }


def note(who, count, **changes):
    return {
        "note_status": "pending_customer",
        "note_summary": said(who, count),
        "note_next": said(who, count + 1),
        "note_next_date": "2026-11-30",
        "note_concerns": said(who, count + 2),
        **changes,
    }


def result(who, count, met="1"):
    return {
        "met": met,
        "waive_reason": said(who, count),
        "summary": said(who, count + 1),
        "feedback": said(who, count + 2),
    }


HELP = [
    (LEE, "approve", {}),
    (ANA, "assign", {"sme": LAURA, "assign_note": said("ana", 1)}),
    (LAURA, "decline", {"decline_reason": said("laura", 1)}),
    (ANA, "assign", {"sme": KOFI}),
    (KOFI, "accept", {}),
    (KOFI, "contacted", {}),
    (KOFI, "kickoff", kickoff("kofi", 1)),
    (LEE, "agree", {}),
    (KOFI, "kickoff", kickoff("kofi", 5, end="2026-12-18")),
    (LEE, "agree", {}),
    (DANA, "agree", {"learners": f"{AMARAS_NAME}\n{AMARA}, {GUEST}"}),
    (KOFI, "note", note("kofi", 9)),
    (KOFI, "note", note("kofi", 12, note_next="", note_next_date="")),
    (LEE, "issue", {"issue_text": said("lee", 1)}),
    (LEE, "answer", {"answer_text": said("lee", 2)}),
    (KOFI, "complete", result("kofi", 15)),
    (PIOTR, "rate", {"rating": "2", "rating_comment": said("piotr", 1)}),
    (LEE, "answer", {"answer_text": said("lee", 3)}),
    (LEE, "close", {"close_reason": said("lee", 4)}),
]
"""A request that is helped with, to its end: the first SME declines, and the kick-off is changed."""

PROPOSAL = {
    "partner": "CONTOSO",
    "contact": DANA,
    "sme": KOFI,
    "workload": "TEAMS",
    "topic": "adoption",
    "start": "2026-11-24",
    "end": "2026-12-04",
    "outcomes": said("ana", 20),
}
PROPOSED = [
    (DANA, "agree", {}),
    (KOFI, "decline", {"decline_reason": said("kofi", 20)}),
    (LEE, "assign", {"sme": LAURA, "assign_note": said("lee", 20)}),
    (LAURA, "accept", {}),
    (LAURA, "contacted", {}),
    (LAURA, "kickoff", kickoff("laura", 20, learners="", start="2026-11-24", end="2026-12-04")),
    (DANA, "agree", {"learners": AMARA}),
    (LEE, "agree", {}),
    (None, "ends_soon", {}),
    (None, "end", {}),
    (LAURA, "complete", result("laura", 24, met="1,2")),
    (PIOTR, "rate", {"rating": "5", "rating_comment": said("piotr", 20)}),
    (LEE, "close", {}),
]
"""Help that Ana has proposed: the SME declines, another one helps until the period is over, and sums up after it."""


async def told(office, number, steps) -> AsyncIterator[str]:
    """Take the steps one hour after the other, the clock's when they are due; yield the verb of each that was taken."""
    for who, verb, inputs in steps:
        revision = (await office.request(number)).revision
        if who is None:
            at = await Timekeeper(office.desk.filing, office.clock).look(number)
            office.now = at
            await Timekeeper(office.desk.filing, office.clock).look(number)
        else:
            office.now += HOURS
            await office.press(who, verb, number, **inputs)
        last = (await office.request(number)).last
        assert (last.number, last.action) == (revision + 1, verb)
        yield verb


async def helped(office, *, until="", **answers):
    """Return the number of a request of Dana's after the steps of HELP, or those up to a verb."""
    given = {"justification": said("dana", 1), "notes": said("dana", 2), **answers}
    number = await office.submitted(**{"token": TOKEN, **given})
    return await _taken(office, number, HELP, until)


async def proposed(office, *, until="", token="b" * 32, **inputs):
    """Return the number of help that Ana has proposed after the steps of PROPOSED, or those up to a verb."""
    number = (await office.desk.proposals.propose(await office.person(ANA), token, PROPOSAL | inputs)).request.number
    return number if until == "propose" else await _taken(office, number, PROPOSED, until)


async def _taken(office, number, steps, until):
    async for verb in told(office, number, steps):
        if verb == until:
            break
    return number
