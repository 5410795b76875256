"""The reviews that an FPM has made: told to them, and after an erasure nobody's."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.ports import Review
from state.personal_export import personal_data
from state.records import time_text
from tests.domain.office import LEE, MIKA
from tests.state.town import town_on


@pytest.fixture
async def town(store, tmp_path):
    return await town_on(store, tmp_path)


async def reviewed(town):
    """Have Mika review twice, and Lee once between; return when Mika did."""
    office = town.office
    moments = []
    for email in (MIKA, LEE, MIKA):
        office.now += timedelta(hours=1)
        await office.reviews.add(Review("CONTOSO", email, office.now))
        moments += [office.now] if email == MIKA else []
    return moments


async def test_the_own_reviews_are_told_and_nobody_elses(town):
    moments = await reviewed(town)
    told = await personal_data(town.store, MIKA, None, town.office.now)
    assert sorted(each["at"] for each in told["reviews"]) == [time_text(at) for at in moments]
    assert {(each["partner"], each["by"]) for each in told["reviews"]} == {("CONTOSO", MIKA)}
    assert not [place for place in told["also_named_in"] if "review:" in place]


async def test_a_review_of_somebody_who_was_erased_names_nobody(town):
    moments = await reviewed(town)
    office, directory = town.office, await town.office.people.export()
    without = {code: replace(partner, backup_fpm="") for code, partner in directory.partners.items()}
    await office.people.load(type(directory)(without, directory.people))
    erased = await town.erase(MIKA)
    assert await town.standing(MIKA) == []
    last = await office.reviews.last("CONTOSO")
    assert (last.by, last.at) == (erased.pseudonym, moments[-1])
    found = await office.desk.portfolio.review(await office.person(LEE), "CONTOSO")
    assert (found.last, found.reviewed_by) == (last, "")
