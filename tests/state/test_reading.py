"""A row that somebody has damaged is named: where it stands and what is wrong with it, and nothing of what it says."""

import sqlite3
import traceback
from contextlib import closing

import pytest

from bot.domain.agenda import agenda_id
from bot.domain.unreadable import UnreadableRow
from state import records
from state.keys import key
from state.partitions import partition_of
from state.reading import unreadable_noted
from state.table import Put
from tests.domain.office import ANA, DANA, KOFI, LEE, opened_office

PLACE = "requests: CONTOSO request:{}"
STATUS_GONE = object()


@pytest.fixture
async def office(connect):
    return await opened_office(await connect())


@pytest.fixture
async def file(sqlite, tmp_path):
    """Give an office over a file, and what puts a text in the place of what a row holds."""

    def damage(row_key, content):
        with closing(sqlite3.connect(tmp_path / "new" / "sme.db")) as connection, connection:
            assert connection.execute("UPDATE row SET content = ? WHERE key = ?", (content, row_key)).rowcount == 1

    return await opened_office(await sqlite()), damage


async def damage(office, row_key, partition="CONTOSO", table="requests", **columns):
    """Write other values into a row, or leave them out."""
    rows = office.store.table(table)
    stored = await rows.get(partition, row_key)
    values = {name: value for name, value in {**stored.values, **columns}.items() if value is not STATUS_GONE}
    await rows.commit(partition, [Put(row_key, values, stored.etag)])


async def fault_of(reading):
    with pytest.raises(UnreadableRow) as raised:
        await reading
    return raised.value


@pytest.mark.parametrize(
    ("columns", "fault"),
    [
        ({"status": STATUS_GONE}, "it has no status"),
        ({"status": "asleep"}, "its status is not what it should be"),
        ({"submitted_at": "on Monday"}, "its submitted_at is not what it should be"),
        ({"triage_due": "soon"}, "its triage_due is not what it should be"),
        ({"earlier": '[["x"'}, "its earlier is not what it should be"),
        ({"last": "{}"}, "its last is not what it should be"),
        ({"paused_seconds": "long"}, "its paused_seconds is not what it should be"),
        ({"returned_fields": 7}, "its returned_fields is not what it should be"),
    ],
)
async def test_a_damaged_request_is_named_with_its_column(office, columns, fault):
    number = await office.submitted()
    await damage(office, key("request", number), **columns)
    assert str(await fault_of(office.requests.load(number))) == f"{PLACE.format(number)} cannot be read: {fault}"


@pytest.mark.parametrize("content", ["", "{", "7", '"asleep"'])
async def test_what_is_no_json_object_is_named_by_whoever_reads_it_and_others_pass_it_by(file, content):
    office, overwrite = file
    number, other = await office.submitted(), await office.submitted("f" * 32)
    overwrite(key("request", number), content)
    fault = await fault_of(office.requests.load(number))
    assert str(fault) == f"{PLACE.format(number)} cannot be read: its content is no JSON object"
    rows = [row async for row in office.store.table("requests").scan("CONTOSO", "request:", "request;")]
    assert {row.key for row in rows} == {key("request", number), key("request", other)}
    for look in (dict, len, lambda values: values.get("status")):
        unread = set()
        for row in rows:
            with unreadable_noted(unread):
                look(row.values)
        assert unread == {str(fault)}


async def test_neither_the_fault_nor_its_traceback_quotes_what_is_stored(office):
    number = await office.submitted()
    await damage(office, key("request", number), status="Maya Roth", last='{"by_name": "Maya Roth"}')
    fault = await fault_of(office.requests.load(number))
    assert "Maya Roth" not in "".join(traceback.format_exception(fault))


async def test_of_an_address_and_a_customers_name_in_a_key_only_digits_are_shown(office):
    number = await office.submitted()
    [notice, *_] = await office.requests.notices_of(number)
    row_key = key("notice", number, f"{notice.revision:06d}", notice.topic, notice.recipient)
    await damage(office, row_key, state="asleep")
    said = str(await fault_of(office.requests.notices_of(number)))
    assert notice.recipient not in said
    assert said.startswith(f"requests: CONTOSO notice:{number}:{notice.revision:06d}:{notice.topic}:#")
    [named] = [row async for row in office.store.table("requests").scan("CONTOSO", "named:", "named;")]
    await damage(office, named.key, number=STATUS_GONE)
    said = str(await fault_of(office.requests.named("CONTOSO", "", 5)))
    assert said.startswith("requests: CONTOSO named:#")
    assert named.key.split(":")[1] not in said
    assert said.endswith(f":{number} cannot be read: it has no number")


async def test_a_persons_partition_shows_the_same_digits_each_time(office):
    await office.desk.agendas.switch_briefs(await office.person(DANA), is_on=False)
    partition = partition_of(agenda_id(DANA))
    await damage(office, "agenda", partition, away="nobody")
    said = {str(await fault_of(office.agendas.load(DANA))) for _ in range(2)}
    assert len(said) == 1
    assert DANA not in said.pop()


@pytest.mark.parametrize(("column", "value"), [("roles", "boss"), ("capacity", "much")])
async def test_a_damaged_person_is_named_with_the_column(office, column, value):
    lee = await office.person(LEE)
    await damage(office, key("email", LEE), key(lee.tenant_id), "people", **{column: value})
    assert str(await fault_of(office.people.by_email(LEE))).endswith(f"its {column} is not what it should be")


async def test_a_damaged_engagement_is_named(office):
    number = await office.submitted()
    await office.press(LEE, "approve", number)
    await office.press(ANA, "assign", number, sme=KOFI)
    await damage(office, key("engagement", f"{number}.1"), offered_at="")
    said = str(await fault_of(office.requests.load(number)))
    assert said.endswith(f"engagement:{number}.1 cannot be read: its offered_at is not what it should be")


@pytest.mark.parametrize(("values", "failure"), [({}, KeyError), ({"number": 1, "action": "sleep"}, ValueError)])
def test_values_that_are_no_stored_row_fail_as_they_are(values, failure):
    with pytest.raises(failure):
        records.event_of(values)
