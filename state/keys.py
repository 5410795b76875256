"""The one encoder of key parts: any text becomes part of a key that every store takes."""

import hashlib
import re
from datetime import UTC, datetime

from state.table import MAX_KEY

SEPARATOR = ":"
MAX_PART = 120  # four parts of any length fit into a key

# The escape sign is "!": "%" and "~" in keys are known to break reads and signatures of Azure Table Storage.
# Stored keys depend on this alphabet, the sign and MAX_PART: changing any of them loses rows.
_ESCAPE = "!"
_TO_ESCAPE = re.compile(rb"[^A-Za-z0-9\-_.@+=,]")
_ESCAPED = re.compile(rb"!([0-9A-F]{2})")
_HASHED = _ESCAPE * 2

_STAMP = "%Y-%m-%dT%H%M%S.%fZ"
_DESCENDING = str.maketrans("0123456789", "9876543210")


def encode(part: str) -> str:
    """Escape a part so that it holds no separator; reversible up to 120 characters, a stable hash beyond."""
    raw = part.encode("utf-8", "surrogatepass")
    encoded = _TO_ESCAPE.sub(lambda found: b"!%02X" % found[0][0], raw).decode("ascii")
    if len(encoded) <= MAX_PART:
        return encoded
    return _HASHED + hashlib.sha256(raw).hexdigest()


def decode(encoded: str) -> str:
    """Return the part that was encoded; raises `ValueError` for a hash, which cannot be read back."""
    if encoded.startswith(_HASHED):
        raise ValueError("a part kept as a hash cannot be read back")
    raw = _ESCAPED.sub(lambda found: bytes.fromhex(found[1].decode("ascii")), encoded.encode("ascii"))
    return raw.decode("utf-8", "surrogatepass")


def beginning(text: str, most: int) -> str:
    """Return so much of the text's beginning, at most `most` characters, as a part holds without becoming a hash."""
    begins = text[:most]
    while encode(begins).startswith(_HASHED):
        begins = begins[:-1]
    return begins


def key(*parts: str) -> str:
    """Join encoded parts; different parts never give the same key."""
    joined = SEPARATOR.join(encode(part) for part in parts)
    if not 1 <= len(joined) <= MAX_KEY:
        raise ValueError(f"a key has 1 to {MAX_KEY} characters, not {len(joined)}")
    return joined


def stamp(time: datetime) -> str:
    """Return a UTC text of fixed width that sorts by time, such as `2026-11-22T100000.000000Z`."""
    if time.tzinfo is None:
        raise ValueError("a time in a key needs a time zone")
    utc = time.astimezone(UTC).replace(tzinfo=None)
    return utc.isoformat(timespec="microseconds").replace(":", "") + "Z"


def inverted(time: datetime) -> str:
    """Return a text of fixed width that sorts the latest time first."""
    return stamp(time).translate(_DESCENDING)


def stamped(stamp: str) -> datetime:
    """Return the time of a stamp."""
    return datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC)


def uninverted(text: str) -> datetime:
    """Return the time of a text that sorts the latest time first."""
    return stamped(text.translate(_DESCENDING))
