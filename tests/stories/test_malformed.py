"""Malformed values, bodies that are no activity, hostile and endless texts: a sentence, and nothing changed."""

import pytest

from tests.stories.journey import assigned, review, submitted
from tests.stories.unchanged import refused


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"verb": "approve"},
        {"verb": "approve", "request": None},
        {"verb": "approve", "request": 7},
        {"verb": "approve", "request": ["CONTOSO-000000"]},
        {"verb": "approve", "request": "../../etc/passwd", "revision": 1},
        {"verb": "approve", "request": "CONTOSO-'; DROP TABLE row;--", "revision": 1},
        {"verb": "approve", "request": "x" * 5_000, "revision": 1},
        {"verb": "no_such_verb", "request": "CONTOSO-000000", "revision": 1},
        {"verb": ["approve"], "request": "CONTOSO-000000"},
        {"verb": "submit", "form": "0" * 32, "card": "x", "stop": "review"},
        {"verb": "next", "form": {"a": 1}, "card": [], "stop": None},
        {"verb": "resume", "form": "0" * 32},
        {"verb": "afresh", "form": 1, "again": "CONTOSO-000000"},
        {"verb": "status"},
        {"verb": "again", "request": {"a": 1}},
        {"verb": "ask_fpm", "question": "x"},
        {"a": {"b": {"c": [1, 2, 3]}}},
    ],
)
async def test_malformed_values_are_answered_with_a_sentence(bot, value):
    (dana,) = await bot.people("Dana Reyes")
    await refused(bot, dana.forge(value))
    await refused(
        bot, dana.forge_invoke({"action": {"type": "Action.Execute", "verb": value.get("verb"), "data": value}})
    )


@pytest.mark.parametrize(
    "value", [None, {}, [], "text", {"action": None}, {"action": []}, {"action": {"data": []}}, {"action": {"verb": 1}}]
)
async def test_malformed_invokes_are_answered_with_a_sentence(bot, value):
    (dana,) = await bot.people("Dana Reyes")
    await refused(bot, dana.forge_invoke(value))


async def test_forged_answers_of_a_form_are_checked_like_typed_ones(bot):
    dana, _lee = await bot.people("Dana Reyes", "Lee Park")
    page = await review(dana)
    await dana.press("edit", on=page, data={"page": "people"})
    people = next(m for m in reversed(dana.chat) if "next" in m.verbs)
    data = people.button("next").data
    wrong = {
        "partner_name": "FABRIKAM",
        "fpm": dana.email,
        "delivery_team": "Somebody",
        "contact_email": ["a@b.example"],
    }

    said = await refused(bot, dana.forge(data | wrong, reply_to=people.id))

    assert said.count("choose one of the entries") == 3
    assert "could not be read" in said


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 400), (b"[]", 400), (b"{", 400), (b"\xff\xfe", 400), (b"x" * 300_000, 413), (b"[" * 100 + b"]" * 100, 400)],
)
async def test_a_body_that_is_no_activity_is_refused(bot, body, status):
    headers = {"Content-Type": "application/json"}
    async with bot.teams._session.post(f"{bot.teams.bot_url}/api/messages", data=body, headers=headers) as response:
        assert response.status == status


async def test_hostile_text_is_shown_as_text(bot):
    hostile = "<at>everyone</at> [free](https://evil.example) **bold** {{DATE(2026-11-22T10:00:00Z)}} \u202egnp.exe"
    dana, lee = await bot.people("Dana Reyes", "Lee Park")
    number = await submitted(dana, tenant_name=hostile, justification=f"{hostile} is what we need help with.")

    decision = await lee.card_with("approve", showing=number)

    blocks = [line for line in str(decision.card).split("'TextBlock'") if "evil.example" in line.split("'type'")[0]]
    assert not blocks, "a TextBlock renders Markdown"
    assert "[free](https://evil.example)" in decision.words
    assert "\u202e" not in decision.words


async def test_the_longest_texts_of_every_script_still_make_cards_that_teams_takes(bot):
    dana, lee, ana, kofi = await bot.people("Dana Reyes", "Lee Park", "Ana Souza", "Kofi Mensah")
    longest = {
        "tenant_name": "客" * 120,
        "justification": "助" * 2_000,
        "notes": "注" * 2_000,
        "exception_reason": "例" * 2_000,
    }
    number = await assigned(dana, lee, ana, kofi, workload="MIG_P2", seat_count="150", primary_language="ja", **longest)

    ping = await kofi.card_with("accept", showing=number)

    assert "助" * 1_000 in ping.words
    assert (await bot.health())["notices"] == {"pending": 0, "parked": 0, "oldest_due_seconds": 0}
    assert "助" in await dana.say(f"status {number}") + (await lee.card_with("close", showing=number)).words
