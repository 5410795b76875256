"""The period of proactive help: when its people are told that it ends soon, and when it ends."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.engagement import Kickoff, Mode, Proposal, proposed
from bot.domain.lifecycle import Action, EngagementStatus, Relation, Status
from bot.domain.periods import next_of_period
from bot.domain.working_time import Calendar
from tests.domain.cast import MONDAY, NUMBER, SAM, request_in

TOKYO = Calendar(ZoneInfo("Asia/Tokyo"))
ALL = (Relation.SME, Relation.FPM, Relation.REQUESTER)
KICKOFF = Kickoff(Mode.WITH_PARTNER, "E", "O", ("Done",), date(2026, 11, 23), date(2026, 12, 16))


STAGES = {
    "proposed": EngagementStatus.PROPOSED,
    "sent_back": EngagementStatus.DECLINED,
    "offered": EngagementStatus.OFFERED,
    "active": EngagementStatus.ACTIVE,
}


def help_until(last, **changes):
    """Return proactive help at work, proposed until a day."""
    made = proposed(NUMBER, SAM.email, MONDAY, Proposal(date(2026, 11, 23), last, "O"))
    return replace(made, **{"status": EngagementStatus.ACTIVE} | changes)


def next_of(engagement, state="active", now=MONDAY, **changes):
    """Return what the clock does next about help in a state, with the FPM in Tokyo."""
    request = request_in(state, proposed_by="frank@home.example", **changes)
    return next_of_period(request, engagement, TOKYO, now)


def test_it_is_over_when_the_last_day_is_over_where_the_fpm_is():
    ended = next_of(help_until(date(2026, 12, 11), end_announced=True))
    assert ended == (Action.END, datetime(2026, 12, 11, 15, tzinfo=UTC))


@pytest.mark.parametrize(
    ("last", "told"),
    [
        (date(2026, 12, 10), datetime(2026, 12, 7, 7, tzinfo=UTC)),
        (date(2026, 12, 8), datetime(2026, 12, 4, 7, tzinfo=UTC)),
        (date(2026, 12, 9), datetime(2026, 12, 4, 7, tzinfo=UTC)),
    ],
    ids=["Thursday", "Tuesday, told on Friday", "Wednesday, told on Friday"],
)
def test_its_end_is_announced_three_days_before_in_the_last_working_hour_until_then(last, told):
    assert next_of(help_until(last)) == (Action.ENDS_SOON, told)


def test_the_end_on_which_all_agreed_counts_and_not_what_they_are_still_asked():
    asked = help_until(date(2026, 12, 10), kickoff=KICKOFF, agreed=ALL[:2], end_announced=True)
    assert next_of(asked) == (Action.END, datetime(2026, 12, 10, 15, tzinfo=UTC))
    agreed = replace(asked, agreed_end=KICKOFF.end)
    assert next_of(agreed) == (Action.END, datetime(2026, 12, 16, 15, tzinfo=UTC))


@pytest.mark.parametrize("state", STAGES)
def test_in_each_stage_its_people_are_told_before_it_ends(state):
    last, over = date(2026, 12, 11), datetime(2026, 12, 11, 15, tzinfo=UTC)
    action, at = next_of(help_until(last, status=STAGES[state]), state)
    assert (action, at < over) == (Action.ENDS_SOON, True)
    assert next_of(help_until(last, status=STAGES[state], end_announced=True), state) == (Action.END, over)


def test_what_ends_soon_is_not_said_when_it_is_over():
    over = datetime(2026, 12, 11, 15, tzinfo=UTC)
    before = over - timedelta(seconds=1)
    assert next_of(help_until(date(2026, 12, 11)), now=before)[0] is Action.ENDS_SOON
    assert next_of(help_until(date(2026, 12, 11)), now=over) == (Action.END, over)


def test_what_an_sme_left_ends_though_the_engagement_has_ended_before():
    released = help_until(date(2026, 12, 11), status=EngagementStatus.COMPLETED, end_announced=True)
    assert next_of(released, "sent_back", stage=EngagementStatus.COMPLETED)[0] is Action.END


def test_what_has_ended_does_not_end_again():
    completed = help_until(date(2026, 12, 11), status=EngagementStatus.COMPLETED)
    for state in ("completed", "closed", "called_off"):
        assert next_of(completed, state) is None
    for state in ("turned_down", "dropped"):
        assert next_of(help_until(date(2026, 12, 11), status=EngagementStatus.DECLINED), state) is None
    assert request_in("completed").status is Status.ASSIGNED


def test_help_that_a_partner_asked_for_has_no_period():
    assert next_of(None, "submitted") is None
    assert next_of(help_until(date(2026, 12, 11), proposal=None, kickoff=KICKOFF, agreed=ALL)) is None
