"""Pictures of what people see, kept in a folder for each story."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.browser import Person

Picture = Callable[[Person, str], Awaitable[None]]
OUT = Path(__file__).resolve().parents[2] / "out"


@pytest.fixture
def picture(request):
    """Keep what a person sees, numbered in the order of the story."""
    folder, taken = OUT / request.path.stem.removeprefix("test_"), []

    async def take(person: Person, name: str) -> None:
        taken.append(name)
        await person.take_picture(folder / f"{len(taken):02d}-{name}.png")

    return take
