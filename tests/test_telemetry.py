"""What an attempt at a notice is counted as, whose trace it belongs to, and figures of a store that is down."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.delivery import anew, begun, mailed, parked, told
from bot.domain.lifecycle import Topic
from bot.domain.notices import Notice, NoticeState, Way
from bot.domain.trace import trace_now
from bot.gauges import Gauges
from bot.instruments import DELIVERY_SPAN, INSTRUMENTS, NOTICE_DELAY, NOTICES, PENDING, PROMISES, Telling
from bot.telemetry import OFF, span_ids, telling_of
from tests.domain.cast import FRANK, MONDAY, NUMBER
from tests.recorder import Recorder

HOUR = timedelta(hours=1)
NOTICE = Notice(NUMBER, 1, Topic.DECISION, FRANK.email, "Rita submitted this.", MONDAY, MONDAY)
DELIVERED = replace(NOTICE, state=NoticeState.DELIVERED, way=Way.TEAMS)
TELLINGS = [
    (DELIVERED, Telling.DELIVERED),
    (mailed(NOTICE, ""), Telling.MAILED),
    (parked(NOTICE, ""), Telling.PARKED),
    (parked(replace(NOTICE, way=Way.MAIL), ""), Telling.MAILED),
    (NOTICE, Telling.RETRIED),
    (replace(NOTICE, way=Way.MAIL), Telling.RETRIED),
    (begun(NOTICE, MONDAY), Telling.RETRIED),
    (replace(NOTICE, state=NoticeState.DELIVERED, reason="overtaken"), None),
]


@pytest.fixture
async def recorder():
    made = Recorder()
    yield made
    await made.close()


@pytest.mark.parametrize(("after", "telling"), TELLINGS)
def test_an_attempt_is_counted_as_what_it_came_to(recorder, after, telling):
    assert telling_of(after) is telling
    recorder.telemetry.attempted(after)
    assert recorder.points(NOTICES) == ({(telling, Topic.DECISION): 1} if telling else {})


def test_the_delay_is_measured_when_the_recipient_is_told_first(recorder):
    recorder.telemetry.attempted(told(mailed(NOTICE, ""), MONDAY + HOUR))
    # A card that follows when the person opens the app at last.
    again = anew(told(mailed(NOTICE, ""), MONDAY + HOUR), MONDAY + 5 * HOUR)
    recorder.telemetry.attempted(told(replace(again, state=NoticeState.DELIVERED, way=Way.TEAMS), MONDAY + 6 * HOUR))
    [point] = recorder.points(NOTICE_DELAY).values()
    assert (point.count, point.sum) == (1, 3_600)


@pytest.mark.parametrize("kept", ["", "no trace", "00-0-0-01", "00-" + "0" * 32 + "-" + "0" * 16 + "-01"])
def test_a_notice_without_a_trace_that_makes_sense_begins_one(recorder, kept):
    with recorder.telemetry.delivery(replace(NOTICE, trace=kept)):
        pass
    [span] = recorder.spans(DELIVERY_SPAN)
    assert span.parent is None


def test_what_a_delivery_makes_belongs_to_its_trace(recorder):
    with recorder.telemetry.delivery(NOTICE):
        made = Notice(NUMBER, 1, Topic.UNDELIVERED, FRANK.email, "", MONDAY, MONDAY)
    [span] = recorder.spans(DELIVERY_SPAN)
    assert made.trace.startswith(f"00-{span.context.trace_id:032x}-{span.context.span_id:016x}-")
    assert trace_now.get() == ""


def test_a_delivery_that_breaks_off_says_by_what_kind_of_failure(recorder):
    with pytest.raises(OSError, match="to Frank"), recorder.telemetry.delivery(NOTICE):
        raise OSError("no mail to Frank")
    [span] = recorder.spans()
    assert span.attributes["error.type"] == "OSError"
    assert not span.status.is_ok
    assert "Frank" not in span.to_json()


async def test_of_a_store_that_does_not_answer_nothing_is_told(recorder):
    up = {"status": "ok", "clocks": {"overdue": 0}, "work": {"set_aside": 0}}
    up["notices"] = {"pending": 7, "parked": 0, "oldest_due_seconds": 0}
    answers = []

    async def report():
        return answers.pop()

    gauges = Gauges(report, recorder.telemetry)
    for _ in range(2):
        answers.append(up)
        await gauges.read()
        assert [recorder.points(PENDING) for _ in range(2)] == [{(): 7}] * 2
        answers.append({**up, "status": "down"})
        await gauges.read()
        assert recorder.points(PENDING) == {}
    answers.append(up)
    await gauges.read()
    with pytest.raises(IndexError):
        await gauges.read()
    assert recorder.points(PENDING) == {}


def test_without_providers_nothing_is_traced():
    with OFF.activity(), OFF.delivery(NOTICE), OFF.clock(), OFF.commit("sqlite", "requests", 1):
        assert span_ids() == {}
        assert trace_now.get() == ""


def test_each_instrument_has_a_name_of_its_own_and_says_what_it_means():
    assert len({each.name for each in INSTRUMENTS}) == len(INSTRUMENTS)
    assert all(each.name.startswith("sme.") and each.unit and each.meaning for each in INSTRUMENTS)


def test_what_is_taken_off_the_tally_stays_counted(recorder, caplog):
    recorder.telemetry.promised({"kept:N5": 1, "requests": 1, "approved": 1})
    recorder.telemetry.promised({"kept:N5": -1, "broken:N4": 2, "requests": 0})
    assert recorder.points(PROMISES) == {("N5", "true"): 1, ("N4", "false"): 2}
    assert not caplog.messages
