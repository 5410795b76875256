"""The people of the domain's tests, and requests of theirs in every state."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from bot.domain.advance import advance
from bot.domain.deeds import Deed
from bot.domain.engagement import Engagement, Kickoff, Mode, Proposal, Rating, Result
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

PROPOSED_ANSWERS = {
    key: ANSWERS[key] for key in ("region", "workload", "topic", "delivery_team", "partner_name", "fpm")
} | {"contact_email": RITA.email}

STATES = {
    "submitted": (Status.SUBMITTED, None),
    "returned": (Status.RETURNED, None),
    "approved": (Status.APPROVED, None),
    "sent_back": (Status.APPROVED, EngagementStatus.DECLINED),
    "proposed": (Status.APPROVED, EngagementStatus.PROPOSED),
    "offered": (Status.ASSIGNED, EngagementStatus.OFFERED),
    "active": (Status.ASSIGNED, EngagementStatus.ACTIVE),
    "completed": (Status.ASSIGNED, EngagementStatus.COMPLETED),
    "denied": (Status.DENIED, None),
    "withdrawn": (Status.WITHDRAWN, None),
    "turned_down": (Status.WITHDRAWN, EngagementStatus.DECLINED),
    "closed": (Status.CLOSED, EngagementStatus.COMPLETED),
    "called_off": (Status.CLOSED, EngagementStatus.COMPLETED),
    "dropped": (Status.CLOSED, EngagementStatus.DECLINED),
}
OF_PROPOSALS = {"proposed", "turned_down", "dropped"}
HELPED = {"active", "completed", "closed"}
HAS_SME = {"offered", "called_off"} | HELPED
PERIOD = (date(2026, 12, 1), date(2026, 12, 18))
PROPOSAL = Proposal(*PERIOD, "The team leads the next rollout.")
KICKOFF = Kickoff(
    Mode.WITH_PARTNER, "The partner leads.", "500 users call.", ("500 users call", "Handed over"), *PERIOD
)
RESULT = Result("Calling runs.", (1, 2), feedback="A strong team.")
RATING = Rating(5, "Thank you.")
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
    "mode": "with_partner",
    "expectations": "The partner leads.",
    "outcomes": "500 users call.",
    "exit_criteria": "500 users call\nHanded over",
    "start": "2026-12-01",
    "end": "2026-12-18",
    "learners": "Carl; paula@contoso.example",
    "note_status": "on_track",
    "note_summary": "Numbers are ported.",
    "note_next": "Train the helpdesk",
    "note_next_date": "2026-11-30",
    "note_concerns": "The carrier is slow.",
    "met": "1,2",
    "summary": "Calling runs.",
    "waive_reason": "The customer is content.",
    "feedback": "A strong team.",
    "rating": "5",
    "rating_comment": "Thank you.",
}
TARGETS = {Action.DELEGATE: NADIA, Action.ASSIGN: SUE}


def request_in(state, **changes):
    """Return a request of Rita's in this state; while there is an SME it is Sam. A proposal is Frank's."""
    status, engagement = STATES[state]
    is_proposal = state in OF_PROPOSALS or changes.get("proposed_by")
    last = Event(6, Action.APPROVE, "frank@home.example", "Frank", MONDAY)
    request = SmeRequest(
        number=NUMBER,
        token="0" * 32,
        partner="CONTOSO",
        requester=RITA.email,
        answers=PROPOSED_ANSWERS if is_proposal else ANSWERS,
        verdict=ELIGIBLE,
        form_version="1",
        status=status,
        revision=6,
        fpm=FRANK.email,
        submitted_at=MONDAY,
        triage_from=MONDAY,
        decide_from=MONDAY,
        last=last,
        sme=SAM.email if state in HAS_SME else "",
        assigned_at=MONDAY if state in HAS_SME else None,
        returned_at=MONDAY if status is Status.RETURNED else None,
        engagements=1 if engagement else 0,
        stage=engagement,
        proposed_by=FRANK.email if is_proposal else "",
    )
    return replace(request, **changes)


def engagement_in(state, **changes):
    """Return the engagement of a request in this state, None where there is none yet."""
    status = STATES[state][1]
    if status is None:
        return None
    is_over = status in {EngagementStatus.COMPLETED, EngagementStatus.DECLINED}
    engagement = Engagement(
        f"{NUMBER}.1",
        NUMBER,
        SAM.email,
        status,
        MONDAY,
        accepted_at=MONDAY if state in HELPED else None,
        ended_at=MONDAY if is_over else None,
        proposal=PROPOSAL if state in OF_PROPOSALS else None,
    )
    return replace(engagement, **changes)


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


def done(action, person, state, *, request=None, engagement=None, at=NOW, **changes):  # noqa: PLR0913 - who did what
    """Return the change that a person's action makes of a request in this state."""
    request, engagement = request or request_in(state), engagement or engagement_in(state)
    return advance(request, deed_of(action, person, request, **changes), at, engagement)
