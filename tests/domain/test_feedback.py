"""Feedback at the desk: kept once, told to the programme team, and read by it with issues and low ratings."""

import pytest

from bot.domain.agenda import agenda_id
from bot.domain.errors import Mistake, Refusal
from bot.domain.feedback import Feedback, Kind
from bot.domain.feedback_desk import FOR_THE_PROGRAMME, HOW, MOST_ON_A_PAGE
from bot.domain.lifecycle import Topic
from bot.domain.people import ERASED_NAME, Person, Role
from tests.domain.helping import completed
from tests.domain.office import DANA, HOME, HOURS, KOFI, LEE, SAMIRA

WORDS = "The form asks for the tenant twice."
EMOJI = "\U0001f600"
TEAMMATE = Person("nora@fasttrack.example", "Nora", frozenset({Role.PROGRAM}), HOME)


async def give(office, who, text=WORDS, activity=""):
    await office.desk.feedback.give(await office.person(who), text, activity)
    await office.write_lists(agenda_id(who))


async def told(office, who):
    return [(n.topic, n.recipient, n.sentence) for n in await office.requests.notices_of(agenda_id(who))]


async def heard(office, who=SAMIRA, kind="", after=""):
    return await office.desk.feedback.heard(await office.person(who), kind, after)


async def said(office, **which):
    return [(each.kind, each.text) for each in (await heard(office, **which)).said]


@pytest.mark.parametrize("who", [DANA, LEE, KOFI])
async def test_feedback_reaches_everybody_of_the_programme_team(office, who):
    await office.people.register(TEAMMATE)
    office.nudged.clear()
    await give(office, who)
    assert sorted(await told(office, who)) == [
        (Topic.FEEDBACK, TEAMMATE.email, WORDS),
        (Topic.FEEDBACK, SAMIRA, WORDS),
    ]
    assert office.nudged == [agenda_id(who)]


async def test_whoever_is_of_the_team_is_not_told_what_they_said_themselves(office):
    await give(office, SAMIRA)
    assert await told(office, SAMIRA) == []
    assert await said(office) == [(Kind.FEEDBACK, WORDS)]


async def test_the_same_words_twice_are_told_once_and_others_as_well(office):
    for text in (WORDS, f"  {WORDS} ", "Thank you."):
        await give(office, DANA, text)
    assert sorted(text for _, _, text in await told(office, DANA)) == ["Thank you.", WORDS]
    assert len(office.nudged) == 2


@pytest.mark.parametrize("text", ["", "  \n ", "\u200b"])
async def test_words_are_needed(office, text):
    with pytest.raises(Mistake) as refused:
        await give(office, DANA, text)
    assert refused.value.sentence == HOW
    assert await told(office, DANA) == []


async def test_words_are_as_many_as_the_channel_counts(office):
    await give(office, DANA, EMOJI * 1_000)
    with pytest.raises(Mistake, match="2,002"):
        await give(office, DANA, EMOJI * 1_001)


async def test_what_was_heard_stands_there_the_latest_first_with_names(office):
    await give(office, DANA)
    office.now += HOURS
    number = await completed(office)
    await office.press(DANA, "issue", number, issue_text="Nobody called.")
    office.now += HOURS
    await office.press(DANA, "rate", number, rating="1", rating_comment="It took weeks.")
    await office.write_lists(number)
    everything = [(Kind.RATING, "It took weeks."), (Kind.ISSUE, "Nobody called."), (Kind.FEEDBACK, WORDS)]
    assert await said(office) == everything
    assert await said(office, kind="nonsense") == everything
    for kind, text in everything:
        assert await said(office, kind=kind) == [(kind, text)]
    page = await heard(office)
    assert page.names == {DANA: "Dana Reyes"}
    assert (page.kind, page.after, page.is_first) == (None, "", True)


async def test_many_are_leafed_through(office):
    for n in range(MOST_ON_A_PAGE + 1):
        office.now += HOURS
        await give(office, DANA, f"Word {n}")
    first = await heard(office)
    second = await heard(office, after=first.after)
    assert [each.text for each in first.said] == [f"Word {n}" for n in range(MOST_ON_A_PAGE, 0, -1)]
    assert [each.text for each in second.said] == ["Word 0"]
    assert (second.after, second.is_first) == ("", False)


@pytest.mark.parametrize("who", [DANA, LEE, KOFI])
async def test_what_was_heard_is_for_the_programme_team(office, who):
    with pytest.raises(Refusal) as refused:
        await heard(office, who)
    assert refused.value.sentence == FOR_THE_PROGRAMME


async def test_whoever_has_left_is_named_by_the_address_and_who_is_erased_not_at_all(office):
    await give(office, DANA)
    office.now += HOURS
    await office.people.remove(await office.person(DANA))
    assert (await heard(office)).names == {DANA: DANA}
    gone = "0123456789@erased.invalid"
    await office.feedbacks.add(Feedback(office.now, Kind.FEEDBACK, "", "", gone, WORDS), "", [])
    await office.write_lists(agenda_id(gone))
    assert (await heard(office)).names == {DANA: DANA, gone: ERASED_NAME}
