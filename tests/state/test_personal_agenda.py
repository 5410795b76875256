"""What is kept of people's agendas is told to them, and goes with them; other people's agendas stay."""

import json
from dataclasses import replace

import pytest

from bot.domain.agenda import agenda_id
from bot.domain.lifecycle import Topic
from bot.domain.notices import Notice, NoticeState
from state.erasure import Erasure
from state.keys import key
from state.personal_data import all_rows
from state.personal_export import personal_data
from state.requests import partition_of
from tests.domain.office import ANA, LEE, MIKA, RENEE
from tests.state.town import BreakingStore, acted_for_each_other, silent, town_on


@pytest.fixture
async def town(store, tmp_path):
    return await town_on(store, tmp_path)


@pytest.fixture
async def story(town):
    """Give the numbers of a request of Renee's and one of Mika's; each was decided by the cover."""
    renees, mikas, _ = await acted_for_each_other(town)
    return renees, mikas


async def own_rows(town, email):
    """Return the places of the rows that are kept for a person's agenda, in whichever table."""
    about, partition = key(agenda_id(email)), partition_of(agenda_id(email))
    return {
        (name, row.partition, row.key)
        async for name, row in all_rows(town.store)
        if row.partition == partition or about in row.key.split(":")
    }


async def test_an_agenda_goes_with_its_person_and_with_all_that_was_planned_for_it(town, story):
    kinds = {(name, row_key.partition(":")[0]) for name, _, row_key in await own_rows(town, RENEE)}
    assert kinds >= {("requests", "agenda"), ("requests", "meanwhile"), ("requests", "notice")}
    assert [name for name, _, _ in await own_rows(town, RENEE)].count("work") > 1
    of_ana = await own_rows(town, ANA)
    await town.erase(RENEE)
    assert await own_rows(town, RENEE) == set()
    assert await own_rows(town, ANA) == of_ana


async def test_what_is_kept_for_the_person_meanwhile_goes_as_well(town, story):
    office, renee = town.office, await town.office.person(RENEE)
    done = []

    async def meanwhile(partition, _changes):
        if partition == partition_of(agenda_id(RENEE)) and not done:
            done.append(partition)
            await office.desk.agendas.switch_briefs(renee, is_on=False)
            await office.agendas.note_meanwhile(RENEE, story[0], 1)
            await office.requests.look_at(agenda_id(RENEE), office.now)

    store = BreakingStore(town.store, 1_000, meanwhile)
    await Erasure(store, town.folder, office.clock, silent).run(RENEE)
    assert done
    assert await own_rows(town, RENEE) == set()
    assert await town.standing(RENEE) == []


async def test_words_that_did_not_reach_the_person_are_listed_no_more(town, story):
    now = town.office.now
    about = agenda_id(RENEE)
    for topic, after in ((Topic.BRIEF, {"state": NoticeState.PARKED}), (Topic.REMINDER, {"attempts": 2})):
        told = Notice(about, 7, topic, RENEE, "Your morning brief", now, now, listed=story, **after)
        await town.office.requests.add_notice(told)
        await town.office.lists.note_delivery(told, now)
    assert [place[0] for place in await own_rows(town, RENEE)].count("views") == 2
    assert await town.rebuild() == (0, 0)
    await town.erase(RENEE)
    assert await own_rows(town, RENEE) == set()
    assert await town.rebuild() == (0, 0)


async def test_other_peoples_agendas_keep_their_covers_without_the_address(town, story):
    before = {email: await town.office.agendas.load(email) for email in (LEE, MIKA)}
    meanwhile = await town.office.agendas.meanwhile(MIKA)
    erased = await town.erase(RENEE)
    lee, mika = [await town.office.agendas.load(email) for email in (LEE, MIKA)]
    assert [replace(each, fpm=RENEE) for each in lee.covering] == [*before[LEE].covering]
    assert [(each.fpm, each.cover) for each in mika.away] == [(MIKA, erased.pseudonym)]
    assert replace(mika, etag="", away=before[MIKA].away) == replace(before[MIKA], etag="")
    assert await town.office.agendas.meanwhile(MIKA) == meanwhile == [(story[1], 2)]


async def test_whose_cover_is_erased_is_told_what_was_decided_all_the_same(town, story):
    await town.erase(RENEE)
    await town.office.desk.agendas.look(MIKA)
    *_, back = await town.office.requests.notices_of(agenda_id(MIKA))
    line = f"{story[1]} for Wingtip Toys: approved by Erased person for Mika Tanaka"
    assert (back.topic, back.sentence.split("\n")[1]) == (Topic.BACK, line)


async def test_the_copy_of_a_card_about_several_requests_loses_the_name_and_nothing_else(town, story):
    now = town.office.now
    lines = [f"{story[0]} for Wingtip Toys: approved by Renee Carter", f"{story[1]} for Renee Ltd: denied by Lee Park"]
    sentence = "\n".join(["Your morning brief", *lines])
    notice = Notice(story[0], 7, Topic.BRIEF, ANA, sentence, now, now, state=NoticeState.DELIVERED, listed=story)
    await town.office.requests.add_notice(notice)
    await town.erase(RENEE)
    [after] = [each for each in await town.office.requests.notices_of(story[0]) if each.revision == 7]
    assert after.sentence.split("\n") == [
        "Your morning brief",
        lines[0].replace("Renee Carter", "Erased person"),
        lines[1],
    ]
    assert (after.listed, after.recipient, after.topic) == (story, ANA, Topic.BRIEF)


async def test_how_promises_were_kept_stays_in_the_history(town, story):
    approved = [(await town.office.requests.history(number))[1] for number in story]
    assert approved[1].by == RENEE
    assert {f"N4_{told}" for told in ("due", "raw", "net")} < approved[1].details.keys()
    await town.erase(RENEE)
    for number, before in zip(story, approved, strict=True):
        after = (await town.office.requests.history(number))[1]
        assert {name: text for name, text in after.details.items() if name.startswith("N")} == {
            name: text for name, text in before.details.items() if name.startswith("N")
        }
    assert await town.faults() == []


async def test_the_export_tells_of_the_agenda(town, story):
    await town.office.desk.agendas.switch_briefs(await town.office.person(RENEE), is_on=False)
    data = await personal_data(town.store, RENEE, None, town.office.now)
    agenda = data["agenda"]
    assert (agenda["has_briefs"], agenda["revision"]) == (False, 1)
    assert [(cover[:2]) for cover in agenda["away"] + agenda["covering"]] == [[RENEE, LEE], [MIKA, RENEE]]
    assert [(each["number"], each["event"]) for each in data["meanwhile"]] == [(story[0], 2)]
    assert {told["topic"] for told in data["notices"]} >= {"covering"}
    named = [place for place in data["also_named_in"] if place.endswith(" agenda")]
    assert named == [f"requests: person:{email} agenda" for email in (LEE, MIKA)]
    assert json.loads(json.dumps(data)) == data
    ana = await personal_data(town.store, ANA, None, town.office.now)
    assert (ana["agenda"]["has_briefs"], ana["meanwhile"]) == (True, [])


async def test_of_whom_no_agenda_is_kept_none_is_told(town):
    assert (await personal_data(town.store, RENEE, None, town.office.now))["agenda"] is None


async def test_agendas_go_from_either_store(connect, tmp_path):
    town = await town_on(await connect(), tmp_path)
    await acted_for_each_other(town)
    await town.erase(RENEE)
    assert await own_rows(town, RENEE) == set()
    assert await town.standing(RENEE, "Renee Carter") == []
    assert await town.faults() == []
    assert await town.rebuild() == (0, 0)
