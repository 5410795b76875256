"""When partners were reviewed: the latest review is found, and a review of the same moment stands as it was."""

import asyncio
from datetime import timedelta

import pytest

from bot.domain.ports import Review
from state.reviews import ReviewStore
from tests.domain.office import LEE, MIKA, MONDAY

MINUTE = timedelta(minutes=1)


@pytest.fixture
async def reviews(connect):
    return ReviewStore(await connect())


async def test_the_latest_review_of_each_partner_is_the_last(reviews):
    assert await reviews.last("CONTOSO") is None
    made = [Review("CONTOSO", email, MONDAY + n * MINUTE) for n, email in enumerate([LEE, MIKA, LEE])]
    other = Review("FABRIKAM", MIKA, MONDAY)
    for review in (made[1], made[2], other, made[0]):
        await reviews.add(review)
    assert await reviews.last("CONTOSO") == made[2]
    assert await reviews.last("FABRIKAM") == other
    assert await reviews.last("FABRIKA") is None


async def test_a_review_of_the_same_moment_stands_as_it_was(reviews):
    await asyncio.gather(*(reviews.add(Review("CONTOSO", LEE, MONDAY)) for _ in range(4)))
    await reviews.add(Review("CONTOSO", MIKA, MONDAY))
    assert await reviews.last("CONTOSO") == Review("CONTOSO", LEE, MONDAY)


async def test_two_instances_share_their_reviews(connect):
    one, other = ReviewStore(await connect()), ReviewStore(await connect())
    await one.add(Review("CONTOSO", LEE, MONDAY))
    assert (await other.last("CONTOSO")).by == LEE
