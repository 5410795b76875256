"""Takes orders for exports in the chat: who may have what, and each order once."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.domain.errors import Refusal
from bot.domain.export_filter import ExportFilter, described, filter_of
from bot.domain.export_jobs import ExportJob, Place
from bot.domain.export_reading import ExportReader
from bot.domain.numbers import operation
from bot.domain.people import Person, Role
from bot.domain.ports import Clock, ExportJobs

NOT_FOR_YOU = "Exports are for FPMs and the programme team."
MAY_EXPORT = frozenset({Role.FPM, Role.PROGRAM})
KEPT_FOR = timedelta(days=30)
"""How long it is known that an order was carried out; no place of a file takes it for nearly as long."""
_BYTES, _BYTES_OF_A_LINE = 20_000, 300


@dataclass(frozen=True, slots=True)
class Offer:
    """A file that could be made: its name, about how large it is in bytes, and what is in it in words."""

    token: str
    words: str
    name: str
    size: int
    sentence: str


def filter_for(person: Person, words: str) -> ExportFilter:
    """Return what a person gets for these words: an FPM the own slice alone. Raises Refusal."""
    if MAY_EXPORT.isdisjoint(person.roles):
        raise Refusal(NOT_FOR_YOU)
    wanted = filter_of(words)
    return wanted if person.is_a(Role.PROGRAM) else replace(wanted, fpm=person.email)


class ExportDesk:
    """Offers files, and takes the order of each offer once, whatever is pressed or sent again."""

    def __init__(self, reader: ExportReader, jobs: ExportJobs, clock: Clock, nudge: Callable[[str], None]) -> None:
        self._reader = reader
        self._jobs = jobs
        self._clock = clock
        self._nudge = nudge

    async def offer(self, person: Person, words: str, token: str) -> Offer:
        """Return what a person can have for these words. Raises Refusal."""
        wanted = filter_for(person, words)
        count = await self._reader.expected(wanted)
        return Offer(
            token=token,
            words=wanted.words,
            name=f"sme-requests-{self._clock():%Y-%m-%d}.xlsx",
            size=_BYTES + count * _BYTES_OF_A_LINE,
            sentence=f"An Excel file of {described(wanted)}, about {count:,}",
        )

    async def order(self, person: Person, words: str, token: str, place: Place | None = None, card: str = "") -> None:
        """Have a file made, for a place in Teams or for the mail; again it changes nothing. Raises Refusal."""
        wanted, now = filter_for(person, words), self._clock()
        # The token comes back from a client: nobody can take another's order away with it.
        key = operation("export", person.email, token)
        job = ExportJob(key, person.email, wanted.words, now, place or Place(), card)
        if await self._jobs.add(job):
            await self._jobs.forget_done(now - KEPT_FOR)
        self._nudge(job.id)
