"""Earlier requests taken in from a list: mistakes by line, dry runs, the same list twice, runs that are broken off."""

import asyncio
import csv
import io
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.cards.request import request_card
from bot.domain.importing import COLUMNS, IMPORT, NO_REQUESTER, NO_SME, TIMES
from bot.domain.lifecycle import Action, Topic
from bot.domain.numbers import request_number
from state.history import HistoryCheck
from state.importer import Importer
from state.sqlite import SqliteStore
from state.table import Put, StoreUnavailable
from state.views_rebuild import ViewsRebuild
from tests.domain.office import ANA, DANA, JOSHUA, KOFI, LEE, SAMIRA, SAMPLE, opened_office
from tests.domain.sampled import cases_of, told
from tests.state.test_bulk import clock, no_progress, rows_in
from tests.state.town import BreakingStore

pytestmark = pytest.mark.usefixtures("fresh_environment", "logging_as_before")


@pytest.fixture(autouse=True)
def sample_directory(monkeypatch, fresh_environment):
    monkeypatch.setenv("SME_DIRECTORY", str(SAMPLE))


CUSTOMER = "72f988bf-86f1-41af-91ab-2d7cd011db47"
CLOSED = {
    "partner": "CONTOSO",
    "submitted_at": "2024-03-02",
    "status": "closed",
    "tenant_id": CUSTOMER,
    "tenant_name": "Trey Research",
    "workload": "TEAMS",
    "topic": "coaching",
    "region": "EMEA",
}
DENIED = CLOSED | {"submitted_at": "2024-03-05T09:30", "status": "denied", "deny_reason": "out_of_scope"}
WITHDRAWN = CLOSED | {"partner": "FABRIKAM", "status": "withdrawn", "region": "AMER"}
THREE = [CLOSED, DENIED, WITHDRAWN]


def text_of(rows, **form):
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, names, **form)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def listed(rows, **form):
    """Write a list and return its file."""
    path = Path("list.csv")
    path.write_text(text_of(rows, **form), encoding="utf-8", newline="")
    return path


def asked(question):
    """Put a question to an office over the store of the command."""

    async def ask():
        store = SqliteStore(Path("var/sme.db"))
        await store.open()
        try:
            return await question(await opened_office(store))
        finally:
            await store.close()

    return asyncio.run(ask())


def stored():
    return asked(lambda office: rows_in(office.store))


async def of_contoso(office):
    found = await office.lists.of_partner("CONTOSO", 100)
    return [await office.request(row.number) for row in found]


async def faults(office):
    wrong = [fault async for _, fault in HistoryCheck(office.store).faults() if fault]
    rebuilt = await ViewsRebuild(office.store, clock, no_progress).run()
    return wrong, rebuilt.written, rebuilt.removed


def only(rows, **cells):
    """Return the one request that a list of one line becomes."""
    listed([*rows[:-1], rows[-1] | cells])
    return asked(of_contoso)


def test_a_dry_run_says_what_is_new_and_writes_nothing(typed):
    code, printed, errors = typed("import-requests", listed(THREE), "--dry-run")
    assert (code, errors) == (0, [])
    assert printed.splitlines() == [
        "CONTOSO: 1 closed, 1 denied new, 0 stood there before",
        "FABRIKAM: 1 withdrawn new, 0 stood there before",
        "3 requests new, 0 stood there before",
        "Nothing was written: this was a dry run.",
    ]
    assert not [place for place in stored() if place[0] in {"requests", "views", "work"}]


def test_the_same_list_twice_makes_nothing_twice(typed):
    assert typed("import-requests", listed(THREE))[1].splitlines()[-1] == "3 requests new, 0 stood there before"
    before = stored()
    code, printed, _ = typed("import-requests", listed(THREE))
    assert (code, printed.splitlines()) == (
        0,
        [
            "CONTOSO: nothing new, 2 stood there before",
            "FABRIKAM: nothing new, 1 stood there before",
            "0 requests new, 3 stood there before",
        ],
    )
    assert stored() == before
    assert asked(faults) == ([], 0, 0)


def test_taken_in_requests_are_found_like_any_other(typed):
    typed("import-requests", listed(THREE))

    async def look(office):
        dana, office.now = await office.person(DANA), datetime(2024, 9, 2, tzinfo=UTC)
        answers = {
            "partner_name": "CONTOSO",
            "tenant_id": CUSTOMER[:-1] + "0",
            "workload": "TEAMS",
            "topic": "coaching",
        }
        earlier = await office.desk.intake.earlier(dana, answers)
        digests = [d async for d in office.ledger.digests("CONTOSO", "2024-01", "2024-12")]
        return [each.is_duplicate for each in earlier], sorted(digest.status for digest in digests)

    assert asked(look) == ([False, False], ["closed", "denied"])


def test_every_column_is_taken_in(typed):
    row = CLOSED | {
        "number": "CONTOSO-7K3QXD",
        "decided_at": "2024-03-03",
        "assigned_at": "2024-03-04T10:00+02:00",
        "accepted_at": "2024-03-05",
        "contacted_at": "2024-03-06",
        "completed_at": "2024-04-01",
        "ended_at": "2024-04-02",
        "requester": JOSHUA,
        "fpm": "somebody.else@fasttrack.example",
        "sme": KOFI,
        "rating": "2",
        "rating_comment": "Slow.",
        "summary": "Calling runs.",
        "close_reason": "All done.",
        "returns": "1",
        "seat_count": "5,000",
        "primary_language": "EN",
        "justification": "Stuck.",
        "kept_N4": "1",
        "revision": "9",
    }
    code, _, errors = typed("import-requests", listed([row]))
    assert (code, errors) == (0, [])

    async def look(office):
        request = await office.request("CONTOSO-7K3QXD")
        history = await office.requests.history(request.number)
        (engagement,) = await office.requests.engagements_of(request.number)
        return request, history, engagement

    request, history, engagement = asked(look)
    assert [event.action for event in history] == [
        Action.SUBMIT, Action.RETURN, Action.RESUBMIT, Action.APPROVE, Action.ASSIGN, Action.ACCEPT,
        Action.CONTACTED, Action.COMPLETE, Action.RATE, Action.CLOSE,
    ]  # fmt: skip
    assert {(event.by, event.by_name) for event in history} == {("", IMPORT.name)}
    assert (request.requester, request.fpm, request.sme) == (JOSHUA, "somebody.else@fasttrack.example", KOFI)
    assert (request.answers["seat_count"], request.answers["primary_language"]) == ("5000", "en")
    assert request.assigned_at.isoformat() == "2024-03-04T08:00:00+00:00"
    assert (engagement.rating.stars, engagement.result.summary) == (2, "Calling runs.")
    assert (request.open_issues, history[-1].why) == (0, "All done.")


def test_people_who_are_missing_are_stood_in_for_and_cards_show_it(typed):
    typed("import-requests", listed([CLOSED, DENIED, CLOSED | {"topic": "migration", "rating": "5"}]))

    async def look(office):
        views = []
        for request in await of_contoso(office):
            case = await office.requests.load(request.number)
            views += [await office.viewing.of(case, await office.person(who)) for who in (DANA, LEE, ANA, SAMIRA)]
        return views

    views = asked(look)
    assert {view.request.requester for view in views} == {NO_REQUESTER}
    assert {view.request.fpm for view in views} == {LEE}
    assert {view.request.sme for view in views} == {NO_SME, ""}
    for view in views:
        assert view.request.number in str(request_card(view, Topic.STATUS))


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ({"status": "approved"}, 'status: "approved" is no end: only what is closed, denied, withdrawn can be'),
        ({"status": ""}, "status: is empty"),
        ({"partner": "NOBODY"}, "partner: NOBODY is not in the directory"),
        ({"submitted_at": "yesterday"}, 'submitted_at: "yesterday" is no day or time, like 2026-03-31 or'),
        ({"submitted_at": "2099-01-01"}, "submitted_at: lies in the future"),
        ({"submitted_at": "1850-01-02"}, 'submitted_at: "1850-01-02" lies before 2000'),
        ({"submitted_at": "0001-01-01T00:00+14:00"}, 'submitted_at: "0001-01-01T00:00+14:00" is no day or time'),
        ({"ended_at": "9999-12-31T23:59-14:00"}, 'ended_at: "9999-12-31T23:59-14:00" is no day or time'),
        ({"ended_at": "2024-03-01"}, "ended_at: comes before submitted_at"),
        ({"tenant_id": "42"}, "tenant_id: A tenant ID has 32 hexadecimal digits"),
        ({"workload": "ABACUS"}, 'workload: "ABACUS" is not one of'),
        ({"rating": "6"}, "rating: Please give a whole number from 1 to 5."),
        ({"sme": "kofi"}, 'sme: "kofi" is not an e-mail address'),
        ({"sme": LEE}, "The FPM of a request cannot be its SME."),
        ({"requester": LEE}, "The requester cannot be the FPM of the same request."),
        ({"requester": KOFI, "sme": KOFI}, "The requester cannot take this part in their own request."),
    ],
)  # fmt: skip
def test_a_mistake_is_named_by_its_line_and_nothing_is_written(typed, cells, sentence):
    code, printed, errors = typed("import-requests", listed([WITHDRAWN, CLOSED | cells]))
    assert (code, printed, len(errors)) == (2, "", 1)
    assert errors[0].startswith("list.csv:3: " + sentence)
    assert not [place for place in stored() if place[0] in {"requests", "views", "work"}]


def test_all_mistakes_are_named_in_one_run_up_to_fifty(typed):
    rows = [
        CLOSED | {"partner": "NOBODY", "rating": "0", "submitted_at": f"2024-01-{n % 28 + 1:02}"} for n in range(40)
    ]
    code, _, errors = typed("import-requests", listed(rows))
    assert (code, len(errors), errors[-1]) == (2, 51, "and 30 more")


def test_two_lines_that_are_one_request_are_a_mistake(typed):
    assert typed("import-requests", listed([CLOSED, CLOSED]))[2] == ["list.csv:3: is the same request as line 2"]
    numbered = [each | {"number": "OLD-17"} for each in (CLOSED, DENIED)]
    assert typed("import-requests", listed(numbered))[2] == ["list.csv:3: is the same request as line 2"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "list.csv: is empty"),
        (b"\xff\xfep\0", 'list.csv: is UTF-16; Excel saves it rightly as "CSV UTF-8"'),
        (b"PK\x03\x04", 'list.csv: is an Excel workbook; Excel saves it rightly as "CSV UTF-8"'),
        (b"partner,status,colour,partner\n", 'list.csv:1: column "region" is missing'),
        (text_of(THREE).encode() + b"\xe9", "list.csv: is not UTF-8 (byte 0xe9); Excel saves it rightly"),
        (text_of(THREE).encode() + b'"', "list.csv:5: is not CSV: unexpected end of data"),
        (text_of([CLOSED]).strip().encode() + b",x\n", "list.csv:2: has 9 cells, the header 8"),
        (text_of([CLOSED | {"notes": "x" * 16_001}]).encode(), "list.csv:2: notes: is longer than 16,000 signs"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_list_is_said_in_a_line(typed, content, sentence):
    Path("list.csv").write_bytes(content)
    code, _, errors = typed("import-requests", "list.csv")
    assert code == 2
    assert [line for line in errors if line.startswith(sentence)]


def test_columns_that_nobody_knows_or_that_stand_twice_are_mistakes(typed):
    Path("list.csv").write_text(f"colour,status,{','.join(CLOSED)}\n", encoding="utf-8")
    assert typed("import-requests", "list.csv")[2] == [
        'list.csv:1: unknown column "colour"',
        'list.csv:1: column "status" stands twice',
    ]
    assert typed("import-requests", "nowhere.csv")[2] == ["[Errno 2] No such file or directory: 'nowhere.csv'"]


def test_what_excel_saves_is_read(typed):
    row = CLOSED | {"justification": 'He said "stuck"\r\nand left; again', "tenant_name": "'=Trey", "summary": "Zażółć"}
    text = "\r\n" + text_of([row, DENIED], delimiter=";", lineterminator="\r\n") + ";;;\r\n"
    Path("list.csv").write_bytes(text.encode("utf-8-sig"))
    code, _, errors = typed("import-requests", "list.csv")
    assert (code, errors) == (0, [])
    names = {request.customer: request.answers.get("justification") for request in asked(of_contoso)}
    assert names == {"=Trey": 'He said "stuck"\nand left; again', "Trey Research": None}


async def test_a_number_under_which_another_request_stands_makes_way_for_the_next(store):
    office = await opened_office(store)
    partners = dict((await office.people.export()).partners)
    importer = Importer(store, partners, clock, listed([CLOSED]), no_progress)
    await importer.run(dry_run=False)
    (mine,) = await of_contoso(office)
    (row,) = [row async for row in store.table("requests").scan("CONTOSO", "request:", "request;")]
    values = {**row.values, "token": "another"}
    await store.table("requests").commit("CONTOSO", [Put(row.key, values, row.etag)])
    again = await Importer(store, partners, clock, listed([CLOSED]), no_progress).run(dry_run=False)
    assert again.new.total() == 1
    assert await office.requests.load(request_number("CONTOSO", mine.token, 1))


@pytest.mark.parametrize("first", [0, 1])
async def test_a_number_that_another_line_brings_along_is_that_lines(store, first):
    office = await opened_office(store)
    partners, path = dict((await office.people.export()).partners), listed([CLOSED])
    (unnumbered,) = next(Importer(store, partners, clock, path, no_progress)._groups())
    made = request_number("CONTOSO", unnumbered.token, 0)
    lines = [CLOSED | {"number": ""}, CLOSED | {"number": made, "tenant_name": "Wide World"}]
    for new in (2, 0):
        importer = Importer(store, partners, clock, listed([lines[first], lines[not first]]), no_progress)
        assert (await importer.run(dry_run=False)).new.total() == new
    assert (await office.request(made)).customer == "Wide World"
    assert len(await of_contoso(office)) == 2


def lines_of(cases):
    """Return cases that are over as lines of a list, with the columns of an export."""
    for case in cases:
        request, digest = case.request, case.digest()
        line = {name: getattr(digest, name) for name in TIMES}
        line |= {name: request.answers.get(name, "") for name in (c.name for c in COLUMNS)} | {
            name: value.isoformat() if value else "" for name, value in line.items()
        }
        line |= {"number": digest.number, "partner": digest.partner, "status": digest.status.value}
        line |= {"requester": request.requester, "fpm": request.fpm, "outcome": digest.outcome, "sme": request.sme}
        line |= {"deny_reason": digest.deny_reason, "returns": digest.returns, "rating": (*digest.stars, "")[0]}
        yield line | {"kept_N4": digest.kept.get("N4", 0), "is_repeat": "yes"}


KEPT = {
    "number",
    "partner",
    "region",
    "workload",
    "topic",
    "language",
    "status",
    "submitted_at",
    "decided_at",
    "outcome",
}
KEPT |= {"deny_reason", "returns", "accepted_at", "contacted_at", "completed_at", "ended_at", "stars"}


async def test_what_was_over_comes_back_from_a_list_as_it_was(store):
    over = [case for case in cases_of(told(300)) if not case.request.is_open]
    office = await opened_office(store)
    path = listed(list(lines_of(over)))
    partners = dict((await office.people.export()).partners)
    intake = await Importer(store, partners, clock, path, no_progress).run(dry_run=False)
    assert intake.new.total() == len(over)
    for case in over:
        before = case.digest()
        digests = [d async for d in office.ledger.digests(before.partner, before.month, before.month)]
        after = next(digest for digest in digests if digest.number == before.number)
        assert {n: getattr(after, n) for n in KEPT} == {n: getattr(before, n) for n in KEPT}
    assert await faults(office) == ([], 0, 0)


@pytest.mark.parametrize("commits", [0, 1, 2, 4, 6])
async def test_what_was_broken_off_is_finished_by_running_it_again(store, commits):
    office = await opened_office(store)
    partners = dict((await office.people.export()).partners)
    path = listed([CLOSED | {"number": f"OLD-{n}"} for n in range(30)] + [WITHDRAWN])
    with pytest.raises(StoreUnavailable):
        await Importer(BreakingStore(store, commits), partners, clock, path, no_progress).run(dry_run=False)
    await Importer(store, partners, clock, path, no_progress).run(dry_run=False)
    assert len(await office.lists.of_partner("CONTOSO", 100)) == 30
    assert len([d async for d in office.ledger.digests("CONTOSO", "2024-03", "2024-03")]) == 30
    assert await faults(office) == ([], 0, 0)


def test_a_long_list_says_how_far_it_has_come(typed):
    code, _, shown = typed("import-requests", listed([CLOSED | {"number": f"OLD-{n}"} for n in range(1_200)]))
    assert code == 0
    assert (shown[0], shown[-1]) == ("lines checked: 0 % (1 of 1,201)", "requests: 100 % (1,200 of 1,200)")
