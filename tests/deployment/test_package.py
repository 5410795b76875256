"""`make package` builds what Teams takes, or says line by line what is missing."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest
from jsonschema import Draft4Validator

import app
from bot import __version__
from deployment.manifest.package import HERE, SCHEMA, SETTINGS

ROOT = Path(app.__file__).parent
BUILT = Path("out", "sme-requests.zip")
APP, BOT = "9d7a3a64-3d60-4a5c-9d4b-2f0c3a5a1a11", "5b1f6f0e-7a2e-4c61-8d6b-1f6e2c1b7a22"
GOOD = {
    "SME_TEAMS_APP_ID": APP,
    "MICROSOFT_APP_ID": BOT,
    "SME_TEAMS_DEVELOPER": 'Contoso "FastTrack"',
    "SME_TEAMS_WEBSITE": "https://contoso.com/sme",
    "SME_TEAMS_PRIVACY": "https://contoso.com/sme/privacy",
    "SME_TEAMS_TERMS": "https://contoso.com/sme/terms",
}


def build(folder, settings):
    """Do what `make package` does, in a folder with its own `.env` and `out`."""
    outside = {name: value for name, value in os.environ.items() if name not in {each.name for each in SETTINGS}}
    command = [sys.executable, "-m", "deployment.manifest.package"]
    environment = {**outside, "PYTHONPATH": str(ROOT), **settings}
    return subprocess.run(  # noqa: S603 - our own program
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def test_the_package_holds_manifest_and_icons_filled_in_and_valid(tmp_path):
    done = build(tmp_path, GOOD)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{BUILT}: version {__version__} of the app {APP}\n"
    with ZipFile(tmp_path / BUILT) as package:
        assert package.testzip() is None
        assert package.namelist() == ["manifest.json", "color.png", "outline.png"]
        assert all(package.read(name) == (HERE / name).read_bytes() for name in ("color.png", "outline.png"))
        text = package.read("manifest.json").decode()
    assert "${{" not in text
    read = json.loads(text)
    Draft4Validator(json.loads(SCHEMA.read_text(encoding="utf-8"))).validate(read)
    assert (read["version"], read["id"], read["bots"][0]["botId"]) == (__version__, APP, BOT)
    assert read["webApplicationInfo"] == {"id": BOT, "resource": f"api://botid-{BOT}"}
    assert list(read["developer"].values()) == list(GOOD.values())[2:]


def test_the_bots_version_is_one_that_teams_takes():
    assert re.fullmatch(r"(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}", __version__)


def test_make_package_needs_no_more_than_the_bots_packages_and_the_check():
    rule = re.search(r"^package: (.*)\n\t@\$\(PYTHON\) -m (\S+)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert rule.groups() == (".venv/.bot .venv/.package", "deployment.manifest.package")
    needed = (HERE / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert needed[1:] == ["-c ../../requirements-dev.txt", "jsonschema"]


def test_the_same_settings_give_the_same_bytes(tmp_path):
    made = []
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
        assert build(tmp_path / name, GOOD).returncode == 0
        made.append((tmp_path / name / BUILT).read_bytes())
    assert made[0] == made[1]


def test_settings_come_from_the_env_file_too_and_the_environment_goes_first(tmp_path):
    lines = [f"{name}='{value}'" for name, value in GOOD.items()]
    (tmp_path / ".env").write_text("\n".join(lines), encoding="utf-8")
    assert build(tmp_path, {"SME_TEAMS_DEVELOPER": "Fabrikam", "SME_TEAMS_TERMS": ""}).returncode == 0
    with ZipFile(tmp_path / BUILT) as package:
        developer = json.loads(package.read("manifest.json"))["developer"]
    assert (developer["name"], developer["termsOfUseUrl"]) == ("Fabrikam", GOOD["SME_TEAMS_TERMS"])


def test_each_missing_setting_is_one_line_and_an_older_package_is_gone(tmp_path):
    assert build(tmp_path, GOOD).returncode == 0
    done = build(tmp_path, {})
    assert (done.returncode, done.stdout) == (2, "")
    assert [line.split(":")[0] for line in done.stderr.splitlines()] == [f"{name} is missing" for name in GOOD]
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SME_TEAMS_APP_ID", "sme-requests"),
        ("MICROSOFT_APP_ID", f"{{{BOT}}}"),
        ("SME_TEAMS_DEVELOPER", "x" * 33),
        ("SME_TEAMS_DEVELOPER", "no\udcfftext"),
        ("SME_TEAMS_WEBSITE", "http://contoso.com"),
        ("SME_TEAMS_PRIVACY", "contoso.com/privacy"),
        ("SME_TEAMS_TERMS", "https://contoso.com/our terms"),
        ("SME_TEAMS_TERMS", 'https://contoso.com/"terms"'),
    ],
)
def test_an_ill_formed_setting_is_named_with_its_value(tmp_path, name, value):
    done = build(tmp_path, GOOD | {name: value})
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"{name} is {value!r}: set it to ")
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / BUILT).exists()


def test_what_only_the_schema_refuses_is_told_with_its_place(tmp_path):
    done = build(tmp_path, GOOD | {"SME_TEAMS_TERMS": f"https://contoso.com/{'x' * 2048}"})
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("manifest.json, $.developer.termsOfUseUrl: ")
    assert not (tmp_path / "out").exists()


def test_an_env_file_that_is_no_text_and_a_folder_in_the_way_are_told(tmp_path):
    (tmp_path / "out").write_bytes(b"")
    done = build(tmp_path, GOOD)
    assert (done.returncode, done.stderr) == (2, f"{BUILT} cannot be written: Not a directory.\n")
    (tmp_path / "out").unlink()
    (tmp_path / ".env").write_bytes(b"SME_TEAMS_DEVELOPER=\xff\n")
    done = build(tmp_path, GOOD)
    assert (done.returncode, done.stderr) == (2, ".env is not a text in UTF-8.\n")
