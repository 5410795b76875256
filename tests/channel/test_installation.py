"""The app is brought to people of the home tenant, by real tokens from a Graph on loopback, and to nobody else."""

import asyncio
import logging
from dataclasses import replace

import pytest

from bot.channel.connector import Connector
from bot.channel.credentials import MsalTokens, Secret
from bot.channel.graph import Graph
from bot.channel.installation import (
    LOOK_AGAIN_AFTER,
    NO_CONVERSATION,
    REFUSED_FOR,
    SETTLES_WITHIN,
    TEAMS_PLACES,
    Catalogue,
    Installation,
)
from bot.channel.lanes import Lanes
from bot.channel.messenger import Messenger
from bot.domain.delivery import Attempt, Result
from bot.domain.people import Address, Identity
from bot.settings import TEAMS_HOSTS
from state.people import PeopleStore
from tests.channel.graph_stand_in import CATALOGUE, CATALOGUE_ID, INSTALL, TEAMS_APP_ID, USERS
from tests.domain.office import ANA, DANA, HOME, LEE, MIKA, opened_office

APP_ID = "c9e8c047-2a34-40a1-b28a-b162d5f5327c"
LEE_ID, ANA_ID, MIKA_ID, WEI_ID = (f"99999999-aaaa-4aaa-8aaa-{number:012}" for number in (1, 2, 6, 14))
WEI, GRACE = "wei.zhang@fasttrack.example", "grace.obrien@fasttrack.example"
CHAT = (201, {}, {"id": "a:1lee"})
NOT_IN_THE_CHAT = (403, {}, {"error": {"code": "BotNotInConversationRoster"}})
UNREACHABLE = Attempt(Result.UNREACHABLE, NO_CONVERSATION)


class Seconds:
    """A clock that stands still until it is told to go on."""

    def __init__(self):
        self.now = 1_000.0

    def __call__(self):
        return self.now


class Desk:
    """Installation over real stores, real tokens, a Graph and a connector on loopback."""

    def __init__(self, office, service, graph_service, tokens, session):
        self.office, self.people = office, office.people
        self.teams, self.service = service, graph_service
        self.seconds = Seconds()
        self.hosts = {service.host}
        self.tokens, self.session = tokens, session
        self.graph = Graph(graph_service.url, tokens, session, self.seconds)
        self.connector = Connector(tokens=tokens, service_hosts=frozenset(self.hosts), local=False)
        self.installation = self.over(self.people)

    def over(self, people, places=()):
        """Return the installation as another instance has it."""
        catalogue = Catalogue(self.graph, TEAMS_APP_ID, self.seconds)
        home = {"home_tenant": HOME, "app_id": APP_ID, "places": places, "clock": self.seconds}
        return Installation(self.graph, catalogue, self.connector, people, **home)

    async def colleague_at(self, place, email=ANA):
        """Have somebody of the home tenant be reached there."""
        person = await self.people.by_email(email)
        address = Address(place, f"a:1{email}", HOME, f"29:1{email}", f"28:{APP_ID}")
        await self.people.remember_address(Identity(HOME, person.object_id), address)

    async def open(self, email=LEE):
        return await self.installation.open_chat(email)


@pytest.fixture
async def desk(store, service, graph_service, sign_in, session):
    tokens = MsalTokens(app_id=APP_ID, tenant_id=HOME, authority=sign_in.authority, credential=Secret("hush"))
    graph_service.publish()
    for object_id, mail in ((LEE_ID, LEE), (ANA_ID, ANA), (MIKA_ID, MIKA)):
        graph_service.enrol(object_id, mail)
    made = Desk(await opened_office(store), service, graph_service, tokens, session)
    await made.colleague_at(service.url)
    yield made
    await made.connector.close()
    await tokens.close()


async def test_the_app_is_found_and_installed_and_the_chat_is_opened(desk):
    desk.teams.script = [CHAT]
    address = await desk.open()
    assert address == Address(desk.teams.url, "a:1lee", HOME, LEE_ID, f"28:{APP_ID}")
    assert await desk.people.address(LEE) == address
    assert desk.service.installed == {(LEE_ID, CATALOGUE_ID)}
    assert desk.service.calls == [CATALOGUE, INSTALL]
    [call] = desk.teams.calls
    assert (call.method, call.path) == ("POST", "/teams/v3/conversations")
    assert call.body["members"] == [{"id": LEE_ID}]
    assert call.body["bot"] == {"id": f"28:{APP_ID}"}
    assert call.body["tenantId"] == HOME


async def test_the_catalogue_is_asked_once_for_all(desk):
    for email in (LEE, MIKA):
        assert isinstance(await desk.open(email), Address)
    assert desk.service.calls == [CATALOGUE, INSTALL, INSTALL]


async def test_however_much_waits_for_somebody_the_app_is_brought_once(desk):
    desk.teams.script = [CHAT]
    opened = await asyncio.gather(*(desk.open() for _ in range(20)))
    assert set(opened) == {await desk.people.address(LEE)}
    assert desk.service.calls == [CATALOGUE, INSTALL]
    assert len(desk.teams.calls) == 1


async def test_however_many_wait_for_the_catalogue_it_is_asked_once(desk):
    desk.service.apps.clear()
    ended = await asyncio.gather(*map(desk.open, (LEE, MIKA, GRACE)))
    assert {each.result for each in ended} == {Result.UNREACHABLE}
    assert desk.service.calls == [CATALOGUE]


async def test_who_has_the_app_already_is_only_written_to(desk):
    desk.service.installed.add((LEE_ID, CATALOGUE_ID))
    assert isinstance(await desk.open(), Address)


async def test_two_instances_at_once_open_the_same_chat(desk):
    desk.teams.script = [CHAT, CHAT]
    other = desk.over(PeopleStore(desk.office.store))
    first, second = await desk.open(), await other.open_chat(LEE)
    assert first == second == await desk.people.address(LEE)


async def test_the_address_that_teams_tells_meanwhile_is_taken(desk):
    told = Address(desk.teams.url, "a:1told", HOME, "29:1lee", f"28:{APP_ID}")

    async def tell(object_id):
        await desk.people.remember_address(Identity(HOME, object_id), told)

    desk.service.on_install = tell
    assert await desk.open() == told
    assert desk.teams.calls == []


@pytest.mark.parametrize("email", [DANA, "nobody@fasttrack.example", "nobody@contoso-consulting.example"])
async def test_graph_is_not_asked_about_partners_and_people_who_are_not_in_the_directory(desk, email):
    assert await desk.open(email) == UNREACHABLE
    assert desk.service.calls == []
    assert desk.teams.calls == []


async def test_who_has_removed_the_app_does_not_get_it_again(desk):
    await desk.colleague_at(desk.teams.url, LEE)
    await desk.people.forget_address(LEE)
    assert await desk.open() == UNREACHABLE
    assert await desk.over(PeopleStore(desk.office.store)).open_chat(LEE) == UNREACHABLE
    assert desk.service.calls == []


@pytest.mark.parametrize(
    ("mail", "principal"), [(WEI, "wzhang@fasttrack.example"), ("", WEI.title()), (WEI.upper(), WEI)]
)
async def test_who_has_no_object_id_is_looked_up_by_mail_and_known_by_it_from_then_on(desk, mail, principal):
    desk.service.enrol(WEI_ID, mail, principal)
    assert isinstance(await desk.open(WEI), Address)
    assert (await desk.people.by_email(WEI)).object_id == WEI_ID
    assert desk.service.calls == [CATALOGUE, USERS, INSTALL]
    assert desk.service.queries[1]["$select"] == "id,mail,userPrincipalName"


async def test_an_address_with_a_quotation_mark_is_still_one_address(desk):
    odd = "o'wei@fasttrack.example"
    person = await desk.people.by_email(WEI)
    await desk.people.remove(person)
    await desk.people.register(replace(person, email=odd))
    desk.service.enrol(WEI_ID, odd)
    assert isinstance(await desk.open(odd), Address)
    assert "'o''wei@fasttrack.example'" in desk.service.queries[1]["$filter"]


@pytest.mark.parametrize(
    "accounts",
    [
        [],
        [(WEI_ID, WEI, "a@fasttrack.example"), (MIKA_ID, WEI, "b@fasttrack.example")],
        [(WEI_ID, WEI, "wei_home.example#EXT#@fasttrack.example")],
        [("../me", WEI, "")],
        [(LEE_ID, WEI, "")],
    ],
    ids=["nobody", "two", "a guest", "no object id", "somebody else's account"],
)
async def test_whoever_cannot_be_told_for_certain_gets_nothing_and_is_looked_up_once_a_day(desk, accounts):
    for account in accounts:
        desk.service.enrol(*account)
    for _ in range(2):
        assert (await desk.open(WEI)).result is Result.UNREACHABLE
    assert desk.service.calls == [CATALOGUE, USERS]
    assert (await desk.people.by_email(WEI)).object_id == ""
    desk.seconds.now += REFUSED_FOR
    await desk.open(WEI)
    assert desk.service.calls == [CATALOGUE, USERS, USERS]


async def test_an_account_of_another_address_that_graph_names_is_not_believed(desk):
    desk.service.answer_next(USERS, (200, {}, {"value": [{"id": WEI_ID, "mail": LEE, "userPrincipalName": LEE}]}))
    assert (await desk.open(WEI)).result is Result.UNREACHABLE
    assert (await desk.people.by_email(WEI)).object_id == ""


async def test_a_look_up_that_is_not_granted_is_tried_again_in_ten_minutes(desk):
    desk.service.granted.remove("User.ReadBasic.All")
    desk.service.enrol(WEI_ID, WEI)
    for _ in range(2):
        assert (await desk.open(WEI)).result is Result.UNREACHABLE
    desk.service.granted.add("User.Read.All")
    desk.seconds.now += LOOK_AGAIN_AFTER
    assert isinstance(await desk.open(WEI), Address)
    assert desk.service.calls == [CATALOGUE, USERS, USERS, INSTALL]


@pytest.mark.parametrize("status", [400, 403, 404, 412])
async def test_what_is_refused_for_good_is_not_tried_for_a_day_for_this_person_alone(desk, status):
    desk.service.answer_next(INSTALL, (status, {}, {"error": {"code": "Blocked"}}))
    for _ in range(2):
        attempt = await desk.open()
        assert attempt.result is Result.UNREACHABLE
        assert f"{status} Blocked" in attempt.reason
    assert desk.service.calls.count(INSTALL) == 1
    assert isinstance(await desk.open(MIKA), Address)
    desk.seconds.now += REFUSED_FOR
    assert isinstance(await desk.open(), Address)


async def test_an_app_that_was_published_anew_is_found_again(desk):
    await desk.open(MIKA)
    desk.service.apps.clear()
    desk.service.publish("c2c5353a-7aca-41b3-830f-27d5218fe0e5")
    assert isinstance(await desk.open(), Address)
    assert desk.service.calls == [CATALOGUE, INSTALL, INSTALL, CATALOGUE, INSTALL]


@pytest.mark.parametrize("missing", ["unpublished", "side-loaded", "not granted", "another app", "an odd id"])
async def test_an_app_that_is_not_in_the_catalogue_is_said_once_and_looked_for_every_ten_minutes(desk, missing, caplog):
    desk.service.apps.clear()
    entry = {"id": CATALOGUE_ID, "externalId": TEAMS_APP_ID.upper(), "distributionMethod": "organization"}
    changes = {
        "side-loaded": {"distributionMethod": "sideloaded"},
        "another app": {"externalId": ANA_ID},
        "an odd id": {"id": "../../me"},
    }
    if missing in changes:
        desk.service.answer_next(CATALOGUE, *[(200, {}, {"value": [entry | changes[missing], "x"]})] * 2)
    if missing == "not granted":
        desk.service.granted.remove("AppCatalog.Read.All")
    with caplog.at_level(logging.ERROR, "bot"):
        for _ in range(2):
            for email in (LEE, MIKA):
                attempt = await desk.open(email)
                assert (attempt.result, "catalogue" in attempt.reason) == (Result.UNREACHABLE, True)
            desk.seconds.now += LOOK_AGAIN_AFTER
    assert desk.service.calls == [CATALOGUE, CATALOGUE]
    assert len(caplog.records) == 1
    desk.service.granted.add("AppCatalog.Read.All")
    desk.service.publish()
    assert isinstance(await desk.open(), Address)

    # Taken out again, it is said again.
    desk.service.apps.clear()
    for email in (MIKA, ANA):
        assert (await desk.open(email)).result is Result.UNREACHABLE
    assert len([record for record in caplog.records if record.levelno == logging.ERROR]) == 2


@pytest.mark.parametrize("step", [CATALOGUE, USERS, INSTALL])
async def test_peace_that_graph_asks_for_is_kept_by_all_and_then_it_goes_on(desk, step):
    desk.service.enrol(WEI_ID, WEI)
    desk.service.answer_next(step, (429, {"Retry-After": "120"}, {"error": {"code": "TooManyRequests"}}))
    attempt = await desk.open(WEI)
    assert (attempt.result, attempt.retry_after) == (Result.THROTTLED, 120)
    asked = len(desk.service.calls)
    desk.seconds.now += 100
    for email in (WEI, LEE):
        attempt = await desk.open(email)
        assert (attempt.result, attempt.retry_after) == (Result.THROTTLED, 20)
    assert len(desk.service.calls) == asked
    desk.seconds.now += 20
    assert isinstance(await desk.open(WEI), Address)


@pytest.mark.parametrize("step", [(500, {}, {}), (504, {}, {}), "reset"])
async def test_what_passes_is_tried_again_soon(desk, step):
    desk.service.answer_next(INSTALL, step)
    assert (await desk.open()).result is Result.NOT_SENT
    assert isinstance(await desk.open(), Address)


async def test_without_a_token_nobody_is_asked(desk, sign_in):
    sign_in.fault = 500
    assert (await desk.open()).result is Result.NOT_SENT
    assert desk.service.calls == []


async def test_a_refused_token_is_fetched_anew_once(desk, sign_in):
    desk.service.refused_tokens = {"token-1"}
    assert isinstance(await desk.open(), Address)
    assert [form["scope"] for form in sign_in.forms].count("https://graph.microsoft.com/.default") == 2


async def test_a_bot_that_graph_does_not_know_is_not_the_persons_fault(desk):
    desk.service.refused_tokens = {f"token-{number}" for number in range(9)}
    assert (await desk.open()).result is Result.UNAUTHORIZED
    assert desk.service.calls == [CATALOGUE, CATALOGUE]


async def test_teams_may_take_a_while_until_it_knows_of_the_installation(desk):
    desk.teams.script = [NOT_IN_THE_CHAT, NOT_IN_THE_CHAT, NOT_IN_THE_CHAT]
    assert (await desk.open()).result is Result.NOT_SENT
    desk.seconds.now += SETTLES_WITHIN - 1
    assert (await desk.open()).result is Result.NOT_SENT
    desk.seconds.now += 1
    assert (await desk.open()).result is Result.UNREACHABLE
    calls = len(desk.teams.calls)
    assert (await desk.open()).result is Result.UNREACHABLE
    assert len(desk.teams.calls) == calls


@pytest.mark.parametrize(
    ("step", "result"),
    [((429, {"Retry-After": "7"}, {}), Result.THROTTLED), ((500, {}, {}), Result.NOT_SENT), ("reset", Result.NOT_SENT)],
)
async def test_a_chat_that_cannot_be_opened_just_now_is_opened_later(desk, step, result):
    desk.teams.script = [step]
    attempt = await desk.open()
    assert (attempt.result, attempt.retry_after) == (result, 7 if result is Result.THROTTLED else None)
    assert isinstance(await desk.open(), Address)
    assert desk.service.calls == [CATALOGUE, INSTALL, INSTALL]


async def test_a_chat_without_an_id_is_none(desk):
    desk.teams.script = [(201, {}, {})]
    assert (await desk.open()).result is Result.UNREACHABLE


async def test_where_nobody_is_reached_yet_the_app_is_installed_and_the_rest_is_up_to_teams(desk):
    await desk.people.forget_address(ANA)
    assert (await desk.open()).result is Result.NOT_SENT
    desk.seconds.now += SETTLES_WITHIN
    assert (await desk.open()).result is Result.UNREACHABLE
    assert desk.service.installed == {(LEE_ID, CATALOGUE_ID)}
    assert desk.teams.calls == []
    await desk.colleague_at(desk.teams.url)
    desk.seconds.now += LOOK_AGAIN_AFTER
    assert isinstance(await desk.open(), Address)


@pytest.mark.parametrize(
    ("known", "script", "result", "asked"),
    [
        (False, [CHAT], Address, ["/documented"]),
        (True, [CHAT], Address, ["/teams"]),
        (True, [(404, {}, {}), CHAT], Address, ["/teams", "/documented"]),
        (True, [(500, {}, {})], Attempt, ["/teams"]),
    ],
)
async def test_a_chat_is_opened_where_a_colleague_is_reached_and_else_where_microsoft_says(
    desk, known, script, result, asked
):
    documented = desk.teams.url.replace("/teams", "/documented/")
    if not known:
        await desk.people.forget_address(ANA)
    desk.teams.script = script
    places = ["https://evil.example/", documented, desk.teams.url]
    assert isinstance(await desk.over(desk.people, places).open_chat(LEE), result)
    assert [call.path for call in desk.teams.calls] == [f"{place}/v3/conversations" for place in asked]


async def test_a_place_that_is_not_trusted_gets_no_token(desk, sign_in):
    await desk.colleague_at("https://evil.example/")
    assert (await desk.open()).result is Result.NOT_SENT
    assert "https://api.botframework.com/.default" not in sign_in.scopes.values()


def test_the_documented_places_are_on_hosts_that_are_trusted_by_default():
    trusted = Connector(tokens=None, service_hosts=frozenset(TEAMS_HOSTS.split(",")), local=False)
    assert all(trusted.allows(place) and place.endswith("/teams/") for place in TEAMS_PLACES)


async def test_graph_leads_nobody_elsewhere(desk):
    desk.service.answer_next(CATALOGUE, (307, {"Location": f"{desk.teams.url}/elsewhere"}, {}))
    assert (await desk.open()).result is Result.UNREACHABLE
    assert desk.teams.calls == []


async def test_a_card_is_delivered_to_somebody_who_had_no_chat(desk):
    desk.teams.script = [CHAT, (201, {}, {"id": "card"})]
    messenger = Messenger(desk.connector, desk.people, Lanes(desk.office.clock), desk.installation)
    attempt = await messenger.deliver(LEE, {"type": "AdaptiveCard"}, "a card")
    assert attempt == Attempt(Result.DELIVERED, "201", None, desk.teams.url, "a:1lee", "card")
    assert desk.teams.calls[1].path == "/teams/v3/conversations/a%3A1lee/activities"


async def test_a_card_for_which_there_is_no_room_waits_and_its_chat_stays(desk):
    lanes = Lanes(desk.office.clock)
    lanes.hold(HOME, 50)
    messenger = Messenger(desk.connector, desk.people, lanes, desk.installation)
    attempt = await messenger.deliver(LEE, {"type": "AdaptiveCard"}, "a card")
    assert (attempt.result, attempt.retry_after >= 50) == (Result.THROTTLED, True)
    assert await desk.people.address(LEE)


async def test_without_an_installation_nobody_is_reached_who_has_not_opened_the_app(desk):
    messenger = Messenger(desk.connector, desk.people, Lanes(desk.office.clock))
    assert await messenger.deliver(LEE, {"type": "AdaptiveCard"}, "a card") == UNREACHABLE
    assert desk.service.calls == []
