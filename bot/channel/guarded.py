"""Calls of the sign-in service that come to an end whatever it does, and hold up nobody."""

import asyncio
import re
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, TypeVar

import requests

_LONGEST_ANSWER = 1024 * 1024
# Each waits for a service that goes on answering without ever saying anything.
_MOST_STUCK = 8

# The number alone: the sentence behind it quotes ids, and sometimes secrets.
_REFUSAL = re.compile("AADSTS[0-9]{4,9}")

_T = TypeVar("_T")


class NoTokenError(Exception):
    """No token is to be had at the moment; `reason` is short and quotes nothing: invalid_client AADSTS7000215."""

    def __init__(self, what: str, reason: str = "") -> None:
        super().__init__(what)
        self.reason = reason


class FetchThreads:
    """A thread for each fetch, which ends with the process: a pool would wait for those that are stuck."""

    def __init__(self) -> None:
        self._running: set[threading.Thread] = set()

    def start(self, work: Callable[[], _T]) -> asyncio.Future[_T]:
        """Do the work in a thread; it fails at once where too many are stuck already."""
        self._running = {thread for thread in self._running if thread.is_alive()}
        outcome: Future[_T] = Future()
        if len(self._running) >= _MOST_STUCK:
            outcome.set_exception(NoTokenError("the sign-in service holds on to every call"))
            return asyncio.wrap_future(outcome)
        thread = threading.Thread(target=_do, args=(work, outcome), name="token", daemon=True)
        self._running.add(thread)
        thread.start()
        return asyncio.wrap_future(outcome)


def _do(work: Callable[[], _T], outcome: Future[_T]) -> None:
    if outcome.set_running_or_notify_cancel():
        try:
            outcome.set_result(work())
        except BaseException as failure:  # noqa: BLE001 - it is raised where the outcome is waited for
            outcome.set_exception(failure)


@dataclass(frozen=True, slots=True)
class Answer:
    """What MSAL reads of an HTTP answer."""

    status_code: int
    headers: Mapping[str, str]
    text: str

    def raise_for_status(self) -> None:
        if self.status_code >= HTTPStatus.BAD_REQUEST:
            raise requests.HTTPError(f"status {self.status_code}")


class GuardedHttp:
    """The HTTP client that MSAL asks for: every call ends in time, and secrets go to the sign-in service alone.

    `requests` limits the time between two bytes only, and neither their number nor where a redirect leads.
    `refusal` is the number that Entra gave the last refusal, like AADSTS90002; MSAL passes on not all of them.
    """

    def __init__(self, session: requests.Session, authority: str, longest: float) -> None:
        self.refusal = ""
        self._longest = longest
        self._session = session
        self._session.headers["Accept-Encoding"] = "identity"
        self._origin = "/".join(authority.split("/")[:3]) + "/"

    def get(self, url: str, **options: Any) -> Answer:  # noqa: ANN401 - what MSAL passes on
        return self._asked("GET", url, options)

    def post(self, url: str, **options: Any) -> Answer:  # noqa: ANN401 - what MSAL passes on
        if not url.startswith(self._origin):
            raise NoTokenError("the sign-in service names a token endpoint elsewhere")
        return self._asked("POST", url, options)

    def close(self) -> None:
        self._session.close()

    def _asked(self, method: str, url: str, options: Mapping[str, Any]) -> Answer:
        until = time.monotonic() + self._longest
        guarded = dict(options) | {"timeout": self._longest, "allow_redirects": False, "stream": True}
        with self._session.request(method, url, **guarded) as response:
            read = bytearray()
            while part := response.raw.read1(_LONGEST_ANSWER):
                read += part
                if len(read) > _LONGEST_ANSWER or time.monotonic() > until:
                    raise NoTokenError("the sign-in service does not come to an end")
            text = read.decode("utf-8", "replace")
            if response.status_code >= HTTPStatus.BAD_REQUEST and (found := _REFUSAL.search(text)):
                self.refusal = found[0]
            return Answer(response.status_code, response.headers, text)
