"""Days as people type them, and as the date inputs of cards send them."""

from datetime import UTC, date, datetime

_YEARS = range(2000, 2101)
"""A year of two digits too many or too few is a slip, and nothing here is planned for another century."""
_FORMATS = ("%Y-%m-%d", "%d.%m.%Y", "%d %b %Y", "%d %B %Y")


def day_in(text: str) -> date | None:
    """Return the day that a text names, None when it names none."""
    for layout in _FORMATS:
        try:
            found = datetime.strptime(text.strip(), layout).replace(tzinfo=UTC).date()
        except ValueError:
            continue
        return found if found.year in _YEARS else None
    return None
