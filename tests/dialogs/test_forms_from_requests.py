"""Forms begun from a request: another workload, and a returned request to fix."""

from bot.domain.desk import Press
from bot.domain.lifecycle import Status
from tests.dialogs.chat import CUSTOMER, NEED


async def sent(chat, left_behind):
    """Send a request, and return its number."""
    await chat.type("new request")
    await chat.fill()
    await chat.press("submit")
    return left_behind[-1]


async def returned(desk, frank, number, fields="seat_count"):
    view = await desk.lookup.view(frank.person, number)
    inputs = {"return_note": "Please check.", "return_fields": fields}
    await desk.press(frank.person, Press("return", number, view.request.revision, inputs))


async def test_another_workload_begins_with_the_answers_that_stay(rita, left_behind):
    number = await sent(rita, left_behind)
    await rita.type(f"status {number}")
    await rita.press("again")
    assert "value" not in rita.newest.inputs["workload"]
    await rita.press("next", **NEED | {"workload": "INTUNE"})
    await rita.fill()
    await rita.press("submit")
    assert len(set(left_behind)) == 2


async def test_another_workload_does_not_lose_a_draft(rita, left_behind):
    number = await sent(rita, left_behind)
    await rita.type("new request")
    await rita.press("next", **CUSTOMER | {"tenant_name": "Tailspin"})
    await rita.type(f"status {number}")
    await rita.press("again")
    assert "Tailspin" in rita.newest.text
    await rita.press("resume")
    assert (await rita.remembered()).answers["tenant_name"] == "Tailspin"
    await rita.type(f"status {number}")
    await rita.press("again")
    await rita.press("afresh")
    assert (await rita.remembered()).answers["tenant_name"] == "Fabrikam"
    assert "workload" in rita.newest.inputs


async def test_a_returned_request_opens_the_pages_to_fix_and_is_sent_again(rita, frank, desk, left_behind):
    number = await sent(rita, left_behind)
    await returned(desk, frank, number, "seat_count,contact_email")
    await rita.type(f"status {number}")
    await rita.press("fix")
    assert rita.newest.inputs["seat_count"]["value"] == "5000"
    await rita.press("next", seat_count="6000")
    assert "contact_email" in rita.newest.inputs
    await rita.press("back")
    await rita.press("next")
    await rita.press("next")
    review = rita.newest
    assert number in review.text
    await rita.press("submit")
    assert review.text.startswith(f"Sent again as {number}")
    request = (await desk.lookup.view(rita.person, number)).request
    assert (request.status, request.answers["seat_count"]) == (Status.SUBMITTED, "6000")


async def test_a_fix_that_was_left_goes_on_with_its_answers(rita, frank, desk, left_behind):
    number = await sent(rita, left_behind)
    await returned(desk, frank, number)
    await rita.type(f"status {number}")
    await rita.press("fix")
    await rita.press("next", seat_count="6000")
    await rita.type("cancel")
    await rita.press("fix")
    assert rita.newest.inputs["seat_count"]["value"] == "6000"


async def test_a_fix_does_not_lose_a_draft(rita, frank, desk, left_behind):
    number = await sent(rita, left_behind)
    await returned(desk, frank, number)
    await rita.type("new request")
    await rita.press("next", **CUSTOMER | {"tenant_name": "Tailspin"})
    await rita.type(f"status {number}")
    await rita.press("fix")
    assert rita.newest.verbs == {"resume", "afresh"}
    await rita.press("afresh")
    assert rita.newest.inputs["seat_count"]["value"] == "5000"


async def test_a_colleague_may_fix_and_the_other_fix_is_told_so(rita, carl, frank, desk, left_behind):
    number = await sent(rita, left_behind)
    await returned(desk, frank, number)
    for chat in (rita, carl):
        await chat.type(f"status {number}")
        await chat.press("fix")
        await chat.press("next")
    await carl.press("submit")
    review = rita.newest
    await rita.press("submit")
    assert "submitted" in review.text
    assert "submit" in review.verbs


async def test_a_fix_that_was_left_is_begun_anew_when_a_colleague_has_sent_the_request_again(
    rita, carl, frank, desk, left_behind
):
    number = await sent(rita, left_behind)
    await returned(desk, frank, number)
    await rita.type(f"status {number}")
    await rita.press("fix")
    await rita.press("cancel")
    await carl.type(f"status {number}")
    await carl.press("fix")
    await carl.press("next", seat_count="7,777")
    await carl.press("submit")
    await returned(desk, frank, number)

    await rita.type(f"status {number}")
    await rita.press("fix")
    await rita.press("next")
    assert "7,777" in rita.newest.text


async def test_a_request_that_is_not_returned_has_nothing_to_fix(rita, left_behind):
    number = await sent(rita, left_behind)
    assert "nothing to fix" in await rita.send({"verb": "fix", "request": number})
