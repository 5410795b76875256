"""The scenarios of the work after an assignment and of proposed help, and what they have to come to, by hand."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from bot.domain.lifecycle import Relation
from tests.faults.checker import World
from tests.faults.in_process import TeamsInProcess
from tests.faults.in_process_people import Deed, Passing, Step, has_verb, press, shows
from tests.faults.in_process_scenarios import Scenario, assigned, installed, presses
from tests.faults.kept import Kept, KeptCase
from tests.teams import Person

HOUR, DAY = 3_600, 86_400
DANA, LEE, KOFI, GRACE = "Dana Reyes", "Lee Park", "Kofi Mensah", "Grace O'Brien"
KICKOFF = {
    "mode": "with_partner",
    "expectations": "The partner leads every call; the SME coaches.",
    "outcomes": "Calling plans run for the first 500 users.",
    "exit_criteria": "500 users call out\nThe partner has led one cutover",
    "start": "2026-12-01",
    "end": "2026-12-18",
}
CHANGED = KICKOFF | {"end": "2026-12-22"}
LATER = KICKOFF | {"end": "2026-12-23"}
FIRST_END, CHANGED_END, LATER_END = "18 Dec 2026", "22 Dec 2026", "23 Dec 2026"
LEARNERS = "Piotr Zieliński; amara.okafor@contoso-consulting.example"
NOTE = {"note_status": "on_track", "note_summary": "Numbers are ported next week.", "note_next": "Check the ports."}
RESULT = {
    "met": "1",
    "waive_reason": "No cutover was needed.",
    "summary": "Calling runs.",
    "feedback": "A strong team.",
}
COMMENT = "It took three weeks."
PROPOSAL = {
    "partner": "CONTOSO",
    "workload": "TEAMS",
    "topic": "coaching",
    "outcomes": "The team leads the next rollout.",
    "start": "2026-11-24",
    "end": "2026-12-11",
}
TAKEN_UP = {"summary": "The team leads.", "feedback": "Ready."}
UNTIL_IT_ENDS_SOON, UNTIL_IT_IS_OVER = 18 * DAY, 3 * DAY
"""From Saturday, 21 November, or some days later: past the third day before the end, and past the end."""


def _writes(person: Person, verb: str, seen: str, **inputs: object) -> Deed:
    """Write what then stands on the own card, and not once more when it does."""
    written = press(person, verb, **inputs)
    return Deed(person, lambda: None if shows(person, seen) else written(), verb, lambda: shows(person, seen))


def agrees(person: Person, showing: str, **inputs: object) -> Deed:
    return Deed(person, press(person, "agree", showing=showing, **inputs), "agree", lambda: False)


def _help_is_carried_on(teams: TeamsInProcess) -> list[Step]:
    dana, lee, kofi = (teams.person(name) for name in (DANA, LEE, KOFI))
    return [
        presses(teams, KOFI, "accept"),
        presses(teams, KOFI, "contacted"),
        _writes(kofi, "kickoff", FIRST_END, **KICKOFF),
        agrees(lee, FIRST_END),
        agrees(dana, FIRST_END, learners=LEARNERS),
        _writes(kofi, "kickoff", CHANGED_END, **CHANGED),
        agrees(lee, CHANGED_END),
        agrees(dana, CHANGED_END),
        _writes(kofi, "note", NOTE["note_summary"], **NOTE),
        presses(teams, KOFI, "complete", **RESULT),
        presses(teams, DANA, "rate", rating=2, rating_comment=COMMENT),
        presses(teams, LEE, "answer", answer_text="Thank you, I call you."),
        presses(teams, LEE, "close", showing="Issue answered"),
    ]


def _kickoff_is_changed_at_once(teams: TeamsInProcess) -> list[Step]:
    kofi = teams.person(KOFI)
    return [
        presses(teams, KOFI, "accept"),
        _writes(kofi, "kickoff", FIRST_END, **KICKOFF),
        _writes(kofi, "kickoff", CHANGED_END, **CHANGED),
        agrees(teams.person(LEE), CHANGED_END),
        agrees(teams.person(DANA), CHANGED_END, learners=LEARNERS),
    ]


def _proposes(teams: TeamsInProcess, sme: str = GRACE) -> list[Step]:
    lee = teams.person(LEE)
    chosen = {"contact_other": teams.person(DANA).email, "sme_other": teams.person(sme).email}
    says = Deed(lee, lambda: lee.activity(text="propose CONTOSO"), is_seen=lambda: _is_asked_to_propose(lee))
    return [says, Deed(lee, press(lee, "propose", **PROPOSAL, **chosen), "propose", lambda: False)]


def _is_asked_to_propose(person: Person) -> bool:
    return any(has_verb(message, "propose") for message in person.chat)


def _help_is_taken_up(teams: TeamsInProcess) -> list[Step]:
    return [
        *_proposes(teams),
        presses(teams, DANA, "agree"),
        presses(teams, GRACE, "decline", decline_reason="I am booked."),
        presses(teams, LEE, "assign", sme_other=teams.person(KOFI).email),
        presses(teams, KOFI, "accept"),
        presses(teams, KOFI, "contacted"),
        Passing(UNTIL_IT_ENDS_SOON),
        Passing(UNTIL_IT_IS_OVER),
        presses(teams, KOFI, "complete", **TAKEN_UP),
        presses(teams, LEE, "close", showing=TAKEN_UP["summary"]),
    ]


def _nobody_agrees(teams: TeamsInProcess) -> list[Step]:
    return [*_proposes(teams), Passing(UNTIL_IT_ENDS_SOON), Passing(UNTIL_IT_IS_OVER)]


def _nobody_accepts(teams: TeamsInProcess) -> list[Step]:
    agrees_to_it = presses(teams, DANA, "agree")
    return [*_proposes(teams), agrees_to_it, Passing(UNTIL_IT_ENDS_SOON), Passing(UNTIL_IT_IS_OVER)]


def _nobody_else_is_asked(teams: TeamsInProcess) -> list[Step]:
    declines = presses(teams, GRACE, "decline", decline_reason="I am booked.")
    agrees_to_it = presses(teams, DANA, "agree")
    return [*_proposes(teams), agrees_to_it, declines, Passing(UNTIL_IT_ENDS_SOON), Passing(UNTIL_IT_IS_OVER)]


def _period_is_changed(teams: TeamsInProcess) -> list[Step]:
    """Have all agree on a longer period, and change it again when the one that was proposed is over."""
    lee, dana, kofi = (teams.person(name) for name in (LEE, DANA, KOFI))
    return [
        *_proposes(teams, KOFI),
        presses(teams, DANA, "agree"),
        presses(teams, KOFI, "accept"),
        presses(teams, KOFI, "contacted"),
        _writes(kofi, "kickoff", CHANGED_END, **CHANGED),
        agrees(lee, CHANGED_END),
        agrees(dana, CHANGED_END),
        Passing(UNTIL_IT_ENDS_SOON + UNTIL_IT_IS_OVER),
        _writes(kofi, "kickoff", LATER_END, **LATER),
        Passing(HOUR),
        agrees(lee, LATER_END),
        agrees(dana, LATER_END),
    ]


def _help_is_refused(teams: TeamsInProcess) -> list[Step]:
    return [*_proposes(teams), presses(teams, DANA, "decline", decline_reason="We have no time before March.")]


CARRIED_ON = Scenario("carried on", assigned, _help_is_carried_on)
CHANGED_AT_ONCE = Scenario("changed at once", assigned, _kickoff_is_changed_at_once)
TAKEN_UP_BY_ANOTHER = Scenario("proposed and taken up", installed, _help_is_taken_up)
CHANGED_LATE = Scenario("period changed", installed, _period_is_changed)
REFUSED = Scenario("proposed and refused", installed, _help_is_refused)
NEVER_BEGUN = {
    "proposed": Scenario("proposed and not answered", installed, _nobody_agrees),
    "offered": Scenario("proposed and not accepted", installed, _nobody_accepts),
    "declined": Scenario("proposed and not asked again", installed, _nobody_else_is_asked),
}
"""Help whose period ends before it has begun, by the stage that it is in then."""
ENGAGED = (CARRIED_ON, CHANGED_AT_ONCE, TAKEN_UP_BY_ANOTHER, CHANGED_LATE, REFUSED)

HISTORIES = {
    CARRIED_ON.name: "submit approve assign accept contacted kickoff agree agree kickoff agree agree note complete "
    "rate answer close",
    CHANGED_AT_ONCE.name: "submit approve assign accept kickoff kickoff agree agree",
    TAKEN_UP_BY_ANOTHER.name: "propose agree decline assign accept contacted ends_soon end complete close",
    CHANGED_LATE.name: "propose agree accept contacted kickoff agree agree kickoff agree agree",
    REFUSED.name: "propose decline",
}
_ALL = (Relation.SME, Relation.FPM, Relation.REQUESTER)


def differences(scenario: Scenario, world: World) -> Iterator[str]:
    """Yield what was lost, or done more than once, of everything that people wrote and agreed on."""
    (case,) = Kept(world.rows).cases
    done = " ".join(event.action.value for event in case.events)
    if done != HISTORIES[scenario.name]:
        yield f"the history is {done}"
    for what, (found, due) in _parts(scenario, case).items():
        if found != due:
            yield f"the {what} is {found}, not {due}"


def _parts(scenario: Scenario, case: KeptCase) -> Mapping[str, tuple[Any, Any]]:
    engagement = case.engagement
    assert engagement
    if scenario is REFUSED:
        return {"engagement": (engagement.status, "declined"), "ledger": (case.learned, [])}
    if scenario is TAKEN_UP_BY_ANOTHER:
        first = case.engagements[f"{case.number}.1"]
        return {
            "first engagement": (first.status, "declined"),
            "result": (engagement.result and asdict(engagement.result), {**TAKEN_UP, "met": (), "waive_reason": ""}),
            "ledger": (len(case.learned), 1),
        }
    if scenario is CHANGED_LATE:
        last_day = engagement.kickoff and engagement.kickoff.end
        return {"agreement": (engagement.agreed, _ALL), "last day": (last_day, date.fromisoformat(LATER["end"]))}
    kickoff, rating, result = engagement.kickoff, engagement.rating, engagement.result
    learners = tuple(LEARNERS.split("; "))
    agreed = {
        "kick-off": (kickoff and (kickoff.end, kickoff.learners), (date.fromisoformat(CHANGED["end"]), learners)),
        "agreement": (engagement.agreed, _ALL),
    }
    if scenario is CHANGED_AT_ONCE:
        return agreed
    return agreed | {
        "note": (engagement.note and engagement.note.next_step, NOTE["note_next"]),
        "result": (result and asdict(result), RESULT | {"met": (1,)}),
        "rating": (rating and (rating.stars, rating.comment), (2, COMMENT)),
        "ledger": ([row["learners"] for row in case.learned], ["\n".join(learners)]),
    }
