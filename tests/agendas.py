"""Sample agendas: what waits for each role on one morning, and the cards about it and about late promises."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.cards.agenda import agenda_card
from bot.cards.pieces import Card
from bot.cards.request import request_card
from bot.domain.lifecycle import Action, Relation, Topic
from bot.domain.matching import Ranking
from bot.domain.people import Person
from bot.domain.request import done
from bot.domain.view import RequestView
from tests import samples
from tests.samples import ANSWERS, ASSIGNER, BACKUP_FPM, BEGINNING, FPM, PROGRAM, REQUESTER, SME, Journey

AT = BEGINNING + timedelta(days=1)
"""Tuesday, 10:12 in Berlin."""
MANY = 15
WORD = 3


def request(number: str, customer: str, workload: str, began: datetime) -> Journey:
    """Return the beginning of a request, sent at a time."""
    made = samples.submitted({**ANSWERS, "tenant_name": customer, "workload": workload})
    first = replace(made.last, at=began)
    times = {"submitted_at": began, "triage_from": began, "decide_from": began}
    return Journey(replace(made, number=f"CONTOSO-{number}", last=first, **times))


def late() -> Journey:
    return request("4H7M2P", "Adventure Works", "AADP_P1", AT - timedelta(days=6)).slip().slip()


def soon() -> Journey:
    return request("7K3QXD", "Fabrikam Retail GmbH", "MDATP", AT - timedelta(hours=20))


def new() -> Journey:
    return request("9C3QXA", "Wide World Importers", "TEAMS", AT - timedelta(minutes=20))


def settled() -> Journey:
    """Return a request that the backup FPM has approved for the FPM."""
    asked = request("M2M8TT", "Tailspin Toys", "EXCHANGE", AT - timedelta(days=4)).slip()
    return asked.do(Action.APPROVE, BACKUP_FPM, on_behalf=FPM)


def approved() -> Journey:
    return request("5T2W8H", "Northwind Traders", "MDATP", AT - timedelta(days=4, hours=8)).do(Action.APPROVE, FPM)


def offered() -> Journey:
    return soon().do(Action.APPROVE, FPM).do(Action.ASSIGN, ASSIGNER, target=SME)


def accepted() -> Journey:
    old = request("8W2C4R", "Wingtip Toys", "TEAMS", AT - timedelta(days=5)).do(Action.APPROVE, FPM)
    return old.do(Action.ASSIGN, ASSIGNER, target=SME).do(Action.ACCEPT, SME)


def returned() -> Journey:
    return soon().do(Action.RETURN, FPM)


def views(reader: Person, *journeys: Journey, relations: frozenset[Relation] | None = None) -> list[RequestView]:
    """Return the views as they are made for a card about several: without history and choices."""
    more = {"history": (), "fpms": (), "ranking": Ranking(), **({"relations": relations} if relations else {})}
    return [journey.view(reader, **more) for journey in journeys]


def lines(*journeys: Journey) -> list[str]:
    return [f"{each.request.number} for {each.request.customer}: {done(each.request.last)}" for each in journeys]


def many(reader: Person, journey: Journey, count: int = MANY) -> list[RequestView]:
    """Return many requests like one, with numbers as long as they can be."""
    numbers = [f"CONTOSOGROUP-{n:06}" for n in range(count)]
    made = [replace(journey.request, number=number) for number in numbers]
    return [view for one in made for view in views(reader, replace(journey, request=one))]


def card(topic: Topic, reader: Person, shown: Sequence[RequestView], told: Sequence[str] = (), **more: object) -> Card:
    return agenda_card(topic, shown, told, **{"reader": reader, "at": AT, "word": WORD, **more})


def agenda_cards() -> dict[str, Card]:
    """Return a card of each topic for each role, and what is rare: nothing, one alone, and very many."""
    mine = views(FPM, late(), soon(), new(), settled())
    told = lines(settled(), offered())
    covered = views(BACKUP_FPM, late(), soon(), relations=frozenset({Relation.FPM}))
    ones = {
        "fpm": (FPM, new()), "fpm-late": (FPM, late()), "assigner": (ASSIGNER, approved()), "sme": (SME, offered()),
        "contact": (SME, accepted()), "settled": (FPM, settled()),
    }  # fmt: skip
    return {
        **{f"reminder-one-{name}": card(Topic.REMINDER, who, [one.view(who)]) for name, (who, one) in ones.items()},
        "reminder": card(Topic.REMINDER, FPM, mine),
        "brief-fpm": card(Topic.BRIEF, FPM, mine, told),
        "brief-assigner": card(Topic.BRIEF, ASSIGNER, views(ASSIGNER, approved(), settled()), told),
        "brief-sme": card(Topic.BRIEF, SME, views(SME, accepted(), offered())),
        "brief-requester": card(Topic.BRIEF, REQUESTER, views(REQUESTER, returned()), lines(settled())),
        "brief-programme": card(Topic.BRIEF, PROGRAM, views(PROGRAM, late()), told),
        "brief-nothing": card(Topic.BRIEF, FPM, [], told),
        "brief-many": card(Topic.BRIEF, FPM, many(FPM, soon()), told),
        "brief-pressed": card(Topic.BRIEF, FPM, views(FPM, settled(), new()), note="This had been approved already."),
        "covering": card(Topic.COVERING, BACKUP_FPM, covered),
        "covering-nothing": card(Topic.COVERING, BACKUP_FPM, []),
        "back": card(Topic.BACK, FPM, views(FPM, soon(), new()), lines(settled(), returned())),
    }


def escalation_cards() -> dict[str, Card]:
    """Return the card about each late promise for everybody who is told, and as it stands once that is settled."""
    states = samples.journeys()
    decided = samples.journeys()["decision-late"].do(Action.APPROVE, BACKUP_FPM)
    states["settled-late"] = decided.do(Action.ASSIGN, ASSIGNER, target=SME)
    states["returned-late"] = samples.journeys()["decision-late"].do(Action.RETURN, FPM)
    told = {
        "decision-late": {"fpm": FPM, "backup": BACKUP_FPM, "assigner": ASSIGNER, "programme": PROGRAM},
        "assignment-late": {"backup": BACKUP_FPM, "assigner": ASSIGNER},
        "reply-late": {"assigner": ASSIGNER},
        "contact-late": {"fpm": FPM},
        "settled-late": {"backup": BACKUP_FPM, "programme": PROGRAM},
        "returned-late": {"assigner": ASSIGNER},
    }
    return {
        f"escalation-{state}-{name}": request_card(states[state].view(reader), Topic.ESCALATION)
        for state, readers in told.items()
        for name, reader in readers.items()
    }
