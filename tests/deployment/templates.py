"""The Bicep templates, read by a parser: what each declares, and every value in it."""

import re
from functools import cache
from pathlib import Path

from pycep import BicepParser

import app

DEPLOYMENT = Path(app.__file__).parent / "deployment"
NAMES = sorted(path.relative_to(DEPLOYMENT).as_posix() for path in DEPLOYMENT.rglob("*.bicep"))

_STRING = re.compile(r"'''.*?'''|'(?:\\.|[^'\\])*'", re.DOTALL)


def read(text):
    """Return what a template declares. Raises lark's exception, with line and column, for what is no Bicep."""
    return BicepParser().parse(text=text)


@cache
def template(name):
    return read((DEPLOYMENT / name).read_text(encoding="utf-8"))


def plain(name):
    """Return a template without comments."""
    text = (DEPLOYMENT / name).read_text(encoding="utf-8")
    return re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE)


def body(config):
    """Return the properties of a resource or module, out of its loop or condition."""
    while {"condition", "loop_type"} & config.keys() and "config" in config:
        config = config["config"]
    return config


def resources(name, kind):
    """Return the bodies of the resources of one type, which this template makes."""
    found = template(name).get("resources", {}).values()
    return [body(one["config"]) for one in found if one["type"].partition("@")[0] == kind and not one["existing"]]


def every_resource():
    """Return file, type and body of every resource that is made."""
    return [
        (name, one["type"].partition("@")[0], body(one["config"]))
        for name in NAMES
        for one in template(name).get("resources", {}).values()
        if not one["existing"]
    ]


def values(inside):
    """Yield a value and every value in it."""
    yield inside
    parts = inside.values() if isinstance(inside, dict) else inside if isinstance(inside, list) else ()
    for part in parts:
        yield from values(part)


def outside_strings(text):
    """Return the code of a template: its texts are left out, but not what is put into them."""
    return _STRING.sub(lambda found: " ".join(re.findall(r"\$\{(.*?)\}", found[0])), text)
