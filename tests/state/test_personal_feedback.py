"""What somebody has said of the service is told to them, and goes with them; what others said stays."""

import pytest

from bot.domain.agenda import agenda_id
from bot.domain.lifecycle import Topic
from bot.domain.notices import NoticeState
from state.heard_rows import HEARD
from state.partitions import partition_of
from state.personal_data import all_rows
from state.personal_export import personal_data
from tests.domain.office import DANA, LEE, PIOTR, SAMIRA
from tests.state.town import town_on

WORDS = "The form asks for the tenant twice, and nobody knows why."


@pytest.fixture
async def town(store, tmp_path):
    return await town_on(store, tmp_path)


async def said(town, *people):
    for who in people:
        await town.office.desk.feedback.give(await town.office.person(who), f"{WORDS} {who[:4]}", "")
        await town.office.write_lists(agenda_id(who))


async def exported(town, who):
    return await personal_data(town.store, who, None, town.office.now)


async def test_a_persons_feedback_is_told_to_them(town):
    await said(town, PIOTR, LEE)
    data = await exported(town, PIOTR)
    assert [(each["text"], each["partner"]) for each in data["feedback"]] == [(f"{WORDS} piot", "CONTOSO")]
    assert (await exported(town, DANA))["feedback"] == []


async def test_a_persons_feedback_goes_with_them_and_others_stays(town):
    await said(town, PIOTR, LEE)
    await town.erase(PIOTR)
    places = {(row.partition, row.key.partition(":")[0]) async for _, row in all_rows(town.store)}
    assert not [place for place in places if place[0] == partition_of(agenda_id(PIOTR))]
    assert {(partition_of(agenda_id(LEE)), kind) for kind in ("feedback", "op", "notice")} <= places
    texts = [each.text async for each in town.office.feedbacks.heard(town.office.now)]
    assert texts == [f"{WORDS} lee."]
    assert await town.rebuild() == (0, 0)
    assert len([row async for name, row in all_rows(town.store) if (name, row.partition) == ("views", HEARD)]) == 1


async def test_feedback_that_was_to_be_told_to_whoever_is_erased_stays_with_who_gave_it(town):
    await said(town, LEE)
    await town.erase(SAMIRA)
    (notice,) = await town.office.requests.notices_of(agenda_id(LEE))
    assert (notice.topic, notice.state, notice.sentence) == (Topic.FEEDBACK, NoticeState.DELIVERED, f"{WORDS} lee.")
    assert SAMIRA not in str(notice)
    assert (await exported(town, LEE))["feedback"]
