"""The public keys with which the Bot Framework signs, fetched without ever holding up those already known."""

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import RSAAlgorithm

from bot.channel.body import read_at_most
from bot.channel.hosts import is_safe_to_fetch

FETCH_TIMEOUT = 5.0
_DAILY = timedelta(days=1)
# At most once a minute, less the time that a fetch may take: a new key is taken within 60 s even when
# somebody used up the turn just before it was published.
_BETWEEN_UNKNOWN = timedelta(seconds=55)
# A fetch that failed says nothing about new keys, so the next one need not wait as long.
_AFTER_FAILURE = timedelta(seconds=10)
_SMALLEST_KEY_BITS = 2048
# The published documents have some 30 KB.
_LONGEST_DOCUMENT = 1024 * 1024

_log = logging.getLogger(__name__)


class KeysUnavailableError(Exception):
    """The key server did not answer with usable keys."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One public key and the channels that it may speak for."""

    public_key: RSAPublicKey
    endorsements: frozenset[str]


class SigningKeys:
    """The signing keys by key id.

    Known keys are answered at once, also while the metadata is down. An unknown id refreshes at most about
    once a minute; everybody who asks meanwhile waits for the same fetch, at most 5 s.
    """

    def __init__(
        self,
        metadata_url: str,
        session: aiohttp.ClientSession,
        now: Callable[[], datetime],
        longest_fetch: float = FETCH_TIMEOUT,
    ) -> None:
        self._longest_fetch = longest_fetch
        if not is_safe_to_fetch(metadata_url):
            raise ValueError("the channel metadata must be read by https, or by http on loopback")
        self._metadata_url = metadata_url
        self._session = session
        self._now = now
        self._keys: dict[str, SigningKey] = {}
        self._fetch: asyncio.Task[None] | None = None
        self._fetched_at: datetime | None = None
        self._failed_at: datetime | None = None
        self._unknown_at: datetime | None = None

    @property
    def count(self) -> int:
        """How many usable keys are known."""
        return len(self._keys)

    def endorsed_for(self, channel: str) -> int:
        """Return how many of them may speak for the channel."""
        return sum(channel in key.endorsements for key in self._keys.values())

    async def find(self, key_id: str) -> SigningKey | None:
        """Return the key, or None where nobody publishes it or the key server cannot be reached."""
        key = self._keys.get(key_id)
        if key is None:
            return await self._find_unknown(key_id)
        if self._is_stale() and not self._has_just_failed():
            self._start_fetch()
        return key

    async def close(self) -> None:
        """End a fetch that is under way; the session belongs to the caller."""
        if self._fetch is not None:
            self._fetch.cancel()
            await asyncio.wait({self._fetch})

    async def _find_unknown(self, key_id: str) -> SigningKey | None:
        if self._fetch is None and not self._may_fetch_for_unknown():
            return None
        # Shielded, because others wait for the same fetch when this caller hangs up.
        await asyncio.shield(self._start_fetch())
        return self._keys.get(key_id)

    def _may_fetch_for_unknown(self) -> bool:
        if self._has_just_failed():
            return False
        now = self._now()
        if self._fetched_at is None:
            return True  # The first load is not a refresh: it leaves the minute's turn unused.
        if self._unknown_at is not None and abs(now - self._unknown_at) < _BETWEEN_UNKNOWN:
            return False
        self._unknown_at = now
        return True

    def _is_stale(self) -> bool:
        return self._fetched_at is None or self._now() - self._fetched_at > _DAILY

    def _has_just_failed(self) -> bool:
        # Also where the clock was set back meanwhile.
        return self._failed_at is not None and abs(self._now() - self._failed_at) < _AFTER_FAILURE

    def _start_fetch(self) -> asyncio.Task[None]:
        if self._fetch is None:
            self._fetch = asyncio.create_task(self._refresh())
        return self._fetch

    async def _refresh(self) -> None:
        try:
            async with asyncio.timeout(self._longest_fetch):
                self._keys = await self._published_keys()
            self._fetched_at, self._failed_at = self._now(), None
        except (KeysUnavailableError, aiohttp.ClientError, OSError, ValueError, RecursionError) as error:
            self._failed_at = self._now()
            # A refresh that failed has not used up the minute's turn.
            self._unknown_at = None
            _log.warning("signing keys not refreshed: %s", type(error).__name__)
        finally:
            self._fetch = None

    async def _published_keys(self) -> dict[str, SigningKey]:
        metadata = await self._document(self._metadata_url)
        keys_url = metadata.get("jwks_uri")
        if not isinstance(keys_url, str) or not is_safe_to_fetch(keys_url):
            raise KeysUnavailableError("the metadata names no usable key address")
        published = (await self._document(keys_url)).get("keys")
        usable = dict(filter(None, map(_usable_key, published if isinstance(published, list) else ())))
        if not usable:
            raise KeysUnavailableError("no usable key is published")
        return usable

    async def _document(self, url: str) -> Mapping[str, Any]:
        headers = {"Accept-Encoding": "identity"}
        async with self._session.get(url, headers=headers, allow_redirects=False) as response:
            if response.status != 200:  # noqa: PLR2004 - HTTP's own number
                raise KeysUnavailableError(f"status {response.status}")
            document = json.loads(await read_at_most(response.content, _LONGEST_DOCUMENT))
        if not isinstance(document, dict):
            raise KeysUnavailableError("the document is not an object")
        return document


def _usable_key(published: Any) -> tuple[str, SigningKey] | None:  # noqa: ANN401 - any JSON value
    if not isinstance(published, dict) or not isinstance(published.get("kid"), str):
        return None
    try:
        public_key = RSAAlgorithm.from_jwk({name: published.get(name) for name in ("kty", "n", "e")})
    except (jwt.PyJWTError, ValueError, TypeError, AttributeError):
        return None
    if not isinstance(public_key, RSAPublicKey) or public_key.key_size < _SMALLEST_KEY_BITS:
        return None
    endorsements = published.get("endorsements")
    endorsed = endorsements if isinstance(endorsements, list) else []
    return published["kid"], SigningKey(public_key, frozenset(e for e in endorsed if isinstance(e, str)))
