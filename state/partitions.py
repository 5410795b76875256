"""In which partition of the requests something is kept: its partner's, or its person's."""

from bot.domain.agenda import person_in
from bot.domain.numbers import partner_of
from state.keys import key

PERSON = "person"
"""Begins the partition of everything that is kept for one person: agenda, feedback, and notices about both."""


def partition_of(number: str) -> str:
    """Return the partition of what is kept about a request, an admission or a person's agenda."""
    email = person_in(number)
    return key(PERSON, email) if email else partner_of(number)
