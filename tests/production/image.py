"""The files of the image, laid out in a folder as the Dockerfile says; there is no container engine in the tests."""

import fnmatch
import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path

from packaging.requirements import Requirement

from tests.production.dockerfile import Line, Stage, stages_of
from tests.stories.running_bot import ROOT

DOCKERFILE = ROOT / "deployment" / "Dockerfile"
VENV = "/opt/venv"
_INTERPRETER = Path(sys.executable).parent
# What stands alone as an absolute path in a command of RUN.
_ABSOLUTE = re.compile(r"(?<=\s)/(?=\w)")


@dataclass(frozen=True)
class Image:
    """The last stage: its files under `root`, and what it says of the process."""

    root: Path
    stage: Stage


def lay_out(folder: Path) -> Image:
    """Carry out every step of the Dockerfile under `folder`.

    Two are stood in for, as the base image is not there: what pip installs is copied from this environment, and the
    pip of the base image, which the last stage removes, does not exist.
    """
    stages = stages_of(DOCKERFILE)
    roots = {stage.name: folder / (stage.name or "image") for stage in stages}
    for stage in stages:
        root = roots[stage.name]
        root.mkdir()
        workdir = "/"
        for line in stage.steps:
            match line.word:
                case "WORKDIR":
                    workdir = line.text
                    _under(root, workdir).mkdir(parents=True, exist_ok=True)
                case "COPY":
                    _copy(line, roots, root, workdir)
                case "RUN":
                    _run(line, root, _under(root, workdir))
    return Image(roots[stages[-1].name], stages[-1])


def _under(root: Path, *places: str) -> Path:
    """Return where an absolute place of the image is; each of the places may be relative to the one before it."""
    return root / os.path.join("/", *places).lstrip("/")  # noqa: PTH118 - a later absolute place takes over


def _copy(line: Line, roots: dict[str, Path], root: Path, workdir: str) -> None:
    *sources, target = line.text.split()
    there = _under(root, workdir, target)
    if sources[0].startswith("--from="):
        source, place = roots[sources[0].removeprefix("--from=")], sources[1]
        # Moved, which is quicker: no later step asks for what a stage has given away, or it would fail.
        there.parent.mkdir(parents=True, exist_ok=True)
        _under(source, place).rename(there)
        return
    for source in sources:
        _copy_from_project(source, there / source if target.endswith("/") else there)


def _copy_from_project(source: str, there: Path) -> None:
    place = ROOT / source
    assert _is_in_context(source), f".dockerignore keeps {source} out"
    there.parent.mkdir(parents=True, exist_ok=True)
    if place.is_file():
        shutil.copy2(place, there)
    else:
        shutil.copytree(place, there, ignore=_outside_context)


def _outside_context(folder: str, names: list[str]) -> set[str]:
    place = Path(folder).relative_to(ROOT)
    return {name for name in names if not _is_in_context((place / name).as_posix())}


def _is_in_context(place: str) -> bool:
    """Whether .dockerignore lets a file into the build; of the lines that fit it or a folder above, the last counts."""
    is_in = True
    for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            pattern = line.removeprefix("!")
            above = [place, *(str(folder) for folder in Path(place).parents)][:-1]
            if any(fnmatch.fnmatchcase("/" + each, "/" + pattern.replace("**/", "*")) for each in above):
                is_in = line.startswith("!")
    return is_in


def _run(line: Line, root: Path, workdir: Path) -> None:
    for command in line.text.split(" && "):
        stand_in = next((done for words, done in _STOOD_IN_FOR.items() if command.startswith(words)), None)
        if stand_in:
            stand_in(root, command)
        else:
            search = f"{_INTERPRETER}{os.pathsep}{os.environ['PATH']}"
            subprocess.run(  # noqa: S602 - a line of our own Dockerfile
                _ABSOLUTE.sub(f"{root}/", command), cwd=workdir, env={"PATH": search}, shell=True, check=True
            )


def _installed(root: Path, command: str) -> None:
    words = shlex.split(command)
    requirements = _under(root, words[words.index("--requirement") + 1])
    packages = next(_under(root, VENV).glob("lib/python*/site-packages"))
    for text in requirements.read_text("utf-8").splitlines():
        wanted = Requirement(text) if text.strip() and not text.lstrip().startswith("#") else None
        if wanted and (wanted.marker is None or wanted.marker.evaluate()):
            found = distribution(wanted.name)
            assert wanted.specifier.contains(found.version), f"{text} is wanted, and {found.version} is there"
            _copy_package(found.files, packages)


def _copy_package(files, packages: Path) -> None:
    for file in files:
        source, there = Path(file.locate()), packages / file
        if ".." in file.parts or not source.exists():
            continue
        there.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, there)
        if source.suffix == ".py":
            compiled = Path(importlib.util.cache_from_source(str(source)))
            if compiled.exists():
                there.parent.joinpath("__pycache__").mkdir(exist_ok=True)
                shutil.copy2(compiled, there.parent / "__pycache__")


def _without_pip(root: Path, _command: str) -> None:
    assert not _under(root, VENV).exists(), "the bot's packages are removed with pip"


_STOOD_IN_FOR: dict[str, Callable[[Path, str], None]] = {
    f"python -m pip --python {VENV}/bin/python install ": _installed,
    "python -m pip uninstall ": _without_pip,
}
