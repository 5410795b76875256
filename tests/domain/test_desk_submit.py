"""The desk and the form: one form is one request, checked again, and shown with the earlier ones."""

import asyncio
from datetime import timedelta

import pytest

from bot.domain.errors import Mistake, Refusal
from bot.domain.lifecycle import Action, Status
from bot.domain.numbers import request_number
from bot.domain.people import Directory, Partner
from tests.domain.office import ANA, ANSWERS, DANA, HOURS, JOSHUA, LEE, MIKA, MONDAY, RENEE, SAMIRA, TOKEN

OTHER_CUSTOMER = {"tenant_id": "0a0a0a0a-86f1-41af-91ab-2d7cd011db47", "tenant_name": "Wingtip"}


async def test_a_submitted_form_becomes_a_request_with_its_verdict_and_its_first_event(office):
    dana = await office.person(DANA)
    view = await office.desk.intake.submit(dana, TOKEN, ANSWERS)
    request = view.request
    assert (request.number, request.status, request.revision) == (
        request_number("CONTOSO", TOKEN),
        Status.SUBMITTED,
        1,
    )
    assert (request.requester, request.fpm, request.partner, request.token) == (DANA, LEE, "CONTOSO", TOKEN)
    assert (request.verdict.rule, request.verdict.version) == ("core", "2020-02-24.1")
    assert request.submitted_at == request.triage_from == request.decide_from == MONDAY
    assert request.answers == ANSWERS
    assert view.assignment_address == "assignment@fasttrack.example"
    assert view.name_of(LEE) == "Lee Park"
    assert view.name_of("x@y.example") == "x@y.example"
    assert str(view.zone) == "Europe/Madrid"
    [event] = await office.requests.history(request.number)
    assert (event.action, event.by, event.by_name) == (Action.SUBMIT, DANA, "Dana Reyes")
    assert await office.told(request.number, 1) == {DANA: "receipt", LEE: "decision"}
    assert office.nudged == [request.number]


async def test_the_same_form_twice_is_one_request(office):
    number = await office.submitted()
    assert await office.submitted() == number
    assert len(await office.requests.history(number)) == 1
    assert office.nudged == [number]


async def test_the_same_form_from_twenty_at_once_is_one_request(office):
    numbers = await asyncio.gather(*(office.submitted() for _ in range(20)))
    assert len(set(numbers)) == 1
    assert len(await office.requests.history(numbers[0])) == 1
    assert len(await office.requests.notices_of(numbers[0])) == 2


class OneNumber:
    """Requests in a store where another form's request stands at the first numbers of a token."""

    def __init__(self, requests, taken, how_many):
        self.requests = requests
        self.taken = taken
        self.numbers = {request_number("CONTOSO", TOKEN, attempt) for attempt in range(how_many)}

    def __getattr__(self, name):
        return getattr(self.requests, name)

    async def load(self, number):
        return await self.requests.load(self.taken if number in self.numbers else number)


@pytest.mark.parametrize("how_many", [1, 7])
async def test_a_form_whose_number_is_taken_gets_the_next_one(office, how_many):
    taken = await office.submitted(token="00" * 16)
    desk = office.desk_over(OneNumber(office.requests, taken, how_many))
    dana = await office.person(DANA)
    view = await desk.intake.submit(dana, TOKEN, ANSWERS)
    assert view.request.number == request_number("CONTOSO", TOKEN, how_many)
    assert (await desk.intake.submit(dana, TOKEN, ANSWERS)).request.number == view.request.number
    assert (await desk.intake.by_token(dana, TOKEN)).request.number == view.request.number


async def test_a_form_that_finds_no_free_number_is_asked_to_press_again(office):
    taken = await office.submitted(token="00" * 16)
    desk = office.desk_over(OneNumber(office.requests, taken, 8))
    with pytest.raises(Refusal, match="press again"):
        await desk.intake.submit(await office.person(DANA), TOKEN, ANSWERS)
    assert await desk.intake.by_token(await office.person(DANA), TOKEN) is None


class LateReader:
    """Requests that miss what was committed a moment ago until they try to commit themselves."""

    def __init__(self, requests):
        self.requests = requests
        self.is_late = True

    def __getattr__(self, name):
        return getattr(self.requests, name)

    async def load(self, number):
        return None if self.is_late else await self.requests.load(number)

    async def commit(self, *change):
        self.is_late = False
        await self.requests.commit(*change)


async def test_a_form_that_was_sent_elsewhere_at_the_same_moment_is_answered_with_its_request(office):
    number = await office.submitted()
    office.desk = office.desk_over(LateReader(office.requests))
    assert await office.submitted() == number
    assert len(await office.requests.history(number)) == 1


async def test_the_request_of_a_form_is_found_by_its_token(office):
    dana = await office.person(DANA)
    assert await office.desk.intake.by_token(dana, TOKEN) is None
    number = await office.submitted()
    assert (await office.desk.intake.by_token(dana, TOKEN)).request.number == number
    assert await office.desk.intake.by_token(await office.person(JOSHUA), TOKEN) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"seat_count": "0"},
        {"fpm": DANA},
        {"fpm": "stranger@home.example"},
        {"partner_name": "FABRIKAM"},
        {"justification": ""},
        {"secondary_language": "en"},
        {"workload": "AADP_P1", "seat_count": "150"},
    ],
)
async def test_answers_that_do_not_stand_make_no_request(office, wrong):
    with pytest.raises(Mistake):
        await office.submitted(**wrong)
    assert await office.requests.load(request_number("CONTOSO", TOKEN)) is None


async def test_a_self_deploy_workload_makes_no_request_and_the_answer_names_the_rule(office):
    with pytest.raises(Refusal, match="self-deployment guidance"):
        await office.submitted(workload="AIP_P1")
    assert await office.requests.load(request_number("CONTOSO", TOKEN)) is None


async def test_a_requester_of_no_known_partner_makes_no_request(office):
    with pytest.raises(Mistake):
        await office.submitted(by=LEE)


async def test_answers_of_questions_no_longer_asked_are_not_stored(office):
    number = await office.submitted(exception_reason="Left over from before, long enough.", email_source="google")
    assert (await office.request(number)).answers == ANSWERS


async def test_duplicates_and_repeats_are_shown_and_stored(office):
    first = await office.submitted()
    repeat = await office.submitted(token="01" * 16, **OTHER_CUSTOMER)
    dana = await office.person(DANA)
    found = await office.desk.intake.earlier(dana, ANSWERS)
    assert [(e.number, e.is_duplicate) for e in found] == [(first, True), (repeat, False)]
    assert [e.number for e in await office.desk.intake.earlier(dana, ANSWERS, besides=first)] == [repeat]
    second = await office.submitted(token="02" * 16)
    assert (await office.request(second)).earlier == found
    office.now += timedelta(days=366)
    assert [e.number for e in await office.desk.intake.earlier(dana, ANSWERS, besides=second)] == [first]


async def test_another_partners_requests_are_nobodys_business(office):
    await office.submitted()
    assert await office.desk.intake.earlier(await office.person(JOSHUA), ANSWERS) == ()


async def test_the_newest_repeats_are_shown_however_many_there_are(office):
    numbers = []
    for n in range(24):
        office.now += HOURS
        tenant_id = f"{n:08d}-86f1-41af-91ab-2d7cd011db47"
        numbers.append(await office.submitted(token=f"{n:032x}", tenant_id=tenant_id))
    found = await office.desk.intake.earlier(await office.person(DANA), ANSWERS)
    assert [e.number for e in found] == numbers[:-6:-1]


async def test_the_form_offers_the_partners_and_fpms_of_the_directory(office):
    context = await office.desk.intake.form_context(await office.person(DANA), ANSWERS | {"exception_reason": "gone"})
    assert list(context.partners) == ["CONTOSO"]
    assert {LEE, MIKA, RENEE} <= set(context.fpms)
    assert context.answers == ANSWERS
    assert context.verdict.rule == "core"
    assert (await office.desk.intake.form_context(await office.person(LEE), {})).partners == {}


async def test_a_partner_may_leave_the_directory_and_its_requests_stay_with_who_looks_after_them(office):
    number = await office.submitted()
    directory = await office.people.export()
    left = {code: p for code, p in directory.partners.items() if code != "CONTOSO"}
    await office.people.load(Directory(left, directory.people), remove_missing=True)
    answer = await office.press(LEE, "refresh", number)
    assert answer.view.partner == Partner("CONTOSO", "CONTOSO", "EMEA", (), LEE)
    assert (await office.desk.lookup.view(await office.person(SAMIRA), number)).request.number == number
    await office.press(LEE, "approve", number)
    assert (await office.told(number, 2))[ANA] == "assignment"


async def test_a_form_that_ends_with_guidance_is_counted_once(office):
    dana = await office.person(DANA)
    for workload in ("AIP_P1", "AIP_P1", "MCAS"):
        await office.desk.intake.deflected(dana, TOKEN, ANSWERS | {"workload": workload, "seat_count": "200"})
    table = office.store.table("requests")
    rows = [row.values async for row in table.scan("CONTOSO", "deflection:", "deflection;")]
    assert [(row["workload"], row["seats"], row["region"]) for row in rows] == [
        ("AIP_P1", 200, ANSWERS["region"]),
        ("MCAS", 200, ANSWERS["region"]),
    ]
