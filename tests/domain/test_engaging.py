"""What an action makes of an engagement, and every sentence about what was filled in wrong."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.domain.advance import advance
from bot.domain.engagement import Kickoff, Mode, Note, NoteStatus, Proposal, Rating, Result, proposed
from bot.domain.engaging import kickoff_in, learners_in, note_in, period_in, proposal_in
from bot.domain.errors import Mistake
from bot.domain.lifecycle import Action, EngagementStatus, Relation
from bot.domain.people import CLOCK
from tests.domain.cast import FRANK, MONDAY, NOW, NUMBER, RITA, SAM, deed_of, engagement_in, request_in

KICKOFF = {
    "mode": "with_partner",
    "expectations": " The partner leads, the SME coaches. ",
    "outcomes": "Calling plans run.",
    "exit_criteria": "500 users call out\r\n\n  The runbook   is handed over \n",
    "start": "2026-12-01",
    "end": "2026-12-18",
}
TERMS = Kickoff(
    Mode.WITH_PARTNER,
    "The partner leads, the SME coaches.",
    "Calling plans run.",
    ("500 users call out", "The runbook is handed over"),
    date(2026, 12, 1),
    date(2026, 12, 18),
)
NOTE = {"note_status": "paused", "note_summary": "They are on leave."}
ALL = (Relation.SME, Relation.FPM, Relation.REQUESTER)
ACTIVE = replace(engagement_in("active"), accepted_at=MONDAY)
AGREED = replace(ACTIVE, kickoff=TERMS, agreed=ALL)


def after(action, person, engagement=ACTIVE, state="active", **inputs):
    """Return the engagement after a person's action on Rita's request."""
    request = request_in(state)
    deed = deed_of(action, person, request, inputs=inputs)
    if person is CLOCK:
        deed = replace(deed, relations=frozenset({Relation.CLOCK}))
    return advance(request, deed, NOW, engagement).engagement


def test_a_kick_off_is_kept_as_it_was_written_without_what_shows_nothing():
    assert kickoff_in(KICKOFF, MONDAY) == TERMS
    assert kickoff_in(KICKOFF | {"mode": "with_customer"}, MONDAY).mode is Mode.WITH_CUSTOMER


def test_who_writes_a_kick_off_agrees_and_each_change_of_it_asks_the_others_again():
    written = after(Action.KICKOFF, SAM, AGREED, **KICKOFF)
    assert (written.kickoff, written.agreed) == (TERMS, (Relation.SME,))
    assert written.to_agree == (Relation.FPM, Relation.REQUESTER)


def test_learners_whom_the_partner_has_named_stay_until_others_are_named():
    named = replace(AGREED, kickoff=replace(TERMS, learners=("Amara",)))
    assert after(Action.KICKOFF, SAM, named, **KICKOFF).kickoff.learners == ("Amara",)
    assert after(Action.KICKOFF, SAM, named, **KICKOFF | {"learners": "Piotr"}).kickoff.learners == ("Piotr",)


def test_the_end_on_which_all_agreed_last_stays_while_they_are_asked_again():
    written = replace(
        ACTIVE, proposal=Proposal(date(2026, 11, 1), date(2026, 12, 11), "O"), kickoff=TERMS, agreed=ALL[:2]
    )
    assert written.last_day == date(2026, 12, 11)
    agreed = after(Action.AGREE, RITA, written)
    assert agreed.last_day == TERMS.end
    assert after(Action.KICKOFF, SAM, agreed, **KICKOFF | {"end": "2027-01-15"}).last_day == TERMS.end


def test_each_party_agrees_in_its_own_name_and_the_order_does_not_matter():
    written = replace(ACTIVE, kickoff=TERMS, agreed=(Relation.SME,))
    by_partner = after(Action.AGREE, RITA, written)
    assert by_partner.agreed == (Relation.SME, Relation.REQUESTER)
    assert after(Action.AGREE, FRANK, by_partner).agreed == ALL
    assert after(Action.AGREE, RITA, after(Action.AGREE, FRANK, written)).agreed == ALL


def test_the_partner_names_the_learners_by_agreeing_and_nobody_else_does():
    written = replace(ACTIVE, kickoff=replace(TERMS, learners=("Piotr",)), agreed=(Relation.SME,))
    assert after(Action.AGREE, RITA, written, learners="Amara; Piotr").kickoff.learners == ("Amara", "Piotr")
    assert after(Action.AGREE, RITA, written, learners=" ").kickoff.learners == ("Piotr",)
    assert after(Action.AGREE, FRANK, written, learners="Frank").kickoff.learners == ("Piotr",)


def test_agreeing_to_a_proposal_offers_it_to_the_sme():
    made = proposed(NUMBER, SAM.email, MONDAY, Proposal(date(2026, 12, 1), date(2026, 12, 18), "O"))
    assert made.status is EngagementStatus.PROPOSED
    request = request_in("approved", proposed_by=FRANK.email)
    change = advance(request, deed_of(Action.AGREE, RITA, request), NOW, made)
    assert (change.engagement.status, change.engagement.offered_at) == (EngagementStatus.OFFERED, NOW)
    assert (change.request.sme, change.request.assigned_at) == (SAM.email, NOW)


def test_a_note_takes_the_place_of_the_one_before():
    noted = after(Action.NOTE, SAM, **NOTE)
    assert noted.note == Note(NoteStatus.PAUSED, "They are on leave.")
    more = NOTE | {"note_next": "Call them", "note_next_date": " 1 Dec 2026 ", "note_concerns": "Time."}
    again = after(Action.NOTE, SAM, noted, **more)
    assert again.note == Note(NoteStatus.PAUSED, "They are on leave.", "Call them", date(2026, 12, 1), "Time.")


def test_the_end_keeps_which_criteria_were_met_and_why_the_others_were_not():
    ended = after(
        Action.COMPLETE, SAM, AGREED, summary="It runs.", met="2, 9,x", waive_reason="No need.", feedback="Good."
    )
    assert ended.result == Result("It runs.", (2,), "No need.", "Good.")
    assert (ended.status, ended.ended_at, ended.end_reason) == (EngagementStatus.COMPLETED, NOW, "")
    assert ended.contacted_at == NOW, "who has helped was in touch"


def test_nothing_is_waived_where_everything_is_met_or_nothing_was_agreed():
    whole = after(Action.COMPLETE, SAM, AGREED, summary="It runs.", met="1,2", waive_reason="Not needed.")
    assert whole.result == Result("It runs.", (1, 2))
    early = replace(ACTIVE, contacted_at=MONDAY)
    bare = after(Action.COMPLETE, SAM, early, summary="It runs.")
    assert (bare.result, bare.contacted_at) == (Result("It runs."), MONDAY)


def test_a_result_that_comes_after_the_period_has_ended_leaves_the_end_as_it_was():
    over = replace(AGREED, status=EngagementStatus.COMPLETED, ended_at=MONDAY)
    late = after(Action.COMPLETE, SAM, over, summary="It runs.", met="1,2")
    assert (late.result, late.ended_at) == (Result("It runs.", (1, 2)), MONDAY)


@pytest.mark.parametrize("stars", [1, 5])
def test_a_rating_is_kept_with_its_comment(stars):
    ended = replace(ACTIVE, status=EngagementStatus.COMPLETED, ended_at=MONDAY)
    assert after(Action.RATE, RITA, ended, rating=str(stars), rating_comment=" Thanks. ").rating == Rating(
        stars, "Thanks."
    )


def test_the_clock_announces_the_end_and_ends():
    help_ = replace(ACTIVE, proposal=Proposal(date(2026, 11, 1), date(2026, 11, 23), "O"))
    assert after(Action.ENDS_SOON, CLOCK, help_).end_announced
    over = after(Action.END, CLOCK, help_)
    assert (over.status, over.ended_at, over.end_reason, over.result) == (EngagementStatus.COMPLETED, NOW, "", None)


def test_a_period_that_becomes_another_one_is_announced_anew():
    said = replace(AGREED, proposal=Proposal(date(2026, 11, 1), date(2026, 12, 18), "O"), end_announced=True)
    assert after(Action.KICKOFF, SAM, said, **KICKOFF).end_announced, "the last day is the same"
    longer = after(Action.KICKOFF, SAM, said, **KICKOFF | {"end": "2027-01-15"})
    agreed = after(Action.AGREE, RITA, after(Action.AGREE, FRANK, longer))
    assert agreed.last_day == date(2027, 1, 15)
    assert not agreed.end_announced


def test_who_ends_it_early_says_why():
    declined = after(Action.DECLINE, SAM, engagement_in("offered"), "offered", decline_reason="On leave.")
    assert (declined.status, declined.end_reason) == (EngagementStatus.DECLINED, "On leave.")
    for action, inputs in ((Action.RELEASE, {"release_reason": "Ill."}), (Action.CLOSE, {"close_reason": "Ill."})):
        ended = after(action, FRANK, **inputs)
        assert (ended.status, ended.end_reason, ended.ended_at) == (EngagementStatus.COMPLETED, "Ill.", NOW)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"mode": ""}, "whom the SME works with"),
        ({"mode": "with_nobody"}, "whom the SME works with"),
        ({"expectations": " "}, "what is expected of each"),
        ({"expectations": "x" * 1001}, "keep this to 1,000"),
        ({"outcomes": ""}, "what is to come of it"),
        ({"outcomes": "x" * 1001}, "keep this to 1,000"),
        ({"exit_criteria": " \n "}, "exit criteria, one per line"),
        ({"exit_criteria": "\n".join(map(str, range(11)))}, "10 exit criteria of 150"),
        ({"exit_criteria": "x" * 151}, "10 exit criteria of 150"),
        ({"start": ""}, "first and the last day"),
        ({"end": "soon"}, "first and the last day"),
        ({"end": "2026-11-30"}, "after the first one, within a year"),
        ({"end": "2027-12-03"}, "after the first one, within a year"),
        ({"start": "2026-11-01", "end": "2026-11-21"}, "over already"),
        ({"learners": "x" * 101}, "20 learners at most"),
    ],
)
def test_what_is_wrong_with_a_kick_off_is_said(wrong, sentence):
    with pytest.raises(Mistake, match=sentence):
        kickoff_in(KICKOFF | wrong, MONDAY)


def test_a_kick_off_may_be_as_long_as_it_may_be():
    longest = KICKOFF | {
        "expectations": "x" * 1000,
        "outcomes": "x" * 1000,
        "exit_criteria": "\n".join(f"{n:0150}" for n in range(10)),
        "learners": ";".join(f"{n:0098}" for n in range(20)),
    }
    found = kickoff_in(longest, MONDAY)
    assert (len(found.exit_criteria), len(found.learners), len(found.outcomes)) == (10, 20, 1000)


def test_a_period_may_be_a_single_day_or_a_year():
    day = date(2026, 12, 1)
    assert period_in({"start": "2026-12-01", "end": "2026-12-01"}, MONDAY) == (day, day)
    assert period_in({"start": "2026-12-01", "end": "2027-12-02"}, MONDAY) == (day, day + timedelta(days=366))


def test_learners_are_named_with_anything_between_and_each_once():
    assert learners_in({"learners": "Amara, Piotr;Amara\n ada@contoso.example ;;"}) == (
        "Amara",
        "Piotr",
        "ada@contoso.example",
    )
    assert learners_in({}) == ()
    with pytest.raises(Mistake, match="20 learners at most"):
        learners_in({"learners": ",".join(map(str, range(21)))})
    with pytest.raises(Mistake, match="keep this to 2,040"):
        learners_in({"learners": "x," * 1021})
    twenty = [f"{n:02}{'x' * 98}" for n in range(20)]
    assert learners_in({"learners": ", ".join(twenty)}) == tuple(twenty), "the most and the longest there may be"


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"note_status": ""}, "how the work stands"),
        ({"note_status": "lost"}, "how the work stands"),
        ({"note_summary": " "}, "in a few words how the work stands"),
        ({"note_summary": "x" * 1001}, "keep this to 1,000"),
        ({"note_next": "x" * 1001}, "keep this to 1,000"),
        ({"note_concerns": "x" * 1001}, "keep this to 1,000"),
        ({"note_next_date": "soon"}, "day of the next step, from today on"),
        ({"note_next_date": "2026-11-21"}, "day of the next step, from today on"),
        ({"note_next_date": "2027-11-24"}, "day of the next step, from today on"),
    ],
)
def test_what_is_wrong_with_a_note_is_said(wrong, sentence):
    with pytest.raises(Mistake, match=sentence):
        note_in(NOTE | wrong, MONDAY)


@pytest.mark.parametrize("day", ["2026-11-22", "2026-11-23", "2027-11-23"])
def test_a_next_step_is_from_today_on_wherever_the_sme_is(day):
    assert note_in(NOTE | {"note_next_date": day}, MONDAY).next_date == date.fromisoformat(day)


@pytest.mark.parametrize(
    ("inputs", "sentence"),
    [
        ({}, "Please write a summary"),
        ({"summary": "x" * 2001}, "keep this to 2,000"),
        ({"summary": "It runs."}, "Please say why they are waived"),
        ({"summary": "It runs.", "met": "1"}, "Please say why they are waived"),
        ({"summary": "It runs.", "met": "1,2", "feedback": "x" * 2001}, "keep this to 2,000"),
    ],
)
def test_what_is_wrong_with_a_result_is_said(inputs, sentence):
    with pytest.raises(Mistake, match=sentence):
        after(Action.COMPLETE, SAM, AGREED, **inputs)


def test_what_not_all_have_agreed_on_is_not_met_without_a_word():
    asked = replace(AGREED, agreed=ALL[:2])
    with pytest.raises(Mistake, match="Not everybody has agreed"):
        after(Action.COMPLETE, SAM, asked, summary="It runs.", met="1,2")
    ended = after(Action.COMPLETE, SAM, asked, summary="It runs.", met="1,2", waive_reason="They were away.")
    assert ended.result == Result("It runs.", (1, 2), "They were away.")


@pytest.mark.parametrize("stars", ["", "0", "6", "-1", "4.5", "٣", "05"])
def test_a_rating_is_one_to_five(stars):
    ended = replace(ACTIVE, status=EngagementStatus.COMPLETED, ended_at=MONDAY)
    with pytest.raises(Mistake, match="from 1 to 5"):
        after(Action.RATE, RITA, ended, rating=stars)


def test_a_proposal_has_outcomes_and_a_period_that_is_not_over():
    inputs = {"start": "2026-11-16", "end": "2026-11-23", "outcomes": " They lead. "}
    assert proposal_in(inputs, MONDAY) == Proposal(date(2026, 11, 16), date(2026, 11, 23), "They lead.")
    with pytest.raises(Mistake, match="over already"):
        proposal_in(inputs | {"end": "2026-11-21"}, MONDAY)
    with pytest.raises(Mistake, match="which outcomes"):
        proposal_in(inputs | {"outcomes": ""}, MONDAY)
