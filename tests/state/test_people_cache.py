"""What the people store remembers between two refreshes, and how soon it learns what others have changed."""

from dataclasses import replace

import pytest

from bot.domain.people import Address, Identity, Role
from state import people_cache
from state.directory_files import read_files
from state.people import PeopleStore
from state.people_cache import LONGEST_SECONDS, CachedPeople
from state.sqlite import SqliteStore
from state.table import Put
from tests.teams import SAMPLE

HOME = "99999999-9999-4999-8999-999999999999"
DANA = Identity("11111111-1111-4111-8111-111111111111", "11111111-aaaa-4aaa-8aaa-000000000001")
ADDRESS = Address("https://smba.trafficmanager.net/emea/", "a:1", DANA.tenant_id, "29:1", "28:bot")


class CountingStore(SqliteStore):
    """Counts the reads that reach the file."""

    reads = 0

    async def read(self, statement, args):
        self.reads += 1
        return await super().read(statement, args)


class Seconds:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
async def store(tmp_path):
    made = CountingStore(tmp_path / "sme.db")
    await made.open()
    yield made
    await made.close()


@pytest.fixture
def sample():
    return read_files(SAMPLE, HOME)


@pytest.fixture
async def others(store, sample):
    """Another process on the same store, such as the command that loads the directory."""
    made = PeopleStore(store)
    await made.load(sample)
    return made


@pytest.fixture
def seconds():
    return Seconds()


@pytest.fixture
async def people(others, seconds):
    made = CachedPeople(others, seconds)
    await made.refresh()
    return made


async def everything(people):
    person = await people.by_identity(DANA)
    return [
        person,
        await people.by_email(person.email if person else "dana.reyes@contoso-consulting.example"),
        await people.partner("CONTOSO"),
        await people.partners(),
        await people.partner_of_tenant(DANA.tenant_id),
        await people.assigners("EMEA"),
        await people.with_role(Role.FPM),
    ]


async def test_it_answers_as_the_store_does(people, others):
    assert await everything(people) == await everything(others)
    assert await everything(people) == await everything(others)
    assert await people.by_identity(Identity(HOME, "nobody")) is None


async def test_between_two_refreshes_nothing_is_read_twice_and_a_refresh_is_one_read(people, store):
    await everything(people)
    store.reads = 0
    await everything(people)
    assert store.reads == 0
    await people.refresh()
    await everything(people)
    assert store.reads == 1


async def test_a_changed_directory_counts_from_the_next_refresh_on(people, others, sample):
    before = await everything(people)
    dana = before[0]
    changed = replace(sample, people={**sample.people, dana.email: replace(dana, name="Dana Reyes-Ortiz")})
    await others.load(changed)
    await people.refresh()
    assert (await people.by_identity(DANA)).name == "Dana Reyes-Ortiz"
    left = replace(sample, people={e: p for e, p in sample.people.items() if e != dana.email})
    await others.load(left, remove_missing=True)
    await people.refresh()
    assert await people.by_identity(DANA) is None


async def test_a_person_whom_others_bound_is_known_from_the_next_refresh_on(people, others, sample):
    unbound = next(p for p in sample.people.values() if not p.object_id)
    learned = Identity(unbound.tenant_id, "99999999-aaaa-4aaa-8aaa-000000000099")
    assert await people.by_identity(learned) is None
    assert await others.bind(unbound.email, learned)
    await people.refresh()
    assert (await people.by_identity(learned)).email == unbound.email


async def test_the_same_address_is_written_and_read_once(people, store, others):
    assert await people.remember_address(DANA, ADDRESS)
    store.reads = 0
    assert not await people.remember_address(DANA, ADDRESS)
    assert store.reads == 0
    assert await people.address("dana.reyes@contoso-consulting.example") == ADDRESS


async def test_what_others_know_of_the_app_is_not_remembered(people, others):
    email = (await people.by_identity(DANA)).email
    assert not await people.has_removed_app(email)
    assert await people.service_url(DANA.tenant_id) == ""
    await others.remember_address(DANA, ADDRESS)
    assert await people.service_url(DANA.tenant_id) == ADDRESS.service_url
    await others.forget_address(email)
    assert await people.has_removed_app(email)


async def test_an_address_that_others_forgot_or_changed_is_written_again(people, others):
    email = (await people.by_identity(DANA)).email
    await people.remember_address(DANA, ADDRESS)
    await others.forget_address(email)
    await people.refresh()
    assert await people.remember_address(DANA, ADDRESS)
    await others.remember_address(DANA, replace(ADDRESS, conversation_id="a:2"))
    await people.refresh()
    assert await people.remember_address(DANA, ADDRESS)
    assert await others.address(email) == ADDRESS


async def test_an_address_forgotten_here_is_news_at_once(people):
    email = (await people.by_identity(DANA)).email
    await people.remember_address(DANA, ADDRESS)
    await people.forget_address(email)
    assert await people.address(email) is None
    assert await people.remember_address(DANA, ADDRESS)


async def test_a_read_that_a_change_overtakes_is_not_remembered(people, others, store):
    """The read begins, somebody changes the directory and it is refreshed, and only then the read comes back."""
    dana = await others.by_identity(DANA)
    reading = people._remembered(("email", dana.email), lambda: _late(people, dana))
    assert await reading == "old"
    assert await people.by_email(dana.email) == dana


async def _late(people, _person):
    await people.forget_address("nobody@contoso-consulting.example")
    return "old"


async def test_a_change_that_was_never_announced_counts_after_a_minute(people, others, store, seconds):
    dana = await people.by_identity(DANA)
    row = await others._person_row(dana.email)
    table = store.table("people")
    await table.commit(row.partition, [Put(row.key, {**row.values, "name": "Renamed"}, row.etag)])
    await people.refresh()
    assert (await people.by_identity(DANA)).name == dana.name
    seconds.now += LONGEST_SECONDS + 1
    await people.refresh()
    assert (await people.by_identity(DANA)).name == "Renamed"


async def test_memory_does_not_grow_without_end(people):
    for number in range(people_cache.MOST_ENTRIES + 10):
        await people.by_email(f"nobody{number}@contoso-consulting.example")
    assert len(people._known) <= people_cache.MOST_ENTRIES
