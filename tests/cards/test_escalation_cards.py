"""The cards about promises that are late: what was promised, whom it waits for, and what the reader can do about it."""

import pytest

from bot.cards.happenings import line_of
from bot.cards.plain import as_text
from bot.cards.request import request_card, status_card
from bot.domain.lifecycle import Action, Topic
from tests import samples
from tests.cards.lint import actions_of, shown_texts, verbs_of
from tests.samples import ASSIGNER, BACKUP_FPM, FPM, PROGRAM, REQUESTER, SME, STRANGER

AS_WELL = "Ben Hoffmann. You can decide as well."


def escalated(state, reader):
    return request_card(samples.journeys()[state].view(reader), Topic.ESCALATION)


@pytest.mark.parametrize(
    ("state", "reader", "late", "waits_for"),
    [
        ("decision-late", FPM, "The decision was promised by Sat 28 Nov, 10:12 CET", "Ben Hoffmann."),
        ("decision-late", BACKUP_FPM, "The decision was promised by Sat 28 Nov, 10:12 CET", AS_WELL),
        ("decision-late", ASSIGNER, "The decision was promised by Sat 28 Nov, 17:12 UTC+08", "Ben Hoffmann."),
        ("assignment-late", PROGRAM, "The decision was promised by Sat 28 Nov, 09:12 UTC", "the SME assignment team."),
        ("reply-late", ASSIGNER, "The SME's reply was promised by Tue 24 Nov, 06:00 UTC+08", "Grace Okafor."),
        ("contact-late", FPM, "The first contact was promised by Tue 24 Nov, 16:45 CET", "Grace Okafor."),
    ],
)
def test_an_escalation_says_what_is_late_since_when_and_who_has_it(state, reader, late, waits_for):
    card = escalated(state, reader)
    assert card["body"][0]["style"] == "attention"
    assert shown_texts(card)[:2] == [f"{late} and is late.", f"It waits for {waits_for}"]


@pytest.mark.parametrize(
    ("state", "reader", "verbs"),
    [
        ("decision-late", FPM, {"approve", "deny", "return", "delegate"}),
        ("decision-late", BACKUP_FPM, {"approve", "deny", "return", "delegate"}),
        ("decision-late", ASSIGNER, set()),
        ("assignment-late", ASSIGNER, {"assign", "return"}),
        ("assignment-late", BACKUP_FPM, {"assign", "deny", "return"}),
        ("reply-late", ASSIGNER, {"release"}),
        ("contact-late", FPM, {"close", "release", "issue"}),
        ("decision-late", PROGRAM, set()),
    ],
)
def test_whoever_is_told_can_do_something_about_it_at_once(state, reader, verbs):
    card = escalated(state, reader)
    assert verbs_of(card) == verbs
    assert ("refresh" in card) == bool(verbs)
    assert all(each["data"]["topic"] == "escalation" for each in actions_of(card) if "data" in each)


def test_a_promise_that_was_met_late_is_told_as_settled():
    journey = samples.journeys()["decision-late"].do(Action.APPROVE, BACKUP_FPM).do(Action.ASSIGN, ASSIGNER, target=SME)
    card = request_card(journey.view(PROGRAM), Topic.ESCALATION)
    assert card["body"][0]["style"] == "good"
    assert shown_texts(card)[0] == (
        "The decision was late, and is settled now. It was promised by Sat 28 Nov, 09:12 UTC."
    )
    assert "Decision by: Sat 28 Nov, 09:12 UTC, late" in as_text(card)


def test_a_reply_that_came_late_is_told_as_settled_when_the_sme_has_gone():
    journey = samples.journeys()["reply-late"].do(Action.DECLINE, SME)
    card = request_card(journey.view(ASSIGNER), Topic.ESCALATION)
    assert shown_texts(card)[0] == "The SME's reply was late, and is settled now."
    assert "assign" in verbs_of(card)


def test_a_late_request_that_goes_back_stands_still():
    card = request_card(samples.journeys()["decision-late"].do(Action.RETURN, FPM).view(ASSIGNER), Topic.ESCALATION)
    assert card["body"][0]["style"] == "warning"
    assert shown_texts(card)[0] == "The decision was late. The clock stands still until the request is sent again."


def test_what_is_late_still_counts_more_than_what_was():
    journey = samples.journeys()["decision-late"].do(Action.APPROVE, FPM).do(Action.ASSIGN, ASSIGNER, target=SME).slip()
    texts = shown_texts(request_card(journey.view(ASSIGNER), Topic.ESCALATION))
    assert texts[0].startswith("The SME's reply was promised by")
    assert "settled" not in "".join(texts)


def test_a_request_that_never_was_late_has_no_box():
    texts = shown_texts(escalated("submitted", FPM))
    assert texts[0] == "Fabrikam Retail GmbH"


def test_whoever_has_no_part_in_it_gets_a_line():
    card = escalated("decision-late", STRANGER)
    assert "Fabrikam" not in str(card)
    assert "actions" not in card


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("first-look-late", "First look late, backup FPM asked, Tue 24 Nov, 10:12 CET"),
        ("decision-late", "Decision late, escalated, Sat 28 Nov, 10:12 CET"),
        ("reply-late", "SME reply late, assigners told, Mon 23 Nov, 23:00 CET"),
        ("contact-late", "First contact late, FPM told, Tue 24 Nov, 16:45 CET"),
    ],
)
def test_what_the_clock_did_names_nobody(state, words):
    view = samples.journeys()[state].view(FPM)
    assert "".join(run["text"] for run in line_of(view.request.last, view)) == words


@pytest.mark.parametrize(
    ("state", "reader", "lead", "row"),
    [
        ("first-look-late", FPM, "Please decide by Sat 28 Nov, 10:12 CET.", "First look by: Tue 24 Nov, 10:12 CET"),
        ("decision-late", FPM, "Please decide now: it is late.", "Decision by: Sat 28 Nov, 10:12 CET"),
        ("assignment-late", ASSIGNER, "assign an SME now: it is late.", "Decision by: Sat 28 Nov, 17:12 UTC+08"),
        ("assignment-late", FPM, "is to be assigned now: it is late.", "Decision by: Sat 28 Nov, 10:12 CET"),
        ("reply-late", SME, "Please answer now: it is late.", "SME reply by: Mon 23 Nov, 17:00 EST"),
        ("contact-late", SME, "contact Pradeep Gupta now: it is late.", "Contact by: Tue 24 Nov, 10:45 EST"),
        ("contact-late", FPM, "to contact the partner now: it is late.", "Contact by: Tue 24 Nov, 16:45 CET"),
    ],
)
def test_a_late_promise_is_marked_on_the_card_that_waits(state, reader, lead, row):
    text = as_text(status_card(samples.journeys()[state].view(reader)))
    assert lead in text
    assert f"{row}, late" in text


def test_a_promise_that_runs_is_not_marked():
    text = as_text(status_card(samples.journeys()["submitted"].view(FPM)))
    assert "First look by: Tue 24 Nov, 10:12 CET\n" in text


def test_the_requester_is_not_promised_what_is_past():
    text = as_text(request_card(samples.journeys()["decision-late"].view(REQUESTER), Topic.RECEIPT))
    assert "looks at it by" not in text
    assert "You hear the outcome" not in text
    assert "Decision by: Sat 28 Nov, 10:12 CET, late" in text


def test_an_sme_who_was_in_touch_is_asked_for_nothing_more():
    view = samples.journeys()["contacted"].view(SME)
    card = request_card(view, Topic.PING)
    assert "You are in touch with Pradeep Gupta." in as_text(card)
    assert verbs_of(card) == {"kickoff", "note", "complete", "issue", "record"}
    assert "Contact by: Tue 24 Nov, 10:45 EST, kept" in as_text(card)
    before = request_card(samples.journeys()["accepted"].view(SME), Topic.PING)
    assert verbs_of(before) == {"contacted", "kickoff", "note", "complete", "issue", "record"}


def test_the_fpm_sees_that_the_partner_was_contacted():
    assert "Grace Okafor has contacted the partner." in as_text(status_card(samples.journeys()["contacted"].view(FPM)))
