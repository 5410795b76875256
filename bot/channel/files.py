"""Files to a person's OneDrive, as Teams does it: asked for by a card, uploaded where the answer says, then shown."""

import asyncio
import os
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from typing import Any

import aiohttp
from yarl import URL

from bot.channel.connector import Connector
from bot.channel.hosts import is_loopback
from bot.domain.export_desk import Offer
from bot.domain.export_jobs import Place
from bot.domain.ports import People

CONSENT = "application/vnd.microsoft.teams.card.file.consent"
INFO = "application/vnd.microsoft.teams.card.file.info"
FILE_CONSENT = "fileConsent/invoke"
CHUNK = 16 * 320 * 1024
"""Bytes of one part of a file; OneDrive wants multiples of 320 KiB."""
TRIES = 3
_PAUSE = 1.0
_TIMEOUT = aiohttp.ClientTimeout(total=60, connect=5)
_TOKEN = re.compile(r"[0-9a-f]{32}")
_LONGEST_WORDS, _LONGEST_URL, _LONGEST_NAME = 300, 4_096, 400
# Stricter than any URL parser: no user name, blank, backslash or fragment, so that no two can disagree about the host.
# A name whose last part begins with a letter is no number, however numbers of hosts are written.
_URL = re.compile(r"(https?)://([a-z0-9.-]+|\[[0-9a-f:]+\])(?::([0-9]{1,5}))?/[!\"$-\[\]-~]*", re.IGNORECASE | re.ASCII)
_NAME = re.compile(r"(?:[a-z0-9-]+\.)+[a-z][a-z0-9-]*", re.ASCII)
_NOWHERE = (".localhost", ".local", ".internal")


class NotUploadedError(Exception):
    """The file could not be put where the person wanted it."""


@dataclass(frozen=True, slots=True)
class Consent:
    """What a person has answered to the question for a file; `place` is None when they want none in Teams."""

    token: str
    words: str
    place: Place | None


def consent_of(offer: Offer) -> dict[str, Any]:
    """Return what asks a person whether a file may be put into their OneDrive."""
    context = {"export": offer.token, "words": offer.words}
    return {
        "description": offer.sentence,
        "sizeInBytes": offer.size,
        "acceptContext": context,
        "declineContext": context,
    }


def parse_consent(value: object) -> Consent | None:
    """Return what an answer says, None when it is not one to an offer. Nothing is trusted beyond its shape."""
    if not isinstance(value, Mapping) or value.get("type") != "fileUpload":
        return None
    context, action = value.get("context"), value.get("action")
    if not isinstance(context, Mapping) or action not in ("accept", "decline"):
        return None
    token, words = context.get("export"), context.get("words")
    if not isinstance(token, str) or not _TOKEN.fullmatch(token):
        return None
    if not isinstance(words, str) or len(words) > _LONGEST_WORDS:
        return None
    return Consent(token, words, _place_in(value.get("uploadInfo")) if action == "accept" else None)


def _place_in(info: object) -> Place:
    """Return where the file goes; what is missing or too long is '', and then nothing can be uploaded."""
    told = info if isinstance(info, Mapping) else {}

    def text(key: str, longest: int) -> str:
        found = told.get(key)
        return found if isinstance(found, str) and len(found) <= longest and found.isprintable() else ""

    return Place(
        upload_url=text("uploadUrl", _LONGEST_URL),
        content_url=text("contentUrl", _LONGEST_URL),
        name=text("name", _LONGEST_NAME),
        unique_id=text("uniqueId", _LONGEST_NAME),
        file_type=text("fileType", _LONGEST_NAME),
    )


def is_place_of_files(url: str, *, local: bool) -> bool:
    """Say whether a file may be there: https on its own port to a host with a name; in local mode loopback too."""
    match = _URL.fullmatch(url)
    if match is None:
        return False
    scheme, host, port = match[1].lower(), match[2].lower(), match[3]
    if local and is_loopback(host):
        return True
    is_named = bool(_NAME.fullmatch(host)) and not host.endswith(_NOWHERE)
    return scheme == "https" and port in {None, "443"} and is_named


class Files:
    """Speaks of files in personal chats, and uploads them on a session that carries no token of the bot."""

    def __init__(
        self,
        connector: Connector,
        people: People,
        session: aiohttp.ClientSession,
        *,
        local: bool,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._connector = connector
        self._people = people
        self._session = session
        self._local = local
        self._sleep = sleep

    async def say(self, email: str, sentence: str, card: str = "") -> str:
        """Show a sentence in the place of a message, or below; return which message shows it, '' when none does."""
        message = {"type": "message", "text": sentence, "textFormat": "plain"}
        address = await self._people.address(email)
        if address is None:
            return ""
        service, chat = address.service_url, address.conversation_id
        if card and (await self._connector.update(service, chat, card, message | {"id": card})).ok:
            return card
        return (await self._connector.post(service, chat, message)).activity_id or ""

    async def show(self, email: str, place: Place) -> None:
        """Post the card that opens an uploaded file, where its address is one that may be opened."""
        content = {"uniqueId": place.unique_id, "fileType": place.file_type}
        file = {"contentType": INFO, "name": place.name, "contentUrl": place.content_url, "content": content}
        address = await self._people.address(email)
        if address and is_place_of_files(place.content_url, local=self._local):
            message = {"type": "message", "attachments": [file]}
            await self._connector.post(address.service_url, address.conversation_id, message)

    async def upload(self, url: str, path: Path, still_here: Callable[[], Awaitable[None]]) -> None:
        """Send a file in parts, telling before each that this goes on. Raises NotUploadedError."""
        if not is_place_of_files(url, local=self._local):
            raise NotUploadedError("the place is not one where files may go")
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(0)
            for start in range(0, size, CHUNK):
                await still_here()
                await self._put(url, file.read(CHUNK), start, size)

    async def _put(self, url: str, part: bytes, start: int, size: int) -> None:
        end = start + len(part)
        expected = {HTTPStatus.OK, HTTPStatus.CREATED} if end == size else {HTTPStatus.ACCEPTED}
        for attempt in range(TRIES):
            status = await self._status(url, part, f"bytes {start}-{end - 1}/{size}")
            if status in expected:
                return
            if 0 < status < HTTPStatus.INTERNAL_SERVER_ERROR or attempt == TRIES - 1:
                raise NotUploadedError(f"answered {status}" if status else "no answer")
            await self._sleep(_PAUSE * 2**attempt)

    async def _status(self, url: str, part: bytes, content_range: str) -> int:
        """Return the status of the answer, 0 when there was none."""
        headers = {"Content-Range": content_range, "Content-Type": "application/octet-stream"}
        try:
            async with self._session.put(
                URL(url, encoded=True), data=BytesIO(part), headers=headers, timeout=_TIMEOUT, allow_redirects=False
            ) as response:
                return response.status
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
            return 0
