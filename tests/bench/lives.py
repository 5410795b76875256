"""Whole lives of requests, each over a bot and a store of its own, and what every step of them took."""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from bot.clock import MovableClock
from bot.health import Health
from state.figures import StoreFigures
from state.work import WorkStore
from tests.bench.billed import BilledStore
from tests.bench.counted import DAY, HOUR, Life, Steps, begun
from tests.stories.journey import fill_in, number_in, open_page
from tests.teams import Person


async def _form(life: Life) -> None:
    await life.dana.say("new request")
    await fill_in(life.dana)


async def _submit(life: Life) -> None:
    page = await open_page(life.dana)
    await life.dana.press("submit", on=page)
    await life.bot.teams.settle()
    life.number = number_in(page.words)


async def _submitted(life: Life) -> None:
    await life.step("form of four pages, with the review", _form(life))
    await life.step("submit", _submit(life))
    await life.pass_time(2 * HOUR)


async def _fix(life: Life) -> None:
    await life.dana.press("fix", showing=life.number)
    await fill_in(life.dana, seat_count="6,500")
    await life.dana.press("submit", on=await open_page(life.dana))


async def _kickoff(life: Life) -> None:
    plan = {
        "mode": "with_partner",
        "expectations": "The partner leads every call; the SME coaches.",
        "outcomes": "Calling plans run for the first 500 users.",
        "exit_criteria": "500 users call out\nThe partner has led one cutover\nThe runbook is handed over",
        "start": life.day(7),
        "end": life.day(25),
    }
    await life.kofi.press("kickoff", showing=life.number, **plan)
    await life.bot.advance(0)
    await life.lee.press("agree", showing=life.number)
    await life.bot.advance(0)
    await life.dana.press("agree", showing=life.number, learners="Piotr Zieliński")


async def _helped(life: Life) -> None:
    """Go from the decision to the close."""
    number = life.number
    await life.step("approve", life.lee.press("approve", showing=number))
    await life.pass_time(2 * HOUR)
    await life.step("assign", life.ana.press("assign", showing=number, sme_other=life.kofi.email))
    await life.pass_time(18 * HOUR)
    await life.step("accept", life.kofi.press("accept", showing=number))
    await life.pass_time(6 * HOUR)
    await life.step("first contact", life.kofi.press("contacted", showing=number))
    await life.pass_time(DAY)
    await life.step("kick-off, agreed to by two", _kickoff(life))
    for days, summary in ((5, "Numbers are ported next week."), (5, "Numbers are ported.")):
        await life.pass_time(days * DAY)
        note = {"note_status": "on_track", "note_summary": summary, "note_next": "", "note_concerns": ""}
        await life.step("two notes", life.kofi.press("note", showing=number, **note))
    await life.pass_time(4 * DAY)
    ended = {"met": "1,2,3", "summary": "Calling runs.", "feedback": "A strong team."}
    await life.step("complete", life.kofi.press("complete", showing=number, **ended))
    await life.pass_time(DAY)
    await life.step("rate", life.dana.press("rate", data={"rating": 5}, rating_comment="Thank you."))
    await life.pass_time(DAY)
    await life.step("close", life.lee.press("close", showing=number))


async def straight(life: Life) -> None:
    await _submitted(life)
    await _helped(life)


async def denied(life: Life) -> None:
    await _submitted(life)
    await life.step("deny", life.lee.press("deny", showing=life.number, deny_reason="out_of_scope"))


async def returned(life: Life) -> None:
    await _submitted(life)
    asked = {"return_fields": ["seat_count"], "return_note": "Are these all licences?"}
    await life.step("return", life.lee.press("return", showing=life.number, **asked))
    await life.pass_time(20 * HOUR)
    await life.step("fix and send again", _fix(life))
    await life.pass_time(2 * HOUR)
    await _helped(life)


async def withdrawn(life: Life) -> None:
    await _submitted(life)
    await life.pass_time(DAY)
    await life.step("withdraw", life.dana.press("withdraw", showing=life.number))


LIVES: dict[str, Callable[[Life], Awaitable[None]]] = {
    each.__name__: each for each in (straight, denied, returned, withdrawn)
}


@dataclass(frozen=True, slots=True)
class Measured:
    """What a life took, step by step, and the bytes of its rows at the end."""

    steps: Steps
    stored: int


async def measured(name: str, folder: Path) -> Measured:
    async with begun(folder) as life:
        before = await life.store.size()
        await LIVES[name](life)
        await life.pass_time(2 * DAY)
        return Measured(life.steps, await life.store.size() - before)


async def _refresh(person: Person, number: str) -> None:
    """Look at the newest card of the request: Teams asks for it anew."""
    message = next(m for m in reversed(person.chat) if m.card and "refresh" in m.card and number in m.words)
    value = {"action": message.card["refresh"]["action"], "trigger": "automatic"}
    sent = person.activity(type="invoke", name="adaptiveCard/action", value=value, replyToId=message.id)
    await person.deliver(sent)


@dataclass(frozen=True, slots=True)
class Glances:
    """What looking took, and how many partners the FPM has whose list it was."""

    steps: Steps
    partners_of_the_fpm: int


async def glances(folder: Path) -> Glances:
    """Look at a list of each kind, at a request, and at a card that renews itself."""
    async with begun(folder) as life:
        await _submitted(life)
        await life.step("", life.lee.press("approve", showing=life.number))
        await life.step("", life.ana.press("assign", showing=life.number, sme_other=life.kofi.email))
        life.steps.clear()
        await life.step("a list of the requester", life.dana.say("my requests"))
        await life.step("a list of the FPM", life.lee.say("inbox"))
        await life.step("a list of the SME", life.kofi.say("engagements"))
        await life.step("a request, by its number", life.dana.say(f"status {life.number}"))
        await life.step("a card that renews itself", _refresh(life.kofi, life.number))
        return Glances(life.steps, len(await life.bot.teams.people_store.partners_of(life.lee.email)))


async def idle(folder: Path) -> Counter[str]:
    """Return the transactions of one look for due work, and of one report of /health."""
    async with begun(folder) as life:
        poll, health = BilledStore(life.store.store), BilledStore(life.store.store)
        clock = MovableClock()
        await WorkStore(poll, "idle", clock).claim_due()
        await Health(StoreFigures(health, clock), "azure", clock, lambda: True).report()
        return Counter(poll=poll.billed.total(), health=health.billed.total())
