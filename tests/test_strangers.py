"""Who is not in the directory: recognised by the roster, refused alike each time, or shown how to ask."""

import asyncio

import pytest

from bot.channel.activities import decode
from bot.channel.connector import Connector
from bot.channel.roster import Roster
from bot.domain.people import Identity
from bot.strangers import GUEST, NO_OBJECT_ID, UNKNOWN_AT_HOME, UNKNOWN_TENANT, Strangers
from state.sqlite import SqliteStore
from tests.channel.fake_connector import running_connector
from tests.domain.office import DANA, HOME, KOFI, LEE, opened_office
from tests.stories.running_bot import running_bot

CONTOSO_TENANT = "11111111-1111-4111-8111-111111111111"
NOWHERE = "88888888-1111-4111-8111-888888888888"
WEI = "wei.zhang@fasttrack.example"
NEW = "99999999-bbbb-4aaa-8aaa-000000000099"
TABLES = ("requests", "people", "conversations", "work", "views")


class Door:
    """The strangers' desk over real stores, with a connector that answers by script."""

    def __init__(self, office, service, connector):
        self.office, self.service = office, service
        # Nothing is said here: what is asked of it is an answer in words.
        self.strangers = Strangers(None, office.people, office.access, Roster(connector), HOME)

    def activity(self, object_id=NEW):
        sender = {"id": "29:1x", "name": "Somebody", **({"aadObjectId": object_id} if object_id else {})}
        chat = {"id": "a:1x", "conversationType": "personal"}
        return decode({"type": "message", "serviceUrl": self.service.url, "from": sender, "conversation": chat})

    async def recognised(self, *addresses, tenant_id=HOME, object_id=NEW, **said):
        principal, email = (*addresses, "", "")[:2]
        member = {"userPrincipalName": principal, "email": email, "aadObjectId": object_id}
        self.service.script.append((200, {}, member | said))
        return await self.strangers.recognised(self.activity(object_id), Identity(tenant_id, object_id))

    async def sentence(self, tenant_id, object_id=NEW, principal="x@x.example"):
        member = {"userPrincipalName": principal, "aadObjectId": object_id}
        self.service.script = [(200, {}, member)] * 2
        return await self.strangers.sentence(self.activity(object_id), Identity(tenant_id, object_id))


@pytest.fixture
async def door(tmp_path):
    store = SqliteStore(tmp_path / "sme.db")
    await store.open()
    connector = Connector(tokens=None, service_hosts=frozenset(), local=True)
    async with running_connector() as service:
        yield Door(await opened_office(store), service, connector)
    await connector.close()
    await store.close()


async def test_an_account_of_the_home_tenant_is_bound_to_the_person_of_its_address(door):
    person = await door.recognised("Wei.Zhang@fasttrack.example")
    assert (person.email, person.object_id) == (WEI, NEW)
    assert await door.office.people.by_identity(Identity(HOME, NEW)) == person


async def test_the_mail_address_counts_when_the_principal_name_is_another(door):
    assert (await door.recognised("wzhang@corp.example", WEI)).email == WEI


@pytest.mark.parametrize("address", [LEE, KOFI, DANA, "tomas.herrera@fabrikam-cloud.example", "nobody@x.example", ""])
async def test_nobody_else_is_bound_however_the_account_is_called(door, address):
    before = await door.office.people.export()
    assert await door.recognised(address) is None
    assert await door.office.people.export() == before


async def test_a_second_account_with_the_same_address_stays_unknown(door):
    assert await door.recognised(WEI)
    assert await door.recognised(WEI, object_id="99999999-bbbb-4aaa-8aaa-000000000098") is None


@pytest.mark.parametrize("said", [{"aadObjectId": "99999999-aaaa-4aaa-8aaa-000000000001"}, {"aadObjectId": 7}])
async def test_a_roster_about_somebody_else_binds_nobody(door, said):
    assert await door.recognised(WEI, **said) is None


async def test_a_guest_is_bound_to_nobody(door):
    assert await door.recognised("wei_x.example#EXT#@fasttrack.example", WEI) is None


async def test_other_tenants_and_accounts_without_an_id_are_not_even_looked_up(door):
    assert await door.recognised(WEI, tenant_id=CONTOSO_TENANT) is None
    assert await door.recognised(WEI, tenant_id=NOWHERE) is None
    assert await door.recognised(WEI, object_id="") is None
    assert door.service.calls == []


async def test_a_roster_that_hangs_or_is_broken_leaves_the_person_unknown(door):
    for step in ("hang", "reset", "half", (404, {}, {}), (500, {}, "no"), (200, {}, [1])):
        door.service.script = [step]
        assert await door.strangers.recognised(door.activity(), Identity(HOME, NEW)) is None
    door.service.script = []


async def test_everybody_is_refused_in_the_words_for_them(door):
    assert await door.sentence(NOWHERE) == UNKNOWN_TENANT
    assert await door.sentence(NOWHERE, "") == UNKNOWN_TENANT
    assert await door.sentence(HOME) == UNKNOWN_AT_HOME
    assert await door.sentence(HOME, principal="a_b.example#EXT#@home.example") == GUEST
    assert await door.sentence(CONTOSO_TENANT, "") == NO_OBJECT_ID
    assert await door.sentence(CONTOSO_TENANT, principal="a_b.example#EXT#@contoso.example") == GUEST
    said = await door.sentence(CONTOSO_TENANT)
    assert "Lee Park" in said
    assert "request access" in said


async def test_a_partner_whose_fpm_is_removed_is_named_by_the_address(door):
    await door.office.people.remove(await door.office.person(LEE))
    assert LEE in await door.sentence(CONTOSO_TENANT)


@pytest.fixture
async def bot(tmp_path):
    async with running_bot(tmp_path) as running:
        yield running


@pytest.fixture
async def maya(bot):
    await bot.people("Lee Park")
    return bot.teams.stranger("Maya Roth", CONTOSO_TENANT, "77777777-1111-4111-8111-777777777777")


async def test_somebody_of_the_home_tenant_is_served_from_the_first_message_on(bot):
    wei = bot.teams.stranger("Wei Zhang", HOME, NEW)
    wei.email = WEI
    assert "Wei Zhang" in await wei.say("hello")
    assert "No engagement" in await wei.say("engagements")


async def test_who_installs_the_app_is_shown_how_to_ask_once(bot, maya):
    await maya.install()
    assert len(maya.chat) == 1
    assert maya.newest_card.button("ask")


async def test_the_same_installation_told_again_shows_no_second_card(bot, maya):
    told = maya.activity(type="installationUpdate", action="add")
    await asyncio.gather(*(maya.deliver(told) for _ in range(3)))
    assert len(maya.chat) == 1


@pytest.mark.parametrize("tenant_id", [NOWHERE, HOME])
async def test_installing_tells_others_nothing_and_keeps_nothing(bot, tenant_id):
    nobody = bot.teams.stranger("Nia Body", tenant_id, "88888888-2222-4222-8222-888888888888")
    before = [bot.rows(table) for table in TABLES]
    await nobody.install()
    await nobody.uninstall()
    assert nobody.chat == []
    assert [bot.rows(table) for table in TABLES] == before


async def test_somebody_unknown_of_the_home_tenant_gets_the_same_answer_each_time(bot):
    await bot.people("Lee Park")
    nobody = bot.teams.stranger("Nia Body", HOME, "88888888-2222-4222-8222-888888888888")
    before = [bot.rows(table) for table in TABLES]
    said = {
        await nobody.say(text) for text in ("hi", "request access", "accept 0000000000", "invite a@b.example CONTOSO")
    }
    said.add(await nobody.forge({"verb": "ask", "name": "N", "email": "n@x.example", "partner_name": "CONTOSO"}))
    said.add(await nobody.forge_press("admit", "CONTOSO-access-0123456789abcdef"))
    assert said == {UNKNOWN_AT_HOME}
    assert [bot.rows(table) for table in TABLES] == before


@pytest.mark.parametrize("value", [7, True, None, ["x"], {"a": 1}, "", "x" * 30_000, "\U0001f600" * 500, "\u202eevil"])
@pytest.mark.parametrize("key", ["name", "email", "contact_email", "phone", "partner_name", "verb", "code"])
async def test_whatever_the_card_sends_is_answered_and_nothing_odd_is_kept(bot, maya, key, value):
    given = {"verb": "ask", "name": "Maya", "email": "m@x.example", "partner_name": "CONTOSO", key: value}
    assert "went wrong" not in await maya.forge(given)
    assert maya.chat
    kept = [row for name, row in bot.rows().items() if " access:" in name]
    assert all(len(row["name"]) <= 120 and row["email"] == "m@x.example" for row in kept)


@pytest.mark.parametrize("code", [7, ["7K3QXDPM42"], "", "x" * 30_000, "\U0001f600", "' OR 1=1 --"])
async def test_whatever_is_sent_as_a_code_is_answered(bot, maya, code):
    assert await maya.forge({"verb": "accept_code", "code": code})
    assert maya.newest_card.button("ask") if maya.chat[-1].card else "not right" in maya.chat[-1].words


async def test_a_press_of_somebody_unknown_names_the_way_in(bot, maya):
    for number in ("CONTOSO-7K3QXD", "CONTOSO-access-0123456789abcdef", "x"):
        assert "request access" in await maya.forge_press("admit", number)


async def test_who_is_registered_and_presses_the_old_card_is_answered(bot, maya):
    (lee,) = await bot.people("Lee Park")
    await maya.say("hello")
    old = await maya.card_with("ask")
    press = maya.press_of(old, "ask", name="Maya Roth", email="m@x.example", partner_name="CONTOSO")
    await lee.say("invite m@x.example CONTOSO")
    await bot.teams.settle()
    (mail,) = bot.mails()
    code = mail.get_content().split("accept ")[1][:10]
    assert "Hello Maya Roth" in await maya.press("accept_code", on=old, code=code)
    assert "went wrong" not in await maya._turn(press)
    use = maya.press_of(old, "accept_code", code=code)
    assert "did not understand" not in await maya._turn({**use, "id": "another"})
    assert len([name for name in bot.rows() if " access:" in name]) == 1
