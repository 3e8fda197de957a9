"""Entered in Claude Code as it is: its own command line finds the server, and loses it again."""

import json
import os
import subprocess
import sys
from functools import partial

import pytest

from genesis_mcp.cli.claude_config import check_claude
from tests.helpers.claude_code import QUIET, claude_in
from tests.helpers.command_line import cli, environment, exported
from tests.helpers.node import path_with
from tests.helpers.waiting import WAIT

PROJECT = ("claude-code", "--scope", "project")
LOCAL = ("claude-code", "--scope", "local")


@pytest.fixture
def typed(claude_binaries, url, home):
    """Our command, typed where `claude` is on the PATH."""

    def run(*arguments, folder=home, **options):
        variables = {**QUIET, "PATH": path_with(claude_binaries)}
        done = cli(*arguments, store_url=url, variables=variables, cwd=folder, **options)
        return done.returncode, done.stdout.decode()

    return run


def test_claude_code_itself_starts_what_was_entered_and_knows_nothing_of_it_afterwards(
    typed, claude_binaries, url, home
):
    claude = partial(claude_in, home, claude_binaries)
    other = json.dumps({"command": "other"})
    assert claude("mcp", "add-json", "--scope", "user", "other", other).returncode == 0
    code, said = typed("install", "claude-code", "--store", "sqlite:////srv/before.db")
    assert (code, "by claude mcp add-json, scope user" in said) == (0, True)
    assert typed("install", "claude-code")[0] == 0  # in place of what is there
    listed = claude("mcp", "list").stdout
    [ours] = [line for line in listed.splitlines() if line.startswith("genesis:")]
    assert ours.endswith("Connected")
    assert f"GENESIS_STORE={url}" in claude("mcp", "get", "genesis").stdout
    before = (home / ".claude.json").read_bytes()
    code, said = typed("install", "claude-code")
    assert (code, "entered already" in said) == (0, True)
    assert (home / ".claude.json").read_bytes() == before
    assert check_claude(url) == "entered in Claude Code"
    code, said = typed("uninstall", "claude-code")
    assert (code, "taken out by claude mcp remove" in said) == (0, True)
    servers = json.loads((home / ".claude.json").read_bytes())["mcpServers"]
    assert list(servers) == ["other"]


def test_a_project_has_it_for_all_and_a_folder_below_it_for_its_user_alone(
    typed, claude_binaries, home, tmp_path
):
    below = tmp_path / "project" / "api"
    below.mkdir(parents=True)
    subprocess.run(["git", "init", "-q", str(below.parent)], check=True, timeout=WAIT)
    file = below.parent / ".mcp.json"
    assert "is entered by claude" in typed("install", *LOCAL, folder=below)[1]
    assert f"is entered in {file}" in typed("install", *PROJECT, folder=below)[1]
    found = claude_in(home, claude_binaries, "mcp", "get", "genesis", folder=below).stdout
    assert "Scope: Local config" in found
    assert "taken out by claude" in typed("uninstall", *LOCAL, folder=below)[1]
    found = claude_in(home, claude_binaries, "mcp", "get", "genesis", folder=below).stdout
    assert "Scope: Project config" in found


@pytest.mark.skipif(sys.platform == "win32", reason="a shell of POSIX")
def test_the_hook_that_is_entered_records_into_the_store_that_was_named(url, home, tmp_path):
    cli("install", "claude-code", "--hook", store_url=url, variables={"PATH": os.defpath})
    hooks = json.loads((home / ".claude" / "settings.json").read_bytes())["hooks"]
    event = {
        "hook_event_name": "PostToolUseFailure",
        "tool_name": "Bash",
        "tool_input": {"command": "pytest -q"},
        "tool_use_id": "toolu_01",
        "cwd": str(tmp_path),
        "error": "Exit code 1\nE  assert 1 == 2\n",
    }
    variables = environment("", PATH=os.defpath)
    done = subprocess.run(
        ["sh", "-c", hooks["PostToolUseFailure"][0]["hooks"][0]["command"]],
        input=json.dumps(event).encode(),
        env=variables,
        capture_output=True,
        timeout=WAIT,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert [run["spec_id"] for run in exported(url)] == [f"{tmp_path.name}:pytest"]
