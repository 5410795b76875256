"""The kinds of answer a field can take; each turns typed text into its stored form or says what is wrong."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from bot.domain.errors import Mistake
from bot.domain.texts import cleaned, one_line, seen

EMAIL_LONGEST = 254
_EMAIL = re.compile(r"[A-Za-z0-9._%+'-]+@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}")
GUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""A GUID as Entra writes it."""
_GUID = re.compile(r"[0-9a-f]{8}(-?)[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{12}")
_GROUPED = re.compile(r"\d{1,3}(?:([ ,.'\u2019])\d{3})(?:\1\d{3})*|\d+")
_BRACKETS = {"{": "}", "(": ")"}


@dataclass(frozen=True, slots=True)
class Text:
    """Free text of `shortest` to `longest` characters."""

    longest: int
    shortest: int = 1
    multiline: bool = False

    def parse(self, raw: str, _options: Mapping[str, str]) -> str:
        text = cleaned(raw) if self.multiline else one_line(raw)
        if (shown := len(seen(text))) < self.shortest:
            raise Mistake(f"Please write at least {self.shortest} characters; this has {shown}.")
        if len(text) > self.longest:
            raise Mistake(f"Please keep this to {self.longest:,} characters; this has {len(text):,}.")
        return text


@dataclass(frozen=True, slots=True)
class Guid:
    """An identifier in any usual spelling, stored as 8-4-4-4-12 lower-case digits."""

    def parse(self, raw: str, _options: Mapping[str, str]) -> str:
        text = one_line(raw).lower().removeprefix("urn:uuid:")
        if text and _BRACKETS.get(text[0]) == text[-1]:
            text = text[1:-1].strip()
        if not _GUID.fullmatch(text):
            raise Mistake("A tenant ID has 32 hexadecimal digits, like 72f988bf-86f1-41af-91ab-2d7cd011db47.")
        found = UUID(text)
        if not found.int:
            raise Mistake("This ID is all zeros. Please give the customer's own tenant ID.")
        return str(found)


@dataclass(frozen=True, slots=True)
class WholeNumber:
    """A whole number; groups of three digits may be set apart as people write them."""

    lowest: int
    highest: int

    def parse(self, raw: str, _options: Mapping[str, str]) -> str:
        text = one_line(unicodedata.normalize("NFKC", raw))
        is_written_small = any(c.isdigit() and not c.isdecimal() for c in raw)
        if is_written_small or not _GROUPED.fullmatch(text) or len(text) > len(f"{self.highest:,}"):
            raise Mistake(f"Please give a whole number from {self.lowest:,} to {self.highest:,}, like 5,000.")
        number = int(re.sub(r"\D", "", text))
        if not self.lowest <= number <= self.highest:
            raise Mistake(f"Please give a whole number from {self.lowest:,} to {self.highest:,}.")
        return str(number)


@dataclass(frozen=True, slots=True)
class Email:
    """One e-mail address, stored in lower case."""

    def parse(self, raw: str, _options: Mapping[str, str]) -> str:
        text = one_line(raw)
        if len(text) > EMAIL_LONGEST or ".." in text or not _EMAIL.fullmatch(text):
            raise Mistake("Please give one e-mail address, like name@company.com.")
        return text.lower()


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the codes offered."""

    def parse(self, raw: str, options: Mapping[str, str]) -> str:
        wanted = one_line(raw)
        for code in options:
            if code.casefold() == wanted.casefold():
                return code
        raise Mistake("Please choose one of the entries.")


Kind = Text | Guid | WholeNumber | Email | Choice
