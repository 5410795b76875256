"""Sample engagements: the work on a request at each of its stages, help that was proposed, and the cards about them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from bot.cards.leaves import leaves_card
from bot.cards.lessons import learning_card
from bot.cards.pieces import Card
from bot.cards.proposal import proposal_form_card
from bot.cards.request import request_card, status_card
from bot.cards.review import review_card
from bot.domain.advance import at_stage_of
from bot.domain.engagement import Proposal, proposed
from bot.domain.engaging import (
    CRITERION_LONGEST,
    LEARNER_LONGEST,
    MOST_CRITERIA,
    MOST_LEARNERS,
    proposal_in,
)
from bot.domain.filters import ListName
from bot.domain.learning import Lesson
from bot.domain.lifecycle import Action, EngagementStatus, Status, Topic
from bot.domain.matching import Ranking, load_weights, ranked
from bot.domain.people import Leave, Person
from bot.domain.ports import Learned, Summary
from bot.domain.proposing import ProposalForm
from bot.domain.request import Event, SmeRequest, happened
from bot.domain.texts import PART_LONGEST, WORDS_LONGEST, cleaned, one_line
from tests import lists, samples
from tests.samples import (
    ANSWERS,
    ASSIGNER,
    BEGINNING,
    FPM,
    OTHER_SMES,
    PARTNER,
    PROGRAM,
    REQUESTER,
    SENTENCES,
    SME,
    Journey,
)

Said = Mapping[Action, Mapping[str, str]]
READERS: Mapping[str, Person] = {"partner": REQUESTER, "fpm": FPM, "sme": SME}
TOKEN = "0f" * 16
MARKER = {"token": TOKEN, "card": "page"}
PROPOSAL: Mapping[str, str] = {
    "outcomes": "Contoso moves its next three customers to Defender for Endpoint on its own.",
    "start": "2026-11-30",
    "end": "2026-12-18",
}
CHANGED = {"end": "2026-12-22", "outcomes": "All 5,200 devices report to the portal."}
WAIVED = {"met": "1,3", "waive_reason": "No ticket came up in these weeks."}
STATUSES: Mapping[str, Mapping[str, str]] = {
    "on-track": {"note_concerns": ""},
    "paused": {"note_status": "paused", "note_concerns": "The customer's administrator is on parental leave."},
    "customer": {"note_status": "pending_customer", "note_concerns": "The change board meets once a month."},
    "fasttrack": {"note_status": "pending_fasttrack", "note_next": "", "note_concerns": "The ticket has no answer."},
    "bare": {"note_next": "", "note_next_date": ""},
}
"""What an SME notes, by what is in its name."""


def active(request: SmeRequest | None = None, said: Said = SENTENCES) -> Journey:
    """Return a request whose SME is in touch with the partner."""
    journey = Journey(request or samples.submitted(), said=said).do(Action.APPROVE, FPM)
    return journey.do(Action.ASSIGN, ASSIGNER, target=SME).do(Action.ACCEPT, SME).do(Action.CONTACTED, SME)


def journeys(request: SmeRequest | None = None, said: Said = SENTENCES) -> dict[str, Journey]:
    """Return a journey at each stage of the work on a request."""

    def written() -> Journey:
        return active(request, said).do(Action.KICKOFF, SME)

    def agreed() -> Journey:
        return written().do(Action.AGREE, FPM).do(Action.AGREE, REQUESTER)

    def noted(status: str = "customer") -> Journey:
        differs = {k: v for k, v in STATUSES[status].items() if said is SENTENCES or k == "note_status"}
        return agreed().do(Action.NOTE, SME, differs)

    def completed() -> Journey:
        return noted().do(Action.COMPLETE, SME, {"met": ",".join(str(n) for n in range(1, MOST_CRITERIA + 1))})

    def waived() -> Journey:
        return noted().do(Action.COMPLETE, SME, {"waive_reason": WAIVED["waive_reason"], "met": "1,3"} | _own(said))

    low = {"rating": "2", "rating_comment": "It took three weeks until somebody looked at the proxy."}
    low = low | {key: said[Action.RATE][key] for key in low if said is not SENTENCES and key != "rating"}
    return {
        "kickoff-due": active(request, said),
        "kickoff-written": written(),
        "kickoff-agreed-by-fpm": written().do(Action.AGREE, FPM),
        "kickoff-agreed-by-partner": written().do(Action.AGREE, REQUESTER),
        "kickoff-nobody-learns": active(request, said).do(Action.KICKOFF, SME, {"learners": ""}),
        "kickoff-agreed": agreed(),
        "kickoff-changed": agreed().do(Action.KICKOFF, SME, CHANGED if said is SENTENCES else {}),
        **{f"noted-{status}": noted(status) for status in STATUSES},
        "noted-with-an-issue": written().do(Action.NOTE, SME).do(Action.ISSUE, REQUESTER),
        "completed": completed(),
        "completed-waived": waived(),
        "completed-unagreed": written().do(Action.COMPLETE, SME, {"met": "1,2,3", **_unagreed(said)}),
        "completed-bare": active(request, said).do(Action.COMPLETE, SME, {"feedback": ""}),
        "rated-5": waived().do(Action.RATE, REQUESTER),
        "rated-2": waived().do(Action.RATE, REQUESTER, low),
        "ended-unrated": waived().do(Action.CLOSE, FPM, {"close_reason": ""}),
        "ended-rated-5": waived().do(Action.RATE, REQUESTER).do(Action.CLOSE, FPM, {"close_reason": ""}),
        "ended-rated-2": completed().do(Action.CLOSE, FPM).do(Action.RATE, REQUESTER, low),
        "ended-early": written().do(Action.CLOSE, FPM),
    }


def _own(said: Said) -> dict[str, str]:
    """Return the reason of a waiver that is not the usual one."""
    given = said[Action.COMPLETE].get("waive_reason", "")
    return {"waive_reason": given} if given else {}


def _unagreed(said: Said) -> dict[str, str]:
    """Return why an SME completes what not everybody has agreed on."""
    return _own(said) or {"waive_reason": "Nobody answered, and the work was done."}


def proposal(outcomes: str = PROPOSAL["outcomes"], said: Said = SENTENCES, by: Person = FPM) -> Journey:
    """Return help that was proposed to a partner, as the desk files it."""
    period: Proposal = proposal_in({**PROPOSAL, "outcomes": outcomes}, BEGINNING)
    asked = {"to": REQUESTER.email, "to_name": REQUESTER.name}
    event = Event(1, Action.PROPOSE, by.email, by.name, BEGINNING, details=asked)
    answers = {
        "partner_name": PARTNER.code, "region": PARTNER.region, "contact_email": REQUESTER.email, "fpm": FPM.email,
        "workload": "MDATP", "topic": "coaching", "delivery_team": "FTP Partner",
    }  # fmt: skip
    engagement = proposed("CONTOSO-7K3QXD", SME.email, BEGINNING, period)
    draft = replace(
        samples.submitted(), answers=answers, status=Status.APPROVED, triaged_at=BEGINNING, engagements=1, last=event,
        last_deed=1, proposed_by=by.email, requester=REQUESTER.email, fpm=FPM.email,
    )  # fmt: skip
    return Journey(at_stage_of(engagement, draft), engagement, said=said)


def proposals(outcomes: str = PROPOSAL["outcomes"], said: Said = SENTENCES) -> dict[str, Journey]:
    """Return a journey at each stage of help that was proposed."""

    def made() -> Journey:
        return proposal(outcomes, said)

    def offered() -> Journey:
        return made().do(Action.AGREE, REQUESTER)

    def refused() -> Journey:
        return offered().do(Action.DECLINE, SME)

    def at_work() -> Journey:
        return offered().do(Action.ACCEPT, SME).do(Action.CONTACTED, SME)

    no = {} if said is not SENTENCES else {"decline_reason": "We have no time before March."}
    end = {"end": PROPOSAL["end"], "start": PROPOSAL["start"]}
    agreed = at_work().do(Action.KICKOFF, SME, end).do(Action.AGREE, FPM).do(Action.AGREE, REQUESTER)
    return {
        "proposal": made(),
        "proposal-agreed": offered(),
        "proposal-declined": made().do(Action.DECLINE, REQUESTER, no),
        "proposal-sme-declined": refused(),
        "proposal-reassigned": refused().do(Action.ASSIGN, FPM, target=OTHER_SMES[0]),
        "proposal-taken-back": made().do(Action.CLOSE, FPM),
        "proposal-ends-soon": made().go_on(),
        "proposal-lapsed": made().go_on().go_on(),
        "offer-lapsed": offered().go_on().go_on(),
        "proposal-at-work": at_work(),
        "period-ends-soon": agreed.go_on(),
        "period-over": at_work().go_on().go_on(),
        "period-summed-up": at_work().go_on().go_on().do(Action.COMPLETE, SME),
    }


def taken(text: str, most: int) -> str:
    """Return as much of a text as is taken, counted as an input counts: in UTF-16 units."""
    return cleaned(text.encode("utf-16-le", "surrogatepass")[: 2 * most].decode("utf-16-le", "ignore"))


def longest(text: str, name: str) -> dict[Action, dict[str, str]]:
    """Return the words of every action, each as long as it is taken."""
    line = one_line(text)
    part, whole = taken(text, PART_LONGEST), taken(text, WORDS_LONGEST)
    bare = "".join(c for c in line if c not in ",;") or "x"
    learners = [taken(f"{n:02} {bare}", LEARNER_LONGEST - 1) for n in range(1, MOST_LEARNERS + 1)]
    criteria = [taken(f"{n:02} {line}", CRITERION_LONGEST) for n in range(1, MOST_CRITERIA + 1)]
    words = {
        Action.DECLINE: "decline_reason", Action.RELEASE: "release_reason", Action.CLOSE: "close_reason",
        Action.REOPEN: "reopen_reason", Action.ISSUE: "issue_text", Action.ANSWER: "answer_text",
    }  # fmt: skip
    kickoff = dict(SENTENCES[Action.KICKOFF])
    kickoff |= {"expectations": part, "outcomes": part, "learners": "\n".join(learners)}
    note = {"note_summary": part, "note_next": part, "note_concerns": part}
    return {
        **{action: {key: whole} for action, key in words.items()},
        Action.ASSIGN: {"assign_note": whole},
        Action.KICKOFF: {**kickoff, "exit_criteria": "\n".join(criteria)},
        Action.NOTE: {**SENTENCES[Action.NOTE], **note},
        Action.COMPLETE: {"met": "1,3", "waive_reason": whole, "summary": whole, "feedback": whole},
        Action.RATE: {"rating": "2", "rating_comment": whole},
    }


def lessons() -> tuple[Lesson, ...]:
    """Return what people of the partner have learned before."""
    told = [
        ("CONTOSO-4H7M2P", "Adventure Works", ("Pradeep Gupta", "Lidia Holloway"), "All devices report; one runbook."),
        ("CONTOSO-9C3QXA", "Wide World Importers", (), "The proxy was the reason."),
        ("CONTOSO-M2M8TT", "Tailspin Toys", ("Pradeep Gupta",), ""),
    ]
    found = []
    for months, (number, customer, learners, summary) in enumerate(told, 1):
        ended = BEGINNING - timedelta(days=30 * months)
        learned = Learned(number, f"{number}.1", SME.email, "", customer, "MDATP", "unblocking", ended)
        found.append(Lesson(learned, SME.name, learners, summary))
    return tuple(found)


def form(partners: Sequence[str] = (PARTNER.name,)) -> ProposalForm:
    found = tuple(replace(PARTNER, code=f"CONTOSO{n or ''}", name=name) for n, name in enumerate(partners))
    return ProposalForm(TOKEN, found, (REQUESTER, samples.COLLEAGUE), (SME, *OTHER_SMES))


def rankings() -> dict[str, Ranking]:
    """Return what an assigner may find: nobody at all, nobody any more, and somebody who has declined."""
    request = active().request
    points = load_weights()
    known = replace(active().known(request), left={SME.email: Action.DECLINE})
    speaks_nothing = [replace(sme, languages=("ja",)) for sme in (SME, *OTHER_SMES)]
    full = [replace(sme, workloads=("MDATP",), capacity=1) for sme in (SME, *OTHER_SMES)]
    busy = replace(known, loads={sme.email: 1 for sme in full})
    return {
        "nobody": ranked(request, (), known, points),
        "nobody-knows-it": ranked(request, [replace(SME, workloads=("TEAMS",))], known, points),
        "nobody-speaks-it": ranked(request, speaks_nothing, known, points),
        "nobody-has-room": ranked(request, full, busy, points),
        "nobody-but-who-declined": ranked(request, (SME,), known, points),
        "somebody-declined": ranked(request, (SME, *OTHER_SMES), known, points),
    }


def listed() -> list[Summary]:
    """Return the rows of a list with every stage of the work in them."""
    stages = [
        (Status.APPROVED, EngagementStatus.PROPOSED, "Proactive help", ""),
        (Status.APPROVED, EngagementStatus.DECLINED, "Adventure Works", ""),
        (Status.ASSIGNED, EngagementStatus.OFFERED, "Fabrikam Retail GmbH", ""),
        (Status.ASSIGNED, EngagementStatus.ACTIVE, "Wide World Importers", "Kick-off to agree on"),
        (Status.ASSIGNED, EngagementStatus.COMPLETED, "Tailspin Toys", ""),
    ]
    return [
        Summary(f"CONTOSO-7K3QX{n}", customer, "MDATP", status, "CONTOSO", BEGINNING, BEGINNING, note, stage)
        for n, (status, stage, customer, note) in enumerate(stages)
    ]


def engagement_cards() -> dict[str, Card]:
    """Return the card of each stage for partner, FPM and SME, and those beside it."""
    found: dict[str, Card] = {}
    for state, journey in {**journeys(), **proposals()}.items():
        for name, reader in READERS.items():
            found[f"engagement-{name}-{state}"] = request_card(journey.view(reader), Topic.ENGAGEMENT)
        view = journey.view(REQUESTER)
        found[f"news-{state}"] = request_card(view, Topic.NEWS, sentence=happened(journey.request.last))
    ends, helped = journeys(), proposals()
    for name, reader in {**READERS, "assigner": ASSIGNER, "programme": PROGRAM}.items():
        found[f"status-{name}-completed-waived"] = status_card(ends["completed-waived"].view(reader))
        found[f"status-{name}-rated-2"] = status_card(ends["rated-2"].view(reader))
    found["proposal"] = request_card(helped["proposal"].view(REQUESTER), Topic.PROPOSAL)
    found["proposal-declined"] = request_card(helped["proposal-declined"].view(REQUESTER), Topic.PROPOSAL)
    found["proposal-back"] = request_card(helped["proposal-sme-declined"].view(FPM), Topic.ASSIGNMENT)
    found["ping-proposal"] = request_card(helped["proposal-agreed"].view(SME), Topic.PING)
    return {**found, **_beside_the_work()}


def _beside_the_work() -> dict[str, Card]:
    approved = Journey().do(Action.APPROVE, FPM)
    declined = samples.journeys()["declined"]
    context = samples.form_context(ANSWERS)
    days = [(date(2026, 12, 21), date(2027, 1, 1)), (date(2027, 2, 8), date(2027, 2, 8))]
    leaves = [Leave(SME.email, first, last) for first, last in days]
    return {
        **{
            f"assignment-{name}": request_card(approved.view(ASSIGNER, ranking=ranking), Topic.ASSIGNMENT)
            for name, ranking in rankings().items()
        },
        "assignment-declined-before": request_card(declined.view(ASSIGNER), Topic.ASSIGNMENT),
        "decision-learned-before": request_card(Journey().view(FPM, lessons=lessons()), Topic.DECISION),
        "review-learned-before": review_card(context, MARKER, earlier=samples.EARLIER, lessons=lessons()),
        "proposal-form": proposal_form_card(form()),
        "proposal-form-partners": proposal_form_card(form(("Contoso Consulting", "Northwind Services"))),
        "learning": learning_card(lessons(), REQUESTER),
        "learning-empty": learning_card([], REQUESTER),
        "leaves": leaves_card(leaves, 2),
        "leaves-none": leaves_card([], 0),
        "engagements": lists.listed(listed(), ListName.ENGAGEMENTS),
    }
