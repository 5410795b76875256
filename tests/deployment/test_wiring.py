"""What the templates hand to each other is the thing that is meant: ids are texts, and Bicep takes any for another."""

import re

from bot.web import DRAIN_SECONDS
from tests.deployment.templates import body, every_resource, resources, template
from tests.production.dockerfile import stages_of
from tests.production.image import DOCKERFILE

MAIN = template("main.bicep")
APP = template("azure/app.bicep")
[CONTAINER_APP] = resources("azure/app.bicep", "Microsoft.App/containerApps")
[CONTAINER] = CONTAINER_APP["properties"]["template"]["containers"]
OBJECT_ID, CLIENT_ID = "identity.properties.principalId", "identity.properties.clientId"


def said(value):
    """Return an expression as it is written, as far as it is names, points, choices and calls."""
    if isinstance(value, list):
        return f"[{', '.join(map(said, value))}]"
    if not isinstance(value, dict):
        return str(value)
    if function := value.get("function"):
        return f"{function['type']}({', '.join(map(said, function.get('parameters', {}).values()))})"
    one, *others = map(said, value["operator"]["operands"].values())
    kind = value["operator"]["type"]
    return {"property_accessor": ".", "conditional": " ? "}[kind].join([one, " : ".join(others)])


def given_to(module):
    params = body(MAIN["modules"][module]["config"])["params"]
    return {name: said(value) for name, value in params.items() if "loop_type" not in value}


def only(name, kind):
    [found] = resources(name, kind)
    return found


def test_roles_are_given_to_the_object_of_the_identity():
    asking = [name for name in MAIN["modules"] if "principalId" in given_to(name)]
    assert sorted(asking) == ["pull", "registration", "storage", "telemetry", "vault"]
    assert {given_to(name)["principalId"] for name in asking} == {OBJECT_ID}
    roles = [each["properties"] for _, kind, each in every_resource() if kind.endswith("/roleAssignments")]
    assert {(one["principalId"], one["principalType"]) for one in roles} == {("principalId", "ServicePrincipal")}


def test_the_bot_gets_the_ids_that_it_is_meant_to_get():
    given = given_to("app")
    wanted = {
        "identityId": "identity.id",
        "identityClientId": CLIENT_ID,
        "appId": "registration.outputs.appId",
        "storageAccount": "storage.outputs.name",
        "telemetryAddress": "telemetry.outputs.address",
    }
    same = {"credential", "image", "vaultName", "teamsAppId", "assignmentAddress", "mailSender"}
    assert {name: given[name] for name in wanted} == wanted
    assert {name: given[name] for name in same} == {name: name for name in same}
    made = MAIN["modules"]["app"]["config"]
    assert (made["condition"], made["config"]["dependsOn"]) == ("isReady", ["pull", "vault"])
    # The container app is found under its own name in the domain of its environment.
    assert (given["name"], said(MAIN["variables"]["host"]["value"])) == (
        "name",
        "${name}.${appEnvironment.outputs.domain}",
    )
    assert given_to("bot")["appId"] == given["appId"]
    assert given_to("alerts")["address"] == "alertAddress"


def test_each_variable_of_the_container_says_what_it_is_named_for():
    always = {name: said(value) for name, value in APP["variables"]["always"]["value"].items()}
    assert always["AZURE_CLIENT_ID"] == "identityClientId"
    assert APP["variables"]["byIdentity"]["value"] == {"MICROSOFT_APP_FEDERATED_CLIENT_ID": "identityClientId"}
    assert always["MICROSOFT_APP_TENANT_ID"] == always["SME_HOME_TENANT"] == "tenant().tenantId"
    ids = ("MICROSOFT_APP_ID", "SME_TEAMS_APP_ID", "AZURE_STORAGE_ACCOUNT", "APPLICATIONINSIGHTS_CONNECTION_STRING")
    assert [always[name] for name in ids] == ["appId", "teamsAppId", "storageAccount", "telemetryAddress"]
    variables, one = CONTAINER["env"]["loop_type"]["detail"]["array_name"], CONTAINER["env"]["config"]
    assert said(variables) == "items(union(always, usesCertificate ? byCertificate : byIdentity))"
    assert (said(one["name"]), said(one["value"])) == ("setting.key", "setting.value")


def test_the_container_app_has_the_identity_and_pulls_its_image_with_it():
    identity = {"type": "UserAssigned", "userAssignedIdentities": {"'${identityId}'": {}}}
    assert CONTAINER_APP["identity"] == identity
    assert APP["variables"]["signIn"]["value"] == {"server": "registry", "identity": "identityId"}
    secret = CONTAINER_APP["properties"]["configuration"]["secrets"]["config"]
    assert secret["name"] == "certificate"
    assert secret["keyVaultUrl"].endswith("/secrets/${certificate}")


def test_a_replica_is_not_killed_while_it_lingers_drains_and_closes():
    image = stages_of(DOCKERFILE)[-1].environment
    [needed] = re.findall(r"give it (\d+) ", DOCKERFILE.read_text("utf-8"))
    assert int(needed) > int(image["SME_LINGER_SECONDS"]) + 2 * DRAIN_SECONDS
    assert CONTAINER_APP["properties"]["template"]["terminationGracePeriodSeconds"] >= int(needed)


def test_the_app_itself_gets_the_rights_on_graph():
    found = template("azure/registration.bicep")["resources"]
    assert said(found["servicePrincipal"]["config"]["appId"]) == "registration.appId"
    grants = found["grants"]["config"]
    assert said(grants["loop_type"]["detail"]["array_name"]) == "grantsGraph ? graphRoles : []"
    granted = {name: said(value) for name, value in grants["config"].items()}
    assert granted == {"appRoleId": "role.id", "principalId": "servicePrincipal.id", "resourceId": "graph.id"}
    assert found["registration"]["config"]["keyCredentials"]["config"]["usage"] == "Verify"


def test_the_channel_of_teams_is_open():
    channel = only("azure/bot.bicep", "Microsoft.BotService/botServices/channels")["properties"]["properties"]
    assert (channel["isEnabled"], channel["deploymentEnvironment"]) == (True, "CommercialDeployment")


def test_the_subnet_of_the_replicas_reaches_what_is_closed_to_others():
    network = only("azure/network.bicep", "Microsoft.Network/virtualNetworks")
    [subnet] = network["properties"]["subnets"]
    reached = {each["service"] for each in subnet["properties"]["serviceEndpoints"]}
    assert reached == {"Microsoft.Storage", "Microsoft.KeyVault"}
    assert (
        template("azure/network.bicep")["outputs"]["subnetId"]["value"] == f"${{network.id}}/subnets/{subnet['name']}"
    )
    modules = {name for name in MAIN["modules"] if "subnetId" in given_to(name)}
    assert {given_to(name)["subnetId"] for name in modules} == {"network.outputs.subnetId"}
    account = only("azure/storage.bicep", "Microsoft.Storage/storageAccounts")["properties"]
    assert account["networkAcls"]["virtualNetworkRules"] == [{"id": "subnetId", "action": "Allow"}]
    rules = only("azure/network.bicep", "Microsoft.Network/networkSecurityGroups")["properties"]["securityRules"]
    assert rules[0]["properties"]["destinationPortRanges"] == ["443", "31443"]


def test_telemetry_is_kept_in_the_workspace_that_alerts_look_at():
    insights = only("azure/telemetry.bicep", "Microsoft.Insights/components")["properties"]
    assert said(insights["WorkspaceResourceId"]) == "workspace.id"
    outputs = template("azure/telemetry.bicep")["outputs"]
    assert said(outputs["workspaceId"]["value"]) == said(insights["WorkspaceResourceId"])
    assert said(outputs["address"]["value"]) == "insights.properties.ConnectionString"
    alert = only("azure/alerts.bicep", "Microsoft.Insights/scheduledQueryRules")["properties"]
    assert (alert["enabled"], alert["scopes"], said(alert["windowSize"])) == (True, ["workspaceId"], "rule.window")


def test_one_row_alone_raises_an_alert_and_silence_is_no_row():
    queries = {rule["name"]: rule["query"] for rule in template("azure/alerts.bicep")["variables"]["rules"]["value"]}
    for name in ("notice-parked", "work-set-aside", "turns-failed"):
        assert queries[name].rstrip().endswith(" > 0")
    assert "Name == 'sme.notices.pending'" in queries["silence"]
    assert queries["silence"].rstrip().endswith("| where Rows == 0")
    # A query of a table that does not exist would fail, and nobody would hear of a bot that has never sent anything.
    assert queries["silence"].startswith("union isfuzzy=true AppMetrics, (datatable(Name: string)[])\n")
