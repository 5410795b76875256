"""The field catalogue: every question of a request, once; inputs, checks, review, columns and README derive from it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bot.domain import catalogues
from bot.domain import form_context as when
from bot.domain.form_context import Answers, FormContext, Options, fixed
from bot.domain.kinds import Choice, Email, Guid, Kind, Text, WholeNumber

__all__ = ["BY_KEY", "FIELDS", "PAGES", "SCOPE", "Answers", "Checked", "Field", "FormContext", "Page", "on_page"]


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
    required: Callable[[FormContext], bool] = when.always
    asked: Callable[[FormContext], bool] = when.always
    options: Callable[[FormContext], Options] = when.no_options
    preset: Callable[[FormContext], str] = when.nothing


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


# fmt: off
FIELDS: tuple[Field, ...] = (
    Field("F1", "tenant_id", "Customer's tenant ID", "customer", Guid(), rule="GUID, any usual spelling",
          hint="For example 72f988bf-86f1-41af-91ab-2d7cd011db47"),
    Field("F2", "tenant_name", "Customer's name", "customer", Text(120), rule="up to 120 characters",
          hint="As shown in FTOP"),
    Field("F3", "tenant_segment", "Customer's segment", "customer", Choice(), rule="one of the list",
          options=fixed(catalogues.SEGMENTS)),
    Field("F7", "region", "Customer's region", "customer", Choice(), rule="one of the list",
          options=fixed(catalogues.REGIONS)),
    Field("F9", "role", "Kind of SME", "need", Choice(), rule="one of the list", options=fixed(catalogues.SME_ROLES),
          hint="Migration Resource: Exchange migration. Engineer: every workload. Not sure? Ask your FPM."),
    Field("F10", "workload", "Workload", "need", Choice(), rule="one of the list",
          options=fixed(catalogues.WORKLOADS), hint="One workload for each request"),
    Field("F4", "seat_count", "Active licences for this workload", "need", WholeNumber(1, 10_000_000),
          rule="whole number, 1 to 10,000,000", hint="For example 5,000"),
    Field("F11", "primary_language", "Language wanted of the SME", "need", Choice(), rule="one of the list",
          options=fixed(catalogues.LANGUAGES)),
    Field("F12", "secondary_language", "Second language", "need", Choice(), required=when.optional,
          rule="one of the list, not the first language", options=fixed(catalogues.LANGUAGES)),
    Field("F17", "topic", "What the SME should help with", "reason", Choice(), options=when.topics,
          rule="one of the list; migration only for a Migration Resource", preset=when.migration_topic),
    Field("F16", "email_source", "Where the mail comes from", "reason", Choice(), asked=when.is_migration,
          rule="one of the list; asked for a Migration Resource", options=fixed(catalogues.EMAIL_SOURCES)),
    Field("F16", "email_source_other", "The other mail source", "reason", Text(120), asked=when.is_migration,
          rule="up to 120 characters; for another source", required=when.source_is_other,
          hint="Only when it is another source"),
    Field("§3", "exception_reason", "Reason for the exception", "reason", Text(2000, 20, multiline=True),
          rule="20 to 2,000 characters; when the verdict asks", asked=when.needs_exception_reason,
          hint="Why the published rule should not stop this request"),
    Field("F14", "justification", "Why an SME is needed", "reason", Text(2000, 20, multiline=True),
          rule="20 to 2,000 characters", hint="What was tried, what is blocked, what should be reached"),
    Field("F15", "notes", "Anything else worth knowing", "reason", Text(2000, multiline=True),
          rule="up to 2,000 characters", required=when.optional),
    Field("F5", "delivery_team", "Your delivery team", "people", Choice(), rule="one of the list",
          options=fixed(catalogues.DELIVERY_TEAMS), preset=lambda _context: "FTP Partner"),
    Field("F6", "partner_name", "Your company", "people", Choice(), rule="from the directory",
          options=when.own_partners, preset=when.first_partner, hint="Not listed? Contact your FPM."),
    Field("F8", "contact_email", "Contact for questions", "people", Email(), rule="one e-mail address",
          preset=when.own_email, hint="Gets the receipt too"),
    Field("F13", "fpm", "FastTrack Partner Manager (FPM)", "people", Choice(), rule="from the directory",
          options=when.fpms, preset=when.own_fpm),
    Field("F13", "fpm_other", "Or the e-mail of another FPM", "people", Email(), required=when.optional,
          rule="one e-mail address in the directory; asked when there are more than 15 FPMs", asked=when.has_more_fpms),
)
# fmt: on

BY_KEY: Mapping[str, Field] = {f.key: f for f in FIELDS}
_ON_PAGE: Mapping[str, tuple[Field, ...]] = {p.key: tuple(f for f in FIELDS if f.page == p.key) for p in PAGES}


@dataclass(frozen=True, slots=True)
class Checked:
    """The outcome of one page: the answers in stored form, and a sentence for each that cannot be taken."""

    answers: Mapping[str, str] = field(default_factory=dict)
    mistakes: Mapping[str, str] = field(default_factory=dict)


def on_page(page: str, context: FormContext) -> list[Field]:
    """Return the fields shown on the page, in order."""
    return [f for f in _ON_PAGE.get(page, ()) if f.asked(context)]
