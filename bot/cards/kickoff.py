"""The kick-off of an engagement: what was agreed, by whom, and the forms to write it and to agree on it."""

from collections.abc import Mapping, Sequence

from bot.cards.inputs import choice_input, date_input, text_input
from bot.cards.pieces import Button, Element, Runs, box, facts, own, rich, run, show_card
from bot.cards.request_parts import press
from bot.cards.words import day_words
from bot.domain.engagement import PARTIES, Engagement, Kickoff, Mode
from bot.domain.engaging import LEARNER_LONGEST, MOST_LEARNERS
from bot.domain.lifecycle import Action, EngagementStatus, Relation, Status, Topic
from bot.domain.texts import PART_LONGEST, WORDS_LONGEST
from bot.domain.view import RequestView

MODES: Mapping[Mode, str] = {
    Mode.WITH_PARTNER: "With the partner, who leads",
    Mode.WITH_CUSTOMER: "Directly with the customer",
}
PARTY_NAMES: Mapping[Relation, str] = {
    Relation.SME: "SME",
    Relation.FPM: "FPM",
    Relation.REQUESTER: "Partner",
}
_LONG = 1000
"""A kick-off of so many characters stands for its SME in the form alone: a card cannot hold it twice."""
_IN_THE_FORM = "Everything stands in the form: open Change the kick-off."


def kickoff_box(view: RequestView, topic: Topic) -> list[Element]:
    """Return the kick-off as it stands with who has agreed, and the buttons that write it and agree on it."""
    engagement = view.engagement
    if engagement is None:
        return []
    buttons = _buttons(view, topic, engagement)
    actions: list[Element] = [{"type": "ActionSet", "actions": buttons}] if buttons else []
    if engagement.kickoff is None:
        return (
            [box([own("Kick-off", bold=True), own("It is not written yet.", spacing="small"), *actions])]
            if buttons
            else []
        )
    is_in_the_form = Action.KICKOFF in view.allowed and _is_long(engagement.kickoff)
    # What became of each criterion stands in the text for FTOP as well, which is never cut.
    reads_it_twice = engagement.result is not None and not view.relations.isdisjoint({Relation.SME, Relation.FPM})
    criteria = [] if reads_it_twice and _is_long(engagement.kickoff) else checklist(engagement)
    in_full = [*_terms(engagement.kickoff), *criteria]
    agreements = [_agreements(engagement)] if is_at_work(view) else []
    said = [*([own(_IN_THE_FORM, subtle=True)] if is_in_the_form else in_full), *agreements]
    return [
        box([own("Kick-off", bold=True), *said, *actions], "accent" if Action.AGREE in view.allowed else "emphasis")
    ]


def is_at_work(view: RequestView) -> bool:
    """Whether an SME works on the request now."""
    engagement = view.engagement
    is_active = engagement is not None and engagement.status is EngagementStatus.ACTIVE
    return is_active and view.request.status is Status.ASSIGNED


def _is_long(kickoff: Kickoff) -> bool:
    return sum(map(len, (kickoff.expectations, kickoff.outcomes, *kickoff.exit_criteria, *kickoff.learners))) > _LONG


def _terms(kickoff: Kickoff) -> list[Element]:
    when = f"{day_words(kickoff.start)} to {day_words(kickoff.end)}"
    learners = "\n".join(kickoff.learners)
    return [
        *facts([("Works", run(MODES[kickoff.mode])), ("When", run(when))]),
        *facts([("Expected", run(kickoff.expectations))]),
        *facts([("Outcomes", run(kickoff.outcomes))]),
        # An e-mail address beside a label would not fit on a phone.
        rich(run("Learners", subtle=True), spacing="medium"),
        rich(run(learners) if learners else run("not named yet", subtle=True), spacing="none"),
    ]


def checklist(engagement: Engagement) -> list[Element]:
    """Return the exit criteria, each with what became of it."""
    kickoff, result = engagement.kickoff, engagement.result
    if kickoff is None:
        return []
    lines = [rich(run("Exit criteria", subtle=True), spacing="small")]
    for place, criterion in enumerate(kickoff.exit_criteria, 1):
        mark = "☐ " if result is None else "☑ " if place in result.met else "☒ "
        waived = run("  waived", bold=True) if result and place not in result.met else []
        lines.append(rich(run(mark), run(criterion), waived, spacing="none"))
    return lines


def _agreements(engagement: Engagement) -> Element:
    said: Runs = []
    for party in PARTIES:
        has_agreed = party in engagement.agreed
        said += run(" · ", subtle=True) if said else []
        said += run(f"{PARTY_NAMES[party]} ") + run("agreed" if has_agreed else "to agree", bold=not has_agreed)
    return rich(said, spacing="medium")


def _buttons(view: RequestView, topic: Topic, engagement: Engagement) -> list[Button]:
    buttons: list[Button] = []
    if Action.AGREE in view.allowed:
        buttons += _agree_buttons(view, topic, engagement)
    if Action.KICKOFF in view.allowed:
        buttons.append(_kickoff_card(view, topic, engagement))
    return buttons


def _agree_buttons(view: RequestView, topic: Topic, engagement: Engagement) -> list[Button]:
    """Return the button to agree; the partner names the learners with it (R:259)."""
    agree = press(view, topic, "agree", "Agree", style="positive")
    if Relation.REQUESTER not in view.relations or engagement.kickoff is None:
        return [agree]
    named = "\n".join(engagement.kickoff.learners)
    label = "Who of your team learns from it? Names or e-mail addresses"
    learners = text_input("learners", label, multiline=True, value=named, longest=MOST_LEARNERS * (LEARNER_LONGEST + 2))
    if not named:
        return [show_card("Agree", [learners], agree, style="positive")]
    return [agree, show_card("Name other learners", [learners], agree)]


def _kickoff_card(view: RequestView, topic: Topic, engagement: Engagement) -> Button:
    kickoff = engagement.kickoff
    title = "Change the kick-off" if kickoff else "Write the kick-off"
    send = press(view, topic, "kickoff", "Ask for agreement")
    about = "The partner and the FPM are asked to agree; a change asks them again."
    return show_card(title, [own(about, subtle=True), *_inputs(engagement)], send)


def _inputs(engagement: Engagement) -> Sequence[Element]:
    kickoff, proposal = engagement.kickoff, engagement.proposal
    modes = {mode.value: label for mode, label in MODES.items()}
    outcomes = kickoff.outcomes if kickoff else proposal.outcomes if proposal else ""
    start = kickoff.start if kickoff else proposal.start if proposal else None
    end = kickoff.end if kickoff else proposal.end if proposal else None
    return [
        choice_input(
            "mode", "How does the SME work?", modes, missing="Please choose.",
            value=kickoff.mode.value if kickoff else Mode.WITH_PARTNER.value,
        ),
        text_input(
            "expectations", "What is expected of each", missing="Please say what is expected.", multiline=True,
            value=kickoff.expectations if kickoff else "", longest=PART_LONGEST,
        ),
        text_input(
            "outcomes", "What is to come of it", missing="Please say what is to come of it.", multiline=True,
            value=outcomes, longest=PART_LONGEST,
        ),
        text_input(
            "exit_criteria", "When is it done? Exit criteria, one per line", missing="Please write at least one.",
            multiline=True, value="\n".join(kickoff.exit_criteria) if kickoff else "", longest=WORDS_LONGEST,
        ),
        date_input("start", "First day", missing="Please choose a day.", value=start.isoformat() if start else ""),
        date_input("end", "Last day", missing="Please choose a day.", value=end.isoformat() if end else ""),
        text_input(
            "learners", "Who of the partner learns from it, if you know", multiline=True,
            value="\n".join(kickoff.learners) if kickoff else "", longest=MOST_LEARNERS * (LEARNER_LONGEST + 2),
        ),
    ]  # fmt: skip
