"""F14: instances are restarted in turn, by SIGTERM and by SIGKILL, while people go on: nothing is lost."""

import os
import signal

from tests.faults.processes_lives import Lives, ends, lives
from tests.faults.processes_pace import paced
from tests.faults.processes_runs import prove

RESTARTS = int(os.environ.get("RESTARTS", "5"))
PER_SECOND = 16
"""Submissions and decisions together."""
SUBMISSIONS_EACH = 20
"""So many submissions for each restart: an instance takes a second or two to begin again."""


def plan(chance):
    return lives(chance, SUBMISSIONS_EACH * RESTARTS, RESTARTS, [signal.SIGTERM, signal.SIGKILL])


async def carry_out(story, crowd, steps):
    story.front.will_end(ends(steps), one_at_a_time=True)
    await paced(PER_SECOND, Lives(story, crowd).works(steps))
    return []


async def test_nothing_is_lost_when_instances_are_restarted_in_turn_under_load(tmp_path, pytestconfig):
    await prove(tmp_path, pytestconfig, plan, carry_out, "F14 rolling restarts")
