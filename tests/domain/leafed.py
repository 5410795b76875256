"""The first lines of a list that people leaf through."""

from bot.domain.ports import Look


async def leafed(lists, of, whose, wanted):
    seen = await lists.look(of, whose, Look(wanted, 1_000, lambda _: True))
    return list(seen.rows)
