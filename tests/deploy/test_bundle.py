"""The bundle for Claude Desktop: valid, packed by the command for it, and started from that."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

from deploy.bundle.make import make
from genesis_mcp import __version__
from genesis_mcp.mcp_server.tools import TOOLS
from tests.helpers.node import installed_once, path_with
from tests.helpers.waiting import WAIT

ENTERED = {"store": "", "token": "${user_config.token}", "redact": "read"}
"""What hosts leave of a field that nobody filled: nothing, or the field's name."""


@pytest.fixture
def anyio_backend():
    return "asyncio"


@pytest.fixture(scope="module")
def mcpb(has_node, tmp_path_factory):
    """Calls the command that makes bundles."""
    folder = installed_once(tmp_path_factory, Path(__file__).parent / "mcpb")
    command = folder / "node_modules" / ".bin" / "mcpb"

    def run(*arguments):
        done = subprocess.run([command, *arguments], capture_output=True, text=True, timeout=WAIT)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


@pytest.fixture
def unpacked(mcpb, built, tmp_path):
    """What a host has of the packed bundle."""
    make(built.wheel, tmp_path / "made")
    assert "validation passes" in mcpb("validate", tmp_path / "made" / "manifest.json")
    mcpb("pack", tmp_path / "made", tmp_path / "genesis.mcpb")
    mcpb("unpack", tmp_path / "genesis.mcpb", tmp_path / "unpacked")
    return tmp_path / "unpacked"


def as_a_host_starts_it(folder, home, **entered):
    """The command of its manifest, with what its user entered."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["version"] == __version__
    fields = {"user_config." + name: value for name, value in {**ENTERED, **entered}.items()}
    server = manifest["server"]["mcp_config"]

    def filled(text):
        for name, value in {"__dirname": str(folder), **fields}.items():
            text = text.replace("${" + name + "}", value)
        return text

    kept = {name: value for name, value in os.environ.items() if not name.startswith("GENESIS_")}
    return StdioServerParameters(
        command=server["command"],
        args=[filled(one) for one in server["args"]],
        env={
            **kept,
            "PATH": path_with(Path(sys.executable).parent),
            "HOME": str(home),
            **{name: filled(value) for name, value in server["env"].items()},
        },
    )


@pytest.mark.anyio
@pytest.mark.slow
async def test_the_bundle_that_was_packed_starts_as_a_host_starts_it(unpacked, home):
    started = as_a_host_starts_it(unpacked, home, read_only="false")
    async with Client(stdio_client(started), read_timeout_seconds=WAIT) as client:
        assert [tool.name for tool in (await client.list_tools()).tools] == [*TOOLS]
        recorded = await client.call_tool("record_run", {"spec_id": "soma", "exit_code": 0})
        assert "Recorded #1: passed" in recorded.content[0].text
    assert (home / ".genesis-mcp" / "logs.db").is_file()
    only_reading = as_a_host_starts_it(unpacked, home, read_only="true")
    async with Client(stdio_client(only_reading), read_timeout_seconds=WAIT) as client:
        assert "record_run" not in [tool.name for tool in (await client.list_tools()).tools]
