"""What the templates say about the bot is what the code does, and nothing in them is a secret."""

import re

import pytest
from aiohttp import web

from bot.channel.credentials import FETCH_TIMEOUT
from bot.channel.graph import MAIL, PERMISSIONS, WIDER
from bot.instruments import INSTRUMENTS
from bot.settings import read_settings
from bot.telemetry_export import FLUSH_SECONDS
from bot.web import DRAIN_SECONDS, Web
from state.table import TABLES
from tests.deployment.templates import DEPLOYMENT, NAMES, body, every_resource, plain, resources, template
from tests.production.image import DOCKERFILE
from tests.readme import README

# The documented ids of Azure's built-in roles, and of the application permissions of Microsoft Graph.
ROLES = {
    "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3": "Storage Table Data Contributor",
    "3913510d-42f4-4e42-8a64-420c390055eb": "Monitoring Metrics Publisher",
    "4633458b-17de-408a-b874-0445c86b69e6": "Key Vault Secrets User",
    "7f951dda-4ed3-4680-a7ca-43fe172d538d": "AcrPull",
}
GRAPH_ROLES = {
    "908de74d-f8b2-4d6b-a9ed-2a17b3b78179": "TeamsAppInstallation.ReadWriteSelfForUser.All",
    "97235f07-e226-4f63-ace3-39588e11d3a1": "User.ReadBasic.All",
    "e12dae10-5a57-4817-b79d-dfbec5348930": "AppCatalog.Read.All",
}
WIDER_ROLES = {"df021288-bdef-4463-88db-98f22de89214": "User.Read.All"}
GRAPH = "00000003-0000-0000-c000-000000000000"
GUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
# What main.bicep would put in, as far as the bot looks at it.
ID = "0f0e0d0c-1111-4222-8333-444455556666"
GIVEN = {
    "identityClientId": ID,
    "appId": ID,
    "teamsAppId": ID,
    "storageAccount": "smeexample",
    "assignmentAddress": "sme-assignment@example.com",
    "telemetryAddress": f"InstrumentationKey={ID};IngestionEndpoint=https://example.in.applicationinsights.azure.com/",
}
APP = template("azure/app.bicep")
[CONTAINER_APP] = resources("azure/app.bicep", "Microsoft.App/containerApps")
[CONTAINER] = CONTAINER_APP["properties"]["template"]["containers"]
PROBES = {probe["type"]: probe for probe in CONTAINER["probes"]}


def environment(*names):
    """Return the variables of the container, as those lists of the template say."""
    return {key: value for name in names for key, value in APP["variables"][name]["value"].items()}


def put_in(value):
    """Return a value as a deployment sets it."""
    if isinstance(value, str):
        return GIVEN.get(value, value.replace("${mailSender}", "sme@example.com"))
    is_port = value.get("function", {}).get("type") == "string"
    return str(APP["variables"]["port"]["value"]) if is_port else ID


def routes():
    """Return what the bot answers in production."""
    found: web.Application = Web(None, None, None, None).application()
    return {(route.method, route.resource.canonical) for route in found.router.routes()}


# Secrets


@pytest.mark.parametrize("name", NAMES)
def test_no_template_reads_or_holds_a_secret(name):
    text = plain(name)
    assert re.findall(r"list\w*\(|AccountKey|SharedAccessSignature|@secure|InstrumentationKey", text) == []
    assert re.findall(r"passwordCredentials|clientSecret|APP_PASSWORD|CONNECTION_STRING'?: '", text) == []
    assert re.search(r"-----BEGIN|[A-Za-z0-9+/]{60,}={0,2}'", text) is None


def test_no_variable_of_the_container_comes_from_a_secret():
    assert set(body(CONTAINER["env"])) == {"name", "value"}


def test_keys_open_neither_the_tables_nor_the_bot_nor_telemetry():
    [account] = resources("azure/storage.bicep", "Microsoft.Storage/storageAccounts")
    properties = account["properties"]
    assert properties["allowSharedKeyAccess"] is properties["allowBlobPublicAccess"] is False
    assert properties["supportsHttpsTrafficOnly"] is True
    assert (properties["minimumTlsVersion"], properties["networkAcls"]["defaultAction"]) == ("TLS1_2", "Deny")
    [bot] = resources("azure/bot.bicep", "Microsoft.BotService/botServices")
    [insights] = resources("azure/telemetry.bicep", "Microsoft.Insights/components")
    assert bot["properties"]["disableLocalAuth"] is insights["properties"]["DisableLocalAuth"] is True


def test_the_tables_that_are_made_are_those_of_the_bot():
    tables = template("azure/storage.bicep")["resources"]["tables"]
    assert tables["type"] == "Microsoft.Storage/storageAccounts/tableServices/tables"
    assert tuple(tables["config"]["loop_type"]["detail"]["array_name"]) == TABLES


def test_a_vault_is_made_for_a_certificate_alone_and_nothing_in_it_is_lost():
    condition = template("main.bicep")["modules"]["vault"]["config"]["condition"]
    assert condition["operator"]["operands"] == {"operand_1": "credential", "operand_2": "certificate"}
    [vault] = resources("azure/vault.bicep", "Microsoft.KeyVault/vaults")
    wanted = ("enableRbacAuthorization", "enableSoftDelete", "enablePurgeProtection")
    assert [vault["properties"][one] for one in wanted] == [True, True, True]
    assert vault["properties"]["networkAcls"]["defaultAction"] == "Deny"


# Who the bot is


def test_the_bot_is_single_tenant_and_has_the_teams_channel_alone():
    [bot] = resources("azure/bot.bicep", "Microsoft.BotService/botServices")
    assert (bot["properties"]["msaAppType"], bot["properties"]["endpoint"]) == ("SingleTenant", "endpoint")
    channels = [each for _, kind, each in every_resource() if kind.startswith("Microsoft.BotService/botServices/")]
    assert [(one["name"], one["properties"]["channelName"]) for one in channels] == [("MsTeamsChannel",) * 2]


def test_teams_sends_activities_to_a_route_of_the_bot():
    given = body(template("main.bicep")["modules"]["bot"]["config"])["params"]["endpoint"]
    assert given == "https://${host}/api/messages"
    assert ("POST", "/api/messages") in routes()


def test_partners_can_consent_to_the_registration_which_asks_them_for_nothing():
    [registration] = resources("azure/registration.bicep", "Microsoft.Graph/applications")
    assert registration["signInAudience"] == "AzureADMultipleOrgs"
    assert {"requiredResourceAccess", "passwordCredentials", "identifierUris"} & registration.keys() == set()
    [address] = registration["web"]["redirectUris"]
    assert ("GET", address.removeprefix("https://${host}")) in routes()


def test_the_managed_identity_stands_in_for_a_secret():
    made = template("azure/registration.bicep")["resources"]["registration__identity"]["config"]
    assert made["condition"]["operator"]["operands"] == {"operand_1": "credential", "operand_2": "federated"}
    assert made["config"]["audiences"] == ["api://AzureADTokenExchange"]
    assert made["config"]["subject"] == "principalId"
    assert made["config"]["issuer"] == "${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0"


def test_the_permissions_on_graph_are_the_documented_ones_and_mail_is_not_among_them():
    listed = template("azure/registration.bicep")["variables"]["graphRoles"]["value"]
    assert {one["id"]: one["name"] for one in listed} == GRAPH_ROLES
    assert {one["name"] for one in listed} == PERMISSIONS.keys() - {MAIL}
    assert all(one["reason"] for one in listed)


def test_every_role_is_a_documented_one_and_bound_to_one_resource():
    found = {each for name in NAMES for each in re.findall(GUID, plain(name))}
    assert found == {*ROLES, *GRAPH_ROLES, GRAPH}
    assignments = [each for _, kind, each in every_resource() if kind == "Microsoft.Authorization/roleAssignments"]
    assert len(assignments) == len(ROLES)
    assert {one["scope"] for one in assignments} == {"account", "insights", "vault", "registry"}


def test_the_runbook_grants_what_the_template_grants_and_names_what_does_in_its_place():
    runbook = (DEPLOYMENT / "README.md").read_text(encoding="utf-8")
    [loop] = re.findall(r"for role in (.+); do", runbook)
    assert set(loop.split()) == set(GRAPH_ROLES)
    assert set(re.findall(GUID, runbook)) - {*ROLES, *GRAPH_ROLES, GRAPH} == set(WIDER_ROLES)
    assert {*WIDER_ROLES.values()} == {one for each in WIDER.values() for one in each}


def test_every_provider_is_registered_before_anything_is_made():
    runbook = (DEPLOYMENT / "README.md").read_text(encoding="utf-8")
    [loop] = re.findall(r"for name in (.+?); do\n +az provider register", runbook, flags=re.DOTALL)
    kinds = [one["type"] for name in NAMES for one in template(name).get("resources", {}).values()]
    makers = {kind.partition("/")[0].removeprefix("Microsoft.") for kind in kinds}
    # The last one stands in no template: Container Apps wants it where it is given a network.
    assert set(loop.replace("\\", "").split()) == makers - {"Authorization", "Graph"} | {"ContainerService"}


# Where it runs


@pytest.mark.parametrize("credential", ["byIdentity", "byCertificate"])
def test_the_bot_starts_with_what_the_template_sets(credential, tmp_path):
    given = {name: put_in(value) for name, value in environment("always", credential).items()}
    if credential == "byCertificate":
        given["MICROSOFT_APP_CERTIFICATE"] = str(tmp_path / "bot.pem")
        (tmp_path / "bot.pem").touch()
    settings = read_settings(given)
    assert not settings.is_local
    assert (settings.host, settings.port, settings.storage_kind) == ("0.0.0.0", 8080, "azure")  # noqa: S104 - in a container
    assert (settings.mail, settings.home_tenant) == ("graph:sme@example.com", ID)
    assert bool(settings.app_federated_client_id) is (credential == "byIdentity")


def test_every_variable_is_a_setting():
    given = {*environment("always", "byIdentity", "byCertificate")}
    text = README.read_text(encoding="utf-8")
    assert {one for one in given if f"`{one}`" not in text} == set()


def test_the_certificate_is_mounted_where_the_bot_looks_for_it():
    declared = {name: each["value"] for name, each in APP["variables"].items()}
    assert environment("byCertificate") == {"MICROSOFT_APP_CERTIFICATE": "${certificateFolder}/${certificateFile}"}
    [file] = declared["certificateVolume"]["secrets"]
    assert file["path"] == "certificateFile"
    assert file["secretRef"]["operator"]["operands"]["true_value"]["function"]["type"] == "first"
    secret = body(CONTAINER_APP["properties"]["configuration"]["secrets"])
    assert set(secret) == {"name", "keyVaultUrl", "identity"}
    mount = {"volumeName": declared["certificateVolume"]["name"], "mountPath": "certificateFolder"}
    assert declared["certificateMount"] == mount


def test_replicas_answer_https_alone_and_on_the_port_of_the_bot():
    ingress = CONTAINER_APP["properties"]["configuration"]["ingress"]
    assert (ingress["external"], ingress["allowInsecure"], ingress["targetPort"]) == (True, False, "port")
    listens = environment("always")["SME_PORT"]["function"]
    assert (listens["type"], *listens["parameters"].values()) == ("string", "port")


def test_one_replica_runs_always_and_a_new_one_takes_over():
    for name in ("main.bicep", "azure/app.bicep"):
        least = {one["type"]: one["argument"] for one in template(name)["parameters"]["minReplicas"]["decorators"]}
        assert least["min_value"] >= 1
    assert template("main.bicep")["parameters"]["minReplicas"]["default"] == 2
    assert CONTAINER_APP["properties"]["template"]["scale"]["minReplicas"] == "minReplicas"
    assert CONTAINER_APP["properties"]["configuration"]["activeRevisionsMode"] == "Single"


@pytest.mark.parametrize("kind", ["Startup", "Readiness"])
def test_a_replica_is_asked_how_it_is(kind):
    asked = PROBES[kind]["httpGet"]
    assert ("GET", asked["path"]) in routes()
    assert asked == {"path": "/health", "port": "port"}


@pytest.mark.parametrize("kind", PROBES)
def test_a_probe_keeps_to_the_documented_limits(kind):
    probe = PROBES[kind]
    assert 1 <= probe["failureThreshold"] <= 10
    assert all(1 <= probe[name] <= 240 for name in ("periodSeconds", "timeoutSeconds"))


def test_a_replica_lives_as_long_as_its_port_is_open():
    # /health answers 503 while the tables are out of reach: that is no reason to kill a replica.
    assert PROBES["Liveness"]["tcpSocket"] == {"port": "port"}
    assert "httpGet" not in PROBES["Liveness"]
    assert set(PROBES) == {"Startup", "Readiness", "Liveness"}


def test_a_replica_has_time_to_end_what_it_does():
    lingering = float(re.search(r"SME_LINGER_SECONDS=(\d+)", DOCKERFILE.read_text())[1])
    longest = lingering + 2 * DRAIN_SECONDS + FETCH_TIMEOUT + FLUSH_SECONDS
    assert CONTAINER_APP["properties"]["template"]["terminationGracePeriodSeconds"] > longest


# Who is told


RULES = template("azure/alerts.bicep")["variables"]["rules"]["value"]


def test_every_alert_asks_for_a_metric_that_the_bot_sends():
    known = {each.name: each for each in INSTRUMENTS}
    for rule in RULES:
        [name] = re.findall(r"Name == '([^']+)'", rule["query"])
        values = known[name].attributes
        for attribute, value in re.findall(r"Properties\.(\w+)\) == '(\w+)'", rule["query"]):
            assert value in values[attribute]


def test_every_alert_says_what_to_look_at():
    for rule in RULES:
        assert len(rule["description"]) > 80, rule["name"]
        assert rule["severity"] in range(4)
    assert len({rule["name"] for rule in RULES}) == len(RULES) >= 6


def test_alerts_look_at_the_same_table_and_tell_the_same_people():
    [alert] = resources("azure/alerts.bicep", "Microsoft.Insights/scheduledQueryRules")
    assert alert["properties"]["actions"]["actionGroups"]
    assert all(rule["query"].startswith("AppMetrics\n") for rule in RULES if rule["name"] != "silence")
    [criterion] = alert["properties"]["criteria"]["allOf"]
    assert (criterion["timeAggregation"], criterion["operator"], criterion["threshold"]) == ("Count", "GreaterThan", 0)
