"""F3: instances are killed at random moments; what was acknowledged stands, nothing is done twice, and work goes on."""

import asyncio
import os
import signal

from tests.faults.processes import fleet
from tests.faults.processes_instance import PATIENCE
from tests.faults.processes_lives import Lives, ends, lives
from tests.faults.processes_pace import at_most
from tests.faults.processes_people import crowd_of
from tests.faults.processes_runs import prove
from tests.faults.processes_story import Story, customer

SUBMISSIONS = int(os.environ.get("KILLED_SUBMISSIONS", "100"))
KILLS = int(os.environ.get("KILLS", "10"))
AT_ONCE = 8
TAKEN_OVER_WITHIN = 90


def plan(chance):
    return lives(chance, SUBMISSIONS, KILLS, [signal.SIGKILL])


async def carry_out(story, crowd, steps):
    story.front.will_end(ends(steps))
    await at_most(AT_ONCE, Lives(story, crowd).works(steps))
    return []


async def test_nothing_is_lost_or_done_twice_when_instances_are_killed_at_random_moments(tmp_path, pytestconfig):
    await prove(tmp_path, pytestconfig, plan, carry_out, "F3 kills")


async def test_the_work_of_a_killed_instance_is_taken_over_within_90_seconds(tmp_path):
    async with fleet(tmp_path / "0") as bot:
        front, story, crowd = bot.teams, Story(bot), await crowd_of(bot.teams)
        person = crowd.submitter(0)
        fpm = crowd.fpm_of(person)
        is_told = asyncio.Event()

        def kills(call):
            if call.conversation == fpm.conversation:
                front.end(0, begins_again=False)
                is_told.set()

        front.on_call = kills

        async def to_the_first(sender, activity):
            front.chats.setdefault(sender.conversation, [])
            await front.deliver(activity, at=front.instances[0].url)

        await story.submitted(person, to_the_first, **customer(0))
        await asyncio.wait_for(is_told.wait(), PATIENCE)
        await front.all_up()
        assert [instance.is_up for instance in front.instances] == [False, True]
        await front.advance(TAKEN_OVER_WITHIN)

        notices = [row for place, row in bot.rows().items() if " notice:" in place]
        assert {row["recipient"]: row["state"] for row in notices} == {
            person.email: "delivered",
            fpm.email: "delivered",
        }
        assert not await story.violations()
