"""What a model pays before it has asked anything: the tool list and the instructions, in tokens."""

import json
import subprocess

import anyio
import pytest
from mcp import Client

from genesis_mcp.config import Settings
from genesis_mcp.mcp_server.tools import build_server
from genesis_mcp.questions import Service
from genesis_mcp.stores.sqlite import SQLiteStore
from tests.helpers.node import installed
from tests.helpers.paths import ROOT

pytestmark = pytest.mark.anyio

TOKENS_MAX = 1_170
"""As npm's gpt-tokenizer counts them with o200k."""

CHARS_MAX = 4_900
"""About as many tokens, at 4.1 characters each; where there is no Node to count with."""

DESCRIPTION_BYTES_MAX = 2_048
"""Where clients cut a description, and the instructions."""


@pytest.fixture
async def read_at_first(tmp_path):
    """The instructions, and each tool as a model is given it."""
    store = SQLiteStore(tmp_path / "logs.db")
    server = build_server(Service(store), Settings(), anyio.CapacityLimiter(4))
    async with Client(server, raise_exceptions=True) as client:
        tools = (await client.list_tools()).tools
        instructions = client.instructions
    store.close()
    return instructions, tools


def as_read(tools):
    listed = [
        {"name": tool.name, "description": tool.description, "input_schema": tool.input_schema}
        for tool in tools
    ]
    return json.dumps(listed, separators=(",", ":"), ensure_ascii=False)


async def test_the_tool_list_and_the_instructions_stay_short(read_at_first):
    instructions, tools = read_at_first
    assert len(as_read(tools)) + len(instructions) <= CHARS_MAX
    for text in [instructions, *(tool.description for tool in tools)]:
        assert 80 < len(text.encode()) < DESCRIPTION_BYTES_MAX


async def test_the_tool_list_and_the_instructions_cost_1170_tokens(
    has_node, read_at_first, tmp_path
):
    instructions, tools = read_at_first
    folder = installed(ROOT / "tests" / "mcp_server" / "tokens", tmp_path / "tokens")
    done = subprocess.run(
        ["node", "count.js"],
        cwd=folder,
        input=json.dumps([as_read(tools), instructions]).encode(),
        stdout=subprocess.PIPE,
        check=True,
        timeout=180,
    )
    assert sum(json.loads(done.stdout)) <= TOKENS_MAX


async def test_each_argument_that_needs_words_has_them_in_its_own_tool(read_at_first):
    _, tools = read_at_first
    described = {
        (tool.name, name)
        for tool in tools
        for name, one in tool.input_schema["properties"].items()
        if "description" in one
    }
    for tool in tools:
        for name in ("since", "until", "before", "after", "run_a", "run_b", "error", "grep"):
            if name in tool.input_schema["properties"]:
                assert (tool.name, name) in described


async def test_no_schema_has_what_only_the_server_needs(read_at_first):
    _, tools = read_at_first
    listed = as_read(tools)
    for word in ("maxLength", "format", "title", "null", "2147483647", "4294967295", "$ref"):
        assert f'"{word}"' not in listed
        assert f":{word}" not in listed
