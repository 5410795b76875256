"""Help that Microsoft proposes: the form of who proposes it, and what the partner is asked to agree on."""

from bot.cards.inputs import choice_input, date_input, text_input
from bot.cards.pieces import Button, Card, Element, Runs, box, card, execute, facts, own, run
from bot.cards.request_parts import issue_card, press, shown_name, words_card
from bot.cards.words import day_words
from bot.domain.catalogues import WORKLOADS
from bot.domain.lifecycle import Action, EngagementStatus, Relation, Topic
from bot.domain.proposing import PROPOSED_TOPICS, ProposalForm
from bot.domain.texts import PART_LONGEST
from bot.domain.view import RequestView


def proposal_form_card(form: ProposalForm) -> Card:
    """Return the form by which an FPM or assigner proposes help to a contact of a partner."""
    partners = {partner.code: partner.name for partner in form.partners}
    contacts = {each.email: f"{shown_name(each)} ({', '.join(each.partners)})" for each in form.contacts}
    smes = {sme.email: f"{shown_name(sme)}: {', '.join(sme.workloads)}" for sme in form.smes}
    only = next(iter(partners)) if len(partners) == 1 else ""
    choose = "Please fill this in."
    body = [
        own("Propose help", bold=True, size="large", heading=True),
        own("The partner agrees first; then the SME is asked. It ends by itself on the last day.", subtle=True),
        choice_input("partner", "Partner", partners, missing=choose, value=only),
        *([choice_input("contact", "Contact at the partner", contacts)] if contacts else []),
        text_input("contact_other", "Or the contact's e-mail"),
        *([choice_input("sme", "SME (of the region first)", smes)] if smes else []),
        text_input("sme_other", "Or the SME's e-mail"),
        choice_input("workload", "Workload", WORKLOADS, missing=choose),
        choice_input("topic", "Topic", PROPOSED_TOPICS, missing=choose),
        date_input("start", "First day", missing=choose),
        date_input("end", "Last day", missing=choose),
        text_input(
            "outcomes", "Outcomes to agree on", missing="Please say which.", multiline=True, longest=PART_LONGEST
        ),
    ]
    data = {"verb": Action.PROPOSE.value, "engagement": form.token, "revision": 0}
    return card("Propose help to a partner.", body, [execute("Propose", data, style="positive")])


def proposal_terms(view: RequestView) -> list[Element]:
    """Return what is proposed to a partner, until a kick-off says it in full."""
    engagement = view.engagement
    if engagement is None or engagement.proposal is None or engagement.kickoff or not view.request.is_open:
        return []
    proposal = engagement.proposal
    when = f"{day_words(proposal.start)} to {day_words(proposal.end)}"
    sme = "" if engagement.ended_at else view.name_of(engagement.sme)
    rows = [("SME", run(sme)), ("When", run(when)), ("Outcomes", run(proposal.outcomes))]
    return [box([own("What is proposed", bold=True), *facts(rows)], "accent")]


def proposal_buttons(view: RequestView, topic: Topic) -> list[Button]:
    """Return the buttons of the partner to whom help is proposed."""
    missing = "Please say in a few words why."
    decline = press(view, topic, "decline", "Decline")
    buttons: list[Button] = []
    if view.request.stage is EngagementStatus.PROPOSED and Action.AGREE in view.allowed:
        buttons.append(press(view, topic, "agree", "Agree", style="positive"))
    if Action.DECLINE in view.allowed and Relation.REQUESTER in view.relations:
        buttons.append(words_card("Decline", "decline_reason", "Why not?", missing, decline))
    return [*buttons, issue_card(view, topic)] if Action.ISSUE in view.allowed else buttons


def proposal_standing(view: RequestView) -> Runs:
    """Return how a proposal stands that no SME has been asked for, or that an SME has declined."""
    if view.request.stage is EngagementStatus.PROPOSED:
        return run("Waiting for ") + run(view.name_of(view.request.requester)) + run(" to agree.")
    return run("The partner has agreed. Please assign another SME.")
