"""What the docs say is what the code does."""

import json
import os
import re
import sys
from pathlib import Path

import pytest

from genesis_mcp.cli.main import COMMANDS, GROUP
from genesis_mcp.config import Settings
from genesis_mcp.mcp_server.tools import TOOLS
from genesis_mcp.runs.model import RUN_FIELDS, Outcome, Verdict
from tests.helpers.paths import ROOT
from tests.pages import commands_page, picture, tools_page

README = (ROOT / "README.md").read_text(encoding="utf-8")
SCHEMA = (ROOT / "docs" / "schema.md").read_text(encoding="utf-8")
SETTINGS = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")

MADE = {"command-line.md": commands_page, "tools.md": tools_page, "terminal.svg": picture}
MAKE_AGAIN = "UPDATE_SNAPSHOTS=1 .venv/bin/pytest tests/test_docs.py"


def rows_after(mark):
    _, table, *_ = README.split(f"<!-- {mark}: ")[1].split("\n\n")
    first_cells = [line.split("|")[1] for line in table.splitlines()[2:]]
    return [name for cell in first_cells for name in re.findall(r"`([^`]+)`", cell)]


def flags_of(name):
    """Every option of a command, as it is typed."""
    params = GROUP.get_command(None, name).params
    return {flag for param in params for flag in (*param.opts, *param.secondary_opts)}


def test_the_readme_lists_the_tools_in_their_order():
    assert rows_after("tools") == list(TOOLS)


@pytest.mark.parametrize("name", MADE)
@pytest.mark.skipif(sys.platform == "win32", reason="the picture is of a POSIX terminal")
def test_a_page_that_is_made_from_the_code_is_that_of_this_code(name):
    file = ROOT / "docs" / name
    page = MADE[name].page().rstrip("\n") + "\n"
    if os.environ.get("UPDATE_SNAPSHOTS") == "1":
        file.write_text(page, encoding="utf-8")
    assert page == file.read_text(encoding="utf-8"), f"make it again: {MAKE_AGAIN}"


def test_the_settings_page_lists_the_settings_with_their_defaults():
    rows = re.findall(r"^\| `(GENESIS_\w+)` \|.*\| `([^`]+)` \|$", SETTINGS, re.MULTILINE)
    documented = dict(rows)
    defaults = Settings().model_dump()
    assert set(documented) == {f"GENESIS_{name.upper()}" for name in defaults}
    assert documented["GENESIS_MAX_CHARS"] == str(defaults["max_chars"])
    assert float(documented["GENESIS_TIMEOUT_SECONDS"]) == defaults["timeout_seconds"]
    assert documented["GENESIS_REDACT"] == defaults["redact"]
    assert documented["GENESIS_READ_ONLY"] == str(int(defaults["read_only"]))
    assert defaults["store"].endswith(documented["GENESIS_STORE"].removeprefix("~"))


def test_the_example_configuration_is_valid_and_knows_no_unknown_variable():
    example = json.loads((ROOT / "claude_desktop_config.example.json").read_text(encoding="utf-8"))
    [server] = example["mcpServers"].values()
    names = {name.removeprefix("GENESIS_").lower() for name in server["env"]}
    assert names <= set(Settings.model_fields)
    assert server["args"] == ["serve"]
    assert Path(server["command"]).is_absolute() or sys.platform == "win32"


def test_the_index_leads_to_every_page():
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    pages = {file.name for file in (ROOT / "docs").glob("*.md")} - {"index.md"}
    assert {name for name in pages if f"({name})" not in index} == set()


@pytest.mark.parametrize("file", sorted(ROOT.glob("*.md")) + sorted(ROOT.glob("*/*.md")), ids=str)
def test_every_command_and_flag_in_the_docs_exists(file):
    text = file.read_text(encoding="utf-8")
    for line in re.findall(r"(?<![\w/.-])genesis-mcp ((?:[a-z]+)(?: [^`\n]*)?)", text):
        name, *rest = line.split(" ")
        if name not in COMMANDS:
            assert not rest or not re.match(r"--?\w", rest[0]), f"{file.name}: {line}"
            continue
        ours = " ".join(rest).split(" -- ")[0]
        for flag in re.findall(r"(?<!\S)(--[a-z-]+)", ours):
            assert flag in flags_of(name), f"{file.name}: genesis-mcp {line}"


@pytest.mark.parametrize(
    "file", sorted(ROOT.glob("*.md")) + sorted(ROOT.glob("docs/*.md")), ids=str
)
def test_every_link_to_a_file_leads_somewhere(file):
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", file.read_text(encoding="utf-8")):
        assert (file.parent / target).exists(), target


def test_the_schema_page_names_every_field_outcome_and_verdict():
    for name in (*RUN_FIELDS, *Outcome, *Verdict):
        assert f"`{name}`" in SCHEMA, name
