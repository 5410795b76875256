"""The field catalogue: every question of a request, once; inputs, checks, review, columns and README derive from it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bot.domain import catalogues
from bot.domain.kinds import Choice, Email, Guid, Kind, Text, WholeNumber
from bot.domain.people import Partner, Person
from bot.domain.routing import Verdict

Answers = Mapping[str, str]
Options = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FormContext:
    """What a page needs to know beyond the answers: who asks, and what the directory offers."""

    requester: Person
    partners: Mapping[str, Partner]
    fpms: Mapping[str, str]
    answers: Answers
    verdict: Verdict | None = None


def _always(_context: FormContext) -> bool:
    return True


def _nothing(_context: FormContext) -> str:
    return ""


def _no_options(_context: FormContext) -> Options:
    return {}


@dataclass(frozen=True, slots=True)
class Field:
    """One question. `asked` says whether it is shown at all, `required` whether it may stay empty."""

    id: str
    key: str
    label: str
    page: str
    kind: Kind
    hint: str = ""
    rule: str = ""
    required: Callable[[FormContext], bool] = _always
    asked: Callable[[FormContext], bool] = _always
    options: Callable[[FormContext], Options] = _no_options
    preset: Callable[[FormContext], str] = _nothing


@dataclass(frozen=True, slots=True)
class Page:
    """One card of the form."""

    key: str
    title: str
    intro: str = ""


PAGES: tuple[Page, ...] = (
    Page("customer", "The customer"),
    Page("need", "What is needed"),
    Page("reason", "Why a Subject Matter Expert"),
    Page("people", "Who is involved"),
)
SCOPE = (
    "An SME assists you with a customer deployment and helps your team learn. "
    "An SME does not lead the engagement and does not replace you."
)


def _fixed(options: Options) -> Callable[[FormContext], Options]:
    return lambda _context: options


def _optional(_context: FormContext) -> bool:
    return False


def is_migration(context: FormContext) -> bool:
    return context.answers.get("role") == "migration"


def _source_is_other(context: FormContext) -> bool:
    return context.answers.get("email_source") == "other"


def _needs_exception_reason(context: FormContext) -> bool:
    return context.verdict is not None and context.verdict.needs_reason


def _topics(context: FormContext) -> Options:
    return {k: v for k, v in catalogues.TOPICS.items() if k != "migration" or is_migration(context)}


def _migration_topic(context: FormContext) -> str:
    return "migration" if is_migration(context) else ""


def _own_partners(context: FormContext) -> Options:
    return {code: partner.name for code, partner in context.partners.items()}


def _first_partner(context: FormContext) -> str:
    return next(iter(context.partners), "")


def _fpms(context: FormContext) -> Options:
    return {mail: name for mail, name in context.fpms.items() if mail != context.requester.email}


def _own_fpm(context: FormContext) -> str:
    chosen = context.answers.get("partner_name") or _first_partner(context)
    partner = context.partners.get(chosen)
    return partner.fpm if partner else ""


def _own_email(context: FormContext) -> str:
    return context.requester.contact_email or context.requester.email


FIELDS: tuple[Field, ...] = (
    Field(
        "F1",
        "tenant_id",
        "Customer's tenant ID",
        "customer",
        Guid(),
        hint="For example 72f988bf-86f1-41af-91ab-2d7cd011db47",
        rule="GUID, any usual spelling",
    ),
    Field(
        "F2",
        "tenant_name",
        "Customer's name",
        "customer",
        Text(120),
        hint="As shown in FTOP",
        rule="up to 120 characters",
    ),
    Field(
        "F3",
        "tenant_segment",
        "Customer's segment",
        "customer",
        Choice(),
        rule="one of the list",
        options=_fixed(catalogues.SEGMENTS),
    ),
    Field(
        "F7",
        "region",
        "Customer's region",
        "customer",
        Choice(),
        rule="one of the list",
        options=_fixed(catalogues.REGIONS),
    ),
    Field(
        "F9",
        "role",
        "Kind of SME",
        "need",
        Choice(),
        hint="Migration Resource: Exchange migration. Engineer: every workload. Not sure? Ask your FPM.",
        rule="one of the list",
        options=_fixed(catalogues.SME_ROLES),
    ),
    Field(
        "F10",
        "workload",
        "Workload",
        "need",
        Choice(),
        hint="One workload for each request",
        rule="one of the list",
        options=_fixed(catalogues.WORKLOADS),
    ),
    Field(
        "F4",
        "seat_count",
        "Active licences for this workload",
        "need",
        WholeNumber(1, 10_000_000),
        hint="For example 5,000",
        rule="whole number, 1 to 10,000,000",
    ),
    Field(
        "F11",
        "primary_language",
        "Language wanted of the SME",
        "need",
        Choice(),
        rule="one of the list",
        options=_fixed(catalogues.LANGUAGES),
    ),
    Field(
        "F12",
        "secondary_language",
        "Second language",
        "need",
        Choice(),
        rule="one of the list, not the first language",
        required=_optional,
        options=_fixed(catalogues.LANGUAGES),
    ),
    Field(
        "F17",
        "topic",
        "What the SME should help with",
        "reason",
        Choice(),
        rule="one of the list; migration only for a Migration Resource",
        options=_topics,
        preset=_migration_topic,
    ),
    Field(
        "F16",
        "email_source",
        "Where the mail comes from",
        "reason",
        Choice(),
        rule="one of the list; asked for a Migration Resource",
        asked=is_migration,
        options=_fixed(catalogues.EMAIL_SOURCES),
    ),
    Field(
        "F16",
        "email_source_other",
        "The other mail source",
        "reason",
        Text(120),
        hint="Only when it is another source",
        rule="up to 120 characters; for another source",
        required=_source_is_other,
        asked=is_migration,
    ),
    Field(
        "§3",
        "exception_reason",
        "Reason for the exception",
        "reason",
        Text(2000, 20, multiline=True),
        hint="Why the published rule should not stop this request",
        rule="20 to 2,000 characters; when the verdict asks",
        asked=_needs_exception_reason,
    ),
    Field(
        "F14",
        "justification",
        "Why an SME is needed",
        "reason",
        Text(2000, 20, multiline=True),
        hint="What was tried, what is blocked, what should be reached",
        rule="20 to 2,000 characters",
    ),
    Field(
        "F15",
        "notes",
        "Anything else worth knowing",
        "reason",
        Text(2000, multiline=True),
        rule="up to 2,000 characters",
        required=_optional,
    ),
    Field(
        "F5",
        "delivery_team",
        "Your delivery team",
        "people",
        Choice(),
        rule="one of the list",
        options=_fixed(catalogues.DELIVERY_TEAMS),
        preset=lambda _context: "FTP Partner",
    ),
    Field(
        "F6",
        "partner_name",
        "Your company",
        "people",
        Choice(),
        hint="Not listed? Contact your FPM.",
        rule="from the directory",
        options=_own_partners,
        preset=_first_partner,
    ),
    Field(
        "F8",
        "contact_email",
        "Contact for questions",
        "people",
        Email(),
        hint="Gets the receipt too",
        rule="one e-mail address",
        preset=_own_email,
    ),
    Field(
        "F13",
        "fpm",
        "FastTrack Partner Manager (FPM)",
        "people",
        Choice(),
        rule="from the directory",
        options=_fpms,
        preset=_own_fpm,
    ),
)

BY_KEY: Mapping[str, Field] = {f.key: f for f in FIELDS}


@dataclass(frozen=True, slots=True)
class Checked:
    """The outcome of one page: the answers in stored form, and a sentence for each that cannot be taken."""

    answers: Mapping[str, str] = field(default_factory=dict)
    mistakes: Mapping[str, str] = field(default_factory=dict)


def on_page(page: str, context: FormContext) -> list[Field]:
    """Return the fields shown on the page, in order."""
    return [f for f in FIELDS if f.page == page and f.asked(context)]
