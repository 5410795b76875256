"""What may stand in a text that a person typed: printable, in one normal form, without hidden direction marks."""

import re
import unicodedata
from collections.abc import Mapping

from bot.domain.errors import Mistake

WORDS_LONGEST = 2000
PART_LONGEST = 1000
"""Characters of each text of a kick-off or a note: a card shows them all, and holds them once more to be changed."""

_HIDDEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufeff\uffa0\ufff9-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e007f]"
)
# Joiners, variation selectors and the empty Braille cell belong to what stands beside them, and alone show nothing.
_SHOWS_NOTHING = re.compile("[\\s\u200c\u200d\u2800\ufe00-\ufe0f\U000e0100-\U000e01ef]+")
_NEWLINES = re.compile(r"\r\n?|[\u000b\u000c\u0085\u2028\u2029]")


def cleaned(text: str) -> str:
    """Return the text in Unicode form C, trimmed, without control, direction and zero-width characters.

    Joiners (U+200C, U+200D) stay: Persian, Hindi and emoji need them. Line breaks become one kind and stay.
    """
    if text.isascii() and text.isprintable():
        return text.strip()  # Most texts are like this, and every answer is cleaned again each time a page is checked.
    lines = _HIDDEN.sub("", _NEWLINES.sub("\n", text)).replace("\t", " ")
    kept = "".join(c for c in lines if c == "\n" or unicodedata.category(c) not in {"Cc", "Cs", "Co", "Cn"})
    # Normalised last: what stood between two characters may have kept them from being one.
    return unicodedata.normalize("NFC", kept).strip()


def one_line(text: str) -> str:
    """Return the cleaned text with every run of white space as one space."""
    return " ".join(cleaned(text).split())


def folded(name: str) -> str:
    """Return a name as it is looked up: one line in lower case, without the words that are addresses of people."""
    return " ".join(word for word in one_line(name).casefold().split() if "@" not in word)


def seen(text: str) -> str:
    """Return what of a cleaned text can be seen, with single spaces between."""
    return " ".join(filter(None, (_SHOWS_NOTHING.sub("", word) for word in text.split())))


def email_in(inputs: Mapping[str, str], key: str) -> str:
    """Return the address of somebody chosen from a list or, before that, typed beside it; '' when nobody is."""
    return (inputs.get(f"{key}_other", "").strip() or inputs.get(key, "").strip()).lower()


def words(inputs: Mapping[str, str], key: str, *, required: str = "", longest: int = WORDS_LONGEST) -> str:
    """Return a text input, cleaned. Raises Mistake with the sentence `required` when it is empty, or when too long."""
    text = cleaned(inputs.get(key, ""))
    if required and not text:
        raise Mistake(required)
    # As inputs and the channel count: signs beyond the first 65,536 are two.
    length = len(text.encode("utf-16-le", "surrogatepass")) // 2
    if length > longest:
        raise Mistake(f"Please keep this to {longest:,} characters; this has {length:,}.")
    return text
