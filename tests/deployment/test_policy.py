"""Checkov finds nothing in the templates but what a comment gives a reason for."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

import app
from tests.deployment.templates import DEPLOYMENT, NAMES, every_resource

CHECKOV = Path(app.__file__).parent / ".policy" / "bin" / "checkov"
SKIP = re.compile(r" *// checkov:skip=(\w+): (.+)\n")
# The parser that Checkov pins is older than the `extension` statement, and it has no rule for Microsoft Graph.
UNREAD = "azure/registration.bicep"
# An insecure account: if Checkov finds nothing in it, it has not looked.
CANARY = """resource open 'Microsoft.Storage/storageAccounts@2025-06-01' = {
  name: 'open'
  properties: {
    minimumTlsVersion: 'TLS1_0'
  }
}
"""


def skips():
    """Return rule and file of every comment that skips one, with its reason."""
    texts = {name: (DEPLOYMENT / name).read_text(encoding="utf-8") for name in NAMES}
    return {(rule, name): reason for name in NAMES for rule, reason in SKIP.findall(texts[name])}


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """Run Checkov once: over the templates as they are, without their skips, and over the canary."""
    folder = tmp_path_factory.mktemp("policy")
    for name in NAMES:
        if name == UNREAD:
            continue
        text = (DEPLOYMENT / name).read_text(encoding="utf-8")
        for copy, content in (("as-is", text), ("bare", SKIP.sub("", text))):
            file = folder / copy / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content, encoding="utf-8")
    (folder / "canary.bicep").write_text(CANARY, encoding="utf-8")
    options = ["--skip-download", "--framework", "bicep", "--quiet", "--compact", "-o", "json", "-d", str(folder)]
    done = subprocess.run([CHECKOV, *options], capture_output=True, text=True, check=False)  # noqa: S603 - our own tool
    return json.loads(done.stdout)


def failed(found, copy):
    """Return rule and file of what failed in one of the copies."""
    names = [(one["check_id"], one["file_path"].lstrip("/")) for one in found["results"]["failed_checks"]]
    return {(rule, name.removeprefix(copy + "/")) for rule, name in names if name.startswith(copy)}


def test_checkov_is_there():
    assert shutil.which(CHECKOV), "run: make dev"


def test_every_template_was_read_and_looked_at(found):
    summary = found["summary"]
    assert summary["parsing_errors"] == 0
    assert summary["resource_count"] > 2 * len(every_resource())
    assert ("CKV_AZURE_44", "canary.bicep") in failed(found, "canary")


def test_nothing_fails(found):
    assert failed(found, "as-is") == set()


def test_each_skip_has_a_reason_and_is_still_needed(found):
    assert failed(found, "bare") == set(skips())
    assert found["summary"]["skipped"] == len(skips())
    assert [reason for reason in skips().values() if len(reason.split()) < 6] == []


def test_what_checkov_cannot_read_holds_nothing_that_it_knows():
    kinds = {kind for name, kind, _ in every_resource() if name == UNREAD}
    assert kinds
    assert [kind for kind in kinds if not kind.startswith("Microsoft.Graph/")] == []
