"""Runs commands on the image's files as its user, read-only and with no privileges, as far as this machine lets us."""

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.production.image import Image

# Of the machine only what programs need to run at all; the interpreter stands in for the one of the base image.
_FROM_THE_MACHINE = ("/usr", "/etc", "/dev", "/proc", "/sys")
_BESIDE_USR = ("/bin", "/sbin", "/lib", "/lib32", "/lib64")
# In namespaces of its own: what is mounted is seen by this process only, and gone with it.
_ENTER = """
set -e
root=$1 user=$2 group=$3 workdir=$4 mounts=$5; shift 5
mount --bind "$root" "$root"
for place in $mounts; do
  mount --rbind "$place" "$root$place"
  mount -o remount,bind,ro "$root$place"
done
mount -o remount,bind,ro "$root"
mount -t tmpfs -o size=64m,mode=1777 tmpfs "$root/tmp"
exec chroot "$root" setpriv --reuid "$user" --regid "$group" --clear-groups --no-new-privs \
  --inh-caps=-all --bounding-set=-all env -C "$workdir" "$@"
"""


@dataclass
class Container:
    """Runs the image's commands with an environment, which stands over the image's own.

    `is_confined` says that they see nothing but the image's files, read-only, with a /tmp of their own, and run as the
    image's user. That takes root and the right to mount; elsewhere they run in the image's folder as whoever runs the
    tests, without the right to write there unless that is root.
    """

    image: Image
    is_confined: bool
    volumes: Path = field(init=False)

    def __post_init__(self) -> None:
        self.volumes = self.image.root / "srv"
        self.volumes.mkdir(exist_ok=True)
        for place in self._mounts:
            (self.image.root / place.lstrip("/")).mkdir(parents=True, exist_ok=True)
        (self.image.root / "tmp").mkdir(exist_ok=True)
        for place in map(Path, _BESIDE_USR):
            there = self.image.root / place.name
            if place.is_symlink() and not there.is_symlink():
                there.symlink_to(place.readlink())

    @property
    def _mounts(self) -> list[str]:
        folders = [place for place in _BESIDE_USR if Path(place).is_dir() and not Path(place).is_symlink()]
        inside = sys.base_prefix.startswith("/usr/") or sys.base_prefix == "/usr"
        return [*_FROM_THE_MACHINE, *folders, *([] if inside else [sys.base_prefix])]

    def place(self, volume: str) -> str:
        """Return where a command finds something that lies in `volumes`."""
        return f"/srv/{volume}" if self.is_confined else str(self.volumes / volume)

    def words(self, command: Sequence[str]) -> list[str]:
        """Return the words that run a command of the image."""
        stage = self.image.stage
        if not self.is_confined:
            return ["env", "-C", str(self.image.root / stage.workdir.lstrip("/")), *command]
        user, group = stage.user
        given = [str(self.image.root), str(user), str(group), stage.workdir, " ".join(self._mounts)]
        return ["unshare", "--mount", "sh", "-c", _ENTER, "sh", *given, *command]

    def environment(self, settings: Mapping[str, str]) -> dict[str, str]:
        own = self.image.stage.environment
        if self.is_confined:
            return {**own, **settings}
        venv = f"{self.image.root}/opt/venv"
        return {**own, "PATH": own["PATH"].replace("/opt/venv", venv), **settings}

    def remove(self) -> None:
        if not self.is_confined:
            for folder in [self.image.root, *self.image.root.rglob("*")]:
                if folder.is_dir() and not folder.is_symlink():
                    folder.chmod(0o755)
        shutil.rmtree(self.image.root.parent)

    async def run(self, command: Sequence[str], settings: Mapping[str, str]) -> tuple[int, str, list[str]]:
        """Run a command to its end; return its exit code, its output and the lines of its errors."""
        process = await asyncio.create_subprocess_exec(
            *self.words(command),
            env=self.environment(settings),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        printed, errors = await process.communicate()
        return process.returncode, printed.decode(), errors.decode().splitlines()


def confine_or_protect(image: Image) -> Container:
    """Return the container; where it cannot be confined, take the right to write away from the image's files."""
    container = Container(image, is_confined=not os.geteuid())
    if not (container.is_confined and _works(container)):
        container.is_confined = False
        for place in [image.root, *image.root.rglob("*")]:
            if not place.is_symlink() and container.volumes not in [place, *place.parents]:
                place.chmod(place.stat().st_mode & ~0o222)
    return container


def _works(container: Container) -> bool:
    """Whether this machine lets us mount and become another user."""
    if not all(map(shutil.which, ("unshare", "setpriv", "chroot"))):
        return False
    words, environment = container.words(["true"]), container.environment({})
    tried = subprocess.run(words, env=environment, check=False, capture_output=True)  # noqa: S603 - `true` of the machine
    return tried.returncode == 0
