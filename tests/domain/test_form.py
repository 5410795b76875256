"""The form: which fields a page asks, what it takes, and where it leads."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.fields import BY_KEY, FIELDS, PAGES, SCOPE, FormContext, on_page
from bot.domain.form import check_page, next_stop, page_before, page_is_done, settled, verdict_of
from bot.domain.people import Partner, Role
from bot.domain.routing import load_table
from tests.domain.cast import ANSWERS, CONTOSO, FRANK, OLGA, OTHERS, RITA, someone

TABLE = load_table()
WOODGROVE = Partner("WOODGROVE", "Woodgrove", "AMER", (OTHERS,), OLGA.email)
MIGRATION = ANSWERS | {"role": "migration", "workload": "EXCHANGE", "topic": "migration"}
LONG = "x" * 2001
REASON = "A reason of twenty characters or more."


def context(answers=ANSWERS, requester=RITA, partners=(CONTOSO, WOODGROVE)):
    fpms = {FRANK.email: "Frank", OLGA.email: "Olga", requester.email: requester.name}
    return FormContext(requester, {p.code: p for p in partners}, fpms, answers, verdict_of(TABLE, answers))


def checked(page, raw, answers=ANSWERS):
    return check_page(page, raw, context(answers))


def asked(page, answers):
    return [field.key for field in on_page(page, context(answers))]


WRONG = {
    "tenant_id": ["", "x", "0" * 32],
    "tenant_name": ["", "x" * 121],
    "tenant_segment": ["", "Medium"],
    "region": ["", "LATAM"],
    "role": ["", "boss"],
    "workload": ["", "WORD"],
    "seat_count": ["", "0", "-1", "1e3", "10,000,001", "many"],
    "primary_language": ["", "tlh"],
    "secondary_language": ["tlh", "en"],
    "topic": ["", "migration", "lunch"],
    "justification": ["", "too short", LONG],
    "notes": [LONG],
    "delivery_team": ["", "Other team"],
    "partner_name": ["", "FABRIKAM"],
    "contact_email": ["", "nobody", "a@b.co, c@d.co"],
    "fpm": ["", "stranger@home.example", RITA.email],
}
NEED_REASON = ANSWERS | {"workload": "AADP_P1", "seat_count": "150"}


@pytest.mark.parametrize(("key", "raw"), [(key, raw) for key, raws in WRONG.items() for raw in raws])
def test_a_wrong_answer_is_named_beside_its_field_and_the_others_are_kept(key, raw):
    page = BY_KEY[key].page
    found = checked(page, ANSWERS | {key: raw})
    assert set(found.mistakes) == {key}
    assert found.mistakes[key].endswith(".")
    assert set(found.answers) == set(asked(page, ANSWERS)) - {key}


@pytest.mark.parametrize(
    ("key", "raw"),
    [
        ("email_source", ""),
        ("email_source", "exchange_2003"),
        ("email_source_other", "x" * 121),
    ],
)
def test_a_wrong_answer_of_a_migration_is_named_beside_its_field(key, raw):
    answers = MIGRATION | {"email_source": "other", "email_source_other": "Zimbra"}
    assert set(checked("reason", answers | {key: raw}, answers).mistakes) == {key}


@pytest.mark.parametrize("raw", ["", "too short", LONG])
def test_a_wrong_reason_for_the_exception_is_named_beside_its_field(raw):
    assert set(checked("reason", NEED_REASON | {"exception_reason": raw}, NEED_REASON).mistakes) == {"exception_reason"}


@pytest.mark.parametrize(
    ("key", "shortest", "longest"),
    [("tenant_name", 1, 120), ("justification", 20, 2000), ("exception_reason", 20, 2000), ("notes", 1, 2000)],
)
def test_a_text_may_have_as_many_characters_as_the_process_says(key, shortest, longest):
    def mistakes(length):
        return checked(
            BY_KEY[key].page, NEED_REASON | {"exception_reason": REASON, key: "x" * length}, NEED_REASON
        ).mistakes

    assert mistakes(shortest) == mistakes(longest) == {}
    assert set(mistakes(longest + 1)) == {key}


def test_every_field_has_a_wrong_input_here():
    assert {*WRONG, "email_source", "email_source_other", "exception_reason", "fpm_other"} == set(BY_KEY)


@pytest.mark.parametrize("page", [page.key for page in PAGES])
def test_good_answers_are_taken_and_the_stored_ones_are_taken_again(page):
    found = checked(page, ANSWERS)
    assert (found.mistakes, set(found.answers)) == ({}, set(asked(page, ANSWERS)))
    assert checked(page, found.answers, ANSWERS | found.answers) == found


def test_optional_answers_left_empty_are_stored_as_empty():
    assert checked("need", {**ANSWERS, "secondary_language": None}).answers["secondary_language"] == ""
    without = {k: v for k, v in ANSWERS.items() if k != "notes"}
    assert checked("reason", without, without).answers["notes"] == ""


def test_an_optional_text_of_invisible_signs_is_an_empty_one():
    assert checked("reason", ANSWERS | {"notes": "\u200b"}).answers["notes"] == ""


def test_the_second_language_may_be_another_one():
    assert checked("need", ANSWERS | {"secondary_language": "de"}).answers["secondary_language"] == "de"


def test_the_mail_source_is_asked_only_for_a_migration_and_the_other_source_only_for_another():
    assert "email_source" not in asked("reason", ANSWERS)
    assert asked("reason", MIGRATION)[:3] == ["topic", "email_source", "email_source_other"]
    found = checked("reason", MIGRATION | {"email_source": "google", "email_source_other": "left over"}, MIGRATION)
    assert (found.answers["email_source_other"], found.mistakes) == ("", {})
    too_long = checked("reason", MIGRATION | {"email_source": "google", "email_source_other": "x" * 121}, MIGRATION)
    assert too_long.mistakes == {}
    found = checked("reason", MIGRATION | {"email_source": "other", "email_source_other": ""}, MIGRATION)
    assert set(found.mistakes) == {"email_source_other"}
    found = checked("reason", MIGRATION | {"email_source": "other", "email_source_other": "Zimbra"}, MIGRATION)
    assert found.answers["email_source_other"] == "Zimbra"


def options(key, answers=ANSWERS, **more):
    return list(BY_KEY[key].options(context(answers, **more)))


def preset(key, answers=ANSWERS, **more):
    return BY_KEY[key].preset(context(answers, **more))


def test_the_topic_migration_is_offered_and_preset_for_a_migration_only():
    assert "migration" not in options("topic")
    assert preset("topic") == preset("region") == ""
    assert "migration" in options("topic", MIGRATION)
    assert preset("topic", MIGRATION) == "migration"


def test_the_directory_gives_choices_and_presets():
    assert options("partner_name") == ["CONTOSO", "WOODGROVE"]
    assert options("fpm") == [FRANK.email, OLGA.email]
    assert preset("partner_name") == "CONTOSO"
    assert preset("fpm", {}) == FRANK.email
    assert preset("fpm", {"partner_name": "WOODGROVE"}) == OLGA.email
    assert preset("fpm", {}, partners=()) == preset("partner_name", {}, partners=()) == ""
    assert preset("delivery_team") == "FTP Partner"
    assert preset("contact_email") == RITA.email
    other = someone("guest@contoso.example", Role.REQUESTER, contact_email="post@contoso.example")
    assert preset("contact_email", requester=other) == "post@contoso.example"


@pytest.mark.parametrize(
    ("workload", "seats", "is_asked"),
    [
        ("AADP_P1", "150", True),
        ("AADP_P1", "151", False),
        ("MDATP", "150", True),
        ("MDATP", "151", False),
        ("MIG_P1", "5001", True),
        ("MCAS", "10000", False),
        ("TEAMS", "1", False),
    ],
)
def test_a_reason_is_asked_exactly_when_the_verdict_needs_one(workload, seats, is_asked):
    answers = ANSWERS | {"workload": workload, "seat_count": seats}
    assert ("exception_reason" in asked("reason", answers)) == is_asked
    assert next_stop(context(answers)) == ("reason" if is_asked else "review")
    assert next_stop(context(answers | {"exception_reason": REASON})) == "review"


def test_there_is_no_verdict_before_its_three_answers():
    for key in ("workload", "seat_count", "primary_language"):
        assert verdict_of(TABLE, ANSWERS | {key: ""}) is None
    assert "exception_reason" not in asked("reason", {})


def test_the_form_goes_page_by_page_to_the_review():
    answers = {}
    for page in PAGES:
        assert next_stop(context(answers)) == page.key
        assert not page_is_done(page.key, context(answers))
        answers |= {key: ANSWERS[key] for key in asked(page.key, answers)}
        assert page_is_done(page.key, context(answers))
    assert next_stop(context(answers)) == "review"


def test_a_self_deploy_verdict_ends_the_form_after_the_page_that_decides():
    assert next_stop(context(ANSWERS | {"workload": "AIP_P1"})) == "self_deploy"
    assert next_stop(context(ANSWERS | {"workload": "AIP_P1", "tenant_id": ""})) == "customer"


def test_the_way_back():
    assert [page_before(stop) for stop in ("customer", "need", "reason", "people", "review", "self_deploy")] == [
        "customer",
        "customer",
        "need",
        "reason",
        "people",
        "need",
    ]


def test_answers_whose_question_is_gone_are_left_out():
    answers = MIGRATION | {"email_source": "google", "email_source_other": "", "exception_reason": REASON}
    assert set(settled(context(answers))) == set(answers) - {"exception_reason"}
    engineer = answers | {"role": "engineer"}
    assert set(settled(context(engineer))) == set(answers) - {"exception_reason", "email_source", "email_source_other"}
    assert next_stop(context(engineer)) == "reason"


@pytest.mark.parametrize("raw", [True, False, [], ["TEAMS"], {}, {"a": 1}, 1.5, 1.125, float("inf"), 1e300, -1, "1e3"])
def test_a_value_of_another_json_type_is_a_mistake(raw):
    assert set(checked("need", ANSWERS | {"seat_count": raw}).mistakes) == {"seat_count"}


@pytest.mark.parametrize("raw", [5000, 5000.0, "5,000"])
def test_a_whole_json_number_is_taken(raw):
    assert checked("need", ANSWERS | {"seat_count": raw}).answers["seat_count"] == "5000"


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20)),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(st.text(max_size=3), inner, max_size=2)),
    max_leaves=4,
)
SOME_CODES = st.sampled_from(["TEAMS", "MIG_P1", "AADP_P1", "150", "en", "migration", "other", "", FRANK.email])


@given(
    page=st.sampled_from([page.key for page in PAGES]),
    raw=st.dictionaries(st.sampled_from(sorted(BY_KEY)), st.one_of(JSON, SOME_CODES)),
)
def test_whatever_a_card_carries_gives_answers_or_mistakes_beside_fields_of_the_page(page, raw):
    now = context(MIGRATION)
    found = check_page(page, raw, now)
    shown = {field.key for field in on_page(page, now)}
    assert set(found.answers) | set(found.mistakes) == shown
    assert not set(found.answers) & set(found.mistakes)
    assert json.dumps({**found.answers, **found.mistakes})
    again = check_page(page, found.answers, context(MIGRATION | found.answers))
    assert found.answers.items() <= again.answers.items() or found.mistakes


def test_keys_of_no_field_are_ignored():
    assert checked("customer", ANSWERS | {"requester": "someone@else.example", "": 1}).mistakes == {}


def test_each_question_is_asked_of_one_page_and_the_form_says_what_an_sme_is_for():
    assert [field.key for field in FIELDS] == [key for page in PAGES for key in BY_KEY if BY_KEY[key].page == page.key]
    assert "does not lead" in SCOPE


MANY_FPMS = {f"fpm{n:03d}@home.example": f"FPM {n:03d}" for n in range(254)}


def with_many_fpms(answers):
    few = context(answers)
    return replace(few, fpms={**few.fpms, **MANY_FPMS})


def test_a_long_list_of_fpms_offers_the_best_fifteen_and_an_email_beside_it():
    crowded = with_many_fpms(ANSWERS)
    asked_for = {field.key: field for field in on_page("people", crowded)}
    offered = asked_for["fpm"].options(crowded)
    assert len(offered) == 15
    assert next(iter(offered)) == ANSWERS["fpm"]
    assert "fpm_other" in asked_for


def test_an_fpm_named_by_email_takes_the_place_of_the_chosen_one():
    crowded = with_many_fpms(ANSWERS)
    found = check_page("people", ANSWERS | {"fpm_other": "FPM200@home.example"}, crowded)
    assert (found.mistakes, found.answers["fpm"], found.answers["fpm_other"]) == ({}, "fpm200@home.example", "")
    assert page_is_done("people", replace(crowded, answers=ANSWERS | found.answers))


def test_an_email_that_is_no_fpms_is_named_beside_its_field():
    found = check_page("people", ANSWERS | {"fpm_other": "nobody@home.example"}, with_many_fpms(ANSWERS))
    assert set(found.mistakes) == {"fpm_other"}
