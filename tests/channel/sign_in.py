"""A sign-in service on loopback: Entra's routes for whichever tenant is asked for, and a host's managed identity."""

import asyncio
import ipaddress
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class SignInService:
    """Issues tokens that are numbered, and notes who asked for them and in which tenant; `scopes` says for what.

    What stands in `instead` answers in place of the configuration or the token; what is issued is subject to `changes`.
    """

    def __init__(self) -> None:
        self.tenants: set[str] = set()
        self.forms: list[dict] = []
        self.identity_queries: list[dict] = []
        self.scopes: dict[str, str] = {}
        self.fault = 0
        self.lifetime = 3600
        self.instead: dict[str, Handler] = {}
        self.changes: dict = {}
        self.held = asyncio.Event()
        self.held.set()
        self.authority = ""

    @property
    def environment(self) -> dict[str, str]:
        """What a host in Azure tells its programs about their managed identity."""
        return {"IDENTITY_ENDPOINT": f"{self.authority}/identity", "IDENTITY_HEADER": "header"}

    def application(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/{tenant}/v2.0/.well-known/openid-configuration", self._configuration)
        app.router.add_post("/{tenant}/oauth2/v2.0/token", self._token)
        app.router.add_get("/identity", self._identity)
        return app

    async def _configuration(self, request: web.Request) -> web.StreamResponse:
        tenant = request.match_info["tenant"]
        self.tenants.add(tenant)
        if handler := self.instead.get("configuration"):
            return await handler(request)
        base = f"{self.authority}/{tenant}"
        return web.json_response(
            {
                "issuer": f"{base}/v2.0",
                "token_endpoint": f"{base}/oauth2/v2.0/token",
                "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
            }
        )

    async def _token(self, request: web.Request) -> web.StreamResponse:
        self.tenants.add(request.match_info["tenant"])
        form = dict(await request.post())
        self.forms.append(form)
        await self.held.wait()
        if self.fault:
            return web.json_response(
                {"error": "invalid_client", "error_description": "secret xyz is wrong"}, status=self.fault
            )
        if handler := self.instead.get("token"):
            return await handler(request)
        issued = {"token_type": "Bearer", "expires_in": self.lifetime, "access_token": f"token-{len(self.forms)}"}
        issued |= self.changes
        self.scopes[str(issued["access_token"])] = form.get("scope", "")
        return web.json_response(issued)

    async def _identity(self, request: web.Request) -> web.Response:
        self.identity_queries.append(dict(request.query))
        expires = int(datetime.now(UTC).timestamp()) + self.lifetime
        token = f"identity-{len(self.identity_queries)}"
        self.scopes[token] = f"{request.query.get('resource')}/.default"
        issued = {"access_token": token, "expires_on": str(expires), "resource": "r", "token_type": "Bearer"}
        return web.json_response(issued | self.changes)


def write_pem(path: Path, days: int = 1) -> Path:
    """Write a private key and its own certificate for loopback, good for so many days, into one file."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "loopback")])
    now = datetime.now(UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=min(-1, days - 1)))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return path


@asynccontextmanager
async def running_sign_in(pem: Path) -> AsyncIterator[SignInService]:
    """Serve by https; whoever calls must trust `pem`."""
    service = SignInService()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pem)
    server = TestServer(service.application(), scheme="https", host="127.0.0.1")
    await server.start_server(ssl=context)
    service.authority = f"https://127.0.0.1:{server.port}"
    try:
        yield service
    finally:
        # A caller that hung up does not say goodbye, for which TLS would wait far beyond the test.
        for connection in server.runner.server.connections:
            if connection.transport is not None:
                connection.transport.abort()
        await server.close()
