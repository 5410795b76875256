"""What a chat shows of one journey, with what differs from run to run left out."""

import json
import re
from pathlib import Path

from tests.bench.directory import People
from tests.bench.journey import STEPS, travelled, travellers
from tests.bench.servers import OURS, SERVERS, load_directory, running
from tests.bench.teams import Call, Teams

_HEX = re.compile(r'"(form|card)": "[0-9a-f]+"')


def transcript_of(calls: list[Call]) -> list[str]:
    """Return a text for each call: which message it posts or updates, and the whole card."""
    messages: list[str] = []
    shown = []
    for call in calls:
        if call.method == "POST":
            messages.append(call.activity_id)
        activity = json.loads(call.body)
        cards = [attachment["content"] for attachment in activity.get("attachments") or []]
        content = json.dumps([activity.get("text"), activity.get("summary"), *cards], indent=1, sort_keys=True)
        shown.append(f"{call.method} {messages.index(call.activity_id)}\n{_HEX.sub(_named, content)}")
    return shown


def _named(found: re.Match[str]) -> str:
    return f'"{found[1]}": "its key"'


async def transcripts(teams: Teams, people: People, folder: Path) -> dict[str, list[str]]:
    """Send the same person through the form at each of the four; return what came of it by the server's name.

    Each must refuse a token that somebody else signed before.
    """
    await load_directory(teams, folder, people)
    found = {}
    for server in SERVERS:
        async with running(server, teams, folder) as bot:
            traveller = next(travellers(teams, people, bot.url))
            forged = await teams.status_of(bot.url, traveller.activity(STEPS[0]), forged=True)
            assert forged >= 400, f"{server.name} takes a forged token"
            found[server.name] = transcript_of(await travelled(traveller))
    return found


def differing(found: dict[str, list[str]]) -> list[str]:
    """Return the names of the servers that do not show what the bot shows."""
    return [name for name, transcript in found.items() if transcript != found[OURS.name]]
