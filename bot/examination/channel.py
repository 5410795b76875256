"""What the Bot Framework publishes: the keys with which it signs, who signs, and its clock beside ours."""

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import aiohttp

from bot.channel.body import read_at_most
from bot.channel.keys import FETCH_TIMEOUT, SigningKeys
from bot.domain.ports import Clock
from bot.examination.finding import Finding, noted, to_mend
from bot.settings import Settings

_TEAMS = "msteams"
_MOST_APART = timedelta(seconds=60)
# A Date names whole seconds.
_RESOLUTION = timedelta(seconds=1)
_NONE = timedelta(0)
_LONGEST_DOCUMENT = 1024 * 1024
_CORRECT = "Correct the clock of this machine: from five minutes on tokens are refused, and promises are kept by it."
_UNFIT = "Every message of Teams is refused: is SME_CHANNEL_METADATA the Bot Framework's?"


async def channel_examined(settings: Settings, session: aiohttp.ClientSession, clock: Clock) -> Sequence[Finding]:
    """Return how the signing keys are, who signs by the metadata, and how far the clocks are apart."""
    keys = SigningKeys(settings.metadata, session, clock)
    _, metadata = await asyncio.gather(keys.find(""), _metadata(settings, session, clock))
    endorsed = keys.endorsed_for(_TEAMS)
    published = f"{keys.count} published, {endorsed} of them for Teams"
    if not keys.count:
        unread = f"Is {settings.metadata} reached from here, and the Bot Framework's metadata?"
        found = [to_mend("signing keys", published, unread)]
    elif not endorsed:
        found = [to_mend("signing keys", published, _UNFIT)]
    else:
        found = [Finding("signing keys", published)]
    return found + metadata


async def _metadata(settings: Settings, session: aiohttp.ClientSession, clock: Clock) -> list[Finding]:
    timeout = aiohttp.ClientTimeout(FETCH_TIMEOUT)
    asked = clock()
    try:
        async with session.get(settings.metadata, allow_redirects=False, timeout=timeout) as response:
            answered = clock()
            body = await read_at_most(response.content, _LONGEST_DOCUMENT)
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        return [noted("clock", f"not compared with the Bot Framework's: {type(error).__name__}")]
    found = [_clock(response.headers.get("Date", ""), response.headers.get("Age", ""), asked, answered)]
    issuer = _issuer(body)
    if issuer not in {"", settings.issuer}:
        advice = f"Every message of Teams is refused: SME_CHANNEL_ISSUER is {settings.issuer}."
        found.append(to_mend("signing keys", f"their issuer is {issuer}", advice))
    return found


def _issuer(body: bytes) -> str:
    """Return who signs, '' where the document does not say it."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    return str(document.get("issuer", "")) if isinstance(document, dict) else ""


def _clock(date: str, age: str, asked: datetime, answered: datetime) -> Finding:
    """Return by how much the clocks differ at least: the answer was made between these two of our times."""
    try:
        theirs = parsedate_to_datetime(date).astimezone(UTC)
    except ValueError:
        return noted("clock", "not compared: the Bot Framework's answer has no date")
    # A cache says for how many seconds it has kept the answer.
    theirs += timedelta(seconds=int(age)) if age.isdecimal() and len(age) < len("1000000") else _NONE
    ahead = max(_NONE, asked - theirs - _RESOLUTION)
    behind = max(_NONE, theirs - answered)
    apart = max(ahead, behind)
    if apart > _MOST_APART:
        which = "ahead of" if ahead else "behind"
        return to_mend("clock", f"{apart.total_seconds():,.0f} seconds {which} the Bot Framework's", _CORRECT)
    return Finding("clock", "agrees with the Bot Framework's to the minute")
