"""The Dockerfile keeps the rules of hadolint, and ours: a pinned base, a user who is not root, production."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from bot.settings import Settings, SettingsError, read_settings
from tests.production.dockerfile import stages_of
from tests.production.image import DOCKERFILE

HADOLINT = Path(sys.executable).with_name("hadolint")
PINNED = re.compile(r"python:3\.\d+\.\d+-slim-[a-z]+@sha256:[0-9a-f]{64}")
CREDENTIALS = {
    "MICROSOFT_APP_ID": "c9e8c047-2a34-40a1-b28a-b162d5f5327c",
    "MICROSOFT_APP_TYPE": "SingleTenant",
    "MICROSOFT_APP_TENANT_ID": "2b1e6f0a-93c4-4d1c-8f5e-1f0c6b7d8e90",
    "MICROSOFT_APP_FEDERATED_CLIENT_ID": "0d1f6f0e-1f0c-4a6f-8a57-93c4d1c8f5e1",
    "SME_STORAGE": "azure",
    "AZURE_STORAGE_ACCOUNT": "smerequests",
}
# What somebody might change, and the rule of hadolint that it breaks.
BROKEN = [
    ('CMD ["python", "app.py"]', "CMD python app.py", "DL3025"),
    ("WORKDIR /app\nCOPY", "WORKDIR app\nCOPY", "DL3000"),
    ("USER 10001:10001", "USER root", "DL3002"),
    ("COPY app.py ./", "ADD app.py ./", "DL3020"),
    ("EXPOSE 8080", "EXPOSE 80800", "DL3011"),
]


def linted(path):
    return subprocess.run([HADOLINT, "--no-color", path], check=False, capture_output=True, text=True)  # noqa: S603


def test_hadolint_finds_nothing_and_is_not_told_to_look_away():
    found = linted(DOCKERFILE)

    assert (found.returncode, found.stdout) == (0, "")
    assert "hadolint ignore" not in DOCKERFILE.read_text("utf-8")


@pytest.mark.parametrize(("good", "bad", "rule"), BROKEN)
def test_hadolint_finds_what_is_broken(tmp_path, good, bad, rule):
    text = DOCKERFILE.read_text("utf-8")
    assert good in text
    broken = tmp_path / "Dockerfile"
    broken.write_text(text.replace(good, bad), "utf-8")

    found = linted(broken)

    assert found.returncode == 1
    assert rule in found.stdout


def test_both_stages_begin_from_one_base_pinned_by_its_digest():
    (base,) = {stage.base for stage in stages_of(DOCKERFILE)}

    assert PINNED.fullmatch(base)


def test_the_image_says_that_it_is_production_and_runs_as_a_number_that_is_not_root():
    image = stages_of(DOCKERFILE)[-1]
    settings = read_settings(image.environment | CREDENTIALS)

    assert all(number > 1000 for number in image.user)
    assert (settings.mode, settings.host, settings.port) == ("production", "0.0.0.0", int(image.said["EXPOSE"]))  # noqa: S104
    assert settings.linger_seconds > 0


def test_every_setting_of_the_image_is_one_of_the_bot():
    image = stages_of(DOCKERFILE)[-1]
    own = [name for name in image.environment if name.startswith("SME_")]
    known = {f"SME_{name.upper()}" for name in Settings.__slots__}

    assert set(own) <= known


def test_the_settings_of_the_image_alone_do_not_do():
    with pytest.raises(SettingsError):
        read_settings(stages_of(DOCKERFILE)[-1].environment)


def test_an_instruction_that_the_tests_do_not_know_is_not_passed_over(tmp_path):
    odd = tmp_path / "Dockerfile"
    odd.write_text("FROM scratch\nVOLUME /data\n", "utf-8")

    with pytest.raises(ValueError, match="VOLUME"):
        stages_of(odd)
