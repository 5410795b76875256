"""Insights: whose numbers somebody may read, over which months, and set beside each other for what."""

from datetime import timedelta

import pytest

from bot.domain.errors import Refusal
from bot.domain.insights import MOST_MONTHS, NOT_FOR_YOU, NOT_YOUR_PARTNER, By, Demand, Scope, months_before
from bot.domain.people import Cover, Directory, Partner
from tests.domain.booked import at, booked, only
from tests.domain.office import ANA, ARJUN, DANA, KOFI, LEE, MIKA, RENEE, SAMIRA

ALL = Scope("2026-09", "2026-11")
DAYS = timedelta(days=1)


@pytest.fixture
async def office(office):
    await booked(office)
    return office


async def insight(office, who, scope=ALL, by=By.REGION):
    return await office.desk.insights.of(await office.person(who), scope, by)


async def partners(office, who):
    return [partner.code for partner in await office.desk.insights.partners_of(await office.person(who))]


async def test_the_programme_team_reads_the_numbers_of_all_partners(office):
    found = await insight(office, SAMIRA)
    assert (found.whose, list(found.names)) == ("All partners", ["CONTOSO", "FABRIKAM", "NORTHWIND"])
    assert only(found.total, "requests", "approved", "denied", "returned", "deflected", "kept:N5") == {
        "requests": 5, "approved": 2, "denied": 1, "returned": 1, "deflected": 1, "kept:N5": 2,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("who", "codes"),
    [(LEE, ["CONTOSO"]), (RENEE, ["FABRIKAM"]), (ARJUN, ["NORTHWIND"]), (MIKA, ["CONTOSO", "FABRIKAM", "NORTHWIND"])],
)
async def test_an_fpm_reads_the_numbers_of_the_own_partners(office, who, codes):
    found = await insight(office, who, by=By.PARTNER)
    assert (found.whose, list(found.names)) == ("Your partners", codes)
    assert [code for code, _ in found.rows] == codes
    requests = {"CONTOSO": 3, "FABRIKAM": 1, "NORTHWIND": 1}
    assert found.total["requests"] == sum(requests[code] for code in codes)


async def test_a_partner_that_has_left_the_directory_still_counts_for_the_programme_team(office):
    before = await insight(office, SAMIRA)
    directory = await office.people.export()
    left = {code: partner for code, partner in directory.partners.items() if code != "FABRIKAM"}
    people = {email: each for email, each in directory.people.items() if "FABRIKAM" not in each.partners}
    await office.people.load(Directory(left, people), remove_missing=True)
    found = await insight(office, SAMIRA)
    assert (found.total, found.names["FABRIKAM"]) == (before.total, "FABRIKAM")
    assert (await insight(office, SAMIRA, Scope("2026-09", "2026-11", partner="FABRIKAM"))).total["requests"] == 1
    assert list((await insight(office, MIKA)).names) == ["CONTOSO", "NORTHWIND"]


async def test_a_cover_reads_the_numbers_of_whom_it_is_for_while_it_lasts(office):
    await office.people.add_cover(Cover(LEE, RENEE, office.now, office.now + DAYS))
    await office.people.add_cover(Cover(ARJUN, RENEE, office.now + 2 * DAYS, office.now + 3 * DAYS))
    assert await partners(office, RENEE) == ["CONTOSO", "FABRIKAM"]
    office.now += DAYS
    assert await partners(office, RENEE) == ["FABRIKAM"]


@pytest.mark.parametrize("who", [DANA, ANA, KOFI])
async def test_nobody_else_reads_numbers(office, who):
    with pytest.raises(Refusal) as refusal:
        await insight(office, who)
    assert str(refusal.value) == NOT_FOR_YOU


@pytest.mark.parametrize("code", ["FABRIKAM", "NOBODY", "contoso", "%", "CONTOSO:"])
async def test_a_strangers_partner_and_an_unknown_one_are_the_same_refusal(office, code):
    with pytest.raises(Refusal) as refusal:
        await insight(office, LEE, Scope("2026-09", "2026-11", partner=code))
    assert str(refusal.value) == NOT_YOUR_PARTNER


@pytest.mark.parametrize(
    ("more", "requests"),
    [
        ({"region": "AMER"}, 2),
        ({"workload": "TEAMS"}, 3),
        ({"partner": "CONTOSO"}, 3),
        ({"region": "AMER", "workload": "TEAMS"}, 1),
        ({"partner": "CONTOSO", "region": "EMEA", "workload": "TEAMS"}, 2),
        ({"partner": "NORTHWIND", "region": "EMEA"}, 0),
    ],
)
async def test_filters_leave_only_what_fits_all_of_them(office, more, requests):
    found = await insight(office, SAMIRA, Scope("2026-09", "2026-11", **more))
    assert found.total.get("requests", 0) == requests


@pytest.mark.parametrize(("first", "last", "requests"), [("2026-10", "2026-11", 3), ("2026-09", "2026-10", 2)])
async def test_months_are_included_from_the_first_to_the_last(office, first, last, requests):
    assert (await insight(office, SAMIRA, Scope(first, last))).total["requests"] == requests


async def test_a_month_in_which_nothing_happened_stands_between_the_others(office):
    found = await insight(office, SAMIRA)
    months = [(month, counts.get("requests", 0)) for month, counts in found.months]
    assert months == [("2026-09", 2), ("2026-10", 0), ("2026-11", 3)]
    nothing = await insight(office, SAMIRA, Scope("2025-12", "2026-01"))
    assert ([month for month, _ in nothing.months], nothing.rows, nothing.total) == (["2025-12", "2026-01"], [], {})


@pytest.mark.parametrize(
    ("by", "rows"),
    [
        (By.REGION, [("AMER", 2), ("EMEA", 2), ("APJ", 1)]),
        (By.WORKLOAD, [("TEAMS", 3), ("EXCHANGE", 1), ("INTUNE", 1), ("AIP_P1", 0)]),
        (By.PARTNER, [("CONTOSO", 3), ("FABRIKAM", 1), ("NORTHWIND", 1)]),
    ],
)
async def test_what_is_set_beside_each_other_begins_with_the_most_requests(office, by, rows):
    found = await insight(office, SAMIRA, by=by)
    assert [(code, counts.get("requests", 0)) for code, counts in found.rows] == rows
    assert sum(counts.get("deflected", 0) for _, counts in found.rows) == 1


async def test_many_partners_are_read_group_by_group(office):
    directory = await office.people.export()
    many = {f"P{n:03}": Partner(f"P{n:03}", f"Partner {n:03}", "EMEA", (), LEE) for n in range(40)}
    await office.people.load(type(directory)({**directory.partners, **many}, directory.people))
    found = await insight(office, LEE)
    assert (len(found.names), found.total["requests"]) == (41, 3)
    assert list(found.names)[:2] == ["CONTOSO", "P000"]


def test_the_months_before_a_time_count_it_in():
    assert months_before(at("2026-11-30T23:59"), 1) == "2026-11"
    assert months_before(at("2026-11-01T00:00"), 12) == "2025-12"
    assert months_before(at("2026-01-31T00:00"), 2) == "2025-12"
    assert months_before(at("2026-12-31T00:00"), 36) == "2024-01"


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("", "", ("2025-12", "2026-11")),
        ("2026-03", "", ("2026-03", "2026-11")),
        ("", "2026-03", ("2025-04", "2026-03")),
        ("2026-03-31", "2026-05-01", ("2026-03", "2026-05")),
        ("2026-05", "2026-03", ("2026-03", "2026-03")),
        ("2001-01", "2026-03", ("2023-04", "2026-03")),
        ("2026-13", "2026-00", ("2025-12", "2026-11")),
        ("0001-01", "0001-01", ("2025-12", "2026-11")),
        ("9999-99", "9999-12", ("2025-12", "2026-11")),
        ("yesterday", "2026/11", ("2025-12", "2026-11")),
        ("\u0662\u0660\u0662\u0666-\u0661\u0661", "2026-1", ("2025-12", "2026-11")),
        ("x" * 10_000, "\x00", ("2025-12", "2026-11")),
        ("2099-12", "2099-12", ("2099-12", "2099-12")),
    ],
)
async def test_months_that_cannot_be_meant_are_left_out(office, first, last, expected):
    scope = office.desk.insights.scope({"first": first, "last": last})
    assert (scope.first, scope.last) == expected
    found = await insight(office, SAMIRA, scope)
    assert (found.months[0][0], found.months[-1][0]) == expected
    assert len(found.months) <= MOST_MONTHS


async def test_at_most_three_years_are_looked_at(office):
    scope = office.desk.insights.scope({"first": "2000-01", "last": "2026-11"})
    assert len((await insight(office, SAMIRA, scope)).months) == MOST_MONTHS == 36


async def test_what_else_cannot_be_meant_is_left_out_and_all_is_all(office):
    def scope(**texts):
        found = office.desk.insights.scope(texts)
        return found.region, found.workload, found.partner

    assert scope(region="AMER", workload="TEAMS", partner="contoso") == ("AMER", "TEAMS", "CONTOSO")
    assert scope(region="all", workload="all", partner="all") == ("", "", "")
    assert scope(region="amer", workload="EXCEL", partner="") == ("", "", "")
    assert scope(partner="evil") == ("", "", "EVIL")


async def test_demand_sets_what_was_asked_for_beside_the_smes_who_have_it(office):
    languages = await office.desk.insights.demand(await insight(office, SAMIRA))
    assert languages == [Demand("en", 4, 8), Demand("ja", 1, 1)]
    workloads = await office.desk.insights.demand(await insight(office, SAMIRA, by=By.WORKLOAD))
    assert workloads == [Demand("TEAMS", 3, 3), Demand("EXCHANGE", 1, 3), Demand("INTUNE", 1, 2)]


async def test_how_busy_the_smes_are_begins_with_the_least_room(office):
    loads = await office.desk.insights.loads()
    assert [(each.name, each.open, each.capacity) for each in loads[:2]] == [("Wei Zhang", 0, 1), ("Linh Tran", 0, 2)]
    assert {each.name: (each.open, each.capacity) for each in loads}["Kofi Mensah"] == (1, 4)
    assert len(loads) == 8
    rooms = [each.capacity - each.open for each in loads]
    assert rooms == sorted(rooms)
