"""The clocks of one request: what happens when a promise slips, once, and when people are looked at before."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.agenda import agenda_id
from bot.domain.lifecycle import OF_THE_CLOCK, TRANSITIONS, Action, EngagementStatus, Relation, Status
from bot.domain.people import CLOCK, Cover
from bot.domain.ports import Raced
from bot.domain.promises import DECISION, PromiseId
from bot.domain.timekeeper import Timekeeper
from tests.domain.helping import proposed
from tests.domain.office import ANA, ARJUN, DANA, HOURS, KOFI, LEE, MIKA, MONDAY, SAMIRA

DAYS = timedelta(days=1)
# Lee works in London: what is submitted on Monday at 10:00 is to be looked at by Tuesday at 10:00.
TRIAGE_DUE, DECISION_DUE = MONDAY + DAYS, MONDAY + DECISION


@pytest.fixture
def keeper(office):
    return Timekeeper(office.desk.filing, office.clock)


async def events(office, number):
    return [event.action.value for event in await office.requests.history(number)]


async def test_the_clock_decides_nothing_but_that_what_has_not_begun_by_the_end_of_its_period_is_closed():
    rows = [row for row in TRANSITIONS if row.action in OF_THE_CLOCK]
    assert {row.action for row in rows} == OF_THE_CLOCK
    assert all(row.by == {Relation.CLOCK} for row in rows)
    assert {(row.action, row.end) for row in rows if row.end} == {(Action.END, Status.CLOSED)}
    not_begun = frozenset(EngagementStatus) - {EngagementStatus.ACTIVE}
    assert all(row.when and row.when <= not_begun for row in rows if row.end)
    assert not any(Relation.CLOCK in row.by for row in TRANSITIONS if row.action not in OF_THE_CLOCK)


async def test_before_anything_is_due_nothing_changes(office, keeper):
    number = await office.submitted()
    assert await keeper.look(number) == TRIAGE_DUE
    office.now = TRIAGE_DUE - timedelta(minutes=1)
    assert await keeper.look(number) == TRIAGE_DUE
    assert await events(office, number) == ["submit"]


async def test_when_the_first_look_is_late_the_backup_is_asked_once_and_may_decide(office, keeper):
    number = await office.submitted()
    office.now = TRIAGE_DUE
    assert await keeper.look(number) == DECISION_DUE
    assert await keeper.look(number) == DECISION_DUE
    assert await events(office, number) == ["submit", "ask_backup"]
    request = await office.request(number)
    assert (request.status, request.backup_asked, request.slipped) == (Status.SUBMITTED, True, ("N4",))
    assert (request.last.by, request.last.by_name) == (CLOCK.email, CLOCK.name)
    assert await office.told(number, 2) == {MIKA: "decision"}
    assert (await office.press(MIKA, "approve", number, 1)).view.request.status is Status.APPROVED


async def test_a_card_from_before_the_clock_acted_can_still_be_pressed(office, keeper):
    number = await office.submitted()
    office.now = TRIAGE_DUE
    await keeper.look(number)
    answer = await office.press(LEE, "approve", number, 1)
    assert (answer.view.request.status, answer.note) == (Status.APPROVED, "")
    assert (await office.press(LEE, "deny", number, 2, deny_reason="other", deny_note="No.")).note


async def test_when_the_decision_is_late_backup_assigners_and_programme_are_told(office, keeper):
    number = await office.submitted()
    office.now = DECISION_DUE
    assert await keeper.look(number) is None
    assert await events(office, number) == ["submit", "ask_backup", "escalate"]
    assert await office.told(number, 3) == {MIKA: "escalation", ANA: "escalation", SAMIRA: "escalation"}
    request = await office.request(number)
    assert request.status is Status.SUBMITTED
    await office.write_lists(number)
    assert [row.number for row in await office.lists.late(9)] == [number]
    await office.press(LEE, "deny", number, deny_reason="other", deny_note="No.")
    await office.write_lists(number)
    assert await office.lists.late(9) == []


async def test_an_approved_request_that_nobody_assigns_is_escalated_and_the_backup_may_assign(office, keeper):
    number = await office.approved()
    assert await keeper.look(number) == DECISION_DUE
    office.now = DECISION_DUE
    assert await keeper.look(number) is None
    assert await office.told(number, 3) == {MIKA: "escalation", ANA: "escalation", SAMIRA: "escalation"}
    assert (await office.press(MIKA, "assign", number, sme=KOFI)).view.request.status is Status.ASSIGNED


async def test_a_late_reply_goes_to_the_assigners_and_a_late_contact_to_the_fpm(office, keeper):
    number = await office.assigned()
    due = await keeper.look(number)
    assert due == MONDAY + DAYS
    office.now = due
    assert await keeper.look(number) is None
    assert await office.told(number, 4) == {ANA: "escalation"}
    await office.press(KOFI, "accept", number)
    office.now = await keeper.look(number)
    assert await keeper.look(number) is None
    assert await office.told(number, 6) == {LEE: "escalation"}
    assert await events(office, number) == ["submit", "approve", "assign", "reply_late", "accept", "contact_late"]


async def test_a_contact_in_time_is_kept_and_nobody_is_told_that_it_is_late(office, keeper):
    number = await office.assigned()
    await office.press(KOFI, "accept", number)
    office.now += HOURS
    await office.press(KOFI, "contacted", number)
    office.now += 20 * DAYS
    assert await keeper.look(number) is None
    kept = {p.id: p.was_kept for p in (await office.desk.lookup.view(await office.person(LEE), number)).promises}
    assert kept[PromiseId.FIRST_CONTACT] is True
    last = (await office.request(number)).last
    assert (last.details["N7_raw"], last.details["N7_net"]) == ("3600", "3600")


async def test_while_a_request_is_returned_no_clock_runs_and_afterwards_the_rest_of_the_time(office, keeper):
    number = await office.submitted()
    office.now += 20 * HOURS
    await office.press(LEE, "return", number, return_note="Which seats?", return_fields="seat_count")
    office.now += 30 * DAYS
    assert await keeper.look(number) is None
    assert await events(office, number) == ["submit", "return"]
    dana, answers = await office.person(DANA), dict((await office.request(number)).answers)
    await office.resubmit(dana, number, "ab" * 16, answers)
    resubmitted = office.now
    triage = await keeper.look(number)
    assert resubmitted < triage <= resubmitted + 3 * DAYS
    office.now = triage
    decision = await keeper.look(number)
    assert decision == DECISION_DUE + 30 * DAYS
    office.now = decision
    await keeper.look(number)
    assert (await events(office, number))[-2:] == ["ask_backup", "escalate"]


async def test_a_backup_who_left_is_not_asked_and_the_request_still_says_that_it_is_late(office, keeper):
    number = await office.submitted()
    await office.people.remove(await office.person(MIKA))
    office.now = TRIAGE_DUE
    assert await keeper.look(number) == DECISION_DUE
    assert await office.told(number, 2) == {}
    assert (await office.request(number)).slipped == ("N4",)


async def test_the_clock_runs_on_when_nobody_is_left_who_could_be_reminded(office, keeper):
    number = await office.submitted()
    for email in (LEE, MIKA):
        await office.people.remove(await office.person(email))
    assert await keeper.look(number) == TRIAGE_DUE
    assert not [name for name in await planned(office) if name.startswith("person:")]


async def test_two_instances_that_look_at_once_tell_once(office, keeper):
    number = await office.submitted()
    office.now = TRIAGE_DUE
    await asyncio.gather(*(keeper.look(number) for _ in range(5)))
    assert await events(office, number) == ["submit", "ask_backup"]


async def test_a_clock_that_steps_back_tells_nothing_again(office, keeper):
    number = await office.submitted()
    office.now = TRIAGE_DUE
    await keeper.look(number)
    office.now = MONDAY
    assert await keeper.look(number) == DECISION_DUE
    office.now = TRIAGE_DUE + HOURS
    await keeper.look(number)
    assert await events(office, number) == ["submit", "ask_backup"]


async def planned(office):
    """Return when whose agenda is looked at, the first time of each."""
    work, found, rows = office.store.table("work"), {}, []
    async for shard in work.partitions():
        rows += [row async for row in work.scan(shard)]
    for row in sorted(rows, key=lambda each: each.key):
        found.setdefault(str(row.values["number"]), row.key[:15])
    return found


async def test_who_holds_a_promise_is_looked_at_when_half_of_its_time_is_over(office, keeper):
    number = await office.submitted()
    await keeper.look(number)
    assert (await planned(office))[agenda_id(LEE)] == "2026-11-23T1400"
    assert agenda_id(MIKA) not in await planned(office)
    office.now = TRIAGE_DUE
    await keeper.look(number)
    assert agenda_id(MIKA) in await planned(office)


async def test_the_assigners_are_looked_at_in_the_morning_and_before_the_decision_is_late(office, keeper):
    number = await office.approved()
    await keeper.look(number)
    assert (await planned(office))[agenda_id(ANA)] == "2026-11-24T0900"
    # 80 % of five days are over on Friday at 10:00 in London and Lisbon.
    office.now = MONDAY + 4 * DAYS - 2 * HOURS
    await keeper.look(number)
    assert (await planned(office))[agenda_id(ANA)] < "2026-11-27T1001"


async def test_the_cover_is_looked_at_instead_of_an_fpm_who_is_away(office, keeper):
    await office.people.add_cover(Cover(LEE, ARJUN, MONDAY, MONDAY + 9 * DAYS))
    number = await office.submitted()
    await keeper.look(number)
    assert agenda_id(ARJUN) in await planned(office)
    assert agenda_id(LEE) not in await planned(office)


async def test_a_promised_date_stays_when_the_calendar_changes(office, keeper):
    number = await office.submitted()
    lee = await office.person(LEE)
    await office.people.register(replace(lee, time_zone="Asia/Tokyo"))
    assert await keeper.look(number) == TRIAGE_DUE
    view = await office.desk.lookup.view(await office.person(DANA), number)
    assert {p.id: p.due for p in view.promises}[PromiseId.TRIAGE] == TRIAGE_DUE


async def test_what_is_not_a_request_has_no_clock(office, keeper):
    assert await keeper.look("CONTOSO-000000") is None
    assert await keeper.look("CONTOSO-access-0123456789abcdef") is None


async def test_a_change_that_was_overtaken_is_looked_at_again(office, keeper):
    class OvertakenOnce:
        """The requests, of which the first commit comes too late."""

        def __init__(self, requests):
            self.requests, self.is_overtaken = requests, False

        def __getattr__(self, name):
            return getattr(self.requests, name)

        async def commit(self, *change):
            if not self.is_overtaken:
                self.is_overtaken = True
                raise Raced
            await self.requests.commit(*change)

    number = await office.submitted()
    office.now = TRIAGE_DUE
    filing = replace(office.desk.filing, requests=OvertakenOnce(office.requests))
    assert await Timekeeper(filing, office.clock).look(number) == DECISION_DUE
    assert await events(office, number) == ["submit", "ask_backup"]


async def helped(office):
    """Bring help that was proposed until 11 December to work."""
    number = await proposed(office)
    await office.press(DANA, "agree", number)
    await office.press(KOFI, "accept", number)
    await office.press(KOFI, "contacted", number)
    return number


async def test_proposed_help_ends_by_itself_and_its_people_are_told_before_and_then(office, keeper):
    number = await helped(office)
    announced = datetime(2026, 12, 8, 16, tzinfo=UTC)
    assert await keeper.look(number) == announced
    office.now = announced
    over = datetime(2026, 12, 12, tzinfo=UTC)
    assert await keeper.look(number) == over
    assert await office.told(number, 5) == {KOFI: "engagement", DANA: "news", LEE: "news"}
    office.now = over
    assert await keeper.look(number) is None
    assert await office.told(number, 6) == {KOFI: "engagement", DANA: "engagement", LEE: "engagement"}
    assert await events(office, number) == ["propose", "agree", "accept", "contacted", "ends_soon", "end"]
    request = await office.request(number)
    assert (request.status, request.stage) == (Status.ASSIGNED, EngagementStatus.COMPLETED)
    assert await keeper.look(number) is None


async def test_after_a_stop_the_end_alone_is_told_and_two_instances_tell_it_once(office, keeper):
    number = await helped(office)
    office.now = MONDAY + 40 * DAYS
    await asyncio.gather(*(keeper.look(number) for _ in range(3)))
    assert await events(office, number) == ["propose", "agree", "accept", "contacted", "end"]


async def test_a_promise_that_runs_out_before_the_period_is_told_first(office, keeper):
    number = await proposed(office)
    await office.press(DANA, "agree", number)
    await office.press(KOFI, "accept", number)
    office.now = MONDAY + 40 * DAYS
    await keeper.look(number)
    assert (await events(office, number))[3:] == ["contact_late", "end"]


async def test_help_that_was_completed_before_its_period_ended_does_not_end_again(office, keeper):
    number = await helped(office)
    await office.press(KOFI, "complete", number, summary="It runs.")
    office.now = MONDAY + 40 * DAYS
    assert await keeper.look(number) is None
    assert (await events(office, number))[-1] == "complete"


async def test_who_has_to_agree_is_looked_at_the_next_morning(office, keeper):
    number = await proposed(office)
    await keeper.look(number)
    assert agenda_id(DANA) in await planned(office)
