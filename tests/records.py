"""Records of requests in full as the gallery shows them: every part for every reader, ordinary and extreme."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from bot.cards.heard import feedback_card, heard_card
from bot.cards.pieces import Card
from bot.cards.record import record_card
from bot.domain.feedback import Feedback, Kind
from bot.domain.feedback_desk import HeardPage
from bot.domain.lifecycle import Topic
from bot.domain.people import Person
from bot.domain.promise_record import RECEIPT, Promised
from bot.domain.promises import PromiseId
from bot.domain.record import MOST_ENGAGEMENTS, MOST_ON_A_PAGE, Outcome, Part, Record, Told
from bot.domain.view import RequestView
from tests import engagements, samples
from tests.samples import ASSIGNER, BEGINNING, FPM, PROGRAM, REQUESTER, SME

READERS: dict[str, Person] = {
    "partner": REQUESTER, "fpm": FPM, "assigner": ASSIGNER, "sme": SME, "programme": PROGRAM,
}  # fmt: skip
HOURS = timedelta(hours=1)


def promises(view: RequestView) -> list[Promised]:
    """Return a promise in every state that one can be in."""
    due, met_by = BEGINNING + 24 * HOURS, view.history[-1]
    met = Promised(PromiseId.TRIAGE, due, due - HOURS, met_by, 23 * HOURS, 7 * HOURS + timedelta(minutes=5))
    return [
        Promised(PromiseId.FIRST_CONTACT, due, is_running=True),
        Promised(PromiseId.ACCEPTANCE, due, is_running=True, has_slipped=True),
        Promised(PromiseId.DECISION, due, is_paused=True),
        met,
        replace(met, id=PromiseId.DECISION, met_at=due + HOURS, raw=75 * HOURS, net=74 * HOURS),
        replace(met, id=PromiseId.ACCEPTANCE, met_by=None, raw=None, net=None),
        Promised(PromiseId.FIRST_CONTACT, due, has_slipped=True),
        replace(met, id=RECEIPT, met_by=None, raw=timedelta(seconds=2), net=timedelta(seconds=2)),
    ]


def notices(view: RequestView, name: str, reason: str) -> list[Told]:
    """Return a notice of each topic, with every outcome in turn."""
    outcomes = list(Outcome)
    return [
        Told(
            topic,
            name,
            (outcome := outcomes[place % len(outcomes)]),
            BEGINNING,
            BEGINNING + place * HOURS if outcome in {Outcome.TEAMS, Outcome.MAIL} else None,
            view.history[place % len(view.history)] if place % 3 else None,
            reason if outcome in {Outcome.WAITS, Outcome.NOT_REACHED} else "",
        )
        for place, topic in enumerate(topic for topic in Topic if topic is not Topic.STATUS)
    ]


def records(view: RequestView, name: str = "Ben Hoffmann", reason: str = "429") -> dict[Part, Record]:
    """Return each part of a request, on a page with as much as stands on one."""
    at_work = [view.engagement] * MOST_ENGAGEMENTS if view.engagement else []
    shown: dict[Part, dict[str, Sequence[object]]] = {
        Part.HISTORY: {"events": view.history[: -MOST_ON_A_PAGE - 1 : -1]},
        Part.PROMISES: {"promises": promises(view)},
        Part.NOTICES: {"notices": notices(view, name, reason)[:MOST_ON_A_PAGE]},
        Part.ENGAGEMENTS: {"engagements": at_work},
    }
    return {part: Record(view, part, tuple(Part), 2, 3, **of_part) for part, of_part in shown.items()}


def record_cards() -> dict[str, Card]:
    found: dict[str, Card] = {}
    journey = engagements.journeys()["rated-2"]
    journey.request = replace(journey.request, earlier=samples.EARLIER)
    for name, reader in READERS.items():
        for part, record in records(journey.view(reader)).items():
            found[f"record-{name}-{part}"] = record_card(record)
        last = replace(records(journey.view(reader))[Part.ENGAGEMENTS], page=1, pages=1)
        found[f"record-{name}-engagements-last"] = record_card(last)
    for part in Part:
        found[f"record-empty-{part}"] = record_card(
            Record(samples.journeys()["submitted"].view(REQUESTER), part, (part,))
        )
    return found


def extreme_record_cards(view: RequestView, name: str, text: str) -> dict[str, Card]:
    """Return each part with texts and names as long as they are taken."""
    made = records(replace(view, history=view.history * 15), name, text)
    return {str(part): record_card(replace(record, page=3)) for part, record in made.items()}


def feedback_cards(text: str = "The form asks for the tenant twice.", name: str = "Alex Wilber") -> dict[str, Card]:
    """Return what the programme team hears, one of each kind; `name` is everybody's."""
    said = [
        Feedback(BEGINNING, Kind.FEEDBACK, "", "CONTOSO", REQUESTER.email, text),
        Feedback(BEGINNING, Kind.FEEDBACK, "", "", SME.email, text),
        Feedback(BEGINNING, Kind.ISSUE, "CONTOSO-7K3QXD", "CONTOSO", REQUESTER.email, text),
        Feedback(BEGINNING, Kind.RATING, "CONTOSO-7K3QXD", "CONTOSO", REQUESTER.email, text, 2),
        Feedback(BEGINNING, Kind.RATING, "CONTOSO-7K3QXD", "CONTOSO", REQUESTER.email, "", 1),
    ]
    names = {REQUESTER.email: name, SME.email: name}
    page = HeardPage(None, said + said[:3], names, "7973-88-76T899999.999999Z:CONTOSO-7K3QXD:000004", is_first=False)
    return {
        "heard": heard_card(page, PROGRAM),
        "heard-issues": heard_card(replace(page, kind=Kind.ISSUE, said=said[2:3], after="", is_first=True), PROGRAM),
        "heard-nothing": heard_card(HeardPage(Kind.RATING, (), {}, "", is_first=True), PROGRAM),
        "feedback": feedback_card(replace(REQUESTER, name=name), REQUESTER.email, text),
        "feedback-of-somebody-gone": feedback_card(None, REQUESTER.email, text),
    }
