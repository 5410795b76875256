"""Single rows as they stand after an erasure, and addresses and names as they are found in texts."""

import json

import pytest

from bot.domain.lifecycle import Topic
from bot.domain.notices import Notice, NoticeState, Way
from bot.domain.promises import PromiseId
from state import records
from state.erased_rows import ERASED_TEXT, case_after, row_after
from state.keys import MAX_PART, key
from state.requests import notice_key
from state.table import Row
from state.traces import Traces
from tests.domain.office import DANA, LEE, MONDAY

NUMBER = "CONTOSO-7K3QXD"
GONE = "erased-abcdefgh@erased.invalid"
TRACES = Traces({DANA: GONE}, frozenset({"Dana Reyes", "Dana"}), frozenset({"0-0"}), frozenset({"a:1"}))


def notice_after(**fields):
    known = {"number": NUMBER, "revision": 1, "topic": Topic.NEWS, "recipient": DANA, "sentence": "Approved."}
    notice = Notice(**known | {"created_at": MONDAY, "due_at": MONDAY} | fields)
    after = row_after("requests", Row("CONTOSO", notice_key(notice), records.notice_row(notice), "1"), TRACES)
    assert after.key == notice_key(records.notice_of(after.values, ""))
    return records.notice_of(after.values, "")


@pytest.mark.parametrize("state", [NoticeState.PENDING, NoticeState.SENDING])
def test_what_was_to_be_told_is_told_to_nobody_but_that_a_decision_waits(state):
    assert notice_after(state=state).state is NoticeState.DELIVERED
    assert notice_after(state=state, topic=Topic.DECISION).state is state
    assert notice_after(state=NoticeState.PARKED).state is NoticeState.PARKED
    other = notice_after(state=state, recipient=LEE, sentence="Sent by Dana.", way=Way.TEAMS, conversation_id="a:2")
    assert (other.state, other.sentence) == (state, "Sent by Erased person.")
    assert (other.way, other.conversation_id) == (Way.TEAMS, "a:2")


def test_a_delivered_card_is_not_brought_up_to_date_any_more():
    after = notice_after(state=NoticeState.DELIVERED, way=Way.TEAMS, topic=Topic.RECEIPT, conversation_id="a:1")
    assert (after.is_live_copy, after.conversation_id, after.recipient) == (False, "", GONE)


def test_a_question_is_its_askers():
    asked = {"topic": Topic.QUESTION, "sentence": "Is Dana here?", "recipient": LEE}
    assert notice_after(**asked, sender=DANA).sentence == ERASED_TEXT
    assert notice_after(**asked, sender=LEE).sentence == "Is Dana here?", "one word may be anybody's"


def test_what_is_still_to_be_spread_goes_to_the_others():
    told = ((Topic.NEWS, DANA), (Topic.NEWS, LEE))
    assert notice_after(topic=Topic.FAN_OUT, recipient="0", told=told).told == ((Topic.NEWS, LEE),)


def line(number, by, **more):
    row = {"number": number, "action": "decline", "by": by, "by_name": by, "at": MONDAY.isoformat(), "why": ""}
    return Row(
        "CONTOSO", f"event:{NUMBER}:{number:06d}", {"schema": 1, **row, "details": "{}", "gone": "", **more}, "1"
    )


@pytest.mark.parametrize(("first", "expected"), [(DANA, ERASED_TEXT), (LEE, "Bored.")])
def test_a_text_that_another_line_repeats_is_still_whose_it_was(first, expected):
    second = {DANA: LEE, LEE: DANA}[first]
    said = {"engagement_id": f"{NUMBER}.1", "engagement_end_reason": "Bored."}
    engagement = Row("CONTOSO", f"engagement:{NUMBER}.1", {"id": f"{NUMBER}.1", "end_reason": "Bored."}, "1")
    after = case_after([line(1, first, **said), line(2, second, **said)], [engagement], TRACES)
    assert [row.values["engagement_end_reason"] for row in after[:2]] == [expected] * 2
    assert after[2].values["end_reason"] == expected


def test_how_promises_were_kept_is_nobodys_text():
    kept = {f"{promise}_{told}": "28800" for promise in PromiseId for told in ("due", "raw", "net")}
    [after] = case_after([line(1, DANA, details=json.dumps(kept))], [], TRACES)
    assert json.loads(after.values["details"]) == kept


def test_details_of_their_own_go_but_codes_stay():
    details = {"reason": "other", "to": LEE, "to_name": "Lee Park", "concerns": "Much."}
    [after] = case_after([line(1, DANA, details=json.dumps(details))], [], TRACES)
    assert json.loads(after.values["details"]) == details | {"concerns": ERASED_TEXT}
    [after] = case_after([line(1, LEE, details=json.dumps(details))], [], TRACES)
    assert json.loads(after.values["details"]) == details


def test_the_places_that_may_have_to_go_are_found_again():
    traces = Traces({"o'neil@x.example": GONE})
    before = json.dumps([[key("inbox", "o'neil@x.example"), "k"], ["partner:CONTOSO", "k"]])
    after = row_after("requests", Row("CONTOSO", "views-pending:x:1", {"before": before}, "1"), traces)
    assert json.loads(after.values["before"]) == [[key("inbox", GONE), "k"], ["partner:CONTOSO", "k"]]


@pytest.mark.parametrize(
    ("partition", "row_key", "removed", "expected"),
    [
        (key("inbox", DANA), "k", False, (key("inbox", GONE), "k")),
        (key("inbox", DANA), "k", True, None),
        (key("sme", DANA), "k", True, None),
        (key("waiting", DANA), NUMBER, False, None),
        ("parked", key("1", NUMBER, DANA, "news"), False, ("parked", key("1", NUMBER, GONE, "news"))),
        ("pending", key("1", NUMBER, DANA, "decision"), False, ("pending", key("1", NUMBER, GONE, "decision"))),
        ("pending", key("1", NUMBER, DANA, "news"), False, None),
        (key("inbox", LEE), "k", True, (key("inbox", LEE), "k")),
    ],
)
def test_list_rows_are_moved_or_removed(partition, row_key, removed, expected):
    after = row_after("views", Row(partition, row_key, {"removed": removed}, "1"), TRACES)
    assert (after and (after.partition, after.key)) == expected


# As a part of a key this stands as it is, and the agenda's id, which is longer, as a hash.
LONG = "@contoso.example".rjust(MAX_PART, "d")


@pytest.mark.parametrize("email", [DANA, "o'neil@x.example", LONG])
@pytest.mark.parametrize(
    ("table", "partition", "row_key"),
    [
        ("requests", ("person", "{}"), ("agenda",)),
        ("requests", ("person", "{}"), ("meanwhile", NUMBER, "000002")),
        ("requests", ("person", "{}"), ("feedback", "7", "0f")),
        ("requests", ("person", "{}"), ("notice", "person:{}", "000001", "brief", "{}")),
        ("work", ("due", "1"), ("2026-11-23T100000.000000Z", "person:{}")),
        ("work", ("aside",), ("person:{}",)),
        ("views", ("parked",), ("7", "person:{}", "{}", "brief")),
        ("views", ("pending",), ("7", "person:{}", "{}", "decision")),
        ("views", ("waiting", "{}"), ("person:{}",)),
        ("views", ("heard",), ("7", "person:{}", "0f")),
    ],
)
def test_what_is_kept_for_an_agenda_goes_wherever_it_is_but_not_another_persons(table, partition, row_key, email):
    def row(of):
        return Row(*(key(*(part.format(of) for part in parts)) for parts in (partition, row_key)), {"number": "-"}, "1")

    traces = Traces({email: GONE})
    assert row_after(table, row(email), traces) is None
    assert traces.is_of_their_agenda(row(email))
    assert not traces.is_of_their_agenda(row(f"x{email[1:]}"))


def test_what_is_planned_for_a_request_stays():
    row = Row("due:1", key("2026-11-23T100000.000000Z", NUMBER), {"number": NUMBER}, "1")
    assert row_after("work", row, TRACES) == row


def admission(**fields):
    known = dict.fromkeys(("email", "name", "teams_name", "contact_email", "note", "changed_by", "state"), "")
    return row_after("requests", Row("CONTOSO", "access:x", known | fields, "1"), TRACES).values


def test_a_decision_on_somebody_elses_admission_stays_without_its_words():
    after = admission(email="maya@x.example", name="Maya", note="Not one of us.", changed_by=DANA, state="refused")
    assert (after["name"], after["note"], after["changed_by"]) == ("Maya", ERASED_TEXT, GONE)
    after = admission(email="maya@x.example", note="Not one of us.", changed_by=LEE)
    assert after["note"] == "Not one of us."
    after = admission(email=DANA, name="Dana Reyes", note="Not one of us.", changed_by=LEE, state="refused")
    assert (after["name"], after["note"], after["state"]) == ("Erased person", ERASED_TEXT, "refused")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"Ask {DANA.upper()}.", f"Ask {GONE}."),
        (f"'{DANA}',<{DANA}>", f"'{GONE}',<{GONE}>"),
        (f"x{DANA} o'{DANA} a.{DANA}", f"x{DANA} o'{DANA} a.{DANA}"),
        (f"{DANA}.au {DANA}-x", f"{DANA}.au {DANA}-x"),
        ("dana reyes, Dana Reyesova, Dana", "Erased person, Dana Reyesova, Dana"),
    ],
)
def test_addresses_and_full_names_are_found_and_no_others(text, expected):
    assert TRACES.text(text) == expected


def test_a_customer_that_is_called_like_the_person_stays():
    row = Row("partner:CONTOSO", "k", {"customer": f"Dana Reyes Ltd {DANA}", "removed": False}, "1")
    assert row_after("views", row, TRACES).values["customer"] == f"Dana Reyes Ltd {GONE}"
