"""Earlier requests from lists kept elsewhere: the columns of such a list, and the case that a line becomes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from bot.domain.catalogues import DENY_REASONS
from bot.domain.dates import day_in
from bot.domain.deeds import Deed
from bot.domain.directory_cells import Complaint, Line, LineReader, a_partner_code, an_email, echo, one_of
from bot.domain.engagement import BEST_RATING
from bot.domain.errors import Mistake, Refusal
from bot.domain.exporting import PROMISED
from bot.domain.fields import FIELDS, FormContext
from bot.domain.intake import FORM_VERSION
from bot.domain.kinds import Text, WholeNumber
from bot.domain.lifecycle import Action, Relation, Status
from bot.domain.numbers import operation, parse_number, partner_of
from bot.domain.past import PastCase, Telling
from bot.domain.people import Partner, Person
from bot.domain.request import Event, SmeRequest
from bot.domain.routing import Outcome, Verdict
from bot.domain.texts import WORDS_LONGEST

IMPORT = Person(email="", name="import", roles=frozenset(), tenant_id="")
"""Who did what is taken over: nobody here."""
NO_REQUESTER, NO_SME = "requester@import.invalid", "sme@import.invalid"
"""Stand in where the list names nobody."""
ENDED = (Status.CLOSED, Status.DENIED, Status.WITHDRAWN)
TIMES: Mapping[str, str] = {
    "submitted_at": "when it was submitted",
    "decided_at": "when it was approved or denied",
    "assigned_at": "when the SME was assigned",
    "accepted_at": "when the SME accepted",
    "contacted_at": "when the SME was first in touch",
    "completed_at": "when the help was completed",
    "ended_at": "when it was denied, withdrawn or closed",
}
"""The columns of times, in the order in which they follow each other."""
PASSED_OVER = frozenset(
    {"fpm_now", "asked_for", "is_repeat", "is_duplicate", "is_proactive", "flags", "declines", "issues", "ratings"}
    | {"learners", "revision", "partner_name", "fpm_other"}
    | {f"{kept}_{promise}" for kept in ("kept", "broken") for promise in PROMISED}
)
"""Columns of an export that are counted anew, or say nothing of a request that is over."""
_MOST_RETURNS = 20
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
"""Before this there was nothing to ask for: a year like 0024 or 1900 is a slip, and no months are counted then."""
_RULE = Verdict(Outcome.ELIGIBLE, (), "import", "1", "Taken over from earlier records")
_OF_PEOPLE = frozenset({"partner_name", "fpm", "fpm_other", "contact_email"})
_ALL = FormContext(IMPORT, {}, {}, {"role": "migration"})
"""With these answers the form offers every code."""

Parse = Callable[[str], str]


def _text(longest: int) -> Parse:
    return lambda text: Text(longest, multiline=True).parse(text, {})


def _whole(lowest: int, highest: int) -> Parse:
    return lambda text: WholeNumber(lowest, highest).parse(text, {})


def a_status(text: str) -> str:
    """Return how a request has ended. Raises Mistake."""
    if text.lower() not in ENDED:
        raise Mistake(f"{echo(text)} is no end: only what is {', '.join(ENDED)} can be taken over")
    return text.lower()


def a_time(text: str) -> str:
    """Return a time as ISO text in UTC; a day alone is its beginning. Raises Mistake."""
    day = day_in(text)
    try:
        at = datetime(day.year, day.month, day.day, tzinfo=UTC) if day else datetime.fromisoformat(text)
        at = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Mistake(f"{echo(text)} is no day or time, like 2026-03-31 or 2026-03-31T14:05") from None
    if at < _EARLIEST:
        raise Mistake(f"{echo(text)} lies before {_EARLIEST:%Y}")
    return at.isoformat()


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the list."""

    name: str
    meaning: str
    parse: Parse
    is_required: bool = False


_REQUIRED = frozenset({"tenant_id", "tenant_name", "workload", "topic", "region"})


def _answers() -> list[Column]:
    found = []
    for each in FIELDS:
        kind = replace(each.kind, shortest=1) if isinstance(each.kind, Text) else each.kind
        options = each.options(_ALL)
        parse = one_of(options) if options else (lambda text, kind=kind: kind.parse(text, {}))
        if each.key not in _OF_PEOPLE:
            found.append(Column(each.key, f"{each.id}: {each.label}", parse, each.key in _REQUIRED))
    return found


COLUMNS: tuple[Column, ...] = (
    Column("partner", "the partner's code in the directory", a_partner_code, is_required=True),
    Column("status", f"how it ended: {', '.join(ENDED)}", a_status, is_required=True),
    *(Column(name, meaning, a_time, name == "submitted_at") for name, meaning in TIMES.items()),
    *_answers(),
    Column("number", "kept where it is a number of the partner here; another one is made from it", _text(100)),
    Column("requester", "e-mail address of who asked", an_email),
    Column("contact_email", "e-mail address for questions, the requester's where empty", an_email),
    Column("fpm", "e-mail address of the FPM, the partner's present one where empty", an_email),
    Column("sme", "e-mail address of the SME who helped", an_email),
    Column("outcome", "`approved` where a withdrawn one had been", one_of({"approved": "", "denied": ""})),
    Column("deny_reason", f"{', '.join(DENY_REASONS)}; `other` where empty", one_of(DENY_REASONS)),
    Column("deny_note", "the words given with a denial", _text(WORDS_LONGEST)),
    Column("close_reason", "the words given at the closing", _text(WORDS_LONGEST)),
    Column("summary", "what came of the help", _text(WORDS_LONGEST)),
    Column("rating", f"1 to {BEST_RATING}", _whole(1, BEST_RATING)),
    Column("rating_comment", "the words given with it", _text(WORDS_LONGEST)),
    Column("returns", f"how often it was returned, {_MOST_RETURNS} at most", _whole(0, _MOST_RETURNS)),
)
NAMES = frozenset(column.name for column in COLUMNS)


@dataclass(frozen=True, slots=True)
class Imported:
    """One line of the list, read and checked; `kept` is its number where that is one of the partner's here."""

    line: int
    cells: Mapping[str, str]
    fpm: str
    token: str
    kept: str = ""

    @property
    def partner(self) -> str:
        return self.cells["partner"]

    @property
    def status(self) -> Status:
        return Status(self.cells["status"])


def imported(
    line: Line, partners: Mapping[str, Partner], now: datetime, complaints: list[Complaint]
) -> Imported | None:
    """Return what a line says, or None when something is wrong with it, which then stands among the complaints."""
    known, cells = len(complaints), LineReader(line, complaints)
    read = {
        column.name: (cells.required if column.is_required else cells.optional)(column.name, column.parse)
        for column in COLUMNS
    }
    if read["partner"] and read["partner"] not in partners:
        cells.complain("partner", f"{read['partner']} is not in the directory")
    _check_times(read, now, cells)
    if len(complaints) > known or line.has_surplus:
        return None
    number = parse_number(read["number"])
    kept = number if number and partner_of(number) == read["partner"] else ""
    identity = [read["number"]] if read["number"] else [read[name] for name in _IDENTITY]
    token = operation("import", read["partner"], *identity)
    found = Imported(line.number, read, read["fpm"] or partners[read["partner"]].fpm, token, kept)
    try:
        past_of(found, kept or "-")
    except Refusal as refusal:
        cells.complain("", refusal.sentence)
        return None
    return found


_IDENTITY = ("submitted_at", "tenant_id", "workload", "topic", "status", "requester", "ended_at")
"""What makes two lines without a number the same request."""


def _check_times(read: Mapping[str, str], now: datetime, cells: LineReader) -> None:
    last, before = "", ""
    for name in TIMES:
        if read[name] and datetime.fromisoformat(read[name]) > now:
            cells.complain(name, "lies in the future")
        if read[name] and last and datetime.fromisoformat(read[name]) < datetime.fromisoformat(last):
            cells.complain(name, f"comes before {before}")
        last, before = (read[name], name) if read[name] else (last, before)


def past_of(found: Imported, number: str) -> PastCase:
    """Return the case that a line becomes under a number. Raises Refusal when the rules do not allow it."""
    return _Story(found, number).told()


@dataclass(slots=True)
class _Story:
    found: Imported
    number: str
    telling: Telling = field(default_factory=lambda: Telling(None))
    at: datetime = field(init=False)

    def told(self) -> PastCase:
        self._move_to("submitted_at")
        self.telling.begin(self._draft(), IMPORT)
        for _ in range(int(self._cell("returns") or 0)):
            self._returned()
        match self.found.status:
            case Status.DENIED:
                self._denied()
            case Status.WITHDRAWN:
                self._withdrawn()
            case _:
                self._closed()
        return self.telling.past()

    def _cell(self, name: str) -> str:
        return self.found.cells[name]

    def _move_to(self, *names: str) -> None:
        """Go on to the last of these times that is given."""
        given = [datetime.fromisoformat(self._cell(name)) for name in names if self._cell(name)]
        self.at = given[-1] if given else self.at

    def _draft(self) -> SmeRequest:
        requester = self._cell("requester") or NO_REQUESTER
        if requester == self.found.fpm:
            raise Mistake("The requester cannot be the FPM of the same request.")
        answers = {column.name: self._cell(column.name) for column in _answers()}
        is_migration = self._cell("topic") == "migration"
        people = {
            "role": self._cell("role") or ("migration" if is_migration else "engineer"),
            "delivery_team": self._cell("delivery_team") or "FTP Partner",
            "partner_name": self.found.partner,
            "contact_email": self._cell("contact_email") or requester,
            "fpm": self.found.fpm,
        }
        return SmeRequest(
            number=self.number,
            token=self.found.token,
            partner=self.found.partner,
            requester=requester,
            answers={key: text for key, text in (answers | people).items() if text},
            verdict=_RULE,
            form_version=FORM_VERSION,
            status=Status.SUBMITTED,
            revision=1,
            fpm=self.found.fpm,
            submitted_at=self.at,
            triage_from=self.at,
            decide_from=self.at,
            last=Event(1, Action.SUBMIT, IMPORT.email, IMPORT.name, self.at),
            last_deed=1,
        )

    def _by(self, relation: Relation, action: Action, inputs: Mapping[str, str] | None = None, sme: str = "") -> None:
        target = Person(sme, sme, frozenset(), "") if sme else None
        theirs = frozenset({Relation.FPM} if sme == self.found.fpm else ())
        self.telling.tell(Deed(action, IMPORT, frozenset({relation}), inputs or {}, target, theirs), self.at)

    def _returned(self) -> None:
        request = self.telling.request
        self._by(Relation.FPM, Action.RETURN, {"return_note": "Returned before it was taken over."})
        resubmit = Deed(
            Action.RESUBMIT,
            IMPORT,
            frozenset({Relation.REQUESTER}),
            answers=request.answers,
            verdict=request.verdict,
        )
        self.telling.tell(resubmit, self.at)

    def _denied(self) -> None:
        self._move_to("ended_at", "decided_at")
        reason = self._cell("deny_reason") or "other"
        note = self._cell("deny_note") or ("The reason was not taken over." if reason == "other" else "")
        self._by(Relation.FPM, Action.DENY, {"deny_reason": reason, "deny_note": note})

    def _withdrawn(self) -> None:
        if self._cell("outcome") == "approved":
            self._move_to("decided_at")
            self._by(Relation.FPM, Action.APPROVE)
        self._move_to("ended_at")
        self._by(Relation.REQUESTER, Action.WITHDRAW)

    def _closed(self) -> None:
        steps = (
            ("decided_at", Relation.FPM, Action.APPROVE),
            ("assigned_at", Relation.ASSIGNER, Action.ASSIGN),
            ("accepted_at", Relation.SME, Action.ACCEPT),
        )
        for name, relation, action in steps:
            self._move_to(name)
            sme = self._cell("sme") or NO_SME
            self._by(relation, action, sme=sme if action is Action.ASSIGN else "")
        if self._cell("contacted_at"):
            self._move_to("contacted_at")
            self._by(Relation.SME, Action.CONTACTED)
        if any(self._cell(name) for name in ("completed_at", "summary", "rating")):
            self._completed()
        self._move_to("ended_at")
        reason = self._cell("close_reason") or "Closed before it was taken over."
        self._by(Relation.FPM, Action.CLOSE, {"close_reason": reason})

    def _completed(self) -> None:
        self._move_to("ended_at", "completed_at")
        summary = self._cell("summary") or "No summary was taken over."
        self._by(Relation.SME, Action.COMPLETE, {"summary": summary})
        if stars := self._cell("rating"):
            text = {"rating": stars, "rating_comment": self._cell("rating_comment")}
            self._by(Relation.REQUESTER, Action.RATE, text)
