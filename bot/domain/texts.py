"""What may stand in a text that a person typed: printable, in one normal form, without hidden direction marks."""

import re
import unicodedata

_HIDDEN = re.compile("[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]")
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
