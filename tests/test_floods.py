"""How many activities a person and a tenant may send in a minute, and what is said beyond."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from bot.floods import MOST_OF_A_PERSON, SEARCHES, SLOW_DOWN, TENANT_BUSY, Floods

HOME, CONTOSO = "home", "contoso"


class Sender:
    """Floods under a clock that is set, and ids that never come twice."""

    def __init__(self):
        self.now = datetime(2026, 11, 22, 12, tzinfo=UTC)
        self.floods = Floods(lambda: self.now, HOME)
        self.ids = itertools.count()

    def wait(self, seconds):
        self.now += timedelta(seconds=seconds)

    def send(self, times=1, *, tenant=CONTOSO, person="dana"):
        """Return what the last of so many activities comes to."""
        for _ in range(times - 1):
            self.floods.excess(tenant, person, str(next(self.ids)))
        return self.floods.excess(tenant, person, str(next(self.ids)))


@pytest.fixture
def sender():
    return Sender()


def test_a_person_may_send_twenty_activities_in_any_minute(sender):
    assert sender.send(10) == ""
    sender.wait(30)
    assert sender.send(10) == ""
    assert sender.send() == SLOW_DOWN
    sender.wait(30)
    assert sender.send(10) == ""
    assert sender.send() == SLOW_DOWN


def test_what_was_refused_is_not_counted_so_that_it_ends_by_itself(sender):
    sender.send(MOST_OF_A_PERSON)
    for _ in range(59):
        sender.wait(1)
        assert sender.send() == SLOW_DOWN
    sender.wait(1)
    assert sender.send(MOST_OF_A_PERSON) == ""


def test_an_activity_that_comes_again_is_not_counted_again(sender):
    assert not any(sender.floods.excess(CONTOSO, "dana", "again") for _ in range(100))
    assert sender.send(MOST_OF_A_PERSON - 1) == ""
    assert sender.send() == SLOW_DOWN
    assert sender.floods.excess(CONTOSO, "dana", "again") == ""


def test_activities_without_an_id_are_each_counted(sender):
    assert [sender.floods.excess(CONTOSO, "dana", "") for _ in range(21)] == [""] * 20 + [SLOW_DOWN]


def test_a_clock_that_is_set_back_holds_nobody_up(sender):
    sender.send(MOST_OF_A_PERSON)
    sender.floods.may_tell(CONTOSO, "dana")
    sender.wait(-3600)
    assert sender.send() == ""
    assert sender.floods.may_tell(CONTOSO, "dana")


def test_one_noisy_person_uses_up_nothing_of_the_others(sender):
    sender.send(1000)
    assert sender.send(person="joshua") == ""
    assert sender.send(tenant="fabrikam") == ""


def test_a_partners_tenant_may_send_three_hundred_in_any_minute(sender):
    for number in range(20):
        assert sender.send(15, person=f"person {number}") == ""
    assert sender.send(person="dana") == TENANT_BUSY
    assert sender.send(tenant="fabrikam") == ""
    sender.wait(60)
    assert sender.send(person="dana") == ""


def test_the_home_tenant_has_no_limit_of_its_own(sender):
    for number in range(100):
        assert sender.send(15, tenant=HOME, person=f"person {number}") == ""
    assert sender.send(6, tenant=HOME, person="person 1") == SLOW_DOWN


def test_searches_are_counted_apart(sender):
    def search(times, person="dana"):
        return [sender.floods.excess(CONTOSO, person, str(next(sender.ids)), SEARCHES) for _ in range(times)]

    assert search(61) == [""] * 60 + [SLOW_DOWN]
    assert sender.send(MOST_OF_A_PERSON) == ""
    for number in range(9):
        assert search(60, f"person {number}") == [""] * 60
    assert search(1, "person 9") == [TENANT_BUSY]
    assert sender.send(person="person 9") == ""


def test_a_person_is_told_once_a_minute(sender):
    told = []
    for _ in range(150):
        told.append(sender.floods.may_tell(CONTOSO, "dana"))
        sender.wait(1)
    assert [second for second, is_told in enumerate(told) if is_told] == [0, 60, 120]
    assert sender.floods.may_tell(CONTOSO, "joshua")


def test_who_is_silent_is_forgotten(sender):
    for number in range(1000):
        sender.send(person=f"person {number}")
        sender.floods.may_tell(CONTOSO, f"person {number}")
    sender.wait(60)
    sender.send()
    assert len(sender.floods._minutes) == 2
