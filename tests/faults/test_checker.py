"""The checker sees each promise broken: in a world where all hold, one thing at a time is made wrong."""

from functools import cache

import pytest

from bot.domain.lifecycle import DONE_WORDS
from state.table import TABLES
from tests.faults.checker import Acknowledged, World, violations
from tests.faults.in_process_runs import run_scenario
from tests.faults.in_process_scenarios import SCENARIOS
from tests.faults.io_faults import Script
from tests.stories.shown_card import Message

LEE, DANA = "lee.park@fasttrack.example", "dana.reyes@contoso-consulting.example"
ANA, KOFI = "ana.souza@fasttrack.example", "kofi.mensah@fasttrack.example"


class Rows:
    """The rows of all tables, to be spoilt."""

    def __init__(self, world):
        self.tables = {name: {key: dict(row) for key, row in world.rows(name).items()} for name in TABLES}

    def __call__(self, name):
        return self.tables[name]

    def key(self, table, *parts):
        (found,) = [key for key in self.tables[table] if all(part in key for part in parts)]
        return found

    def change(self, table, *parts, **values):
        self.tables[table][self.key(table, *parts)].update(values)

    def remove(self, table, *parts):
        return self.tables[table].pop(self.key(table, *parts))

    def copy(self, table, *parts, to, **values):
        """Put the row once more, with the last of the parts in its key replaced."""
        key = self.key(table, *parts)
        self.tables[table][key.replace(parts[-1], to)] = self.tables[table][key] | values


@cache
def accepted():
    """Return what stands after a request was assigned and accepted."""
    return run_scenario(next(s for s in SCENARIOS if s.name == "assign and accept"), Script()).world


@pytest.fixture
def world():
    made = accepted()
    whole, made.teams.chats = made.teams.chats, {chat: list(said) for chat, said in made.teams.chats.items()}
    acknowledged, attempted = list(made.acknowledged), list(made.attempted)
    yield World(Rows(made), made.teams, made.mails, acknowledged, attempted, logs=made.logs, now=made.now)
    made.teams.chats = whole


@pytest.fixture
def rows(world):
    return world.rows


@pytest.fixture
def number(rows):
    return rows.key("requests", " request:").split("request:")[1]


def seen(world):
    return "\n".join(violations(world))


def test_nothing_is_seen_where_all_promises_hold(world):
    assert seen(world) == ""


def test_what_was_acknowledged_and_is_nowhere(world, number):
    world.acknowledged.append(Acknowledged(number, "deny", LEE))
    assert f"I1: {LEE} was told that deny of {number} is done" in seen(world)


def test_a_lost_request(world, rows, number):
    rows.remove("requests", " request:")
    assert f"I1: {ANA} was told that assign of {number} is done" in seen(world)


def test_a_deed_that_its_own_author_was_told_to_have_missed(world, number):
    world.overtaken.append(Acknowledged(number, "approve", LEE))
    assert f"I1: {LEE} was told that approve of {number} came too late" in seen(world)


def test_one_operation_done_twice(world, rows):
    key = next(key for key in rows("requests") if " op:" in key)
    rows("requests")[f"{key}0"] = rows("requests")[key]
    assert "I1: CONTOSO-" in seen(world)


def test_a_request_that_nobody_has_asked_for(world, number):
    world.attempted.clear()
    assert f"I2: nobody has submitted {number}" in seen(world)


def test_two_requests_of_one_form(world, rows, number):
    rows.copy("requests", f" request:{number}", number, to="CONTOSO-ZZZZZZ", number="CONTOSO-ZZZZZZ")
    assert "I2: 2 requests were made of the form" in seen(world)


def test_a_step_that_is_not_allowed(world, rows):
    rows.change("requests", " event:", ":000004", action="approve")
    assert "I3: approve by" in seen(world)


def test_a_gap_in_the_history(world, rows):
    rows.remove("requests", " event:", ":000002")
    assert "I3: CONTOSO-" in seen(world)


def test_somebody_whom_nobody_tells(world, rows, number):
    rows.remove("requests", " notice:", ":000004:", DANA)
    assert f"I4: nobody tells {DANA} of accept of {number}" in seen(world)


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"state": "pending"}, "is pending"),
        ({"state": "parked", "reason": ""}, "is parked without a reason"),
        ({"way": ""}, "was delivered in no way at all"),
        ({"way": "mail"}, "there is no such mail"),
        ({"activity_id": "1"}, "there is no such card"),
        ({"conversation_id": "elsewhere"}, "was posted in the chat elsewhere"),
    ],
)
def test_a_notice_that_did_not_arrive(world, rows, values, fault):
    rows.change("requests", " notice:", ":000004:", DANA, **values)
    found = seen(world)
    assert "I4: the notice CONTOSO-" in found
    assert fault in found


def test_a_notice_that_waits_for_somebody_who_is_there(world, rows):
    values = {"way": "mail", "reason": "has not opened the app in Teams yet"}
    rows.change("requests", " notice:", ":000001:receipt:", DANA, **values)
    assert "still waits for the person to install the app, who has done so" in seen(world)


def test_a_card_that_is_there_too_often(world):
    dana = world.teams.person("Dana Reyes")
    told = next(message for message in dana.chat if DONE_WORDS["accept"] in message.summary.lower())
    dana.chat.append(Message("1", summary=told.summary))
    assert f"I5: {DANA} was told 2 times" in seen(world)
    world.ambiguous.add(dana.conversation)
    assert seen(world) == ""
    dana.chat.append(Message("2", summary=told.summary))
    assert f"I5: {DANA} was told 3 times" in seen(world)


def test_a_decision_of_somebody_elses(world, rows):
    rows.change("requests", " event:", ":000002", by="mika.tanaka@fasttrack.example")
    assert "I6: approve by mika.tanaka@fasttrack.example at revision 2" in seen(world)


@pytest.mark.parametrize(
    ("values", "fault"), [({"status": "lost"}, "cannot be decoded"), ({"customer": "x" * 40_000}, "breaks a limit")]
)
def test_a_row_that_cannot_be(world, rows, values, fault):
    rows.change("requests", " request:", **values)
    assert fault in seen(world)


def test_work_that_is_overdue(world, rows, number):
    rows("work")[f"due:0 2026-11-23T100000.000000Z:{number}"] = {}
    assert f"I8: the work row 2026-11-23T100000.000000Z:{number} is overdue" in seen(world)


def test_lists_that_are_still_to_be_written(world, rows, number):
    rows("requests")[f"CONTOSO views-pending:{number}:000004"] = {"schema": 1, "before": "[]"}
    assert "I8: the mark views-pending:" in seen(world)


def test_a_list_that_lacks_a_request_and_one_that_still_has_it(world, rows, number):
    rows.remove("views", "sme:")
    rows("views")[f"inbox:{LEE} 2026:{number}"] = {"number": number, "removed": False}
    found = seen(world)
    assert f"I8: the list sme:{KOFI} lacks {number}" in found
    assert f"I8: the list inbox:{LEE} still has {number}" in found


def test_a_list_that_is_behind(world, rows):
    rows.change("views", "sme:", revision=1)
    assert "at revision 1" in seen(world)


@pytest.mark.parametrize("text", ["Dana Reyes", DANA, "Adventure Works", "Authorization: Bearer x"])
def test_a_log_that_says_too_much(world, text):
    world.logs = f'{{"message": "told {text}"}}'
    assert "I9: the logs hold" in seen(world)


def test_a_request_that_is_not_what_its_history_says(world, rows):
    rows.change("requests", " request:", fpm="mika.tanaka@fasttrack.example")
    found = seen(world)
    assert "I10: the FPM of" in found
    assert "I10: fpm of" in found


def test_a_card_with_a_button_of_yesterday(world, rows, number):
    lee = world.teams.person("Lee Park")
    data = {"verb": "approve", "request": number, "revision": 1}
    card = {"type": "AdaptiveCard", "actions": [{"type": "Action.Execute", "verb": "approve", "data": data}]}
    lee.chat.append(Message("1", card=card))
    assert "'approve' is of revision 1, not 5" in seen(world)
