"""What stands beside the code: the version, the licence, the hooks, the changelog."""

import json
import tomllib
from pathlib import Path
from subprocess import run

import bot

ROOT = Path(bot.__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def test_the_newest_version_of_the_changelog_is_this_one():
    [newest, *_] = [line for line in (ROOT / "CHANGELOG.md").read_text().splitlines() if line.startswith("## ")]
    assert newest.split()[1] == bot.__version__


def test_the_licence_is_the_same_wherever_it_is_named():
    assert (ROOT / "LICENSE").read_text().startswith("MIT License\n")
    assert PROJECT["project"]["license"] == json.loads((ROOT / "package.json").read_text())["license"] == "MIT"


def test_the_guide_for_contributors_is_a_page():
    assert len((ROOT / "CONTRIBUTING.md").read_text().splitlines()) <= 60


def test_the_hooks_are_read_and_run_tools_of_this_project():
    words = [ROOT / ".venv" / "bin" / "pre-commit", "validate-config"]
    checked = run(words, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - the project's own tool
    assert checked.returncode == 0, checked.stdout
    hooks = (ROOT / ".pre-commit-config.yaml").read_text()
    entries = [line.split()[1] for line in hooks.splitlines() if line.strip().startswith("entry:")]
    assert entries
    assert [entry for entry in entries if not (ROOT / entry).exists()] == []


def test_the_hooks_fetch_nothing():
    hooks = (ROOT / ".pre-commit-config.yaml").read_text()
    assert [line for line in hooks.splitlines() if "repo:" in line] == ["  - repo: local"]
