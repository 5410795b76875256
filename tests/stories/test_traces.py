"""One trace from an activity to the notices that it makes: across the store, a restart and instances."""

from contextlib import asynccontextmanager

import pytest

import app
from bot.instruments import ACTIVITY_SPAN, CLOCK_SPAN, DELIVERY_SPAN, TURN_DURATION
from bot.listening import listening
from bot.settings import read_settings
from tests.recorder import Recorder
from tests.stories.connector import answers_503
from tests.stories.journey import approved, submitted
from tests.stories.running_bot import Bot, running_bot
from tests.stories.test_promises import MONDAY, go_to
from tests.teams import running_teams

FOREIGN = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.fixture
async def recorder():
    made = Recorder()
    yield made
    await made.close()


@pytest.fixture
async def bot(recorder, tmp_path):
    async with running_bot(tmp_path, recorder.telemetry) as running:
        yield running


@asynccontextmanager
async def instance(bot, recorder):
    """Serve the bot of a folder once more, as another process does."""
    settings = read_settings(bot.environment)
    async with app.opened(settings) as store, app.outward_session() as session:
        service = app.service_of(settings, store, session, recorder.telemetry)
        await app.load_first_directory(settings, store)
        async with listening(service.web.application(), "127.0.0.1", 0) as port, service.running():
            bot.teams.bot_url = f"http://127.0.0.1:{port}"
            yield service


async def takes_no_notices(call):
    """Stand in for a connector that takes answers alone."""
    return None if call.method != "POST" or call.activity_id else await answers_503(call)


def names(spans):
    return sorted(span.name for span in spans)


def traced(span):
    return span.context.trace_id


async def test_a_turn_its_commits_and_the_notices_that_it_makes_are_one_trace(bot, recorder):
    dana, lee = await bot.people("Dana Reyes", "Lee Park")
    await approved(dana, lee)

    [press] = [s for s in recorder.spans(ACTIVITY_SPAN) if s.attributes["sme.kind"] == "press"]
    assert press.parent is None
    assert press.attributes["http.response.status_code"] == 200
    assert press.attributes["sme.outcome"] == "ok"
    told = [span for span in recorder.children(press) if span.name == DELIVERY_SPAN]
    assert names(recorder.children(press)) == ["commit requests", "commit work", *[DELIVERY_SPAN] * len(told)]
    assert {span.attributes["sme.topic"] for span in told} >= {"news", "assignment"}
    for span in told:
        assert traced(span) == traced(press)
        posts = [child for child in recorder.children(span) if child.name.startswith("POST")]
        if span.attributes["sme.outcome"] == "delivered":
            (post,) = posts
            assert post.name == "POST /v3/conversations/{id}/activities"
            assert post.attributes["server.address"] == "127.0.0.1"
            assert post.attributes["http.response.status_code"] == 201
        else:
            assert not posts


async def test_the_lines_of_a_delivery_belong_to_its_trace(bot, recorder):
    (dana,) = await bot.people("Dana Reyes")
    await submitted(dana)

    told = {(s.context.trace_id, s.context.span_id) for s in recorder.spans(DELIVERY_SPAN)}
    lines = [line for line in recorder.lines() if line.body == "notice"]
    assert told
    assert {(line.trace_id, line.span_id) for line in lines} <= told


async def test_a_trace_that_comes_from_outside_is_not_gone_on_with(bot, recorder):
    (dana,) = await bot.people("Dana Reyes")
    headers = {"traceparent": f"00-{FOREIGN}-00f067aa0ba902b7-01"}
    posted = bot.teams.bot_url + "/api/messages"
    async with bot.teams._session.post(posted, json=dana.activity(text="help"), headers=headers) as response:
        assert response.status == 200

    span = recorder.spans(ACTIVITY_SPAN)[-1]
    assert span.parent is None
    assert f"{traced(span):032x}" != FOREIGN


async def test_who_is_not_let_in_is_not_told_of(bot, recorder):
    posted = bot.teams.bot_url + "/api/messages"
    async with bot.teams._session.post(posted, json={"type": "message"}) as response:
        assert response.status == 400
    assert recorder.spans() == []
    assert recorder.lines() == []
    assert not recorder.points(TURN_DURATION)


async def test_a_notice_that_another_instance_delivers_later_goes_on_with_the_trace_of_what_made_it(tmp_path):
    first, second = Recorder(), Recorder()
    async with running_teams() as teams:
        bot = Bot(teams, tmp_path)
        async with instance(bot, first):
            dana, lee = await bot.people("Dana Reyes", "Lee Park")
            with teams.failing(takes_no_notices):
                number = await submitted(dana)
                await teams.settle()
        assert {s.attributes["sme.outcome"] for s in first.spans(DELIVERY_SPAN)} == {"retried"}
        async with instance(bot, second):
            await bot.advance(90)
            await lee.card_with("approve", showing=number)
    await first.close()
    await second.close()

    submit = next(s for s in first.spans(ACTIVITY_SPAN) if DELIVERY_SPAN in names(first.children(s)))
    arrived = [s for s in second.spans(DELIVERY_SPAN) if s.attributes["sme.outcome"] == "delivered"]
    assert {s.attributes["sme.topic"] for s in arrived} == {"decision", "receipt"}
    for span in arrived:
        assert traced(span) == traced(submit)
        assert span.parent.span_id == submit.context.span_id
        assert span.attributes["sme.attempt"] > 1


async def test_what_the_clock_does_is_a_trace_of_its_own(bot, recorder):
    (dana,) = await bot.people("Dana Reyes")
    await go_to(bot, MONDAY, 10)
    await submitted(dana)
    assert not recorder.spans(CLOCK_SPAN), "a look that finds nothing to do leaves no span"

    await bot.advance(3 * 24 * 3_600)

    looks = recorder.spans(CLOCK_SPAN)
    assert looks
    assert all(span.parent is None for span in looks)
    begun = {traced(span) for span in recorder.spans(ACTIVITY_SPAN)}
    assert not {traced(span) for span in looks} & begun
    reminded = [s for s in recorder.spans(DELIVERY_SPAN) if s.attributes["sme.topic"] == "reminder"]
    assert reminded
    assert {s.parent.span_id for s in reminded} <= {s.context.span_id for s in looks}


async def test_nothing_is_a_child_of_what_was_never_told_of(bot, recorder):
    dana, lee = await bot.people("Dana Reyes", "Lee Park")
    await go_to(bot, MONDAY, 10)
    await approved(dana, lee)
    await bot.advance(3 * 24 * 3_600)

    known = {span.context.span_id for span in recorder.spans()}
    assert [s.name for s in recorder.spans() if s.parent and s.parent.span_id not in known] == []
