"""What the settings say: what is on, and what works but should be otherwise."""

from collections.abc import Mapping, Sequence

from bot.channel.hosts import is_loopback
from bot.examination.finding import Finding, noted, to_mend
from bot.settings import Settings

# What Container Apps, App Service and Kubernetes tell every program that they run.
_HOSTED = ("CONTAINER_APP_NAME", "WEBSITE_SITE_NAME", "KUBERNETES_SERVICE_HOST")

_NO_MAIL = (
    "Set SME_MAIL: whoever cannot be reached in Teams is told nothing, and nobody without an account in the directory "
    "can be admitted, as their code comes by mail."
)
_LOOPBACK = "Set SME_HOST=0.0.0.0: the host's probes and Teams cannot reach loopback in here."
_SQLITE = "Run one instance only, and copy the file away; SME_STORAGE=azure keeps three copies and several instances."
_KEY = "Use AZURE_STORAGE_ACCOUNT with the managed identity: an account key opens everything and never ends."
_ADDRESS = "Set SME_ASSIGNMENT_ADDRESS: receipts name no address of the assignment team."


def settings_examined(settings: Settings, env: Mapping[str, str]) -> Sequence[Finding]:
    """Return what the settings are, and in production what is to be changed about them; `env` is the host's."""
    mail = settings.mail.partition(":")[0] or "none"
    found = [Finding("settings", f"{settings.mode} mode, storage {settings.storage_kind}, mail {mail}")]
    return found if settings.is_local else found + _in_production(settings, env)


def _in_production(settings: Settings, env: Mapping[str, str]) -> list[Finding]:
    found = []
    if not settings.mail:
        found.append(to_mend("settings", "no mail is set up", _NO_MAIL))
    host = next((name for name in _HOSTED if env.get(name)), "")
    if host and is_loopback(settings.host):
        found.append(to_mend("settings", f"listens on {settings.host}, in a container ({host} is set)", _LOOPBACK))
    if settings.storage_kind == "sqlite":
        found.append(noted("settings", "storage is SQLite", _SQLITE))
    elif settings.connection_string:
        found.append(noted("settings", "storage is opened by a connection string", _KEY))
    if not settings.assignment_address:
        found.append(noted("settings", "no address of the assignment team", _ADDRESS))
    return found
