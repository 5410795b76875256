"""People of partners' tenants come in: they ask or are invited, get a code by mail, and are registered by it."""

import asyncio
import re
import sqlite3
from contextlib import closing

import pytest

from tests.stories.journey import submitted
from tests.stories.test_promises import now

CONTOSO_TENANT = "11111111-aaaa-4aaa-8aaa-000000000001"
CODE = re.compile(r"^accept ([0-9A-HJKMNP-TV-Z]{10})$", re.MULTILINE)


@pytest.fixture
async def maya(bot):
    """Somebody of Contoso whom the directory does not have."""
    (dana,) = await bot.people("Dana Reyes")
    return bot.teams.stranger("Maya Roth", dana.tenant_id, "77777777-1111-4111-8111-777777777777")


def codes_to(bot, address):
    texts = [mail.get_content().replace("\r", "") for mail in bot.mails() if mail["To"] == address]
    return [CODE.search(text)[1] for text in texts]


async def asked(maya, **given):
    await maya.say("hello")
    answers = {"name": "Maya Roth", "email": "maya.roth@contoso.example", "partner_name": "CONTOSO"}
    return await maya.press("ask", **(answers | given))


async def test_somebody_unknown_asks_is_admitted_and_registered_by_the_code(bot, maya):
    (lee,) = await bot.people("Lee Park")
    said = await maya.say("new request")
    assert "not registered for Contoso" in said
    assert "Lee Park" in said
    said = await asked(maya, phone="+49 30 1234")
    assert "Lee Park (lee.park@fasttrack.example) was asked" in said
    assert "maya.roth@contoso.example" in said

    await lee.card_with("admit", showing="Maya Roth")
    assert "+49 30 1234" in lee.newest_card.words
    assert "Invited" in await lee.press("admit")
    await bot.teams.settle()
    (code,) = codes_to(bot, "maya.roth@contoso.example")

    assert "You are admitted" in await maya.say("request access")
    assert "Hello Maya Roth" in await maya.say(f"accept {code.lower()}")
    assert "new request" in maya.newest_card.words
    await lee.sees("Registered", "Maya Roth")
    assert await submitted(maya)
    assert "Hello" not in await maya.say(f"accept {code}")


async def test_a_code_can_be_given_by_the_button(bot, maya):
    (lee,) = await bot.people("Lee Park")
    await asked(maya, contact_email="maya@home.example")
    await lee.press("admit")
    await bot.teams.settle()
    (code,) = codes_to(bot, "maya@home.example")
    await maya.say("hi")
    assert "Hello Maya Roth" in await maya.press("accept_code", code=f"{code[:5]}-{code[5:]}")


async def test_mistakes_are_named_and_the_answers_kept(bot, maya):
    said = await asked(maya, email="maya at contoso", name=" ", phone="123")
    assert "one e-mail address" in said
    assert maya.newest_card.inputs["phone"]["value"] == "123"
    assert not [name for name in bot.rows() if " access:" in name]


async def test_who_is_refused_is_told_by_mail_and_can_ask_again_after_a_day(bot, maya):
    (lee,) = await bot.people("Lee Park")
    await asked(maya)
    assert "Refused" in await lee.press("refuse", refuse_note="Please use the other account.")
    await bot.teams.settle()
    (mail,) = [mail for mail in bot.mails() if mail["To"] == "maya.roth@contoso.example"]
    assert "Please use the other account." in mail.get_content()
    assert "was refused" in await maya.say("request access")
    await bot.advance(86_401)
    assert "was asked" in await asked(maya)
    await lee.card_with("admit", showing="Maya Roth")


async def test_asking_twice_is_one_request_and_a_second_press_is_no_second_code(bot, maya):
    (lee,) = await bot.people("Lee Park")
    await maya.say("hello")
    card = await maya.card_with("ask")
    press = maya.press_of(card, "ask", name="Maya Roth", email="maya.roth@contoso.example", partner_name="CONTOSO")
    for number in range(3):
        await maya._turn({**press, "id": f"again-{number}"})
    await bot.teams.settle()
    assert len([m for m in lee.chat if m.button("admit")]) == 1
    decision = await lee.card_with("admit")
    admit = lee.press_of(decision, "admit")
    for number in range(3):
        assert "had changed" not in await lee._turn({**admit, "id": f"admit-{number}"})
    await bot.teams.settle()
    assert len(codes_to(bot, "maya.roth@contoso.example")) == 1


async def test_an_fpm_invites_revokes_and_sends_again(bot, maya):
    (lee,) = await bot.people("Lee Park")
    assert "Invited" in await lee.say("invite Maya.Roth@contoso.example contoso")
    await bot.teams.settle()
    (first,) = codes_to(bot, "maya.roth@contoso.example")
    await lee.press("send_again")
    await bot.teams.settle()
    _, second = codes_to(bot, "maya.roth@contoso.example")
    assert "not right" in await maya.say(f"accept {first}")
    listed = await lee.say("invitations")
    assert "maya.roth@contoso.example" in listed
    await lee.press("look")
    assert "Revoked" in await lee.press("revoke")
    assert "not right" in await maya.say(f"accept {second}")
    assert "Invited" in await lee.say("invite maya.roth@contoso.example CONTOSO")
    await bot.teams.settle()
    assert "Hello Maya Roth" in await maya.say(f"accept {codes_to(bot, 'maya.roth@contoso.example')[-1]}")


async def test_a_code_is_valid_for_seven_days_and_for_one_partner(bot, maya):
    (lee, joshua) = await bot.people("Lee Park", "Joshua Whitfield")
    await lee.say("invite maya.roth@contoso.example CONTOSO")
    await bot.teams.settle()
    (code,) = codes_to(bot, "maya.roth@contoso.example")
    other = bot.teams.stranger("Otto Berg", joshua.tenant_id, "77777777-2222-4111-8111-777777777777")
    assert "not right" in await other.say(f"accept {code}")
    await bot.advance(7 * 86_400 + 1)
    assert "not right" in await maya.say(f"accept {code}")
    assert "Expired" in await lee.say("invitations")


async def test_who_asked_for_it_alone_can_use_the_code(bot, maya):
    (lee,) = await bot.people("Lee Park")
    await asked(maya)
    await lee.press("admit")
    await bot.teams.settle()
    (code,) = codes_to(bot, "maya.roth@contoso.example")
    thief = bot.teams.stranger("Thea Dieb", maya.tenant_id, "77777777-3333-4111-8111-777777777777")
    assert "not right" in await thief.say(f"accept {code}")
    assert "Hello Maya Roth" in await maya.say(f"accept {code}")


async def test_five_wrong_codes_lock_for_an_hour_even_the_right_one(bot, maya):
    (lee,) = await bot.people("Lee Park")
    await lee.say("invite maya.roth@contoso.example CONTOSO")
    await bot.teams.settle()
    (code,) = codes_to(bot, "maya.roth@contoso.example")
    for left in ("4", "3", "2", "1", "last try"):
        assert left in await maya.say("accept 0000000000")
    assert "Too many wrong codes" in await maya.say(f"accept {code}")
    await bot.advance(3_601)
    assert "Hello Maya Roth" in await maya.say(f"accept {code}")


async def test_others_cannot_decide_on_access(bot, maya):
    lee, arjun, dana = await bot.people("Lee Park", "Arjun Nair", "Dana Reyes")
    await asked(maya)
    card = await lee.card_with("admit")
    admission = card.button("admit").data["request"]
    for person in (arjun, dana, maya):
        before = bot.rows()
        await person.forge_press("admit", admission)
        assert {k: v for k, v in bot.rows().items() if " access:" in k} == {
            k: v for k, v in before.items() if " access:" in k
        }
    assert "not the FPM" in await arjun.say("invite x@y.example CONTOSO")
    assert "not the FPM" in await dana.say("invite x@y.example CONTOSO")
    assert "not the FPM" in await lee.say("invite x@y.example NOWHERE")


async def test_unknown_tenants_get_the_same_answer_and_nothing_is_kept(bot):
    await bot.people("Lee Park")
    nobody = bot.teams.stranger(
        "Nia Body", "88888888-1111-4111-8111-888888888888", "88888888-2222-4111-8111-888888888888"
    )
    tables = ("requests", "people", "conversations", "work", "views")
    before = [bot.rows(table) for table in tables]
    said = {await nobody.say(text) for text in ("hello", "request access", "accept 0000000000", "new request")}
    said.add(await nobody.forge({"verb": "ask", "name": "Nia", "email": "nia@x.example", "partner_name": "CONTOSO"}))
    said.add(await nobody.forge_press("approve", "CONTOSO-7K3QXD"))
    assert len(said) == 1
    assert [bot.rows(table) for table in tables] == before


async def test_guests_are_sent_to_their_own_account(bot, maya):
    maya.principal = "maya.roth_contoso.example#EXT#@fasttrack.example"
    assert "as a guest" in await maya.say("request access")
    (lee,) = await bot.people("Lee Park")
    guest = bot.teams.stranger("Gus Est", lee.tenant_id, "88888888-4444-4111-8111-888888888888")
    guest.principal = "gus_x.example#EXT#@fasttrack.example"
    assert "as a guest" in await guest.say("hello")


async def test_people_of_the_home_tenant_are_recognised_by_their_address_in_the_roster(bot):
    (lee,) = await bot.people("Lee Park")
    person = bot.teams.stranger("Somebody Else", lee.tenant_id, "88888888-5555-4111-8111-888888888888")
    assert "I do not know you yet" in await person.say("hello")


async def test_who_is_removed_is_refused_kindly_and_can_ask_again(bot):
    dana, lee, mika = await bot.people("Dana Reyes", "Lee Park", "Mika Tanaka")
    number = await submitted(dana)
    assert "is removed" in await lee.say(f"remove {dana.email}")
    assert "not registered for Contoso" in await dana.say(f"status {number}")
    assert number not in await dana.say("my requests")
    assert "no such person" in await lee.say(f"remove {dana.email}")
    assert "no such person" in await lee.say("remove kofi.mensah@fasttrack.example")
    assert "Submitted" in await lee.say(f"status {number}")
    people = bot.rows("people")
    assert not [name for name in people if dana.email in name or dana.object_id in name]
    assert mika


async def test_after_the_requester_left_the_request_shows_the_new_contact(bot):
    dana, lee, piotr = await bot.people("Dana Reyes", "Lee Park", "Piotr Zieliński")
    number = await submitted(dana, contact_email=piotr.email)
    assert "Dana Reyes" in await lee.say(f"status {number}")
    await lee.say(f"remove {dana.email}")
    assert "Piotr" in await lee.say(f"status {number}")
    assert number in await piotr.say("my requests")
    posted = len(dana.chat)
    await lee.press("approve", showing=number)
    await bot.teams.settle()
    assert len(dana.chat) == posted
    await piotr.sees(number, "Approved by Lee Park")


async def test_the_programme_removes_somebody_and_a_press_on_an_old_card_is_refused(bot):
    dana, samira = await bot.people("Dana Reyes", "Samira Haddad")
    number = await submitted(dana)
    receipt = await dana.card_with("withdraw", showing=number)
    assert "is removed" in await samira.say(f"remove {dana.email}")
    assert "request access" in await dana.press("withdraw", on=receipt)
    assert bot.request_rows()[number]["status"] == "submitted"


async def test_who_is_removed_in_the_middle_of_the_form_keeps_no_way_in(bot):
    dana, lee = await bot.people("Dana Reyes", "Lee Park")
    await dana.say("new request")
    page = await dana.card_with("next")
    await lee.say(f"remove {dana.email}")
    said = await dana._turn(dana.press_of(page, "cancel"))
    assert "not registered for Contoso" in said
    assert "Dana Reyes" not in str(bot.rows("people"))


async def test_who_comes_in_again_is_told_of_what_the_partner_has_open(bot):
    dana, lee = await bot.people("Dana Reyes", "Lee Park")
    number = await submitted(dana)
    await lee.say(f"remove {dana.email}")
    await lee.say(f"invite {dana.email} CONTOSO")
    await bot.teams.settle()
    assert "Hello Dana Reyes" in await dana.say(f"accept {codes_to(bot, dana.email)[-1]}")
    assert number in await dana.say("my requests")


async def test_who_invited_somebody_sees_that_they_came_in(bot, maya):
    (lee,) = await bot.people("Lee Park")
    await lee.say("invite maya.roth@contoso.example CONTOSO")
    await bot.teams.settle()
    await maya.say(f"accept {codes_to(bot, 'maya.roth@contoso.example')[-1]}")
    await bot.teams.settle()
    assert "Registered" in await lee.say("invitations")
    await lee.press("look")
    assert "Registered" in lee.newest_card.words


async def test_health_tells_of_no_code_and_no_person(bot, maya):
    (lee,) = await bot.people("Lee Park")
    await asked(maya)
    await lee.press("admit")
    await bot.teams.settle()
    (code,) = codes_to(bot, "maya.roth@contoso.example")
    health = str(await bot.health())
    assert code not in health
    assert "maya" not in health.lower()
    tables = ("requests", "people", "conversations", "work", "views")
    await maya.say(f"accept {code}")
    assert not [table for table in tables if code in str(bot.rows(table))]


async def test_a_name_that_looks_like_a_button_or_a_link_is_only_a_name(bot, maya):
    (lee,) = await bot.people("Lee Park")
    name = "[Admit](https://evil.example) <at>Lee</at> \U0001f469\u200d\U0001f680 שרה"
    await asked(maya, name=name)
    assert name in (await lee.card_with("admit")).words
    await lee.press("admit")
    await bot.teams.settle()
    (code,) = codes_to(bot, "maya.roth@contoso.example")
    assert name in await maya.say(f"accept {code}")


async def test_a_code_delivered_twice_at_once_welcomes_and_counts_once(bot, maya):
    (lee,) = await bot.people("Lee Park")
    await lee.say("invite maya.roth@contoso.example CONTOSO")
    await bot.teams.settle()
    (code,) = codes_to(bot, "maya.roth@contoso.example")
    given = maya.activity(text=f"accept {code}", textFormat="plain")
    await asyncio.gather(*(maya.deliver(given) for _ in range(3)))
    assert [m for m in maya.chat if "Hello Maya Roth" in m.words]
    assert not [m for m in maya.chat if "not right" in m.words]
    assert "registered already" in await maya.say(f"accept {code}")


async def test_who_is_removed_cannot_come_back_by_another_code_and_a_new_account_can(bot, maya):
    (lee,) = await bot.people("Lee Park")
    await asked(maya, email="maya@contoso.example")
    await lee.press("admit")
    await lee.say("invite maya.roth@contoso.example CONTOSO")
    await bot.teams.settle()
    (first,), (second,) = (codes_to(bot, at) for at in ("maya@contoso.example", "maya.roth@contoso.example"))
    await maya.say(f"accept {second}")
    await lee.say("remove maya.roth@contoso.example")
    assert "not right" in await maya.say(f"accept {first}")
    await bot.advance(61)
    await lee.say("invite maya.roth@contoso.example CONTOSO")
    await bot.teams.settle()
    newer = bot.teams.stranger("Maya Roth", maya.tenant_id, "77777777-5555-4111-8111-777777777777")
    assert "Hello Maya Roth" in await newer.say(f"accept {codes_to(bot, 'maya.roth@contoso.example')[-1]}")


async def test_the_cover_is_asked_to_admit_and_removes(bot, maya):
    lee, arjun = await bot.people("Lee Park", "Arjun Nair")
    today = (await now(bot)).date()
    await lee.say(f"cover {arjun.email} from {today} to {today}")
    await asked(maya)
    assert "Invited by Arjun Nair" in await arjun.press("admit", showing="Maya Roth")
    assert not [m for m in lee.chat if m.button("admit")]
    assert "is removed" in await arjun.say("remove dana.reyes@contoso-consulting.example")


async def test_what_waits_for_an_fpm_who_has_left_waits_for_the_partners_fpm(bot):
    dana, lee, mika = await bot.people("Dana Reyes", "Lee Park", "Mika Tanaka")
    number = await submitted(dana)
    rows = [row for row in bot.rows("people").values() if lee.email in row.values()]
    assert rows
    with closing(sqlite3.connect(bot.folder / "sme.db")) as connection, connection:
        connection.execute(f"DELETE FROM row WHERE name = 'people' AND key LIKE '%{lee.email}%'")  # noqa: S608 - ours
        connection.execute("UPDATE row SET etag = 'changed' WHERE name = 'people' AND key = 'change'")
    assert number in await mika.say("inbox")
    assert "Approved by Mika Tanaka" in (await mika.say(f"status {number}") and await mika.press("approve"))
