"""A local Bot Framework: a key server that signs as the real one does, and the payloads that Teams sends."""

import base64
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa

APP_ID = "c9e8c047-2a34-40a1-b28a-b162d5f5327c"
ISSUER = "https://api.botframework.com"
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
_PAYLOADS = Path(__file__).parent / "payloads"
PRIVATE_KEY, OTHER_PRIVATE_KEY = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))


def payload_names():
    return sorted(path.stem for path in _PAYLOADS.glob("*.json"))


def payload(name):
    return json.loads((_PAYLOADS / f"{name}.json").read_text("utf-8"))


@dataclass
class Clock:
    moment: datetime = NOON

    def now(self):
        return self.moment

    def advance(self, **by):
        self.moment += timedelta(**by)


def _number(value):
    return base64.urlsafe_b64encode(value.to_bytes((value.bit_length() + 7) // 8)).rstrip(b"=").decode()


@dataclass
class KeyServer:
    """Publishes what a test puts in; counts how often it was asked. What stands in `instead` answers for a path."""

    published: list = field(default_factory=list)
    fault: int = 0
    asked: int = 0
    url: str = ""
    document: object = None
    instead: dict = field(default_factory=dict)

    def publish(self, key_id, endorsements=("msteams",), private_key=PRIVATE_KEY):
        numbers = private_key.public_key().public_numbers()
        key = {"kty": "RSA", "use": "sig", "kid": key_id, "n": _number(numbers.n), "e": _number(numbers.e)}
        if endorsements is not None:
            key["endorsements"] = list(endorsements)
        self.published.append(key)

    def application(self):
        app = web.Application()
        app.router.add_get("/metadata", self.metadata)
        app.router.add_get("/keys", self.keys)
        return app

    async def metadata(self, request):
        self.asked += 1
        if self.fault:
            raise _fault(self.fault)
        if handler := self.instead.get("/metadata"):
            return await handler(request)
        if self.document is not None:
            return web.json_response(self.document)
        return web.json_response({"issuer": ISSUER, "jwks_uri": str(request.url.with_path("/keys"))})

    async def keys(self, request):
        if handler := self.instead.get("/keys"):
            return await handler(request)
        return web.json_response({"keys": self.published})


def _fault(status):
    return {302: web.HTTPFound("/keys"), 500: web.HTTPInternalServerError(), 404: web.HTTPNotFound()}[status]


def sign(claims, key_id="k1", private_key=PRIVATE_KEY, algorithm="RS256", headers=None):
    named = {} if key_id is None else {"kid": key_id}
    return jwt.encode(claims, private_key, algorithm=algorithm, headers=named | (headers or {}))


def claims_for(activity, **changes):
    """What the Bot Framework signs for `activity`; a change to None leaves the claim out."""
    now = int(NOON.timestamp())
    claims = {
        "serviceurl": activity.get("serviceUrl"),
        "nbf": now,
        "exp": now + 3600,
        "iss": ISSUER,
        "aud": APP_ID,
    } | changes
    return {name: value for name, value in claims.items() if value is not None}
