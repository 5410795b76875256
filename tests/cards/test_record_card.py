"""One request in full, as each reader reads it."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.cards.plain import as_text
from bot.cards.promised import lasted
from bot.cards.record import record_card
from bot.cards.size import MOST_UNITS, units
from bot.domain.lifecycle import Action
from bot.domain.record import Part, Record
from tests import engagements, records, samples
from tests.cards.lint import actions_of
from tests.samples import ASSIGNER, FPM, PROGRAM, REQUESTER, SME


def text_of(reader, part, **changes):
    record = records.records(engagements.journeys()["rated-2"].view(reader))[part]
    return as_text(record_card(replace(record, **changes)))


def buttons_of(part, **changes):
    record = records.records(engagements.journeys()["rated-2"].view(FPM))[part]
    return {a["title"]: a["data"] for a in actions_of(record_card(replace(record, **changes)))}


@pytest.mark.parametrize(
    ("page", "pages", "titles"),
    [
        (1, 1, set()),
        (1, 3, {"Next page"}),
        (2, 3, {"Next page", "Previous page"}),
        (3, 3, {"Previous page"}),
    ],
)
def test_there_is_a_button_to_each_page_beside(page, pages, titles):
    shown = buttons_of(Part.HISTORY, page=page, pages=pages)
    assert shown.keys() == titles | {"Promises", "Notices", "Engagements", "Back to the request"}
    to = {"Next page": page + 1, "Previous page": page - 1}
    for title in titles:
        assert shown[title] == {
            "verb": "record", "request": "CONTOSO-7K3QXD", "part": "history", "page": str(to[title])
        }  # fmt: skip


def test_every_part_but_the_one_shown_is_a_button_away_and_so_is_the_request():
    shown = buttons_of(Part.NOTICES)
    assert {data["part"] for title, data in shown.items() if title in {"History", "Promises", "Engagements"}} == {
        "history", "promises", "engagements",
    }  # fmt: skip
    assert shown["Back to the request"] == {"verb": "status", "request": "CONTOSO-7K3QXD"}
    assert "Notices" not in shown


def test_the_history_says_what_was_said_and_cuts_nothing():
    long = "The proxy was the reason. " * 70
    journey = engagements.active().do(Action.NOTE, SME, {"note_summary": long[:1000]})
    view = journey.view(REQUESTER)
    text = as_text(record_card(replace(records.records(view)[Part.HISTORY], events=view.history[::-1])))
    assert long[:1000].strip() in text
    assert "On track. Next: Open the proxy for the last two sites by 4 Dec 2026" in text
    assert "Submitted by Alex Wilber" in text


@pytest.mark.parametrize(("reader", "may_read"), [(FPM, True), (ASSIGNER, True), (REQUESTER, False), (SME, False)])
def test_why_somebody_was_passed_over_is_for_those_who_assign(reader, may_read):
    approved = samples.Journey().do(Action.APPROVE, FPM)
    journey = approved.do(Action.ASSIGN, ASSIGNER, {"assign_note": "Sven is away."}, target=SME)
    view = journey.view(reader)
    record = Record(view, Part.HISTORY, tuple(Part), events=view.history)
    assert ("Sven is away." in as_text(record_card(record))) is may_read


@pytest.mark.parametrize(
    ("reader", "may_read"), [(REQUESTER, True), (FPM, True), (PROGRAM, True), (ASSIGNER, False), (SME, False)]
)
def test_the_rating_is_not_for_the_sme(reader, may_read):
    assert ("Rated 2 of 5" in text_of(reader, Part.ENGAGEMENTS)) is may_read


def test_what_the_sme_says_of_the_partner_is_for_the_fpm():
    said = engagements.journeys()["rated-2"].engagement.result.feedback
    readers = {reader.name for reader in records.READERS.values() if said in text_of(reader, Part.ENGAGEMENTS)}
    assert readers == {FPM.name, SME.name}


def test_earlier_requests_stand_on_the_last_page_and_not_for_the_sme():
    journey = engagements.journeys()["rated-2"]
    journey.request = replace(journey.request, earlier=samples.EARLIER)
    for reader, page, is_shown in ((FPM, 3, True), (FPM, 2, False), (SME, 3, False)):
        record = replace(records.records(journey.view(reader))[Part.ENGAGEMENTS], page=page)
        assert ("CONTOSO-4H7M2P" in as_text(record_card(record))) is is_shown


@pytest.mark.parametrize(
    "line",
    [
        "Contact by Tue 24 Nov, 10:12 CET\nStill to come",
        "SME reply by Tue 24 Nov, 10:12 CET\nLate\n",
        "The clock stands still until the request is sent again",
        "CET, after 23 h (7 h 5 min of working time)",
        "CET, after 3 d 3 h (3 d 2 h without the time it was returned)",
        "Contact by Tue 24 Nov, 10:12 CET\nNot kept",
        "Receipt by Tue 24 Nov, 10:12 CET\nKept: Tue 24 Nov, 09:12 CET, after less than a minute",
    ],
)
def test_a_promise_says_what_became_of_it(line):
    assert line in text_of(REQUESTER, Part.PROMISES)


@pytest.mark.parametrize(
    "line",
    [
        "Ben Hoffmann · Receipt\nIn Teams, Mon 23 Nov, 10:12 CET",
        "Ben Hoffmann · Asked to decide: approved\nBy mail, Mon 23 Nov, 11:12 CET",
        "On its way, since Mon 23 Nov, 10:12 CET: 429",
        "\nNot needed any more\n",
        "Could not be reached, since Mon 23 Nov, 10:12 CET: 429",
    ],
)
def test_a_notice_says_who_was_told_of_what_and_how(line):
    assert line in text_of(FPM, Part.NOTICES)


def test_a_page_of_texts_that_are_all_quotes_is_small_enough():
    """Each of these signs takes two units on the way to the channel."""
    view, text = engagements.journeys()["rated-2"].view(FPM), '"\\' * 500
    done = view.engagement
    result = replace(done.result, summary=text, waive_reason=text, feedback=text)
    done = replace(done, end_reason=text, result=result, rating=replace(done.rating, comment=text))
    record = records.records(replace(view, engagement=done, names=dict.fromkeys(view.names, text[:120])))
    card = json.dumps(record_card(record[Part.ENGAGEMENTS]), ensure_ascii=False, separators=(",", ":"))
    assert units(card) <= MOST_UNITS


def test_a_part_without_anything_says_so():
    view = samples.journeys()["submitted"].view(REQUESTER)
    texts = {part: as_text(record_card(Record(view, part, (part,)))) for part in Part}
    assert "Nothing was promised here." in texts[Part.PROMISES]
    assert "No SME was asked yet." in texts[Part.ENGAGEMENTS]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "less than a minute"), (65, "1 min"), (7_500, "2 h 5 min"), (3_600, "1 h"), (273_900, "3 d 4 h")],
)
def test_how_long_something_took_is_said_in_two_units_at_most(seconds, words):
    assert lasted(timedelta(seconds=seconds)) == words
