"""Who is calling: the bytes of a request in, an activity that is ours to answer or an HTTP status out."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import jwt

from bot.channel.body import LARGEST_BODY, MalformedError, read_object
from bot.channel.hosts import ServiceHosts
from bot.channel.keys import SigningKey, SigningKeys
from bot.channel.shape import check_shape, tenant_of

TEAMS = "msteams"
_SKEW_SECONDS = 300
# Claims of tokens with which one app calls another as a skill; Teams itself sends none of them.
_CALLING_APPS = ("appid", "azp")
# Teams sends one token with many activities, for an hour or so.
_MOST_VERIFIED = 4_096
_BAD_REQUEST, _UNAUTHORIZED, _FORBIDDEN, _TOO_LARGE = 400, 401, 403, 413


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody with an authentic token, by its claims; None where nobody signs in."""

    claims: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Admitted:
    """An activity whose sender, host and shape were checked.

    Every known field has its type, and `channelData.tenant.id` is always present.
    """

    activity: dict[str, Any]
    tenant_id: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The HTTP status for the caller and a reason for the log; the response body stays empty."""

    status: int
    reason: str


class _RefusalError(Exception):
    """Ends the checks early, with the status to answer."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.refused = Refused(status, reason)


class Gate:
    """Admits activities from Teams; in local mode from this machine, without sign-in.

    Never raises for anything that a caller can send. A token whose signature was found right is not verified again
    as long as its key is published; its times are checked each time.
    """

    def __init__(  # noqa: PLR0913 - each is one fact about the registration
        self,
        *,
        production: bool,
        app_id: str,
        issuer: str,
        service_hosts: frozenset[str],
        keys: SigningKeys | None,
        now: Callable[[], datetime],
    ) -> None:
        if production and not (app_id and issuer and keys):
            raise ValueError("in production the gate needs an app id, an issuer and signing keys")
        self._keys = keys if production else None
        self._app_id = app_id
        self._issuer = issuer
        self._hosts = ServiceHosts(service_hosts, local=not production)
        self._now = now
        self._verified: dict[bytes, tuple[SigningKey, Mapping[str, Any]]] = {}

    async def authenticate(self, authorization: str | None) -> Caller | Refused:
        """Check the token, before anything of the body is read."""
        try:
            return Caller(None if self._keys is None else await self._claims(self._keys, authorization))
        except _RefusalError as refusal:
            return refusal.refused

    def admit(self, caller: Caller, content_type: str | None, body: bytes) -> Admitted | Refused:
        """Check the body that an authentic caller sent."""
        try:
            return self._admit(caller.claims, content_type, body)
        except _RefusalError as refusal:
            return refusal.refused
        except MalformedError as fault:
            return Refused(_BAD_REQUEST, str(fault))

    def _admit(self, claims: Mapping[str, Any] | None, content_type: str | None, body: bytes) -> Admitted:
        if len(body) > LARGEST_BODY:
            raise _RefusalError(_TOO_LARGE, "the body is too large")
        if (content_type or "").partition(";")[0].strip().lower() != "application/json":
            raise MalformedError("the content type is not application/json")
        activity = read_object(body)
        check_shape(activity)
        if claims is not None and claims.get("serviceurl") != activity["serviceUrl"]:
            raise _RefusalError(_UNAUTHORIZED, "the token was issued for another service URL")
        if not self._hosts.allows(activity["serviceUrl"]):
            raise _RefusalError(_FORBIDDEN, "the service host is not allowed")
        if activity.get("channelId") != TEAMS:
            raise _RefusalError(_FORBIDDEN, "the channel is not Teams")
        tenant_id = tenant_of(activity)
        channel_data = activity.get("channelData") or {}
        tenant = (channel_data.get("tenant") or {}) | {"id": tenant_id}
        return Admitted(activity | {"channelData": channel_data | {"tenant": tenant}}, tenant_id)

    async def _claims(self, keys: SigningKeys, authorization: str | None) -> Mapping[str, Any]:
        scheme, _, token = (authorization or "").partition(" ")
        if scheme != "Bearer" or not token or not token.isascii():
            raise _RefusalError(_UNAUTHORIZED, "there is no bearer token")
        key = await keys.find(_key_id(token))
        if key is None:
            raise _RefusalError(_UNAUTHORIZED, "the signing key is not known")
        if TEAMS not in key.endorsements:
            raise _RefusalError(_UNAUTHORIZED, "the signing key is not endorsed for Teams")
        claims = self._verified_claims(token, key)
        if any(claims.get(name, self._app_id) != self._app_id for name in _CALLING_APPS):
            raise _RefusalError(_UNAUTHORIZED, "the token was issued for another app's skill call")
        if not _is_in_force(claims, self._now().timestamp()):
            raise _RefusalError(_UNAUTHORIZED, "the token is not in force")
        return claims

    def _verified_claims(self, token: str, key: SigningKey) -> Mapping[str, Any]:
        digest = hashlib.sha256(token.encode()).digest()
        by, claims = self._verified.get(digest, (None, {}))
        if by is key:
            return claims
        try:
            claims = jwt.decode(
                token,
                key.public_key,
                algorithms=["RS256"],
                issuer=self._issuer,
                audience=self._app_id,
                options={
                    "require": ["exp", "iss", "aud"],
                    "strict_aud": True,
                    # Times are checked by our clock, and each time.
                    "verify_exp": False,
                    "verify_nbf": False,
                    "verify_iat": False,
                },
            )
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError) as error:
            raise _RefusalError(_UNAUTHORIZED, f"the token is not valid: {type(error).__name__}") from None
        if len(self._verified) >= _MOST_VERIFIED:
            self._verified.clear()
        self._verified[digest] = (key, claims)
        return claims


def _key_id(token: str) -> str:
    try:
        key_id = jwt.get_unverified_header(token).get("kid")
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
        key_id = None
    if not isinstance(key_id, str):
        raise _RefusalError(_UNAUTHORIZED, "the token names no signing key")
    return key_id


def _is_in_force(claims: Mapping[str, Any], now: float) -> bool:
    """`exp` must be there and ahead; `nbf` and `iat` may be missing; each within five minutes of skew."""
    starts = [claims[name] for name in ("nbf", "iat") if name in claims]
    if not all(isinstance(time, int | float) for time in (claims["exp"], *starts)):
        return False
    return claims["exp"] > now - _SKEW_SECONDS and all(start <= now + _SKEW_SECONDS for start in starts)
