"""Several requests decided on with one press: each for itself, and nothing twice."""

import pytest

from bot.domain.errors import Refusal
from bot.domain.leafing import ROWS
from bot.domain.lifecycle import Status
from bot.domain.lookup import NOT_FOUND
from bot.domain.several import NOTHING_TICKED, TOO_MANY, press_several
from state.table import StoreUnavailable
from tests.domain.office import DANA, JOSHUA, LEE, RENEE

DENIED = {"deny_reason": "out_of_scope"}


async def made(office, count, **answers):
    return [await office.submitted(token=f"{n:032x}", **answers) for n in range(count)]


async def decide(office, who, verb, ticked, desk=None, **inputs):
    text = ticked if isinstance(ticked, str) else ",".join(f"{number}@{revision}" for number, revision in ticked)
    return await press_several(desk or office.desk, await office.person(who), verb, text, inputs)


async def statuses(office, numbers):
    return [(await office.request(number)).status for number in numbers]


async def test_all_that_are_ticked_are_approved(office):
    numbers = await made(office, ROWS)
    outcomes = await decide(office, LEE, "approve", [(number, 1) for number in numbers])
    assert [each.number for each in outcomes] == numbers
    assert {each.answer.view.request.status for each in outcomes} == {Status.APPROVED}
    assert set(await statuses(office, numbers)) == {Status.APPROVED}


async def test_one_reason_denies_all_that_are_ticked(office):
    first, second, third = await made(office, 3)
    await decide(office, LEE, "deny", [(first, 1), (third, 1)], **DENIED)
    assert await statuses(office, [first, second, third]) == [Status.DENIED, Status.SUBMITTED, Status.DENIED]
    history = await office.requests.history(third)
    assert history[-1].details["reason"] == "out_of_scope"


async def test_without_a_reason_nothing_is_denied(office):
    numbers = await made(office, 2)
    outcomes = await decide(office, LEE, "deny", [(number, 1) for number in numbers])
    assert all(each.answer is None and "reason" in each.sentence for each in outcomes)
    assert set(await statuses(office, numbers)) == {Status.SUBMITTED}


async def test_what_is_overtaken_or_not_theirs_holds_nothing_else_up(office):
    mine, overtaken = await made(office, 2)
    theirs = await office.submitted(
        by=JOSHUA, token="f1" * 16, contact_email=JOSHUA, partner_name="FABRIKAM", fpm=RENEE
    )
    await office.press(LEE, "return", overtaken, return_note="Please check.")
    outcomes = await decide(
        office, LEE, "approve", [(theirs, 1), ("CONTOSO-000000", 1), (overtaken, 1), (mine, 1), (mine, 1)]
    )
    assert [each.sentence for each in outcomes] == [NOT_FOUND, NOT_FOUND, "", ""]
    assert outcomes[2].answer.note
    assert await statuses(office, [theirs, overtaken, mine]) == [Status.SUBMITTED, Status.RETURNED, Status.APPROVED]


async def test_a_requester_approves_nothing(office):
    numbers = await made(office, 2)
    outcomes = await decide(office, DANA, "approve", [(number, 1) for number in numbers])
    assert all(each.sentence for each in outcomes)
    assert set(await statuses(office, numbers)) == {Status.SUBMITTED}


async def test_a_second_press_changes_nothing(office):
    numbers = await made(office, 3)
    ticked = [(number, 1) for number in numbers]
    await decide(office, LEE, "approve", ticked)
    before = [await office.requests.history(number) for number in numbers]
    outcomes = await decide(office, LEE, "approve", ticked)
    assert all(each.answer.view.request.status is Status.APPROVED for each in outcomes)
    assert [await office.requests.history(number) for number in numbers] == before


@pytest.mark.parametrize(
    ("ticked", "sentence"),
    [
        ("", NOTHING_TICKED),
        (",,", NOTHING_TICKED),
        (",".join(f"CONTOSO-{n:06d}@1" for n in range(ROWS + 1)), TOO_MANY),
        (",".join(["CONTOSO-7K3QXD@1"] * 10_000), TOO_MANY),
        ("x" * 100_000, TOO_MANY),
        ("x", NOT_FOUND),
        ("CONTOSO-7K3QXD", NOT_FOUND),
        ("CONTOSO-7K3QXD@", NOT_FOUND),
        ("CONTOSO-7K3QXD@-1", NOT_FOUND),
        ("CONTOSO-7K3QXD@1\n", NOT_FOUND),
        ("CONTOSO-7K3QXD@9999999999", NOT_FOUND),
        ("CONTOSO-7K3QXD@\u0661", NOT_FOUND),
        ("contoso-7k3qxd@1", NOT_FOUND),
    ],
)
async def test_what_cannot_have_been_ticked_is_a_sentence(office, ticked, sentence):
    with pytest.raises(Refusal) as refused:
        await decide(office, LEE, "approve", ticked)
    assert refused.value.sentence == sentence


class FailsFor:
    """Requests of which one cannot be read."""

    def __init__(self, requests, number):
        self.requests, self.number = requests, number

    def __getattr__(self, name):
        return getattr(self.requests, name)

    async def load(self, number):
        if number == self.number:
            raise StoreUnavailable("gone")
        return await self.requests.load(number)


async def test_a_failure_is_a_failure_once_the_others_beside_it_are_done(office):
    numbers = await made(office, 3)
    desk = office.desk_over(FailsFor(office.requests, numbers[0]))
    with pytest.raises(StoreUnavailable):
        await decide(office, LEE, "approve", [(number, 1) for number in numbers], desk)
    assert await statuses(office, numbers) == [Status.SUBMITTED, Status.APPROVED, Status.APPROVED]
    await decide(office, LEE, "approve", [(number, 1) for number in numbers])
    assert set(await statuses(office, numbers)) == {Status.APPROVED}
    assert len(await office.requests.history(numbers[1])) == 2
