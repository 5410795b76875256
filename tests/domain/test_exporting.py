"""The columns of an export."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from bot.domain.digest import digest_of
from bot.domain.exporting import COLUMNS, line_of, time_cell
from bot.domain.fields import FIELDS
from bot.domain.routing import Flag
from tests import samples
from tests.domain.cast import PROPOSED_ANSWERS

AT = datetime(2026, 11, 23, 9, 12, 30, 5, tzinfo=UTC)


def cells(request, digest):
    return {column.name: cell for column, cell in zip(COLUMNS, line_of(request, digest), strict=True)}


def digest_for(request):
    return digest_of(request, [request.last], [], [])


def test_every_column_has_a_name_of_its_own_and_a_meaning():
    names = [column.name for column in COLUMNS]
    assert len(set(names)) == len(names)
    assert all(column.meaning and column.width > 0 for column in COLUMNS)


def test_every_question_has_a_column_in_the_order_of_the_form():
    names = [column.name for column in COLUMNS]
    assert [name for name in names if name in {f.key for f in FIELDS}] == [f.key for f in FIELDS]


def test_a_new_request_says_what_was_asked_and_nothing_else():
    request = samples.submitted()
    line = cells(request, digest_for(request))
    assert line["number"] == request.number
    assert (line["status"], line["revision"], line["outcome"], line["decided_at"]) == ("submitted", 1, "", "")
    assert (line["seat_count"], line["workload"], line["fpm"]) == (5200, "MDATP", request.fpm)
    assert (line["fpm_now"], line["requester"], line["sme"]) == (request.fpm, request.requester, "")
    assert (line["is_repeat"], line["is_duplicate"], line["is_proactive"]) == ("no", "no", "no")
    assert (line["kept_N4"], line["broken_N5"], line["ratings"], line["flags"]) == (0, 0, "", "")


def test_what_came_of_it_stands_in_its_line():
    request = samples.submitted()
    flagged = replace(request, verdict=replace(request.verdict, flags=(Flag.EXCEPTION, Flag.BELOW_MINIMUM)))
    digest = replace(
        digest_for(request),
        asked_for=("notes", "workload", "notes"), stars=(5, 2), kept={"N1": 1, "N4": 2}, broken={"N8": 3},
        outcome="denied", decided_at=AT, deny_reason="other", is_repeat=True, is_duplicate=True, is_proactive=True,
    )  # fmt: skip
    line = cells(flagged, digest)
    assert (line["asked_for"], line["ratings"], line["flags"]) == (
        "notes;workload;notes",
        "5;2",
        "exception;below_minimum",
    )
    assert (line["kept_N1"], line["kept_N4"], line["broken_N8"], line["broken_N4"]) == (1, 2, 3, 0)
    assert (line["outcome"], line["decided_at"], line["deny_reason"]) == ("denied", AT.replace(microsecond=0), "other")
    assert (line["is_repeat"], line["is_duplicate"], line["is_proactive"]) == ("yes", "yes", "yes")


def test_proposed_help_has_empty_cells_where_nothing_was_asked():
    request = replace(samples.submitted(), answers=PROPOSED_ANSWERS)
    line = cells(request, digest_for(request))
    assert (line["seat_count"], line["tenant_name"], line["topic"]) == ("", "", "coaching")


def test_times_are_in_utc_to_the_second():
    there = AT.astimezone(timezone(timedelta(hours=5)))
    assert time_cell(there) == AT.replace(microsecond=0)
    assert time_cell(there).tzinfo is UTC
    assert time_cell(None) == ""
