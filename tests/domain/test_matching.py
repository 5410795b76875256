"""SMEs ranked for a request: who may be asked, in which order, for which reasons, and why nobody when nobody fits."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from zoneinfo import ZoneInfo

import pytest

from bot.domain.catalogues import WORKLOADS
from bot.domain.lifecycle import Action
from bot.domain.matching import WEIGHTS as WEIGHTS_FILE
from bot.domain.matching import Away, Constraint, Known, Ranking, away, load_weights, ranked, why_nobody
from bot.domain.people import Role
from bot.domain.working_time import Calendar
from tests.domain.cast import ANSWERS, FRANK, MONDAY, RITA, SAM, request_in, someone

REQUEST = request_in("approved", answers=ANSWERS | {"secondary_language": "de"})
NOTHING = Known(at=MONDAY, requester=ZoneInfo("UTC"))
LONDON = Calendar(ZoneInfo("Europe/London"), frozenset({date(2026, 12, 25), date(2026, 12, 28)}))
TODAY = date(2026, 11, 23)
WEIGHTS = load_weights()


def sme(name, **more):
    fitting = {"regions": ("EMEA",), "languages": ("en",), "workloads": ("TEAMS",), "capacity": 4}
    return someone(f"{name}@home.example", Role.SME, **(fitting | more))


def known(**facts):
    """Return what is known of SMEs by their names."""
    return replace(
        NOTHING, **{what: {f"{name}@home.example": v for name, v in of.items()} for what, of in facts.items()}
    )


def asked(**answers):
    return request_in("approved", answers=ANSWERS | answers)


def leaving(working_days):
    return [Away(TODAY + timedelta(days=working_days), TODAY + timedelta(days=40), working_days)]


def names(smes, facts=NOTHING, request=REQUEST):
    return [c.person.email.partition("@")[0] for c in ranked(request, smes, facts, WEIGHTS).candidates]


def only(person, facts=NOTHING, request=REQUEST):
    [found] = ranked(request, [person], facts, WEIGHTS).candidates
    return found


def test_what_nobody_may_be_without_comes_before_all_points():
    smes = (
        sme("plain", regions=(), time_zone="Asia/Tokyo"),
        sme("declined"),
        sme("full"),
        sme("away"),
        sme("no-language", languages=("de",)),
        sme("no-workload", workloads=("YAMMER",)),
    )
    facts = known(
        left={"declined": Action.DECLINE},
        loads={"full": 4},
        leaves={"away": leaving(0)},
        with_customer={"no-workload": 3},
    )
    expected = ["plain", "declined", "full", "away", "no-language", "no-workload"]
    assert all(names(order, facts) == expected for order in permutations(smes))
    lacks = [candidate.lacks for candidate in ranked(REQUEST, smes, facts, WEIGHTS).candidates]
    assert lacks == [None, *reversed(Constraint)]


@pytest.mark.parametrize(
    ("better", "worse", "facts", "answers"),
    [
        ({"workloads": ("AADP_P1",)}, {"workloads": ("AADP_P2",)}, {}, {"workload": "AADP_P1"}),
        ({}, {"regions": ("APJ",)}, {}, {}),
        ({"languages": ("en", "de")}, {}, {}, {"secondary_language": "de"}),
        ({}, {}, {"loads": {"worse": 1}}, {}),
        ({}, {}, {"with_partner": {"better": 1}}, {}),
        ({}, {}, {"with_customer": {"better": 1}}, {}),
        ({}, {}, {"leaves": {"worse": leaving(10)}}, {}),
        ({"time_zone": "Europe/Rome"}, {"time_zone": "America/New_York"}, {}, {}),
        ({"time_zone": "America/New_York"}, {"time_zone": "Asia/Tokyo"}, {}, {}),
    ],
    ids=[
        "the plan asked for", "region", "second language", "room", "knows the partner", "knows the customer",
        "no leave soon", "hours", "any hours",
    ],
)  # fmt: skip
def test_of_two_who_may_be_asked_the_one_who_fits_better_comes_first(better, worse, facts, answers):
    pair = [sme("worse", **{"workloads": (answers.get("workload", "TEAMS"),)} | worse)]
    pair.append(sme("better", **{"workloads": (answers.get("workload", "TEAMS"),)} | better))
    assert names(pair, known(**facts), asked(**answers)) == ["better", "worse"]


def test_the_weights_weigh():
    by_region, by_customer = sme("by-region"), sme("by-customer", regions=("APJ",))
    facts = known(with_customer={"by-customer": 1})
    assert names([by_customer, by_region], facts) == ["by-region", "by-customer"]
    heavier = replace(WEIGHTS, points=WEIGHTS.points | {"customer": WEIGHTS.points["region"] + 1})
    first, _ = ranked(REQUEST, [by_customer, by_region], facts, heavier).candidates
    assert first.person == by_customer


def test_a_plan_has_another_one_of_the_same_product_and_it_has_it_back():
    plans = WEIGHTS.plans
    assert set(plans) <= set(WORKLOADS)
    assert all(plans[other] == plan for plan, other in plans.items())


def test_among_equals_the_one_with_less_to_do_comes_first_then_the_name():
    smes = (sme("zoe"), sme("adam"), sme("busy", capacity=8))
    assert names(smes, known(loads={"busy": 1})) == ["adam", "zoe", "busy"]
    equal = (sme("adam", capacity=8), sme("zoe"))
    assert names(equal, known(loads={"adam": 2, "zoe": 1})) == ["zoe", "adam"]


def test_the_reasons_say_what_counts_in_a_line():
    facts = known(loads={"sam": 1}, with_partner={"sam": 2}, with_customer={"sam": 1}, leaves={"sam": leaving(7)})
    assert only(SAM, facts).reasons == (
        "knows the workload", "English", "EMEA", "8 h shared", "1 of 2 open", "helped this customer once",
        "on leave 30 Nov to 2 Jan",
    )  # fmt: skip
    german = sme("other", languages=("en", "de"), regions=("APJ",), time_zone="Asia/Tokyo")
    facts = known(with_partner={"other": 3}, left={"other": Action.DECLINE})
    assert only(german, facts).reasons == (
        "knows the workload", "English", "German", "not EMEA", "0 h shared", "0 of 4 open",
        "helped this partner 3 times", "declined this request",
    )  # fmt: skip


def test_the_reasons_say_what_is_missing():
    lacking = sme("lacking", workloads=(), languages=("de",))
    assert only(lacking).reasons[:2] == ("does not know the workload", "German")
    assert only(lacking).reasons[-1] == "speaks no English"
    other = only(sme("other", workloads=("AADP_P2",)), request=asked(workload="AADP_P1"))
    assert other.reasons[0] == f"knows {WORKLOADS['AADP_P2']}"
    assert other.lacks is None


def test_help_that_was_proposed_asks_for_no_language():
    answers = {key: ANSWERS[key] for key in ("partner_name", "region", "workload", "topic")}
    request = request_in("approved", answers=answers, proposed_by=FRANK.email)
    found = only(sme("other", languages=("ja",)), request=request)
    assert (found.lacks, found.reasons) == (None, ("knows the workload", "EMEA", "8 h shared", "0 of 4 open"))


@pytest.mark.parametrize(
    ("there", "here", "hours"),
    [
        ("Europe/Rome", "Europe/Rome", 8),
        ("Europe/Rome", "Europe/London", 7),
        ("Asia/Kolkata", "Europe/London", 2),
        ("America/Los_Angeles", "Asia/Tokyo", 1),
        ("Asia/Tokyo", "America/Los_Angeles", 1),
        ("Pacific/Kiritimati", "Pacific/Honolulu", 8),
        ("Asia/Tokyo", "Europe/London", 0),
    ],
)
def test_hours_are_shared_by_the_clock_around_the_world(there, here, hours):
    facts = replace(NOTHING, requester=ZoneInfo(here))
    assert f"{hours} h shared" in only(sme("there", time_zone=there), facts).reasons


def test_the_hours_of_the_day_count_where_clocks_change():
    rome = sme("rome", time_zone="Europe/Rome")
    in_between = replace(NOTHING, at=datetime(2027, 3, 20, 12, tzinfo=UTC), requester=ZoneInfo("America/New_York"))
    assert "3 h shared" in only(rome, in_between).reasons
    assert "2 h shared" in only(rome, replace(in_between, at=datetime(2027, 4, 1, tzinfo=UTC))).reasons


@pytest.mark.parametrize(("days", "lacks"), [(0, Constraint.PRESENT), (2, Constraint.PRESENT), (3, None), (11, None)])
def test_a_leave_within_two_working_days_is_a_leave_now(days, lacks):
    found = only(SAM, known(leaves={"sam": leaving(days)}))
    assert found.lacks is lacks
    assert any(reason.startswith("on leave") for reason in found.reasons) is (days <= 10)


def test_of_several_leaves_the_one_that_counts_is_found():
    assert only(SAM, known(leaves={"sam": [*leaving(30), *leaving(1)]})).lacks is Constraint.PRESENT


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        (date(2026, 12, 17), date(2026, 12, 20), None),
        (date(2026, 12, 17), date(2026, 12, 23), 0),
        (date(2026, 12, 23), date(2026, 12, 23), 0),
        (date(2026, 12, 24), date(2026, 12, 24), 1),
        (date(2026, 12, 25), date(2026, 12, 31), 2),
        (date(2026, 12, 29), date(2026, 12, 31), 2),
        (date(2026, 12, 30), date(2026, 12, 31), 3),
    ],
)
def test_a_leave_counts_by_the_working_days_until_it_begins(first, last, days):
    wednesday = datetime(2026, 12, 23, 8, tzinfo=UTC)
    found = away(first, last, wednesday, LONDON)
    assert found == (None if days is None else Away(first, last, days))


def test_a_leave_begins_and_ends_with_the_days_of_who_takes_it():
    late, day = datetime(2026, 11, 23, 20, tzinfo=UTC), date(2026, 11, 24)
    assert away(day, day, late, Calendar(ZoneInfo("Asia/Tokyo"))).working_days_until == 0
    assert away(day, day, late, LONDON).working_days_until == 1
    assert away(TODAY, TODAY, late, Calendar(ZoneInfo("Asia/Tokyo"))) is None


def test_the_requester_and_the_fpm_are_never_offered():
    both = [replace(person, roles=frozenset({Role.SME})) for person in (RITA, FRANK)]
    assert names([*both, SAM]) == ["sam"]


def test_at_most_fifteen_are_offered_and_all_are_counted():
    ranking = ranked(REQUEST, [sme(f"sme{n:02}") for n in range(40)], NOTHING, WEIGHTS)
    assert [c.person.email[:5] for c in ranking.candidates] == [f"sme{n:02}" for n in range(15)]
    assert set(ranking.passed.values()) == {40}
    assert not ranking.is_empty


def test_the_best_are_found_among_those_who_pass_the_most():
    unable = [sme(f"unable{n:02}", workloads=()) for n in range(40)]
    full = [sme(f"full{n}") for n in range(3)]
    facts = known(loads={f"full{n}": 4 for n in range(3)})
    found = names([*unable, sme("able"), *full], facts)
    assert found[:4] == ["able", "full0", "full1", "full2"]
    assert len(found) == 15


def test_nobody_else_is_looked_at_once_there_are_enough_to_offer():
    able, full = ([sme(f"{kind}{n:02}") for n in range(15)] for kind in ("able", "full"))
    facts = known(loads={f"full{n:02}": 4 for n in range(15)})
    assert names([*full, *able], facts) == [f"able{n:02}" for n in range(15)]


def test_a_ranking_that_nobody_made_is_not_empty():
    assert not Ranking().is_empty
    assert ranked(REQUEST, [], NOTHING, WEIGHTS).is_empty


@pytest.mark.parametrize(
    ("smes", "facts", "said"),
    [
        ([], {}, "None knows the workload."),
        ([sme("one", languages=("ja",))], {}, "1 knows the workload, of these none speaks English."),
        (
            [sme("one"), sme("two", languages=("ja",))],
            {"leaves": {"one": leaving(1)}},
            "2 know the workload, of these 1 speaks English, of these none is there for the next days.",
        ),
        (
            [sme("one"), sme("two"), sme("three")],
            {"leaves": {"one": leaving(1)}, "loads": {"two": 4, "three": 5}},
            "3 know the workload, of these 2 are there for the next days, of these none has room for one more.",
        ),
        (
            [sme("one"), sme("two"), sme("three")],
            {"loads": {"three": 4}, "left": {"one": Action.DECLINE, "two": Action.RELEASE}},
            "3 know the workload, of these 2 have room for one more, of these all have left this request before.",
        ),
    ],
)
def test_when_nobody_fits_it_is_said_on_what_they_fail(smes, facts, said):
    ranking = ranked(REQUEST, smes, known(**facts), WEIGHTS)
    assert ranking.is_empty
    assert why_nobody(REQUEST, ranking) == said


def test_while_somebody_fits_nothing_excludes_everybody():
    ranking = ranked(REQUEST, [SAM, sme("two", languages=("ja",))], NOTHING, WEIGHTS)
    assert not ranking.is_empty
    assert why_nobody(REQUEST, ranking) == "2 know the workload, of these 1 speaks English."


@pytest.mark.parametrize(
    ("was", "becomes", "told"),
    [("region = 20", "", "points"), ("few = 2 ", "fewer = 2 ", "hours"), ("[days]", "[days]\nother = 3", "days")],
)
def test_weights_that_are_not_whole_are_told(tmp_path, was, becomes, told):
    text = WEIGHTS_FILE.read_text(encoding="utf-8")
    assert was in text
    changed = tmp_path / "weights.toml"
    changed.write_text(text.replace(was, becomes), encoding="utf-8")
    with pytest.raises(ValueError, match=rf"weights\.toml: \[{told}\] needs exactly"):
        load_weights(changed)


def test_it_is_said_how_somebody_left_the_request():
    assert only(SAM, known(left={"sam": Action.RELEASE})).reasons[-1] == "was released from this request"
