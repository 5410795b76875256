"""A small model of the process: who may press what in which status, and what comes of it; typed by hand."""

from collections.abc import Mapping
from dataclasses import dataclass, field

REQUESTERS = {
    "dana.reyes@contoso-consulting.example": "CONTOSO",
    "piotr.zielinski@contoso-consulting.example": "CONTOSO",
    "joshua.whitfield@fabrikam-cloud.example": "FABRIKAM",
}
FPMS = {"lee.park@fasttrack.example", "mika.tanaka@fasttrack.example"}
ASSIGNERS = {"ana.souza@fasttrack.example"}
SMES = {"kofi.mensah@fasttrack.example"}
PROGRAM = {"samira.haddad@fasttrack.example"}
BACKUP = "mika.tanaka@fasttrack.example"
"""The backup FPM of every partner; for requests of their own the partner's FPM is asked."""
OWN = {"CONTOSO": "lee.park@fasttrack.example", "FABRIKAM": "renee.carter@fasttrack.example"}

OPEN = {"submitted", "returned", "approved", "assigned"}
# Verb: by whom, from which statuses, to which one ("" leaves it).
RULES: Mapping[str, tuple[set[str], set[str], str]] = {
    "withdraw": ({"requester"}, {"submitted", "returned", "approved"}, "withdrawn"),
    "approve": ({"fpm"}, {"submitted"}, "approved"),
    "deny": ({"fpm"}, {"submitted", "approved"}, "denied"),
    "return": ({"fpm", "assigner"}, {"submitted", "approved"}, "returned"),
    "delegate": ({"fpm"}, {"submitted"}, ""),
    "assign": ({"fpm", "assigner"}, {"approved"}, "assigned"),
    "accept": ({"sme"}, {"assigned"}, ""),
    "decline": ({"sme"}, {"assigned"}, "approved"),
    "release": ({"fpm", "assigner"}, {"assigned"}, "approved"),
    "close": ({"fpm"}, {"assigned"}, "closed"),
    "reopen": ({"fpm"}, {"denied", "closed"}, "submitted"),
    "issue": ({"requester", "sme"}, OPEN, ""),
    "answer": ({"fpm"}, OPEN, ""),
    "contacted": ({"sme"}, {"assigned"}, ""),
}
# What the clock tells of: in which statuses, and what begins the promise that has slipped.
CLOCK: Mapping[str, tuple[set[str], set[str]]] = {
    "ask_backup": ({"submitted"}, {"resubmit", "reopen"}),
    "escalate": ({"submitted", "approved"}, {"reopen"}),
    "reply_late": ({"assigned"}, {"assign"}),
    "contact_late": ({"assigned"}, {"assign"}),
}
DONE, REPEATED, OVERTAKEN, REFUSED, SHOWN = "done", "repeated", "overtaken", "refused", "shown"
Pressed = tuple[str, str, frozenset[tuple[str, str]]]


@dataclass
class ModelRequest:
    """One request as it should stand; `involved` are those who once had a part in it.

    `deed` is the revision of what a person did last, `told` what the clock has told of since it began.
    """

    partner: str
    fpm: str
    status: str = "submitted"
    revision: int = 1
    sme: str = ""
    is_offered: bool = False
    is_contacted: bool = False
    issues: int = 0
    deed: int = 1
    told: set[str] = field(default_factory=set)
    is_backup_asked: bool = False
    involved: set[str] = field(default_factory=set)

    def roles_of(self, email: str) -> set[str]:
        found = {"requester"} if REQUESTERS.get(email) == self.partner else set()
        asked = OWN[self.partner] if self.fpm == BACKUP else BACKUP
        found |= {"fpm"} if email == self.fpm or (self.is_backup_asked and email == asked) else set()
        found |= {"assigner"} if email in ASSIGNERS else set()
        found |= {"program"} if email in PROGRAM else set()
        return found | {"sme"} if self.sme and email == self.sme else found


@dataclass
class Model:
    """All requests by number, and every press that has counted."""

    requests: dict[str, ModelRequest] = field(default_factory=dict)
    counted: set[Pressed] = field(default_factory=set)

    def submit(self, number: str, by: str, fpm: str) -> None:
        self.requests[number] = ModelRequest(REQUESTERS[by], fpm, involved={by, fpm})

    def stands(self) -> dict[str, tuple[object, ...]]:
        """Return how each request should stand: status, revision, FPM, SME and open issues."""
        return {
            number: (each.status, each.revision, each.fpm, each.sme, each.issues)
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
        """Let the clock tell of a promise; False when it may not."""
        request = self.requests[number]
        statuses, _ = CLOCK[action]
        is_of_now = {"reply_late": request.is_offered, "contact_late": not (request.is_offered or request.is_contacted)}
        if request.status not in statuses or action in request.told or not is_of_now.get(action, True):
            return False
        request.revision += 1
        request.told.add(action)
        request.is_backup_asked |= action in {"ask_backup", "escalate"}
        return True

    @staticmethod
    def _done(verb: str, request: ModelRequest) -> None:
        request.revision += 1
        request.deed = request.revision
        request.told -= {action for action, (_, begun) in CLOCK.items() if verb in begun}

    def press(self, email: str, data: Mapping[str, object], revision: int) -> str:
        """Return what becomes of a press with this data, and let it count if it does."""
        verb, number = str(data["verb"]), str(data["request"])
        request = self.requests[number]
        roles = request.roles_of(email)
        if not roles and email not in request.involved:
            return REFUSED
        pressed = (email, f"{revision}", frozenset((key, text) for key, text in data.items() if isinstance(text, str)))
        if verb == "refresh":
            return SHOWN
        if pressed in self.counted:
            return REPEATED
        # What only the clock has done since overtakes no card.
        if not roles or not request.deed <= revision <= request.revision:
            return OVERTAKEN
        outcome = self._outcome(verb, request, roles, data)
        if outcome == DONE:
            self.counted.add(pressed)
            self._apply(verb, request, email, data)
        return outcome

    @staticmethod
    def _outcome(verb: str, request: ModelRequest, roles: set[str], data: Mapping[str, object]) -> str:
        by, statuses, _ = RULES[verb]
        if verb == "delegate" and data.get("delegate_to_other") not in FPMS:
            return REFUSED
        if not by & roles:
            return REFUSED
        if request.status not in statuses:
            return OVERTAKEN
        if verb in {"accept", "decline"} and not request.is_offered:
            return OVERTAKEN
        if verb == "answer" and not request.issues:
            return OVERTAKEN
        if verb == "contacted" and (request.is_offered or request.is_contacted):
            return OVERTAKEN
        if verb == "return" and request.status == "submitted" and "fpm" not in roles:
            return REFUSED
        # Nobody gets a request who has it already.
        return REFUSED if verb == "delegate" and data["delegate_to_other"] == request.fpm else DONE

    def _apply(self, verb: str, request: ModelRequest, email: str, data: Mapping[str, object]) -> None:
        self._done(verb, request)
        if verb == "release" and not request.is_offered:
            # An SME who had begun kept the promise of the decision, and a new one begins.
            request.told.discard("escalate")
        request.status = RULES[verb][2] or request.status
        request.involved.add(email)
        match verb:
            case "delegate":
                request.fpm = str(data["delegate_to_other"])
                request.involved.add(request.fpm)
            case "assign":
                request.sme, request.is_offered = str(data["sme_other"]), True
                request.is_contacted = False
                request.involved.add(request.sme)
            case "accept":
                request.is_offered = False
            case "contacted":
                request.is_contacted = True
            case "decline" | "release" | "reopen":
                request.sme, request.is_offered = "", False
                request.is_backup_asked &= verb != "reopen"
            case "issue":
                request.issues += 1
            case "answer":
                request.issues = 0
        if request.status not in OPEN:
            request.issues = 0
