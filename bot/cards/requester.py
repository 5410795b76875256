"""What the partner who asked sees of a request: what happens next, what to fix, and how to start with the SME."""

from collections.abc import Mapping

from bot.cards.answers import answer_rows
from bot.cards.engagement import engagement_body, standing_words
from bot.cards.happenings import happened, latest
from bot.cards.pieces import (
    Button,
    Element,
    Row,
    Runs,
    box,
    facts,
    numbered,
    own,
    rich,
    run,
    submit,
)
from bot.cards.promised import due, promise_rows
from bot.cards.proposal import proposal_buttons, proposal_terms
from bot.cards.request_parts import Part, asked_by, data_of, issue_card, person_and_mail, press
from bot.domain.fields import BY_KEY
from bot.domain.lifecycle import Action, EngagementStatus, Relation, Status, Topic
from bot.domain.promises import PromiseId
from bot.domain.view import RequestView


def requester_part(view: RequestView, topic: Topic) -> Part:
    body: list[Element] = []
    if view.request.status is Status.RETURNED:
        body += _to_fix(view)
    elif view.request.status is Status.SUBMITTED:
        body += [own("What happens next", bold=True), *numbered(_next_steps(view))]
    elif view.request.status is Status.ASSIGNED and topic in {Topic.STEPS, Topic.PROPOSAL}:
        body += [own("How to start", bold=True), *numbered(_onboarding(view))]
    body += [*proposal_terms(view), *engagement_body(view, topic)]
    return Part(_lead(view), [*body, *facts(_rows(view)), *_no_news(view)], _actions(view, topic))


def _lead(view: RequestView) -> Runs:
    fpm, sme = run(view.name_of(view.request.fpm)), run(view.name_of(view.request.sme))
    if view.request.stage is EngagementStatus.PROPOSED:
        return run("Microsoft proposes help for your team. Do you agree?")
    if Action.AGREE in view.allowed:
        return run("Please agree on the kick-off with ") + sme + run(" and ") + fpm + run(".")
    if words := standing_words(view):
        return words
    leads: Mapping[Status, Runs] = {
        Status.SUBMITTED: run("Your request is with ") + fpm + run(", your FPM."),
        Status.RETURNED: run("Please fix this and send it again."),
        Status.APPROVED: run("You have agreed. An SME is being found for you.")
        if view.request.is_proactive
        else run("Approved. The SME assignment team now finds an SME for you."),
        Status.ASSIGNED: sme + run(" is your SME."),
        Status.DENIED: run("This request was denied. Questions? Talk to ") + fpm + run("."),
        Status.WITHDRAWN: run("This request was withdrawn. There is nothing more to do."),
        Status.CLOSED: run("This request is closed. For anything new, talk to ") + fpm + run(" first."),
    }
    return leads[view.request.status]


def _next_steps(view: RequestView) -> list[Runs]:
    triage, decision = due(view, PromiseId.TRIAGE), due(view, PromiseId.DECISION)
    look = f" looks at it by {triage} and approves it, denies it or asks you for more." if triage else " decides on it."
    answer = f" You hear the outcome by {decision}." if decision else ""
    return [
        run(view.name_of(view.request.fpm)) + run(look),
        run(f"Once it is approved, the SME assignment team finds an SME.{answer}"),
        run("The SME then writes to you directly."),
    ]


def _onboarding(view: RequestView) -> list[Runs]:
    fpm, sme = view.name_of(view.request.fpm), view.name_of(view.request.sme)
    return [
        run(person_and_mail(view, view.request.sme), bold=True)
        + run(" contacts you within one business day of accepting, and may do so directly."),
        run("Agree with ")
        + run(sme)
        + run(" and ")
        + run(fpm)
        + run(" on expectations, outcomes, exit criteria and a timeline, and on what ends the SME's help."),
        run("Name the colleagues who will learn from this engagement, and let them take part."),
        run("Trouble, or a change of plan? Tell ") + run(person_and_mail(view, view.request.fpm)) + run(" first."),
        run("After the end, bring new questions to ") + run(fpm) + run(" rather than to the SME."),
    ]


def _to_fix(view: RequestView) -> list[Element]:
    """Return the fields to fix, and the words of the return once something else has happened since."""
    event = latest(view, Action.RETURN)
    labels = [BY_KEY[key].label for key in view.request.returned_fields if key in BY_KEY]
    fields = [rich(run("• "), run(label, bold=True), spacing="small") for label in labels]
    words = happened(event, view) if event and event is not view.request.last else []
    return [box([own("Please look at", bold=True), *fields, *words], "warning")] if fields or words else []


def _rows(view: RequestView) -> list[Row]:
    request = view.request
    sme: list[Row] = [("SME", run(view.name_of(request.sme)))] if request.sme else []
    return [
        ("FPM", run(view.name_of(request.fpm))),
        *sme,
        *promise_rows(view, _promises_shown(view)),
        *answer_rows(("Licences", "Language", "Topic"), request.answers, view.names),
        asked_by(view),
        ("Contact", run(view.name_of(request.contact))),
    ]


def _promises_shown(view: RequestView) -> frozenset[PromiseId]:
    accepted = view.engagement is not None and view.engagement.status is EngagementStatus.ACTIVE
    last = PromiseId.FIRST_CONTACT if accepted else PromiseId.ACCEPTANCE
    return frozenset({PromiseId.TRIAGE, PromiseId.DECISION, last})


def _no_news(view: RequestView) -> list[Element]:
    """Say whom to ask when a promise slips (R:217)."""
    is_awaited = view.request.status in {Status.SUBMITTED, Status.APPROVED} and not view.request.is_proactive
    if not is_awaited or not view.assignment_address:
        return []
    address = run(view.assignment_address)
    whom = run("No news by then? Write to your FPM and to the SME assignment team: ", subtle=True)
    return [rich(whom, address, spacing="medium")]


def _actions(view: RequestView, topic: Topic) -> list[Button]:
    if Relation.REQUESTER not in view.relations:
        return []
    if view.request.is_proactive:
        return proposal_buttons(view, topic)
    actions = []
    if Action.RESUBMIT in view.allowed:
        actions.append(submit("Fix and send again", data_of(view, "fix", topic), style="positive"))
    actions.append(submit("Another workload", data_of(view, "again", topic)))
    if Action.ISSUE in view.allowed:
        actions.append(issue_card(view, topic))
    if Action.WITHDRAW in view.allowed:
        actions.append(press(view, topic, "withdraw", "Withdraw"))
    return actions
