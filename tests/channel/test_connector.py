"""Every call to the Bot Connector ends in a value, and tokens go to trusted hosts only."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from bot.channel.connector import BOT_SCOPE, Connector, Kind
from bot.channel.guarded import NoTokenError

ACTIVITY = {"type": "message", "text": "hello"}


class Tokens:
    """Hands out a new token only when asked to."""

    healthy = True

    def __init__(self, *, empty=False):
        self.asked = []
        self._empty = empty

    async def token(self, scope, *, renew=False):
        self.asked.append((scope, renew))
        if self._empty:
            raise NoTokenError(scope)
        return f"token-{1 + sum(renewed for _, renewed in self.asked)}"


@pytest.fixture
def tokens():
    return Tokens()


@pytest.fixture
async def trusted(service, tokens):
    made = Connector(tokens=tokens, service_hosts=frozenset({service.host}), local=False)
    yield made
    await made.close()


async def test_an_activity_is_posted_with_the_token_of_the_bot(trusted, service, tokens):
    outcome = await trusted.post(service.url, "a:1", ACTIVITY)
    assert outcome.ok
    assert outcome.activity_id == "id-1"
    assert tokens.asked == [(BOT_SCOPE, False)]
    [call] = service.calls
    assert (call.method, call.path) == ("POST", "/teams/v3/conversations/a%3A1/activities")
    assert call.authorization == "Bearer token-1"
    assert call.body == ACTIVITY


@pytest.mark.parametrize("slash", ["", "/"])
async def test_ids_are_quoted_and_a_trailing_slash_does_not_matter(connector, service, slash):
    await connector.post(service.url + slash, "19:x@thread.tacv2;messageid=1/2", ACTIVITY, reply_to="f:1?#")
    assert service.calls[0].path == (
        "/teams/v3/conversations/19%3Ax%40thread.tacv2%3Bmessageid%3D1%2F2/activities/f%3A1%3F%23"
    )


async def test_updates_deletions_and_look_ups_go_to_their_routes(connector, service):
    await connector.update(service.url, "a:1", "7", ACTIVITY)
    await connector.delete(service.url, "a:1", "7")
    await connector.member(service.url, "a:1", "29:x")
    assert [(call.method, call.path) for call in service.calls] == [
        ("PUT", "/teams/v3/conversations/a%3A1/activities/7"),
        ("DELETE", "/teams/v3/conversations/a%3A1/activities/7"),
        ("GET", "/teams/v3/conversations/a%3A1/members/29%3Ax"),
    ]


async def test_a_personal_chat_is_opened_in_the_tenant_of_the_person(connector, service):
    outcome = await connector.create_personal(service.url, tenant_id="tenant", member_id="29:x", bot_id="28:bot")
    assert outcome.body["id"] == "id-1"
    [call] = service.calls
    assert (call.method, call.path) == ("POST", "/teams/v3/conversations")
    assert call.body == {
        "isGroup": False,
        "bot": {"id": "28:bot"},
        "members": [{"id": "29:x"}],
        "tenantId": "tenant",
        "channelData": {"tenant": {"id": "tenant"}},
    }


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (200, Kind.DELIVERED),
        (202, Kind.DELIVERED),
        (302, Kind.REJECTED),
        (400, Kind.REJECTED),
        (401, Kind.UNAUTHORIZED),
        (403, Kind.UNREACHABLE),
        (404, Kind.UNREACHABLE),
        (409, Kind.REJECTED),
        (412, Kind.THROTTLED),
        (413, Kind.REJECTED),
        (429, Kind.THROTTLED),
        (500, Kind.AMBIGUOUS),
        (501, Kind.REJECTED),
        (502, Kind.AMBIGUOUS),
        (503, Kind.THROTTLED),
        (504, Kind.AMBIGUOUS),
    ],
)
async def test_each_status_has_its_meaning(connector, service, status, kind):
    service.script = [(status, {"Location": service.url}, {"error": {"code": "Word", "message": "x"}})]
    outcome = await connector.post(service.url, "a:1", ACTIVITY)
    assert (outcome.status, outcome.kind, outcome.code) == (status, kind, "Word")
    assert len(service.calls) == 1


@pytest.mark.parametrize("text", ["", "Forbidden", "[1]", '{"error": "x"}', "[" * 5000])
async def test_an_answer_in_another_form_keeps_its_status(connector, service, text):
    service.script = [(403, {}, text)]
    outcome = await connector.post(service.url, "a:1", ACTIVITY)
    assert (outcome.status, outcome.code, outcome.activity_id) == (403, "", None)


async def test_an_answer_that_breaks_off_counts_by_its_status(connector, service):
    service.script = ["half"]
    assert (await connector.post(service.url, "a:1", ACTIVITY)).kind is Kind.DELIVERED


async def test_a_reset_is_ambiguous(connector, service):
    service.script = ["reset"]
    outcome = await connector.post(service.url, "a:1", ACTIVITY)
    assert (outcome.status, outcome.kind) == (None, Kind.AMBIGUOUS)


async def test_a_refused_connection_is_not_sent(connector, free_port):
    outcome = await connector.post(f"http://127.0.0.1:{free_port}/", "a:1", ACTIVITY)
    assert (outcome.status, outcome.kind) == (None, Kind.NOT_SENT)


async def test_tls_that_fails_is_not_sent(connector, service):
    outcome = await connector.post(service.url.replace("http", "https"), "a:1", ACTIVITY)
    assert outcome.kind is Kind.NOT_SENT


async def test_retry_after_is_read_as_seconds_and_as_a_date(connector, service):
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
    past = format_datetime(datetime.now(UTC) - timedelta(seconds=100), usegmt=True)
    waits = []
    for value in ("7", soon, past, "Sun, 22 Nov 2020 10:00:00 -0000", "later", "-3"):
        service.script = [(429, {"Retry-After": value}, {})]
        waits.append((await connector.post(service.url, "a:1", ACTIVITY)).retry_after)
    assert waits[0] == 7.0
    assert 90 < waits[1] <= 100
    assert waits[2:] == [0.0, 0.0, None, None]


async def test_a_refused_token_is_renewed_once(trusted, service, tokens):
    service.script = [(401, {}, {})]
    assert (await trusted.post(service.url, "a:1", ACTIVITY)).ok
    assert [call.authorization for call in service.calls] == ["Bearer token-1", "Bearer token-2"]
    service.script = [(401, {}, {}), (401, {}, {})]
    assert (await trusted.post(service.url, "a:1", ACTIVITY)).kind is Kind.UNAUTHORIZED
    assert len(service.calls) == 4


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/",
        "http://127.0.0.1:1/",
        "http://smba.trafficmanager.net/",
        "https://smba.trafficmanager.net@evil.example/",
        "",
        "nonsense",
    ],
)
async def test_a_foreign_host_gets_no_request_and_no_token(trusted, service, tokens, url):
    for outcome in (
        await trusted.post(url, "a:1", ACTIVITY),
        await trusted.update(url, "a:1", "7", ACTIVITY),
        await trusted.create_personal(url, tenant_id="t", member_id="29:x", bot_id="28:b"),
        await trusted.member(url, "a:1", "29:x"),
    ):
        assert (outcome.status, outcome.kind) == (None, Kind.FORBIDDEN_HOST)
    assert tokens.asked == []
    assert service.calls == []


async def test_without_a_token_nothing_is_sent(service):
    tokenless = Connector(tokens=Tokens(empty=True), service_hosts=frozenset({service.host}), local=False)
    outcome = await tokenless.post(service.url, "a:1", ACTIVITY)
    await tokenless.close()
    assert outcome.kind is Kind.NOT_SENT
    assert service.calls == []
