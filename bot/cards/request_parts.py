"""What the cards about a request have in common: the head, the data of its buttons, the notes on top."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.cards.answers import in_words
from bot.cards.inputs import several_input, text_input
from bot.cards.pieces import Button, Element, Row, Runs, Tone, box, columns, own, rich, run, show_card
from bot.cards.pieces import execute as execute_button
from bot.cards.size import shortened
from bot.domain.fields import BY_KEY
from bot.domain.lifecycle import EngagementStatus, Status, Topic
from bot.domain.people import Person
from bot.domain.texts import WORDS_LONGEST, one_line
from bot.domain.view import RequestView

STATUS_TONES: Mapping[Status, Tone] = {
    Status.SUBMITTED: Tone.ACCENT,
    Status.RETURNED: Tone.ATTENTION,
    Status.APPROVED: Tone.ACCENT,
    Status.ASSIGNED: Tone.ACCENT,
    Status.DENIED: Tone.ATTENTION,
    Status.WITHDRAWN: Tone.DEFAULT,
    Status.CLOSED: Tone.DEFAULT,
}


_NAME_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Part:
    """What a role's card holds beside the head: the one thing to do first, the rest, and the buttons.

    `spare` are groups below the body, of which the last are left out where the card would be too large.
    """

    lead: Runs
    body: Sequence[Element] = ()
    actions: Sequence[Button] = field(default=())
    spare: Sequence[Sequence[Element]] = ()


def data_of(view: RequestView, verb: str, topic: Topic) -> dict[str, Any]:
    """Return a button's data. `topic` says which card the press must be answered with; nothing in it grants a right."""
    data: dict[str, Any] = {"verb": verb, "request": view.request.number, "revision": view.request.revision}
    if view.engagement:
        data["engagement"] = view.engagement.id
    return {**data, "topic": topic.value}


def press(view: RequestView, topic: Topic, verb: str, title: str, *, style: str = "") -> Button:
    return execute_button(title, data_of(view, verb, topic), style=style)


def head(view: RequestView, *, with_status: bool = True) -> Element:
    """Return the customer's name with the status beside it, and the number and the workload below."""
    request = view.request
    customer = rich(run(request.customer, bold=True, size="large"))
    is_proposed = request.stage is EngagementStatus.PROPOSED and request.is_open
    word = (request.stage if is_proposed and request.stage else request.status).value.capitalize()
    status = own(word, bold=True, tone=STATUS_TONES[request.status])
    top = columns([customer], [status], widths=("stretch", "auto"), spacing="none") if with_status else customer
    workload = in_words("workload", request.answers["workload"], {})
    below = rich(run(request.number, bold=True, subtle=True), run(" · ", subtle=True), run(workload, subtle=True))
    return {**box([top, {**below, "spacing": "small"}]), "bleed": True}


def notes_of(view: RequestView, note: str) -> list[Element]:
    """Return what must be read before all else: the answer to a press, and what could not be delivered."""
    undelivered = [box([rich(run(line)) for line in view.parked], "warning")] if view.parked else []
    return [*answered(note), *undelivered, *_left(view)]


def answered(note: str) -> list[Element]:
    """Return the answer to a press, or nothing."""
    return [box([rich(run(note, bold=True))], "accent")] if note else []


def _left(view: RequestView) -> list[Element]:
    """Name who is in touch for the partner when the requester has left."""
    if not view.in_touch:
        return []
    asked, now = view.name_of(view.request.requester), person_and_mail(view, view.in_touch)
    return [box([rich(run(asked, bold=True), run(" has left. In touch now: "), run(now, bold=True))], "accent")]


def asked_by(view: RequestView) -> Row:
    """Return whose request it is: the requester's, or of whoever at Microsoft has proposed the help."""
    request = view.request
    if request.is_proactive:
        return "Proposed by", run(view.name_of(request.proposed_by))
    return "Asked by", run(view.name_of(request.requester))


def words_card(  # noqa: PLR0913 - the parts of a button with one text
    title: str, key: str, label: str, missing: str, button: Button, *, above: Sequence[Element] = ()
) -> Button:
    """Return a button that asks for a few words before it acts; with `missing` they are required."""
    words = text_input(key, label, missing=missing, multiline=True, longest=WORDS_LONGEST)
    return show_card(title, [*above, words], button)


def return_card(view: RequestView, topic: Topic) -> Button:
    """Return the button by which a request goes back to the requester, with the fields to fix."""
    answered = {key: field.label for key, field in BY_KEY.items() if key in view.request.answers}
    fields = several_input("return_fields", "What has to be fixed", answered)
    missing = "Please say in a few words what has to be fixed."
    button = press(view, topic, "return", "Send it back")
    return words_card("Return", "return_note", "What to change, and why", missing, button, above=[fields])


def shown_name(person: Person) -> str:
    """Return a name as a list of choices shows it: one line, and no longer than a phone shows."""
    return shortened(one_line(person.name), _NAME_LONGEST)


def person_and_mail(view: RequestView, email: str) -> str:
    """Return a person's name with the mail address, or the address alone when nobody of the directory has it."""
    name = view.names.get(email, "")
    return f"{name} ({email})" if name else email


def issue_card(view: RequestView, topic: Topic) -> Button:
    """Return the button that brings an issue to the inbox of the FPM."""
    send = press(view, topic, "issue", "Tell the FPM")
    return words_card("Report an issue", "issue_text", "What is wrong?", "Please describe the issue.", send)
