"""What a list is narrowed to: read from typed words or a card's inputs, and whether a line fits."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

from bot.domain.catalogues import REGIONS, WORKLOADS
from bot.domain.lifecycle import Status
from bot.domain.numbers import number_beginning, parse_number
from bot.domain.ports import Place, Summary
from bot.domain.texts import folded, one_line

TEXT_LONGEST = 40
_STATUSES = {status.value: status for status in Status}
_CODE = re.compile(r"[A-Z0-9]{2,12}")
_PLACE = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6})Z (\S{1,40})", re.ASCII)


class ListName(StrEnum):
    """The lists that can be asked for."""

    REQUESTS = "requests"
    INBOX = "inbox"
    ENGAGEMENTS = "engagements"


@dataclass(frozen=True, slots=True)
class Filters:
    """What the lines of a list have to be; '' or None where anything goes. `text` begins a number or a customer."""

    status: Status | None = None
    partner: str = ""
    workload: str = ""
    region: str = ""
    text: str = ""

    def fit(self, row: Summary) -> bool:
        return (
            self.status in {None, row.status}
            and self.partner in {"", row.partner}
            and self.workload in {"", row.workload}
            and self.region in {"", row.region}
            and self._begins(row)
        )

    def _begins(self, row: Summary) -> bool:
        """Whether the customer's name, or the number with or without the partner's code, begins with the text."""
        name, number = folded(self.text), number_beginning(row.partner, self.text)
        is_named = bool(name) and folded(row.customer).startswith(name)
        return not self.text or is_named or (number is not None and row.number.startswith(number))

    @property
    def texts(self) -> dict[str, str]:
        """The filters as a button carries them."""
        found = {
            "status": self.status.value if self.status else "",
            "partner": self.partner,
            "workload": self.workload,
            "region": self.region,
            "text": self.text,
        }
        return {name: text for name, text in found.items() if text}


@dataclass(frozen=True, slots=True)
class Wanted:
    """The part of a list that is asked for: what it is narrowed to, and behind which place it begins.

    `left_out` says that a code was typed which the person has no use for.
    """

    name: ListName
    filters: Filters = Filters()
    after: Place | None = None
    left_out: bool = False

    @property
    def texts(self) -> dict[str, str]:
        """What is asked for, as a button carries it."""
        after = {"after": _place_text(self.after)} if self.after else {}
        return {"list": self.name.value, **self.filters.texts, **after}


def wanted_in(texts: Mapping[str, str]) -> Wanted | None:
    """Return what the texts of a button ask for, None for no list; whatever is unknown in them is left out."""
    name = texts.get("list")
    if name not in set(ListName):
        return None
    return Wanted(ListName(name), _filters_in(texts), _place_in(texts.get("after", "")))


def _filters_in(texts: Mapping[str, str]) -> Filters:
    workload, region, partner = (texts.get(key, "") for key in ("workload", "region", "partner"))
    return Filters(
        status=_STATUSES.get(texts.get("status", "")),
        partner=partner if is_code(partner) else "",
        workload=workload if workload in WORKLOADS else "",
        region=region if region in REGIONS else "",
        text=_bounded(texts.get("text", "")),
    )


def is_code(word: str) -> bool:
    """Whether a word may be the code of a partner."""
    return _CODE.fullmatch(word) is not None


def wanted_typed(name: ListName, words: Iterable[str], partners: Collection[str]) -> Wanted:
    """Return what the words behind a command ask for; what is no status or code is the text.

    A word of capital letters is meant as a code. One that is none for the person is left out, and not said again:
    it may be the code of somebody else's partner.
    """
    found, text, left_out = Filters(), [], False
    for word in words:
        code = word.upper()
        if word.lower() in _STATUSES:
            found = replace(found, status=_STATUSES[word.lower()])
        elif code in WORKLOADS:
            found = replace(found, workload=code)
        elif code in REGIONS:
            found = replace(found, region=code)
        elif code in partners:
            found = replace(found, partner=code)
        elif word == code and code.isalpha() and is_code(code):
            left_out = True
        else:
            text.append(word)
    return Wanted(name, replace(found, text=_bounded(" ".join(text))), left_out=left_out)


def _bounded(text: str) -> str:
    return one_line(text[: 4 * TEXT_LONGEST])[:TEXT_LONGEST].rstrip()


def _place_text(place: Place) -> str:
    at = place.at.astimezone(UTC).replace(tzinfo=None)
    return f"{at.isoformat(timespec='microseconds')}Z {place.number}"


def _place_in(text: str) -> Place | None:
    """Return the place that a button carries; None, which is the beginning, for anything that is not one."""
    found = _PLACE.fullmatch(text)
    number = parse_number(found[2]) if found else None
    if found is None or number is None:
        return None
    try:
        return Place(datetime.fromisoformat(found[1]).replace(tzinfo=UTC), number)
    except ValueError:
        return None
