"""Who has no chat with the bot is told by mail, and gets what waits as a card when installing the app."""

from tests.stories.journey import approved, submitted
from tests.stories.living_cards import check_every_card


async def test_an_fpm_without_the_app_is_told_by_mail_and_decides_after_installing_it(bot):
    (dana,) = await bot.people("Dana Reyes")
    lee = bot.teams.person("Lee Park")
    number = await submitted(dana)
    (mail,) = bot.mails()
    assert mail["To"] == lee.email
    assert number in mail["Subject"]
    assert "Adventure Works" in mail.get_content()

    await lee.install()
    await lee.press("approve", showing=number)

    await dana.sees("Approved by Lee Park")
    await check_every_card(bot)
    assert len([m for m in bot.mails() if m["To"] == lee.email]) == 1


async def test_what_has_been_decided_meanwhile_waits_for_nobody(bot):
    (dana,) = await bot.people("Dana Reyes")
    lee = bot.teams.person("Lee Park")
    number = await submitted(dana)
    await dana.press("withdraw", showing=number)
    await bot.advance(0)

    await lee.install()

    await check_every_card(bot)
    assert "approve" not in {verb for m in lee.chat for verb in m.verbs}


async def test_who_removed_the_app_is_told_by_mail_again(bot):
    dana, lee, _ana = await bot.people("Dana Reyes", "Lee Park", "Ana Souza")
    number = await submitted(dana)
    await dana.uninstall()

    await lee.press("approve", showing=number)
    await bot.advance(0)

    (mail,) = bot.mails()
    assert mail["To"] == dana.email
    assert "approved" in mail["Subject"].lower()


async def test_who_has_blocked_the_bot_is_told_by_mail(bot):
    dana, lee, ana = await bot.people("Dana Reyes", "Lee Park", "Ana Souza")
    bot.teams.chats.pop(ana.conversation)

    number = await approved(dana, lee)

    (mail,) = bot.mails()
    assert mail["To"] == ana.email
    assert number in mail["Subject"]


async def test_a_first_word_counts_like_an_installation(bot):
    (dana,) = await bot.people("Dana Reyes")
    number = await submitted(dana)
    lee = bot.teams.person("Lee Park")

    await lee.say("help")

    await lee.card_with("approve", showing=number)
