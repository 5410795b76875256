"""One request in full: opened from its card, leafed through, and shown to each as far as it is theirs to know."""

import pytest

from tests.stories.journey import accepted, submitted
from tests.stories.living_cards import check_every_card

DAY = 24 * 3600


async def opened(person, number, part=""):
    """Open a request in full from its status card; return the card."""
    await person.say(f"status {number}")
    await person.press("record", showing=number)
    if part:
        await person.press(part, on=person.newest_card)
    return person.newest_card


async def test_everybody_reads_what_is_theirs(bot):
    dana, lee, ana, kofi, samira = await bot.people(
        "Dana Reyes", "Lee Park", "Ana Souza", "Kofi Mensah", "Samira Haddad"
    )
    number = await accepted(dana, lee, ana, kofi)
    await check_every_card(bot)

    await dana.say(f"status {number}")
    status = dana.newest_card
    before = len(dana.chat)
    await dana.press("record", on=status)
    assert len(dana.chat) == before + 1, "the card it was opened from stays"
    record = dana.newest_card
    for line in ("Accepted by Kofi Mensah", "Assigned to Kofi Mensah", "Approved by Lee Park", "Submitted by Dana"):
        assert line in record.words

    await dana.press("Promises", on=record)
    assert len(dana.chat) == before + 1, "its own buttons change it in place"
    for line in ("First look by", "Decision by", "SME reply by", "Contact by", "Receipt by", "Kept: Approved by Lee"):
        assert line in record.words
    await dana.press("Notices", on=record)
    assert "Dana Reyes · Receipt: submitted" in record.words
    assert "Lee Park" not in record.words
    await dana.press("Engagements", on=record)
    assert "Kofi Mensah · Active" in record.words
    await dana.press("Back to the request", on=record)
    assert dana.newest_card.button("record")

    for person in (lee, ana, samira):
        notices = await opened(person, number, "Notices")
        for line in ("Lee Park · Asked to decide", "Ana Souza · Asked to assign", "Kofi Mensah · Asked to help"):
            assert line in notices.words
    promises = await opened(kofi, number, "Promises")
    assert "SME reply by" in promises.words
    assert "First look by" not in promises.words
    notices = await opened(kofi, number, "Notices")
    assert "Kofi Mensah · Asked to help" in notices.words
    assert "Dana Reyes ·" not in notices.words
    await check_every_card(bot)


async def test_a_long_history_is_leafed_through(bot):
    dana, _ = await bot.people("Dana Reyes", "Lee Park")
    number = await submitted(dana)
    for n in range(16):
        if n % 8 == 0:
            await bot.advance(61)
        await dana.forge_press("issue", number, n + 1, issue_text=f"Issue {n:02}.")
    await bot.advance(61)
    record = await opened(dana, number)
    assert "Issue 15." in record.words
    assert "Submitted by" not in record.words
    await dana.press("Next page", on=record)
    assert "Submitted by Dana Reyes" in record.words
    await dana.press("Previous page", on=record)
    assert "Issue 15." in record.words


async def test_an_old_client_that_sends_messages_leafs_in_place_as_well(bot):
    dana, _ = await bot.people("Dana Reyes", "Lee Park")
    number = await submitted(dana)
    record = await opened(dana, number)
    before = len(dana.chat)
    sent = {"verb": "record", "request": number, "part": "promises", "page": "1"}
    await dana.forge(sent, reply_to=record.id)
    assert "First look by" in record.words
    assert len(dana.chat) == before


@pytest.mark.parametrize("part", ["", "history", "notices", "nonsense"])
async def test_somebody_elses_request_and_an_unknown_one_are_the_same_answer(bot, part):
    dana, joshua, _ = await bot.people("Dana Reyes", "Joshua Whitfield", "Lee Park")
    number = await submitted(dana)
    answers = {
        await joshua.forge_invoke({"action": {"type": "Action.Execute", "verb": "record", "data": data}})
        for wanted in (number, "CONTOSO-000000", "x", "")
        for data in ({"verb": "record", "request": wanted, "part": part, "page": "1"},)
    }
    (answer,) = answers
    assert "no such request" in answer
    assert await joshua.forge({"verb": "record", "request": number}) == answer


@pytest.mark.parametrize("data", [{"page": "-1"}, {"page": "9999"}, {"page": 2}, {"page": "9" * 5000}, {"part": ["x"]}])
async def test_a_page_that_is_not_there_is_the_first(bot, data):
    dana, _ = await bot.people("Dana Reyes", "Lee Park")
    number = await submitted(dana)
    pressed = {"verb": "record", "request": number, "part": "history", **data}
    answer = await dana.forge_invoke({"action": {"type": "Action.Execute", "verb": "record", "data": pressed}})
    assert "Submitted by Dana Reyes" in answer
