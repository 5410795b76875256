"""Requests to a bot's endpoint as the Bot Framework makes them, and as it never would."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import jwt
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from multidict import CIMultiDict

from tests.channel.local_framework import OTHER_PRIVATE_KEY, PRIVATE_KEY, claims_for

LEFT_OUT = ...
"""The value of a field that an activity, a token or its header does not have."""


class FromNow(NamedTuple):
    """A time in a token, so many seconds from the moment at which the token is made."""

    seconds: int


class FromServiceUrl(NamedTuple):
    """A text made of the true service URL."""

    pattern: str


@dataclass(frozen=True)
class Post:
    """One POST to /api/messages."""

    body: bytes
    headers: CIMultiDict[str]
    query: str = ""


@dataclass(frozen=True)
class SignedActivity:
    """An activity, and the token that the Bot Framework gives it at the present time."""

    activity: Mapping[str, Any]

    def post(  # noqa: PLR0913 - each is one thing that a forger changes
        self,
        *,
        changes: Mapping[str, Any] | None = None,
        claims: Mapping[str, Any] | None = None,
        key_id: Any = "k1",
        by_another: bool = False,
        algorithm: str = "RS256",
        token_header: Mapping[str, Any] | None = None,
        authorization: Sequence[str] = ("Bearer {token}",),
        query: str = "",
        body: bytes | None = None,
        content_type: str | None = "application/json; charset=utf-8",
    ) -> Post:
        """Return the request with what is named changed.

        In headers and query `{token}` stands for the token, `{cut}` for one whose signature is cut short, and
        `{longer_lived}` for one whose expiry was changed after it was signed.
        """
        activity = self._stated({**self.activity, **(changes or {})})
        now = int(time.time())
        signed = self._stated(claims_for(activity, nbf=now, exp=now + 3600) | (claims or {}))
        header = self._stated({"alg": algorithm, "typ": "JWT", "kid": key_id, **(token_header or {})})
        token = _token(header, signed, OTHER_PRIVATE_KEY if by_another else PRIVATE_KEY)
        start, _, signature = token.rpartition(".")
        longer_lived = f"{start.partition('.')[0]}.{_part(signed | {'exp': now + 86_400})}.{signature}"
        headers = CIMultiDict({"Content-Type": content_type} if content_type is not None else {})
        for value in authorization:
            headers.add("Authorization", value.format(token=token, cut=token[:-10], longer_lived=longer_lived))
        content = json.dumps(activity).encode() if body is None else body
        return Post(content, headers, query.format(token=token))

    def _stated(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {name: self._resolved(value) for name, value in values.items() if value is not LEFT_OUT}

    def _resolved(self, value: Any) -> Any:
        if isinstance(value, FromNow):
            return int(time.time()) + value.seconds
        if isinstance(value, FromServiceUrl):
            return value.pattern.replace("{url}", self.activity["serviceUrl"])
        return value


def _token(header, claims, private_key):
    """Sign by hand: libraries refuse to make most of what a forger wants."""
    text = f"{_part(header)}.{_part(claims)}"
    return f"{text}.{_encoded(_signature(header['alg'], text.encode(), private_key))}"


def _signature(algorithm, text, private_key):
    if algorithm == "none":
        return b""
    if algorithm == "HS256":
        # What everybody may read serves as the shared secret.
        public = private_key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        return hmac.new(public, text, hashlib.sha256).digest()
    return jwt.get_algorithm_by_name(algorithm).sign(text, private_key)


def _part(content):
    return _encoded(json.dumps(content).encode())


def _encoded(content):
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
