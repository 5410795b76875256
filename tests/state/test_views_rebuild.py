"""The lists made anew: whatever was wrong with them, they are afterwards what the bot itself had written."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest

from bot.domain.delivery import Result, anew, begun, mailed
from bot.domain.lifecycle import Topic
from bot.domain.notices import Notice, NoticeState
from state.heard_rows import HEARD
from state.keys import key, stamp
from state.table import StoreUnavailable
from state.view_corrections import list_row_change
from state.views import (
    KEPT,
    PARKED,
    PENDING,
    WAITING,
    ViewStore,
    list_row,
    parked_place,
    pending_place,
    rows_for,
    waiting_place,
)
from state.views_rebuild import Rebuilt, ViewsRebuild
from tests.domain.office import ANA, DANA, KOFI, LEE, MIKA, PIOTR, opened_office
from tests.state.scene import (
    DAMAGES,
    NOBODY,
    Scene,
    every_second_row_is_missing,
    foreign_rows,
    no_rows,
    requests_in_lists_they_have_left,
    tell,
    token,
    wrong_words,
)


class Interrupted:
    """A store on which something else happens just before the next change of a table is committed."""

    def __init__(self, store, event, name="views"):
        self.store, self.name = store, name
        self.events = [event]

    def table(self, name):
        if name != self.name:
            return self.store.table(name)
        self.inner = self.store.table(name)
        return self

    def __getattr__(self, name):
        return getattr(self.inner, name)

    async def commit(self, partition, changes):
        while self.events:
            await self.events.pop()()
        return await self.inner.commit(partition, changes)


@pytest.fixture
async def scene(sqlite):
    store = await sqlite()
    return await Scene(await opened_office(store), store).begin()


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
async def test_whatever_was_damaged_the_lists_are_what_the_bot_had_written(scene, damage):
    await damage(scene)
    assert await scene.standing() != scene.written
    rebuilt = await scene.rebuild()
    assert await scene.standing() == scene.written
    assert rebuilt.requests == len(scene.numbers)
    assert rebuilt.written + rebuilt.removed > 0

    before = await scene.rows()
    assert await scene.rebuild() == Rebuilt(requests=len(scene.numbers), right=len(scene.written))
    assert await scene.rows() == before


async def test_both_stores_are_put_right_from_all_damage_at_once(connect):
    store = await connect()
    scene = await Scene(await opened_office(store), store).begin()
    for damage in (foreign_rows, requests_in_lists_they_have_left, wrong_words, every_second_row_is_missing):
        await damage(scene)
    await scene.rebuild()
    assert await scene.standing() == scene.written
    assert await scene.rebuild() == Rebuilt(requests=len(scene.numbers), right=len(scene.written))


async def test_a_list_that_was_right_is_left_as_it_was_tombstones_included(scene):
    before = await scene.rows()
    assert any(row.values.get("removed") for row in before.values())
    assert await scene.rebuild() == Rebuilt(requests=len(scene.numbers), right=len(scene.written))
    assert await scene.rows() == before


async def test_an_empty_store_has_no_lists(sqlite):
    store = await sqlite()
    assert await ViewsRebuild(store, None, None).run() == Rebuilt()


async def test_a_list_of_a_later_version_is_left_alone(scene):
    place = ("moon", key(stamp(scene.office.now), NOBODY))
    await scene.put(place, phase=3)
    await scene.rebuild()
    assert (await scene.views.get(*place)).values == {"phase": 3}


async def test_a_rebuild_that_broke_off_is_finished_by_running_it_again(scene):
    await no_rows(scene)
    await foreign_rows(scene)

    async def fail():
        raise StoreUnavailable("gone")

    async def go_on():
        return None

    broken_off = 0
    for commits in range(4):
        unreliable = Interrupted(scene.store, fail)
        unreliable.events = [fail, *[go_on] * commits]
        with pytest.raises(StoreUnavailable):
            await scene.rebuild(unreliable)
        broken_off += 1
    assert broken_off == 4
    await scene.rebuild()
    assert await scene.standing() == scene.written


async def test_spent_tombstones_are_removed_and_young_ones_stay(scene):
    def tombstones(rows):
        return [place for place, row in rows.items() if row.values.get("removed")]

    standing = len(tombstones(await scene.rows()))
    scene.office.now += KEPT
    assert (await scene.rebuild()).removed == 0
    assert len(tombstones(await scene.rows())) == standing > 2
    scene.office.now += timedelta(seconds=1)
    assert (await scene.rebuild()).removed == standing
    assert tombstones(await scene.rows()) == []
    assert await scene.standing() == scene.written


async def test_a_tombstone_without_a_time_is_given_one(scene):
    place, row = next((place, row) for place, row in (await scene.rows()).items() if row.values.get("removed"))
    await scene.put(place, **{name: value for name, value in row.values.items() if name != "removed_at"})
    assert (await scene.rebuild()).removed == 1
    request = await scene.office.request(row.values["number"])
    assert (await scene.views.get(*place)).values == list_row(place, request, removed=True)


async def test_a_wrong_row_of_a_request_that_changed_lately_becomes_a_tombstone_and_later_nothing(scene):
    request = await scene.office.request(scene.numbers[0])
    place = (key("inbox", PIOTR), key(stamp(scene.office.now), request.number))
    await scene.put(place, **list_row(place, request, removed=False))
    await scene.rebuild()
    assert (await scene.views.get(*place)).values == list_row(place, request, removed=True)

    await scene.put(place, **list_row(place, request, removed=False))
    scene.office.now += KEPT
    await scene.rebuild()
    assert await scene.views.get(*place) is None


async def test_a_request_that_comes_into_a_list_while_its_old_row_there_is_removed_stays_in_it(scene):
    number = scene.numbers[0]
    request = await scene.office.request(number)
    place = (key("inbox", MIKA), next(k for p, k in rows_for(request) if p == key("inbox", LEE)))
    await scene.put(place, **list_row(place, request, removed=False))

    async def delegate():
        await scene.office.press(LEE, "delegate", number, delegate_to=MIKA)
        await scene.office.write_lists(number)

    await scene.rebuild(Interrupted(scene.store, delegate))
    assert (await scene.views.get(*place)).values == list_row(place, await scene.office.request(number), removed=False)


async def test_a_request_that_leaves_a_list_while_its_row_is_made_anew_is_not_brought_back(scene):
    number = scene.numbers[0]
    request = await scene.office.request(number)
    (place,) = [place for place in rows_for(request) if place[0] == key("inbox", LEE)]
    await scene.delete(place)

    async def withdraw():
        await scene.office.press(DANA, "withdraw", number)
        await scene.office.write_lists(number)

    await scene.rebuild(Interrupted(scene.store, withdraw))
    assert (await scene.views.get(*place)).values == list_row(place, await scene.office.request(number), removed=True)
    assert number not in {row.number for row in await scene.office.lists.inbox(LEE, 50)}


async def test_a_request_that_has_left_a_list_in_the_meantime_needs_no_row_there(scene):
    request = await scene.office.request(scene.numbers[0])
    place = (key("inbox", MIKA), key(stamp(scene.office.now), request.number))
    assert list_row_change(place, None, request, scene.office.now) is None


async def test_a_notice_tried_anew_while_its_row_is_made_is_not_listed_as_parked(scene):
    (parked,) = [n for n in await scene.office.requests.notices_of(scene.numbers[1]) if n.state is NoticeState.PARKED]
    await scene.delete(parked_place(parked))

    async def try_anew():
        await scene.office.lists.note_delivery(mailed(parked, ""), scene.office.now)
        await scene.office.requests.save_notice(anew(parked, scene.office.now))

    await scene.rebuild(Interrupted(scene.store, try_anew))
    assert [place for place in await scene.rows() if place[0] == PARKED] == []


async def test_a_person_who_is_mailed_while_a_wrong_row_of_theirs_is_removed_is_still_waited_for(scene):
    number = scene.numbers[0]
    place = waiting_place(DANA, number)
    await scene.put(place, number=number)

    async def mail():
        await tell(scene.office, number, DANA, Result.UNREACHABLE)

    await scene.rebuild(Interrupted(scene.store, mail))
    assert await scene.views.get(*place)


async def test_a_row_that_somebody_else_wrote_wrongly_in_the_meantime_is_judged_again(scene):
    (place, values), *_ = scene.written.items()
    await scene.put(place, **values | {"customer": "Somebody Else"})

    async def write_wrongly():
        await scene.put(place, **values | {"customer": "Somebody Else Again"})

    await scene.rebuild(Interrupted(scene.store, write_wrongly))
    assert await scene.standing() == scene.written


async def test_what_only_a_row_knows_of_its_notice_stays(scene):
    number, other = scene.numbers[0], scene.numbers[4]
    await tell(scene.office, number, LEE, Result.THROTTLED, "another reason than the first")
    (notice,) = [n for n in await scene.office.requests.notices_of(other) if n.recipient == LEE]
    parked = replace(begun(notice, scene.office.now), state=NoticeState.PARKED)
    scene.office.now += timedelta(seconds=9)
    await scene.office.lists.note_delivery(parked, scene.office.now)
    await scene.office.requests.save_notice(parked)
    before = await scene.rows()
    assert (await scene.rebuild()).written == 0
    assert await scene.rows() == before


@pytest.mark.parametrize("failures", [0, 1])
async def test_the_rows_of_a_notice_that_is_being_sent_are_left_to_its_sender(scene, failures):
    number = scene.numbers[0]
    (notice,) = [n for n in await scene.office.requests.notices_of(number) if n.recipient == DANA]
    for _ in range(failures):
        notice = await tell(scene.office, number, DANA, Result.THROTTLED)
    sending = await scene.office.requests.save_notice(begun(notice, scene.office.now))
    parked = replace(sending, state=NoticeState.PARKED, reason="410 Gone")
    await scene.office.lists.note_delivery(parked, scene.office.now)
    await scene.office.lists.add_waiting(DANA, number)
    await scene.rebuild()
    rows = await scene.rows()
    assert parked_place(parked) in rows
    assert pending_place(parked) not in rows
    assert (key(WAITING, DANA), key(number)) in rows


async def test_a_question_that_belongs_to_no_request_is_listed_too(scene):
    office = scene.office
    question = Notice(NOBODY, 0, Topic.QUESTION, LEE, "May we?", office.now, office.now, sender=DANA)
    await office.requests.add_notice(question)
    await tell(office, NOBODY, LEE, Result.UNREACHABLE)
    written = await scene.standing()
    await no_rows(scene)
    await scene.rebuild()
    assert await scene.standing() == written
    assert NOBODY in await ViewStore(scene.store, lambda: scene.office.now).waiting(LEE)


async def test_progress_counts_requests_and_then_list_rows_up_to_the_whole(scene):
    steps = []
    await scene.rebuild(progress=lambda *step: steps.append(step))
    requests, rows = len(scene.numbers), len(await scene.rows())
    assert steps == [
        *(("requests", done, requests) for done in range(1, requests + 1)),
        *(("list rows", done, rows) for done in range(1, rows + 1)),
    ]


JOURNEYS = [
    [(LEE, "return", {"return_fields": "notes", "return_note": "Please say more."}), (DANA, "withdraw", {})],
    [(LEE, "delegate", {"delegate_to": MIKA}), (MIKA, "approve", {}), (ANA, "assign", {"sme": KOFI})],
    [(LEE, "approve", {}), (ANA, "assign", {"sme": KOFI}), (KOFI, "decline", {"decline_reason": "Away."})],
]


async def test_a_bot_that_changes_requests_at_the_same_time_ends_with_the_same_lists(sqlite):
    store, other = await sqlite(), await sqlite()
    scene = await Scene(await opened_office(store), store).begin()
    office = scene.office
    numbers = list(scene.numbers)
    is_over, tokens = asyncio.Event(), count(100)

    async def work(worker):
        while not is_over.is_set():
            number = await office.submitted(token(next(tokens)))
            numbers.append(number)
            for who, verb, inputs in JOURNEYS[worker % 3]:
                await office.press(who, verb, number, **inputs)
                await office.write_lists(number)

    await no_rows(scene)
    working = asyncio.gather(*(work(n) for n in range(3)))
    seen = 0
    while seen < len(scene.numbers) + 9 and not working.done():
        seen = (await scene.rebuild(other)).requests
    is_over.set()
    await working
    wanted = {}
    for number in numbers:
        request = await office.request(number)
        wanted |= {place: list_row(place, request, removed=False) for place in rows_for(request)}
    besides = (PENDING, PARKED, WAITING, HEARD)
    wanted |= {place: values for place, values in scene.written.items() if place[0].startswith(besides)}
    assert await scene.standing() == wanted
