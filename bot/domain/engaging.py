"""What an action on a request makes of its engagement, from what was filled in beside the button."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from bot.domain.dates import day_in
from bot.domain.engagement import (
    BEST_RATING,
    PARTIES,
    Engagement,
    Kickoff,
    Mode,
    Note,
    NoteStatus,
    Proposal,
    Rating,
    Result,
)
from bot.domain.errors import Mistake
from bot.domain.lifecycle import Action, EngagementStatus, Relation, Transition
from bot.domain.texts import PART_LONGEST, one_line, words

MOST_CRITERIA, CRITERION_LONGEST = 10, 150
MOST_LEARNERS, LEARNER_LONGEST = 20, 100
LONGEST = timedelta(days=366)
"""How long an engagement or a period may be planned for."""
Inputs = Mapping[str, str]
_BETWEEN_LEARNERS = re.compile(r"[\n;,]")


@dataclass(frozen=True, slots=True)
class Doing:
    """An action on an engagement: what was filled in, in which parts by whoever does it, why and when (UTC)."""

    action: Action
    inputs: Inputs
    parties: frozenset[Relation]
    why: str
    at: datetime


def follow(engagement: Engagement, row: Transition, doing: Doing) -> Engagement:
    """Return the engagement after an action on its request; one that does not touch it changes nothing.

    Raises Mistake when what was filled in cannot be taken.
    """
    after = _changed(engagement, doing)
    if after.last_day != engagement.last_day:
        after = replace(after, end_announced=False)
    if row.ends is None or engagement.ended_at:
        return after
    if row.ends in {EngagementStatus.DECLINED, EngagementStatus.COMPLETED}:
        after = replace(after, ended_at=doing.at, end_reason=doing.why if _ends_early(doing.action) else "")
    return replace(after, status=row.ends)


def _ends_early(action: Action) -> bool:
    return action in {Action.DECLINE, Action.RELEASE, Action.CLOSE}


def _changed(engagement: Engagement, doing: Doing) -> Engagement:
    inputs, at = doing.inputs, doing.at
    match doing.action:
        case Action.ACCEPT:
            return replace(engagement, accepted_at=at)
        case Action.AGREE if engagement.status is EngagementStatus.PROPOSED:
            return replace(engagement, offered_at=at)
        case Action.AGREE:
            return _agreed(engagement, doing)
        case Action.CONTACTED:
            return replace(engagement, contacted_at=at)
        case Action.KICKOFF:
            return replace(engagement, kickoff=_rewritten(engagement.kickoff, inputs, at), agreed=(Relation.SME,))
        case Action.NOTE:
            return replace(engagement, note=note_in(inputs, at))
        case Action.COMPLETE:
            contacted = engagement.contacted_at or at
            return replace(engagement, contacted_at=contacted, result=_result_in(inputs, engagement))
        case Action.RATE:
            return replace(engagement, rating=_rating_in(inputs))
        case Action.ENDS_SOON:
            return replace(engagement, end_announced=True)
    return engagement


def _agreed(engagement: Engagement, doing: Doing) -> Engagement:
    """Return the engagement with one more agreement; the partner names who learns from it by the same press."""
    kickoff = engagement.kickoff
    learners = learners_in(doing.inputs)
    if kickoff and learners and Relation.REQUESTER in doing.parties:
        kickoff = replace(kickoff, learners=learners)
    agreed = tuple(party for party in PARTIES if party in {*engagement.agreed, *doing.parties})
    after = replace(engagement, kickoff=kickoff, agreed=agreed)
    return replace(after, agreed_end=kickoff.end) if kickoff and not after.to_agree else after


def _rewritten(standing: Kickoff | None, inputs: Inputs, at: datetime) -> Kickoff:
    """Return the kick-off as it is written now; learners whom the partner has named stay when none are given."""
    kickoff = kickoff_in(inputs, at)
    return kickoff if kickoff.learners or standing is None else replace(kickoff, learners=standing.learners)


def kickoff_in(inputs: Inputs, at: datetime) -> Kickoff:
    """Return the kick-off that was filled in at a time (UTC). Raises Mistake."""
    if inputs.get("mode") not in set(Mode):
        raise Mistake("Please choose whom the SME works with.")
    expectations = _part(inputs, "expectations", "Please say what is expected of each.")
    outcomes = _part(inputs, "outcomes", "Please say what is to come of it.")
    criteria = tuple(filter(None, (one_line(line) for line in words(inputs, "exit_criteria").splitlines())))
    if not criteria:
        raise Mistake("Please write the exit criteria, one per line: they are the checklist of the end.")
    if len(criteria) > MOST_CRITERIA or any(len(line) > CRITERION_LONGEST for line in criteria):
        raise Mistake(f"Please keep to {MOST_CRITERIA} exit criteria of {CRITERION_LONGEST} characters each.")
    start, end = period_in(inputs, at)
    return Kickoff(Mode(inputs["mode"]), expectations, outcomes, criteria, start, end, learners_in(inputs))


def _part(inputs: Inputs, key: str, required: str = "") -> str:
    return words(inputs, key, required=required, longest=PART_LONGEST)


def period_in(inputs: Inputs, at: datetime) -> tuple[date, date]:
    """Return the first and the last day that were filled in; the period is not over yet. Raises Mistake."""
    start, end = day_in(inputs.get("start", "")), day_in(inputs.get("end", ""))
    if start is None or end is None:
        raise Mistake("Please give the first and the last day, like 2026-12-01.")
    if not start <= end <= start + LONGEST:
        raise Mistake("The last day comes after the first one, within a year.")
    if end < today(at):
        raise Mistake("This period is over already.")
    return start, end


def today(at: datetime) -> date:
    """Return the day that it is at a time (UTC) where it is the earliest: it may be yesterday here."""
    return (at - timedelta(hours=12)).date()


def proposal_in(inputs: Inputs, at: datetime) -> Proposal:
    """Return the period and the outcomes of a proposal. Raises Mistake."""
    start, end = period_in(inputs, at)
    return Proposal(start, end, _part(inputs, "outcomes", "Please say which outcomes are to be agreed on."))


def learners_in(inputs: Inputs) -> tuple[str, ...]:
    """Return who learns, each once: names or addresses with commas, semicolons or lines between. Raises Mistake."""
    named = (
        one_line(part)
        for part in _BETWEEN_LEARNERS.split(words(inputs, "learners", longest=MOST_LEARNERS * (LEARNER_LONGEST + 2)))
    )
    learners = tuple(dict.fromkeys(filter(None, named)))
    if len(learners) > MOST_LEARNERS or any(len(each) > LEARNER_LONGEST for each in learners):
        raise Mistake(f"Please name {MOST_LEARNERS} learners at most, each by name or e-mail address.")
    return learners


def note_in(inputs: Inputs, at: datetime) -> Note:
    """Return the note that was filled in. Raises Mistake."""
    if inputs.get("note_status") not in set(NoteStatus):
        raise Mistake("Please choose how the work stands.")
    summary = _part(inputs, "note_summary", "Please say in a few words how the work stands.")
    typed = inputs.get("note_next_date", "").strip()
    next_date = day_in(typed) if typed else None
    if typed and (next_date is None or not today(at) <= next_date <= today(at) + LONGEST):
        raise Mistake("Please give the day of the next step, from today on, like 2026-12-01.")
    return Note(
        NoteStatus(inputs["note_status"]),
        summary,
        _part(inputs, "note_next"),
        next_date,
        _part(inputs, "note_concerns"),
    )


def _result_in(inputs: Inputs, engagement: Engagement) -> Result:
    criteria = engagement.kickoff.exit_criteria if engagement.kickoff else ()
    ticked = {part.strip() for part in inputs.get("met", "").split(",")}
    met = tuple(place for place in range(1, len(criteria) + 1) if str(place) in ticked)
    needs = "Some exit criteria are not met. Please say why they are waived." if len(met) < len(criteria) else ""
    if engagement.to_agree:
        needs = "Not everybody has agreed on these exit criteria. Please say why that is waived."
    return Result(
        summary=words(inputs, "summary", required="Please write a summary for the FPM and the partner."),
        met=met,
        waive_reason=words(inputs, "waive_reason", required=needs) if needs else "",
        feedback=words(inputs, "feedback"),
    )


def _rating_in(inputs: Inputs) -> Rating:
    stars = inputs.get("rating", "")
    if stars not in {str(each) for each in range(1, BEST_RATING + 1)}:
        raise Mistake(f"Please choose a rating from 1 to {BEST_RATING}.")
    return Rating(int(stars), words(inputs, "rating_comment"))
