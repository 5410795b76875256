"""What the process needs from the outside: stores, calendars, a clock, and whatever holds a conversation."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from bot.domain.access import Admission
from bot.domain.agenda import Agenda
from bot.domain.deeds import Change
from bot.domain.digest import Digest
from bot.domain.engagement import Engagement
from bot.domain.export_jobs import ExportJob
from bot.domain.feedback import Feedback, Heard, Kind
from bot.domain.lifecycle import EngagementStatus, Status
from bot.domain.notices import Notice
from bot.domain.people import Address, Cover, Identity, Leave, Partner, Person, Role
from bot.domain.request import Event, SmeRequest
from bot.domain.tally import Counts, Tally
from bot.domain.working_time import Calendar

Clock = Callable[[], datetime]


class Raced(Exception):  # noqa: N818 - names what happened: somebody else was first
    """Somebody else changed the row between reading and writing; read again and decide again."""


@dataclass(frozen=True, slots=True)
class Case:
    """A request as stored, with its latest engagement and the etags that guard both."""

    request: SmeRequest
    etag: str
    engagement: Engagement | None = None
    engagement_etag: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    """One line of a list: `at` is when the request was submitted, `due` when its decision is.

    `stage` is where its latest engagement stands, `fpm` who decides and `region` the customer's ('' where that is not
    known). `note` says why the request stands here besides, '' where it simply waits. Whether the backup was asked to
    decide as well may be unknown too.
    """

    number: str
    customer: str
    workload: str
    status: Status
    partner: str
    at: datetime
    due: datetime
    note: str = ""
    stage: EngagementStatus | None = None
    fpm: str = ""
    region: str = ""
    revision: int = 0
    backup_asked: bool | None = None


class ListOf(StrEnum):
    """The lists that people leaf through; the value begins the partition under which each is stored."""

    PARTNER = "partner"
    INBOX = "inbox"
    ASSIGNER = "assigner"
    SME = "sme"
    ENGAGED = "engaged"

    @property
    def is_by_promise(self) -> bool:
        """Whether the request comes first whose decision is due first; else it is the newest."""
        return self in {ListOf.INBOX, ListOf.ASSIGNER}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a request stands in a list that people leaf through: by a time, and its number."""

    at: datetime
    number: str


@dataclass(frozen=True, slots=True)
class Look:
    """A look down a list: from behind a place on, until `wanted` rows fit or `most` were looked at."""

    wanted: int
    most: int
    fits: Callable[[Summary], bool]
    after: Place | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look has found among how many rows, and how far down it came; `until` is None at the list's end."""

    rows: Sequence[Summary]
    looked: int
    until: Place | None


@dataclass(frozen=True, slots=True)
class Work:
    """A claimed work row: the request, what is needed to renew and finish it, and how often it has failed."""

    number: str
    partition: str
    key: str
    etag: str
    owner: str
    failures: int = 0


@dataclass(frozen=True, slots=True)
class SetAside:
    """Work for a request that failed again and again: the kinds of the last failure, and since when."""

    number: str
    reason: str
    since: datetime


@dataclass(frozen=True, slots=True)
class ParkedNotice:
    """What a notice is about that could not be delivered, why, and since when that is so."""

    number: str
    reason: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Learned:
    """One line of a partner's learning: who learned what, from whom, for which customer, and when the help ended.

    `engagement` is the id of the engagement that says what came of it.
    """

    number: str
    engagement: str
    sme: str
    tenant_id: str
    customer: str
    workload: str
    topic: str
    ended_at: datetime
    learners: tuple[str, ...] = ()


ListRow = tuple[str, str]
"""Where a request stands in a derived list: partition and key."""


class WorkRows(Protocol):
    """The rows that say when something may have to be done for a request."""

    async def plan(self, number: str, at: datetime) -> None: ...
    async def claim_due(self, limit: int = 20) -> list[Work]: ...
    async def renew(self, work: Work) -> Work: ...
    async def put_off(self, work: Work, pause: timedelta, reason: str) -> None: ...
    async def set_aside(self, work: Work, reason: str) -> None: ...
    async def take_up(self) -> None: ...
    async def finish(self, work: Work) -> None: ...


@dataclass(frozen=True, slots=True)
class Deflection:
    """A form that ended with self-deployment guidance instead of a request; counted once for form and workload."""

    partner: str
    token: str
    workload: str
    region: str
    seats: int
    at: datetime


class Requests(Protocol):
    """The store of requests; a commit is one atomic change with its history line, notices and op row."""

    async def load(self, number: str) -> Case | None: ...
    async def history(self, number: str) -> tuple[Event, ...]: ...
    async def number_done(self, partner: str, op: str) -> str: ...
    async def commit(self, before: Case | None, change: Change, notices: Sequence[Notice], op: str) -> None: ...
    async def open_for_customer(self, partner: str, tenant_id: str, workload: str) -> list[str]: ...
    async def on_topic(self, partner: str, workload: str, topic: str, since: datetime) -> list[str]: ...
    async def engagement(self, engagement_id: str) -> Engagement | None: ...
    async def engagements_of(self, number: str) -> list[Engagement]: ...
    async def learned(self, partner: str, limit: int) -> list[Learned]: ...
    async def numbered(self, partner: str, prefix: str, limit: int) -> list[SmeRequest]: ...
    async def named(self, partner: str, prefix: str, limit: int) -> list[Place]: ...
    async def notices_of(self, number: str) -> list[Notice]: ...
    async def add_deflection(self, deflection: Deflection) -> None: ...
    async def look_again(self, number: str) -> None: ...
    async def look_at(self, number: str, at: datetime) -> None: ...
    async def add_notice(self, notice: Notice) -> None: ...
    async def keep_copy(self, notice: Notice) -> None: ...
    async def save_notice(self, notice: Notice) -> Notice: ...
    async def replace_notice(self, notice: Notice, by: Sequence[Notice]) -> None: ...
    async def pending_lists(self, number: str) -> tuple[frozenset[ListRow], list[str]]: ...
    async def lists_written(self, number: str, marks: Sequence[str]) -> None: ...
    async def heard_in(self, number: str, marks: Sequence[str]) -> list[Heard]: ...
    def asking_partners(self) -> AsyncIterator[str]: ...
    def all_of(self, partner: str) -> AsyncIterator[SmeRequest]: ...


@dataclass(frozen=True, slots=True)
class Review:
    """A review of a partner by an FPM (e-mail address)."""

    partner: str
    by: str
    at: datetime


class Ledger(Protocol):
    """The digests of requests and, always equal to their sums, the tallies of each partner's months.

    An entry is one commit with the tally that it changes. Months are like 2026-11.
    """

    async def enter(self, request: SmeRequest, digest: Callable[[], Awaitable[Digest]]) -> Counts:
        """Enter the digest of a request as it is when this asks for it, which may be more than once.

        Return what that adds to the counts of the tally; of several who enter the same only one adds something.
        """

    async def enter_deflection(self, deflection: Deflection) -> None: ...
    async def partners(self) -> list[str]: ...
    def digests(self, partner: str, first: str, last: str) -> AsyncIterator[Digest]: ...
    async def tallies(self, partner: str, first: str, last: str) -> list[Tally]: ...
    async def digest(self, request: SmeRequest) -> Digest | None: ...


class Reviews(Protocol):
    """When each partner's portfolio was reviewed, and by whom."""

    async def last(self, partner: str) -> Review | None: ...
    async def add(self, review: Review) -> None: ...


class Agendas(Protocol):
    """The store of agendas; a commit is guarded by the agenda's etag and raises Raced."""

    async def load(self, email: str) -> Agenda: ...
    async def commit(self, agenda: Agenda, notices: Sequence[Notice]) -> None: ...
    async def forget_words(self, email: str, before: datetime) -> None: ...
    async def note_meanwhile(self, email: str, number: str, event: int) -> None: ...
    async def meanwhile(self, email: str) -> list[tuple[str, int]]: ...
    async def forget_meanwhile(self, email: str) -> None: ...


class Lists(Protocol):
    """Derived lists; each shows the newest or most urgent first."""

    async def refresh(self, request: SmeRequest, before: frozenset[ListRow]) -> None: ...
    async def look(self, of: ListOf, whose: str, look: Look) -> Seen: ...
    async def inbox(self, email: str, limit: int) -> list[Summary]: ...
    async def approved(self, region: str, limit: int) -> list[Summary]: ...
    async def of_partner(self, partner: str, limit: int) -> list[Summary]: ...
    async def of_sme(self, email: str, limit: int) -> list[Summary]: ...
    async def engaged(self, fpm: str, limit: int) -> list[Summary]: ...
    async def loads(self) -> dict[str, int]: ...
    async def late(self, limit: int) -> list[Summary]: ...
    def all_open(self) -> AsyncIterator[str]: ...
    async def parked(self, limit: int) -> list[str]: ...
    async def note_delivery(self, notice: Notice, at: datetime) -> None: ...
    async def add_waiting(self, email: str, number: str) -> None: ...
    async def waiting(self, email: str) -> list[str]: ...
    async def forget_waiting(self, email: str, number: str) -> None: ...
    async def add_heard(self, heard: Heard) -> None: ...


class Feedbacks(Protocol):
    """The store of feedback, and of the list that leads to it and to the issues and low ratings of requests."""

    async def add(self, given: Feedback, activity: str, notices: Sequence[Notice]) -> bool: ...
    async def newest(self, kind: Kind | None, after: str, limit: int) -> tuple[list[Feedback], str]: ...
    def heard(self, since: datetime) -> AsyncIterator[Feedback]: ...


class People(Protocol):
    """The directory, and where each person can be reached.

    What was read may be remembered until the next `refresh`, with which every turn and every delivery begins.
    """

    async def refresh(self) -> None: ...
    async def by_identity(self, identity: Identity) -> Person | None: ...
    async def by_email(self, email: str) -> Person | None: ...
    async def partner(self, code: str) -> Partner | None: ...
    async def partner_of_tenant(self, tenant_id: str) -> Partner | None: ...
    async def partners(self) -> list[Partner]: ...
    async def partners_of(self, fpm: str) -> list[Partner]: ...
    async def contacts(self, partner_code: str) -> list[Person]: ...
    async def assigners(self, region: str) -> list[Person]: ...
    async def with_role(self, role: Role) -> list[Person]: ...
    async def address(self, email: str) -> Address | None: ...
    async def remember_address(self, identity: Identity, address: Address) -> bool: ...
    async def forget_address(self, email: str) -> None: ...
    async def has_removed_app(self, email: str) -> bool: ...
    async def service_url(self, tenant_id: str) -> str: ...
    async def covers(self) -> list[Cover]: ...
    async def add_cover(self, cover: Cover) -> None: ...
    async def remove_cover(self, cover: Cover) -> None: ...
    async def leaves(self) -> list[Leave]: ...
    async def add_leave(self, leave: Leave) -> None: ...
    async def remove_leave(self, leave: Leave) -> None: ...
    async def bind(self, email: str, identity: Identity) -> bool: ...
    async def register(self, person: Person) -> None: ...
    async def remove(self, person: Person) -> None: ...


class Admissions(Protocol):
    """The store of admissions; a commit is guarded by the admission's etag and raises Raced."""

    async def load(self, admission_id: str) -> Admission | None: ...
    async def of_partner(self, partner_code: str) -> list[Admission]: ...
    async def commit(self, admission: Admission, notices: Sequence[Notice]) -> Admission: ...
    async def save(self, admission: Admission) -> Admission: ...
    async def count_try(self, partner_code: str, identity: Identity, now: datetime) -> tuple[int, datetime]: ...
    async def forget_tries(self, partner_code: str, identity: Identity) -> None: ...


class Calendars(Protocol):
    """The working calendar of a time zone and a holiday country (ISO code or empty)."""

    def calendar(self, time_zone: str, holidays: str) -> Calendar: ...


@dataclass
class Conversation:
    """What one chat remembers between two turns; plain JSON values only.

    `answers` are the form's answers in stored form; `form` says which form they belong to: `token` (32 hex digits,
    made when the form began) and, while a returned request is being fixed, its `number`.
    `stack` is the dialog stack; `seen` the ids of the last 32 activities; `posted` maps a card's key to the
    activity id under which it was posted. `etag` and `stored` belong to the store alone.
    """

    id: str
    etag: str | None = None
    stack: list[dict[str, Any]] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    form: dict[str, str] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)
    posted: dict[str, str] = field(default_factory=dict)
    stored: str = field(default="", repr=False, compare=False)


class ExportJobs(Protocol):
    """The store of files that were asked for; a save is guarded by the etag and raises Raced."""

    async def add(self, job: ExportJob) -> bool:
        """Keep a new job and plan that somebody does it; False when it is there already."""
        ...

    async def load(self, key: str) -> ExportJob | None: ...
    async def save(self, job: ExportJob) -> ExportJob: ...
    async def forget_done(self, before: datetime) -> None: ...


class Conversations(Protocol):
    """The store of conversations; a save is guarded by the etag of the load and raises Raced."""

    async def load(self, conversation_id: str) -> Conversation: ...
    async def save(self, conversation: Conversation) -> None: ...


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file that goes with a mail; it has at most three million bytes."""

    name: str
    content: bytes


class MailHeldError(OSError):
    """The mail service wants nothing for so many seconds."""

    def __init__(self, reason: str, retry_after: float) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class Mail(Protocol):
    """Sends a mail; the same key again is the same mail. Raises OSError when it could not be handed over."""

    async def send(self, key: str, to: str, subject: str, text: str, enclosed: Enclosure | None = None) -> None: ...


@dataclass(frozen=True, slots=True)
class Shelves:
    """Where the process keeps what it remembers."""

    requests: Requests
    lists: Lists
    ledger: Ledger
    reviews: Reviews
    people: People
    agendas: Agendas
    feedbacks: Feedbacks
    export_jobs: ExportJobs
