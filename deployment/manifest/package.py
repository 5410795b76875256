"""Builds the Teams app package, as `make package`: manifest and icons, filled in from the environment and `.env`."""

import io
import json
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from dotenv import dotenv_values
from jsonschema import Draft4Validator

from bot import __version__
from bot.domain.kinds import GUID

HERE = Path(__file__).resolve().parent
MANIFEST = HERE / "manifest.json"
SCHEMA = HERE / "MicrosoftTeams.schema.json"
ICONS = ("color.png", "outline.png")
PACKAGE = Path("out", "sme-requests.zip")
LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The time of every file in the package, so that the same input gives the same bytes; a zip knows none before."""
_PLACEHOLDER = re.compile(r"\$\{\{(\w+)\}\}")
# Bytes of the environment that are no UTF-8 come as lone surrogates, and no JSON takes them.
_NAME = r"[^\x00-\x1f\x7f-\x9f\ud800-\udfff]{1,32}"
_ADDRESS = r"https://[^\s/?#@\"<>\\]+([/?#][^\s\"<>\\\ud800-\udfff]*)?"


@dataclass(frozen=True)
class Setting:
    """What is filled into the manifest where it says `${{name}}`; `wanted` tells whoever sets it."""

    name: str
    pattern: str
    wanted: str

    def fault(self, value: str) -> str:
        """Return the line that says what to mend, '' where there is nothing."""
        if re.fullmatch(self.pattern, value):
            return ""
        return f"{self.name} is {repr(value) if value else 'missing'}: set it to {self.wanted}."


SETTINGS = (
    Setting("SME_TEAMS_APP_ID", GUID.pattern, "the id of the app in Teams, a GUID that you make once and keep"),
    Setting("MICROSOFT_APP_ID", GUID.pattern, "the client id of the bot's app registration, a GUID"),
    Setting("SME_TEAMS_DEVELOPER", _NAME, "the name of who offers the app, 32 characters at most"),
    Setting("SME_TEAMS_WEBSITE", _ADDRESS, "the https address of the page about the app and its support"),
    Setting("SME_TEAMS_PRIVACY", _ADDRESS, "the https address of the privacy statement"),
    Setting("SME_TEAMS_TERMS", _ADDRESS, "the https address of the terms of use"),
)


class WrongUseError(Exception):
    """Something that whoever typed the command can mend; each line says how."""


def main() -> int:
    try:
        PACKAGE.unlink(missing_ok=True)
        values = read_values()
        packed = package(manifest(values))
        PACKAGE.parent.mkdir(exist_ok=True)
        PACKAGE.write_bytes(packed)
    except WrongUseError as fault:
        print(fault, file=sys.stderr)
        return 2
    except OSError as fault:
        print(f"{PACKAGE} cannot be written: {fault.strerror}.", file=sys.stderr)
        return 2
    print(f"{PACKAGE}: version {values['VERSION']} of the app {values['SME_TEAMS_APP_ID']}")
    return 0


def read_values() -> Mapping[str, str]:
    """Return what the manifest's placeholders stand for; the environment goes before `.env`. Raises WrongUseError."""
    try:
        beside = dotenv_values(".env")
    except UnicodeDecodeError:
        raise WrongUseError(".env is not a text in UTF-8.") from None
    values = {each.name: (os.environ.get(each.name) or beside.get(each.name) or "").strip() for each in SETTINGS}
    # The bot writes its ids in small letters too, and asks Graph for the app by one of them.
    values |= {each.name: values[each.name].lower() for each in SETTINGS if each.pattern == GUID.pattern}
    faults = [fault for each in SETTINGS if (fault := each.fault(values[each.name]))]
    if faults:
        raise WrongUseError("\n".join(faults))
    return {**values, "VERSION": __version__}


def manifest(values: Mapping[str, str]) -> str:
    """Return the manifest with its placeholders filled in. Raises WrongUseError where Teams would not take it."""
    template = MANIFEST.read_text(encoding="utf-8")
    text = _PLACEHOLDER.sub(lambda found: json.dumps(values[found[1]])[1:-1], template)
    validator = Draft4Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
    faults = [f"{MANIFEST.name}, {each.json_path}: {each.message}" for each in validator.iter_errors(json.loads(text))]
    if faults:
        raise WrongUseError("\n".join(faults))
    return text


def package(text: str) -> bytes:
    """Return the zip that Teams takes: the three files at its root."""
    files = {MANIFEST.name: text.encode()} | {name: (HERE / name).read_bytes() for name in ICONS}
    packed = io.BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as target:
        for name, content in files.items():
            target.writestr(_entry(name), content)
    return packed.getvalue()


def _entry(name: str) -> ZipInfo:
    entry = ZipInfo(name, LONG_AGO)
    entry.compress_type = ZIP_DEFLATED
    entry.create_system = 3
    entry.external_attr = 0o100644 << 16
    return entry


if __name__ == "__main__":
    sys.exit(main())
