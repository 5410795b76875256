"""Pages of lists at the desk: who sees which requests, narrowed down how, and how far each look goes."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.errors import Refusal
from bot.domain.filters import Filters, ListName, Wanted
from bot.domain.leafing import ROWS
from bot.domain.lifecycle import Status
from bot.domain.listing import WHICH_PARTNER
from bot.domain.people import Directory, Role
from bot.domain.ports import Place
from bot.domain.timekeeper import Timekeeper
from tests.bench.table_operations import NotingStore
from tests.domain.office import (
    ANA,
    ARJUN,
    DANA,
    HOURS,
    JOSHUA,
    KOFI,
    LEE,
    MIKA,
    MONDAY,
    RENEE,
    SAMIRA,
    opened_office,
)

DAYS = timedelta(days=1)
REQUESTS, INBOX, ENGAGEMENTS = ListName


def numbers(page):
    return [row.number for row in page.rows]


async def made(office, count, begin=0, **answers):
    """Submit requests an hour apart; return their numbers, the newest first."""
    found = []
    for n in range(begin, begin + count):
        found.append(await office.submitted(token=f"{n:032x}", **answers))
        office.now += HOURS
    await office.write_lists(*found)
    return found[::-1]


async def page_of(office, who, name=REQUESTS, after=None, **filters):
    return await office.desk.listing.page(await office.person(who), Wanted(name, Filters(**filters), after))


async def leafed(office, who, name, **filters):
    """Return the numbers on each page, from the first to the last."""
    pages = [await page_of(office, who, name, **filters)]
    while pages[-1].then:
        pages.append(await page_of(office, who, name, pages[-1].then, **filters))
    return [numbers(page) for page in pages]


async def with_people(office, *people):
    directory = await office.people.export()
    everybody = {**directory.people, **{person.email: person for person in people}}
    await office.people.load(Directory(directory.partners, everybody))


async def with_partner(office, partner):
    directory = await office.people.export()
    await office.people.load(Directory({**directory.partners, partner.code: partner}, directory.people))


async def test_pages_hold_every_request_once_in_order(office):
    newest_first = await made(office, 2 * ROWS + 1)
    assert await leafed(office, DANA, REQUESTS) == [
        newest_first[:ROWS],
        newest_first[ROWS : 2 * ROWS],
        newest_first[2 * ROWS :],
    ]
    assert await leafed(office, LEE, INBOX) == [
        newest_first[::-1][:ROWS],
        newest_first[::-1][ROWS : 2 * ROWS],
        newest_first[::-1][2 * ROWS :],
    ]


@pytest.mark.parametrize("count", [1, ROWS - 1, ROWS, ROWS + 1])
async def test_a_full_list_has_no_page_behind_it(office, count):
    newest_first = await made(office, count)
    first = await page_of(office, DANA)
    assert numbers(first) == newest_first[:ROWS]
    assert (first.then is not None, first.looked) == (count > ROWS, 0)


async def test_of_requests_of_one_moment_none_is_lost_between_pages(office):
    found = [await office.submitted(token=f"{n:032x}") for n in range(ROWS + 3)]
    await office.write_lists(*found)
    for who, name in ((DANA, REQUESTS), (LEE, INBOX)):
        pages = await leafed(office, who, name)
        assert [number for page in pages for number in page] == sorted(found)


@pytest.mark.parametrize(
    "answers", [{"workload": "YAMMER"}, {"region": "APJ"}], ids=lambda answers: next(iter(answers))
)
async def test_a_list_is_narrowed_by_an_answer(office, answers):
    others = await made(office, 2)
    wanted = await made(office, 1, begin=9, **answers)
    for who, name in ((DANA, REQUESTS), (LEE, REQUESTS), (LEE, INBOX)):
        assert numbers(await page_of(office, who, name, **answers)) == wanted
        assert set(numbers(await page_of(office, who, name))) == {*wanted, *others}


async def test_a_list_is_narrowed_by_status_and_by_text(office):
    first, second, third = await made(office, 3)
    await office.press(LEE, "deny", second, deny_reason="out_of_scope")
    await office.write_lists(second)
    named = await made(office, 1, begin=9, tenant_name="Adventure Works")
    assert numbers(await page_of(office, DANA, status=Status.DENIED)) == [second]
    assert numbers(await page_of(office, LEE, INBOX, status=Status.DENIED)) == []
    for name in (REQUESTS, INBOX):
        assert numbers(await page_of(office, LEE, name, text="ADV")) == named
        assert numbers(await page_of(office, LEE, name, text=first.lower())) == [first]
        assert numbers(await page_of(office, LEE, name, text=third.partition("-")[2][:5])) == [third]
        assert numbers(await page_of(office, LEE, name, text="nobody")) == []
        assert numbers(await page_of(office, LEE, name, text="ada@contoso.example")) == []
    assert numbers(await page_of(office, DANA, text="tailspin", status=Status.SUBMITTED)) == [first, third]


async def test_what_is_found_by_name_is_leafed_through_as_well_and_says_when_there_is_more(office):
    newest_first = await made(office, ROWS + 3)
    assert await leafed(office, DANA, REQUESTS, text="tailspin") == [newest_first[:ROWS], newest_first[ROWS:]]
    assert not (await page_of(office, DANA, text="tailspin")).is_short
    await made(office, 100 - len(newest_first), begin=100)
    assert (await page_of(office, DANA, text="tailspin")).is_short


async def test_words_behind_a_command_are_filters(office):
    async def typed(who, words):
        wanted = await office.desk.listing.typed(await office.person(who), REQUESTS, words.split())
        return wanted.filters

    assert await typed(DANA, "contoso denied teams") == Filters(Status.DENIED, "CONTOSO", "TEAMS")
    assert await typed(LEE, "contoso") == Filters(partner="CONTOSO")
    assert await typed(DANA, "fabrikam") == Filters(text="fabrikam")
    assert await typed(SAMIRA, "fabrikam") == Filters(partner="FABRIKAM")
    assert await typed(ANA, "FABRIKAM nosuch") == Filters(partner="FABRIKAM", text="nosuch")
    assert (await typed(SAMIRA, "word " * 50_000)).text.startswith("word word")


async def test_the_programme_and_assigners_say_of_which_partner(office):
    newest_first = await made(office, 2)
    for who in (SAMIRA, ANA):
        with pytest.raises(Refusal, match=WHICH_PARTNER):
            await page_of(office, who)
        with pytest.raises(Refusal, match=WHICH_PARTNER):
            await page_of(office, who, partner="NOSUCH")
        page = await page_of(office, who, partner="CONTOSO")
        assert (numbers(page), page.partners) == (newest_first, ())
        assert numbers(await page_of(office, who, partner="CONTOSO", text="tail")) == newest_first
        assert numbers(await page_of(office, who, partner="FABRIKAM")) == []


async def test_nobody_sees_requests_of_somebody_elses_partner(office):
    await made(office, 2)
    for who in (JOSHUA, RENEE, KOFI, ARJUN):
        assert numbers(await page_of(office, who)) == []
        page = await page_of(office, who, partner="CONTOSO")
        assert (numbers(page), page.wanted.filters.partner) == ([], "")
        assert numbers(await page_of(office, who, text="tail")) == []


async def test_an_fpm_sees_the_requests_of_all_own_partners_merged(office):
    directory = await office.people.export()
    await with_partner(office, replace(directory.partners["FABRIKAM"], fpm=LEE))
    [first] = await made(office, 1)
    second = await office.submitted(by=JOSHUA, token="f1" * 16, contact_email=JOSHUA, partner_name="FABRIKAM")
    office.now += HOURS
    [third] = await made(office, 1, begin=5)
    await office.write_lists(second)
    page = await page_of(office, LEE)
    assert numbers(page) == [third, second, first]
    assert set(page.partners) >= {"CONTOSO", "FABRIKAM"}
    assert numbers(await page_of(office, LEE, partner="FABRIKAM")) == [second]
    assert numbers(await page_of(office, LEE, text="tail")) == [third, second, first]


async def test_a_backup_sees_a_request_once_asked_and_everything_once_the_fpm_has_left(office):
    newest_first = await made(office, 2)
    assert numbers(await page_of(office, MIKA)) == []
    assert numbers(await page_of(office, MIKA, text="tail")) == []
    office.now = MONDAY + 3 * DAYS
    await Timekeeper(office.desk.filing, office.clock).look(newest_first[0])
    await office.write_lists(*newest_first)
    assert numbers(await page_of(office, MIKA)) == newest_first[:1]
    assert (await page_of(office, MIKA, INBOX)).own == {newest_first[0]}
    directory = await office.people.export()
    people = {email: person for email, person in directory.people.items() if email != LEE}
    partners = {code: replace(each, fpm=MIKA) if each.fpm == LEE else each for code, each in directory.partners.items()}
    await office.people.load(Directory(partners, people), remove_missing=True)
    assert numbers(await page_of(office, MIKA)) == newest_first
    page = await page_of(office, MIKA, INBOX)
    assert [row.number for row in page.to_decide] == newest_first[::-1]


async def test_what_an_fpm_may_decide_is_what_waits_for_them_alone(office):
    submitted, approved, delegated = await made(office, 3)
    await office.press(LEE, "approve", approved)
    await office.press(LEE, "delegate", delegated, delegate_to=RENEE)
    await office.write_lists(approved, delegated)
    page = await page_of(office, LEE, INBOX)
    assert set(numbers(page)) == {submitted, approved}
    assert [row.number for row in page.to_decide] == [submitted]
    assert (await page_of(office, ANA, INBOX)).to_decide == []
    assert [row.number for row in (await page_of(office, RENEE, INBOX)).to_decide] == [delegated]


async def test_an_fpm_who_assigns_too_has_each_request_once(office):
    lee = await office.person(LEE)
    await with_people(office, replace(lee, roles=frozenset({Role.FPM, Role.ASSIGNER}), regions=("EMEA",)))
    number = await office.approved()
    await office.write_lists(number)
    assert numbers(await page_of(office, LEE, INBOX)) == [number]


async def test_engagements_are_those_of_the_sme_and_of_the_fpm(office):
    number = await office.assigned()
    await office.write_lists(number)
    for who in (KOFI, LEE):
        assert numbers(await page_of(office, who, ENGAGEMENTS)) == [number]
        assert numbers(await page_of(office, who, ENGAGEMENTS, workload="YAMMER")) == []
    assert numbers(await page_of(office, DANA, ENGAGEMENTS)) == []


async def test_a_look_that_fills_no_page_goes_on_from_where_it_ended(office):
    wanted = await made(office, 2, workload="YAMMER")
    for start in range(100, 1_200, 100):
        rows = await made(office, 1, begin=start)
        assert rows
    office.lists = ListsThatLookAtFew(office.lists)
    office.desk = office.desk_over(office.requests)
    first = await page_of(office, DANA, workload="YAMMER")
    assert (numbers(first), first.looked) == ([], 4)
    found, page = [], first
    while page.then:
        page = await page_of(office, DANA, after=page.then, workload="YAMMER")
        found += numbers(page)
    assert found == wanted


class ListsThatLookAtFew:
    """Lists of which at most four rows are looked at."""

    def __init__(self, lists):
        self.lists = lists

    def __getattr__(self, name):
        return getattr(self.lists, name)

    async def look(self, of, whose, look):
        return await self.lists.look(of, whose, replace(look, most=4))


async def test_of_lists_looked_at_to_different_depths_nothing_is_shown_out_of_order(office):
    directory = await office.people.export()
    await with_partner(office, replace(directory.partners["FABRIKAM"], fpm=LEE))
    theirs = []
    for n in range(3):
        theirs.append(
            await office.submitted(by=JOSHUA, token=f"{n + 900:032x}", contact_email=JOSHUA, partner_name="FABRIKAM")
        )
        office.now += HOURS
    await office.write_lists(*theirs)
    newest_first = [*await made(office, 12), *theirs[::-1]]
    office.lists = ListsThatLookAtFew(office.lists)
    office.desk = office.desk_over(office.requests)
    pages = await leafed(office, LEE, REQUESTS)
    assert [number for page in pages for number in page] == newest_first


async def test_a_place_that_is_gone_is_a_place_all_the_same(office):
    newest_first = await made(office, 3)
    behind = await page_of(office, DANA, after=Place(office.now - HOURS - HOURS / 2, "CONTOSO-000000"))
    assert numbers(behind) == newest_first[1:]
    assert numbers(await page_of(office, DANA, after=Place(MONDAY - 9 * DAYS, "CONTOSO-000000"))) == []


@pytest.mark.parametrize(
    ("who", "name", "filters"),
    [
        (DANA, REQUESTS, {}),
        (LEE, REQUESTS, {}),
        (LEE, INBOX, {}),
        (ANA, INBOX, {}),
        (KOFI, ENGAGEMENTS, {}),
        (LEE, INBOX, {"workload": "YAMMER"}),
        (SAMIRA, REQUESTS, {"partner": "CONTOSO", "text": "nobody"}),
    ],
)
async def test_a_page_costs_the_same_operations_whatever_is_stored(store, who, name, filters):
    noting = NotingStore(store)
    office = await opened_office(noting)
    counts = []
    for begin, count in ((0, 10), (10, 60)):
        await made(office, count, begin=begin)
        noting.operations.clear()
        await page_of(office, who, name, **filters)
        counts.append(Counter((each.kind, each.table) for each in noting.operations))
    assert counts[0] == counts[1]
    assert counts[0]["scan", "views"] <= 5


async def test_no_more_than_a_thousand_rows_are_looked_at_for_a_page(store):
    noting = NotingStore(store)
    office = await opened_office(noting)
    await made(office, 3)
    noting.operations.clear()
    await page_of(office, LEE, workload="YAMMER")
    await page_of(office, LEE, INBOX)
    limits = [each.arguments[-1] for each in noting.operations if (each.kind, each.table) == ("scan", "views")]
    assert limits
    assert max(limits) <= 1_000
