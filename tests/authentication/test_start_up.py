"""How `python app.py` begins: production refuses what would let strangers in, each thing in a line of its own."""

import asyncio
import os
import sys

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from bot.settings import SettingsError, read_settings
from tests.authentication.forger import SignedActivity
from tests.authentication.stock import StockBot, without_app_id
from tests.stories.running_bot import ROOT
from tests.teams import FakeTeams

COMPLETE = {
    "SME_MODE": "production",
    "SME_ALLOW_SQLITE": "1",
    "MICROSOFT_APP_ID": "c9e8c047-2a34-40a1-b28a-b162d5f5327c",
    "MICROSOFT_APP_TYPE": "SingleTenant",
    "MICROSOFT_APP_TENANT_ID": "2b1e6f0a-93c4-4d1c-8f5e-1f0c6b7d8e90",
    "MICROSOFT_APP_PASSWORD": "hush",
}
FAULTS = [
    ({"MICROSOFT_APP_ID": ""}, "MICROSOFT_APP_ID"),
    ({"MICROSOFT_APP_TYPE": "MultiTenant"}, "MICROSOFT_APP_TYPE"),
    ({"MICROSOFT_APP_TENANT_ID": ""}, "MICROSOFT_APP_TENANT_ID"),
    ({"MICROSOFT_APP_PASSWORD": ""}, "No credential"),
    ({"SME_ALLOW_SQLITE": ""}, "SME_ALLOW_SQLITE"),
]
ALL_AT_ONCE = {name: value for changes, _ in FAULTS for name, value in changes.items()}


async def ended(folder, **settings):
    """Run the bot in an empty folder until it ends; return its exit code, its output and the lines of its errors."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SME_", "MICROSOFT_", "AZURE_"))}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(ROOT / "app.py"),
        env=kept | {"SME_PORT": "0"} | settings,
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(30):
            printed, errors = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return process.returncode, printed, errors.decode().splitlines()


@pytest.mark.parametrize(("changes", "named"), FAULTS)
async def test_production_does_not_start_with_a_fault_and_names_it_in_a_line(tmp_path, changes, named):
    code, printed, [line] = await ended(tmp_path, **COMPLETE | changes)

    assert (code, printed) == (2, b"")
    assert named in line
    assert not list(tmp_path.iterdir())


async def test_production_names_all_faults_at_once(tmp_path):
    code, printed, lines = await ended(tmp_path, **COMPLETE | ALL_AT_ONCE)

    assert (code, printed, len(lines)) == (2, b"", len(FAULTS))
    assert all(named in line for (_, named), line in zip(FAULTS, lines, strict=True))
    assert not list(tmp_path.iterdir())


async def test_without_sign_in_only_this_machine_is_listened_to(tmp_path):
    code, printed, [line] = await ended(tmp_path, SME_HOST="0.0.0.0")  # noqa: S104 - what is refused

    assert (code, printed) == (2, b"")
    assert "SME_HOST" in line
    assert not list(tmp_path.iterdir())


async def test_an_empty_issuer_is_a_fault_like_the_others(tmp_path):
    code, _, lines = await ended(tmp_path, **COMPLETE, SME_CHANNEL_ISSUER="")

    assert (code, len(lines)) == (2, 1)


async def test_without_an_app_id_the_stock_adapter_lets_anybody_in_and_this_bot_does_not_start():
    stock = StockBot(without_app_id())
    dana = FakeTeams(url="https://evil.example").person("Dana Reyes")
    forged = SignedActivity(dana.activity(text="help")).post(authorization=())
    async with TestServer(stock.application()) as server, aiohttp.ClientSession() as session:
        url = server.make_url("/api/messages")
        async with session.post(url, data=forged.body, headers=forged.headers) as answer:
            assert (answer.status, stock.turns) == (201, 1)
    with pytest.raises(SettingsError, match="MICROSOFT_APP_ID"):
        read_settings(COMPLETE | {"MICROSOFT_APP_ID": ""})
