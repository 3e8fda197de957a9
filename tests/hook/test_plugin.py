"""The plugin for Claude Code: valid by its own command line, and whole when it is installed."""

import json
import re
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from genesis_mcp import __version__
from genesis_mcp.mcp_server.tools import TOOLS
from tests.helpers.claude_code import claude_in
from tests.helpers.command_line import environment, exported
from tests.helpers.node import path_with
from tests.helpers.paths import ROOT
from tests.helpers.waiting import WAIT

PLUGIN = ROOT / "plugin"


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


def test_the_plugin_has_this_version_and_the_marketplace_leads_to_it():
    manifest = read(PLUGIN / ".claude-plugin" / "plugin.json")
    assert manifest["version"] == __version__
    [listed] = read(ROOT / ".claude-plugin" / "marketplace.json")["plugins"]
    assert listed["name"] == manifest["name"]
    assert (ROOT / listed["source"]).resolve() == PLUGIN.resolve()


def test_the_skill_and_the_commands_name_tools_that_there_are():
    texts = [file.read_text(encoding="utf-8") for file in PLUGIN.glob("*/**/*.md")]
    assert len(texts) == 3
    named = {name for text in texts for name in re.findall(r"`([a-z]+(?:_[a-z]+)+)`", text)}
    assert named <= set(TOOLS)
    assert named >= set(TOOLS) - {"record_run"}


def test_both_events_are_heard_since_each_comes_alone():
    hooks = read(PLUGIN / "hooks" / "hooks.json")["hooks"]
    assert set(hooks) == {"PostToolUse", "PostToolUseFailure"}
    for [group] in hooks.values():
        assert group["matcher"] == "Bash"
        assert group["hooks"][0]["command"] == "genesis-mcp hook"


@pytest.fixture(scope="module")
def claude(claude_binaries, tmp_path_factory):
    """Claude Code's command line in a home of its own."""
    return partial(claude_in, tmp_path_factory.mktemp("home"), claude_binaries)


def test_claude_code_finds_nothing_wrong_with_the_plugin_and_the_marketplace(claude):
    for folder in (PLUGIN, ROOT):
        done = claude("plugin", "validate", "--strict", str(folder))
        assert done.returncode == 0, done.stdout + done.stderr
    for part in ("skills: genesis-mcp:execution-logs", "commands: genesis-mcp:why"):
        assert part in claude("plugin", "validate", "--strict", str(PLUGIN)).stdout


def test_it_is_installed_from_a_local_marketplace_and_its_hook_records(claude, tmp_path):
    for words in (["marketplace", "add", str(ROOT)], ["install", "genesis-mcp@genesis-mcp"]):
        done = claude("plugin", *words)
        assert done.returncode == 0, done.stdout + done.stderr
    listed = json.loads(claude("plugin", "list", "--json").stdout)
    [one] = [one for one in listed if one["id"] == "genesis-mcp@genesis-mcp"]
    assert (one["enabled"], one["version"]) == (True, __version__)
    assert one["mcpServers"]["genesis"]["args"] == ["serve"]
    hooks = read(Path(one["installPath"]) / "hooks" / "hooks.json")["hooks"]
    event = {
        "hook_event_name": "PostToolUseFailure",
        "tool_name": "Bash",
        "tool_input": {"command": "pytest -q"},
        "tool_use_id": "toolu_01",
        "cwd": str(tmp_path),
        "error": "Exit code 1\nE  assert 1 == 2\n",
    }
    url = f"sqlite:///{(tmp_path / 'logs.db').as_posix()}"
    done = subprocess.run(
        ["sh", "-c", hooks["PostToolUseFailure"][0]["hooks"][0]["command"]],
        input=json.dumps(event).encode(),
        env=environment(url, HOME=str(tmp_path), PATH=path_with(Path(sys.executable).parent)),
        capture_output=True,
        timeout=WAIT,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert [run["spec_id"] for run in exported(url)] == [f"{tmp_path.name}:pytest"]
