"""Writes every card in every state for every reader as JSON, by `python -m tests.gallery FOLDER`."""

import json
import sys
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path

from bot.cards.access import admission_card, ask_card, invitations_card, standing_card
from bot.cards.form import draft_card, line_card, page_card, page_line_card, review_card, self_deploy_card
from bot.cards.found import found_card
from bot.cards.lessons import learning_card
from bot.cards.pieces import Card
from bot.cards.proposal import proposal_form_card
from bot.cards.request import request_card, status_card
from bot.cards.words import help_card, question_card, welcome_card
from bot.domain.fields import PAGES, on_page
from bot.domain.filters import ListName
from bot.domain.lifecycle import Action, Status, Topic
from bot.domain.matching import Candidate, Constraint, Ranking
from bot.domain.notices import OF_AGENDAS
from bot.domain.people import Person
from bot.domain.ports import Summary
from bot.domain.request import SmeRequest, happened
from bot.domain.view import RequestView
from tests import agendas, engagements, figures, lists, records, samples
from tests.samples import ANSWERS, ASSIGNER, BACKUP_FPM, COLLEAGUE, FPM, PROGRAM, REQUESTER, SME, Journey

MARKER = {"token": "0f" * 16, "card": "page"}
HOSTILE = (
    "[Approve here](https://evil.example) <at>Ben Hoffmann</at> **bold** _it_ `code`\n# Heading\n- list\n"
    "<script>alert(1)</script> <a href='https://evil.example'>x</a> {{DATE(2017-02-14T06:08:39Z,SHORT)}} ${data} "
    "\u202eesrever\u202c \u200bhidden ![x](https://evil.example/x.png) &lt;b&gt; | a | b |"
)
LONG_NAME = (
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft für Regionen mbH & Co. KGaA, Wien"
)
CJK = "部署在百分之四十的设备上停止了我们需要帮助" * 96
EXTREMES: dict[str, tuple[str, str]] = {
    "hostile": (HOSTILE, HOSTILE[:118]),
    "cjk": (CJK[:2000], CJK[:120]),
    "long": ("W" * 2000, LONG_NAME),
}
LONG_KEYS = ("justification", "notes", "exception_reason")
READERS: dict[str, tuple[Person, Topic]] = {
    "requester": (REQUESTER, Topic.RECEIPT),
    "decision": (FPM, Topic.DECISION),
    "assignment": (ASSIGNER, Topic.ASSIGNMENT),
    "ping": (SME, Topic.PING),
}
WHO_WORKS = {**engagements.READERS, "assigner": ASSIGNER, "programme": PROGRAM}
MOST_TOLD = (
    "kickoff-written", "noted-customer", "completed-waived", "rated-2", "proposal", "proposal-sme-declined",
    "period-over",
)  # fmt: skip
"""Stages at which the most texts stand on a card; tests/cards/test_sizes.py has every stage."""
BESIDE_THE_WORK = ("engagement-partner-proposal", "proposal-form", "learning")


def cards() -> dict[str, Card]:
    """Return every card by a name that says what it is."""
    about_requests = {**request_cards(), **agendas.agenda_cards(), **agendas.escalation_cards()}
    about_requests |= engagements.engagement_cards() | records.record_cards() | records.feedback_cards()
    beside = {**figures.cards(), **access_cards(), **other_cards()}
    return {**form_cards(), **about_requests, **beside, **hostile_cards()}


def form_cards() -> dict[str, Card]:
    found: dict[str, Card] = {}
    for number, page in enumerate(PAGES, 1):
        place = {"is_first": number == 1, "step": number, "steps": len(PAGES)}
        filled, migration = samples.form_context(ANSWERS), samples.form_context(samples.MIGRATION)
        found[f"page-{page.key}-empty"] = page_card(page, samples.form_context({}), MARKER, **place)
        found[f"page-{page.key}-filled"] = page_card(page, filled, MARKER, **place)
        wrong = {f.key: "Please look at this: it cannot be taken." for f in on_page(page.key, filled)[:2]}
        typed = {f.key: "not a number" for f in on_page(page.key, filled)}
        found[f"page-{page.key}-mistakes"] = page_card(page, filled, MARKER, values=typed, mistakes=wrong, **place)
        found[f"line-{page.key}"] = page_line_card(page, migration)
        found[f"page-{page.key}-migration"] = page_card(page, migration, MARKER, **place)
    reason, note = PAGES[2], samples.SENTENCES[Action.RETURN]["return_note"]
    found["page-reason-exception"] = page_card(
        reason, samples.form_context(samples.EXCEPTIONAL), MARKER, is_first=False, step=3, steps=4
    )
    found["page-reason-asked-again"] = page_card(
        reason, samples.form_context(ANSWERS), MARKER, note=f"Ben Hoffmann asks: {note}", is_first=False, step=3,
        steps=4, asked_again=frozenset({"justification"}),
    )  # fmt: skip
    for name, answers in {
        "plain": ANSWERS, "flagged": samples.FLAGGED, "exception": samples.EXCEPTIONAL, "migration": samples.MIGRATION,
    }.items():  # fmt: skip
        earlier = samples.EARLIER if name == "flagged" else ()
        found[f"review-{name}"] = review_card(samples.form_context(answers), MARKER, earlier=earlier)
    found["review-again"] = review_card(
        samples.form_context(ANSWERS), MARKER, earlier=(), number="CONTOSO-7K3QXD", note="One answer has changed."
    )
    small = samples.form_context({**ANSWERS, "workload": "MCAS", "seat_count": "400"})
    found["self-deploy"] = self_deploy_card(small, MARKER)
    found["draft"] = draft_card(MARKER, began="Mon 23 Nov, 10:12 CET", customer=ANSWERS["tenant_name"])
    found["line-cancelled"] = line_card("Form cancelled; the answers are kept.")
    return found


def request_cards() -> dict[str, Card]:
    found: dict[str, Card] = {}
    for state, journey in samples.journeys().items():
        for name, (reader, topic) in READERS.items():
            actual = BACKUP_FPM if name == "decision" and state == "delegated" else reader
            found[f"{name}-{state}"] = request_card(journey.view(actual), topic)
        for name, reader in {**{n: r for n, (r, _) in READERS.items()}, "programme": PROGRAM}.items():
            found[f"status-{name}-{state}"] = status_card(journey.view(reader))
        view = journey.view(REQUESTER)
        found[f"news-{state}"] = request_card(view, Topic.NEWS, sentence=happened(journey.request.last))
    journeys = samples.journeys()
    found["steps"] = request_card(journeys["assigned"].view(REQUESTER), Topic.STEPS)
    found["steps-accepted"] = request_card(journeys["accepted"].view(REQUESTER), Topic.STEPS)
    found["steps-contact"] = request_card(journeys["assigned"].view(COLLEAGUE), Topic.STEPS)
    found["returned"] = request_card(journeys["returned"].view(REQUESTER), Topic.RETURNED)
    found["issue"] = request_card(journeys["with-an-issue"].view(FPM), Topic.ISSUE)
    found["informed"] = request_card(journeys["submitted"].view(FPM), Topic.INFORMED)
    found["decision-overtaken"] = request_card(
        journeys["approved"].view(FPM), Topic.DECISION, note="This had changed before your press."
    )
    found["receipt-undelivered"] = request_card(
        journeys["submitted"].view(REQUESTER, parked=("Ben Hoffmann could not be reached; Maria Lopez was told.",)),
        Topic.RECEIPT,
    )
    for name, answers in {
        "flagged": samples.FLAGGED, "exception": samples.EXCEPTIONAL, "migration": samples.MIGRATION,
    }.items():  # fmt: skip
        request = samples.submitted(answers, samples.EARLIER)
        found[f"decision-{name}"] = request_card(Journey(request).view(FPM), Topic.DECISION)
    return found


def hostile_request(text: str, name: str) -> SmeRequest:
    words = dict.fromkeys(LONG_KEYS, text)
    answers = {**samples.MIGRATION, **words, "tenant_name": name, "email_source_other": name}
    request = samples.submitted(answers, samples.EARLIER)
    earlier = tuple(replace(one, customer=name) for one in request.earlier)
    return replace(request, earlier=earlier, verdict=samples.submitted(samples.FLAGGED).verdict)


def hostile_view(journey: Journey, reader: Person, name: str, **more: object) -> RequestView:
    """Return a view in which everybody bears this name and every list is as long as it can be."""
    many = [replace(SME, email=f"sme{n}.{'x' * 40}@fasttrack.example", name=name) for n in range(15)]
    reasons = (
        "knows Purview Information Protection P1 (AIP P1)", "Portuguese (Brazil)", "Chinese (Traditional)", "not EMEA",
        "8 h shared", "12 of 15 open", "helped this customer 12 times", "on leave 21 Dec to 31 Dec",
    )  # fmt: skip
    return journey.view(
        reader,
        partner=replace(samples.PARTNER, name=name),
        names={p.email: name for p in samples.PEOPLE},
        fpms=tuple(many),
        ranking=Ranking(tuple(Candidate(one, 30, reasons) for one in many), dict.fromkeys(Constraint, 15)),
        parked=(f"{name} could not be reached.",),
        **more,
    )


def hostile_cards() -> dict[str, Card]:
    """Return the cards that hostile, Chinese and long texts stand on, one for each reader and page."""
    moments = {"requester": "returned", "decision": "submitted", "assignment": "approved", "ping": "assigned"}
    found: dict[str, Card] = {}
    for kind, (text, name) in EXTREMES.items():
        every = extreme_cards(kind)
        found |= {f"{kind}-{reader}-{state}": every[f"{kind}-{reader}-{state}"] for reader, state in moments.items()}
        found |= {f"{kind}-{topic}-fpm": every[f"{kind}-{topic}-fpm"] for topic in OF_AGENDAS}
        found |= _hostile_form(kind, text, name)
        at_work = [f"engagement-{each}-{state}" for each in WHO_WORKS for state in ("kickoff-written", "rated-2")]
        found |= {f"{kind}-{each}": every[f"{kind}-{each}"] for each in (*at_work, *BESIDE_THE_WORK)}
        found |= {f"{kind}-{each}": card for each, card in figures.with_name(name).items()}
    return found


@cache
def extreme_cards(kind: str) -> dict[str, Card]:
    """Return every card about a request with texts of this kind wherever somebody can write one."""
    text, name = EXTREMES[kind]
    found: dict[str, Card] = {}
    for state, journey in samples.journeys(hostile_request(text, name)).items():
        journey.history = [replace(event, why=text, by_name=name) for event in journey.history] * 4
        journey.request = replace(journey.request, last=journey.history[-1])
        for reader_name, (reader, topic) in READERS.items():
            view = hostile_view(journey, reader, name)
            found[f"{kind}-{reader_name}-{state}"] = request_card(view, topic, note=text[:500])
            found[f"{kind}-status-{reader_name}-{state}"] = status_card(view)
            found[f"{kind}-news-{reader_name}-{state}"] = request_card(view, Topic.NEWS, sentence=text)
            found[f"{kind}-escalation-{reader_name}-{state}"] = request_card(view, Topic.ESCALATION, note=text[:500])
    found |= {f"{kind}-{each}": card for each, card in figures.largest_cards(name).items()}
    return {**found, **_extreme_work(kind), **_extreme_agendas(kind)}


def _extreme_work(kind: str) -> dict[str, Card]:
    """Return the cards about the work on a request, with every text as long as it is taken."""
    text, name = EXTREMES[kind]
    said = engagements.longest(text, name)
    stages = engagements.journeys(hostile_request(text, name), said) | engagements.proposals(text[:1000], said)
    found: dict[str, Card] = {}
    for state in MOST_TOLD:
        journey = stages[state]
        journey.history = [replace(event, by_name=name) for event in journey.history]
        journey.request = replace(journey.request, last=journey.history[-1])
        for reader_name, reader in WHO_WORKS.items():
            view = hostile_view(journey, reader, name)
            found[f"{kind}-engagement-{reader_name}-{state}"] = request_card(view, Topic.ENGAGEMENT, note=text[:500])
            found[f"{kind}-status-{reader_name}-{state}"] = status_card(view)
            for part, card in records.extreme_record_cards(view, name, text).items():
                found[f"{kind}-record-{reader_name}-{state}-{part}"] = card
    found |= {f"{kind}-{each}": card for each, card in records.feedback_cards(text, name).items()}
    smes = tuple(replace(SME, email=f"sme{n}@fasttrack.example", name=name) for n in range(15))
    contacts = tuple(replace(REQUESTER, email=f"someone{n}@contoso.example", name=name) for n in range(15))
    form = replace(engagements.form((name,) * 15), smes=smes, contacts=contacts)
    lessons = [replace(each, sme=name, learners=(name,) * 20, summary=text) for each in engagements.lessons()] * 6
    return {
        **found,
        f"{kind}-proposal-form": proposal_form_card(form),
        f"{kind}-learning": learning_card(lessons, REQUESTER),
        f"{kind}-decision-learned-before": request_card(
            hostile_view(Journey(hostile_request(text, name)), FPM, name, lessons=tuple(lessons[:3])), Topic.DECISION
        ),
    }


def _extreme_agendas(kind: str) -> dict[str, Card]:
    """Return the cards about everything that waits, with as many requests as they show."""
    text, name = EXTREMES[kind]
    journeys = samples.journeys(hostile_request(text, name))
    found: dict[str, Card] = {}
    for reader_name, (reader, state) in {
        "fpm": (FPM, "submitted"), "fpm-late": (FPM, "decision-late"), "assigner": (ASSIGNER, "approved"),
        "sme": (SME, "assigned"), "contact": (SME, "accepted"), "requester": (REQUESTER, "returned"),
        "programme": (PROGRAM, "decision-late"), "settled": (FPM, "assigned"),
    }.items():  # fmt: skip
        journey = journeys[state]
        journey.request = replace(journey.request, last=replace(journey.request.last, by_name=name))
        shown = [replace(view, names=dict.fromkeys(view.names, name)) for view in agendas.many(reader, journey)]
        for topic in OF_AGENDAS:
            made = agendas.card(topic, reader, shown, [text, name] * 20, note=text[:500])
            found[f"{kind}-{topic}-{reader_name}"] = made
    return found


def _hostile_form(kind: str, text: str, name: str) -> dict[str, Card]:
    answers = hostile_request(text, name).answers
    context = samples.form_context({**answers, "workload": "MIG_P1"})
    typed = dict.fromkeys(answers, text)
    named = replace(REQUESTER, name=name)
    found = {
        f"{kind}-page-{page.key}": page_card(
            page, context, MARKER, values=typed, mistakes=dict.fromkeys(answers, "Please choose one of the entries."),
            note=text[:500], is_first=number == 1, step=number, steps=4,
        )
        for number, page in enumerate(PAGES, 1)
    }  # fmt: skip
    found |= {f"{kind}-line-{page.key}": page_line_card(page, context) for page in PAGES}
    earlier = tuple(replace(one, customer=name) for one in samples.EARLIER) * 10
    found[f"{kind}-review"] = review_card(context, MARKER, earlier=earlier, note=text[:500])
    found[f"{kind}-draft"] = draft_card(MARKER, began="Mon 23 Nov, 10:12 CET", customer=name)
    found[f"{kind}-line"] = line_card(text)
    found[f"{kind}-list"] = lists.largest(name, text[:40], text)
    found[f"{kind}-question"] = question_card(named, text)
    found[f"{kind}-welcome"] = welcome_card(named)
    return found


def access_cards() -> dict[str, Card]:
    fpm = f"{FPM.name} ({FPM.email})"
    states = samples.admissions()
    views = [samples.access_view(admission) for admission in states.values()]
    wrong = {"name": "Please write at least 1 characters; this has 0.", "email": "Please give one e-mail address."}
    waiting = {name: states[name] for name in ("asked", "invited", "refused")}
    return {
        "access-ask": ask_card(samples.ASKER, fpm),
        "access-ask-mistakes": ask_card(samples.ASKER, fpm, {"email": "maya", "phone": "+49 30 1234"}, wrong),
        **{f"access-standing-{name}": standing_card(samples.ASKER, one, fpm) for name, one in waiting.items()},
        **{f"access-{name}": admission_card(samples.access_view(one)) for name, one in states.items()},
        "access-overtaken": admission_card(samples.access_view(states["registered"], "This had changed.")),
        "invitations": invitations_card(views),
        "invitations-empty": invitations_card([]),
    }


def other_cards() -> dict[str, Card]:
    rows = [
        Summary(
            number, customer, workload, status, "CONTOSO", samples.BEGINNING - timedelta(days=days), samples.BEGINNING
        )
        for days, (number, customer, workload, status) in enumerate(
            [
                ("CONTOSO-7K3QXD", "Fabrikam Retail GmbH", "MDATP", Status.SUBMITTED),
                ("CONTOSO-4H7M2P", "Adventure Works", "AADP_P1", Status.ASSIGNED),
                ("CONTOSO-9C3QXA", "Wide World Importers", "TEAMS", Status.RETURNED),
                ("CONTOSO-M2M8TT", "Tailspin Toys", "EXCHANGE", Status.DENIED),
            ]
        )
    ]  # fmt: skip
    people = {"requester": REQUESTER, "fpm": FPM, "assigner": ASSIGNER, "sme": SME, "programme": PROGRAM}
    return {
        **{f"help-{name}": help_card(person) for name, person in people.items()},
        **{f"welcome-{name}": welcome_card(person) for name, person in people.items()},
        "found": found_card(samples.submitted(ANSWERS), "28:c9e8c047-2a34-40a1-b28a-b162d5f5327c"),
        "list": lists.listed(rows),
        "list-empty": lists.listed([], ListName.INBOX),
        **lists.list_cards(),
        "question": question_card(REQUESTER, "May we ask for an SME when the customer has 140 seats?"),
    }


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print("Use: python -m tests.gallery FOLDER", file=sys.stderr)  # noqa: T201 - a command talks to whoever typed it
        return 2
    folder = Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    for earlier in folder.glob("*.json"):
        earlier.unlink()
    for name, card in cards().items():
        (folder / f"{name}.json").write_text(json.dumps(card, indent=1, ensure_ascii=False), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
