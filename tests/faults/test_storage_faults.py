"""F5: while the storage fails in every way it has, people are told that it did not work, or it is saved."""

import asyncio
import os
import random
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.faults.checker import Acknowledged, World, violations
from tests.faults.outcomes_people import FPMS, fpm_of, requesters, write_directory
from tests.faults.outcomes_run import OPEN
from tests.faults.storage_proxy import StorageProxy, forget_everything, rows_of, running_proxy
from tests.state import conftest as stores
from tests.stories.connector import new_ids
from tests.stories.journey import FORM, open_page
from tests.stories.running_bot import Bot, running_bot
from tests.stories.shown_card import Message
from tests.teams import Person

OPERATIONS = int(os.environ.get("STORAGE_FAULT_OPERATIONS", "300"))
SEED = int(os.environ.get("STORAGE_FAULT_SEED", "0"))
OPERATIONS_OF_A_ROUND = 300
RATES = (0.01, 0.05, 0.15, 0.3)
OPERATIONS_OF_A_REQUEST = 7
ATTEMPTS = 40
ASSIGNER, SME = "Ana Souza", "Kofi Mensah"
NOT_DONE = ("Something went wrong here", "Somebody else is changing this request")
# What a press on a card is answered with when it counts.
DONE = {"approve": "Approved", "deny": "Denied", "return": "Returned", "withdraw": "Withdrawn", "assign": "Assigned"}


@dataclass
class Client:
    """Everybody in front of the bot: does again what did not work, and notes what was said."""

    bot: Bot
    proxy: StorageProxy
    stored: Callable[[str], Mapping[str, Mapping[str, Any]]]
    operations: int = 0
    told_not_done: int = 0
    silent: list[str] = field(default_factory=list)
    acknowledged: list[Acknowledged] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)

    async def submit(self, person: Person) -> str:
        """Fill in the form and send it; return the number that the person is told."""
        await self._until_done(person, lambda: person.say("new request"))
        for _ in range(ATTEMPTS):
            page = await self._page(person)
            if "submit" not in page.verbs:
                given = {key: FORM[key] for key in page.button("next").inputs if key in FORM}
                await self._until_done(person, lambda page=page, given=given: person.press("next", on=page, **given))
                continue
            self.tokens.append(page.button("submit").data["form"])
            await self._until_done(person, lambda page=page: person.press("submit", on=page))
            if number := sent_as(page):
                self.acknowledged.append(Acknowledged(number, "submit", person.email))
                return number
        raise AssertionError(f"{person.name} could not submit:\n{person.transcript}")

    async def _page(self, person: Person) -> Message:
        """Return the page that is open; a form that was saved although it was said to have failed is a draft by now."""
        is_open = any(message.verbs & {"next", "submit"} for message in person.chat)
        if not is_open and any("resume" in message.verbs for message in person.chat):
            await self._until_done(person, lambda: person.press("resume"))
        return await open_page(person)

    async def press(self, person: Person, verb: str, number: str, **inputs: str) -> None:
        card = await person.card_with(verb, showing=number)
        press = person.press_of(card, verb, **inputs)
        # Repeated as it was: what is said not to have worked may be saved, and its button gone.
        said = await self._until_done(person, lambda: person._turn({**press, "id": str(next(new_ids))}))
        if DONE[verb] in said and "had changed before" not in said:
            self.acknowledged.append(Acknowledged(number, verb, person.email))

    async def _until_done(self, person: Person, attempt) -> str:
        """Repeat until it is no longer said that it did not work."""
        for _ in range(ATTEMPTS):
            self.operations += 1
            before = len(person.chat)
            said = await attempt()
            if not said:
                self.silent.append(f"{person.name}, after message {before}:\n{person.transcript[-600:]}")
            if not any(words in said for words in NOT_DONE):
                return said
            self.told_not_done += 1
        raise AssertionError(f"it never worked for {person.name}:\n{person.transcript}")

    async def move_clock_under_faults(self) -> None:
        """Let due work run into the faults as well; the clock's own row may be out of reach."""
        teams = self.bot.teams
        for _ in range(3):
            async with teams._session.post(f"{teams.bot_url}/local/clock", json={"advance_seconds": 35}) as response:
                await response.read()

    async def heal(self) -> None:
        """End the faults, and move the clock on until nothing is owed; what failed is put off by minutes."""
        self.proxy.rate = 0.0
        # Longer than a lease, and twice: what was broken off while it was being done is done by then.
        await self.bot.advance(65)
        await self.bot.advance(65)
        for _ in range(60):
            if not (owed := self._owed()):
                return
            await self.bot.advance(65)
        raise AssertionError(f"still owed an hour after the faults: {owed}")

    def _owed(self) -> list[str]:
        """Return the notices that are still to be told, and the work that is still to be tried again."""
        notices = [name for name, row in self.stored("requests").items() if row.get("state") in OPEN]
        return notices + [name for name, row in self.stored("work").items() if row["failures"] and "reason" in row]


def sent_as(page: Message) -> str:
    """Return the number on what became of the review card, '' while it can still be sent."""
    return "" if page.verbs else next((word.strip(".,") for word in page.words.split() if "-" in word), "")


@pytest.mark.parametrize("seed", range(SEED, SEED + max(1, OPERATIONS // OPERATIONS_OF_A_ROUND)))
async def test_it_is_saved_or_the_person_is_told(seed, tmp_path, azurite, caplog, say):
    began = time.perf_counter()
    chosen = random.Random(seed)  # noqa: S311 - a repeatable choice
    count = min(OPERATIONS, OPERATIONS_OF_A_ROUND) // OPERATIONS_OF_A_REQUEST
    at_once = -(-count // len(RATES))
    directory = write_directory(tmp_path / "directory", count)
    straight = stores.connection_string(azurite)
    forget_everything(straight)
    async with running_proxy(f"http://127.0.0.1:{azurite}", seed) as proxy:
        through = stores.connection_string(int(proxy.url.rpartition(":")[2]))
        settings = {"SME_STORAGE": "azure", "AZURE_STORAGE_CONNECTION_STRING": through}
        async with running_bot(tmp_path, SME_DIRECTORY=str(directory), **settings) as bot:
            await bot.people(*FPMS, ASSIGNER, SME)
            client = Client(bot, proxy, lambda table: rows_of(straight, table))
            people = requesters(bot.teams, count)
            for index, proxy.rate in enumerate(RATES):
                first = index * at_once
                await through_the_process(client, people[first : first + at_once], first, chosen)
            world = World(
                client.stored,
                bot.teams,
                bot.mails(),
                client.acknowledged,
                client.tokens,
                ambiguous={person.conversation for person in bot.teams.people.values()},
                logs=caplog.text,
            )
            found = violations(world)
    say(report(client, proxy, time.perf_counter() - began))
    assert not client.silent, f"with seed {seed}, silent:\n" + "\n".join(client.silent)
    assert not found, f"with seed {seed}:\n" + "\n".join(found)


async def through_the_process(client: Client, wave: list[Person], first: int, chosen: random.Random) -> None:
    """Have each of the wave ask, and the others do what then waits for them, under the faults of the moment."""
    rate = client.proxy.rate
    teams = client.bot.teams
    numbers = await asyncio.gather(*(client.submit(person) for person in wave))
    await client.move_clock_under_faults()
    await client.heal()
    client.proxy.rate = rate
    ways = [chosen.choice(("approve", "deny", "return", "withdraw")) for _ in wave]
    await asyncio.gather(
        *(decide(client, each, fpm_of(first + at), numbers[at], ways[at]) for at, each in enumerate(wave))
    )
    await client.move_clock_under_faults()
    await client.heal()
    client.proxy.rate = rate
    approved = [number for number, way in zip(numbers, ways, strict=True) if way == "approve"]
    ana, kofi = teams.person(ASSIGNER), teams.person(SME)
    await asyncio.gather(*(client.press(ana, "assign", number, sme_other=kofi.email) for number in approved))
    await client.move_clock_under_faults()
    await client.heal()


async def decide(client: Client, requester: Person, fpm: str, number: str, way: str) -> None:
    inputs = {"deny": {"deny_reason": "duplicate"}, "return": {"return_note": "Please name the seats again."}}
    person = requester if way == "withdraw" else client.bot.teams.person(fpm)
    await client.press(person, way, number, **inputs.get(way, {}))


def report(client: Client, proxy: StorageProxy, seconds: float) -> str:
    met = ", ".join(f"{count} x {fault}" for fault, count in sorted(proxy.met.items()))
    done = Counter(told.action for told in client.acknowledged)
    return (
        f"F5: {client.operations:,} operations over {proxy.calls:,} storage calls in {seconds:.0f} s, "
        f"seed {proxy.seed}; {proxy.met.total():,} faults ({met}); "
        f"{client.told_not_done} were told that it did not work; {dict(done)}"
    )
