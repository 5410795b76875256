"""The lines of a partner's learning: each engagement that was summed up has one, in the order in which they ended."""

from datetime import timedelta

import pytest

from bot.domain.advance import advance
from bot.domain.deeds import Deed
from bot.domain.lifecycle import Action, Relation
from bot.domain.ports import Learned, Raced
from bot.domain.request import PROACTIVE
from tests.domain.office import ANA, ANSWERS, DANA, KOFI, LAURA, LEE, MONDAY, opened_office
from tests.state.engaged import AMARA, AMARAS_NAME, GUEST, helped, proposed, result, said
from tests.state.older_rows import rows_of

CUSTOMER = ANSWERS["tenant_id"]


@pytest.fixture
async def office(store):
    return await opened_office(store)


async def learned(office, limit=50, partner="CONTOSO"):
    return await office.requests.learned(partner, limit)


async def test_an_engagement_that_is_summed_up_is_learned_from(office):
    number = await helped(office, until="complete")
    assert await learned(office) == [
        Learned(
            number=number,
            engagement=f"{number}.2",
            sme=KOFI,
            tenant_id=CUSTOMER,
            customer="Tailspin Toys",
            workload="TEAMS",
            topic="coaching",
            ended_at=(await office.requests.load(number)).engagement.ended_at,
            learners=(AMARAS_NAME, AMARA, GUEST),
        )
    ]
    assert await learned(office, partner="FABRIKAM") == []


async def test_before_the_end_nothing_is_learned(office):
    await helped(office, until="note")
    assert await learned(office) == []


async def test_an_engagement_that_another_has_followed_is_still_found(office):
    number = await helped(office)
    first, second = [await office.requests.engagement(f"{number}.{count}") for count in (1, 2)]
    assert (first.sme, first.status, first.end_reason) == (LAURA, "declined", said("laura", 1))
    assert second == (await office.requests.load(number)).engagement
    assert await office.requests.engagement(f"{number}.3") is None


@pytest.mark.parametrize("until", ["rate", "close"])
async def test_what_follows_the_summary_adds_no_line_and_changes_none(store, office, until):
    number = await helped(office, until="complete")
    [line] = await rows_of(store, "CONTOSO", "learned")
    await office.press(DANA, "rate", number, rating="5")
    if until == "close":
        await office.press(LEE, "close", number)
    assert await rows_of(store, "CONTOSO", "learned") == [line]


@pytest.mark.parametrize(
    ("verb", "inputs"), [("release", {"release_reason": "Ill."}), ("close", {"close_reason": "The customer has left."})]
)
async def test_from_an_engagement_that_ended_without_a_summary_nothing_is_learned(office, verb, inputs):
    number = await helped(office, until="note")
    await office.press(LEE, verb, number, **inputs)
    assert await learned(office) == []


async def test_without_a_kickoff_nobody_is_named_as_a_learner(office):
    number = await helped(office, until="contacted")
    await office.press(KOFI, "complete", number, summary="Done.")
    assert [(line.number, line.learners) for line in await learned(office)] == [(number, ())]


async def test_what_the_clock_has_ended_is_learned_from_when_it_is_summed_up_and_as_of_its_end(store, office):
    number = await proposed(office, until="end")
    assert await learned(office) == []
    ended_at = (await office.requests.load(number)).engagement.ended_at
    office.now += timedelta(days=3)
    await office.press(LAURA, "complete", number, **result("laura", 24, met="1,2"))
    [line] = await learned(office)
    assert (line.number, line.sme, line.ended_at, line.learners) == (number, LAURA, ended_at, (AMARA,))
    assert (line.customer, line.tenant_id, line.topic) == (PROACTIVE, "", "adoption")
    await office.press(DANA, "rate", number, rating="1")
    assert await learned(office) == [line]
    assert all(row.values["schema"] == 1 for row in await rows_of(store, "CONTOSO", "learned"))


async def test_a_request_that_is_helped_with_again_is_learned_from_again(office):
    number = await helped(office)
    await office.press(LEE, "reopen", number, reopen_reason="There is more.")
    office.now += timedelta(hours=1)
    await office.press(LEE, "approve", number)
    await office.press(ANA, "assign", number, sme=LAURA)
    await office.press(LAURA, "accept", number)
    await office.press(LAURA, "complete", number, summary=said("laura", 9))
    assert [(line.number, line.sme) for line in await learned(office)] == [(number, LAURA), (number, KOFI)]


async def test_the_latest_end_comes_first_and_no_more_lines_than_asked_for(office):
    numbers = []
    for n in range(4):
        number = await helped(office, token=f"{n:032x}", tenant_name=f"Customer {n}", until="contacted")
        numbers.append(number)
    # They end in another order than they have begun.
    order = [numbers[n] for n in (2, 0, 3, 1)]
    for number in order:
        office.now += timedelta(minutes=1)
        await office.press(KOFI, "complete", number, summary="Done.")
    assert [line.number for line in await learned(office)] == order[::-1]
    assert [line.number for line in await learned(office, 2)] == [order[3], order[2]]


async def test_two_that_end_at_the_same_moment_have_a_line_each(office):
    numbers = [await helped(office, token=f"{n:032x}", until="contacted") for n in range(2)]
    for number in numbers:
        await office.press(KOFI, "complete", number, summary="Done.")
    assert {line.number for line in await learned(office)} == set(numbers)
    assert len({line.ended_at for line in await learned(office)}) == 1


async def test_a_summary_that_somebody_else_overtakes_leaves_no_line(office):
    number = await helped(office, until="contacted")
    case = await office.requests.load(number)
    await office.press(LEE, "close", number, close_reason="The customer has left.")
    kofi = await office.person(KOFI)
    deed = Deed(Action.COMPLETE, kofi, frozenset({Relation.SME}), {"summary": "Done."})
    change = advance(case.request, deed, office.now, case.engagement)
    with pytest.raises(Raced):
        await office.requests.commit(case, change, [], "complete")
    assert await learned(office) == []


async def test_a_summary_sent_twice_is_learned_from_once(office):
    number = await helped(office, until="contacted")
    revision = (await office.request(number)).revision
    for _ in range(2):
        await office.press(KOFI, "complete", number, revision, summary="Done.")
    assert len(await learned(office)) == 1
    assert (await learned(office))[0].ended_at > MONDAY
