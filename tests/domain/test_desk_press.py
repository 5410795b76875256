"""The desk and the buttons: done once, answered with what happened, and nothing changed by who may not."""

import asyncio

import pytest

from bot.domain.errors import Mistake, Refusal
from bot.domain.lifecycle import Action, Status
from bot.domain.matching import Ranking
from tests.domain.office import (
    ANA,
    ARJUN,
    DANA,
    JOSHUA,
    KOFI,
    LAURA,
    LEE,
    MIKA,
    PIOTR,
    RENEE,
    SAMIRA,
)

UNKNOWN = "CONTOSO-000000"
OVERTAKEN = "This had changed before your press."


async def test_an_approval_is_committed_with_its_history_and_notices(office):
    number = await office.submitted()
    answer = await office.press(LEE, "approve", number)
    assert (answer.view.request.status, answer.view.request.revision, answer.note) == (Status.APPROVED, 2, "")
    assert [e.action for e in await office.requests.history(number)] == [Action.SUBMIT, Action.APPROVE]
    assert await office.told(number, 2) == {DANA: "news", ANA: "assignment"}
    assert office.nudged == [number, number]


async def test_a_press_by_ten_at_once_is_one_change(office):
    number = await office.submitted()
    answers = await asyncio.gather(*(office.press(LEE, "approve", number, 1) for _ in range(10)))
    assert {(a.view.request.status, a.view.request.revision) for a in answers} == {(Status.APPROVED, 2)}
    assert len(await office.requests.history(number)) == 2


async def test_two_who_decide_at_once_make_one_decision_and_the_other_sees_it(office):
    number = await office.submitted()
    answers = await asyncio.gather(
        office.press(LEE, "approve", number, 1),
        office.press(LEE, "deny", number, 1, deny_reason="out_of_scope"),
        office.press(DANA, "withdraw", number, 1),
    )
    assert len({a.view.request.status for a in answers}) == 1
    assert sorted(a.note for a in answers) == ["", OVERTAKEN, OVERTAKEN]
    assert len(await office.requests.history(number)) == 2


async def test_the_same_press_again_is_answered_with_the_present_state_and_no_reproach(office):
    number = await office.submitted()
    await office.press(LEE, "approve", number, 1)
    await office.press(ANA, "assign", number, 2, sme=KOFI)
    answer = await office.press(LEE, "approve", number, 1)
    assert (answer.view.request.status, answer.note) == (Status.ASSIGNED, "")


@pytest.mark.parametrize("revision", [1, 3, -1, 10**9])
async def test_a_press_on_a_card_of_another_revision_changes_nothing(office, revision):
    number = await office.approved()
    answer = await office.press(LEE, "deny", number, revision, deny_reason="out_of_scope")
    assert (answer.view.request.status, answer.note) == (Status.APPROVED, OVERTAKEN)
    assert len(await office.requests.history(number)) == 2


async def test_a_press_on_a_stale_card_is_answered_before_its_inputs_are_judged(office):
    number = await office.submitted()
    await office.press(DANA, "withdraw", number)
    answer = await office.press(LEE, "delegate", number, 1, delegate_to="stranger@home.example")
    assert answer.note == OVERTAKEN


async def test_an_overtaken_press_says_what_happened_by_whom_and_when(office):
    number = await office.submitted()
    await office.press(DANA, "withdraw", number)
    answer = await office.press(LEE, "approve", number)
    assert answer.note == OVERTAKEN
    last = answer.view.request.last
    assert (last.action, last.by_name, last.at) == (Action.WITHDRAW, "Dana Reyes", office.now)


async def test_an_unknown_number_and_somebody_elses_are_the_same_answer(office):
    number = await office.submitted()
    sentences = set()
    for who, asked in ((JOSHUA, number), (JOSHUA, UNKNOWN), (JOSHUA, "nonsense"), (KOFI, number), (MIKA, number)):
        for attempt in (
            office.desk.lookup.view(await office.person(who), asked),
            office.press(who, "approve", asked, 1),
            office.press(who, "refresh", asked, 1),
            office.press(who, "explode", asked, 1),
        ):
            with pytest.raises(Refusal) as refused:
                await attempt
            sentences.add(refused.value.sentence)
    assert len(sentences) == 1


@pytest.mark.parametrize("who", [DANA, PIOTR, ANA, SAMIRA])
async def test_who_may_see_a_request_but_not_decide_it_is_refused_and_nothing_changes(office, who):
    number = await office.submitted()
    with pytest.raises(Refusal, match="not for you"):
        await office.press(who, "approve", number)
    assert len(await office.requests.history(number)) == 1


@pytest.mark.parametrize("verb", ["", "submit", "resubmit", "explode", "APPROVE"])
async def test_a_forged_verb_is_refused(office, verb):
    number = await office.submitted()
    with pytest.raises(Refusal):
        await office.press(DANA, verb, number)
    assert len(await office.requests.history(number)) == 1


async def test_a_number_in_lower_case_is_pressed_and_shown_all_the_same(office):
    number = await office.submitted()
    answer = await office.press(DANA, "withdraw", number.lower(), 1)
    assert answer.view.request.status is Status.WITHDRAWN


async def test_refreshing_changes_nothing(office):
    number = await office.submitted()
    answer = await office.press(DANA, "refresh", number, 7)
    assert (answer.view.request.revision, answer.note) == (1, "")


async def test_delegating_moves_the_card_and_the_former_fpms_old_card_is_answered(office):
    number = await office.submitted()
    await office.press(LEE, "delegate", number, delegate_to=RENEE)
    assert (await office.request(number)).fpm == RENEE
    assert await office.told(number, 2) == {RENEE: "decision", DANA: "news"}
    await office.press(RENEE, "approve", number)
    presses = (("approve", {}, OVERTAKEN), ("delegate", {"delegate_to": RENEE}, ""), ("refresh", {}, ""))
    for verb, inputs, note in presses:
        answer = await office.press(LEE, verb, number, 1, **inputs)
        assert (answer.view.request.status, answer.note, answer.view.allowed) == (Status.APPROVED, note, frozenset())
    with pytest.raises(Refusal, match="no such request"):
        await office.desk.lookup.view(await office.person(LEE), number)


async def test_a_backup_fpm_who_was_not_asked_knows_no_request_but_is_the_first_choice_to_delegate_to(office):
    number = await office.submitted()
    with pytest.raises(Refusal, match="no such request"):
        await office.press(MIKA, "approve", number)
    view = await office.desk.lookup.view(await office.person(LEE), number)
    assert [p.email for p in view.fpms] == [MIKA, ARJUN, RENEE]


@pytest.mark.parametrize(
    ("verb", "inputs"),
    [
        ("delegate", {}),
        ("delegate", {"delegate_to": KOFI}),
        ("delegate", {"delegate_to": DANA}),
        ("delegate", {"delegate_to": LEE}),
        ("delegate", {"delegate_to": RENEE, "delegate_to_other": "stranger@home.example"}),
        ("return", {"return_fields": "notes"}),
        ("deny", {}),
    ],
)
async def test_a_wrong_input_is_a_mistake_and_nothing_changes(office, verb, inputs):
    number = await office.submitted()
    with pytest.raises(Mistake):
        await office.press(LEE, verb, number, **inputs)
    assert len(await office.requests.history(number)) == 1


@pytest.mark.parametrize("inputs", [{}, {"sme": LEE}, {"sme": "x@y.example"}, {"sme": KOFI, "sme_other": "nobody"}])
async def test_an_assignment_needs_an_sme_of_the_directory(office, inputs):
    number = await office.approved()
    with pytest.raises(Mistake):
        await office.press(ANA, "assign", number, **inputs)


async def test_an_email_typed_beside_the_choice_of_people_counts_and_a_blank_one_does_not(office):
    first = await office.approved()
    answer = await office.press(ANA, "assign", first, sme=KOFI, sme_other=f" {LAURA.upper()} ")
    assert answer.view.request.sme == LAURA
    second = await office.approved(token="01" * 16)
    answer = await office.press(ANA, "assign", second, sme=KOFI, sme_other="  ")
    assert answer.view.request.sme == KOFI


async def test_the_choices_are_shown_to_those_who_can_choose(office):
    number = await office.approved()
    view = await office.desk.lookup.view(await office.person(ANA), number)
    assert view.ranking.candidates[0].person.email == KOFI
    assert (len(view.ranking.candidates), view.fpms) == (8, ())
    dana = await office.desk.lookup.view(await office.person(DANA), number)
    assert (dana.ranking, dana.fpms) == (Ranking(), ())
    assert [e.action for e in dana.history] == [Action.SUBMIT, Action.APPROVE]
