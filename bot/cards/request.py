"""The cards about one request: which one a reader gets, by the topic of a notice or by who the reader is to it."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from bot.cards.assigner import assigner_part
from bot.cards.engagement import rating_shown
from bot.cards.escalation import escalation_box
from bot.cards.fpm import answers_of, fpm_part
from bot.cards.happenings import happened, history, line_of
from bot.cards.pieces import Card, Element, card, facts, refresh, rich, run, submit
from bot.cards.promised import promise_rows
from bot.cards.record import history_head
from bot.cards.request_parts import Part, data_of, head, notes_of
from bot.cards.requester import requester_part
from bot.cards.sme import sme_part
from bot.domain.lifecycle import Action, Relation, Topic
from bot.domain.request import Event
from bot.domain.request import happened as happened_in_words
from bot.domain.texts import WORDS_LONGEST
from bot.domain.view import RequestView

MakePart = Callable[[RequestView, Topic], Part]


def _program_part(view: RequestView, _topic: Topic) -> Part:
    lead = run(f"This request is {view.request.status.value}.")
    return Part(lead, [*rating_shown(view), *facts(promise_rows(view)), *answers_of(view)])


_PARTS: Mapping[Relation, MakePart] = {
    Relation.FPM: fpm_part,
    Relation.SME: sme_part,
    Relation.REQUESTER: requester_part,
    Relation.ASSIGNER: assigner_part,
    Relation.PROGRAM: _program_part,
}
_READERS: Mapping[Topic, tuple[Relation, ...]] = {
    Topic.RECEIPT: (Relation.REQUESTER,),
    Topic.RETURNED: (Relation.REQUESTER,),
    Topic.STEPS: (Relation.REQUESTER,),
    Topic.PROPOSAL: (Relation.REQUESTER,),
    Topic.DECISION: (Relation.FPM,),
    # Help that an FPM has proposed goes back to the FPM.
    Topic.ASSIGNMENT: (Relation.ASSIGNER, Relation.FPM),
    Topic.PING: (Relation.SME,),
}
_WHY_LONGEST = 500
_CONTACT_TOPICS = frozenset({Topic.RECEIPT, Topic.STEPS})


def request_card(view: RequestView, topic: Topic, *, note: str = "", sentence: str = "") -> Card:
    """Return the card of a topic for this reader; a reader whom the topic does not concern (any more) gets a line."""
    if topic is Topic.STATUS:
        return status_card(view, note=note)
    if topic is Topic.ESCALATION:
        return _escalation_card(view, note)
    if topic is Topic.ENGAGEMENT:
        return _engagement_card(view, note)
    readers = _READERS.get(topic)
    if readers is None:
        return _news_card(view, note, sentence)
    is_contact = topic in _CONTACT_TOPICS and view.reader.email == view.request.contact
    wanted = next((relation for relation in readers if relation in view.relations), readers[0] if is_contact else None)
    if wanted is None:
        return _passed_card(view, note)
    part = _with_timeline(view, _PARTS[wanted](view, topic))
    return _whole(view, topic, part, [*notes_of(view, note), head(view), *_now(view, part)])


def status_card(view: RequestView, *, note: str = "") -> Card:
    """Return the card that answers `status NUMBER`: the reader's own view with status, number and history."""
    relation = _relation_of(view)
    if relation is None:
        return _passed_card(view, note)
    part = _PARTS[relation](view, Topic.STATUS)
    request = view.request
    stated = {"Status": request.status.value.capitalize(), "Number": request.number}
    fact_set = {"type": "FactSet", "facts": [{"title": title, "value": value} for title, value in stated.items()]}
    above = [*notes_of(view, note), head(view, with_status=False), fact_set, *_now(view, part)]
    return _whole(view, Topic.STATUS, _with_history(view, part), above)


def _engagement_card(view: RequestView, note: str) -> Card:
    """Return everything about the work on a request with its timeline, which all who take part see alike."""
    relation = _relation_of(view)
    if relation is None:
        return _passed_card(view, note)
    part = _PARTS[relation](view, Topic.ENGAGEMENT)
    above = [*notes_of(view, note), head(view), *_now(view, part)]
    return _whole(view, Topic.ENGAGEMENT, _with_history(view, part), above)


def _with_timeline(view: RequestView, part: Part) -> Part:
    """Return the part with the timeline once an SME has accepted, as on every card about the work."""
    is_at_work = view.engagement is not None and view.engagement.accepted_at is not None
    return _with_history(view, part) if is_at_work else part


def _with_history(view: RequestView, part: Part) -> Part:
    return replace(part, body=[*part.body, history_head(view)], spare=[history(view), *part.spare])


def _escalation_card(view: RequestView, note: str) -> Card:
    """Return what is late on top of the reader's own view, so that whoever can help does it here."""
    relation = _relation_of(view)
    if relation is None:
        return _passed_card(view, note)
    part = _PARTS[relation](view, Topic.ESCALATION)
    above = [*notes_of(view, note), *escalation_box(view), head(view), *_now(view, part)]
    return _whole(view, Topic.ESCALATION, part, above)


def _relation_of(view: RequestView) -> Relation | None:
    if view.reader.email == view.request.requester and Relation.REQUESTER in view.relations:
        return Relation.REQUESTER
    return next((relation for relation in _PARTS if relation in view.relations), None)


def _now(view: RequestView, part: Part) -> list[Element]:
    """Return what happened last and what is to be done first."""
    lead = [{**each, "weight": "bolder", "size": "medium"} for each in part.lead]
    longest = WORDS_LONGEST if _relation_of(view) is Relation.REQUESTER else _WHY_LONGEST
    return [*happened(view.request.last, view, longest), rich(lead)]


def _whole(view: RequestView, topic: Topic, part: Part, above: list[Element]) -> Card:
    renewed_by = refresh(data_of(view, "refresh", topic)) if view.allowed else None
    body = [*above, *part.body]
    return card(_summary(view), body, part.actions, renewed_by=renewed_by, spare=part.spare)


def _news_card(view: RequestView, note: str, sentence: str) -> Card:
    event = _event_of(view, sentence)
    told = happened(event, view) if event else [rich(run(sentence))]
    told += rating_shown(view) if event and event.action is Action.RATE else []
    opened = [submit("Open", {"verb": "status", "request": view.request.number})] if _relation_of(view) else []
    return card(
        f"News of request {view.request.number}.", [*notes_of(view, note), head(view, with_status=False), *told], opened
    )


def _event_of(view: RequestView, sentence: str) -> Event | None:
    """Return the event that a notice's sentence tells of; the latest when there is no sentence."""
    known = (view.request.last, *reversed(view.history))
    return next(
        (event for event in known if sentence.endswith(happened_in_words(event))), None if sentence else known[0]
    )


def _passed_card(view: RequestView, note: str) -> Card:
    said = [rich(run(note))] if note else []
    number = run(f"{view.request.number}: ", bold=True)
    line = rich(number, line_of(view.request.last, view), run(". It does not wait for you.", subtle=True))
    return card(_summary(view), [*said, line])


def _summary(view: RequestView) -> str:
    return f"Request {view.request.number}: {view.request.status.value}."
