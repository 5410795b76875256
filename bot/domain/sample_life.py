"""The life of one request of the sample history, told by the rules of all others: what people do, and when."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import TypeVar

from bot.domain import sample_words as said
from bot.domain.catalogues import WORKLOADS
from bot.domain.deeds import Deed
from bot.domain.lifecycle import Action, Relation, Topic
from bot.domain.notices import Notice, NoticeState
from bot.domain.past import Diaries, PastCase, Telling
from bot.domain.people import Person
from bot.domain.promises import decision_due
from bot.domain.request import SmeRequest, happened
from bot.domain.sample_town import Town
from bot.domain.working_time import BUSINESS_DAY, add_working_time

_DENY_REASONS = ("insufficient_information", "out_of_scope", "self_deploy", "not_eligible", "other")
_STARS = (1, 2, 3, 4, 5), (3, 5, 12, 29, 51)
_DENIED, _WITHDRAWN, _RETURNED, _DECLINED, _ISSUE = 0.12, 0.04, 0.08, 0.06, 0.05
_TRIAGE_LATE, _DECISION_LATE, _REPLY_LATE, _CONTACT_LATE, _RECEIPT_LATE = 0.08, 0.13, 0.05, 0.15, 0.01
_KICKOFF, _NOTE, _RATED = 0.45, 0.3, 0.7
_IN_TIME, _LATE = (0.04, 0.92), (1.05, 2.2)
_ALL_MET = ",".join(str(place + 1) for place in range(len(said.CRITERIA)))
_T = TypeVar("_T")
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


@dataclass(slots=True)
class Life:
    """One request being told; `sme` is who helps, once somebody has been asked.

    `pace` is how much of the time that people have they take, 1 for the usual.
    """

    random: Random
    town: Town
    diaries: Diaries
    requester: Person
    fpm: Person
    sme: Person
    pace: float
    telling: Telling
    at: datetime

    def over(self, draft: SmeRequest) -> PastCase:
        """Tell of a request from its beginning to its end."""
        random, receipts = self.random, [self._submitted(draft)]
        if self._happens(_RETURNED):
            self.returned()
            receipts.append(self._resubmitted())
        end = random.random()
        if end < _DENIED:
            self._denied()
        elif end < _DENIED + _WITHDRAWN:
            self._withdrawn()
        else:
            self.helped()
            days = 5 + 55 * random.betavariate(1.4, 3)
            last_day = max(self.at + _HOUR, draft.submitted_at + _DAY * self.pace * days)
            self.begun(last_day)
            self._ended(last_day)
        return self.telling.past(*receipts)

    def open(self, draft: SmeRequest, until: Callable[["Life"], object]) -> PastCase:
        """Tell of a request that is not over yet."""
        receipt = self._submitted(draft)
        until(self)
        return self.telling.past(receipt)

    def waiting(self) -> None:
        """Leave the request as it was submitted."""

    def returned(self) -> None:
        self._looked_at()
        fields = {"return_fields": self.random.choice(("justification", "seat_count", "justification,notes"))}
        self._by(self.fpm, Relation.FPM, Action.RETURN, {**fields, "return_note": self._one(said.RETURNED)})

    def approved(self) -> None:
        self._looked_at()
        self._by(self.fpm, Relation.FPM, Action.APPROVE)

    def assigned(self) -> None:
        """Find an SME, after some have declined."""
        region, workload = self.telling.request.answers["region"], self.telling.request.answers["workload"]
        assigner = self._one(self.town.assigners[region])
        self._decision_time(assigner)
        while True:
            self.sme = self._one(self.town.smes[workload, region])
            self._by(assigner, Relation.ASSIGNER, Action.ASSIGN, target=self.sme)
            self._late_or_not(self.sme, _REPLY_LATE)
            if not self._happens(_DECLINED):
                break
            self._by(self.sme, Relation.SME, Action.DECLINE, {"decline_reason": self._one(said.DECLINED)})
            self._working(assigner, 0.1, 0.6)
        self._by(self.sme, Relation.SME, Action.ACCEPT)

    def helped(self) -> None:
        """Tell up to the first contact of the SME."""
        self.approved()
        self.assigned()
        self._late_or_not(self.sme, _CONTACT_LATE)
        self._by(self.sme, Relation.SME, Action.CONTACTED)

    def begun(self, last_day: datetime) -> None:
        """Tell how the work begins that is planned up to a day."""
        if self._happens(_KICKOFF):
            self._kicked_off(last_day)
        if self._happens(_ISSUE):
            self._with_issue()

    def _submitted(self, draft: SmeRequest) -> Notice:
        self.telling.begin(draft, self.requester)
        return self._receipt()

    def _receipt(self) -> Notice:
        request, at = self.telling.request, self.at
        seconds = self.random.uniform(360, 5_000) if self._happens(_RECEIPT_LATE) else self.random.uniform(1, 40)
        return Notice(
            request.number,
            request.revision,
            Topic.RECEIPT,
            request.requester,
            f"{request.number} for {request.customer}: {happened(request.last)}",
            at,
            at,
            state=NoticeState.DELIVERED,
            attempts=1,
            shown=request.revision,
            told_at=at + timedelta(seconds=round(seconds)),
        )

    def _looked_at(self) -> None:
        self._late_or_not(self.fpm, _TRIAGE_LATE)

    def _resubmitted(self) -> Notice:
        request = self.telling.request
        self._working(self.requester, 0.5, 4)
        answers = {**request.answers, "fpm": request.fpm}
        answers["justification"] += said.MORE
        deed = Deed(
            Action.RESUBMIT,
            self.requester,
            frozenset({Relation.REQUESTER}),
            answers=answers,
            verdict=request.verdict,
            earlier=request.earlier,
        )
        self.telling.tell(deed, self.at)
        return self._receipt()

    def _denied(self) -> None:
        self._looked_at()
        reason, earlier = self._one(_DENY_REASONS), self.telling.request.earlier
        if earlier and self._happens(0.5):
            reason = "duplicate" if earlier[0].is_duplicate else "repeated_topic"
        note = said.DENIED[reason] if reason == "other" or self._happens(0.7) else ""
        self._by(self.fpm, Relation.FPM, Action.DENY, {"deny_reason": reason, "deny_note": note})

    def _withdrawn(self) -> None:
        if self._happens(0.5):
            self.approved()
        self._working(self.requester, 0.1, 0.8)
        self._by(self.requester, Relation.REQUESTER, Action.WITHDRAW)

    def _decision_time(self, assigner: Person) -> None:
        if self._happens(_DECISION_LATE * (self.pace == 1)):
            self.at = max(self.at, decision_due(self.telling.request))
        self._working(assigner, 0.05, 0.8)

    def _kicked_off(self, last_day: datetime) -> None:
        what = WORKLOADS[self.telling.request.answers["workload"]]
        self._working(self.sme, 0.2, 1.5)
        text = {
            "mode": "with_partner" if self._happens(0.8) else "with_customer",
            "expectations": said.EXPECTATIONS,
            "outcomes": said.OUTCOMES.format(what=what),
            "exit_criteria": "\n".join(said.CRITERIA[: self.random.randint(1, len(said.CRITERIA))]),
            "start": self.at.date().isoformat(),
            "end": max(self.at, last_day).date().isoformat(),
            "learners": ";".join(self.random.sample(said.LEARNERS, self.random.randint(1, 3))),
        }
        self._by(self.sme, Relation.SME, Action.KICKOFF, text)
        for person, relation in ((self.fpm, Relation.FPM), (self.requester, Relation.REQUESTER)):
            self._working(person, 0.05, 0.7)
            self._by(person, relation, Action.AGREE)

    def _with_issue(self) -> None:
        self._working(self.requester, 0.3, 3)
        self._by(self.requester, Relation.REQUESTER, Action.ISSUE, {"issue_text": self._one(said.ISSUES)})
        self._answered()

    def _answered(self) -> None:
        self._working(self.fpm, 0.05, 0.8)
        self._by(self.fpm, Relation.FPM, Action.ANSWER, {"answer_text": self._one(said.ANSWERED)})

    def _ended(self, last_day: datetime) -> None:
        if self._happens(_NOTE):
            self.at = max(self.at, self.at + (last_day - self.at) / 2)
            self._working(self.sme, 0.05, 0.5)
            text = {"note_status": "on_track", "note_summary": self._one(said.PROGRESS)}
            self._by(self.sme, Relation.SME, Action.NOTE, text)
        self.at = max(self.at, last_day - _DAY * 2 * self.pace)
        self._working(self.sme, 0.05, 0.6)
        what = WORKLOADS[self.telling.request.answers["workload"]]
        text = {"summary": self._one(said.SUMMARIES).format(what=what), "met": _ALL_MET}
        self._by(self.sme, Relation.SME, Action.COMPLETE, text)
        if self._happens(_RATED):
            (stars,) = self.random.choices(*_STARS)
            self._working(self.requester, 0.1, 1)
            text = {"rating": str(stars), "rating_comment": self._one(said.COMMENTS[stars])}
            self._by(self.requester, Relation.REQUESTER, Action.RATE, text)
            if self.telling.request.open_issues:
                self._answered()
        self._working(self.fpm, 0.1, 1)
        self._by(self.fpm, Relation.FPM, Action.CLOSE, {"close_reason": said.CLOSED})

    def _happens(self, share: float) -> bool:
        return self.random.random() < share

    def _one(self, among: Sequence[_T]) -> _T:
        return among[int(self.random.random() * len(among))]

    def _late_or_not(self, person: Person, share: float) -> None:
        """Let the time pass that somebody takes for something promised within a business day."""
        self._working(person, *(_LATE if self._happens(share) else _IN_TIME))

    def _working(self, person: Person, least: float, most: float) -> None:
        """Let so many business days of a person pass, at the pace of this life."""
        days = self.random.uniform(least, most) * self.pace
        at = add_working_time(self.at, BUSINESS_DAY * days, self.diaries.of(person.email))
        self.at = at.replace(microsecond=0)

    def _by(
        self,
        person: Person,
        relation: Relation,
        action: Action,
        inputs: Mapping[str, str] | None = None,
        target: Person | None = None,
    ) -> None:
        self.telling.tell(Deed(action, person, frozenset({relation}), inputs or {}, target), self.at)
