"""The desk and a returned request: fixed once, by the partner who asked; and the form cloned for another workload."""

import asyncio
from contextlib import suppress
from dataclasses import replace

import pytest

from bot.domain.errors import Mistake, Refusal, Stale
from bot.domain.lifecycle import Status
from bot.domain.people import Directory
from bot.domain.ports import Raced
from tests.domain.office import ANA, ANSWERS, DANA, HOURS, JOSHUA, LEE, PIOTR, RENEE, SAMIRA

FIX = "ab" * 16


async def returned(office, fields="seat_count"):
    number = await office.submitted()
    office.now += HOURS
    await office.press(LEE, "return", number, return_fields=fields, return_note="Please check.")
    office.now += 30 * HOURS
    return number


async def test_a_returned_request_is_fixed_by_a_colleague_with_its_changes_marked(office):
    number = await returned(office)
    piotr = await office.person(PIOTR)
    answers, view = await office.desk.intake.answers_to_fix(piotr, number)
    assert (answers, view.request.returned_fields) == (ANSWERS, ("seat_count",))
    fixed = (await office.resubmit(piotr, number, FIX, answers | {"seat_count": "6000"})).request
    assert (fixed.status, fixed.revision, fixed.changed_fields) == (Status.SUBMITTED, 3, ("seat_count",))
    assert (fixed.requester, fixed.last.by) == (DANA, PIOTR)
    assert (fixed.triage_from, fixed.triaged_at, fixed.paused) == (office.now, None, 30 * HOURS)
    assert await office.told(number, 3) == {DANA: "receipt", LEE: "decision"}


async def test_the_same_fixed_form_again_changes_nothing(office):
    number = await returned(office)
    dana = await office.person(DANA)
    answers = ANSWERS | {"seat_count": "6000"}
    views = await asyncio.gather(*(office.resubmit(dana, number, FIX, answers) for _ in range(10)))
    assert {v.request.revision for v in views} == {3}
    assert len(await office.requests.history(number)) == 3


async def test_another_fixed_form_comes_too_late(office):
    number = await returned(office)
    dana = await office.person(DANA)
    await office.resubmit(dana, number, FIX, ANSWERS)
    with pytest.raises(Stale, match="submitted now"):
        await office.resubmit(dana, number, "cd" * 16, ANSWERS)


async def test_a_number_typed_in_lower_case_is_fixed_and_shown(office):
    number = await returned(office)
    view = await office.resubmit(await office.person(DANA), number.lower(), FIX, ANSWERS)
    assert view.request.revision == 3


async def test_a_fixed_form_that_does_not_stand_changes_nothing(office):
    number = await returned(office)
    with pytest.raises(Mistake):
        await office.resubmit(await office.person(DANA), number, FIX, ANSWERS | {"justification": ""})
    assert (await office.request(number)).status is Status.RETURNED


async def test_a_returned_request_is_not_its_own_duplicate(office):
    number = await returned(office)
    fixed = await office.resubmit(await office.person(DANA), number, FIX, ANSWERS)
    assert fixed.request.earlier == ()


async def test_only_the_partner_who_asked_may_fix(office):
    number = await returned(office)
    answers = ANSWERS | {"partner_name": "FABRIKAM", "fpm": RENEE}
    with pytest.raises(Refusal, match="no such request"):
        await office.resubmit(await office.person(JOSHUA), number, FIX, answers)
    for who in (LEE, ANA, SAMIRA):
        with pytest.raises(Refusal):
            await office.desk.intake.answers_to_fix(await office.person(who), number)


async def with_two_partners(office):
    """Make Dana a contact of Fabrikam too."""
    directory = await office.people.export()
    both = replace(directory.people[DANA], partner="CONTOSO;FABRIKAM")
    await office.people.load(Directory(directory.partners, {**directory.people, DANA: both}))


async def test_who_sees_a_request_for_another_reason_does_not_fix_it(office):
    number = await returned(office)
    for who in (LEE, ANA):
        with pytest.raises(Refusal, match="not for you"):
            await office.resubmit(await office.person(who), number, FIX, ANSWERS)


async def test_a_fixed_request_stays_with_its_partner(office):
    await with_two_partners(office)
    number = await returned(office)
    with suppress(Refusal):
        await office.resubmit(await office.person(DANA), number, FIX, ANSWERS | {"partner_name": "FABRIKAM"})
    request = await office.request(number)
    assert request.answers["partner_name"] == request.partner


async def test_a_request_that_is_not_returned_has_nothing_to_fix(office):
    number = await office.submitted()
    with pytest.raises(Refusal, match="submitted"):
        await office.desk.intake.answers_to_fix(await office.person(DANA), number)


async def test_asking_for_another_workload_keeps_what_concerns_the_customer(office):
    number = await office.submitted()
    answers = await office.desk.intake.answers_for_another(await office.person(PIOTR), number)
    assert answers == {k: v for k, v in ANSWERS.items() if k not in {"workload", "seat_count", "topic"}}
    with pytest.raises(Refusal):
        await office.desk.intake.answers_for_another(await office.person(LEE), number)
    with pytest.raises(Refusal, match="no such request"):
        await office.desk.intake.answers_for_another(await office.person(JOSHUA), number)


class Busy:
    """Requests that somebody else changes each time between reading and writing."""

    def __init__(self, requests):
        self.requests = requests

    def __getattr__(self, name):
        return getattr(self.requests, name)

    async def commit(self, *_change):
        raise Raced


async def test_a_request_that_others_keep_changing_is_answered_with_a_sentence(office):
    number = await returned(office)
    office.desk = office.desk_over(Busy(office.requests))
    with pytest.raises(Refusal, match="press again"):
        await office.resubmit(await office.person(DANA), number, FIX, ANSWERS)
    with pytest.raises(Refusal, match="press again"):
        await office.press(DANA, "withdraw", number)


async def test_a_form_begun_before_a_colleague_fixed_the_request_does_not_undo_the_fix(office):
    number = await returned(office)
    begun = (await office.request(number)).revision
    dana, piotr = await office.person(DANA), await office.person(PIOTR)
    await office.resubmit(piotr, number, FIX, ANSWERS | {"seat_count": "7777"})
    await office.press(LEE, "return", number, return_note="One more thing.")
    with pytest.raises(Refusal, match="has changed since you began"):
        await office.resubmit(dana, number, "ef" * 16, ANSWERS, begun)
    assert (await office.request(number)).answers["seat_count"] == "7777"


async def test_a_delegated_request_is_fixed_for_the_fpm_who_has_it(office):
    number = await office.submitted()
    await office.press(LEE, "delegate", number, delegate_to=RENEE)
    await office.press(RENEE, "return", number, return_note="Why?")
    answers, _ = await office.desk.intake.answers_to_fix(await office.person(DANA), number)
    assert answers["fpm"] == RENEE
