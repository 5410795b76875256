"""The bot's own tokens, by real MSAL from a sign-in service on loopback."""

import asyncio
import ipaddress
import ssl
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from bot.channel.credentials import (
    Certificate,
    Federated,
    ManagedIdentity,
    MsalTokens,
    NoTokenError,
    Secret,
)

SCOPE = "https://api.botframework.com/.default"
GRAPH = "https://graph.microsoft.com/.default"
TENANT = "2b1e6f0a-93c4-4d1c-8f5e-1f0c6b7d8e90"


@pytest.fixture(scope="session")
def pem(tmp_path_factory):
    """A private key and its own certificate for loopback, in one file."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "loopback")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("pem") / "bot.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path


class SignInService:
    """Entra's two routes for one tenant, and the managed identity endpoint of a host in Azure."""

    def __init__(self):
        self.forms = []
        self.identity_queries = []
        self.fault = 0
        self.lifetime = 3600
        self.held = asyncio.Event()
        self.held.set()
        self.authority = ""

    async def configuration(self, _):
        base = f"{self.authority}/{TENANT}"
        return web.json_response(
            {
                "issuer": f"{base}/v2.0",
                "token_endpoint": f"{base}/oauth2/v2.0/token",
                "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
            }
        )

    async def token(self, request):
        self.forms.append(dict(await request.post()))
        await self.held.wait()
        if self.fault:
            return web.json_response(
                {"error": "invalid_client", "error_description": "secret xyz is wrong"}, status=self.fault
            )
        issued = {"token_type": "Bearer", "expires_in": self.lifetime}
        return web.json_response(issued | {"access_token": f"token-{len(self.forms)}"})

    async def identity(self, request):
        self.identity_queries.append(dict(request.query))
        expires = int(datetime.now(UTC).timestamp()) + self.lifetime
        token = f"identity-{len(self.identity_queries)}"
        return web.json_response(
            {"access_token": token, "expires_on": str(expires), "resource": "r", "token_type": "Bearer"}
        )


@pytest.fixture
async def sign_in(pem, monkeypatch):
    service = SignInService()
    app = web.Application()
    app.router.add_get(f"/{TENANT}/v2.0/.well-known/openid-configuration", service.configuration)
    app.router.add_post(f"/{TENANT}/oauth2/v2.0/token", service.token)
    app.router.add_get("/identity", service.identity)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pem)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(pem))
    server = TestServer(app, scheme="https", host="127.0.0.1")
    await server.start_server(ssl=context)
    service.authority = f"https://127.0.0.1:{server.port}"
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"{service.authority}/identity")
    monkeypatch.setenv("IDENTITY_HEADER", "header")
    yield service
    await server.close()


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


def test_a_secret_is_not_printed():
    assert "hush" not in repr(Secret("hush"))
