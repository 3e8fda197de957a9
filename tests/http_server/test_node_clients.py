"""Other clients: both SDKs for TypeScript over HTTP and stdio, and the Inspector over HTTP."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from genesis_mcp.mcp_server.tools import TOOLS
from tests.helpers.command_line import environment, exported
from tests.helpers.node import installed_once
from tests.helpers.waiting import WAIT

HERE = Path(__file__).parent
INSPECTOR = ["-y", "@modelcontextprotocol/inspector@2.12.0", "--cli"]


@pytest.fixture(scope="module")
def clients(has_node, tmp_path_factory):
    return installed_once(tmp_path_factory, HERE / "node_clients")


@pytest.mark.parametrize("face", ["http", "stdio"])
@pytest.mark.parametrize("sdk", ["v1", "v2", "v2-modern"])
def test_a_typescript_client_records_and_asks(team, clients, url, sdk, face):
    place, store = (f"{team.url}/mcp", team.store_url) if face == "http" else (sys.executable, url)
    done = subprocess.run(
        [shutil.which("node") or "node", "ask.js", sdk, place],
        cwd=clients,
        env=environment(store, TOKEN=team.kinds.both),
        capture_output=True,
        text=True,
        timeout=WAIT,
    )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert seen["tools"] == list(TOOLS)
    assert seen["recorded"]["summary"].startswith("Recorded #1: failed, exit 1")
    assert seen["told"]["attempts"][0]["iteration"] == 1
    assert "#1 failed" in seen["resource"]
    [run] = exported(store, "--spec", sdk)
    assert run["recorded_by"] == f"record_run (client-{sdk})"


@pytest.mark.parametrize("era", ["legacy", "modern"])
def test_the_inspector_asks_with_a_header(has_node, team, tmp_path, era):
    def inspect(*arguments):
        done = subprocess.run(
            [
                *(shutil.which("npx") or "npx", *INSPECTOR, f"{team.url}/mcp"),
                *("--transport", "http", "--header", f"Authorization: Bearer {team.kinds.read}"),
                *("--protocol-era", era, *arguments, "--format", "json", "-q"),
            ],
            env={**os.environ, "HOME": str(tmp_path)},
            capture_output=True,
            timeout=WAIT,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)["result"]

    listed = inspect("--method", "tools/list", "--strict")
    assert [tool["name"] for tool in listed["tools"]] == [*TOOLS][:-1]
    called = inspect("--method", "tools/call", "--tool-name", "describe_logs")
    assert called["structuredContent"]["summary"]
