"""What the clock does moves no card out from under a finger, and the buttons are none of its own."""

from datetime import timedelta

import pytest

from bot.domain.errors import Refusal
from bot.domain.lifecycle import OF_THE_CLOCK, Action, EngagementStatus, Status
from bot.domain.timekeeper import Timekeeper
from tests.domain.office import ANA, DANA, KOFI, LAURA, LEE, MIKA, SAMIRA

OVERTAKEN = "This had changed before your press."


async def late(office, number, days=6):
    """Let days pass, and the clock tell of everything that is late."""
    office.now += timedelta(days=days)
    await Timekeeper(office.desk.filing, office.clock).look(number)
    return await office.request(number)


async def actions(office, number):
    return [event.action for event in await office.requests.history(number)]


@pytest.mark.parametrize("revision", [1, 2, 3])
async def test_a_press_on_a_card_from_before_the_clock_acted_counts(office, revision):
    number = await office.submitted()
    request = await late(office, number)
    assert (request.revision, request.last_deed, request.slipped) == (3, 1, ("N4", "N5"))
    answer = await office.press(LEE, "approve", number, revision)
    assert (answer.view.request.status, answer.view.request.revision, answer.note) == (Status.APPROVED, 4, "")
    assert (await office.request(number)).last_deed == 4
    again = await office.press(LEE, "approve", number, revision)
    assert (again.view.request.revision, again.note) == (4, ""), "the same press once more"
    assert await actions(office, number) == [Action.SUBMIT, Action.ASK_BACKUP, Action.ESCALATE, Action.APPROVE]


@pytest.mark.parametrize("revision", [-1, 0, 1, 4, 10**9])
async def test_a_press_on_a_card_from_before_somebody_acted_is_overtaken_whatever_the_clock_did_since(office, revision):
    number = await office.approved()
    request = await late(office, number)
    assert (request.revision, request.last_deed) == (3, 2)
    answer = await office.press(LEE, "deny", number, revision, deny_reason="out_of_scope")
    assert (answer.view.request.status, answer.note) == (Status.APPROVED, OVERTAKEN)
    answer = await office.press(LEE, "deny", number, 2, deny_reason="out_of_scope")
    assert (answer.view.request.status, answer.note) == (Status.DENIED, "")


async def test_a_card_is_overtaken_by_a_person_who_acted_after_the_clock(office):
    number = await office.submitted()
    await late(office, number)
    await office.press(MIKA, "approve", number, 3)
    for revision in (1, 2, 3):
        answer = await office.press(LEE, "deny", number, revision, deny_reason="out_of_scope")
        assert (answer.view.request.status, answer.note) == (Status.APPROVED, OVERTAKEN)


async def test_the_backup_who_is_asked_may_decide_from_then_on(office):
    number = await office.submitted()
    with pytest.raises(Refusal, match="no such request"):
        await office.press(MIKA, "approve", number)
    await late(office, number, days=2)
    assert await office.told(number, 2) == {MIKA: "decision"}
    answer = await office.press(MIKA, "approve", number, 2)
    assert (answer.view.request.status, answer.view.request.last.by) == (Status.APPROVED, MIKA)


async def test_an_sme_whose_reply_is_late_still_accepts_on_the_card_that_came_first(office):
    number = await office.assigned()
    request = await late(office, number, days=2)
    assert (request.last.action, request.slipped) == (Action.REPLY_LATE, ("N8",))
    assert await office.told(number, 4) == {ANA: "escalation"}
    answer = await office.press(KOFI, "accept", number, 3)
    assert (answer.view.engagement.status, answer.note) == (EngagementStatus.ACTIVE, "")


async def test_the_first_contact_is_told_once(office):
    number = await office.assigned()
    await office.press(KOFI, "accept", number)
    office.now += timedelta(hours=1)
    answer = await office.press(KOFI, "contacted", number)
    assert (answer.view.engagement.contacted_at, answer.note) == (office.now, "")
    assert await office.told(number, 5) == {DANA: "news", LEE: "news"}
    assert Action.CONTACTED not in answer.view.allowed
    again = await office.press(KOFI, "contacted", number)
    assert (again.view.request.revision, again.note) == (5, OVERTAKEN)
    assert (await late(office, number)).slipped == (), "the promise was kept"


async def test_a_first_contact_that_is_late_is_still_told_and_the_next_sme_promises_anew(office):
    number = await office.assigned()
    await office.press(KOFI, "accept", number)
    request = await late(office, number, days=3)
    assert (request.last.action, request.slipped) == (Action.CONTACT_LATE, ("N7",))
    assert await office.told(number, 5) == {LEE: "escalation"}
    assert (await office.press(KOFI, "contacted", number, 4)).note == ""
    await office.press(LEE, "release", number, release_reason="Kofi is ill.")
    await office.press(ANA, "assign", number, sme=LAURA)
    await office.press(LAURA, "accept", number)
    request = await late(office, number, days=3)
    assert (request.last.action, request.slipped) == (Action.CONTACT_LATE, ("N7",))


@pytest.mark.parametrize("who", [LEE, DANA, ANA, SAMIRA])
@pytest.mark.parametrize("verb", sorted(OF_THE_CLOCK))
async def test_nobody_has_a_button_of_the_clocks(office, who, verb):
    number = await office.submitted()
    with pytest.raises(Refusal, match="This button is not known here"):
        await office.press(who, verb, number)
    assert await actions(office, number) == [Action.SUBMIT]
