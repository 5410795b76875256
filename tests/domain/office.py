"""The desk over the real stores with the sample directory, a clock that stands still, and its people."""

from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.domain.access_desk import AccessDesk
from bot.domain.agenda import person_in
from bot.domain.desk import Desk, Press
from bot.domain.ports import Shelves
from bot.domain.routing import load_table
from bot.domain.viewing import Viewing
from bot.domain.working_time import Calendar
from state.admissions import AdmissionStore
from state.agendas import AgendaStore
from state.directory_files import read_files
from state.export_jobs import ExportJobStore
from state.heard import HeardStore
from state.ledger import LedgerStore
from state.people import PeopleStore
from state.requests import RequestStore
from state.reviews import ReviewStore
from state.views import ViewStore
from state.work import WorkStore
from tests.domain import cast

SAMPLE = Path(__file__).parents[2] / "deployment" / "sample-directory"
HOME = "99999999-9999-4999-8999-999999999999"
MONDAY = datetime(2026, 11, 23, 10, tzinfo=UTC)
TOKEN = "f0" * 16
HOURS = timedelta(hours=1)

DANA, PIOTR = "dana.reyes@contoso-consulting.example", "piotr.zielinski@contoso-consulting.example"
JOSHUA = "joshua.whitfield@fabrikam-cloud.example"
LEE, MIKA, RENEE = "lee.park@fasttrack.example", "mika.tanaka@fasttrack.example", "renee.carter@fasttrack.example"
ARJUN = "arjun.nair@fasttrack.example"
ANA, HIROSHI = "ana.souza@fasttrack.example", "hiroshi.sato@fasttrack.example"
KOFI, LAURA = "kofi.mensah@fasttrack.example", "laura.bianchi@fasttrack.example"
SAMIRA = "samira.haddad@fasttrack.example"

ANSWERS = cast.ANSWERS | {"contact_email": DANA, "fpm": LEE}


class OrdinaryDays:
    """Working days without holidays."""

    def calendar(self, time_zone, _holidays):
        return Calendar(ZoneInfo(time_zone))


class Office:
    """The desk and what it stands on; `now` is moved by hand."""

    def __init__(self, store):
        self.store = store
        self.now = MONDAY
        self.nudged = []
        self.people = PeopleStore(store)
        self.lists = ViewStore(store, self.clock)
        work = WorkStore(store, "tests", self.clock)
        self.requests = RequestStore(store, work, self.clock)
        self.admissions = AdmissionStore(store, work, self.clock)
        self.agendas = AgendaStore(store, work, self.clock)
        self.ledger = LedgerStore(store)
        self.reviews = ReviewStore(store)
        self.feedbacks = HeardStore(store, work, self.clock)
        self.export_jobs = ExportJobStore(store, work, self.clock)
        self.work = work
        self.access = AccessDesk(self.admissions, self.people, self.clock, self.nudged.append)
        self.desk = self.desk_over(self.requests)

    def clock(self):
        return self.now

    def desk_over(self, requests):
        shelves = Shelves(**{each.name: getattr(self, each.name) for each in fields(Shelves)} | {"requests": requests})
        nudge, viewing = self.nudged.append, self.viewing_over(requests)
        return Desk(shelves, viewing, load_table(), self.clock, nudge, self.access)

    def viewing_over(self, requests):
        return Viewing(requests, self.people, self.lists, OrdinaryDays(), self.clock, "assignment@fasttrack.example")

    @property
    def viewing(self):
        return self.viewing_over(self.requests)

    async def person(self, email):
        return await self.people.by_email(email)

    async def submitted(self, token=TOKEN, by=DANA, **answers):
        """Submit a request of Dana's and return its number."""
        view = await self.desk.intake.submit(await self.person(by), token, ANSWERS | answers)
        return view.request.number

    async def resubmit(self, person, number, token, answers, revision=None):
        """Send a returned request again, as it stands unless told which revision the form was begun at."""
        if revision is None:
            revision = (await self.request(number.upper())).revision
        return await self.desk.intake.resubmit(person, number, token, answers, revision)

    async def press(self, who, verb, number, revision=None, **inputs):
        """Press a button that shows the present revision, unless told which."""
        if revision is None:
            revision = (await self.request(number)).revision
        return await self.desk.press(await self.person(who), Press(verb, number, revision, inputs))

    async def approved(self, **answers):
        number = await self.submitted(**answers)
        await self.press(LEE, "approve", number)
        return number

    async def assigned(self, sme=KOFI, **answers):
        number = await self.approved(**answers)
        await self.press(ANA, "assign", number, sme=sme)
        return number

    async def request(self, number):
        return (await self.requests.load(number)).request

    async def told(self, number, revision):
        found = await self.requests.notices_of(number)
        return {n.recipient: n.topic.value for n in found if n.revision == revision}

    async def write_lists(self, *numbers):
        """Write the lists as the courier does after a change."""
        for number in numbers:
            stood, marks = await self.requests.pending_lists(number)
            for heard in await self.requests.heard_in(number, marks):
                await self.lists.add_heard(heard)
            if not person_in(number):
                await self.lists.refresh(await self.request(number), stood)
            await self.requests.lists_written(number, marks)


async def opened_office(store):
    office = Office(store)
    await office.people.load(read_files(SAMPLE, HOME))
    return office
