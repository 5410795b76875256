"""What the environment may say, and what the bot says when it does not do."""

from pathlib import Path

import pytest

from bot.settings import Settings, SettingsError, read_settings

TENANT = "AAAAAAAA-9999-4999-8999-999999999999"
APP = "5e1d0b57-0f6c-4f0e-9a53-2f0f6b1f7a11"
PRODUCTION = {
    "SME_MODE": "production",
    "SME_STORAGE": "azure",
    "AZURE_STORAGE_ACCOUNT": "smerequests",
    "MICROSOFT_APP_ID": "c9e8c047-2a34-40a1-b28a-b162d5f5327c",
    "MICROSOFT_APP_TYPE": "SingleTenant",
    "MICROSOFT_APP_TENANT_ID": TENANT,
    "MICROSOFT_APP_PASSWORD": "secret",
}
# What is left out, and a word of the one line that names it.
MISSING = [
    ("MICROSOFT_APP_ID", "MICROSOFT_APP_ID"),
    ("MICROSOFT_APP_TYPE", "MICROSOFT_APP_TYPE"),
    ("MICROSOFT_APP_TENANT_ID", "MICROSOFT_APP_TENANT_ID"),
    ("MICROSOFT_APP_PASSWORD", "credential"),
    ("AZURE_STORAGE_ACCOUNT", "AZURE_STORAGE_ACCOUNT"),
    ("SME_STORAGE", "SME_ALLOW_SQLITE"),
]


def faults(env):
    with pytest.raises(SettingsError) as raised:
        read_settings(env)
    assert str(raised.value) == "\n".join(raised.value.faults)
    assert all("\n" not in fault for fault in raised.value.faults)
    return raised.value.faults


def test_an_empty_environment_is_local_mode_on_a_file_with_the_sample_directory():
    assert read_settings({}) == Settings(
        mode="local",
        host="127.0.0.1",
        port=3978,
        linger_seconds=0,
        storage="sqlite:var/sme.db",
        connection_string="",
        storage_account="",
        directory="deployment/sample-directory",
        mail="folder:var/mail",
        home_tenant="99999999-9999-4999-8999-999999999999",
        app_id="",
        app_type="",
        app_tenant="",
        app_password="",
        app_certificate="",
        app_federated_client_id="",
        assignment_address="",
        metadata="https://login.botframework.com/v1/.well-known/openidconfiguration",
        issuer="https://api.botframework.com",
        authority="https://login.microsoftonline.com",
        graph_url="https://graph.microsoft.com",
        service_hosts=frozenset(
            {
                "smba.trafficmanager.net",
                "smba.infra.gcc.teams.microsoft.com",
                "smba.infra.gov.teams.microsoft.us",
            }
        ),
        allows_sqlite=False,
        teams_app_id="",
        insights="",
    )
    assert read_settings({}).is_local
    assert read_settings({}).sqlite_path == Path("var/sme.db")
    assert read_settings({}).storage_kind == "sqlite"


def test_production_has_no_sample_directory_and_no_mail_folder_and_its_own_tenant_is_home():
    settings = read_settings(PRODUCTION)
    assert not settings.is_local
    assert settings.sqlite_path is None
    assert settings.storage_kind == "azure"
    assert (settings.directory, settings.mail, settings.home_tenant) == ("", "", TENANT.lower())


def test_every_setting_is_read_from_the_variable_that_the_contract_names():
    settings = read_settings(
        {
            **PRODUCTION,
            "SME_HOST": "0.0.0.0",  # noqa: S104 - what a container listens on
            "SME_PORT": "8080",
            "SME_STORAGE": "sqlite:/data/sme.db",
            "SME_ALLOW_SQLITE": "1",
            "AZURE_STORAGE_CONNECTION_STRING": "AccountName=x",
            "SME_DIRECTORY": "people",
            "SME_MAIL": "graph:sme@fasttrack.example",
            "SME_HOME_TENANT": "BBBBBBBB-9999-4999-8999-999999999999",
            "MICROSOFT_APP_CERTIFICATE": __file__,
            "MICROSOFT_APP_FEDERATED_CLIENT_ID": "client",
            "SME_ASSIGNMENT_ADDRESS": "assignment@fasttrack.example",
            "SME_CHANNEL_METADATA": "http://127.0.0.1:9/metadata",
            "SME_CHANNEL_ISSUER": "https://issuer.example",
            "SME_LOGIN_AUTHORITY": "https://login.example",
            "SME_GRAPH_URL": "http://localhost:9",
            "SME_SERVICE_HOSTS": " One.example , two.example:8443,, ",
        }
    )
    assert (settings.host, settings.port, settings.sqlite_path) == ("0.0.0.0", 8080, Path("/data/sme.db"))  # noqa: S104
    assert (settings.connection_string, settings.storage_account) == ("AccountName=x", "smerequests")
    assert (settings.directory, settings.mail) == ("people", "graph:sme@fasttrack.example")
    assert (settings.home_tenant, settings.app_tenant) == ("bbbbbbbb-9999-4999-8999-999999999999", TENANT)
    assert (settings.app_id, settings.app_type) == (PRODUCTION["MICROSOFT_APP_ID"], "SingleTenant")
    assert (settings.app_password, settings.app_certificate) == ("secret", __file__)
    assert (settings.app_federated_client_id, settings.assignment_address) == ("client", "assignment@fasttrack.example")
    assert (settings.metadata, settings.issuer) == ("http://127.0.0.1:9/metadata", "https://issuer.example")
    assert (settings.authority, settings.graph_url) == ("https://login.example", "http://localhost:9")
    assert settings.service_hosts == {"one.example", "two.example:8443"}
    assert settings.allows_sqlite


@pytest.mark.parametrize(("left_out", "named"), MISSING)
def test_each_thing_missing_in_production_is_one_line(left_out, named):
    (fault,) = faults({name: value for name, value in PRODUCTION.items() if name != left_out})
    assert named in fault


def test_everything_missing_in_production_is_named_at_once():
    found = faults({"SME_MODE": "production"})
    assert len(found) == 5
    for name in ("MICROSOFT_APP_ID", "MICROSOFT_APP_TYPE", "MICROSOFT_APP_TENANT_ID", "credential", "SME_ALLOW_SQLITE"):
        assert len([fault for fault in found if name in fault]) == 1


@pytest.mark.parametrize(
    "credential", ["MICROSOFT_APP_PASSWORD", "MICROSOFT_APP_CERTIFICATE", "MICROSOFT_APP_FEDERATED_CLIENT_ID"]
)
def test_any_one_credential_will_do(credential):
    others = {name: value for name, value in PRODUCTION.items() if name != "MICROSOFT_APP_PASSWORD"}
    assert read_settings({**others, credential: __file__})


@pytest.mark.parametrize(
    "name", ["MICROSOFT_APP_ID", "MICROSOFT_APP_TENANT_ID", "MICROSOFT_APP_PASSWORD", "AZURE_STORAGE_ACCOUNT"]
)
def test_a_blank_is_as_good_as_nothing(name):
    assert len(faults({**PRODUCTION, name: " \t"})) == 1


@pytest.mark.parametrize("name", ["SME_CHANNEL_ISSUER", "SME_SERVICE_HOSTS", "SME_HOME_TENANT"])
def test_what_has_a_default_may_be_left_out_and_not_be_empty_in_production(name):
    (fault,) = faults({**PRODUCTION, name: ""})
    assert name in fault


def test_a_certificate_that_is_not_there_is_one_line():
    (fault,) = faults({**PRODUCTION, "MICROSOFT_APP_CERTIFICATE": "no-such-key.pem"})
    assert "MICROSOFT_APP_CERTIFICATE" in fault


def test_a_managed_identity_needs_no_credential():
    others = {name: value for name, value in PRODUCTION.items() if name != "MICROSOFT_APP_PASSWORD"}
    assert read_settings({**others, "MICROSOFT_APP_TYPE": "UserAssignedMSI"}).app_password == ""


def test_a_multi_tenant_registration_is_refused():
    (fault,) = faults({**PRODUCTION, "MICROSOFT_APP_TYPE": "MultiTenant"})
    assert "MICROSOFT_APP_TYPE" in fault


@pytest.mark.parametrize(("allowed", "is_taken"), [("1", True), ("", False), ("0", False), ("true", False)])
def test_sqlite_in_production_needs_a_one(allowed, is_taken):
    env = {**PRODUCTION, "SME_STORAGE": "sqlite:sme.db", "SME_ALLOW_SQLITE": allowed}
    if is_taken:
        assert read_settings(env).sqlite_path == Path("sme.db")
    else:
        (fault,) = faults(env)
        assert "SME_ALLOW_SQLITE" in fault


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SME_MODE", "Local"),
        ("SME_MODE", ""),
        ("SME_PORT", "http"),
        ("SME_PORT", ""),
        ("SME_PORT", "-1"),
        ("SME_PORT", "80.0"),
        ("SME_PORT", "65536"),
        ("SME_PORT", "9" * 5_000),
        ("SME_LINGER_SECONDS", "61"),
        ("SME_LINGER_SECONDS", "soon"),
        ("SME_STORAGE", "postgres:x"),
        ("SME_STORAGE", ""),
        ("SME_STORAGE", "sqlite"),
        ("SME_STORAGE", "sqlite:"),
        ("SME_STORAGE", "azure"),
        ("SME_HOST", "0.0.0.0"),  # noqa: S104 - what is refused
        ("SME_HOST", ""),
        ("SME_HOST", "::"),
        ("SME_HOST", "sme.example"),
        ("SME_HOST", "127.0.0.1.sme.example"),
        ("SME_MAIL", "smtp:host"),
        ("SME_MAIL", "folder:"),
        ("SME_MAIL", "graph:sme@fasttrack.example"),
        ("SME_CHANNEL_METADATA", "http://login.example/metadata"),
        ("SME_CHANNEL_METADATA", "http://127.0.0.1@login.example/metadata"),
        ("SME_CHANNEL_METADATA", ""),
        ("SME_CHANNEL_METADATA", "https://"),
        ("SME_GRAPH_URL", "http://graph.example"),
        ("SME_GRAPH_URL", "ftp://127.0.0.1"),
        ("SME_GRAPH_URL", "http://localhost.graph.example"),
        ("SME_GRAPH_URL", "https://[graph.example"),
        ("SME_LOGIN_AUTHORITY", "http://127.0.0.1:9"),
        ("SME_LOGIN_AUTHORITY", "login.example"),
        ("SME_LOGIN_AUTHORITY", "https://[login.example"),
    ],
)
def test_a_setting_that_does_not_do_is_named_in_one_line(name, value):
    (fault,) = faults({name: value})
    assert name in fault


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"SME_TEAMS_APP_ID": "5e1d0b57"}, "manifest"),
        ({"SME_TEAMS_APP_ID": f"{APP} or 1 eq 1"}, "manifest"),
        ({"SME_HOME_TENANT": "BBBBBBBB-9999-4999-8999-999999999999"}, "SME_HOME_TENANT"),
    ],
)
def test_an_app_that_could_not_be_installed_is_one_line(changes, word):
    (fault,) = faults({**PRODUCTION, "SME_TEAMS_APP_ID": APP, **changes})
    assert "SME_TEAMS_APP_ID" in fault
    assert word in fault


def test_an_app_to_install_is_not_needed_and_a_local_bot_does_not_look_at_it():
    assert read_settings({**PRODUCTION, "SME_TEAMS_APP_ID": APP.upper()}).teams_app_id == APP
    assert read_settings(PRODUCTION).teams_app_id == ""
    assert read_settings({"SME_TEAMS_APP_ID": APP}).teams_app_id == ""
    (fault,) = faults({**PRODUCTION, "SME_TEAMS_APP_ID": APP, "MICROSOFT_APP_TENANT_ID": ""})
    assert "MICROSOFT_APP_TENANT_ID" in fault


def test_a_mail_setting_without_a_sender_is_named():
    (fault,) = faults({**PRODUCTION, "SME_MAIL": "graph:"})
    assert "SME_MAIL" in fault


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.53", "localhost", "::1"])
def test_local_mode_listens_on_any_loopback_host(host):
    assert read_settings({"SME_HOST": host}).host == host


@pytest.mark.parametrize("port", ["0", "1", "65535"])
def test_every_port_of_a_machine_can_be_chosen(port):
    assert read_settings({"SME_PORT": port}).port == int(port)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "http://localhost", "http://[::1]:9", "https://graph.example"])
def test_an_address_without_encryption_is_for_loopback_only(url):
    settings = read_settings({"SME_GRAPH_URL": url, "SME_CHANNEL_METADATA": url})
    assert (settings.graph_url, settings.metadata) == (url, url)


def test_mail_can_be_left_out():
    assert read_settings({"SME_MAIL": ""}).mail == ""


def test_several_faults_are_told_together():
    found = faults({"SME_PORT": "x", "SME_HOST": "0.0.0.0", "SME_STORAGE": "none", "SME_LOGIN_AUTHORITY": ""})  # noqa: S104
    assert [fault.split()[0].rstrip(":") for fault in found] == [
        "SME_STORAGE",
        "SME_PORT",
        "SME_HOST",
        "SME_LOGIN_AUTHORITY",
    ]


@pytest.mark.parametrize(
    "name", ["a/b", "account.table.core.windows.net", "https://account", "Account", "ab", "a" * 25]
)
def test_a_storage_account_is_a_name_and_no_address(name):
    (fault,) = faults({"SME_STORAGE": "azure", "AZURE_STORAGE_ACCOUNT": name})
    assert fault.startswith("AZURE_STORAGE_ACCOUNT must be")


INSIGHTS = "InstrumentationKey=00000000-0000-4000-8000-000000000001;IngestionEndpoint={}"


@pytest.mark.parametrize(
    "text",
    [
        "InstrumentationKey=00000000-0000-4000-8000-000000000001",
        "IngestionEndpoint=https://in.example/",
        INSIGHTS.format("http://in.example/"),
        INSIGHTS.format("in.example"),
        INSIGHTS.format("https://in.example/;"),
        INSIGHTS.format("https://in.example/;LiveEndpoint"),
        INSIGHTS.format("https://in.example/;Authorization=aad"),
        "InstrumentationKey=key;IngestionEndpoint=https://in.example/",
        "nonsense",
    ],
)
def test_a_connection_string_of_application_insights_names_a_key_and_a_safe_endpoint(text):
    (fault,) = faults({"APPLICATIONINSIGHTS_CONNECTION_STRING": text})
    assert "APPLICATIONINSIGHTS_CONNECTION_STRING" in fault


@pytest.mark.parametrize("endpoint", ["https://in.example/", "http://127.0.0.1:8000/"])
def test_telemetry_goes_to_the_endpoint_of_the_connection_string(endpoint):
    chosen = read_settings({"APPLICATIONINSIGHTS_CONNECTION_STRING": INSIGHTS.format(endpoint)})
    assert chosen.ingestion == endpoint
    assert read_settings({}).ingestion == ""


def test_the_samples_are_not_for_a_real_account():
    assert read_settings({"SME_STORAGE": "azure", "AZURE_STORAGE_ACCOUNT": "contoso"}).directory == ""
    assert read_settings({}).directory == "deployment/sample-directory"
