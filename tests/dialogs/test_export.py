"""Exports as they are typed and pressed: a question for the place of the file, or an order for the mail."""

import pytest

from bot.channel.files import CONSENT
from bot.domain.export_jobs import export_in


@pytest.fixture
async def job(desk, left_behind, store):
    """Give a way to the job that was ordered last, None when none was."""

    async def load():
        keys = [key for key in map(export_in, left_behind) if key]
        return await desk.exports._jobs.load(keys[-1]) if keys else None

    return load


async def test_a_typed_export_asks_where_the_file_may_go(frank, job):
    await frank.type("Export: 2026-11, Teams")
    question = frank.messages[-1].activity["attachments"][0]
    assert (question["contentType"], question["name"]) == (CONSENT, "sme-requests-2026-11-24.xlsx")
    assert "for TEAMS submitted in 2026-11" in question["content"]["description"]
    accept, decline = question["content"]["acceptContext"], question["content"]["declineContext"]
    assert accept == decline == {"export": accept["export"], "words": "2026-11 TEAMS"}
    assert await job() is None


async def test_a_question_that_is_posted_again_is_the_same_one(frank):
    await frank.type("export")
    await frank.repeat("export")
    first, again = (m.activity["attachments"][0]["content"] for m in frank.messages[-2:])
    assert first == again


async def test_an_export_by_mail_is_ordered_and_its_repeat_is_the_same_order(frank, job, left_behind):
    await frank.type("export by mail TEAMS")
    ordered = await job()
    assert (ordered.words, ordered.place.upload_url) == ("TEAMS", "")
    await frank.repeat("export by mail TEAMS")
    assert (await job()).key == ordered.key


async def test_a_button_carries_its_filter(frank, job):
    await frank.send({"verb": "export", "filter": "TEAMS closed"})
    assert "closed requests for TEAMS" in frank.messages[-1].activity["attachments"][0]["content"]["description"]
    await frank.send({"verb": "export", "filter": "EMEA", "way": "mail"})
    assert (await job()).words == "EMEA"


@pytest.mark.parametrize("words", [["TEAMS"], None, 7, {"a": 1}])
async def test_a_button_with_a_filter_that_is_none_means_everything(frank, words):
    await frank.send({"verb": "export", "filter": words})
    assert frank.messages[-1].activity["attachments"][0]["content"]["acceptContext"]["words"] == ""


async def test_a_word_that_means_nothing_is_named(frank):
    assert "I do not understand x-y." in await frank.type("export by mail x-y")
    assert "That filter is too long." in await frank.send({"verb": "export", "filter": "AB " * 200})


@pytest.mark.parametrize("who", ["rita", "sam"])
async def test_others_are_refused(request, who, job):
    chat = request.getfixturevalue(who)
    for said in (await chat.type("export"), await chat.send({"verb": "export", "way": "mail"})):
        assert "Exports are for FPMs and the programme team." in said
    assert await job() is None
