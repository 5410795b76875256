"""Somebody searches from any chat: each finds their own, and the chat reads a number and a status."""

import json

import pytest

from bot.extension import NOTHING_FOUND, QUERY
from bot.floods import MOST_SEARCHES_OF_A_PERSON, SLOW_DOWN
from bot.strangers import UNKNOWN_AT_HOME, UNKNOWN_TENANT
from tests.stories.activities import BOT
from tests.stories.journey import assigned, status_of, submitted
from tests.stories.unchanged import stored
from tests.teams import REFUSED

ELSEWHERE = "44444444-4444-4444-8444-444444444444"
NOBODYS_ID = "44444444-aaaa-4aaa-8aaa-000000000001"
GROUP = "19:253b1f341670408fb6fe51050b6e5ceb@thread.v2"
PEOPLE = ("Dana Reyes", "Lee Park", "Ana Souza", "Kofi Mensah", "Joshua Whitfield", "Renee Carter")
FABRIKAMS = {
    "tenant_name": "Wide World Importers",
    "tenant_id": "9b4c1a7e-0d52-4f37-8a66-1c2d3e4f5a6b",
    "workload": "INTUNE",
}


def query_of(text, **more):
    parameter = {"name": "query", "value": text} if text else {"name": "initialRun", "value": "true"}
    return {
        "commandId": "search",
        "parameters": [parameter],
        "queryOptions": {"skip": 0, "count": 25},
        **more,
    }


def asked_in(person, kind, value):
    """Return the activity of a query in a chat of this kind."""
    place = {"conversationType": kind, "tenantId": person.tenant_id, "id": person.conversation}
    place |= {} if kind == "personal" else {"id": GROUP, "isGroup": True}
    tenant = {"tenant": {"id": person.tenant_id}, "source": {"name": "compose"}}
    return person.activity(type="invoke", name=QUERY, value=value, conversation=place, channelData=tenant)


async def answer(person, value, kind="groupChat"):
    status, body = await person.teams.deliver(asked_in(person, kind, value))
    assert status == 200, body
    return body["composeExtension"]


async def hits(person, text, kind="groupChat"):
    """Return the hits of a search by number, each with its card and what the finder sees of it."""
    shown = await answer(person, query_of(text), kind)
    if shown["type"] == "message":
        assert shown["text"] == NOTHING_FOUND
        return {}
    assert shown["attachmentLayout"] == "list"
    previews = [(each["content"], each["preview"]["content"]) for each in shown["attachments"]]
    return {preview["text"].rpartition(" · ")[2]: (card, preview) for card, preview in previews}


@pytest.fixture
async def town(bot):
    """Give a request of Contoso's that Kofi works on, and one of Fabrikam's that waits."""
    bot.dana, bot.lee, bot.ana, bot.kofi, bot.joshua, bot.renee = await bot.people(*PEOPLE)
    bot.ours = await assigned(bot.dana, bot.lee, bot.ana, bot.kofi)
    bot.theirs = await submitted(bot.joshua, **FABRIKAMS)
    return bot


async def test_each_role_finds_only_what_is_theirs(town):
    samira, laura, piotr = await town.people("Samira Haddad", "Laura Bianchi", "Piotr Zieliński")
    both = {town.ours, town.theirs}
    meant = {
        "adventure": {town.ours}, "WIDE w": {town.theirs}, "teams": {town.ours}, "intune": {town.theirs},
        town.ours[:11].lower(): {town.ours}, town.theirs.replace("-", "")[:11]: {town.theirs},
        town.ours: {town.ours}, town.theirs: {town.theirs}, "contoso": {town.ours},
    }  # fmt: skip
    may_open = (
        (town.dana, {town.ours}), (piotr, {town.ours}), (town.joshua, {town.theirs}), (town.lee, {town.ours}),
        (town.renee, {town.theirs}), (town.ana, both), (samira, both), (town.kofi, {town.ours}), (laura, set()),
    )  # fmt: skip
    for text, wanted in meant.items():
        for person, theirs in may_open:
            assert set(await hits(person, text)) == wanted & theirs, (person.name, text)
    for person in (town.dana, town.lee, town.kofi):
        assert list(await hits(person, "")) == [town.ours]
    assert list(await hits(town.renee, "")) == [town.theirs]
    await town.advance()


@pytest.mark.parametrize("kind", ["personal", "groupChat", "channel"])
async def test_what_is_put_into_a_chat_holds_number_and_status_alone(town, kind):
    for person in (town.dana, town.lee, town.ana, town.kofi):
        card, preview = (await hits(person, "adventure", kind))[town.ours]
        assert preview == {"title": "Adventure Works", "text": f"Teams · Assigned · {town.ours}"}
        written = json.dumps(card)
        assert town.ours in written
        assert "Assigned" in written
        assert f"users={BOT['id'].replace(':', '%3A')}&message=status%20{town.ours}" in written
        for private in ("Adventure", "Teams is", "TEAMS", "stuck", "Dana", "Kofi", "Lee", "@", "5,000", "Contoso C"):
            assert private not in written
        for pressable in ("actions", "Action.", "refresh", "verb", "selectAction", "Input."):
            assert pressable not in written


async def test_the_link_types_words_that_open_the_request_only_for_who_may(town):
    assert await status_of(town.lee, town.ours) == "Assigned"
    assert "no such request" in await town.joshua.say(f"status {town.ours}")


async def test_a_search_says_the_status_of_this_moment(town):
    await town.renee.press("approve", showing=town.theirs)
    _, preview = (await hits(town.joshua, "wide"))[town.theirs]
    assert "Approved" in preview["text"]


@pytest.mark.parametrize("kind", ["personal", "groupChat", "channel"])
async def test_a_stranger_gets_the_fixed_sentence_whatever_they_search(town, kind):
    mal = town.teams.stranger("Mal Ory", ELSEWHERE, NOBODYS_ID)
    nobody = town.teams.stranger("No Body", town.lee.tenant_id, NOBODYS_ID)
    nameless = town.teams.stranger("Un Known", ELSEWHERE, "")
    before = stored(town), town.rows("people")
    for text in ("", town.ours, "adventure", "teams"):
        for who, sentence in ((mal, UNKNOWN_TENANT), (nameless, UNKNOWN_TENANT), (nobody, UNKNOWN_AT_HOME)):
            assert await answer(who, query_of(text), kind) == {"type": "message", "text": sentence}
    robin = town.teams.stranger("Robin Doe", town.dana.tenant_id, NOBODYS_ID)
    assert "Type request access" in (await answer(robin, query_of(town.ours), kind))["text"]
    assert (stored(town), town.rows("people")) == before


async def test_nobody_is_recognised_by_the_roster_of_a_chat_with_others(bot):
    wei = bot.teams.person("Wei Zhang")
    wei.object_id = "99999999-aaaa-4aaa-8aaa-000000000099"
    bot.teams.members[GROUP] = wei
    for kind in ("groupChat", "channel"):
        assert (await answer(wei, query_of(""), kind))["text"] == UNKNOWN_AT_HOME
    assert (await answer(wei, query_of(""), "personal"))["text"] == NOTHING_FOUND
    assert (await answer(wei, query_of(""), "channel"))["text"] == NOTHING_FOUND


async def test_a_search_in_a_group_is_remembered_nowhere(town):
    before = town.rows("people"), town.rows("conversations"), stored(town)
    await hits(town.dana, "adventure", "groupChat")
    assert (town.rows("people"), town.rows("conversations"), stored(town)) == before
    assert GROUP not in town.teams.chats


@pytest.mark.parametrize(
    "value",
    [
        None,
        {},
        {"commandId": None},
        {"commandId": "other", "parameters": [{"name": "query", "value": "adventure"}]},
        {"commandId": ["search"]},
        query_of("adventure", queryOptions={"skip": 25, "count": 25}),
        query_of("adventure", queryOptions={"skip": 10**9}),
    ],
)
async def test_another_query_and_what_follows_the_hits_find_nothing(town, value):
    empty = {"type": "result", "attachmentLayout": "list", "attachments": []}
    assert await answer(town.dana, value) == empty


@pytest.mark.parametrize(
    "more",
    [
        {"parameters": None},
        {"parameters": "adventure"},
        {"parameters": {"name": "query"}},
        {"parameters": [None, 7, "query", [], {}, {"name": "query"}, {"name": "query", "value": 7}]},
        {"parameters": [{"name": ["query"], "value": "wide"}]},
        {"parameters": [{"name": "request", "value": "wide"}, {"name": "partner", "value": "FABRIKAM"}]},
        {"queryOptions": None, "parameters": []},
        {"queryOptions": {"skip": "25", "count": -1}, "parameters": []},
        {"queryOptions": [], "parameters": [{"name": "query", "value": " \0\u200b\u202e "}]},
        {"parameters": [{"name": "initialRun", "value": "true"}], "botMessagePreviewAction": "send", "state": "x"},
    ],
)
async def test_a_query_without_a_text_shows_the_newest_however_odd_it_is(town, more):
    shown = await answer(town.dana, query_of("", **more))
    assert [town.ours in each["preview"]["content"]["text"] for each in shown["attachments"]] == [True]


@pytest.mark.parametrize("value", ["text", 7, [], True])
async def test_a_value_that_is_no_object_is_malformed(town, value):
    assert await town.dana.forge_invoke(value, QUERY) == REFUSED


@pytest.mark.parametrize(
    "text",
    [
        "%",
        "request:",
        "named:",
        "../..",
        "'; DROP",
        "[" * 999,
        "x" * 50_000,
        "💥" * 9,
        "{{}}",
        "~",
        "*",
        "ﷺ",
    ],
)
async def test_odd_texts_find_nothing_and_harm_nothing(town, text):
    for person in (town.dana, town.lee, town.ana, town.kofi):
        assert await hits(person, text) == {}


async def test_names_that_would_be_markup_are_words_to_the_finder(bot):
    dana, _ = await bot.people("Dana Reyes", "Lee Park")
    evil = "<b>Tail</b> [spin](https://evil.example) &lt;x&gt; **Toys**"
    number = await submitted(dana, tenant_name=evil)
    card, preview = (await hits(dana, number))[number]
    assert "evil" not in json.dumps(card)
    assert not set("<>[]*") & set(preview["title"])
    assert "://" not in preview["title"]
    assert list(await hits(dana, "<b>tail</b> [spin]")) == [number]


async def test_too_many_searches_are_told_and_use_up_nothing_else(town):
    said = [await answer(town.dana, query_of("adventure")) for _ in range(MOST_SEARCHES_OF_A_PERSON + 2)]
    assert [each["type"] for each in said] == ["result"] * MOST_SEARCHES_OF_A_PERSON + ["message"] * 2
    assert said[-1]["text"] == SLOW_DOWN
    assert "new request" in await town.dana.say("help")
    assert list(await hits(town.lee, "adventure")) == [town.ours]
    await town.advance(60)
    assert list(await hits(town.dana, "adventure")) == [town.ours]
