"""The real desk on a SQLite file, and chats of a requester, an FPM and an SME with the bot."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.domain.access_desk import AccessDesk
from bot.domain.desk import Desk
from bot.domain.people import Directory, Partner, Person, Role
from bot.domain.ports import Shelves
from bot.domain.routing import load_table
from bot.domain.viewing import Viewing
from bot.domain.working_time import Calendar
from state.admissions import AdmissionStore
from state.agendas import AgendaStore
from state.conversations import ConversationStore
from state.export_jobs import ExportJobStore
from state.heard import HeardStore
from state.ledger import LedgerStore
from state.people import PeopleStore
from state.requests import RequestStore
from state.reviews import ReviewStore
from state.views import ViewStore
from state.work import WorkStore
from tests.dialogs.chat import Chat

HOME = "00000000-0000-0000-0000-000000000001"
THEIRS = "00000000-0000-0000-0000-000000000002"
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


def someone(email, name, role, tenant=HOME, **more):
    return Person(email, name, frozenset({role}), tenant, **more)


RITA = someone("rita@contoso.example", "Rita", Role.REQUESTER, THEIRS, partner="CONTOSO")
CARL = someone("carl@contoso.example", "Carl", Role.REQUESTER, THEIRS, partner="CONTOSO")
FRANK = someone("frank@home.example", "Frank", Role.FPM)
BEA = someone("bea@home.example", "Bea", Role.FPM)
SAM = someone("sam@home.example", "Sam", Role.SME, regions=("EMEA",), languages=("en",), workloads=("TEAMS",))
CONTOSO = Partner("CONTOSO", "Contoso", "EMEA", (THEIRS,), FRANK.email, BEA.email)


class OrdinaryDays:
    """Working days without holidays."""

    def calendar(self, time_zone, _holidays):
        return Calendar(ZoneInfo(time_zone))


def clock():
    return NOW


@pytest.fixture
def left_behind():
    """Numbers of requests that the courier would look at."""
    return []


@pytest.fixture
async def desk(store, left_behind):
    people = PeopleStore(store)
    everybody = (RITA, CARL, FRANK, BEA, SAM)
    await people.load(Directory({CONTOSO.code: CONTOSO}, {p.email: p for p in everybody}))
    lists = ViewStore(store, clock)
    work = WorkStore(store, "tests", clock)
    requests = RequestStore(store, work, clock)
    access = AccessDesk(AdmissionStore(store, work, clock), people, clock, left_behind.append)
    viewing = Viewing(requests, people, lists, OrdinaryDays(), clock)
    shelves = Shelves(
        requests=requests,
        lists=lists,
        ledger=LedgerStore(store),
        reviews=ReviewStore(store),
        people=people,
        agendas=AgendaStore(store, work, clock),
        feedbacks=HeardStore(store, work, clock),
        export_jobs=ExportJobStore(store, work, clock),
    )
    return Desk(shelves, viewing, load_table(), clock, left_behind.append, access)


@pytest.fixture
def chat_of(store, desk):
    return lambda person: Chat(person, desk, ConversationStore(store), clock)


@pytest.fixture
def rita(chat_of):
    return chat_of(RITA)


@pytest.fixture
def carl(chat_of):
    return chat_of(CARL)


@pytest.fixture
def frank(chat_of):
    return chat_of(FRANK)


@pytest.fixture
def sam(chat_of):
    return chat_of(SAM)
