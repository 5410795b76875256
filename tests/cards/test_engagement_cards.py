"""What the cards about the work on a request say to partner, FPM and SME, and what each of them does not read."""

import json

import pytest

from bot.cards.answers import NOTE_STATUSES
from bot.cards.engagement import ftop_text
from bot.cards.kickoff import MODES
from bot.cards.plain import as_text
from bot.cards.request import request_card, status_card
from bot.domain.engagement import Mode
from bot.domain.lifecycle import Action, Relation, Topic
from tests import engagements, samples
from tests.cards.lint import actions_in, actions_of, button, inputs_of, shown_texts, verbs_of
from tests.samples import ASSIGNER, FPM, PROGRAM, REQUESTER, SENTENCES, SME

STAGES = engagements.journeys()
PROPOSALS = engagements.proposals()
FEEDBACK = SENTENCES[Action.COMPLETE]["feedback"]
PRAISE = SENTENCES[Action.RATE]["rating_comment"]
COMPLAINT = "It took three weeks"
ENDED = [state for state in STAGES if state.startswith(("completed", "rated", "ended"))]
RATED = [state for state in STAGES if "rated-" in state]
TOPICS = [Topic.ENGAGEMENT, Topic.STATUS, Topic.RECEIPT, Topic.STEPS, Topic.DECISION, Topic.PING, Topic.NEWS]
PARTNERS = (REQUESTER, samples.COLLEAGUE)


def card_of(state, reader, topic=Topic.ENGAGEMENT, **more):
    return request_card({**STAGES, **PROPOSALS}[state].view(reader, **more), topic)


def text_of(state, reader, topic=Topic.ENGAGEMENT, **more):
    return as_text(card_of(state, reader, topic, **more))


def everything_for(state, reader):
    """Return all that stands on any card of this reader, inputs and buttons included."""
    return "\n".join(json.dumps(card_of(state, reader, topic), ensure_ascii=False) for topic in TOPICS)


@pytest.mark.parametrize("state", [s for s in ENDED if s not in {"completed-bare", "ended-early"}])
def test_feedback_is_for_the_fpm_and_never_for_the_partner(state):
    assert FEEDBACK in text_of(state, FPM)
    assert FEEDBACK in text_of(state, SME if "ended" not in state else FPM)
    for reader in PARTNERS:
        assert FEEDBACK not in everything_for(state, reader)


@pytest.mark.parametrize("role", [Relation.ASSIGNER, Relation.PROGRAM])
def test_feedback_is_not_for_a_contact_of_the_partner_who_is_something_else_as_well(role):
    view = STAGES["rated-5"].view(REQUESTER, relations=frozenset({Relation.REQUESTER, role}))
    for topic in TOPICS:
        assert FEEDBACK not in json.dumps(request_card(view, topic), ensure_ascii=False)


@pytest.mark.parametrize("state", RATED)
def test_a_rating_is_read_by_partner_and_fpm_and_never_by_the_sme(state):
    said = COMPLAINT if state.endswith("2") else PRAISE
    stars = f"Rated {state[-1]} of 5"
    for reader in (*PARTNERS, FPM):
        assert said in text_of(state, reader)
        assert stars in text_of(state, reader)
    assert said not in everything_for(state, SME)
    assert stars not in everything_for(state, SME)


@pytest.mark.parametrize("state", RATED)
def test_the_programme_team_reads_the_rating(state):
    text = text_of(state, PROGRAM, Topic.STATUS)
    assert f"Rated {state[-1]} of 5" in text
    assert (COMPLAINT if state.endswith("2") else PRAISE) in text


def test_an_sme_of_the_programme_team_does_not_read_the_rating_of_the_own_help():
    view = STAGES["rated-2"].view(SME, relations=frozenset({Relation.SME, Relation.PROGRAM}))
    for topic in TOPICS:
        shown = json.dumps(request_card(view, topic), ensure_ascii=False)
        assert COMPLAINT not in shown
        assert "Rated 2" not in shown


def passed_over():
    journey = samples.Journey().do(Action.APPROVE, FPM)
    return journey.do(Action.ASSIGN, ASSIGNER, {"assign_note": "Li Wei is at a conference."}, target=SME)


@pytest.mark.parametrize("later", [False, True])
def test_why_somebody_was_passed_over_is_for_those_who_assign(later):
    journey = passed_over().do(Action.ACCEPT, SME) if later else passed_over()
    for reader in (*PARTNERS, SME, samples.STRANGER):
        for topic in TOPICS:
            assert "conference" not in json.dumps(request_card(journey.view(reader), topic))
    for reader in (FPM, ASSIGNER, PROGRAM):
        assert "conference" in as_text(status_card(journey.view(reader)))


def test_why_somebody_was_passed_over_is_not_for_a_contact_of_the_partner_who_assigns_for_others():
    relations = frozenset({Relation.REQUESTER, Relation.ASSIGNER})
    for topic in TOPICS:
        card = request_card(passed_over().view(REQUESTER, relations=relations), topic)
        assert "conference" not in json.dumps(card)


FTOP = """\
CONTOSO-7K3QXD, Fabrikam Retail GmbH, Defender for Endpoint (MDATP)
Partner: Contoso Consulting. SME: Grace Okafor. FPM: Ben Hoffmann.
Worked: with the partner, who leads.
Learners: Pradeep Gupta, lidia.holloway@contoso.example.
Met: 95 % of the devices are onboarded
Waived: Contoso has solved one ticket alone
Met: The runbook is handed over
Waived because: No ticket came up in these weeks.
Summary: 5,150 devices are onboarded; the rest is being replaced. Contoso has led the last two calls alone."""
SHORT_FTOP = """\
CONTOSO-7K3QXD, Fabrikam Retail GmbH, Defender for Endpoint (MDATP)
Partner: Contoso Consulting. SME: Grace Okafor. FPM: Ben Hoffmann.
Summary: 5,150 devices are onboarded; the rest is being replaced. Contoso has led the last two calls alone."""


@pytest.mark.parametrize(("state", "text"), [("completed-waived", FTOP), ("completed-bare", SHORT_FTOP)])
def test_the_text_for_ftop_stands_alone_and_whole(state, text):
    for reader in (SME, FPM):
        view = STAGES[state].view(reader)
        assert ftop_text(view, view.engagement) == text
        assert text in shown_texts(card_of(state, reader))
    for reader in PARTNERS:
        assert "FTOP" not in everything_for(state, reader)


def test_the_text_for_ftop_is_whole_whatever_its_length():
    """It is to be copied: what is missing at its end is missing in the report."""
    said = engagements.longest("Every word counts. " * 200, "Adventure Works")
    view = engagements.journeys(None, said)["completed-waived"].view(SME)
    whole = ftop_text(view, view.engagement)
    assert len(whole) > 4000
    assert whole in shown_texts(request_card(view, Topic.ENGAGEMENT))


@pytest.mark.parametrize(
    ("state", "marks"),
    [
        ("kickoff-agreed", ["☐ 95 %", "☐ Contoso has solved", "☐ The runbook"]),
        ("completed", ["☑ 95 %", "☑ Contoso has solved", "☑ The runbook"]),
        ("completed-waived", ["☑ 95 %", "☒ Contoso has solved", "☑ The runbook"]),
    ],
)
def test_the_exit_criteria_are_a_checklist(state, marks):
    for reader in (REQUESTER, FPM, SME):
        lines = [text for text in shown_texts(card_of(state, reader)) if text[:1] in "☐☑☒"]
        assert [line[: len(mark)] for line, mark in zip(lines, marks, strict=True)] == marks
        assert [line.endswith("waived") for line in lines] == [mark[0] == "☒" for mark in marks]


@pytest.mark.parametrize(
    ("state", "agreements"),
    [
        ("kickoff-written", "SME agreed · FPM to agree · Partner to agree"),
        ("kickoff-agreed-by-fpm", "SME agreed · FPM agreed · Partner to agree"),
        ("kickoff-agreed-by-partner", "SME agreed · FPM to agree · Partner agreed"),
        ("kickoff-agreed", "SME agreed · FPM agreed · Partner agreed"),
        ("kickoff-changed", "SME agreed · FPM to agree · Partner to agree"),
    ],
)
def test_everybody_sees_who_has_agreed_and_only_who_has_not_is_asked(state, agreements):
    missing = STAGES[state].engagement.to_agree
    for reader, party in ((REQUESTER, Relation.REQUESTER), (FPM, Relation.FPM), (SME, Relation.SME)):
        card = card_of(state, reader)
        assert agreements in shown_texts(card)
        assert ("agree" in verbs_of(card)) == (party in missing)
        assert ("Please agree on the kick-off" in as_text(card)) == (party in missing)


def test_the_kickoff_is_read_in_full_by_whoever_agrees_to_it():
    said = SENTENCES[Action.KICKOFF]
    for reader in (REQUESTER, FPM):
        text = text_of("kickoff-written", reader)
        for words in (
            "With the partner, who leads",
            "1 Dec 2026 to 18 Dec 2026",
            said["expectations"],
            said["outcomes"],
        ):
            assert words in text
        assert "Pradeep Gupta\nlidia.holloway@contoso.example" in text
    assert set(MODES) == set(Mode)


def test_a_changed_kickoff_shows_what_is_agreed_on_now():
    text = text_of("kickoff-changed", REQUESTER)
    assert "22 Dec 2026" in text
    assert "18 Dec" not in text


def test_the_partner_names_who_learns_by_agreeing():
    (named,) = [e for e in inputs_of(card_of("kickoff-written", REQUESTER)).values() if e["id"] == "learners"]
    assert named["value"] == "Pradeep Gupta\nlidia.holloway@contoso.example"
    assert [a["title"] for a in actions_of(card_of("kickoff-written", REQUESTER)) if a.get("verb") == "agree"] == [
        "Agree", "Agree",
    ]  # fmt: skip
    nobody = card_of("kickoff-nobody-learns", REQUESTER)
    assert "value" not in inputs_of(nobody)["learners"]
    assert not inputs_of(nobody)["learners"].get("isRequired")
    assert "not named yet" in as_text(nobody)
    assert "learners" not in inputs_of(card_of("kickoff-written", FPM))


def test_the_sme_writes_the_kickoff_and_changes_it_from_what_it_says():
    fresh = inputs_of(card_of("kickoff-due", SME))
    assert "It is not written yet." in text_of("kickoff-due", SME)
    assert {key: e["value"] for key, e in fresh.items() if "value" in e} == {
        "mode": "with_partner", "note_status": "on_track",
    }  # fmt: skip
    again = inputs_of(card_of("kickoff-written", SME))
    said = SENTENCES[Action.KICKOFF]
    assert {key: again[key]["value"] for key in said} == dict(said)
    for reader in (REQUESTER, FPM):
        assert "kickoff" not in verbs_of(card_of("kickoff-written", reader))
        assert "Kick-off" not in shown_texts(card_of("kickoff-due", reader))


@pytest.mark.parametrize("state", [s for s in STAGES if s.startswith("noted")])
def test_a_note_says_how_it_stands_what_is_next_and_what_is_of_concern(state):
    note = STAGES[state].engagement.note
    for reader in (REQUESTER, FPM, SME):
        text = text_of(state, reader)
        assert f"How it stands: {NOTE_STATUSES[note.status]}" in text
        assert note.summary in text
        assert note.concerns in text
        day = " by 4 Dec 2026" if note.next_date else ""
        step = f"{note.next_step}{day}" if note.next_step else day.replace(" by", "By")
        assert (f"Next step: {step}\n" in text) == bool(step)
        assert ("Next step" in text) == bool(step)
        assert ("Concerns" in text) == bool(note.concerns)


def test_the_next_note_begins_with_how_it_stood():
    assert inputs_of(card_of("noted-paused", SME))["note_status"]["value"] == "paused"
    assert "value" not in inputs_of(card_of("noted-paused", SME))["note_summary"]


def test_completing_ticks_the_criteria_of_the_kickoff():
    inputs = inputs_of(card_of("kickoff-agreed", SME))
    assert [c["value"] for c in inputs["met"]["choices"]] == ["1", "2", "3"]
    (form,) = [a["card"] for a in card_of("kickoff-agreed", SME)["actions"] if a["title"] == "Complete"]
    for criterion in STAGES["kickoff-agreed"].engagement.kickoff.exit_criteria:
        assert criterion in json.dumps(form)
    assert inputs["met"]["isMultiSelect"]
    assert inputs["summary"]["isRequired"]
    bare = inputs_of(card_of("kickoff-due", SME))
    assert "met" not in bare
    assert "waive_reason" not in bare


def test_the_partner_is_told_what_came_of_it_and_whom_to_call_next():
    text = text_of("completed-waived", REQUESTER)
    assert "For anything new, talk to Ben Hoffmann first." in text
    assert "No ticket came up in these weeks." in text
    assert SENTENCES[Action.COMPLETE]["summary"] in text


@pytest.mark.parametrize("state", ["completed", "completed-waived", "completed-bare", "ended-unrated", "period-over"])
def test_the_partner_rates_with_one_tap(state):
    card = card_of(state, REQUESTER)
    taps = [a for a in actions_in(card) if a["type"] == "Action.Execute" and a["verb"] == "rate"]
    assert [(a["title"], a["data"]["rating"]) for a in taps] == [(str(n), n) for n in range(1, 6)]
    assert not inputs_of(card)["rating_comment"].get("isRequired")
    for reader in (FPM, SME, ASSIGNER, PROGRAM):
        assert "rate" not in verbs_of(card_of(state, reader, Topic.STATUS))


def test_a_low_rating_waits_for_the_fpm_with_what_it_says():
    card = card_of("rated-2", FPM)
    assert "A low rating waits for an answer" in shown_texts(card)
    assert button(card, "answer")
    assert COMPLAINT in as_text(card)
    assert "waits for an answer" not in text_of("rated-5", FPM)


def test_an_issue_that_was_answered_is_not_told_again_beside_a_low_rating():
    journey = engagements.journeys()["completed"].do(Action.ISSUE, REQUESTER).do(Action.ANSWER, FPM)
    rated = journey.do(Action.RATE, REQUESTER, {"rating": "1"})
    (issues,) = [
        e for e in request_card(rated.view(FPM), Topic.ENGAGEMENT)["body"] if "waits for an answer" in json.dumps(e)
    ]
    assert "Nobody has been in touch" not in json.dumps(issues)


def test_the_fpm_is_asked_to_close_once_the_sme_has_said_what_came_of_it():
    assert "Please close the request." in text_of("completed", FPM)
    assert "Please close the request." in text_of("period-summed-up", FPM)
    assert "Please close the request." not in text_of("period-over", FPM)


def test_the_end_of_a_period_asks_the_sme_for_the_summary():
    card = card_of("period-over", SME)
    assert "Please write what came of it." in as_text(card)
    assert verbs_of(card) == {"complete", "issue", "record"}
    assert "The summary is to come." in text_of("period-over", REQUESTER)


def test_a_proposal_says_to_whom_for_when_and_for_what():
    card = card_of("proposal", REQUESTER, Topic.PROPOSAL)
    text = as_text(card)
    for words in ("Grace Okafor", "30 Nov 2026 to 18 Dec 2026", engagements.PROPOSAL["outcomes"], "Do you agree?"):
        assert words in text
    assert verbs_of(card) == {"agree", "decline", "issue"}
    assert inputs_of(card)["decline_reason"]["isRequired"]
    assert shown_texts(card)[:2] == ["Proactive help", "Proposed"]


@pytest.mark.parametrize(
    "state",
    [
        "proposal-declined", "proposal-taken-back", "proposal-agreed", "proposal-sme-declined", "proposal-lapsed",
        "offer-lapsed",
    ],
)  # fmt: skip
def test_a_proposal_is_not_asked_about_again(state):
    card = card_of(state, REQUESTER, Topic.PROPOSAL)
    assert "Do you agree?" not in as_text(card)
    assert not {"agree", "decline"} & verbs_of(card)


def test_a_proposal_whose_period_ends_soon_can_still_be_agreed_on():
    card = card_of("proposal-ends-soon", REQUESTER)
    assert "Do you agree?" in as_text(card)
    assert verbs_of(card) == {"agree", "decline", "issue", "record"}


@pytest.mark.parametrize("state", ["proposal-lapsed", "offer-lapsed"])
def test_help_that_never_began_is_closed_and_asks_nobody_for_a_summary(state):
    for reader in (REQUESTER, FPM, SME):
        text = text_of(state, reader)
        assert "summary" not in text
        assert not {"complete", "rate", "accept"} & verbs_of(card_of(state, reader))
    for reader in (REQUESTER, FPM):
        assert "This request is closed." in text_of(state, reader)


def test_what_was_completed_without_every_agreement_says_why():
    for reader in (REQUESTER, FPM, SME):
        told = "Not agreed by all, because\nNobody answered, and the work was done."
        assert told in text_of("completed-unagreed", reader)


def test_who_is_asked_to_help_reads_what_was_proposed():
    for reader, topic, state in (
        (SME, Topic.PING, "proposal-agreed"),
        (FPM, Topic.ASSIGNMENT, "proposal-sme-declined"),
        (FPM, Topic.DECISION, "proposal"),
    ):
        text = text_of(state, reader, topic)
        assert "30 Nov 2026 to 18 Dec 2026" in text
        assert engagements.PROPOSAL["outcomes"] in text


def test_nobody_is_told_to_have_asked_for_what_was_proposed():
    for state in PROPOSALS:
        for reader in (REQUESTER, FPM, SME):
            assert "Asked by" not in text_of(state, reader, Topic.STATUS)
    assert "No news by then" not in text_of("proposal", REQUESTER, Topic.PROPOSAL)


def test_an_assigner_reads_who_has_declined_and_why():
    found = engagements.rankings()
    view = samples.journeys()["declined"].view(ASSIGNER)
    assert "Grace Okafor declined: “I am on leave from Thursday.”" in as_text(request_card(view, Topic.ASSIGNMENT))
    for name, words in {
        "nobody-knows-it": "Nobody fits. None knows the workload.",
        "nobody-speaks-it": "Nobody fits. 3 know the workload, of these none speaks English.",
        "nobody-has-room": "of these none has room for one more.",
    }.items():
        approved = samples.journeys()["approved"].view(ASSIGNER, ranking=found[name])
        assert words in as_text(request_card(approved, Topic.ASSIGNMENT))


def test_three_are_recommended_and_all_are_offered():
    card = request_card(samples.journeys()["approved"].view(ASSIGNER), Topic.ASSIGNMENT)
    (box,) = [e for e in card["body"] if "Who fits best" in json.dumps(e)]
    assert json.dumps(box).count("ColumnSet") == 3
    assert len(inputs_of(card)["sme"]["choices"]) == 4
