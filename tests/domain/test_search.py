"""A search finds by number, name or workload what a person may open, and nothing else, by the same few reads."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.deeds import Change
from bot.domain.people import Cover, Directory, Role
from bot.domain.search import MOST_FOUND, workloads_like
from tests.bench.table_operations import NotingStore
from tests.domain.office import (
    ANA,
    ARJUN,
    DANA,
    HIROSHI,
    HOURS,
    JOSHUA,
    KOFI,
    LAURA,
    LEE,
    MIKA,
    PIOTR,
    RENEE,
    SAMIRA,
    opened_office,
)

AT_FABRIKAM = {"partner_name": "FABRIKAM", "contact_email": JOSHUA, "fpm": RENEE}
EVERYBODY = (DANA, PIOTR, JOSHUA, LEE, RENEE, ARJUN, MIKA, ANA, HIROSHI, KOFI, LAURA, SAMIRA)
TEXTS = ("", "contoso", "fabrikam-", "tailspin", "wide", "teams", "e", "proactive")


async def found(office, who, text=""):
    return [request.number for request in await office.desk.search.found(await office.person(who), text)]


async def several(office, count, **answers):
    """Submit so many requests an hour apart; return their numbers, the newest first."""
    made = []
    for n in range(count):
        made.insert(0, await office.submitted(token=f"{len(answers)}{n:031x}", **answers))
        office.now += HOURS
    await office.write_lists(*made)
    return made


async def change_person(office, email, **changes):
    directory = await office.people.export()
    people = {**directory.people, email: replace(directory.people[email], **changes)}
    await office.people.load(Directory(directory.partners, people))


@pytest.fixture
async def town(office):
    """Give one request of each partner: Contoso's with Kofi, Fabrikam's waiting for its FPM."""
    office.ours = await office.assigned()
    office.now += HOURS
    office.theirs = await office.submitted(token="ab" * 16, by=JOSHUA, tenant_name="Wide World", **AT_FABRIKAM)
    await office.write_lists(office.ours, office.theirs)
    return office


@pytest.mark.parametrize("text", ["", "contoso", "CONTOSO-", "tailspin", "TEAMS", "fabrikam", "wide world"])
async def test_each_finds_exactly_what_they_may_open(town, text):
    for who in EVERYBODY:
        person = await town.person(who)
        open_to = {
            number
            for number in (town.ours, town.theirs)
            if await town.desk.lookup.relations(await town.request(number), person)
        }
        meant = {"contoso": {town.ours}, "contoso-": {town.ours}, "tailspin": {town.ours}}
        meant |= {"fabrikam": {town.theirs}, "wide world": {town.theirs}}
        wanted = open_to & meant.get(text.lower(), {town.ours, town.theirs})
        if text == "" and (person.is_a(Role.ASSIGNER) or person.is_a(Role.PROGRAM)):
            wanted = set()  # Nothing waits for them now.
        assert set(await found(town, who, text)) == wanted, who


@pytest.mark.parametrize("who", EVERYBODY)
async def test_a_whole_number_is_found_wherever_it_is(town, who):
    person = await town.person(who)
    for number in (town.ours, town.theirs):
        may = bool(await town.desk.lookup.relations(await town.request(number), person))
        for typed in (number, number.lower(), f"  {number} ", number.replace("-", " - ")):
            assert await found(town, who, typed) == ([number] if may else [])


async def test_a_number_is_found_by_its_beginning_with_or_without_the_dash(town):
    code, _, rest = town.ours.partition("-")
    for who in (DANA, LEE, ANA, SAMIRA, KOFI):
        for typed in (f"{code}-{rest[:3]}", f"{code}{rest[:2]}".lower(), f"{code} {rest}", f"{code}{rest}"):
            assert await found(town, who, typed) == [town.ours], (who, typed)
        assert await found(town, who, f"{code}-{rest}0") == []
        assert await found(town, who, f"{code}-{rest[:2]}*") == []
        assert await found(town, who, f"{code}-é") == []
    for typed in ("-", "--", "@", "CONTOSO-UUUUUU", "\u200b@", "NOBODY-7K3QXD"):
        assert await found(town, LEE, typed) == []


async def test_somebody_with_no_part_finds_nothing(town):
    for text in (*TEXTS, town.ours, town.theirs):
        assert await found(town, LAURA, text) == []
        assert await found(town, ARJUN, text) == []


async def test_what_was_delegated_is_found_by_who_decides_now_and_not_by_who_did(office):
    number = await office.submitted()
    await office.press(LEE, "delegate", number, delegate_to=RENEE)
    await office.write_lists(number)
    for text in ("", number[:11], number, "tail", "teams"):
        assert await found(office, RENEE, text) == [number], text
        assert await found(office, LEE, text) == []
    await office.press(RENEE, "approve", number)
    await office.press(ANA, "assign", number, sme=KOFI)
    await office.write_lists(number)
    assert (await office.desk.lookup.inbox(await office.person(RENEE))) == []
    for text in ("", number[:11], "tail", "teams"):
        assert await found(office, RENEE, text) == [number], text


async def test_a_backup_finds_a_request_once_asked(office):
    number = await office.submitted()
    await office.write_lists(number)
    assert await found(office, MIKA, "tailspin") == []
    case = await office.requests.load(number)
    asked = Change(case.request, replace(case.request, backup_asked=True), replace(case.request.last, number=2))
    await office.requests.commit(case, asked, [], "asked")
    assert await found(office, MIKA, "tailspin") == [number]


async def test_a_cover_finds_what_the_covered_may_open_for_as_long_as_it_lasts(town):
    await town.people.add_cover(Cover(LEE, RENEE, town.now, town.now + 2 * HOURS))
    assert await found(town, RENEE) == [town.theirs, town.ours]
    assert await found(town, RENEE, "tail") == await found(town, RENEE, "contoso") == [town.ours]
    town.now += 2 * HOURS
    assert await found(town, RENEE) == [town.theirs]
    assert await found(town, RENEE, town.ours) == []


async def test_a_role_that_was_lost_opens_nothing(town):
    await change_person(town, LEE, roles=frozenset({Role.SME}))
    await change_person(town, DANA, roles=frozenset({Role.PROGRAM}), partner="CONTOSO")
    assert await found(town, LEE, "tail") == await found(town, LEE) == []
    assert await found(town, DANA, "wide") == [town.theirs]


async def test_without_a_text_assigners_and_programme_see_what_waits_or_is_late(office):
    first = await office.approved()
    await office.write_lists(first)
    assert await found(office, ANA) == [first]
    assert await found(office, HIROSHI) == await found(office, SAMIRA) == []
    office.now += timedelta(days=6)
    case = await office.requests.load(first)
    late = replace(case.request, slipped=("N5",))
    await office.lists.refresh(late, frozenset())
    assert await found(office, SAMIRA) == [first]


async def test_ten_are_found_at_most_the_newest_first_and_each_once(office):
    made = await several(office, 13)
    for who in (DANA, LEE, ANA, SAMIRA):
        for text in ("tail", "teams", "contoso", "contoso-"):
            seen = await found(office, who, text)
            assert len(seen) == MOST_FOUND, (who, text)
            if text != "tail" or who in (DANA, LEE):
                assert seen == made[:MOST_FOUND], (who, text)
    assert await found(office, DANA) == await found(office, LEE) == made[:MOST_FOUND]


async def test_names_go_before_workloads_and_all_are_shown_by_age(office):
    named = await office.submitted(token="aa" * 16, tenant_name="Teamwork AG", workload="INTUNE")
    office.now += HOURS
    made = await several(office, 12)
    await office.write_lists(named)
    assert await found(office, DANA, "team") == [*made[: MOST_FOUND - 1], named]


async def test_a_workload_is_looked_for_among_the_newest_hundred_of_a_partner(office):
    old = await office.submitted(token="aa" * 16, workload="INTUNE")
    office.now += HOURS
    await office.write_lists(old)
    made = await several(office, 99)
    assert await found(office, DANA, "intune") == [old]
    made.append(await office.submitted(token="bb" * 16))
    await office.write_lists(made[-1])
    assert await found(office, DANA, "intune") == []
    assert await found(office, DANA, old) == [old]


async def test_only_what_begins_with_the_whole_text_is_found_by_a_long_name(office):
    same = "A company whose name is longer than forty characters"
    first = await office.submitted(token="01" * 16, tenant_name=f"{same} East")
    second = await office.submitted(token="02" * 16, tenant_name=f"{same} West")
    await office.write_lists(first, second)
    assert await found(office, DANA, f"{same} we") == [second]
    assert await found(office, DANA, "x" * 5_000) == []


async def test_a_request_whose_rows_are_ahead_of_it_is_not_found(office):
    number = await office.submitted()
    await office.write_lists(number)
    ghost = replace(await office.request(number), number="CONTOSO-000000")
    await office.lists.refresh(ghost, frozenset())
    assert await found(office, DANA, "teams") == [number]


def test_a_workload_is_known_by_code_and_by_words_of_its_label():
    assert workloads_like("teams") == workloads_like("TEA") == {"TEAMS"}
    assert workloads_like("entra") == workloads_like("AADP") == {"AADP_P1", "AADP_P2"}
    assert workloads_like("entra p2") == workloads_like("aadp_p2") == {"AADP_P2"}
    assert workloads_like("intune") == {"INTUNE"}
    assert workloads_like("yammer") == workloads_like("viva") == {"YAMMER"}
    assert workloads_like("entra teams") == workloads_like("calendar") == frozenset()


@pytest.mark.parametrize("text", ["", "tail", "teams", "contoso", "contoso-", "nothing like it"])
async def test_the_operations_are_as_many_however_much_is_stored(store, text):
    noting = NotingStore(store)
    office = await opened_office(noting)
    counts = {who: [] for who in (DANA, LEE, MIKA, ANA, SAMIRA, KOFI)}
    for count in (60, 90):
        await several(office, count, notes=f"{count:3}")
        for who, seen in counts.items():
            person = await office.person(who)
            noting.operations.clear()
            await office.desk.search.found(person, text)
            seen.append(Counter(f"{each.kind} {each.table}" for each in noting.operations if each.table != "people"))
    assert all(first == second and first.total() <= 60 for first, second in counts.values()), counts
