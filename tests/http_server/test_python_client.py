"""The SDK of before, for Python: its client over HTTP and stdio, from an environment of its own."""

import json
import subprocess
import sys

import pytest

from genesis_mcp.mcp_server.tools import TOOLS
from tests.helpers.command_line import environment, exported
from tests.helpers.made_once import made_once
from tests.helpers.python_packages import BIN, environment_with
from tests.helpers.waiting import WAIT

SDK = "mcp==1.30.0"

CLIENT = """if True:
    import asyncio, json, os, sys
    from mcp import ClientSession, StdioServerParameters
    from mcp.client.stdio import stdio_client
    from mcp.client.streamable_http import streamablehttp_client
    from mcp.types import Implementation

    def connection(place):
        if place.startswith("http"):
            headers = {"Authorization": "Bearer " + os.environ["GENESIS_TOKEN"]}
            return streamablehttp_client(place, headers=headers)
        command = ["-m", "genesis_mcp", "serve"]
        return stdio_client(StdioServerParameters(command=place, args=command, env={**os.environ}))

    async def main(place):
        about = Implementation(name="python-1", version="1")
        async with connection(place) as (reads, writes, *_):
            async with ClientSession(reads, writes, client_info=about) as session:
                await session.initialize()
                tools = [tool.name for tool in (await session.list_tools()).tools]
                run = {"spec_id": "soma", "exit_code": 1, "stderr": "ValueError: x"}
                recorded = await session.call_tool("record_run", run)
                notes = []
                async def note(progress, total, message):
                    notes.append([progress, total])
                waits = {"spec_id": "nada", "timeout_seconds": 2.5}
                await session.call_tool("wait_for_run", waits, progress_callback=note)
                prompt = await session.get_prompt("fix_spec", {"spec_id": "soma"})
                resource = await session.read_resource("genesis://spec/soma")
                print(json.dumps({
                    "tools": tools,
                    "recorded": recorded.structuredContent["summary"],
                    "notes": notes,
                    "prompt": prompt.messages[0].content.text,
                    "resource": resource.contents[0].text,
                }))

    asyncio.run(main(sys.argv[1]))
"""


@pytest.fixture(scope="module")
def python(uv, tmp_path_factory):
    """The interpreter that has the SDK."""
    make = lambda folder: environment_with(uv, folder, SDK)  # noqa: E731
    return made_once(tmp_path_factory, "python-sdk", make) / BIN / "python"


@pytest.mark.parametrize("face", ["http", "stdio"])
def test_a_client_of_before_records_and_asks(team, python, url, face):
    place, store = (f"{team.url}/mcp", team.store_url) if face == "http" else (sys.executable, url)
    done = subprocess.run(
        [str(python), "-c", CLIENT, place],
        env=environment(store, GENESIS_TOKEN=team.kinds.both),
        capture_output=True,
        timeout=WAIT,
    )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert seen["tools"] == list(TOOLS)
    assert seen["recorded"].startswith("Recorded #1: failed, exit 1")
    assert all(total == 2.5 for _, total in seen["notes"])
    assert seen["notes"]
    assert "#1 failed" in seen["prompt"]
    assert "#1 failed" in seen["resource"]
    [run] = exported(store, "--spec", "soma")
    assert run["recorded_by"] == "record_run (python-1)"
