"""The desk's lists and the question to the FPM."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.errors import Mistake, Refusal
from bot.domain.filters import ListName, Wanted
from bot.domain.lifecycle import Status
from bot.domain.people import Directory, Role
from tests.domain.office import ANA, DANA, HIROSHI, HOURS, JOSHUA, KOFI, LEE, MIKA, PIOTR, RENEE, SAMIRA, TOKEN

DAYS = timedelta(days=1)
CARD = "c0" * 16


def numbers(rows):
    return [row.number for row in rows]


async def three(office, **answers):
    """Submit three requests an hour apart."""
    found = []
    for n in range(3):
        found.append(await office.submitted(token=f"{n:032x}", **answers))
        office.now += HOURS
    return found


async def listed(office, who, name):
    """Return the first lines of a list; none where the person has to say of which partner."""
    with suppress(Refusal):
        return (await office.desk.listing.page(await office.person(who), Wanted(name))).rows
    return []


async def lists_of(office, who):
    return [numbers(await listed(office, who, name)) for name in ListName]


async def test_each_sees_what_is_theirs(office):
    first, second, third = await three(office)
    await office.press(LEE, "approve", second)
    await office.press(LEE, "approve", third)
    await office.press(ANA, "assign", third, sme=KOFI)
    await office.write_lists(first, second, third)
    newest_first = [third, second, first]
    assert await lists_of(office, DANA) == [newest_first, [], []]
    assert await lists_of(office, PIOTR) == [newest_first, [], []]
    assert await lists_of(office, LEE) == [newest_first, [first, second], [third]]
    assert await lists_of(office, ANA) == [[], [second], []]
    assert await lists_of(office, KOFI) == [[], [], [third]]
    for who in (JOSHUA, RENEE, MIKA, HIROSHI, SAMIRA):
        assert await lists_of(office, who) == [[], [], []]


async def test_a_line_says_what_it_is_about(office):
    number = await office.submitted()
    await office.write_lists(number)
    [row] = await listed(office, DANA, ListName.REQUESTS)
    assert (row.number, row.customer, row.workload) == (number, "Tailspin Toys", "TEAMS")
    assert (row.status, row.partner, row.at) == (Status.SUBMITTED, "CONTOSO", office.now)


async def test_what_was_decided_leaves_the_inbox_and_a_delegated_one_moves(office):
    first, second, third = await three(office)
    await office.write_lists(first, second, third)
    await office.press(LEE, "deny", first, deny_reason="out_of_scope")
    await office.press(LEE, "delegate", second, delegate_to=RENEE)
    await office.press(LEE, "return", third, return_note="Please check.")
    await office.write_lists(first, second, third)
    assert (await lists_of(office, LEE))[1] == []
    assert (await lists_of(office, RENEE))[1] == [second]
    assert len((await lists_of(office, DANA))[0]) == 3


async def test_an_issue_stays_in_the_inbox_until_answered(office):
    number = await office.assigned()
    await office.press(DANA, "issue", number, issue_text="Nobody answers.")
    await office.write_lists(number)
    assert (await lists_of(office, LEE))[1] == [number]
    await office.press(LEE, "answer", number, answer_text="I am on it.")
    await office.write_lists(number)
    assert (await lists_of(office, LEE))[1] == []


async def test_a_closed_request_does_not_stay_in_the_inbox_for_an_issue_that_cannot_be_answered(office):
    number = await office.assigned()
    await office.press(DANA, "issue", number, issue_text="Nobody answers.")
    await office.press(LEE, "close", number)
    await office.write_lists(number)
    [inbox] = (await lists_of(office, LEE))[1:2]
    if inbox:
        await office.press(LEE, "answer", number, answer_text="It is over.")
        await office.write_lists(number)
        [inbox] = (await lists_of(office, LEE))[1:2]
    assert inbox == []


async def test_the_inbox_begins_with_the_promise_that_ends_first(office):
    reopened = await office.submitted()
    await office.press(LEE, "deny", reopened, deny_reason="out_of_scope")
    office.now += 2 * DAYS
    older_promise = await office.submitted(token="01" * 16)
    office.now += DAYS
    await office.press(LEE, "reopen", reopened, reopen_reason="New facts.")
    await office.write_lists(reopened, older_promise)
    assert numbers(await listed(office, LEE, ListName.INBOX)) == [older_promise, reopened]


async def give_roles(office, email, *roles, **more):
    directory = await office.people.export()
    person = replace(directory.people[email], roles=frozenset(roles), **more)
    await office.people.load(Directory(directory.partners, {**directory.people, email: person}))


async def test_an_fpm_who_assigns_too_sees_a_request_once(office):
    await give_roles(office, LEE, Role.FPM, Role.ASSIGNER, regions=("EMEA",))
    number = await office.approved()
    await office.write_lists(number)
    assert (await lists_of(office, LEE))[1] == [number]


async def test_a_region_without_an_assigner_is_served_by_all(office):
    await give_roles(office, HIROSHI, Role.ASSIGNER, regions=("EMEA",))
    number = await office.approved(region="APJ")
    await office.write_lists(number)
    assert (await lists_of(office, ANA))[1] == [number]
    assert (await lists_of(office, HIROSHI))[1] == [number]


async def test_a_question_reaches_the_partners_fpm_once_for_each_card(office):
    dana = await office.person(DANA)
    sentence = await office.desk.intake.ask_fpm(dana, " Which SME do I need? ", CARD)
    assert "Lee Park" in sentence
    assert await office.desk.intake.ask_fpm(dana, "Which SME do I need?", CARD) == sentence
    assert len(set(office.nudged)) == 1
    [notice] = await office.requests.notices_of(office.nudged[0])
    assert (notice.recipient, notice.sender, notice.sentence) == (LEE, DANA, "Which SME do I need?")
    await office.desk.intake.ask_fpm(dana, "Which SME do I need?", TOKEN)
    assert len(set(office.nudged)) == 2


async def test_a_question_pressed_by_ten_at_once_is_asked_once(office):
    dana = await office.person(DANA)
    await asyncio.gather(*(office.desk.intake.ask_fpm(dana, "Which SME?", CARD) for _ in range(10)))
    assert len(set(office.nudged)) == 1
    assert len(await office.requests.notices_of(office.nudged[0])) == 1


async def test_a_question_needs_words_and_a_partner(office):
    with pytest.raises(Mistake):
        await office.desk.intake.ask_fpm(await office.person(DANA), " ", CARD)
    with pytest.raises(Refusal):
        await office.desk.intake.ask_fpm(await office.person(LEE), "Who am I?", CARD)
    assert office.nudged == []


async def test_an_fpm_who_is_not_in_the_directory_is_named_by_the_address(office):
    directory = await office.people.export()
    people = {email: p for email, p in directory.people.items() if email != LEE}
    await office.people.load(Directory(directory.partners, people), remove_missing=True)
    assert LEE in await office.desk.intake.ask_fpm(await office.person(DANA), "Anybody there?", CARD)


async def test_a_request_that_is_gone_is_not_found(office):
    with pytest.raises(Refusal, match="no such request"):
        await office.desk.lookup.reload("CONTOSO-000000", await office.person(DANA))
