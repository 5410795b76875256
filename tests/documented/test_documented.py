"""Every command of the documents that needs no tenant is run as it stands, in a fresh copy of the project."""

import sys

import pytest

from tests.documented.__main__ import found_commands, outcomes
from tests.documented.found import Found, UnclearError, commands_for_a_tenant, commands_of
from tests.documented.running import Copy, NotRunError, Way, check_tenant_lines, copied, known, way_of

TEXT = """
Type `make run`, or `python app.py doctor`; all of `python app.py ...` are commands.

```sh
# A remark.
python app.py rules
make bench \\
  BENCH="--rounds 1"
```

```azurecli
az group create --name sme
SME_STORAGE=azure SME_HOME_TENANT=HOME python app.py doctor
make no-such-target
```

```text
python app.py is not run here
```

| command | does |
|---|---|
| `python app.py export FOLDER` | writes files; `--from 2026-10`, `--to` take a part |
| `az login` | signs in |
"""


def test_every_documented_command_runs(tmp_path):
    with copied(tmp_path) as copy:
        done = list(outcomes(copy, with_slow=False))
    failed = [f"{found.place}: {found.command}\n{why}" for outcome, found, why in done if outcome == "FAIL"]
    assert not failed, "\n\n".join(failed)
    assert sum(outcome == "ok" for outcome, _, _ in done) > 10


def test_commands_stand_in_blocks_tables_and_sentences():
    assert commands_of(TEXT, "a.md") == [
        Found("python app.py rules", "a.md:4"),
        Found('make bench BENCH="--rounds 1"', "a.md:4"),
        Found("python app.py export FOLDER", "a.md", ("--from", "--to")),
        Found("make run", "a.md"),
        Found("python app.py doctor", "a.md"),
    ]


def test_what_is_for_a_tenant_must_name_what_there_is():
    lines = commands_for_a_tenant(TEXT)
    assert lines == ["python app.py doctor", "make no-such-target"]
    assert check_tenant_lines(lines) == ["make no-such-target: there is no such command"]


@pytest.mark.parametrize(
    ("block", "why"),
    [
        ("```\nmake run\n```\n", "say what the block is"),
        ("```bash\nmake run\n```\n", "say what the block is"),
        ("```sh\naz login\n```\n", "needs a tenant"),
        ("```sh\ndocker build .\n```\n", "needs a tenant or Docker"),
    ],
)
def test_a_block_says_what_it_is(block, why):
    with pytest.raises(UnclearError, match=why):
        commands_of(f"\n{block}", "a.md")


def test_placeholders_and_options_must_be_tried():
    found = Found("python app.py export FOLDER", "README.md", ("--from",))
    with pytest.raises(NotRunError, match="names FOLDER"):
        way_of(found, [])
    with pytest.raises(NotRunError, match="without --from"):
        way_of(found, [{"says": found.command, "run": ["python app.py export out"]}])
    tried = {"says": found.command, "run": ["python app.py export out --from 2026-10"]}
    assert way_of(found, [tried]).run == ("python app.py export out --from 2026-10",)


@pytest.fixture
def copy(tmp_path):
    return Copy(tmp_path)


@pytest.mark.parametrize("line", ["no-such-command", "false", f"{sys.executable} -c 'exit(2)'"])
def test_a_command_that_fails_is_told_with_what_it_said(copy, line):
    with pytest.raises(NotRunError, match="ended with"):
        copy.do(Way((line,)))


def test_commands_find_their_settings_and_what_is_typed(copy, tmp_path):
    copy.do(Way(("read name; echo $GREETING $name > said",), typed="Dana\n", settings={"GREETING": "hello"}))
    assert (tmp_path / "said").read_text(encoding="utf-8") == "hello Dana\n"


def test_a_server_that_ends_before_it_is_up_is_a_failure(copy):
    with pytest.raises(NotRunError, match="never said 'listening'"):
        copy.do(Way(("echo starting",), up="listening"))


def test_nothing_is_said_of_commands_that_no_document_names():
    named = {found.command for found in found_commands()}
    assert [way["says"] for way in known() if way["says"] not in named] == []
