"""The steps that many stories have in common: a form filled in, a request brought to a certain point."""

import re

from tests.stories.running_bot import Bot
from tests.stories.shown_card import Message
from tests.teams import Person

CUSTOMER_TENANT = "72f988bf-86f1-41af-91ab-2d7cd011db47"
FORM = {
    "tenant_id": CUSTOMER_TENANT,
    "tenant_name": "Adventure Works",
    "tenant_segment": "Enterprise",
    "region": "EMEA",
    "role": "engineer",
    "workload": "TEAMS",
    "seat_count": "5,000",
    "primary_language": "en",
    "topic": "coaching",
    "justification": "Our team has tried the deployment guide and is stuck with calling plans.",
}
_NUMBER = re.compile(r"\b(?:CONTOSO|FABRIKAM|NORTHWIND)-[0-9A-Z]{6}\b")
_STOPS = {"next", "back", "submit"}


def number_in(words: str) -> str:
    found = _NUMBER.search(words)
    assert found, f"no request number in: {words}"
    return found[0]


async def open_page(person: Person) -> Message:
    """Return the form's card that waits for this person."""
    await person.until(
        lambda: any(m.verbs & _STOPS for m in person.chat), f"no page of the form is open to {person.name}"
    )
    return next(m for m in reversed(person.chat) if m.verbs & _STOPS)


async def fill_in(person: Person, **answers: str) -> Message:
    """Answer page after page until there is no next one; return the card that stands there then."""
    wanted = FORM | answers
    while "next" in (page := await open_page(person)).verbs:
        given = {key: wanted[key] for key in page.button("next").inputs if key in wanted}
        await person.press("next", on=page, **given)
        assert (await open_page(person)) is not page, f"the page came back:\n{page.words}"
    return page


async def review(person: Person, **answers: str) -> Message:
    """Begin a form and fill it in; return its last card."""
    await person.say("new request")
    return await fill_in(person, **answers)


async def submitted(person: Person, **answers: str) -> str:
    """Ask for an SME; return the number of the request."""
    page = await review(person, **answers)
    await person.press("submit", on=page)
    await person.teams.settle()
    return number_in(page.words)


async def approved(requester: Person, fpm: Person, **answers: str) -> str:
    number = await submitted(requester, **answers)
    await fpm.press("approve", showing=number)
    await fpm.teams.settle()
    return number


async def assigned(requester: Person, fpm: Person, assigner: Person, sme: Person, **answers: str) -> str:
    number = await approved(requester, fpm, **answers)
    await assigner.press("assign", showing=number, sme_other=sme.email)
    await assigner.teams.settle()
    return number


async def accepted(requester: Person, fpm: Person, assigner: Person, sme: Person, **answers: str) -> str:
    number = await assigned(requester, fpm, assigner, sme, **answers)
    await sme.press("accept", showing=number)
    await sme.teams.settle()
    return number


async def status_of(person: Person, number: str) -> str:
    """Type `status`; return the status word of the card that answers."""
    words = await person.say(f"status {number}")
    found = re.search(r"^Status: (\w+)$", words, re.MULTILINE)
    assert found, words
    return found[1]


def statuses(bot: Bot) -> dict[str, str]:
    return {number: row["status"] for number, row in bot.request_rows().items()}
