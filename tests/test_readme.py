"""The README says what the code does."""

import re

import pytest

from app import main
from bot import settings
from tests.readme import README, computed


def test_the_computed_parts_of_the_readme_are_up_to_date():
    text = README.read_text(encoding="utf-8")
    assert computed(text) == text, "run: python -m tests.readme"


def test_every_setting_stands_in_the_readme():
    names = re.findall(r'env\.get\("(\w+)"', settings.__loader__.get_source(settings.__name__))
    text = README.read_text(encoding="utf-8")
    assert len(names) > 15
    assert [n for n in names if f"`{n}`" not in text] == []


def test_every_command_stands_in_the_readme(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    commands = re.findall(r"^ {4}([a-z-]+)  ", capsys.readouterr().out, re.MULTILINE)
    text = README.read_text(encoding="utf-8")
    assert {"serve", "rules", "load-directory"} <= set(commands)
    assert [c for c in commands if f"`python app.py {c}" not in text] == []
