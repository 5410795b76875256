"""The key cache: one fetch at a time, new keys soon, known keys always."""

import asyncio

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.channel.keys import SigningKeys
from tests.channel.local_framework import OTHER_PRIVATE_KEY


@pytest.fixture
async def keys(key_server, session, clock):
    made = SigningKeys(key_server.url, session, clock.now)
    yield made
    await made.close()


async def test_known_keys_are_not_fetched_again(keys, key_server):
    key_server.publish("k1")
    assert await keys.find("k1")
    assert await keys.find("k1")
    assert key_server.asked == 1


async def test_a_new_key_is_taken_at_its_first_use(keys, key_server):
    key_server.publish("k1")
    await keys.find("k1")
    key_server.publish("k2", private_key=OTHER_PRIVATE_KEY)
    found = await keys.find("k2")
    assert found is not None
    assert found.public_key.public_numbers() == OTHER_PRIVATE_KEY.public_key().public_numbers()


async def test_unknown_ids_refresh_about_once_a_minute_and_a_new_key_comes_within_sixty_seconds(
    keys, key_server, clock
):
    key_server.publish("k1")
    await keys.find("k1")
    for number in range(100):
        assert await keys.find(f"forged-{number}") is None
    assert key_server.asked == 2
    key_server.publish("k2")
    assert await keys.find("k2") is None
    clock.advance(seconds=55)
    assert await keys.find("k2")
    assert key_server.asked == 3


async def test_known_keys_are_kept_while_the_metadata_is_down(keys, key_server, clock):
    key_server.publish("k1")
    await keys.find("k1")
    key_server.fault = 500
    clock.advance(days=2)
    assert await keys.find("k1")
    assert await keys.find("other") is None
    assert await keys.find("k1")


async def test_keys_are_refreshed_daily_without_holding_anybody_up(keys, key_server, clock):
    key_server.publish("k1")
    await keys.find("k1")
    key_server.published.clear()
    key_server.publish("k2")
    clock.advance(days=1, seconds=1)
    assert await keys.find("k1")
    assert await keys.find("k2")
    assert key_server.asked == 2
    assert await keys.find("k1") is None


async def test_a_failed_first_load_is_repeated_soon(keys, key_server, clock):
    key_server.publish("k1")
    key_server.fault = 500
    assert await keys.find("k1") is None
    key_server.fault = 0
    assert await keys.find("k1") is None
    clock.advance(seconds=10)
    assert await keys.find("k1")


@pytest.mark.parametrize("fault", [302, 404, 500])
async def test_no_answer_but_200_is_taken_for_keys(keys, key_server, fault):
    key_server.publish("k1")
    key_server.fault = fault
    assert await keys.find("k1") is None


@pytest.mark.parametrize(
    "document",
    [[], {}, {"jwks_uri": 5}, {"jwks_uri": "http://login.example/keys"}, {"jwks_uri": "nonsense"}],
)
async def test_metadata_that_make_no_sense_change_nothing(keys, key_server, document):
    key_server.publish("k1")
    await keys.find("k1")
    key_server.document = document
    assert await keys.find("k2") is None
    assert await keys.find("k1")


async def test_an_empty_list_of_keys_changes_nothing(keys, key_server):
    key_server.publish("k1")
    await keys.find("k1")
    key_server.published.clear()
    assert await keys.find("k2") is None
    assert await keys.find("k1")


async def test_closing_ends_a_fetch_under_way(keys, key_server):
    key_server.publish("k1")
    asking = asyncio.create_task(keys.find("k1"))
    await asyncio.sleep(0)
    await keys.close()
    with pytest.raises(asyncio.CancelledError):
        await asking


@pytest.mark.parametrize(
    "broken",
    [
        None,
        "k1",
        {"kid": "k1"},
        {"kid": "k1", "kty": "EC", "crv": "P-256"},
        {"kid": "k1", "kty": "RSA", "n": 5, "e": "AQAB"},
        {"kid": "k1", "kty": "RSA", "n": "AQAB", "e": "AQAB"},
        {"kty": "RSA", "n": "AQAB", "e": "AQAB"},
    ],
)
async def test_a_broken_key_does_not_spoil_the_others(keys, key_server, broken):
    key_server.published.append(broken)
    key_server.publish("k2")
    assert await keys.find("k1") is None
    assert await keys.find("k2")


async def test_a_key_too_short_to_be_safe_is_not_used(keys, key_server):
    short = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 - it is to be refused
    key_server.publish("k1", private_key=short)
    key_server.publish("k2")
    assert await keys.find("k1") is None
    assert await keys.find("k2")


async def test_who_hangs_up_does_not_take_the_keys_from_the_others(keys, key_server):
    key_server.publish("k1")
    impatient, patient = (asyncio.create_task(keys.find("k1")) for _ in range(2))
    await asyncio.sleep(0)
    impatient.cancel()
    assert await patient
    assert key_server.asked == 1


@pytest.mark.parametrize("url", ["http://login.example/keys", "ftp://127.0.0.1/", "keys", ""])
async def test_keys_are_read_by_https_or_on_loopback(session, clock, url):
    with pytest.raises(ValueError, match="https"):
        SigningKeys(url, session, clock.now)
