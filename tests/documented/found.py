"""The commands that documents name: in fenced blocks, in tables of commands, and within sentences."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "deployment/README.md")
RUN = "sh"
"""A block with this word alone is run, each line for itself; lines that begin with `#` are remarks."""
TENANT = ("sh tenant", "azurecli", "powershell")
"""Blocks for a real tenant."""
NO_COMMANDS = ("text", "mermaid", "json", "toml", "yaml", "csv", "bicep", "kusto", "dotenv")
_NEEDS_A_TENANT = ("az ", "docker ", "Connect-", "New-", "Get-", "pwsh ")
_FENCE = re.compile(r"^(?P<indent> *)```(?P<info>[^\n`]*)\n(?P<body>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL)
_IN_A_SENTENCE = re.compile(r"`((?:[A-Z_]+=\S+ )*(?:python|make) [^`]+(?<!\.\.\.))`")
_ROW = re.compile(r"^\| `([^`]+)` \|(.*)\|$", re.MULTILINE)
_SETTINGS = re.compile(r"^(?:[A-Z_]+=\S* )+")
_OPTION = re.compile(r"`(--[a-z-]+)")


@dataclass(frozen=True, slots=True)
class Found:
    """A command, where it stands, and the options that are named beside it."""

    command: str
    place: str
    options: tuple[str, ...] = ()


class UnclearError(Exception):
    """A document does not say what is to be done with a block; the message says what it lacks."""


def commands_of(text: str, place: str) -> list[Found]:
    """Return the commands of a document that need no tenant, each once: blocks first, then tables, then sentences."""
    prose = _FENCE.sub("", text)
    found = [*_in_blocks(text, place), *_in_tables(prose, place)]
    found += [Found(command, place) for command in _IN_A_SENTENCE.findall(prose)]
    return each_once(found)


def each_once(found: Iterable[Found]) -> list[Found]:
    kept: dict[str, Found] = {}
    for each in found:
        kept.setdefault(each.command, each)
    return list(kept.values())


def commands_for_a_tenant(text: str) -> list[str]:
    """Return the lines of the blocks that are not run, as far as they are about the project itself."""
    bodies = [fence["body"] for fence in _FENCE.finditer(text) if fence["info"].strip() in TENANT]
    lines = [_SETTINGS.sub("", line) for body in bodies for line in _lines(body)]
    return [line for line in lines if line.startswith(("python ", "make "))]


def _in_blocks(text: str, place: str) -> Iterator[Found]:
    for fence in _FENCE.finditer(text):
        info, line = fence["info"].strip(), text.count("\n", 0, fence.start()) + 1
        where = f"{place}:{line}"
        if info == RUN:
            for command in _lines(fence["body"]):
                if command.startswith(_NEEDS_A_TENANT):
                    raise UnclearError(f"{where}: {command!r} needs a tenant or Docker: mark the block as `azurecli`.")
                yield Found(command, where)
        elif info not in (*TENANT, *NO_COMMANDS):
            kinds = ", ".join((RUN, *TENANT, *NO_COMMANDS))
            raise UnclearError(f"{where}: say what the block is, it is marked {info!r}; one of: {kinds}")


def _lines(body: str) -> list[str]:
    joined = re.sub(r"\\\n *", "", body)
    return [line.strip() for line in joined.splitlines() if line.strip() and not line.lstrip().startswith("#")]


def _in_tables(prose: str, place: str) -> Iterator[Found]:
    """Yield the rows of tables of commands, with the options that the row names."""
    for command, does in _ROW.findall(prose):
        if command.startswith(("python ", "make ")):
            yield Found(command, place, tuple(_OPTION.findall(does)))
