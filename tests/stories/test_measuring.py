"""The numbers that a running bot tells: turns, notices, promises and what waits."""

import json
from collections import Counter

from bot.channel.files import FILE_CONSENT
from bot.domain.desk import REFRESH
from bot.extension import QUERY
from bot.floods import MOST_OF_A_PERSON
from bot.instruments import ACTIVITY_SPAN, INSTRUMENTS, NOTICE_DELAY, NOTICES, PROMISES, TURN_DURATION, TurnKind
from bot.telemetry import OFF
from tests.recorder import Recorder
from tests.stories.journey import accepted, submitted
from tests.stories.running_bot import Bot, running_bot
from tests.stories.test_promises import MONDAY, go_to
from tests.stories.test_traces import bot, instance, recorder, takes_no_notices
from tests.teams import running_teams
from tests.test_teams_bot import damage

__all__ = ["bot", "recorder"]
DAY = 24 * 3_600


def tallied(bot):
    """Return the promises of the store's tallies: how many of each were kept and not."""
    found = Counter()
    for name, row in bot.rows("views").items():
        if " tally:" in name:
            regions = [json.loads(text) for column, text in row.items() if column.startswith("of_")]
            for counts in (counts for region in regions for counts in region.values()):
                found.update({name: count for name, count in counts.items() if name.startswith(("kept:", "broken:"))})
    return found


def counted(*recorders):
    """Return the same as it was told of."""
    words = {"true": "kept", "false": "broken"}
    found = Counter()
    for each in recorders:
        points = each.points(PROMISES).items()
        found.update({f"{words[kept]}:{promise}": count for (promise, kept), count in points})
    return found


def told(recorder):
    """Return how often attempts at notices came to what."""
    found = Counter()
    for (outcome, _), count in recorder.points(NOTICES).items():
        found[str(outcome)] += count
    return found


def turns(recorder):
    return {tuple(map(str, key)): point.count for key, point in recorder.points(TURN_DURATION).items()}


async def test_every_notice_is_counted_by_what_became_of_it(bot, recorder):
    dana, lee, ana, kofi = await bot.people("Dana Reyes", "Lee Park", "Ana Souza", "Kofi Mensah")
    await accepted(dana, lee, ana, kofi)

    kept = [row for name, row in bot.rows().items() if " notice:" in name]
    assert told(recorder) == Counter(delivered=len([row for row in kept if row["way"] == "teams" and row["told_at"]]))
    delays = recorder.points(NOTICE_DELAY)
    assert sum(point.count for point in delays.values()) == told(recorder)["delivered"]
    assert all(point.min >= 0 for point in delays.values())


async def test_a_notice_is_counted_as_retried_and_as_mailed(bot, recorder):
    (dana,) = await bot.people("Dana Reyes")
    with bot.teams.failing(takes_no_notices):
        await submitted(dana)
        await bot.advance(30)
    # The FPM has not opened the app, and is told by mail; the receipt was refused, and is tried again.
    assert {(str(o), str(t)) for o, t in recorder.points(NOTICES)} == {("mailed", "decision"), ("retried", "receipt")}
    await bot.advance(60)
    assert recorder.points(NOTICES)["delivered", "receipt"] == 1
    assert [point.count for (topic,), point in recorder.points(NOTICE_DELAY).items() if topic == "receipt"] == [1]


async def test_a_notice_that_reaches_nobody_is_counted_as_parked(recorder, tmp_path):
    async with running_bot(tmp_path, recorder.telemetry, SME_MAIL="") as bot:
        (dana,) = await bot.people("Dana Reyes")
        await submitted(dana)
        await bot.advance(2 * DAY)
    assert told(recorder)["parked"] >= 1
    assert told(recorder)["mailed"] == 0


async def test_promises_are_counted_as_the_tally_counts_them(bot, recorder):
    dana, lee, ana, kofi = await bot.people("Dana Reyes", "Lee Park", "Ana Souza", "Kofi Mensah")
    await go_to(bot, MONDAY, 10)
    await accepted(dana, lee, ana, kofi)
    late = await submitted(dana, tenant_name="Fourth Coffee", tenant_id="0" * 8 + "-1111-4111-8111-111111111111")
    await bot.advance(5 * DAY)
    await lee.press("deny", showing=late, deny_reason="duplicate")
    await bot.advance(DAY)

    assert counted(recorder) == tallied(bot)
    assert counted(recorder)["kept:N1"] == 2
    assert counted(recorder)["broken:N4"] == 1


async def test_over_two_instances_each_promise_is_counted_once(tmp_path):
    recorders = [Recorder(), Recorder()]
    async with running_teams() as teams:
        bot = Bot(teams, tmp_path)
        async with instance(bot, recorders[0]):
            first = teams.bot_url
            async with instance(bot, recorders[1]):
                bot.instances = [first, teams.bot_url]
                dana, _ = await bot.people("Dana Reyes", "Lee Park")
                for turn in range(4):
                    teams.bot_url = bot.instances[turn % 2]
                    await submitted(dana, tenant_id=f"{turn}" * 8 + "-1111-4111-8111-111111111111")
                await bot.advance(60)
    for each in recorders:
        await each.close()
    assert counted(*recorders) == tallied(bot)
    assert tallied(bot)["kept:N1"] == 4


async def test_turns_are_measured_by_kind_and_outcome(bot, recorder):
    dana, lee = await bot.people("Dana Reyes", "Lee Park")
    number = await submitted(dana)
    await dana.forge_press("approve", number)
    await lee.press("approve", showing=number)
    await dana.say("status CONTOSO-000000")
    refresh = {"action": {"type": "Action.Execute", "verb": REFRESH, "data": {"request": number, "revision": 1}}}
    search = {"commandId": "search", "parameters": [{"name": "query", "value": "adventure"}]}
    for fields in (
        {"name": "adaptiveCard/action", "value": refresh},
        {"name": QUERY, "value": search},
        {"name": FILE_CONSENT, "value": {}},
        {"name": "task/fetch", "value": {}},
    ):
        await bot.teams.deliver(dana.activity(type="invoke", **fields))

    found = turns(recorder)
    assert found.keys() == {
        ("arrival", "ok"),
        ("message", "ok"),
        ("message", "refused"),
        ("press", "refused"),
        ("press", "ok"),
        ("refresh", "ok"),
        ("search", "ok"),
        ("file", "ok"),
        ("other", "ok"),
    }
    assert {kind for kind, _ in found} == set(TurnKind)
    assert found["press", "refused"] == 1


async def test_a_turn_that_fails_is_measured_and_marks_its_trace(bot, recorder):
    (dana,) = await bot.people("Dana Reyes")
    await dana.say("new request")
    damage(bot, "conversations")
    await dana.say("help")

    assert turns(recorder)["message", "failed"] == 1
    span = recorder.spans(ACTIVITY_SPAN)[-1]
    assert span.attributes["sme.outcome"] == "failed"
    assert not span.status.is_ok
    [line] = [line for line in recorder.lines() if line.attributes.get("exception.type")]
    assert line.trace_id == span.context.trace_id


async def test_who_sends_too_much_is_refused(bot, recorder):
    (dana,) = await bot.people("Dana Reyes")
    for _ in range(MOST_OF_A_PERSON + 1):
        await dana.deliver(dana.activity(text="help"))
    assert turns(recorder)["message", "refused"] == 1


async def test_what_waits_is_measured(bot, recorder):
    gauges = [each for each in INSTRUMENTS if each.shape == "gauge"]
    while not all(recorder.points(each) for each in gauges):
        await bot.health()
    assert [recorder.points(each) for each in gauges] == [{(): 0}] * len(gauges)


async def test_nothing_is_measured_that_the_catalogue_does_not_name(bot, recorder):
    dana, lee, ana, kofi = await bot.people("Dana Reyes", "Lee Park", "Ana Souza", "Kofi Mensah")
    await accepted(dana, lee, ana, kofi)

    known = {each.name: each for each in INSTRUMENTS}
    for metric in recorder.metrics():
        for point in metric.data.data_points:
            assert point.attributes.keys() == known[metric.name].attributes.keys()
            for name, value in point.attributes.items():
                assert value in known[metric.name].attributes[name]


async def test_a_bot_without_telemetry_keeps_no_traces(tmp_path):
    async with running_bot(tmp_path, OFF) as bot:
        (dana,) = await bot.people("Dana Reyes")
        await submitted(dana)
        notices = [row for name, row in bot.rows().items() if " notice:" in name]
    assert notices
    assert {row["trace"] for row in notices} == {""}
