"""A small model of the process: who may press what in which status, and what comes of it; typed by hand."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

REQUESTERS = {
    "dana.reyes@contoso-consulting.example": "CONTOSO",
    "piotr.zielinski@contoso-consulting.example": "CONTOSO",
    "joshua.whitfield@fabrikam-cloud.example": "FABRIKAM",
}
FPMS = {"lee.park@fasttrack.example", "mika.tanaka@fasttrack.example"}
ASSIGNERS = {"ana.souza@fasttrack.example"}
PROGRAM = {"samira.haddad@fasttrack.example"}
BACKUP = "mika.tanaka@fasttrack.example"
"""The backup FPM of every partner; for requests of their own the partner's FPM is asked."""
OWN = {"CONTOSO": "lee.park@fasttrack.example", "FABRIKAM": "renee.carter@fasttrack.example"}

OPEN = {"submitted", "returned", "approved", "assigned"}


class Rule(NamedTuple):
    """By whom something may be done, from which statuses, to which one ("" leaves it).

    `stages` are those of the engagement in which it may be done (none: any), `stage` the one after it.
    """

    by: set[str]
    start: set[str]
    end: str = ""
    stages: frozenset[str] = frozenset()
    stage: str = ""


def _in(*stages: str) -> frozenset[str]:
    return frozenset(stages)


RULES: Mapping[str, tuple[Rule, ...]] = {
    "withdraw": (Rule({"requester"}, {"submitted", "returned", "approved"}, "withdrawn"),),
    "approve": (Rule({"fpm"}, {"submitted"}, "approved"),),
    "deny": (Rule({"fpm"}, {"submitted", "approved"}, "denied"),),
    "return": (Rule({"fpm"}, {"submitted"}, "returned"), Rule({"fpm", "assigner"}, {"approved"}, "returned")),
    "delegate": (Rule({"fpm"}, {"submitted"}),),
    "assign": (Rule({"fpm", "assigner"}, {"approved"}, "assigned", stage="offered"),),
    "accept": (Rule({"sme"}, {"assigned"}, "", _in("offered"), "active"),),
    "decline": (
        Rule({"sme"}, {"assigned"}, "approved", _in("offered"), "declined"),
        Rule({"requester"}, {"approved"}, "withdrawn", _in("proposed"), "declined"),
    ),
    "release": (Rule({"fpm", "assigner"}, {"assigned"}, "approved", _in("offered", "active"), "completed"),),
    "close": (Rule({"fpm"}, {"assigned"}, "closed", stage="completed"), Rule({"fpm"}, {"approved"}, "closed")),
    "reopen": (Rule({"fpm"}, {"denied", "closed"}, "submitted"),),
    "issue": (Rule({"requester", "sme"}, OPEN - {"assigned"}), Rule({"requester", "sme", "fpm"}, {"assigned"})),
    "answer": (Rule({"fpm"}, OPEN | {"closed"}),),
    "contacted": (Rule({"sme"}, {"assigned"}, "", _in("active")),),
    "kickoff": (Rule({"sme"}, {"assigned"}, "", _in("active")),),
    "agree": (
        Rule({"requester", "fpm", "sme"}, {"assigned"}, "", _in("active")),
        Rule({"requester"}, {"approved"}, "assigned", _in("proposed"), "offered"),
    ),
    "note": (Rule({"sme"}, {"assigned"}, "", _in("active")),),
    "complete": (Rule({"sme"}, {"assigned", "closed"}, "", _in("active", "completed"), "completed"),),
    "rate": (Rule({"requester"}, {"assigned", "closed"}, "", _in("completed")),),
}
NOT_OF_PROPOSALS = {"withdraw", "return", "deny", "delegate", "reopen", "ask_backup", "escalate"}
PARTIES = ("sme", "fpm", "requester")
ALL_MET = "1,2"
"""The exit criteria of the kick-off that is written here, ticked."""
# What the clock tells of: in which statuses, in which stages of each (none: any), and what begins it anew.
_NOT_OVER = {"approved": {"proposed", "declined", "completed"}, "assigned": {"offered", "active"}}
CLOCK: Mapping[str, tuple[Mapping[str, set[str]], set[str]]] = {
    "ask_backup": ({"submitted": set()}, {"resubmit", "reopen"}),
    "escalate": ({"submitted": set(), "approved": set()}, {"reopen"}),
    "reply_late": ({"assigned": {"offered"}}, {"assign"}),
    "contact_late": ({"assigned": {"active"}}, {"assign"}),
    "ends_soon": (_NOT_OVER, {"assign"}),
    "end": (_NOT_OVER, {"assign"}),
}
DONE, REPEATED, OVERTAKEN, REFUSED, SHOWN = "done", "repeated", "overtaken", "refused", "shown"
Pressed = tuple[str, str, frozenset[tuple[str, str]]]


@dataclass
class ModelRequest:
    """One request as it should stand; `involved` are those who once had a part in it.

    `deed` is the revision of what a person did last that overtakes cards, `told` what the clock has told of since it
    began. `stage` is where the engagement is, and `did` what was done in it; `agreed` are the parties that have agreed
    on its kick-off, None when there is none.
    """

    partner: str
    fpm: str
    status: str = "submitted"
    revision: int = 1
    sme: str = ""
    issues: int = 0
    deed: int = 1
    told: set[str] = field(default_factory=set)
    is_backup_asked: bool = False
    involved: set[str] = field(default_factory=set)
    stage: str = ""
    agreed: set[str] | None = None
    did: set[str] = field(default_factory=set)
    proposed_sme: str = ""

    def roles_of(self, email: str) -> set[str]:
        found = {"requester"} if REQUESTERS.get(email) == self.partner else set()
        asked = OWN[self.partner] if self.fpm == BACKUP else BACKUP
        found |= {"fpm"} if email == self.fpm or (self.is_backup_asked and email == asked) else set()
        found |= {"assigner"} if email in ASSIGNERS else set()
        found |= {"program"} if email in PROGRAM else set()
        return found | {"sme"} if self.sme and email == self.sme else found

    @property
    def to_agree(self) -> str:
        is_asked = self.agreed is not None and (self.status, self.stage) == ("assigned", "active")
        return ",".join(party for party in PARTIES if is_asked and party not in (self.agreed or ()))

    def allows(self, verb: str, rule: Rule, roles: set[str]) -> bool:
        """Say whether a rule of this status holds, for somebody with these roles."""
        if (self.proposed_sme and verb in NOT_OF_PROPOSALS) or (rule.stages and self.stage not in rule.stages):
            return False
        match verb:
            case "agree" if self.status == "assigned":
                return not roles.isdisjoint(self.to_agree.split(","))
            case "assign":
                return self.stage != "proposed"
            case "close" if self.status == "approved":
                return bool(self.proposed_sme)
            case "answer":
                return self.issues > 0
            case "complete" if self.status == "closed":
                # Of help whose period was over when it was closed.
                return verb not in self.did and {"accept", "end"} <= self.did | self.told
            case "contacted" | "complete":
                return verb not in self.did
            case "rate":
                return "accept" in self.did and "rate" not in self.did
        return True

    def lacks_a_reason(self, verb: str, data: Mapping[str, object]) -> bool:
        """Say whether something is ended of which more has to be said."""
        if verb == "close":
            return "accept" in self.did and "complete" not in self.did and "close_reason" not in data
        # Not all have agreed on the exit criteria, or not every one was met, and nothing is said of why.
        is_as_agreed = self.agreed is None or (self.agreed == set(PARTIES) and data.get("met") == ALL_MET)
        return not is_as_agreed and "waive_reason" not in data


@dataclass
class Model:
    """All requests by number, and every press that has counted."""

    requests: dict[str, ModelRequest] = field(default_factory=dict)
    counted: set[Pressed] = field(default_factory=set)
    is_over: bool = False
    """Whether every period that is planned here is over."""

    def submit(self, number: str, by: str, fpm: str) -> None:
        self.requests[number] = ModelRequest(REQUESTERS[by], fpm, involved={by, fpm})

    def propose(self, number: str, by: str, contact: str, sme: str) -> None:
        partner = REQUESTERS[contact]
        fpm = by if by in FPMS else OWN[partner]
        self.requests[number] = ModelRequest(
            partner, fpm, "approved", involved={by, contact, fpm}, stage="proposed", proposed_sme=sme
        )

    def stands(self) -> dict[str, tuple[object, ...]]:
        """Return how each request should stand: status, revision, FPM, SME, open issues, stage and who has to agree."""
        return {
            number: (each.status, each.revision, each.fpm, each.sme, each.issues, each.stage, each.to_agree)
            for number, each in self.requests.items()
        }

    def resubmit(self, number: str, by: str) -> None:
        """Send a returned request again; the FPM stays who it was."""
        request = self.requests[number]
        request.status = "submitted"
        request.is_backup_asked = "escalate" in request.told
        request.involved |= {by, request.fpm}
        self._done("resubmit", request)

    def clock(self, number: str, action: str) -> bool:
        """Let the clock tell of a promise or of a period; False when it may not."""
        request = self.requests[number]
        states, _ = CLOCK[action]
        stages = states.get(request.status)
        if stages is None or action in request.told or (stages and request.stage not in stages):
            return False
        if request.proposed_sme and action in NOT_OF_PROPOSALS:
            return False
        if (action in {"ends_soon", "end"} and not request.proposed_sme) or (
            action == "contact_late" and "contacted" in request.did
        ):
            return False
        request.revision += 1
        request.told.add(action)
        request.is_backup_asked |= action in {"ask_backup", "escalate"}
        if action == "end":
            self._end(request)
        return True

    @staticmethod
    def _end(request: ModelRequest) -> None:
        """End what goes on; what has not begun is closed."""
        if request.stage == "active":
            request.stage = "completed"
            return
        request.status, request.issues = "closed", 0
        request.stage = "declined" if request.stage in {"proposed", "offered"} else request.stage

    @staticmethod
    def _done(verb: str, request: ModelRequest, *, is_quiet: bool = False) -> None:
        request.revision += 1
        request.deed = request.deed if is_quiet else request.revision
        request.told -= {action for action, (_, begun) in CLOCK.items() if verb in begun}

    def press(self, email: str, data: Mapping[str, object], revision: int) -> str:
        """Return what becomes of a press with this data, and let it count if it does."""
        verb, number = str(data["verb"]), str(data["request"])
        request = self.requests[number]
        roles = request.roles_of(email)
        if not roles and email not in request.involved:
            return REFUSED
        given = {key: text for key, text in data.items() if isinstance(text, str) or key == "rating"}
        pressed = (email, f"{revision}", frozenset((key, str(text)) for key, text in given.items()))
        if verb == "refresh":
            return SHOWN
        if pressed in self.counted:
            return REPEATED
        # What only the clock has done since overtakes no card, nor what is done beside others.
        if not roles or not request.deed <= revision <= request.revision:
            return OVERTAKEN
        outcome = self._outcome(verb, request, roles, data)
        if outcome == DONE:
            self.counted.add(pressed)
            self._apply(verb, request, email, data)
        return outcome

    def _outcome(self, verb: str, request: ModelRequest, roles: set[str], data: Mapping[str, object]) -> str:
        if verb == "delegate" and data.get("delegate_to_other") not in FPMS:
            return REFUSED
        if not any(rule.by & roles for rule in RULES[verb]):
            return REFUSED
        rule = next((each for each in RULES[verb] if request.status in each.start), None)
        if rule is None or not request.allows(verb, rule, roles | rule.by):
            return OVERTAKEN
        if not rule.by & roles:
            return REFUSED
        if not request.allows(verb, rule, roles):
            return OVERTAKEN
        begins = bool(request.proposed_sme) and (verb in {"accept", "assign"} or (verb == "agree" and bool(rule.end)))
        if self.is_over and (begins or verb == "kickoff"):
            return REFUSED
        if verb in {"complete", "close"} and request.lacks_a_reason(verb, data):
            return REFUSED
        # Nobody gets a request who has it already.
        return REFUSED if verb == "delegate" and data["delegate_to_other"] == request.fpm else DONE

    def _apply(self, verb: str, request: ModelRequest, email: str, data: Mapping[str, object]) -> None:
        rule = next(each for each in RULES[verb] if request.status in each.start)
        is_low = verb == "rate" and data["rating"] in {1, 2}
        is_on_a_kickoff = verb == "agree" and not rule.end
        self._done(verb, request, is_quiet=verb == "note" or (verb == "rate" and not is_low) or is_on_a_kickoff)
        if verb == "release" and request.stage == "active":
            # An SME who had begun kept the promise of the decision, and a new one begins.
            request.told.discard("escalate")
        roles = request.roles_of(email)
        is_unanswered = verb == "close" and request.stage == "proposed"
        request.status = rule.end or request.status
        request.stage = "declined" if is_unanswered else rule.stage or request.stage
        request.involved.add(email)
        self._of_the_work(verb, request, roles, rule)
        match verb:
            case "delegate":
                request.fpm = str(data["delegate_to_other"])
                request.involved.add(request.fpm)
            case "assign":
                request.sme, request.did, request.agreed = str(data["sme_other"]), set(), None
                request.involved.add(request.sme)
            case "decline" | "release" | "reopen":
                request.sme = ""
                request.is_backup_asked &= verb != "reopen"
            case "answer":
                request.issues = 0
        request.issues += verb == "issue" or is_low
        if rule.end and rule.end not in OPEN:
            request.issues = 0

    @staticmethod
    def _of_the_work(verb: str, request: ModelRequest, roles: set[str], rule: Rule) -> None:
        request.did.add(verb)
        match verb:
            case "agree" if rule.end:
                request.sme = request.proposed_sme
                request.involved.add(request.sme)
            case "kickoff":
                request.agreed = {"sme"}
            case "agree":
                request.agreed = (request.agreed or set()) | (roles & set(PARTIES))
            case "complete":
                request.did.add("contacted")
