"""The cards about everything that waits for one person: what waits, by when, and what can be done at once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.cards.agenda import MOST_LINES, MOST_LINES_BACK, MOST_ROWS, agenda_card
from bot.cards.plain import as_text
from bot.cards.request import request_card
from bot.domain.lifecycle import Action, Relation, Topic
from bot.domain.notices import OF_AGENDAS
from bot.domain.people import Role
from bot.domain.promises import PromiseId
from tests import agendas
from tests.agendas import AT, accepted, approved, late, many, new, offered, request, returned, settled, soon, views
from tests.cards.lint import actions_of, button, shown_texts, size_of, verbs_of
from tests.gallery import EXTREMES, extreme_cards
from tests.samples import ASSIGNER, BACKUP_FPM, FPM, PROGRAM, REQUESTER, SME

COMBINED = views(FPM, late(), soon(), settled(), new())


def card_of(reader, *journeys, topic=Topic.BRIEF, lines=(), **more):
    return agendas.card(topic, reader, views(reader, *journeys), lines, **more)


def executed(card):
    return [each for each in actions_of(card) if each["type"] == "Action.Execute"]


@pytest.mark.parametrize(
    ("topic", "title"),
    [
        (Topic.REMINDER, "Reminder"),
        (Topic.BRIEF, "Good morning"),
        (Topic.COVERING, "You act for another FPM now"),
        (Topic.BACK, "Welcome back"),
    ],
)
def test_each_card_says_what_it_is_and_how_much_waits(topic, title):
    card = agendas.card(topic, FPM, COMBINED)
    assert shown_texts(card)[0] == title
    assert "3 requests wait for you." in shown_texts(card)[1]
    assert card["speak"] == f"{title}: 3 requests wait for you."


def test_what_is_late_comes_first_and_what_is_settled_last():
    texts = shown_texts(agendas.card(Topic.REMINDER, FPM, COMBINED))
    assert [text for text in texts if text in {"Late", "About to slip", "Waits for you", "Settled meanwhile"}] == [
        "Late", "About to slip", "Settled meanwhile",
    ]  # fmt: skip
    order = [texts.index(name) for name in ("Adventure Works", "Fabrikam Retail GmbH", "Tailspin Toys")]
    assert order == sorted(order)


@pytest.mark.parametrize(
    ("later", "section"),
    [
        (timedelta(0), "Waits for you"),
        (timedelta(hours=7, minutes=59), "Waits for you"),
        (timedelta(hours=8), "About to slip"),
        (timedelta(hours=31, minutes=59), "About to slip"),
        (timedelta(hours=32), "Late"),
    ],
)
def test_a_promise_is_about_to_slip_in_its_last_day_and_late_from_its_date_on(later, section):
    view = views(ASSIGNER, approved())[0]
    (promise,) = [each for each in view.promises if each.holder is Relation.ASSIGNER]
    at = promise.due - timedelta(hours=32) + later
    texts = shown_texts(agenda_card(Topic.BRIEF, [view], (), reader=ASSIGNER, at=at, word=1))
    assert section in texts
    assert ("Assign an SME by Wed 25 Nov, 09:12 UTC+08, late" in texts) == (section == "Late")


@pytest.mark.parametrize(
    ("reader", "journey", "words"),
    [
        (FPM, soon(), "Decide by Tue 24 Nov, 14:12 CET"),
        (FPM, late(), "Decide by Thu 19 Nov, 10:12 CET, late"),
        (ASSIGNER, approved(), "Assign an SME by Wed 25 Nov, 09:12 UTC+08"),
        (SME, offered(), "Answer by Tue 24 Nov, 12:34 EST"),
        (SME, accepted(), "Contact the partner by Fri 20 Nov, 10:45 EST, late"),
        (REQUESTER, returned(), "Fix and send again"),
        (PROGRAM, late(), "Decision late since Mon 23 Nov, 09:12 UTC, waits for Ben Hoffmann"),
        (PROGRAM, approved().slip(), "Decision late since Wed 25 Nov, 01:12 UTC, waits for the SME assignment team"),
        (BACKUP_FPM, late(), "Decide by Thu 19 Nov, 10:12 CET, late, for Ben Hoffmann"),
    ],
)
def test_a_row_says_what_is_asked_and_by_when_in_the_readers_zone(reader, journey, words):
    assert words in shown_texts(card_of(reader, journey))


def test_a_row_names_customer_status_number_and_workload():
    texts = shown_texts(card_of(FPM, soon()))
    assert "Fabrikam Retail GmbH" in texts
    assert "Submitted · CONTOSO-7K3QXD · Defender for Endpoint (MDATP)" in texts


@pytest.mark.parametrize(
    ("reader", "journey", "verb", "title"),
    [
        (FPM, soon(), "approve", "Approve"),
        (SME, offered(), "accept", "Accept"),
        (SME, accepted(), "contacted", "Contacted"),
    ],
)
def test_what_needs_no_words_is_done_by_one_press(reader, journey, verb, title):
    other = replace(journey, request=replace(journey.request, number="CONTOSO-ZZZZZZ"))
    shown = views(reader, journey, other)
    card = agendas.card(Topic.REMINDER, reader, shown)
    pressed = executed(card)[0]
    engagement = {"engagement": journey.engagement.id} if journey.engagement else {}
    assert pressed["title"] == title
    assert pressed["data"] == {
        "verb": verb, "request": journey.request.number, "revision": journey.request.revision, **engagement,
        "topic": "reminder", "word": agendas.WORD,
    }  # fmt: skip
    assert card["refresh"]["action"]["data"] == {**pressed["data"], "verb": "refresh"}


def test_a_returned_request_is_fixed_from_the_card():
    pressed = button(card_of(REQUESTER, returned()), "fix")
    assert pressed["type"] == "Action.Submit"
    assert pressed["data"].items() >= {"request": "CONTOSO-7K3QXD", "revision": 2}.items()


def test_every_row_opens_its_request():
    card = agendas.card(Topic.BRIEF, FPM, COMBINED)
    opened = [each["data"]["request"] for each in actions_of(card) if each["data"]["verb"] == "status"]
    assert opened == ["CONTOSO-4H7M2P", "CONTOSO-7K3QXD", "CONTOSO-9C3QXA", "CONTOSO-M2M8TT"]


@pytest.mark.parametrize("topic", OF_AGENDAS)
def test_what_others_have_settled_says_by_whom_and_waits_for_nobody(topic):
    card = card_of(FPM, settled(), accepted(), topic=topic)
    texts = shown_texts(card)
    assert "Approved by Maria Lopez for Ben Hoffmann, Mon 23 Nov, 12:23 CET" in texts
    assert "Accepted by Grace Okafor, Thu 19 Nov, 16:45 CET" in texts
    assert verbs_of(card) == {"status"}
    assert "refresh" not in card
    assert "othing waits for you." in texts[1]


def test_an_issue_and_the_clock_settle_nothing():
    journey = settled().do(Action.ISSUE, REQUESTER).slip()
    assert "Approved by Maria Lopez for Ben Hoffmann, Mon 23 Nov, 12:23 CET" in shown_texts(
        agenda_card(Topic.BRIEF, [journey.view(FPM)], (), reader=FPM, at=AT, word=1)
    )
    glance = shown_texts(card_of(FPM, journey))
    assert "Decision late, escalated, Wed 25 Nov, 10:12 CET" in glance


@pytest.mark.parametrize(
    ("reader", "journey"), [(FPM, returned()), (SME, offered().do(Action.ACCEPT, SME).do(Action.CONTACTED, SME))]
)
def test_nothing_is_asked_of_whoever_waits_for_another(reader, journey):
    assert "Nothing waits for you." in shown_texts(card_of(reader, journey))


def test_the_programme_team_watches_only_what_is_late():
    assert "Nothing waits for you." in shown_texts(card_of(PROGRAM, soon()))


def test_a_promise_that_was_kept_asks_for_nothing_more():
    view = views(FPM, soon())[0]
    kept = [replace(p, met_at=AT) if p.id is PromiseId.TRIAGE else p for p in view.promises]
    card = agendas.card(Topic.BRIEF, FPM, [replace(view, promises=tuple(kept))])
    assert "Decide by Sat 28 Nov, 14:12 CET" in shown_texts(card)


def test_nobody_is_asked_to_decide_on_a_request_of_their_own():
    both = replace(REQUESTER, roles=frozenset({Role.REQUESTER, Role.FPM}))
    shown = views(both, soon(), relations=frozenset({Relation.REQUESTER, Relation.FPM}))
    assert verbs_of(agendas.card(Topic.BRIEF, both, shown)) == {"status"}


@pytest.mark.parametrize(
    ("reader", "journey", "topic", "note"),
    [
        (FPM, new(), Topic.DECISION, "Reminder: please decide by Wed 25 Nov, 09:52 CET."),
        (FPM, late(), Topic.DECISION, "Reminder. This was to be decided by Thu 19 Nov, 10:12 CET."),
        (ASSIGNER, approved(), Topic.ASSIGNMENT, "Reminder: please assign an SME by Wed 25 Nov, 09:12 UTC+08."),
        (SME, offered(), Topic.PING, "Reminder: please answer by Tue 24 Nov, 12:34 EST."),
        (SME, accepted(), Topic.PING, "Reminder. The partner was to be contacted by Fri 20 Nov, 10:45 EST."),
        (REQUESTER, returned(), Topic.RETURNED, "Reminder: please fix and send again."),
    ],
)
def test_a_reminder_of_one_request_is_its_own_card_with_everything_on_it(reader, journey, topic, note):
    view = journey.view(reader)
    assert agendas.card(Topic.REMINDER, reader, [view]) == request_card(view, topic, note=note)


def test_a_reminder_of_one_request_that_is_settled_tells_how_it_stands():
    view = settled().view(FPM)
    card = agendas.card(Topic.REMINDER, FPM, [view], note="Approved.")
    assert card == request_card(view, Topic.STATUS, note="Approved.")


def test_a_reminder_of_one_request_answers_a_press_as_its_own_card_does():
    view = new().view(FPM)
    card = agendas.card(Topic.REMINDER, FPM, [view], note="This had changed.")
    assert card == request_card(view, Topic.DECISION, note="This had changed.")


@pytest.mark.parametrize("more", [{"lines": ["Something happened."]}, {"topic": Topic.BRIEF}])
def test_everything_else_is_combined_on_one_card(more):
    card = card_of(FPM, soon(), **{"topic": Topic.REMINDER, **more})
    assert "Fabrikam Retail GmbH" in shown_texts(card)
    assert [each["data"]["verb"] for each in actions_of(card)] == ["approve", "status"]


@pytest.mark.parametrize(("topic", "title"), [(Topic.BRIEF, "What happened"), (Topic.BACK, "Decided meanwhile")])
def test_what_happened_is_told_line_by_line(topic, title):
    most = MOST_LINES_BACK if topic is Topic.BACK else MOST_LINES
    texts = shown_texts(card_of(FPM, topic=topic, lines=[f"Line {n}" for n in range(most + 2)]))
    assert texts[texts.index(title) + 1] == "• Line 0"
    assert texts[-2:] == [f"• Line {most - 1}", "And 2 more: type status and the number."]
    assert title not in shown_texts(card_of(FPM, topic=topic, lines=[]))


@pytest.mark.parametrize(
    ("reader", "words"),
    [
        (FPM, "5 more are not shown: type inbox."),
        (replace(FPM, roles=frozenset(Role)), "5 more are not shown: type inbox or engagements or my requests."),
        (replace(FPM, roles=frozenset({Role.PROGRAM})), "5 more are not shown: type status and the number."),
    ],
)
def test_what_is_left_out_can_be_found(reader, words):
    assert words in shown_texts(agendas.card(Topic.BRIEF, reader, many(FPM, soon())))


def test_of_many_requests_the_most_urgent_are_shown_and_the_rest_is_counted():
    shown = [*views(FPM, settled()), *many(FPM, soon())]
    card = agendas.card(Topic.BRIEF, FPM, shown)
    assert [each["data"]["request"] for each in executed(card)] == [v.request.number for v in shown[1 : MOST_ROWS + 1]]
    assert "15 requests wait for you." in shown_texts(card)
    assert "5 more are not shown: type inbox." in shown_texts(card)
    assert "Tailspin Toys" not in as_text(card)
    assert "1 more is not shown: type inbox." in shown_texts(agendas.card(Topic.BRIEF, FPM, shown[: MOST_ROWS + 2]))


def test_the_answer_to_a_press_stands_on_top():
    assert shown_texts(card_of(FPM, soon(), note="Approved already."))[0] == "Approved already."


def test_a_long_name_is_cut_to_what_a_phone_shows():
    journey = request("7K3QXD", "Fabrikam\n" + "x" * 100, "MDATP", AT)
    assert f"Fabrikam {'x' * 50}…" in shown_texts(card_of(FPM, journey))


def test_a_long_name_does_not_hide_what_is_asked():
    for kind in EXTREMES:
        for topic in OF_AGENDAS:
            card = extreme_cards(kind)[f"{kind}-{topic}-fpm-late"]
            assert as_text(card).count("Decide by Tue 24 Nov, 10:12 CET, late") == MOST_ROWS
            assert size_of(card) <= 40 * 1024
