"""People at their Playground pages, and pictures of what they see, kept in a folder for each story."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.browser import Person, local_run, open_browser

Picture = Callable[[Person, str], Awaitable[None]]
OUT = Path(__file__).resolve().parents[2] / "out"


@asynccontextmanager
async def people_at_their_pages(
    chromium_path: str, folder: Path, *names: str, **settings: str
) -> AsyncIterator[list[Person]]:
    """Start a local run that keeps everything in a folder, and open the page of each of these people.

    What breaks off in the midst of it says what everybody's newest card shows.
    """
    kept = {"SME_STORAGE": f"sqlite:{folder / 'sme.db'}", "SME_MAIL": f"folder:{folder / 'mail'}"}
    async with local_run(**kept, **settings) as addresses, open_browser(chromium_path) as browser:
        people = [await Person.at(browser, addresses[name]) for name in names]
        try:
            yield people
        except Exception as failure:
            for name, person in zip(names, people, strict=True):
                failure.add_note(f"{name} sees: {' / '.join(await person.card().all_inner_texts())}")
            raise


@pytest.fixture
def picture(request):
    """Keep what a person sees, numbered in the order of the story."""
    folder, taken = OUT / request.path.stem.removeprefix("test_"), []

    async def take(person: Person, name: str) -> None:
        taken.append(name)
        await person.take_picture(folder / f"{len(taken):02d}-{name}.png")

    return take
