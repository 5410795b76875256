"""What an assigner sees of a request: who fits best, and what the SME must bring."""

from bot.cards.answers import answer_rows, long_texts
from bot.cards.inputs import choice_input, text_input
from bot.cards.pieces import Button, Element, Runs, Tone, box, facts, marked, own, rich, run, show_card
from bot.cards.promised import promise_rows, until
from bot.cards.proposal import proposal_standing
from bot.cards.request_parts import Part, press, return_card, shown_name, words_card
from bot.cards.size import shortened
from bot.cards.verdicts import flags_box
from bot.domain.lifecycle import Action, Status, Topic
from bot.domain.matching import Candidate, why_nobody
from bot.domain.promises import PromiseId
from bot.domain.texts import WORDS_LONGEST, one_line
from bot.domain.view import RequestView

ANSWERS_SHOWN = ("Partner", "Licences", "Topic", "Kind of SME", "Mail source", "Language", "Segment")
_PROMISES = frozenset({PromiseId.DECISION, PromiseId.ACCEPTANCE})
_SHOWN = 3
_WHY_LONGEST = 100


def assigner_part(view: RequestView, topic: Topic) -> Part:
    request = view.request
    names = {**view.names, request.partner: view.partner.name}
    people = [("FPM", run(view.name_of(request.fpm)))]
    if request.sme:
        people.insert(0, ("SME", run(view.name_of(request.sme))))
    return Part(
        _lead(view),
        [
            *(flags_box(request.verdict) if request.status is Status.APPROVED else []),
            *facts(promise_rows(view, _PROMISES)),
            *candidates_box(view),
            *facts([*people, *answer_rows(ANSWERS_SHOWN, request.answers, names)]),
            *long_texts(request.answers),
        ],
        _actions(view, topic),
    )


def _lead(view: RequestView) -> Runs:
    if view.request.status is Status.APPROVED and view.request.is_proactive:
        return proposal_standing(view)
    if view.request.status is Status.APPROVED:
        return run(f"Please assign an SME{until(view, PromiseId.DECISION)}")
    if view.request.status is Status.ASSIGNED:
        return run("Assigned to ") + run(view.name_of(view.request.sme)) + run(".")
    return run(f"This request is {view.request.status.value}. It does not wait for you.")


def _actions(view: RequestView, topic: Topic) -> list[Button]:
    shown = {
        Action.ASSIGN: assign_card(view, topic),
        Action.RETURN: return_card(view, topic),
        Action.RELEASE: release_card(view, topic),
    }
    return [button for action, button in shown.items() if action in view.allowed]


def assign_card(view: RequestView, topic: Topic) -> Button:
    """Return the button that assigns an SME: the best fit first, each with the reasons, or anybody by e-mail."""
    fit = {c.person.email: _title(c) for c in view.ranking.candidates}
    choice = [choice_input("sme", "SME (best fit first)", fit)] if fit else []
    other = text_input("sme_other", "Or the e-mail of another SME")
    note = text_input("assign_note", "Not the first? Why (not for the partner to read)", longest=WORDS_LONGEST)
    assign = press(view, topic, "assign", "Assign", style="positive")
    return show_card("Assign an SME", [*_nobody(view), *choice, other, note], assign, style="positive")


def candidates_box(view: RequestView) -> list[Element]:
    """Return the three best fits with their reasons, and what excludes the others when nobody fits."""
    if Action.ASSIGN not in view.allowed:
        return []
    fit = [c for c in view.ranking.candidates if c.lacks is None][:_SHOWN]
    lines = [
        marked(
            rich(run(str(place), bold=True, tone=Tone.ACCENT)),
            [rich(run(shown_name(c.person), bold=True)), rich(run(", ".join(c.reasons), subtle=True), spacing="none")],
        )
        for place, c in enumerate(fit, 1)
    ]
    declined = [rich(run(line)) for line in _declined(view)]
    return [box([own("Who fits best", bold=True), *lines, *_nobody(view), *declined])]


def _nobody(view: RequestView) -> list[Element]:
    if not view.ranking.is_empty:
        return []
    return [rich(run("Nobody fits. ", bold=True, tone=Tone.WARNING), run(why_nobody(view.request, view.ranking)))]


def _declined(view: RequestView) -> list[str]:
    """Return who has declined the request, with the words given."""
    found = [event for event in view.history if event.action is Action.DECLINE]
    return [f"{event.by_name} declined: “{shortened(one_line(event.why), _WHY_LONGEST)}”" for event in found]


def _title(candidate: Candidate) -> str:
    return f"{shown_name(candidate.person)}: {', '.join(candidate.reasons)}"


def release_card(view: RequestView, topic: Topic) -> Button:
    """Return the button that takes the SME off the request."""
    button = press(view, topic, "release", "Release the SME")
    about = rich(run("The request goes back to the SME assignment team.", subtle=True))
    return words_card("Release", "release_reason", "Reason", "Please give a reason.", button, above=[about])
