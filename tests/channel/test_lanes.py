"""Room for the courier's messages: below what Teams allows, and no longer held up than a moment."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from bot.channel.lanes import _MOST_LANES, IN_TEAMS, Lanes

TEAMS_ALLOWS_A_CHAT = [(1, 7), (2, 8), (30, 60), (3600, 1800)]
TEAMS_ALLOWS_A_TENANT = 50


class Road:
    """Lanes under a clock that only sleeping moves; notes when each message went."""

    def __init__(self):
        self.now = datetime(2026, 11, 22, 12, tzinfo=UTC)
        self.lanes = Lanes(lambda: self.now, IN_TEAMS, self.sleep)
        self.sent = []
        self.slept = []

    async def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)

    async def send(self, tenant="t", chat="a:1"):
        """Send as soon as the lanes let it."""
        while pause := await self.lanes.enter(tenant, chat):
            self.now += timedelta(seconds=pause)
        self.sent.append(self.now.timestamp())


@pytest.fixture
def road():
    return Road()


async def nothing(_seconds):
    """Stand for a sleep of somebody else, while the clock of those who come at the same time stands still."""


def most_within(times, seconds):
    return max(sum(start <= at < start + seconds for at in times) for start in times)


async def test_a_few_messages_to_a_chat_go_at_once(road):
    for _ in range(IN_TEAMS.chat_burst):
        await road.send()
    assert road.slept == []


async def test_many_messages_to_a_chat_stay_below_what_teams_allows(road):
    for _ in range(200):
        await road.send()
    for seconds, allowed in TEAMS_ALLOWS_A_CHAT:
        assert most_within(road.sent, seconds) <= allowed
    assert road.sent[-1] - road.sent[0] <= 200


async def test_two_instances_together_stay_below_what_teams_allows(road):
    """Each instance has always more to send; who sleeps or is sent away comes back."""
    instances = [Road(), Road()]
    for instance in instances:
        for _ in range(50):
            await instance.send()
    together = sorted(at for instance in instances for at in instance.sent)
    assert most_within(together, 1) <= 7
    assert most_within(together, 2) <= 8
    # In half a minute a little more than Teams says for a chat: its answer 429 slows the tenant then.
    assert most_within(together, 30) <= 64


async def test_many_chats_of_a_tenant_stay_below_what_teams_allows(road):
    for number in range(400):
        await road.send(chat=f"a:{number}")
    assert most_within(road.sent, 1) <= TEAMS_ALLOWS_A_TENANT
    assert road.sent[-1] - road.sent[0] <= 20


async def test_updates_need_room_in_the_tenant_only(road):
    for _ in range(IN_TEAMS.tenant_burst):
        await road.send(chat="")
    assert road.slept == []
    await road.send(chat="")
    assert road.slept == [pytest.approx(0.05, abs=1e-5)]


async def test_other_tenants_and_chats_do_not_notice(road):
    for number in range(IN_TEAMS.tenant_burst + 10):
        await road.lanes.enter("t", f"a:{number}")
    road.slept.clear()
    assert not await road.lanes.enter("u", "a:of another tenant")
    assert road.slept == []


async def test_who_would_wait_long_comes_back_later_each_at_a_time_of_their_own(road):
    at_once = Lanes(lambda: road.now, IN_TEAMS, nothing)
    pauses = [await at_once.enter("t", "a:1") for _ in range(50)]
    let_in = [pause for pause in pauses if not pause]
    assert len(let_in) == IN_TEAMS.chat_burst + IN_TEAMS.longest_wait
    sent_away = pauses[len(let_in) :]
    assert sent_away[0] > IN_TEAMS.longest_wait
    assert all(later - earlier == pytest.approx(1) for earlier, later in itertools.pairwise(sent_away))


async def test_a_tenant_that_asked_for_quiet_gets_it_and_others_do_not(road):
    road.lanes.hold("t", 30)
    road.lanes.hold("t", 1)
    assert await road.lanes.enter("t", "a:1") >= 30
    assert not await road.lanes.enter("u", "a:2")
    road.now += timedelta(seconds=29)
    assert not await road.lanes.enter("t", "a:1")
    assert road.slept == [pytest.approx(1)]


async def test_idle_lanes_are_forgotten(road):
    for number in range(_MOST_LANES):
        await road.lanes.enter("t", f"a:{number}")
        road.now += timedelta(seconds=0.1)
    road.now += timedelta(hours=1)
    await road.lanes.enter("t", "a:new")
    assert len(road.lanes._lanes) < 100
