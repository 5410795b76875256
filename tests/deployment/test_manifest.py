"""The app's manifest fits Microsoft's schema, names what the code answers to, and holds no id of its own."""

import json
import re

import pytest
from jsonschema import Draft4Validator, FormatChecker

from bot.cards.words import _COMMANDS as IN_HELP
from bot.dialogs.commands import COMMANDS, GREETINGS, recognised
from bot.domain.people import Role
from bot.extension import COMMAND, PARAMETER
from deployment.manifest.package import HERE, MANIFEST, SCHEMA, SETTINGS

TEXT = MANIFEST.read_text(encoding="utf-8")
READ = json.loads(TEXT)
[BOT] = READ["bots"]
[LISTED] = BOT["commandLists"]
TITLES = [command["title"] for command in LISTED["commands"]]
ROLES = {
    "Requester": Role.REQUESTER,
    "FPM": Role.FPM,
    "assigner": Role.ASSIGNER,
    "SME": Role.SME,
    "programme team": Role.PROGRAM,
}
NAMED = re.compile(rf"(({'|'.join(ROLES)})(, ({'|'.join(ROLES)}))*): ")
LEFT_TO_HELP = {
    "withdraw": "a button of the request's card does it",
    "cancel": "a button of the form does it",
    "accept": "the mail with the code says how, and a card has a button",
    "request access": "whoever has no access is told so when it is needed",
    "hello": "nobody has to be told",
    "invitations": "seldom: a card comes when somebody asks for access",
    "invite": "seldom",
    "remove": "seldom",
    "cover": "seldom",
    "brief": "set once",
    "mail": "set once",
    "propose": "seldom",
    "learning": "seldom",
    "export": "seldom; a button of the insights does it",
}
"""Commands that Teams does not offer, as a list can hold few, and why each; `help` names those of the person's role."""


def offered(title):
    [description] = [command["description"] for command in LISTED["commands"] if command["title"] == title]
    roles = NAMED.match(description)
    return frozenset(ROLES[name] for name in roles[1].split(", ")) if roles else frozenset(Role)


def test_the_search_is_the_one_that_the_code_answers():
    [extension] = READ["composeExtensions"]
    [command] = extension["commands"]
    [parameter] = command["parameters"]
    assert (command["id"], command["type"], parameter["name"]) == (COMMAND, "query", PARAMETER)
    assert command["context"] == ["compose", "commandBox"]
    assert command["initialRun"] is True


def test_the_bot_is_talked_to_in_a_personal_chat_and_takes_files():
    assert BOT["scopes"] == LISTED["scopes"] == [READ["defaultInstallScope"]] == ["personal"]
    assert (BOT["supportsFiles"], BOT["isNotificationOnly"]) == (True, False)
    assert BOT["botId"] == READ["composeExtensions"][0]["botId"] == "${{MICROSOFT_APP_ID}}"


@pytest.mark.parametrize("title", TITLES)
def test_an_offered_command_is_understood_and_named_for_the_roles_that_may_type_it(title):
    command = recognised(title).command
    assert command.words == title
    assert offered(title) == command.roles


@pytest.mark.parametrize("title", TITLES)
def test_an_offered_command_is_told_as_help_tells_it(title):
    told = {" ".join(word for word in words.split() if word.islower()): does for words, does, _ in IN_HELP}
    told |= {"leave": "Be given nothing new for some days", "help": "Everything that you can type"}
    [command] = [each for each in LISTED["commands"] if each["title"] == title]
    assert NAMED.sub("", command["description"]).startswith(told[title])


def test_every_command_is_offered_or_left_to_help_for_a_reason():
    words = [command.words for command in (*COMMANDS, GREETINGS)]
    assert sorted([*TITLES, *LEFT_TO_HELP]) == sorted(words)


def test_every_role_is_offered_what_it_works_with():
    most_used = {
        Role.REQUESTER: {"new request", "my requests"},
        Role.FPM: {"inbox", "my requests"},
        Role.ASSIGNER: {"inbox", "my requests"},
        Role.SME: {"engagements", "leave"},
        Role.PROGRAM: {"insights", "my requests"},
    }
    for role in Role:
        assert {"help", "status"} | most_used[role] <= {title for title in TITLES if role in offered(title)}


def test_ids_and_addresses_are_filled_in_when_the_package_is_built():
    assert READ["id"] == "${{SME_TEAMS_APP_ID}}"
    assert set(re.findall(r"\$\{\{(\w+)\}\}", TEXT)) == {each.name for each in SETTINGS} | {"VERSION"}
    assert not re.search("[0-9a-f]{8}-[0-9a-f]{4}-", TEXT)
    assert all(value.startswith("${{") for value in READ["developer"].values())
    assert set(READ["icons"].values()) == {"color.png", "outline.png"}


def test_graph_may_install_the_app_as_the_manifest_names_the_registration():
    registration = "${{MICROSOFT_APP_ID}}"
    assert READ["webApplicationInfo"] == {"id": registration, "resource": f"api://botid-{registration}"}


def test_no_web_page_is_shown_inside_teams_so_that_no_domain_is_needed():
    assert READ["validDomains"] == []
    assert not READ.keys() & {"staticTabs", "configurableTabs", "authorization"}
    [extension] = READ["composeExtensions"]
    assert not extension.keys() & {"messageHandlers", "canUpdateConfiguration", "authorization"}


def test_texts_are_as_short_as_every_client_shows_them():
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
    longest |= {each["title"]: 32 for each in LISTED["commands"]}
    longest |= {each["description"]: 128 for each in LISTED["commands"]}
    assert {text: len(text) for text, most in longest.items() if not 0 < len(text) <= most} == {}
    assert len(TITLES) <= 10


def test_the_schema_is_the_one_that_the_manifest_names():
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    Draft4Validator.check_schema(schema, FormatChecker(()))
    version = schema["properties"]["manifestVersion"]["const"]
    assert READ["manifestVersion"] == version, "draft 4 knows no const, so that the validation says nothing of it"
    assert READ["$schema"].endswith(f"/teams/v{version}/{SCHEMA.name}")


def test_the_schema_is_the_official_file():
    version = READ["manifestVersion"]
    installed = HERE.parents[1] / "node_modules" / "@microsoft" / "app-manifest"
    official = installed / "build" / "json-schemas" / "teams" / f"v{version}" / SCHEMA.name
    assert SCHEMA.read_bytes() == official.read_bytes()
    package = json.loads((installed / "package.json").read_text(encoding="utf-8"))
    origin, _, licence = (HERE / "LICENSE-app-manifest").read_text(encoding="utf-8").partition("\n\n")
    assert f"version {version} from the package {package['name']} {package['version']}" in origin
    assert licence.startswith(f"{package['license']} License")
