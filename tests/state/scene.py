"""An office with a history, its lists as the bot wrote them, and the damages that may come to them."""

from dataclasses import replace

from bot.domain.delivery import Attempt, Result, begun, mailed, settled_by
from bot.domain.lifecycle import Topic
from bot.domain.notices import WAITING as WAITING_TOPICS
from state.keys import inverted, key, stamp
from state.table import Delete, Put
from state.views import PARKED, PENDING, WAITING, list_row, parked_place, pending_place, waiting_place
from state.views_rebuild import ViewsRebuild
from tests.domain.office import ANA, DANA, HOURS, KOFI, LEE, MIKA, PIOTR

NOBODY = "CONTOSO-000000"


def token(n):
    return f"{n:032x}"


async def tell(office, number, email, result, reason="no luck"):
    """Try to deliver a person's notice, and write what comes of it in the courier's order: its rows, its state."""
    (notice,) = [n for n in await office.requests.notices_of(number) if n.recipient == email]
    sending = await office.requests.save_notice(begun(notice, office.now))
    after = settled_by(sending, Attempt(result, reason), office.now, 1)
    if after is None:
        if notice.topic in WAITING_TOPICS:
            await office.lists.add_waiting(email, number)
        after = mailed(sending, reason)
    await office.lists.note_delivery(after, office.now)
    return await office.requests.save_notice(after)


async def make_history(office):
    """Let requests come into every kind of list and leave them, and notices get stuck in every way."""
    numbers = [await office.submitted(token(n)) for n in range(6)]
    approved, assigned, denied, delegated, returned = numbers[1:]
    await office.write_lists(*numbers)
    for number, result in zip(
        numbers, [Result.THROTTLED, Result.REFUSED, Result.UNREACHABLE, Result.DELIVERED], strict=False
    ):
        await tell(office, number, LEE, result)
    office.now += HOURS
    for number in (approved, assigned):
        await office.press(LEE, "approve", number)
    await office.write_lists(approved, assigned)
    await office.press(ANA, "assign", assigned, sme=KOFI)
    await office.press(LEE, "deny", denied, deny_reason="out_of_scope")
    await office.press(LEE, "delegate", delegated, delegate_to=MIKA)
    await office.press(LEE, "return", returned, return_fields="notes", return_note="Please say more.")
    await office.press(DANA, "issue", assigned, issue_text="Nobody called.")
    await office.write_lists(*numbers)
    return numbers


class Scene:
    """An office with a history, and its lists as the bot wrote them."""

    def __init__(self, office, store):
        self.office, self.store = office, store
        self.views = store.table("views")

    async def begin(self):
        self.numbers = await make_history(self.office)
        self.written = await self.standing()
        return self

    async def rows(self):
        found = {}
        async for partition in self.views.partitions():
            async for row in self.views.scan(partition):
                found[partition, row.key] = row
        return found

    async def standing(self):
        return {place: dict(r.values) for place, r in (await self.rows()).items() if not r.values.get("removed")}

    async def put(self, place, **values):
        row = await self.views.get(*place)
        await self.views.commit(place[0], [Put(place[1], values, row.etag if row else None)])

    async def delete(self, place):
        row = await self.views.get(*place)
        await self.views.commit(place[0], [Delete(place[1], row.etag)])

    async def rebuild(self, store=None, progress=lambda *_: None):
        return await ViewsRebuild(store or self.store, self.office.clock, progress).run()


async def no_rows(scene):
    for place in await scene.rows():
        await scene.delete(place)


async def every_second_row_is_missing(scene):
    for place in list(scene.written)[::2]:
        await scene.delete(place)


def revisions_off_by(much):
    async def revisions_are_off(scene):
        for place, values in scene.written.items():
            if "revision" in values:
                await scene.put(place, **values | {"revision": values["revision"] + much})

    return revisions_are_off


async def wrong_words(scene):
    for place, values in scene.written.items():
        if "customer" in values:
            await scene.put(place, **values | {"customer": "Somebody Else", "number": NOBODY, "surplus": 1})


async def rows_of_no_shape(scene):
    for place in scene.written:
        if place[0] not in {PENDING, PARKED}:
            await scene.put(place, word="?")


async def tombstones_everywhere(scene):
    for place, values in scene.written.items():
        if "revision" in values:
            removed_at = (scene.office.now + HOURS).isoformat()
            await scene.put(place, **values | {"removed": True, "revision": 99, "removed_at": removed_at})


async def foreign_rows(scene):
    some = next(values for values in scene.written.values() if "revision" in values)
    for partition in ("partner:CONTOSO", "inbox:somebody@else.example", "assigner:MARS", "sme:nobody@else.example"):
        for row_key in (
            key(stamp(scene.office.now), NOBODY),
            "nonsense",
            "a:b:c:d",
            "a:!!0f",
            key("", scene.numbers[0]),
        ):
            await scene.put((partition, row_key), **some)
    about = (NOBODY, LEE, Topic.DECISION)
    await scene.put((PENDING, key(stamp(scene.office.now), *about)), number=NOBODY, since=some["at"])
    await scene.put((PARKED, key(inverted(scene.office.now), *about)), number=NOBODY, since=some["at"])
    await scene.put((PARKED, "nonsense"), number=NOBODY, since=some["at"])
    await scene.put((key(WAITING, DANA), key(NOBODY)), number=NOBODY)
    for email, number in ((PIOTR, scene.numbers[0]), (DANA, scene.numbers[0]), (LEE, scene.numbers[3])):
        await scene.put(waiting_place(email, number), number=number)


async def requests_in_lists_they_have_left(scene):
    for number in scene.numbers:
        request = await scene.office.request(number)
        for partition in (key("inbox", PIOTR), key("assigner", "APJ"), key("sme", DANA), key("inbox", MIKA)):
            place = (partition, key(stamp(scene.office.now), number))
            await scene.put(place, **list_row(place, request, removed=False) | {"revision": 1, "status": "submitted"})


async def notices_listed_under_another_time(scene):
    for number in scene.numbers:
        for notice in await scene.office.requests.notices_of(number):
            earlier = replace(notice, created_at=notice.created_at - HOURS)
            await scene.put(pending_place(earlier), number=number, since=scene.office.now.isoformat())
            await scene.put(parked_place(earlier), number=number, since=scene.office.now.isoformat())


DAMAGES = [
    no_rows,
    every_second_row_is_missing,
    revisions_off_by(1),
    revisions_off_by(-1),
    wrong_words,
    rows_of_no_shape,
    tombstones_everywhere,
    foreign_rows,
    requests_in_lists_they_have_left,
    notices_listed_under_another_time,
]
