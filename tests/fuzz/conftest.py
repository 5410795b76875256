"""What the fuzz and the faults start from: a bot in production mode with requests in its store."""

from contextlib import asynccontextmanager

import pytest

from tests.channel.sign_in import running_sign_in, write_pem
from tests.fuzz.crowd import crowd, write_directory
from tests.fuzz.microsoft import running_microsoft
from tests.fuzz.production import production
from tests.stories.journey import assigned, submitted
from tests.stories.running_bot import running_bot

FIGURES = pytest.StashKey[list[str]]()


@pytest.fixture
def figures(request):
    """Lines for the end of the run."""
    return request.config.stash.setdefault(FIGURES, [])


def pytest_terminal_summary(terminalreporter):
    for line in terminalreporter.config.stash.get(FIGURES, []):
        terminalreporter.line(line)


@pytest.fixture
async def microsoft():
    async with running_microsoft() as running:
        yield running


@pytest.fixture(scope="session")
def pem(tmp_path_factory):
    return write_pem(tmp_path_factory.mktemp("pem") / "loopback.pem")


@pytest.fixture
def people(microsoft, tmp_path):
    return crowd(microsoft.chats, write_directory(tmp_path / "directory"))


@pytest.fixture
async def start(microsoft, people, pem, tmp_path, free_port):
    """Return what starts the bot in production mode, over whatever the store holds."""

    @asynccontextmanager
    async def started(**settings):
        given = {"SME_DIRECTORY": str(tmp_path / "directory"), "REQUESTS_CA_BUNDLE": str(pem), **settings}
        async with production(microsoft, sign_in, tmp_path, free_port, **given) as bot:
            yield bot

    async with running_sign_in(pem) as sign_in:
        yield started


@pytest.fixture
async def numbers(people, tmp_path):
    """Two requests of people outside the crowd: one waits for its FPM, one for its SME."""
    async with running_bot(tmp_path, SME_DIRECTORY=str(tmp_path / "directory")) as bot:
        dana, lee, ana, kofi = await bot.people("Dana Reyes", "Lee Park", "Ana Souza", "Kofi Mensah")
        first = await submitted(dana)
        return [first, await assigned(dana, lee, ana, kofi, workload="EXCHANGE")]
