"""Every template is Bicep, fits the others, and says what each of its parameters is for."""

import json
import re
from uuid import uuid4

import pytest
from lark.exceptions import UnexpectedInput

from tests.deployment.templates import DEPLOYMENT, NAMES, body, outside_strings, plain, read, template

MAIN = template("main.bicep")
MODULES = {name: (one["detail"]["path"], body(one["config"])) for name, one in MAIN["modules"].items()}
# What Bicep brings along, as far as it is used.
BROUGHT = {
    *("as", "bool", "array", "int", "existing", "extension", "for", "if", "in", "module", "output", "param"),
    *("resource", "targetScope", "var", "true", "false", "allowed", "description", "maxLength", "maxValue"),
    *("minLength", "minValue", "items", "empty", "environment", "first", "guid", "json", "max", "resourceGroup"),
    *("subscriptionResourceId", "string", "tenant", "union", "uniqueString"),
}


def test_there_are_templates():
    assert "main.bicep" in NAMES
    assert len(NAMES) > 8


@pytest.mark.parametrize("name", NAMES)
def test_every_template_is_read(name):
    found = template(name)
    assert found["globals"]["scope"] == {"value": "resourceGroup"}
    assert found.get("resources") or found.get("modules")


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("\n}\n", "\n"),
        ("name: name", "name name"),
        ("= {", "= {{"),
        ("param name string", "param name"),
        ("@description('", "@description("),
    ],
)
def test_what_is_broken_is_not_read(right, wrong):
    text = (DEPLOYMENT / "azure" / "telemetry.bicep").read_text(encoding="utf-8")
    assert right in text
    with pytest.raises(UnexpectedInput) as raised:
        read(text.replace(right, wrong, 1))
    assert raised.value.line > 0


@pytest.mark.parametrize("name", NAMES)
def test_every_name_that_is_used_is_declared(name):
    found, text = template(name), plain(name)
    declared = {one for part in ("parameters", "variables", "resources", "modules") for one in found.get(part, {})}
    declared |= {one.rpartition("__")[2] for one in declared} | set(found.get("extensions", {}))
    declared |= set(re.findall(r"\[for (\w+) in", text))
    code = re.sub(r"output \w+", "output", outside_strings(text))
    # A property's name stands before a colon, its use behind a point.
    used = set(re.findall(r"(?<![.\w])[A-Za-z]\w*\b(?!\s*:(?= ))", code))
    assert used - declared - BROUGHT == set()


@pytest.mark.parametrize("name", NAMES)
def test_every_parameter_is_described_and_used(name):
    found, code = template(name), outside_strings(plain(name))
    for part in ("parameters", "outputs"):
        for one, declared in found.get(part, {}).items():
            descriptions = [each for each in declared["decorators"] if each["type"] == "description"]
            assert len(descriptions) == 1, f"{part} {one}"
    # A property may bear the name of a parameter; its declaration is the first of its uses.
    uses = re.findall(r"(?<![.\w])\w+(?!\w)(?!:(?= \S*[^{]$))", code, re.MULTILINE)
    assert [one for one in found["parameters"] if uses.count(one) < 2] == []


def test_every_module_is_there_and_none_is_left_over():
    assert {"main.bicep", *(path for path, _ in MODULES.values())} == set(NAMES)


@pytest.mark.parametrize("name", MODULES)
def test_a_module_gets_what_it_asks_for_and_no_more(name):
    path, config = MODULES[name]
    asked = template(path)["parameters"]
    needed = {one for one, declared in asked.items() if declared["default"] is None}
    assert needed <= set(config["params"]) <= set(asked)


def test_every_output_that_is_used_is_one_of_the_module():
    used = re.findall(r"(\w+)\.outputs\.(\w+)", plain("main.bicep"))
    assert len(used) > 10
    assert [(one, out) for one, out in used if out not in template(MODULES[one][0])["outputs"]] == []


def test_the_sample_of_parameters_fits_the_template():
    sample = json.loads((DEPLOYMENT / "main.parameters.json").read_text(encoding="utf-8"))
    given, declared = sample["parameters"], MAIN["parameters"]
    assert {one for one, each in declared.items() if each["default"] is None} <= set(given) <= set(declared)
    kinds = {"string": str, "array": list, "bool": bool, "int": int}
    assert [one for one in given if not isinstance(given[one]["value"], kinds[declared[one]["type"]])] == []


def test_the_sample_is_not_deployed_before_the_id_of_the_teams_app_is_filled_in():
    sample = json.loads((DEPLOYMENT / "main.parameters.json").read_text(encoding="utf-8"))
    limits = {each["type"]: each["argument"] for each in MAIN["parameters"]["teamsAppId"]["decorators"]}
    assert limits["min_length"] == limits["max_length"] == len(str(uuid4()))
    assert len(sample["parameters"]["teamsAppId"]["value"]) < limits["min_length"]


def test_the_extension_of_microsoft_graph_is_pinned():
    config = json.loads((DEPLOYMENT / "bicepconfig.json").read_text(encoding="utf-8"))
    wanted = {one for name in NAMES for one in template(name).get("extensions", {})}
    assert wanted == set(config["extensions"]) == {"microsoftGraphV1"}
    assert re.fullmatch(
        r"br:mcr\.microsoft\.com/bicep/extensions/microsoftgraph/v1\.0:\d+\.\d+\.\d+",
        config["extensions"]["microsoftGraphV1"],
    )
