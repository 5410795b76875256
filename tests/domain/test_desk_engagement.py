"""The desk from the assignment on: what SME, FPM and partner do with an engagement, and who hears of it."""

from dataclasses import replace

import pytest

from bot.domain.errors import Mistake, Refusal
from bot.domain.lifecycle import EngagementStatus, Status
from bot.domain.people import Directory, Role
from bot.domain.promises import PromiseId
from tests.domain.office import ANA, DANA, HIROSHI, HOURS, KOFI, LAURA, LEE, PIOTR, RENEE


async def test_an_accepted_engagement_starts_the_first_contact(office):
    number = await office.assigned()
    assert await office.told(number, 3) == {KOFI: "ping", DANA: "steps", LEE: "news"}
    view = (await office.press(KOFI, "accept", number)).view
    assert (view.request.status, view.engagement.status) == (Status.ASSIGNED, EngagementStatus.ACTIVE)
    assert [p.id for p in view.promises] == [
        PromiseId.TRIAGE,
        PromiseId.DECISION,
        PromiseId.ACCEPTANCE,
        PromiseId.FIRST_CONTACT,
    ]


async def test_a_declined_request_is_assigned_to_another_and_the_former_smes_card_is_answered(office):
    number = await office.assigned()
    await office.press(KOFI, "decline", number, 3, decline_reason="On leave.")
    assert (await office.request(number)).status is Status.APPROVED
    assert await office.told(number, 4) == {ANA: "assignment", DANA: "news", LEE: "news"}
    await office.press(LEE, "assign", number, sme=LAURA)
    case = await office.requests.load(number)
    assert (case.engagement.id, case.engagement.sme) == (f"{number}.2", LAURA)
    for verb in ("accept", "decline"):
        answer = await office.press(KOFI, verb, number, 3)
        assert answer.view.request.sme == LAURA
    with pytest.raises(Refusal, match="no such request"):
        await office.desk.lookup.view(await office.person(KOFI), number)
    assert (await office.press(LAURA, "accept", number)).view.engagement.status is EngagementStatus.ACTIVE


async def test_a_released_engagement_goes_back_to_the_assigners(office):
    number = await office.assigned()
    await office.press(KOFI, "accept", number)
    with pytest.raises(Mistake):
        await office.press(LEE, "release", number)
    await office.press(LEE, "release", number, release_reason="Kofi is ill.")
    request = await office.request(number)
    assert (request.status, request.sme) == (Status.APPROVED, "")
    assert await office.told(number, 5) == {DANA: "news", KOFI: "news", ANA: "assignment"}


async def test_closing_needs_a_reason_while_the_engagement_is_active_and_reopening_always(office):
    number = await office.assigned()
    await office.press(KOFI, "accept", number)
    with pytest.raises(Mistake):
        await office.press(LEE, "close", number)
    await office.press(LEE, "close", number, close_reason="The customer stopped.")
    with pytest.raises(Mistake):
        await office.press(LEE, "reopen", number)
    office.now += HOURS
    view = (await office.press(LEE, "reopen", number, reopen_reason="It goes on.")).view
    assert (view.request.status, view.request.triage_from, view.request.sme) == (Status.SUBMITTED, office.now, "")
    assert await office.told(number, 6) == {DANA: "news", LEE: "decision"}


async def test_a_colleague_withdraws_and_the_requester_is_told(office):
    number = await office.approved()
    answer = await office.press(PIOTR, "withdraw", number)
    assert answer.view.request.status is Status.WITHDRAWN
    assert await office.told(number, 3) == {DANA: "news", LEE: "news", ANA: "news"}


async def test_an_issue_reaches_the_fpm_and_its_answer_the_requester_and_the_sme(office):
    number = await office.assigned()
    await office.press(KOFI, "issue", number, issue_text="No access.")
    assert await office.told(number, 4) == {LEE: "issue"}
    await office.press(LEE, "answer", number, answer_text="Access is given.")
    assert await office.told(number, 5) == {DANA: "news", KOFI: "news"}
    assert (await office.request(number)).open_issues == 0


async def test_a_colleague_who_raised_an_issue_hears_the_answer(office):
    number = await office.submitted()
    await office.press(PIOTR, "issue", number, issue_text="Nobody answers.")
    await office.press(LEE, "answer", number, answer_text="I am on it.")
    assert PIOTR in await office.told(number, 3)


async def test_the_partners_own_fpm_is_told_of_a_request_that_asks_another_but_does_not_decide_it(office):
    number = await office.submitted(fpm=RENEE)
    assert (await office.told(number, 1))[LEE] == "informed"
    with pytest.raises(Refusal):
        await office.press(LEE, "approve", number)


async def test_an_fpm_with_other_roles_does_not_decide_on_an_own_request(office):
    directory = await office.people.export()
    roles = frozenset({Role.REQUESTER, Role.ASSIGNER, Role.FPM})
    people = {**directory.people, DANA: replace(directory.people[DANA], roles=roles)}
    await office.people.load(Directory(directory.partners, people))
    number = await office.approved()
    with pytest.raises(Refusal, match="their own"):
        await office.press(DANA, "assign", number, sme=KOFI)
    assert (await office.request(number)).status is Status.APPROVED


async def test_an_assigner_of_another_region_may_help_out(office):
    number = await office.approved()
    assert (await office.press(HIROSHI, "assign", number, sme=LAURA)).view.request.sme == LAURA
