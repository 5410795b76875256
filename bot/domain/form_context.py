"""What a page of the form knows beyond its questions: when one is asked, what it offers, what stands in it at first."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.domain import catalogues
from bot.domain.people import Partner, Person
from bot.domain.routing import Verdict

MOST_PEOPLE_OFFERED = 15
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


def always(_context: FormContext) -> bool:
    return True


def nothing(_context: FormContext) -> str:
    return ""


def no_options(_context: FormContext) -> Options:
    return {}


def fixed(options: Options) -> Callable[[FormContext], Options]:
    return lambda _context: options


def optional(_context: FormContext) -> bool:
    return False


def is_migration(context: FormContext) -> bool:
    return context.answers.get("role") == "migration"


def source_is_other(context: FormContext) -> bool:
    return context.answers.get("email_source") == "other"


def needs_exception_reason(context: FormContext) -> bool:
    return context.verdict is not None and context.verdict.needs_reason


def topics(context: FormContext) -> Options:
    return {k: v for k, v in catalogues.TOPICS.items() if k != "migration" or is_migration(context)}


def migration_topic(context: FormContext) -> str:
    return "migration" if is_migration(context) else ""


def own_partners(context: FormContext) -> Options:
    return {code: partner.name for code, partner in context.partners.items()}


def first_partner(context: FormContext) -> str:
    return next(iter(context.partners), "")


def all_fpms(context: FormContext) -> Options:
    return {mail: name for mail, name in context.fpms.items() if mail != context.requester.email}


def fpms(context: FormContext) -> Options:
    """Return at most fifteen FPMs: the one answered before, the partners' own, then others by name."""
    known = all_fpms(context)
    first = [context.answers.get("fpm", ""), own_fpm(context)]
    first += [mail for partner in context.partners.values() for mail in (partner.fpm, partner.backup_fpm)]
    others = sorted(known, key=lambda mail: known[mail])
    best = [mail for mail in dict.fromkeys([*first, *others]) if mail in known][:MOST_PEOPLE_OFFERED]
    return {mail: known[mail] for mail in best}


def has_more_fpms(context: FormContext) -> bool:
    return len(all_fpms(context)) > MOST_PEOPLE_OFFERED


def own_fpm(context: FormContext) -> str:
    chosen = context.answers.get("partner_name") or first_partner(context)
    partner = context.partners.get(chosen)
    return partner.fpm if partner else ""


def own_email(context: FormContext) -> str:
    return context.requester.contact_email or context.requester.email
