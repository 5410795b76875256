"""The sample history: the same for the same seed, legal by all rules, and believable."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random

import pytest

from bot.domain.errors import Mistake
from bot.domain.filing import promised
from bot.domain.form import REVIEW, next_stop
from bot.domain.form_context import FormContext
from bot.domain.lifecycle import OPEN, Action, Status, transition
from bot.domain.numbers import NUMBERS, number_at, parse_number
from bot.domain.people import Directory, Role
from bot.domain.promises import promises_of
from bot.domain.repeats import earlier_among
from bot.domain.routing import Outcome, load_table
from bot.domain.sample_town import town_of
from bot.domain.sampling import shares
from tests.domain.sampled import DIRECTORY, NOW, cases_of, diaries, told

MANY = 2_000


@pytest.fixture(scope="module")
def found():
    return told(MANY)


@pytest.fixture(scope="module")
def cases(found):
    return cases_of(found)


@pytest.fixture(scope="module")
def digests(cases):
    return [case.digest() for case in cases]


def share(some, among):
    return len(some) / len(among)


def test_the_same_seed_on_the_same_day_tells_the_same():
    assert told(400) == told(400)
    assert told(400, seed="2") != told(400)
    later = cases_of(told(200, now=NOW + timedelta(hours=5)))
    different = [after.request for before, after in zip(cases_of(told(200)), later, strict=True) if before != after]
    assert {request.status for request in different} == {Status.SUBMITTED}
    assert len(different) < 7


def test_there_are_as_many_as_asked_for_each_with_a_number_of_its_own(cases):
    numbers = [case.request.number for case in cases]
    assert len(set(numbers)) == len(numbers) == MANY
    assert all(parse_number(number) == number for number in numbers)
    assert [len(cases_of(told(count))) for count in (1, 2, 7)] == [1, 2, 7]


def test_every_history_is_in_order_and_over_before_now(cases):
    for case in cases:
        events = [change.event for change in case.changes]
        assert [event.number for event in events] == list(range(1, len(events) + 1))
        assert all(before.at <= after.at for before, after in pairwise(events))
        assert events[-1].at < NOW
        for change in case.changes:
            before = change.before
            assert transition(change.event.action, before and before.status, before and before.stage)


def test_nobody_has_two_parts_in_a_request_and_everybody_is_in_the_directory(cases):
    for case in cases:
        request = case.request
        smes = {engagement.sme for engagement in case.engagements}
        assert len({request.requester, request.fpm} | smes) == 2 + len(smes)
        assert request.partner in DIRECTORY.people[request.requester].partners
        assert DIRECTORY.people[request.fpm].is_a(Role.FPM)
        assert all(request.answers["workload"] in DIRECTORY.people[sme].workloads for sme in smes)


def test_people_act_in_their_working_hours(cases):
    kept = diaries()
    for case in cases:
        if case.request.status is Status.SUBMITTED:
            continue
        for event in (change.event for change in case.changes if change.event.by):
            calendar = kept.of(event.by)
            hours = calendar.hours_of(event.at.astimezone(calendar.zone).date())
            assert hours
            assert hours[0] <= event.at <= hours[1]


def test_promises_are_told_as_filing_would_have_told_them(cases):
    kept = diaries()
    for case in cases[::10]:
        engagement, stood = None, ()
        for change in case.changes:
            known = change.engagement or engagement
            fpm, sme = kept.of(change.request.fpm), kept.of(change.request.sme)
            before = promises_of(change.before, engagement, fpm, sme) if change.before else stood
            again = promised(change, known, before, promises_of(change.request, known, fpm, sme))
            assert again == change
            engagement = known


def test_forms_would_have_been_taken_by_the_bot(cases):
    fpms = {person.email: person.name for person in DIRECTORY.people.values() if person.is_a(Role.FPM)}
    for case in cases:
        request = case.changes[0].request
        partners = {request.partner: DIRECTORY.partners[request.partner]}
        requester = DIRECTORY.people[request.requester]
        assert next_stop(FormContext(requester, partners, fpms, request.answers, request.verdict)) == REVIEW


def test_verdicts_are_those_of_the_routing_table_and_guidance_ends_in_deflections(found, cases):
    table = load_table()
    for case in cases:
        answers = case.request.answers
        wanted = table.verdict(answers["workload"], int(answers["seat_count"]), answers["primary_language"])
        assert case.request.verdict == wanted
        assert wanted.outcome is not Outcome.SELF_DEPLOY
    deflections = [each for chunk in found for each in chunk.deflections]
    assert {each.workload for each in deflections} >= {"AIP_P1", "MCAS"}
    assert len({(each.token, each.workload) for each in deflections}) == len(deflections) > MANY / 50


def test_repeats_and_duplicates_are_found_by_the_rule(cases):
    of_partner = [case for case in cases if case.request.partner == "CONTOSO"]
    for place, case in list(enumerate(of_partner))[::10]:
        submitted = case.changes[0].request
        at = submitted.submitted_at
        known = [
            change.request
            for other in of_partner[:place]
            for change in [next((c for c in reversed(other.changes) if c.event.at <= at), None)]
            if change
        ]
        assert submitted.earlier == earlier_among(known, submitted.answers, at)


def test_shares_are_near_what_is_usual(cases, digests):
    over = [digest for digest in digests if digest.status not in OPEN]
    status = Counter(digest.status for digest in over)
    assert status[Status.DENIED] / len(over) == pytest.approx(0.12, abs=0.02)
    assert status[Status.WITHDRAWN] / len(over) == pytest.approx(0.04, abs=0.015)
    assert share([digest for digest in digests if digest.returns], digests) == pytest.approx(0.08, abs=0.02)
    assigned = [digest for digest in digests if digest.accepted_at]
    assert sum(digest.declines for digest in digests) / len(assigned) == pytest.approx(0.06, abs=0.02)
    assert share([digest for digest in assigned if digest.issues], assigned) == pytest.approx(0.05, abs=0.02)
    stars = [each for digest in digests for each in digest.stars]
    assert sum(stars) / len(stars) == pytest.approx(4.2, abs=0.1)
    kept, broken = Counter(), Counter()
    for digest in digests:
        kept.update(digest.kept)
        broken.update(digest.broken)
    rates = {promise: kept[promise] / (kept[promise] + broken[promise]) for promise in kept}
    usual = {"N4": 0.92, "N5": 0.88, "N7": 0.85, "N1": 0.99}
    assert {name: rates[name] for name in usual} == pytest.approx(usual, abs=0.03)


def test_requests_take_days_or_weeks_and_grow_in_number(cases, digests):
    took = sorted((digest.ended_at - digest.submitted_at).days for digest in digests if digest.status is Status.CLOSED)
    assert took[len(took) // 20] >= 4
    assert took[-1] <= 75
    first_year = [digest for digest in digests if digest.submitted_at < NOW - timedelta(days=365)]
    assert share(first_year, digests) < 0.45
    names = Counter(digest.partner for digest in digests)
    assert set(names) == set(DIRECTORY.partners)
    customers = Counter(case.request.answers["tenant_id"] for case in cases)
    assert customers.most_common(1)[0][1] > 5


def test_a_few_are_open_and_have_no_date_behind_them(cases):
    open_now = [case for case in cases if case.request.is_open]
    assert 0.02 * MANY <= len(open_now) <= 0.04 * MANY
    assert {case.request.status for case in open_now} == OPEN
    kept = diaries()
    late_in_the_hour = NOW.replace(minute=59)
    for case in open_now:
        fpm, sme = kept.of(case.request.fpm), kept.of(case.request.sme)
        engagement = case.engagements[-1] if case.engagements else None
        promises = promises_of(case.request, engagement, fpm, sme)
        assert all(promise.due > late_in_the_hour for promise in promises if promise.is_running)


@pytest.mark.parametrize("now", [datetime(2026, 3, 5, tzinfo=UTC), datetime(2026, 1, 31, 23, 59, tzinfo=UTC)])
def test_any_day_has_a_past(now):
    found = cases_of(told(60, months=1, now=now))
    assert len(found) == 60
    assert all(case.request.last.at < now for case in found)
    assert min(case.request.submitted_at for case in found) >= now - timedelta(days=62)


def without(role):
    people = {email: person for email, person in DIRECTORY.people.items() if not person.is_a(role)}
    return Directory(DIRECTORY.partners, people)


@pytest.mark.parametrize("role", [Role.REQUESTER, Role.FPM, Role.ASSIGNER, Role.SME])
def test_without_somebody_of_each_part_nothing_is_told(role):
    with pytest.raises(Mistake, match="The directory needs a partner with a contact"):
        town_of(without(role), "1")


def test_who_has_two_roles_has_no_part_but_as_a_contact():
    both = {
        email: replace(person, roles=person.roles | {Role.REQUESTER}, partner="CONTOSO")
        for email, person in DIRECTORY.people.items()
        if person.is_a(Role.SME)
    }
    with pytest.raises(Mistake):
        town_of(Directory(DIRECTORY.partners, {**DIRECTORY.people, **both}), "1")


def test_a_region_that_nobody_serves_is_served_by_all():
    people = {email: replace(person, regions=(), workloads=()) for email, person in DIRECTORY.people.items()}
    town = town_of(Directory(DIRECTORY.partners, people), "1")
    assert len(town.assigners["APJ"]) == 2
    assert len(town.smes["TEAMS", "EMEA"]) == 8


def test_customers_of_a_large_partner_have_names_of_their_own():
    cast = town_of(DIRECTORY, "1").cast(DIRECTORY.partners["CONTOSO"], 40_000)
    random = Random(1)  # noqa: S311 - the same each time
    customers = {(each.tenant_id, each.name) for each in (cast.customer(random) for _ in range(3_000))}
    assert len({name for _, name in customers}) == len({tenant for tenant, _ in customers}) == len(customers)
    assert any(name[-1].isdigit() for _, name in customers)


def test_shares_add_up():
    assert shares(10, [1, 1, 1]) == [3, 4, 3]
    assert sum(shares(1_000, [0.3, 5, 2.2, 1e-9])) == 1_000


def test_places_of_numbers_are_in_their_order():
    assert number_at("CONTOSO", 0) == "CONTOSO-000000"
    assert number_at("CONTOSO", NUMBERS - 1) == "CONTOSO-ZZZZZZ"
    assert number_at("CONTOSO", 32) == "CONTOSO-000010"


def test_all_that_may_happen_happens(cases):
    happened = {change.event.action for case in cases for change in case.changes}
    never = {
        Action.DELEGATE, Action.RELEASE, Action.REOPEN, Action.PROPOSE, Action.ENDS_SOON, Action.END,
    }  # fmt: skip
    assert happened == set(Action) - never
