"""Makes the files that were asked for in the chat: uploaded where the person wants them, or else mailed."""

import asyncio
import logging
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, ZipFile

from bot.channel.files import Files, NotUploadedError
from bot.domain.errors import Refusal
from bot.domain.export_desk import filter_for
from bot.domain.export_filter import ExportFilter, described
from bot.domain.export_jobs import LEASE, MOST_ATTEMPTS, ExportJob, Place, export_in
from bot.domain.export_reading import ExportReader
from bot.domain.exporting import COLUMNS
from bot.domain.numbers import operation
from bot.domain.ports import Clock, Enclosure, ExportJobs, Mail, People, Raced
from bot.export_files import Write, csv_file, workbook

MOST_MAILED = 3_000_000
"""Bytes of a file that goes with a mail; Graph takes no larger ones."""
FEWEST_TOLD = 1_000
_STEPS = 10
BEGUN = "I am writing your file: {what}."
PROGRESS = "I am writing your file: {what}. {share} % of it is looked through."
READY = "Your file is ready, with {count}: {what}."
MAILED = "Your file was mailed to you, with {count}: {what}."
MAILED_INSTEAD = "Teams did not take the file, so it was mailed to you, with {count}: {what}."
NOTHING = "There is no request to export: {what}."
TOO_LARGE = "The file is too large for a mail: {what}. Please name a month, a partner or a workload with export."
NOT_DONE = "Your file could not be made: {what}. Please type export again later."
SUBJECT = "SME requests: your export"
LETTER = "The file holds {count}: {what}.\n\nUnpack it and open requests.csv, times are in UTC."

log = logging.getLogger(__name__)


@dataclass
class _Run:
    """One job while it is done here; `looked_at` and `told` count requests, `told` those that the person knows of."""

    jobs: ExportJobs
    job: ExportJob
    clock: Clock
    wanted: ExportFilter
    looked_at: int = 0
    told: int = 0

    @property
    def what(self) -> str:
        return described(self.wanted)

    def saw(self, count: int) -> None:
        self.looked_at = count

    async def keep(self, job: ExportJob) -> None:
        """Write the job. Raises Raced when somebody else does it now."""
        self.job = await self.jobs.save(job)

    async def still_here(self) -> None:
        """Say again that this instance does it, when that is half forgotten. Raises Raced."""
        if self.job.is_fading(self.clock()):
            await self.keep(self.job.held(self.clock()))


@dataclass(frozen=True, slots=True)
class Exports:
    """What the worker does for a file: once at a time among all instances, and again when a process died over it."""

    jobs: ExportJobs
    reader: ExportReader
    people: People
    files: Files
    mail: Mail
    clock: Clock

    async def look(self, number: str) -> datetime | None:
        """Make a file that nobody else makes; return when to look again."""
        job, now = await self.jobs.load(export_in(number)), self.clock()
        if job is None or job.is_done:
            return None
        if job.is_held(now):
            return job.busy_until
        await self.people.refresh()
        try:
            await self._begin(await self.jobs.save(job.begun(now)))
        except Raced:
            return now + LEASE
        return None

    async def _begin(self, job: ExportJob) -> None:
        wanted = await self._wanted(job)
        if wanted is None:
            await self.jobs.save(job.done())
            return
        run = _Run(self.jobs, job, self.clock, wanted)
        sentence = await self._brought(run)
        await self.files.say(job.email, sentence, run.job.card)
        await run.keep(run.job.done())

    async def _wanted(self, job: ExportJob) -> ExportFilter | None:
        """Return what the person may have now, None when that is nothing any more."""
        person = await self.people.by_email(job.email)
        try:
            return filter_for(person, job.words) if person else None
        except Refusal:
            return None

    async def _brought(self, run: _Run) -> str:
        """Make the file and bring it to the person; return what to say then."""
        if run.job.attempts > MOST_ATTEMPTS:
            log.error("an export was given up")
            return NOT_DONE.format(what=run.what)
        card = await self.files.say(run.job.email, BEGUN.format(what=run.what), run.job.card)
        await run.keep(replace(run.job, card=card))
        if run.job.place == Place():
            return await self._mailed(run, MAILED)
        try:
            return await self._uploaded(run, run.job.place)
        except NotUploadedError as failure:
            log.warning("an export was not uploaded", extra={"why": str(failure)})
            return await self._mailed(run, MAILED_INSTEAD)

    async def _uploaded(self, run: _Run, place: Place) -> str:
        if not run.job.uploaded:
            with TemporaryDirectory() as folder:
                path = Path(folder) / "requests.xlsx"
                count = await self._write(run, workbook(path, "Requests", COLUMNS))
                if count == 0:
                    return NOTHING.format(what=run.what)
                await self.files.upload(place.upload_url, path, run.still_here)
            await run.keep(replace(run.job, uploaded=count))
        await self.files.show(run.job.email, place)
        return READY.format(count=_requests(run.job.uploaded), what=run.what)

    async def _mailed(self, run: _Run, sentence: str) -> str:
        with TemporaryDirectory() as folder:
            path = Path(folder) / "requests.csv"
            count = await self._write(run, csv_file(path, COLUMNS))
            if count == 0:
                return NOTHING.format(what=run.what)
            zipped = await asyncio.to_thread(_zipped, path)
        if len(zipped) > MOST_MAILED:
            return TOO_LARGE.format(what=run.what)
        key, letter = operation("export", run.job.key), LETTER.format(count=_requests(count), what=run.what)
        try:
            await self.mail.send(key, run.job.email, SUBJECT, letter, Enclosure("sme-requests.zip", zipped))
        except OSError as error:
            log.warning("an export was not mailed", extra={"why": str(error)})
            return NOT_DONE.format(what=run.what)
        return sentence.format(count=_requests(count), what=run.what)

    async def _write(self, run: _Run, file: AbstractContextManager[Write]) -> int:
        """Write all lines, telling now and then how far it is; return how many there are."""
        total = await self.reader.to_look_at(run.wanted)
        count = run.told = 0
        with ExitStack() as stack:
            write = stack.enter_context(file)
            async for lines in self.reader.groups(run.wanted, run.saw):
                write(lines)
                count += len(lines)
                await run.still_here()
                if run.looked_at - run.told >= max(FEWEST_TOLD, total // _STEPS):
                    run.told = run.looked_at
                    so_far = PROGRESS.format(what=run.what, share=100 * run.told // max(total, run.told))
                    await self.files.say(run.job.email, so_far, run.job.card)
            # Packing what was written takes seconds for a large file.
            await asyncio.to_thread(stack.close)
        return count


def _requests(count: int) -> str:
    return f"{count:,} {'request' if count == 1 else 'requests'}"


def _zipped(path: Path) -> bytes:
    packed = path.with_suffix(".zip")
    with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
        archive.write(path, path.name)
    # One byte more than may go is enough to know that it is too much.
    with packed.open("rb") as file:
        return file.read(MOST_MAILED + 1)
