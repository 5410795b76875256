"""The lists made anew where promises have slipped, and where agendas and admissions are still to be told of."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.access_desk import Asker
from bot.domain.agenda import agenda_id
from bot.domain.delivery import Result
from bot.domain.lifecycle import Status, Topic
from bot.domain.notices import Notice, NoticeState
from bot.domain.people import Identity
from bot.domain.promises import PromiseId
from bot.domain.timekeeper import Timekeeper
from state.keys import inverted, key, stamp
from state.view_corrections import number_at
from state.views import LATE, PARKED, PENDING, WAITING, list_row, parked_place, rows_for
from state.views_rebuild import Rebuilt
from tests.domain.office import ANA, KOFI, LAURA, LEE, MIKA, opened_office
from tests.state.scene import DAMAGES, Scene, no_rows, tell

RESULTS = {LEE: Result.UNREACHABLE, MIKA: Result.THROTTLED, ANA: Result.REFUSED}


async def look(office, *numbers):
    """Let the clock tell what it has to, and write the lists."""
    for number in numbers:
        await Timekeeper(office.desk.filing, office.clock).look(number)
    await office.write_lists(*numbers)


async def admissions(office):
    """Let three people ask for access, and return what they asked for."""
    partner = await office.people.partner("CONTOSO")
    asked = []
    for number in range(3):
        identity = Identity(partner.tenant_ids[0], f"77777777-1111-4111-8111-77777777777{number}")
        given = {"name": "Maya Roth", "email": f"maya{number}@contoso.example", "partner_name": "CONTOSO"}
        asked.append(await office.access.ask(Asker(identity, partner, "Maya Roth"), given))
    return [admission.id for admission in asked]


@pytest.fixture
async def scene(sqlite):
    store = await sqlite()
    office = await opened_office(store)
    scene = await Scene(office, store).begin()
    for number, result in zip(await admissions(office), RESULTS.values(), strict=True):
        await tell(office, number, LEE, result)
    office.now += timedelta(days=6)
    await look(office, *scene.numbers)
    for email, result in RESULTS.items():
        await office.desk.agendas.look(email)
        await tell(office, agenda_id(email), email, result)
    scene.written = await scene.standing()
    return scene


async def test_requests_whose_decision_is_late_are_listed_until_they_are_assigned_or_decided(scene):
    office = scene.office
    waiting, approved, assigned, denied, delegated, returned = scene.numbers
    assert {row.number for row in await office.lists.late(9)} == {waiting, approved, delegated}
    in_time = [(await office.request(number)).slipped for number in (assigned, denied, returned)]
    assert PromiseId.DECISION not in {promise for slipped in in_time for promise in slipped}
    await office.press(ANA, "assign", approved, sme=KOFI)
    await office.press(LEE, "deny", waiting, deny_reason="out_of_scope")
    await office.write_lists(approved, waiting)
    assert [row.number for row in await office.lists.late(9)] == [delegated]
    await office.press(KOFI, "decline", approved, decline_reason="On leave.")
    await office.write_lists(approved)
    assert {row.number for row in await office.lists.late(9)} == {approved, delegated}


async def test_a_request_that_an_sme_had_begun_is_not_late_when_another_is_to_be_found(scene):
    office, number = scene.office, scene.numbers[1]
    await office.press(ANA, "assign", number, sme=LAURA)
    await office.press(LAURA, "accept", number)
    await office.press(LEE, "release", number, release_reason="Laura is ill.")
    await look(office, number)
    assert number not in {row.number for row in await office.lists.late(9)}


async def test_the_lists_are_left_as_they_are_whatever_they_are_about(scene):
    lists = {place[0].partition(":")[0] for place in scene.written}
    assert lists >= {LATE, PENDING, PARKED, WAITING}
    for about, kinds in (("person:", {PENDING, PARKED}), ("CONTOSO-access-", {PENDING, PARKED, WAITING})):
        places = [place for place in scene.written if (number_at(place) or "").startswith(about)]
        assert {place[0].partition(":")[0] for place in places} == kinds
    before = await scene.rows()
    assert await scene.rebuild() == Rebuilt(requests=len(scene.numbers), right=len(scene.written))
    assert await scene.rows() == before


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
async def test_whatever_was_damaged_the_lists_are_what_the_bot_had_written(scene, damage):
    await damage(scene)
    assert await scene.standing() != scene.written
    await scene.rebuild()
    assert await scene.standing() == scene.written
    assert await scene.rebuild() == Rebuilt(requests=len(scene.numbers), right=len(scene.written))


async def test_the_late_are_found_again_and_nobody_else_is_added(scene):
    late = await scene.office.lists.late(9)
    await no_rows(scene)
    for number in scene.numbers[2:4]:
        request = await scene.office.request(number)
        place = (LATE, key(stamp(scene.office.now), number))
        await scene.put(place, **list_row(place, request, removed=False))
    await scene.rebuild()
    assert await scene.office.lists.late(9) == late


@pytest.mark.parametrize("state", [Status.RETURNED, Status.ASSIGNED, Status.CLOSED, Status.DENIED, Status.WITHDRAWN])
async def test_a_request_that_nobody_has_to_decide_now_is_not_listed_as_late(scene, state):
    request = await scene.office.request(scene.numbers[0])
    assert [place for place in rows_for(request) if place[0] == LATE]
    assert not [place for place in rows_for(replace(request, status=state)) if place[0] == LATE]


@pytest.mark.parametrize("email", ["anne-marie.o'neil@home.example", "@home.example".rjust(100, "a")])
async def test_a_word_to_whatever_address_is_listed_while_it_did_not_arrive(scene, email):
    now = scene.office.now
    word = Notice(agenda_id(email), 1, Topic.BRIEF, email, "Your morning brief", now, now, state=NoticeState.PARKED)
    await scene.office.requests.add_notice(word)
    await scene.office.lists.note_delivery(word, now)
    assert (await scene.rebuild()).removed == 0
    await no_rows(scene)
    await scene.rebuild()
    assert parked_place(word) in await scene.standing()


async def test_words_to_people_of_whom_nothing_is_to_be_told_are_listed_no_more(scene):
    for email in (LEE, KOFI):
        about = agenda_id(email)
        for place in (
            (PENDING, key(stamp(scene.office.now), about, email, "brief")),
            (PARKED, key(inverted(scene.office.now), about, email, "brief")),
            (key(WAITING, email), key(agenda_id(ANA))),
        ):
            await scene.put(place, number=about, since=scene.office.now.isoformat())
    assert (await scene.rebuild()).removed == 6
    assert await scene.standing() == scene.written
