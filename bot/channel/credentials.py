"""The bot's own tokens by MSAL: cached, renewed ahead of time, and never fetched on the event loop."""

import asyncio
import contextlib
import logging
import math
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, NoReturn, Protocol

import msal
import requests

from bot.channel.guarded import FetchThreads, GuardedHttp, NoTokenError

FETCH_TIMEOUT = 5.0
_RENEW_AHEAD = 600.0
_BETWEEN_RENEWALS = 60.0
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0
_FEDERATION = "api://AzureADTokenExchange"

# What may stand in a header, and nothing that would end it.
_PRINTED = re.compile("[!-~]+")
_CODE = re.compile("[a-z_]{1,64}")

_log = logging.getLogger(__name__)


class TokenSource(Protocol):
    """Tokens of the bot itself."""

    @property
    def healthy(self) -> bool:
        """False while the last fetch failed."""

    async def token(self, scope: str, *, renew: bool = False) -> str:
        """Return a token for `scope`; `renew` asks for one that is not the last one. Raises NoTokenError."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A client secret of the app registration."""

    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Certificate:
    """A PEM file that holds the private key and the certificate."""

    path: Path


@dataclass(frozen=True, slots=True)
class ManagedIdentity:
    """The user-assigned managed identity whose client id is the app id."""


@dataclass(frozen=True, slots=True)
class Federated:
    """A managed identity whose token stands in for the app's secret."""

    client_id: str


Credential = Secret | Certificate | ManagedIdentity | Federated


@dataclass(slots=True)
class _Held:
    """What is known for one scope."""

    token: str = ""
    good_until: float = 0.0
    renew_from: float = 0.0
    renewed_at: float = -math.inf
    pause: float = 0.0
    not_before: float = 0.0
    reason: str = ""
    fetch: "asyncio.Task[None] | None" = None


class MsalTokens:
    """Tokens of one app registration, always from its home tenant.

    One fetch at a time and scope; a failed one is repeated no sooner than after 1 s doubling to 60 s.
    `authority` is the sign-in service without the tenant, `clock` counts seconds.
    """

    def __init__(  # noqa: PLR0913 - each is one fact about the registration, but for clock and sleep
        self,
        *,
        app_id: str,
        tenant_id: str,
        authority: str,
        credential: Credential,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        longest_fetch: float = FETCH_TIMEOUT,
    ) -> None:
        self._longest_fetch = longest_fetch
        self._app_id = app_id
        self._authority = f"{authority.rstrip('/')}/{tenant_id}"
        self._credential = credential
        self._clock = clock
        self._sleep = sleep
        self._held: dict[str, _Held] = {}
        self._threads = FetchThreads()

    @property
    def healthy(self) -> bool:
        return not any(held.pause for held in self._held.values())

    async def token(self, scope: str, *, renew: bool = False) -> str:
        held = self._held.setdefault(scope, _Held())
        now = self._clock()
        # A chat that refuses every token must not have them all fetched anew, and no good one is given up for it.
        is_refused = renew and now >= held.renewed_at + _BETWEEN_RENEWALS
        if (is_refused or now >= held.renew_from) and (held.fetch or now >= held.not_before):
            if is_refused:
                held.renewed_at = now
            fetch = self._start_fetch(scope, held)
            if is_refused or now >= held.good_until:
                # Shielded, because others wait for the same fetch when this caller gives up.
                await asyncio.shield(fetch)
        if held.good_until <= self._clock():
            raise NoTokenError(scope, held.reason)
        return held.token

    async def keep_fresh(self, scope: str) -> NoReturn:
        """Hold a token until cancelled: fetched now, renewed ahead of expiry, tried again after a failure."""
        while True:
            with contextlib.suppress(NoTokenError):
                await self.token(scope)
            held = self._held[scope]
            due = held.not_before if held.pause else held.renew_from
            await self._sleep(max(_FIRST_PAUSE, due - self._clock()))

    async def close(self) -> None:
        """Let fetches under way come to their end, which takes 5 s at most."""
        running = {held.fetch for held in self._held.values() if held.fetch is not None}
        if running:
            await asyncio.wait(running)

    def _start_fetch(self, scope: str, held: _Held) -> "asyncio.Task[None]":
        if held.fetch is None:
            held.fetch = asyncio.create_task(self._fetch(scope, held))
        return held.fetch

    async def _fetch(self, scope: str, held: _Held) -> None:
        work = self._threads.start(partial(self._acquire, scope))
        try:
            # Waited for rather than awaited: whatever MSAL raises is a failed fetch and nothing more.
            done, _ = await asyncio.wait({work}, timeout=self._longest_fetch)
            failure = work.exception() if done else TimeoutError()
            if failure is None:
                self._keep(held, *work.result())
            else:
                self._pause(held, failure)
        finally:
            work.cancel()
            held.fetch = None

    def _keep(self, held: _Held, token: str, lifetime: float) -> None:
        now = self._clock()
        held.token, held.good_until = token, now + lifetime
        held.renew_from = now + max(lifetime - _RENEW_AHEAD, lifetime / 2)
        held.pause = held.not_before = 0.0

    def _pause(self, held: _Held, failure: BaseException) -> None:
        held.pause = min(max(_FIRST_PAUSE, held.pause * 2), _LONGEST_PAUSE)
        held.not_before = self._clock() + held.pause
        held.reason = _word_of(failure)
        _log.warning("no token: %s", held.reason)

    def _acquire(self, scope: str) -> tuple[str, float]:
        # A client made for this one fetch has an empty cache, so that what comes back is a new token.
        with requests.Session() as session:
            timed = GuardedHttp(session, self._authority, self._longest_fetch)
            try:
                return self._token_over(timed, scope)
            except Exception as failure:
                word = " ".join(filter(None, (_word_of(failure), timed.refusal)))
                raise NoTokenError(word) from failure

    def _token_over(self, timed: GuardedHttp, scope: str) -> tuple[str, float]:
        if isinstance(self._credential, ManagedIdentity):
            return _identity_token(self._app_id, scope.removesuffix("/.default"), timed)
        app = msal.ConfidentialClientApplication(
            self._app_id,
            client_credential=_client_credential(self._credential, timed),
            authority=self._authority,
            # The authority is a setting of the operator; nobody else need vouch for it.
            instance_discovery=False,
            http_client=timed,
        )
        return _read_token(app.acquire_token_for_client([scope]))


def _word_of(failure: BaseException) -> str:
    """Return what may be said of a failure: our own words, or its kind."""
    return str(failure) if isinstance(failure, NoTokenError) else type(failure).__name__


def _client_credential(credential: Secret | Certificate | Federated, http_client: GuardedHttp) -> object:
    match credential:
        case Secret(value):
            return value
        case Certificate(path):
            pem = path.read_text("ascii")
            return {"private_key": pem, "public_certificate": pem}
        case Federated(client_id):
            return {"client_assertion": lambda: _assertion(client_id, http_client)}


def _assertion(client_id: str, http_client: GuardedHttp) -> str:
    return _identity_token(client_id, _FEDERATION, http_client)[0]


def _identity_token(client_id: str, resource: str, http_client: GuardedHttp) -> tuple[str, float]:
    identity = msal.UserAssignedManagedIdentity(client_id=client_id)
    client = msal.ManagedIdentityClient(identity, http_client=http_client)
    return _read_token(client.acquire_token_for_client(resource=resource))


def _read_token(got: Mapping[str, Any]) -> tuple[str, float]:
    token, lifetime = got.get("access_token"), got.get("expires_in")
    if not isinstance(token, str) or not isinstance(lifetime, int | float):
        # MSAL's short code only: its description may quote ids and secrets.
        error = str(got.get("error", ""))
        raise NoTokenError(error if _CODE.fullmatch(error) else "no answer")
    if not _PRINTED.fullmatch(token) or not lifetime > 0:
        raise NoTokenError("what was issued is no token")
    return token, float(lifetime)
