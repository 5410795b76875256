"""A backup taken from a busy bot: another one starts on what was restored, and everything goes on."""

import asyncio
import os
import sys
from datetime import UTC, datetime

import app
from state.backup import Backup
from state.backup_file import Head
from state.history import HistoryCheck
from state.sqlite import SqliteStore
from state.views_rebuild import ViewsRebuild
from tests.domain.office import DANA, opened_office
from tests.state.kept_rows import nothing_said, restored
from tests.stories.journey import approved, statuses, submitted
from tests.stories.running_bot import Bot, bot_process, running_bot
from tests.teams import running_teams


async def typed(bot, *words):
    """Type a command on the bot's store; return its exit code and what it printed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, app.__file__, *map(str, words), env={**os.environ, **bot.environment}, stdout=-1, stderr=-1
    )
    out, errors = await process.communicate()
    return process.returncode, out.decode() + errors.decode()


async def test_what_was_kept_of_a_busy_bot_goes_on_at_another(tmp_path, free_port):
    async with running_teams() as teams:
        old, new = (Bot(teams, tmp_path / name) for name in ("old", "new"))
        async with bot_process(old, free_port):
            names = ("Dana Reyes", "Lee Park", "Joshua Whitfield", "Renee Carter", "Piotr Zieliński")
            dana, lee, joshua, renee, piotr = await old.people(*names)
            known = [await approved(dana, lee), await submitted(dana, workload="INTUNE")]
            taking = asyncio.create_task(typed(old, "backup", tmp_path / "backup.gz"))

            places = iter(range(1_000))
            while not taking.done():
                await old.advance(61)  # so much within a minute is not typed by anybody
                for requester, fpm in ((dana, lee), (joshua, renee)):
                    customer = f"{next(places):08x}-1111-4111-8111-111111111111"
                    await approved(requester, fpm, tenant_id=customer, workload="YAMMER")
            code, said = await taking
            assert code == 0, said
        await restored_well(new.folder / "sme.db", tmp_path / "backup.gz")
        kept = statuses(new)
        assert set(known) <= set(kept) <= set(statuses(old))
        async with bot_process(new, free_port):
            await new.advance(600)
            health = await new.health()
            assert (health["status"], health["notices"]["pending"], health["clocks"]["overdue"]) == ("ok", 0, 0)
            for number in [number for number, status in kept.items() if status == "submitted"]:
                fpm = lee if number.startswith("CONTOSO") else renee
                # The card in the chat may show what was decided after the backup, and have no buttons any more.
                await fpm.say(f"status {number}")
                await fpm.press("approve", showing=number)
            assert set(statuses(new).values()) == {"approved"}
            # Of Dana and Joshua the backup may hold a form half filled in, which they would be offered first.
            assert await submitted(piotr, workload="TEAMS", tenant_name="Fourth Coffee") not in kept


async def restored_well(place, file):
    """Restore into a new store; its histories are right, and its lists after they are made anew."""
    store = SqliteStore(place)
    await store.open()
    await restored(store, file)
    assert [fault async for _, fault in HistoryCheck(store).faults() if fault] == []
    for _ in range(2):
        rebuilt = await ViewsRebuild(store, lambda: datetime.now(UTC), nothing_said).run()
    assert (rebuilt.written, rebuilt.removed) == (0, 0)
    await store.close()


async def test_what_was_still_to_be_told_is_told_although_the_work_for_it_is_lost(store, tmp_path):
    office = await opened_office(store)
    office.now = datetime.now(UTC)
    number = await office.submitted()
    await Backup(NoWork(store), nothing_said).write(tmp_path / "1.gz", Head(office.now, "0.1.0"))
    await restored_well(tmp_path / "new" / "sme.db", tmp_path / "1.gz")
    async with running_bot(tmp_path / "new") as bot:
        await bot.advance(0)
        assert number in "".join(mail["Subject"] for mail in bot.mails() if mail["To"] == DANA)
        assert [row for place, row in bot.rows().items() if "views-pending" in place] == []


class NoWork:
    """A store as a backup under load may see it: what was planned for a change was not there yet."""

    def __init__(self, store):
        self.store = store

    def table(self, name):
        return self if name == "work" else self.store.table(name)

    async def partitions(self):
        for none in ():
            yield none
