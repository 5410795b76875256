"""Who gets in: the authentication matrix, the shapes, and local mode."""

import asyncio
import base64
import json
from datetime import timedelta

import jwt
import pytest

from bot.channel.activities import decode
from bot.channel.gate import _MOST_VERIFIED, Admitted, Gate, Refused
from bot.channel.keys import SigningKeys
from tests.channel.local_framework import (
    APP_ID,
    ISSUER,
    NOON,
    OTHER_PRIVATE_KEY,
    claims_for,
    payload,
    payload_names,
    sign,
)

JSON = "application/json; charset=utf-8"
HOSTS = frozenset({"smba.trafficmanager.net", "127.0.0.1:5000"})
SECONDS = int(NOON.timestamp())
MESSAGE = payload("message")


@pytest.fixture
async def keys(key_server, session, clock):
    key_server.publish("k1")
    key_server.publish("unendorsed", endorsements=["webchat"])
    key_server.publish("empty", endorsements=[])
    key_server.publish("silent", endorsements=None)
    made = SigningKeys(key_server.url, session, clock.now)
    yield made
    await made.close()


@pytest.fixture
def gate(keys, clock):
    return Gate(production=True, app_id=APP_ID, issuer=ISSUER, service_hosts=HOSTS, keys=keys, now=clock.now)


@pytest.fixture
def local_gate(clock):
    return Gate(production=False, app_id="", issuer="", service_hosts=frozenset(), keys=None, now=clock.now)


def bearer(activity=MESSAGE, key_id="k1", **claims):
    return "Bearer " + sign(claims_for(activity, **claims), key_id)


async def verdict(gate, authorization=None, activity=MESSAGE, content_type=JSON):
    body = activity if isinstance(activity, bytes) else json.dumps(activity).encode()
    caller = await gate.authenticate(authorization)
    admitted = caller if isinstance(caller, Refused) else gate.admit(caller, content_type, body)
    return admitted.status if isinstance(admitted, Refused) else 200


def unsigned(claims):
    return jwt.encode(claims, None, algorithm="none", headers={"kid": "k1"})


def deeply_nested_header():
    return base64.urlsafe_b64encode(b"[" * 5000).rstrip(b"=").decode() + ".e30.c2ln"


TOKENS = {
    "a good token": (200, bearer),
    "no iat, as the contract allows": (200, lambda: bearer(iat=None)),
    "a token that expired within the skew": (200, lambda: bearer(exp=SECONDS - 299)),
    "a token that starts within the skew": (200, lambda: bearer(nbf=SECONDS + 299)),
    "no header": (401, lambda: None),
    "an empty header": (401, lambda: ""),
    "a scheme without a token": (401, lambda: "Bearer "),
    "a lower-case scheme": (401, lambda: bearer().replace("Bearer", "bearer")),
    "basic": (401, lambda: "Basic dXNlcjpwYXNz"),
    "garbage": (401, lambda: "Bearer garbage"),
    "garbage with dots": (401, lambda: "Bearer a.b.c"),
    "not ascii": (401, lambda: "Bearer \udcff.é.ü"),
    "a header nested a thousand deep": (401, lambda: "Bearer " + deeply_nested_header()),
    "wrong issuer": (401, lambda: bearer(iss="https://sts.windows.net/d6d49420-f39b-4df7-a1dc-d59a935871db/")),
    "no issuer": (401, lambda: bearer(iss=None)),
    "wrong audience": (401, lambda: bearer(aud="another-app")),
    "our own outbound audience": (401, lambda: bearer(aud="https://api.botframework.com")),
    "no audience": (401, lambda: bearer(aud=None)),
    "a list of audiences": (401, lambda: bearer(aud=[APP_ID])),
    "expired": (401, lambda: bearer(exp=SECONDS - 301)),
    "no expiry": (401, lambda: bearer(exp=None)),
    "an expiry that is no number": (401, lambda: bearer(exp="soon")),
    "not yet valid": (401, lambda: bearer(nbf=SECONDS + 301)),
    "issued in the future": (401, lambda: bearer(iat=SECONDS + 301)),
    "another service url": (401, lambda: bearer(serviceurl="https://smba.trafficmanager.net/amer/")),
    "no service url claim": (401, lambda: bearer(serviceurl=None)),
    "no algorithm": (401, lambda: "Bearer " + unsigned(claims_for(MESSAGE))),
    "RS512": (401, lambda: "Bearer " + sign(claims_for(MESSAGE), algorithm="RS512")),
    "HS256": (
        401,
        lambda: "Bearer " + sign(claims_for(MESSAGE), private_key="s" * 32, algorithm="HS256"),
    ),
    "signed by another key": (
        401,
        lambda: "Bearer " + sign(claims_for(MESSAGE), private_key=OTHER_PRIVATE_KEY),
    ),
    "a signature cut short": (401, lambda: bearer()[:-10]),
    "no key id": (401, lambda: bearer(key_id=None)),
    "an unknown key id": (401, lambda: bearer(key_id="unknown")),
    "a key for another channel": (401, lambda: bearer(key_id="unendorsed")),
    "a key without endorsements": (401, lambda: bearer(key_id="empty")),
    "a key that says nothing of endorsements": (401, lambda: bearer(key_id="silent")),
    "another app's claims in the channel's own token": (401, lambda: bearer(ver="1.0", appid="skill")),
    "another app's claims of the second version": (401, lambda: bearer(ver="2.0", azp="skill")),
    "our own app id beside the others": (200, lambda: bearer(appid=APP_ID)),
    "a foreign skill's token": (401, lambda: bearer(aud="skill", appid="skill", ver="2.0")),
}


@pytest.mark.parametrize("case", TOKENS)
async def test_only_what_teams_signed_for_us_is_admitted(gate, case):
    expected, authorization = TOKENS[case]
    assert await verdict(gate, authorization()) == expected


def changed(name="message", **changes):
    activity = payload(name) | changes
    return {key: value for key, value in activity.items() if value is not ...}


BODIES = {
    "another host": (403, changed(serviceUrl="https://evil.example/")),
    "a host that ends alike": (403, changed(serviceUrl="https://evil-smba.trafficmanager.net/")),
    "a name under the host": (403, changed(serviceUrl="https://evil.smba.trafficmanager.net/")),
    "the host as user name": (403, changed(serviceUrl="https://smba.trafficmanager.net@evil.example/")),
    "a backslash": (403, changed(serviceUrl="https://evil.example\\@smba.trafficmanager.net/")),
    "plain http": (403, changed(serviceUrl="http://smba.trafficmanager.net/emea/")),
    "another port": (403, changed(serviceUrl="https://smba.trafficmanager.net:8443/emea/")),
    "a port out of range": (403, changed(serviceUrl="https://smba.trafficmanager.net:99999/")),
    "a query": (403, changed(serviceUrl="https://smba.trafficmanager.net/?x=1")),
    "loopback that is not listed": (403, changed(serviceUrl="http://127.0.0.1:5001/")),
    "another scheme": (403, changed(serviceUrl="file:///etc/passwd")),
    "the default port spelt out": (200, changed(serviceUrl="https://SMBA.trafficmanager.net:443/emea")),
    "listed loopback": (200, changed(serviceUrl="http://127.0.0.1:5000/connector")),
    "no service url": (400, changed(serviceUrl=...)),
    "an empty service url": (400, changed(serviceUrl="")),
    "no channel": (403, changed(channelId=...)),
    "another channel": (403, changed(channelId="webchat")),
    "the emulator": (403, changed(channelId="emulator")),
    "a channel that is no text": (400, changed(channelId=7)),
    "no type": (400, changed(type=...)),
    "no conversation": (400, changed(conversation=...)),
    "a conversation without id": (400, changed(conversation={})),
    "no sender": (400, changed(**{"from": ...})),
    "a sender without id": (400, changed(**{"from": {"name": "x"}})),
    "a sender whose id is a number": (400, changed(**{"from": {"id": 7}})),
    "an object id that is a list": (400, changed(**{"from": {"id": "29:1", "aadObjectId": []}})),
    "an id that is a dot": (400, changed(replyToId=".")),
    "an id that leads out of its folder": (400, changed(conversation={"id": "..", "tenantId": "t"})),
    "an id without end": (400, changed(conversation={"id": "a" * 5000, "tenantId": "t"})),
    "no recipient": (400, changed(recipient=...)),
    "a text that is a list": (400, changed(text=["x"])),
    "a value that is a text": (400, changed(value="approve")),
    "members that are no list": (400, changed("members-added", membersAdded={"id": "x"})),
    "a member that is null": (400, changed("members-added", membersAdded=[None])),
    "a member without id": (400, changed("members-added", membersAdded=[{}])),
    "an entity without type": (400, changed(entities=[{"mentioned": {}}])),
    "a mention of nobody": (400, changed(entities=[{"type": "mention", "text": "x"}])),
    "a mention without words": (400, changed(entities=[{"type": "mention", "mentioned": {"id": "28:x"}}])),
    "channel data that is a text": (400, changed(channelData="x")),
    "a tenant that is a text": (400, changed(channelData={"tenant": "x"})),
    "a tenant that is a number": (400, changed(channelData={"tenant": {"id": 5}})),
    "a team that is a list": (400, changed(channelData={"team": [], "tenant": {"id": "t"}})),
    "no tenant anywhere": (400, changed(channelData=..., conversation={"id": "a:1"})),
    "a time that is none": (400, changed(timestamp="yesterday")),
    "a time outside the calendar": (400, changed(timestamp="0001-01-01T00:00:00+14:00")),
    "a press without action": (400, changed("execute-manual", value={})),
    "a press whose data are a list": (
        400,
        changed("execute-manual", value={"action": {"type": "Action.Execute", "data": [1]}}),
    ),
    "a press whose verb is a number": (400, changed("execute-manual", value={"action": {"verb": 1}})),
    "the tenant on the conversation alone": (200, changed(channelData=...)),
    "channel data that is null": (200, changed(channelData=None)),
    "unknown fields": (200, changed(surprise={"a": [1, None]}, channelData={"tenant": {"id": "t", "x": 1}})),
}


@pytest.mark.parametrize("case", BODIES)
async def test_an_authenticated_body_is_checked_before_anything_reads_it(gate, case):
    expected, activity = BODIES[case]
    assert await verdict(gate, bearer(activity), activity) == expected


LONE_SURROGATE = json.dumps(changed(text="x")).replace('"x"', '"\\ud800"').encode()
RAW_BODIES = {
    "nothing": b"",
    "no JSON": b"{",
    "a list": b"[]",
    "null": b"null",
    "a text": b'"x"',
    "not UTF-8": b'{"type": "\xff"}',
    "UTF-16": '{"type": "message"}'.encode("utf-16"),
    "NaN": json.dumps(changed(value={"n": float("nan")})).encode(),
    "infinity by exponent": json.dumps(changed(value={"n": 1})).replace('"n": 1', '"n": 1e999').encode(),
    "a huge whole number": json.dumps(changed(value={"n": 10**30})).encode(),
    "a number of 10,000 digits": b'{"value": ' + b"9" * 10_000 + b"}",
    "half a character": LONE_SURROGATE,
    "twenty-one levels": json.dumps(changed(value=json.loads('{"a":' * 20 + "1" + "}" * 20))).encode(),
    "a hundred thousand levels": b"[" * 100_000,
}


@pytest.mark.parametrize("case", RAW_BODIES)
async def test_what_is_not_an_activity_in_json_is_malformed(gate, local_gate, case):
    assert await verdict(gate, bearer(), RAW_BODIES[case]) == 400
    assert await verdict(local_gate, None, RAW_BODIES[case]) == 400


async def test_twenty_levels_are_still_read(gate):
    activity = changed(value=json.loads('{"a":' * 19 + "1" + "}" * 19))
    assert await verdict(gate, bearer(activity), activity) == 200


async def test_a_body_over_256_kilobytes_is_too_large(gate):
    largest = json.dumps(MESSAGE).encode().ljust(256 * 1024)
    assert await verdict(gate, bearer(), largest) == 200
    assert await verdict(gate, bearer(), largest + b" ") == 413


@pytest.mark.parametrize("content_type", [None, "", "text/plain", "application/jsonp", "multipart/form-data"])
async def test_only_json_is_read(gate, content_type):
    assert await verdict(gate, bearer(), content_type=content_type) == 400


async def test_a_stranger_learns_nothing_about_the_body(gate):
    assert await verdict(gate, None, b"{") == 401


@pytest.mark.parametrize("name", [name for name in payload_names() if not name.startswith("playground")])
async def test_every_activity_of_teams_is_admitted(gate, name):
    activity = payload(name)
    admitted = gate.admit(await gate.authenticate(bearer(activity)), JSON, json.dumps(activity).encode())
    assert isinstance(admitted, Admitted)
    assert admitted.tenant_id == admitted.activity["channelData"]["tenant"]["id"]
    assert admitted.activity | {"channelData": activity["channelData"]} == activity
    assert decode(admitted.activity).type == activity["type"]


@pytest.mark.parametrize("name", [name for name in payload_names() if name.startswith("playground")])
async def test_the_playground_needs_no_sign_in_in_local_mode(local_gate, name):
    assert await verdict(local_gate, None, payload(name)) == 200


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://localhost:56150/_connector", 200),
        ("https://127.0.0.9/", 200),
        ("http://[::1]:1/", 200),
        ("https://smba.trafficmanager.net/emea/", 403),
        ("http://localhost.evil.example/", 403),
        ("http://0.0.0.0/", 403),
        ("http://127.1/", 403),
    ],
)
async def test_local_mode_talks_to_this_machine_only(local_gate, url, expected):
    assert await verdict(local_gate, None, changed(serviceUrl=url)) == expected


async def test_local_mode_still_asks_for_the_channel(local_gate):
    activity = changed("playground-message", channelId="emulator")
    assert await verdict(local_gate, None, activity) == 403


@pytest.mark.parametrize("missing", ["app_id", "issuer", "keys"])
async def test_sign_in_cannot_be_off_in_production(keys, clock, missing):
    parts = {"app_id": APP_ID, "issuer": ISSUER, "keys": keys} | {missing: None}
    with pytest.raises(ValueError, match="in production"):
        Gate(production=True, service_hosts=HOSTS, now=clock.now, **parts)


async def test_many_first_messages_at_once_are_all_admitted_by_one_fetch(gate, key_server):
    assert await asyncio.gather(*(verdict(gate, bearer()) for _ in range(50))) == [200] * 50
    assert key_server.asked == 1


async def test_a_token_seen_before_is_refused_when_its_time_is_over(gate, clock):
    token = bearer()
    assert await verdict(gate, token) == 200
    assert await verdict(gate, token) == 200
    clock.advance(hours=1, minutes=5, seconds=1)
    assert await verdict(gate, token) == 401


async def test_a_token_seen_before_is_refused_when_its_key_is_withdrawn_or_replaced(gate, key_server, clock):
    token = bearer(exp=SECONDS + 200_000)
    assert await verdict(gate, token) == 200
    key_server.published.clear()
    key_server.publish("k1", private_key=OTHER_PRIVATE_KEY)
    clock.advance(days=1, seconds=1)
    assert await verdict(gate, token) == 200, "the new keys are fetched behind this call"
    await asyncio.wait({gate._keys._fetch})
    assert await verdict(gate, token) == 401


async def test_tokens_seen_before_do_not_fill_the_memory(gate):
    for number in range(_MOST_VERIFIED + 2):
        gate._verified[number.to_bytes(32)] = None
    assert await verdict(gate, bearer()) == 200
    assert len(gate._verified) == 1


async def test_a_token_seen_before_says_nothing_for_one_that_differs_in_a_letter(gate):
    token = bearer()
    assert await verdict(gate, token) == 200
    head, claims, signature = token.split(".")
    assert await verdict(gate, f"{head}.{claims}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}") == 401


async def test_an_expired_token_is_judged_by_the_given_clock(gate, clock):
    clock.advance(seconds=timedelta(hours=1, minutes=5, seconds=1).total_seconds())
    assert await verdict(gate, bearer()) == 401
