"""What the cards about a request say to each reader: what happened, what to do first, and by when."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.cards.plain import as_text
from bot.cards.request import request_card, status_card
from bot.domain.lifecycle import Action, Topic
from bot.domain.request import happened
from tests import samples
from tests.cards.lint import button, shown_texts


def text_of(state, reader, topic, **more):
    return as_text(request_card(samples.journeys()[state].view(reader), topic, **more))


def test_each_reader_sees_dates_in_their_own_zone():
    assert "Sat 28 Nov, 10:12 CET" in text_of("approved", samples.FPM, Topic.DECISION)
    assert "Sat 28 Nov, 17:12 UTC+08" in text_of("approved", samples.ASSIGNER, Topic.ASSIGNMENT)
    assert "Please answer by Mon 23 Nov, 17:00 EST." in text_of("assigned", samples.SME, Topic.PING)


def test_the_receipt_says_what_happens_next_and_whom_to_ask():
    text = text_of("submitted", samples.REQUESTER, Topic.RECEIPT)
    for words in (
        "CONTOSO-7K3QXD", "Fabrikam Retail GmbH", "Submitted by Alex Wilber, Mon 23 Nov, 10:12 CET", "Ben Hoffmann",
        "Tue 24 Nov, 10:12 CET", "Sat 28 Nov, 10:12 CET", "sme-assignment@fasttrack.example",
    ):  # fmt: skip
        assert words in text


def test_the_receipt_needs_no_assignment_address():
    view = samples.journeys()["submitted"].view(samples.REQUESTER, assignment_address="")
    assert "No news" not in as_text(request_card(view, Topic.RECEIPT))


@pytest.mark.parametrize("reader", [samples.REQUESTER, samples.COLLEAGUE])
def test_the_assignment_notice_explains_how_to_start(reader):
    text = text_of("assigned", reader, Topic.STEPS)
    for words in (
        "Grace Okafor (grace.okafor@fasttrack.example)", "one business day", "expectations", "outcomes",
        "exit criteria", "timeline", "Name the colleagues", "Ben Hoffmann (ben.hoffmann@fasttrack.example)",
    ):  # fmt: skip
        assert words in text
    assert "How to start" not in text_of("assigned", reader, Topic.RECEIPT)


def test_a_returned_request_says_what_to_fix_and_why():
    text = text_of("returned", samples.REQUESTER, Topic.RETURNED)
    assert "Active licences for this workload" in text
    assert "Please give the licences of this workload only" in text
    assert "The clock stands still" in text


def test_what_to_fix_stays_on_the_card_when_an_issue_follows():
    journey = samples.journeys()["returned"].do(Action.ISSUE, samples.REQUESTER)
    text = as_text(request_card(journey.view(samples.REQUESTER), Topic.RETURNED))
    assert "Please give the licences of this workload only" in text


def test_a_return_without_fields_still_says_why():
    journey = samples.journeys()["returned"]
    bare = replace(journey.request, returned_fields=())
    view = journey.view(samples.REQUESTER, request=bare)
    assert "Please look at" not in as_text(request_card(view, Topic.RETURNED))


def test_a_denial_is_told_with_its_reason_and_words():
    for topic in (Topic.NEWS, Topic.RECEIPT):
        text = text_of("denied", samples.REQUESTER, topic)
        assert "Denied by Ben Hoffmann" in text
        assert "Reason: Out of scope" in text
        assert "An SME does not run the pilot in your place." in text


def test_the_decision_card_holds_what_a_decision_needs():
    journey = samples.Journey(samples.submitted(samples.FLAGGED, samples.EARLIER))
    text = as_text(request_card(journey.view(samples.FPM), Topic.DECISION))
    for words in (
        "below the published minimum", "language limited", "Duplicate: CONTOSO-4H7M2P", "Repeat: CONTOSO-9C3QXA",
        "Fabrikam Retail GmbH", "CONTOSO-7K3QXD", "Please decide by Tue 24 Nov, 10:12 CET", "Contoso Consulting",
        "Licences: 120", "The pilot has 120 seats", "Onboarding stops", "version 2020-02-24.1",
    ):  # fmt: skip
        assert words in text


def test_an_exception_is_marked_on_the_decision_card():
    journey = samples.Journey(samples.submitted(samples.EXCEPTIONAL))
    assert "EXCEPTION" in as_text(request_card(journey.view(samples.FPM), Topic.DECISION))


def test_changes_are_marked_after_a_request_was_sent_again():
    text = text_of("resubmitted", samples.FPM, Topic.DECISION)
    assert "Licences: 4,800 changed" in text
    assert "Anything else worth knowing changed" in text
    assert "Topic: Unblocking a workload\n" in text


def test_changes_without_a_row_of_their_own_are_named():
    journey = samples.journeys()["returned"]
    answers = {**samples.ANSWERS, "tenant_name": "Fabrikam Outlet", "notes": ""}
    text = as_text(request_card(journey.resubmit(answers).view(samples.FPM), Topic.DECISION))
    assert "Changed as well: Customer's name, Anything else worth knowing" in text


def test_a_promise_says_afterwards_whether_it_was_kept():
    journey = samples.journeys()["assigned"]
    assert "Decision by: Sat 28 Nov, 10:12 CET, kept" in as_text(
        request_card(journey.view(samples.FPM), Topic.DECISION)
    )
    late = tuple(replace(p, due=p.due - timedelta(days=9)) for p in journey.view(samples.FPM).promises)
    view = journey.view(samples.FPM, promises=late)
    assert "Decision by: Thu 19 Nov, 10:12 CET, late" in as_text(request_card(view, Topic.DECISION))


def test_a_card_without_promises_asks_without_a_date():
    for state, reader, topic, lead in (
        ("submitted", samples.FPM, Topic.DECISION, "Please decide."),
        ("approved", samples.FPM, Topic.DECISION, "Approved. An SME is to be assigned."),
        ("approved", samples.ASSIGNER, Topic.ASSIGNMENT, "Please assign an SME."),
        ("assigned", samples.SME, Topic.PING, "Can you help? Please answer."),
        ("accepted", samples.SME, Topic.PING, "Please contact Pradeep Gupta."),
    ):
        view = samples.journeys()[state].view(reader, promises=())
        assert lead in as_text(request_card(view, topic))
    view = samples.journeys()["submitted"].view(samples.REQUESTER, promises=())
    assert "Ben Hoffmann decides on it." in as_text(request_card(view, Topic.RECEIPT))


def test_the_assigner_learns_why_an_sme_went_away():
    assert "I am on leave from Thursday." in text_of("declined", samples.ASSIGNER, Topic.ASSIGNMENT)
    assert "speaks German" in text_of("released", samples.ASSIGNER, Topic.ASSIGNMENT)


def test_the_sme_is_told_whom_to_contact_by_when():
    text = text_of("accepted", samples.SME, Topic.PING)
    assert "Please contact Pradeep Gupta by Tue 24 Nov" in text
    assert "Pradeep Gupta (pradeep.gupta@contoso.example)" in text


def test_an_open_issue_stands_on_the_fpms_card_until_it_is_answered():
    assert "1 issue is open" in text_of("with-an-issue", samples.FPM, Topic.DECISION)
    assert "is open" not in text_of("answered", samples.FPM, Topic.DECISION)
    journey = samples.journeys()["with-an-issue"].do(Action.ISSUE, samples.SME).do(Action.ACCEPT, samples.SME)
    text = as_text(request_card(journey.view(samples.FPM), Topic.DECISION))
    assert "2 issues are open" in text
    assert "Issue reported by Grace Okafor" in text
    as_program = as_text(status_card(journey.view(samples.BACKUP_FPM, relations=journey.view(samples.FPM).relations)))
    assert "2 issues are open" in as_program


def test_an_open_issue_without_its_words_is_still_counted():
    journey = samples.journeys()["with-an-issue"].do(Action.ACCEPT, samples.SME)
    view = journey.view(samples.FPM, history=())
    assert "1 issue is open" in as_text(request_card(view, Topic.DECISION))


def test_an_issue_reaches_the_fpm_in_full():
    text = text_of("with-an-issue", samples.FPM, Topic.ISSUE)
    assert "Issue reported by Alex Wilber" in text
    assert "Nobody has been in touch since Monday." in text


def test_news_of_the_latest_change_is_told_in_the_readers_zone():
    sentence = f"CONTOSO-7K3QXD: {happened(samples.journeys()['approved'].request.last)}"
    text = text_of("approved", samples.REQUESTER, Topic.NEWS, sentence=sentence)
    assert "Approved by Ben Hoffmann, Mon 23 Nov, 12:23 CET" in text
    assert "UTC" not in text


def test_older_news_keeps_its_own_sentence():
    text = text_of("approved", samples.REQUESTER, Topic.NEWS, sentence="Something happened before.")
    assert "Something happened before." in text


def test_a_press_that_came_too_late_is_answered_on_top():
    card = request_card(samples.journeys()["approved"].view(samples.FPM), Topic.DECISION, note="This had changed.")
    assert shown_texts(card)[0] == "This had changed."
    assert "Approved by Ben Hoffmann, Mon 23 Nov, 12:23 CET" in shown_texts(card)


def test_what_could_not_be_delivered_is_shown():
    view = samples.journeys()["submitted"].view(samples.REQUESTER, parked=("Ben Hoffmann could not be reached.",))
    assert "Ben Hoffmann could not be reached." in as_text(request_card(view, Topic.RECEIPT))


@pytest.mark.parametrize("state", samples.journeys())
@pytest.mark.parametrize("reader", [samples.REQUESTER, samples.FPM, samples.ASSIGNER, samples.PROGRAM])
def test_the_status_card_states_status_and_number(state, reader):
    journey = samples.journeys()[state]
    relations = journey.view(samples.BACKUP_FPM).relations if reader is samples.FPM and state == "delegated" else None
    view = journey.view(reader, **({"relations": relations} if relations else {}))
    facts = next(e["facts"] for e in status_card(view)["body"] if e["type"] == "FactSet")
    status = journey.request.status.value.capitalize()
    assert facts == [{"title": "Status", "value": status}, {"title": "Number", "value": "CONTOSO-7K3QXD"}]


def test_the_status_card_tells_the_history_and_cuts_it():
    journey = samples.journeys()["closed"]
    text = as_text(status_card(journey.view(samples.REQUESTER)))
    assert "Closed by Ben Hoffmann" in text
    assert "Assigned to Grace Okafor by Isabel Costa" in text
    denied = samples.journeys()["denied"]
    denied.history = denied.history[:-1] * 12 + denied.history[-1:]
    card = status_card(denied.view(samples.REQUESTER))
    assert as_text(card).count("• Submitted by Alex Wilber") == 5
    opened = button(card, "record")
    assert (opened["title"], opened["data"]) == (
        "Full history",
        {"verb": "record", "request": "CONTOSO-7K3QXD", "opens": "below"},
    )


def test_a_request_on_which_nothing_has_been_done_yet_opens_in_full_as_well():
    card = status_card(samples.journeys()["submitted"].view(samples.REQUESTER))
    assert button(card, "record")
    assert "Before that" not in as_text(card)


def test_a_withdrawn_request_promises_nothing():
    assert "Decision by" not in text_of("withdrawn", samples.FPM, Topic.DECISION)


def test_status_as_a_topic_is_the_status_card():
    view = samples.journeys()["submitted"].view(samples.FPM)
    assert request_card(view, Topic.STATUS, note="x") == status_card(view, note="x")


def test_a_person_without_part_gets_no_status():
    card = status_card(samples.journeys()["submitted"].view(samples.STRANGER))
    assert "Fabrikam" not in str(card)


def test_a_person_who_was_erased_keeps_the_name_of_the_history():
    view = samples.journeys()["approved"].view(samples.REQUESTER, names={})
    text = as_text(request_card(view, Topic.RECEIPT))
    assert "Approved by Ben Hoffmann" in text
    assert f"FPM: {samples.FPM.email}" in text
