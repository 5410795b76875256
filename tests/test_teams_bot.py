"""Every kind of activity that Teams sends, given to the bot as it runs, and what each person sees of it."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

import app
from bot.channel.answers import NOTHING_TO_SAY
from bot.domain.desk import UNKNOWN_BUTTON
from bot.logs import JsonLines
from bot.settings import PRODUCTION, read_settings
from bot.strangers import NO_OBJECT_ID, UNKNOWN_AT_HOME, UNKNOWN_TENANT
from bot.teams_bot import ONLY_PERSONAL, SEE_BELOW
from tests.channel.local_framework import APP_ID, KeyServer, claims_for, payload, sign
from tests.domain.office import HOME
from tests.stories.activities import BOT
from tests.stories.journey import accepted, statuses, submitted
from tests.stories.living_cards import check_every_card
from tests.stories.running_bot import running_bot
from tests.teams import REFUSED

IN_A_MONTH = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
KICKOFF = {
    "mode": "with_partner",
    "expectations": "The partner leads.",
    "outcomes": "500 users call.",
    "exit_criteria": "500 users call out",
    "start": IN_A_MONTH,
    "end": IN_A_MONTH,
}
CONTOSO = "11111111-1111-4111-8111-111111111111"
ELSEWHERE = "44444444-4444-4444-8444-444444444444"
NOBODYS_ID = "44444444-aaaa-4aaa-8aaa-000000000001"
UNREGISTERED = "You are not registered for Contoso Consulting. Type request access to ask {}."
EVERY_KIND_IGNORED = [
    {"type": "typing"},
    {"type": "messageReaction", "reactionsAdded": [{"type": "like"}]},
    {"type": "messageUpdate", "text": "help"},
    {"type": "messageDelete"},
    {"type": "event", "name": "application/vnd.microsoft.meetingStart"},
    {"type": "somethingNew", "text": "help"},
    {"type": "conversationUpdate", "membersRemoved": [BOT]},
    {"type": "installationUpdate", "action": "upgrade"},
]


@pytest.fixture
async def bot(tmp_path):
    async with running_bot(tmp_path) as running:
        yield running


def damage(bot, table):
    """Make the rows of a table unreadable, as a faulty release or a slip of an operator would."""
    with closing(sqlite3.connect(bot.folder / "sme.db")) as connection, connection:
        connection.execute("UPDATE row SET content = '{}' WHERE name = ?", (table,))


def reference_in(caplog):
    (failure,) = [record for record in caplog.records if record.name == "bot.teams_bot" and record.exc_info]
    return f"reference {failure.reference}"


@pytest.mark.parametrize("fields", EVERY_KIND_IGNORED, ids=lambda fields: " ".join(map(str, fields.values())))
async def test_what_asks_for_nothing_is_taken_in_silence(bot, fields):
    dana = bot.teams.person("Dana Reyes")
    assert await dana.deliver(dana.activity(**fields)) is None
    assert dana.chat == []


@pytest.mark.parametrize("name", ["composeExtension/queryLink", "task/fetch", "adaptivecard/ACTION", "", None])
async def test_an_invoke_of_another_name_is_answered_with_nothing(bot, name):
    (dana,) = await bot.people("Dana Reyes")
    assert await bot.teams.deliver(dana.activity(type="invoke", name=name, value={})) == NOTHING_TO_SAY


async def test_a_new_person_is_greeted_once_however_teams_tells_of_the_arrival(bot):
    dana, lee = bot.teams.person("Dana Reyes"), bot.teams.person("Lee Park")
    await dana.install()
    members = [{"id": lee.user_id, "aadObjectId": lee.object_id}, BOT]
    await lee.deliver(lee.activity(type="conversationUpdate", membersAdded=members))
    assert [len(dana.chat), len(lee.chat)] == [1, 1]
    assert "Dana" in dana.chat[0].words


async def test_who_takes_the_app_away_is_greeted_again_when_coming_back(bot):
    (dana,) = await bot.people("Dana Reyes")
    await dana.uninstall()
    await dana.install()
    assert len(dana.chat) == 2


async def test_what_waited_for_a_person_arrives_with_the_first_message(bot):
    (dana,) = await bot.people("Dana Reyes")
    number = await submitted(dana)
    await bot.advance(600)
    lee = bot.teams.person("Lee Park")
    await lee.say("help")
    await bot.advance(0)
    await lee.card_with("approve", showing=number)


@pytest.mark.parametrize(
    ("tenant", "object_id", "sentence"),
    [
        (HOME, NOBODYS_ID, UNKNOWN_AT_HOME),
        (HOME, "", UNKNOWN_AT_HOME),
        (ELSEWHERE, NOBODYS_ID, UNKNOWN_TENANT),
        (ELSEWHERE, "", UNKNOWN_TENANT),
        (CONTOSO, "", NO_OBJECT_ID),
    ],
)
async def test_a_stranger_learns_whom_to_ask_and_is_not_greeted(bot, tenant, object_id, sentence):
    stranger = bot.teams.stranger("Robin Doe", tenant, object_id)
    await stranger.install()
    assert stranger.chat == []
    assert await stranger.say("new request") == sentence
    assert await stranger.forge_press("approve", "CONTOSO-000000") == sentence


async def test_a_stranger_of_a_partner_is_shown_how_to_ask_for_access(bot):
    stranger = bot.teams.stranger("Robin Doe", CONTOSO, NOBODYS_ID)
    await stranger.install()
    (greeting,) = stranger.chat
    assert "ask" in greeting.verbs
    assert "Lee Park (lee.park@fasttrack.example)" in await stranger.say("new request")
    sentence = UNREGISTERED.format("Lee Park (lee.park@fasttrack.example)")
    assert await stranger.forge_press("approve", "CONTOSO-000000") == sentence


async def test_a_stranger_reads_the_fpms_address_when_the_directory_has_no_name_for_it(bot):
    with closing(sqlite3.connect(bot.folder / "sme.db")) as connection, connection:
        connection.execute("DELETE FROM row WHERE name = 'people' AND content LIKE '%Lee Park%'")
    stranger = bot.teams.stranger("Robin Doe", CONTOSO, NOBODYS_ID)
    assert "Your FPM, lee.park@fasttrack.example, decides" in await stranger.say("hello")


@pytest.mark.parametrize("kind", ["groupChat", "channel"])
async def test_in_a_group_everybody_is_asked_to_talk_in_a_personal_chat(bot, kind):
    dana = bot.teams.person("Dana Reyes")
    group = {"conversation": {"conversationType": kind, "tenantId": dana.tenant_id, "id": dana.conversation}}
    await dana.deliver(dana.activity(type="installationUpdate", action="add", **group))
    await dana.deliver(dana.activity(type="conversationUpdate", membersAdded=[BOT], **group))
    await dana.deliver(dana.activity(text="my requests", **group))
    assert [message.words for message in dana.chat] == [ONLY_PERSONAL]
    await dana.install()
    assert len(dana.chat) == 2


@pytest.mark.parametrize(
    "data",
    [{}, {"request": 7}, {"request": ["CONTOSO-000000"]}, {"verb": "dance", "request": "CONTOSO-000000"}, None, "text"],
)
async def test_a_press_of_a_wrong_shape_is_an_unknown_button(bot, data):
    (dana,) = await bot.people("Dana Reyes")
    press = {"action": {"type": "Action.Execute", "verb": "approve", "data": data}, "trigger": "manual"}
    assert await dana.forge_invoke(press) in {UNKNOWN_BUTTON, REFUSED}


async def test_a_press_that_is_not_allowed_is_refused_with_a_sentence(bot):
    dana, _lee = await bot.people("Dana Reyes", "Lee Park")
    number = await submitted(dana)
    by_invoke = await dana.forge_press("approve", number)
    by_message = await dana.forge({"verb": "approve", "request": number, "revision": 1})
    assert by_invoke == by_message != ""
    assert statuses(bot) == {number: "submitted"}


async def test_a_press_by_a_message_that_names_no_card_posts_the_card(bot):
    dana, lee = await bot.people("Dana Reyes", "Lee Park")
    number = await submitted(dana)
    decision = await lee.card_with("approve", showing=number)
    said = await lee.forge(decision.button("approve").action["fallback"]["data"])
    assert number in said
    assert "Approved" in said
    assert statuses(bot) == {number: "approved"}


async def test_a_press_by_a_message_that_names_its_card_replaces_it(bot):
    dana, lee = await bot.people("Dana Reyes", "Lee Park")
    number = await submitted(dana)
    decision = await lee.card_with("approve", showing=number)
    await lee.forge(decision.button("approve").action["fallback"]["data"], reply_to=decision.id)
    assert "Approved" in decision.words
    await check_every_card(bot)


async def test_a_press_on_a_card_that_a_newer_one_has_followed_is_answered_with_a_line(bot):
    everybody = dana, lee, _, kofi = await bot.people("Dana Reyes", "Lee Park", "Ana Souza", "Kofi Mensah")
    number = await accepted(*everybody)
    await kofi.press("kickoff", showing=number, **KICKOFF)
    await bot.advance(0)
    old = await lee.card_with("agree", showing=number)
    late = lee.press_of(old, "agree")
    await kofi.press("kickoff", showing=number, **KICKOFF | {"outcomes": "Less."})
    await bot.advance(0)
    await kofi.press("note", showing=number, note_status="on_track", note_summary="Numbers are ported.")
    await bot.advance(0)
    await lee.until(lambda: not old.verbs, "the older card keeps its buttons")
    answer = await lee.deliver(late)
    assert "This had changed before your press." in str(answer)
    assert SEE_BELOW in str(answer)
    assert "Action.Execute" not in str(answer), "nothing can be pressed on it"
    new = await lee.card_with("agree", showing="Less.")
    await lee.press("agree", on=new)
    assert SEE_BELOW not in new.words
    assert await dana.card_with("agree", showing="Less.")
    await check_every_card(bot)


async def test_several_messages_at_once_are_answered_one_after_the_other(bot):
    (dana,) = await bot.people("Dana Reyes")
    said = [dana.activity(text="help") for _ in range(3)]
    await asyncio.gather(*(dana.deliver(activity) for activity in said))
    assert len(dana.chat) == 4
    assert len(bot.conversation_of(dana)["seen"]) == 3


async def test_a_message_whose_turn_fails_is_answered_with_the_reference_in_the_log(bot, caplog):
    (dana,) = await bot.people("Dana Reyes")
    await dana.say("new request")
    damage(bot, "conversations")
    said = await dana.say("help")
    assert reference_in(caplog) in said
    assert "Your answers are kept" in said


async def test_a_press_whose_turn_fails_is_answered_with_the_reference_in_the_log(bot, caplog):
    dana, lee = await bot.people("Dana Reyes", "Lee Park")
    number = await submitted(dana)
    decision = await lee.card_with("approve", showing=number)
    damage(bot, "requests")
    said = await lee.press("approve", on=decision)
    assert reference_in(caplog) in said


async def test_the_log_names_the_row_that_a_turn_could_not_read(bot, caplog):
    (dana,) = await bot.people("Dana Reyes")
    number = await submitted(dana)
    damage(bot, "requests")
    await dana.say(f"status {number}")
    (record,) = [each for each in caplog.records if each.name == "bot.teams_bot" and each.exc_info]
    last = JsonLines().formatException(record.exc_info).splitlines()[-1]
    assert last.endswith(f"UnreadableRow: requests: CONTOSO request:{number} cannot be read: it has no number")


async def test_a_search_that_fails_is_answered_in_its_own_shape(bot, caplog):
    (dana,) = await bot.people("Dana Reyes")
    await submitted(dana)
    damage(bot, "requests")
    value = {"commandId": "search", "parameters": [{"name": "query", "value": "adventure"}]}
    _, body = await bot.teams.deliver(dana.activity(type="invoke", name="composeExtension/query", value=value))
    assert body["composeExtension"]["type"] == "message"
    assert reference_in(caplog) in body["composeExtension"]["text"]


async def test_an_installation_whose_turn_fails_is_answered_in_silence(bot, caplog):
    dana = bot.teams.person("Dana Reyes")
    damage(bot, "people")
    assert await dana.deliver(dana.activity(type="installationUpdate", action="add")) is None
    assert reference_in(caplog)
    assert dana.chat == []


PRODUCTIVE = {
    "SME_MODE": PRODUCTION,
    "SME_ALLOW_SQLITE": "1",
    "MICROSOFT_APP_ID": APP_ID,
    "MICROSOFT_APP_TYPE": "SingleTenant",
    "MICROSOFT_APP_TENANT_ID": HOME,
    "SME_SERVICE_HOSTS": "teams.example",
}


@pytest.mark.parametrize(
    "settings",
    [
        {"MICROSOFT_APP_PASSWORD": "not a secret"},
        {"MICROSOFT_APP_CERTIFICATE": __file__},
        {"MICROSOFT_APP_FEDERATED_CLIENT_ID": NOBODYS_ID},
        {"MICROSOFT_APP_TYPE": "UserAssignedMSI", "SME_MAIL": "graph:sme@fasttrack.example"},
    ],
    ids=lambda settings: next(iter(settings)),
)
async def test_in_production_only_teams_is_let_in_and_nobody_moves_the_clock(tmp_path, settings):
    server = KeyServer()
    server.publish("k1")
    keys = web.Application()
    keys.router.add_get("/metadata", server.metadata)
    keys.router.add_get("/keys", server.keys)
    typing = payload("typing") | {"serviceUrl": "https://teams.example/emea/"}
    signed = {"Authorization": f"Bearer {sign(claims_for(typing, nbf=0, exp=32_503_680_000))}"}
    async with TestServer(keys) as place:
        metadata = {"SME_CHANNEL_METADATA": str(place.make_url("/metadata"))}
        storage = {"SME_STORAGE": f"sqlite:{tmp_path / 'sme.db'}"}
        chosen = read_settings(PRODUCTIVE | metadata | storage | settings)
        async with app.opened(chosen) as store, app.outward_session() as session:
            service = app.service_of(chosen, store, session)
            async with TestServer(service.web.application()) as site, service.running():
                messages = site.make_url("/api/messages")
                assert (await session.post(messages, json=typing, headers=signed)).status == 200
                assert (await session.post(messages, json=typing)).status == 401
                assert (await session.post(site.make_url("/local/clock"), json={})).status == 404
                assert (await session.get(site.make_url("/health"))).status == 200
