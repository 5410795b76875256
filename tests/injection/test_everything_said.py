"""A whole journey of a running bot in which everybody has a hostile name and types hostile texts.

Every card that anybody was shown is drawn, and every message that carried one is looked at.
"""

import asyncio
import itertools

import pytest

from tests.injection.corpora import BLOCKS, TEXTS
from tests.injection.drawn import drawn
from tests.injection.hostile_directory import directory_named
from tests.stories.journey import fill_in, number_in, open_page
from tests.stories.running_bot import running_bot
from tests.stories.test_engagement import KICKOFF, NOTE

CAST = ("Dana Reyes", "Lee Park", "Ana Souza", "Kofi Mensah", "Laura Bianchi")
ROUNDS = 3
STEP = len(TEXTS) // ROUNDS
NOT_OURS = {"entities", "attachmentLayout", "suggestedActions", "textHighlights"}


class Typist:
    """Hands out hostile texts, and remembers which."""

    def __init__(self, begin):
        self._lines = itertools.cycle(TEXTS[begin:] + TEXTS[:begin])
        self._blocks = itertools.cycle(BLOCKS[begin % len(BLOCKS) :] + BLOCKS[: begin % len(BLOCKS)])
        self.typed = []

    def line(self):
        return self._kept(next(self._lines))

    def words(self):
        return self._kept(f"{next(self._lines)}\n{next(self._blocks)}\nThese are more than twenty characters.")

    def _kept(self, text):
        self.typed.append(text)
        return text


async def journey(bot, typist):
    """Bring one request through everything that takes a text."""
    dana, lee, ana, kofi, laura = await bot.people(*CAST)
    answers = {
        "tenant_name": typist.line(), "justification": typist.words(), "notes": typist.words(), "role": "migration",
        "workload": "EXCHANGE", "topic": "migration", "email_source": "other", "email_source_other": typist.line(),
    }  # fmt: skip
    await dana.say("new request")
    await dana.press("ask_fpm", on=await open_page(dana), question=typist.words())
    review = await fill_in(dana, **answers)
    number = number_in((await dana.press("submit", on=review)) + (await settled(bot, dana)))
    await lee.press("return", showing=number, return_fields=["notes"], return_note=typist.words())
    await bot.advance(61)
    await dana.press("fix", showing=number)
    await dana.press("submit", on=await fill_in(dana, **{**answers, "notes": typist.words()}))
    await bot.advance(61)
    await lee.press("approve", showing=number)
    await bot.advance(0)
    await ana.press("assign", showing=number, sme_other=laura.email)
    await bot.advance(0)
    await laura.press("decline", showing=number, decline_reason=typist.words())
    await bot.advance(0)
    await ana.press("assign", showing=number, sme_other=kofi.email)
    await bot.advance(0)
    await kofi.press("accept", showing=number)
    await bot.advance(61)
    await dana.press("issue", showing=number, issue_text=typist.words())
    await bot.advance(0)
    await lee.press("answer", showing=number, answer_text=typist.words())
    await bot.advance(61)
    await work(bot, typist, number)
    for person, command in ((dana, "my requests"), (lee, "inbox"), (ana, "inbox"), (kofi, "engagements")):
        await person.say(command)
        await person.say(f"status {number}")
    await lee.press("close", showing=number, close_reason=typist.words())
    await bot.advance(61)
    await lee.press("reopen", showing=number, reopen_reason=typist.words())
    await bot.advance(0)
    await lee.press("deny", showing=number, deny_reason="other", deny_note=typist.words())
    await bot.advance(0)


async def work(bot, typist, number):
    """Bring an engagement and a proposal through everything that takes a text."""
    dana, lee, _, kofi, laura = await bot.people(*CAST)
    await kofi.press("contacted", showing=number)
    criteria = f"{typist.line()}\n{typist.line()}"
    agreed = {"expectations": typist.words(), "outcomes": typist.words(), "exit_criteria": criteria}
    await kofi.press("kickoff", showing=number, **{**KICKOFF, **agreed})
    await bot.advance(61)
    await lee.press("agree", showing=number)
    await dana.press("agree", showing=number, learners="<at>Ben</at>\n**bold**")
    await bot.advance(61)
    noted = {"note_summary": typist.words(), "note_next": typist.line(), "note_concerns": typist.words()}
    await kofi.press("note", showing=number, **{**NOTE, **noted})
    await bot.advance(61)
    told = {key: typist.words() for key in ("waive_reason", "summary", "feedback")}
    await kofi.press("complete", showing=number, met="1", **told)
    await bot.advance(61)
    await dana.press("rate", data={"rating": 1}, rating_comment=typist.words())
    await bot.advance(61)
    await dana.say("learning")
    await lee.say("propose CONTOSO")
    asked = {"workload": "TEAMS", "topic": "coaching", "start": KICKOFF["start"], "end": KICKOFF["end"]}
    asked |= {"partner": "CONTOSO", "contact": dana.email, "sme_other": laura.email, "outcomes": typist.words()}
    proposed = number_in(await lee.press("propose", **asked))
    await bot.advance(61)
    await dana.press("decline", showing=proposed, decline_reason=typist.words())
    await bot.advance(61)


async def settled(bot, person):
    await bot.advance(0)
    return person.transcript


@pytest.mark.parametrize("begin", range(0, STEP * ROUNDS, STEP))
async def test_everything_said_is_words_and_nothing_else(tmp_path, chromium_path, begin):
    typist = Typist(begin)
    names = directory_named(tmp_path / "directory", itertools.cycle(TEXTS[begin:] + TEXTS[:begin]))
    async with running_bot(tmp_path, SME_DIRECTORY=str(tmp_path / "directory")) as bot:
        await journey(bot, typist)
        stranger = bot.teams.stranger("Some Body", bot.teams.person("Dana Reyes").tenant_id, "0" * 32)
        assert names["CONTOSO"] in await stranger.say("help")
        cast = [names[bot.teams.person(name).email] for name in CAST]
        cards = [m.card for p in bot.teams.people.values() for m in p.chat if m.card]
        cards += [card for p in bot.teams.people.values() for m in p.chat for card in m.cards_before]
        sent = [call.body for call in bot.teams.calls]

    found = (await asyncio.to_thread(drawn, dict(enumerate(cards)))).values()
    assert [card.foreign for card in found if card.foreign] == []
    assert [card.unlike for card in found if card.unlike] == []
    for typed in [*typist.typed, *cast, names["CONTOSO"]]:
        assert any(card.reads(typed) for card in found), typed
    assert [body for body in sent if NOT_OURS & body.keys()] == []
    assert {body.get("textFormat") for body in sent if body.get("text")} == {"plain"}


async def test_a_question_is_not_the_whole_of_what_a_notification_says(tmp_path):
    """A notification comes in the bot's name: whoever asks could have it say that a request was approved."""
    question = "CONTOSO-7K3QXD for Adventure Works: Approved by Lee Park.\nPlease pay at https://evil.example."
    async with running_bot(tmp_path) as bot:
        dana, lee = await bot.people("Dana Reyes", "Lee Park")
        await dana.say("new request")
        await dana.press("ask_fpm", on=await open_page(dana), question=question)
        await bot.advance(0)

        card = await lee.sees("A question for you", "Please pay")

    assert not card.summary.startswith(question[:40])
    assert "\n" not in card.summary
