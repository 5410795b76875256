"""The lines of an export, read from the stores."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.bookkeeping import Bookkeeper
from bot.domain.export_filter import ExportFilter, filter_of
from bot.domain.export_reading import AT_ONCE, ExportReader
from bot.domain.exporting import COLUMNS
from bot.domain.people import Cover
from bot.domain.timekeeper import Timekeeper
from tests.domain.helping import completed, proposed
from tests.domain.office import DANA, JOSHUA, LEE, MIKA, RENEE

THEIRS = {"by": JOSHUA, "partner_name": "FABRIKAM", "contact_email": JOSHUA, "fpm": RENEE}


@pytest.fixture
def books(office):
    return Bookkeeper(office.requests, office.ledger)


@pytest.fixture
def reader(office):
    return ExportReader(office.requests, office.ledger, office.people, office.clock)


async def lines(reader, wanted=None):
    wanted = wanted or ExportFilter()
    names = [column.name for column in COLUMNS]
    groups = [group async for group in reader.groups(wanted, lambda _done: None)]
    return [dict(zip(names, line, strict=True)) for group in groups for line in group]


async def numbers(reader, words="", fpm=""):
    read = filter_of(words)
    wanted = ExportFilter(read.partners, read.first, read.last, read.status, read.workload, read.region, fpm)
    return {line["number"] for line in await lines(reader, wanted)}


async def test_all_requests_of_all_partners_stand_there_by_partner_and_number(office, reader):
    own = [await office.submitted(f"{n:032x}") for n in range(3)]
    others = await office.submitted("aa" * 16, **THEIRS)
    assert [line["number"] for line in await lines(reader)] == [*sorted(own), others]


async def test_a_partner_that_has_left_the_directory_is_exported_still(office, reader):
    number = await office.submitted()
    directory = await office.people.export()
    left = {code: partner for code, partner in directory.partners.items() if code != "CONTOSO"}
    people = {email: person for email, person in directory.people.items() if "CONTOSO" not in person.partners}
    await office.people.load(type(directory)(left, people), remove_missing=True)
    assert await office.people.partner("CONTOSO") is None
    assert await numbers(reader) == {number}


async def test_an_agenda_is_no_request(office, reader):
    await office.desk.agendas.look(LEE)
    assert await numbers(reader) == set()


async def test_groups_are_small_and_progress_tells_of_every_request_read(office, reader):
    for n in range(AT_ONCE + 3):
        await office.submitted(f"{n:032x}", workload="TEAMS" if n else "INTUNE")
    told = []
    sizes = [len(group) async for group in reader.groups(filter_of("TEAMS"), told.append)]
    assert sum(sizes) == AT_ONCE + 2
    assert max(sizes) <= AT_ONCE
    assert told == [AT_ONCE, AT_ONCE + 3]


async def test_a_digest_comes_from_the_ledger_and_where_it_lags_behind_from_the_history(office, reader, books):
    entered, lagging, missing = [await office.submitted(f"{n:032x}") for n in range(3)]
    for number in (entered, lagging):
        await books.enter(await office.requests.load(number))
    for number in (lagging, missing):
        await office.press(LEE, "deny", number, deny_reason="out_of_scope")
    outcomes = {line["number"]: line["outcome"] for line in await lines(reader)}
    assert outcomes == {entered: "", lagging: "denied", missing: "denied"}


async def test_the_whole_way_of_a_request_stands_in_its_line(office, reader):
    number = await completed(office, learners="Noor Aziz")
    await office.press(DANA, "rate", number, rating="4")
    (line,) = await lines(reader)
    assert (line["outcome"], line["ratings"], line["learners"], line["kept_N8"]) == ("approved", "4", 1, 1)
    assert line["accepted_at"] == line["completed_at"] == office.now


async def test_proposed_help_is_exported_too(office, reader):
    number = await proposed(office)
    assert [(line["number"], line["is_proactive"]) for line in await lines(reader)] == [(number, "yes")]


async def test_filters_take_what_they_say(office, reader):
    teams, intune = await office.submitted(), await office.submitted("aa" * 16, workload="INTUNE", region="APJ")
    others = await office.submitted("bb" * 16, **THEIRS)
    await office.press(LEE, "deny", teams, deny_reason="out_of_scope")
    assert await numbers(reader, "CONTOSO") == {teams, intune}
    assert await numbers(reader, "FABRIKAM CONTOSO TEAMS") == {teams, others}
    assert await numbers(reader, "denied") == {teams}
    assert await numbers(reader, "APJ") == {intune}
    assert await numbers(reader, "2026-10") == set()


async def test_an_fpm_has_the_requests_of_the_own_partners_and_those_to_decide_on(office, reader):
    own, others = await office.submitted(), await office.submitted("bb" * 16, **THEIRS)
    assert await numbers(reader, fpm=LEE) == {own}
    await office.press(RENEE, "delegate", others, delegate_to=LEE)
    assert await numbers(reader, fpm=LEE) == {own, others}
    assert await numbers(reader, "FABRIKAM", fpm=LEE) == {others}
    assert await numbers(reader, fpm="nobody@fasttrack.example") == set()


async def test_a_backup_has_those_that_they_were_asked_for(office, reader):
    early = await office.submitted()
    assert await numbers(reader, fpm=MIKA) == set()
    office.now += timedelta(days=3)
    await Timekeeper(office.desk.filing, office.clock).look(early)
    await office.submitted("aa" * 16)
    assert await numbers(reader, fpm=MIKA) == {early}


async def test_a_cover_has_what_they_act_on_while_it_lasts(office, reader):
    own, others = await office.submitted(), await office.submitted("bb" * 16, **THEIRS)
    await office.people.add_cover(Cover(LEE, RENEE, office.now, office.now + timedelta(days=1)))
    assert await numbers(reader, fpm=RENEE) == {own, others}
    office.now += timedelta(days=1)
    assert await numbers(reader, fpm=RENEE) == {others}


async def test_an_fpm_is_not_told_how_much_others_have(office, reader, books):
    for number in (await office.submitted(), await office.submitted("bb" * 16, **THEIRS)):
        await books.enter(await office.requests.load(number))
    wanted = [replace(filter_of(words), fpm=LEE) for words in ("", "FABRIKAM")]
    assert [await reader.expected(each) for each in wanted] == [1, 0]


async def test_what_there_is_to_expect_is_counted_in_the_ledger(office, reader, books):
    made = [await office.submitted(f"{n:032x}", workload=code) for n, code in enumerate(["TEAMS", "TEAMS", "INTUNE"])]
    made += [await office.submitted("bb" * 16, **THEIRS), await proposed(office)]
    await office.press(LEE, "deny", made[0], deny_reason="out_of_scope")
    for number in made:
        await books.enter(await office.requests.load(number))
    words = ["", "CONTOSO", "TEAMS CONTOSO", "denied", "APJ", "2026-10", "..2026-11 EMEA INTUNE"]
    assert [await reader.expected(filter_of(each)) for each in words] == [5, 4, 3, 1, 0, 0, 1]
    assert [await reader.to_look_at(filter_of(each)) for each in ("2026-10", "FABRIKAM denied")] == [5, 1]


async def test_an_fpm_hears_nothing_of_how_much_there_is_at_the_partners_of_others(office, reader, books):
    for number in (await office.submitted(), await office.submitted("bb" * 16, **THEIRS)):
        await books.enter(await office.requests.load(number))
    for words, count in (("", 1), ("CONTOSO", 1), ("FABRIKAM", 0), ("NOWHERE", 0)):
        wanted, told = replace(filter_of(words), fpm=LEE), []
        assert await reader.expected(wanted) == await reader.to_look_at(wanted) == count, words
        _ = [group async for group in reader.groups(wanted, told.append)]
        assert told == [count], words
