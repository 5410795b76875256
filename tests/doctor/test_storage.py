"""A store that cannot be opened, refuses or breaks its promises: what to do, and that the rest is examined."""

import asyncio

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.examination.finding import Level
from bot.examination.storage import storage_examined
from bot.settings import read_settings
from cli.doctor import refusal_of
from tests.state.conftest import KEY, connection_string

REST = "note  work, notices, lists, directory, reach: not examined, as they stand in the storage"


async def refusing(status, code):
    """Give an account that refuses everything so, as the table service words it."""

    async def refuse(_request):
        said = {"odata.error": {"code": code, "message": {"lang": "en-US", "value": "Refused."}}}
        return web.json_response(said, status=status, headers={"x-ms-error-code": code})

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", refuse)
    return TestServer(app)


def in_azure(installation, text):
    installation.settings |= {"SME_STORAGE": "azure", "AZURE_STORAGE_CONNECTION_STRING": text}


@pytest.mark.parametrize(
    ("status", "code", "advice"),
    [
        (403, "AuthorizationPermissionMismatch", "Give the bot's identity the role Storage Table Data Contributor"),
        (403, "AuthorizationFailure", "The account's network rules keep this host out"),
        (403, "KeyBasedAuthenticationNotPermitted", "The account takes no keys"),
        (403, "Unheard", "Give the bot's identity the role Storage Table Data Contributor"),
        (401, "InvalidAuthenticationInfo", "The account does not take the token"),
        (404, "ResourceNotFound", "There is no such account"),
    ],
)
async def test_what_the_service_refuses_is_explained(bare, status, code, advice):
    async with await refusing(status, code) as server:
        in_azure(bare, connection_string(server.port))
        exit_code, lines = await bare.examined()
    assert exit_code == 1
    (at,) = [n for n, line in enumerate(lines) if line.startswith("MEND  storage: not opened: ")]
    assert lines[at].endswith(f"({status} {code})")
    assert lines[at + 1].strip().startswith(advice)
    assert REST in lines
    assert "ok    sign-in: a token for the app was issued by its own tenant" in lines


async def test_a_wrong_key_is_refused_by_the_service(bare, azurite):
    in_azure(bare, connection_string(azurite).replace(KEY, "A" * 86 + "=="))
    assert (await bare.advice("MEND  storage: not opened: the storage account answered 403")).startswith("The account")


async def test_an_account_that_is_not_reached_is_named(bare, free_port):
    in_azure(bare, connection_string(free_port))
    said = await bare.advice("MEND  storage: not opened: the storage account could not be reached")
    assert said.startswith("Compare AZURE_STORAGE_ACCOUNT")


async def test_a_file_that_cannot_be_opened_is_named(bare):
    (bare.folder / "file").write_text("no folder")
    bare.settings["SME_STORAGE"] = f"sqlite:{bare.folder / 'file' / 'sme.db'}"
    assert (await bare.advice("MEND  storage: not opened: ")).startswith("See that the folder can be written")


async def test_a_store_that_does_not_come_to_an_end_is_named():
    class Hanging:
        async def open(self):
            await asyncio.Event().wait()

    finding = await refusal_of(read_settings({}), Hanging(), 0.05)
    assert (finding.level, finding.is_so) == (Level.MEND, "not opened within 0 seconds")


async def holding():
    return ""


async def answering():
    return True


async def test_a_store_that_breaks_a_promise_is_to_mend():
    async def breaking():
        return "a commit was done in part"

    (finding,) = await storage_examined(breaking, answering)
    assert (finding.level, finding.is_so) == (Level.MEND, "a commit was done in part")


async def test_a_store_that_no_longer_answers_is_to_mend():
    async def silent():
        return False

    (finding,) = await storage_examined(holding, silent)
    assert (finding.level, finding.is_so) == (Level.MEND, "does not answer")


async def test_a_store_that_answers_late_is_noted():
    times = iter((10.0, 10.7))
    findings = await storage_examined(holding, answering, lambda: next(times))
    assert [(each.level, each.is_so) for each in findings] == [
        (Level.OK, "reached in 700 ms; conditional writes and batches hold"),
        (Level.NOTE, "a read takes 700 ms"),
    ]
