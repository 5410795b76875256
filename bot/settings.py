"""The environment, read once into one frozen value; faults are named one by one."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.channel.hosts import is_loopback, is_safe_to_fetch
from bot.domain.kinds import GUID

LOCAL, PRODUCTION = "local", "production"
_LONGEST_LINGER = 60
SAMPLE_HOME_TENANT = "99999999-9999-4999-8999-999999999999"
TEAMS_HOSTS = "smba.trafficmanager.net,smba.infra.gcc.teams.microsoft.com,smba.infra.gov.teams.microsoft.us"
METADATA = "https://login.botframework.com/v1/.well-known/openidconfiguration"
ISSUER = "https://api.botframework.com"
AUTHORITY = "https://login.microsoftonline.com"
GRAPH = "https://graph.microsoft.com"
INSIGHTS = "APPLICATIONINSIGHTS_CONNECTION_STRING"
APP_TYPES = ("SingleTenant", "UserAssignedMSI")
_HIGHEST_PORT = 65_535
_ACCOUNT = re.compile("[a-z0-9]{3,24}")


class SettingsError(Exception):
    """The environment does not do; `faults` has one line for each thing to mend."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Settings:
    """contract.md "Settings"; an absent text is ''."""

    mode: str
    host: str
    port: int
    linger_seconds: int
    storage: str
    connection_string: str
    storage_account: str
    directory: str
    mail: str
    home_tenant: str
    app_id: str
    app_type: str
    app_tenant: str
    app_password: str
    app_certificate: str
    app_federated_client_id: str
    assignment_address: str
    metadata: str
    issuer: str
    authority: str
    graph_url: str
    service_hosts: frozenset[str]
    allows_sqlite: bool
    teams_app_id: str
    insights: str

    @property
    def is_local(self) -> bool:
        return self.mode == LOCAL

    @property
    def storage_kind(self) -> str:
        return "azure" if self.sqlite_path is None else "sqlite"

    @property
    def ingestion(self) -> str:
        """Where Application Insights takes telemetry, '' where none is wanted."""
        return _parts_of(self.insights).get("ingestionendpoint", "")

    @property
    def sqlite_path(self) -> Path | None:
        kind, _, path = self.storage.partition(":")
        return Path(path) if kind == "sqlite" else None

    @property
    def mails_by_graph(self) -> bool:
        return self.mail.startswith("graph:")


def _port(text: str) -> int:
    """Return the port, -1 where the text is none."""
    is_short = text.isdecimal() and len(text) <= len(str(_HIGHEST_PORT))
    return int(text) if is_short and int(text) <= _HIGHEST_PORT else -1


def _linger(text: str) -> int:
    """Return the seconds, -1 where the text is no number of seconds up to a minute."""
    is_short = text.isdecimal() and len(text) <= len(str(_LONGEST_LINGER))
    return int(text) if is_short and int(text) <= _LONGEST_LINGER else -1


def _read(env: Mapping[str, str]) -> Settings:
    local = env.get("SME_MODE", LOCAL) == LOCAL
    app_tenant, account = env.get("MICROSOFT_APP_TENANT_ID", ""), env.get("AZURE_STORAGE_ACCOUNT", "")
    return Settings(
        mode=env.get("SME_MODE", LOCAL),
        host=env.get("SME_HOST", "127.0.0.1"),
        port=_port(env.get("SME_PORT", "3978")),
        linger_seconds=_linger(env.get("SME_LINGER_SECONDS", "0")),
        storage=env.get("SME_STORAGE", "sqlite:var/sme.db"),
        connection_string=env.get("AZURE_STORAGE_CONNECTION_STRING", ""),
        storage_account=account,
        # Whoever works on a real account from a machine of their own does not want the samples there.
        directory=env.get("SME_DIRECTORY", "deployment/sample-directory" if local and not account else ""),
        mail=env.get("SME_MAIL", "folder:var/mail" if local else ""),
        home_tenant=env.get("SME_HOME_TENANT", SAMPLE_HOME_TENANT if local else app_tenant).lower(),
        app_id=env.get("MICROSOFT_APP_ID", ""),
        app_type=env.get("MICROSOFT_APP_TYPE", ""),
        app_tenant=app_tenant,
        app_password=env.get("MICROSOFT_APP_PASSWORD", ""),
        app_certificate=env.get("MICROSOFT_APP_CERTIFICATE", ""),
        app_federated_client_id=env.get("MICROSOFT_APP_FEDERATED_CLIENT_ID", ""),
        assignment_address=env.get("SME_ASSIGNMENT_ADDRESS", ""),
        metadata=env.get("SME_CHANNEL_METADATA", METADATA),
        issuer=env.get("SME_CHANNEL_ISSUER", ISSUER),
        authority=env.get("SME_LOGIN_AUTHORITY", AUTHORITY),
        graph_url=env.get("SME_GRAPH_URL", GRAPH),
        service_hosts=frozenset(
            h.strip().lower() for h in env.get("SME_SERVICE_HOSTS", TEAMS_HOSTS).split(",") if h.strip()
        ),
        allows_sqlite=env.get("SME_ALLOW_SQLITE", "") == "1",
        teams_app_id="" if local else env.get("SME_TEAMS_APP_ID", "").lower(),
        insights=env.get("APPLICATIONINSIGHTS_CONNECTION_STRING", ""),
    )


def _parts_of(connection_string: str) -> dict[str, str]:
    """Return the parts of a connection string by their names in small letters."""
    pairs = (part.partition("=") for part in connection_string.split(";"))
    return {name.lower(): value for name, _, value in pairs}


def _insights_faults(s: Settings) -> list[str]:
    """Return what is wrong with the connection string: one without an endpoint would stand for a public one."""
    parts = _parts_of(s.insights)
    has_key = GUID.fullmatch(parts.get("instrumentationkey", ""))
    is_whole = all(part.count("=") == 1 for part in s.insights.split(";"))
    # The exporter knows no other authorization, and raises.
    is_taken = is_whole and parts.get("authorization", "ikey").lower() == "ikey"
    if not s.insights or (has_key and is_taken and is_safe_to_fetch(s.ingestion)):
        return []
    return [f"{INSIGHTS} must be InstrumentationKey=GUID;IngestionEndpoint=https://HOST/, as the portal shows it."]


def _storage_faults(s: Settings) -> list[str]:
    if s.sqlite_path is not None:
        return [] if str(s.sqlite_path) != "." else ["SME_STORAGE: sqlite: needs a path, like sqlite:var/sme.db."]
    if s.storage != "azure":
        return ["SME_STORAGE must be sqlite:PATH or azure."]
    if not s.connection_string and not s.storage_account:
        return ["SME_STORAGE=azure needs AZURE_STORAGE_CONNECTION_STRING or AZURE_STORAGE_ACCOUNT."]
    # It becomes part of an address to which a token is sent.
    if not s.connection_string and not _ACCOUNT.fullmatch(s.storage_account):
        return ["AZURE_STORAGE_ACCOUNT must be the account's name alone, 3 to 24 small letters and digits."]
    return []


def _common_faults(s: Settings) -> list[str]:
    faults = _storage_faults(s) + _insights_faults(s)
    if s.mode not in {LOCAL, PRODUCTION}:
        faults.append("SME_MODE must be local or production.")
    if s.port < 0:
        faults.append(f"SME_PORT must be a port number, 0 to {_HIGHEST_PORT}.")
    if s.linger_seconds < 0:
        faults.append(f"SME_LINGER_SECONDS must be a whole number of seconds, 0 to {_LONGEST_LINGER}.")
    if s.is_local and not is_loopback(s.host):
        faults.append("SME_HOST: local mode has no sign-in and listens on loopback only, like 127.0.0.1.")
    kind, _, value = s.mail.partition(":")
    if s.mail and not (kind in {"folder", "graph"} and value):
        faults.append("SME_MAIL must be folder:PATH or graph:SENDER.")
    if s.is_local and s.mails_by_graph:
        faults.append("SME_MAIL=graph: needs SME_MODE=production, where the bot can sign in.")
    faults += [
        f"{name} must be an https address, or http on loopback."
        for name, url in (("SME_CHANNEL_METADATA", s.metadata), ("SME_GRAPH_URL", s.graph_url))
        if not is_safe_to_fetch(url)
    ]
    if not (s.authority.startswith("https:") and is_safe_to_fetch(s.authority)):
        faults.append("SME_LOGIN_AUTHORITY must be an https address.")
    return faults


def _production_faults(s: Settings) -> list[str]:
    faults = []
    if not s.app_id:
        faults.append("MICROSOFT_APP_ID is missing: without it nobody can be authenticated.")
    if s.app_type not in APP_TYPES:
        faults.append(f"MICROSOFT_APP_TYPE must be {' or '.join(APP_TYPES)}.")
    if not s.app_tenant:
        faults.append("MICROSOFT_APP_TENANT_ID is missing: the tenant of the bot's registration.")
    has_credential = s.app_password or s.app_certificate or s.app_federated_client_id
    if s.app_type != "UserAssignedMSI" and not has_credential:
        faults.append(
            "No credential: set MICROSOFT_APP_CERTIFICATE, MICROSOFT_APP_FEDERATED_CLIENT_ID or MICROSOFT_APP_PASSWORD."
        )
    if not s.issuer:
        faults.append("SME_CHANNEL_ISSUER is empty: leave it out for the public Bot Framework.")
    if not s.service_hosts:
        faults.append("SME_SERVICE_HOSTS names no host: leave it out for the public Teams hosts.")
    if not s.home_tenant and s.app_tenant:
        faults.append("SME_HOME_TENANT is empty: leave it out where it is the bot's own tenant.")
    if s.app_certificate and not Path(s.app_certificate).is_file():
        faults.append("MICROSOFT_APP_CERTIFICATE: there is no such file.")
    if s.sqlite_path is not None and not s.allows_sqlite:
        faults.append("SME_STORAGE is SQLite: use azure, or set SME_ALLOW_SQLITE=1 for one machine.")
    return faults


def _installation_faults(s: Settings) -> list[str]:
    faults = []
    if not GUID.fullmatch(s.teams_app_id):
        faults.append("SME_TEAMS_APP_ID must be the id in the Teams app's manifest, 36 characters like a tenant's id.")
    if s.app_tenant and s.home_tenant != s.app_tenant.lower():
        faults.append("SME_TEAMS_APP_ID: the app is installed where the bot is registered; SME_HOME_TENANT is another.")
    return faults


def read_settings(env: Mapping[str, str]) -> Settings:
    """Return the settings; blanks around a value do not count. Raises SettingsError with one line for each fault."""
    settings = _read({name: value.strip() for name, value in env.items()})
    faults = _common_faults(settings)
    if settings.teams_app_id:
        faults += _installation_faults(settings)
    if settings.mode == PRODUCTION:
        faults += _production_faults(settings)
    if faults:
        raise SettingsError(faults)
    return settings
