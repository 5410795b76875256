"""One request in full: each part shows a reader what is theirs to know, a page at a time."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.errors import Refusal
from bot.domain.lifecycle import Topic
from bot.domain.lookup import NOT_FOUND
from bot.domain.notices import Notice, NoticeState, Way
from bot.domain.record import MOST_ENGAGEMENTS, MOST_ON_A_PAGE, Outcome, Part
from tests.domain.helping import completed, proposed
from tests.domain.office import ANA, ARJUN, DANA, JOSHUA, KOFI, LAURA, LEE, PIOTR, SAMIRA

MINUTE = timedelta(minutes=1)
OUTSIDER = "desk@contoso-consulting.example"


async def record(office, who, number, part="", page=1):
    return await office.desk.records.of(await office.person(who), number, part, page)


async def tell_everybody(office, number):
    """Have every notice of a request told in Teams."""
    for notice in await office.requests.notices_of(number):
        told = replace(notice, state=NoticeState.DELIVERED, way=Way.TEAMS, told_at=office.now, activity_id="a:1")
        await office.requests.save_notice(told)


async def add(office, number, topic, recipient, revision=1, **changes):
    notice = Notice(number, revision, topic, recipient, "Secret words.", office.now, office.now)
    await office.requests.save_notice(replace(notice, **changes))


async def seen(office, who, number):
    """Return the topics and names of the notices that a reader may know of."""
    return [(told.topic, told.name) for told in (await record(office, who, number, "notices")).notices]


@pytest.mark.parametrize("number", ["", "nonsense", "CONTOSO-000000"])
async def test_an_unknown_number_and_somebody_elses_are_the_same_answer(office, number):
    theirs = await office.submitted()
    for wanted in (number, theirs):
        with pytest.raises(Refusal, match="I know no such request") as refused:
            await record(office, JOSHUA, wanted)
        assert refused.value.sentence == NOT_FOUND


async def test_every_event_stands_there_the_latest_first_a_page_at_a_time(office):
    number = await office.submitted()
    for n in range(MOST_ON_A_PAGE + 1):
        await office.press(DANA, "issue", number, issue_text=f"Issue {n}")
    first, second = [await record(office, DANA, number, "history", page) for page in (1, 2)]
    assert [event.number for event in first.events] == list(range(17, 2, -1))
    assert [event.number for event in second.events] == [2, 1]
    assert (first.page, second.page, first.pages) == (1, 2, 2)


@pytest.mark.parametrize("page", [-1, 0, 3, 9_999])
async def test_a_page_or_part_that_is_not_there_is_the_first(office, page):
    number = await office.submitted()
    found = await record(office, DANA, number, "nonsense", page)
    assert (found.part, found.page, found.pages) == (Part.HISTORY, 1, 1)
    assert found.parts == (Part.HISTORY, Part.PROMISES, Part.NOTICES)
    assert (await record(office, DANA, number, "engagements")).part is Part.HISTORY


async def test_the_sme_sees_the_own_promises_and_the_others_see_all(office):
    number = await office.assigned()
    for who in (DANA, LEE, ANA, SAMIRA):
        found = await record(office, who, number, "promises")
        assert {each.id for each in found.promises} == {"N1", "N4", "N5", "N8"}, who
    assert [each.id for each in (await record(office, KOFI, number, "promises")).promises] == ["N8"]


async def test_promises_stand_there_by_their_dates_the_latest_first(office):
    number = await office.assigned()
    due = [each.due for each in (await record(office, LEE, number, "promises")).promises]
    assert due == sorted(due, reverse=True)


async def test_who_decides_or_watches_sees_every_notice_the_partner_its_own_and_the_sme_their_own(office):
    number = await office.assigned(contact_email=OUTSIDER)
    await tell_everybody(office, number)
    everything = await seen(office, LEE, number)
    assert {name for _, name in everything} >= {"Dana Reyes", OUTSIDER, "Lee Park", "Ana Souza", "Kofi Mensah"}
    for who in (ANA, SAMIRA):
        assert await seen(office, who, number) == everything
    assert {name for _, name in await seen(office, DANA, number)} == {"Dana Reyes", OUTSIDER}
    assert await seen(office, PIOTR, number) == await seen(office, DANA, number)
    assert await seen(office, KOFI, number) == [(Topic.PING, "Kofi Mensah")]


async def test_a_colleague_who_was_told_is_of_the_partner_and_who_has_left_is_not_known_to_be(office):
    number = await office.submitted()
    await add(office, number, Topic.NEWS, PIOTR)
    await add(office, number, Topic.NEWS, JOSHUA)
    await add(office, number, Topic.NEWS, "left@contoso-consulting.example")
    told = [name for topic, name in await seen(office, DANA, number) if topic is Topic.NEWS]
    assert told == ["Piotr Zieliński"]


async def test_a_notice_says_of_which_event_it_tells_and_no_text_of_it(office):
    number = await office.approved()
    await add(office, number, Topic.REMINDER, LEE, revision=1)
    found = (await record(office, LEE, number, "notices")).notices
    assert {(told.topic, told.event.action.value if told.event else "") for told in found} == {
        (Topic.RECEIPT, "submit"),
        (Topic.DECISION, "submit"),
        (Topic.NEWS, "approve"),
        (Topic.ASSIGNMENT, "approve"),
        (Topic.REMINDER, ""),
    }
    assert "Secret words" not in str(found)


async def test_what_was_asked_for_is_no_notice(office):
    number = await office.submitted()
    await tell_everybody(office, number)
    before = await seen(office, LEE, number)
    for topic in (Topic.STATUS, Topic.QUESTION, Topic.FAN_OUT):
        await add(office, number, topic, LEE)
    assert await seen(office, LEE, number) == before


async def test_those_whom_a_fan_out_is_for_are_on_the_way_of_being_told(office):
    number = await office.submitted()
    await add(office, number, Topic.FAN_OUT, "0", told=((Topic.ASSIGNMENT, ANA), (Topic.NEWS, DANA)))
    assert {(Topic.ASSIGNMENT, "Ana Souza"), (Topic.NEWS, "Dana Reyes")} <= set(await seen(office, LEE, number))


async def test_that_help_was_rated_is_for_the_partner_the_fpm_and_the_programme(office):
    number = await completed(office)
    await office.press(DANA, "rate", number, rating="1", rating_comment="Nobody came.")
    await office.press(LEE, "answer", number, answer_text="I am sorry.")
    rated, answered = [(await office.request(number)).revision - back for back in (1, 0)]
    for revision in (rated, answered):
        await add(office, number, Topic.NEWS, SAMIRA, revision)
        await add(office, number, Topic.NEWS, KOFI, revision)
    private = {"rate", "answer"}
    for who, may_know in ((LEE, True), (SAMIRA, True), (ANA, False), (KOFI, False)):
        found = (await record(office, who, number, "notices")).notices
        actions = {told.event.action.value for told in found if told.event}
        assert (actions & private == private) is may_know, who


DELIVERED, PENDING = {"state": NoticeState.DELIVERED}, {"state": NoticeState.PENDING}
OUTCOMES = {
    "a card": (DELIVERED | {"way": Way.TEAMS}, Outcome.TEAMS),
    "a card of an earlier version that a newer one has followed": (DELIVERED, Outcome.TEAMS),
    "a mail": (DELIVERED | {"way": Way.MAIL, "reason": "has no chat"}, Outcome.MAIL),
    "a mail meanwhile": (PENDING | {"way": Way.MAIL, "reason": "429"}, Outcome.MAIL),
    "on its way": (PENDING | {"reason": "429"}, Outcome.WAITS),
    "overtaken": (DELIVERED | {"reason": "overtaken"}, Outcome.NOT_NEEDED),
    "parked": ({"state": NoticeState.PARKED, "reason": "403 blocked"}, Outcome.NOT_REACHED),
}


@pytest.mark.parametrize("case", OUTCOMES)
async def test_a_notice_says_what_became_of_it(office, case):
    changes, outcome = OUTCOMES[case]
    number = await office.submitted()
    await add(office, number, Topic.NEWS, PIOTR, **changes)
    for who, may_read in ((LEE, True), (DANA, False)):
        found = (await record(office, who, number, "notices")).notices
        (told,) = [each for each in found if each.topic is Topic.NEWS]
        assert told.outcome is outcome
        is_shown = may_read and outcome in {Outcome.WAITS, Outcome.NOT_REACHED}
        assert told.reason == (changes["reason"] if is_shown else "")


async def test_notices_stand_there_in_the_order_of_telling_the_latest_first(office):
    number = await office.submitted()
    for n in range(MOST_ON_A_PAGE):
        await add(office, number, Topic.NEWS, PIOTR, 10 + n, told_at=office.now + n * MINUTE)
    first = await record(office, LEE, number, "notices")
    assert first.pages == 2
    at = [told.at or told.since for told in first.notices]
    assert at == sorted(at, reverse=True)
    second = await record(office, LEE, number, "notices", 2)
    assert len(first.notices) + len(second.notices) == MOST_ON_A_PAGE + 2


async def test_of_engagements_an_sme_sees_the_own_and_the_others_all(office):
    number = await office.assigned(LAURA)
    await office.press(LAURA, "decline", number, decline_reason="On leave.")
    await office.press(ANA, "assign", number, sme=KOFI)
    found = await record(office, DANA, number, "engagements")
    assert [each.sme for each in found.engagements] == [KOFI, LAURA]
    assert {found.view.name_of(each.sme) for each in found.engagements} == {"Kofi Mensah", "Laura Bianchi"}
    assert [each.sme for each in (await record(office, KOFI, number, "engagements")).engagements] == [KOFI]
    await office.people.remove(await office.person(LAURA))
    assert (await record(office, DANA, number, "engagements")).view.name_of(LAURA) == LAURA


async def test_many_engagements_are_leafed_through(office):
    number = await office.approved()
    for _ in range(MOST_ENGAGEMENTS + 1):
        await office.press(ANA, "assign", number, sme=KOFI)
        await office.press(KOFI, "decline", number, decline_reason="No.")
    ids = [[e.id for e in (await record(office, LEE, number, "engagements", page)).engagements] for page in (1, 2)]
    assert ids == [[f"{number}.{place}" for place in (5, 4, 3, 2)], [f"{number}.1"]]


async def test_earlier_requests_are_a_part_of_their_own_before_there_is_an_engagement(office):
    await office.submitted()
    number = await office.submitted(token="ab" * 16)
    for who in (DANA, LEE, SAMIRA):
        assert Part.ENGAGEMENTS in (await record(office, who, number)).parts


async def test_help_that_was_proposed_has_a_record_as_well(office):
    number = await proposed(office)
    found = await record(office, DANA, number, "engagements")
    assert [each.sme for each in found.engagements] == [KOFI]
    assert (await record(office, DANA, number, "promises")).promises == []
    with pytest.raises(Refusal):
        await record(office, ARJUN, number)
