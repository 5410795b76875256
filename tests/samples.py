"""Sample people, requests and views, made by the domain's own constructors and `advance`."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.domain import access
from bot.domain.access import Admission, AdmissionState
from bot.domain.access_desk import AccessView, Asker
from bot.domain.advance import advance
from bot.domain.deeds import Deed
from bot.domain.engagement import Engagement
from bot.domain.fields import FormContext
from bot.domain.form import verdict_of
from bot.domain.lifecycle import Action, Relation, Status
from bot.domain.matching import Known, load_weights, ranked
from bot.domain.people import CLOCK, Identity, Partner, Person, Role
from bot.domain.periods import next_of_period
from bot.domain.promises import WHEN_IT_SLIPS, Promise, next_to_slip, promises_of
from bot.domain.request import Earlier, Event, SmeRequest
from bot.domain.routing import load_table
from bot.domain.view import RequestView, relations_to
from bot.domain.working_time import Calendar

HOME = "11111111-1111-4111-8111-111111111111"
PARTNER_TENANT = "22222222-2222-4222-8222-222222222222"
BEGINNING = datetime(2026, 11, 23, 9, 12, tzinfo=UTC)
TABLE = load_table()
BERLIN = Calendar(ZoneInfo("Europe/Berlin"), frozenset({date(2026, 12, 25)}))
NEW_YORK = Calendar(ZoneInfo("America/New_York"), frozenset({date(2026, 11, 26)}))

PARTNER = Partner(
    "CONTOSO", "Contoso Consulting", "EMEA", (PARTNER_TENANT,), "ben.hoffmann@fasttrack.example",
    "maria.lopez@fasttrack.example", "Europe/Berlin",
)  # fmt: skip
REQUESTER = Person(
    "alex.wilber@contoso.example", "Alex Wilber", frozenset({Role.REQUESTER}), PARTNER_TENANT,
    partner="CONTOSO", time_zone="Europe/Berlin",
)  # fmt: skip
COLLEAGUE = replace(REQUESTER, email="pradeep.gupta@contoso.example", name="Pradeep Gupta")
FPM = Person(PARTNER.fpm, "Ben Hoffmann", frozenset({Role.FPM}), HOME, time_zone="Europe/Berlin")
BACKUP_FPM = Person(PARTNER.backup_fpm, "Maria Lopez", frozenset({Role.FPM}), HOME, time_zone="Europe/Madrid")
ASSIGNER = Person(
    "isabel.costa@fasttrack.example", "Isabel Costa", frozenset({Role.ASSIGNER}), HOME,
    regions=("EMEA",), time_zone="Asia/Singapore",
)  # fmt: skip
SME = Person(
    "grace.okafor@fasttrack.example", "Grace Okafor", frozenset({Role.SME}), HOME,
    regions=("EMEA",), languages=("en", "fr"), workloads=("MDATP", "AATP"), time_zone="America/New_York", capacity=3,
)  # fmt: skip
PROGRAM = Person("nora.lind@fasttrack.example", "Nora Lind", frozenset({Role.PROGRAM}), HOME)
OTHER_SMES = tuple(
    replace(SME, email=f"sme{n}@fasttrack.example", name=name, workloads=workloads, regions=(region,))
    for n, (name, workloads, region) in enumerate(
        [("Li Wei", ("MDATP",), "APJ"), ("Sven Berg", ("TEAMS",), "EMEA"), ("Ana Souza", ("MDATP",), "AMER")]
    )
)
STRANGER = replace(REQUESTER, email="somebody@elsewhere.example", name="Some Body", partner="FABRIKAM")
PEOPLE = (REQUESTER, COLLEAGUE, FPM, BACKUP_FPM, ASSIGNER, SME, PROGRAM, *OTHER_SMES)

ANSWERS: Mapping[str, str] = {
    "tenant_id": "72f988bf-86f1-41af-91ab-2d7cd011db47",
    "tenant_name": "Fabrikam Retail GmbH",
    "tenant_segment": "Enterprise",
    "region": "EMEA",
    "role": "engineer",
    "workload": "MDATP",
    "seat_count": "5200",
    "primary_language": "en",
    "secondary_language": "de",
    "topic": "unblocking",
    "justification": "Onboarding stops at 40 % of the devices. We tried the local script and group policy, "
    "and need help to read the sensor's logs.",
    "notes": "The customer's change window ends on 18 December.",
    "delivery_team": "FTP Partner",
    "partner_name": "CONTOSO",
    "contact_email": "pradeep.gupta@contoso.example",
    "fpm": PARTNER.fpm,
}
FLAGGED: Mapping[str, str] = {
    **ANSWERS,
    "seat_count": "120",
    "primary_language": "de",
    "secondary_language": "",
    "exception_reason": "The pilot has 120 seats; the roll-out to 4,000 seats follows in spring.",
}
EXCEPTIONAL: Mapping[str, str] = {
    **ANSWERS,
    "workload": "MIG_P1",
    "exception_reason": "The published guidance does not cover the customer's hybrid records centre.",
}
MIGRATION: Mapping[str, str] = {
    **ANSWERS,
    "role": "migration",
    "workload": "EXCHANGE",
    "topic": "migration",
    "email_source": "other",
    "email_source_other": "Zimbra 8.8",
}
EARLIER = (
    Earlier(
        "CONTOSO-4H7M2P", "Fabrikam Retail GmbH", Status.ASSIGNED, BEGINNING - timedelta(days=20), is_duplicate=True
    ),
    Earlier("CONTOSO-9C3QXA", "Adventure Works", Status.CLOSED, BEGINNING - timedelta(days=200), is_duplicate=False),
)
SENTENCES: Mapping[Action, Mapping[str, str]] = {
    Action.RETURN: {
        "return_fields": "seat_count,justification",
        "return_note": "Please give the licences of this workload only, and say what was tried.",
    },
    Action.DENY: {"deny_reason": "out_of_scope", "deny_note": "An SME does not run the pilot in your place."},
    Action.DECLINE: {"decline_reason": "I am on leave from Thursday."},
    Action.RELEASE: {"release_reason": "The partner needs somebody who speaks German."},
    Action.CLOSE: {"close_reason": "All devices are onboarded."},
    Action.REOPEN: {"reopen_reason": "The customer has bought licences since."},
    Action.ANSWER: {"answer_text": "I have reminded Grace; she calls you today."},
    Action.ISSUE: {"issue_text": "Nobody has been in touch since Monday."},
    Action.KICKOFF: {
        "mode": "with_partner",
        "expectations": "Contoso leads every call with the customer. Grace reads the logs beforehand and coaches.",
        "outcomes": "All 5,200 devices report to the portal, and Contoso can onboard the next customer alone.",
        "exit_criteria": "95 % of the devices are onboarded\nContoso has solved one ticket alone\n"
        "The runbook is handed over",
        "start": "2026-12-01",
        "end": "2026-12-18",
        "learners": "Pradeep Gupta\nlidia.holloway@contoso.example",
    },
    Action.NOTE: {
        "note_status": "on_track",
        "note_summary": "3,100 of 5,200 devices are onboarded. The proxy was the reason.",
        "note_next": "Open the proxy for the last two sites",
        "note_next_date": "2026-12-04",
    },
    Action.COMPLETE: {
        "met": "1,2,3",
        "summary": "5,150 devices are onboarded; the rest is being replaced. Contoso has led the last two calls alone.",
        "feedback": "A strong team. They need somebody for the network side.",
    },
    Action.RATE: {"rating": "5", "rating_comment": "Grace found in an hour what we had looked for for weeks."},
}


def form_context(answers: Mapping[str, str], requester: Person = REQUESTER) -> FormContext:
    fpms = {p.email: p.name for p in (FPM, BACKUP_FPM)}
    return FormContext(requester, {PARTNER.code: PARTNER}, fpms, answers, verdict_of(TABLE, answers))


def submitted(answers: Mapping[str, str] = ANSWERS, earlier: tuple[Earlier, ...] = ()) -> SmeRequest:
    verdict = verdict_of(TABLE, answers)
    assert verdict
    return SmeRequest(
        number="CONTOSO-7K3QXD",
        token="0f" * 16,
        partner="CONTOSO",
        requester=REQUESTER.email,
        answers=answers,
        verdict=verdict,
        form_version="1",
        status=Status.SUBMITTED,
        revision=1,
        fpm=answers["fpm"],
        submitted_at=BEGINNING,
        triage_from=BEGINNING,
        decide_from=BEGINNING,
        last=Event(1, Action.SUBMIT, REQUESTER.email, REQUESTER.name, BEGINNING),
        earlier=earlier,
    )


@dataclass
class Journey:
    """A request on its way: each `do` is one action, two hours and eleven minutes after the one before."""

    request: SmeRequest = field(default_factory=submitted)
    engagement: Engagement | None = None
    history: list[Event] = field(default_factory=list)
    said: Mapping[Action, Mapping[str, str]] = field(default_factory=lambda: SENTENCES)

    def __post_init__(self) -> None:
        self.history = self.history or [self.request.last]

    def do(self, action: Action, by: Person, inputs: Mapping[str, str] | None = None, **more: object) -> "Journey":
        """Do an action with the words that are usual for it; `inputs` are what is filled in differently."""
        relations = relations_to(self.request, by, PARTNER)
        deed = Deed(action, by, relations, {**self.said.get(action, {}), **(inputs or {})}, **more)
        return self._step(deed, self.request.last.at + timedelta(hours=2, minutes=11))

    def slip(self) -> "Journey":
        """Let the time pass until the next promise runs out, and have the clock tell of it."""
        late = next_to_slip(self.promises)
        assert late
        return self._step(Deed(WHEN_IT_SLIPS[late.id], CLOCK, frozenset({Relation.CLOCK})), late.due)

    def go_on(self) -> "Journey":
        """Let the time pass until the clock does something about the period of the help, and have it do that."""
        found = next_of_period(self.request, self.engagement, BERLIN, self.request.last.at)
        assert found
        action, at = found
        return self._step(Deed(action, CLOCK, frozenset({Relation.CLOCK})), at)

    def _step(self, deed: Deed, at: datetime) -> "Journey":
        change = advance(self.request, deed, at, self.engagement)
        self.request = change.request
        self.engagement = change.engagement or self.engagement
        self.history.append(change.event)
        return self

    def resubmit(self, answers: Mapping[str, str]) -> "Journey":
        return self.do(Action.RESUBMIT, REQUESTER, answers=answers, verdict=verdict_of(TABLE, answers))

    @property
    def promises(self) -> tuple[Promise, ...]:
        return promises_of(self.request, self.engagement, BERLIN, NEW_YORK if self.request.sme else None)

    def view(self, reader: Person, **more: object) -> RequestView:
        """Return the view of a reader, with every choice filled in as the desk would."""
        request = self.request
        relations = relations_to(request, reader, PARTNER)
        made = RequestView(
            request=request,
            engagement=self.engagement,
            reader=reader,
            relations=relations,
            partner=PARTNER,
            names={p.email: p.name for p in PEOPLE},
            promises=self.promises,
            history=tuple(self.history),
            fpms=(BACKUP_FPM,),
            ranking=ranked(request, (SME, *OTHER_SMES), self.known(request), load_weights()),
            assignment_address="sme-assignment@fasttrack.example",
        )
        return replace(made, **more)

    def known(self, request: SmeRequest) -> Known:
        """Return what is known of the SMEs: who has something open, and who has left this request."""
        gone = (event for event in self.history if event.action in {Action.DECLINE, Action.RELEASE})
        left = {event.details["sme"]: event.action for event in gone if "sme" in event.details}
        return Known(request.last.at, ZoneInfo(REQUESTER.time_zone), loads={SME.email: 1}, left=left)


def journeys(request: SmeRequest | None = None) -> dict[str, Journey]:
    """Return a journey that stands in each status, and in the states that share one."""

    def start() -> Journey:
        return Journey(request or submitted())

    def approved() -> Journey:
        return start().do(Action.APPROVE, FPM)

    def assigned() -> Journey:
        return approved().do(Action.ASSIGN, ASSIGNER, target=SME)

    returned = start().do(Action.RETURN, FPM)
    fixed = {**returned.request.answers, "seat_count": "4800", "notes": "The change window ends on 11 December."}
    return {
        "submitted": start(),
        "returned": returned,
        "resubmitted": start().do(Action.RETURN, FPM).resubmit(fixed),
        "delegated": start().do(Action.DELEGATE, FPM, target=BACKUP_FPM),
        "approved": approved(),
        "assigned": assigned(),
        "declined": assigned().do(Action.DECLINE, SME),
        "accepted": assigned().do(Action.ACCEPT, SME),
        "contacted": assigned().do(Action.ACCEPT, SME).do(Action.CONTACTED, SME),
        "released": assigned().do(Action.RELEASE, FPM),
        "with-an-issue": assigned().do(Action.ISSUE, REQUESTER),
        "answered": assigned().do(Action.ISSUE, REQUESTER).do(Action.ANSWER, FPM),
        "denied": start().do(Action.DENY, FPM),
        "withdrawn": start().do(Action.WITHDRAW, REQUESTER),
        "closed": assigned().do(Action.ACCEPT, SME).do(Action.CLOSE, FPM),
        "reopened": start().do(Action.DENY, FPM).do(Action.REOPEN, FPM),
        "first-look-late": start().slip(),
        "decision-late": start().slip().slip(),
        "assignment-late": approved().slip(),
        "reply-late": assigned().slip(),
        "contact-late": assigned().do(Action.ACCEPT, SME).slip(),
    }


ASKER = Asker(Identity(PARTNER_TENANT, "77777777-1111-4111-8111-777777777777"), PARTNER, "Maya R.")


def admissions(**changes: str) -> dict[str, Admission]:
    """Return an admission in each state, of somebody who asked, and an invitation; `changes` are what was typed."""
    asked = Admission(
        access.id_of_asker(PARTNER.code, ASKER.identity), PARTNER.code, "maya.roth@contoso.example", "Maya Roth",
        BEGINNING, BEGINNING, AdmissionState.ASKED, tenant_id=ASKER.identity.tenant_id,
        object_id=ASKER.identity.object_id, teams_name="Maya R.", phone="+49 30 1234",
        contact_email="maya@home.example",
    )  # fmt: skip
    asked = replace(asked, **changes)
    later = BEGINNING + timedelta(hours=3)
    refusal = changes.get("note", "Please ask with the account of your own company.")
    states = {s.value: access.changed(asked, s, FPM, later) for s in AdmissionState if s is not AdmissionState.ASKED}
    nameless = Admission(
        access.id_of_invited(PARTNER.code, asked.email), PARTNER.code, asked.email, "", BEGINNING, BEGINNING,
        AdmissionState.ASKED,
    )  # fmt: skip
    return {
        "asked": asked,
        "asked-taken": replace(asked, is_taken=True),
        **states,
        "refused": access.changed(asked, AdmissionState.REFUSED, FPM, later, refusal),
        "expired": replace(states["invited"], expires_at=BEGINNING),
        "invitation": access.changed(nameless, AdmissionState.INVITED, FPM, later),
    }


def access_view(admission: Admission, note: str = "") -> AccessView:
    return AccessView(admission, PARTNER, FPM, BEGINNING + timedelta(days=1), FPM.name, note)
