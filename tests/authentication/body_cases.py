"""The matrix of bodies: rightly signed all of them, and not all of them for this bot to answer."""

import json

from tests.authentication.case import Case
from tests.authentication.forger import LEFT_OUT

OUR_HOSTS = "the bot's token goes to listed hosts only, so nothing else is worth an answer"
ONLY_TEAMS = "the bot is made for Teams alone"
NO_SHAPE = "a caller that sends what is no activity is told so before anything reads it"


def changing(**changes):
    return {"changes": changes}


def raw(body, **more):
    return {"body": body, **more}


DEEP = json.loads('{"a":' * 21 + "1" + "}" * 21)

BODY_CASES = [
    Case("another host, rightly signed", 403, 201, changing(serviceUrl="https://evil.example/"), OUR_HOSTS),
    Case("a port that is not listed", 403, 201, changing(serviceUrl="http://127.0.0.1:1/"), OUR_HOSTS),
    Case("plain http to Teams", 403, 201, changing(serviceUrl="http://smba.trafficmanager.net/emea/"), OUR_HOSTS),
    Case(
        "Teams, which is not listed here", 403, 201, changing(serviceUrl="https://smba.trafficmanager.net/"), OUR_HOSTS
    ),
    Case("a file", 403, 201, changing(serviceUrl="file:///etc/passwd"), OUR_HOSTS),
    Case(
        "another host than the token says",
        401,
        401,
        {**changing(serviceUrl="https://evil.example/"), "claims": {"serviceurl": "https://smba.trafficmanager.net/"}},
    ),
    Case(
        "no service URL",
        400,
        201,
        changing(serviceUrl=LEFT_OUT),
        "without one the token's claim is compared to nothing",
    ),
    Case("an empty service URL", 400, 401, changing(serviceUrl="")),
    Case("no channel", 403, 201, changing(channelId=LEFT_OUT), "without one no endorsement is asked for"),
    Case("an empty channel", 403, 201, changing(channelId=""), "without one no endorsement is asked for"),
    Case("a channel that the key does not speak for", 403, 500, changing(channelId="webchat")),
    Case("the Emulator's channel", 403, 500, changing(channelId="emulator")),
    Case("Teams in capitals", 403, 500, changing(channelId="MSTEAMS")),
    Case("Web Chat by a key for both", 403, 201, {**changing(channelId="webchat"), "key_id": "both"}, ONLY_TEAMS),
    Case("Teams by a key for both", 200, 201, {"key_id": "both"}),
    Case("Web Chat by a key for nobody", 401, 201, {**changing(channelId="webchat"), "key_id": "empty"}, ONLY_TEAMS),
    Case("an unknown tenant", 200, 201, changing(channelData={"tenant": {"id": "0" * 36}})),
    Case(
        "no tenant", 400, 201, changing(channelData=LEFT_OUT, conversation={"id": "a:1"}), "a person is known by tenant"
    ),
    Case("no conversation", 400, 201, changing(conversation=LEFT_OUT), NO_SHAPE),
    Case("no sender", 400, 201, changing(**{"from": LEFT_OUT}), NO_SHAPE),
    Case("no recipient", 400, 201, changing(recipient=LEFT_OUT), NO_SHAPE),
    Case("no type", 400, 400, changing(type=LEFT_OUT)),
    Case("a text that is a list", 400, 201, changing(text=["help"]), NO_SHAPE),
    Case("a sender that is a text", 400, 500, changing(**{"from": "dana"})),
    Case("a time that is none", 400, 500, changing(timestamp="yesterday")),
    Case("twenty-two levels", 400, 201, changing(value=DEEP), "depth is where parsers break"),
    Case("an unknown field", 200, 201, changing(surprise={"a": [1, None]})),
    Case("no JSON", 400, 500, raw(b"{")),
    Case("an empty body", 400, 500, raw(b"")),
    Case("a list", 400, 500, raw(b"[]")),
    Case("null", 400, 500, raw(b"null")),
    Case("a number", 400, 500, raw(b"7")),
    Case("not UTF-8", 400, 500, raw(b'{"type": "\xff"}')),
    Case("a hundred thousand levels", 400, 500, raw(b"[" * 100_000)),
    Case("300 KB", 413, 201, changing(text="x" * 300_000), "Teams sends 256 KB at most, and memory is shared by all"),
    Case("2 MB", 413, 413, raw(b" " * 2_000_000)),
    Case("2 MB without a token", 413, 413, raw(b" " * 2_000_000, authorization=())),
    Case("nonsense without a token", 401, 500, raw(b"{", authorization=())),
    Case("no content type", 400, 500, {"content_type": None}),
    Case("plain text", 400, 415, {"content_type": "text/plain"}),
    Case("a type that only begins like JSON", 400, 201, {"content_type": "application/jsonp"}, "JSON has one name"),
    Case("the content type in capitals", 200, 415, {"content_type": "Application/JSON"}, "media types have no case"),
]
