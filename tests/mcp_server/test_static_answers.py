"""The file that `front` answers with is what the server itself answers, byte for byte."""

import json
import os
from pathlib import Path

import anyio
import pytest
from mcp.shared.message import SessionMessage
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS, MODERN_PROTOCOL_VERSIONS

from genesis_mcp import __version__
from genesis_mcp.config import Settings
from genesis_mcp.mcp_server.front import FILE
from genesis_mcp.mcp_server.incoming import read_line
from genesis_mcp.mcp_server.stdio import _serve_era
from genesis_mcp.mcp_server.tools import build_server
from genesis_mcp.questions import Service
from genesis_mcp.stores.sqlite import SQLiteStore
from tests.helpers.opening import LISTS, handshake, modern, request

pytestmark = pytest.mark.anyio

MADE_ANEW = (
    "What clients are told first is not what the server answers any more. Make the file again:\n"
    "UPDATE_SNAPSHOTS=1 .venv/bin/pytest tests/mcp_server/test_static_answers.py"
)

TOOLS = "tools/list"


@pytest.fixture
def anyio_backend():
    return "asyncio"


async def results(server, requests):
    """What the server answers to the requests of one connection, by their methods, as JSON."""
    written, answers = anyio.create_memory_object_stream(100)
    found = {}
    async with anyio.create_task_group() as tasks:
        feed = await tasks.start(_serve_era, server, written)
        for one in requests:
            [message] = read_line(json.dumps(one).encode()).messages
            await feed.send(SessionMessage(message))
            answer = (await answers.receive()).message
            line = answer.model_dump_json(by_alias=True, exclude_unset=True)
            begin = f'{{"jsonrpc":"2.0","id":{one["id"]},"result":'
            assert line.startswith(begin), line
            found[one["method"]] = line.removeprefix(begin)[:-1]
        await feed.aclose()
    answers.close()
    return found


async def made(folder: Path) -> str:
    """The file as this server has it: what each line answers, then the lines."""
    lines: list[str] = []
    head: dict = {"version": __version__, "answers": {}, "tools": {}}
    openings = {version: handshake(version) for version in HANDSHAKE_PROTOCOL_VERSIONS}
    openings |= {
        version: modern("server/discover", version) for version in MODERN_PROTOCOL_VERSIONS
    }
    for offered, read_only in (("all", False), ("reading", True)):
        store = SQLiteStore(folder / "logs.db", read_only=read_only)
        settings = Settings(read_only=read_only)
        for version, opening in openings.items():
            server = build_server(Service(store), settings, anyio.CapacityLimiter(4))
            is_modern = version in MODERN_PROTOCOL_VERSIONS
            asked = [modern(one, version) if is_modern else request(one) for one in LISTS]
            asked += [] if is_modern else [request("ping")]
            found = await results(server, [opening, *asked])
            numbers = {}
            for method, text in found.items():
                if text not in lines:
                    lines.append(text)
                numbers[method] = lines.index(text) + 1
            head["tools"].setdefault(version, {})[offered] = numbers.pop(TOOLS)
            assert head["answers"].setdefault(version, numbers) == numbers
        store.close()
    return "\n".join([json.dumps(head), *lines, ""])


async def test_the_file_of_first_answers_is_what_the_server_answers(tmp_path):
    text = await made(tmp_path)
    file = Path(FILE)
    if os.environ.get("UPDATE_SNAPSHOTS") == "1":
        file.write_text(text, encoding="utf-8", newline="\n")
    assert file.read_text(encoding="utf-8") == text, MADE_ANEW
