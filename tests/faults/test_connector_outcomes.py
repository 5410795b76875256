"""F4: whatever the connector answers, or does not, the bot does what the outcome table of its design says."""

import os
from itertools import cycle, product

import pytest

from tests.authentication import conftest as signed
from tests.faults.in_process_scenarios import SCENARIOS
from tests.faults.outcomes import running_line
from tests.faults.outcomes_in_process import FAILURES, NOT_EXECUTED, Crossing, crossed, outage
from tests.faults.outcomes_people import write_directory
from tests.faults.outcomes_run import Table
from tests.faults.outcomes_table import MAIL, PARKED, ROWS
from tests.stories.connector import error
from tests.stories.journey import review
from tests.stories.running_bot import running_bot

SEEDS = int(os.environ.get("CONNECTOR_CROSS_SEEDS", "0"))
RATES = (0.01, 0.1, 0.5, 1.0)
LONGEST_TURN, LONGEST_PRESS = 2.0, 1.5
APPROVE = next(scenario for scenario in SCENARIOS if scenario.name == "approve")

# Signing in goes over https, to a service of the authentication tests.
pem, sign_in, key_server, in_production = signed.pem, signed.sign_in, signed.key_server, signed.in_production


async def test_each_answer_of_the_connector_leads_to_what_the_table_says(tmp_path, free_port, caplog):
    directory = write_directory(tmp_path / "directory", len(ROWS))
    async with running_bot(tmp_path, SME_DIRECTORY=str(directory)) as bot, running_line(bot.teams.url) as line:
        table = Table(bot, line, ROWS)
        await table.begin()
        await table.tell(f"http://127.0.0.1:{free_port}")
        await table.follow()
        assert "\n".join(table.problems()) == ""
        await table.heal()
        for case in table.cases:
            if case.row.end in {MAIL, PARKED}:
                await case.requester.card_with("fix", showing=case.number)
        assert "\n".join(table.violations(caplog.text)) == ""


def crossings() -> list[Crossing]:
    """Return each failure once, at rates and in scenarios that take turns; or the whole cross, for each seed."""
    if not SEEDS:
        pairs = zip(cycle(SCENARIOS), cycle((0.5, 1.0, 0.1)), strict=False)
        return [Crossing(scenario, name, rate, 0) for name, (scenario, rate) in zip(FAILURES, pairs, strict=False)]
    every = product(range(SEEDS), FAILURES, RATES, SCENARIOS)
    return [Crossing(scenario, name, rate, seed) for seed, name, rate, scenario in every]


def test_a_connector_that_fails_at_any_rate_loses_nothing(say):
    chosen = crossings()
    found = [
        f"{each.failure} at {each.rate:.0%}, {each.scenario.name}, seed {each.seed}: {fault}"
        for each in chosen
        for fault in crossed(each)
    ]
    say(f"F4: {len(chosen):,} runs of a failure at a rate in a scenario, {len(found)} violations")
    assert not found, "\n".join(found)


@pytest.mark.parametrize("failure", FAILURES)
def test_people_are_answered_in_ten_minutes_of_outage_and_all_is_told_five_minutes_after(failure):
    seen = outage(APPROVE, FAILURES[failure])
    assert seen.slowest_turn <= LONGEST_TURN
    assert seen.slowest_press <= LONGEST_PRESS
    allowed = {"delivered"} if failure in NOT_EXECUTED else {"delivered", "parked"}
    assert {end.rpartition(" ")[2] for end in seen.ends} <= allowed, seen.ends


@pytest.mark.parametrize("refusals", [1, 2])
async def test_a_refused_token_is_renewed_once(in_production, refusals):
    async with in_production() as bot:
        dana, lee = await bot.people("Dana Reyes", "Lee Park")
        page = await review(dana)
        tokens, left = [], [lee.conversation] * refusals

        async def refuses_the_token(call):
            if call.conversation != lee.conversation:
                return None
            tokens.append(bot.teams.authorizations[-1])
            return error(401, "Unauthorized") if left and left.pop() else None

        with bot.teams.failing(refuses_the_token):
            await dana.press("submit", on=page)
            await lee.card_with("approve")

        assert len(tokens) == 1 + refusals
        assert len(set(tokens[:2])) == 2
        assert len([m for m in lee.chat if "approve" in m.verbs]) == 1
        assert not bot.mails()
