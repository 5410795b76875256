"""A process that is killed leaves its traces in the store: who delivers its notices goes on with them."""

from bot.instruments import DELIVERY_SPAN
from tests.ingestion import running_ingestion
from tests.stories.journey import submitted
from tests.stories.running_bot import Bot, bot_process
from tests.stories.test_traces import takes_no_notices
from tests.stories.test_two_instances import free_port
from tests.teams import running_teams


async def test_a_notice_of_a_killed_process_is_delivered_within_the_trace_of_what_made_it(tmp_path):
    async with running_teams() as teams, running_ingestion() as ingestion:
        bot = Bot(teams, tmp_path)
        telemetry = {"APPLICATIONINSIGHTS_CONNECTION_STRING": ingestion.connection_string}
        async with bot_process(bot, free_port(), **telemetry) as process:
            dana, lee = await bot.people("Dana Reyes", "Lee Park")
            with teams.failing(takes_no_notices):
                number = await submitted(dana)
                process.kill()
        [made] = [row["trace"] for row in bot.rows().values() if row.get("topic") == "decision" and "attempts" in row]
        async with bot_process(bot, free_port(), **telemetry):
            await bot.advance(120)
            await lee.card_with("approve", showing=number)

    told = [each for each in ingestion.of("RequestData") if each["name"] == DELIVERY_SPAN]
    [arrived] = [each for each in told if each["properties"]["sme.topic"] == "decision"]
    _, trace, span, _ = made.split("-")
    assert arrived["properties"]["sme.outcome"] == "delivered"
    assert arrived["tags"]["ai.operation.id"] == trace
    assert arrived["tags"]["ai.operation.parentId"] == span
