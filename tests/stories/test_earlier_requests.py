"""Duplicates and repeats are shown to the requester before submit and to the FPM, and deny nothing by themselves."""

from tests.stories.journey import review, statuses, submitted

OTHER_CUSTOMER = {"tenant_id": "0f8fad5b-d9cb-469f-a165-70867728950e", "tenant_name": "Wide World Importers"}


async def test_a_duplicate_is_shown_to_both(bot):
    dana, piotr, lee = await bot.people("Dana Reyes", "Piotr Zieliński", "Lee Park")
    first = await submitted(dana)

    last_look = await review(piotr, topic="unblocking")
    assert f"Duplicate: {first} for Adventure Works" in last_look.words
    await piotr.press("submit", on=last_look)

    decision = await lee.card_with("approve", showing=f"Duplicate: {first}")
    assert "Adventure Works" in decision.words
    assert set(statuses(bot).values()) == {"submitted"}


async def test_a_repeat_for_another_customer_is_shown_to_both(bot):
    dana, lee = await bot.people("Dana Reyes", "Lee Park")
    first = await submitted(dana)
    await lee.press("deny", showing=first, deny_reason="out_of_scope")

    last_look = await review(dana, **OTHER_CUSTOMER)
    assert f"Repeat: {first} for Adventure Works" in last_look.words
    await dana.press("submit", on=last_look)

    await lee.card_with("approve", showing=f"Repeat: {first}")


async def test_another_topic_or_a_migration_is_no_repeat(bot):
    dana, _lee = await bot.people("Dana Reyes", "Lee Park")
    migration = {"role": "migration", "workload": "EXCHANGE", "topic": "migration", "email_source": "google"}
    await submitted(dana)
    await submitted(dana, **migration)
    await bot.advance(60)

    other_topic = await review(dana, **OTHER_CUSTOMER, topic="adoption")
    assert "Repeat" not in other_topic.words
    await dana.press("submit", on=other_topic)
    other_migration = await review(dana, **OTHER_CUSTOMER, **migration)
    assert "Repeat" not in other_migration.words


async def test_what_another_partner_has_asked_is_not_shown(bot):
    dana, joshua, _lee, renee = await bot.people("Dana Reyes", "Joshua Whitfield", "Lee Park", "Renee Carter")
    first = await submitted(dana)

    last_look = await review(joshua)
    assert first not in last_look.words
    await joshua.press("submit", on=last_look)

    decision = await renee.card_with("approve")
    assert first not in decision.words
