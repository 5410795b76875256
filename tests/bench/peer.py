"""What the three peers share around their frameworks: settings by the bot's own names, and serving."""

import os
from dataclasses import dataclass

from aiohttp import web

LISTENING = "listening"
# MSAL asks the public instance discovery about an authority that it does not know, unless its path names a policy.
_POLICY = "b2c_bench"


@dataclass(frozen=True, slots=True)
class PeerSettings:
    """Where the services on loopback are; `login` is the authority with the tenant in it."""

    app_id: str
    password: str
    tenant: str
    issuer: str
    metadata: str
    login: str
    port: int


def read_peer_settings() -> PeerSettings:
    tenant = os.environ["MICROSOFT_APP_TENANT_ID"]
    return PeerSettings(
        app_id=os.environ["MICROSOFT_APP_ID"],
        password=os.environ["MICROSOFT_APP_PASSWORD"],
        tenant=tenant,
        issuer=os.environ["SME_CHANNEL_ISSUER"],
        metadata=os.environ["SME_CHANNEL_METADATA"],
        login=f"{os.environ['SME_LOGIN_AUTHORITY']}/{tenant}/{_POLICY}",
        port=int(os.environ["SME_PORT"]),
    )


def serve(application: web.Application, port: int) -> None:
    """Serve until the process is told to stop, and say so as soon as it listens."""
    web.run_app(application, host="127.0.0.1", port=port, print=lambda _: print(LISTENING, flush=True))  # noqa: T201 - whoever started it waits for this line
