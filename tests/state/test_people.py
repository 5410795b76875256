"""Partners and people in the store: loading, finding, and where each person is reached."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from bot.domain.people import Address, Directory, Identity, Partner, Person, Role
from state import people_rows as rows
from state.directory_files import read_files
from state.directory_load import Counts
from state.people import ATTEMPTS, PeopleStore
from state.table import Change, Conflict, Put, Row, Store, StoreUnavailable, Table

SAMPLE = Path(__file__).parents[2] / "deployment" / "sample-directory"
HOME = "99999999-9999-4999-8999-999999999999"
CONTOSO_TENANT = "11111111-1111-4111-8111-111111111111"
DANA = Identity(CONTOSO_TENANT, "11111111-aaaa-4aaa-8aaa-000000000001")
DANA_EMAIL = "dana.reyes@contoso-consulting.example"
UNBOUND = "wei.zhang@fasttrack.example"
ADDRESS = Address("https://smba.example/emea/", "a:1dana", CONTOSO_TENANT, "29:dana", "28:bot")
NOTHING = Counts()


@pytest.fixture(scope="module")
def sample() -> Directory:
    return read_files(SAMPLE, HOME)


@pytest.fixture
async def store(connect) -> Store:
    return await connect()


@pytest.fixture
async def people(store) -> PeopleStore:
    return PeopleStore(store)


@pytest.fixture
async def loaded(people, sample) -> PeopleStore:
    await people.load(sample)
    return people


class InterruptedStore:
    """A store whose connection breaks after some commits, and before whose commits somebody else may write."""

    def __init__(self, store: Store, commits: int, before_commit=None) -> None:
        self._store = store
        self.commits_left = commits
        self.before_commit = before_commit
        self.written = 0

    def table(self, name: str) -> Table:
        return _InterruptedTable(self, self._store.table(name))

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    async def ping(self) -> bool:
        return self.commits_left > 0


class _InterruptedTable:
    def __init__(self, line: InterruptedStore, table: Table) -> None:
        self._line = line
        self._table = table

    async def get(self, partition: str, key: str) -> Row | None:
        return await self._table.get(partition, key)

    def scan(
        self, partition: str, start: str = "", end: str | None = None, limit: int | None = None
    ) -> AsyncIterator[Row]:
        return self._table.scan(partition, start, end, limit)

    async def commit(self, partition: str, changes: Sequence[Change]) -> dict[str, str]:
        if self._line.before_commit:
            await self._line.before_commit(partition, changes)
        if not self._line.commits_left:
            raise StoreUnavailable("the line is broken")
        self._line.commits_left -= 1
        self._line.written += len(changes)
        return await self._table.commit(partition, changes)


def without(directory: Directory, *emails: str) -> Directory:
    return Directory(directory.partners, {e: p for e, p in directory.people.items() if e not in emails})


def changed(directory: Directory, whom: str, **values: object) -> Directory:
    person = replace(directory.people[whom], **values)
    return Directory(directory.partners, {**without(directory, whom).people, person.email: person})


async def test_a_store_is_empty_until_a_load_is_finished(people, sample):
    assert await people.is_empty()
    await people.load(sample)
    assert not await people.is_empty()


async def test_what_was_loaded_is_exported_equal(loaded, sample):
    assert await loaded.export() == sample


async def test_a_load_counts_what_it_does(people, sample):
    summary = await people.load(sample)
    assert (summary.partners, summary.people) == (Counts(added=3), Counts(added=23))
    smaller = changed(without(sample, UNBOUND), DANA_EMAIL, name="Dana R. Reyes")
    summary = await people.load(smaller)
    assert (summary.partners, summary.people) == (Counts(unchanged=3), Counts(changed=1, unchanged=21, kept=1))
    summary = await people.load(smaller, remove_missing=True)
    assert (summary.partners, summary.people) == (Counts(unchanged=3), Counts(removed=1, unchanged=22))
    assert await people.export() == smaller


async def test_loading_the_same_again_writes_nothing(loaded, store, sample):
    line = InterruptedStore(store, commits=0)
    await PeopleStore(line).load(sample)
    assert line.written == 0


async def test_a_trial_load_tells_the_same_and_changes_nothing(people, sample):
    trial = await people.load(sample, dry_run=True)
    assert await people.export() == Directory()
    assert await people.is_empty()
    assert await people.load(sample) == trial


async def test_progress_counts_up_to_the_whole(people, sample):
    steps = []
    await people.load(sample, progress=lambda done, total: steps.append((done, total)))
    assert steps == sorted(steps)
    assert steps[-1][0] == steps[-1][1]


async def test_who_is_missing_in_the_files_stays_unless_asked_otherwise(loaded, sample):
    smaller = Directory({}, without(sample, DANA_EMAIL).people)
    await loaded.load(smaller)
    assert await loaded.export() == sample
    await loaded.load(smaller, remove_missing=True)
    assert await loaded.export() == smaller
    assert await loaded.by_identity(DANA) is None
    assert await loaded.by_email(DANA_EMAIL) is None
    assert await loaded.partner_of_tenant(CONTOSO_TENANT) is None


async def test_a_load_broken_off_anywhere_is_finished_by_running_it_again(connect, sample):
    store = await connect()
    moved = changed(sample, "kofi.mensah@fasttrack.example", roles=frozenset({Role.ASSIGNER}), regions=("APJ",))
    moved = changed(moved, DANA_EMAIL, tenant_id="22222222-2222-4222-8222-222222222222", partner="FABRIKAM")
    commits = 0
    while True:
        people = PeopleStore(store)
        await people.load(sample, remove_missing=True)
        try:
            await PeopleStore(InterruptedStore(store, commits)).load(moved, remove_missing=True)
        except StoreUnavailable:
            commits += 1
            await people.load(moved, remove_missing=True)
            assert await people.export() == moved
            assert await people.by_identity(DANA) is None
            assert [p.email for p in await people.assigners("APJ")] == [
                "hiroshi.sato@fasttrack.example",
                "kofi.mensah@fasttrack.example",
            ]
            continue
        break
    assert commits > 3


async def test_a_first_load_broken_off_leaves_the_store_counted_as_empty(store, people, sample):
    with pytest.raises(StoreUnavailable):
        await PeopleStore(InterruptedStore(store, commits=3)).load(sample)
    assert await people.is_empty()


async def test_a_load_decides_again_when_somebody_else_writes_meanwhile(store, people, loaded, sample):
    async def remember(_partition, changes):
        line.before_commit = None
        assert await loaded.remember_address(DANA, ADDRESS)

    line = InterruptedStore(store, commits=100, before_commit=remember)
    renamed = "dana.r@contoso-consulting.example"
    await PeopleStore(line).load(changed(sample, DANA_EMAIL, email=renamed), remove_missing=True)
    assert await people.address(renamed) == ADDRESS
    assert (await people.by_identity(DANA)).email == renamed


async def test_a_load_gives_up_when_others_never_stop_writing(store, sample):
    async def disturb(_partition, _changes):
        raise Conflict(None)

    with pytest.raises(Conflict):
        await PeopleStore(InterruptedStore(store, commits=ATTEMPTS, before_commit=disturb)).load(sample)


async def test_more_people_than_one_batch_takes_are_loaded(people):
    partner = Partner("BIG", "Big", "EMEA", (CONTOSO_TENANT,), "lee@home.example")
    many = {
        email: Person(email, "A", frozenset({Role.REQUESTER}), CONTOSO_TENANT, partner="BIG")
        for email in (f"p{number:03d}@big.example" for number in range(250))
    }
    await people.load(Directory({"BIG": partner}, many))
    assert [person.email for person in await people.contacts("BIG")] == sorted(many)
    assert len(await people.with_role(Role.REQUESTER)) == 250


async def test_a_person_is_found_by_identity_in_any_case(loaded, sample):
    assert await loaded.by_identity(DANA) == sample.people[DANA_EMAIL]
    assert await loaded.by_identity(Identity(DANA.tenant_id.upper(), DANA.object_id.upper())) is not None


@pytest.mark.parametrize(
    "stranger",
    [Identity(HOME, DANA.object_id), Identity(CONTOSO_TENANT, ""), Identity("no tenant / at all", "#?")],
)
async def test_a_stranger_is_nobody_and_is_not_remembered(loaded, stranger):
    assert await loaded.by_identity(stranger) is None
    assert not await loaded.remember_address(stranger, ADDRESS)


async def test_a_person_is_found_by_email_in_any_case(loaded, sample):
    assert await loaded.by_email("Dana.Reyes@Contoso-Consulting.Example") == sample.people[DANA_EMAIL]
    assert await loaded.by_email("nobody@contoso-consulting.example") is None


async def test_partners_are_found_by_code_and_by_tenant(loaded, sample):
    assert await loaded.partners() == list(sample.partners.values())
    assert await loaded.partner("CONTOSO") == sample.partners["CONTOSO"]
    assert await loaded.partner("contoso") is None
    assert await loaded.partner_of_tenant(CONTOSO_TENANT.upper()) == sample.partners["CONTOSO"]
    assert await loaded.partner_of_tenant(HOME) is None


async def test_a_region_is_served_by_its_assigners(loaded):
    assert [p.name for p in await loaded.assigners("EMEA")] == ["Ana Souza"]
    assert [p.name for p in await loaded.assigners("APJ")] == ["Hiroshi Sato"]


async def test_a_region_without_an_assigner_is_served_by_all(loaded, sample):
    await loaded.load(changed(sample, "ana.souza@fasttrack.example", regions=("AMER",)))
    assert [p.name for p in await loaded.assigners("EMEA")] == ["Ana Souza", "Hiroshi Sato"]


async def test_lists_by_role_follow_the_directory(loaded, sample):
    assert len(await loaded.with_role(Role.SME)) == 8
    assert [p.name for p in await loaded.with_role(Role.PROGRAM)] == ["Samira Haddad"]
    await loaded.load(changed(sample, UNBOUND, roles=frozenset({Role.PROGRAM})))
    assert len(await loaded.with_role(Role.SME)) == 7
    assert [p.name for p in await loaded.with_role(Role.PROGRAM)] == ["Samira Haddad", "Wei Zhang"]


async def test_contacts_are_the_partners_own_requesters(loaded):
    assert [p.name for p in await loaded.contacts("FABRIKAM")] == [
        "Camila Duarte",
        "Joshua Whitfield",
        "Tomás Herrera",
    ]
    assert await loaded.contacts("NOBODY") == []


async def test_a_contact_shared_by_partners_is_a_contact_of_each(loaded, sample):
    await loaded.load(changed(sample, DANA_EMAIL, partner="CONTOSO;NORTHWIND"))
    for code in ("CONTOSO", "NORTHWIND"):
        assert "Dana Reyes" in [person.name for person in await loaded.contacts(code)]


async def test_an_address_is_news_once(loaded):
    assert await loaded.address(DANA_EMAIL) is None
    assert await loaded.remember_address(DANA, ADDRESS)
    assert not await loaded.remember_address(DANA, ADDRESS)
    assert await loaded.address(DANA_EMAIL) == ADDRESS
    moved = replace(ADDRESS, service_url="https://smba.example/amer/")
    assert await loaded.remember_address(DANA, moved)
    assert await loaded.address(DANA_EMAIL) == moved


async def test_an_address_is_forgotten_and_the_person_still_known(loaded, sample):
    await loaded.remember_address(DANA, ADDRESS)
    for _ in range(2):
        await loaded.forget_address(DANA_EMAIL)
        assert await loaded.address(DANA_EMAIL) is None
    assert await loaded.by_identity(DANA) == sample.people[DANA_EMAIL]
    await loaded.forget_address("nobody@contoso-consulting.example")


async def test_who_has_removed_the_app_is_remembered_until_they_come_back(loaded, sample):
    assert not await loaded.has_removed_app(DANA_EMAIL)
    await loaded.forget_address(DANA_EMAIL)
    assert await loaded.has_removed_app(DANA_EMAIL)
    await loaded.load(changed(sample, DANA_EMAIL, name="Dana Reyes-Ortiz"))
    assert await loaded.has_removed_app(DANA_EMAIL)
    assert await loaded.remember_address(DANA, ADDRESS)
    assert not await loaded.has_removed_app(DANA_EMAIL)
    await loaded.forget_address(DANA_EMAIL)
    assert await loaded.has_removed_app(DANA_EMAIL)
    assert not await loaded.has_removed_app("nobody@contoso-consulting.example")


async def test_an_address_that_the_version_before_wrote_over_the_mark_is_forgotten_too(loaded, store):
    await loaded.forget_address(DANA_EMAIL)
    table, tenant = store.table(rows.TABLE), rows.tenant_partition(DANA.tenant_id)
    row = await table.get(tenant, rows.object_key(DANA.object_id))
    await table.commit(tenant, [Put(row.key, {**row.values, **asdict(ADDRESS)}, row.etag)])
    assert await loaded.address(DANA_EMAIL) == ADDRESS
    await loaded.forget_address(DANA_EMAIL)
    assert await loaded.address(DANA_EMAIL) is None


async def test_where_a_tenant_is_reached_is_where_somebody_there_is(loaded):
    assert await loaded.service_url(DANA.tenant_id) == ""
    await loaded.remember_address(DANA, ADDRESS)
    assert await loaded.service_url(DANA.tenant_id.upper()) == ADDRESS.service_url
    assert await loaded.service_url(HOME) == ""


async def test_addresses_are_written_again_when_somebody_else_wrote_meanwhile(loaded, store):
    other = replace(ADDRESS, conversation_id="a:other")

    async def write_other(_partition, _changes):
        line.before_commit = None
        await loaded.remember_address(DANA, other)

    line = InterruptedStore(store, commits=100, before_commit=write_other)
    assert await PeopleStore(line).remember_address(DANA, ADDRESS)
    assert await loaded.address(DANA_EMAIL) == ADDRESS
    line.before_commit = write_other
    await PeopleStore(line).forget_address(DANA_EMAIL)
    assert await loaded.address(DANA_EMAIL) is None


async def test_many_addresses_that_change_at_once_are_all_kept_and_announced(store, sample):
    people = PeopleStore(store)
    await people.load(sample)
    movers = [Identity(p.tenant_id, p.object_id) for p in sample.people.values() if p.object_id]
    assert len(movers) >= 15
    for mover in movers:
        await people.remember_address(mover, ADDRESS)
    before = await people.last_change()
    moved = replace(ADDRESS, conversation_id="a:moved")

    assert all(await asyncio.gather(*(people.remember_address(mover, moved) for mover in movers)))

    assert await people.last_change() != before


async def test_remembering_and_forgetting_give_up_when_others_never_stop_writing(loaded, store):
    async def disturb(_partition, _changes):
        raise Conflict(None)

    await loaded.remember_address(DANA, ADDRESS)
    disturbed = PeopleStore(InterruptedStore(store, commits=0, before_commit=disturb))
    with pytest.raises(Conflict):
        await disturbed.remember_address(DANA, replace(ADDRESS, member_id="29:other"))
    with pytest.raises(Conflict):
        await disturbed.forget_address(DANA_EMAIL)


async def test_an_object_id_learned_later_and_addresses_survive_a_reload(loaded, sample):
    learned = Identity(HOME, "99999999-AAAA-4aaa-8aaa-000000000099")
    assert await loaded.bind(UNBOUND, learned)
    await loaded.remember_address(learned, ADDRESS)
    await loaded.load(changed(sample, UNBOUND, name="Wei Zhang-Müller"))
    assert (await loaded.by_identity(learned)).name == "Wei Zhang-Müller"
    assert await loaded.address(UNBOUND) == ADDRESS


async def test_a_person_is_bound_to_one_object_id_of_their_own_tenant(loaded):
    learned = Identity(HOME, "99999999-aaaa-4aaa-8aaa-000000000099")
    assert not await loaded.bind("nobody@fasttrack.example", learned)
    assert not await loaded.bind(UNBOUND, Identity(CONTOSO_TENANT, learned.object_id))
    assert not await loaded.bind(UNBOUND, Identity(HOME, "99999999-aaaa-4aaa-8aaa-000000000001"))
    assert await loaded.bind(UNBOUND, learned)
    assert await loaded.bind(UNBOUND, learned)
    assert not await loaded.bind(UNBOUND, replace(learned, object_id="99999999-aaaa-4aaa-8aaa-000000000098"))


async def test_the_files_win_an_object_id_that_somebody_else_had_learned(loaded, sample):
    learned = Identity(HOME, "99999999-aaaa-4aaa-8aaa-000000000099")
    await loaded.bind(UNBOUND, learned)
    ana = "ana.souza@fasttrack.example"
    await loaded.load(changed(sample, ana, object_id=learned.object_id))
    assert (await loaded.by_identity(learned)).email == ana
    assert (await loaded.by_email(UNBOUND)).object_id == ""


async def test_other_rows_and_columns_of_the_table_survive_a_load(loaded, store, sample):
    table = store.table("people")
    key = f"email:{DANA_EMAIL}"
    row = await table.get(CONTOSO_TENANT, key)
    changes = [Put(key, {**row.values, "mail": True}, row.etag), Put("invitation:1", {"code": "x"})]
    await table.commit(CONTOSO_TENANT, changes)
    await loaded.load(changed(sample, DANA_EMAIL, name="Dana R. Reyes"), remove_missing=True)
    assert (await table.get(CONTOSO_TENANT, key)).values["mail"] is True
    assert await table.get(CONTOSO_TENANT, "invitation:1") is not None
