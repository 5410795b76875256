"""The words that people type."""

import re

import pytest

from bot.cards.words import help_card
from bot.dialogs.commands import COMMANDS, recognised, suggestion
from bot.domain.people import Person, Role
from state.requests import RequestStore
from state.views import ViewStore
from state.work import WorkStore
from tests.dialogs.chat import CUSTOMER, parts
from tests.dialogs.conftest import clock


async def sent(chat, left_behind):
    await chat.type("new request")
    await chat.fill()
    await chat.press("submit")
    return left_behind[-1]


@pytest.mark.parametrize(
    "typed",
    [
        "new request",
        "  NEW   Request ",
        "<at>SME requests</at> new request",
        "New request!",
        "«new request»",
        "new\u00a0request",
    ],
)
async def test_a_command_is_recognised_however_it_is_written(rita, typed):
    await rita.type(typed)
    assert "tenant_id" in rita.newest.inputs


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.words)
def test_every_synonym_means_its_command_and_no_other(command):
    for words in (command.words, *command.synonyms):
        typed = recognised(f"{words} CONTOSO-7K3QXD" if command.parameter else words)
        assert typed.command is command
        assert typed.rest == ("CONTOSO-7K3QXD" if command.parameter else "")


@pytest.mark.parametrize("role", Role)
def test_help_lists_the_commands_of_the_table(role):
    person = Person("p@home.example", "P", frozenset({role}), "tenant")
    listed = {part["text"] for part in parts(help_card(person)) if part.get("type") == "TextBlock"}
    for command in COMMANDS:
        parameter = re.sub("<(.*?)>", lambda part: part[1].upper(), command.parameter)
        shown = " ".join(filter(None, (command.words, parameter)))
        assert (shown in listed) == bool(command.roles & person.roles)


@pytest.mark.parametrize("typed", ["hi", "Hello!", "good morning"])
async def test_a_greeting_is_returned(rita, typed):
    await rita.type(typed)
    assert "Rita" in rita.newest.text


async def test_help_and_status_in_the_middle_of_the_form_leave_it_as_it_is(rita, left_behind):
    number = await sent(rita, left_behind)
    await rita.type("new request")
    await rita.press("next", **CUSTOMER)
    page, before = rita.newest, await rita.remembered()
    await rita.type("help")
    await rita.type(f"status {number}")
    await rita.type("my requests")
    after = await rita.remembered()
    assert (after.stack, after.answers, after.form) == (before.stack, before.answers, before.form)
    await rita.press("next", page)
    assert rita.newest.text


async def test_other_words_in_the_middle_of_the_form_are_answered_and_the_question_stays(rita):
    await rita.type("new request")
    page = rita.newest
    assert "answer on the card" in await rita.type("The customer is Fabrikam")
    await rita.press("next", page, **CUSTOMER)
    assert "workload" in rita.newest.inputs


@pytest.mark.parametrize("written", ["{}", "  {}  ", "«{}».", "#{}"])
async def test_a_number_may_be_written_in_any_case_and_wrapping(rita, left_behind, written):
    number = await sent(rita, left_behind)
    await rita.type(f"STATUS {written.format(number.lower())}")
    assert number in rita.newest.text
    unbroken = number.replace("-", "\u2011")
    await rita.type(f"status: {unbroken}")
    assert number in rita.newest.text


async def test_a_number_alone_asks_for_its_status(rita, left_behind):
    number = await sent(rita, left_behind)
    await rita.type(number)
    assert number in rita.newest.text
    assert (await rita.remembered()).posted[f"status:{number}:1"] == rita.newest.id


async def test_a_strange_number_and_a_number_of_somebody_else_get_the_same_answer(rita, sam, left_behind):
    number = await sent(rita, left_behind)
    unknown = await rita.type("status CONTOSO-000000")
    assert unknown == await sam.type(f"status {number}")
    for strange in ("x", "CONTOSO", "💥", "1-2-3", "CONTOSO-7K3QX", "a b c"):
        assert await rita.type(f"status {strange}") == unknown
        assert await rita.type(f"withdraw {strange}") == unknown
    for value in (None, 7, ["x"], {}):
        assert await rita.send({"verb": "status", "request": value}) == unknown
        assert await rita.send({"verb": "again", "request": value}) == unknown
        assert await rita.send({"verb": "fix", "request": value}) == unknown


@pytest.mark.parametrize("typed", ["status", "Withdraw "])
async def test_a_missing_number_is_asked_for(rita, typed):
    assert "add the number" in await rita.type(typed)


@pytest.mark.parametrize("typed", ["invite", "invite ada@contoso.example"])
async def test_an_invitation_names_an_address_and_a_partner(frank, typed):
    assert "an e-mail address and a partner code" in await frank.type(typed)


async def test_a_typed_withdraw_withdraws_once(rita, left_behind):
    number = await sent(rita, left_behind)
    await rita.type(f"withdraw {number}")
    assert "Withdrawn" in rita.newest.text
    await rita.type(f"withdraw {number}")
    assert "Withdrawn" in rita.newest.text


async def test_an_fpm_withdraws_nothing(rita, frank, left_behind):
    number = await sent(rita, left_behind)
    assert "not for you" in await frank.type(f"withdraw {number}")


async def test_my_requests_lists_them_with_a_button_to_open_each(rita, store, left_behind):
    await rita.type("my requests")
    assert "no request yet" in rita.newest.text
    number = await sent(rita, left_behind)
    requests = RequestStore(store, WorkStore(store, "tests", clock), clock)
    await ViewStore(store, clock).refresh((await requests.load(number)).request, frozenset())
    await rita.type("my requests")
    assert "Fabrikam" in rita.newest.text
    await rita.press("status")
    assert "Submitted" in rita.newest.text


async def test_an_fpm_has_an_inbox_and_an_sme_engagements(frank, sam):
    await frank.type("inbox")
    assert "Nothing waits" in frank.newest.text
    await sam.type("engagements")
    assert "No engagement" in sam.newest.text


async def test_only_a_requester_makes_requests(frank):
    assert "registered contacts" in await frank.type("new request")
    assert not (await frank.remembered()).stack


async def test_cancel_without_a_form_says_so(rita):
    assert "no form under way" in await rita.type("cancel")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("new reqest", "new request"), ("statsu CONTOSO-7K3QXD", "status <number>"), ("help me please", "help")],
)
async def test_words_that_come_near_a_command_are_guessed(rita, typed, meant):
    assert await rita.type(typed) == f"Did you mean: {meant}"


def test_nobody_is_led_to_a_command_of_another_role():
    assert not suggestion("new reqest", Person("f@home.example", "F", frozenset({Role.FPM}), "tenant"))


@pytest.mark.parametrize("activity", [{"text": "what is love"}, {"text": ""}, {"text": None}, {"text": 7}], ids=str)
async def test_nothing_that_is_typed_meets_silence(rita, activity):
    assert "Type help" in await rita._turn(activity)


@pytest.mark.parametrize("value", [{}, [], "x", 7, {"verb": "dance"}, {"verb": 7}, {"verb": ["next"]}], ids=str)
async def test_nothing_that_is_pressed_meets_silence(rita, value):
    assert "Type help" in await rita._turn({"value": value})
