"""The signing keys, who signs, and the clock beside the Bot Framework's."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from aiohttp import web


def answering(installation, **headers):
    """Have the metadata answer with these headers."""

    async def answer(request):
        document = {"issuer": "https://api.botframework.com", "jwks_uri": str(request.url.with_path("/keys"))}
        return web.json_response(document, headers=headers)

    installation.keys.instead["/metadata"] = answer


def date(**off):
    return format_datetime(datetime.now(UTC) + timedelta(**off), usegmt=True)


async def test_keys_that_nobody_publishes_are_to_mend(installation):
    installation.keys.fault = 500
    advice = await installation.advice("MEND  signing keys: 0 published")
    assert advice.startswith(f"Is {installation.keys.url} reached from here")


async def test_keys_for_other_channels_are_to_mend(installation):
    installation.keys.published.clear()
    installation.keys.publish("k1", endorsements=("directline",))
    advice = await installation.advice("MEND  signing keys: 1 published, 0 of them for Teams")
    assert advice.startswith("Every message of Teams is refused")


async def test_another_issuer_is_to_mend(installation):
    installation.settings["SME_CHANNEL_ISSUER"] = "https://api.botframework.us"
    advice = await installation.advice("MEND  signing keys: their issuer is https://api.botframework.com")
    assert advice == "Every message of Teams is refused: SME_CHANNEL_ISSUER is https://api.botframework.us."


async def test_a_document_that_names_no_issuer_is_taken_as_it_is(installation):
    installation.keys.document = {"jwks_uri": installation.keys.url.replace("/metadata", "/keys")}
    assert (await installation.examined())[0] == 0


@pytest.mark.parametrize(("off", "which"), [(-90, "ahead of"), (150, "behind")])
async def test_a_clock_that_is_wrong_is_to_mend(installation, off, which):
    answering(installation, Date=date(seconds=off))
    _, lines = await installation.examined()
    (line,) = [line for line in lines if line.startswith("MEND  clock: ")]
    assert line.endswith(f" seconds {which} the Bot Framework's")
    assert (await installation.advice("MEND  clock: ")).startswith("Correct the clock of this machine")


@pytest.mark.parametrize(("seconds", "more"), [(-30, {}), (-600, {"Age": "600"})], ids=["half", "cached"])
async def test_less_than_a_minute_is_no_matter_and_a_cache_says_how_old_it_is(installation, seconds, more):
    answering(installation, Date=date(seconds=seconds), **more)
    assert "ok    clock: agrees with the Bot Framework's to the minute" in (await installation.examined())[1]


async def test_an_answer_without_a_date_is_noted(installation):
    answering(installation, Date="today")
    assert "note  clock: not compared: the Bot Framework's answer has no date" in (await installation.examined())[1]


async def test_metadata_of_which_nothing_comes_compares_no_clock(installation, free_port):
    installation.settings["SME_CHANNEL_METADATA"] = f"http://127.0.0.1:{free_port}/metadata"
    _, lines = await installation.examined()
    assert "MEND  signing keys: 0 published, 0 of them for Teams" in lines
    assert "note  clock: not compared with the Bot Framework's: ClientConnectorError" in lines
