"""Duplicates and repeats among a partner's earlier requests."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.lifecycle import Status
from bot.domain.repeats import earlier_among
from bot.domain.request import Earlier
from tests.domain.cast import ANSWERS, MONDAY, request_in

OTHER_CUSTOMER = {"tenant_id": "0a0a0a0a-86f1-41af-91ab-2d7cd011db47", "tenant_name": "Wingtip"}
OPEN = ("submitted", "returned", "approved", "offered", "active")
ENDED = ("denied", "withdrawn", "closed")
SECOND = timedelta(seconds=1)


def earlier(*requests, at=MONDAY + timedelta(days=30), **answers):
    return earlier_among(requests, ANSWERS | answers, at)


def request(state="closed", number="CONTOSO-000001", submitted_at=MONDAY, **answers):
    return replace(request_in(state), number=number, submitted_at=submitted_at, answers=ANSWERS | answers)


@pytest.mark.parametrize("state", OPEN)
def test_an_open_request_for_the_same_customer_and_workload_is_a_duplicate(state):
    [found] = earlier(request(state, topic="adoption"))
    assert found == Earlier("CONTOSO-000001", "Tailspin Toys", request_in(state).status, MONDAY, is_duplicate=True)


@pytest.mark.parametrize("state", ENDED)
def test_an_ended_request_for_the_same_customer_is_nothing(state):
    assert earlier(request(state)) == ()


@pytest.mark.parametrize("state", OPEN + ENDED)
def test_the_same_topic_for_another_customer_is_a_repeat_whatever_became_of_it(state):
    [found] = earlier(request(state, **OTHER_CUSTOMER))
    assert (found.customer, found.is_duplicate) == ("Wingtip", False)


@pytest.mark.parametrize("other", [{"workload": "YAMMER"}, {"topic": "adoption"}])
def test_another_workload_or_topic_for_another_customer_is_nothing(other):
    assert earlier(request(**OTHER_CUSTOMER, **other)) == ()


def test_another_workload_for_the_same_customer_is_nothing():
    assert earlier(request("submitted", workload="YAMMER")) == ()


def test_a_repeat_is_one_for_twelve_months():
    year = timedelta(days=365)
    assert len(earlier(request(**OTHER_CUSTOMER), at=MONDAY + year - SECOND)) == 1
    assert earlier(request(**OTHER_CUSTOMER), at=MONDAY + year) == ()


def test_an_open_duplicate_is_one_however_old_it_is():
    assert len(earlier(request("approved"), at=MONDAY + timedelta(days=900))) == 1


def test_migrations_are_no_repeats_but_may_be_duplicates():
    assert earlier(request(topic="migration", **OTHER_CUSTOMER), topic="migration") == ()
    assert len(earlier(request("submitted", topic="migration"), topic="migration")) == 1


def test_duplicates_come_first_then_the_newest_and_five_at_most():
    repeats = [
        request(number=f"CONTOSO-00000{n}", submitted_at=MONDAY + n * SECOND, **OTHER_CUSTOMER) for n in range(7)
    ]
    duplicate = request("submitted", number="CONTOSO-00000D", submitted_at=MONDAY - SECOND)
    found = earlier(*repeats, duplicate, *repeats)
    assert [e.number[-1] for e in found] == ["D", "6", "5", "4", "3"]
    assert found[0].status is Status.SUBMITTED
