"""What the FPM sees of a request: what to decide on, with flags, repeats and changes, and the buttons for it."""

from bot.cards.answers import LONG_TEXTS, answer_rows, long_texts
from bot.cards.assigner import assign_card, release_card
from bot.cards.engagement import engagement_body, standing_words
from bot.cards.happenings import happened, latest
from bot.cards.inputs import choice_input, text_input
from bot.cards.lessons import lessons_box
from bot.cards.pieces import Button, Element, Runs, box, facts, own, run, show_card
from bot.cards.promised import promise_rows, until
from bot.cards.proposal import proposal_standing, proposal_terms
from bot.cards.request_parts import Part, asked_by, issue_card, press, return_card, shown_name, words_card
from bot.cards.verdicts import earlier_box, flags_box, rule_row
from bot.domain.catalogues import DENY_REASONS
from bot.domain.fields import BY_KEY, Answers
from bot.domain.lifecycle import OPEN, Action, EngagementStatus, Status, Topic
from bot.domain.matching import MOST_OFFERED
from bot.domain.promises import PromiseId
from bot.domain.texts import WORDS_LONGEST
from bot.domain.view import RequestView

ANSWERS_SHOWN = (
    "Partner",
    "Licences",
    "Topic",
    "Kind of SME",
    "Mail source",
    "Language",
    "Segment",
    "Tenant ID",
    "Contact",
)
_IN_THE_HEAD = frozenset({"tenant_name", "workload", "fpm"})


def fpm_part(view: RequestView, topic: Topic) -> Part:
    body = [*_issues(view, topic), *proposal_terms(view), *engagement_body(view, topic), *facts(promise_rows(view))]
    if view.request.status is Status.SUBMITTED:
        body = [
            *flags_box(view.request.verdict),
            *earlier_box(view.request.earlier, view.zone),
            *lessons_box(view.lessons, view.zone),
            *body,
        ]
    elif view.request.status is Status.APPROVED:
        body = [*flags_box(view.request.verdict), *body]
    if view.request.status in OPEN - {Status.ASSIGNED}:
        return Part(_lead(view), [*body, *answers_of(view)], _actions(view, topic))
    return Part(_lead(view), body, _actions(view, topic), [answers_of(view)])


def answers_of(view: RequestView) -> list[Element]:
    """Return the answers that matter for a decision; those changed since the last return are marked."""
    request = view.request
    changed = request.changed_fields if request.status is Status.SUBMITTED else ()
    names = {**view.names, request.partner: view.partner.name}
    rule = [rule_row(request.verdict)] if request.status is Status.SUBMITTED else []
    sme = [("SME", run(view.name_of(request.sme)))] if request.sme else []
    return [
        *facts([*sme, asked_by(view), *answer_rows(ANSWERS_SHOWN, request.answers, names, changed), *rule]),
        *_changed_elsewhere(request.answers, changed),
        *long_texts(request.answers, changed),
    ]


def _changed_elsewhere(answers: Answers, changed: tuple[str, ...]) -> list[Element]:
    """Name the changed answers that have no row of their own: those of the head, and texts that are empty now."""
    unmarked = [key for key in changed if key in _IN_THE_HEAD or (key in LONG_TEXTS and not answers.get(key))]
    names = ", ".join(BY_KEY[key].label for key in unmarked)
    return [own(f"Changed as well: {names}", spacing="medium")] if names else []


def _lead(view: RequestView) -> Runs:
    request = view.request
    match request.status:
        case Status.SUBMITTED:
            return run(f"Please decide{until(view, PromiseId.TRIAGE, PromiseId.DECISION)}")
        case Status.RETURNED:
            return run("Waiting for ") + run(view.name_of(request.requester)) + run(" to fix and send again.")
        case Status.APPROVED if request.is_proactive:
            return proposal_standing(view)
        case Status.APPROVED:
            return run(f"Approved. An SME is to be assigned{until(view, PromiseId.DECISION)}")
        case Status.ASSIGNED:
            return _standing(view)
    return run(f"This request is {request.status.value}.")


def _standing(view: RequestView) -> Runs:
    engagement, sme = view.engagement, run(view.name_of(view.request.sme))
    if Action.AGREE in view.allowed:
        return run("Please agree on the kick-off with ") + sme + run(" and the partner.")
    if view.request.stage is EngagementStatus.COMPLETED:
        is_told = engagement is not None and engagement.result is not None
        return [*standing_words(view), *(run(" Please close the request.") if is_told else [])]
    if words := standing_words(view):
        return words
    if engagement is None or engagement.status is not EngagementStatus.ACTIVE:
        return sme + run(" has been asked to help.")
    if engagement.contacted_at:
        return sme + run(" has contacted the partner.")
    return sme + run(f" has accepted and is to contact the partner{until(view, PromiseId.FIRST_CONTACT)}")


def _issues(view: RequestView, topic: Topic) -> list[Element]:
    """Return the open issues with the button that answers them; the latest one is told on top while it is the last."""
    count = view.request.open_issues
    if not count:
        return []
    is_low = view.engagement is not None and view.engagement.rating is not None and view.engagement.rating.is_low
    event = latest(view, Action.ISSUE, *([Action.RATE] if is_low else []))
    told = happened(event, view) if event and event is not view.request.last else []
    one = "A low rating waits for an answer" if event and event.action is Action.RATE else "1 issue is open"
    title = own(one if count == 1 else f"{count} issues are open", bold=True)
    answers = [_answer_card(view, topic)] if Action.ANSWER in view.allowed else []
    buttons = [{"type": "ActionSet", "actions": answers}] if answers else []
    return [box([title, *told, *buttons], "warning")]


def _answer_card(view: RequestView, topic: Topic) -> Button:
    button = press(view, topic, "answer", "Send the answer")
    missing = "Please write an answer in a few words."
    return words_card("Answer", "answer_text", "Answer to the issue", missing, button)


def _actions(view: RequestView, topic: Topic) -> list[Button]:
    shown = {
        Action.APPROVE: press(view, topic, "approve", "Approve", style="positive"),
        Action.ASSIGN: assign_card(view, topic),
        Action.DENY: _deny_card(view, topic),
        Action.RETURN: return_card(view, topic),
        Action.DELEGATE: _delegate_card(view, topic),
        Action.CLOSE: _close_card(view, topic),
        Action.RELEASE: release_card(view, topic),
        Action.REOPEN: _reopen_card(view, topic),
    }
    actions = [button for action, button in shown.items() if action in view.allowed]
    return [*actions, issue_card(view, topic)] if Action.ISSUE in view.allowed else actions


def _deny_card(view: RequestView, topic: Topic) -> Button:
    reason = choice_input("deny_reason", "Reason", DENY_REASONS, missing="Please choose a reason.")
    button = press(view, topic, "deny", "Deny the request", style="destructive")
    hint = "In words (required for “Another reason”)"
    note = text_input("deny_note", hint, multiline=True, longest=WORDS_LONGEST)
    return show_card("Deny", [reason, note], button)


def _delegate_card(view: RequestView, topic: Topic) -> Button:
    others = {person.email: shown_name(person) for person in view.fpms[:MOST_OFFERED]}
    choice = [choice_input("delegate_to", "FPM who decides", others)] if others else []
    other = text_input("delegate_to_other", "Or the e-mail of another FPM")
    return show_card("Delegate", [*choice, other], press(view, topic, "delegate", "Delegate"))


def _close_card(view: RequestView, topic: Topic) -> Button:
    engagement = view.engagement
    is_early = engagement is not None and engagement.accepted_at is not None and engagement.result is None
    missing = "The SME has not said yet what came of it: please give a reason." if is_early else ""
    label = "Reason" if is_early else "Reason (optional)"
    button = press(view, topic, "close", "Close the request")
    return words_card("Close", "close_reason", label, missing, button)


def _reopen_card(view: RequestView, topic: Topic) -> Button:
    button = press(view, topic, "reopen", "Reopen the request")
    return words_card("Reopen", "reopen_reason", "Reason", "Please give a reason.", button)
