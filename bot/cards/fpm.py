"""What the FPM sees of a request: what to decide on, with flags, repeats and changes, and the buttons for it."""

from bot.cards.answers import answer_facts, long_texts
from bot.cards.assigner import assign_card, release_card, shown_name
from bot.cards.inputs import choice_input, text_input
from bot.cards.pieces import Button, Element, Runs, box, facts, own, run, show_card
from bot.cards.promised import due, promise_rows
from bot.cards.request_parts import Part, person_and_mail, press, return_card, words_card
from bot.cards.verdicts import earlier_box, flags_box, rule_row
from bot.domain.catalogues import DENY_REASONS
from bot.domain.lifecycle import Action, EngagementStatus, Status, Topic
from bot.domain.matching import MOST_OFFERED
from bot.domain.promises import PromiseId
from bot.domain.request import WORDS_LONGEST
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


def fpm_part(view: RequestView, topic: Topic) -> Part:
    body = [*_issues(view), *facts(promise_rows(view))]
    if view.request.status in {Status.SUBMITTED, Status.APPROVED}:
        body = [*flags_box(view.request.verdict), *earlier_box(view.request.earlier, view.zone), *body]
    return Part(_lead(view), [*body, *answers_of(view)], _actions(view, topic))


def answers_of(view: RequestView) -> list[Element]:
    """Return the answers that matter for a decision; those changed since the last return are marked."""
    request = view.request
    changed = request.changed_fields if request.status is Status.SUBMITTED else ()
    names = {**view.names, request.partner: view.partner.name}
    sme = [("SME", run(person_and_mail(view, request.sme)))] if request.sme else []
    asked = ("Asked by", run(person_and_mail(view, request.requester)))
    return [
        *facts([*sme, asked]),
        *answer_facts(ANSWERS_SHOWN, request.answers, names, changed),
        *facts([rule_row(request.verdict)]),
        *_changed_head(changed),
        *long_texts(request.answers, changed),
    ]


def _changed_head(changed: tuple[str, ...]) -> list[Element]:
    head = [key for key in ("tenant_name", "workload", "fpm") if key in changed]
    words = {"tenant_name": "the customer's name", "workload": "the workload", "fpm": "the FPM"}
    text = ", ".join(words[key] for key in head)
    return [own(f"Changed as well: {text}.", spacing="medium")] if text else []


def _lead(view: RequestView) -> Runs:
    request = view.request
    match request.status:
        case Status.SUBMITTED:
            by = due(view, PromiseId.TRIAGE) or due(view, PromiseId.DECISION)
            return run(f"Please decide by {by}." if by else "Please decide.")
        case Status.RETURNED:
            return run("Waiting for ") + run(view.name_of(request.requester)) + run(" to fix and send again.")
        case Status.APPROVED:
            by = due(view, PromiseId.DECISION)
            return run(f"Approved. An SME is to be assigned by {by}." if by else "Approved. An SME is to be assigned.")
        case Status.ASSIGNED:
            return run(view.name_of(request.sme)) + run(_standing(view))
    return run(f"This request is {request.status.value}.")


def _standing(view: RequestView) -> str:
    if view.engagement and view.engagement.status is EngagementStatus.ACTIVE:
        return " has accepted and works with the partner."
    return " has been asked to help."


def _issues(view: RequestView) -> list[Element]:
    count = view.request.open_issues
    if not count:
        return []
    text = "1 issue was reported." if count == 1 else f"{count} issues were reported."
    return [box([own(text, bold=True)], "warning")]


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
    return [button for action, button in shown.items() if action in view.allowed]


def _deny_card(view: RequestView, topic: Topic) -> Button:
    reason = choice_input("deny_reason", "Reason", DENY_REASONS, missing="Please choose a reason.")
    button = press(view, topic, "deny", "Deny the request", style="destructive")
    hint = "In words (needed for another reason)"
    note = text_input("deny_note", hint, multiline=True, longest=WORDS_LONGEST)
    return show_card("Deny", [reason, note], button)


def _delegate_card(view: RequestView, topic: Topic) -> Button:
    others = {person.email: shown_name(person) for person in view.fpms[:MOST_OFFERED]}
    choice = [choice_input("delegate_to", "FPM who decides", others)] if others else []
    other = text_input("delegate_to_other", "Or the e-mail of another FPM")
    return show_card("Delegate", [*choice, other], press(view, topic, "delegate", "Delegate"))


def _close_card(view: RequestView, topic: Topic) -> Button:
    active = view.engagement is not None and view.engagement.status is EngagementStatus.ACTIVE
    missing = "The SME still works on this: please give a reason." if active else ""
    label = "Reason" if active else "Reason (optional)"
    button = press(view, topic, "close", "Close the request")
    return words_card("Close", "close_reason", label, missing, button)


def _reopen_card(view: RequestView, topic: Topic) -> Button:
    button = press(view, topic, "reopen", "Reopen the request")
    return words_card("Reopen", "reopen_reason", "Reason", "Please give a reason.", button)
