"""The directory is loaded anew while the bot runs: who has left is refused at the next message, who came is known."""

import csv
import shutil

from bot.settings import read_settings
from state.directory_files import read_files
from state.people import PeopleStore
from state.sqlite import SqliteStore
from tests.stories.journey import submitted
from tests.teams import SAMPLE


async def load(bot, change):
    """Load a changed copy of the sample directory as another process does, who is missing removed."""
    folder = bot.folder / "directory"
    shutil.copytree(SAMPLE, folder, dirs_exist_ok=True)
    with (folder / "people.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with (folder / "people.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(changed for row in rows if (changed := change(row)))
    store = SqliteStore(bot.folder / "sme.db")
    await store.open()
    await PeopleStore(store).load(read_files(folder, read_settings({}).home_tenant), remove_missing=True)
    await store.close()


async def test_who_is_removed_is_refused_at_the_next_message(bot):
    dana, _lee = await bot.people("Dana Reyes", "Lee Park")
    assert "new request" in await dana.say("help")

    await load(bot, lambda row: row if row["email"] != dana.email else None)

    assert "not registered" in await dana.say("help")


async def test_a_changed_name_stands_on_the_next_card(bot):
    dana, lee = await bot.people("Dana Reyes", "Lee Park")
    await submitted(dana)

    await load(bot, lambda row: row | {"name": "Lee Park-Ortiz"} if row["email"] == lee.email else row)
    await lee.press("approve")

    await dana.sees("Approved by Lee Park-Ortiz")


async def test_people_who_write_from_a_new_place_are_all_answered(bot):
    people = [bot.teams.person(name) for name in ("Dana Reyes", "Joshua Whitfield", "Lee Park", "Ana Souza")]
    for person in people:
        await person.install()
        person.service = f"{bot.teams.url}/amer/{person.tenant_id}/"
    for person in people:
        assert "help" in (await person.say("help")).lower()
