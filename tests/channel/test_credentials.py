"""The bot's own tokens, by real MSAL from a sign-in service on loopback."""

import asyncio

import jwt
import pytest

from bot.channel.credentials import (
    Certificate,
    Federated,
    ManagedIdentity,
    MsalTokens,
    Secret,
)
from bot.channel.guarded import NoTokenError
from tests.channel.sign_in import running_sign_in, write_pem

SCOPE = "https://api.botframework.com/.default"
GRAPH = "https://graph.microsoft.com/.default"
TENANT = "2b1e6f0a-93c4-4d1c-8f5e-1f0c6b7d8e90"


@pytest.fixture(scope="session")
def pem(tmp_path_factory):
    return write_pem(tmp_path_factory.mktemp("pem") / "bot.pem")


@pytest.fixture
async def sign_in(pem, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(pem))
    async with running_sign_in(pem) as service:
        for name, value in service.environment.items():
            monkeypatch.setenv(name, value)
        yield service


class Seconds:
    """A clock that stands still until it is told to go on."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def seconds():
    return Seconds()


@pytest.fixture
async def tokens_by(sign_in, seconds):
    made = []

    def build(credential):
        made.append(
            MsalTokens(
                app_id="app",
                tenant_id=TENANT,
                authority=sign_in.authority + "/",
                credential=credential,
                clock=seconds,
            )
        )
        return made[-1]

    yield build
    for tokens in made:
        await tokens.close()


@pytest.fixture
def tokens(tokens_by):
    return tokens_by(Secret("hush"))


async def test_a_secret_is_exchanged_for_a_token_of_the_home_tenant(tokens, sign_in):
    assert await tokens.token(SCOPE) == "token-1"
    [form] = sign_in.forms
    assert sign_in.tenants == {TENANT}
    assert form["client_secret"] == "hush"
    assert form["client_id"] == "app"
    assert form["scope"] == SCOPE
    assert tokens.healthy


async def test_a_certificate_signs_the_request(tokens_by, sign_in, pem):
    assert await tokens_by(Certificate(pem)).token(SCOPE) == "token-1"
    [form] = sign_in.forms
    claims = jwt.decode(form["client_assertion"], options={"verify_signature": False})
    assert claims["iss"] == "app"
    assert claims["aud"] == f"{sign_in.authority}/{TENANT}/oauth2/v2.0/token"


async def test_a_managed_identity_needs_nothing_else(tokens_by, sign_in):
    assert await tokens_by(ManagedIdentity()).token(SCOPE) == "identity-1"
    [query] = sign_in.identity_queries
    assert query["resource"] == "https://api.botframework.com"
    assert query["client_id"] == "app"
    assert sign_in.forms == []


async def test_a_managed_identity_vouches_for_the_app(tokens_by, sign_in):
    assert await tokens_by(Federated("identity-client")).token(SCOPE) == "token-1"
    [query] = sign_in.identity_queries
    assert query["resource"] == "api://AzureADTokenExchange"
    assert query["client_id"] == "identity-client"
    assert sign_in.forms[0]["client_assertion"] == "identity-1"


async def test_each_scope_is_fetched_once_for_everybody(tokens, sign_in):
    got = await asyncio.gather(*(tokens.token(scope) for scope in (SCOPE, GRAPH) * 10))
    assert len(set(got)) == 2
    assert sorted(form["scope"] for form in sign_in.forms) == [SCOPE, GRAPH]


async def test_a_token_is_renewed_ten_minutes_ahead_behind_the_callers(tokens, sign_in, seconds):
    await tokens.token(SCOPE)
    seconds.now += 2999
    assert await tokens.token(SCOPE) == "token-1"
    assert len(sign_in.forms) == 1
    sign_in.held.clear()
    seconds.now += 1
    assert await tokens.token(SCOPE) == "token-1"
    sign_in.held.set()
    seconds.now += 601
    assert await tokens.token(SCOPE) == "token-2"


async def test_a_refused_token_is_replaced_on_request(tokens):
    assert await tokens.token(SCOPE) == "token-1"
    assert await tokens.token(SCOPE, renew=True) == "token-2"
    assert await tokens.token(SCOPE) == "token-2"


async def test_a_failure_shows_and_is_repeated_with_growing_pauses(tokens, sign_in, seconds, caplog):
    sign_in.fault = 401
    for pause in (1, 2, 4):
        with pytest.raises(NoTokenError):
            await tokens.token(SCOPE)
        asked = len(sign_in.forms)
        with pytest.raises(NoTokenError):
            await tokens.token(SCOPE)
        assert len(sign_in.forms) == asked
        seconds.now += pause
    assert not tokens.healthy
    assert "hush" not in caplog.text
    assert "xyz" not in caplog.text
    sign_in.fault = 0
    assert await tokens.token(SCOPE)
    assert tokens.healthy


async def test_a_good_token_outlives_a_sign_in_service_that_is_down(tokens, sign_in, seconds):
    await tokens.token(SCOPE)
    sign_in.fault = 500
    seconds.now += 3100
    assert await tokens.token(SCOPE) == "token-1"
    assert await tokens.token(SCOPE) == "token-1"


async def test_a_missing_certificate_is_a_token_that_is_not_to_be_had(tokens_by, tmp_path):
    tokens = tokens_by(Certificate(tmp_path / "missing.pem"))
    with pytest.raises(NoTokenError):
        await tokens.token(SCOPE)
    assert not tokens.healthy


async def test_a_token_is_held_ready_without_anybody_asking(sign_in, seconds):
    naps = asyncio.Queue()

    async def sleep(pause):
        seconds.now += pause
        await naps.put(pause)
        if fetch := tokens._held[SCOPE].fetch:
            await asyncio.wait({fetch})

    tokens = MsalTokens(
        app_id="app",
        tenant_id=TENANT,
        authority=sign_in.authority,
        credential=Secret("hush"),
        clock=seconds,
        sleep=sleep,
    )
    sign_in.fault = 401
    keeping = asyncio.create_task(tokens.keep_fresh(SCOPE))
    assert [await naps.get(), await naps.get()] == [1.0, 2.0]
    assert not tokens.healthy
    sign_in.fault = 0
    while (pause := await naps.get()) < 60:
        pass
    assert pause == 3000
    assert tokens.healthy
    fetched = len(sign_in.forms)
    while len(sign_in.forms) == fetched:
        await naps.get()
    keeping.cancel()
    await asyncio.wait({keeping})
    await tokens.close()


def test_a_secret_is_not_printed():
    assert "hush" not in repr(Secret("hush"))
