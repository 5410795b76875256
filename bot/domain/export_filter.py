"""Which requests an export takes: the filter, as people type it and as a button carries it."""

import re
from dataclasses import dataclass

from bot.domain.catalogues import REGIONS, WORKLOADS
from bot.domain.digest import month_of
from bot.domain.errors import Refusal
from bot.domain.lifecycle import Status
from bot.domain.numbers import is_partner_code
from bot.domain.request import SmeRequest

LONGEST_FILTER = 200
NOT_UNDERSTOOD = (
    "I do not understand {word}. Say a month (2026-10) or two, a partner code, a workload, a region or a status, like: "
    "export 2026-10 CONTOSO TEAMS closed"
)
TOO_LONG = "That filter is too long. Please name fewer partners."
_MONTH = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")
_SPAN = re.compile(rf"({_MONTH.pattern})?\.\.({_MONTH.pattern})?")
_STATUSES = frozenset(status.value for status in Status)
_BETWEEN = frozenset({"from", "to", "for", "and", "in"})


def is_month(text: str) -> bool:
    """Say whether a text is a month like 2026-11."""
    return bool(_MONTH.fullmatch(text))


@dataclass(frozen=True, slots=True)
class ExportFilter:
    """What has to be true of a request; what is empty asks for nothing.

    Months are those of the submission in UTC, like 2026-11, both included. `fpm` is whose slice it is: requests of the
    partners whose FPM this is, those that they decide on, the same of whom they are the cover of now, and those that
    they were asked for as the backup.
    """

    partners: tuple[str, ...] = ()
    first: str = ""
    last: str = ""
    status: str = ""
    workload: str = ""
    region: str = ""
    fpm: str = ""

    def takes(self, request: SmeRequest) -> bool:
        """Say whether a request is wanted, apart from whose slice it is in."""
        answers = request.answers
        asked = (self.status, self.workload, self.region)
        found = (request.status, answers["workload"], answers.get("region", ""))
        is_so = all(wanted in {"", what} for wanted, what in zip(asked, found, strict=True))
        return is_so and self.is_of(request.partner, month_of(request.submitted_at))

    def is_of(self, partner: str, month: str) -> bool:
        """Say whether a partner and a month are wanted."""
        is_in_time = self.first <= month and (not self.last or month <= self.last)
        return is_in_time and (not self.partners or partner in self.partners)

    @property
    def words(self) -> str:
        """What one types for it; `filter_of` reads it."""
        is_open = bool(self.first) != bool(self.last)
        months = f"{self.first}..{self.last}" if is_open or self.first != self.last else self.first
        return " ".join(filter(None, (months, *self.partners, self.workload, self.region, self.status)))


def filter_of(words: str) -> ExportFilter:
    """Return the filter that somebody typed or a button carries. Raises Refusal naming what is not understood."""
    if len(words) > LONGEST_FILTER:
        raise Refusal(TOO_LONG)
    said = [_said(word) for word in words.replace(",", " ").split() if word.casefold() not in _BETWEEN]
    months = [value for name, value in said if name == "month"]
    spans = [value.split("..") for name, value in said if name == "span"]
    if months:
        spans.append([min(months), max(months)])
    first, last = spans[-1] if spans else ("", "")
    one = {name: value for name, value in said if name in {"status", "workload", "region"}}
    partners = dict.fromkeys(value for name, value in said if name == "partner")
    return ExportFilter(partners=tuple(partners), first=first, last=last, **one)


def _said(word: str) -> tuple[str, str]:
    """Return what a word names, and its value. Raises Refusal."""
    code = word.upper()
    if is_month(word):
        return "month", word
    if _SPAN.fullmatch(word):
        return "span", word
    if word.casefold() in _STATUSES:
        return "status", word.casefold()
    if code in WORKLOADS:
        return "workload", code
    if code in REGIONS:
        return "region", code
    if is_partner_code(code):
        return "partner", code
    raise Refusal(NOT_UNDERSTOOD.format(word=word[:40]))


def described(wanted: ExportFilter) -> str:
    """Say in words what a filter takes, as in `all requests for TEAMS submitted in 2026-10`."""
    whose = "your" if wanted.fpm else "" if wanted.status else "all"
    status = " ".join(filter(None, (whose, wanted.status, "requests")))
    of = f"of {', '.join(wanted.partners)}" if wanted.partners else ""
    workload = f"for {wanted.workload}" if wanted.workload else ""
    region = f"in {wanted.region}" if wanted.region else ""
    return " ".join(filter(None, (status, of, workload, region, _months(wanted))))


def _months(wanted: ExportFilter) -> str:
    if not wanted.first and not wanted.last:
        return ""
    if wanted.first == wanted.last:
        return f"submitted in {wanted.first}"
    since = f"from {wanted.first}" if wanted.first else ""
    until = f"to {wanted.last}" if wanted.last else ""
    return " ".join(filter(None, ("submitted", since, until)))
