"""Fields that nobody here knows, at every level of an activity: it is answered as it is without them."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.channel.local_framework import payload_names
from tests.fuzz.authentic import Activity, adopted, executed, pressed
from tests.fuzz.chats import Chats
from tests.fuzz.production import Answer, Production
from tests.teams import Person

SURPRISE = {"@odata.type": "#new.thing", "list": [1, 2.5, None, {"deep": {"er": [True]}}], "text": "\u202e\U0001f469"}


def with_extras(node: Any) -> Any:
    """Return the JSON value with unknown fields in every object, of every type that JSON has."""
    if isinstance(node, list):
        return [with_extras(item) for item in node]
    if not isinstance(node, dict):
        return node
    known = {key: with_extras(value) for key, value in node.items()}
    return {"x-first": None, **known, "x-object": SURPRISE, "x-list": [SURPRISE], "x-number": -1e-7, "x-text": ""}


async def answered(bot: Production, activity: Activity) -> tuple[int, Any, list[tuple[str, str]]]:
    """Return the answer to an activity, and what the bot said in the chats."""
    answer: Answer = await bot.deliver(activity)
    said = [(call.method, call.words) for call in bot.microsoft.chats.take()]
    return answer.status, answer.text and json.loads(answer.text), said


async def are_alike(bot: Production, people: list[Person], make: Callable[[Person], Activity]) -> None:
    """Check that two people who are alike get the same, one without and one with unknown fields."""
    plain, extended = people
    without = await answered(bot, make(plain))
    assert without[0] == 200
    assert await answered(bot, with_extras(make(extended))) == without


@pytest.fixture
async def bot(start, numbers):
    async with start() as running:
        yield running
        assert not running.complaints


async def test_every_activity_of_teams_with_unknown_fields_is_answered_as_without_them(bot, people):
    for index, name in enumerate(payload_names()):
        pair = people[2 * index], people[2 * index + 1]
        await are_alike(bot, pair, lambda person, name=name: adopted(name, person))


async def test_the_form_is_filled_in_with_unknown_fields_beside_the_answers(bot, people):
    chats: Chats = bot.microsoft.chats
    for step in range(2):
        await are_alike(bot, people[:2], lambda person: pressed(person, 0))
        assert len({chats.newest[person.conversation].words for person in people[:2]}) == 1, step
    assert "Step 2 of 4" in chats.newest[people[1].conversation].words


async def test_a_press_with_unknown_fields_is_answered_as_without_them(bot, people, numbers):
    for verb in ("approve", "withdraw", "refresh", "no_such_verb"):
        await are_alike(bot, people[:2], lambda person, verb=verb: executed(person, verb, numbers[0]))
