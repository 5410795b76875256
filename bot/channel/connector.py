"""Posts and updates activities on one pooled session; every outcome is a value."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum
from typing import Any
from urllib.parse import quote

import aiohttp
from yarl import URL

from bot.channel.body import read_at_most
from bot.channel.credentials import TokenSource
from bot.channel.guarded import NoTokenError
from bot.channel.hosts import ServiceHosts
from bot.telemetry import OFF, Telemetry, called

BOT_SCOPE = "https://api.botframework.com/.default"
CONNECT_TIMEOUT = 3.0
LONGEST_WAIT = 86_400.0
_LONGEST_ID = 1_000
# An answer holds an id or an error; of one that is longer the status counts alone.
_LONGEST_ANSWER = 64 * 1024
TOTAL_TIMEOUT = 10.0
# Far more than may hang at once: a slow connector must not make the others wait for a free connection. Together with
# the callers they stay below the usual limit of open files.
_CONNECTIONS = 500

_NO_CONNECTION = "NoConnection"
_NO_TOKEN = "NoToken"  # noqa: S105 - a word for an outcome
_NO_ANSWER = "NoAnswer"
LINE_FULL = "LineFull"
_FORBIDDEN_HOST = "ForbiddenHost"


class Kind(Enum):
    """What an outcome means for whoever wants to try again."""

    DELIVERED = "delivered"
    NOT_SENT = "not sent"
    THROTTLED = "throttled"
    AMBIGUOUS = "ambiguous"
    UNAUTHORIZED = "unauthorized"
    UNREACHABLE = "unreachable"
    REJECTED = "rejected"
    FORBIDDEN_HOST = "forbidden host"


_KIND_OF_STATUS = {
    401: Kind.UNAUTHORIZED,
    403: Kind.UNREACHABLE,
    404: Kind.UNREACHABLE,
    412: Kind.THROTTLED,
    429: Kind.THROTTLED,
    501: Kind.REJECTED,
    503: Kind.THROTTLED,
}
_KIND_OF_CODE = {
    _NO_CONNECTION: Kind.NOT_SENT,
    _NO_TOKEN: Kind.NOT_SENT,
    _NO_ANSWER: Kind.AMBIGUOUS,
    LINE_FULL: Kind.NOT_SENT,
    _FORBIDDEN_HOST: Kind.FORBIDDEN_HOST,
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one call: `status` is None where no answer came, `retry_after` is in seconds."""

    status: int | None
    activity_id: str | None
    code: str
    retry_after: float | None
    body: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return self.kind is Kind.DELIVERED

    @property
    def kind(self) -> Kind:
        if self.status is None:
            return _KIND_OF_CODE[self.code]
        if 200 <= self.status < 300:  # noqa: PLR2004 - HTTP's own numbers
            return Kind.DELIVERED
        return _KIND_OF_STATUS.get(
            self.status,
            Kind.AMBIGUOUS if self.status >= 500 else Kind.REJECTED,  # noqa: PLR2004 - HTTP's own number
        )


class Connector:
    """Talks to the Bot Connector of whichever allowed host a conversation lives on.

    The host is checked before a token is even asked for, redirects are not followed, a refused token is
    renewed once. `tokens` is None where nobody signs in: in local mode.
    """

    def __init__(
        self,
        *,
        tokens: TokenSource | None,
        service_hosts: frozenset[str],
        local: bool,
        session: aiohttp.ClientSession | None = None,
        telemetry: Telemetry = OFF,
    ) -> None:
        self._tokens = tokens
        self._telemetry = telemetry
        self._hosts = ServiceHosts(service_hosts, local=local)
        self._session = session
        self._owns_session = session is None

    def allows(self, service_url: str) -> bool:
        """Say whether anything may be sent there."""
        return self._hosts.allows(service_url)

    async def post(
        self,
        service_url: str,
        conversation_id: str,
        activity: Mapping[str, Any],
        reply_to: str | None = None,
    ) -> Outcome:
        path = ("v3", "conversations", conversation_id, "activities", *((reply_to,) if reply_to else ()))
        return await self._call("POST", service_url, path, activity)

    async def update(
        self, service_url: str, conversation_id: str, activity_id: str, activity: Mapping[str, Any]
    ) -> Outcome:
        path = ("v3", "conversations", conversation_id, "activities", activity_id)
        return await self._call("PUT", service_url, path, activity)

    async def delete(self, service_url: str, conversation_id: str, activity_id: str) -> Outcome:
        path = ("v3", "conversations", conversation_id, "activities", activity_id)
        return await self._call("DELETE", service_url, path)

    async def create_personal(self, service_url: str, *, tenant_id: str, member_id: str, bot_id: str) -> Outcome:
        """Open the chat with one person; its id is `body["id"]`, the same one each time."""
        parameters = {
            "isGroup": False,
            "bot": {"id": bot_id},
            "members": [{"id": member_id}],
            "tenantId": tenant_id,
            # Teams reads the tenant here, and answers BadSyntax without it.
            "channelData": {"tenant": {"id": tenant_id}},
        }
        return await self._call("POST", service_url, ("v3", "conversations"), parameters)

    async def member(self, service_url: str, conversation_id: str, member_id: str) -> Outcome:
        path = ("v3", "conversations", conversation_id, "members", member_id)
        return await self._call("GET", service_url, path)

    async def close(self) -> None:
        if self._owns_session and self._session is not None:
            await self._session.close()

    async def _call(
        self, method: str, service_url: str, path: tuple[str, ...], body: Mapping[str, Any] | None = None
    ) -> Outcome:
        if not self._hosts.allows(service_url):
            return NOWHERE
        # Marked as encoded, so that an escaped character of an id is not written back plainly.
        url = URL(service_url.rstrip("/") + "".join(f"/{quote(part, safe='')}" for part in path), encoded=True)
        # Every other part of a path is an id, of which no trace may know.
        route = "".join(f"/{part}" if at % 2 or not at else "/{id}" for at, part in enumerate(path))
        with self._telemetry.call(method, route, url) as span:
            outcome = await self._send(method, url, body, renew_token=False)
            if outcome.kind is Kind.UNAUTHORIZED and self._tokens is not None:
                outcome = await self._send(method, url, body, renew_token=True)
            called(span, outcome.status, outcome.code)
        return outcome

    async def _send(self, method: str, url: URL, body: Mapping[str, Any] | None, *, renew_token: bool) -> Outcome:
        headers = {"Content-Type": "application/json", "Accept-Encoding": "identity"}
        if self._tokens is not None:
            try:
                token = await self._tokens.token(BOT_SCOPE, renew=renew_token)
            except NoTokenError:
                return WITHOUT_TOKEN
            headers["Authorization"] = f"Bearer {token}"
        return await exchange(self._pool(), method, url, body=body, headers=headers, timeout=_TIMEOUT)

    def _pool(self) -> aiohttp.ClientSession:
        if self._session is None:
            connections = aiohttp.TCPConnector(limit=_CONNECTIONS)
            # What one chat's service asks to be told again is not told to another's.
            nothing_kept = aiohttp.DummyCookieJar()
            self._session = aiohttp.ClientSession(
                connector=connections, cookie_jar=nothing_kept, trust_env=False, auto_decompress=False
            )
        return self._session


_TIMEOUT = aiohttp.ClientTimeout(total=TOTAL_TIMEOUT, connect=CONNECT_TIMEOUT)
WITHOUT_TOKEN = Outcome(None, None, _NO_TOKEN, None)
NOWHERE = Outcome(None, None, _FORBIDDEN_HOST, None)


async def exchange(  # noqa: PLR0913 - each is one part of an HTTP request
    session: aiohttp.ClientSession,
    method: str,
    url: URL,
    *,
    body: Mapping[str, Any] | None,
    headers: Mapping[str, str],
    timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - handed on to the session
) -> Outcome:
    """Make one call, following no redirect and reading no long answer; whatever happens is an outcome."""
    content = None if body is None else _compact(body)
    try:
        async with session.request(
            method, url, data=content, headers=headers, allow_redirects=False, timeout=timeout
        ) as response:
            return await _outcome(response)
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
        return Outcome(None, None, _NO_CONNECTION, None)
    except (aiohttp.ClientError, TimeoutError, OSError):
        return Outcome(None, None, _NO_ANSWER, None)


def _compact(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


async def _outcome(response: aiohttp.ClientResponse) -> Outcome:
    try:
        answered = json.loads(await read_at_most(response.content, _LONGEST_ANSWER))
    except (aiohttp.ClientError, TimeoutError, ValueError, RecursionError):
        answered = None  # The status alone says what happened.
    body = answered if isinstance(answered, dict) else {}
    error = body.get("error")
    code = error.get("code") if isinstance(error, dict) else None
    made = body.get("id")
    return Outcome(
        status=response.status,
        activity_id=_bounded(made) if isinstance(made, str) else None,
        code=_bounded(code) if isinstance(code, str) else "",
        retry_after=_seconds(response.headers.get("Retry-After")),
        body=body,
    )


def _bounded(text: str) -> str:
    """Return a foreign text so that every store takes it; real ids have about a hundred characters."""
    return text[:_LONGEST_ID].encode("utf-8", "replace").decode("utf-8")


def _seconds(retry_after: str | None) -> float | None:
    """Read Retry-After, seconds or a date. None where it is missing or makes no sense."""
    if retry_after is None:
        return None
    if retry_after.strip().isdecimal():
        return min(float(retry_after), LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(retry_after)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return min(max(0.0, (moment - datetime.now(UTC)).total_seconds()), LONGEST_WAIT)
