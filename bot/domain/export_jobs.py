"""A file that somebody has asked for in the chat, from the asking until it is there; pure."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

LEASE = timedelta(minutes=5)
"""So long whoever makes a file has it alone without saying so again; longer than any single step of it takes."""
MOST_ATTEMPTS = 3
_EXPORT = "export:"


def export_id(key: str) -> str:
    """Return under which name the work for a file is planned."""
    return f"{_EXPORT}{key}"


def export_in(number: str) -> str:
    """Return the key of the file that an id of work names, '' when it names something else."""
    return number.removeprefix(_EXPORT) if number.startswith(_EXPORT) else ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where Teams takes a file, as the person's client said when they consented; '' everywhere: it goes by mail."""

    upload_url: str = ""
    content_url: str = ""
    name: str = ""
    unique_id: str = ""
    file_type: str = ""


@dataclass(frozen=True, slots=True)
class ExportJob:
    """One file for one person; `words` are its filter as typed, `card` the message that shows how far it is.

    `busy_until` is until when somebody makes it, None while nobody does. `uploaded` is how many lines the uploaded file
    has, 0 while there is none. A job that is done stays, without its place, so that it is done once.
    """

    key: str
    email: str
    words: str
    asked_at: datetime
    place: Place = Place()
    card: str = ""
    attempts: int = 0
    busy_until: datetime | None = None
    uploaded: int = 0
    is_done: bool = False
    etag: str = ""

    @property
    def id(self) -> str:
        return export_id(self.key)

    def begun(self, now: datetime) -> "ExportJob":
        return replace(self, attempts=self.attempts + 1, busy_until=now + LEASE)

    def held(self, now: datetime) -> "ExportJob":
        return replace(self, busy_until=now + LEASE)

    def done(self) -> "ExportJob":
        return replace(self, place=Place(), busy_until=None, is_done=True)

    def is_held(self, now: datetime) -> bool:
        """Say whether somebody makes it now."""
        return self.busy_until is not None and self.busy_until > now

    def is_fading(self, now: datetime) -> bool:
        """Say whether whoever makes it should say so again."""
        return self.busy_until is None or self.busy_until - now < LEASE / 2
