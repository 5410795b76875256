"""Which service URLs may receive the bot's messages and tokens."""

import ipaddress
import re
from collections.abc import Iterable
from functools import lru_cache

# Stricter than any URL parser on purpose: no user name, query, fragment, backslash, blank or escaped host,
# so that no two parsers can disagree about where a request goes.
_URL = re.compile(r"(https?)://([a-z0-9.-]+|\[[0-9a-f:]+\])(?::([0-9]{1,5}))?(?:/[!-~]*)?", re.IGNORECASE | re.ASCII)
_NOT_IN_PATH = frozenset("\\?#")
_LAST_PORT = 65535
# Far longer than any service URL, and short enough to remember many.
_LONGEST_URL = 512
_DEFAULT_PORTS = {"https": 443, "http": 80}


def is_loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def is_safe_to_fetch(url: str) -> bool:
    """Say whether `url` is https anywhere, or http on loopback."""
    parts = _parts(url)
    return parts is not None and (parts[0] == "https" or is_loopback(parts[1]))


class ServiceHosts:
    """The exact hosts that are trusted: the listed ones, or in local mode this machine alone."""

    def __init__(self, listed: Iterable[str], *, local: bool) -> None:
        self._local = local
        self._listed = frozenset(name.strip().lower().removesuffix(":443") for name in listed)

    def allows(self, url: str) -> bool:
        parts = _parts(url)
        if parts is None:
            return False
        scheme, host, port = parts
        if self._local:
            return is_loopback(host)
        if scheme == "http" and not is_loopback(host):
            return False
        # A listed name without a port means 443, whatever the scheme of the URL is.
        return (host if port == _DEFAULT_PORTS["https"] else f"{host}:{port}") in self._listed


def _parts(url: str) -> tuple[str, str, int] | None:
    return _read(url) if len(url) <= _LONGEST_URL else None


@lru_cache(maxsize=1024)
def _read(url: str) -> tuple[str, str, int] | None:
    match = _URL.fullmatch(url)
    if match is None or not _NOT_IN_PATH.isdisjoint(url):
        return None
    scheme, host = match[1].lower(), match[2].lower()
    port = int(match[3] or _DEFAULT_PORTS[scheme])
    return (scheme, host, port) if port <= _LAST_PORT else None
