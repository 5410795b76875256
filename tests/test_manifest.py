"""The app's manifest names what the code answers to, and holds no id of its own."""

import json
import re
from pathlib import Path

import app
from bot.extension import COMMAND, PARAMETER

MANIFEST = Path(app.__file__).parent / "deployment" / "manifest" / "manifest.json"
TEXT = MANIFEST.read_text(encoding="utf-8")
READ = json.loads(TEXT)


def test_the_search_is_the_one_that_the_code_answers():
    [extension] = READ["composeExtensions"]
    [command] = extension["commands"]
    [parameter] = command["parameters"]
    assert (command["id"], command["type"], parameter["name"]) == (COMMAND, "query", PARAMETER)
    assert command["context"] == ["compose", "commandBox"]
    assert command["initialRun"] is True


def test_the_bot_is_talked_to_in_a_personal_chat_and_takes_files():
    [bot] = READ["bots"]
    assert (bot["scopes"], bot["supportsFiles"], bot["isNotificationOnly"]) == (["personal"], True, False)
    assert bot["botId"] == READ["composeExtensions"][0]["botId"] == "${{MICROSOFT_APP_ID}}"


def test_ids_and_addresses_are_filled_in_when_the_package_is_built():
    assert READ["id"] == "${{TEAMS_APP_ID}}"
    assert not re.search("[0-9a-f]{8}-[0-9a-f]{4}-", TEXT)
    assert all(value.startswith("${{") for value in READ["developer"].values())
    assert set(READ["icons"].values()) == {"color.png", "outline.png"}


def test_texts_are_as_long_as_teams_takes_them():
    [command] = READ["composeExtensions"][0]["commands"]
    [parameter] = command["parameters"]
    longest = {
        READ["name"]["short"]: 30,
        READ["name"]["full"]: 100,
        READ["description"]["short"]: 80,
        READ["description"]["full"]: 4000,
        command["title"]: 32,
        command["description"]: 128,
        parameter["title"]: 32,
        parameter["description"]: 128,
    }
    assert {text: len(text) for text, most in longest.items() if not 0 < len(text) <= most} == {}
