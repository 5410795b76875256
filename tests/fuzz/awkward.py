"""Values that programs trip over, and the words that Teams and the product give a meaning to."""

import json

from bot.domain.lifecycle import Action

LITERALS = {"1e400": "1e400", "-0": "-0", "minus infinity": "-Infinity", "digits": "9" * 5_000, "tiny": "1e-400"}
"""Numbers that `json.dumps` does not write; in a document they stand as `spelt`."""


def spelt(name: str) -> str:
    return f"\u2063{name}\u2063"


def written(document: object) -> bytes:
    """Return the JSON of a document, half characters as escapes and every literal as it is spelt."""
    text = json.dumps(document)
    for name, literal in LITERALS.items():
        text = text.replace(json.dumps(spelt(name)), literal)
    return text.encode()


def nested(levels: int, *, in_lists: bool = False) -> object:
    inner: object = 1
    for _ in range(levels):
        inner = [inner] if in_lists else {"a": inner}
    return inner


TEXTS = [
    "",
    " ",
    "x",
    "\0",
    "\ud800",
    "\udfff\ud800",
    "\u202egnp.exe",
    "e\u0301" * 200,
    "\U0001f469\u200d\U0001f4bb" * 50,
    "مرحبا بالعالم",
    "\r\n\r\nSet-Cookie: a=b",
    "<at>everyone</at>",
    "{{DATE(2026-11-22T10:00:00Z)}}",
    "'; DROP TABLE row;--",
    "status " * 100,
    "x" * 40_000,
    "客" * 30_000,
    "a" * 200_000,
    "null",
    "true",
    "0",
]
NUMBERS = [0, 1, -1, True, False, 1.5, -0.0, 10**18, 10**30, float("nan"), float("inf"), *map(spelt, LITERALS)]
SHAPES = [
    None,
    [],
    {},
    [None],
    [[]],
    [{}],
    {"": ""},
    {"id": 1},
    {"id": None},
    {"id": "x", "type": 7},
    {"__proto__": {"a": 1}},
    {"\0": "\0"},
    ["x"] * 500,
    {str(number): number for number in range(500)},
    *(nested(levels) for levels in (5, 17, 18, 19, 20, 21, 60)),
    nested(21, in_lists=True),
    nested(400, in_lists=True),
]
IDS = [
    "..",
    ".",
    "../",
    "../../v3/botstate",
    "%2f",
    "%2e%2e%2f",
    "a/b",
    "a?b#c",
    "a\\b",
    "a\nb",
    "a b",
    "\t",
    "\x7f",
    "!",
    "|" * 40,
    "x" * 512,
    "x" * 513,
    "客" * 512,
    "\ud83d",
    "29:1",
    "19:253b1f341670408fb6fe51050b6e5ceb@thread.tacv2",
]
TENANTS = [
    "11111111-1111-4111-8111-111111111111",
    "99999999-9999-4999-8999-999999999999",
    "99999999-9999-4999-8999-99999999999A",
    "44444444-4444-4444-8444-444444444444",
    "common",
    *IDS,
]
TIMES = [
    "2026-11-22T10:13:29.1487413Z",
    "2026-02-30T00:00:00Z",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59.999999-14:00",
    "2026-11-22T10:13:29+99:00",
    "2026-W47-7",
    "20261122",
    "yesterday",
    "1795322528",
    "",
]
HOSTS = [
    "https://smba.trafficmanager.net/emea/",
    "https://127.0.0.1/",
    "http://127.0.0.1:9/",
    "http://169.254.169.254/metadata",
    "file:///etc/passwd",
    "https://[::1",
    "http://[::1]:99999/",
    "//evil.example",
    "https://user:secret@smba.trafficmanager.net/",
    "javascript:alert(1)",
    "x" * 3_000,
    "",
]
CHANNELS = ["msteams", "MSTEAMS", "webchat", "emulator", "directline", "skype", "msteams ", "", "\0"]
TYPES = [
    "message",
    "invoke",
    "conversationUpdate",
    "installationUpdate",
    "messageUpdate",
    "messageDelete",
    "messageReaction",
    "typing",
    "event",
    "endOfConversation",
    "contactRelationUpdate",
    "command",
    "commandResult",
    "suggestion",
    "trace",
    "handoff",
    "delay",
    "invokeResponse",
    "MESSAGE",
    "",
]
INVOKES = [
    "adaptiveCard/action",
    "adaptivecard/action",
    "application/search",
    "task/fetch",
    "task/submit",
    "tab/fetch",
    "tab/submit",
    "config/fetch",
    "config/submit",
    "composeExtension/query",
    "composeExtension/queryLink",
    "composeExtension/anonymousQueryLink",
    "composeExtension/submitAction",
    "composeExtension/fetchTask",
    "composeExtension/querySettingUrl",
    "composeExtension/setting",
    "composeExtension/selectItem",
    "composeExtension/onCardButtonClicked",
    "actionableMessage/executeAction",
    "fileConsent/invoke",
    "signin/verifyState",
    "signin/tokenExchange",
    "signin/failure",
    "message/submitAction",
    "message/fetchTask",
    "healthCheck",
    "",
]
FORM_VERBS = ["next", "back", "cancel", "submit", "edit", "resume", "afresh", "again", "fix", "status", "ask_fpm"]
VERBS = [*(action.value for action in Action), *FORM_VERBS, "refresh", "APPROVE", "", "\0", "constructor"]
MENTIONS = [
    [{"type": "mention"}],
    [{"type": "mention", "mentioned": {"id": "28:x"}, "text": None}],
    [{"type": "mention", "mentioned": {"id": "28:x", "name": "("}, "text": "(" * 50}],
    [{"type": "mention", "mentioned": {"id": "28:c9e8c047-2a34-40a1-b28a-b162d5f5327c", "name": "x"}, "text": "x"}],
    [{"type": "MENTION", "mentioned": []}],
    [{"type": "clientInfo", "locale": 7}],
    [{"type": ["mention"]}],
    [{"type": "streaminfo", "streamSequence": "x"}],
]
ATTACHMENTS = [
    [{"contentType": "application/vnd.microsoft.card.adaptive", "content": "x"}],
    [{"contentType": "application/vnd.microsoft.teams.file.download.info", "contentUrl": "https://evil.example/"}],
    [{"contentType": 7}],
    [{"content": {"verb": "approve"}}],
    [{"name": None, "thumbnailUrl": {}}],
]
MEMBERS = [
    [{"id": "28:c9e8c047-2a34-40a1-b28a-b162d5f5327c"}],
    [{"id": "29:1", "aadObjectId": None}],
    [{"id": "29:1", "userRole": 7}],
    [{"id": "29:1", "properties": []}],
    [{"id": ""}],
    [{"id": "29:1"}] * 300,
]
