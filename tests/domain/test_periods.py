"""The period of proactive help: when its people are told that it ends soon, and when it ends."""

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.domain.engagement import Kickoff, Mode, Proposal, proposed
from bot.domain.lifecycle import Action, EngagementStatus, Relation
from bot.domain.periods import next_of_period
from bot.domain.working_time import Calendar
from tests.domain.cast import MONDAY, NUMBER, SAM

TOKYO = Calendar(ZoneInfo("Asia/Tokyo"))
ALL = (Relation.SME, Relation.FPM, Relation.REQUESTER)
KICKOFF = Kickoff(Mode.WITH_PARTNER, "E", "O", ("Done",), date(2026, 11, 23), date(2026, 12, 16))


def help_until(last, **changes):
    """Return proactive help at work, proposed until a day."""
    made = proposed(NUMBER, SAM.email, MONDAY, Proposal(date(2026, 11, 23), last, "O"))
    return replace(made, **{"status": EngagementStatus.ACTIVE} | changes)


def test_it_is_over_when_the_last_day_is_over_where_the_fpm_is():
    ended = next_of_period(help_until(date(2026, 12, 11), end_announced=True), TOKYO)
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
    assert next_of_period(help_until(last), TOKYO) == (Action.ENDS_SOON, told)


def test_the_end_on_which_all_agreed_counts_and_not_what_they_are_still_asked():
    asked = help_until(date(2026, 12, 10), kickoff=KICKOFF, agreed=ALL[:2], end_announced=True)
    assert next_of_period(asked, TOKYO) == (Action.END, datetime(2026, 12, 10, 15, tzinfo=UTC))
    agreed = replace(asked, agreed_end=KICKOFF.end)
    assert next_of_period(agreed, TOKYO) == (Action.END, datetime(2026, 12, 16, 15, tzinfo=UTC))


@pytest.mark.parametrize("status", [EngagementStatus.PROPOSED, EngagementStatus.OFFERED, EngagementStatus.DECLINED])
def test_what_has_not_begun_does_not_end_by_itself_but_its_people_are_told(status):
    action, _ = next_of_period(help_until(date(2026, 12, 11), status=status), TOKYO)
    assert action is Action.ENDS_SOON
    assert next_of_period(help_until(date(2026, 12, 11), status=status, end_announced=True), TOKYO) is None


def test_what_has_ended_does_not_end_again():
    assert next_of_period(help_until(date(2026, 12, 11), status=EngagementStatus.COMPLETED), TOKYO) is None


def test_help_that_a_partner_asked_for_has_no_period():
    assert next_of_period(None, TOKYO) is None
    assert next_of_period(help_until(date(2026, 12, 11), proposal=None, kickoff=KICKOFF, agreed=ALL), TOKYO) is None
