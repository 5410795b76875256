"""The people of the domain's tests, and requests of theirs in every state."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.domain.advance import advance
from bot.domain.deeds import Deed
from bot.domain.engagement import Engagement
from bot.domain.lifecycle import Action, EngagementStatus, Status
from bot.domain.people import Partner, Person, Role
from bot.domain.request import Event, SmeRequest
from bot.domain.routing import Outcome, Verdict
from bot.domain.view import relations_to

HOME = "99999999-9999-4999-8999-999999999999"
THEIRS = "11111111-1111-4111-8111-111111111111"
OTHERS = "22222222-2222-4222-8222-222222222222"
MONDAY = datetime(2026, 11, 23, 10, tzinfo=UTC)
NOW = MONDAY + timedelta(hours=3)


def someone(email, *roles, tenant=HOME, **more):
    return Person(email, email.partition("@")[0].title(), frozenset(roles), tenant, **more)


RITA = someone("rita@contoso.example", Role.REQUESTER, tenant=THEIRS, partner="CONTOSO")
CARL = someone("carl@contoso.example", Role.REQUESTER, tenant=THEIRS, partner="CONTOSO")
OTTO = someone("otto@fabrikam.example", Role.REQUESTER, tenant=OTHERS, partner="FABRIKAM")
FRANK = someone("frank@home.example", Role.FPM)
BEA = someone("bea@home.example", Role.FPM)
OLGA = someone("olga@home.example", Role.FPM)
NADIA = someone("nadia@home.example", Role.FPM)
CORA = someone("cora@home.example", Role.FPM)
DORA = someone("dora@home.example", Role.FPM)
ANA = someone("ana@home.example", Role.ASSIGNER, regions=("EMEA",))
SAM = someone("sam@home.example", Role.SME, regions=("EMEA",), languages=("en",), workloads=("TEAMS",), capacity=2)
SIMO = someone("simo@home.example", Role.SME, regions=("AMER",), languages=("fr",), workloads=("INTUNE",), capacity=2)
SUE = someone("sue@home.example", Role.SME, regions=("APJ",), languages=("ja",), workloads=("YAMMER",), capacity=2)
PIA = someone("pia@home.example", Role.PROGRAM)
NEMO = someone("nemo@home.example")

CONTOSO = Partner("CONTOSO", "Contoso", "EMEA", (THEIRS,), FRANK.email, BEA.email)
ELIGIBLE = Verdict(Outcome.ELIGIBLE, (), "core", "1", "Teams with any number of seats: eligible for an SME")
NUMBER = "CONTOSO-7K3QXD"
ANSWERS = {
    "tenant_id": "72f988bf-86f1-41af-91ab-2d7cd011db47",
    "tenant_name": "Tailspin Toys",
    "tenant_segment": "Enterprise",
    "region": "EMEA",
    "role": "engineer",
    "workload": "TEAMS",
    "seat_count": "5000",
    "primary_language": "en",
    "secondary_language": "",
    "topic": "coaching",
    "justification": "The team has tried the deployment guide and is stuck.",
    "notes": "",
    "delivery_team": "FTP Partner",
    "partner_name": "CONTOSO",
    "contact_email": "desk@contoso.example",
    "fpm": FRANK.email,
}

STATES = {
    "submitted": (Status.SUBMITTED, None),
    "returned": (Status.RETURNED, None),
    "approved": (Status.APPROVED, None),
    "offered": (Status.ASSIGNED, EngagementStatus.OFFERED),
    "active": (Status.ASSIGNED, EngagementStatus.ACTIVE),
    "denied": (Status.DENIED, None),
    "withdrawn": (Status.WITHDRAWN, None),
    "closed": (Status.CLOSED, EngagementStatus.COMPLETED),
}
INPUTS = {
    "deny_reason": "out_of_scope",
    "return_fields": "seat_count,notes",
    "return_note": "The seats look wrong.",
    "decline_reason": "On leave.",
    "release_reason": "Ill.",
    "close_reason": "The customer stopped.",
    "reopen_reason": "New facts.",
    "issue_text": "No answer for days.",
    "answer_text": "I called them.",
}
TARGETS = {Action.DELEGATE: NADIA, Action.ASSIGN: SUE}


def request_in(state, **changes):
    """Return a request of Rita's in this state; an assigned or closed one is Sam's."""
    status, engagement = STATES[state]
    last = Event(6, Action.APPROVE, "frank@home.example", "Frank", MONDAY)
    request = SmeRequest(
        number=NUMBER,
        token="0" * 32,
        partner="CONTOSO",
        requester=RITA.email,
        answers=ANSWERS,
        verdict=ELIGIBLE,
        form_version="1",
        status=status,
        revision=6,
        fpm=FRANK.email,
        submitted_at=MONDAY,
        triage_from=MONDAY,
        decide_from=MONDAY,
        last=last,
        sme=SAM.email if engagement else "",
        assigned_at=MONDAY if engagement else None,
        returned_at=MONDAY if status is Status.RETURNED else None,
        engagements=1 if engagement else 0,
    )
    return replace(request, **changes)


def engagement_in(state):
    status = STATES[state][1]
    return Engagement(f"{NUMBER}.1", NUMBER, SAM.email, status, MONDAY) if status else None


def deed_of(action, person, request, acts_for=frozenset(), **changes):
    """Return the deed with every input right; `changes` make it wrong. `acts_for` are the FPMs whose cover it is of."""
    deed = Deed(
        action,
        person,
        relations_to(request, person, CONTOSO, acts_for=acts_for),
        INPUTS,
        TARGETS.get(action),
        frozenset(),
        ANSWERS | {"seat_count": "6000"} if action is Action.RESUBMIT else None,
        ELIGIBLE if action is Action.RESUBMIT else None,
    )
    deed = replace(deed, **changes)
    return replace(deed, target_relations=relations_to(request, deed.target, CONTOSO) if deed.target else frozenset())


def done(action, person, state, *, request=None, at=NOW, **changes):
    """Return the change that a person's action makes of a request in this state."""
    request = request or request_in(state)
    return advance(request, deed_of(action, person, request, **changes), at, engagement_in(state))
