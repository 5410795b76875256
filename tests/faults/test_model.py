"""F17: whatever people press, in whatever order, and whenever processes die, it is as in a small model."""

import os
import time

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.faults.model_machine import Process
from tests.faults.model_world import ModelledWorld

DEFAULT = 120
RUNS = int(os.environ.get("MODEL_RUNS", str(DEFAULT)))
STEPS = int(os.environ.get("MODEL_STEPS", "25"))


def test_people_see_what_the_model_says(say):
    began = time.perf_counter()
    run_state_machine_as_test(
        Process,
        settings=settings(
            max_examples=RUNS,
            stateful_step_count=STEPS,
            # The same runs in every `make test`, others in every soak.
            derandomize=RUNS == DEFAULT,
            database=None,
            deadline=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )
    seen = ", ".join(f"{count:,} {what}" for what, count in sorted(ModelledWorld.seen.items()))
    say(f"F17: {RUNS:,} runs of up to {STEPS} steps in {time.perf_counter() - began:.0f} s: {seen}")
