"""Help at the desk: a request brought to each stage of the work on it, and help that is proposed."""

from tests.domain.office import DANA, KOFI, LEE, TOKEN

KICKOFF = {
    "mode": "with_partner",
    "expectations": "The partner leads, the SME coaches.",
    "outcomes": "Calling plans run.",
    "exit_criteria": "500 users call out\nThe runbook is handed over",
    "start": "2026-11-24",
    "end": "2026-12-11",
}
NOTE = {
    "note_status": "pending_customer",
    "note_summary": "Numbers are ported next week.",
    "note_next": "Check the order",
    "note_next_date": "2026-12-01",
    "note_concerns": "The carrier is slow.",
}
RESULT = {"summary": "Calling runs.", "met": "1,2", "feedback": "A strong team."}
PROPOSAL = {
    "partner": "CONTOSO",
    "contact": DANA,
    "sme": KOFI,
    "workload": "TEAMS",
    "topic": "coaching",
    "start": "2026-11-24",
    "end": "2026-12-11",
    "outcomes": "The team leads the next rollout alone.",
}


async def active(office, sme=KOFI, **answers):
    """Bring a request of Dana's to an SME who has accepted; return its number."""
    number = await office.assigned(sme, **answers)
    await office.press(sme, "accept", number)
    return number


async def agreed(office, sme=KOFI, learners="", **answers):
    """Bring a request to a kick-off on which all have agreed."""
    number = await active(office, sme, **answers)
    await office.press(sme, "kickoff", number, **KICKOFF)
    await office.press(LEE, "agree", number)
    await office.press(DANA, "agree", number, learners=learners)
    return number


async def completed(office, sme=KOFI, learners="", **answers):
    """Bring a request to the end of the help for it, met in everything."""
    number = await agreed(office, sme, learners, **answers)
    await office.press(sme, "complete", number, **RESULT)
    return number


async def proposed(office, by=LEE, token=TOKEN, **inputs):
    """Propose help to Dana with Kofi; return the number."""
    person = await office.person(by)
    return (await office.desk.proposals.propose(person, token, PROPOSAL | inputs)).request.number


async def engagement(office, number):
    return (await office.requests.load(number)).engagement
