"""Settings and credentials that work, or do not, and should be otherwise."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.examination.credential import credential_examined
from bot.examination.finding import Level
from bot.examination.setup import settings_examined
from bot.settings import read_settings
from tests.channel.sign_in import write_pem


@pytest.mark.parametrize(
    ("settings", "line", "advice"),
    [
        ({"SME_MAIL": None}, "MEND  settings: no mail is set up", "Set SME_MAIL"),
        ({"SME_ASSIGNMENT_ADDRESS": None}, "note  settings: no address", "Set SME_ASSIGNMENT_ADDRESS"),
        ({}, "note  settings: storage is SQLite", "Run one instance only"),
        (
            {"MICROSOFT_APP_CERTIFICATE": None, "MICROSOFT_APP_PASSWORD": "hush"},
            "note  credential: a secret",
            "Use a certificate",
        ),
    ],
)
async def test_what_works_and_should_be_otherwise_is_named(installation, settings, line, advice):
    installation.settings |= settings
    assert (await installation.advice(line)).startswith(advice)


@pytest.fixture
def bare_settings():
    """Give what production needs at least."""
    return {
        "SME_MODE": "production",
        "SME_STORAGE": "azure",
        "AZURE_STORAGE_ACCOUNT": "account",
        "MICROSOFT_APP_ID": "app",
        "MICROSOFT_APP_TYPE": "UserAssignedMSI",
        "MICROSOFT_APP_TENANT_ID": "tenant",
    }


async def test_a_container_that_listens_on_loopback_is_reached_by_nobody(installation, monkeypatch):
    monkeypatch.setenv("CONTAINER_APP_NAME", "sme")
    assert (await installation.advice("MEND  settings: listens on 127.0.0.1")).startswith("Set SME_HOST=0.0.0.0")


@pytest.mark.parametrize(("host", "said"), [("127.0.0.1", True), ("0.0.0.0", False)])  # noqa: S104 - nothing listens
@pytest.mark.parametrize("name", ["CONTAINER_APP_NAME", "WEBSITE_SITE_NAME", "KUBERNETES_SERVICE_HOST"])
def test_hosts_say_that_they_are_containers(bare_settings, name, host, said):
    settings = read_settings(bare_settings | {"SME_HOST": host})
    assert any(name in each.is_so for each in settings_examined(settings, {name: "sme"})) is said


@pytest.mark.parametrize("days", [29, 30])
async def test_a_certificate_is_renewed_thirty_days_ahead(installation, days):
    write_pem(installation.folder / "bot.pem", days=days)
    ends = datetime.now(UTC) + timedelta(days=days)
    line = f"MEND  credential: the certificate ends on {ends:%d %b %Y}"
    assert (await installation.advice(line)).startswith("Make a new certificate")


async def test_a_certificate_that_has_ended_is_to_be_renewed(installation):
    write_pem(installation.folder / "bot.pem", days=-1)
    assert (await installation.advice("MEND  credential: the certificate has ended")).startswith("Make a new")


def test_a_certificate_that_has_not_begun_is_found(bare_settings, lasting_pem):
    settings = read_settings(bare_settings | {"MICROSOFT_APP_CERTIFICATE": str(lasting_pem)})
    (finding,) = credential_examined(settings, datetime(2020, 1, 1, tzinfo=UTC))
    assert (finding.level, finding.is_so[:21]) == (Level.MEND, "the certificate begin")


async def test_a_key_of_another_certificate_is_found(installation):
    pem = installation.folder / "bot.pem"
    mark = b"-----BEGIN CERTIFICATE"
    other = write_pem(installation.folder / "other.pem", days=365).read_bytes()
    pem.write_bytes(pem.read_bytes().partition(mark)[0] + mark + other.partition(mark)[2])
    assert (await installation.advice("MEND  credential: the private key is not")).startswith("Put both of one pair")


@pytest.mark.parametrize("content", [b"", b"no PEM", "only the certificate"])
async def test_a_certificate_that_cannot_be_read_is_found(installation, content):
    pem = installation.folder / "bot.pem"
    mark = b"-----BEGIN CERTIFICATE"
    pem.write_bytes(mark + pem.read_bytes().partition(mark)[2] if isinstance(content, str) else content)
    advice = await installation.advice("MEND  credential: the certificate cannot be read: ValueError")
    assert advice.startswith("MICROSOFT_APP_CERTIFICATE needs")


async def test_managed_identities_need_no_file(installation):
    installation.settings |= {"MICROSOFT_APP_CERTIFICATE": None, "MICROSOFT_APP_FEDERATED_CLIENT_ID": "identity"}
    assert "ok    credential: a managed identity stands in for the app" in (await installation.examined())[1]
    installation.settings |= {"MICROSOFT_APP_FEDERATED_CLIENT_ID": None, "MICROSOFT_APP_TYPE": "UserAssignedMSI"}
    assert "ok    credential: the managed identity that is the app" in (await installation.examined())[1]
