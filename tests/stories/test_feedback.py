"""Feedback from everybody: it reaches the programme team once, beside the issues and low ratings of requests."""

import pytest

from tests.stories.activities import activity_of
from tests.stories.journey import submitted
from tests.stories.living_cards import check_every_card

WORDS = "The form asks for the tenant twice - why?\nAnd it is slow."


async def test_feedback_reaches_the_programme_team_and_is_thanked_for(bot):
    dana, lee, samira = await bot.people("Dana Reyes", "Lee Park", "Samira Haddad")
    for person in (dana, lee):
        answer = await person.say(f"Feedback: {WORDS} ({person.name})")
        assert answer == "Thank you: your words are on their way to the programme team."
    await bot.advance(0)
    for person in (dana, lee):
        card = await samira.sees(f"{person.name} ({person.email}) says:")
        assert f"{WORDS} ({person.name})" in card.words
    assert WORDS not in lee.transcript

    number = await submitted(dana)
    await dana.press("issue", showing=number, issue_text="Nobody called.")
    await bot.advance(0)
    await samira.say("feedback")
    heard = samira.newest_card
    for line in ("Issue · Dana Reyes", number, "“Nobody called.”", "Feedback · Lee Park", "And it is slow."):
        assert line in heard.words
    await samira.press("Issues", on=heard)
    assert "Nobody called." in heard.words
    assert "slow" not in heard.words
    await samira.press("Open", on=heard)
    assert "Status: Submitted" in samira.newest_card.words
    await check_every_card(bot)


async def test_the_same_message_and_the_same_words_are_told_once(bot):
    dana, samira = await bot.people("Dana Reyes", "Samira Haddad")
    message = activity_of(dana, text="feedback It is slow.", textFormat="plain")
    for _ in range(2):
        await dana.deliver(message)
    await dana.say("feedback   It is slow.")
    await bot.advance(0)
    assert samira.transcript.count("It is slow.") == 1
    await bot.advance(61)
    await dana.say("feedback It is slow.")
    await bot.advance(0)
    assert samira.transcript.count("It is slow.") == 2


async def test_feedback_without_words_asks_for_them_and_the_list_is_for_the_programme_team(bot):
    dana, lee = await bot.people("Dana Reyes", "Lee Park")
    for person in (dana, lee):
        assert "Please add your words" in await person.say("feedback")
        data = {"verb": "heard", "kind": "", "after": ""}
        answer = await person.forge_invoke({"action": {"type": "Action.Execute", "verb": "heard", "data": data}})
        assert "for the programme team" in answer
    assert "2,001" in await dana.say(f"feedback {'x' * 2_001}")
    assert not [row for row in bot.rows() if "feedback" in row]


async def test_a_team_without_the_app_is_told_by_mail(bot):
    (dana,) = await bot.people("Dana Reyes")
    await dana.say("feedback It is slow.")
    await bot.advance(0)
    (mail,) = [mail for mail in bot.mails() if mail["To"] == "samira.haddad@fasttrack.example"]
    assert "It is slow." not in mail["Subject"]
    assert "Dana Reyes" in mail.get_content()
    assert "It is slow." in mail.get_content()


@pytest.mark.parametrize("data", [{"after": "nonsense"}, {"after": "9" * 5_000}, {"kind": ["x"]}, {"after": None}, {}])
async def test_a_place_that_is_none_is_the_beginning(bot, data):
    dana, samira = await bot.people("Dana Reyes", "Samira Haddad")
    await dana.say("feedback It is slow.")
    await bot.advance(0)
    pressed = {"action": {"type": "Action.Execute", "verb": "heard", "data": {"verb": "heard", **data}}}
    assert "It is slow." in await samira.forge_invoke(pressed)
