"""Reads a Dockerfile: its stages, and what each says of the files, the environment and the process."""

import json
import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

_BASE_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""The PATH of the base image."""
_SAID_ONCE = {"USER", "CMD", "STOPSIGNAL", "EXPOSE"}


class Line(NamedTuple):
    """One instruction with what follows it, however many lines it takes."""

    word: str
    text: str


@dataclass
class Stage:
    """What one FROM begins. `steps` are those that make files, in order; `said` is what the others say."""

    base: str
    name: str
    steps: list[Line] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=lambda: {"PATH": _BASE_PATH})
    said: dict[str, str] = field(default_factory=dict)
    workdir: str = "/"

    @property
    def command(self) -> list[str]:
        return json.loads(self.said["CMD"])

    @property
    def health_command(self) -> list[str]:
        return json.loads(self.said["HEALTHCHECK"].partition(" CMD ")[2])

    @property
    def user(self) -> tuple[int, int]:
        user, _, group = self.said["USER"].partition(":")
        return int(user), int(group)


def lines_of(text: str) -> list[Line]:
    written = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    joined = re.sub(r"\s*\\\n\s*", " ", "\n".join(written))
    return [Line(*line.split(maxsplit=1)) for line in joined.splitlines()]


def stages_of(path: Path) -> list[Stage]:
    """Return the stages in order. Raises ValueError for an instruction that is not understood here."""
    stages: list[Stage] = []
    for line in lines_of(path.read_text("utf-8")):
        match line:
            case Line("FROM", text):
                base, _, name = text.partition(" AS ")
                stages.append(Stage(base, name))
            case Line("ENV", text):
                stages[-1].environment |= _assigned(text, stages[-1].environment)
            case Line("WORKDIR", text):
                stages[-1].workdir = text
                stages[-1].steps.append(line)
            case Line("COPY" | "RUN", _):
                stages[-1].steps.append(line)
            case Line("HEALTHCHECK" | "LABEL", text):
                stages[-1].said[line.word] = text
            case Line(word, text) if word in _SAID_ONCE and word not in stages[-1].said:
                stages[-1].said[word] = text
            case _:
                raise ValueError(f"{path.name}: {line.word} {line.text} is not understood")
    return stages


def _assigned(text: str, known: dict[str, str]) -> dict[str, str]:
    pairs = (word.partition("=") for word in shlex.split(text))
    return {name: value.replace("$PATH", known["PATH"]) for name, _, value in pairs}
