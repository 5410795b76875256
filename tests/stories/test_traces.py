"""What the bot tells of itself on the way: one trace from an activity to the notices it makes, and the numbers."""

from collections import Counter

import pytest

from bot.instruments import (
    ACTIVITY_SPAN,
    DELIVERY_SPAN,
)
from tests.recorder import Recorder
from tests.stories.journey import accepted, submitted
from tests.stories.running_bot import running_bot


@pytest.fixture
async def recorder():
    made = Recorder()
    yield made
    await made.close()


@pytest.fixture
async def bot(recorder, tmp_path):
    async with running_bot(tmp_path, recorder.telemetry) as running:
        yield running


async def test_look(bot, recorder):
    dana, lee, ana, kofi = await bot.people("Dana Reyes", "Lee Park", "Ana Souza", "Kofi Mensah")
    await accepted(dana, lee, ana, kofi)
    by = {s.context.span_id: s for s in recorder.spans()}
    def depth(s):
        return 0 if s.parent is None else 1 + (depth(by[s.parent.span_id]) if s.parent.span_id in by else 100)
    for s in sorted(recorder.spans(), key=lambda s: (s.context.trace_id, s.start_time)):
        print("  " * depth(s), s.name, dict(s.attributes), s.status.status_code.name, (s.end_time - s.start_time) // 1000, "us")
    print(Counter(s.name for s in recorder.spans()))
    from bot import instruments
    for i in instruments.INSTRUMENTS:
        print(i.name, recorder.points(i))
    for l in recorder.lines(): print(l.body, l.attributes, l.trace_id)
    assert 0
