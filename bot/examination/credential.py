"""With what the bot signs in: a certificate that lasts, rather than a secret."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from bot.examination.finding import Finding, noted, to_mend
from bot.settings import Settings

_AHEAD = timedelta(days=30)
_RENEW = "Make a new certificate, upload its public part to the app registration, then exchange the file and restart."
_RATHER = (
    "Use a certificate (MICROSOFT_APP_CERTIFICATE) or a managed identity (MICROSOFT_APP_FEDERATED_CLIENT_ID): "
    "whoever reads a secret can use it elsewhere."
)


def credential_examined(settings: Settings, now: datetime) -> Sequence[Finding]:
    """Return how the bot signs in, and when that ends where it can be known."""
    if settings.app_certificate:
        return [_certificate(Path(settings.app_certificate), now)]
    if settings.app_federated_client_id:
        return [Finding("credential", "a managed identity stands in for the app")]
    if settings.app_password:
        return [noted("credential", "a secret", _RATHER)]
    return [Finding("credential", "the managed identity that is the app")]


def _certificate(path: Path, now: datetime) -> Finding:
    name = "credential"
    try:
        pem = path.read_bytes()
        certificate = x509.load_pem_x509_certificate(pem)
        key = load_pem_private_key(pem, None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        needed = "MICROSOFT_APP_CERTIFICATE needs a PEM file with the private key, not encrypted, and its certificate."
        return to_mend(name, f"the certificate cannot be read: {type(error).__name__}", needed)
    if key.public_key() != certificate.public_key():
        return to_mend(
            name,
            "the private key is not that of the certificate",
            "Put both of one pair into the file; where there is a chain, the app's own certificate comes first.",
        )
    ends, begins = certificate.not_valid_after_utc, certificate.not_valid_before_utc
    if now >= ends:
        return to_mend(name, f"the certificate has ended on {ends:%d %b %Y}", _RENEW)
    if now < begins:
        return to_mend(name, f"the certificate begins on {begins:%d %b %Y}", "Compare the clock, or wait until then.")
    if ends - now < _AHEAD:
        return to_mend(name, f"the certificate ends on {ends:%d %b %Y}", _RENEW)
    return Finding(name, f"a certificate, until {ends:%d %b %Y}")
