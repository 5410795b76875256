"""Carries an attack out and looks whether anything has changed."""

from collections.abc import Awaitable
from typing import Any

from tests.stories.running_bot import Bot


def stored(bot: Bot) -> tuple[dict[str, Any], ...]:
    return bot.rows("requests"), bot.rows("views")


async def refused(bot: Bot, attack: Awaitable[str]) -> str:
    """Return the sentence that answers an attack; it must leave every request and list as it was."""
    await bot.advance(0)
    before = stored(bot)
    said = await attack
    await bot.advance(0)
    assert said.strip(), "an answer is owed"
    assert "Something went wrong" not in said
    assert stored(bot) == before
    return said
