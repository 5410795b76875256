"""The clock that local mode can move, and what /health says."""

from datetime import datetime

import pytest

from tests.stories.connector import answers_503
from tests.stories.journey import submitted


async def test_the_clock_moves_forward_and_stays_there(bot):
    _, first = await bot.call("POST", "/local/clock", {"advance_seconds": 0})
    _, later = await bot.call("POST", "/local/clock", {"advance_seconds": 86_400})
    _, still = await bot.call("POST", "/local/clock", {"advance_seconds": 0})

    now, tomorrow, then = (datetime.fromisoformat(body["now"]) for body in (first, later, still))
    assert now.tzinfo is not None
    assert (tomorrow - now).days == 1
    assert then >= tomorrow


@pytest.mark.parametrize(
    "body", [{}, [], "x", {"advance_seconds": -1}, {"advance_seconds": "1"}, {"advance_seconds": True}]
)
async def test_the_clock_does_not_take_what_is_no_advance(bot, body):
    status, answer = await bot.call("POST", "/local/clock", body)
    assert status == 400
    assert answer["error"]


async def test_the_dates_on_cards_follow_the_moved_clock(bot):
    dana, _lee = await bot.people("Dana Reyes", "Lee Park")
    await bot.advance(40 * 86_400)
    _, body = await bot.call("POST", "/local/clock", {"advance_seconds": 0})
    number = await submitted(dana)
    assert bot.request_rows()[number]["submitted_at"][:10] == body["now"][:10]


async def test_health_says_that_all_is_well(bot):
    dana, _lee = await bot.people("Dana Reyes", "Lee Park")
    await submitted(dana)

    status, report = await bot.call("GET", "/health")

    assert status == 200
    assert report["status"] == "ok"
    assert report["storage"] == "sqlite"
    assert report["version"]
    assert report["notices"] == {"pending": 0, "parked": 0, "oldest_due_seconds": 0}
    assert report["clocks"] == {"overdue": 0}


async def test_health_is_degraded_while_a_notice_is_parked(bot):
    async def rejects_cards_to_lee(call):
        answer = await answers_503(call)
        answer.set_status(400)
        return answer if call.conversation == lee.conversation else None

    dana, lee = await bot.people("Dana Reyes", "Lee Park")
    with bot.teams.failing(rejects_cards_to_lee):
        await submitted(dana)

    status, report = await bot.call("GET", "/health")
    assert status == 200
    assert report["status"] == "degraded"
    assert report["notices"]["parked"] == 1
    await bot.advance(25 * 3_600)
    assert (await bot.health())["status"] == "ok"
