"""What the assigned SME sees of a request: who needs help with what, and the answer that is waited for."""

from bot.cards.answers import answer_rows, long_texts
from bot.cards.engagement import engagement_body, work_buttons
from bot.cards.pieces import Button, Element, Row, Runs, facts, rich, run
from bot.cards.promised import promise_rows, until
from bot.cards.proposal import proposal_terms
from bot.cards.request_parts import Part, asked_by, issue_card, person_and_mail, press, words_card
from bot.domain.engagement import Engagement
from bot.domain.lifecycle import Action, EngagementStatus, Relation, Status, Topic
from bot.domain.promises import PromiseId
from bot.domain.view import RequestView

ANSWERS_SHOWN = ("Topic", "Kind of SME", "Licences", "Mail source", "Language", "Segment", "Tenant ID")
_IN_A_SENTENCE = {Relation.FPM: "FPM", Relation.REQUESTER: "partner"}
_PROMISES = frozenset({PromiseId.ACCEPTANCE, PromiseId.FIRST_CONTACT})


def sme_part(view: RequestView, topic: Topic) -> Part:
    request = view.request
    people: list[Row] = [
        ("Partner", run(view.partner.name)),
        ("Contact", run(view.name_of(request.contact))),
        asked_by(view),
        ("FPM", run(view.name_of(request.fpm))),
    ]
    return Part(
        _lead(view),
        [
            *proposal_terms(view),
            *engagement_body(view, topic),
            *facts(promise_rows(view, _PROMISES)),
            *_where_to_write(view),
        ],
        _actions(view, topic),
        [facts([*people, *answer_rows(ANSWERS_SHOWN, request.answers, view.names)]), long_texts(request.answers)],
    )


def _where_to_write(view: RequestView) -> list[Element]:
    """Return the addresses on lines of their own: beside a label they would not fit on a phone."""
    if view.request.status is not Status.ASSIGNED:
        return []
    emails = dict.fromkeys((view.request.contact, view.request.requester))
    lines = [rich(run(person_and_mail(view, email)), spacing="none") for email in emails]
    return [rich(run("Where to write", subtle=True), spacing="medium"), *lines]


def _lead(view: RequestView) -> Runs:
    if view.request.status is not Status.ASSIGNED:
        return run(f"This request is {view.request.status.value}. It does not wait for you.")
    engagement = view.engagement
    if engagement and engagement.status is EngagementStatus.COMPLETED:
        is_done = engagement.result is not None
        return run("You have completed this." if is_done else "The time is over. Please write what came of it.")
    if engagement and engagement.status is EngagementStatus.ACTIVE:
        return _lead_at_work(view, engagement)
    return run(f"Can you help? Please answer{until(view, PromiseId.ACCEPTANCE)}")


def _lead_at_work(view: RequestView, engagement: Engagement) -> Runs:
    contact = run(view.name_of(view.request.contact))
    if not engagement.contacted_at:
        return run("You have accepted. Please contact ") + contact + run(until(view, PromiseId.FIRST_CONTACT))
    if engagement.kickoff is None:
        return run("You are in touch with ") + contact + run(". Please write the kick-off.")
    if engagement.to_agree:
        names = " and the ".join(_IN_A_SENTENCE[party] for party in engagement.to_agree)
        return run(f"The kick-off waits for the {names}.")
    return run("You are in touch with ") + contact + run(". Please write a note when something changes.")


def _actions(view: RequestView, topic: Topic) -> list[Button]:
    missing = "Please say in a few words why, so that the next SME fits better."
    decline = press(view, topic, "decline", "Decline")
    shown = {
        Action.ACCEPT: press(view, topic, "accept", "Accept", style="positive"),
        Action.DECLINE: words_card("Decline", "decline_reason", "Why not?", missing, decline),
    }
    first = [button for action, button in shown.items() if action in view.allowed]
    last = [issue_card(view, topic)] if Action.ISSUE in view.allowed else []
    return [*first, *work_buttons(view, topic), *last]
