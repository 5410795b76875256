"""What a cell of a file may hold that somebody opens in a spreadsheet: no formula, and nothing that breaks the file."""

import re

LONGEST_CELL = 32_767
"""UTF-16 units of a cell in Excel."""

# What a spreadsheet may take for a formula, and the same behind apostrophes.
_FORMULA = re.compile("'*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
# XML has no word for these; the tab and the line feed stay.
_UNSPEAKABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_HALF_A_SIGN = re.compile("[\ud800-\udfff]")


def as_text(cell: str) -> str:
    """Return a cell of a CSV file that no spreadsheet takes for a formula: an apostrophe stands before its sign."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def as_meant(cell: str) -> str:
    """Return what was meant by a cell that `as_text` has made."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def as_cell(text: str) -> str:
    """Return a text without signs that no file of a spreadsheet may hold, cut to what one of its cells takes."""
    if text.isascii() and text.isprintable() and len(text) <= LONGEST_CELL:
        return text
    whole = _HALF_A_SIGN.sub("\ufffd", _UNSPEAKABLE.sub("", text))
    return whole.encode("utf-16-le")[: 2 * LONGEST_CELL].decode("utf-16-le", "ignore")
