"""Files that were asked for: each is made once, by one instance at a time."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.bookkeeping import Bookkeeper
from bot.domain.errors import Refusal
from bot.domain.export_desk import KEPT_FOR, NOT_FOR_YOU, filter_for
from bot.domain.export_filter import ExportFilter
from bot.domain.export_jobs import LEASE, ExportJob, Place, export_id, export_in
from bot.domain.people import Role
from tests.domain.office import ANA, DANA, LEE, MONDAY, SAMIRA

PLACE = Place("https://contoso.example/upload", "https://contoso.example/file", "requests.xlsx", "id", "xlsx")
TOKEN = "0123456789abcdef" * 2
JOB = ExportJob("key", LEE, "TEAMS", MONDAY, PLACE, "card")


async def job_of(office, number):
    return await office.export_jobs.load(export_in(number))


def test_the_work_for_a_file_has_a_name_that_tells_it_apart():
    assert (JOB.id, export_in(JOB.id)) == (export_id("key"), "key")
    assert export_in("CONTOSO-7K3QXD") == ""


def test_whoever_begins_has_it_alone_until_the_lease_ends():
    assert not JOB.is_held(MONDAY)
    assert JOB.is_fading(MONDAY)
    begun = JOB.begun(MONDAY)
    assert (begun.attempts, begun.is_held(MONDAY), begun.is_fading(MONDAY)) == (1, True, False)
    later = MONDAY + LEASE
    assert (begun.is_held(later), begun.is_fading(later)) == (False, True)
    assert begun.held(later).is_held(later)


def test_what_is_done_forgets_its_place_and_is_held_by_nobody():
    done = JOB.begun(MONDAY).done()
    assert (done.place, done.busy_until, done.is_done) == (Place(), None, True)


async def test_the_programme_team_may_have_all_and_an_fpm_the_own_slice(office):
    assert filter_for(await office.person(SAMIRA), "TEAMS") == ExportFilter(workload="TEAMS")
    assert filter_for(await office.person(LEE), "TEAMS") == ExportFilter(workload="TEAMS", fpm=LEE)
    both = replace(await office.person(LEE), roles=frozenset({Role.FPM, Role.PROGRAM}))
    assert filter_for(both, "") == ExportFilter()


@pytest.mark.parametrize("email", [DANA, ANA])
async def test_others_may_have_nothing(office, email):
    person = await office.person(email)
    with pytest.raises(Refusal) as refusal:
        await office.desk.exports.offer(person, "", TOKEN)
    assert refusal.value.sentence == NOT_FOR_YOU
    with pytest.raises(Refusal):
        await office.desk.exports.order(person, "", TOKEN, PLACE)
    assert office.nudged == []


async def test_an_offer_says_what_there_is_and_about_how_much(office):
    number = await office.submitted()
    await Bookkeeper(office.requests, office.ledger).enter(await office.requests.load(number))
    offer = await office.desk.exports.offer(await office.person(SAMIRA), "2026-11 teams", TOKEN)
    assert (offer.token, offer.words, offer.name) == (TOKEN, "2026-11 TEAMS", "sme-requests-2026-11-23.xlsx")
    assert offer.sentence == "An Excel file of all requests for TEAMS submitted in 2026-11, about 1"
    assert offer.size > 0
    own = await office.desk.exports.offer(await office.person(LEE), "", TOKEN)
    assert own.sentence == "An Excel file of your requests, about 1"


async def test_an_order_is_kept_and_somebody_does_it_even_when_this_process_dies(office):
    await office.desk.exports.order(await office.person(LEE), "teams", TOKEN, PLACE, "card")
    (number,) = office.nudged
    job = await job_of(office, number)
    assert replace(job, key="", etag="") == replace(JOB, key="")
    office.now += timedelta(minutes=1)
    assert [work.number for work in await office.work.claim_due()] == [number]


async def test_an_order_that_comes_again_changes_nothing(office):
    lee = await office.person(LEE)
    for place in (PLACE, None):
        await office.desk.exports.order(lee, "teams", TOKEN, place)
    (number,) = set(office.nudged)
    assert (await job_of(office, number)).place == PLACE


async def test_nobody_takes_anothers_order_away_with_its_token(office):
    for email in (LEE, SAMIRA):
        await office.desk.exports.order(await office.person(email), "", TOKEN)
    assert [(await job_of(office, number)).email for number in office.nudged] == [LEE, SAMIRA]


async def test_what_was_done_is_forgotten_after_a_month_and_what_was_not_stays(office):
    lee = await office.person(LEE)
    for n in range(2):
        await office.desk.exports.order(lee, "", f"{n:032x}")
    old, undone = office.nudged
    await office.export_jobs.save((await job_of(office, old)).done())
    office.now += KEPT_FOR
    await office.desk.exports.order(lee, "", "aa" * 16)
    assert await job_of(office, old)
    office.now += timedelta(seconds=1)
    await office.desk.exports.order(lee, "", "bb" * 16)
    assert await job_of(office, old) is None
    assert await job_of(office, undone)
