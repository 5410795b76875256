"""What lies in the image, and how it begins where nothing is set up."""

import os
import stat
import sys
from importlib.util import cache_from_source
from pathlib import Path

from tests.stories.running_bot import ROOT

PRODUCT = {"app.py", "bot", "cli", "state", "__pycache__"}


def test_the_image_holds_the_product_and_nothing_else_of_the_project(container):
    there = container.image.root / "app"

    assert {place.name for place in there.iterdir()} == PRODUCT
    sources = [place for name in ("bot", "cli", "state") for place in (ROOT / name).rglob("*") if place.is_file()]
    wanted = {place.relative_to(ROOT) for place in sources if "__pycache__" not in place.parts} | {Path("app.py")}
    found = {place.relative_to(there) for place in there.rglob("*") if place.is_file()}
    assert {place for place in found if "__pycache__" not in place.parts} == wanted


def test_everything_of_the_product_is_compiled(container):
    there = container.image.root / "app"
    sources = list(there.rglob("*.py"))

    assert len(sources) > 100
    assert [place for place in sources if not Path(cache_from_source(str(place))).exists()] == []


def test_nothing_but_the_bots_own_packages_is_installed(container):
    (packages,) = (container.image.root / "opt" / "venv").glob("lib/python*/site-packages")
    names = {place.name.lower().partition("-")[0] for place in packages.glob("*.dist-info")}

    assert {"aiohttp", "msal", "tzdata"} <= names
    assert not names & {"pip", "setuptools", "pytest", "mypy", "playwright"}


def test_only_the_owner_may_write_any_file(container):
    own = [container.image.root / "app", container.image.root / "opt"]
    files = [place for folder in own for place in [folder, *folder.rglob("*")] if not place.is_symlink()]

    assert [place for place in files if place.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH)] == []
    assert [place for place in files if not place.stat().st_mode & stat.S_IROTH] == []


async def test_without_settings_it_does_not_start_and_names_each_fault_in_a_line(container):
    code, printed, lines = await container.run(container.image.stage.command, {})

    assert (code, printed) == (2, "")
    wanted = ("MICROSOFT_APP_ID", "MICROSOFT_APP_TYPE", "MICROSOFT_APP_TENANT_ID", "No credential", "SME_ALLOW_SQLITE")
    assert len(lines) == len(wanted)
    assert all(word in line for word, line in zip(wanted, lines, strict=True))


async def test_where_nobody_answers_it_is_not_healthy(container, free_port):
    code, _, _ = await container.run(container.image.stage.health_command, {"SME_PORT": str(free_port)})

    assert code != 0


async def test_it_cannot_write_where_its_files_lie(container):
    if not container.is_confined and os.geteuid() == 0:
        return
    code, _, _ = await container.run(["python", "-c", "open('written', 'w')"], {})

    assert code != 0


async def test_time_zones_come_with_the_packages(container):
    """The base image has none: the system's are not looked at."""
    words = "import zoneinfo; zoneinfo.reset_tzpath(to=()); print(zoneinfo.ZoneInfo('Asia/Kolkata'))"
    code, printed, errors = await container.run(["python", "-c", words], {})

    assert (code, printed.strip(), errors) == (0, "Asia/Kolkata", [])


async def test_it_is_the_image_whose_packages_are_used(container):
    code, printed, _ = await container.run(["python", "-c", "import aiohttp, app; print(aiohttp.__file__)"], {})

    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    assert code == 0
    assert printed.strip().endswith(f"/opt/venv/lib/{version}/site-packages/aiohttp/__init__.py")
