"""What was heard, on every store: kept once with its notices, listed with what requests tell, and made anew."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.agenda import agenda_id
from bot.domain.feedback import Feedback, Kind
from bot.domain.lifecycle import Topic
from bot.domain.notices import Notice
from state.heard import HeardStore
from state.heard_rows import HEARD, source_of
from state.keys import MAX_PART, key
from state.partitions import partition_of
from state.table import Delete, Put
from state.views_rebuild import ViewsRebuild
from state.work import WorkStore
from tests.domain.office import DANA, KOFI, LEE, MONDAY, PIOTR, SAMIRA, opened_office
from tests.state.engaged import helped, said

# What an address may hold, with signs that keys must not hold; and one that is a hash in keys.
ODD = "o'hara+#?/%_~!é@home.example"
LONG = "@contoso.example".rjust(MAX_PART, "d")
MINUTE = timedelta(minutes=1)
GIVEN = Feedback(MONDAY, Kind.FEEDBACK, "", "CONTOSO", DANA, "The form asks for the tenant twice.\nReally.")


class Clock:
    now = MONDAY

    def __call__(self):
        return self.now


@pytest.fixture
async def store(connect):
    return await connect()


@pytest.fixture
def feedbacks(store):
    clock = Clock()
    return HeardStore(store, WorkStore(store, "tests", clock), clock)


@pytest.fixture
async def office(store):
    return await opened_office(store)


def notice(given, to=SAMIRA):
    return Notice(
        agenda_id(given.by), 7, Topic.FEEDBACK, to, given.text, given.at, given.at, sender=given.by
    )  # fmt: skip


async def everything(feedbacks, since=MONDAY - timedelta(days=9)):
    return [each async for each in feedbacks.heard(since)]


async def lines(store):
    return {row.key: dict(row.values) async for row in store.table("views").scan(HEARD)}


async def rebuilt(office):
    found = await ViewsRebuild(office.store, office.clock, lambda *_: None).run()
    return found.written, found.removed


@pytest.mark.parametrize("email", [DANA, ODD, LONG])
async def test_feedback_is_kept_with_its_notices_and_then_listed(store, office, email):
    given = replace(GIVEN, by=email)
    about = agenda_id(email)
    assert await office.feedbacks.add(given, "activity 1", [notice(given)])
    assert [each.recipient for each in await office.requests.notices_of(about)] == [SAMIRA]
    assert [shard async for shard in store.table("work").partitions()], "somebody looks at it whatever happens"
    assert await everything(office.feedbacks) == []
    await office.write_lists(about)
    assert await everything(office.feedbacks) == [given]
    assert (await office.requests.pending_lists(about))[1] == []
    assert "twice" not in str(await lines(store)), "the words stand in one place alone"


AGAIN = {
    "the same words at once": (0, "another", GIVEN.text, False),
    "the same words within a minute": (59, "another", GIVEN.text, False),
    "the same words later": (61, "another", GIVEN.text, True),
    "the same activity later": (61, "first", GIVEN.text, False),
    "other words": (0, "another", "Thank you.", True),
}


@pytest.mark.parametrize("case", AGAIN)
async def test_the_same_words_within_a_minute_and_the_same_activity_are_kept_once(store, feedbacks, case):
    after, activity, text, is_another = AGAIN[case]
    first = await feedbacks.add(GIVEN, "first", [notice(GIVEN)])
    again = replace(GIVEN, at=MONDAY + timedelta(seconds=after), text=text)
    second = await feedbacks.add(again, activity, [replace(notice(again), revision=8)])
    assert (first, second) == (True, is_another)
    rows = store.table("requests").scan(partition_of(agenda_id(DANA)), "feedback:", "feedback;")
    assert len([row async for row in rows]) == 1 + is_another


async def test_where_activities_have_no_ids_the_same_words_may_come_again_later(feedbacks):
    assert await feedbacks.add(GIVEN, "", [])
    assert await feedbacks.add(replace(GIVEN, at=MONDAY + 2 * MINUTE), "", [])


async def test_the_same_words_sent_at_once_are_kept_once(feedbacks):
    added = await asyncio.gather(*(feedbacks.add(GIVEN, f"activity {n}", [notice(GIVEN)]) for n in range(5)))
    assert sorted(added) == [False] * 4 + [True]


async def test_other_peoples_same_words_are_others(feedbacks):
    assert await feedbacks.add(GIVEN, "1", [])
    assert await feedbacks.add(replace(GIVEN, by=PIOTR), "1", [])


async def test_issues_and_low_ratings_are_listed_with_their_words(store, office):
    number = await helped(office, until="rate")
    await office.write_lists(number)
    rating, issue = await everything(office.feedbacks)
    assert (rating.kind, rating.number, rating.partner, rating.by, rating.stars) == (
        Kind.RATING, number, "CONTOSO", PIOTR, 2,
    )  # fmt: skip
    assert (rating.text, issue.text) == (said("piotr", 1), said("lee", 1))
    assert (issue.kind, issue.number, issue.by, issue.stars) == (Kind.ISSUE, number, LEE, 0)
    assert issue.at < rating.at
    assert await everything(office.feedbacks, rating.at) == [rating]
    assert await everything(office.feedbacks, rating.at + MINUTE) == []


async def test_a_good_rating_is_no_news(office):
    number = await helped(office, until="complete")
    await office.press(DANA, "rate", number, rating="3", rating_comment="Fine.")
    await office.write_lists(number)
    assert [each.kind for each in await everything(office.feedbacks)] == [Kind.ISSUE]


async def test_what_was_reported_before_other_changes_is_listed_although_nobody_looked_in_between(office):
    number = await office.submitted()
    await office.press(DANA, "issue", number, issue_text="Nobody called.")
    await office.press(LEE, "answer", number, answer_text="I call.")
    await office.press(LEE, "approve", number)
    await office.write_lists(number)
    assert [each.text for each in await everything(office.feedbacks)] == ["Nobody called."]


async def test_a_mark_whose_words_are_gone_leads_to_nothing(store, office):
    await office.feedbacks.add(GIVEN, "1", [])
    partition = partition_of(agenda_id(DANA))
    async for row in store.table("requests").scan(partition, "feedback:", "feedback;"):
        await store.table("requests").commit(partition, [Delete(row.key, row.etag)])
    _, marks = await office.requests.pending_lists(agenda_id(DANA))
    assert await office.requests.heard_in(agenda_id(DANA), marks) == []


async def listed(office):
    """Have an issue, a low rating and feedback heard, each on the list as the bot writes it."""
    number = await helped(office, until="rate")
    await office.feedbacks.add(replace(GIVEN, at=office.now), "1", [])
    await office.write_lists(number, agenda_id(DANA))
    return await lines(office.store)


async def test_the_list_is_leafed_through_and_can_be_of_one_kind(office):
    await listed(office)
    newest = office.feedbacks.newest
    kinds, after, seen = [], "", []
    while True:
        found, after = await newest(None, after, 1)
        seen += found
        kinds += [each.kind for each in found]
        if not after:
            break
    assert sorted(kinds) == [Kind.FEEDBACK, Kind.ISSUE, Kind.RATING]
    assert sorted(seen, key=lambda each: each.at, reverse=True) == seen
    assert await newest(None, "", 3) == (seen, "")
    for kind in Kind:
        assert [each.kind for each in (await newest(kind, "", 9))[0]] == [kind]


async def test_only_so_much_of_the_list_is_looked_at_for_a_page(store, office):
    written = await listed(office)
    lost = {"kind": "issue", "about": "CONTOSO-000000", "part": "000001", "at": "-", "partner": "CONTOSO", "schema": 1}
    for start in range(0, 500, 100):
        puts = [Put(f"0000-00-00T000000.000000Z:x:{n:06d}", lost) for n in range(start, start + 100)]
        await store.table("views").commit(HEARD, puts)
    found, after = await office.feedbacks.newest(None, "", 8)
    assert (found, after) == ([], "0000-00-00T000000.000000Z:x:000499")
    found, after = await office.feedbacks.newest(None, after, 8)
    assert (len(found), after) == (len(written), "")


async def test_lines_that_lead_to_nothing_are_passed_over(store, office):
    written = await listed(office)
    for row_key in ("nonsense", "a:b", "a:!!0f:c", "a:CONTOSO-000000:000001", "a:x:y:z", "a::b"):
        await store.table("views").commit(HEARD, [Put(row_key, {"kind": "issue"})])
    assert len(await everything(office.feedbacks)) == len(written)


def test_nonsense_leads_nowhere():
    assert source_of("a:!!0f:c") is None
    assert source_of("a::b") is None
    assert source_of("a:!!0f:c", {"about": agenda_id(LONG)}) == (partition_of(agenda_id(LONG)), "feedback:a:c")


def all_gone(written):
    return dict.fromkeys(written)


def wrong_words(written):
    return {place: {**values, "kind": "x", "surplus": 1} for place, values in written.items()}


def somebody_elses(written):
    return {place: {**values, "about": agenda_id(KOFI)} for place, values in written.items()}


def foreign_rows(_written):
    row = {"kind": "issue", "about": "", "schema": 1}
    places = ("nonsense", "a:!!0f:c", "7:CONTOSO-000000:000001", key("7", "x", "y", "z"))
    return dict.fromkeys(places, row)


@pytest.mark.parametrize("damage", [all_gone, wrong_words, somebody_elses, foreign_rows])
async def test_the_list_is_made_anew_from_histories_and_feedback(store, office, damage):
    written = await listed(office)
    assert await rebuilt(office) == (0, 0)
    views = store.table("views")
    for row_key, values in damage(written).items():
        row = await views.get(HEARD, row_key)
        etag = row.etag if row else None
        await views.commit(HEARD, [Put(row_key, values, etag) if values else Delete(row_key, etag)])
    assert await rebuilt(office) != (0, 0)
    assert await lines(store) == written
    assert await rebuilt(office) == (0, 0)
