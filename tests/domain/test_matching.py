"""SMEs ranked for a request: who fits, in which order, and why."""

from dataclasses import replace
from itertools import permutations

from bot.domain.matching import ranked
from bot.domain.people import Role
from tests.domain.cast import ANSWERS, FRANK, RITA, SAM, request_in, someone

REQUEST = request_in("approved", answers=ANSWERS | {"secondary_language": "de"})


def sme(name, **more):
    fitting = {"regions": ("EMEA",), "languages": ("en", "de"), "workloads": ("TEAMS",), "capacity": 2}
    return someone(f"{name}@home.example", Role.SME, **(fitting | more))


def names(smes, loads=None, request=REQUEST):
    return [c.person.email.partition("@")[0] for c in ranked(request, smes, loads or {})]


def test_the_workload_counts_most_then_the_language_then_region_and_room_then_the_second_language():
    smes = (
        sme("everything"),
        sme("no-second", languages=("en",)),
        sme("no-region", regions=("APJ",)),
        sme("no-language", languages=("ja",)),
        sme("no-workload", workloads=("YAMMER",)),
    )
    expected = ["everything", "no-second", "no-region", "no-language", "no-workload"]
    assert all(names(order) == expected for order in permutations(smes))


def test_among_equals_the_one_with_less_to_do_comes_first_then_the_name():
    smes = (sme("zoe"), sme("adam"), sme("busy"))
    assert names(smes, {"busy@home.example": 1}) == ["adam", "zoe", "busy"]


def test_an_sme_without_room_is_still_offered_but_behind():
    smes = (sme("full"), sme("free"))
    assert names(smes, {"full@home.example": 2}) == ["free", "full"]


def test_the_reasons_say_what_fits_and_how_busy_the_sme_is():
    [best] = ranked(REQUEST, [SAM], {SAM.email: 1})
    assert best.reasons == ("knows the workload", "English", "EMEA", "1 of 2 engagements")
    [other] = ranked(REQUEST, [sme("other", languages=("de",), workloads=(), regions=())], {})
    assert other.reasons == ("German", "0 of 2 engagements")
    assert best.score > other.score


def test_a_request_without_a_second_language_is_ranked_by_the_first():
    without = {k: v for k, v in ANSWERS.items() if k != "secondary_language"}
    [best] = ranked(request_in("approved", answers=without), [SAM], {})
    assert best.reasons == ("knows the workload", "English", "EMEA", "0 of 2 engagements")


def test_the_requester_and_the_fpm_are_never_offered():
    both = [replace(person, roles=frozenset({Role.SME})) for person in (RITA, FRANK)]
    assert names([*both, SAM]) == ["sam"]


def test_at_most_fifteen_are_offered():
    assert names([sme(f"sme{n:02}") for n in range(40)]) == [f"sme{n:02}" for n in range(15)]
    assert names([]) == []
