"""The token for our app: whether its own tenant issues one, what that says, and why there is none."""

from collections.abc import Mapping, Sequence
from typing import Any

import jwt

from bot.channel.connector import BOT_SCOPE
from bot.channel.credentials import TokenSource
from bot.channel.guarded import NoTokenError
from bot.examination.finding import Finding, noted, to_mend
from bot.settings import Settings

# Microsoft may change its numbers; what is not among these is looked up where Microsoft explains them.
_ADVICE = {
    "AADSTS700016": "MICROSOFT_APP_ID is no app of the tenant MICROSOFT_APP_TENANT_ID: compare both with the "
    "registration, and see that the app has a service principal there.",
    "AADSTS7000229": "The app has no service principal in MICROSOFT_APP_TENANT_ID: make one, or consent to the app.",
    "AADSTS7000112": "The app is disabled in its tenant: enable it under Enterprise applications.",
    "AADSTS7000215": "MICROSOFT_APP_PASSWORD is not the secret: use its value, and not its id.",
    "AADSTS7000222": "The secret has expired: use a certificate or a federated credential instead.",
    "AADSTS7000218": "The app was asked for a credential and gave none: set one of MICROSOFT_APP_CERTIFICATE and "
    "MICROSOFT_APP_FEDERATED_CLIENT_ID.",
    "AADSTS700027": "The certificate is not registered with the app, or has ended: upload its public part to the "
    "registration, under Certificates & secrets.",
    "AADSTS1000502": "The certificate has ended, or has not begun: make a new one, upload its public part to the "
    "registration, then exchange the file and restart.",
    "AADSTS700024": "What the bot signed is not valid at this time: correct the clock of this machine.",
    "AADSTS700236": "Entra does not take the managed identity of another tenant: it has to be of the tenant of the "
    "registration. Otherwise use a certificate.",
    "AADSTS90002": "MICROSOFT_APP_TENANT_ID is no tenant: compare it with the tenant of the registration.",
    "AADSTS900023": "MICROSOFT_APP_TENANT_ID is no tenant id: it is a GUID or a verified domain.",
} | dict.fromkeys(
    ("AADSTS70021", "AADSTS70025", "AADSTS700211", "AADSTS700212", "AADSTS700213", "AADSTS7002138"),
    "No federated credential of the app fits the managed identity, or it was made a moment ago. Letter by letter: "
    "issuer is https://login.microsoftonline.com/TENANT/v2.0, subject the identity's object (principal) id, audience "
    "api://AzureADTokenExchange.",
)
_EXPLAINED = "https://login.microsoftonline.com/error?code="


async def sign_in_examined(settings: Settings, tokens: TokenSource) -> Sequence[Finding]:
    try:
        token = await tokens.token(BOT_SCOPE)
    except NoTokenError as error:
        return [to_mend("sign-in", f"no token: {error.reason}", advice_for(settings, error.reason))]
    claims = claims_of(token)
    if claims is None:
        unread = "Look whether a message to the bot is answered."
        return [noted("sign-in", "a token was issued, of which nothing can be read", unread)]
    wanted = {
        "app": ("MICROSOFT_APP_ID", settings.app_id, _first(claims, "appid", "azp")),
        "tenant": ("MICROSOFT_APP_TENANT_ID", settings.app_tenant, _first(claims, "tid")),
        "audience": ("the Bot Framework", BOT_SCOPE.removesuffix("/.default"), _first(claims, "aud")),
    }
    wrong = [
        to_mend("sign-in", f"the token's {part} is {got or 'missing'}", f"It should be {name}, {want}.")
        for part, (name, want, got) in wanted.items()
        if got.lower().rstrip("/") != want.lower()
    ]
    return wrong or [Finding("sign-in", "a token for the app was issued by its own tenant")]


def advice_for(settings: Settings, reason: str) -> str:
    """Return what to do about a token that was not issued for this reason."""
    number = reason.rpartition(" ")[2]
    if number in _ADVICE:
        return _ADVICE[number]
    if number.startswith("AADSTS"):
        return f"Microsoft explains it at {_EXPLAINED}{number.removeprefix('AADSTS')}"
    if settings.app_federated_client_id or not (settings.app_certificate or settings.app_password):
        identity = "MICROSOFT_APP_FEDERATED_CLIENT_ID" if settings.app_federated_client_id else "MICROSOFT_APP_ID"
        return f"Is the managed identity {identity} assigned to this host, and are {settings.authority} and it reached?"
    return f"Is {settings.authority} reached from here, and do app id, tenant and credential fit together?"


def claims_of(token: str) -> Mapping[str, Any] | None:
    """Return what a token of our own says, None where it cannot be read; whom it is for verifies it."""
    try:
        claims: Mapping[str, Any] = jwt.decode(token, options={"verify_signature": False})
    except jwt.PyJWTError:
        return None
    return claims


def _first(claims: Mapping[str, Any], *names: str) -> str:
    return next((str(claims[name]) for name in names if claims.get(name)), "")
