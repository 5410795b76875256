"""Microsoft Graph as the bot itself: one client for all that is asked of it, and mail from the programme's mailbox."""

import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import replace
from http import HTTPStatus
from itertools import pairwise
from typing import Any
from urllib.parse import quote

import aiohttp
from yarl import URL

from bot.channel.connector import WITHOUT_TOKEN, Kind, Outcome, exchange
from bot.channel.credentials import TokenSource
from bot.channel.guarded import NoTokenError
from bot.domain.ports import Enclosure, MailHeldError
from bot.telemetry import OFF, Telemetry, called

SCOPE = "https://graph.microsoft.com/.default"

MAIL = "Mail.Send"
"""Granted in Entra it opens every mailbox; Exchange Online grants it for one, and then it stands in no token."""
_FOR_MAIL = {MAIL: "send mail from the programme's mailbox"}
_FOR_INSTALLATION = {
    "AppCatalog.Read.All": "find this app in the organisation's catalogue",
    "TeamsAppInstallation.ReadWriteSelfForUser.All": "install this app, and no other, for a person",
    "User.ReadBasic.All": "find the account of a person whose object id the directory does not have",
}
PERMISSIONS: Mapping[str, str] = _FOR_MAIL | _FOR_INSTALLATION
"""The application permissions that the bot uses, each the least one for what it is needed for."""
WIDER: Mapping[str, frozenset[str]] = {"User.ReadBasic.All": frozenset({"User.Read.All"})}
"""What does as well, as Microsoft names both for the same call."""

_TIMEOUT = aiohttp.ClientTimeout(total=10, connect=3)
_TIMEOUT_OF_A_FILE = aiohttp.ClientTimeout(total=60, connect=3)
# For a Graph that says "too many" and not for how long.
_LEAST_HOLD = 1.0
HELD = "Held"


def permissions_for(*, mails: bool, installs: bool) -> Mapping[str, str]:
    """Return the permissions that an installation needs, with the reason for each."""
    return (_FOR_MAIL if mails else {}) | (_FOR_INSTALLATION if installs else {})


class Graph:
    """Calls Graph with the bot's own token; a refused one is renewed once, and no redirect is followed.

    Once Graph has asked for peace nothing is asked until that is over: such a call is throttled without being made.
    `url` carries no version, `clock` counts seconds.
    """

    def __init__(
        self,
        url: str,
        tokens: TokenSource,
        session: aiohttp.ClientSession,
        clock: Callable[[], float] = time.monotonic,
        telemetry: Telemetry = OFF,
    ) -> None:
        self._telemetry = telemetry
        self.root = f"{url.rstrip('/')}/v1.0"
        self._tokens = tokens
        self._session = session
        self._clock = clock
        self._held_until = 0.0

    async def get(self, path: tuple[str, ...], query: Mapping[str, str]) -> Outcome:
        return await self._call("GET", path, query, None, _TIMEOUT)

    async def post(
        self,
        path: tuple[str, ...],
        body: Mapping[str, Any],
        timeout: aiohttp.ClientTimeout = _TIMEOUT,  # noqa: ASYNC109 - handed on to the session
    ) -> Outcome:
        return await self._call("POST", path, {}, body, timeout)

    async def _call(
        self,
        method: str,
        path: tuple[str, ...],
        query: Mapping[str, str],
        body: Mapping[str, Any] | None,
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - handed on to the session
    ) -> Outcome:
        if (left := self._held_until - self._clock()) > 0:
            return Outcome(HTTPStatus.TOO_MANY_REQUESTS, None, HELD, left)
        asked = "&".join(f"{name}={quote(value, safe='')}" for name, value in query.items())
        place = "".join(f"/{quote(part, safe='@')}" for part in path)
        # Marked as encoded, so that an escaped character is not written back plainly.
        url = URL(f"{self.root}{place}{'?' if asked else ''}{asked}", encoded=True)
        # What comes after "users" names somebody, and no trace may know whom.
        route = "".join("/{id}" if before == "users" else f"/{part}" for before, part in pairwise(("v1.0", *path)))
        with self._telemetry.call(method, route, url) as span:
            outcome = await self._send(method, url, body, timeout, renew_token=False)
            if outcome.kind is Kind.UNAUTHORIZED:
                outcome = await self._send(method, url, body, timeout, renew_token=True)
            called(span, outcome.status, outcome.code)
        return self._noted(outcome)

    async def _send(
        self,
        method: str,
        url: URL,
        body: Mapping[str, Any] | None,
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - handed on to the session
        *,
        renew_token: bool,
    ) -> Outcome:
        try:
            token = await self._tokens.token(SCOPE, renew=renew_token)
        except NoTokenError:
            return WITHOUT_TOKEN
        headers = {
            "Content-Type": "application/json",
            "Accept-Encoding": "identity",
            "Authorization": f"Bearer {token}",
        }
        return await exchange(self._session, method, url, body=body, headers=headers, timeout=timeout)

    def _noted(self, outcome: Outcome) -> Outcome:
        """Keep the peace that Graph asks for, and return an outcome that says how long it is."""
        if outcome.status not in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}:
            return outcome
        hold = max(outcome.retry_after or 0, _LEAST_HOLD)
        self._held_until = max(self._held_until, self._clock() + hold)
        return replace(outcome, retry_after=hold)


class GraphMail:
    """Sends plain text as one user of the home tenant; needs the application permission Mail.Send for that mailbox.

    Graph knows no key by which a repeated mail would be the same one.
    """

    def __init__(self, graph: Graph, sender: str) -> None:
        self._graph = graph
        self._path = ("users", sender, "sendMail")

    async def send(
        self,
        key: str,  # noqa: ARG002 - the port's signature
        to: str,
        subject: str,
        text: str,
        enclosed: Enclosure | None = None,
    ) -> None:
        """Hand a mail over. Raises OSError when Graph did not take it."""
        message: dict[str, object] = {
            "subject": " ".join(subject.split()),
            "body": {"contentType": "Text", "content": text},
            "toRecipients": [{"emailAddress": {"address": to}}],
        }
        if enclosed:
            message["attachments"] = [_attachment(enclosed)]
        timeout = _TIMEOUT_OF_A_FILE if enclosed else _TIMEOUT
        outcome = await self._graph.post(self._path, {"message": message, "saveToSentItems": True}, timeout)
        if outcome.status is None:
            raise OSError(f"Graph could not be reached: {outcome.code}")
        if outcome.kind is Kind.THROTTLED:
            raise MailHeldError(f"Graph answered {outcome.status}", outcome.retry_after or 0)
        if outcome.status != HTTPStatus.ACCEPTED:
            raise OSError(f"Graph answered {outcome.status}")


def _attachment(enclosed: Enclosure) -> dict[str, str]:
    return {
        "@odata.type": "#microsoft.graph.fileAttachment",
        "name": enclosed.name,
        "contentType": "application/octet-stream",
        "contentBytes": b64encode(enclosed.content).decode("ascii"),
    }
