"""Forged presses and strangers: a sentence for whoever sent them, and nothing changed."""

import pytest

from tests.stories.journey import approved, assigned, review, statuses, submitted
from tests.stories.unchanged import refused
from tests.teams import REFUSED

UNKNOWN_NUMBER = "CONTOSO-000000"
DECISIONS = {
    "approve": {},
    "deny": {"deny_reason": "out_of_scope"},
    "return": {"return_note": "Fix it."},
    "delegate": {"delegate_to": "renee.carter@fasttrack.example"},
}
OTHERS = [
    "Dana Reyes",
    "Piotr Zieliński",
    "Joshua Whitfield",
    "Renee Carter",
    "Ana Souza",
    "Kofi Mensah",
    "Samira Haddad",
]


@pytest.mark.parametrize("verb", DECISIONS)
@pytest.mark.parametrize("name", OTHERS)
async def test_only_the_fpm_of_a_request_decides(bot, name, verb):
    dana, _lee, other = await bot.people("Dana Reyes", "Lee Park", name)
    number = await submitted(dana)

    await refused(bot, other.forge_press(verb, number, 1, **DECISIONS[verb]))


async def test_nobody_decides_on_a_request_of_their_own_partner_or_takes_it_over(bot):
    dana, lee, ana, kofi, laura = await bot.people(
        "Dana Reyes", "Lee Park", "Ana Souza", "Kofi Mensah", "Laura Bianchi"
    )
    number = await assigned(dana, lee, ana, kofi)
    revision = bot.request_rows()[number]["revision"]

    for person, verb in [(dana, "accept"), (laura, "accept"), (lee, "accept"), (ana, "close"), (kofi, "release")]:
        await refused(bot, person.forge_press(verb, number, revision, release_reason="x", close_reason="x"))


async def test_an_unknown_number_and_somebody_elses_are_the_same_answer(bot):
    dana, joshua, _lee = await bot.people("Dana Reyes", "Joshua Whitfield", "Lee Park")
    number = await submitted(dana)

    for word in ("status", "withdraw"):
        unknown = await refused(bot, joshua.say(f"{word} {UNKNOWN_NUMBER}"))
        foreign = await refused(bot, joshua.say(f"{word} {number}"))
        assert unknown == foreign
        assert "Adventure Works" not in foreign
    for verb in ("withdraw", "approve", "refresh", "issue"):
        unknown = await refused(bot, joshua.forge_press(verb, UNKNOWN_NUMBER, issue_text="x"))
        foreign = await refused(bot, joshua.forge_press(verb, number, issue_text="x"))
        assert unknown == foreign
    for verb in ("status", "again", "fix", "withdraw"):
        unknown = await refused(bot, joshua.forge({"verb": verb, "request": UNKNOWN_NUMBER, "revision": 1}))
        foreign = await refused(bot, joshua.forge({"verb": verb, "request": number, "revision": 1}))
        assert unknown == foreign


async def test_the_same_object_id_in_another_tenant_is_somebody_else(bot):
    dana, lee = await bot.people("Dana Reyes", "Lee Park")
    number = await submitted(dana)
    twin = bot.teams.stranger("Lee Park Twin", dana.tenant_id, lee.object_id)

    said = await refused(bot, twin.forge_press("approve", number))

    assert "not registered" in said
    assert number not in said


async def test_a_name_or_a_mail_address_in_a_cards_data_gives_no_right(bot):
    dana, _lee, renee = await bot.people("Dana Reyes", "Lee Park", "Renee Carter")
    number = await submitted(dana)
    claims = {
        "email": "lee.park@fasttrack.example",
        "by": "lee.park@fasttrack.example",
        "role": "fpm",
        "topic": "decision",
    }

    await refused(bot, renee.forge_press("approve", number, 1, **claims))


@pytest.mark.parametrize("revision", [0, 2, 99, -1, "1.5", None, "one", 10**30, True, [1], {"a": 1}])
async def test_a_revision_that_the_card_never_had_changes_nothing(bot, revision):
    dana, lee = await bot.people("Dana Reyes", "Lee Park")
    number = await submitted(dana)

    said = await refused(bot, lee.forge_press("approve", number, revision))

    assert "Submitted" in said or said == REFUSED


async def test_inputs_that_the_card_never_offered_change_nothing(bot):
    dana, lee, ana = await bot.people("Dana Reyes", "Lee Park", "Ana Souza")
    number = await submitted(dana)
    await refused(bot, lee.forge_press("deny", number, 1, deny_reason="because"))
    await refused(bot, lee.forge_press("deny", number, 1, deny_reason=["other"], deny_note={"a": "b"}))
    await refused(bot, lee.forge_press("deny", number, 1, deny_reason="other", deny_note="x" * 2_001))
    await refused(bot, lee.forge_press("delegate", number, 1, delegate_to=ana.email))
    await refused(bot, lee.forge_press("delegate", number, 1, delegate_to=lee.email))
    await lee.press("approve", showing=number)
    await bot.advance(0)
    for email in (dana.email, lee.email, ana.email, "nobody@fasttrack.example", ""):
        await refused(bot, ana.forge_press("assign", number, 2, sme=email))


async def test_fields_to_fix_that_do_not_exist_are_left_out(bot):
    dana, lee = await bot.people("Dana Reyes", "Lee Park")
    number = await submitted(dana)

    await lee.forge_press(
        "return", number, 1, return_fields="tenant_name,status,__proto__,token", return_note="Fix it."
    )

    assert bot.request_rows()[number]["returned_fields"] == "tenant_name"


async def test_a_form_of_somebody_else_cannot_be_submitted(bot):
    dana, piotr, _lee = await bot.people("Dana Reyes", "Piotr Zieliński", "Lee Park")
    page = await review(dana)

    await refused(bot, piotr.forge(page.button("submit").data))

    assert not statuses(bot)


async def test_an_unknown_tenant_gets_the_same_polite_answer_and_nothing_is_stored(bot):
    dana, _lee = await bot.people("Dana Reyes", "Lee Park")
    number = await submitted(dana)
    mallory = bot.teams.stranger(
        "Mallory", "44444444-4444-4444-8444-444444444444", "44444444-aaaa-4aaa-8aaa-000000000001"
    )
    await bot.advance(0)
    before = {table: bot.rows(table) for table in ("requests", "views", "people", "conversations", "work")}

    await mallory.install()
    answers = {await mallory.say(text) for text in ("help", "new request", f"status {number}")}
    answers.add(await mallory.forge_press("approve", number))

    assert len(answers) == 1
    assert "not registered with the programme" in answers.pop()
    assert {table: bot.rows(table) for table in before} == before


async def test_an_unknown_person_of_a_partner_is_sent_to_the_fpm(bot):
    dana, _lee = await bot.people("Dana Reyes", "Lee Park")
    number = await submitted(dana)
    newcomer = bot.teams.stranger("New Comer", dana.tenant_id, "11111111-aaaa-4aaa-8aaa-999999999999")

    for attack in (
        newcomer.say("new request"),
        newcomer.say(f"status {number}"),
        newcomer.forge_press("withdraw", number),
    ):
        said = await refused(bot, attack)
        assert "Lee Park" in said
        assert "Adventure Works" not in said


async def test_an_unknown_person_of_the_home_tenant_is_sent_to_the_programme(bot):
    dana, lee = await bot.people("Dana Reyes", "Lee Park")
    number = await approved(dana, lee)
    nobody = bot.teams.stranger("No Body", lee.tenant_id, "99999999-aaaa-4aaa-8aaa-999999999999")

    assert "programme team" in await refused(bot, nobody.say("inbox"))
    assert "programme team" in await refused(
        bot, nobody.forge_press("assign", number, 2, sme="kofi.mensah@fasttrack.example")
    )


async def test_a_message_without_an_object_id_is_nobody(bot):
    (dana,) = await bot.people("Dana Reyes")
    ghost = bot.teams.stranger("Ghost", dana.tenant_id, "")
    assert await refused(bot, ghost.say("new request"))


async def test_a_group_chat_is_told_to_talk_in_person(bot):
    dana, _lee = await bot.people("Dana Reyes", "Lee Park")
    number = await submitted(dana)
    group = {"isGroup": True, "conversationType": "groupChat", "tenantId": dana.tenant_id, "id": "19:group@thread.v2"}
    bot.teams.chats[group["id"]] = []

    await dana.deliver(dana.activity(text=f"<at>SME Requests</at> status {number}", conversation=group))
    await dana.deliver(dana.activity(text="<at>SME Requests</at> new request", conversation=group))

    shown = [m.words for m in bot.teams.chats[group["id"]]]
    assert shown
    assert all("personal chat" in words for words in shown)


async def test_a_card_forwarded_to_a_group_chat_decides_only_for_the_fpm(bot):
    dana, lee, renee = await bot.people("Dana Reyes", "Lee Park", "Renee Carter")
    number = await submitted(dana)
    decision = await lee.card_with("approve", showing=number)
    press = renee.press_of(decision, "approve")

    answer = await renee.deliver(press)

    assert "no such request" in str(answer["value"])
    assert statuses(bot) == {number: "submitted"}
