"""Request numbers and operation keys: the same form, the same press, always give the same one."""

import re
from hashlib import sha256

_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 6
NUMBERS = len(_DIGITS) ** _LENGTH
"""How many numbers a partner can have."""
_CODE = "[A-Z0-9]{2,12}"
_NUMBER = re.compile(rf"({_CODE})-([{_DIGITS}]{{{_LENGTH}}})")


def request_number(partner: str, token: str, attempt: int = 0) -> str:
    """Return the number for a form's token; `attempt` counts up while another form's request stands there."""
    digest = int.from_bytes(sha256(f"{token}/{attempt}".encode()).digest()[:8], "big")
    return f"{partner}-{''.join(_DIGITS[(digest >> (5 * i)) & 31] for i in range(_LENGTH))}"


def number_at(partner: str, place: int) -> str:
    """Return the number at a place of all that a partner can have, in their order, from 0 to `NUMBERS` - 1."""
    return f"{partner}-{''.join(_DIGITS[(place >> (5 * i)) & 31] for i in reversed(range(_LENGTH)))}"


def partner_of(number: str) -> str:
    """Return the partner code of a request number or engagement id."""
    return number.partition("-")[0]


def is_partner_code(text: str) -> bool:
    """Say whether a text has the form of a partner code."""
    return bool(re.fullmatch(_CODE, text))


def parse_number(text: str) -> str | None:
    """Return a request number as stored, from what a person typed or a card carried; None if it cannot be one."""
    wanted = text.strip().upper()
    return wanted if _NUMBER.fullmatch(wanted) else None


def operation(*parts: str | int) -> str:
    """Return the key of one operation, from everything that makes it the same one."""
    return sha256("\x1f".join(str(p) for p in parts).encode()).hexdigest()[:32]
