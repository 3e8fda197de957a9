"""What the doctor says of the bundle that was installed in Claude Desktop."""

import json

import pytest

from deploy.bundle.make import manifest
from genesis_mcp import __version__
from genesis_mcp.cli.claude_config import check_claude
from genesis_mcp.install.clients import CLIENTS, this_machine
from tests.helpers.command_line import cli


@pytest.fixture
def unpacked(home, monkeypatch):
    """Claude Desktop's folder for a bundle, as it has it after a double click."""
    monkeypatch.setenv("XDG_CONFIG_HOME", "")
    monkeypatch.setenv("APPDATA", str(home / "roaming"))
    monkeypatch.setenv("LOCALAPPDATA", str(home / "local"))
    beside = CLIENTS["claude-desktop"].place("user", this_machine()).file

    def unpack(place, **fields):
        folder = beside.parent / "Claude Extensions" / place
        folder.mkdir(parents=True)
        (folder / "manifest.json").write_text(json.dumps(manifest() | fields), encoding="utf-8")
        return folder

    return unpack


def test_a_bundle_is_known_by_its_name(unpacked, url):
    unpacked("local.mcpb.others.files", name="files")
    (unpacked("broken") / "manifest.json").write_text("{", encoding="utf-8")
    assert "it does not know this server yet" in check_claude(url)
    unpacked("local.mcpb.the-genesis-mcp-authors.genesis-mcp")
    assert check_claude(url) == f"Claude Desktop has its bundle {__version__}"


def test_another_version_is_named(unpacked, url):
    unpacked("ours", version="0.0.1")
    said = f"Claude Desktop has its bundle 0.0.1, which is not this version ({__version__})"
    assert check_claude(url) == said


def test_with_an_entry_beside_it_the_server_is_there_twice(unpacked, url, home):
    unpacked("ours")
    done = cli("install", "claude-desktop", store_url=url, variables={"PATH": ""}, cwd=home)
    assert done.returncode == 0, done.stderr
    assert "it is there twice then: genesis-mcp uninstall claude-desktop" in check_claude(url)
