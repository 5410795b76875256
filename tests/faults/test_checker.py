"""The checker sees each promise broken: in a world where all hold, one thing at a time is made wrong."""

from functools import cache

import pytest

from bot.domain.lifecycle import DONE_WORDS
from state.table import TABLES
from tests.faults.checker import Acknowledged, Pressed, World, violations
from tests.faults.in_process_clock import MIKA, SAMIRA, THE_CLOCK, UNTIL_FRIDAY
from tests.faults.in_process_engaged import CARRIED_ON, NEVER_BEGUN, REFUSED, TAKEN_UP_BY_ANOTHER
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


@cache
def days_passed():
    """Return what stands after promises of two requests have slipped."""
    return run_scenario(THE_CLOCK, Script()).world


@cache
def worked():
    """Return what stands after the work on a request has gone from its kick-off to the end."""
    return run_scenario(CARRIED_ON, Script()).world


@cache
def taken_up():
    """Return what stands after help was proposed, taken up, and over."""
    return run_scenario(TAKEN_UP_BY_ANOTHER, Script()).world


@pytest.fixture
def work():
    yield from spoilable(worked())


@pytest.fixture
def proposal():
    yield from spoilable(taken_up())


@pytest.fixture
def world():
    yield from spoilable(accepted())


@pytest.fixture
def late():
    yield from spoilable(days_passed())


@pytest.fixture
def on_friday():
    yield from spoilable(run_scenario(UNTIL_FRIDAY, Script()).world)


def spoilable(made):
    whole, made.teams.chats = made.teams.chats, {chat: list(said) for chat, said in made.teams.chats.items()}
    acknowledged, attempted = list(made.acknowledged), list(made.attempted)
    spoilt = World(Rows(made), made.teams, made.mails, acknowledged, attempted, logs=made.logs, now=made.now)
    spoilt.pressed = set(made.pressed)
    yield spoilt
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


def asked(world):
    """Return the request of which the backup FPM was asked."""
    rows = world.rows("requests").items()
    return next(key.split(":")[1] for key, row in rows if row.get("action") == "ask_backup")


def test_nothing_is_seen_where_the_clock_does_what_it_should(late):
    assert seen(late) == ""


def test_a_clock_that_is_too_early(late):
    late.rows.change("requests", f" event:{asked(late)}:", ":000002", at="2026-11-23T17:00:00+00:00")
    assert f"I11: ask_backup of {asked(late)} came at 2026-11-23 17:00:00+00:00, too soon" in seen(late)


def test_a_clock_that_is_before_the_date_that_was_promised(late):
    late.rows.change("requests", f" event:{asked(late)}:", ":000002", at="2026-11-24T09:00:00+00:00")
    assert f"I11: ask_backup of {asked(late)} came at 2026-11-24 09:00:00+00:00, and is due at" in seen(late)


def test_a_clock_that_tells_twice(late):
    late.rows.change("requests", f" event:{asked(late)}:", ":000003", action="ask_backup")
    assert f"I11: ask_backup of {asked(late)} happened twice" in seen(late)


def test_somebody_who_does_what_is_the_clocks(late):
    late.rows.change("requests", f" event:{asked(late)}:", ":000002", by=LEE)
    found = seen(late)
    assert f"I6: ask_backup by {LEE}" in found
    assert f"I11: ask_backup of {asked(late)} was done by {LEE}" in found


def test_a_clock_that_stands_still(world, late):
    number = asked(late)
    late.rows.remove("requests", f" event:{number}:", ":000003")
    assert f"I11: {number} is owed its escalate" in seen(late)


def test_an_escalation_to_nobody_and_to_somebody_else(late):
    number = asked(late)
    late.rows.copy("requests", f" notice:{number}:000003:", SAMIRA, to=KOFI, recipient=KOFI)
    late.rows.remove("requests", f" notice:{number}:000003:", SAMIRA)
    found = seen(late)
    assert f"I4: nobody tells {SAMIRA} of escalate of {number}" in found
    assert f"I11: {KOFI} is told of escalate of {number}" in found


def test_somebody_who_is_not_reminded(on_friday):
    assert seen(on_friday) == ""
    number = asked(on_friday)
    on_friday.rows.change("requests", f"person:{MIKA} notice:", ":reminder:", created_at="2026-11-25T09:00:00+00:00")
    assert f"I11: {number} waits for {MIKA}, who was not reminded at 2026-11-27 10:0" in seen(on_friday)


def test_reminders_that_come_too_soon_after_each_other(late):
    late.rows.change("requests", f"person:{LEE} notice:", ":000003:reminder:", created_at="2026-11-23T15:00:00+00:00")
    assert f"I11: {LEE} was reminded at" in seen(late)


def test_a_second_brief_on_a_morning(late):
    late.rows.change("requests", f"person:{LEE} notice:", ":000003:reminder:", topic="brief")
    assert f"I11: {LEE} was given more than one brief on a morning" in seen(late)


def test_a_word_about_what_is_somebody_elses(late):
    late.rows.change("requests", f"person:{LEE} notice:", ":000003:reminder:", recipient=KOFI)
    assert f"I11: the reminder to {KOFI} lists {asked(late)}, which is not theirs" in seen(late)


def test_a_word_whose_card_is_not_followed(late):
    late.rows.change("requests", f" notice:{asked(late)}:000004:reminder:", activity_id="1")
    assert f"I11: the reminder 4 to {LEE} does not follow {asked(late)}" in seen(late)


def test_a_card_that_was_taken_away_before_another_came(late):
    late.rows.change("requests", f"person:{LEE} notice:", ":000004:reminder:", way="")
    assert f"person:{LEE}/4/reminder to {LEE} was delivered in no way at all" in seen(late)


def test_a_list_of_what_is_late_without_one(late):
    late.rows.remove("views", "late ", asked(late))
    assert f"I8: the list late lacks {asked(late)}" in seen(late)


def test_nothing_is_seen_where_the_work_was_carried_on(work, proposal):
    assert seen(work) + seen(proposal) == ""


def test_an_agreement_that_is_kept_twice(work):
    work.rows.change("requests", " event:", ":000008", by=LEE)
    assert f"I3: agree by {LEE} at revision 8" in seen(work)


def test_an_agreement_that_is_lost(work):
    work.rows.change("requests", " engagement:", agreed="sme,fpm")
    assert "I10: the agreement of" in seen(work)


def test_an_agreement_on_what_was_not_seen(work):
    work.pressed = {each for each in work.pressed if (each.action, each.by_email) != ("agree", LEE)}
    assert f"I12: the agreement of {LEE} at revision 7 of" in seen(work)
    number = work.rows.key("requests", " request:").split("request:")[1]
    work.pressed |= {Pressed(number, "agree", LEE, 6)}
    found = seen(work)
    assert f"I12: the agreement of {LEE} at revision 10 of {number} is on the kick-off of revision 9" in found
    assert "revision 7" not in found


def test_a_result_that_is_lost(work):
    del work.rows("requests")[work.rows.key("requests", " engagement:")]["result_summary"]
    assert "keeps None of its complete" in seen(work)


def test_a_note_that_is_not_what_was_written(work):
    work.rows.change("requests", " engagement:", note_summary="All is well.")
    assert "keeps 'All is well.' of its note" in seen(work)


def test_a_rating_given_twice(work):
    work.rows.change("requests", " event:", ":000015", action="rate", by=DANA)
    assert f"I3: rate by {DANA} at revision 15" in seen(work)


def test_a_ledger_with_a_line_too_many_and_with_none(work):
    key = work.rows.key("requests", " learned:")
    line = work.rows.tables["requests"].pop(key)
    assert "I12:" in seen(work)
    work.rows.tables["requests"] |= {key: line, key.replace("learned:", "learned:0"): line}
    assert "has in the ledger" in seen(work)


def test_an_sme_who_hears_of_a_proposal_before_the_partner_has_agreed(proposal):
    proposal.rows.change("requests", " notice:", ":000002:ping:", created_at="2026-11-23T10:00:00+00:00")
    assert "before the partner agreed" in seen(proposal)


def test_an_sme_who_hears_of_a_proposal_that_was_refused():
    for world in spoilable(run_scenario(REFUSED, Script()).world):
        assert seen(world) == ""
        number = world.rows.key("requests", " request:").split("request:")[1]
        grace = world.teams.person("Grace O'Brien")
        grace.chat.append(Message("1", text=f"{number} may come to you."))
        assert f"I12: {number} stands in the chat of {grace.email}" in seen(world)


def test_a_period_that_ends_too_early_and_one_that_does_not_end(proposal):
    proposal.rows.change("requests", " event:", ":000008", at="2026-12-11T20:00:00+00:00")
    assert "had its end at 2026-12-11 20:00:00+00:00" in seen(proposal)
    for revision in (8, 9, 10):
        proposal.rows.remove("requests", " event:", f":{revision:06d}")
    assert "is owed its end" in seen(proposal)


@pytest.mark.parametrize("stage", NEVER_BEGUN)
def test_help_that_has_not_begun_is_closed_at_the_end_of_its_period(stage):
    for world in spoilable(run_scenario(NEVER_BEGUN[stage], Script()).world):
        assert seen(world) == ""
        number = world.rows.key("requests", " request:").split("request:")[1]
        request = world.rows("requests")[world.rows.key("requests", " request:")]
        assert (request["status"], request["stage"]) == ("closed", "declined")
        last = f"{request['revision']:06d}"
        assert world.rows("requests")[world.rows.key("requests", f" event:{number}:", last)]["action"] == "end"
        for notice in [key for key in world.rows("requests") if f" notice:{number}:{last}:" in key and LEE in key]:
            world.rows.tables["requests"].pop(notice)
        assert f"I4: nobody tells {LEE} of end of {number}" in seen(world)
        world.rows.remove("requests", f" event:{number}:", last)
        assert "is owed its end" in seen(world)


def test_an_end_of_what_was_accepted_without_a_word_of_why(proposal):
    number = proposal.rows.key("requests", " request:").split("request:")[1]
    proposal.rows.change("requests", f" event:{number}:", ":000009", action="note")
    proposal.rows.change("requests", f" event:{number}:", ":000010", why="")
    assert f"I3: close by {LEE} at revision 10 of {number} is not allowed" in seen(proposal)
