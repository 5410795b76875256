"""Something around the bot hangs or is broken: whoever has nothing to do with it is served as quickly as ever."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

import app
from bot.domain.people import Address, Identity
from bot.settings import read_settings
from state.people import PeopleStore
from tests.fuzz.authentic import executed
from tests.fuzz.crowd import HOME_TENANT
from tests.fuzz.production import Answer, Production
from tests.stories.activities import press_of
from tests.teams import FakeTeams, Person

STUCK, OTHERS, AT_ONCE = 60, 200, 20
PATIENCE = 60

Quiet = tuple[float, float]
"""The p99 of turns and presses, in seconds, while nothing is wrong."""


async def served(people: list[Person], turn: Callable[[Person], Awaitable[Answer]]) -> list[Answer]:
    """Give everybody a turn, some at the same time; each must be handled."""
    together = asyncio.Semaphore(AT_ONCE)

    async def one(person: Person) -> Answer:
        async with together:
            return await turn(person)

    answers = await asyncio.gather(*map(one, people))
    assert {answer.status for answer in answers} == {200}
    return answers


def p99(answers: Iterable[Answer]) -> float:
    seconds = sorted(answer.seconds for answer in answers)
    return seconds[-(-len(seconds) * 99 // 100) - 1]


async def both_kinds(bot: Production, people: list[Person]) -> tuple[float, float]:
    """Give these people a turn and a press each; return the p99 of both in seconds."""
    turns = await served(people, lambda person: bot.deliver(person.activity(text="help")))
    presses = await served(people, lambda person: bot.deliver(executed(person, "approve", "CONTOSO-000000")))
    return p99(turns), p99(presses)


async def check_both_kinds(bot: Production, people: list[Person], figures: list[str], why: str, quiet: Quiet) -> None:
    """Check that turns of these people end within 2 s and presses within 1.5 s, at p99.

    On a machine so busy that they take that long in quiet too, no more than three times as long as then.
    """
    turns, presses = await both_kinds(bot, people)
    figures.append(f"p99 while {why}: turns {turns:.3f} s, presses {presses:.3f} s; in quiet {quiet[0]:.3f} s")
    assert turns < max(2, 3 * quiet[0])
    assert presses < max(1.5, 3 * quiet[1])


async def ask_fpm(bot: Production, person: Person) -> Answer:
    """Begin a form and send a question to the FPM of the crowd, Renee Carter, who is owed a notice then."""
    await bot.deliver(person.activity(text="new request"))
    page = bot.microsoft.chats.newest[person.conversation]
    return await bot.deliver(press_of(person, page, page.button("ask_fpm"), {"question": "May I ask you something?"}))


async def attended(bot: Production, count: int) -> None:
    """Wait until so many notices have come to their end, by mail or parked."""
    async with asyncio.timeout(PATIENCE):
        while len(list(bot.folder.glob("mail/*.eml"))) + (await bot.health())["notices"]["parked"] < count:
            pass


async def test_turns_of_others_are_quick_while_the_connector_hangs_for_sixty(start, people, microsoft, figures):
    stuck, others = people[:STUCK], people[STUCK : STUCK + OTHERS]
    async with start() as bot:
        quiet = await both_kinds(bot, others)
        microsoft.chats.hanging = {person.conversation for person in stuck}
        hanging = [asyncio.create_task(bot.deliver(person.activity(text="help"))) for person in stuck]
        await microsoft.chats.until(STUCK)
        await check_both_kinds(bot, others, figures, f"the connector hangs for {STUCK} chats", quiet)
        ended = await asyncio.gather(*hanging)
        assert {answer.status for answer in ended} == {200}
        assert p99(ended) < max(2, 1.5 + 3 * quiet[0])
        assert not bot.complaints


async def test_nothing_goes_to_the_foreign_host_of_a_stored_reference(start, people, microsoft, tmp_path, figures):
    renee = FakeTeams().person("Renee Carter")
    directory = {"SME_STORAGE": f"sqlite:{tmp_path / 'sme.db'}", "SME_DIRECTORY": str(tmp_path / "directory")}
    chosen = read_settings(directory)
    async with app.opened(chosen) as store:
        await app.load_first_directory(chosen, store)
        foreign = Address(f"{microsoft.foreign_url}/emea/", "a:1renee", HOME_TENANT, "29:1renee", "28:bot")
        assert await PeopleStore(store).remember_address(Identity(renee.tenant_id, renee.object_id), foreign)
    askers, others = people[:STUCK], people[STUCK : STUCK + OTHERS]
    async with start() as bot:
        quiet = await both_kinds(bot, others)
        await served(askers, lambda person: ask_fpm(bot, person))
        await check_both_kinds(bot, others, figures, "notices are owed to a foreign host", quiet)
        await attended(bot, STUCK)
        assert not [line for line in bot.complaints if "traceback" in line]
    assert not microsoft.foreign_calls


async def test_turns_go_on_while_the_key_server_hangs(start, people, microsoft, figures):
    strangers, others = people[:AT_ONCE], people[AT_ONCE : AT_ONCE + OTHERS]
    async with start() as bot:
        quiet = await both_kinds(bot, others)
        microsoft.keys_hang = True
        waiting = [asyncio.create_task(bot.deliver(p.activity(text="help"), key_id="unknown")) for p in strangers]
        await check_both_kinds(bot, others, figures, "the key server hangs", quiet)
        assert {(await each).status for each in waiting} == {401}
        assert not bot.complaints


async def test_turns_go_on_while_no_mail_can_be_written(start, people, tmp_path, figures):
    (tmp_path / "occupied").write_text("no folder", "utf-8")
    askers, others = people[:STUCK], people[STUCK : STUCK + OTHERS]
    async with start(SME_MAIL=f"folder:{tmp_path / 'occupied' / 'mail'}") as bot:
        quiet = await both_kinds(bot, others)
        await served(askers, lambda person: ask_fpm(bot, person))
        await check_both_kinds(bot, others, figures, "no mail can be written", quiet)
        assert (await bot.health())["notices"]["pending"] == STUCK
        assert not bot.complaints
